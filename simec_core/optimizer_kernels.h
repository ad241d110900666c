// The arithmetic of the optimisers on plain memory: one pass over weights, gradients and state. Not for other rooms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simec_core/options.h"

namespace conec::simec::optimizer_internal {

// One step, with everything that depends on the number of the step (t, from 1) already in `rate`.
struct Step {
  OptimizerKind kind = OptimizerKind::kAdamax;
  double beta1 = 0, beta2 = 0, epsilon = 0, momentum = 0;
  double rate = 0;        // Adamax, Adam: learning rate / (1 - beta1^t); SGD: learning rate
  double correction = 1;  // Adam: 1 / (1 - beta2^t)
  double l2 = 0;          // sum of squares times this belongs to the objective
};

Step MakeStep(const TrainOptions& options, double learning_rate, std::int64_t t);

// Updates n weights w and their state, and returns sum w^2 of before (0 if l2 is 0). g: gradient, not changed. Adamax:
// m, v: first moment and norm; Adam: moments; SGD: m is the velocity, v is not used and may be null.
//   Adamax  m = b1 m + (1 - b1) g;  v = max(b2 v, |g|);            w -= rate m / (v + eps)
//   Adam    m as before;            v = b2 v + (1 - b2) g^2;       w -= rate m / (sqrt(v correction) + eps)
//   SGD     m = momentum m + g;                                    w -= rate m
double Apply(const Step& step, float* w, const float* g, float* m, float* v, std::size_t n);
double Apply(const Step& step, double* w, const double* g, double* m, double* v, std::size_t n);

}  // namespace conec::simec::optimizer_internal
