// Decompositions against LAPACK through scipy (spectral_golden.py), and the iteration against the whole decomposition.
#include "simec_core/eigen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "simec_core/centering.h"
#include "simec_core/normalization.h"
#include "tests/simec_core/golden_tensor.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

// A symmetric matrix with these eigenvalues.
at::Tensor WithEigenvalues(const at::Tensor& values) {
  at::manual_seed(5);
  const at::Tensor q = std::get<0>(at::linalg_qr(at::randn({values.size(0), values.size(0)}, at::kDouble)));
  const at::Tensor s = (q * values).matmul(q.t());
  return (s + s.t()) / 2;
}

void ExpectPairs(const at::Tensor& s, const EigenPairs& pairs, const at::Tensor& values, double tolerance) {
  EXPECT_TRUE(pairs.values.allclose(values, tolerance, tolerance)) << pairs.values << values;
  const at::Tensor residual = s.matmul(pairs.vectors) - pairs.vectors * pairs.values;
  EXPECT_LT(residual.abs().max().item<double>(), tolerance * values.abs().max().item<double>());
  const at::Tensor gram = pairs.vectors.t().matmul(pairs.vectors);
  EXPECT_TRUE(gram.allclose(at::eye(gram.size(0), gram.options()), tolerance, tolerance));
}

TEST(Eigen, SmallMatricesAreLapacks) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor s = golden["symmetric"], values = golden["eigenvalues"][0], magnitudes = golden["magnitudes"][0];
  ExpectPairs(s, *AllEigen(s), values, 1e-12);
  ExpectPairs(s, *TopEigen(s, 4), values.narrow(0, 0, 4), 1e-12);
  ExpectPairs(s, *TopEigen(s, 6, EigenOrder::kLargestMagnitude), magnitudes.narrow(0, 0, 6), 1e-12);
}

TEST(Eigen, LargeMatricesAreIteratedToTheSameResult) {
  // Decaying, with negative ones among the largest, a multiple eigenvalue, and many zeros.
  at::Tensor values = at::zeros({1200}, at::kDouble);
  values.narrow(0, 0, 400).copy_(at::arange(1, 401, at::kDouble).pow(-1));
  values.narrow(0, 400, 3).copy_(at::tensor({-2., -0.9, -0.3}, at::kDouble));
  values.narrow(0, 403, 5).fill_(0.7);
  const at::Tensor s = WithEigenvalues(values);
  const at::Tensor descending = std::get<0>(values.sort(0, true));
  const at::Tensor by_magnitude = values.index_select(0, std::get<1>(values.abs().sort(0, true)));
  ExpectPairs(s, *TopEigen(s, 12), descending.narrow(0, 0, 12), 1e-9);
  ExpectPairs(s, *TopEigen(s, 12, EigenOrder::kLargestMagnitude), by_magnitude.narrow(0, 0, 12), 1e-9);
  ExpectPairs(s.to(at::kFloat), *TopEigen(s.to(at::kFloat), 5), descending.narrow(0, 0, 5).to(at::kFloat), 3e-5);
}

TEST(Eigen, MatricesOfLowRankAreIteratedPastTheirRank) {
  at::Tensor values = at::zeros({1100}, at::kDouble);
  values.narrow(0, 0, 3).copy_(at::tensor({3., 2., 2.}, at::kDouble));
  ExpectPairs(WithEigenvalues(values), *TopEigen(WithEigenvalues(values), 6), values.narrow(0, 0, 6), 1e-9);
  const EigenPairs none = *TopEigen(at::zeros({1100, 1100}, at::kDouble), 2);
  EXPECT_EQ(none.values.abs().max().item<double>(), 0);
}

TEST(Eigen, TheEmbeddingIsTheBestOfItsRank) {
  const at::Tensor s = WithEigenvalues(at::tensor({4., 3., 1., -0.5, -5.}, at::kDouble));
  const at::Tensor y = EigenEmbedding(*TopEigen(s, 2));
  EXPECT_NEAR((s - y.matmul(y.t())).square().sum().item<double>(), 1 + 0.25 + 25, 1e-10);
  EXPECT_EQ(EigenEmbedding(*AllEigen(s)).narrow(1, 3, 2).abs().max().item<double>(), 0);  // negative ones embed nothing
}

TEST(Svd, SingularValuesAreLapacks) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor a = golden["rectangular"];
  const SingularTriples svd = *TopSvd(a, 4);
  EXPECT_TRUE(svd.values.allclose(golden["singular_values"][0].narrow(0, 0, 4), 1e-13, 1e-13));
  const SingularTriples whole = *TopSvd(a, 6);
  EXPECT_TRUE((whole.u * whole.values).matmul(whole.v.t()).allclose(a, 1e-12, 1e-12));
}

TEST(Centering, IsKernelCenterersForTrainingAndNewPoints) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor kernel = golden["kernel"], new_kernel = golden["new_kernel"];
  const at::Tensor centred = *CenterSimilarity(kernel);
  EXPECT_TRUE(centred.allclose(golden["centred"], 1e-13, 1e-13));
  EXPECT_TRUE(centred.equal(centred.t()));
  const Centering centering = *Centering::Of(kernel);
  EXPECT_TRUE(centering.Apply(new_kernel)->allclose(golden["new_centred"], 1e-13, 1e-13));
  const at::Tensor landmarks = at::tensor({5, 0, 17}, at::kLong);
  const auto block = centering.Apply(new_kernel.index_select(1, landmarks), new_kernel.mean(1), landmarks);
  EXPECT_TRUE(block->allclose(golden["new_centred"].index_select(1, landmarks), 1e-13, 1e-13));
  EXPECT_THAT(centering.Apply(new_kernel, at::zeros({3}), {}).status().ToString(),
              HasSubstr("does not fit 3 row means"));
}

TEST(Normalization, DoesWhatItsNameSaysOfObservedEntries) {
  const at::Tensor s = at::tensor({2., -6., -6., 3.}, at::kDouble).view({2, 2});
  const auto normalized = [&](Normalization normalization) { return Normalizer::Of(s, normalization)->Apply(s); };
  EXPECT_TRUE(normalized(Normalization::kNone).equal(s));
  EXPECT_TRUE(normalized(Normalization::kMax).allclose(s / 6));
  EXPECT_NEAR(AllEigen(normalized(Normalization::kEigenvalue), EigenOrder::kLargestMagnitude)->values[0].item<double>(),
              1, 1e-12);
  EXPECT_NEAR(normalized(Normalization::kStandard).mean().item<double>(), 0, 1e-15);
  EXPECT_NEAR(normalized(Normalization::kStandard).var(false).item<double>(), 1, 1e-14);
  EXPECT_EQ(normalized(Normalization::kMinMax).min().item<double>(), 0);
  EXPECT_EQ(normalized(Normalization::kMinMax).max().item<double>(), 1);
  const at::Tensor missing = at::tensor({2., std::nan(""), -8., 4.}, at::kDouble).view({2, 2});
  EXPECT_EQ(Normalizer::Of(missing, Normalization::kMax)->scale, 8);
  EXPECT_THAT(Normalizer::Of(at::ones({2, 2}), Normalization::kStandard).status().ToString(), HasSubstr("standard"));
  EXPECT_THAT(Normalizer::Of(at::zeros({2, 2}), Normalization::kMax).status().ToString(), HasSubstr("max"));
  EXPECT_FALSE(Normalizer::Of(at::zeros({2, 2}), Normalization::kEigenvalue).ok());
  EXPECT_FALSE(ParseNormalization("l2").ok());
  EXPECT_EQ(*ParseNormalization("minmax"), Normalization::kMinMax);
}

TEST(Missing, EntriesAreFilledWithTheMeanOfTheOthers) {
  const at::Tensor s = at::tensor({2., std::nan(""), -8., 4.}, at::kDouble).view({2, 2});
  EXPECT_NEAR((*FillMissingByMean(s))[0][1].item<double>(), -2.0 / 3, 1e-15);
  EXPECT_TRUE(s[0][1].isnan().item<bool>());
  EXPECT_THAT(FillMissingByMean(at::full({2, 2}, std::nan(""))).status().ToString(), HasSubstr("no entry is observed"));
}

TEST(Eigen, WhatCannotBeDecomposedIsRefused) {
  const at::Tensor s = at::eye(3, at::kDouble);
  EXPECT_THAT(TopEigen(s, 4).status().ToString(), HasSubstr("4 dimensions asked for"));
  EXPECT_THAT(TopEigen(s, 0).status().ToString(), HasSubstr("from 1 to 3"));
  EXPECT_THAT(TopSvd(at::ones({2, 5}), 3).status().ToString(), HasSubstr("from 1 to 2"));
  EXPECT_THAT(AllEigen(at::ones({2, 3})).status().ToString(), HasSubstr("not square"));
  at::Tensor bad = at::eye(3, at::kDouble);
  bad[0][1] = 1;
  EXPECT_THAT(TopEigen(bad, 1).status().ToString(), HasSubstr("not symmetric"));
}

}  // namespace
}  // namespace conec::simec
