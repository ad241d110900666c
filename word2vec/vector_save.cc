// Writing vectors. Text is formatted by all threads, one block of rows each, and written in the order of the rows.
#include <algorithm>
#include <cmath>

#include "base/byte_order_mark.h"
#include "base/file.h"
#include "base/float_text.h"
#include "base/npy.h"
#include "word2vec/vector_file_internal.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;
using vector_file_internal::Quote;

constexpr std::size_t kBlockNumbers = std::size_t{1} << 16;  // numbers that one thread formats at a time

WordId Id(std::size_t row) {
  return WordId{static_cast<std::uint32_t>(row)};
}

bool IsText(VectorFormat format) {
  return format == VectorFormat::kWord2vecText || format == VectorFormat::kFastText || format == VectorFormat::kGlove;
}

// The characters that would be read as an end of the word.
std::string_view Forbidden(VectorFormat format) {
  if (IsText(format)) return " \t\n\v\f\r";
  if (format == VectorFormat::kWord2vecBinary) return " \n";
  return format == VectorFormat::kProjector ? "\t\n\r" : "\n\r";
}

absl::Status CannotHold(VectorFormat format, std::string_view word) {
  const std::string_view advice = word.find_first_of(Forbidden(VectorFormat::kNpy)) == std::string_view::npos
                                      ? "the format npy can"
                                      : "no vector format can hold a line break; the model file can";
  return InvalidArgument("the format {} cannot hold the word {}: {}", Name(format), Quote(word), advice);
}

bool HasCounts(const WordVectors& vectors, VectorFormat format) {
  return format == VectorFormat::kProjector && vectors.vocabulary.total_count() > 0;
}

// Whether a reader of the file (or of the words beside it) takes a byte order mark before the first word for that of
// the file.
bool BeginsWithAWord(const WordVectors& vectors, VectorFormat format) {
  return format == VectorFormat::kGlove || (format == VectorFormat::kProjector && !HasCounts(vectors, format));
}

absl::Status CheckWords(const WordVectors& vectors, VectorFormat format) {
  for (std::size_t i = 0; i < vectors.vectors.rows; ++i) {
    const std::string_view word = vectors.vocabulary.word(Id(i));
    if (word.empty()) return InvalidArgument("word {} is empty", i);
    if (word.find_first_of(Forbidden(format)) != std::string_view::npos) return CannotHold(format, word);
  }
  const std::string_view first = vectors.vocabulary.word(Id(0));
  if (first.starts_with(kByteOrderMark) && BeginsWithAWord(vectors, format)) return CannotHold(format, first);
  return absl::OkStatus();
}

absl::Status CheckValues(const WordVectors& vectors) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  for (std::size_t i = 0; i < vectors.vectors.rows; ++i) {
    const std::span<const float> row = vectors.vectors.row(i);
    const auto bad = std::ranges::find_if_not(row, is_finite);
    if (bad == row.end()) continue;
    return InvalidArgument("number {} of the vector of {} is {}; conec-convert --allow-non-finite writes it",
                           bad - row.begin() + 1, Quote(vectors.vocabulary.word(Id(i))), *bad);
  }
  return absl::OkStatus();
}

absl::Status Check(const WordVectors& vectors, VectorFormat format, const SaveOptions& options) {
  if (options.threads < 0) return InvalidArgument("threads must be at least 0, got {}", options.threads);
  if (vectors.vectors.empty()) return InvalidArgument("no word vectors to write");
  if (vectors.vocabulary.size() != vectors.vectors.rows) {
    return InvalidArgument("{} words, but {} vectors", vectors.vocabulary.size(), vectors.vectors.rows);
  }
  if (!options.allow_non_finite) CONEC_RETURN_IF_ERROR(CheckValues(vectors));
  return CheckWords(vectors, format);
}

// How a row becomes a line.
struct LineStyle {
  bool word = true;  // before the numbers
  char separator = ' ';
};

void AppendLine(const WordVectors& vectors, std::size_t row, LineStyle style, std::string& text) {
  if (style.word) {
    text += vectors.vocabulary.word(Id(row));
    text += style.separator;
  }
  AppendFloats(vectors.vectors.row(row), style.separator, text);
  text += '\n';
}

absl::Status WriteLines(const WordVectors& vectors, LineStyle style, int threads, AtomicFile& file) {
  const std::size_t rows = vectors.vectors.rows;
  const std::size_t block = std::max<std::size_t>(1, kBlockNumbers / vectors.vectors.cols);
  const auto team = static_cast<std::size_t>(vector_file_internal::ThreadCount(threads));
  std::vector<std::string> texts(std::min(team, rows / block + 1));
  for (std::size_t first = 0; first < rows; first += block * texts.size()) {
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(texts.size()))
    for (std::size_t t = 0; t < texts.size(); ++t) {
      texts[t].clear();
      const std::size_t end = std::min(rows, first + (t + 1) * block);
      for (std::size_t row = first + t * block; row < end; ++row) AppendLine(vectors, row, style, texts[t]);
    }
    for (const std::string& text : texts) CONEC_RETURN_IF_ERROR(file.Write(text));
  }
  return absl::OkStatus();
}

std::string HeaderLine(const WordVectors& vectors) {
  return fmt::format("{} {}\n", vectors.vectors.rows, vectors.vectors.cols);
}

absl::Status WriteText(const WordVectors& vectors, bool header, int threads, AtomicFile& file) {
  if (header) CONEC_RETURN_IF_ERROR(file.Write(HeaderLine(vectors)));
  return WriteLines(vectors, LineStyle{}, threads, file);
}

// With a line break after each vector, as word2vec.c writes it; gensim reads that, too.
absl::Status WriteBinary(const WordVectors& vectors, AtomicFile& file) {
  CONEC_RETURN_IF_ERROR(file.Write(HeaderLine(vectors)));
  for (std::size_t i = 0; i < vectors.vectors.rows; ++i) {
    CONEC_RETURN_IF_ERROR(file.Write(vectors.vocabulary.word(Id(i))));
    CONEC_RETURN_IF_ERROR(file.Write(" "));
    CONEC_RETURN_IF_ERROR(file.Write(std::as_bytes(vectors.vectors.row(i))));
    CONEC_RETURN_IF_ERROR(file.Write("\n"));
  }
  return absl::OkStatus();
}

absl::Status WriteNpyRows(const WordVectors& vectors, AtomicFile& file) {
  CONEC_RETURN_IF_ERROR(file.Write(NpyHeader(vectors.vectors.rows, vectors.vectors.cols)));
  for (std::size_t i = 0; i < vectors.vectors.rows; ++i) {
    CONEC_RETURN_IF_ERROR(file.Write(std::as_bytes(vectors.vectors.row(i))));
  }
  return absl::OkStatus();
}

absl::Status WriteWords(const WordVectors& vectors, bool counts, AtomicFile& file) {
  if (counts) CONEC_RETURN_IF_ERROR(file.Write("word\tcount\n"));
  for (std::size_t i = 0; i < vectors.vectors.rows; ++i) {
    CONEC_RETURN_IF_ERROR(file.Write(vectors.vocabulary.word(Id(i))));
    if (counts) CONEC_RETURN_IF_ERROR(file.Write(fmt::format("\t{}", vectors.vocabulary.count(Id(i)))));
    CONEC_RETURN_IF_ERROR(file.Write("\n"));
  }
  return absl::OkStatus();
}

absl::Status WriteMain(const WordVectors& vectors, VectorFormat format, int threads, AtomicFile& file) {
  switch (format) {
    case VectorFormat::kWord2vecText:
    case VectorFormat::kFastText:
      return WriteText(vectors, true, threads, file);
    case VectorFormat::kGlove:
      return WriteText(vectors, false, threads, file);
    case VectorFormat::kWord2vecBinary:
      return WriteBinary(vectors, file);
    case VectorFormat::kNpy:
      return WriteNpyRows(vectors, file);
    case VectorFormat::kProjector:
      return WriteLines(vectors, LineStyle{.word = false, .separator = '\t'}, threads, file);
  }
  return Internal("vector format {} is unknown", static_cast<int>(format));
}

}  // namespace

absl::Status SaveWordVectors(const WordVectors& vectors, const std::string& path, VectorFormat format,
                             const SaveOptions& options) {
  CONEC_RETURN_IF_ERROR(Check(vectors, format, options));
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(WriteMain(vectors, format, options.threads, file));
  const std::string companion_path =
      options.companion_path.empty() ? CompanionPath(path, format) : options.companion_path;
  if (format != VectorFormat::kNpy && format != VectorFormat::kProjector) return file.Commit();
  CONEC_ASSIGN_OR_RETURN(AtomicFile companion, AtomicFile::Create(companion_path));
  CONEC_RETURN_IF_ERROR(WriteWords(vectors, HasCounts(vectors, format), companion));
  CONEC_RETURN_IF_ERROR(file.Persist());  // a disk that is full now must not leave the one without the other
  CONEC_RETURN_IF_ERROR(companion.Commit());
  return file.Commit();
}

}  // namespace conec::word2vec
