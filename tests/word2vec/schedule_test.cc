#include "word2vec/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/word2vec/synthetic_corpus.h"

namespace conec::word2vec {
namespace {

std::vector<std::uint64_t> Order(std::uint64_t seed, std::uint32_t epoch, std::uint64_t size) {
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 0; i < size; ++i) order.push_back(ShuffledIndex(MakePhiloxKey(seed), epoch, i, size));
  return order;
}

TEST(ShuffledIndex, IsAPermutationForEverySize) {
  for (std::uint64_t size = 1; size < 700; ++size) {
    std::vector<std::uint64_t> order = Order(3, 1, size);
    std::sort(order.begin(), order.end());
    for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ(order[i], i) << "size " << size;
  }
}

TEST(ShuffledIndex, DiffersByEpochAndSeed) {
  EXPECT_NE(Order(1, 0, 100), Order(1, 1, 100));
  EXPECT_NE(Order(1, 0, 100), Order(2, 0, 100));
  EXPECT_EQ(Order(1, 0, 100), Order(1, 0, 100));
}

// Over many epochs every index comes first, and follows on every other, about equally often.
TEST(ShuffledIndex, IsUniform) {
  constexpr std::uint64_t kSize = 11;
  constexpr std::uint32_t kEpochs = 22000;
  std::vector<double> first(kSize), step(kSize);
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<std::uint64_t> order = Order(7, epoch, kSize);
    ++first[order[0]];
    ++step[(order[1] + kSize - order[0]) % kSize];
  }
  double chi_first = 0, chi_step = 0;
  for (std::uint64_t i = 0; i < kSize; ++i) {
    const double expected = double{kEpochs} / kSize;
    chi_first += (first[i] - expected) * (first[i] - expected) / expected;
    const double expected_step = i == 0 ? 0.0 : double{kEpochs} / (kSize - 1);
    if (i > 0) chi_step += (step[i] - expected_step) * (step[i] - expected_step) / expected_step;
  }
  EXPECT_EQ(step[0], 0);
  EXPECT_LT(chi_first, 29.6);  // upper 0.1 % points of chi-square with 10 and 9 degrees of freedom
  EXPECT_LT(chi_step, 27.9);
}

class ScheduleOrder : public testing::TestWithParam<bool> {};

TEST_P(ScheduleOrder, EveryPositionIsInExactlyOneBlockOfEveryEpoch) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 50, true, 3);
  const TrainOptions options{.epochs = 3, .shuffle = GetParam()};
  const Schedule schedule(options, corpus.stream);
  ASSERT_GT(schedule.size(), 10u);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<std::pair<std::size_t, std::size_t>> blocks;
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      const Schedule::Block block = schedule.At(epoch, i);
      blocks.emplace_back(block.begin, block.end);
    }
    EXPECT_EQ(std::is_sorted(blocks.begin(), blocks.end()), !GetParam());
    std::sort(blocks.begin(), blocks.end());
    std::size_t end = 0;
    for (const auto& block : blocks) {
      EXPECT_EQ(block.first, end);
      EXPECT_TRUE(block.first == 0 || block.first == corpus.stream.size() ||
                  corpora::EndsSegment(corpus.stream[block.first - 1]));
      end = block.second;
    }
    EXPECT_EQ(end, corpus.stream.size());
  }
}

TEST_P(ScheduleOrder, TheLearningRateFallsLinearlyFromStartToEnd) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 50, false, 3);
  const TrainOptions options{.epochs = 2, .learning_rate = 0.5, .final_learning_rate = 0.1, .shuffle = GetParam()};
  const Schedule schedule(options, corpus.stream);
  EXPECT_FLOAT_EQ(schedule.At(0, 0).learning_rate, 0.5f);
  EXPECT_NEAR(schedule.At(1, 0).learning_rate, 0.5 * 0.55, 1e-6);
  EXPECT_NEAR(schedule.At(1, schedule.size() - 1).learning_rate, 0.05,
              0.5 * 0.45 / static_cast<double>(schedule.size()) + 1e-6);
}

TEST(Schedule, StartsAtTheRateThatSuitsTheRuleAndSharing) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 50, false, 3);
  const auto start = [&](CbowUpdate update, int shared) {
    return Schedule({.shared_negatives = shared, .update = update}, corpus.stream).LearningRate(0, 0);
  };
  EXPECT_FLOAT_EQ(start(CbowUpdate::kWord2vec, 1), 0.06f);
  EXPECT_FLOAT_EQ(start(CbowUpdate::kWord2vec, 32), 0.075f);
  for (const int shared : {1, 32}) {
    EXPECT_FLOAT_EQ(start(CbowUpdate::kMean, shared), 0.15f);
    EXPECT_FLOAT_EQ(start(CbowUpdate::kSum, shared), 0.02f);
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, ScheduleOrder, testing::Bool(),
                         [](const auto& test) { return test.param ? "Shuffled" : "AsItStands"; });

TEST(Schedule, OfAnEmptyStreamHasNoBlocks) {
  EXPECT_EQ(Schedule({}, {}).size(), 0u);
}

}  // namespace
}  // namespace conec::word2vec
