// The CPU trainer against the double-precision reference, at every SIMD level of this machine.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/simd.h"
#include "tests/base/same_bits.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

// Shared noise: groups that fill up and that do not, targets among the noise words, more centres to a set than a block
// has.
const Setting kSettings[] = {
    {"PaperSettings", 200, 5, 13, 0, false, 300},
    {"OneDimension", 1, 2, 1, 0, false, 50},
    {"OddSizes", 37, 3, 7, 0, false, 100},
    {"ManyNegativesFewWords", 20, 5, 40, 0, false, 12},
    {"Subsampling", 48, 4, 5, 1e-2, false, 80},
    {"GapsAndSubsampling", 33, 6, 15, 1e-2, true, 80},
    {"WideWindow", 64, 40, 16, 0, true, 200},
    {"TwoWords", 16, 2, 3, 0, false, 2},
    {"SharedBySixteen", 200, 5, 13, 0, false, 300, 16},
    {"SharedOneDimension", 1, 2, 1, 0, false, 50, 2},
    {"SharedManyNegativesFewWords", 20, 5, 40, 0, false, 12, 3},
    {"SharedGapsAndSubsampling", 33, 6, 15, 1e-2, true, 80, 7},
    {"SharedByAllOfABlock", 24, 5, 5, 0, true, 100, 1000},
    {"SharedTwoWords", 16, 2, 3, 0, false, 2, 16},
};

class CpuAgainstReference : public testing::TestWithParam<std::tuple<SimdLevel, CbowUpdate, Setting>> {};

TEST_P(CpuAgainstReference, OneThreadEqualsTheReferenceUpToRounding) {
  const auto& [level, update, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = CorpusOf(setting, 3000);
  const TrainOptions options = OptionsOf(setting, update);
  ExpectEqualUpToRounding(TrainAll(CreateCpuTrainer, options, corpus),
                          TrainAll(CreateReferenceTrainer, options, corpus));
}

INSTANTIATE_TEST_SUITE_P(Levels, CpuAgainstReference,
                         testing::Combine(testing::ValuesIn(SupportedSimdLevels()),
                                          testing::Values(CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum),
                                          testing::ValuesIn(kSettings)),
                         [](const auto& test) {
                           return std::string(SimdLevelName(std::get<0>(test.param))) + "_" +
                                  std::string(Name(std::get<1>(test.param))) + "_" + std::get<2>(test.param).name;
                         });

// A corpus is mapped, and another program may write to its file. Under AddressSanitizer this proves more.
TEST(CorpusThatChanges, StopsTrainingWithAnErrorAndTrainsNothingThatIsNoWord) {
  const SyntheticCorpus whole = MakeSyntheticCorpus(20000, 50, true, 1);
  for (const bool deterministic : {false, true}) {
    for (const CreateFn create : {CreateCpuTrainer, CreateReferenceTrainer}) {
      for (const std::uint32_t wrong : {50u, 65536u, 0x7FFFFFFFu, 0x7FFFFFFEu}) {
        SyntheticCorpus corpus = whole;
        TrainOptions options{.dim = 16, .window = 3, .negatives = 3, .epochs = 2, .sample = 1e-2};
        options.threads = 2;
        options.deterministic = deterministic;
        EmbeddingTables tables = RandomTables(LayoutOf(options, corpus), options.dim);
        const auto trainer = create(options, corpus.view(), tables).value();
        EXPECT_TRUE(trainer->TrainBlocks(0, 0, 5).ok());
        // Words, gaps and marks.
        for (std::size_t i = 9000; i < 9100; ++i) corpus.stream[i] = corpora::WordId{wrong};
        const absl::Status status = Train(*trainer, options, corpus.view()).status();
        EXPECT_TRUE(absl::IsDataLoss(status)) << wrong;
        EXPECT_THAT(std::string(status.message()), testing::HasSubstr("changed while it was being read"));
      }
    }
  }
}

class CpuTrainer : public testing::TestWithParam<SimdLevel> {};

TEST_P(CpuTrainer, OneThreadIsBitIdenticalFromRunToRun) {
  const ForcedSimd forced(GetParam());
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 200, false, 6);
  for (const int shared : {1, 16}) {
    const TrainOptions options{.dim = 40, .shared_negatives = shared, .epochs = 1, .learning_rate = 0.05, .threads = 1};
    const Trained first = TrainAll(CreateCpuTrainer, options, corpus),
                  second = TrainAll(CreateCpuTrainer, options, corpus);
    EXPECT_TRUE(SameBits(first.tables.input, second.tables.input));
    EXPECT_TRUE(SameBits(first.tables.output, second.tables.output));
    EXPECT_EQ(first.result.loss_sum, second.result.loss_sum);
  }
}

// With a rate so small that no float changes, the loss is a function of the draws alone.
TEST_P(CpuTrainer, DrawsDoNotDependOnTheNumberOfThreads) {
  const ForcedSimd forced(GetParam());
  const SyntheticCorpus corpus = MakeSyntheticCorpus(60000, 200, true, 7);
  for (const int shared : {1, 16}) {
    TrainOptions options{
        .dim = 24, .shared_negatives = shared, .epochs = 1, .learning_rate = 1e-30, .sample = 1e-2, .threads = 1};
    const Trained one = TrainAll(CreateCpuTrainer, options, corpus);
    for (const int threads : {2, 4}) {
      options.threads = threads;
      const Trained many = TrainAll(CreateCpuTrainer, options, corpus);
      EXPECT_TRUE(SameBits(one.tables.input, many.tables.input));
      EXPECT_EQ(many.result.trained_words, one.result.trained_words);
      EXPECT_NEAR(many.result.loss_sum, one.result.loss_sum, 1e-9 * one.result.loss_sum);
    }
    options.seed = 2;
    EXPECT_GT(std::abs(TrainAll(CreateCpuTrainer, options, corpus).result.loss_sum - one.result.loss_sum),
              1e-6 * one.result.loss_sum);
  }
}

// One segment of 256 words: the rows of W2 that it trains besides its words'.
std::size_t NoiseRowsTrained(CreateFn create, int shared) {
  constexpr std::uint32_t kWords = 256, kTargets = 10, kVocabulary = 20000;
  SyntheticCorpus corpus;
  corpus.counts.assign(kVocabulary, 1);
  for (std::uint32_t i = 0; i < kWords; ++i) corpus.stream.push_back(corpora::WordId{i % kTargets});
  corpus.stream.push_back(corpora::kEndOfDocument);
  const TrainOptions options{.dim = 4,
                             .negatives = 13,
                             .shared_negatives = shared,
                             .epochs = 1,
                             .learning_rate = 0.05,
                             .noise_exponent = 0,
                             .threads = 1};
  const EmbeddingTables before = RandomTables(LayoutOf(options, corpus), options.dim);
  const Trained after = TrainAll(create, options, corpus);
  std::size_t rows = 0;
  for (std::uint32_t i = kTargets; i < kVocabulary; ++i) {
    rows += !std::equal(before.output.row(i).begin(), before.output.row(i).end(), after.tables.output.row(i).begin());
  }
  return rows;
}

TEST_P(CpuTrainer, SharedNoiseIsDrawnOnceForSoManyCentres) {
  const ForcedSimd forced(GetParam());
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    // Of 20000 words, 3328 drawn at random are about 3060 different ones.
    EXPECT_NEAR(static_cast<double>(NoiseRowsTrained(create, 1)), 3060, 100);
    EXPECT_LE(NoiseRowsTrained(create, 16), 256u / 16 * 13);
    EXPECT_GT(NoiseRowsTrained(create, 16), 256u / 16 * 13 - 15);
    EXPECT_LE(NoiseRowsTrained(create, 64), 256u / 64 * 13);
    EXPECT_LE(NoiseRowsTrained(create, 1000), 13u);
  }
}

TEST_P(CpuTrainer, TrainingInPartsIsTrainingAtOnce) {
  const ForcedSimd forced(GetParam());
  const SyntheticCorpus corpus = MakeSyntheticCorpus(5000, 100, false, 8);
  const TrainOptions options{.dim = 24, .epochs = 1, .learning_rate = 0.05, .threads = 1};
  const Trained whole = TrainAll(CreateCpuTrainer, options, corpus);
  EmbeddingTables tables = TrainAll(CreateCpuTrainer, {.dim = 24, .epochs = 0, .threads = 1}, corpus).tables;
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  ASSERT_GT(blocks, 4u);
  for (std::size_t first = 0; first < blocks; first += 2) {
    ASSERT_TRUE(trainer->TrainBlocks(0, first, std::min(blocks, first + 2)).ok());
  }
  EXPECT_TRUE(SameBits(whole.tables.input, tables.input));
  EXPECT_TRUE(SameBits(whole.tables.output, tables.output));
}

TEST_P(CpuTrainer, RunsTheForcedLevel) {
  const ForcedSimd forced(GetParam());
  const SyntheticCorpus corpus = MakeSyntheticCorpus(5000, 100, false, 8);
  const TrainOptions options{.dim = 64, .epochs = 1, .learning_rate = 0.05, .threads = 1};
  EmbeddingTables tables = InitializeTables(100, 64, 1).value();
  EXPECT_THAT(CreateCpuTrainer(options, corpus.view(), tables).value()->Description(),
              testing::HasSubstr(SimdLevelName(GetParam())));
  // Levels add in different orders: if another level gives the same bits, one of them did not run.
  const Trained here = TrainAll(CreateCpuTrainer, options, corpus);
  for (const SimdLevel other : SupportedSimdLevels()) {
    const ForcedSimd forced_other(other);
    EXPECT_EQ(SameBits(here.tables.input, TrainAll(CreateCpuTrainer, options, corpus).tables.input),
              other == GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, CpuTrainer, testing::ValuesIn(SupportedSimdLevels()),
                         [](const auto& test) { return std::string(SimdLevelName(test.param)); });

TEST(Training, LowersTheLossWithManyThreads) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(50000, 100, false, 9);
  const TrainOptions options{.dim = 32, .window = 2, .negatives = 5, .epochs = 5, .threads = 4};
  EmbeddingTables tables = InitializeTables(100, 32, 1).value();
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  const TrainingSummary summary = Train(*trainer, options, corpus.view()).value();
  EXPECT_LT(summary.loss, 0.9 * 6 * std::log(2.0));  // untrained: log 2 for the target and each of 5 noise words
  EXPECT_GT(summary.trained_words, 5u * 40000u);
}

TEST(Training, StopsWithAnErrorWhenTheLossIsNotFinite) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 50, false, 9);
  const TrainOptions options{.dim = 8, .epochs = 1, .threads = 1};
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  tables.input.row(3)[2] = NAN;
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    auto trainer = create(options, corpus.view(), tables).value();
    const absl::Status status = Train(*trainer, options, corpus.view()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(testing::HasSubstr("epoch 1"), testing::HasSubstr("--lr")));
  }
}

TEST(Training, StopsWhenProgressSaysSo) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 50, false, 9);
  const TrainOptions options{.dim = 8, .epochs = 3, .threads = 1};
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  int calls = 0;
  const auto status = Train(*trainer, options, corpus.view(), [&](const TrainingProgress& progress) {
                        EXPECT_GT(progress.fraction, 0);
                        EXPECT_LE(progress.fraction, 1);
                        return ++calls < 2;
                      }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls, 2);
}

// Trains until the progress function was called `calls` times, and from there on with another trainer, as after a
// restart.
TrainingSummary TrainInTwoRuns(const TrainOptions& options, const SyntheticCorpus& corpus, int calls,
                               EmbeddingTables& tables) {
  TrainingPosition position;
  const auto stop = [&](const TrainingProgress& progress) {
    position = progress.position;
    return --calls > 0;
  };
  {
    auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
    EXPECT_TRUE(absl::IsCancelled(Train(*trainer, options, corpus.view(), stop).status()));
  }
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  return Train(*trainer, options, corpus.view(), nullptr, position).value();
}

TEST(Training, GoesOnFromAnyPositionAsIfItHadNotStopped) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(600000, 50, false, 9);
  for (const int shared : {1, 32}) {
    const TrainOptions options{
        .dim = 4, .window = 1, .negatives = 1, .shared_negatives = shared, .epochs = 2, .threads = 1};
    EmbeddingTables whole = InitializeTables(50, 4, 1).value();
    auto trainer = CreateCpuTrainer(options, corpus.view(), whole).value();
    int ranges = 0;
    const TrainingSummary summary =
        Train(*trainer, options, corpus.view(), [&](const auto&) { return ++ranges > 0; }).value();
    ASSERT_EQ(ranges, 4);  // so that 1 and 3 are inside an epoch
    for (int stop = 1; stop <= ranges; ++stop) {
      EmbeddingTables tables = InitializeTables(50, 4, 1).value();
      const TrainingSummary resumed = TrainInTwoRuns(options, corpus, stop, tables);
      EXPECT_TRUE(SameBits(tables.input, whole.input)) << stop;
      EXPECT_TRUE(SameBits(tables.output, whole.output)) << stop;
      EXPECT_EQ(resumed.loss, summary.loss);
      EXPECT_EQ(resumed.trained_words, summary.trained_words);
    }
  }
}

TEST(Training, RefusesPositionsThatTheScheduleDoesNotHave) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(5000, 50, false, 9);
  const TrainOptions options{.dim = 8, .epochs = 2, .threads = 1};
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  auto trainer = CreateCpuTrainer(options, corpus.view(), tables).value();
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  const auto from = [&](int epoch, std::size_t block) {
    return Train(*trainer, options, corpus.view(), nullptr, {.epoch = epoch, .block = block}).status().code();
  };
  EXPECT_EQ(from(-1, 0), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(from(0, blocks), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(from(2, 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(from(3, 0), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(from(2, 0), absl::StatusCode::kOk);
  EXPECT_EQ(from(1, blocks - 1), absl::StatusCode::kOk);
}

TEST(Training, RefusesWhatDoesNotFitTogether) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 50, false, 9);
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  EmbeddingTables other = InitializeTables(49, 8, 1).value();
  const std::vector<std::int64_t> one_word = {5};
  const std::vector<corpora::WordId> unended = {corpora::WordId{0}};
  const std::vector<corpora::WordId> unknown = {corpora::WordId{0}, corpora::WordId{50}, corpora::kEndOfDocument};
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    EXPECT_EQ(create({.dim = 9}, corpus.view(), tables).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(create({.dim = 8}, corpus.view(), other).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(create({.dim = 8, .window = 0}, corpus.view(), tables).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(create({.dim = 8}, TrainingCorpus{corpus.stream, one_word, {}}, tables).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(create({.dim = 8}, TrainingCorpus{unknown, corpus.counts, {}}, tables).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(create({.dim = 8}, TrainingCorpus{unended, corpus.counts, {}}, tables).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(InitializeTables, IsUniformInHalfOverDimAndZero) {
  const EmbeddingTables tables = InitializeTables(300, 50, 1).value();
  double sum = 0, largest = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    for (const float value : tables.input.row(i)) {
      sum += value;
      largest = std::max(largest, std::abs(double{value}));
    }
    EXPECT_THAT(tables.output.row(i), testing::Each(0.0f));
  }
  EXPECT_NEAR(sum / (300 * 50), 0, 4 * 0.01 / std::sqrt(12.0 * 300 * 50));
  EXPECT_LE(largest, 0.01);
  EXPECT_GT(largest, 0.0099);
  EXPECT_FALSE(SameBits(tables.input, InitializeTables(300, 50, 2).value().input));
}

}  // namespace
}  // namespace conec::word2vec
