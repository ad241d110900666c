// Files in the columns of the CoNLL shared tasks: one token per line, columns between blanks or tabs, an empty line
// after each sentence, the word first and the tag last.
//
//   2003  -DOCSTART- lines begin documents;   word  POS  chunk  tag
//   2002  documents not marked (or -DOCSTART- too);   word  [POS]  tag
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::ner {

inline constexpr std::string_view kDocumentStart = "-DOCSTART-";

// The comments here are the documentation of the command-line options.
struct ConllOptions {
  // A token's line has at least so many columns.
  std::size_t min_columns = 1;
  // What stands between columns. Empty: any number of blanks and tabs. Otherwise every occurrence of this string
  // separates two columns, which may be empty, except that empty columns at the end of a line do not count; so it is
  // with conlleval's -d.
  std::string delimiter = {};
  // Bytes that are not UTF-8 are taken as they are (the files of CoNLL-2002 are ISO 8859-1).
  bool any_bytes = false;
  // A file without any token is not an error.
  bool allow_empty = false;
};

// A line -DOCSTART-, which is no token.
struct DocumentMark {
  std::size_t token = 0;                // it stands before this token; tokens() at the end of the file
  std::size_t line = 0;                 // from 1
  std::vector<std::string_view> cells;  // all columns of the line
  bool blank_line_after = false;
};

// A file as it stands: every column of every token, sentences and documents. Token i is line `line(i)` of the file.
// Cheap to copy; copies share the text.
class ConllFile {
 public:
  // Reads a file (compressed or not, see corpora/byte_stream.h; "-" is standard input) up to its end. All tokens of a
  // file have the same number of columns. -DOCSTART- lines are no tokens; they (and whether an empty line follows them)
  // are kept for writing. Lines end with LF or CR LF.
  // kDataLoss with "file:line:" for another number of columns and for a carriage return inside a line; kInvalidArgument
  // for invalid UTF-8 (file:line), for files without a token, for archives with several files, and for a delimiter with
  // a line break.
  static absl::StatusOr<ConllFile> Read(const std::string& path, const ConllOptions& options = {});
  // The same of text in memory; `name` stands for the file in messages.
  static absl::StatusOr<ConllFile> Parse(std::string text, std::string name, const ConllOptions& options = {});

  std::size_t tokens() const { return lines_.size(); }
  std::size_t columns() const { return columns_; }  // 0 if there is no token
  std::string_view cell(std::size_t token, std::size_t column) const { return cells_[token * columns_ + column]; }
  std::string_view word(std::size_t token) const { return cell(token, 0); }
  std::string_view tag(std::size_t token) const { return cell(token, columns_ - 1); }
  std::size_t line(std::size_t token) const { return lines_[token]; }  // from 1
  const std::string& name() const { return name_; }                    // of the file, for messages
  // One column of all tokens. The views live as long as this file or a copy of it.
  std::vector<std::string_view> Column(std::size_t column) const;

  // Indices one past the last token of each sentence, and of each document; both end with tokens(). A sentence or
  // document without a token is not listed. A -DOCSTART- line ends a sentence too.
  std::span<const std::size_t> sentence_ends() const { return sentence_ends_; }
  std::span<const std::size_t> document_ends() const { return document_ends_; }
  std::span<const DocumentMark> document_marks() const { return marks_; }

  // The same file with one more column (one value per token): cells are added behind those of each token, "O" behind
  // those of a -DOCSTART- line that has as many columns as tokens have. Tokens stay on the lines where they were read.
  // kInvalidArgument unless there are as many values as tokens, none of them empty or with a line break or what stands
  // between columns: a blank, a tab, or the delimiter.
  absl::StatusOr<ConllFile> WithColumn(std::vector<std::string> values) const;

  // The file with one more column (extra: one value per token, of the kind that WithColumn() accepts, which
  // is for the caller to see to; empty: none), columns
  // separated by a blank (or the delimiter it was read with), an empty line after each sentence, -DOCSTART- lines where
  // they stood: reading it back gives the same. With an extra column, -DOCSTART- lines get "O" there, since conlleval
  // wants the same number of columns in every line.
  std::string Format(std::span<const std::string> extra = {}) const;

 private:
  friend class ConllParser;
  ConllFile() = default;
  absl::Status CheckColumn(std::span<const std::string> values) const;

  std::string name_;
  std::shared_ptr<const std::string> text_;  // what all views point into
  std::string delimiter_;
  std::size_t columns_ = 0;
  std::vector<std::string_view> cells_;  // tokens x columns
  std::vector<std::size_t> lines_;
  std::vector<std::size_t> sentence_ends_;
  std::vector<std::size_t> document_ends_;
  std::vector<DocumentMark> marks_;
};

}  // namespace conec::ner
