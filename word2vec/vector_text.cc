// Reading vectors as text. The body is cut at its line breaks first; lines are then parsed by all threads, each into
// its own row, without looking at errors; the first bad line, if any, is looked at again to say what is wrong with it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "word2vec/vector_file_internal.h"

namespace conec::word2vec::vector_file_internal {
namespace {

constexpr std::string_view kBlanks = " \t";

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

// The value of a number outside the range of normal floats: from_chars() leaves it to us to tell large from small.
float OutOfRange(const char* first, const char* last) {
  double value = 0;
  if (std::from_chars(first, last, value).ec == std::errc()) return static_cast<float>(value);  // 0, tiny or infinite
  const std::string_view text(first, static_cast<std::size_t>(last - first));
  const std::size_t exponent = text.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
  const float magnitude = tiny ? 0.0f : std::numeric_limits<float>::infinity();
  return text.starts_with('-') ? -magnitude : magnitude;
}

// One number at `first`; the character after it, or nullptr if there is none.
const char* ParseNumber(const char* first, const char* last, float& value) {
  if (first != last && *first == '+') ++first;
  const auto [next, error] = std::from_chars(first, last, value);
  if (error == std::errc::result_out_of_range) {
    value = OutOfRange(first, next);
  } else if (error != std::errc()) {
    return nullptr;
  }
  return next == last || IsBlank(*next) ? next : nullptr;
}

const char* SkipBlanks(const char* first, const char* last) {
  while (first != last && IsBlank(*first)) ++first;
  return first;
}

// True if `text` is exactly numbers.size() numbers.
bool ParseNumbers(std::string_view text, std::span<float> numbers) {
  const char* next = text.data();
  const char* const last = next + text.size();
  for (float& number : numbers) {
    next = ParseNumber(SkipBlanks(next, last), last, number);
    if (next == nullptr) return false;
  }
  return SkipBlanks(next, last) == last;
}

std::string_view TrimRight(std::string_view text, std::string_view blanks) {
  const std::size_t end = text.find_last_not_of(blanks);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

// `text` without its last `count` columns, or nothing if it has no more than those.
std::string_view DropLastColumns(std::string_view text, std::size_t count) {
  for (text = TrimRight(text, kBlanks); count > 0 && !text.empty(); --count) {
    const std::size_t blank = text.find_last_of(kBlanks);
    text = TrimRight(text.substr(0, blank == std::string_view::npos ? 0 : blank), kBlanks);
  }
  return text;
}

// A word that holds blanks: what stands before the last columns, unless that ends in a number.
bool ParseWordWithBlanks(std::string_view line, std::span<float> numbers, std::string_view& word) {
  word = DropLastColumns(line, numbers.size());
  if (word.empty() || IsBlank(word.front())) return false;
  const std::size_t blank = word.find_last_of(kBlanks);
  if (blank != std::string_view::npos && IsNumber(word.substr(blank + 1))) return false;
  return ParseNumbers(line.substr(word.size()), numbers);
}

bool ParseWordLine(std::string_view line, std::span<float> numbers, std::string_view& word) {
  const std::size_t blank = std::min(line.find_first_of(kBlanks), line.size());
  word = line.substr(0, blank);
  if (!word.empty() && ParseNumbers(line.substr(blank), numbers)) return true;
  return ParseWordWithBlanks(line, numbers, word);
}

// Why ParseWordLine() or ParseNumbers() failed.
absl::Status ExplainLine(std::string_view place, std::string_view line, std::size_t dim, bool has_word) {
  const std::vector<std::string_view> columns = Columns(line);
  const std::size_t expected = dim + (has_word ? 1 : 0);
  if (has_word && !line.empty() && IsBlank(line.front())) return DataLoss("{}: no word before the numbers", place);
  if (columns.size() != expected) {
    return DataLoss("{}: expected {}{} numbers, found {} columns", place, has_word ? "a word and " : "", dim,
                    columns.size());
  }
  for (std::size_t i = has_word ? 1 : 0; i < columns.size(); ++i) {
    if (!IsNumber(columns[i])) return DataLoss("{}: column {}: {} is not a number", place, i + 1, Quote(columns[i]));
  }
  return Internal("{}: cannot be read", place);
}

// The lines of `text`, which has no blank end, without their line breaks. kDataLoss at a blank line, so that the lines
// found are bounded by the size of the file.
absl::StatusOr<std::vector<std::string_view>> SplitLines(const std::string& path, std::string_view text,
                                                         std::size_t first_line, std::size_t max_lines) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < max_lines) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = TrimRight(line, " \t\r");
    if (line.empty()) return DataLoss("{}:{}: blank line", path, first_line + lines.size());
    lines.push_back(line);
  }
  return lines;
}

// The first line too short for `dim` numbers, or lines.size(): looked for before the matrix is allocated, so that its
// size is bounded by the file's.
std::size_t FirstShortLine(std::span<const std::string_view> lines, std::size_t dim) {
  const auto is_short = [dim](std::string_view line) { return line.size() / 2 + 1 < dim; };
  return static_cast<std::size_t>(std::ranges::find_if(lines, is_short) - lines.begin());
}

// Parses lines[i] into row i; returns the index of the first bad line, or lines.size().
std::size_t ParseLines(std::span<const std::string_view> lines, MatrixView<float> matrix,
                       std::vector<corpora::WordCount>* words, int threads) {
  constexpr std::size_t kWorthThreads = 1 << 16;  // numbers
  const int team = lines.size() * matrix.cols < kWorthThreads ? 1 : ThreadCount(threads);
  std::size_t first_bad = lines.size();
#pragma omp parallel for schedule(static) num_threads(team) reduction(min : first_bad)
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > first_bad) continue;
    std::string_view word;
    const bool good =
        words == nullptr ? ParseNumbers(lines[i], matrix.row(i)) : ParseWordLine(lines[i], matrix.row(i), word);
    if (!good) {
      first_bad = std::min(first_bad, i);
    } else if (words != nullptr) {
      (*words)[i].word = word;
    }
  }
  return first_bad;
}

// What a text file's lines are to be read as.
struct Layout {
  std::string_view body;         // without the header line
  std::size_t first_line = 1;    // of the body
  std::optional<Header> header;  // of word2vec-text
};

absl::StatusOr<std::vector<std::string_view>> BodyLines(const std::string& path, const Layout& layout,
                                                        const LoadOptions& options) {
  const std::size_t limit = options.max_words == 0 ? std::numeric_limits<std::size_t>::max() : options.max_words;
  const std::size_t promised = layout.header ? layout.header->words : limit;
  // One line more than promised shows that there are too many.
  const std::size_t wanted = limit < promised ? limit : promised + (layout.header ? 1 : 0);
  CONEC_ASSIGN_OR_RETURN(auto lines, SplitLines(path, TrimRight(layout.body, " \t\r\n"), layout.first_line, wanted));
  if (lines.size() < std::min(promised, limit) && layout.header) {
    return DataLoss("{}: truncated: its first line promises {} words, it has {}", path, promised, lines.size());
  }
  if (layout.header && lines.size() > promised) {
    return DataLoss("{}:{}: the first line promises {} words, here is one more", path, layout.first_line + promised,
                    promised);
  }
  return lines;
}

// The number of columns that are numbers at the end of the first line; the first column is the word whatever it is.
absl::StatusOr<std::size_t> GuessDim(const std::string& path, std::string_view line) {
  const std::vector<std::string_view> columns = Columns(line);
  std::size_t dim = 0;
  while (dim + 1 < columns.size() && IsNumber(columns[columns.size() - 1 - dim])) ++dim;
  if (dim == 0) return DataLoss("{}:1: expected a word and numbers", path);
  return dim;
}

absl::StatusOr<Layout> HeaderLayout(const std::string& path, std::string_view text) {
  const std::optional<Header> header = ParseHeader(text);
  if (!header) return DataLoss("{}:1: expected the number of words and of dimensions", path);
  const std::string_view body = text.substr(header->size);
  CONEC_RETURN_IF_ERROR(CheckHeader(*header, body.size() + 1, 2, path));  // + 1: the last line break may be missing
  return Layout{body, 2, header};
}

}  // namespace

bool IsNumber(std::string_view text) {
  float value;
  return !text.empty() && ParseNumber(text.data(), text.data() + text.size(), value) == text.data() + text.size();
}

std::vector<std::string_view> Columns(std::string_view line) {
  std::vector<std::string_view> columns;
  for (std::size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    columns.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
  return columns;
}

std::string_view FirstLine(std::string_view text) {
  return TrimRight(text.substr(0, text.find('\n')), "\r");
}

std::optional<Header> ParseHeader(std::string_view text) {
  constexpr std::size_t kLongest = 64;  // two numbers of 20 digits and some blanks
  const std::size_t end = text.substr(0, kLongest).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> columns = Columns(TrimRight(text.substr(0, end), " \t\r"));
  if (columns.size() != 2 || text.substr(0, end).find('\t') != std::string_view::npos) return std::nullopt;
  const auto whole = [](std::string_view column, std::uint64_t& value) {
    const auto [next, error] = std::from_chars(column.data(), column.data() + column.size(), value);
    return error == std::errc() && next == column.data() + column.size();
  };
  Header header{0, 0, end + 1};
  if (!whole(columns[0], header.words) || !whole(columns[1], header.dim)) return std::nullopt;
  return header;
}

bool BodyIsText(std::string_view text, std::uint64_t dim) {
  const std::string_view line = FirstLine(text);
  const std::size_t blank = std::min(line.find_first_of(kBlanks), line.size());
  const std::string_view numbers =
      line.substr(blank).substr(0, dim < line.size() ? 1 + 4 * static_cast<std::size_t>(dim) : line.size());
  const auto printable = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
  if (!std::all_of(numbers.begin(), numbers.end(), printable)) return false;
  const std::vector<std::string_view> columns = Columns(numbers);
  return std::any_of(columns.begin(), columns.end(), IsNumber);
}

absl::StatusOr<Rows> ReadText(const std::string& path, std::string_view text, bool has_header,
                              const LoadOptions& options) {
  Layout layout{text, 1, std::nullopt};
  if (has_header) {
    CONEC_ASSIGN_OR_RETURN(layout, HeaderLayout(path, text));
  }
  CONEC_ASSIGN_OR_RETURN(const auto lines, BodyLines(path, layout, options));
  if (lines.empty()) return DataLoss("{}: no words", path);
  std::size_t dim = layout.header ? static_cast<std::size_t>(layout.header->dim) : 0;
  if (dim == 0) {
    CONEC_ASSIGN_OR_RETURN(dim, GuessDim(path, lines[0]));
  }
  Rows rows{.words = std::vector<corpora::WordCount>(lines.size()),
            .vectors = {},
            .file = path,
            .first_line = layout.first_line};
  std::size_t bad = FirstShortLine(lines, dim);
  if (bad < lines.size()) return ExplainLine(rows.Place(bad), lines[bad], dim, true);
  CONEC_ASSIGN_OR_RETURN(rows.vectors, Matrix<float>::Create(lines.size(), dim));
  bad = ParseLines(lines, rows.vectors.view(), &rows.words, options.threads);
  if (bad < lines.size()) return ExplainLine(rows.Place(bad), lines[bad], dim, true);
  return rows;
}

absl::StatusOr<Matrix<float>> ReadNumberLines(const std::string& path, std::string_view text,
                                              const LoadOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const auto lines, BodyLines(path, Layout{text, 1, std::nullopt}, options));
  if (lines.empty()) return DataLoss("{}: no numbers", path);
  const std::size_t dim = Columns(lines[0]).size();
  const auto explain = [&](std::size_t i) {
    return ExplainLine(fmt::format("{}:{}", path, i + 1), lines[i], dim, false);
  };
  std::size_t bad = FirstShortLine(lines, dim);
  if (bad < lines.size()) return explain(bad);
  CONEC_ASSIGN_OR_RETURN(auto matrix, Matrix<float>::Create(lines.size(), dim));
  bad = ParseLines(lines, matrix.view(), nullptr, options.threads);
  if (bad < lines.size()) return explain(bad);
  return matrix;
}

}  // namespace conec::word2vec::vector_file_internal
