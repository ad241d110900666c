#include "word2vec/row_products.h"

#include <algorithm>

#include "base/simd.h"
#include "word2vec/row_products_kernel.h"

namespace conec::word2vec {
namespace {

// Rows of `a` that meet a few rows of `b` before the next few come: they stay in the second-level cache.
constexpr std::size_t kRowsAtATime = 64;

RowProductsFn ActiveKernel() {
  static const RowProductsFn kernel = [] {
    const absl::StatusOr<SimdLevel> level = ActiveSimdLevel();
    return RowProductsOf(level.ok() ? *level : DetectSimdLevel());
  }();
  return kernel;
}

}  // namespace

RowProductsFn RowProductsOf(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return RowProductsAvx512;
  if (level == SimdLevel::kAvx2) return RowProductsAvx2;
#endif
  return RowProductsScalar;
}

void MultiplyTransposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> products) {
  const RowProductsFn multiply = ActiveKernel();
  for (std::size_t first = 0; first < a.rows; first += kRowsAtATime) {
    multiply({a.data + first * a.stride, std::min(kRowsAtATime, a.rows - first), a.stride}, {b.data, b.rows, b.stride},
             a.cols, products.data + first * products.stride, products.stride);
  }
}

float ProductErrorBound(std::size_t dim) {
  return static_cast<float>(dim + 8) * 0x1p-24f;
}

}  // namespace conec::word2vec
