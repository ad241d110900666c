// The gradient in closed form is that of finite differences and of LibTorch's autograd on the written-out matrix.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "ner/logistic_objective.h"
#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using regression_internal::LogisticObjective;
using regression_internal::LogisticProblem;

struct GradientCase {
  const char* name;
  MultiClass multi_class = MultiClass::kMultinomial;
  std::uint32_t classes = 3;
  bool intercept = true;
  bool regularize_intercept = false;
  bool standardize = false;
};

const GradientCase kCases[] = {
    {"multinomial"},
    {"multinomial_two_classes", MultiClass::kMultinomial, 2},
    {"multinomial_without_intercept", MultiClass::kMultinomial, 5, false},
    {"multinomial_standardized", MultiClass::kMultinomial, 3, true, true, true},
    {"ovr", MultiClass::kOneVsRest, 4, true, true},
    {"ovr_two_classes", MultiClass::kOneVsRest, 2, true, false},
    {"ovr_standardized", MultiClass::kOneVsRest, 3, true, false, true},
    {"ovr_without_intercept_standardized", MultiClass::kOneVsRest, 3, false, false, true},
};

class LogisticGradient : public testing::TestWithParam<GradientCase> {
 protected:
  LogisticGradient() {
    const GradientCase& param = GetParam();
    const TestData data = RandomData({.rows = 40, .classes = param.classes});
    problem_.x = data.x;
    problem_.labels = data.labels;
    problem_.weights = data.weights;
    for (std::uint32_t c = 0; c < param.classes; ++c) problem_.class_weights.push_back(1 + 0.5 * c);
    problem_.options.multi_class = param.multi_class;
    problem_.options.c = 0.7;
    problem_.options.intercept = param.intercept;
    problem_.options.regularize_intercept = param.regularize_intercept;
    standardizer_ = *FitStandardizer(data.x, data.weights, SparseScaling::kUnitVariance);
    if (param.standardize) problem_.options.standardizer = &standardizer_;
    PhiloxStream random(3);
    theta_.resize(problem_.parameters());
    for (double& value : theta_) value = random.Uniform() - 0.5;
  }

  // X, standardised.
  torch::Tensor Features() const {
    torch::Tensor features = torch::empty({40, static_cast<std::int64_t>(problem_.x.cols())}, torch::kFloat64);
    double* to = features.data_ptr<double>();
    for (const std::vector<double>& row : Materialize(problem_.x)) {
      for (std::size_t j = 0; j < row.size(); ++j) {
        const bool scale = GetParam().standardize;
        *to++ = scale ? (row[j] - standardizer_.means[j]) / standardizer_.scales[j] : row[j];
      }
    }
    return features;
  }

  // The definition in logistic_regression.h, divided by C and the sum of the weights.
  torch::Tensor Objective(const torch::Tensor& theta) const {
    const auto cols = static_cast<std::int64_t>(problem_.x.cols());
    const torch::Tensor weights = theta.slice(0, 0, cols);
    const torch::Tensor penalized = GetParam().regularize_intercept ? theta : weights;
    torch::Tensor z = torch::matmul(Features(), weights);
    if (GetParam().intercept) z = z + theta[cols];
    torch::Tensor sum = 0.5 * (penalized * penalized).sum(), total = torch::zeros({}, torch::kFloat64);
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::uint32_t label = problem_.labels[static_cast<std::size_t>(i)];
      const double weight = problem_.weights[static_cast<std::size_t>(i)];
      total = total + weight;
      sum = sum + problem_.options.c * weight * Loss(z[i], label);
    }
    return sum / (problem_.options.c * total);
  }

  torch::Tensor Loss(const torch::Tensor& z, std::uint32_t label) const {
    const double own = problem_.class_weights[label];
    if (GetParam().multi_class == MultiClass::kMultinomial) return -own * torch::log_softmax(z, 0)[label];
    if (GetParam().classes == 2) return -own * torch::log_sigmoid(label == 1 ? z[0] : -z[0]);
    torch::Tensor loss = torch::zeros({}, torch::kFloat64);
    for (std::uint32_t k = 0; k < GetParam().classes; ++k) {
      loss = loss - (k == label ? own : 1.0) * torch::log_sigmoid(k == label ? z[k] : -z[k]);
    }
    return loss;
  }

  LogisticProblem problem_;
  Standardizer standardizer_;
  std::vector<double> theta_;
};

TEST_P(LogisticGradient, IsThatOfAutograd) {
  std::vector<double> gradient(theta_.size());
  const double value = LogisticObjective<double>(problem_).Evaluate(theta_.data(), gradient.data());
  const auto outputs = static_cast<std::int64_t>(problem_.outputs());
  torch::Tensor theta =
      torch::from_blob(theta_.data(), {static_cast<std::int64_t>(theta_.size()) / outputs, outputs}, torch::kFloat64)
          .clone()
          .requires_grad_();
  const torch::Tensor objective = Objective(theta);
  objective.backward();
  EXPECT_NEAR(value, objective.item<double>(), 1e-12);
  const torch::Tensor expected = theta.grad().contiguous();
  const std::span<const double> values(expected.data_ptr<double>(), gradient.size());
  EXPECT_THAT(gradient, testing::Pointwise(testing::DoubleNear(1e-12), values));
}

TEST_P(LogisticGradient, IsThatOfFiniteDifferences) {
  LogisticObjective<double> objective(problem_);
  std::vector<double> gradient(theta_.size()), unused(theta_.size());
  objective.Evaluate(theta_.data(), gradient.data());
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < theta_.size(); ++i) {
    std::vector<double> moved = theta_;
    moved[i] += kStep;
    const double above = objective.Evaluate(moved.data(), unused.data());
    moved[i] -= 2 * kStep;
    const double below = objective.Evaluate(moved.data(), unused.data());
    EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-9) << i;
  }
}

TEST_P(LogisticGradient, InSinglePrecisionIsNearDoublePrecision) {
  std::vector<double> gradient(theta_.size());
  const double value = LogisticObjective<double>(problem_).Evaluate(theta_.data(), gradient.data());
  const std::vector<float> theta(theta_.begin(), theta_.end());
  std::vector<float> single(theta.size());
  EXPECT_NEAR(LogisticObjective<float>(problem_).Evaluate(theta.data(), single.data()), value, 1e-6);
  for (std::size_t i = 0; i < single.size(); ++i) EXPECT_NEAR(single[i], gradient[i], 1e-6) << i;
}

TEST_P(LogisticGradient, OverflowsNowhere) {
  for (double& value : theta_) value *= 1e5;
  std::vector<double> gradient(theta_.size());
  const double value = LogisticObjective<double>(problem_).Evaluate(theta_.data(), gradient.data());
  EXPECT_TRUE(std::isfinite(value));
  EXPECT_THAT(gradient, testing::Each(testing::ResultOf([](double g) { return std::isfinite(g); }, true)));
}

INSTANTIATE_TEST_SUITE_P(Objectives, LogisticGradient, testing::ValuesIn(kCases),
                         [](const auto& gradient_case) { return gradient_case.param.name; });

}  // namespace
}  // namespace conec::ner
