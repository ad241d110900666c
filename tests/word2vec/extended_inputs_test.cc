// Training with extended inputs: the reference against the definition, the CPU trainer against the reference.
#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <tuple>

#include "base/simd.h"
#include "tests/base/same_bits.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

using corpora::kEndOfDocument;
using corpora::kGap;
using corpora::WordId;
using tokenize::WordShape;

constexpr ExtendedInputs kAll = {true, true, true};

std::vector<ExtendedInputs> Combinations() {
  std::vector<ExtendedInputs> all;
  for (int bits = 1; bits < 8; ++bits) all.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  return all;
}

std::string TestName(const ExtendedInputs& inputs) {
  return std::string(inputs.direction ? "Direction" : "") + (inputs.shape ? "Shape" : "") +
         (inputs.context_shapes ? "ContextShapes" : "");
}

// --- The reference against the definition

// a _ b c with a window of 1: which rows of W1 training changes.
std::set<std::uint32_t> ChangedRows(CreateFn create, const ExtendedInputs& inputs) {
  const SyntheticCorpus corpus{.stream = {WordId{0}, kGap, WordId{1}, WordId{2}, kEndOfDocument},
                               .counts = {1, 1, 1, 5},
                               .shapes = {WordShape{2}, WordShape{3}, WordShape{4}, WordShape{6}, WordShape{0}}};
  const TrainOptions options{
      .dim = 4, .window = 1, .negatives = 2, .epochs = 1, .extended_inputs = inputs, .threads = 1};
  const EmbeddingTables before = RandomTables(LayoutOf(options, corpus), options.dim);
  const Trained after = TrainAll(create, options, corpus);
  EXPECT_EQ(after.result.trained_words, 2u) << "a has no word beside it";
  std::set<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < before.input.rows(); ++i) {
    if (!std::equal(before.input.row(i).begin(), before.input.row(i).end(), after.tables.input.row(i).begin()))
      rows.insert(i);
  }
  return rows;
}

TEST(ExtendedTraining, ChangesTheRowsThatTheInputVectorsName) {
  using Rows = std::set<std::uint32_t>;
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    // Around b: a gap of shape 3 on the left, c (6) on the right; around c: b (4) on the left. V = 4, S = 16.
    EXPECT_EQ(ChangedRows(create, {}), (Rows{1, 2}));
    EXPECT_EQ(ChangedRows(create, {.direction = true}), (Rows{1, 4 + 2}));
    EXPECT_EQ(ChangedRows(create, {.shape = true}), (Rows{1, 2, 4 + 4, 4 + 6}));
    EXPECT_EQ(ChangedRows(create, {.context_shapes = true}), (Rows{1, 2, 4 + 3, 4 + 4, 4 + 16 + 6}));
    EXPECT_EQ(ChangedRows(create, kAll), (Rows{1, 6, 8 + 3, 8 + 4, 8 + 16 + 6, 8 + 32 + 4, 8 + 32 + 6}));
  }
}

double LossOf(const TrainOptions& options, const SyntheticCorpus& corpus, const EmbeddingTables& tables) {
  TrainOptions still = options;
  still.learning_rate = 1e-30;
  EmbeddingTables copy = RandomTables(LayoutOf(options, corpus), options.dim);
  for (std::size_t i = 0; i < tables.input.rows(); ++i) {
    std::copy(tables.input.row(i).begin(), tables.input.row(i).end(), copy.input.row(i).begin());
  }
  return TrainAll(CreateReferenceTrainer, still, corpus, std::move(copy)).result.loss_sum;
}

class ExtendedGradient : public testing::TestWithParam<CbowUpdate> {};

// Short enough that the tables hardly move between its centres.
TEST_P(ExtendedGradient, AnEpochAtASmallRateGoesDownTheGradientInEveryRow) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(14, 6, true, 3);
  constexpr double kRate = 1e-4;
  const TrainOptions options{.dim = 3,
                             .window = 2,
                             .negatives = 2,
                             .epochs = 1,
                             .learning_rate = kRate,
                             .final_learning_rate = 1,
                             .update = GetParam(),
                             .extended_inputs = kAll};
  EmbeddingTables tables = RandomTables(LayoutOf(options, corpus), options.dim);
  const Trained after = TrainAll(CreateReferenceTrainer, options, corpus);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < tables.input.rows(); ++i) {
    for (std::size_t j = 0; j < tables.input.cols(); ++j) {
      constexpr float kStep = 1.0f / 1024;
      float& parameter = tables.input.row(i)[j];
      const float old = parameter;
      parameter = old + kStep;
      const double above = LossOf(options, corpus, tables);
      parameter = old - kStep;
      const double below = LossOf(options, corpus, tables);
      parameter = old;
      const double gradient = (above - below) / (2 * double{kStep});
      const double step = double{after.tables.input.row(i)[j]} - double{old};
      EXPECT_NEAR(step / kRate, -gradient, 5e-3) << "row " << i << ", column " << j;
      moved += std::abs(gradient) > 0.02 ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 60u);
}

INSTANTIATE_TEST_SUITE_P(Updates, ExtendedGradient, testing::Values(CbowUpdate::kMean, CbowUpdate::kSum),
                         [](const auto& test) { return std::string(Name(test.param)); });

// --- What stays as it is without extended inputs

class ExtendedTrainers : public testing::TestWithParam<ExtendedInputs> {};

INSTANTIATE_TEST_SUITE_P(Inputs, ExtendedTrainers, testing::ValuesIn(Combinations()),
                         [](const auto& test) { return TestName(test.param); });

// With rows that say nothing new (the right side's equal the left side's, those of shapes are zero) a sum of rows is
// what it is without them: then so is the loss, if centres, windows and noise words are the same.
TEST_P(ExtendedTrainers, SeeTheSameCentresWindowsAndNoiseWords) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(4000, 60, true, 5);
  TrainOptions options{.dim = 24,
                       .window = 4,
                       .negatives = 6,
                       .epochs = 1,
                       .learning_rate = 1e-30,
                       .sample = 1e-2,
                       .update = CbowUpdate::kSum};
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    options.extended_inputs = {};
    const Trained plain = TrainAll(create, options, corpus);
    options.extended_inputs = GetParam();
    const InputLayout layout = LayoutOf(options, corpus);
    EmbeddingTables tables = RandomTables(layout, options.dim);
    for (std::uint32_t i = 60; i < InputRows(layout); ++i) {
      const bool is_word = i < FirstContextShapeRow(layout);
      for (std::size_t j = 0; j < 24; ++j) tables.input.row(i)[j] = is_word ? tables.input.row(i - 60)[j] : 0;
    }
    const Trained extended = TrainAll(create, options, corpus, std::move(tables));
    EXPECT_EQ(extended.result.trained_words, plain.result.trained_words);
    EXPECT_NEAR(extended.result.loss_sum, plain.result.loss_sum, 1e-6 * plain.result.loss_sum);
  }
}

TEST_P(ExtendedTrainers, OneThreadIsBitIdenticalFromRunToRun) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(5000, 100, true, 6);
  const TrainOptions options{
      .dim = 40, .epochs = 1, .learning_rate = 0.05, .extended_inputs = GetParam(), .threads = 1};
  const Trained once = TrainAll(CreateCpuTrainer, options, corpus), again = TrainAll(CreateCpuTrainer, options, corpus);
  EXPECT_TRUE(SameBits(once.tables.input, again.tables.input));
  EXPECT_TRUE(SameBits(once.tables.output, again.tables.output));
}

TEST_P(ExtendedTrainers, DrawsDoNotDependOnTheNumberOfThreads) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 100, true, 7);
  TrainOptions options{
      .dim = 24, .epochs = 1, .learning_rate = 1e-30, .sample = 1e-2, .extended_inputs = GetParam(), .threads = 1};
  const Trained one = TrainAll(CreateCpuTrainer, options, corpus);
  options.threads = 4;
  const Trained four = TrainAll(CreateCpuTrainer, options, corpus);
  EXPECT_EQ(four.result.trained_words, one.result.trained_words);
  EXPECT_NEAR(four.result.loss_sum, one.result.loss_sum, 1e-9 * one.result.loss_sum);
}

TEST_P(ExtendedTrainers, StartFromTheSameWordVectors) {
  const InputLayout layout = MakeInputLayout(30, 3, GetParam()).value();
  const EmbeddingTables plain = InitializeTables(30, 20, 5).value();
  const EmbeddingTables extended = InitializeTables(layout, 20, 5).value();
  ASSERT_EQ(extended.input.rows(), InputRows(layout));
  for (std::size_t i = 0; i < extended.input.rows(); ++i) {
    if (i < 30) {
      EXPECT_THAT(extended.input.row(i), testing::ElementsAreArray(plain.input.row(i)));
      continue;
    }
    EXPECT_THAT(extended.input.row(i), testing::Each(testing::AllOf(testing::Ge(-0.025f), testing::Lt(0.025f))));
    EXPECT_THAT(extended.input.row(i), testing::Not(testing::ElementsAreArray(extended.input.row(i - 30))));
  }
  EXPECT_TRUE(SameBits(extended.output, plain.output));
}

TEST(ExtendedTraining, PlainTrainingDoesNotLookAtShapes) {
  SyntheticCorpus corpus = MakeSyntheticCorpus(3000, 80, true, 6);
  const TrainOptions options{.dim = 40, .epochs = 1, .learning_rate = 0.05, .sample = 1e-2, .threads = 1};
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    const Trained with = TrainAll(create, options, corpus);
    SyntheticCorpus without = corpus;
    without.shapes.clear();
    const Trained plain = TrainAll(create, options, without);
    without.shapes.assign(3, WordShape{200});
    const Trained garbage = TrainAll(create, options, without);
    EXPECT_TRUE(SameBits(with.tables.input, plain.tables.input));
    EXPECT_TRUE(SameBits(with.tables.input, garbage.tables.input));
  }
}

// --- The CPU trainer against the reference

const Setting kSettings[] = {
    {"PaperSettings", 200, 5, 13, 0, true, 300},           {"OneDimension", 1, 2, 1, 0, true, 50},
    {"OddSizesAndSubsampling", 33, 6, 15, 1e-2, true, 80}, {"WideWindow", 16, 40, 5, 0, true, 200},
    {"SharedNoise", 33, 6, 15, 1e-2, true, 80, 16},
};

class ExtendedAgainstReference : public testing::TestWithParam<std::tuple<SimdLevel, ExtendedInputs, Setting>> {};

TEST_P(ExtendedAgainstReference, OneThreadEqualsTheReferenceUpToRounding) {
  const auto& [level, inputs, setting] = GetParam();
  const ForcedSimd forced(level);
  const SyntheticCorpus corpus = CorpusOf(setting, 600);
  for (const CbowUpdate update : {CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum}) {
    SCOPED_TRACE(Name(update));
    TrainOptions options = OptionsOf(setting, update);
    options.learning_rate = update == CbowUpdate::kMean ? 0.05 : 0.002;
    options.extended_inputs = inputs;
    ExpectEqualUpToRounding(TrainAll(CreateCpuTrainer, options, corpus),
                            TrainAll(CreateReferenceTrainer, options, corpus));
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, ExtendedAgainstReference,
                         testing::Combine(testing::ValuesIn(SupportedSimdLevels()), testing::ValuesIn(Combinations()),
                                          testing::ValuesIn(kSettings)),
                         [](const auto& test) {
                           return std::string(SimdLevelName(std::get<0>(test.param))) + "_" +
                                  TestName(std::get<1>(test.param)) + "_" + std::get<2>(test.param).name;
                         });

// --- Refusals

TEST(ExtendedTraining, RefusesWhatDoesNotFitTogether) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 50, false, 9);
  for (const CreateFn create : {&CreateCpuTrainer, &CreateReferenceTrainer}) {
    TrainOptions options{.dim = 8, .extended_inputs = kAll};
    EmbeddingTables tables = InitializeTables(LayoutOf(options, corpus), 8, 1).value();
    const auto message = [&](std::span<const WordShape> shapes) {
      const absl::Status status = create(options, {corpus.stream, corpus.counts, shapes}, tables).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      return std::string(status.message());
    };
    EXPECT_TRUE(create(options, corpus.view(), tables).ok());
    EXPECT_THAT(message({}), testing::HasSubstr("needs the shapes of words"));
    EXPECT_THAT(message(std::span(corpus.shapes).first(5)), testing::HasSubstr("needs the shapes of words"));
    std::vector<WordShape> unknown = corpus.shapes;
    unknown[7] = WordShape{16};
    EXPECT_THAT(message(unknown), testing::HasSubstr("shapes of words that are not"));
    tables = InitializeTables(corpus.counts.size(), 8, 1).value();
    EXPECT_THAT(message(corpus.shapes), testing::HasSubstr("the input table is 50 x 8"));
    options.extended_inputs = {.direction = true};
    tables = InitializeTables(LayoutOf(options, corpus), 8, 1).value();
    EXPECT_TRUE(create(options, {corpus.stream, corpus.counts, {}}, tables).ok()) << "direction needs no shapes";
    options.extended_inputs = {};
    EXPECT_THAT(message({}), testing::HasSubstr("the input table is 100 x 8"));
  }
}

}  // namespace
}  // namespace conec::word2vec
