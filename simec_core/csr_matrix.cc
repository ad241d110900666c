#include "simec_core/csr_matrix.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kRowsPerTask = 16;

// Calls function(float{}) or function(double{}).
template <typename Function>
auto WithType(at::ScalarType type, Function&& function) {
  return type == at::kFloat ? function(float{}) : function(double{});
}

absl::Status CheckParts(const at::Tensor& row_offsets, const at::Tensor& columns, const at::Tensor& values,
                        std::int64_t cols) {
  if (row_offsets.dim() != 1 || columns.dim() != 1 || values.dim() != 1 || row_offsets.size(0) < 1 || cols < 0) {
    return InvalidArgument("a sparse matrix needs three vectors: row offsets, columns and values");
  }
  if (row_offsets.scalar_type() != at::kLong || columns.scalar_type() != at::kLong) {
    return InvalidArgument("row offsets and columns of a sparse matrix must be int64");
  }
  if (values.scalar_type() != at::kFloat && values.scalar_type() != at::kDouble) {
    return InvalidArgument("values of a sparse matrix must be float32 or float64");
  }
  if (columns.size(0) != values.size(0)) {
    return InvalidArgument("a sparse matrix with {} columns for {} values", columns.size(0), values.size(0));
  }
  return absl::OkStatus();
}

absl::Status CheckRows(const CsrMatrix& matrix) {
  const std::int64_t* offsets = matrix.row_offsets().data_ptr<std::int64_t>();
  const std::int64_t* columns = matrix.columns().data_ptr<std::int64_t>();
  const std::int64_t rows = matrix.rows();
  if (offsets[0] != 0 || offsets[rows] != matrix.entries()) {
    return InvalidArgument("row offsets of a sparse matrix must begin at 0 and end at {}, the number of its values",
                           matrix.entries());
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    if (offsets[i + 1] < offsets[i] || offsets[i + 1] > matrix.entries()) {
      return InvalidArgument("row offsets of a sparse matrix must ascend: row {}", i + 1);
    }
    for (std::int64_t k = offsets[i]; k < offsets[i + 1]; ++k) {
      if (columns[k] < (k > offsets[i] ? columns[k - 1] + 1 : 0) || columns[k] >= matrix.cols()) {
        return InvalidArgument("row {} of a sparse matrix: columns must ascend within [0, {}), got {}", i + 1,
                               matrix.cols(), columns[k]);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFinite(const CsrMatrix& matrix) {
  return WithType(matrix.scalar_type(), [&](auto zero) -> absl::Status {
    using Real = decltype(zero);
    const Real* values = matrix.values().data_ptr<Real>();
    const Real* end = values + matrix.entries();
    const Real* bad = std::find_if_not(values, end, [](Real x) { return std::isfinite(x); });
    if (bad == end) return absl::OkStatus();
    const std::int64_t* offsets = matrix.row_offsets().data_ptr<std::int64_t>();
    const std::int64_t* after = std::upper_bound(offsets, offsets + matrix.rows() + 1, bad - values);
    return InvalidArgument("row {} of a sparse matrix holds {}", after - offsets, *bad);
  });
}

// Calls row(i, columns of row i, values of row i, how many) for all rows of [begin, end).
template <typename Real, typename Function>
void ForRows(const CsrMatrix& matrix, std::int64_t begin, std::int64_t end, Function&& row) {
  const std::int64_t* offsets = matrix.row_offsets().data_ptr<std::int64_t>();
  const std::int64_t* columns = matrix.columns().data_ptr<std::int64_t>();
  const Real* values = matrix.values().data_ptr<Real>();
  for (std::int64_t i = begin; i < end; ++i) {
    row(i, columns + offsets[i], values + offsets[i], offsets[i + 1] - offsets[i]);
  }
}

template <typename Real>
void AddScaled(Real factor, const Real* x, Real* y, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) y[j] += factor * x[j];
}

}  // namespace

absl::StatusOr<CsrMatrix> CsrMatrix::Create(at::Tensor row_offsets, at::Tensor columns, at::Tensor values,
                                            std::int64_t cols) {
  CONEC_RETURN_IF_ERROR(CheckParts(row_offsets, columns, values, cols));
  return CatchTorch("sparse matrix", [&]() -> absl::StatusOr<CsrMatrix> {
    CsrMatrix matrix;
    matrix.row_offsets_ = row_offsets.cpu().contiguous();
    matrix.columns_ = columns.cpu().contiguous();
    matrix.values_ = values.cpu().contiguous();
    matrix.cols_ = cols;
    CONEC_RETURN_IF_ERROR(CheckRows(matrix));
    CONEC_RETURN_IF_ERROR(CheckFinite(matrix));
    return matrix;
  });
}

absl::StatusOr<CsrMatrix> CsrMatrix::FromEntries(std::span<const std::int64_t> row_of,
                                                 std::span<const std::int64_t> column_of,
                                                 std::span<const double> values, std::int64_t rows, std::int64_t cols,
                                                 at::ScalarType type) {
  if (row_of.size() != column_of.size() || row_of.size() != values.size()) {
    return InvalidArgument("{} rows, {} columns and {} values do not make entries of a sparse matrix", row_of.size(),
                           column_of.size(), values.size());
  }
  std::vector<std::size_t> order(row_of.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(row_of[a], column_of[a]) < std::pair(row_of[b], column_of[b]);
  });
  if (!order.empty() && (row_of[order.front()] < 0 || row_of[order.back()] >= rows)) {
    return InvalidArgument("row_of of a sparse matrix must be within [0, {}), got {}", rows,
                           row_of[order.front()] < 0 ? row_of[order.front()] : row_of[order.back()]);
  }
  return CatchTorch("sparse matrix", [&]() -> absl::StatusOr<CsrMatrix> {
    std::vector<std::int64_t> columns;
    std::vector<double> sums;
    const at::Tensor row_offsets = at::zeros({rows + 1}, at::kLong);
    std::int64_t* offsets = row_offsets.data_ptr<std::int64_t>();
    for (std::size_t k = 0; k < order.size(); ++k) {
      const std::size_t e = order[k];
      if (k > 0 && row_of[e] == row_of[order[k - 1]] && column_of[e] == column_of[order[k - 1]]) {
        sums.back() += values[e];
        continue;
      }
      columns.push_back(column_of[e]);
      sums.push_back(values[e]);
      ++offsets[row_of[e] + 1];
    }
    std::partial_sum(offsets, offsets + rows + 1, offsets);
    const std::int64_t count = static_cast<std::int64_t>(columns.size());
    const at::Tensor column_tensor = at::empty({count}, at::kLong), value_tensor = at::empty({count}, at::kDouble);
    std::copy(columns.begin(), columns.end(), column_tensor.data_ptr<std::int64_t>());
    std::copy(sums.begin(), sums.end(), value_tensor.data_ptr<double>());
    return Create(row_offsets, column_tensor, value_tensor.to(type), cols);
  });
}

absl::StatusOr<CsrMatrix> CsrMatrix::FromDense(const at::Tensor& dense) {
  if (dense.dim() != 2) return InvalidArgument("expected a matrix, got {} dimensions", dense.dim());
  return CatchTorch("sparse matrix", [&]() -> absl::StatusOr<CsrMatrix> {
    const at::Tensor filled = dense.cpu().ne(0), places = filled.nonzero();
    const at::Tensor row_offsets = at::zeros({dense.size(0) + 1}, at::kLong);
    row_offsets.narrow(0, 1, dense.size(0)).copy_(filled.sum(1).cumsum(0));
    return Create(row_offsets, places.select(1, 1).contiguous(), dense.cpu().masked_select(filled), dense.size(1));
  });
}

at::Tensor CsrMatrix::ToDense() const {
  at::Tensor dense = at::zeros({rows(), cols_}, values_.options());
  WithType(scalar_type(), [&](auto zero) {
    using Real = decltype(zero);
    Real* out = dense.data_ptr<Real>();
    ForRows<Real>(*this, 0, rows(),
                  [&](std::int64_t i, const std::int64_t* columns, const Real* values, std::int64_t n) {
                    for (std::int64_t k = 0; k < n; ++k) out[i * cols_ + columns[k]] = values[k];
                  });
  });
  return dense;
}

CsrMatrix CsrMatrix::To(at::ScalarType type) const {
  return WithValues(values_.to(type));
}

CsrMatrix CsrMatrix::WithValues(at::Tensor values) const {
  CsrMatrix matrix = *this;
  matrix.values_ = std::move(values);
  return matrix;
}

CsrMatrix CsrMatrix::SliceRows(std::int64_t begin, std::int64_t end) const {
  const std::int64_t* offsets = row_offsets_.data_ptr<std::int64_t>();
  CsrMatrix part;
  part.cols_ = cols_;
  part.row_offsets_ = row_offsets_.narrow(0, begin, end - begin + 1) - offsets[begin];
  part.columns_ = columns_.narrow(0, offsets[begin], offsets[end] - offsets[begin]);
  part.values_ = values_.narrow(0, offsets[begin], offsets[end] - offsets[begin]);
  return part;
}

CsrMatrix CsrMatrix::SelectRows(const at::Tensor& index) const {
  const at::Tensor chosen = index.cpu().to(at::kLong).contiguous();
  const at::Tensor lengths = row_offsets_.diff().index_select(0, chosen);
  CsrMatrix part;
  part.cols_ = cols_;
  part.row_offsets_ = at::zeros({chosen.size(0) + 1}, at::kLong);
  part.row_offsets_.narrow(0, 1, chosen.size(0)).copy_(lengths.cumsum(0));
  const std::int64_t* to = part.row_offsets_.data_ptr<std::int64_t>();
  part.columns_ = at::empty({to[chosen.size(0)]}, at::kLong);
  part.values_ = at::empty({to[chosen.size(0)]}, values_.options());
  WithType(scalar_type(), [&](auto zero) {
    using Real = decltype(zero);
    std::int64_t* out_columns = part.columns_.data_ptr<std::int64_t>();
    Real* out_values = part.values_.data_ptr<Real>();
    for (std::int64_t r = 0; r < chosen.size(0); ++r) {
      const std::int64_t i = chosen.data_ptr<std::int64_t>()[r];
      ForRows<Real>(*this, i, i + 1,
                    [&](std::int64_t, const std::int64_t* columns, const Real* values, std::int64_t n) {
                      std::copy_n(columns, n, out_columns + to[r]);
                      std::copy_n(values, n, out_values + to[r]);
                    });
    }
  });
  return part;
}

CsrMatrix CsrMatrix::Transposed() const {
  CsrMatrix result;
  result.cols_ = rows();
  result.row_offsets_ = at::zeros({cols_ + 1}, at::kLong);
  result.columns_ = at::empty({entries()}, at::kLong);
  result.values_ = at::empty({entries()}, values_.options());
  std::int64_t* offsets = result.row_offsets_.data_ptr<std::int64_t>();
  const std::int64_t* column = columns_.data_ptr<std::int64_t>();
  for (std::int64_t k = 0; k < entries(); ++k) ++offsets[column[k] + 1];
  std::partial_sum(offsets, offsets + cols_ + 1, offsets);
  std::vector<std::int64_t> next(offsets, offsets + cols_);
  WithType(scalar_type(), [&](auto zero) {
    using Real = decltype(zero);
    std::int64_t* out_columns = result.columns_.data_ptr<std::int64_t>();
    Real* out_values = result.values_.data_ptr<Real>();
    ForRows<Real>(*this, 0, rows(),
                  [&](std::int64_t i, const std::int64_t* columns, const Real* values, std::int64_t n) {
                    for (std::int64_t k = 0; k < n; ++k) {
                      const auto place = next[static_cast<std::size_t>(columns[k])]++;
                      out_columns[place] = i;
                      out_values[place] = values[k];
                    }
                  });
  });
  return result;
}

at::Tensor CsrMatrix::MatMul(const at::Tensor& dense) const {
  const at::Tensor right = dense.cpu().to(scalar_type()).contiguous();
  const std::int64_t width = right.size(1);
  at::Tensor product = at::zeros({rows(), width}, values_.options());
  WithType(scalar_type(), [&](auto zero) {
    using Real = decltype(zero);
    const Real* in = right.data_ptr<Real>();
    Real* out = product.data_ptr<Real>();
    at::parallel_for(0, rows(), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      ForRows<Real>(*this, begin, end,
                    [&](std::int64_t i, const std::int64_t* columns, const Real* values, std::int64_t n) {
                      for (std::int64_t k = 0; k < n; ++k) {
                        AddScaled(values[k], in + columns[k] * width, out + i * width, width);
                      }
                    });
    });
  });
  return product;
}

at::Tensor CsrMatrix::TransposedMatMul(const at::Tensor& dense) const {
  return Transposed().MatMul(dense);  // threads then write rows of their own
}

at::Tensor CsrMatrix::RowSums() const {
  return MatMul(at::zeros({cols_, 1}, values_.options()).fill_(1)).squeeze(1);
}

at::Tensor CsrMatrix::RowSquaredNorms() const {
  return WithValues(values_ * values_).RowSums();
}

at::Tensor CsrMatrix::ColumnSums() const {
  return at::zeros({cols_}, values_.options()).index_add_(0, columns_, values_);
}

at::Tensor SparseProduct(const CsrMatrix& a, const CsrMatrix& b) {
  const CsrMatrix right = b.To(a.scalar_type());
  const std::int64_t width = right.cols();
  at::Tensor product = at::zeros({a.rows(), width}, a.values().options());
  WithType(a.scalar_type(), [&](auto zero) {
    using Real = decltype(zero);
    Real* out = product.data_ptr<Real>();
    at::parallel_for(0, a.rows(), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      ForRows<Real>(a, begin, end, [&](std::int64_t i, const std::int64_t* inner, const Real* factors, std::int64_t n) {
        for (std::int64_t k = 0; k < n; ++k) {
          ForRows<Real>(right, inner[k], inner[k] + 1,
                        [&](std::int64_t, const std::int64_t* columns, const Real* values, std::int64_t count) {
                          for (std::int64_t e = 0; e < count; ++e)
                            out[i * width + columns[e]] += factors[k] * values[e];
                        });
        }
      });
    });
  });
  return product;
}

}  // namespace conec::simec
