// The GPU's kernel, run by the host, against the reference; and what is decided before a GPU trains.
#include "word2vec/cbow_warp.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/device.h"
#include "tests/base/same_bits.h"
#include "tests/base/sanitizers.h"
#include "tests/word2vec/emulated_trainer.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/device_check.h"

namespace conec::word2vec {
namespace {

using testing::HasSubstr;

Trained TrainEmulated(const TrainOptions& options, const SyntheticCorpus& corpus, const Emulation& emulation) {
  Trained trained{RandomTables(LayoutOf(options, corpus), options.dim), {}};
  EmulatedTrainer trainer(options, corpus.view(), trained.tables, emulation);
  trained.result = TrainAll(trainer, options, corpus);
  return trained;
}

struct WarpSetting : Setting {
  Emulation emulation = {};
};

// Sets that fill up and that do not, targets among the noise words, held and not; more rows than are held, more noise
// words than lanes, more centres to a set than lanes, more neighbours than lanes; every number of quads per lane.
const WarpSetting kSettings[] = {
    {{"PaperSettings", 200, 5, 13, 0, false, 300, 1}},
    {{"PaperSettingsShared", 200, 5, 13, 0, false, 300, 32}},
    {{"NothingHeld", 64, 5, 13, 0, false, 300, 32}, {.shared_bytes = 0}},
    {{"SomeHeld", 64, 5, 13, 0, false, 300, 32}, {.shared_bytes = 3500}},
    {{"RareWordsHeld", 32, 5, 13, 0, false, 300, 16}, {.hold_all = false}},
    {{"OneDimension", 1, 2, 1, 0, false, 50, 2}},
    {{"OddSizes", 37, 3, 7, 0, false, 100, 5}},
    {{"ManyNegativesFewWords", 20, 5, 70, 0, false, 12, 1}},
    {{"ManyNegativesFewWordsShared", 20, 5, 70, 0, false, 12, 3}},
    {{"ManyNegativesShared", 20, 5, 70, 0, false, 500, 3}},
    {{"GapsAndSubsampling", 33, 6, 15, 1e-2, true, 80, 1}},
    {{"GapsAndSubsamplingShared", 33, 6, 15, 1e-2, true, 80, 7}, {.batch_positions = 1, .ids_in_place = false}},
    {{"SharedByAllOfABlock", 24, 5, 5, 0, true, 100, 1000}},
    {{"WideWindow", 64, 40, 16, 0, true, 200, 4}},
    {{"TwoWords", 16, 2, 3, 0, false, 2, 1}},
    {{"TwoWordsShared", 16, 2, 3, 0, false, 2, 16}},
    {{"ThreeQuads", 300, 5, 5, 0, false, 100, 32}},
    {{"EightQuads", 516, 2, 5, 0, false, 60, 32}, {.shared_bytes = 20000}},
    {{"Directions", 24, 3, 5, 1e-2, true, 60, 8, "direction"}},
    {{"AllInputs", 24, 20, 5, 0, true, 60, 8, "direction,shape,context-shapes"}, {.ids_in_place = false}},
};

class WarpAgainstReference : public testing::TestWithParam<std::tuple<CbowUpdate, WarpSetting>> {};

TEST_P(WarpAgainstReference, OneWarpEqualsTheReferenceUpToRounding) {
  const auto& [update, setting] = GetParam();
  const SyntheticCorpus corpus = CorpusOf(setting, 1500);
  const TrainOptions options = OptionsOf(setting, update);
  ExpectEqualUpToRounding(TrainEmulated(options, corpus, setting.emulation),
                          TrainAll(CreateReferenceTrainer, options, corpus));
}

std::string SettingName(const testing::TestParamInfo<std::tuple<CbowUpdate, WarpSetting>>& test) {
  return std::string(Name(std::get<0>(test.param))) + "_" + std::get<1>(test.param).name;
}

// Update rules differ in two factors: all settings with one of them, some with the others.
INSTANTIATE_TEST_SUITE_P(AllSettings, WarpAgainstReference,
                         testing::Combine(testing::Values(CbowUpdate::kWord2vec), testing::ValuesIn(kSettings)),
                         SettingName);
INSTANTIATE_TEST_SUITE_P(OtherUpdates, WarpAgainstReference,
                         testing::Combine(testing::Values(CbowUpdate::kMean, CbowUpdate::kSum),
                                          testing::ValuesIn(std::begin(kSettings), std::begin(kSettings) + 2)),
                         SettingName);

TEST(CbowWarp, OneWarpIsBitIdenticalFromRunToRun) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 200, false, 6);
  const TrainOptions options{.dim = 40, .shared_negatives = 32, .epochs = 1, .learning_rate = 0.05};
  const Trained first = TrainEmulated(options, corpus, {}), second = TrainEmulated(options, corpus, {});
  EXPECT_TRUE(SameBits(first.tables.input, second.tables.input));
  EXPECT_TRUE(SameBits(first.tables.output, second.tables.output));
  EXPECT_EQ(first.result.loss_sum, second.result.loss_sum);
}

// Lanes wait for each other wherever one of them reads what another one stores, and are all there in every operation
// of the warp: in whatever order they run, the bits are those of lanes that do everything together.
TEST(CbowWarp, LanesMayRunInAnyOrder) {
  const WarpSetting settings[] = {
      {{"Shared", 37, 5, 13, 1e-2, true, 60, 32}, {.shared_bytes = 5000}},
      {{"ManyNegatives", 16, 3, 70, 0, false, 40, 3}},
      {{"AllInputs", 24, 20, 5, 0, true, 60, 8, "direction,shape,context-shapes"}},
      {{"OwnNoise", 140, 2, 3, 0, false, 30, 1}},
  };
  for (const WarpSetting& setting : settings) {
    const SyntheticCorpus corpus = CorpusOf(setting, 120);
    const TrainOptions options = OptionsOf(setting, CbowUpdate::kMean);
    const Trained together = TrainEmulated(options, corpus, setting.emulation);
    for (const LaneOrder order : {LaneOrder::kForward, LaneOrder::kBackward, LaneOrder::kShuffled}) {
      Emulation emulation = setting.emulation;
      emulation.order = order;
      const Trained apart = TrainEmulated(options, corpus, emulation);
      EXPECT_TRUE(SameBits(apart.tables.input, together.tables.input)) << setting.name;
      EXPECT_TRUE(SameBits(apart.tables.output, together.tables.output)) << setting.name;
      EXPECT_EQ(apart.result.loss_sum, together.result.loss_sum) << setting.name;
      EXPECT_EQ(apart.result.trained_words, together.result.trained_words) << setting.name;
    }
  }
}

TEST(FiberWarp, FindsLanesThatAreNotWhereTheOthersAre) {
#if CONEC_THREAD_SANITIZER
  GTEST_SKIP() << "lanes that are given up are ordered before nothing: a race";
#endif
  const auto leave_early = [] {
    if (FiberWarp::Index() != 3) FiberWarp::Sync();
  };
  const auto other_argument = [] { FiberWarp::Broadcast(1u, FiberWarp::Index() / 31); };
  EXPECT_NONFATAL_FAILURE(FiberWarp::Run(LaneOrder::kForward, leave_early), "lane 3 is elsewhere");
  EXPECT_NONFATAL_FAILURE(FiberWarp::Run(LaneOrder::kShuffled, other_argument), "lane 31 is elsewhere");
}

TEST(FiberWarp, LanesSeeWhatOthersStoreForSureBehindABarrierOnly) {
#if CONEC_THREAD_SANITIZER
  GTEST_SKIP() << "lanes that race on purpose";
#endif
  const auto lanes_that_see = [](LaneOrder order, bool with_barrier) {
    int stored = 0, seen = 0;
    FiberWarp::Run(order, [&] {
      if (FiberWarp::Index() == 0) stored = 1;
      if (with_barrier) FiberWarp::Sync();
      seen += stored;
    });
    return seen;
  };
  EXPECT_EQ(lanes_that_see(LaneOrder::kForward, false), 32);
  EXPECT_EQ(lanes_that_see(LaneOrder::kBackward, false), 1);
  EXPECT_EQ(lanes_that_see(LaneOrder::kBackward, true), 32);
}

// With a rate so small that no float changes, the loss is a function of the draws alone.
TEST(CbowWarp, DrawsDoNotDependOnWarpsBatchesAndWhatIsHeld) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(6000, 200, true, 7);
  TrainOptions options{
      .dim = 24, .shared_negatives = 8, .epochs = 1, .learning_rate = 1e-30, .sample = 1e-2, .gpu_warps = 1};
  const Trained one = TrainEmulated(options, corpus, {});
  options.gpu_warps = 3;
  for (const Emulation& emulation : {Emulation{}, Emulation{.batch_positions = 1500, .ids_in_place = false},
                                     Emulation{.shared_bytes = 2000, .hold_all = false}}) {
    const Trained many = TrainEmulated(options, corpus, emulation);
    EXPECT_TRUE(SameBits(one.tables.input, many.tables.input));
    EXPECT_EQ(many.result.trained_words, one.result.trained_words);
    EXPECT_NEAR(many.result.loss_sum, one.result.loss_sum, 1e-9 * one.result.loss_sum);
  }
}

// No update is lost, whoever makes it: a warp that holds a row adds what it changed, not what it has.
TEST(CbowWarp, WarpsAtATimeLearnWhatOneLearns) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(10000, 300, false, 9);
  TrainOptions options{.dim = 16,
                       .window = 2,
                       .negatives = 5,
                       .shared_negatives = 8,
                       .epochs = 2,
                       .learning_rate = 0.02,
                       .gpu_warps = 1};
  const double one = TrainEmulated(options, corpus, {}).result.loss_sum;
  options.gpu_warps = 4;
  const double four = TrainEmulated(options, corpus, {}).result.loss_sum;
  const double untrained =
      TrainEmulated(
          {.dim = 16, .window = 2, .negatives = 5, .shared_negatives = 8, .epochs = 2, .learning_rate = 1e-30}, corpus,
          {})
          .result.loss_sum;
  EXPECT_LT(one, 0.95 * untrained);
  EXPECT_NEAR(four, one, 0.1 * (untrained - one));
}

TEST(LogisticLoss, IsTheLogarithmOfTheSigmoid) {
  for (double x = -120; x <= 120; x += 0.37) {
    const double sigmoid = 1 / (1 + std::exp(-x));
    const LogisticLoss positive = LogisticLossOf(static_cast<float>(x), true);
    const LogisticLoss negative = LogisticLossOf(static_cast<float>(x), false);
    EXPECT_NEAR(positive.sigmoid, sigmoid, 1e-6);
    EXPECT_EQ(positive.sigmoid, negative.sigmoid);
    EXPECT_NEAR(negative.loss, std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))),
                1e-5 * std::max(1.0, std::abs(x)));
    EXPECT_NEAR(positive.loss + x, negative.loss, 1e-5 * std::max(1.0, std::abs(x)));
  }
  EXPECT_TRUE(std::isnan(LogisticLossOf(NAN, true).loss));
  EXPECT_TRUE(std::isnan(LogisticLossOf(NAN, false).sigmoid));
}

// --- The check of a device before it trains

MakeTrainerFn Emulated(std::function<void(TrainOptions&)> change = nullptr) {
  return [change = std::move(change)](TrainOptions options, const TrainingCorpus& corpus, EmbeddingTables& tables) {
    if (change) change(options);
    return absl::StatusOr<std::unique_ptr<Trainer>>(
        std::make_unique<EmulatedTrainer>(options, corpus, tables, Emulation{}));
  };
}

TEST(DeviceCheck, PassesAKernelThatIsRight) {
  const TrainOptions usual{.shared_negatives = 32};
  EXPECT_EQ(CheckAgainstReference(usual, Emulated()), absl::OkStatus());
  TrainOptions small{.dim = 1, .window = 1, .negatives = 1, .sample = 1e-9, .update = CbowUpdate::kMean};
  EXPECT_EQ(CheckAgainstReference(small, Emulated()), absl::OkStatus());
  TrainOptions all{.dim = 40, .window = 30, .negatives = 90, .update = CbowUpdate::kSum, .gpu_warps = 1};
  all.extended_inputs = {.direction = true, .shape = true, .context_shapes = true};
  EXPECT_EQ(CheckAgainstReference(all, Emulated()), absl::OkStatus());
}

TEST(DeviceCheck, FindsAKernelThatIsWrong) {
  const TrainOptions options{.dim = 50, .shared_negatives = 32};
  const auto refused = [&](std::function<void(TrainOptions&)> change) {
    const absl::Status status = CheckAgainstReference(options, Emulated(std::move(change)));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--device cpu"));
    return absl::IsUnavailable(status);
  };
  EXPECT_TRUE(refused([](TrainOptions& wrong) { wrong.seed = 2; }));
  EXPECT_TRUE(refused([](TrainOptions& wrong) { wrong.window = 4; }));
  EXPECT_TRUE(refused([](TrainOptions& wrong) { wrong.negatives = 12; }));
  EXPECT_TRUE(refused([](TrainOptions& wrong) { wrong.learning_rate *= 1.02; }));
  EXPECT_TRUE(refused([](TrainOptions& wrong) { wrong.learning_rate = NAN; }));
  const absl::Status lost = absl::UnavailableError("lost");
  EXPECT_EQ(CheckAgainstReference(options, [&](auto&&...) { return lost; }), lost);
}

TEST(DeviceCheck, FindsWhatIsWrongWithTwoWarpsOnlyWhateverTheSizeOfTheProblem) {
  const auto lose_a_tenth = [](TrainOptions& wrong) { wrong.learning_rate *= wrong.gpu_warps == 2 ? 0.9 : 1; };
  for (TrainOptions options :
       {TrainOptions{.dim = 50, .shared_negatives = 32}, TrainOptions{.dim = 1024, .shared_negatives = 32},
        TrainOptions{.dim = 50, .window = 1000, .negatives = 200, .shared_negatives = 8}}) {
    EXPECT_EQ(CheckAgainstReference(options, Emulated()), absl::OkStatus());
    const absl::Status status = CheckAgainstReference(options, Emulated(lose_a_tenth));
    EXPECT_THAT(std::string(status.message()), HasSubstr("with 2 warp(s)")) << options.dim;
    options.gpu_warps = 1;  // then nobody will use two
    EXPECT_EQ(CheckAgainstReference(options, Emulated(lose_a_tenth)), absl::OkStatus());
  }
}

// --- What is decided before a GPU trains

std::vector<std::int64_t> ZipfCounts(std::size_t words) {
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < words; ++i) counts.push_back(static_cast<std::int64_t>(1e6 / static_cast<double>(i + 1)));
  return counts;
}

TEST(ConcurrentWarps, AreAsManyAsTheCorpusBears) {
  const std::size_t large = 100000000;
  EXPECT_EQ(ConcurrentWarps({}, 132, large), 132);
  EXPECT_EQ(ConcurrentWarps({}, 16, large), 16);
  EXPECT_EQ(ConcurrentWarps({}, 132, 1000), 1);
  EXPECT_LT(ConcurrentWarps({}, 132, 1500000), 64);
  EXPECT_EQ(ConcurrentWarps({.gpu_warps = 7}, 132, 1000), 7);
}

TEST(BlocksOfRange, AreFewerWhereACentreTakesLonger) {
  EXPECT_EQ(BlocksOfRange({}, 1), 128u);
  EXPECT_EQ(BlocksOfRange({}, 132), 128u * 132);
  EXPECT_EQ(BlocksOfRange({.dim = 16}, 132), 128u * 132);
  EXPECT_EQ(BlocksOfRange({.dim = 1024}, 2), 32u * 2);
  EXPECT_EQ(BlocksOfRange({.dim = 1024, .window = 1000, .negatives = 1000}, 132), 132u);
}

TEST(RulesOfRows, HoldAndDampByHowManyWarpsMeetAtARow) {
  const std::vector<std::int64_t> counts = ZipfCounts(20000);
  const TrainOptions options;
  const InputLayout layout = MakeInputLayout(counts.size(), options.window, {}).value();
  const RowRules alone = RulesOfRows(options, layout, counts, 1);
  EXPECT_THAT(alone.holdable, testing::Each(1));
  EXPECT_THAT(alone.input_damping, testing::Each(1.0f));
  EXPECT_THAT(alone.output_damping, testing::Each(1.0f));
  const RowRules many = RulesOfRows(options, layout, counts, 133);
  EXPECT_EQ(many.holdable.front(), 0);
  EXPECT_EQ(many.holdable.back(), 1);
  EXPECT_TRUE(std::is_sorted(many.holdable.begin(), many.holdable.end()));
  EXPECT_TRUE(std::is_sorted(many.input_damping.begin(), many.input_damping.end()));
  // The first word is 1 / 10.48 of all, and in 6 / 10.48 of all contexts; 132 others train.
  EXPECT_NEAR(many.input_damping.front(), kUpdatesAtATime / (132 * 6 / 10.4807), 1e-3);
  EXPECT_EQ(many.input_damping.back(), 1.0f);
  EXPECT_LT(many.output_damping.front(), 1.0f);
  EXPECT_EQ(many.output_damping.back(), 1.0f);
}

TEST(RulesOfRows, KnowTheRowsOfExtendedInputs) {
  const std::vector<std::int64_t> counts = ZipfCounts(1000);
  const TrainOptions options;
  const InputLayout plain = MakeInputLayout(counts.size(), options.window, {}).value();
  const InputLayout layout =
      MakeInputLayout(counts.size(), options.window, {.direction = true, .shape = true, .context_shapes = true})
          .value();
  const RowRules rules = RulesOfRows(options, layout, counts, 133);
  ASSERT_EQ(rules.input_damping.size(), InputRows(layout));
  // Every side has half of the occurrences.
  EXPECT_NEAR(rules.input_damping[0], 2 * RulesOfRows(options, plain, counts, 133).input_damping[0], 1e-6);
  EXPECT_EQ(rules.input_damping[0], rules.input_damping[counts.size()]);
  EXPECT_NEAR(rules.input_damping.back(), kUpdatesAtATime / 132, 1e-6);
}

TEST(HeldRows, FitIntoTheMemoryOfABlock) {
  const std::size_t h100 = 232448;
  EXPECT_EQ(HeldRows({.shared_negatives = 32}, h100), 13u);
  EXPECT_EQ(HeldRows({.shared_negatives = 1}, h100), 0u);
  EXPECT_EQ(HeldRows({.negatives = 100, .shared_negatives = 32}, h100), 32u);
  EXPECT_EQ(HeldRows({.dim = 1024, .negatives = 100, .shared_negatives = 32}, h100), 28u);
  for (const int dim : {1, 37, 200, 1024}) {
    for (const std::size_t bytes : {10000u, 49152u, 101376u, 232448u}) {
      const std::uint32_t quads = static_cast<std::uint32_t>(dim + 3) / 4;
      const std::uint32_t held = HeldRows({.dim = dim, .shared_negatives = 32}, bytes);
      EXPECT_LE(NearLayout(quads, held, 13, 5).bytes, bytes);
      EXPECT_TRUE(held == 13 || NearLayout(quads, held + 1, 13, 5).bytes > bytes);
    }
  }
}

TEST(DeviceMemory, HoldsTheCorpusIfThereIsRoom) {
  const TrainOptions options{.dim = 200};
  const InputLayout layout = MakeInputLayout(68000, 5, {}).value();
  const std::size_t gb = std::size_t{1} << 30, wiki = 17000000;
  const auto large = PlanDeviceMemory(options, layout, wiki, 80 * gb);
  ASSERT_TRUE(large.ok());
  EXPECT_TRUE(large->resident);
  EXPECT_LE(large->bytes, gb);
  const auto streamed = PlanDeviceMemory(options, layout, 100000 * wiki, 80 * gb);
  ASSERT_TRUE(streamed.ok());
  EXPECT_FALSE(streamed->resident);
  EXPECT_LE(streamed->bytes, gb);
  // The limit that the message names is the limit.
  const std::size_t fits = streamed->bytes;
  EXPECT_TRUE(PlanDeviceMemory(options, layout, 100000 * wiki, fits).ok());
  const absl::Status refused = PlanDeviceMemory(options, layout, wiki, fits - 1).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), testing::AllOf(HasSubstr("67999 words fit"), HasSubstr("--max-vocab")));
  EXPECT_TRUE(PlanDeviceMemory(options, MakeInputLayout(67999, 5, {}).value(), wiki, fits - 1).ok());
}

TEST(DeviceOptions, RefuseMoreDimensionsThanAWarpHas) {
  EXPECT_TRUE(CheckDeviceOptions({.dim = 1024}).ok());
  const absl::Status refused = CheckDeviceOptions({.dim = 1025});
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(std::string(refused.message()), testing::AllOf(HasSubstr("--dim is 1025"), HasSubstr("1024")));
}

TEST(DeviceBatches, HoldEveryBlockOfTheScheduleOnceInItsOrder) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(30000, 50, false, 3);
  const TrainOptions options;
  const Schedule schedule(options, corpus.stream);
  for (const std::size_t positions : {1u, 5000u, 1000000u}) {
    std::size_t index = 0, batches = 0;
    std::vector<CbowDeviceBlock> all;
    while (index < schedule.size()) {
      std::vector<CbowDeviceBlock> blocks;
      const std::size_t size = NextDeviceBatch(schedule, 1, &index, schedule.size(), positions, false, &blocks).value();
      std::size_t sum = 0;
      for (const CbowDeviceBlock& block : blocks) {
        EXPECT_EQ(block.source, sum);
        EXPECT_EQ(block.words, sum);
        sum += block.length;
      }
      EXPECT_EQ(size, sum);
      EXPECT_TRUE(size <= positions || blocks.size() == 1);
      all.insert(all.end(), blocks.begin(), blocks.end());
      ++batches;
    }
    ASSERT_EQ(all.size(), schedule.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Schedule::Block block = schedule.At(1, i);
      EXPECT_EQ(all[i].begin, block.begin);
      EXPECT_EQ(all[i].begin + all[i].length, block.end);
      EXPECT_EQ(all[i].learning_rate, block.learning_rate);
    }
    EXPECT_EQ(batches == 1, positions == 1000000u);
  }
}

TEST(CudaTrainer, SaysWhyThereIsNone) {
  if (FindCudaDevice().ok()) GTEST_SKIP() << "there is a GPU";
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 50, false, 9);
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  EXPECT_EQ(CreateCudaTrainer({.dim = 8}, corpus.view(), tables).status(), FindCudaDevice().status());
}

}  // namespace
}  // namespace conec::word2vec
