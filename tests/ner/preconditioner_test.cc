// The change of variables that makes fits of logistic regression short: it never changes what they find.
#include "ner/preconditioner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "ner/lbfgs.h"
#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using regression_internal::Evaluation;
using regression_internal::LbfgsReport;
using regression_internal::LogisticObjective;
using regression_internal::LogisticProblem;
using regression_internal::Preconditioner;

struct Case {
  const char* name;
  MultiClass multi_class = MultiClass::kMultinomial;
  bool standardize = false;
  bool intercept = true;
  bool regularize_intercept = false;
  std::uint32_t classes = 3;
};

const Case kCases[] = {
    {"multinomial"},
    {"multinomial_standardized", MultiClass::kMultinomial, true, true, true},
    {"multinomial_without_intercept", MultiClass::kMultinomial, false, false},
    {"ovr", MultiClass::kOneVsRest, false, true, true},
    {"ovr_standardized", MultiClass::kOneVsRest, true},
    {"ovr_two_classes", MultiClass::kOneVsRest, false, true, false, 2},
};

// Column j times 10^-3, 10^-2, ..., 10^3, and so on.
double BadScale(std::size_t column) {
  return std::pow(10.0, static_cast<double>(column % 7) - 3);
}

TestData BadlyScaled(TestData data) {
  for (DenseBlock& block : data.x.dense) {
    auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(block.table.rows, block.table.cols));
    for (std::size_t i = 0; i < block.table.rows; ++i) {
      for (std::size_t j = 0; j < block.table.cols; ++j) {
        table->row(i)[j] = block.table.row(i)[j] * static_cast<float>(BadScale(j));
      }
    }
    block.table = table->view();
    block.owner = table;
  }
  SparseBlock& sparse = data.x.sparse;
  for (std::size_t e = 0; e < sparse.values.size(); ++e) {
    sparse.values[e] *= static_cast<float>(BadScale(sparse.columns[e]));
  }
  return data;
}

// Balanced classes, so that one-vs-rest has problems of different weights.
struct Setting {
  Setting(const Case& test_case, TestData data_in) : data(std::move(data_in)) {
    options.multi_class = test_case.multi_class;
    options.class_weights = ClassWeights::kBalanced;
    options.intercept = test_case.intercept;
    options.regularize_intercept = test_case.regularize_intercept;
    options.tolerance = 1e-9;
    options.threads = 2;
    standardizer = *FitStandardizer(data.x, data.weights, SparseScaling::kUnitVariance);
    if (test_case.standardize) options.standardizer = &standardizer;
    classes = test_case.classes;
  }

  LogisticProblem Problem() const {
    std::vector<double> counts(classes), weights;
    for (const std::uint32_t label : data.labels) ++counts[label];
    for (const double count : counts)
      weights.push_back(static_cast<double>(data.x.rows) / (count * static_cast<double>(classes)));
    return {data.x, data.labels, data.weights, weights, options};
  }

  LinearClassifier Fit(FitReport& report) const {
    auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(classes), data.weights, options, &report);
    EXPECT_TRUE(fitted.ok()) << fitted.status();
    return fitted.ok() ? *std::move(fitted) : LinearClassifier{};
  }

  TestData data;
  LogisticRegressionOptions options;
  Standardizer standardizer;
  std::size_t classes = 0;
};

// The objective minimised as it stands.
LbfgsReport MinimizePlainly(const LogisticProblem& problem, std::vector<double>& theta, int max_iterations = 20000) {
  LogisticObjective<double> objective(problem);
  theta.assign(problem.parameters(), 0.0);
  const regression_internal::SmoothFunction<double> function = [&](const double* at, double* gradient) {
    Evaluation result{objective.Evaluate(at, gradient), 0};
    for (std::size_t i = 0; i < theta.size(); ++i) result.gradient = std::max(result.gradient, std::abs(gradient[i]));
    return result;
  };
  auto report = Minimize(
      theta, function,
      {.max_iterations = max_iterations, .gradient_tolerance = problem.options.tolerance, .change_tolerance = 0});
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : LbfgsReport{};
}

class PreconditionerLaws : public testing::TestWithParam<Case> {
 protected:
  TestData Data(DataOptions options = {}) const {
    options.classes = GetParam().classes;
    return RandomData(options);
  }
};

TEST_P(PreconditionerLaws, MinimumIsThatOfTheObjectiveAsItStands) {
  const Setting setting(GetParam(), Data());
  FitReport report;
  const LinearClassifier fitted = setting.Fit(report);
  const LogisticProblem problem = setting.Problem();
  std::vector<double> theta;
  const LbfgsReport plain = MinimizePlainly(problem, theta);
  ASSERT_LE(plain.gradient, 1e-7);  // as far as rounding allows
  EXPECT_NEAR(report.objective, plain.value / problem.Scale(), 1e-10 * report.objective);
  const std::size_t outputs = problem.outputs();
  for (std::size_t i = 0; i < problem.x.cols() * outputs; ++i) {
    const std::size_t j = i / outputs, c = outputs == 1 ? 1 : i % outputs;
    const double scale = GetParam().standardize ? setting.standardizer.scales[j] : 1.0;
    EXPECT_NEAR(fitted.weights.row(c)[j] * scale, theta[i], 1e-5) << "column " << j << ", class " << c;
  }
}

TEST_P(PreconditionerLaws, BadlyScaledColumnsConvergeInFewIterations) {
  Setting setting(GetParam(), BadlyScaled(Data({.rows = 400, .table_rows = 60})));
  setting.options.tolerance = 1e-5;
  FitReport report;
  setting.Fit(report);
  EXPECT_TRUE(report.converged);
  EXPECT_LE(report.gradient, setting.options.tolerance);
  EXPECT_LE(report.iterations, 100);
  if (GetParam().standardize) return;  // which removes the scales
  std::vector<double> theta;
  EXPECT_GT(MinimizePlainly(setting.Problem(), theta, 1000).iterations, 3 * report.iterations);
}

TEST_P(PreconditionerLaws, TransposedIsTheTransposed) {
  const Setting setting(GetParam(), Data());
  const LogisticProblem problem = setting.Problem();
  const auto preconditioner = Preconditioner<double>::Create(problem);
  ASSERT_TRUE(preconditioner.ok()) << preconditioner.status();
  PhiloxStream random(8);
  std::vector<double> v(problem.parameters()), g(v.size()), image(v.size());
  for (double& value : v) value = random.Uniform() - 0.5;
  for (double& value : g) value = random.Uniform() - 0.5;
  preconditioner->Apply(v.data(), image.data());
  const double expected = std::inner_product(g.begin(), g.end(), image.begin(), 0.0);
  preconditioner->ApplyTransposed(g.data());
  EXPECT_NEAR(std::inner_product(g.begin(), g.end(), v.begin(), 0.0), expected, 1e-12 * std::abs(expected));
}

TEST_P(PreconditionerLaws, ThreadsDoNotChangeABit) {
  Setting setting(GetParam(), Data({.rows = 3000, .table_rows = 500, .table_cols = 70}));
  std::vector<std::vector<double>> images;
  for (const int threads : {1, 3}) {
    setting.options.threads = threads;
    const LogisticProblem problem = setting.Problem();
    const auto preconditioner = Preconditioner<double>::Create(problem);
    ASSERT_TRUE(preconditioner.ok()) << preconditioner.status();
    const std::vector<double> v(problem.parameters(), 1.0);
    preconditioner->Apply(v.data(), images.emplace_back(v.size()).data());
  }
  EXPECT_EQ(images[0], images[1]);
}

INSTANTIATE_TEST_SUITE_P(Problems, PreconditionerLaws, testing::ValuesIn(kCases),
                         [](const auto& test_case) { return test_case.param.name; });

// At 0 all probabilities of one-vs-rest are 1/2, so that the Hessian of the losses is known.
TEST(Preconditioner, DenseColumnsBecomeEquallyCurvedAndUncorrelated) {
  for (const Case& test_case : {kCases[3], kCases[4], kCases[5]}) {
    Setting setting(
        test_case,
        BadlyScaled(RandomData({.rows = 300, .classes = test_case.classes, .table_rows = 40, .sparse_cols = 0})));
    setting.options.c = 1e7;  // the penalty does not matter
    const LogisticProblem problem = setting.Problem();
    const auto preconditioner = Preconditioner<double>::Create(problem);
    ASSERT_TRUE(preconditioner.ok()) << preconditioner.status();
    LogisticObjective<double> objective(problem);
    const std::size_t size = problem.parameters();
    constexpr double kStep = 1e-3;
    for (std::size_t i = 0; i < size; ++i) {
      std::vector<double> v(size), theta(size), above(size), below(size);
      for (const bool up : {true, false}) {
        v[i] = up ? kStep : -kStep;
        preconditioner->Apply(v.data(), theta.data());
        std::vector<double>& gradient = up ? above : below;
        objective.Evaluate(theta.data(), gradient.data());
        preconditioner->ApplyTransposed(gradient.data());
      }
      for (std::size_t j = 0; j < size; ++j) {
        const double curvature = (above[j] - below[j]) / (2 * kStep);
        EXPECT_NEAR(curvature, i == j ? 0.25 / 0.12 : 0.0, 0.02) << test_case.name << ": " << i << ", " << j;
      }
    }
  }
}

TEST(Preconditioner, BlocksWiderThanAGroupAreServed) {
  for (const std::size_t width : {600, 1100}) {  // two groups and more, none
    Setting setting({"wide"}, RandomData({.tables = 1, .table_cols = width}));
    setting.options.tolerance = 1e-6;
    setting.options.max_iterations = 20000;  // 706 without a preconditioner, and rounding decides how many
    FitReport report;
    setting.Fit(report);
    EXPECT_TRUE(report.converged);
    std::vector<double> theta;
    const LogisticProblem problem = setting.Problem();
    EXPECT_NEAR(MinimizePlainly(problem, theta).value / problem.Scale(), report.objective, 1e-8 * report.objective);
  }
}

TEST(Preconditioner, ColumnsThatDependOnEachOtherAreServed) {
  TestData data = RandomData({});
  data.x.dense.push_back(data.x.dense[0]);  // the same once more
  const Setting setting({"twins"}, data);
  FitReport report;
  const LinearClassifier fitted = setting.Fit(report);
  EXPECT_TRUE(report.converged);
  const std::size_t twin = data.x.cols() - data.x.sparse.cols - data.x.dense[0].table.cols;
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(fitted.weights.row(c)[0], fitted.weights.row(c)[twin], 1e-6);
}

}  // namespace
}  // namespace conec::ner
