// How conec-embed writes vectors: one writer per format, all fed in the order of the documents.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::embed {

enum class OutputFormat { kJsonl, kTsv, kNpy, kWord2vec };
std::string_view Name(OutputFormat format);  // "jsonl", "tsv", "npy", "word2vec"
absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view name);

// What a vector belongs to.
enum class Unit { kWord, kToken, kDocument };

// One vector and what it belongs to. `word` is empty for kDocument.
struct Row {
  std::string_view word;
  std::uint64_t count = 0;  // occurrences in the document; kDocument: tokens in the mean
  std::uint64_t token = 0;  // kToken: index of the token in the document
  bool known = false;
  bool zero = false;  // nothing known is in any context
  std::span<const float> vector;
};

struct DocumentName {
  std::uint64_t number = 0;
  std::string_view source;
};

// Appends the text of rows to strings; const and thread-safe, so that documents are formatted in parallel.
class RowFormatter {
 public:
  RowFormatter(OutputFormat format, Unit unit) : format_(format), unit_(unit) {}

  // A document is Begin, its rows, End. `first` rows need no separator.
  void Begin(const DocumentName& document, std::string& out) const;
  void Add(const DocumentName& document, const Row& row, bool first, std::string& out) const;
  void End(std::string& out) const;

 private:
  void AddJson(const Row& row, bool first, std::string& out) const;
  void AddTsv(const DocumentName& document, const Row& row, std::string& out) const;
  void AddNpy(const DocumentName& document, const Row& row, std::string& out) const;
  void AddWord2vec(const DocumentName& document, const Row& row, std::string& out) const;
  void AddLabel(const DocumentName& document, const Row& row, std::string& out) const;

  OutputFormat format_;
  Unit unit_;
};

// Takes what RowFormatter made and writes the file: whole or not at all, "" being standard output.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual absl::Status Write(std::string_view formatted) = 0;
  // rows, documents: of the whole output; some formats hold them in their first line.
  virtual absl::Status Commit(std::uint64_t rows, std::uint64_t documents) = 0;

  // kInvalidArgument for npy on standard output.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(OutputFormat format, const std::string& path,
                                                            std::size_t dim);
};

// "dir/x.npy" -> "dir/x.words.tsv": document, word, count (or token), known of every row.
std::string LabelsPath(const std::string& path);

}  // namespace conec::embed
