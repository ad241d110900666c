// Similarities against their definitions, computed by numpy, scipy and scikit-learn (similarity_golden.py).
#include "simec_core/similarity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/simec_core/golden_tensor.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

constexpr SimilarityKind kAllKinds[] = {
    SimilarityKind::kLinear,        SimilarityKind::kRbf,          SimilarityKind::kCosine,
    SimilarityKind::kClassLabel,    SimilarityKind::kSimpson,      SimilarityKind::kJaccard,
    SimilarityKind::kRogotGoldberg, SimilarityKind::kMcConnaughey, SimilarityKind::kSokal};

std::pair<std::string, std::string> Inputs(SimilarityKind kind) {
  if (kind == SimilarityKind::kClassLabel) return {"labels_x", "labels_y"};
  return kind < SimilarityKind::kSimpson ? std::pair<std::string, std::string>("x", "y")
                                         : std::pair<std::string, std::string>("b", "c");
}

at::Tensor Column(const at::Tensor& x) {
  return x.size(0) == 1 ? x.t() : x;
}

Features Sparse(const at::Tensor& x) {
  return *CsrMatrix::FromDense(x);
}

TEST(Similarity, EveryKindIsItsDefinitionDenseAndSparseInBothPrecisions) {
  const GoldenTensors golden("similarity_golden.txt");
  for (const SimilarityKind kind : kAllKinds) {
    const auto [x_name, y_name] = Inputs(kind);
    const SimilarityOptions options{kind, 0.3};
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
      const double tolerance = type == at::kDouble ? 1e-14 : 1e-5;
      const at::Tensor x = Column(golden[x_name]).to(type), y = Column(golden[y_name]).to(type);
      const at::Tensor expected = golden[std::string(Name(kind))].to(type);
      const auto expect = [&](const Features& left, const Features& right) {
        const auto result = ComputeSimilarity(options, left, right);
        ASSERT_TRUE(result.ok()) << Name(kind) << ": " << result.status();
        EXPECT_EQ(result->scalar_type(), type);
        EXPECT_TRUE(result->allclose(expected, tolerance, tolerance)) << Name(kind) << "\n" << *result << expected;
      };
      expect(x, y);
      if (kind == SimilarityKind::kClassLabel) continue;
      expect(Sparse(x), Sparse(y));
      expect(Sparse(x), y);
      expect(x, Sparse(y));
    }
  }
}

TEST(Similarity, BlocksOfRowsAreRowsOfTheWhole) {
  const at::Tensor x = at::rand({70, 30}, at::kDouble).lt(0.4).to(at::kDouble);
  for (const SimilarityKind kind : {SimilarityKind::kRbf, SimilarityKind::kSimpson, SimilarityKind::kRogotGoldberg}) {
    const Similarity similarity = *Similarity::Create({kind, 0.1, true}, x);
    const at::Tensor all = *similarity.To(x);
    EXPECT_TRUE(all.allclose(all.t()));
    EXPECT_TRUE(similarity.To(x.narrow(0, 13, 21))->allclose(all.narrow(0, 13, 21), 1e-13, 1e-13));
  }
}

// Points far from the origin but close to each other lose all digits of |x|^2 + |y|^2 - 2 x'y in float32.
TEST(Similarity, RbfKeepsItsDigitsFarFromTheOrigin) {
  const at::Tensor x = at::randn({40, 6}, at::kDouble);
  const at::Tensor near = *ComputeSimilarity({SimilarityKind::kRbf, 0.2}, x);
  const at::Tensor far = *ComputeSimilarity({SimilarityKind::kRbf, 0.2}, Features((x + 1000).to(at::kFloat)));
  EXPECT_LT((far.to(at::kDouble) - near).abs().max().item<double>(), 2e-3);  // x + 1000 itself is rounded by 3e-5
}

TEST(Similarity, MedianGammaIsThatOfAllDistances) {
  const GoldenTensors golden("similarity_golden.txt");
  const at::Tensor x = golden["x"];
  const double odd = golden["gamma"].item<double>(), even = golden["gamma_even"].item<double>();
  EXPECT_NEAR(*MedianGamma(x), odd, 1e-13 * odd);
  EXPECT_NEAR(*MedianGamma(Sparse(x)), odd, 1e-13 * odd);
  EXPECT_NEAR(*MedianGamma(x.narrow(0, 0, 8), 1), 2 * even, 1e-13 * even);
  EXPECT_THAT(MedianGamma(at::ones({5, 2})).status().ToString(), HasSubstr("median distance of the points is 0"));
}

TEST(Similarity, WhatHasNoSimilarityIsRefusedByRow) {
  at::Tensor x = at::ones({4, 3}, at::kDouble);
  const auto error = [&](SimilarityKind kind, const Features& points) {
    return ComputeSimilarity({kind}, points).status().ToString();
  };
  x[2].zero_();
  for (const SimilarityKind kind : {SimilarityKind::kCosine, SimilarityKind::kSimpson, SimilarityKind::kJaccard,
                                    SimilarityKind::kMcConnaughey, SimilarityKind::kSokal}) {
    EXPECT_THAT(error(kind, x), HasSubstr("row 3 of the points has no features"));
    EXPECT_THAT(error(kind, Sparse(x)), HasSubstr("row 3 of the points has no features"));
    const at::Tensor allowed = *ComputeSimilarity({kind, 0, true}, x);
    EXPECT_EQ(allowed[2].abs().sum().item<double>(), 0) << Name(kind);
    EXPECT_NEAR(allowed[0][1].item<double>(), 1, 1e-15);
  }
  x[1][2] = 0.5;
  EXPECT_THAT(error(SimilarityKind::kRogotGoldberg, x), HasSubstr("row 2 of the points has 0.5"));
  EXPECT_THAT(error(SimilarityKind::kRogotGoldberg, Sparse(x)), HasSubstr("row 2 of the points has 0.5"));
  EXPECT_THAT(error(SimilarityKind::kClassLabel, x), HasSubstr("one dense column"));
  EXPECT_THAT(error(SimilarityKind::kRbf, x), HasSubstr("gamma"));
  EXPECT_THAT(ComputeSimilarity({SimilarityKind::kLinear}, x, at::ones({2, 4})).status().ToString(),
              HasSubstr("rows of 3 features cannot be compared with points of 4"));
  x[3][0] = std::nan("");
  EXPECT_THAT(error(SimilarityKind::kLinear, x), HasSubstr("points: row 4, column 1 is nan"));
}

TEST(Similarity, NamesAreParsedBack) {
  for (const SimilarityKind kind : kAllKinds) EXPECT_EQ(*ParseSimilarityKind(Name(kind)), kind);
  EXPECT_THAT(ParseSimilarityKind("dice").status().ToString(), HasSubstr("linear, rbf, cosine"));
}

}  // namespace
}  // namespace conec::simec
