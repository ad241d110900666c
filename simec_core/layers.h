// The layers that the builders of model.h make, as torch::nn modules.
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "simec_core/options.h"
#include "simec_core/rows.h"

namespace conec::simec {

// x W + b. Weights are D x h (as in the paper, not transposed as in torch::nn::Linear), so that a row of W belongs to a
// feature and sparse and one-hot inputs add rows up.
class AffineImpl : public torch::nn::Module {
 public:
  AffineImpl(std::int64_t features, std::int64_t size, bool has_bias, torch::TensorOptions options);

  torch::Tensor forward(const torch::Tensor& x);
  // The same for each kind of input; sparse and one-hot rows are not made dense.
  torch::Tensor Forward(const InputBatch& x);
  // All draws come from `random`, so that a seed means the same network with every version of LibTorch and on every
  // device.
  void Initialize(Initialization kind, PhiloxStream& random);

  torch::Tensor weight;  // features x size
  torch::Tensor bias;    // size; undefined if there is none
};
TORCH_MODULE(Affine);

// The module for an activation. Not for kLinear.
torch::nn::AnyModule ActivationModule(Activation activation);

// Fills `weight` uniformly within the bound that `kind` gives to fan_in and fan_out.
void InitializeUniform(torch::Tensor weight, Initialization kind, std::int64_t fan_in, std::int64_t fan_out,
                       PhiloxStream& random);

}  // namespace conec::simec
