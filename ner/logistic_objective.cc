#include "ner/logistic_objective.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace conec::ner::regression_internal {
namespace {

constexpr std::size_t kPartRows = 2048;

// log(1 + exp(-t)) and 1 / (1 + exp(t)), which is minus its derivative, without overflow.
template <typename Real>
struct Softplus {
  explicit Softplus(Real t) {
    const Real e = std::exp(-std::abs(t));
    loss = std::log1p(e) + (t < 0 ? -t : Real{0});
    slope = (t < 0 ? Real{1} : e) / (1 + e);
  }
  Real loss, slope;
};

}  // namespace

double LogisticProblem::Scale() const {
  return 1 / (options.c * std::accumulate(weights.begin(), weights.end(), 0.0));
}

template <typename Real>
LogisticObjective<Real>::LogisticObjective(const LogisticProblem& problem)
    : problem_(problem),
      product_(problem.x, problem.outputs(), true, problem.options.threads),
      outputs_(problem.outputs()),
      scale_(problem.Scale()),
      loss_scale_(scale_ * problem.options.c),
      scores_(problem.x.rows * outputs_),
      intercepts_(outputs_),
      residuals_(outputs_),
      parts_((problem.x.rows + kPartRows - 1) / kPartRows, Part{0, std::vector<double>(outputs_)}) {
  if (problem.options.standardizer != nullptr) raw_weights_.resize(problem.x.cols() * outputs_);
}

// W by columns as they are: W_j / scale_j; and intercepts_: b - sum_j mean_j W_j / scale_j.
template <typename Real>
const Real* LogisticObjective<Real>::RawWeights(const Real* theta) {
  const std::size_t cols = product_.cols();
  std::vector<double> intercepts(outputs_);
  if (problem_.options.intercept) std::copy_n(theta + cols * outputs_, outputs_, intercepts.begin());
  const Standardizer* standardizer = problem_.options.standardizer;
  for (std::size_t j = 0; standardizer != nullptr && j < cols; ++j) {
    for (std::size_t k = 0; k < outputs_; ++k) {
      const double weight = static_cast<double>(theta[j * outputs_ + k]) / standardizer->scales[j];
      raw_weights_[j * outputs_ + k] = static_cast<Real>(weight);
      intercepts[k] -= standardizer->means[j] * weight;
    }
  }
  std::transform(intercepts.begin(), intercepts.end(), intercepts_.begin(), [](double b) { return Real(b); });
  return standardizer != nullptr ? raw_weights_.data() : theta;
}

// Replaces the scores z by the gradient of the loss, which is returned.
template <typename Real>
double LogisticObjective<Real>::MultinomialLoss(std::size_t row, Real* z) const {
  const std::uint32_t label = problem_.labels[row];
  const double weight = loss_scale_ * problem_.weights[row] * problem_.class_weights[label];
  const Real largest = *std::max_element(z, z + outputs_), own = z[label];
  Real sum = 0;
  for (std::size_t k = 0; k < outputs_; ++k) sum += z[k] = std::exp(z[k] - largest);
  const Real factor = static_cast<Real>(weight) / sum;
  for (std::size_t k = 0; k < outputs_; ++k) z[k] *= factor;
  z[label] -= static_cast<Real>(weight);
  return weight * static_cast<double>(largest - own + std::log(sum));
}

template <typename Real>
double LogisticObjective<Real>::OneVsRestLoss(std::size_t row, Real* z) const {
  const std::uint32_t label = problem_.labels[row];
  const double weight = loss_scale_ * problem_.weights[row];
  const bool single = outputs_ == 1;  // both classes have their own weight
  double loss = 0;
  for (std::size_t k = 0; k < outputs_; ++k) {
    const bool own = single ? label == 1 : label == k;
    const double u = own || single ? weight * problem_.class_weights[label] : weight;
    const Softplus<Real> softplus(own ? z[k] : -z[k]);
    loss += u * static_cast<double>(softplus.loss);
    z[k] = static_cast<Real>(own ? -u : u) * softplus.slope;
  }
  return loss;
}

template <typename Real>
void LogisticObjective<Real>::LossOfPart(std::size_t part, const Real* intercepts) {
  Part& sums = parts_[part];
  sums.loss = 0;
  std::fill(sums.residuals.begin(), sums.residuals.end(), 0.0);
  const bool multinomial = problem_.options.multi_class == MultiClass::kMultinomial;
  const std::size_t end = std::min((part + 1) * kPartRows, product_.rows());
  for (std::size_t row = part * kPartRows; row < end; ++row) {
    Real* z = scores_.data() + row * outputs_;
    for (std::size_t k = 0; k < outputs_; ++k) z[k] += intercepts[k];
    sums.loss += multinomial ? MultinomialLoss(row, z) : OneVsRestLoss(row, z);
    for (std::size_t k = 0; k < outputs_; ++k) sums.residuals[k] += static_cast<double>(z[k]);
  }
}

// Replaces the scores by the gradient of the losses; their sum is returned, sums of the former are in residuals_.
template <typename Real>
double LogisticObjective<Real>::LossAndResiduals(const Real* intercepts) {
#pragma omp parallel for schedule(dynamic) num_threads(TeamSize(problem_.options.threads)) if (parts_.size() > 1)
  for (std::size_t part = 0; part < parts_.size(); ++part) LossOfPart(part, intercepts);
  double loss = 0;
  std::fill(residuals_.begin(), residuals_.end(), 0.0);
  for (const Part& part : parts_) {
    loss += part.loss;
    for (std::size_t k = 0; k < outputs_; ++k) residuals_[k] += part.residuals[k];
  }
  return loss;
}

// The penalty, and the whole gradient from X^T G, which `gradient` holds.
template <typename Real>
double LogisticObjective<Real>::Penalty(const Real* theta, Real* gradient) const {
  const std::size_t cols = product_.cols();
  const Standardizer* standardizer = problem_.options.standardizer;
  double squares = 0;
  for (std::size_t j = 0; j < cols; ++j) {
    for (std::size_t k = 0; k < outputs_; ++k) {
      const double weight = theta[j * outputs_ + k];
      double derivative = gradient[j * outputs_ + k];
      if (standardizer != nullptr) {
        derivative = (derivative - standardizer->means[j] * residuals_[k]) / standardizer->scales[j];
      }
      squares += weight * weight;
      gradient[j * outputs_ + k] = static_cast<Real>(derivative + scale_ * weight);
    }
  }
  const bool regularized = problem_.options.regularize_intercept;
  for (std::size_t k = 0; problem_.options.intercept && k < outputs_; ++k) {
    const double intercept = regularized ? static_cast<double>(theta[cols * outputs_ + k]) : 0.0;
    squares += intercept * intercept;
    gradient[cols * outputs_ + k] = static_cast<Real>(residuals_[k] + scale_ * intercept);
  }
  return scale_ * squares / 2;
}

template <typename Real>
double LogisticObjective<Real>::Evaluate(const Real* theta, Real* gradient) {
  product_.Multiply(RawWeights(theta), scores_.data());
  const double loss = LossAndResiduals(intercepts_.data());
  product_.MultiplyTransposed(scores_.data(), gradient);
  return loss + Penalty(theta, gradient);
}

template class LogisticObjective<float>;
template class LogisticObjective<double>;

}  // namespace conec::ner::regression_internal
