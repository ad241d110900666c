// Means and deviations over tokens are those of the written-out matrix.
#include "ner/standardizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using testing::Each;

struct Column {
  double mean = 0, deviation = 0;
};

Column Statistics(const TestData& data, std::size_t j) {
  const auto rows = Materialize(data.x);
  double total = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) total += data.weights[i], sum += data.weights[i] * rows[i][j];
  for (std::size_t i = 0; i < rows.size(); ++i) squares += data.weights[i] * std::pow(rows[i][j] - sum / total, 2);
  return {sum / total, std::sqrt(squares / total)};
}

TEST(Standardizer, DenseColumnsHaveTheirMeansAndDeviations) {
  const TestData data = RandomData({});
  const auto fitted = FitStandardizer(data.x, data.weights, SparseScaling::kNone);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  for (std::size_t j = 0; j < 12; ++j) {
    const Column expected = Statistics(data, j);
    EXPECT_NEAR(fitted->means[j], expected.mean, 1e-12);
    EXPECT_NEAR(fitted->scales[j], expected.deviation, 1e-12);
  }
  EXPECT_THAT(std::span(fitted->means).subspan(12), Each(0.0));
  EXPECT_THAT(std::span(fitted->scales).subspan(12), Each(1.0));
}

TEST(Standardizer, SparseColumnsAreScaledButNotCentred) {
  const TestData data = RandomData({});
  const auto fitted = FitStandardizer(data.x, data.weights, SparseScaling::kUnitVariance);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  for (std::size_t j = 12; j < data.x.cols(); ++j) {
    EXPECT_EQ(fitted->means[j], 0);
    EXPECT_NEAR(fitted->scales[j], Statistics(data, j).deviation, 1e-12);
  }
}

TEST(Standardizer, NoWeightsAreEqualWeights) {
  const TestData data = RandomData({});
  const auto fitted = FitStandardizer(data.x, {}, SparseScaling::kUnitVariance);
  const auto weighted = FitStandardizer(data.x, std::vector<double>(data.x.rows, 1.0), SparseScaling::kUnitVariance);
  ASSERT_TRUE(fitted.ok() && weighted.ok());
  EXPECT_EQ(fitted->means, weighted->means);
  EXPECT_EQ(fitted->scales, weighted->scales);
}

TEST(Standardizer, ConstantColumnsKeepTheirScale) {
  PhiloxStream random(1);
  const auto table = RandomTable(3, 1, random);
  for (std::size_t i = 0; i < 3; ++i) table->row(i)[0] = 0.1f;
  const DesignMatrix x{4, {{table->view(), {0, 1, 2, 1}, table}}, {2, {0, 1, 2, 3, 4}, {0, 0, 0, 0}, {}}};
  const auto fitted = FitStandardizer(x, {}, SparseScaling::kUnitVariance);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_THAT(fitted->scales, Each(1.0));
  EXPECT_NEAR(fitted->means[0], 0.1f, 1e-12);
}

TEST(Standardizer, WeightsThatDoNotFitAreRefused) {
  const TestData data = RandomData({});
  const auto code = [&](std::vector<double> weights) {
    return FitStandardizer(data.x, weights, SparseScaling::kNone).status().code();
  };
  EXPECT_EQ(code(std::vector<double>(49, 1.0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(std::vector<double>(50, 0.0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(std::vector<double>(50, -1.0)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FitStandardizer({}, {}, SparseScaling::kNone).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Standardizer, ScalesMustBePositiveAndFinite) {
  EXPECT_TRUE(CheckStandardizer({{0, -3}, {1, 0.5}}, 2).ok());
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  for (const Standardizer& bad :
       {Standardizer{{0}, {0}}, Standardizer{{0}, {-1}}, Standardizer{{nan}, {1}}, Standardizer{{0}, {infinity}},
        Standardizer{{0, 0}, {1}}, Standardizer{{0}, {1, 1}}}) {
    EXPECT_EQ(CheckStandardizer(bad, 1).code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace conec::ner
