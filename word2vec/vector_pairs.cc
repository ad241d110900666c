// Reading the formats of two files: npy with its words, and the Embedding Projector's vectors and metadata.
#include <algorithm>
#include <charconv>

#include "base/byte_order_mark.h"
#include "base/file.h"
#include "base/npy.h"
#include "word2vec/vector_file_internal.h"

namespace conec::word2vec::vector_file_internal {
namespace {

// Calls line(number from 1, text without line break) for each line; an end of file after a line break is no line.
template <typename Fn>
absl::Status ForEachLine(std::string_view text, Fn line) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    if (content.ends_with('\r')) content.remove_suffix(1);
    CONEC_RETURN_IF_ERROR(line(number, content));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return absl::OkStatus();
}

std::vector<std::string_view> SplitTabs(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Which columns of metadata.tsv are read. One column has no header row; several have one (the projector's rule).
struct MetadataColumns {
  std::size_t columns = 1;
  std::size_t word = 0;
  std::optional<std::size_t> count;
};

MetadataColumns ParseMetadataHeader(std::string_view line) {
  const std::vector<std::string_view> names = SplitTabs(line);
  MetadataColumns result{names.size(), 0, std::nullopt};
  for (std::size_t i = names.size(); i-- > 0;) {
    if (EqualsIgnoringCase(names[i], "word")) result.word = i;
    if (EqualsIgnoringCase(names[i], "count") || EqualsIgnoringCase(names[i], "frequency")) result.count = i;
  }
  return result;
}

absl::StatusOr<corpora::WordCount> ParseMetadataLine(const MetadataColumns& layout, std::string_view line,
                                                     const std::string& place) {
  const std::vector<std::string_view> fields = SplitTabs(line);
  if (fields.size() != layout.columns) {
    return DataLoss("{}: expected {} columns between tabs, found {}", place, layout.columns, fields.size());
  }
  corpora::WordCount word{std::string(fields[layout.word]), 0};
  if (!layout.count) return word;
  const std::string_view count = fields[*layout.count];
  const auto [next, error] = std::from_chars(count.data(), count.data() + count.size(), word.count);
  if (error != std::errc() || next != count.data() + count.size()) {
    return DataLoss("{}: the count {} is not a whole number", place, Quote(count));
  }
  return word;
}

// Fills rows.words from the companion file; `metadata` says whether tabs mean columns.
absl::Status ReadWords(const std::string& path, bool metadata, Rows& rows) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  rows.file = path;
  rows.first_line = 1;
  MetadataColumns layout;
  return ForEachLine(metadata ? WithoutByteOrderMark(file.text()) : file.text(),
                     [&](std::size_t number, std::string_view line) -> absl::Status {
                       if (metadata && number == 1 && line.find('\t') != std::string_view::npos) {
                         layout = ParseMetadataHeader(line);
                         rows.first_line = 2;
                         return absl::OkStatus();
                       }
                       const std::string place = rows.Place(rows.words.size());
                       if (!metadata) {
                         rows.words.push_back({std::string(line), 0});
                       } else {
                         CONEC_ASSIGN_OR_RETURN(corpora::WordCount word, ParseMetadataLine(layout, line, place));
                         rows.words.push_back(std::move(word));
                       }
                       return rows.words.back().word.empty() ? DataLoss("{}: no word", place) : absl::OkStatus();
                     });
}

// The words must be as many as the vectors; then both are cut to max_words.
absl::Status Match(const std::string& path, std::size_t vectors_in_file, const LoadOptions& options, Rows& rows) {
  if (rows.words.size() != vectors_in_file) {
    return DataLoss("'{}' has {} vectors, but '{}' has {} words", path, vectors_in_file, rows.file, rows.words.size());
  }
  if (rows.words.empty()) return DataLoss("{}: no words", path);
  if (rows.vectors.cols() == 0) return DataLoss("{}: vectors of no dimensions", path);
  if (options.max_words == 0 || options.max_words >= rows.words.size()) return absl::OkStatus();
  rows.words.resize(options.max_words);
  CONEC_ASSIGN_OR_RETURN(auto first, Matrix<float>::Create(options.max_words, rows.vectors.cols()));
  for (std::size_t i = 0; i < first.rows(); ++i) std::ranges::copy(rows.vectors.row(i), first.row(i).begin());
  rows.vectors = std::move(first);
  return absl::OkStatus();
}

std::string Companion(const std::string& path, VectorFormat format, const LoadOptions& options) {
  return options.companion_path.empty() ? CompanionPath(path, format) : options.companion_path;
}

}  // namespace

absl::StatusOr<Rows> ReadNpyAndWords(const std::string& path, const LoadOptions& options) {
  Rows rows;
  CONEC_ASSIGN_OR_RETURN(rows.vectors, ReadNpy(path));
  CONEC_RETURN_IF_ERROR(
      Annotate(ReadWords(Companion(path, VectorFormat::kNpy, options), false, rows), "the words of the npy file"));
  CONEC_RETURN_IF_ERROR(Match(path, rows.vectors.rows(), options, rows));
  return rows;
}

absl::StatusOr<Rows> ReadProjector(const std::string& path, std::string_view text, const LoadOptions& options) {
  Rows rows;
  LoadOptions all = options;
  all.max_words = 0;
  CONEC_ASSIGN_OR_RETURN(rows.vectors, ReadNumberLines(path, text, all));
  CONEC_RETURN_IF_ERROR(Annotate(ReadWords(Companion(path, VectorFormat::kProjector, options), true, rows),
                                 "the metadata of the projector's vectors"));
  CONEC_RETURN_IF_ERROR(Match(path, rows.vectors.rows(), options, rows));
  return rows;
}

}  // namespace conec::word2vec::vector_file_internal
