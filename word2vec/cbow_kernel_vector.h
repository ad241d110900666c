// What the CBOW kernel is written over: vectors of kLanes floats (GCC and Clang vector extensions), their sums, and the
// sigmoid with its loss. Included only through cbow_kernel_impl.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "word2vec/cbow_kernel.h"

// The anonymous namespace is what lets one source serve three levels; vector types need typedef's attribute syntax.
// NOLINTBEGIN(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)

namespace conec::word2vec {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float VecF __attribute__((vector_size(kLanes * 4), may_alias));
typedef std::int32_t VecI __attribute__((vector_size(kLanes * 4), may_alias));
typedef std::int32_t VecIUnaligned __attribute__((vector_size(kLanes * 4), may_alias, aligned(4)));
typedef std::uint64_t VecU64 __attribute__((vector_size(kLanes * 4)));
typedef float Quad __attribute__((vector_size(16)));

// Hogwild (Niu et al. 2011): several threads run TrainCentre() on the same tables without locks; the races on table
// rows are intended. They lie in TrainCentre() and the sweeps that it consists of; GCC inlines none of them into a
// function that differs in this attribute, so all of them have it.
#define CONEC_HOGWILD __attribute__((no_sanitize("thread")))

CONEC_HOGWILD inline VecF Load(const float* p) {
  return *reinterpret_cast<const VecF*>(p);
}
CONEC_HOGWILD inline void Store(float* p, VecF v) {
  *reinterpret_cast<VecF*>(p) = v;
}
inline VecF Splat(float x) {
  return VecF{} + x;
}

// --- Sums across a vector

// Per 128-bit part: {a0+a1, a2+a3, b0+b1, b2+b3}, a "horizontal add" without leaving the part.
inline VecF AddPairs(VecF a, VecF b) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
         __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14) +
         __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
#else
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

inline Quad AddParts(VecF v) {
#if defined(__AVX512F__)
  return (__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7)) +
         (__builtin_shufflevector(v, v, 8, 9, 10, 11) + __builtin_shufflevector(v, v, 12, 13, 14, 15));
#elif defined(__AVX2__)
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  return v;
#endif
}

// The sums of four vectors.
inline Quad SumOfEach(VecF a, VecF b, VecF c, VecF d) {
  return AddParts(AddPairs(AddPairs(a, b), AddPairs(c, d)));
}

// --- Sigmoid and loss

// exp(-x) for x in [0, 87]: 2^n * 2^f with a polynomial of degree 6 for 2^f, relative error 1.1e-7 (Chebyshev fit).
inline VecF ExpMinus(VecF x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const VecF t = x * -1.44269504f;
  const VecF shifted = t + kRound;
  const VecF n = shifted - kRound;
  const VecF f = t - n;
  VecF p = f * 0.00015469732f + 0.00134004322f;
  p = p * f + 0.0096180256f;
  p = p * f + 0.0555032721f;
  p = p * f + 0.240226512f;
  p = p * f + 0.693147207f;
  p = p * f + 1.0f;
  const VecI exponent = (reinterpret_cast<VecI>(shifted) - 0x4B400000 + 127) << 23;
  return p * reinterpret_cast<VecF>(exponent);
}

// log(1 + t) for t in [0, 1]: t times a polynomial of degree 8, relative error 1.6e-7 (Chebyshev fit).
inline VecF Log1p(VecF t) {
  VecF p = t * 0.0052534578f - 0.0295885074f;
  p = p * t + 0.078361668f;
  p = p * t - 0.136747697f;
  p = p * t + 0.191114311f;
  p = p * t - 0.248443699f;
  p = p * t + 0.333192713f;
  p = p * t - 0.499995015f;
  p = p * t + 0.999999971f;
  return p * t;
}

// coefficients[r] = rate * multiplicity[r] * (label[r] - sigmoid(logits[r])); returns the loss of all rows,
// multiplicities counted. Rows n and beyond have multiplicity 0. NaN logits give NaN.
inline float Coefficients(const float* logits, const float* labels, const float* multiplicity, std::size_t n,
                          float rate, float* coefficients) {
  VecF loss = {};
  for (std::size_t r = 0; r < n; r += kLanes) {
    const VecF x = Load(logits + r), label = Load(labels + r), times = Load(multiplicity + r);
    const VecF magnitude = x < 0 ? -x : x;
    const VecF bounded = magnitude > 87.0f ? Splat(87.0f) : magnitude;  // keeps NaN
    const VecF t = ExpMinus(bounded);
    const VecF s = 1.0f / (1.0f + t);  // sigmoid(|x|)
    const VecF sigmoid = x < 0 ? t * s : s;
    const VecF z = label > 0.5f ? -x : x;  // the loss is softplus(z)
    loss += times * ((z < 0 ? Splat(0.0f) : z) + Log1p(t));
    Store(coefficients + r, rate * times * (label - sigmoid));
  }
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += loss[lane];
  return sum;
}

}  // namespace
}  // namespace conec::word2vec

// NOLINTEND(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)
