// Files of word pairs, and names.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/byte_order_mark.h"
#include "base/file.h"
#include "word2vec/similarity.h"
#include "word2vec/text_lines.h"

namespace conec::word2vec {
namespace {

std::string_view Unquote(std::string_view field) {
  field = Trim(field);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  return field;
}

// What separates the columns of a file whose first line this is.
char FindSeparator(std::string_view line) {
  for (const char separator : {'\t', ',', ';'}) {
    if (line.find(separator) != std::string_view::npos) return separator;
  }
  return ' ';
}

// Fields between separators; any number of blanks is one.
std::vector<std::string_view> Split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  const std::string_view separators = separator == ' ' ? kBlanks : std::string_view(&separator, 1);
  while (true) {
    const std::size_t end = std::min(line.find_first_of(separators), line.size());
    fields.push_back(Unquote(line.substr(0, end)));
    if (end == line.size()) return fields;
    line.remove_prefix(end + 1);
    if (separator == ' ') line = Trim(line);
  }
}

std::optional<double> ParseNumber(std::string_view field) {
  if (field.starts_with('+')) field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

struct Line {
  std::size_t number = 0;
  std::string_view text;
  std::vector<std::string_view> fields;

  std::string_view Field(std::size_t column) const {
    return column > 0 && column <= fields.size() ? fields[column - 1] : std::string_view();
  }
};

struct Table {
  char separator = ' ';     // as found in the first line
  std::vector<Line> lines;  // those that are neither empty nor comments
};

Table SplitLines(std::string_view text) {
  Table table;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = TakeLine(text);
    if (line.empty() || line.starts_with('#')) continue;
    if (table.lines.empty()) table.separator = FindSeparator(line);
    table.lines.push_back({number, line, Split(line, table.separator)});
  }
  return table;
}

// The first column after `column` with a number; 0: there is none.
std::size_t FindNumber(const Line& line, std::size_t column) {
  while (++column <= line.fields.size()) {
    if (ParseNumber(line.Field(column))) return column;
  }
  return 0;
}

// Names of columns can be numbers, too (the subjects of WordSim-353), but not where the second line has the score.
PairColumns Complete(PairColumns columns, std::span<const Line> lines) {
  if (columns.first == 0) columns.first = 1;
  if (columns.second == 0) columns.second = 2;
  for (const Line& line : lines.first(columns.score == 0 ? std::min<std::size_t>(lines.size(), 2) : 0)) {
    const std::size_t column = FindNumber(line, std::max(columns.first, columns.second));
    if (column != 0 && (columns.score == 0 || column < columns.score)) columns.score = column;
  }
  if (columns.score == 0) columns.score = std::max(columns.first, columns.second) + 1;
  return columns;
}

std::string_view NameOf(char separator) {
  switch (separator) {
    case '\t':
      return "a tab";
    case ',':
      return "a comma";
    case ';':
      return "a semicolon";
    default:
      return "blanks";
  }
}

std::string Start(const Line& line) {
  return std::string(line.text.substr(0, 100));
}

// What every line should hold; where its separator was guessed from another line than `line`, that one, too.
std::string Expected(const Table& table, const PairColumns& columns, const Line& line) {
  std::string text =
      fmt::format("expected two words and a number in columns {}, {} and {} (--columns), with {} between columns",
                  columns.first, columns.second, columns.score, NameOf(table.separator));
  const Line& first = table.lines.front();
  if (&line != &first) text += fmt::format(" as in line {} ('{}')", first.number, Start(first));
  return text;
}

absl::StatusOr<WordPair> MakePair(const Table& table, const Line& line, const PairColumns& columns,
                                  std::string_view file_name) {
  const std::string_view first = line.Field(columns.first), second = line.Field(columns.second);
  const std::optional<double> score = ParseNumber(line.Field(columns.score));
  if (!score || first.empty() || second.empty()) {
    return DataLoss("{}:{}: {}, found '{}'", file_name, line.number, Expected(table, columns, line), Start(line));
  }
  return WordPair{std::string(first), std::string(second), *score, line.number};
}

}  // namespace

absl::StatusOr<std::vector<WordPair>> ParseWordPairs(std::string_view text, std::string_view file_name,
                                                     const PairColumns& columns) {
  const Table table = SplitLines(WithoutByteOrderMark(text));
  const PairColumns complete = Complete(columns, table.lines);
  std::vector<WordPair> pairs;
  for (const Line& line : table.lines) {
    const bool is_header = &line == &table.lines.front() && !ParseNumber(line.Field(complete.score));
    if (is_header) continue;
    CONEC_ASSIGN_OR_RETURN(WordPair pair, MakePair(table, line, complete, file_name));
    pairs.push_back(std::move(pair));
  }
  if (!pairs.empty()) return pairs;
  if (table.lines.empty()) return DataLoss("{}: no pairs; expected lines of two words and a number", file_name);
  const Line& only = table.lines.front();
  return DataLoss("{}:{}: no pairs after this line, taken for names of columns: {}, found '{}'", file_name, only.number,
                  Expected(table, complete, only), Start(only));
}

absl::StatusOr<std::vector<WordPair>> ReadWordPairs(const std::string& path, const PairColumns& columns) {
  CONEC_ASSIGN_OR_RETURN(const std::string text, ReadFileToString(path));
  return ParseWordPairs(text, path, columns);
}

std::string_view Name(UnknownPairs policy) {
  return policy == UnknownPairs::kSkip ? "skip" : "zero";
}

absl::StatusOr<UnknownPairs> ParseUnknownPairs(std::string_view name) {
  for (const UnknownPairs policy : {UnknownPairs::kSkip, UnknownPairs::kZero}) {
    if (Name(policy) == name) return policy;
  }
  return InvalidArgument("'{}' is none of skip, zero", name);
}

}  // namespace conec::word2vec
