// Sparse matrices in compressed rows: what bags of words, fingerprints and rating matrices come as.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "base/status.h"

namespace conec::simec {

// Row i has values[k] in column columns[k] for k in [row_offsets[i], row_offsets[i+1]), columns ascending, each once.
// Immutable; copies share their tensors. In the CPU's memory.
class CsrMatrix {
 public:
  CsrMatrix() = default;

  // row_offsets: rows + 1 int64, columns and values: as many as the last offset; columns int64, values float32 or
  // float64. kInvalidArgument naming the row if the columns are not ascending within [0, cols), or if a value is
  // NaN or infinite.
  static absl::StatusOr<CsrMatrix> Create(at::Tensor row_offsets, at::Tensor columns, at::Tensor values,
                                          std::int64_t cols);
  // One entry per (row, column, value), in any order; those of one place are added up.
  static absl::StatusOr<CsrMatrix> FromEntries(std::span<const std::int64_t> row_of,
                                               std::span<const std::int64_t> column_of, std::span<const double> values,
                                               std::int64_t rows, std::int64_t cols, at::ScalarType type = at::kDouble);
  // The entries of a dense m x n matrix that are not zero.
  static absl::StatusOr<CsrMatrix> FromDense(const at::Tensor& dense);

  std::int64_t rows() const { return row_offsets_.defined() ? row_offsets_.size(0) - 1 : 0; }
  std::int64_t cols() const { return cols_; }
  std::int64_t entries() const { return values_.defined() ? values_.size(0) : 0; }
  at::ScalarType scalar_type() const { return values_.scalar_type(); }
  const at::Tensor& row_offsets() const { return row_offsets_; }
  const at::Tensor& columns() const { return columns_; }
  const at::Tensor& values() const { return values_; }

  // The rest needs tensors that fit (a programmer's matter: not checked).
  at::Tensor ToDense() const;
  CsrMatrix To(at::ScalarType type) const;
  CsrMatrix WithValues(at::Tensor values) const;        // the same pattern
  CsrMatrix SelectRows(const at::Tensor& index) const;  // int64 row numbers, in their order
  CsrMatrix SliceRows(std::int64_t begin, std::int64_t end) const;
  CsrMatrix Transposed() const;

  at::Tensor MatMul(const at::Tensor& dense) const;            // this (m x n) * dense (n x k): m x k
  at::Tensor TransposedMatMul(const at::Tensor& dense) const;  // this^T (n x m) * dense (m x k): n x k
  at::Tensor RowSums() const;                                  // m
  at::Tensor RowSquaredNorms() const;                          // m
  at::Tensor ColumnSums() const;                               // n

 private:
  at::Tensor row_offsets_, columns_, values_;
  std::int64_t cols_ = 0;
};

// a * b, dense (m x n). Takes b's entries by its rows: to get a * c^T give c.Transposed(), once for many a.
at::Tensor SparseProduct(const CsrMatrix& a, const CsrMatrix& b);

}  // namespace conec::simec
