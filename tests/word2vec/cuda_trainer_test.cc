// Training on a GPU. Every test skips where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>

#include "base/device.h"
#include "tests/base/same_bits.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/trainer_cuda.h"

namespace conec::word2vec {
namespace {

#define SKIP_WITHOUT_GPU()           \
  const auto gpu = FindCudaDevice(); \
  if (!gpu.ok()) GTEST_SKIP() << gpu.status()

const Setting kSettings[] = {
    {"PaperSettings", 200, 5, 13, 0, false, 300, 1},
    {"PaperSettingsShared", 200, 5, 13, 0, false, 300, 32},
    {"OneDimension", 1, 2, 1, 0, false, 50, 2},
    {"ManyNegativesFewWords", 20, 5, 70, 0, false, 12, 3},
    {"GapsAndSubsampling", 33, 6, 15, 1e-2, true, 80, 7},
    {"SharedByAllOfABlock", 24, 5, 5, 0, true, 100, 1000},
    {"WideWindow", 64, 40, 16, 0, true, 200, 4},
    {"TwoWords", 16, 2, 3, 0, false, 2, 16},
    {"Dim300", 300, 5, 13, 0, false, 300, 32},
    {"Dim512", 512, 5, 13, 0, false, 100, 32},
    {"Dim1024", 1024, 5, 13, 0, false, 60, 32},
    {"AllInputs", 24, 20, 5, 0, true, 60, 8, "direction,shape,context-shapes"},
};

class CudaAgainstReference : public testing::TestWithParam<std::tuple<CbowUpdate, Setting>> {};

TEST_P(CudaAgainstReference, OneWarpEqualsTheReferenceUpToRounding) {
  SKIP_WITHOUT_GPU();
  const auto& [update, setting] = GetParam();
  const SyntheticCorpus corpus = CorpusOf(setting, 3000);
  TrainOptions options = OptionsOf(setting, update);
  options.gpu_warps = 1;
  ExpectEqualUpToRounding(TrainAll(CreateCudaTrainer, options, corpus),
                          TrainAll(CreateReferenceTrainer, options, corpus));
}

INSTANTIATE_TEST_SUITE_P(Settings, CudaAgainstReference,
                         testing::Combine(testing::Values(CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum),
                                          testing::ValuesIn(kSettings)),
                         [](const auto& test) {
                           return std::string(Name(std::get<0>(test.param))) + "_" + std::get<1>(test.param).name;
                         });

TrainOptions Plain(int warps) {
  return {.dim = 40, .shared_negatives = 32, .epochs = 1, .learning_rate = 0.05, .gpu_warps = warps};
}

TEST(CudaTrainer, OneWarpIsBitIdenticalFromRunToRun) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 200, false, 6);
  const Trained first = TrainAll(CreateCudaTrainer, Plain(1), corpus);
  const Trained second = TrainAll(CreateCudaTrainer, Plain(1), corpus);
  EXPECT_TRUE(SameBits(first.tables.input, second.tables.input));
  EXPECT_TRUE(SameBits(first.tables.output, second.tables.output));
  EXPECT_EQ(first.result.loss_sum, second.result.loss_sum);
}

TEST(CudaTrainer, StreamedIdsTrainTheSameBitsAsResidentOnes) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 200, true, 6);
  TrainOptions options = Plain(1);
  options.extended_inputs.shape = true;
  const Trained resident = TrainAll(CreateCudaTrainer, options, corpus);
  for (const std::size_t positions : {1u, 3000u, 1000000u}) {
    EmbeddingTables tables = RandomTables(LayoutOf(options, corpus), options.dim);
    auto trainer = CreateCudaTrainer(options, corpus.view(), tables,
                                     DeviceMemoryPlan{.resident = false, .batch_positions = positions});
    ASSERT_TRUE(trainer.ok()) << trainer.status();
    ASSERT_TRUE((*trainer)->TrainBlocks(0, 0, Schedule(options, corpus.stream).size()).ok());
    ASSERT_TRUE((*trainer)->Synchronize().ok());
    EXPECT_TRUE(SameBits(resident.tables.input, tables.input)) << positions;
    EXPECT_TRUE(SameBits(resident.tables.output, tables.output)) << positions;
  }
}

// What --resume does: the tables come back, and another trainer takes them further.
TEST(CudaTrainer, GoesOnWhereAnotherOneStopped) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(20000, 200, true, 6);
  TrainOptions options = Plain(1);
  options.epochs = 2;
  const Trained whole = TrainAll(CreateCudaTrainer, options, corpus);
  EmbeddingTables tables = RandomTables(LayoutOf(options, corpus), options.dim);
  const std::size_t blocks = Schedule(options, corpus.stream).size();
  struct Part {
    int epoch;
    std::size_t first, last;
  };
  for (const Part& part : {Part{0, 0, blocks / 3}, Part{0, blocks / 3, blocks}, Part{1, 0, blocks}}) {
    auto trainer = CreateCudaTrainer(options, corpus.view(), tables).value();
    ASSERT_TRUE(trainer->TrainBlocks(part.epoch, part.first, part.last).ok());
    ASSERT_TRUE(trainer->Synchronize().ok());
  }
  EXPECT_TRUE(SameBits(whole.tables.input, tables.input));
  EXPECT_TRUE(SameBits(whole.tables.output, tables.output));
}

// With a rate so small that no float changes, the loss is a function of the draws alone.
TEST(CudaTrainer, DrawsDoNotDependOnTheNumberOfWarps) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(60000, 200, true, 7);
  for (const int shared : {1, 16}) {
    TrainOptions options{.dim = 24,
                         .shared_negatives = shared,
                         .epochs = 1,
                         .learning_rate = 1e-30,
                         .sample = 1e-2,
                         .threads = 1,
                         .gpu_warps = 1};
    const Trained cpu = TrainAll(CreateCpuTrainer, options, corpus);
    for (const int warps : {1, 7, 200}) {
      options.gpu_warps = warps;
      const Trained cuda = TrainAll(CreateCudaTrainer, options, corpus);
      EXPECT_EQ(cuda.result.trained_words, cpu.result.trained_words);
      EXPECT_NEAR(cuda.result.loss_sum, cpu.result.loss_sum, 1e-6 * cpu.result.loss_sum);
      EXPECT_TRUE(SameBits(cuda.tables.input, cpu.tables.input));
    }
  }
}

// Many warps see each other's updates late: the same words are trained, and nearly as much is learnt, in every run.
TEST(CudaTrainer, ManyWarpsLearnWhatTheCpuLearns) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(400000, 2000, false, 9);
  TrainOptions options{
      .dim = 32, .window = 2, .negatives = 5, .shared_negatives = 32, .epochs = 3, .learning_rate = 0.05};
  const auto loss = [&](CreateFn create) {
    EmbeddingTables own = InitializeTables(2000, 32, 1).value();
    auto trainer = create(options, corpus.view(), own).value();
    return Train(*trainer, options, corpus.view()).value();
  };
  const TrainingSummary cpu = loss(CreateCpuTrainer);
  const double untrained = 6 * std::log(2.0);
  ASSERT_LT(cpu.loss, 0.9 * untrained);
  for (const int warps : {0, 0, 32, 128}) {
    options.gpu_warps = warps;
    const TrainingSummary cuda = loss(CreateCudaTrainer);
    EXPECT_EQ(cuda.trained_words, cpu.trained_words);
    EXPECT_NEAR(cuda.loss, cpu.loss, 0.15 * (untrained - cpu.loss)) << warps << " warps";
  }
}

TEST(CudaTrainer, StopsWithAnErrorWhenTheLossIsNotFinite) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 50, false, 9);
  const TrainOptions options{.dim = 8, .epochs = 1};
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  tables.input.row(3)[2] = NAN;
  auto trainer = CreateCudaTrainer(options, corpus.view(), tables).value();
  EXPECT_EQ(Train(*trainer, options, corpus.view()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(CudaTrainer, RefusesWhatDoesNotFitTogether) {
  SKIP_WITHOUT_GPU();
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 50, false, 9);
  EmbeddingTables tables = InitializeTables(50, 8, 1).value();
  EXPECT_EQ(CreateCudaTrainer({.dim = 9}, corpus.view(), tables).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(CreateCudaTrainer({.dim = 8, .gpu_warps = 3}, corpus.view(), tables).value()->Description(),
              testing::AllOf(testing::HasSubstr(gpu->name), testing::HasSubstr("3 warps")));
}

}  // namespace
}  // namespace conec::word2vec
