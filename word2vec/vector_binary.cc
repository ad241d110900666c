// Reading word2vec's binary format: a header line, then for each word its bytes, a blank and d little-endian floats.
// word2vec.c writes a line break after each vector, gensim does not; both are read.
#include <bit>
#include <cstring>

#include "word2vec/vector_file_internal.h"

namespace conec::word2vec::vector_file_internal {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are copied as they are in the file");

void SkipLineBreaks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
}

// Cuts one word and its vector off the front of `text`.
absl::Status ReadEntry(std::string_view& text, std::string& word, std::span<float> vector, const std::string& place) {
  SkipLineBreaks(text);
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return DataLoss("{}: truncated: expected a word and a blank", place);
  word = text.substr(0, blank);
  if (word.empty()) return DataLoss("{}: no word before the blank", place);
  if (word.find('\n') != std::string::npos) {
    return DataLoss("{}: line break inside a word: the dimension of the header is wrong or the file is corrupt", place);
  }
  text.remove_prefix(blank + 1);
  const std::size_t bytes = vector.size_bytes();
  if (text.size() < bytes) {
    return DataLoss("{}: truncated: {} needs {} bytes, {} are left", place, Quote(word), bytes, text.size());
  }
  std::memcpy(vector.data(), text.data(), bytes);
  text.remove_prefix(bytes);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Rows> ReadBinary(const std::string& path, std::string_view text, const LoadOptions& options) {
  const std::optional<Header> header = ParseHeader(text);
  if (!header) return DataLoss("{}:1: expected the number of words and of dimensions", path);
  text.remove_prefix(header->size);
  CONEC_RETURN_IF_ERROR(CheckHeader(*header, text.size(), sizeof(float), path));
  const bool limited = options.max_words != 0 && options.max_words < header->words;
  const std::size_t count = limited ? options.max_words : static_cast<std::size_t>(header->words);
  Rows rows{.words = std::vector<corpora::WordCount>(count), .vectors = {}, .file = path, .first_line = 0};
  CONEC_ASSIGN_OR_RETURN(rows.vectors, Matrix<float>::Create(count, static_cast<std::size_t>(header->dim)));
  for (std::size_t i = 0; i < count; ++i) {
    CONEC_RETURN_IF_ERROR(ReadEntry(text, rows.words[i].word, rows.vectors.row(i), rows.Place(i)));
  }
  SkipLineBreaks(text);
  if (!limited && !text.empty()) {
    return DataLoss("{}: {} bytes after the {} words that its header promises", path, text.size(), header->words);
  }
  return rows;
}

}  // namespace conec::word2vec::vector_file_internal
