#include "base/matrix.h"

#include <sys/mman.h>

#include <limits>

namespace conec {
namespace {
constexpr std::size_t kRowAlignment = 64;                // bytes
constexpr std::size_t kHugePage = std::size_t{2} << 20;  // bytes
}  // namespace

template <typename T>
void Matrix<T>::Unmap::operator()(T* data) const {
  munmap(static_cast<void*>(data), bytes);
}

template <typename T>
absl::StatusOr<Matrix<T>> Matrix<T>::Create(std::size_t rows, std::size_t cols) {
  constexpr std::size_t kPerLine = kRowAlignment / sizeof(T);
  Matrix matrix;
  if (rows == 0 || cols == 0) {
    matrix.view_ = MatrixView<T>(nullptr, rows, cols, cols);
    return matrix;
  }
  constexpr std::size_t kMax = std::numeric_limits<std::ptrdiff_t>::max();
  if (cols > kMax - kPerLine) return ResourceExhausted("a matrix of {} columns is too large", cols);
  const std::size_t stride = (cols + kPerLine - 1) / kPerLine * kPerLine;
  if (stride > kMax / sizeof(T) / rows) return ResourceExhausted("a matrix of {} x {} is too large", rows, cols);
  const std::size_t bytes = rows * stride * sizeof(T);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return ResourceExhausted("no memory for a matrix of {} x {} ({} MB)", rows, cols, bytes >> 20);
  }
  if (bytes >= kHugePage)
    madvise(memory, bytes, MADV_HUGEPAGE);  // advice only: its failure costs speed, not correctness
  matrix.data_ = std::unique_ptr<T, Unmap>(static_cast<T*>(memory), Unmap{bytes});
  matrix.view_ = MatrixView<T>(static_cast<T*>(memory), rows, cols, stride);
  return matrix;
}

template class Matrix<float>;
template class Matrix<double>;

}  // namespace conec
