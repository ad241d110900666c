// Kernel PCA, ridge regression and correlations against numpy, scipy and scikit-learn (spectral_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "simec_core/kernel_pca.h"
#include "simec_core/ridge.h"
#include "simec_core/similarity_match.h"
#include "tests/simec_core/golden_tensor.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

TEST(KernelPca, EmbedsTrainingAndNewPointsAsScikitLearn) {
  const GoldenTensors golden("spectral_golden.txt");
  const KernelPca pca = *KernelPca::Fit(golden["kernel"], 4);
  EXPECT_TRUE(pca.values().allclose(golden["pca_values"][0], 1e-12, 1e-12));
  EXPECT_TRUE(pca.embedding().matmul(pca.embedding().t()).allclose(golden["pca_gram"], 1e-11, 1e-11));
  const at::Tensor projected = *pca.Project(golden["new_kernel"]);
  EXPECT_TRUE(projected.matmul(pca.embedding().t()).allclose(golden["pca_new_gram"], 1e-11, 1e-11));
  EXPECT_TRUE(pca.Project(golden["kernel"])->allclose(pca.embedding(), 1e-10, 1e-10));
}

TEST(KernelPca, OfLinearSimilaritiesIsPcaOfThePoints) {
  const at::Tensor x = GoldenTensors("spectral_golden.txt")["x"];
  for (const at::Tensor& points : {x, x.narrow(0, 0, 5)}) {  // more points than features, and fewer
    const KernelPca kernel = *KernelPca::Fit(points.matmul(points.t()), 3), linear = *KernelPca::FitLinear(points, 3);
    EXPECT_TRUE(linear.values().allclose(kernel.values(), 1e-11, 1e-11));
    const at::Tensor signs = linear.embedding().mul(kernel.embedding()).sum(0).sign();
    EXPECT_TRUE((linear.embedding() * signs).allclose(kernel.embedding(), 1e-10, 1e-10));
    const at::Tensor fresh = at::randn({4, 6}, at::kDouble);
    EXPECT_TRUE((*linear.Project(fresh) * signs).allclose(*kernel.Project(fresh.matmul(points.t())), 1e-10, 1e-10));
  }
}

TEST(KernelPca, DirectionsWithoutVarianceAreZero) {
  const at::Tensor x = at::tensor({1., 2., 4., 8., 16.}, at::kDouble).unsqueeze(1);  // one direction only
  const KernelPca pca = *KernelPca::Fit(x.matmul(x.t()), 3);
  EXPECT_GT(pca.embedding().select(1, 0).abs().min().item<double>(), 0.1);
  EXPECT_EQ(pca.embedding().narrow(1, 1, 2).abs().max().item<double>(), 0);
  EXPECT_EQ(pca.Project(x.matmul(x.t()))->narrow(1, 1, 2).abs().max().item<double>(), 0);
  EXPECT_THAT(pca.Project(at::ones({2, 3}, at::kDouble)).status().ToString(), HasSubstr("expected 5"));
  EXPECT_THAT(KernelPca::FitLinear(x, 2).status().ToString(), HasSubstr("from 1 to 1"));
}

TEST(Ridge, SolvesScikitLearnsProblem) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor x = golden["x"], y = golden["ridge_targets"];
  for (const char* alpha : {"0", "2.5", "75"}) {
    const std::string name = std::string("ridge_") + alpha;
    for (const Features& features : {Features(x), Features(*CsrMatrix::FromDense(x))}) {
      const RidgeModel model = *FitRidge(features, y, std::stod(alpha));
      EXPECT_TRUE(model.weights.allclose(golden[name], 1e-11, 1e-11)) << name;
      EXPECT_TRUE(model.intercept.allclose(golden[name + "_intercept"][0], 1e-11, 1e-11)) << name;
      EXPECT_TRUE(model.Predict(features).allclose(x.matmul(golden[name]) + golden[name + "_intercept"], 1e-11, 1e-11));
    }
  }
}

TEST(Ridge, WithMoreFeaturesThanPointsSolvesTheDual) {
  const GoldenTensors golden("spectral_golden.txt");
  for (const Features& features : {Features(golden["wide"]), Features(*CsrMatrix::FromDense(golden["wide"]))}) {
    const RidgeModel model = *FitRidge(features, golden["wide_targets"], 0.7);
    EXPECT_TRUE(model.weights.allclose(golden["wide_ridge"], 1e-11, 1e-11));
    EXPECT_TRUE(model.intercept.allclose(golden["wide_intercept"][0], 1e-11, 1e-11));
  }
}

TEST(Ridge, AlphaIsSelectedAsByGridSearch) {
  const GoldenTensors golden("spectral_golden.txt");
  const std::vector<double> alphas{0.1, 1, 10, 100};
  const auto scores = *RidgeScores(golden["x"], golden["ridge_targets"], alphas);
  EXPECT_TRUE(at::tensor(scores, at::kDouble).allclose(golden["search_scores"][0], 1e-11, 1e-11));
  EXPECT_EQ(*SelectRidgeAlpha(golden["x"], golden["ridge_targets"], alphas), golden["search_best"].item<double>());
}

TEST(Ridge, WhatHasNoSolutionIsRefused) {
  const at::Tensor x = at::randn({6, 2}, at::kDouble), twice = at::cat({x, x}, 1), y = at::randn({6, 1}, at::kDouble);
  EXPECT_THAT(FitRidge(twice, y, 0).status().ToString(), HasSubstr("depend on each other"));
  EXPECT_TRUE(FitRidge(twice, y, 0.1).ok());
  EXPECT_THAT(FitRidge(x, y, -1).status().ToString(), HasSubstr("alpha must be at least 0"));
  EXPECT_THAT(FitRidge(x, y.narrow(0, 0, 5), 1).status().ToString(), HasSubstr("6 points with 5 outputs"));
  EXPECT_THAT(RidgeScores(x, y, std::vector<double>{1.0}, 7).status().ToString(), HasSubstr("7 folds of 6 points"));
}

void ExpectMatch(const Match& match, const at::Tensor& expected) {
  EXPECT_NEAR(match.mse, expected[0].item<double>(), 1e-12);
  EXPECT_NEAR(match.r2, expected[1].item<double>(), 1e-12);
  EXPECT_NEAR(match.spearman.value(), expected[2].item<double>(), 1e-12);
}

TEST(Match, IsWhatScipySaysOfAllPairs) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor y1 = golden["y1"], y2 = golden["y2"], s = golden["noisy"];
  ExpectMatch(*MatchSimilarity(y1, s, {.spearman = true}), golden["similarity_match"][0]);
  ExpectMatch(*MatchEmbeddings(y1, y2, {.spearman = true}), golden["embedding_match"][0]);
  EXPECT_FALSE(MatchSimilarity(y1, s)->spearman.has_value());
}

TEST(Match, OfRectangularPredictionsIsTheirMeanError) {
  const at::Tensor y = at::randn({40, 3}, at::kFloat), w = at::randn({3, 25}, at::kFloat), s = at::randn({40, 25});
  const double mse = (s.to(at::kDouble) - y.to(at::kDouble).matmul(w.to(at::kDouble))).square().mean().item<double>();
  EXPECT_NEAR(MatchPrediction(y, w, s)->mse, mse, 1e-12);
  EXPECT_THAT(MatchPrediction(y, w, s.t()).status().ToString(), HasSubstr("40 x 3 times 3 x 25"));
}

// Rows come in several pieces: 2^21 entries at a time.
TEST(Match, OfWhatIsObservedIsThatOfTheVectorsOfItsEntries) {
  const at::Tensor s = at::arange(2200 * 1000, at::kDouble).sin().view({2200, 1000}) + 1e4;
  const at::Tensor predicted = (s * 2 + at::arange(2200 * 1000, at::kDouble).cos().view({2200, 1000})).to(at::kFloat);
  const at::Tensor missing = at::arange(2200 * 1000, at::kLong).remainder(7).eq(3).view({2200, 1000});
  const auto rows = [&](std::int64_t i, std::int64_t count) { return predicted.narrow(0, i, count); };
  const Match match = *MatchObserved(s.masked_fill(missing, NAN), rows, {.spearman = true});
  const at::Tensor a = s.masked_select(missing.logical_not()),
                   b = predicted.to(at::kDouble).masked_select(missing.logical_not());
  EXPECT_NEAR(match.mse, (a - b).square().mean().item<double>(), 1e-3);
  const at::Tensor x = a - a.mean(), y = b - b.mean();
  const double product = x.dot(y).item<double>();
  EXPECT_NEAR(match.r2, product * product / (x.dot(x).item<double>() * y.dot(y).item<double>()), 1e-9);
  EXPECT_EQ(*match.spearman, *RankCorrelation(a, predicted.masked_select(missing.logical_not())));
  EXPECT_THAT(MatchObserved(s.t(), rows).status().ToString(), HasSubstr("for similarities of"));
  EXPECT_THAT(MatchObserved(at::full({3, 2}, NAN),
                            [](std::int64_t, std::int64_t n) {
                              return at::ones({n, 2});
                            })
                  .status()
                  .ToString(),
              HasSubstr("no target is observed"));
}

TEST(Match, AlmostPerfectEmbeddingsKeepTheirDigits) {
  const at::Tensor y = at::randn({200, 4}, at::kDouble) * 100, noise = at::randn({200, 200}, at::kDouble) * 1e-9;
  const at::Tensor s = y.matmul(y.t()) + noise;
  EXPECT_NEAR(MatchSimilarity(y, s)->mse, 1e-18, 2e-19);
  EXPECT_NEAR(MatchSimilarity(y, s)->r2, 1, 1e-12);
}

TEST(Match, RotatedAndScaledEmbeddingsAreTheSame) {
  const at::Tensor y = at::randn({50, 3}, at::kDouble),
                   turn = std::get<0>(at::linalg_qr(at::randn({3, 3}, at::kDouble)));
  const Match match = *MatchEmbeddings(y, y.matmul(turn) * -7 + 100, {.spearman = true});
  EXPECT_NEAR(match.mse, 0, 1e-14);
  EXPECT_NEAR(match.r2, 1, 1e-12);
  EXPECT_THAT(MatchEmbeddings(y, at::ones({50, 2})).status().ToString(), HasSubstr("coincide"));
  EXPECT_THAT(MatchEmbeddings(y, at::ones({49, 2})).status().ToString(), HasSubstr("50 and 49 points"));
}

}  // namespace
}  // namespace conec::simec
