#include "tools/simec/experiments/texts.h"

#include "corpora/text_reader.h"

namespace conec::simec::experiments {

absl::StatusOr<std::vector<NamedText>> ReadTexts(const std::string& path) {
  constexpr std::size_t kBytesAtOnce = std::size_t{1} << 22;
  corpora::TextInputOptions options;
  options.inputs = {path};
  CONEC_ASSIGN_OR_RETURN(const auto reader, corpora::TextReader::Create(options));
  std::vector<NamedText> texts(1);
  corpora::TextBatch batch;
  while (true) {
    CONEC_ASSIGN_OR_RETURN(const bool more, reader->Next(kBytesAtOnce, &batch));
    if (!more) break;
    for (const corpora::TextPiece& piece : batch.pieces) {
      texts.back().text.append(batch.text, piece.begin, piece.end - piece.begin);
      if (!piece.ends_document) continue;
      texts.back().name = reader->sources()[piece.source];
      texts.emplace_back();
    }
  }
  texts.pop_back();
  return texts;
}

}  // namespace conec::simec::experiments
