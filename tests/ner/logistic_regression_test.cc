// Laws of logistic regression: what must not change the result, what must, and what is refused.
#include "ner/logistic_regression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

LogisticRegressionOptions PreciseOptions(MultiClass multi_class = MultiClass::kMultinomial) {
  LogisticRegressionOptions options;
  options.multi_class = multi_class;
  options.tolerance = 1e-10;
  options.threads = 2;
  return options;
}

LinearClassifier Fit(const TestData& data, const LogisticRegressionOptions& options, FitReport* report = nullptr) {
  const std::size_t classes = *std::max_element(data.labels.begin(), data.labels.end()) + 1;
  auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(classes), data.weights, options, report);
  EXPECT_TRUE(fitted.ok()) << fitted.status();
  return fitted.ok() ? *std::move(fitted) : LinearClassifier{};
}

double LargestDifference(const LinearClassifier& a, const LinearClassifier& b) {
  if (a.weights.rows() != b.weights.rows() || a.weights.cols() != b.weights.cols()) return kInfinity;
  double largest = 0;
  for (std::size_t c = 0; c < a.classes.size(); ++c) {
    largest = std::max(largest, std::abs(a.intercepts[c] - b.intercepts[c]));
    for (std::size_t j = 0; j < a.weights.cols(); ++j) {
      largest = std::max(largest, std::abs(a.weights.row(c)[j] - b.weights.row(c)[j]));
    }
  }
  return largest;
}

TestData Select(const TestData& data, std::span<const std::uint32_t> rows) {
  TestData selected;
  selected.x = SelectRows(data.x, rows);
  for (const std::uint32_t row : rows) {
    selected.labels.push_back(data.labels[row]);
    if (!data.weights.empty()) selected.weights.push_back(data.weights[row]);
  }
  return selected;
}

// The same features as one table with a row per token.
TestData Dense(const TestData& data) {
  const std::vector<std::vector<double>> rows = Materialize(data.x);
  auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(rows.size(), rows[0].size()));
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy(rows[i].begin(), rows[i].end(), table->row(i).begin());
  TestData dense{{rows.size(), {{table->view(), {}, table}}, {}}, data.labels, data.weights};
  dense.x.dense[0].row_of.resize(rows.size());
  std::iota(dense.x.dense[0].row_of.begin(), dense.x.dense[0].row_of.end(), 0u);
  return dense;
}

class LogisticRegressionLaws : public testing::TestWithParam<MultiClass> {};

TEST_P(LogisticRegressionLaws, FactorizedFeaturesAreWorthTheFullMatrix) {
  const TestData data = RandomData({});
  EXPECT_LT(LargestDifference(Fit(data, PreciseOptions(GetParam())), Fit(Dense(data), PreciseOptions(GetParam()))),
            1e-6);
}

TEST_P(LogisticRegressionLaws, MergingEqualRowsChangesNothing) {
  const TestData data = RandomData({.rows = 40, .table_rows = 3, .sparse_cols = 1, .sparse_values = false});
  // A table that holds each row as often as it is used has no two tokens with the same row.
  FitReport merged, unmerged;
  const LinearClassifier a = Fit(data, PreciseOptions(GetParam()), &merged);
  const LinearClassifier b = Fit(Dense(data), PreciseOptions(GetParam()), &unmerged);
  EXPECT_LT(merged.examples, 40u);
  EXPECT_EQ(unmerged.examples, 40u);
  EXPECT_LT(LargestDifference(a, b), 1e-6);
  EXPECT_NEAR(merged.objective, unmerged.objective, 1e-9 * unmerged.objective);
}

TEST_P(LogisticRegressionLaws, OrderOfRowsChangesNothing) {
  const TestData data = RandomData({});
  std::vector<std::uint32_t> reversed(data.x.rows);
  std::iota(reversed.rbegin(), reversed.rend(), 0u);
  EXPECT_LT(
      LargestDifference(Fit(data, PreciseOptions(GetParam())), Fit(Select(data, reversed), PreciseOptions(GetParam()))),
      1e-6);
}

TEST_P(LogisticRegressionLaws, WeightTwoIsTheRowTwiceAndWeightZeroIsNoRow) {
  TestData data = RandomData({});
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < data.x.rows; ++i) {
    const std::uint32_t times = i < 3 ? 1 : i % 3;
    data.weights[i] = times;
    rows.insert(rows.end(), times, i);
  }
  TestData repeated = Select(data, rows);
  repeated.weights.clear();
  EXPECT_LT(LargestDifference(Fit(data, PreciseOptions(GetParam())), Fit(repeated, PreciseOptions(GetParam()))), 1e-6);
}

TEST_P(LogisticRegressionLaws, SinglePrecisionIsNearDoublePrecision) {
  const TestData data = RandomData({});
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  const LinearClassifier exact = Fit(data, options);
  options.precision = Precision::kFloat32;
  options.tolerance = 1e-6;
  FitReport report;
  const double difference = LargestDifference(Fit(data, options, &report), exact);
  EXPECT_LT(difference, 1e-3);
  EXPECT_GT(difference, 0);
  EXPECT_TRUE(report.converged);
}

TEST_P(LogisticRegressionLaws, ToleranceBoundsTheReportedGradient) {
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  for (const double tolerance : {1e-2, 1e-4, 1e-6}) {
    options.tolerance = tolerance;
    FitReport report;
    Fit(RandomData({}), options, &report);
    EXPECT_TRUE(report.converged);
    EXPECT_LE(report.gradient, tolerance);
  }
}

TEST_P(LogisticRegressionLaws, RepeatedRunsGiveTheSameBits) {
  const TestData data = RandomData({.rows = 5000, .table_rows = 700});
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  options.max_iterations = 15;
  const LinearClassifier first = Fit(data, options);
  EXPECT_EQ(LargestDifference(first, Fit(data, options)), 0);
  options.threads = 1;
  EXPECT_LT(LargestDifference(first, Fit(data, options)), 1e-9);
}

TEST_P(LogisticRegressionLaws, StandardizerActsAsStandardizedColumns) {
  TestData data = RandomData({.sparse_cols = 0});
  data.weights.clear();
  const auto standardizer = FitStandardizer(data.x, {}, SparseScaling::kNone);
  ASSERT_TRUE(standardizer.ok()) << standardizer.status();
  TestData scaled = Dense(data);
  auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(data.x.rows, data.x.cols()));
  for (std::size_t i = 0; i < data.x.rows; ++i) {
    for (std::size_t j = 0; j < data.x.cols(); ++j) {
      const double value = scaled.x.dense[0].table.row(i)[j];
      table->row(i)[j] = static_cast<float>((value - standardizer->means[j]) / standardizer->scales[j]);
    }
  }
  scaled.x.dense[0] = {table->view(), scaled.x.dense[0].row_of, table};
  for (const bool intercept : {true, false}) {
    LogisticRegressionOptions options = PreciseOptions(GetParam());
    options.intercept = intercept;
    const auto expected = DecisionFunction(Fit(scaled, options), scaled.x, 1);
    options.standardizer = &*standardizer;
    const auto scores = DecisionFunction(Fit(data, options), data.x, 1);
    ASSERT_TRUE(expected.ok() && scores.ok());
    for (std::size_t i = 0; i < data.x.rows; ++i) {
      EXPECT_THAT(scores->row(i), testing::Pointwise(testing::DoubleNear(1e-5), expected->row(i)));
    }
  }
}

TEST_P(LogisticRegressionLaws, ProgressFallsToTheReportedObjective) {
  const TestData data = RandomData({});
  std::vector<int> iterations;
  std::vector<double> objectives;
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  options.progress = [&](int iteration, double objective) {
    iterations.push_back(iteration);
    objectives.push_back(objective);
    return true;
  };
  FitReport report;
  Fit(data, options, &report);
  ASSERT_GT(objectives.size(), 2u);
  EXPECT_EQ(iterations.back(), report.iterations);
  EXPECT_EQ(iterations.front(), 1);
  EXPECT_EQ(std::adjacent_find(iterations.begin(), iterations.end(), std::greater_equal<>()), iterations.end());
  EXPECT_TRUE(std::is_sorted(objectives.rbegin(), objectives.rend()));
  EXPECT_NEAR(objectives.back(), report.objective, 1e-9 * report.objective);
}

TEST_P(LogisticRegressionLaws, IterationsAreLimited) {
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  options.max_iterations = 2;
  FitReport report;
  Fit(RandomData({}), options, &report);
  EXPECT_EQ(report.iterations, 2);
  EXPECT_FALSE(report.converged);
  EXPECT_GT(report.gradient, options.tolerance);
}

TEST_P(LogisticRegressionLaws, ProgressCanStop) {
  const TestData data = RandomData({});
  LogisticRegressionOptions options = PreciseOptions(GetParam());
  options.progress = [](int iteration, double) { return iteration < 3; };
  const auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(3), data.weights, options);
  EXPECT_EQ(fitted.status().code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(MultiClass, LogisticRegressionLaws,
                         testing::Values(MultiClass::kMultinomial, MultiClass::kOneVsRest),
                         [](const auto& kind) { return std::string(Name(kind.param)); });

TEST(LogisticRegression, BalancedClassesAreSampleWeights) {
  TestData data = RandomData({.rows = 30, .classes = 2});
  data.weights.clear();
  const auto ones = static_cast<double>(std::accumulate(data.labels.begin(), data.labels.end(), 0u));
  for (const MultiClass multi_class : {MultiClass::kMultinomial, MultiClass::kOneVsRest}) {
    LogisticRegressionOptions options = PreciseOptions(multi_class);
    options.class_weights = ClassWeights::kBalanced;
    const LinearClassifier balanced = Fit(data, options);
    TestData weighted = data;
    for (const std::uint32_t label : data.labels)
      weighted.weights.push_back(30 / (2 * (label == 1 ? ones : 30 - ones)));
    options.class_weights = ClassWeights::kNone;
    EXPECT_LT(LargestDifference(balanced, Fit(weighted, options)), 1e-6);
  }
}

TEST(LogisticRegression, ScoresAreTheProductWithTheFullMatrix) {
  const TestData data = RandomData({});
  const LinearClassifier classifier = Fit(data, PreciseOptions());
  const auto scores = DecisionFunction(classifier, data.x, 2);
  const auto classes = PredictClasses(classifier, data.x, 2);
  ASSERT_TRUE(scores.ok() && classes.ok());
  const std::vector<std::vector<double>> rows = Materialize(data.x);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> expected = classifier.intercepts;
    for (std::size_t c = 0; c < 3; ++c) {
      expected[c] = std::inner_product(rows[i].begin(), rows[i].end(), classifier.weights.row(c).begin(), expected[c]);
    }
    EXPECT_THAT(scores->row(i), testing::Pointwise(testing::DoubleNear(1e-12), expected));
    EXPECT_EQ((*classes)[i], std::max_element(expected.begin(), expected.end()) - expected.begin());
  }
}

// One feature, which the first of two tokens has.
struct ThreeScores {
  DesignMatrix x{2, {}, {1, {0, 1, 1}, {0}, {}}};
  LinearClassifier classifier;
  explicit ThreeScores(MultiClass multi_class) {
    classifier = {ClassNames(3), *Matrix<double>::Create(3, 1), {0, 1, -1}, multi_class};
    classifier.weights.row(0)[0] = 2;
  }
};

TEST(LogisticRegression, MultinomialProbabilitiesAreTheSoftmax) {
  const ThreeScores model(MultiClass::kMultinomial);
  const auto probabilities = PredictProbabilities(model.classifier, model.x, 1);
  ASSERT_TRUE(probabilities.ok());
  const double sum = std::exp(2.0) + std::exp(1.0) + std::exp(-1.0);
  EXPECT_NEAR(probabilities->row(0)[0], std::exp(2.0) / sum, 1e-12);
  EXPECT_NEAR(probabilities->row(0)[2], std::exp(-1.0) / sum, 1e-12);
  EXPECT_NEAR(probabilities->row(1)[0], 1 / (1 + std::exp(1.0) + std::exp(-1.0)), 1e-12);
}

TEST(LogisticRegression, OneVsRestProbabilitiesAreScaledSigmoids) {
  const ThreeScores model(MultiClass::kOneVsRest);
  const auto probabilities = PredictProbabilities(model.classifier, model.x, 1);
  ASSERT_TRUE(probabilities.ok());
  const auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
  const double sum = sigmoid(2) + sigmoid(1) + sigmoid(-1);
  EXPECT_NEAR(probabilities->row(0)[0], sigmoid(2) / sum, 1e-12);
  EXPECT_NEAR(probabilities->row(0)[2], sigmoid(-1) / sum, 1e-12);
}

TEST(LogisticRegression, FirstOfEqualScoresWins) {
  ThreeScores model(MultiClass::kMultinomial);
  model.classifier.intercepts = {0, 2, 2};
  const auto classes = PredictClasses(model.classifier, model.x, 1);
  ASSERT_TRUE(classes.ok());
  EXPECT_THAT(*classes, testing::ElementsAre(0, 1));
}

TEST(LogisticRegression, NamesAreReadBack) {
  for (const auto value : {MultiClass::kMultinomial, MultiClass::kOneVsRest}) {
    EXPECT_EQ(*ParseMultiClass(Name(value)), value);
  }
  for (const auto value : {ClassWeights::kNone, ClassWeights::kBalanced}) {
    EXPECT_EQ(*ParseClassWeights(Name(value)), value);
  }
  for (const auto value : {Precision::kFloat32, Precision::kFloat64}) EXPECT_EQ(*ParsePrecision(Name(value)), value);
  EXPECT_THAT(std::string(ParseMultiClass("crammer").status().message()), HasSubstr("multinomial or ovr"));
}

void ExpectRefused(const TestData& data, const LogisticRegressionOptions& options, const std::string& why,
                   std::size_t classes = 3) {
  const auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(classes), data.weights, options);
  EXPECT_EQ(fitted.status().code(), absl::StatusCode::kInvalidArgument) << fitted.status();
  EXPECT_THAT(std::string(fitted.status().message()), HasSubstr(why));
}

TEST(LogisticRegression, LabelsAndWeightsThatDoNotFitAreRefused) {
  const TestData good = RandomData({});
  TestData bad = good;
  bad.labels.pop_back();
  ExpectRefused(bad, {}, "49 labels for 50 rows");
  bad = good;
  bad.labels[7] = 3;
  ExpectRefused(bad, {}, "label 7 is 3");
  ExpectRefused(good, {}, "'class3' has no examples", 4);
  ExpectRefused(good, {}, "at least two classes", 1);
  bad = good;
  bad.weights.pop_back();
  ExpectRefused(bad, {}, "49 sample weights");
  for (const double weight : {-1.0, kInfinity, std::nan("")}) {
    bad = good;
    bad.weights[5] = weight;
    ExpectRefused(bad, {}, "sample weight 5");
  }
  bad = good;
  for (std::size_t i = 0; i < bad.x.rows; ++i) bad.weights[i] = bad.labels[i] == 1 ? 0 : 1;
  ExpectRefused(bad, {}, "'class1' has no examples of positive weight");
}

TEST(LogisticRegression, OptionsOutOfRangeAreRefused) {
  const TestData data = RandomData({});
  ExpectRefused(data, {.c = 0}, "--c must be");
  ExpectRefused(data, {.c = kInfinity}, "--c must be");
  ExpectRefused(data, {.max_iterations = 0}, "--max-iterations must be");
  ExpectRefused(data, {.tolerance = std::nan("")}, "--tolerance must be");
  ExpectRefused(data, {.history = 0}, "history");
  ExpectRefused(data, {.threads = -1}, "threads");
  const Standardizer standardizer{{0}, {1}};
  ExpectRefused(data, {.standardizer = &standardizer}, "standardiser");
}

TEST(LogisticRegression, NumbersBeyondThePrecisionAreNamed) {
  const TestData data = RandomData({});
  const Standardizer tiny{std::vector<double>(data.x.cols()), std::vector<double>(data.x.cols(), 1e-42)};
  LogisticRegressionOptions options;
  options.standardizer = &tiny;
  options.precision = Precision::kFloat32;
  const auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(3), {}, options);
  EXPECT_EQ(fitted.status().code(), absl::StatusCode::kFailedPrecondition) << fitted.status();
  EXPECT_THAT(std::string(fitted.status().message()), HasSubstr("float64"));
}

TEST(LogisticRegression, FeaturesOutOfAllProportionDoNotConverge) {
  TestData data = RandomData({.sparse_cols = 3});
  data.x.sparse.values.assign(data.x.sparse.columns.size(), 1e30f);
  FitReport report;
  Fit(data, {.precision = Precision::kFloat32}, &report);
  EXPECT_FALSE(report.converged);
}

TEST(LogisticRegression, FeaturesOfOtherColumnsAreRefused) {
  const TestData data = RandomData({});
  const LinearClassifier classifier = Fit(data, {});
  const TestData other = RandomData({.sparse_cols = 5});
  EXPECT_EQ(PredictClasses(classifier, other.x, 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PredictClasses(classifier, data.x, -1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LogisticRegression, AClassifierMustHaveClasses) {
  EXPECT_EQ(PredictProbabilities({}, {}, 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LogisticRegression, NoTokensGetNoClasses) {
  const TestData data = RandomData({});
  const auto classes = PredictClasses(Fit(data, {}), SelectRows(data.x, {}), 1);
  ASSERT_TRUE(classes.ok()) << classes.status();
  EXPECT_TRUE(classes->empty());
}

}  // namespace
}  // namespace conec::ner
