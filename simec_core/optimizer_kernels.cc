#include "simec_core/optimizer_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace conec::simec::optimizer_internal {
namespace {

// Sums go by chunks, so that they do not depend on the number of threads.
constexpr std::size_t kChunk = 16384;

template <typename Real>
Real SumOfSquares(const Real* w, std::size_t n) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < n; ++i) sum += w[i] * w[i];
  return sum;
}

template <typename Real>
void Adamax(const Step& step, Real* __restrict w, const Real* __restrict g, Real* __restrict m, Real* __restrict v,
            std::size_t n) {
  const Real b1 = static_cast<Real>(step.beta1), c1 = static_cast<Real>(1 - step.beta1),
             b2 = static_cast<Real>(step.beta2), eps = static_cast<Real>(step.epsilon),
             rate = static_cast<Real>(step.rate), decay = static_cast<Real>(2 * step.l2);
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const Real gradient = g[i] + decay * w[i], decayed = b2 * v[i], size = std::abs(gradient);
    m[i] = b1 * m[i] + c1 * gradient;
    v[i] = decayed > size ? decayed : size;  // NaN comes through
    w[i] -= rate * m[i] / (v[i] + eps);
  }
}

template <typename Real>
void Adam(const Step& step, Real* __restrict w, const Real* __restrict g, Real* __restrict m, Real* __restrict v,
          std::size_t n) {
  const Real b1 = static_cast<Real>(step.beta1), c1 = static_cast<Real>(1 - step.beta1),
             b2 = static_cast<Real>(step.beta2), c2 = static_cast<Real>(1 - step.beta2),
             eps = static_cast<Real>(step.epsilon), rate = static_cast<Real>(step.rate),
             correction = static_cast<Real>(step.correction), decay = static_cast<Real>(2 * step.l2);
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const Real gradient = g[i] + decay * w[i];
    m[i] = b1 * m[i] + c1 * gradient;
    v[i] = b2 * v[i] + c2 * gradient * gradient;
    w[i] -= rate * m[i] / (std::sqrt(v[i] * correction) + eps);
  }
}

template <typename Real>
void Sgd(const Step& step, Real* __restrict w, const Real* __restrict g, Real* __restrict m, std::size_t n) {
  const Real momentum = static_cast<Real>(step.momentum), rate = static_cast<Real>(step.rate),
             decay = static_cast<Real>(2 * step.l2);
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = momentum * m[i] + g[i] + decay * w[i];
    w[i] -= rate * m[i];
  }
}

template <typename Real>
double ApplyChunk(const Step& step, Real* w, const Real* g, Real* m, Real* v, std::size_t n) {
  const double squares = step.l2 == 0 ? 0 : static_cast<double>(SumOfSquares(w, n));
  switch (step.kind) {
    case OptimizerKind::kAdamax:
      Adamax(step, w, g, m, v, n);
      break;
    case OptimizerKind::kAdam:
      Adam(step, w, g, m, v, n);
      break;
    case OptimizerKind::kSgd:
      Sgd(step, w, g, m, n);
      break;
  }
  return squares;
}

template <typename Real>
double ApplyAll(const Step& step, Real* w, const Real* g, Real* m, Real* v, std::size_t n) {
  if (n <= kChunk) return ApplyChunk(step, w, g, m, v, n);
  const std::int64_t chunks = static_cast<std::int64_t>((n + kChunk - 1) / kChunk);
  std::vector<double> squares(static_cast<std::size_t>(chunks));
#pragma omp parallel for schedule(static)
  for (std::int64_t c = 0; c < chunks; ++c) {
    const std::size_t begin = static_cast<std::size_t>(c) * kChunk;
    squares[static_cast<std::size_t>(c)] =
        ApplyChunk(step, w + begin, g + begin, m + begin, v == nullptr ? v : v + begin, std::min(kChunk, n - begin));
  }
  double sum = 0;
  for (const double part : squares) sum += part;
  return sum;
}

}  // namespace

Step MakeStep(const TrainOptions& options, double learning_rate, std::int64_t t) {
  Step step{options.optimizer, options.beta1, options.beta2, options.epsilon, options.momentum, learning_rate};
  if (options.optimizer == OptimizerKind::kSgd) return step;
  step.rate = learning_rate / (1 - std::pow(options.beta1, static_cast<double>(t)));
  step.correction = 1 / (1 - std::pow(options.beta2, static_cast<double>(t)));
  return step;
}

double Apply(const Step& step, float* w, const float* g, float* m, float* v, std::size_t n) {
  return ApplyAll(step, w, g, m, v, n);
}

double Apply(const Step& step, double* w, const double* g, double* m, double* v, std::size_t n) {
  return ApplyAll(step, w, g, m, v, n);
}

}  // namespace conec::simec::optimizer_internal
