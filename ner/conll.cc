#include "ner/conll.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "corpora/byte_stream.h"
#include "corpora/input_files.h"
#include "tokenize/utf8.h"

namespace conec::ner {
namespace {

// Runs of blanks and tabs separate.
void SplitAtBlanks(std::string_view line, std::vector<std::string_view>& cells) {
  constexpr std::string_view kBlanks = " \t";
  std::size_t begin = line.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
}

// Every `delimiter` separates; empty cells at the end are dropped.
void SplitAt(std::string_view delimiter, std::string_view line, std::vector<std::string_view>& cells) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = line.find(delimiter, begin);
    cells.push_back(line.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    begin = end + delimiter.size();
  }
  while (!cells.empty() && cells.back().empty()) cells.pop_back();
}

// All decompressed bytes of one file. The name of its content ("a.zip:b.txt") replaces *name.
absl::StatusOr<std::string> ReadText(const std::string& path, std::string* name) {
  using Kind = corpora::ByteChunk::Kind;
  CONEC_ASSIGN_OR_RETURN(const auto stream,
                         corpora::ByteStream::Open({corpora::InputFile{.path = path, .size_known = false}}));
  std::string text;
  bool any = false;
  corpora::ByteChunk chunk;
  while (true) {
    CONEC_ASSIGN_OR_RETURN(const bool more, stream->Next(&chunk));
    if (!more) return text;
    if (chunk.kind == Kind::kBegin) {
      if (any) return InvalidArgument("'{}' holds several files, expected one in the columns of CoNLL", path);
      any = true;
      *name = chunk.name;
    }
    if (chunk.kind == Kind::kData) text += chunk.bytes();
  }
}

}  // namespace

// Goes through the lines of a text once and fills a ConllFile.
class ConllParser {
 public:
  ConllParser(std::string text, std::string name, const ConllOptions& options) : options_(options) {
    file_.name_ = std::move(name);
    file_.text_ = std::make_shared<const std::string>(std::move(text));
    file_.delimiter_ = options.delimiter;
  }

  absl::StatusOr<ConllFile> Run() && {
    if (options_.delimiter.find_first_of("\r\n") != std::string::npos) {
      return InvalidArgument("a line break cannot be the delimiter of columns");
    }
    std::string_view rest = *file_.text_;
    CONEC_RETURN_IF_ERROR(CheckUtf8(rest));
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      CONEC_RETURN_IF_ERROR(TakeLine(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    EndDocument();
    if (file_.tokens() == 0 && !options_.allow_empty) {
      return InvalidArgument("{}: no token: expected lines of columns, the word first", file_.name_);
    }
    return std::move(file_);
  }

 private:
  absl::Status CheckUtf8(std::string_view text) const {
    if (options_.any_bytes) return absl::OkStatus();
    const auto offset = tokenize::FindInvalidUtf8(text);
    if (!offset) return absl::OkStatus();
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*offset), '\n') + 1;
    return InvalidArgument("{}:{}: invalid UTF-8; if this is ISO 8859-1: iconv -f latin1 -t utf-8", file_.name_, line);
  }

  absl::Status TakeLine(std::string_view line) {
    ++line_;
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find('\r') != std::string_view::npos) {
      return DataLoss("{}:{}: a carriage return inside the line, expected lines that end with LF or CR LF", file_.name_,
                      line_);
    }
    row_.clear();
    if (options_.delimiter.empty()) {
      SplitAtBlanks(line, row_);
    } else {
      SplitAt(options_.delimiter, line, row_);
    }
    if (row_.empty()) {
      if (after_mark_) file_.marks_.back().blank_line_after = true;
      EndSentence();
    } else if (row_[0] == kDocumentStart) {
      EndDocument();
      file_.marks_.push_back({.token = file_.tokens(), .line = line_, .cells = row_});
    } else {
      CONEC_RETURN_IF_ERROR(TakeToken());
    }
    after_mark_ = !row_.empty() && row_[0] == kDocumentStart;
    return absl::OkStatus();
  }

  absl::Status TakeToken() {
    if (file_.columns_ == 0) {
      if (row_.size() < options_.min_columns) return WrongColumns(fmt::format("at least {}", options_.min_columns));
      file_.columns_ = row_.size();
    }
    if (row_.size() != file_.columns_) {
      return WrongColumns(fmt::format("{} as in line {}", file_.columns_, file_.lines_.front()));
    }
    file_.cells_.insert(file_.cells_.end(), row_.begin(), row_.end());
    file_.lines_.push_back(line_);
    return absl::OkStatus();
  }

  absl::Status WrongColumns(std::string_view expected) const {
    return DataLoss("{}:{}: {} column{}, expected {}", file_.name_, line_, row_.size(), row_.size() == 1 ? "" : "s",
                    expected);
  }

  void EndSentence() { AddEnd(file_.sentence_ends_); }
  void EndDocument() {
    EndSentence();
    AddEnd(file_.document_ends_);
  }
  void AddEnd(std::vector<std::size_t>& ends) const {
    if (file_.tokens() > (ends.empty() ? 0 : ends.back())) ends.push_back(file_.tokens());
  }

  const ConllOptions& options_;
  ConllFile file_;
  std::size_t line_ = 0;
  bool after_mark_ = false;  // the last line was -DOCSTART-
  std::vector<std::string_view> row_;
};

absl::StatusOr<ConllFile> ConllFile::Read(const std::string& path, const ConllOptions& options) {
  std::string name = path == "-" ? "standard input" : path;
  CONEC_ASSIGN_OR_RETURN(std::string text, ReadText(path, &name));
  return Parse(std::move(text), std::move(name), options);
}

absl::StatusOr<ConllFile> ConllFile::Parse(std::string text, std::string name, const ConllOptions& options) {
  return ConllParser(std::move(text), std::move(name), options).Run();
}

std::vector<std::string_view> ConllFile::Column(std::size_t column) const {
  std::vector<std::string_view> cells(tokens());
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = cell(i, column);
  return cells;
}

absl::Status ConllFile::CheckColumn(std::span<const std::string> values) const {
  if (values.size() != tokens()) {
    return InvalidArgument("{}: {} values for a column of {} tokens", name_, values.size(), tokens());
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& value = values[i];
    const bool has_separator = delimiter_.empty() ? value.find_first_of(" \t") != std::string::npos
                                                  : value.find(delimiter_) != std::string::npos;
    if (!value.empty() && !has_separator && value.find_first_of("\r\n") == std::string::npos) continue;
    return InvalidArgument("{}:{}: '{}' cannot be the value of a column: it is empty or would be read as more than one",
                           name_, line(i), value);
  }
  return absl::OkStatus();
}

absl::StatusOr<ConllFile> ConllFile::WithColumn(std::vector<std::string> values) const {
  CONEC_RETURN_IF_ERROR(CheckColumn(values));
  struct Owner {
    std::shared_ptr<const std::string> text;
    std::vector<std::string> values;
  };
  const auto owner = std::make_shared<const Owner>(Owner{text_, std::move(values)});
  ConllFile file = *this;
  file.text_ = {owner, owner->text.get()};
  file.columns_ = tokens() == 0 ? 0 : columns_ + 1;
  file.cells_.clear();
  for (std::size_t i = 0; i < tokens(); ++i) {
    for (std::size_t column = 0; column < columns_; ++column) file.cells_.push_back(cell(i, column));
    file.cells_.emplace_back(owner->values[i]);
  }
  for (DocumentMark& mark : file.marks_) {
    if (mark.cells.size() == columns_) mark.cells.emplace_back("O");
  }
  return file;
}

namespace {

void AppendLine(std::span<const std::string_view> cells, std::string_view delimiter, std::string_view extra,
                std::string& text) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += delimiter;
    text += cells[i];
  }
  if (!extra.empty()) {
    text += delimiter;
    text += extra;
  }
  text += '\n';
}

}  // namespace

std::string ConllFile::Format(std::span<const std::string> extra) const {
  assert(extra.empty() || extra.size() == tokens());
  const std::string_view delimiter = delimiter_.empty() ? std::string_view(" ") : std::string_view(delimiter_);
  std::string text;
  text.reserve(text_->size() + (extra.empty() ? 0 : 6 * tokens()));
  auto mark = marks_.begin();
  auto sentence_end = sentence_ends_.begin();
  for (std::size_t i = 0;; ++i) {
    for (; mark != marks_.end() && mark->token == i; ++mark) {
      AppendLine(mark->cells, delimiter, extra.empty() || mark->cells.size() != columns_ ? "" : "O", text);
      if (mark->blank_line_after) text += '\n';
    }
    if (i == tokens()) return text;
    AppendLine(std::span(cells_).subspan(i * columns_, columns_), delimiter, extra.empty() ? "" : extra[i], text);
    if (*sentence_end == i + 1) {
      text += '\n';
      ++sentence_end;
    }
  }
}

}  // namespace conec::ner
