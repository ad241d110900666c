// Tiles of kTileRows x 4 inner products: each vector that is loaded serves 4 or kTileRows of them, so that multiplying,
// not loading, is what it takes; the sums stay in registers and are added up across their lanes in the end. Rows are
// read where they lie, whatever their length: what is left of them after whole vectors is one vector more, filled up
// with zeros.
#pragma once

#include "word2vec/cbow_kernel_vector.h"
#include "word2vec/row_products_kernel.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

// NOLINTBEGIN(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)

namespace conec::word2vec {
namespace {

typedef float VecFUnaligned __attribute__((vector_size(kLanes * 4), may_alias, aligned(4)));

#if defined(__AVX512F__)
constexpr std::size_t kTileRows = 4;  // of 32 registers 16 hold sums
#else
constexpr std::size_t kTileRows = 2;  // of 16 registers 8 do
#endif

inline VecF LoadAnywhere(const float* p) {
  return *reinterpret_cast<const VecFUnaligned*>(p);
}

// The first `count` floats, fewer than kLanes, then zeros; nothing behind them is touched.
inline VecF LoadPart(const float* p, std::size_t count) {
#if defined(__AVX512F__)
  return reinterpret_cast<VecF>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p));
#elif defined(__AVX2__)
  alignas(32) static constexpr std::int32_t kMasks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const auto mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMasks + 8 - count));
  return reinterpret_cast<VecF>(_mm256_maskload_ps(p, mask));
#else
  VecF v = {};
  for (std::size_t i = 0; i < count; ++i) v[i] = p[i];
  return v;
#endif
}

// kRows x kCols products, kCols at most 4.
template <std::size_t kRows, std::size_t kCols>
inline void Tile(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, std::size_t dim,
                 float* products, std::size_t stride) {
  VecF sums[kRows][4] = {};
  const auto add = [&](const auto& load, std::size_t at) __attribute__((always_inline)) {
    VecF right[kCols];
    for (std::size_t j = 0; j < kCols; ++j) right[j] = load(b + j * b_stride + at);
    for (std::size_t i = 0; i < kRows; ++i) {
      const VecF left = load(a + i * a_stride + at);
      for (std::size_t j = 0; j < kCols; ++j) sums[i][j] += left * right[j];
    }
  };
  const std::size_t rest = dim % kLanes;
  for (std::size_t at = 0; at < dim - rest; at += kLanes) add(LoadAnywhere, at);
  if (rest > 0)
    add(
        [rest](const float* p) __attribute__((always_inline)) { return LoadPart(p, rest); }, dim - rest);
  for (std::size_t i = 0; i < kRows; ++i) {
    const Quad row = SumOfEach(sums[i][0], sums[i][1], sums[i][2], sums[i][3]);
    for (std::size_t j = 0; j < kCols; ++j) products[i * stride + j] = row[j];
  }
}

// kRows rows of `a` with all rows of `b`.
template <std::size_t kRows>
inline void Strip(const float* a, std::size_t a_stride, const ProductRows& b, std::size_t dim, float* products,
                  std::size_t stride) {
  std::size_t j = 0;
  for (; j + 4 <= b.rows; j += 4) {
    Tile<kRows, 4>(a, a_stride, b.data + j * b.stride, b.stride, dim, products + j, stride);
  }
  for (; j < b.rows; ++j) Tile<kRows, 1>(a, a_stride, b.data + j * b.stride, b.stride, dim, products + j, stride);
}

// A strip at a time of 16 rows of `b`: they stay in the first-level cache, and their products fill cache lines.
inline void RowProducts(const ProductRows& a, const ProductRows& b, std::size_t dim, float* products,
                        std::size_t stride) {
  constexpr std::size_t kColumns = 16;
  for (std::size_t j = 0; j < b.rows; j += kColumns) {
    const ProductRows right = {b.data + j * b.stride, b.rows - j < kColumns ? b.rows - j : kColumns, b.stride};
    float* out = products + j;
    std::size_t i = 0;
    for (; i + kTileRows <= a.rows; i += kTileRows) {
      Strip<kTileRows>(a.data + i * a.stride, a.stride, right, dim, out + i * stride, stride);
    }
    for (; i < a.rows; ++i) Strip<1>(a.data + i * a.stride, a.stride, right, dim, out + i * stride, stride);
  }
}

}  // namespace
}  // namespace conec::word2vec

// NOLINTEND(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)
