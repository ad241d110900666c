#include "word2vec/reference_step.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/random.h"

namespace conec::word2vec {
namespace {

constexpr std::size_t kWords = 7, kDim = 5;

struct Tables {
  Matrix<double> input = Matrix<double>::Create(kWords, kDim).value();
  Matrix<double> output = Matrix<double>::Create(kWords, kDim).value();
  Tables() {
    PhiloxStream random(11);
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::size_t j = 0; j < kDim; ++j) {
        input.row(i)[j] = random.Uniform() - 0.5;
        output.row(i)[j] = random.Uniform() - 0.5;
      }
    }
  }
};

// Two-sided finite difference of the loss with respect to one parameter.
double NumericalGradient(const ReferenceStep& step, CbowUpdate update, Tables& tables, double& parameter) {
  constexpr double kStep = 1e-5;
  const double old = parameter;
  parameter = old + kStep;
  const double above = ReferenceLoss(step, update, tables.input.view(), tables.output.view());
  parameter = old - kStep;
  const double below = ReferenceLoss(step, update, tables.input.view(), tables.output.view());
  parameter = old;
  return (above - below) / (2 * kStep);
}

class ReferenceGradient : public testing::TestWithParam<CbowUpdate> {};

TEST_P(ReferenceGradient, StepIsMinusRateTimesTheGradientOfEveryParameter) {
  // A context word twice, a noise word twice, a noise word that is in the context, the target in its own context.
  const ReferenceStep step{.target = 2, .context = {0, 1, 1, 4, 2}, .negatives = {3, 5, 5, 4}};
  constexpr double kRate = 0.5;
  Tables before, after;
  ApplyReferenceStep(step, GetParam(), kRate, after.input.view(), after.output.view());
  // word2vec.c's update is the gradient of the mean without the division by |C|.
  const double input_factor = GetParam() == CbowUpdate::kWord2vec ? static_cast<double>(step.context.size()) : 1.0;
  for (std::size_t i = 0; i < kWords; ++i) {
    for (std::size_t j = 0; j < kDim; ++j) {
      const double input_gradient = NumericalGradient(step, GetParam(), before, before.input.row(i)[j]);
      const double output_gradient = NumericalGradient(step, GetParam(), before, before.output.row(i)[j]);
      EXPECT_NEAR(after.input.row(i)[j] - before.input.row(i)[j], -kRate * input_factor * input_gradient, 1e-9);
      EXPECT_NEAR(after.output.row(i)[j] - before.output.row(i)[j], -kRate * output_gradient, 1e-9);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Updates, ReferenceGradient,
                         testing::Values(CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum),
                         [](const auto& test) { return std::string(Name(test.param)); });

TEST(ReferenceLoss, OfUntrainedOutputIsLogTwoPerRow) {
  Tables tables;
  const Matrix<double> zero = Matrix<double>::Create(kWords, kDim).value();
  const ReferenceStep step{.target = 2, .context = {0, 1}, .negatives = {3, 5, 6}};
  EXPECT_NEAR(ReferenceLoss(step, CbowUpdate::kMean, tables.input.view(), zero.view()), 4 * std::log(2.0), 1e-12);
}

}  // namespace
}  // namespace conec::word2vec
