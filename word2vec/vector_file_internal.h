// What the parts of vector_file share. Not for other rooms.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "corpora/vocabulary.h"
#include "word2vec/vector_file.h"

namespace conec::word2vec::vector_file_internal {

// What a reader got out of a file. words[i] belongs to row i.
struct Rows {
  std::vector<corpora::WordCount> words;
  Matrix<float> vectors;
  std::string file;            // where the words came from
  std::size_t first_line = 0;  // line of word 0, counted from 1; 0: the file has no lines

  // "file:12" or "file: word 3".
  std::string Place(std::size_t row) const;
};

// The first line of a word2vec file: two whole numbers between blanks. (Between tabs they are a projector's row.)
struct Header {
  std::uint64_t words = 0;
  std::uint64_t dim = 0;
  std::size_t size = 0;  // bytes of the line with its line break
};
std::optional<Header> ParseHeader(std::string_view text);

// kDataLoss unless `body_size` bytes can hold header.words words of at least `bytes_per_number` bytes a number.
absl::Status CheckHeader(const Header& header, std::size_t body_size, std::size_t bytes_per_number,
                         const std::string& path);

// True if the whole of `text` is one number as ParseNumbers() reads it.
bool IsNumber(std::string_view text);

// Blank- and tab-separated columns of a line.
std::vector<std::string_view> Columns(std::string_view line);

// The first line without its line break (LF or CR LF).
std::string_view FirstLine(std::string_view text);

// True if `text`, what follows a header, begins like a line of text rather than a word and `dim` binary floats.
bool BodyIsText(std::string_view text, std::uint64_t dim);

absl::StatusOr<Rows> ReadText(const std::string& path, std::string_view text, bool has_header,
                              const LoadOptions& options);
absl::StatusOr<Rows> ReadBinary(const std::string& path, std::string_view text, const LoadOptions& options);
absl::StatusOr<Rows> ReadNpyAndWords(const std::string& path, const LoadOptions& options);
absl::StatusOr<Rows> ReadProjector(const std::string& path, std::string_view text, const LoadOptions& options);

// A matrix of numbers without words, one row per line.
absl::StatusOr<Matrix<float>> ReadNumberLines(const std::string& path, std::string_view text,
                                              const LoadOptions& options);

// kDataLoss naming the first value that is not finite, unless the options allow it.
absl::Status CheckFinite(const Rows& rows, const LoadOptions& options);

// "'word'" shortened so that a hostile file cannot fill a terminal.
std::string Quote(std::string_view word);

// Threads to use: `threads`, or all cores if it is 0.
int ThreadCount(int threads);

}  // namespace conec::word2vec::vector_file_internal
