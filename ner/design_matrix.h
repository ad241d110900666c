// The features of n tokens without repeating what is equal: a word's vector is stored once however often the word
// stands in the text, and its neighbours' windows refer to it again.
//
//   X = [ T_1[r_1] | T_2[r_2] | ... | S ]      n x p
//
// T_b: a table of dense rows, r_b: for each token the row that it uses. S: sparse features. The columns of X are the
// columns of T_1, then of T_2, ..., then of S.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"

namespace conec::ner {

inline constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();  // a row of zeros

struct DenseBlock {
  MatrixView<const float> table;      // rows x columns; several blocks may share one
  std::vector<std::uint32_t> row_of;  // n values < table.rows, or kNoRow
  std::shared_ptr<const void> owner;  // keeps `table` alive
};

// Compressed sparse rows: the entries of token i are [row_begins[i], row_begins[i + 1]). Columns ascend within a row.
struct SparseBlock {
  std::size_t cols = 0;
  std::vector<std::uint64_t> row_begins;  // n + 1 values
  std::vector<std::uint32_t> columns;
  std::vector<float> values;  // empty: all are 1
};

struct DesignMatrix {
  std::size_t rows = 0;  // n
  std::vector<DenseBlock> dense;
  SparseBlock sparse;  // cols == 0: none

  std::size_t cols() const {  // p
    std::size_t p = sparse.cols;
    for (const DenseBlock& block : dense) p += block.table.cols;
    return p;
  }
};

// kInvalidArgument, saying where, unless all sizes fit together, all rows and columns that are named exist, columns
// ascend, and all values that are used are finite. At most 2^32 - 2 tokens, and 2^31 - 1 columns per table.
absl::Status CheckDesignMatrix(const DesignMatrix& x);

// The tokens `rows` (each < x.rows, in any order, also repeatedly) of x. The tables are shared.
DesignMatrix SelectRows(const DesignMatrix& x, std::span<const std::uint32_t> rows);

}  // namespace conec::ner
