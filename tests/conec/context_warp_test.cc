// The GPU's kernel for context sums, run by the host, against the CPU's pass; and the chunks that it works on.
#include "conec/context_warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conec/context_check.h"
#include "conec/context_chunks.h"
#include "conec/context_sums.h"
#include "conec/global_context.h"
#include "tests/base/fiber_warp.h"
#include "tests/base/host_warp.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec::context_internal {
namespace {

using corpora::WordId;
using testing::RandomStream;

constexpr std::size_t kWords = 40;

// All words of a chunk by one warp: lanes together, or apart in some order.
template <std::uint32_t kQuads>
void SumChunk(const ContextDeviceTask& task, const ContextDeviceChunk& chunk, std::optional<LaneOrder> order) {
  const auto sum = [&](auto warp) {
    for (std::uint32_t p = chunk.begin; p < chunk.end; ++p) warp.AddWindow(p);
  };
  if (!order.has_value()) return sum(ContextWarp<HostWarp, kQuads>(task, chunk));
  FiberWarp::Run(*order, [&] { sum(ContextWarp<FiberWarp, kQuads>(task, chunk)); });
}

// What context_cuda.cc does, but for the device: chunks of `length`, one warp.
Matrix<float> EmulatedSums(const ContextCorpus& corpus, const InputTable& table, std::span<const float> scales,
                           const ContextOptions& options, std::size_t length,
                           std::optional<LaneOrder> order = std::nullopt) {
  Matrix<float> rows = *Matrix<float>::Create(table.rows(), table.cols());
  for (std::size_t i = 0; i < table.rows(); ++i) std::ranges::copy(table.row(i), rows.row(i).begin());
  Matrix<float> sums = *Matrix<float>::Create(table.words.rows, table.cols());
  const std::vector<float> weights = DistanceWeights(options), shape_weights = ShapeWeights(options);
  const ContextDeviceTask task{.table = rows.row(0).data(),
                               .stride = rows.stride(),
                               .quads = static_cast<std::uint32_t>(table.cols() + 3) / 4,
                               .scales = scales.data(),
                               .weights = weights.data(),
                               .shape_weights = shape_weights.data(),
                               .window = static_cast<std::uint32_t>(options.window),
                               .exclude_target = options.exclude_target,
                               .layout = table.layout,
                               .sums = sums.row(0).data()};
  EXPECT_EQ(sums.stride(), rows.stride());
  const bool needs_shapes = table.inputs().needs_shapes();
  ContextChunks chunks(corpus, table.words.rows, task.window, length, needs_shapes);
  std::vector<std::uint32_t> ids(length);
  std::vector<tokenize::WordShape> shapes(length);
  for (auto chunk = chunks.Next(ids.data(), shapes.data()); chunk.length > 0;
       chunk = chunks.Next(ids.data(), shapes.data())) {
    const ContextDeviceChunk view{.ids = ids.data(),
                                  .shapes = needs_shapes ? shapes.data() : nullptr,
                                  .length = static_cast<std::uint32_t>(chunk.length),
                                  .begin = static_cast<std::uint32_t>(chunk.begin),
                                  .end = static_cast<std::uint32_t>(chunk.end)};
    table.cols() > 256 ? SumChunk<8>(task, view, order) : SumChunk<2>(task, view, order);
  }
  return sums;
}

Matrix<float> EmulatedSums(const ContextCorpus& corpus, const InputTable& table, const ContextOptions& options,
                           std::size_t length, std::optional<LaneOrder> order = std::nullopt) {
  return EmulatedSums(corpus, table, RowScales(table, options.unit_rows), options, length, order);
}

void ExpectNear(const Matrix<float>& a, const Matrix<float>& b, double tolerance) {
  for (std::size_t i = 0; i < b.rows(); ++i) {
    for (std::size_t j = 0; j < b.cols(); ++j) ASSERT_NEAR(a.row(i)[j], b.row(i)[j], tolerance) << i << " " << j;
  }
}

using Parameters = std::tuple<std::string, int, ContextWeighting, bool>;
class ContextWarpAgainstCpu : public ::testing::TestWithParam<Parameters> {};

TEST_P(ContextWarpAgainstCpu, SumsAreEqualUpToRounding) {
  const auto& [inputs, window, weighting, exclude_target] = GetParam();
  const auto table = testing::RandomExtendedTable(3, kWords, 130, word2vec::ParseExtendedInputs(inputs).value(), 4);
  const std::vector<WordId> stream = RandomStream(5, kWords, 900, 0.1);
  const auto shapes = testing::RandomShapes(5, stream.size());
  const ContextCorpus corpus{.stream = stream, .mapping = {}, .shapes = shapes};
  GlobalContextOptions options;
  options.context.window = window;
  options.context.weighting = weighting;
  options.context.exclude_target = exclude_target;
  options.context.feature_weight = 0.5;
  const auto cpu = ComputeContextSums(corpus, table.view(), options);
  ASSERT_TRUE(cpu.ok()) << cpu.status();
  const auto length = static_cast<std::size_t>(2 * window + 1);
  for (const std::size_t more : {0u, 37u, 5000u}) {
    ExpectNear(EmulatedSums(corpus, table.view(), options.context, length + more), cpu->sums, 2e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ContextWarpAgainstCpu,
                         ::testing::Combine(::testing::Values("none", "direction", "direction,shape,context-shapes"),
                                            ::testing::Values(1, 5, 40),
                                            ::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Bool()));

TEST(ContextWarp, LanesMayRunInAnyOrder) {
  const auto inputs = word2vec::ParseExtendedInputs("direction,shape,context-shapes").value();
  const auto table = testing::RandomExtendedTable(3, kWords, 37, inputs, 4);
  const std::vector<WordId> stream = RandomStream(5, kWords, 120, 0.1);
  const auto shapes = testing::RandomShapes(5, stream.size());
  const ContextCorpus corpus{.stream = stream, .mapping = {}, .shapes = shapes};
  ContextOptions options;
  options.window = 40;
  options.exclude_target = true;
  const Matrix<float> together = EmulatedSums(corpus, table.view(), options, 1000);
  for (const LaneOrder order : {LaneOrder::kForward, LaneOrder::kBackward, LaneOrder::kShuffled}) {
    EXPECT_TRUE(SameBits(EmulatedSums(corpus, table.view(), options, 1000, order), together));
  }
}

// --- The check of a GPU before it sums

// As a GPU would, but for what `change` does to it.
SumFn Emulated(const ContextOptions& options, std::function<void(const WindowSummer::Task&)> change = nullptr) {
  return [options, change = std::move(change)](const ContextCorpus& corpus, const WindowSummer::Task& task) {
    const Matrix<float> sums = EmulatedSums(corpus, task.table, task.scales, options, 100000);
    for (std::size_t i = 0; i < sums.rows(); ++i) {
      const bool is_precise = task.precise_rows[i] >= 0;
      if (is_precise) std::ranges::copy(sums.row(i), task.precise_sums.row(0).begin());
      if (!is_precise) std::ranges::copy(sums.row(i), task.sums.row(i).begin());
    }
    if (change) change(task);
    return absl::OkStatus();
  };
}

absl::Status LookAt(const SumFn& sum, const InputTable& table, const ContextOptions& options) {
  const std::vector<float> weights = DistanceWeights(options), shape_weights = ShapeWeights(options);
  WindowSummer::Task like;
  like.table = table;
  like.weights = weights;
  like.shape_weights = shape_weights;
  like.uniform = options.weighting == ContextWeighting::kUniform;
  like.exclude_target = options.exclude_target;
  return CheckSums(like, sum);
}

void ExpectPassesOnlyWhatIsRight(const InputTable& table, const ContextOptions& options) {
  EXPECT_EQ(LookAt(Emulated(options), table, options), absl::OkStatus());
  const auto refused = [&](std::function<void(const WindowSummer::Task&)> change) {
    return absl::IsUnavailable(LookAt(Emulated(options, std::move(change)), table, options));
  };
  EXPECT_TRUE(refused([](const auto& task) { task.sums.row(7)[3] += 1; }));
  EXPECT_TRUE(refused([](const auto& task) { task.sums.row(1)[129] = NAN; }));
  EXPECT_TRUE(refused([](const auto& task) { task.precise_sums.row(0)[0] += 1; }));
  EXPECT_TRUE(refused([](const auto& task) { task.precise_sums.row(0)[1] = NAN; }));
  EXPECT_TRUE(refused([](const auto& task) { std::ranges::fill(task.precise_sums.row(0), 0.0); }));
}

TEST(ContextCheck, PassesWhatIsRightAndFindsWhatIsWrong) {
  const auto inputs = word2vec::ParseExtendedInputs("direction,shape,context-shapes").value();
  const auto table = testing::RandomExtendedTable(3, kWords, 130, inputs, 4);
  ContextOptions options;
  options.weighting = ContextWeighting::kInverseDistance;
  ExpectPassesOnlyWhatIsRight(table.view(), options);
  const absl::Status lost = absl::UnavailableError("lost");
  EXPECT_EQ(LookAt([&](auto&&...) { return lost; }, table.view(), options), lost);
}

// Whose text is the shortest.
TEST(ContextCheck, DoesSoWithTheWidestWindowAndTheMostColumns) {
  const Matrix<float> table = testing::RandomTable(3, kWords, 1024);
  ContextOptions options;
  options.window = 1000;
  for (const bool exclude_target : {false, true}) {
    options.exclude_target = exclude_target;
    ExpectPassesOnlyWhatIsRight(table.view(), options);
  }
}

TEST(ContextWarp, SumsOfAMappedStreamAreThoseOfTheCpu) {
  const std::vector<WordId> stream = RandomStream(3, 30, 2000, 0.1);
  const Matrix<float> table = testing::RandomTable(3, 20, 24);
  std::vector<WordId> mapping(30, corpora::kGap);
  for (std::uint32_t i = 0, next = 19; i < 30; ++i) {
    if (i % 3 != 0) mapping[i] = WordId{next--};
  }
  for (const bool keep : {false, true}) {
    const ContextCorpus corpus{stream, mapping, keep};
    const auto cpu = ComputeContextSums(corpus, table.view(), {});
    ASSERT_TRUE(cpu.ok()) << cpu.status();
    for (const std::size_t length : {11u, 100u}) {
      ExpectNear(EmulatedSums(corpus, table.view(), {}, length), cpu->sums, 1e-4);
    }
  }
}

TEST(ContextChunks, HoldEveryPositionOnceAsTargetWithItsWindow) {
  const std::vector<WordId> stream = RandomStream(9, 50, 700, 0.2, 200);
  for (const std::size_t window : {1u, 3u, 10u}) {
    for (const std::size_t length :
         {2 * window + 1, 2 * window + 2, std::size_t{64}, stream.size(), stream.size() + 1}) {
      ContextChunks chunks({.stream = stream, .mapping = {}, .keep_unmapped = false}, 50, window, length, false);
      std::vector<std::uint32_t> ids(length);
      std::size_t position = 0;
      for (auto chunk = chunks.Next(ids.data(), nullptr); chunk.length > 0; chunk = chunks.Next(ids.data(), nullptr)) {
        ASSERT_LE(chunk.length, length);
        for (std::size_t i = chunk.begin; i < chunk.end; ++i, ++position) {
          // All that is within the window of a target is there, at its distance.
          for (std::size_t q = position - std::min(position, window); q <= position + window && q < stream.size();
               ++q) {
            ASSERT_LT(i + q - position, chunk.length);
            ASSERT_EQ(ids[i + q - position], corpora::Index(stream[q]));
          }
        }
      }
      EXPECT_EQ(position, stream.size());
      EXPECT_EQ(chunks.fraction(), 1.0);
    }
  }
}

TEST(ContextChunks, MakeGapsOfWhatIsNoWordAndSaySo) {
  std::vector<WordId> stream = RandomStream(9, 50, 700, 0.2, 200);
  for (const std::uint32_t wrong : {50u, 65536u, 0x7FFFFFFFu, 0xFFFFFFFCu}) {
    stream[300] = WordId{wrong};
    ContextChunks chunks({.stream = stream, .mapping = {}, .keep_unmapped = false}, 50, 3, 64, false);
    std::vector<std::uint32_t> ids(64);
    for (auto chunk = chunks.Next(ids.data(), nullptr); chunk.length > 0; chunk = chunks.Next(ids.data(), nullptr)) {
      for (std::size_t i = 0; i < chunk.length; ++i) {
        EXPECT_TRUE(ids[i] < 50 || ids[i] >= corpora::Index(corpora::kGap)) << ids[i];
      }
    }
    EXPECT_TRUE(chunks.changed()) << wrong;
  }
}

}  // namespace
}  // namespace conec::context_internal
