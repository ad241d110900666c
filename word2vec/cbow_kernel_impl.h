// The CBOW kernel, written once over vectors of kLanes floats (GCC and Clang vector extensions) and compiled once per
// SIMD level with the flags of that level; included only by cbow_kernel_*.cc, everything inside an anonymous namespace.
//
// What one centre costs at d = 200, k = 13, window 5 (6 context rows on average): about 19,600 flops on 20 rows of 832
// bytes. The rows lie in L2, L3 or memory, so the kernel's two jobs are to keep the arithmetic at one load per
// multiply-add and to have the next rows on their way:
//   1. Draws of a centre come from one Philox call per vector of counters, a centre ahead of their use, and their rows
//   are prefetched.
//   2. All k + 1 dot products are taken before one vectorised sigmoid (which gives the loss as well): groups of up to 8
//   rows share each load
//      of h and hide the latency of the multiply-add with 8 independent sums.
//   3. Output rows and the error e are updated in one sweep over the columns, groups of up to 8 rows sharing h and e.
// Noise words drawn twice are merged with a multiplicity, so that the step is exactly the gradient of the loss at one
// point. Differences to the reference are rounding only; see tests/word2vec/cpu_trainer_test.cc for the tolerance.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

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

constexpr std::size_t kGroup = 8;  // rows that share the loads of one sweep

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
// ---------------------------------------------------------------------------------------------------------------

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
// -------------------------------------------------------------------------------------------------------------------

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

// --- Sweeps over the columns of up to kGroup rows
// -----------------------------------------------------------------------------------------

// logits[r] = h . rows[r]; writes 8 logits.
template <std::size_t R>
CONEC_HOGWILD inline void DotGroup(const float* base, const std::uint32_t* rows, const float* hidden,
                                   std::size_t stride, float* logits) {
  const float* row[R];
  VecF sum[kGroup] = {};
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) row[r] = base + rows[r] * stride;
  for (std::size_t j = 0; j < stride; j += kLanes) {
    const VecF h = Load(hidden + j);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) sum[r] += h * Load(row[r] + j);
  }
  const Quad low = SumOfEach(sum[0], sum[1], sum[2], sum[3]), high = SumOfEach(sum[4], sum[5], sum[6], sum[7]);
  __builtin_memcpy(logits, &low, sizeof(low));
  __builtin_memcpy(logits + 4, &high, sizeof(high));
}

// error += sum_r g[r] rows[r] with the old rows, rows[r] += g[r] h. The rows are distinct. `fresh`: error starts at
// zero.
template <std::size_t R>
CONEC_HOGWILD inline void UpdateGroup(float* base, const std::uint32_t* rows, const float* coefficients,
                                      const float* hidden, std::size_t stride, bool fresh, float* error) {
  float* row[R];
  VecF g[R];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) {
    row[r] = base + rows[r] * stride;
    g[r] = Splat(coefficients[r]);
  }
  for (std::size_t j = 0; j < stride; j += kLanes) {
    const VecF h = Load(hidden + j);
    VecF e = fresh ? VecF{} : Load(error + j);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) {
      const VecF w = Load(row[r] + j);
      e += g[r] * w;
      Store(row[r] + j, w + g[r] * h);
    }
    Store(error + j, e);
  }
}

// Calls body.template operator()<R>(first) for consecutive groups of R <= kGroup rows, of sizes as equal as possible:
// 14 rows are 7 + 7.
template <typename Body>
inline void ForEachGroup(std::size_t rows, Body&& body) {
  const std::size_t groups = (rows + kGroup - 1) / kGroup;
  std::size_t first = 0;
  for (std::size_t i = 0; i < groups; ++i) {
    const std::size_t size = (rows - first) / (groups - i);
    switch (size) {
      case 1:
        body.template operator()<1>(first);
        break;
      case 2:
        body.template operator()<2>(first);
        break;
      case 3:
        body.template operator()<3>(first);
        break;
      case 4:
        body.template operator()<4>(first);
        break;
      case 5:
        body.template operator()<5>(first);
        break;
      case 6:
        body.template operator()<6>(first);
        break;
      case 7:
        body.template operator()<7>(first);
        break;
      default:
        body.template operator()<8>(first);
        break;
    }
    first += size;
  }
}

// hidden = sum of the context rows times `scale`.
CONEC_HOGWILD inline void HiddenLayer(const float* base, const std::uint32_t* context, std::size_t size, float scale,
                                      std::size_t stride, float* hidden) {
  for (std::size_t j = 0; j < stride; j += kLanes) {
    VecF sum = {};
    for (std::size_t i = 0; i < size; ++i) sum += Load(base + context[i] * stride + j);
    Store(hidden + j, sum * scale);
  }
}

// Each context row += error times `scale`. A word that stands twice in the context gets it twice.
CONEC_HOGWILD inline void UpdateContext(float* base, const std::uint32_t* context, std::size_t size, float scale,
                                        const float* error, std::size_t stride) {
  for (std::size_t i = 0; i < size; ++i) {
    float* row = base + context[i] * stride;
    for (std::size_t j = 0; j < stride; j += kLanes) Store(row + j, Load(row + j) + scale * Load(error + j));
  }
}

// --- Draws
// --------------------------------------------------------------------------------------------------------------------------------

// Low halves of the 64-bit lanes multiplied to 64 bits.
inline VecU64 MultiplyLow(VecU64 a, VecU64 b) {
#if defined(__AVX512F__)
  return reinterpret_cast<VecU64>(_mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<VecU64>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu);
#endif
}

constexpr int kBlocks = kLanes / 2;  // Philox blocks at a time, one per 64-bit lane

// Blocks first .. first + kBlocks - 1 of a position (see draws.h). Only the low halves of words[i] count.
inline void DrawBlocks(PhiloxKey key, std::uint32_t epoch, std::uint64_t position, std::uint32_t first,
                       VecU64 words[4]) {
  const VecU64 multiplier0 = VecU64{} + 0xD2511F53u, multiplier1 = VecU64{} + 0xCD9E8D57u;
  VecU64 c0 = VecU64{} + (position & 0xFFFFFFFFu), c1 = VecU64{} + (position >> 32), c2 = VecU64{} + epoch, c3 = {};
  for (int lane = 0; lane < kBlocks; ++lane) c3[lane] = first + static_cast<std::uint32_t>(lane);
  std::uint32_t k0 = key.word[0], k1 = key.word[1];
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const VecU64 product0 = MultiplyLow(c0, multiplier0), product1 = MultiplyLow(c2, multiplier1);
    c0 = (product1 >> 32) ^ c1 ^ (VecU64{} + k0);
    c2 = (product0 >> 32) ^ c3 ^ (VecU64{} + k1);
    c1 = product1;
    c3 = product0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

// Whether any two of ids[0..n) are equal. The array goes on for a vector past n.
inline bool HasRepetition(std::uint32_t* ids, std::size_t n) {
  for (std::size_t i = 0; i < 2 * kLanes && n + i < (n + kLanes - 1) / kLanes * kLanes + kLanes; ++i) {
    ids[n + i] = kNoWord - 1 - static_cast<std::uint32_t>(i);  // different from every id and from each other
  }
  VecI equal = {};
  for (std::size_t shift = 1; shift < n; ++shift) {
    for (std::size_t i = 0; i + shift < n; i += kLanes) {
      equal |=
          *reinterpret_cast<const VecIUnaligned*>(ids + i) == *reinterpret_cast<const VecIUnaligned*>(ids + i + shift);
    }
  }
  bool any = false;
  for (int lane = 0; lane < kLanes; ++lane) any |= equal[lane] != 0;
  return any;
}

// Keeps the first of equal rows and adds up the counts; returns the number of rows left.
inline std::size_t MergeRepetitions(std::uint32_t* rows, float* counts, std::size_t n) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t same = 0;
    while (same < kept && rows[same] != rows[i]) ++same;
    if (same < kept) {
      counts[same] += counts[i];
      continue;
    }
    rows[kept] = rows[i];
    counts[kept] = counts[i];
    ++kept;
  }
  return kept;
}

// The draws of one centre: its radius, and the rows of W2 to train (target first, then distinct noise words) with their
// multiplicities.
struct CentreDraws {
  std::size_t radius;
  std::size_t rows;
};

inline CentreDraws Draw(const CbowModel& model, const CbowRun& run, std::size_t centre, std::uint32_t* rows,
                        float* counts) {
  const std::uint32_t target = run.ids[centre];
  const std::uint64_t position = run.positions[centre];
  CentreDraws draws = {0, 1};
  rows[0] = target;
  // Blocks 0 (radius) and 1, 2, ... (two noise words each).
  const std::uint32_t blocks = 1 + (model.negatives + 1) / 2;
  std::size_t n = 1;
  for (std::uint32_t first = 0; first < blocks; first += kBlocks) {
    VecU64 words[4];
    DrawBlocks(model.key, run.epoch, position, first, words);
    for (std::uint32_t lane = 0; lane < kBlocks && first + lane < blocks; ++lane) {
      if (first + lane == 0) {
        draws.radius = static_cast<std::size_t>(
            WindowRadius(static_cast<std::uint32_t>(words[0][0]), static_cast<int>(model.window)));
        continue;
      }
      for (std::uint32_t half = 0; half < 2; ++half) {
        const std::uint32_t j = 2 * (first + lane - 1) + half;
        if (j >= model.negatives) break;
        std::uint32_t word =
            NoiseWord(static_cast<std::uint32_t>(words[2 * half][lane]),
                      static_cast<std::uint32_t>(words[2 * half + 1][lane]), model.noise, model.vocabulary_size);
        if (word == target) [[unlikely]] {
          word = RetriedNoiseWord(model.key, run.epoch, position, j, target, model.noise, model.vocabulary_size);
          if (word == kNoWord) continue;
        }
        rows[n++] = word;
      }
    }
  }
  for (std::size_t r = 0; r < n; ++r) counts[r] = 1.0f;
  if (HasRepetition(rows, n)) [[unlikely]]
    n = MergeRepetitions(rows, counts, n);
  for (std::size_t r = n; r < n + kLanes; ++r) counts[r] = 0.0f;
  draws.rows = n;
  return draws;
}

inline void PrefetchRow(const float* row, std::size_t stride) {
  for (std::size_t j = 0; j < stride; j += 16) __builtin_prefetch(row + j, 1, 3);
}

inline void Prefetch(const CbowModel& model, const CbowRun& run, std::size_t centre, const std::uint32_t* rows,
                     std::size_t n) {
  for (std::size_t r = 0; r < n; ++r) PrefetchRow(model.output + rows[r] * model.stride, model.stride);
  const std::size_t entering = centre + model.window;
  if (entering < run.length && run.ids[entering] != kNoWord)
    PrefetchRow(model.input + run.ids[entering] * model.stride, model.stride);
}

inline std::size_t CollectContext(const CbowRun& run, std::size_t centre, std::size_t radius, std::uint32_t* context) {
  const std::size_t begin = centre > radius ? centre - radius : 0;
  const std::size_t end = centre + radius + 1 < run.length ? centre + radius + 1 : run.length;
  std::size_t size = 0;
  for (std::size_t i = begin; i < end; ++i) {
    context[size] = run.ids[i];
    size += i != centre && run.ids[i] != kNoWord;
  }
  return size;
}

// All rows of W1 that the centre's input vector names: words, then shapes. 0 if there is no context word. Kept out of
// line, so that the code for plain words stays together.
__attribute__((noinline)) std::size_t CollectInputs(const CbowModel& model, const CbowRun& run, std::size_t centre,
                                                    std::size_t radius, std::uint32_t* context) {
  const InputLayout layout = model.layout;
  const std::size_t begin = centre > radius ? centre - radius : 0;
  const std::size_t end = centre + radius + 1 < run.length ? centre + radius + 1 : run.length;
  std::size_t size = 0;
  for (std::size_t i = begin; i < end; ++i) {
    context[size] = ContextRow(layout, run.ids[i], i > centre);
    size += i != centre && run.ids[i] != kNoWord;
  }
  if (size == 0) return 0;
  for (std::size_t i = begin; layout.inputs.context_shapes && i < end; ++i) {
    if (i == centre) continue;
    const std::size_t distance = i > centre ? i - centre : centre - i;
    context[size++] = ContextShapeRow(layout, static_cast<std::uint32_t>(distance), i > centre, run.shapes[i]);
  }
  if (layout.inputs.shape) context[size++] = ShapeRow(layout, run.shapes[centre]);
  return size;
}

// The rows that Prefetch() does not know: the word that enters on the right by its row for that side, and the one that
// has just been the centre by its row for the left. Shapes are few rows and stay in the cache.
__attribute__((noinline)) void PrefetchSides(const CbowModel& model, const CbowRun& run, std::size_t centre) {
  const std::size_t entering = centre + model.window;
  const auto prefetch = [&](std::size_t i, bool is_right) {
    if (run.ids[i] == kNoWord) return;
    const std::size_t row = ContextRow(model.layout, run.ids[i], is_right);
    PrefetchRow(model.input + row * model.stride, model.stride);
  };
  if (entering < run.length) prefetch(entering, true);
  if (centre > 0) prefetch(centre - 1, false);
}

// One centre: the step of word2vec/reference_step.h in single precision. Returns the loss.
CONEC_HOGWILD inline float TrainCentre(const CbowModel& model, const CbowScratch& scratch, std::size_t context_size,
                                       const std::uint32_t* rows, const float* counts, std::size_t n, float rate) {
  const float share = 1.0f / static_cast<float>(context_size);
  const std::size_t stride = model.stride;
  HiddenLayer(model.input, scratch.context, context_size, model.mean_hidden ? share : 1.0f, stride, scratch.hidden);
  ForEachGroup(n, [&]<std::size_t R>(std::size_t first) {
    DotGroup<R>(model.output, rows + first, scratch.hidden, stride, scratch.logits + first);
  });
  const float loss = Coefficients(scratch.logits, scratch.labels, counts, n, rate, scratch.coefficients);
  ForEachGroup(n, [&]<std::size_t R>(std::size_t first) {
    UpdateGroup<R>(model.output, rows + first, scratch.coefficients + first, scratch.hidden, stride, first == 0,
                   scratch.error);
  });
  UpdateContext(model.input, scratch.context, context_size, model.mean_gradient ? share : 1.0f, scratch.error, stride);
  return loss;
}

inline void TrainRun(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                     CbowStatistics* statistics) {
  const auto next_word = [&](std::size_t i) {
    while (i < run.last && run.ids[i] == kNoWord) ++i;
    return i;
  };
  std::size_t centre = next_word(run.first);
  if (centre >= run.last) return;
  int buffer = 0;
  CentreDraws draws = Draw(model, run, centre, scratch.rows[0], scratch.counts[0]);
  while (centre < run.last) {
    const std::size_t next = next_word(centre + 1);
    CentreDraws next_draws = {};
    if (next < run.last) {
      next_draws = Draw(model, run, next, scratch.rows[1 - buffer], scratch.counts[1 - buffer]);
      Prefetch(model, run, next, scratch.rows[1 - buffer], next_draws.rows);
      if (model.extended) [[unlikely]]
        PrefetchSides(model, run, next);
    }
    const std::size_t context_size = model.extended ? CollectInputs(model, run, centre, draws.radius, scratch.context)
                                                    : CollectContext(run, centre, draws.radius, scratch.context);
    if (context_size > 0) {
      statistics->loss_sum += TrainCentre(model, scratch, context_size, scratch.rows[buffer], scratch.counts[buffer],
                                          draws.rows, run.learning_rate);
      ++statistics->trained_words;
    }
    centre = next;
    draws = next_draws;
    buffer = 1 - buffer;
  }
}

}  // namespace
}  // namespace conec::word2vec

#undef CONEC_HOGWILD

// NOLINTEND(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)
