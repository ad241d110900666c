// What data points are given by: rows of numbers, dense or sparse.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "simec_core/csr_matrix.h"

namespace conec::simec {

// m data points as rows of a dense tensor (m x D, any floating type and device) or of a sparse matrix. Copies share
// memory.
class Features {
 public:
  Features() = default;
  Features(at::Tensor dense) : dense_(std::move(dense)) {}                      // NOLINT(google-explicit-constructor)
  Features(CsrMatrix sparse) : sparse_(std::move(sparse)), is_sparse_(true) {}  // NOLINT(google-explicit-constructor)

  bool is_sparse() const { return is_sparse_; }
  std::int64_t rows() const { return is_sparse_ ? sparse_.rows() : dense_.defined() ? dense_.size(0) : 0; }
  std::int64_t cols() const { return is_sparse_ ? sparse_.cols() : dense_.defined() ? dense_.size(1) : 0; }
  const at::Tensor& dense() const { return dense_; }
  const CsrMatrix& sparse() const { return sparse_; }
  at::ScalarType scalar_type() const { return is_sparse_ ? sparse_.scalar_type() : dense_.scalar_type(); }

  Features SelectRows(const at::Tensor& index) const;
  Features SliceRows(std::int64_t begin, std::int64_t end) const;
  at::Tensor MatMul(const at::Tensor& right) const;            // X (m x D) * right (D x k)
  at::Tensor TransposedMatMul(const at::Tensor& right) const;  // X^T (D x m) * right (m x k)
  at::Tensor RowSums() const;
  at::Tensor RowSquaredNorms() const;
  at::Tensor ColumnMeans() const;

 private:
  at::Tensor dense_;
  CsrMatrix sparse_;
  bool is_sparse_ = false;
};

// Messages of this room count rows and columns from 1, as simec and text editors do; indices in its interfaces count
// from 0.
//
// kInvalidArgument, beginning with `name`, unless `matrix` is a defined two-dimensional float32 or float64 tensor
// whose entries are finite.
absl::Status CheckMatrix(const at::Tensor& matrix, std::string_view name);
absl::Status CheckFeatures(const Features& features, std::string_view name);
// The same, and rows = columns, and |a_ij - a_ji| <= 1e-5 * max |a|.
absl::Status CheckSymmetric(const at::Tensor& matrix, std::string_view name);

}  // namespace conec::simec
