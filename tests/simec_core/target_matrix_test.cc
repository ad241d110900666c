// Targets computed row by row are the rows of the whole matrix; geodesics and Isomap are scikit-learn's, means of
// several similarities and the two parts of a non-metric one numpy's.
#include "simec_core/target_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <vector>

#include "simec_core/combination.h"
#include "simec_core/eigen.h"
#include "simec_core/isomap.h"
#include "tests/simec_core/golden_tensor.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

TEST(NeighbourGraph, GeodesicsAndIsomapAreScikitLearns) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor x = golden["curve"], between = golden["between"];
  const Isomap isomap = *Isomap::Fit(x, 2, {5});
  const at::Tensor all = at::arange(x.size(0), at::kLong);
  EXPECT_TRUE(isomap.graph().PathLengths(all)->allclose(golden["geodesics"], 1e-12, 1e-12));
  EXPECT_EQ(isomap.graph().components(), 1);
  const at::Tensor y = isomap.embedding();
  EXPECT_TRUE(y.matmul(y.t()).allclose(golden["isomap_gram"], 1e-10, 1e-10));
  EXPECT_TRUE(isomap.Project(between)->matmul(y.t()).allclose(golden["isomap_new_gram"], 1e-10, 1e-10));
}

TEST(NeighbourGraph, ComponentsAreJoinedAsInScikitLearnOrRefused) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor x = golden["islands"];
  const NeighbourGraph graph = *NeighbourGraph::Create(x, {4, true});
  EXPECT_EQ(graph.components(), 3);
  const at::Tensor lengths = *graph.PathLengths(at::arange(x.size(0), at::kLong));
  EXPECT_TRUE(lengths.allclose(golden["islands_geodesics"], 1e-12, 1e-12));
  EXPECT_THAT(NeighbourGraph::Create(x, {4, false}).status().ToString(), HasSubstr("has 3 components"));
}

TEST(NeighbourGraph, NeighboursAreTheNearestPoints) {
  const at::Tensor x = at::randn({90, 4}, at::kDouble), of = at::randn({7, 4}, at::kDouble);
  const Neighbours nearest = *NearestNeighbours(x, of, 6);
  const auto [distances, index] = at::cdist(of, x).topk(6, 1, false, true);
  EXPECT_TRUE(nearest.index.equal(index));
  EXPECT_TRUE(nearest.distances.allclose(distances, 1e-12, 1e-12));
  EXPECT_FALSE(NearestNeighbours(x, 6)->index.eq(at::arange(90, at::kLong).unsqueeze(1)).any().item<bool>());
  EXPECT_THAT(NearestNeighbours(x, 90).status().ToString(), HasSubstr("there are 89 other points"));
  EXPECT_THAT(NearestNeighbours(x, at::ones({2, 3}), 1).status().ToString(), HasSubstr("3 features"));
  EXPECT_THAT(NeighbourGraph::Create(x, {5})->PathLengths(at::full({1}, 90, at::kLong)).status().ToString(),
              HasSubstr("no point 90"));
}

// Rows of the sources below, centred and normalised, against the whole matrix.
void ExpectRowsOfWhole(const SimilaritySourcePtr& source, const at::Tensor& whole) {
  const at::Tensor landmarks = at::tensor({3, 0, 17, 9}, at::kLong), rows = at::tensor({11, 3, 3, 0}, at::kLong);
  for (const bool center : {false, true}) {
    for (const Normalization normalization :
         {Normalization::kNone, Normalization::kMax, Normalization::kStandard, Normalization::kEigenvalue}) {
      const at::Tensor centred = center ? *CenterSimilarity(whole) : whole;
      const bool is_eigen = normalization == Normalization::kEigenvalue;
      const Normalizer normalizer =
          *Normalizer::Of(is_eigen ? centred : centred.index_select(1, landmarks), normalization);
      const at::Tensor expected = normalizer.Apply(centred).index_select(1, landmarks);
      const auto targets = TargetMatrix::Create(source, {landmarks, center, normalization});
      ASSERT_TRUE(targets.ok()) << targets.status();
      EXPECT_EQ(targets->targets(), 4);
      EXPECT_TRUE(targets->Rows(rows)->allclose(expected.index_select(0, rows), 1e-9, 1e-9));
      EXPECT_TRUE(targets->All()->allclose(expected, 1e-9, 1e-9));
      EXPECT_TRUE(targets->Landmarks()->allclose(expected.index_select(0, landmarks), 1e-9, 1e-9));
    }
  }
}

TEST(TargetMatrix, RowsOnTheFlyAreRowsOfTheWhole) {
  at::manual_seed(3);
  const at::Tensor x = at::randn({60, 5}, at::kDouble), binary = at::rand({60, 9}, at::kDouble).lt(0.5).to(at::kDouble);
  const SimilarityOptions rbf{SimilarityKind::kRbf, 0.1}, simpson{SimilarityKind::kSimpson, 0, true};
  ExpectRowsOfWhole(*SourceOfFeatures(rbf, x), *ComputeSimilarity(rbf, x));
  ExpectRowsOfWhole(*SourceOfFeatures(simpson, *CsrMatrix::FromDense(binary)), *ComputeSimilarity(simpson, binary));
  const at::Tensor s = *ComputeSimilarity(rbf, x);
  ExpectRowsOfWhole(*SourceOfMatrix(s), s);
  const auto graph = std::make_shared<const NeighbourGraph>(*NeighbourGraph::Create(x, {6}));
  ExpectRowsOfWhole(SourceOfGraph(graph), SimilarityOfDistances(*graph->PathLengths(at::arange(60, at::kLong))));
}

TEST(TargetMatrix, NewPointsAreCentredWithTheTrainingPoints) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor landmarks = at::tensor({5, 0, 17}, at::kLong);
  const auto source = *SourceOfFeatures({SimilarityKind::kRbf, 0.1}, golden["x"]);
  const TargetMatrix targets = *TargetMatrix::Create(source, {landmarks, true, Normalization::kNone});
  const at::Tensor expected = golden["new_centred"].index_select(1, landmarks);
  EXPECT_TRUE(targets.RowsOf(golden["new"])->allclose(expected, 1e-13, 1e-13));
  // Training points seen as new ones have the same rows.
  EXPECT_TRUE(targets.RowsOf(golden["x"])->allclose(*targets.All(), 1e-13, 1e-13));
}

TEST(TargetMatrix, WhatCannotBeATargetIsRefused) {
  const at::Tensor s = at::eye(4, at::kDouble);
  const SimilaritySourcePtr source = *SourceOfMatrix(s);
  EXPECT_THAT(TargetMatrix::Create(source, {at::full({1}, 4, at::kLong)}).status().ToString(),
              HasSubstr("landmark 4 is none of the 4 points"));
  EXPECT_THAT(TargetMatrix::Create(source, {at::ones({2})}).status().ToString(), HasSubstr("int64"));
  EXPECT_THAT(TargetMatrix::Create(source, {})->RowsOf(s).status().ToString(), HasSubstr("new points"));
  EXPECT_THAT(SourceOfMatrix(at::ones({2, 3})).status().ToString(), HasSubstr("not square"));
}

TEST(NormalizedMean, IsNumpysOverWhatIsObserved) {
  const GoldenTensors golden("spectral_golden.txt");
  const at::Tensor mean = *NormalizedMean({golden["holes"], golden["also_holes"]}, {Normalization::kMax});
  EXPECT_TRUE(mean.allclose(golden["mean_of_observed"], 1e-14, 1e-14, /*equal_nan=*/true));
  EXPECT_TRUE(mean.isnan().any().item<bool>());  // entries that both have missing
  const at::Tensor one = at::ones({2, 2}, at::kDouble), two = at::tensor({2., 0., 0., 1.}, at::kDouble).view({2, 2});
  EXPECT_TRUE(NormalizedMean({one, two}, {Normalization::kNone, false, {3, 1}})->equal((one * 3 + two) / 4));
}

TEST(NormalizedMean, PartsThatDoNotFitAreNamed) {
  const at::Tensor s = at::eye(3, at::kDouble), holes = s.masked_fill(s.eq(1), NAN), infinite = s / 0.0;
  const auto error = [](const std::vector<at::Tensor>& matrices, const MeanOptions& options) {
    return NormalizedMean(matrices, options).status().ToString();
  };
  EXPECT_THAT(error({s, holes}, {}), HasSubstr("similarity 2"));  // no eigenvalues without all entries
  EXPECT_THAT(error({s, at::ones({3, 2}, at::kDouble)}, {Normalization::kMax}), HasSubstr("2 is 3 x 2"));
  EXPECT_THAT(error({infinite, s}, {Normalization::kMax}), HasSubstr("similarity 1: has infinite"));
  EXPECT_THAT(error({s, s}, {Normalization::kMax, false, {1}}), HasSubstr("1 weights"));
  EXPECT_THAT(error({s, s}, {Normalization::kMax, false, {1, 0}}), HasSubstr("positive, got 0"));
  EXPECT_THAT(error({}, {}), HasSubstr("no similarities"));
  const auto source = *SourceOfMatrix(s), other = *SourceOfMatrix(at::eye(4, at::kDouble));
  EXPECT_THAT(SourceOfMean({source, other}, {}).status().ToString(), HasSubstr("similarity 2: is of 4 points"));
  EXPECT_THAT(SourceOfMean({nullptr, other}, {}).status().ToString(), HasSubstr("similarity 1: no source"));
}

TEST(NormalizedMean, OfSourcesIsNumpysAndRowsOnTheFlyAreRowsOfTheWhole) {
  const GoldenTensors golden("spectral_golden.txt");
  const auto rbf = *SourceOfFeatures({SimilarityKind::kRbf, 0.1}, golden["x"]);
  const auto linear = *SourceOfMatrix(golden["linear"]);
  const SimilaritySourcePtr mean = *SourceOfMean({rbf, linear}, {Normalization::kEigenvalue, true, {3, 1}});
  const at::Tensor all = at::arange(24, at::kLong);
  EXPECT_TRUE(mean->Rows(all)->allclose(golden["mean_kernel"], 1e-12, 1e-12));
  ExpectRowsOfWhole(mean, golden["mean_kernel"]);
  // Parts of the same features have rows for new points, too.
  const auto both = *SourceOfMean({rbf, *SourceOfFeatures({SimilarityKind::kLinear}, golden["x"])},
                                  {Normalization::kEigenvalue, true, {3, 1}});
  EXPECT_TRUE(both->RowsOf(golden["x"])->allclose(golden["mean_kernel"], 1e-12, 1e-12));
  EXPECT_THAT(mean->RowsOf(golden["x"]).status().ToString(), HasSubstr("new points"));
}

TEST(NonmetricSplit, PartsAreNumpys) {
  const GoldenTensors golden("spectral_golden.txt");
  const NonmetricParts parts = *SplitSimilarity(golden["symmetric"]);
  EXPECT_TRUE(parts.positive.allclose(golden["positive_part"], 1e-12, 1e-12));
  EXPECT_TRUE(parts.negative.allclose(golden["negative_part"], 1e-12, 1e-12));
  const ScaledParts scaled = *ScaleParts(parts);
  EXPECT_TRUE(scaled.s1.allclose(golden["scaled_positive"], 1e-12, 1e-12));
  EXPECT_TRUE(scaled.s2.allclose(golden["scaled_negative"], 1e-12, 1e-12));
  EXPECT_NEAR(scaled.divisor, golden["parts_divisor"].item<double>(), 1e-13);
}

TEST(NonmetricSplit, PartsArePositiveSemidefiniteAndTheirDifferenceIsTheWhole) {
  at::manual_seed(4);
  const at::Tensor z = at::randn({40, 40}, at::kDouble), s = z + z.t();
  const NonmetricParts parts = *SplitSimilarity(s);
  EXPECT_LT((parts.positive - parts.negative - s).abs().max().item<double>(), 1e-12);
  for (const at::Tensor& part : {parts.positive, parts.negative}) {
    EXPECT_GT(at::linalg_eigvalsh(part).min().item<double>(), -1e-12);
  }
  EXPECT_LT(parts.positive.matmul(parts.negative).abs().max().item<double>(), 1e-11);
  EXPECT_THAT(SplitSimilarity(z).status().ToString(), HasSubstr("not symmetric"));
}

TEST(NonmetricSplit, AMetricSimilarityHasNoNegativePart) {
  at::manual_seed(4);
  const at::Tensor y = at::randn({20, 5}, at::kDouble), s = y.matmul(y.t());
  const NonmetricParts parts = *SplitSimilarity(s);
  const ScaledParts scaled = *ScaleParts(parts);
  EXPECT_TRUE(parts.positive.allclose(s, 1e-12, 1e-12));
  EXPECT_EQ(scaled.s2.abs().max().item<double>(), 0);  // rounding is not blown up
  EXPECT_FALSE(ScaleParts(*SplitSimilarity(at::zeros({3, 3}, at::kDouble))).ok());
}

// Whatever the type, and with either sign: y y' has 5 eigenvalues that are more than rounding.
TEST(NonmetricSplit, EigenvaluesThatAreRoundingAreZero) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    at::manual_seed(4);
    const at::Tensor y = at::randn({60, 5}, type), s = y.matmul(y.t());
    const NonmetricParts parts = *SplitSimilarity(s), turned = *SplitSimilarity(-s);
    EXPECT_EQ(parts.all.values.count_nonzero().item<std::int64_t>(), 5) << type;
    EXPECT_EQ(parts.negative.count_nonzero().item<std::int64_t>(), 0) << type;
    EXPECT_EQ(turned.positive.count_nonzero().item<std::int64_t>(), 0) << type;
    const ScaledParts scaled = *ScaleParts(parts), scaled_turned = *ScaleParts(turned);
    EXPECT_EQ(scaled.s2.count_nonzero().item<std::int64_t>(), 0) << type;
    EXPECT_EQ(scaled_turned.s1.count_nonzero().item<std::int64_t>(), 0) << type;
    EXPECT_TRUE(scaled.s1.allclose(scaled_turned.s2, 1e-4, 1e-5)) << type;
    EXPECT_TRUE(parts.positive.allclose(s, 1e-4, 1e-4)) << type;
  }
}

}  // namespace
}  // namespace conec::simec
