#include "conec/column_loops.h"

namespace conec::context_internal {
namespace {

// Each is inlined into one function per level.
#define CONEC_INLINE [[gnu::always_inline]] inline

// Eight partial sums, which compilers vectorise without being allowed to reorder anything.
CONEC_INLINE double SquaredLengthOf(const float* row, std::size_t n) {
  constexpr std::size_t kLanes = 8;
  double partial[kLanes] = {};
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = row[j + lane];
      partial[lane] += value * value;
    }
  }
  double sum = 0;
  for (const double value : partial) sum += value;
  for (; j < n; ++j) sum += static_cast<double>(row[j]) * static_cast<double>(row[j]);
  return sum;
}

CONEC_INLINE void AddScaledTo(float* __restrict out, ScaledRow row, std::size_t n) {
  const float* __restrict data = row.data;
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) out[j] += row.scale * data[j];
}

template <typename Out>
CONEC_INLINE void AddTo(Out* __restrict out, const float* __restrict sum, std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) out[j] += static_cast<Out>(sum[j]);
}

CONEC_INLINE void SlideBy(float* __restrict sum, ScaledRow enter, ScaledRow leave, std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) sum[j] += enter.scale * enter.data[j] - leave.scale * leave.data[j];
}

template <typename Out>
CONEC_INLINE void StepBy(float* __restrict sum, ScaledRow enter, ScaledRow leave, ScaledRow centre, Out* __restrict out,
                         std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) {
    const float window = sum[j] + (enter.scale * enter.data[j] - leave.scale * leave.data[j]);
    sum[j] = window;
    out[j] += static_cast<Out>(window - centre.scale * centre.data[j]);
  }
}

// The functions of one level, all with the same attributes.
#define CONEC_LEVEL(name, ...)                                                                                       \
  struct name {                                                                                                      \
    __VA_ARGS__ static double SquaredLength(const float* row, std::size_t n) { return SquaredLengthOf(row, n); }     \
    __VA_ARGS__ static void AddScaled(float* out, ScaledRow row, std::size_t n) { AddScaledTo(out, row, n); }        \
    __VA_ARGS__ static void Add(float* out, const float* sum, std::size_t n) { AddTo(out, sum, n); }                 \
    __VA_ARGS__ static void AddPrecise(double* out, const float* sum, std::size_t n) { AddTo(out, sum, n); }         \
    __VA_ARGS__ static void Slide(float* sum, ScaledRow enter, ScaledRow leave, std::size_t n) {                     \
      SlideBy(sum, enter, leave, n);                                                                                 \
    }                                                                                                                \
    __VA_ARGS__ static void Step(float* sum, ScaledRow enter, ScaledRow leave, ScaledRow centre, float* out,         \
                                 std::size_t n) {                                                                    \
      StepBy(sum, enter, leave, centre, out, n);                                                                     \
    }                                                                                                                \
    __VA_ARGS__ static void StepPrecise(float* sum, ScaledRow enter, ScaledRow leave, ScaledRow centre, double* out, \
                                        std::size_t n) {                                                             \
      StepBy(sum, enter, leave, centre, out, n);                                                                     \
    }                                                                                                                \
    static constexpr ColumnLoops kLoops = {SquaredLength, AddScaled, Add, AddPrecise, Slide, Step, StepPrecise};     \
  }

CONEC_LEVEL(Plain, );
#if defined(__x86_64__)
CONEC_LEVEL(Avx2, [[gnu::target("avx2")]]);
CONEC_LEVEL(Avx512, [[gnu::target("avx512f,prefer-vector-width=512")]]);
#endif

#undef CONEC_LEVEL
#undef CONEC_INLINE

}  // namespace

const ColumnLoops& ColumnLoopsOf(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return Avx512::kLoops;
  if (level == SimdLevel::kAvx2) return Avx2::kLoops;
#endif
  return Plain::kLoops;
}

const ColumnLoops& ActiveColumnLoops() {
  static const ColumnLoops& loops = [&]() -> const ColumnLoops& {
    const absl::StatusOr<SimdLevel> level = ActiveSimdLevel();
    return ColumnLoopsOf(level.ok() ? *level : DetectSimdLevel());
  }();
  return loops;
}

}  // namespace conec::context_internal
