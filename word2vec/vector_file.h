// Word vectors in the files that other tools read and write, both ways.
//
// clang-format off
// | format          | file                                                         | written by                  |
// |-----------------|--------------------------------------------------------------|-----------------------------|
// | word2vec-text   | "V d", then per line a word and d numbers                    | word2vec.c, gensim, fastText (.vec) |
// | word2vec-binary | "V d\n", then per word: the word, a blank, d float32         | word2vec.c -binary 1, gensim |
// | fasttext        | the same as word2vec-text                                    | fastText                    |
// | glove           | word2vec-text without its first line                         | GloVe, gensim write_header=False |
// | npy             | a V x d float32 array; the words beside it, one per line     | numpy                       |
// | projector       | V lines of d numbers between tabs; metadata.tsv beside it    | TensorFlow's Embedding Projector |
// clang-format on
//
// The order of the words is kept: row i belongs to WordId{i}. Counts survive only in projector files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenize/utf8.h"
#include "word2vec/word_vectors.h"

namespace conec::word2vec {

enum class VectorFormat { kWord2vecText, kWord2vecBinary, kFastText, kGlove, kNpy, kProjector };

// "word2vec-text", "word2vec-binary", "fasttext", "glove", "npy", "projector"; and back (kInvalidArgument listing
// them).
std::string_view Name(VectorFormat format);
absl::StatusOr<VectorFormat> ParseVectorFormat(std::string_view name);

// The second file of a format that has two, or "" if it has one.
//   npy:       "dir/x.npy" -> "dir/x.words.txt"
//   projector: "dir/vectors.tsv" -> "dir/metadata.tsv"; more generally a name that ends in "vectors" or "tensor" gets
//              "metadata" for that part ("a_tensor.tsv" -> "a_metadata.tsv"), others get it added ("x.tsv" ->
//              "x_metadata.tsv")
std::string CompanionPath(const std::string& path, VectorFormat format);

// The format of a file, from its content. Never kFastText (it is word2vec-text). kDataLoss saying what the file is or
// what it lacks: compressed files, fastText's .bin models and gensim's pickles are recognised and named.
absl::StatusOr<VectorFormat> DetectVectorFormat(const std::string& path);

struct LoadOptions {
  std::optional<VectorFormat> format = std::nullopt;  // nothing: DetectVectorFormat()
  std::string companion_path = {};                    // the second file of npy and projector; empty: CompanionPath()
  std::size_t max_words = 0;                          // read only the first (usually the most frequent) words; 0: all
  bool allow_non_finite = false;                      // accept NaN and infinity
  bool skip_duplicates = false;  // keep the first of equal words, as gensim does, instead of failing
  // Words cut in the middle of a character, as word2vec.c writes long ones.
  tokenize::InvalidUtf8 invalid_utf8 = tokenize::InvalidUtf8::kError;
  int threads = 0;  // for parsing text; 0: all cores
};

// Reads a regular, uncompressed file. A header's sizes are checked against the file's size before anything is
// allocated. kDataLoss with the file and the line (text) or the number of the word (binary) if the file is truncated,
// empty, not of its format, has a line with a wrong number of columns, a repeated word, a number that is none, or (see
// the options) NaN and infinity.
//
// Text: numbers are separated by blanks and tabs; the word is what stands before the last d of them, so that the words
// with blanks of the GloVe 840B file can be read, unless the column before them is a number, too.
absl::StatusOr<WordVectors> LoadWordVectors(const std::string& path, const LoadOptions& options = {});

struct SaveOptions {
  std::string companion_path = {};  // the second file of npy and projector; empty: CompanionPath()
  bool allow_non_finite = false;    // write NaN and infinity; few programs read them
  int threads = 0;                  // for formatting text; 0: all cores
};

// Writes the file whole or not at all. Of two files the companion is renamed into place first, so that a new main file
// never stands beside an old or missing companion. Numbers in text are the shortest that read back as the same float.
//
// kInvalidArgument if there is nothing to write, if vocabulary and vectors differ in size, if a value is not finite, or
// if the format cannot hold a word, naming the word and a format that can: text formats cannot hold white space
// (ASCII), word2vec-binary no blank or line break, projector no tab or line break, npy no line break;
// glove, and projector without counts, no byte order mark before the first word, which readers take for the file's.
absl::Status SaveWordVectors(const WordVectors& vectors, const std::string& path, VectorFormat format,
                             const SaveOptions& options = {});

}  // namespace conec::word2vec
