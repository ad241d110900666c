#include "tools/cli/document.h"

#include <cstddef>
#include <string_view>

#include "corpora/text_reader.h"

namespace conec::cli {

absl::StatusOr<Document> ReadDocument(const std::string& path, const tokenize::TokenizerOptions& options, bool shapes) {
  constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
  CONEC_ASSIGN_OR_RETURN(const auto tokenizer, tokenize::Tokenizer::Create(options));
  corpora::TextInputOptions input;
  input.inputs = {path};
  CONEC_ASSIGN_OR_RETURN(const auto reader, corpora::TextReader::Create(input));
  Document document;
  corpora::TextBatch batch;
  tokenize::TokenBuffer tokens;
  while (true) {
    CONEC_ASSIGN_OR_RETURN(const bool more, reader->Next(kBatchBytes, &batch));
    if (!more) return document;
    for (const corpora::TextPiece& piece : batch.pieces) {
      const auto text = std::string_view(batch.text).substr(piece.begin, piece.end - piece.begin);
      tokens.Clear();
      CONEC_RETURN_IF_ERROR(Annotate(tokenizer->Tokenize(text, piece.ends_document, tokens), path));
      if (shapes) {
        document.Append(tokens, options, text);
      } else {
        document.Append(tokens);
      }
    }
  }
}

}  // namespace conec::cli
