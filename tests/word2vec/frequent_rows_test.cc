// Threads' copies of frequent rows: training on them is training, and what threads change adds up.
#include "word2vec/frequent_rows.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "tests/base/same_bits.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/cpu_worker.h"
#include "word2vec/distributions.h"
#include "word2vec/schedule.h"

namespace conec::word2vec {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

const TrainOptions kOptions{.dim = 40, .window = 5, .negatives = 7, .shared_negatives = 32, .learning_rate = 0.05};

// What a trainer of one thread is made of, with copies of frequent rows besides.
struct Bench {
  Bench(const TrainOptions& options_in, const FrequentRowsPlan& plan, SimdLevel level, EmbeddingTables tables_in)
      : options(options_in),
        tables(std::move(tables_in)),
        noise(NoiseTable(corpus.counts, options.noise_exponent).value()),
        layout(LayoutOf(options, corpus)),
        model(MakeCbowModel(options, layout, tables, noise)),
        scratch(KernelScratch::Create(options, model.stride, plan).value()),
        train(KernelOf(level)) {
    scratch.frequent_rows().Load(model);
  }

  Words Block(std::size_t index) const {
    Words words;
    words.Collect({.stream = corpus.stream, .shapes = {}, .words = corpus.counts.size(), .key = model.key, .keep = {}},
                  0, schedule.At(0, index));
    return words;
  }

  const TrainOptions options;
  const SyntheticCorpus corpus = MakeSyntheticCorpus(6000, 120, true, 5);
  const Schedule schedule{options, corpus.stream};
  EmbeddingTables tables;
  std::vector<AliasEntry> noise;
  InputLayout layout;
  CbowModel model;
  KernelScratch scratch;
  TrainRunFn train;
  CbowStatistics statistics{};
};

EmbeddingTables StartOf(const TrainOptions& options) {
  return RandomTables(MakeInputLayout(120, options.window, options.extended_inputs).value(), options.dim);
}

// Blocks [first, last) one after the other, each announcing the next.
EmbeddingTables TrainBlocks(const TrainOptions& options, const FrequentRowsPlan& plan, SimdLevel level,
                            std::size_t first, std::size_t last) {
  Bench bench(options, plan, level, StartOf(options));
  for (std::size_t i = first; i < last; ++i) {
    Words words = bench.Block(i), following;
    if (i + 1 < last) following = bench.Block(i + 1);
    words.run.following = i + 1 < last ? &following.run : nullptr;
    bench.train(bench.model, words.run, bench.scratch.view(), &bench.statistics);
  }
  EXPECT_GT(bench.statistics.trained_words, 500u);
  return std::move(bench.tables);
}

class TrainingOnCopies : public testing::TestWithParam<SimdLevel> {};

TEST_P(TrainingOnCopies, OfOneThreadIsTrainingUpToRounding) {
  for (const ExtendedInputs inputs : {ExtendedInputs{}, ExtendedInputs{.direction = true}}) {
    TrainOptions options = kOptions;
    options.extended_inputs = inputs;
    const EmbeddingTables plain = TrainBlocks(options, {}, GetParam(), 0, 5);
    for (const std::uint32_t rows : {1u, 37u, 120u}) {
      for (const std::uint32_t uses : {1u, 20u, kNever}) {
        const FrequentRowsPlan plan{.input = inputs.any() ? 0 : rows, .output = rows, .uses_between_merges = uses};
        const EmbeddingTables copied = TrainBlocks(options, plan, GetParam(), 0, 5);
        EXPECT_LT(LargestDifference(copied.input, plain.input), 5e-5) << rows << " rows, " << uses << " uses";
        EXPECT_LT(LargestDifference(copied.output, plain.output), 5e-5) << rows << " rows, " << uses << " uses";
      }
    }
  }
}

// Two threads that do not see each other before the end, in turn.
TEST_P(TrainingOnCopies, OfTwoThreadsAddsUp) {
  const FrequentRowsPlan all{.input = 120, .output = 120, .uses_between_merges = kNever};
  const EmbeddingTables start = StartOf(kOptions), one = TrainBlocks(kOptions, all, GetParam(), 0, 1),
                        other = TrainBlocks(kOptions, all, GetParam(), 1, 2);
  Bench both(kOptions, all, GetParam(), StartOf(kOptions));
  KernelScratch second = KernelScratch::Create(kOptions, both.model.stride, all).value();
  second.frequent_rows().Load(both.model);
  both.train(both.model, both.Block(0).run, both.scratch.view(), &both.statistics);
  both.train(both.model, both.Block(1).run, second.view(), &both.statistics);
  double largest = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    for (std::size_t j = 0; j < 40; ++j) {
      const float sum = one.output.row(i)[j] + other.output.row(i)[j] - start.output.row(i)[j];
      EXPECT_NEAR(both.tables.output.row(i)[j], sum, 1e-5);
      EXPECT_NEAR(both.tables.input.row(i)[j], one.input.row(i)[j] + other.input.row(i)[j] - start.input.row(i)[j],
                  1e-5);
      largest = std::max(largest, std::abs(double{one.output.row(i)[j]} - double{start.output.row(i)[j]}));
    }
  }
  EXPECT_GT(largest, 0.1);
}

TEST_P(TrainingOnCopies, ReachesTheTableAtTheEnd) {
  for (const bool is_last : {false, true}) {
    const FrequentRowsPlan all{.input = 120, .output = 120, .uses_between_merges = kNever};
    Bench bench(kOptions, all, GetParam(), StartOf(kOptions));
    Words words = bench.Block(0), following = bench.Block(1);
    words.run.following = is_last ? nullptr : &following.run;
    bench.train(bench.model, words.run, bench.scratch.view(), &bench.statistics);
    const EmbeddingTables start = StartOf(kOptions);
    EXPECT_EQ(SameBits(bench.tables.input, start.input), !is_last);
    EXPECT_EQ(SameBits(bench.tables.output, start.output), !is_last);
  }
}

// Wherever a word stands, its neighbours use it, most often both, and at most 2 * window words do.
TEST_P(TrainingOnCopies, ReachesTheTableWhenDueAndNotBefore) {
  constexpr std::uint32_t kUses = 15;
  const FrequentRowsPlan all{.input = 120, .output = 120, .uses_between_merges = kUses};
  Bench bench(kOptions, all, GetParam(), StartOf(kOptions));
  Words words = bench.Block(0), following = bench.Block(1);
  words.run.following = &following.run;
  bench.train(bench.model, words.run, bench.scratch.view(), &bench.statistics);
  const EmbeddingTables start = StartOf(kOptions);
  int due = 0, not_due = 0;
  for (std::uint32_t word = 0; word < 120; ++word) {
    const auto occurrences = static_cast<std::uint32_t>(std::ranges::count(words.centres.ids, word));
    const bool moved = !std::ranges::equal(bench.tables.input.row(word), start.input.row(word));
    if (occurrences >= kUses) {
      ++due;
      EXPECT_TRUE(moved) << word;
    } else if (occurrences * 2 * static_cast<std::uint32_t>(kOptions.window) < kUses) {
      ++not_due;
      EXPECT_FALSE(moved) << word;
    }
  }
  EXPECT_GT(due, 0);
  EXPECT_GT(not_due, 0);
}

INSTANTIATE_TEST_SUITE_P(Levels, TrainingOnCopies, testing::ValuesIn(SupportedSimdLevels()),
                         [](const auto& test) { return std::string(SimdLevelName(test.param)); });

TEST(FrequentRowsPlan, OneThreadOrNoiseWordsOfItsOwnMeanNoCopies) {
  TrainOptions options = kOptions;
  EXPECT_EQ(PlanFrequentRows(options, 1000, 208, 1).input, 0u);
  EXPECT_EQ(PlanFrequentRows(options, 1000, 208, 1).output, 0u);
  EXPECT_GT(PlanFrequentRows(options, 1000, 208, 2).input, 0u);
  options.shared_negatives = 1;
  EXPECT_EQ(PlanFrequentRows(options, 1000, 208, 2).output, 0u);
}

TEST(FrequentRowsPlan, FitsTheCacheAndTheVocabulary) {
  EXPECT_EQ(PlanFrequentRows(kOptions, 1'000'000, 208, 2).input, 157u);  // 128 KiB
  EXPECT_EQ(PlanFrequentRows(kOptions, 1'000'000, 4096, 2).output, 8u);
  EXPECT_EQ(PlanFrequentRows(kOptions, 1'000'000, 16, 2).output, 256u);
  EXPECT_EQ(PlanFrequentRows(kOptions, 50, 208, 2).input, 50u);
  TrainOptions options = kOptions;
  options.extended_inputs.shape = true;
  EXPECT_EQ(PlanFrequentRows(options, 1000, 208, 2).input, 0u);
  EXPECT_EQ(PlanFrequentRows(options, 1000, 208, 2).output, 157u);
}

TEST(FrequentRowsPlan, AllThreadsTogetherWaitForSoManyUses) {
  EXPECT_EQ(PlanFrequentRows(kOptions, 1000, 208, 2).uses_between_merges, 32u);
  EXPECT_EQ(PlanFrequentRows(kOptions, 1000, 208, 16).uses_between_merges, 4u);
  EXPECT_EQ(PlanFrequentRows(kOptions, 1000, 208, 200).uses_between_merges, 1u);
}

}  // namespace
}  // namespace conec::word2vec
