// Coefficients equal those of scikit-learn: LogisticRegression with multi_class='multinomial' and solver='lbfgs', or
// with multi_class='ovr' and solver='liblinear'. logistic_regression_golden.py solved the problems.
#include "tests/ner/logistic_regression_golden.h"

#include <gtest/gtest.h>

#include <string_view>

#include "ner/logistic_regression.h"
#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

// Generator of logistic_regression_golden.py.
class GoldenGenerator {
 public:
  explicit GoldenGenerator(int seed) : state_(static_cast<std::uint32_t>(seed) * 2654435761u) {}
  std::uint32_t operator()() {
    state_ = state_ * 1664525u + 1013904223u;
    return state_ >> 16;
  }

 private:
  std::uint32_t state_;
};

std::size_t Size(int size) {
  return static_cast<std::size_t>(size);
}

std::shared_ptr<Matrix<float>> GoldenTable(const GoldenProblem& problem) {
  GoldenGenerator draw(problem.seed * 4 + 1);
  auto table =
      std::make_shared<Matrix<float>>(*Matrix<float>::Create(Size(problem.table_rows), Size(problem.table_cols)));
  for (std::size_t i = 0; i < table->rows(); ++i) {
    for (float& value : table->row(i)) value = static_cast<float>(draw()) / 32768 - 1;
  }
  return table;
}

SparseBlock GoldenSparse(const GoldenProblem& problem) {
  SparseBlock sparse;
  sparse.cols = Size(problem.sparse_cols);
  sparse.row_begins = {0};
  GoldenGenerator draw(problem.seed * 4 + 2);
  for (int i = 0; i < problem.rows; ++i) {
    for (std::uint32_t j = 0; j < sparse.cols; ++j) {
      if (draw() % 4 != 0) continue;
      sparse.columns.push_back(j);
      sparse.values.push_back(0.5f + static_cast<float>(draw()) / 65536);
    }
    sparse.row_begins.push_back(sparse.columns.size());
  }
  return sparse;
}

DesignMatrix GoldenFeatures(const GoldenProblem& problem) {
  const auto table = GoldenTable(problem);
  GoldenGenerator draw(problem.seed * 4);
  DesignMatrix x;
  x.rows = Size(problem.rows);
  for (int block = 0; block < 2; ++block) {
    x.dense.push_back({table->view(), {}, table});
    for (int i = 0; i < problem.rows; ++i) {
      const std::uint32_t row = draw() % (static_cast<std::uint32_t>(problem.table_rows) + 1);
      x.dense.back().row_of.push_back(row == table->rows() ? kNoRow : row);
    }
  }
  x.sparse = GoldenSparse(problem);
  return x;
}

std::uint32_t GoldenLabel(const GoldenProblem& problem, std::uint32_t i, std::uint32_t first_row, std::uint32_t noise) {
  const auto classes = static_cast<std::uint32_t>(problem.classes);
  if (i < classes) return i;
  if (std::string_view(problem.labels) == "separable") return first_row % classes;
  if (std::string_view(problem.labels) == "imbalanced") return noise % 8 != 0 ? 0 : noise / 8 % classes;
  return (first_row + noise % 2) % classes;
}

TestData GoldenData(const GoldenProblem& problem) {
  TestData data;
  data.x = GoldenFeatures(problem);
  GoldenGenerator draw(problem.seed * 4 + 3);
  for (std::uint32_t i = 0; i < data.x.rows; ++i) {
    const std::uint32_t row = data.x.dense[0].row_of[i];
    const std::uint32_t first_row = row == kNoRow ? static_cast<std::uint32_t>(problem.table_rows) : row;
    data.labels.push_back(GoldenLabel(problem, i, first_row, draw()));
  }
  for (std::size_t i = 0; problem.sample_weights && i < data.x.rows; ++i)
    data.weights.push_back(0.5 + draw() / 65536.0);
  return data;
}

LogisticRegressionOptions GoldenOptions(const GoldenProblem& problem) {
  LogisticRegressionOptions options;
  options.multi_class = problem.one_vs_rest ? MultiClass::kOneVsRest : MultiClass::kMultinomial;
  options.regularize_intercept = problem.one_vs_rest;
  options.class_weights = problem.balanced ? ClassWeights::kBalanced : ClassWeights::kNone;
  options.c = problem.c;
  options.intercept = problem.intercept;
  options.tolerance = 1e-9;
  return options;
}

class LogisticRegressionGolden : public testing::TestWithParam<GoldenProblem> {};

TEST_P(LogisticRegressionGolden, CoefficientsAreThoseOfScikitLearn) {
  const GoldenProblem& problem = GetParam();
  const TestData data = GoldenData(problem);
  LogisticRegressionOptions options = GoldenOptions(problem);
  const auto standardizer = FitStandardizer(data.x, data.weights, SparseScaling::kNone);
  ASSERT_TRUE(standardizer.ok()) << standardizer.status();
  if (problem.standardized) options.standardizer = &*standardizer;
  const std::size_t classes = Size(problem.classes), outputs = classes == 2 ? 1 : classes;
  FitReport report;
  const auto fitted = FitLogisticRegression(data.x, data.labels, ClassNames(classes), data.weights, options, &report);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_TRUE(report.converged);

  const std::size_t cols = data.x.cols(), width = cols + (problem.intercept ? 1 : 0);
  ASSERT_EQ(problem.solution.size(), outputs * width);
  constexpr double kTolerance = 2e-5;
  for (std::size_t k = 0; k < outputs; ++k) {
    const std::size_t c = outputs == 1 ? 1 : k;
    const double* expected = problem.solution.data() + k * width;
    for (std::size_t j = 0; j < cols; ++j) {
      EXPECT_NEAR(fitted->weights.row(c)[j], expected[j], kTolerance) << "class " << c << ", column " << j;
    }
    EXPECT_NEAR(fitted->intercepts[c], problem.intercept ? expected[cols] : 0.0, kTolerance) << "class " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(ScikitLearn, LogisticRegressionGolden, testing::ValuesIn(kGoldenProblems),
                         [](const auto& problem) { return problem.param.name; });

}  // namespace
}  // namespace conec::ner
