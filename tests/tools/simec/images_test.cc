// What the MNIST experiments of simec reproduce share, on synthetic numbers: verdicts, masks, scaling, splitting.
#include "tools/simec/experiments/images.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simec_core/numpy_random.h"
#include "tools/simec/experiments/baselines_mnist.h"
#include "tools/simec/experiments/random_embeddings.h"

namespace conec::simec::experiments {
namespace {

at::Tensor Normal(std::int64_t rows, std::int64_t cols, std::uint32_t seed) {
  const std::vector<double> values = NumpyRandom(seed).Randn(static_cast<std::size_t>(rows * cols));
  return at::tensor(values, at::kDouble).view({rows, cols});
}

TEST(ImageVerdicts, TrainingAndTestErrorsAreJudgedApart) {
  const Panel panel = {.title = "errors", .x_label = "d"};
  const PrintedErrors printed = {9, .0025, .0257}, most = {9, .0035, .028};
  RunOptions options;
  experiments::Run good(options), bad(options);
  ASSERT_TRUE(AddErrors(good, panel, "SimEc", "SimEc d=9", printed, most, {.train = .0034, .test = .0279}).ok());
  ASSERT_TRUE(AddErrors(bad, panel, "SimEc", "SimEc d=9", printed, most, {.train = .0036, .test = .0279}).ok());
  EXPECT_TRUE(good.figures()[0].met() && good.figures()[1].met());
  EXPECT_FALSE(bad.figures()[0].met());
  EXPECT_TRUE(bad.figures()[1].met());
  EXPECT_EQ(bad.figures()[1].name, "SimEc d=9, test");
  EXPECT_EQ(good.panels()[0].series[1].x[0], 9);
}

// Those of a diagonal matrix, whose spectrum is known to the last digit.
std::vector<Figure> BaselinesOfSpectrum(const at::Tensor& eigenvalues) {
  const auto parts = SplitSimilarity(at::diag(eigenvalues));
  EXPECT_TRUE(parts.ok()) << parts.status();
  const auto figures = NonmetricBaselines(*parts);
  EXPECT_TRUE(figures.ok()) << figures.status();
  EXPECT_EQ(figures->size(), 9U + 14U + 15U);
  return *figures;
}

TEST(ImageVerdicts, ABaselineThatIsWrongInTheLastDigitIsMissed) {
  constexpr std::int64_t kEigenvalues = 9;  // published ones: the first figures
  at::Tensor spectrum = at::zeros({120}, at::kDouble);
  const std::vector<Figure> any = BaselinesOfSpectrum(at::linspace(1, -1, 120, at::kDouble));  // for the references
  for (std::int64_t i = 0; i < kEigenvalues; ++i) spectrum[i] = any[static_cast<std::size_t>(i)].reference.value();
  for (const std::int64_t wrong : {-1, 0, 8}) {  // none, the largest one, a negative one
    at::Tensor changed = spectrum.clone();
    if (wrong >= 0) changed[wrong] += 2e-7;
    const std::vector<Figure> figures = BaselinesOfSpectrum(changed);
    for (std::int64_t i = 0; i < kEigenvalues; ++i) {
      EXPECT_EQ(figures[static_cast<std::size_t>(i)].met(), i != wrong) << i << " with " << wrong << " wrong";
    }
  }
}

TEST(ImageMasks, AreThoseOfNumpy) {
  const at::Tensor mask = ObservedMask(5, 3, .4);
  const std::vector<double> drawn = NumpyRandom(15).Rand(25);
  for (std::int64_t i = 0; i < 5; ++i) {
    for (std::int64_t j = 0; j < 3; ++j) {
      EXPECT_EQ(mask[i][j].item<bool>(), drawn[static_cast<std::size_t>(5 * i + j)] > .4) << i << " " << j;
    }
  }
}

// With many dimensions the mean over draws is near.
TEST(RandomEmbeddings, HaveTheSimilaritiesAsProducts) {
  const at::Tensor x = Normal(6, 49, 7) / 7;
  const at::Tensor projected = SparseProjection(x, 20000, 1);
  ASSERT_EQ(projected.sizes(), at::IntArrayRef({6, 20000}));
  EXPECT_LT((projected.matmul(projected.t()) - x.matmul(x.t())).abs().max().item<double>(), .05);
  const at::Tensor features = FourierFeatures(x, .3, 20000, 2);
  ASSERT_EQ(features.sizes(), at::IntArrayRef({6, 40000}));
  const at::Tensor rbf = (-.3 * (x.unsqueeze(0) - x.unsqueeze(1)).square().sum(2)).exp();
  EXPECT_LT((features.matmul(features.t()) - rbf).abs().max().item<double>(), .03);
}

ImageTask SmallTask() {
  ImageTask task;
  const at::Tensor x = Normal(60, 4, 5), x_test = Normal(20, 4, 6);
  task.x = x.to(at::kFloat);
  task.x_test = x_test.to(at::kFloat);
  task.s = x.matmul(x.t());
  task.s_test = x_test.matmul(x_test.t());
  return task;
}

Settings SmallSettings() {
  Settings settings = LinearSettings(4, .02, 400);
  settings.objective.s_ll = 10;
  return settings;
}

TEST(ImageTraining, ErrorsAreThoseOfTheOriginalSimilaritiesWhateverTheScale) {
  const experiments::Run run(RunOptions{});
  const ImageTask task = SmallTask();
  const double zero = task.s.square().mean().item<double>();
  for (const double scale : {1.0, 10.0}) {
    const auto errors = TrainOnImages(run, SmallSettings(), task, {.n = 30, .scale = scale, .balance = true});
    ASSERT_TRUE(errors.ok()) << errors.status();
    EXPECT_LT(errors->train, .02 * zero) << scale;
    EXPECT_LT(errors->test, .05 * zero) << scale;
    EXPECT_LT(errors->prediction, .02 * zero) << scale;
    EXPECT_LT(errors->balanced, .02 * zero) << scale;
  }
}

TEST(ImageTraining, MissingTargetsAreNotSeen) {
  const experiments::Run run(RunOptions{});
  const ImageTask task = SmallTask();
  const at::Tensor observed = ObservedMask(60, 30, .5);
  ImageTask spoilt = task;
  spoilt.s = task.s.clone();
  spoilt.s.narrow(1, 0, 30).masked_fill_(observed.logical_not(), 1e4);
  const auto clean = TrainOnImages(run, SmallSettings(), task, {.n = 30, .observed = observed});
  const auto same = TrainOnImages(run, SmallSettings(), spoilt, {.n = 30, .observed = observed});
  ASSERT_TRUE(clean.ok() && same.ok()) << clean.status() << same.status();
  EXPECT_EQ(clean->test, same->test);
}

}  // namespace
}  // namespace conec::simec::experiments
