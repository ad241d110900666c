// The same bits for any number of threads; and the same training as the reference where blocks do not meet.
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "base/simd.h"
#include "tests/base/same_bits.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

const Setting kSettings[] = {
    {"OwnNoise", 40, 5, 13, 0, false, 2000},
    {"SharedNoise", 40, 5, 13, 0, false, 2000, 16},
    {"SharedByAllOfABlock", 24, 5, 5, 0, true, 100, 1000},
    {"GapsAndSubsampling", 33, 6, 15, 1e-2, true, 300, 7},
    {"OwnNoiseFewWords", 20, 5, 40, 0, false, 12},
    {"TwoWords", 16, 2, 3, 0, false, 2},
    {"OneDimension", 1, 2, 1, 0, false, 50, 2},
    {"Direction", 24, 3, 5, 0, true, 100, 1, "direction"},
    {"AllInputs", 24, 3, 5, 1e-2, true, 100, 16, "direction,shape,context-shapes"},
};

TrainOptions DeterministicOptions(const Setting& setting, CbowUpdate update) {
  TrainOptions options = OptionsOf(setting, update);
  options.deterministic = true;
  return options;
}

class Deterministic : public testing::TestWithParam<std::tuple<SimdLevel, Setting>> {};

TEST_P(Deterministic, AnyNumberOfThreadsGivesTheSameBits) {
  const auto& [level, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = CorpusOf(setting, 20000);
  TrainOptions options = DeterministicOptions(setting, CbowUpdate::kWord2vec);
  const Trained one = TrainAll(CreateCpuTrainer, options, corpus);
  ASSERT_GT(one.result.trained_words, 1000u);
  for (const int threads : {2, 3, 8, 13}) {
    options.threads = threads;
    const Trained many = TrainAll(CreateCpuTrainer, options, corpus);
    EXPECT_TRUE(SameBits(one.tables.input, many.tables.input)) << threads;
    EXPECT_TRUE(SameBits(one.tables.output, many.tables.output)) << threads;
    EXPECT_EQ(one.result.loss_sum, many.result.loss_sum) << threads;
    EXPECT_EQ(one.result.trained_words, many.result.trained_words) << threads;
  }
}

// Block by block there is nothing to be merged.
TEST_P(Deterministic, RoundsOfOneBlockEqualTheReferenceUpToRounding) {
  const auto& [level, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = CorpusOf(setting, 3000);
  for (const CbowUpdate update : {CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum}) {
    const TrainOptions options = DeterministicOptions(setting, update);
    const Trained reference = TrainAll(CreateReferenceTrainer, options, corpus);
    Trained trained{RandomTables(LayoutOf(options, corpus), options.dim), {}};
    auto trainer = CreateCpuTrainer(options, corpus.view(), trained.tables).value();
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
      for (std::size_t block = 0; block < Schedule(options, corpus.stream).size(); ++block) {
        Add(trainer->TrainBlocks(epoch, block, block + 1).value(), trained.result);
      }
    }
    SCOPED_TRACE(Name(update));
    ExpectEqualUpToRounding(trained, reference);
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
