#include "tests/bench/machine_bounds.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <map>
#include <utility>
#include <vector>

namespace conec {
namespace {

constexpr std::size_t kAccumulators = 12;  // enough for two multiply-adds a cycle with a latency of 4 to 6
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20;

// All loops are compiled three times: inlined into functions of each level.
template <typename Vector>
[[gnu::always_inline]] inline float MultiplyAdds(std::size_t rounds, float factor) {
  Vector sums[kAccumulators], factors{};
  for (std::size_t lane = 0; lane < sizeof(Vector) / sizeof(float); ++lane) factors[lane] = factor;
  for (std::size_t i = 0; i < kAccumulators; ++i) sums[i] = factors * static_cast<float>(i + 1);
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kAccumulators; ++i) {
      sums[i] = sums[i] * factors + factors;
      asm("" : "+x"(sums[i]));  // one multiply-add each: nothing is to be folded
    }
  }
  Vector total{};
  for (const Vector& sum : sums) total += sum;
  return total[0];
}

// rows[i] += factor * rows[i]: reads and writes every byte once.
template <typename Vector>
[[gnu::always_inline]] inline void Update(float* rows, std::size_t floats, float factor) {
  constexpr std::size_t kLanes = sizeof(Vector) / sizeof(float);
  auto* const vectors = reinterpret_cast<Vector*>(rows);
  for (std::size_t i = 0; i < floats / kLanes; ++i) vectors[i] += factor * vectors[i];
}

// 64-byte vectors where the compiler has only smaller registers would be spilled: each level its own size.
using Vector128 [[gnu::vector_size(16), gnu::may_alias]] = float;
using Vector256 [[gnu::vector_size(32), gnu::may_alias]] = float;
using Vector512 [[gnu::vector_size(64), gnu::may_alias]] = float;

struct Loops {
  std::size_t lanes;
  float (*multiply_adds)(std::size_t rounds, float factor);
  void (*update)(float* rows, std::size_t floats, float factor);
};

float PlainMultiplyAdds(std::size_t rounds, float factor) {
  return MultiplyAdds<Vector128>(rounds, factor);
}
void PlainUpdate(float* rows, std::size_t floats, float factor) {
  Update<Vector128>(rows, floats, factor);
}
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] float Avx2MultiplyAdds(std::size_t rounds, float factor) {
  return MultiplyAdds<Vector256>(rounds, factor);
}
[[gnu::target("avx2,fma")]] void Avx2Update(float* rows, std::size_t floats, float factor) {
  Update<Vector256>(rows, floats, factor);
}
[[gnu::target("avx512f")]] float Avx512MultiplyAdds(std::size_t rounds, float factor) {
  return MultiplyAdds<Vector512>(rounds, factor);
}
[[gnu::target("avx512f")]] void Avx512Update(float* rows, std::size_t floats, float factor) {
  Update<Vector512>(rows, floats, factor);
}
#endif

Loops LoopsOf(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return {16, Avx512MultiplyAdds, Avx512Update};
  if (level == SimdLevel::kAvx2) return {8, Avx2MultiplyAdds, Avx2Update};
#endif
  return {4, PlainMultiplyAdds, PlainUpdate};
}

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The best of a few rounds, each of which all threads start together: `work` per second of processor time, summed over
// the threads, so that other programs beside this one do not count.
template <typename Work>
double BestRate(int threads, double work, const Work& run) {
  double best = 0;
  for (int attempt = 0; attempt < 4; ++attempt) {
    double rate = 0;
#pragma omp parallel num_threads(threads) reduction(+ : rate)
    {
      const double start = ThreadSeconds();
      run(static_cast<std::size_t>(omp_get_thread_num()));
      rate += work / (ThreadSeconds() - start);
    }
    best = std::max(best, rate);
  }
  return best;
}

double MeasureFlops(const Loops& loops, int threads) {
  constexpr std::size_t kRounds = 200000;
  std::vector<float> results(static_cast<std::size_t>(threads) * 16);
  const double flops = 2.0 * static_cast<double>(kRounds * kAccumulators * loops.lanes);
  return BestRate(threads, flops,
                  [&](std::size_t thread) { results[16 * thread] = loops.multiply_adds(kRounds, 0.5f); });
}

double MeasureBytes(const Loops& loops, int threads, std::size_t bytes_per_thread, std::size_t repetitions) {
  const std::size_t floats = bytes_per_thread / sizeof(float) / 16 * 16;
  std::vector<float> rows(floats * static_cast<std::size_t>(threads) + 16, 1.0f);
  float* aligned = rows.data();
  while (reinterpret_cast<std::uintptr_t>(aligned) % 64 != 0) ++aligned;
  const double bytes = 2.0 * sizeof(float) * static_cast<double>(floats * repetitions);
  return BestRate(threads, bytes, [&](std::size_t thread) {
    for (std::size_t i = 0; i < repetitions; ++i) loops.update(aligned + thread * floats, floats, 1e-30f);
  });
}

std::size_t L2Capacity() {
  const auto bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : std::size_t{1} << 20;
}

}  // namespace

const MachineBounds& BoundsOf(SimdLevel level, int threads) {
  static auto* const known = new std::map<std::pair<SimdLevel, int>, MachineBounds>;
  const auto [found, is_new] = known->try_emplace({level, threads});
  if (!is_new) return found->second;
  const Loops loops = LoopsOf(level);
  MachineBounds& bounds = found->second;
  bounds.l2_capacity = L2Capacity();
  bounds.flops = MeasureFlops(loops, threads);
  bounds.l2_bytes = MeasureBytes(loops, threads, bounds.l2_capacity / 2, 50);
  bounds.memory_bytes = MeasureBytes(loops, threads, kMemoryBytes, 1);
  return bounds;
}

}  // namespace conec
