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
  double gradient_tolerance = 1e-5;  // stops when no entry of the gradient is larger
  double change_tolerance = 1e-14;   // stops when the value or all of x change by less
  int threads = 1;
  std::function<bool(int iteration, double value)> progress = nullptr;  // false stops with kCancelled
};

struct LbfgsReport {
  int iterations = 0;
  int evaluations = 0;
  double value = 0;
  double gradient = 0;  // the largest entry at x
  bool converged = false;
};

// Writes the gradient at x and returns the value.
template <typename Real>
using SmoothFunction = std::function<double(const Real* x, Real* gradient)>;

// Starts at x and leaves the result there. kFailedPrecondition if the value or the gradient is not finite,
// kResourceExhausted if memory does not suffice.
absl::StatusOr<LbfgsReport> Minimize(std::span<float> x, const SmoothFunction<float>& function,
                                     const LbfgsOptions& options);
absl::StatusOr<LbfgsReport> Minimize(std::span<double> x, const SmoothFunction<double>& function,
                                     const LbfgsOptions& options);

}  // namespace conec::ner::regression_internal
