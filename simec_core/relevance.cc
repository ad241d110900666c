#include "simec_core/relevance.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace conec::simec {
namespace {

constexpr std::int64_t kNumbersAtOnce = std::int64_t{1} << 22;  // bounds the temporaries of sparse rows
constexpr std::array<std::int64_t, 2> kNoPadding = {};          // padded before

const at::Tensor& Values(const InputBatch& x) {
  return x.kind == InputKind::kDense ? x.dense : x.values;
}

InputBatch WithValues(InputBatch x, at::Tensor values) {
  (x.kind == InputKind::kDense ? x.dense : x.values) = std::move(values);
  return x;
}

// The row of each entry.
at::Tensor RowOfEntry(const InputBatch& x) {
  const at::Tensor lengths = x.offsets.diff();
  return at::repeat_interleave(at::arange(x.rows(), lengths.options()), lengths);
}

// x W, without bias.
at::Tensor Map(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& weight) {
  if (layer.convolution) {
    const Convolution& conv = *layer.convolution;
    return at::conv2d(at::constant_pad_nd(x.dense, conv.padding), weight, {}, conv.stride, kNoPadding, conv.dilation,
                      conv.groups);
  }
  if (x.kind == InputKind::kDense) return x.dense.mm(weight);
  return std::get<0>(at::embedding_bag(weight, x.columns, x.offsets.narrow(0, 0, x.offsets.size(0) - 1),
                                       /*scale_grad_by_freq=*/false, /*mode=sum*/ 0, /*sparse=*/false, x.values));
}

at::Tensor TransposedConvolution(const Convolution& conv, const at::Tensor& x, const at::Tensor& c,
                                 const at::Tensor& weight) {
  std::array<std::int64_t, 2> size = {}, rest = {};  // of the padded input; what the last stride did not reach
  for (std::size_t i = 0; i < 2; ++i) {
    const auto dim = static_cast<std::int64_t>(i) + 2;
    size[i] = x.size(dim) + conv.padding[2 - 2 * i] + conv.padding[3 - 2 * i];
    rest[i] = size[i] - (c.size(dim) - 1) * conv.stride[i] - conv.dilation[i] * (weight.size(dim) - 1) - 1;
  }
  return at::conv_transpose2d(c, weight, {}, conv.stride, kNoPadding, rest, conv.groups, conv.dilation)
      .narrow(2, conv.padding[2], x.size(2))
      .narrow(3, conv.padding[0], x.size(3));
}

// Of sparse x: sum_j c_ij w_kj for each entry (i, k).
at::Tensor EntriesOfProduct(const InputBatch& x, const at::Tensor& c, const at::Tensor& weight) {
  const at::Tensor rows = RowOfEntry(x), result = at::empty_like(x.values);
  const std::int64_t entries = x.columns.size(0);
  const std::int64_t at_once = std::max<std::int64_t>(1, kNumbersAtOnce / weight.size(1));
  for (std::int64_t begin = 0; begin < entries; begin += at_once) {
    const std::int64_t count = std::min(at_once, entries - begin);
    const at::Tensor left = c.index_select(0, rows.narrow(0, begin, count));
    const at::Tensor right = weight.index_select(0, x.columns.narrow(0, begin, count));
    result.narrow(0, begin, count).copy_((left * right).sum(1));
  }
  return result;
}

// x o (c W').
at::Tensor Contributions(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& c,
                         const at::Tensor& weight) {
  if (layer.convolution) return x.dense * TransposedConvolution(*layer.convolution, x.dense, c, weight);
  if (x.kind == InputKind::kDense) return x.dense * c.mm(weight.t());
  return x.values * EntriesOfProduct(x, c, weight);
}

// The bias as it is added to z.
at::Tensor BiasOf(const WeightedLayer& layer) {
  return layer.convolution ? layer.bias.view({-1, 1, 1}) : layer.bias;
}

// a / b, 0 where b is 0.
at::Tensor SafeRatio(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor zero = b == 0;
  return (a / b.masked_fill(zero, 1)).masked_fill(zero, 0);
}

at::Tensor RowSums(const InputBatch& x, const at::Tensor& values) {
  if (x.kind == InputKind::kDense) return values.sum(1);
  return at::zeros({x.rows()}, values.options()).index_add_(0, RowOfEntry(x), values);
}

// What each neuron has to share, evenly among those of its inputs whose mask is 1. `mask` has 0 and 1 as x's values.
at::Tensor ShareOut(const WeightedLayer& layer, const InputBatch& mask, const at::Tensor& share) {
  if (layer.convolution) {
    const at::Tensor ones = at::ones_like(layer.weight);
    return Contributions(layer, mask, SafeRatio(share, Map(layer, mask, ones)), ones);
  }
  const at::Tensor each = SafeRatio(share.sum(1), RowSums(mask, Values(mask)));
  if (mask.kind == InputKind::kDense) return mask.dense * each.unsqueeze(1);
  return mask.values * each.index_select(0, RowOfEntry(mask));
}

at::Tensor ShareAmongNonZero(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& share) {
  const at::Tensor& values = Values(x);
  return ShareOut(layer, WithValues(x, (values != 0).to(values.scalar_type())), share);
}

at::Tensor PropagateFlat(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& relevance) {
  if (x.kind == InputKind::kDense) return ShareOut(layer, WithValues(x, at::ones_like(x.dense)), relevance);
  const std::int64_t features = layer.weight.size(0);
  const at::Tensor each = relevance.sum(1, /*keepdim=*/true) / static_cast<double>(features);
  return each.expand({x.rows(), features});
}

at::Tensor PropagateEpsilon(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& relevance,
                            const ExplainOptions& options) {
  const bool with_bias = layer.bias.defined() && options.bias != BiasShare::kIgnored;
  at::Tensor z = Map(layer, x, layer.weight);
  if (with_bias) z = z + BiasOf(layer);
  const at::Tensor sign = (z >= 0).to(z.scalar_type()) * 2 - 1;
  const at::Tensor c = SafeRatio(relevance, z + sign * options.epsilon);
  const at::Tensor result = Contributions(layer, x, c);
  if (!with_bias || options.bias != BiasShare::kSpread) return result;
  return result + ShareAmongNonZero(layer, x, c * BiasOf(layer));
}

// Splits x and W so that the products of one sign are two maps: z+ = x+ W+ + x- W-, z- = x+ W- + x- W+.
struct Signs {
  Signs(const WeightedLayer& of, const InputBatch& x)
      : layer(of),
        x_positive(WithValues(x, Values(x).clamp_min(0))),
        x_negative(WithValues(x, Values(x).clamp_max(0))),
        w_positive(of.weight.clamp_min(0)),
        w_negative(of.weight.clamp_max(0)) {}

  at::Tensor Positive() const { return Map(layer, x_positive, w_positive) + Map(layer, x_negative, w_negative); }
  at::Tensor Negative() const { return Map(layer, x_positive, w_negative) + Map(layer, x_negative, w_positive); }
  at::Tensor PositiveContributions(const at::Tensor& c) const {
    return Contributions(layer, x_positive, c, w_positive) + Contributions(layer, x_negative, c, w_negative);
  }
  at::Tensor NegativeContributions(const at::Tensor& c) const {
    return Contributions(layer, x_positive, c, w_negative) + Contributions(layer, x_negative, c, w_positive);
  }

  const WeightedLayer& layer;
  InputBatch x_positive, x_negative;
  at::Tensor w_positive, w_negative;
};

struct SignedBias {
  at::Tensor positive, negative;  // undefined: no bias
};

SignedBias SplitBias(const WeightedLayer& layer, BiasShare share) {
  if (!layer.bias.defined() || share == BiasShare::kIgnored) return {};
  const at::Tensor bias = BiasOf(layer);
  if (share == BiasShare::kKeptWhole) return {bias, bias};
  return {bias.clamp_min(0), bias.clamp_max(0)};
}

at::Tensor PropagateAlphaBeta(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& relevance,
                              const ExplainOptions& options) {
  const Signs signs(layer, x);
  const SignedBias bias = SplitBias(layer, options.bias);
  at::Tensor positive = signs.Positive(), negative = signs.Negative();
  if (bias.positive.defined()) {
    positive = positive + bias.positive;
    negative = negative + bias.negative;
  }
  const at::Tensor no_positive = positive == 0, no_negative = negative == 0;
  const at::Tensor alpha = at::full_like(positive, options.alpha).masked_fill_(no_negative, 1);
  const at::Tensor beta = at::full_like(negative, -options.beta).masked_fill_(no_positive, 1);
  const at::Tensor up = SafeRatio(alpha * relevance, positive), down = SafeRatio(beta * relevance, negative);
  const at::Tensor result = signs.PositiveContributions(up) + signs.NegativeContributions(down);
  if (!bias.positive.defined() || options.bias != BiasShare::kSpread) return result;
  return result + ShareAmongNonZero(layer, x, up * bias.positive + down * bias.negative);
}

}  // namespace

at::Tensor Forward(const WeightedLayer& layer, const InputBatch& x) {
  const at::Tensor z = Map(layer, x, layer.weight);
  return layer.bias.defined() ? z + BiasOf(layer) : z;
}

at::Tensor Contributions(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& c) {
  return Contributions(layer, x, c, layer.weight);
}

at::Tensor Propagate(const WeightedLayer& layer, const InputBatch& x, const at::Tensor& relevance, RelevanceRule rule,
                     const ExplainOptions& options) {
  if (rule == RelevanceRule::kFlat) return PropagateFlat(layer, x, relevance);
  if (rule == RelevanceRule::kAlphaBeta) return PropagateAlphaBeta(layer, x, relevance, options);
  return PropagateEpsilon(layer, x, relevance, options);
}

}  // namespace conec::simec
