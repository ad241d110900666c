// The Matrix Market exchange format (NIST): what scipy.io.mmwrite, R's Matrix and Julia write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::simec {

// Entries of a matrix; symmetric and skew-symmetric files are unfolded.
struct MatrixMarket {
  std::int64_t rows = 0, cols = 0;
  bool is_dense = false;                  // of an array file: all entries are there, row by row
  std::vector<std::int64_t> row, column;  // of each entry, from 0; empty for a dense one
  std::vector<double> values;             // 1 for a pattern; integers as they are
  bool single = false;                    // the values are float32, whose fewest digits are fewer
};

// Reads "matrix coordinate" and "matrix array" of real, integer and pattern entries, general, symmetric or
// skew-symmetric. NaN is allowed as a value (missing). `name` is for messages: kDataLoss "NAME:LINE: ..." for
// what is complex or hermitian, indices outside the matrix, counts that do not fit the file, and what is not a number;
// kResourceExhausted above 2^28 rows or columns.
absl::StatusOr<MatrixMarket> ParseMatrixMarket(std::string_view text, std::string_view name);

// "matrix array real general" or "matrix coordinate real general", with the fewest digits that give the same numbers.
std::string FormatMatrixMarket(const MatrixMarket& matrix);

}  // namespace conec::simec
