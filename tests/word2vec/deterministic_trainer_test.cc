// The same bits for any number of threads; and the same training as the reference where blocks do not meet.
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "base/simd.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

struct Setting {
  std::string name;
  int dim, window, negatives, shared;
  double sample;
  bool gaps;
  std::uint32_t vocabulary;
  ExtendedInputs inputs = {};
};

const Setting kSettings[] = {
    {"OwnNoise", 40, 5, 13, 1, 0, false, 2000},
    {"SharedNoise", 40, 5, 13, 16, 0, false, 2000},
    {"SharedByAllOfABlock", 24, 5, 5, 1000, 0, true, 100},
    {"GapsAndSubsampling", 33, 6, 15, 7, 1e-2, true, 300},
    {"OwnNoiseFewWords", 20, 5, 40, 1, 0, false, 12},
    {"TwoWords", 16, 2, 3, 1, 0, false, 2},
    {"OneDimension", 1, 2, 1, 2, 0, false, 50},
    {"Direction", 24, 3, 5, 1, 0, true, 100, {.direction = true}},
    {"AllInputs", 24, 3, 5, 16, 1e-2, true, 100, {.direction = true, .shape = true, .context_shapes = true}},
};

TrainOptions Options(const Setting& setting, CbowUpdate update) {
  return {.dim = setting.dim,
          .window = setting.window,
          .negatives = setting.negatives,
          .shared_negatives = setting.shared,
          .epochs = 2,
          .learning_rate = update == CbowUpdate::kSum ? 0.005 : 0.05,
          .sample = setting.sample,
          .update = update,
          .extended_inputs = setting.inputs,
          .threads = 1,
          .deterministic = true};
}

SyntheticCorpus Corpus(const Setting& setting, std::size_t words) {
  return MakeSyntheticCorpus(words, setting.vocabulary, setting.gaps, 5);
}

class Deterministic : public testing::TestWithParam<std::tuple<SimdLevel, Setting>> {};

TEST_P(Deterministic, AnyNumberOfThreadsGivesTheSameBits) {
  const auto& [level, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = Corpus(setting, 20000);
  TrainOptions options = Options(setting, CbowUpdate::kWord2vec);
  const Trained one = TrainAll(CreateCpuTrainer, options, corpus);
  ASSERT_GT(one.result.trained_words, 1000u);
  for (const int threads : {2, 3, 8, 13}) {
    options.threads = threads;
    const Trained many = TrainAll(CreateCpuTrainer, options, corpus);
    EXPECT_TRUE(BitIdentical(one.tables.input, many.tables.input)) << threads;
    EXPECT_TRUE(BitIdentical(one.tables.output, many.tables.output)) << threads;
    EXPECT_EQ(one.result.loss_sum, many.result.loss_sum) << threads;
    EXPECT_EQ(one.result.trained_words, many.result.trained_words) << threads;
  }
}

// Block by block there is nothing to be merged.
TEST_P(Deterministic, RoundsOfOneBlockEqualTheReferenceUpToRounding) {
  const auto& [level, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = Corpus(setting, 3000);
  for (const CbowUpdate update : {CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum}) {
    const TrainOptions options = Options(setting, update);
    const Trained reference = TrainAll(CreateReferenceTrainer, options, corpus);
    EmbeddingTables tables = RandomTables(LayoutOf(options, corpus), options.dim);
    auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
    RangeResult all;
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
      for (std::size_t block = 0; block < Schedule(options, corpus.stream).size(); ++block) {
        const RangeResult result = trainer->TrainBlocks(epoch, block, block + 1).value();
        all.loss_sum += result.loss_sum;
        all.trained_words += result.trained_words;
      }
    }
    ASSERT_GT(all.trained_words, 100u);
    EXPECT_EQ(all.trained_words, reference.result.trained_words);
    EXPECT_NEAR(all.loss_sum, reference.result.loss_sum, 2e-6 * reference.result.loss_sum);
    EXPECT_LT(LargestDifference(tables.input, reference.tables.input), 5e-5) << Name(update);
    EXPECT_LT(LargestDifference(tables.output, reference.tables.output), 5e-5) << Name(update);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Deterministic,
                         testing::Combine(testing::ValuesIn(SupportedSimdLevels()), testing::ValuesIn(kSettings)),
                         [](const auto& test) {
                           return std::string(SimdLevelName(std::get<0>(test.param))) + "_" +
                                  std::get<1>(test.param).name;
                         });

// With so few words every block of a round moves every row, as far as it goes: the sum of all that would diverge.
TEST(DeterministicTraining, LearnsAsMuchAsOtherTrainingWhereBlocksMeetInEveryRow) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(100000, 100, false, 9);
  for (const int shared : {1, 32}) {
    TrainOptions options{.dim = 32, .window = 2, .negatives = 5, .shared_negatives = shared, .epochs = 5, .threads = 2};
    double loss[2] = {};
    for (const bool deterministic : {false, true}) {
      options.deterministic = deterministic;
      EmbeddingTables tables = InitializeTables(100, 32, 1).value();
      auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
      loss[deterministic] = Train(*trainer, options, corpus.view()).value().loss;
    }
    const double untrained = 6 * std::log(2.0);
    EXPECT_LT(loss[0], 0.9 * untrained);
    EXPECT_LT(loss[1], loss[0] + 0.1 * (untrained - loss[0]));
  }
}

TEST(DeterministicTraining, SaysSo) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 50, false, 9);
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  const TrainOptions options{.dim = 8, .threads = 20, .deterministic = true};
  EXPECT_THAT(CreateCpuTrainer(options, corpus.view(), tables).value()->Description(),
              testing::HasSubstr("deterministic, 8 threads"));
}

}  // namespace
}  // namespace conec::word2vec
