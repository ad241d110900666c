#include "simec_core/matrix_market.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace conec::simec {
namespace {

constexpr std::int64_t kMaxSide = std::int64_t{1} << 28;

enum class Symmetry { kGeneral, kSymmetric, kSkew };

struct Header {
  bool is_dense = false, is_pattern = false;
  Symmetry symmetry = Symmetry::kGeneral;
};

// Lines that count, split at blanks, with their numbers.
class LineReader {
 public:
  LineReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  // Skips comments and blank lines; false at the end.
  bool Next(std::vector<std::string_view>& words) {
    while (!text_.empty()) {
      const std::string_view line = TakeLine();
      if (line.starts_with('%')) continue;
      Split(line, words);
      if (!words.empty()) return true;
    }
    return false;
  }

  std::string_view TakeLine() {
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++number_;
    return line;
  }

  static void Split(std::string_view line, std::vector<std::string_view>& words) {
    constexpr std::string_view kBlank = " \t\r\f\v";
    words.clear();
    for (std::size_t begin = line.find_first_not_of(kBlank); begin != std::string_view::npos;) {
      const std::size_t end = line.find_first_of(kBlank, begin);
      words.push_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
      begin = end == std::string_view::npos ? end : line.find_first_not_of(kBlank, end);
    }
  }

  template <typename... Args>
  absl::Status Error(fmt::format_string<Args...> format, Args&&... args) const {
    return DataLoss("{}:{}: {}", name_, number_, fmt::format(format, std::forward<Args>(args)...));
  }

  std::size_t bytes_left() const { return text_.size(); }

 private:
  std::string_view text_, name_;
  std::size_t number_ = 0;
};

template <typename T>
bool Parse(std::string_view word, T& value) {
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size();
}

absl::StatusOr<Header> ReadHeader(LineReader& lines) {
  std::string first(lines.TakeLine());
  std::transform(first.begin(), first.end(), first.begin(), [](unsigned char c) { return std::tolower(c); });
  std::vector<std::string_view> words;
  LineReader::Split(first, words);
  if (words.size() != 5 || words[0] != "%%matrixmarket" || words[1] != "matrix") {
    return lines.Error("expected '%%MatrixMarket matrix FORMAT FIELD SYMMETRY'");
  }
  Header header;
  header.is_dense = words[2] == "array";
  header.is_pattern = words[3] == "pattern";
  if (!header.is_dense && words[2] != "coordinate") return lines.Error("unknown format '{}'", words[2]);
  const bool is_number = words[3] == "real" || words[3] == "integer" || words[3] == "double";
  if (!is_number && (!header.is_pattern || header.is_dense)) {
    return lines.Error("'{}' entries of '{}' files are not read, only real, integer and pattern", words[3], words[2]);
  }
  if (words[4] == "symmetric") {
    header.symmetry = Symmetry::kSymmetric;
  } else if (words[4] == "skew-symmetric") {
    header.symmetry = Symmetry::kSkew;
  } else if (words[4] != "general") {
    return lines.Error("'{}' matrices are not read, only general, symmetric and skew-symmetric", words[4]);
  }
  return header;
}

absl::Status ReadSizes(LineReader& lines, const Header& header, MatrixMarket& matrix, std::int64_t& entries) {
  std::vector<std::string_view> words;
  const std::size_t expected = header.is_dense ? 2 : 3;
  if (!lines.Next(words) || words.size() != expected || !Parse(words[0], matrix.rows) ||
      !Parse(words[1], matrix.cols) || (!header.is_dense && !Parse(words[2], entries))) {
    return lines.Error("expected rows, columns{}", header.is_dense ? "" : " and the number of entries");
  }
  if (matrix.rows < 0 || matrix.cols < 0 || entries < 0) return lines.Error("sizes must not be negative");
  if (matrix.rows > kMaxSide || matrix.cols > kMaxSide) {
    return ResourceExhausted("a matrix of {} x {} is too large", matrix.rows, matrix.cols);
  }
  if (header.symmetry != Symmetry::kGeneral && matrix.rows != matrix.cols) {
    return lines.Error("a symmetric matrix of {} x {}", matrix.rows, matrix.cols);
  }
  return absl::OkStatus();
}

absl::Status ReadCoordinates(LineReader& lines, const Header& header, std::int64_t entries, MatrixMarket& matrix) {
  if (static_cast<std::uint64_t>(entries) > lines.bytes_left() / 3) {  // "1 1" and a line break, but for the last
    if (entries > 1 || lines.bytes_left() < 3)
      return lines.Error("{} entries are announced, the file is too short", entries);
  }
  std::vector<std::string_view> words;
  for (std::int64_t e = 0; e < entries; ++e) {
    if (!lines.Next(words)) return lines.Error("{} entries are announced, only {} are there", entries, e);
    std::int64_t row = 0, column = 0;
    double value = 1;
    if (words.size() != (header.is_pattern ? 2u : 3u) || !Parse(words[0], row) || !Parse(words[1], column) ||
        (!header.is_pattern && !Parse(words[2], value))) {
      return lines.Error("expected row, column{}", header.is_pattern ? "" : " and a number");
    }
    if (row < 1 || row > matrix.rows || column < 1 || column > matrix.cols) {
      return lines.Error("entry ({}, {}) lies outside of the {} x {} matrix", row, column, matrix.rows, matrix.cols);
    }
    const auto add = [&](std::int64_t i, std::int64_t j, double x) {
      matrix.row.push_back(i - 1);
      matrix.column.push_back(j - 1);
      matrix.values.push_back(x);
    };
    add(row, column, value);
    if (header.symmetry != Symmetry::kGeneral && row != column) {
      add(column, row, header.symmetry == Symmetry::kSkew ? -value : value);
    }
  }
  return lines.Next(words) ? lines.Error("more than the {} entries that are announced", entries) : absl::OkStatus();
}

// Column by column; of symmetric matrices the lower triangle, of skew-symmetric ones without the diagonal.
absl::Status ReadArray(LineReader& lines, const Header& header, MatrixMarket& matrix) {
  const auto rows = static_cast<std::uint64_t>(matrix.rows), cols = static_cast<std::uint64_t>(matrix.cols);
  const bool is_general = header.symmetry == Symmetry::kGeneral;
  if (rows * cols / (is_general ? 1 : 2) > (lines.bytes_left() + 1) / 2 + rows) {
    return lines.Error("the file is too short for {} x {} numbers", rows, cols);
  }
  matrix.values.resize(rows * cols);
  std::vector<std::string_view> words;
  for (std::uint64_t j = 0; j < cols; ++j) {
    for (std::uint64_t i = is_general ? 0 : header.symmetry == Symmetry::kSkew ? j + 1 : j; i < rows; ++i) {
      double value = 0;
      if (!lines.Next(words) || words.size() != 1 || !Parse(words[0], value)) {
        return lines.Error("expected the number of row {}, column {}", i + 1, j + 1);
      }
      matrix.values[i * cols + j] = value;
      if (!is_general && i != j) matrix.values[j * cols + i] = header.symmetry == Symmetry::kSkew ? -value : value;
    }
  }
  return lines.Next(words) ? lines.Error("more numbers than {} x {}", rows, cols) : absl::OkStatus();
}

std::string Number(const MatrixMarket& matrix, std::size_t entry) {
  const double value = matrix.values[entry];
  return matrix.single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
}

}  // namespace

absl::StatusOr<MatrixMarket> ParseMatrixMarket(std::string_view text, std::string_view name) {
  LineReader lines(text, name);
  CONEC_ASSIGN_OR_RETURN(const Header header, ReadHeader(lines));
  MatrixMarket matrix;
  matrix.is_dense = header.is_dense;
  std::int64_t entries = 0;
  CONEC_RETURN_IF_ERROR(ReadSizes(lines, header, matrix, entries));
  CONEC_RETURN_IF_ERROR(header.is_dense ? ReadArray(lines, header, matrix)
                                        : ReadCoordinates(lines, header, entries, matrix));
  return matrix;
}

std::string FormatMatrixMarket(const MatrixMarket& matrix) {
  std::string text = fmt::format("%%MatrixMarket matrix {} real general\n", matrix.is_dense ? "array" : "coordinate");
  if (!matrix.is_dense) {
    text += fmt::format("{} {} {}\n", matrix.rows, matrix.cols, matrix.values.size());
    for (std::size_t e = 0; e < matrix.values.size(); ++e) {
      text += fmt::format("{} {} {}\n", matrix.row[e] + 1, matrix.column[e] + 1, Number(matrix, e));
    }
    return text;
  }
  text += fmt::format("{} {}\n", matrix.rows, matrix.cols);
  for (std::int64_t j = 0; j < matrix.cols; ++j) {
    for (std::int64_t i = 0; i < matrix.rows; ++i) {
      text += fmt::format("{}\n", Number(matrix, static_cast<std::size_t>(i * matrix.cols + j)));
    }
  }
  return text;
}

}  // namespace conec::simec
