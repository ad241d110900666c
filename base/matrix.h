// Dense row-major matrices. Element j of row i of a view is data[i * stride + j].
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "base/status.h"

namespace conec {

// A matrix somebody else owns. stride >= cols, in elements; what lies between cols and stride is padding.
template <typename T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  MatrixView() = default;
  MatrixView(T* data_in, std::size_t rows_in, std::size_t cols_in, std::size_t stride_in)
      : data(data_in), rows(rows_in), cols(cols_in), stride(stride_in) {}
  MatrixView(T* data_in, std::size_t rows_in, std::size_t cols_in) : MatrixView(data_in, rows_in, cols_in, cols_in) {}
  // A view to change is a view to read.
  template <typename U>
  requires(std::is_same_v<T, const U>) MatrixView(const MatrixView<U>& other)  // NOLINT(google-explicit-constructor)
      : MatrixView(other.data, other.rows, other.cols, other.stride) {}

  std::span<T> row(std::size_t i) const { return {data + i * stride, cols}; }
  bool empty() const { return rows == 0 || cols == 0; }
};

// A matrix of floats or doubles on zeroed pages of its own. Rows start at multiples of 64 bytes (a cache line, an
// AVX-512 register), so stride >= cols; padding is zero until somebody writes there. Large matrices ask the kernel for
// huge pages: random rows of a table that is larger than the TLB reach are what training spends its time on.
template <typename T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(Matrix&&) noexcept = default;
  Matrix& operator=(Matrix&&) noexcept = default;

  // kResourceExhausted if the size overflows or the system has no memory for it.
  static absl::StatusOr<Matrix> Create(std::size_t rows, std::size_t cols);

  std::size_t rows() const { return view_.rows; }
  std::size_t cols() const { return view_.cols; }
  std::size_t stride() const { return view_.stride; }
  std::span<T> row(std::size_t i) { return view_.row(i); }
  std::span<const T> row(std::size_t i) const { return MatrixView<const T>(view_).row(i); }
  MatrixView<T> view() { return view_; }
  MatrixView<const T> view() const { return view_; }

 private:
  struct Unmap {
    std::size_t bytes = 0;
    void operator()(T* data) const;
  };
  std::unique_ptr<T, Unmap> data_;
  MatrixView<T> view_;
};

extern template class Matrix<float>;
extern template class Matrix<double>;

}  // namespace conec
