// Keeps all weights that are trained, their gradients and the optimiser's state in one piece of memory each, so that a
// step is one pass over memory on the CPU and a few calls on a GPU, however many layers there are. Not for other rooms.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "simec_core/objective.h"
#include "simec_core/optimizer_kernels.h"
#include "simec_core/options.h"

namespace conec::simec {

// While it lives, parameters of the model that require gradients are views of weights(), and their gradients of one
// tensor of the same size, into which autograd adds. Functions throw c10::Error.
class FlatOptimizer {
 public:
  FlatOptimizer(SimEc& model, const Objective& objective, const TrainOptions& options);
  FlatOptimizer(const FlatOptimizer&) = delete;
  FlatOptimizer& operator=(const FlatOptimizer&) = delete;
  ~FlatOptimizer();  // parameters stay views of one tensor, without gradients

  void ZeroGrad();
  // One step with the gradient plus that of the l2 terms. Returns the l2 terms' value before it.
  double Step(double learning_rate);

  const at::Tensor& weights() const { return weights_; }
  const at::Tensor& first() const { return first_; }    // the state: see optimizer_kernels.h
  const at::Tensor& second() const { return second_; }  // empty for SGD
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

 private:
  struct Segment {
    at::Tensor parameter;
    std::int64_t begin = 0, size = 0;
    double l2 = 0;
  };
  template <typename Real>
  double StepOnCpu(optimizer_internal::Step step);
  double StepOnDevice(const optimizer_internal::Step& step);

  const TrainOptions& options_;
  std::vector<Segment> segments_;
  std::vector<Segment> runs_;  // neighbours with the same l2, joined
  at::Tensor weights_, gradients_, first_, second_;
  std::int64_t steps_ = 0;
};

}  // namespace conec::simec
