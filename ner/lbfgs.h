// Minimises a smooth function with LibTorch's L-BFGS and a strong Wolfe line search. Not for other rooms. Only lbfgs.cc
// includes LibTorch, whose headers take long to compile.
#pragma once

#include <functional>
#include <span>

#include "base/status.h"

namespace conec::ner::regression_internal {

struct LbfgsOptions {
  int max_iterations = 1000;
  int history = 10;
  double gradient_tolerance = 1e-5;  // stops where Evaluation::gradient is not larger
  double change_tolerance = 1e-14;   // stops when the value or all of x change by less
  int threads = 1;
  // Called after each iteration with the lowest value so far; false stops with kCancelled.
  std::function<bool(int iterations, double value)> progress = nullptr;
};

struct LbfgsReport {
  int iterations = 0;
  int evaluations = 0;
  double value = 0;
  double gradient = 0;     // Evaluation::gradient at x
  bool converged = false;  // to gradient_tolerance, or as far as rounding allows (1e-3 in float32, 1e-7 in float64)
};

struct Evaluation {
  double value = 0;
  double gradient = 0;  // its size, as the tolerance means it: not necessarily in terms of x
};

// Writes the gradient at x.
template <typename Real>
using SmoothFunction = std::function<Evaluation(const Real* x, Real* gradient)>;

// Starts at x and leaves the result there. kFailedPrecondition if an evaluation or the gradient is not finite,
// kResourceExhausted if memory does not suffice.
absl::StatusOr<LbfgsReport> Minimize(std::span<float> x, const SmoothFunction<float>& function,
                                     const LbfgsOptions& options);
absl::StatusOr<LbfgsReport> Minimize(std::span<double> x, const SmoothFunction<double>& function,
                                     const LbfgsOptions& options);

}  // namespace conec::ner::regression_internal
