// Whether two matrices are equal bit by bit: 0 and -0 differ, a NaN is equal to itself.
#pragma once

#include <cstddef>
#include <cstring>

#include "base/matrix.h"

namespace conec {

inline bool SameBits(MatrixView<const float> a, MatrixView<const float> b) {
  if (a.rows != b.rows || a.cols != b.cols) return false;
  for (std::size_t i = 0; i < a.rows; ++i) {
    if (std::memcmp(a.row(i).data(), b.row(i).data(), a.cols * sizeof(float)) != 0) return false;
  }
  return true;
}

inline bool SameBits(const Matrix<float>& a, const Matrix<float>& b) {
  return SameBits(a.view(), b.view());
}

}  // namespace conec
