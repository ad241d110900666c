#include "word2vec/vector_file.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/byte_order_mark.h"
#include "base/enum_names.h"
#include "base/file.h"
#include "word2vec/vector_file_internal.h"

namespace conec::word2vec {
namespace vector_file_internal {

std::string Rows::Place(std::size_t row) const {
  if (first_line == 0) return fmt::format("{}: word {}", file, row + 1);
  return fmt::format("{}:{}", file, first_line + row);
}

std::string Quote(std::string_view word) {
  constexpr std::size_t kLongest = 100;
  return word.size() <= kLongest ? fmt::format("'{}'", word) : fmt::format("'{}...'", word.substr(0, kLongest));
}

int ThreadCount(int threads) {
  return threads > 0 ? threads : omp_get_max_threads();
}

absl::Status CheckHeader(const Header& header, std::size_t body_size, std::size_t bytes_per_number,
                         const std::string& path) {
  if (header.words == 0) return DataLoss("{}:1: no words", path);
  if (header.dim == 0) return DataLoss("{}:1: vectors of no dimensions", path);
  // A word needs one byte and one more that ends it.
  const std::uint64_t room = body_size / header.words;
  if (header.words < corpora::kMaxVocabulary && room >= 2 && header.dim <= (room - 2) / bytes_per_number) {
    return absl::OkStatus();
  }
  return DataLoss("{}:1: {} words of {} dimensions do not fit into the {} bytes that follow: truncated or corrupt",
                  path, header.words, header.dim, body_size);
}

absl::Status CheckFinite(const Rows& rows, const LoadOptions& options) {
  if (options.allow_non_finite) return absl::OkStatus();
  const auto is_finite = [](float value) { return std::isfinite(value); };
  for (std::size_t i = 0; i < rows.vectors.rows(); ++i) {
    const std::span<const float> row = rows.vectors.row(i);
    const auto bad = std::ranges::find_if_not(row, is_finite);
    if (bad == row.end()) continue;
    return DataLoss("{}: number {} of {} is {}; conec-convert --allow-non-finite accepts it", rows.Place(i),
                    bad - row.begin() + 1, Quote(rows.words[i].word), *bad);
  }
  return absl::OkStatus();
}

}  // namespace vector_file_internal

namespace {

using vector_file_internal::BodyIsText;
using vector_file_internal::Columns;
using vector_file_internal::FirstLine;
using vector_file_internal::Header;
using vector_file_internal::IsNumber;
using vector_file_internal::ParseHeader;
using vector_file_internal::Quote;
using vector_file_internal::ReadBinary;
using vector_file_internal::ReadNpyAndWords;
using vector_file_internal::ReadProjector;
using vector_file_internal::ReadText;
using vector_file_internal::Rows;

constexpr EnumNames<VectorFormat, 6> kNames{{
    {VectorFormat::kWord2vecText, "word2vec-text"},
    {VectorFormat::kWord2vecBinary, "word2vec-binary"},
    {VectorFormat::kFastText, "fasttext"},
    {VectorFormat::kGlove, "glove"},
    {VectorFormat::kNpy, "npy"},
    {VectorFormat::kProjector, "projector"},
}};

struct Signature {
  std::string_view bytes;
  std::string_view advice;
};
constexpr std::array<Signature, 10> kForeign = {{
    {"\x1F\x8B", "it is compressed with gzip: unpack it first"},
    {"\x28\xB5\x2F\xFD", "it is compressed with zstd: unpack it first"},
    {"\xFD"
     "7zXZ",
     "it is compressed with xz: unpack it first"},
    {"BZh91AY&SY", "it is compressed with bzip2: unpack it first"},
    {"PK\x03\x04", "it is a zip archive: unpack it first"},
    {"\xBA\x16\x4F\x2F", "it is a fastText model: load the .vec file that fastText wrote beside it"},
    {"\x80\x02", "it is a Python pickle: write it with gensim's save_word2vec_format"},
    {"\x80\x03", "it is a Python pickle: write it with gensim's save_word2vec_format"},
    {"\x80\x04", "it is a Python pickle: write it with gensim's save_word2vec_format"},
    {"\x80\x05", "it is a Python pickle: write it with gensim's save_word2vec_format"},
}};

// word2vec or GloVe whose first word and only number look like a header: told apart by the second line.
VectorFormat DetectBelowHeader(const Header& header, std::string_view body) {
  if (!BodyIsText(body, header.dim)) return VectorFormat::kWord2vecBinary;
  const std::vector<std::string_view> columns = Columns(FirstLine(body));
  const bool one_number = columns.size() == 2 && header.dim != 1;
  return one_number && IsNumber(columns[1]) ? VectorFormat::kGlove : VectorFormat::kWord2vecText;
}

absl::StatusOr<VectorFormat> Detect(const std::string& path, std::string_view text) {
  if (text.empty()) return DataLoss("'{}' is empty", path);
  for (const Signature& signature : kForeign) {
    if (text.starts_with(signature.bytes)) return DataLoss("'{}' holds no word vectors: {}", path, signature.advice);
  }
  if (text.starts_with("\x93NUMPY")) return VectorFormat::kNpy;
  if (const auto header = ParseHeader(text)) return DetectBelowHeader(*header, text.substr(header->size));
  const std::string_view line = FirstLine(text);
  const std::vector<std::string_view> columns = Columns(line);
  const bool last_is_number = !columns.empty() && IsNumber(columns.back());
  const bool blanks = line.find(' ') != std::string_view::npos;
  if (last_is_number && !blanks && std::ranges::all_of(columns, IsNumber)) return VectorFormat::kProjector;
  if (last_is_number && columns.size() > 1) return VectorFormat::kGlove;
  return DataLoss("'{}' holds no word vectors that we know: its first line has neither two sizes nor numbers", path);
}

absl::StatusOr<Rows> Read(const std::string& path, std::string_view text, VectorFormat format,
                          const LoadOptions& options) {
  if (text.empty()) return DataLoss("'{}' is empty", path);
  switch (format) {
    case VectorFormat::kWord2vecText:
    case VectorFormat::kFastText:
      return ReadText(path, text, true, options);
    case VectorFormat::kGlove:
      return ReadText(path, text, false, options);
    case VectorFormat::kWord2vecBinary:
      return ReadBinary(path, text, options);
    case VectorFormat::kNpy:
      return ReadNpyAndWords(path, options);
    case VectorFormat::kProjector:
      return ReadProjector(path, text, options);
  }
  return Internal("vector format {} is unknown", static_cast<int>(format));
}

absl::Status CheckUtf8(const LoadOptions& options, Rows& rows) {
  for (std::size_t i = 0; i < rows.words.size(); ++i) {
    std::string& word = rows.words[i].word;
    const std::optional<std::size_t> bad = tokenize::FindInvalidUtf8(word);
    if (!bad) continue;
    if (options.invalid_utf8 == tokenize::InvalidUtf8::kError) {
      return DataLoss("{}: the word is not valid UTF-8 at byte {}; conec-convert --invalid-utf8 repairs it",
                      rows.Place(i), *bad);
    }
    word = tokenize::RepairUtf8(word, options.invalid_utf8);
    if (word.empty()) return DataLoss("{}: nothing is left of a word that is not valid UTF-8", rows.Place(i));
  }
  return absl::OkStatus();
}

// Names the places of the first repeated word, or removes the rows of all repeated words but the first.
absl::Status ResolveDuplicates(const LoadOptions& options, Rows& rows) {
  std::unordered_map<std::string_view, std::size_t> first;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < rows.words.size(); ++i) {
    const auto [found, is_new] = first.emplace(rows.words[i].word, i);
    if (is_new) {
      kept.push_back(i);
    } else if (!options.skip_duplicates) {
      return DataLoss("{}: the word {} stands at {} already; conec-convert --skip-duplicates keeps the first",
                      rows.Place(i), Quote(rows.words[i].word), rows.Place(found->second));
    }
  }
  CONEC_ASSIGN_OR_RETURN(auto vectors, Matrix<float>::Create(kept.size(), rows.vectors.cols()));
  std::vector<corpora::WordCount> words;
  for (const std::size_t i : kept) {
    std::ranges::copy(rows.vectors.row(i), vectors.row(words.size()).begin());
    words.push_back(rows.words[i]);
  }
  rows.vectors = std::move(vectors);
  rows.words = std::move(words);
  return absl::OkStatus();
}

absl::StatusOr<WordVectors> Finish(const LoadOptions& options, Rows rows) {
  CONEC_RETURN_IF_ERROR(vector_file_internal::CheckFinite(rows, options));
  CONEC_RETURN_IF_ERROR(CheckUtf8(options, rows));
  auto vocabulary = corpora::Vocabulary::Create(rows.words);
  if (absl::IsInvalidArgument(vocabulary.status())) {
    CONEC_RETURN_IF_ERROR(ResolveDuplicates(options, rows));
    vocabulary = corpora::Vocabulary::Create(rows.words);
  }
  CONEC_RETURN_IF_ERROR(Annotate(vocabulary.status(), rows.file));
  const auto matrix = std::make_shared<const Matrix<float>>(std::move(rows.vectors));
  return WordVectors{*std::move(vocabulary), matrix->view(), matrix};
}

bool ConsumeSuffix(std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

std::string MetadataPath(std::string path) {
  const std::string extension = ConsumeSuffix(path, ".tsv") ? ".tsv" : "";
  const bool replaced = ConsumeSuffix(path, "vectors") || ConsumeSuffix(path, "tensor");
  return path + (replaced ? "metadata" : "_metadata") + extension;
}

}  // namespace

std::string_view Name(VectorFormat format) {
  return NameOf(kNames, format);
}

absl::StatusOr<VectorFormat> ParseVectorFormat(std::string_view name) {
  return ParseName(kNames, "vector format", name);
}

std::string CompanionPath(const std::string& path, VectorFormat format) {
  if (format == VectorFormat::kProjector) return MetadataPath(path);
  if (format != VectorFormat::kNpy) return "";
  std::string stem = path;
  ConsumeSuffix(stem, ".npy");
  return stem + ".words.txt";
}

absl::StatusOr<VectorFormat> DetectVectorFormat(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  return Detect(path, WithoutByteOrderMark(file.text()));
}

absl::StatusOr<WordVectors> LoadWordVectors(const std::string& path, const LoadOptions& options) {
  if (options.threads < 0) return InvalidArgument("threads must be at least 0, got {}", options.threads);
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::string_view text = WithoutByteOrderMark(file.text());
  if (options.format) {
    CONEC_ASSIGN_OR_RETURN(Rows rows, Read(path, text, *options.format, options));
    return Finish(options, std::move(rows));
  }
  CONEC_ASSIGN_OR_RETURN(const VectorFormat format, Detect(path, text));
  auto rows = Read(path, text, format, options);
  if (!rows.ok()) return Annotate(rows.status(), fmt::format("reading '{}' as {}", path, Name(format)));
  return Finish(options, *std::move(rows));
}

}  // namespace conec::word2vec
