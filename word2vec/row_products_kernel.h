// The interface of the products' kernel: plain data, so that each SIMD level is one translation unit with its own
// compiler flags (word2vec/cbow_kernel.h says why).
#pragma once

#include <cstddef>

namespace conec::word2vec {

// `rows` rows of floats, `stride` floats apart, which start anywhere.
struct ProductRows {
  const float* data;
  std::size_t rows;
  std::size_t stride;
};

// products[i * stride + j] = the inner product of row i of `a` and row j of `b`, dim floats each.
using RowProductsFn = void (*)(const ProductRows& a, const ProductRows& b, std::size_t dim, float* products,
                               std::size_t stride);

void RowProductsScalar(const ProductRows&, const ProductRows&, std::size_t, float*, std::size_t);
void RowProductsAvx2(const ProductRows&, const ProductRows&, std::size_t, float*, std::size_t);
void RowProductsAvx512(const ProductRows&, const ProductRows&, std::size_t, float*, std::size_t);

}  // namespace conec::word2vec
