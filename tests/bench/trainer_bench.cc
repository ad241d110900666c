// Speed of the CBOW kernel: words per second on a random corpus with Zipf-distributed words, and how far that is from
// what the processor allows, measured in the same run. Quality is not measured here.
//   words/s        centres trained per second
//   GFLOP/s        of the arithmetic of the update rule: 6 (k+1) d + 4 |C| d per word, whatever the kernel makes of it
//   of_fma_peak    the same as a share of the multiply-adds that the processor can do on registers
//   kB/word        of table rows read and written back, were none of them cached: 8 (k / B + 1 + |C|) d, where
//                  B centres share their noise words, whose rows are fetched once for all of them
//   of_L2, of_mem  that traffic as a share of the bandwidth of the L2 cache and of memory; what is above 1 of memory,
//                  the caches have kept
//   fma_bound      words/s at the peak of multiply-adds
// `centres` is B, 32 being the default of conec-train. |C| is the mean number of context words, window + 1. CONEC_SIMD
// is chosen by the argument `simd` (0 scalar, 1 avx2, 2 avx512; levels that the machine lacks are skipped). Rates of
// one thread are per second of processor time, those of several per second of real time: they need a machine without
// other work.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/bench/machine_bounds.h"
#include "tests/bench/zipf_stream.h"
#include "word2vec/cbow_kernel.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

constexpr std::uint32_t kWords = 70000;  // as wiki8 and text8 have with --min-count 5
constexpr std::size_t kTokens = 100000;

const ZipfCorpus& RandomCorpus() {
  static const ZipfCorpus* const corpus = new ZipfCorpus(kTokens, kWords);
  return *corpus;
}

void Report(benchmark::State& state, const TrainOptions& options, SimdLevel level, double words) {
  const MachineBounds& bounds = BoundsOf(level, options.threads);
  const double rows = 1.0 + options.negatives, context = options.window + 1.0, dim = options.dim;
  const auto padded = (static_cast<std::size_t>(options.dim) + kRowPadding - 1) / kRowPadding * kRowPadding;
  const double fetched = 1.0 + static_cast<double>(options.negatives) / options.shared_negatives + context;
  const double flops = dim * (6 * rows + 4 * context),
               bytes = static_cast<double>(2 * sizeof(float) * padded) * fetched;
  const auto rate = [&](double per_word) { return benchmark::Counter(words * per_word, benchmark::Counter::kIsRate); };
  state.counters["words/s"] = rate(1);
  state.counters["GFLOP/s"] = rate(flops * 1e-9);
  state.counters["of_fma_peak"] = rate(flops / bounds.flops);
  state.counters["fma_bound"] = bounds.flops / flops;
  state.counters["kB/word"] = bytes * 1e-3;
  state.counters["of_L2"] = rate(bytes / bounds.l2_bytes);
  state.counters["of_mem"] = rate(bytes / bounds.memory_bytes);
}

void Train(benchmark::State& state, const TrainOptions& options, SimdLevel level) {
  if (level > DetectSimdLevel()) return state.SkipWithError("the processor lacks this SIMD level");
  setenv("CONEC_SIMD", std::string(SimdLevelName(level)).c_str(), 1);
  const ZipfCorpus& corpus = RandomCorpus();
  EmbeddingTables tables = InitializeTables(kWords, options.dim, 1).value();
  // Memory that was never written has no pages yet.
  for (std::size_t row = 0; row < kWords; ++row) std::ranges::fill(tables.output.row(row), 0.0f);
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  unsetenv("CONEC_SIMD");
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  std::uint64_t words = 0;
  int epoch = 0;
  for (auto _ : state) {
    words += trainer->TrainBlocks(epoch++ % options.epochs, 0, blocks).value().trained_words;
  }
  Report(state, options, level, static_cast<double>(words));
  state.SetLabel(trainer->Description());
}

struct Setting {
  std::int64_t dim = 200;
  std::int64_t negatives = 13;
  std::int64_t threads = 1;
};

TrainOptions Options(const Setting& setting, std::int64_t centres) {
  TrainOptions options;
  options.dim = static_cast<int>(setting.dim);
  options.negatives = static_cast<int>(setting.negatives);
  options.threads = static_cast<int>(setting.threads);
  options.shared_negatives = static_cast<int>(centres);
  return options;
}

void Levels(benchmark::State& state) {
  Train(state, Options({}, state.range(1)), static_cast<SimdLevel>(state.range(0)));
}
BENCHMARK(Levels)->ArgNames({"simd", "centres"})->ArgsProduct({{0, 1, 2}, {1, 32}})->Unit(benchmark::kMillisecond);

void Dimensions(benchmark::State& state) {
  Train(state, Options({.dim = state.range(0)}, state.range(1)), DetectSimdLevel());
}
BENCHMARK(Dimensions)
    ->ArgNames({"d", "centres"})
    ->ArgsProduct({{64, 100, 200, 300, 512}, {1, 32}})
    ->Unit(benchmark::kMillisecond);

void Negatives(benchmark::State& state) {
  Train(state, Options({.negatives = state.range(0)}, state.range(1)), DetectSimdLevel());
}
BENCHMARK(Negatives)->ArgNames({"k", "centres"})->ArgsProduct({{1, 5, 13, 20}, {1, 32}})->Unit(benchmark::kMillisecond);

void SharedNegatives(benchmark::State& state) {
  Train(state, Options({}, state.range(0)), DetectSimdLevel());
}
BENCHMARK(SharedNegatives)
    ->ArgName("centres")
    ->Arg(1)
    ->Arg(4)
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);

void Threads(benchmark::State& state) {
  Train(state, Options({.threads = state.range(0)}, state.range(1)), DetectSimdLevel());
}
std::vector<std::int64_t> UpToAllCores() {
  const auto cores = static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::int64_t> counts;
  for (std::int64_t threads = 1; threads < cores; threads *= 2) counts.push_back(threads);
  counts.push_back(cores);
  return counts;
}
BENCHMARK(Threads)
    ->ArgNames({"threads", "centres"})
    ->ArgsProduct({UpToAllCores(), {1, 32}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// The bounds by themselves, per thread count.
void Machine(benchmark::State& state) {
  const MachineBounds& bounds = BoundsOf(DetectSimdLevel(), static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(bounds);
  state.counters["GFLOP/s"] = bounds.flops * 1e-9;
  state.counters["L2_GB/s"] = bounds.l2_bytes * 1e-9;
  state.counters["mem_GB/s"] = bounds.memory_bytes * 1e-9;
  state.SetLabel(std::string(SimdLevelName(DetectSimdLevel())));
}
BENCHMARK(Machine)->ArgName("threads")->ArgsProduct({UpToAllCores()});

}  // namespace
}  // namespace conec::word2vec
