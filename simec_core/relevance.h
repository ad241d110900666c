// The rules of layer-wise relevance propagation for one layer with weights. Not for other rooms.
// All functions here are LibTorch and throw c10::Error.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>

#include "simec_core/explain_options.h"
#include "simec_core/rows.h"

namespace conec::simec {

struct Convolution {
  std::array<std::int64_t, 4> padding = {};  // zeros left, right, above, below, as at::constant_pad_nd takes them
  std::array<std::int64_t, 2> stride = {1, 1}, dilation = {1, 1};
  std::int64_t groups = 1;
};

// z = x W + b. Fully connected: weight D x h, x B x D dense or sparse. Convolution: weight filters x channels / groups
// x height x width, x B x channels x height x width. bias: of h neurons or filters; undefined if there is none.
struct WeightedLayer {
  at::Tensor weight, bias;
  std::optional<Convolution> convolution;
};

// z, for any x that is not one-hot.
at::Tensor Forward(const WeightedLayer& layer, const InputBatch& x);

// x o (c W'): of sparse x its entries only, in their order. c: like z.
at::Tensor Contributions(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& c);

// The relevance of the inputs, from that of the neurons (like z): a tensor like x.dense; of sparse x one number for
// each entry, but B x D for RelevanceRule::kFlat.
at::Tensor Propagate(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& relevance, RelevanceRule rule,
                     const ExplainOptions& options);

}  // namespace conec::simec
