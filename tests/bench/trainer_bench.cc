// Speed of the CBOW trainer on a random corpus: words per second, arithmetic and table traffic per word beside it.
// The corpus is Zipf-distributed with the vocabulary size as an argument; quality is not measured here.
#include <benchmark/benchmark.h>

#include "tests/word2vec/synthetic_corpus.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

void TrainEpoch(benchmark::State& state) {
  const auto vocabulary = static_cast<std::uint32_t>(state.range(0));
  const TrainOptions options{.dim = static_cast<int>(state.range(1)),
                             .negatives = static_cast<int>(state.range(2)),
                             .threads = static_cast<int>(state.range(3))};
  const SyntheticCorpus corpus = MakeSyntheticCorpus(200000, vocabulary, false, 1);
  EmbeddingTables tables = InitializeTables(vocabulary, options.dim, 1).value();
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  std::uint64_t words = 0;
  int epoch = 0;
  for (auto _ : state) {
    words += trainer->TrainBlocks(epoch++ % options.epochs, 0, blocks).value().trained_words;
  }
  const double rate = static_cast<double>(words), rows = 1.0 + options.negatives,
               context = 2 * (options.window + 1) / 2.0;
  // Multiply-adds count two: dot products, errors and updates of k+1 rows; sum and update of the context rows.
  const double flops = options.dim * (6 * rows + 2 * context);
  const double bytes = 4 * options.dim * 2 * (rows + context);
  state.counters["words/s"] = benchmark::Counter(rate, benchmark::Counter::kIsRate);
  state.counters["flop/s"] = benchmark::Counter(rate * flops, benchmark::Counter::kIsRate);
  state.counters["table_bytes/word"] = bytes;
  state.SetLabel(trainer->Description());
}
BENCHMARK(TrainEpoch)
    ->ArgNames({"V", "d", "k", "threads"})
    ->Args({1000, 200, 13, 1})
    ->Args({70000, 200, 13, 1})
    ->Args({70000, 200, 13, 2})
    ->Args({70000, 100, 5, 1})
    ->Args({70000, 300, 13, 1})
    ->UseRealTime();

}  // namespace
}  // namespace conec::word2vec
