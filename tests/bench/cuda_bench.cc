// Speed of the kernels on a GPU: words per second on a random corpus with Zipf-distributed words, and how far that is
// from what the device's memory allows, measured in the same run. Quality is not measured here. Without a GPU
// everything is skipped.
//   words/s   centres trained (context pass: tokens) per second
//   kB/word   of table rows that a word reads and adds to, through L2: noise rows that are held count once per set
//   copy      bytes per second, read and written, of a copy from device memory to device memory
//   of_copy   words/s times kB/word as a share of that; above 1 the L2 cache has kept rows
#include <benchmark/benchmark.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/device.h"
#include "conec/global_context.h"
#include "tests/bench/zipf_stream.h"
#include "word2vec/device_plan.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"
#include "word2vec/trainer_cuda.h"

namespace conec::word2vec {
namespace {

constexpr std::uint32_t kWords = 70000;
constexpr std::size_t kTokens = 20000000;

const ZipfCorpus& RandomCorpus() {
  static const ZipfCorpus* const corpus = new ZipfCorpus(kTokens, kWords);
  return *corpus;
}

double CopyBytesPerSecond() {
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  constexpr int kTimes = 20;
  void *from = nullptr, *to = nullptr;
  double rate = 0;
  if (cudaMalloc(&from, kBytes) == cudaSuccess && cudaMalloc(&to, kBytes) == cudaSuccess) {
    for (int times : {1, kTimes}) {  // the first one warms up
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < times; ++i) (void)cudaMemcpyAsync(to, from, kBytes, cudaMemcpyDeviceToDevice);
      (void)cudaDeviceSynchronize();
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      rate = 2.0 * kBytes * times / seconds.count();
    }
  }
  (void)cudaFree(from);
  (void)cudaFree(to);
  return rate;
}

double Copy() {
  static const double rate = CopyBytesPerSecond();
  return rate;
}

// Rows of words that are not held come from L2 for every centre, and updates of rows go there; a held row once a set.
double BytesPerWord(const TrainOptions& options, const CudaDevice& device, int warps) {
  const ZipfCorpus& corpus = RandomCorpus();
  const InputLayout layout = MakeInputLayout(kWords, options.window, {}).value();
  const RowRules rules = RulesOfRows(options, layout, corpus.counts, warps);
  double sum = 0, held = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    const double weight = std::pow(static_cast<double>(corpus.counts[i]), options.noise_exponent);
    sum += weight;
    if (rules.holdable[i] != 0 && options.shared_negatives > 1) held += weight;
  }
  const double held_rows = std::min<double>(options.negatives * held / sum, HeldRows(options, device.shared_per_block));
  const double rows =
      options.window + 1.0 + 1 + (options.negatives - held_rows) + held_rows / std::max(options.shared_negatives, 1);
  return rows * 2 * 4 * static_cast<double>(DeviceStride(options.dim));
}

void Report(benchmark::State& state, double words, double bytes_per_word) {
  const auto rate = [&](double per_word) { return benchmark::Counter(words * per_word, benchmark::Counter::kIsRate); };
  state.counters["words/s"] = rate(1);
  state.counters["kB/word"] = bytes_per_word * 1e-3;
  state.counters["copy"] = Copy();
  state.counters["of_copy"] = rate(bytes_per_word / Copy());
}

// plan: nullopt for the trainer's own.
void Train(benchmark::State& state, TrainOptions options, std::optional<DeviceMemoryPlan> plan = std::nullopt) {
  const auto device = FindCudaDevice();
  if (!device.ok()) return state.SkipWithError(std::string(device.status().message()).c_str());
  options.epochs = 1000;
  const ZipfCorpus& corpus = RandomCorpus();
  EmbeddingTables tables = InitializeTables(kWords, options.dim, 1).value();
  auto trainer = plan.has_value() ? CreateCudaTrainer(options, corpus.view(), tables, *plan)
                                  : CreateCudaTrainer(options, corpus.view(), tables);
  if (!trainer.ok()) return state.SkipWithError(std::string(trainer.status().message()).c_str());
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  double words = 0;
  int epoch = 0;
  for (auto _ : state) {
    const auto result = (*trainer)->TrainBlocks(epoch++, 0, blocks);
    if (!result.ok()) return state.SkipWithError(std::string(result.status().message()).c_str());
    words += static_cast<double>(result->trained_words);
  }
  const int warps = ConcurrentWarps(options, device->multiprocessors, corpus.stream.size());
  Report(state, words, BytesPerWord(options, *device, warps));
  state.SetLabel((*trainer)->Description());
}

TrainOptions Shared() {
  TrainOptions options;
  options.shared_negatives = 32;
  return options;
}

void Dimensions(benchmark::State& state) {
  TrainOptions options = Shared();
  options.dim = static_cast<int>(state.range(0));
  Train(state, options);
}
BENCHMARK(Dimensions)
    ->ArgName("d")
    ->Arg(16)
    ->Arg(64)
    ->Arg(100)
    ->Arg(128)
    ->Arg(200)
    ->Arg(256)
    ->Arg(300)
    ->Arg(512)
    ->Arg(1024)
    ->UseRealTime();

void Negatives(benchmark::State& state) {
  TrainOptions options = Shared();
  options.negatives = static_cast<int>(state.range(0));
  Train(state, options);
}
BENCHMARK(Negatives)->ArgName("k")->Arg(1)->Arg(5)->Arg(13)->Arg(20)->Arg(64)->UseRealTime();

void SharedNegatives(benchmark::State& state) {
  TrainOptions options;
  options.shared_negatives = static_cast<int>(state.range(0));
  Train(state, options);
}
BENCHMARK(SharedNegatives)->ArgName("centres")->Arg(1)->Arg(8)->Arg(32)->Arg(64)->UseRealTime();

void Warps(benchmark::State& state) {
  TrainOptions options = Shared();
  options.gpu_warps = static_cast<int>(state.range(0));
  Train(state, options);
}
BENCHMARK(Warps)->ArgName("warps")->Arg(1)->Arg(16)->Arg(64)->Arg(132)->Arg(264)->Arg(528)->Arg(1056)->UseRealTime();

// Ids in batches of so many positions, copied while the one before is trained: as fast as with all of them in place, if
// copies are hidden. 0: in place.
void Streamed(benchmark::State& state) {
  const auto positions = static_cast<std::size_t>(state.range(0));
  if (positions == 0) return Train(state, Shared());
  Train(state, Shared(), DeviceMemoryPlan{.resident = false, .batch_positions = positions});
}
BENCHMARK(Streamed)->ArgName("batch")->Arg(0)->Arg(1 << 18)->Arg(1 << 20)->Arg(1 << 21)->UseRealTime();

// The whole call: table and sums to the GPU and back, counting on the CPU.
void ContextPass(benchmark::State& state) {
  const auto device = FindCudaDevice();
  if (!device.ok()) return state.SkipWithError(std::string(device.status().message()).c_str());
  const ZipfCorpus& corpus = RandomCorpus();
  const auto dim = static_cast<std::size_t>(state.range(0));
  const EmbeddingTables tables = InitializeTables(kWords, static_cast<int>(dim), 1).value();
  GlobalContextOptions options;
  options.device = Device::kCuda;
  double words = 0;
  for (auto _ : state) {
    const auto sums = ComputeContextSums({.stream = corpus.stream, .mapping = {}}, tables.input.view(), options);
    if (!sums.ok()) return state.SkipWithError(std::string(sums.status().message()).c_str());
    words += static_cast<double>(corpus.stream.size());
  }
  Report(state, words, 3.0 * 4 * static_cast<double>(DeviceStride(static_cast<int>(dim))));
}
BENCHMARK(ContextPass)->ArgName("d")->Arg(100)->Arg(200)->Arg(300)->UseRealTime();

}  // namespace
}  // namespace conec::word2vec
