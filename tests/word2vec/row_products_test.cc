#include "word2vec/row_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/simd.h"
#include "word2vec/row_products_kernel.h"

namespace conec::word2vec {
namespace {

constexpr float kUntouched = 7.0f;

// Rows that end where their memory does, NaN between them: what reads too far is seen.
struct Rows {
  std::size_t count, dim, stride;
  std::vector<float> values;

  Rows(std::size_t count_in, std::size_t dim_in, std::size_t gap, std::uint64_t seed)
      : count(count_in), dim(dim_in), stride(dim_in + gap), values((count - 1) * stride + dim) {
    PhiloxStream random(seed);
    const double bound = 1 / std::sqrt(static_cast<double>(dim));  // of rows of length at most one
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = bound * (2 * random.Uniform() - 1);
      values[i] = i % stride < dim ? static_cast<float>(value) : std::numeric_limits<float>::quiet_NaN();
    }
  }

  MatrixView<const float> view() const { return {values.data(), count, dim, stride}; }
};

double Exact(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// products: with a column more than there are rows in b, which stays as it is.
void ExpectProducts(const Rows& a, const Rows& b, const std::vector<float>& products) {
  const std::size_t stride = b.count + 1;
  for (std::size_t i = 0; i < a.count; ++i) {
    for (std::size_t j = 0; j < b.count; ++j) {
      ASSERT_NEAR(products[i * stride + j], Exact(a.view().row(i), b.view().row(j)), ProductErrorBound(a.dim))
          << a.count << " x " << b.count << " x " << a.dim << " at " << i << ", " << j;
    }
    ASSERT_EQ(products[i * stride + b.count], kUntouched);
  }
}

TEST(RowProducts, EveryLevelIsWithinTheBoundForEveryShape) {
  for (const SimdLevel level : SupportedSimdLevels()) {
    SCOPED_TRACE(SimdLevelName(level));
    for (const std::size_t dim : {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 50, 100, 300}) {
      for (const std::size_t m : {1, 2, 3, 4, 5, 9}) {
        for (const std::size_t n : {1, 3, 4, 5, 16, 17, 35}) {
          const Rows a(m, dim, m % 3, 1), b(n, dim, n % 2, 2);
          std::vector<float> products(m * (n + 1), kUntouched);
          RowProductsOf(level)({a.values.data(), m, a.stride}, {b.values.data(), n, b.stride}, dim, products.data(),
                               n + 1);
          ExpectProducts(a, b, products);
        }
      }
    }
  }
}

TEST(RowProducts, ManyRowsAreMultipliedInParts) {
  const Rows a(200, 20, 0, 3), b(37, 20, 12, 4);
  std::vector<float> products(a.count * (b.count + 1), kUntouched);
  MultiplyTransposed(a.view(), b.view(), {products.data(), a.count, b.count, b.count + 1});
  ExpectProducts(a, b, products);
}

}  // namespace
}  // namespace conec::word2vec
