#include "simec_core/delimited.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/byte_order_mark.h"

namespace conec::simec {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Line {
  std::size_t number = 0;  // from 1
  std::vector<std::string> fields;
};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The field that begins at text[begin] without its quotes; begin moves behind its delimiter or to npos at the end.
absl::StatusOr<std::string> NextField(std::string_view text, char delimiter, std::size_t& begin) {
  std::size_t start = begin;
  while (start < text.size() && text[start] == ' ' && text[start] != delimiter) ++start;
  if (start >= text.size() || text[start] != '"') {
    const std::size_t end = text.find(delimiter, begin);
    const std::string field(Trim(text.substr(begin, end == std::string_view::npos ? end : end - begin)));
    begin = end == std::string_view::npos ? end : end + 1;
    return field;
  }
  std::string field;
  std::size_t i = start + 1;
  for (; i < text.size(); ++i) {
    if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
    if (text[i] == '"') ++i;  // a quote twice
    field += text[i];
  }
  const std::size_t end = i < text.size() ? text.find(delimiter, i + 1) : std::string_view::npos;
  const std::string_view rest =
      i < text.size() ? text.substr(i + 1, end == std::string_view::npos ? end : end - i - 1) : "?";
  if (!Trim(rest).empty()) return DataLoss("a field in quotes must end with one before the next delimiter");
  begin = end == std::string_view::npos ? end : end + 1;
  return field;
}

absl::StatusOr<std::vector<std::string>> SplitFields(std::string_view text, char delimiter) {
  std::vector<std::string> fields;
  for (std::size_t begin = 0; begin != std::string_view::npos;) {
    CONEC_ASSIGN_OR_RETURN(fields.emplace_back(), NextField(text, delimiter, begin));
  }
  return fields;
}

absl::StatusOr<std::vector<Line>> SplitLines(std::string_view text, char delimiter, std::string_view name) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (Trim(line).empty() || line.starts_with('#')) continue;
    auto fields = SplitFields(line, delimiter);
    if (!fields.ok()) return Annotate(fields.status(), fmt::format("{}:{}", name, number));
    lines.push_back({number, *std::move(fields)});
  }
  return lines;
}

bool IsMissing(std::string_view field) {
  return field.empty() || field == "NA" || field == "NaN" || field == "nan" || field == "?";
}

// The number in a field, NaN for a missing one, nothing for anything else.
std::optional<double> Number(std::string_view field) {
  if (IsMissing(field)) return kMissing;
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool IsNumber(const std::string& field) {
  return Number(field).has_value();
}

// Whether a field that is no number was meant to be one: 1e400, .5O, -inf.
bool LooksLikeANumber(std::string_view field) {
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  if (field.starts_with('.')) field.remove_prefix(1);
  const bool is_digit = !field.empty() && field[0] >= '0' && field[0] <= '9';
  return is_digit || field == "inf" || field == "Inf" || field == "INF" || field == "infinity" || field == "Infinity";
}

absl::Status NoNumber(const Line& line, std::size_t column, std::string_view name, std::string_view advice = "") {
  return DataLoss("{}:{}: column {}: '{}' is not a finite number{}", name, line.number, column + 1, line.fields[column],
                  advice);
}

// Names and numbers beside each other are a header only if nothing else can be meant.
absl::StatusOr<bool> IsHeader(const std::vector<Line>& lines, std::string_view name) {
  const std::vector<std::string>& fields = lines[0].fields;
  if (fields.size() > 1 && fields[0].empty()) return true;
  const auto word = std::find_if_not(fields.begin() + (fields.size() > 1 ? 1 : 0), fields.end(), IsNumber);
  if (word != fields.end()) {
    const bool has_numbers = fields.size() == 1 || std::any_of(fields.begin(), fields.end(), IsNumber);
    if (!has_numbers || (!IsNumber(fields[0]) && !LooksLikeANumber(*word))) return true;
    return NoNumber(lines[0], static_cast<std::size_t>(word - fields.begin()), name,
                    ", and the line is no header, for not all of its fields are names");
  }
  // Numbers above numbers: names only if nothing but a name of a first column of indices explains what stands above it.
  const auto begins_with_index = [](const Line& line) {
    return !line.fields[0].empty() && line.fields[0].find_first_not_of("0123456789") == std::string::npos;
  };
  return !IsNumber(fields[0]) && !LooksLikeANumber(fields[0]) && lines.size() > 1 &&
         std::all_of(lines.begin() + 1, lines.end(), begins_with_index);
}

// lines[first]: the first that is no header.
absl::StatusOr<bool> HaveRowNames(const std::vector<Line>& lines, std::size_t first, std::string_view name) {
  const std::size_t width = lines[first].fields.size();
  if (width < 2) return false;
  if (first == 1) {
    const std::vector<std::string>& header = lines[0].fields;
    if (header[0].empty() || header.size() + 1 == width) return true;  // as pandas writes them, and as R does
  }
  const Line *number = nullptr, *word = nullptr;
  for (std::size_t i = first; i < lines.size(); ++i) {
    if (!IsMissing(lines[i].fields[0])) (IsNumber(lines[i].fields[0]) ? number : word) = &lines[i];
  }
  if (word == nullptr || number == nullptr) return word != nullptr;
  return NoNumber(*word, 0, name,
                  fmt::format(", but that of line {} is: are these row names, a header must begin with an empty field",
                              number->number));
}

absl::Status FillRow(const Line& line, std::size_t skip, std::string_view name, std::span<double> row) {
  for (std::size_t j = 0; j < row.size(); ++j) {
    const std::optional<double> value = Number(line.fields[j + skip]);
    if (!value) return NoNumber(line, j + skip, name);
    row[j] = *value;
  }
  return absl::OkStatus();
}

// Names as they are read back.
std::string Quoted(const std::string& name, char delimiter) {
  const bool is_plain = name.find_first_of(std::string("\"\n#") + delimiter) == std::string::npos && Trim(name) == name;
  if (is_plain) return name;
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

template <typename Real>
absl::StatusOr<std::string> FormatWhole(MatrixView<const Real> values, char delimiter,
                                        const std::vector<std::string>& row_names,
                                        const std::vector<std::string>& column_names) {
  DelimitedText text(values.rows, values.cols, delimiter, row_names, column_names);
  return text.Next(values);
}

}  // namespace

absl::StatusOr<DelimitedMatrix> ParseDelimited(std::string_view text, char delimiter, std::string_view name) {
  text = WithoutByteOrderMark(text);
  CONEC_ASSIGN_OR_RETURN(std::vector<Line> lines, SplitLines(text, delimiter, name));
  if (lines.empty()) return DataLoss("{}: no row of numbers", name);
  CONEC_ASSIGN_OR_RETURN(const bool has_header, IsHeader(lines, name));
  const std::size_t first = has_header ? 1 : 0;
  if (lines.size() <= first) return DataLoss("{}: no row of numbers", name);
  CONEC_ASSIGN_OR_RETURN(const bool has_row_names, HaveRowNames(lines, first, name));
  const std::size_t width = lines[first].fields.size(), skip = has_row_names ? 1 : 0;
  DelimitedMatrix result;
  if (first == 1) {
    std::vector<std::string>& header = lines[0].fields;
    // A header may leave out the field above the row names.
    const std::size_t drop = header.size() == width ? skip : 0;
    if (header.size() - drop != width - skip) {
      return DataLoss("{}:{}: a header of {} fields above {} columns", name, lines[0].number, header.size(), width);
    }
    result.column_names.assign(std::make_move_iterator(header.begin() + static_cast<std::ptrdiff_t>(drop)),
                               std::make_move_iterator(header.end()));
  }
  CONEC_ASSIGN_OR_RETURN(result.values, Matrix<double>::Create(lines.size() - first, width - skip));
  for (std::size_t i = first; i < lines.size(); ++i) {
    if (lines[i].fields.size() != width) {
      return DataLoss("{}:{}: {} fields, the lines before have {}", name, lines[i].number, lines[i].fields.size(),
                      width);
    }
    CONEC_RETURN_IF_ERROR(FillRow(lines[i], skip, name, result.values.row(i - first)));
    if (skip == 1) result.row_names.push_back(std::move(lines[i].fields[0]));
  }
  return result;
}

absl::StatusOr<std::string> FormatDelimited(MatrixView<const double> values, char delimiter,
                                            const std::vector<std::string>& row_names,
                                            const std::vector<std::string>& column_names) {
  return FormatWhole(values, delimiter, row_names, column_names);
}

absl::StatusOr<std::string> FormatDelimited(MatrixView<const float> values, char delimiter,
                                            const std::vector<std::string>& row_names,
                                            const std::vector<std::string>& column_names) {
  return FormatWhole(values, delimiter, row_names, column_names);
}

DelimitedText::DelimitedText(std::size_t rows, std::size_t cols, char delimiter,
                             const std::vector<std::string>& row_names, const std::vector<std::string>& column_names)
    : rows_(rows), cols_(cols), delimiter_(delimiter), row_names_(row_names), column_names_(column_names) {}

absl::Status DelimitedText::Check(std::size_t rows, std::size_t cols) const {
  if ((!row_names_.empty() && row_names_.size() != rows_) ||
      (!column_names_.empty() && column_names_.size() != cols_)) {
    return InvalidArgument("{} row names and {} column names for a matrix of {} x {}", row_names_.size(),
                           column_names_.size(), rows_, cols_);
  }
  if (cols == cols_ && rows <= rows_ - done_) return absl::OkStatus();
  return InvalidArgument("{} x {} numbers are not the next of {} rows of {}", rows, cols, rows_ - done_, cols_);
}

std::string DelimitedText::Header() const {
  std::string text;
  const bool numbers_columns = column_names_.empty() && std::any_of(row_names_.begin(), row_names_.end(), IsNumber);
  if (!numbers_columns && column_names_.empty()) return text;
  if (!row_names_.empty()) text += delimiter_;
  for (const std::string& name : column_names_) (text += Quoted(name, delimiter_)) += delimiter_;
  for (std::size_t j = 1; numbers_columns && j <= cols_; ++j) text += fmt::format("{}{}", j, delimiter_);
  text.back() = '\n';
  return text;
}

template <typename Real>
absl::StatusOr<std::string> DelimitedText::Next(MatrixView<const Real> values) {
  CONEC_RETURN_IF_ERROR(Check(values.rows, values.cols));
  const bool is_first = done_ == 0;
  std::string text = is_first ? Header() : "";
  const bool announces = !text.empty() && !row_names_.empty();
  for (std::size_t i = 0; i < values.rows; ++i, ++done_) {
    const std::size_t line = text.size();
    if (!row_names_.empty()) (text += Quoted(row_names_[done_], delimiter_)) += delimiter_;
    const std::size_t numbers = text.size();
    for (const Real value : values.row(i)) {
      if (!std::isnan(value)) text += fmt::format("{}", value);
      text += delimiter_;
    }
    if (values.cols == 0 && row_names_.empty()) continue;
    text.back() = '\n';
    if (values.cols > 0 && Trim(std::string_view(text).substr(line, text.size() - 1 - line)).empty())
      text.insert(numbers, "NA");
  }
  // Nothing there would announce a header and row names.
  if (is_first && !announces && text.starts_with(delimiter_)) text.insert(0, "NA");
  return text;
}

template absl::StatusOr<std::string> DelimitedText::Next(MatrixView<const float>);
template absl::StatusOr<std::string> DelimitedText::Next(MatrixView<const double>);

}  // namespace conec::simec
