// Files in the columns of the CoNLL shared tasks: one token per line, columns between blanks or tabs, an empty line
// after each sentence, the word first and the tag last.
//
//   2003  -DOCSTART- lines begin documents;   word  POS  chunk  tag
//   2002  documents not marked (or -DOCSTART- too);   word  [POS]  tag
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::ner {

// A file as it stands: every column of every token, sentences and documents. Token i is line `line(i)` of the file.
class ConllFile {
 public:
  // Reads a file (compressed or not; "-" is standard input). All tokens of a file have the same number of columns, at
  // least `min_columns`. -DOCSTART- lines are no tokens; they (and an empty line after them) are kept for writing.
  // kDataLoss with "file:line:" for another number of columns; kInvalidArgument for invalid UTF-8 (file:line) and for
  // files without a token.
  static absl::StatusOr<ConllFile> Read(const std::string& path, std::size_t min_columns = 1);
  static absl::StatusOr<ConllFile> Parse(std::string_view text, std::string_view name, std::size_t min_columns = 1);

  std::size_t tokens() const;
  std::size_t columns() const;
  std::string_view cell(std::size_t token, std::size_t column) const;
  std::string_view word(std::size_t token) const { return cell(token, 0); }
  std::string_view tag(std::size_t token) const { return cell(token, columns() - 1); }
  std::size_t line(std::size_t token) const;  // from 1
  const std::string& name() const;            // of the file, for messages

  // Indices one past the last token of each sentence, and of each document; both end with tokens(). A document without
  // a token is not listed.
  std::span<const std::size_t> sentence_ends() const;
  std::span<const std::size_t> document_ends() const;

  // The file with one more column (extra: one value per token; empty: none), columns separated by a blank, an empty
  // line after each sentence, -DOCSTART- lines where they stood: reading it back gives the same.
  std::string Format(std::span<const std::string> extra = {}) const;
};

}  // namespace conec::ner
