// Experiment E1: Gati & Tversky's sixteen flowerpots (thesis figures 1.2 to 1.5 and 5.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "tools/simec/experiments/figure.h"

namespace conec::simec::experiments {

struct Flowerpots {
  at::Tensor similarities;  // 16 x 16: 1 - dissimilarity / 20, centred over all pots
  at::Tensor features;      // 16 x 5, z-scored over all pots: stem size, leaf shape, three of noise or zeros
  at::Tensor train;         // numbers of the 14 training pots in the experiment's order (numpy seed 25), int64
  at::Tensor test;          // pots 15 and 5 (numbered from 1)
};

// folder: with dissimilarity_full.csv (16 x 16 without header) and features.csv (stem_size,leaf_shape). with_noise: the
// three last features are numpy.random.seed(15), randn(16, 5)[:, 2:]; else zeros.
absl::StatusOr<Flowerpots> LoadFlowerpots(const std::string& folder, bool with_noise);

// Mean squared difference of two matrices that are first divided by their own largest absolute value ("MSQ").
double ScaledMse(const at::Tensor& a, const at::Tensor& b);

// What eigendecomposition and linear kernel PCA reach.
absl::StatusOr<std::vector<Figure>> FlowerpotBaselines(const std::string& folder);

}  // namespace conec::simec::experiments
