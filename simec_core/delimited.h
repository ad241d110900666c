// Matrices of numbers as text: CSV and TSV with or without a header and row names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"

namespace conec::simec {

struct DelimitedMatrix {
  Matrix<double> values;                  // NaN where a field is missing
  std::vector<std::string> row_names;     // none, or one per row
  std::vector<std::string> column_names;  // none, or one per column of `values`
};

// Fields lie between delimiters (comma, tab, ...), blanks around them do not count; one in double quotes may hold the
// delimiter, and a quote twice. Missing is: nothing, NA, NaN or ?. Lines without text and those that begin with # do
// not count. Line ends may be CR LF, and a byte order mark may come first.
//
// The first line is a header if its first field is empty, as pandas writes it; if no field is a number; if words (and
// no slips like 1e400 or 0.5O) are among numbers and the first is a word; or if only the first is a word and every line
// below begins with an index (digits). The first column holds row names if the first field of a header is empty or left
// out, as R writes it (they may be numbers then), or if no field of it below the header is a number. So a missing first
// number of a file without a header must be written as NA.
//
// `name` is for messages: kDataLoss "NAME:LINE: ..." for lines of different lengths, what is not a number, infinite
// numbers, and no row.
absl::StatusOr<DelimitedMatrix> ParseDelimited(std::string_view text, char delimiter, std::string_view name);

// The fewest digits that give the same number again, as a double or as a float; NaN as nothing, or as NA where the line
// would have no text and not count, or look like a header. No names: no header or column, but row names that are
// numbers get a header of column numbers, without which they would be read as data.
absl::StatusOr<std::string> FormatDelimited(MatrixView<const double> values, char delimiter,
                                            const std::vector<std::string>& row_names = {},
                                            const std::vector<std::string>& column_names = {});
absl::StatusOr<std::string> FormatDelimited(MatrixView<const float> values, char delimiter,
                                            const std::vector<std::string>& row_names = {},
                                            const std::vector<std::string>& column_names = {});

// The same of a matrix of rows x cols whose rows come piece by piece.
class DelimitedText {
 public:
  // Names are kept by reference.
  DelimitedText(std::size_t rows, std::size_t cols, char delimiter, const std::vector<std::string>& row_names,
                const std::vector<std::string>& column_names);

  // The lines of the next rows, before the first of them the header. Real: float or double. kInvalidArgument for
  // names and rows that do not fit.
  template <typename Real>
  absl::StatusOr<std::string> Next(MatrixView<const Real> values);

 private:
  absl::Status Check(std::size_t rows, std::size_t cols) const;
  std::string Header() const;

  std::size_t rows_, cols_, done_ = 0;
  char delimiter_;
  const std::vector<std::string>& row_names_;
  const std::vector<std::string>& column_names_;
};

}  // namespace conec::simec
