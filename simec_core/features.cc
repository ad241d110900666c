#include "simec_core/features.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "simec_core/blocks.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr double kAsymmetry = 1e-5;  // relative to the largest entry; float32 products of float32 rows reach 1e-6

// InvalidArgument naming the first entry that is not finite.
absl::Status NotFinite(const at::Tensor& matrix, std::string_view name) {
  const at::Tensor place = matrix.isfinite().logical_not().nonzero()[0];
  const auto row = place[0].item<std::int64_t>(), column = place[1].item<std::int64_t>();
  return InvalidArgument("{}: row {}, column {} is {}", name, row + 1, column + 1, matrix[row][column].item<double>());
}

}  // namespace

Features Features::SelectRows(const at::Tensor& index) const {
  if (is_sparse_) return sparse_.SelectRows(index);
  return dense_.index_select(0, index.to(dense_.device()));
}

Features Features::SliceRows(std::int64_t begin, std::int64_t end) const {
  if (is_sparse_) return sparse_.SliceRows(begin, end);
  return dense_.narrow(0, begin, end - begin);
}

at::Tensor Features::MatMul(const at::Tensor& right) const {
  return is_sparse_ ? sparse_.MatMul(right) : dense_.matmul(right);
}

at::Tensor Features::TransposedMatMul(const at::Tensor& right) const {
  return is_sparse_ ? sparse_.TransposedMatMul(right) : dense_.t().matmul(right);
}

at::Tensor Features::RowSums() const {
  return is_sparse_ ? sparse_.RowSums() : dense_.sum(1);
}

at::Tensor Features::RowSquaredNorms() const {
  return is_sparse_ ? sparse_.RowSquaredNorms() : dense_.square().sum(1);
}

at::Tensor Features::ColumnMeans() const {
  return is_sparse_ ? sparse_.ColumnSums() / static_cast<double>(sparse_.rows()) : dense_.mean(0);
}

absl::Status CheckMatrix(const at::Tensor& matrix, std::string_view name) {
  if (!matrix.defined()) return InvalidArgument("{}: no matrix is given", name);
  if (matrix.dim() != 2) return InvalidArgument("{}: expected a matrix, got {} dimension(s)", name, matrix.dim());
  if (matrix.scalar_type() != at::kFloat && matrix.scalar_type() != at::kDouble) {
    return InvalidArgument("{}: expected float32 or float64", name);
  }
  if (matrix.numel() == 0)
    return InvalidArgument("{}: a matrix of {} x {} is empty", name, matrix.size(0), matrix.size(1));
  return CatchTorch(name, [&] {
    // A sum is finite if its terms are; the converse fails only near the largest number, so look closer then.
    const bool may_be_bad = !std::isfinite(matrix.sum().item<double>());
    return may_be_bad && !matrix.isfinite().all().item<bool>() ? NotFinite(matrix, name) : absl::OkStatus();
  });
}

absl::Status CheckFeatures(const Features& features, std::string_view name) {
  if (!features.is_sparse()) return CheckMatrix(features.dense(), name);
  if (features.rows() > 0 && features.cols() > 0) return absl::OkStatus();  // the rest CsrMatrix::Create saw
  return InvalidArgument("{}: a matrix of {} x {} is empty", name, features.rows(), features.cols());
}

absl::Status CheckSymmetric(const at::Tensor& matrix, std::string_view name) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(matrix, name));
  const std::int64_t n = matrix.size(0);
  if (n != matrix.size(1)) return InvalidArgument("{}: a matrix of {} x {} is not square", name, n, matrix.size(1));
  return CatchTorch(name, [&]() -> absl::Status {
    const double tolerance = kAsymmetry * std::max(-matrix.min().item<double>(), matrix.max().item<double>());
    for (std::int64_t i = 0; i < n; i += kRowsPerBlock) {
      const std::int64_t rows = std::min(kRowsPerBlock, n - i);
      const at::Tensor difference = (matrix.narrow(0, i, rows) - matrix.narrow(1, i, rows).t()).abs_();
      if (!(difference.max().item<double>() > tolerance)) continue;
      const std::int64_t worst = difference.argmax().item<std::int64_t>(), row = i + worst / n, column = worst % n;
      return InvalidArgument("{}: not symmetric, row {}, column {} is {} but row {}, column {} is {}", name, row + 1,
                             column + 1, matrix[row][column].item<double>(), column + 1, row + 1,
                             matrix[column][row].item<double>());
    }
    return absl::OkStatus();
  });
}

}  // namespace conec::simec
