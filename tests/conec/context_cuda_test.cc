// Context sums on a GPU against those of the CPU. Every test skips where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "base/device.h"
#include "conec/global_context.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;

constexpr std::size_t kWords = 60;

void ExpectNear(const Matrix<float>& gpu, const Matrix<float>& cpu, double tolerance) {
  for (std::size_t i = 0; i < cpu.rows(); ++i) {
    for (std::size_t j = 0; j < cpu.cols(); ++j) ASSERT_NEAR(gpu.row(i)[j], cpu.row(i)[j], tolerance) << i << " " << j;
  }
}

using Parameters = std::tuple<std::string, int, ContextWeighting, ContextScaling, int>;
class ContextOnGpu : public ::testing::TestWithParam<Parameters> {};

TEST_P(ContextOnGpu, EqualsTheCpusUpToRounding) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  const auto& [inputs, window, weighting, scaling, dim] = GetParam();
  const auto table = testing::RandomExtendedTable(3, kWords, static_cast<std::size_t>(dim),
                                                  word2vec::ParseExtendedInputs(inputs).value(), 4);
  const std::vector<WordId> stream = testing::RandomStream(5, kWords, 200000, 0.1);  // several chunks
  const auto shapes = testing::RandomShapes(5, stream.size());
  const ContextCorpus corpus{.stream = stream, .mapping = {}, .shapes = shapes};
  GlobalContextOptions options;
  options.context.window = window;
  options.context.weighting = weighting;
  options.context.scaling = scaling;
  options.context.exclude_target = window == 5;
  const auto cpu = ComputeGlobalContext(corpus, table.view(), options);
  ASSERT_TRUE(cpu.ok()) << cpu.status();
  options.device = Device::kCuda;
  const auto gpu = ComputeGlobalContext(corpus, table.view(), options);
  ASSERT_TRUE(gpu.ok()) << gpu.status();
  ExpectNear(*gpu, *cpu, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, ContextOnGpu,
                         ::testing::Combine(::testing::Values("none", "direction", "direction,shape,context-shapes"),
                                            ::testing::Values(1, 5, 40),
                                            ::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Values(ContextScaling::kCount, ContextScaling::kMax),
                                            ::testing::Values(21, 200, 1024)));

TEST(ContextSumsOnGpu, StayPreciseForVeryFrequentWords) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  // Word 0 occurs 300000 times next to word 1: a float sum of 0.1 would be off by percents.
  std::vector<WordId> stream;
  for (int i = 0; i < 300000; ++i) {
    stream.insert(stream.end(), {WordId{0}, WordId{1}, corpora::kEndOfSegment});
  }
  Matrix<float> table = *Matrix<float>::Create(3, 1);
  table.row(1)[0] = 0.1f;
  GlobalContextOptions options;
  options.context.unit_rows = false;
  options.device = Device::kCuda;
  const auto sums = ComputeContextSums({stream, {}, false}, table.view(), options);
  ASSERT_TRUE(sums.ok()) << sums.status();
  EXPECT_NEAR(sums->sums.row(0)[0] / (300000 * static_cast<double>(0.1f)), 1, 1e-3);
  EXPECT_EQ(sums->occurrences, (std::vector<std::int64_t>{300000, 300000, 0}));
}

TEST(ContextSumsOnGpu, OfAnEmptyCorpusAreZero) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  const Matrix<float> table = testing::RandomTable(1, 3, 4);
  GlobalContextOptions options;
  options.device = Device::kCuda;
  const auto result = ComputeGlobalContext({}, table.view(), options);
  ASSERT_TRUE(result.ok()) << result.status();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_THAT(result->row(i), ::testing::Each(0.0f));
}

TEST(ContextSumsOnGpu, StopWhenAsked) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  const std::vector<WordId> stream = testing::RandomStream(1, 20, 600000);
  const Matrix<float> table = testing::RandomTable(1, 20, 32);
  GlobalContextOptions options;
  options.device = Device::kCuda;
  options.progress = [](double fraction) { return fraction < 0.5; };
  EXPECT_EQ(ComputeContextSums({stream, {}, false}, table.view(), options).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace conec
