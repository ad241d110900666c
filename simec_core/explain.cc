#include "simec_core/explain.h"

#include <ATen/ATen.h>
#include <torch/nn.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "simec_core/blocks.h"
#include "simec_core/model.h"
#include "simec_core/relevance.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

enum class LayerKind { kWeighted, kPool, kReshape, kActivation };

struct Layer {
  LayerKind kind = LayerKind::kActivation;
  WeightedLayer weighted = {};
  torch::nn::MaxPool2d pool{nullptr};
  torch::nn::AnyModule module{};  // of the last two kinds
};

template <typename... Modules>
bool IsOneOf(const torch::nn::Module& module) {
  return ((module.as<Modules>() != nullptr) || ...);
}

bool IsActivation(const torch::nn::Module& module) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  return IsOneOf<ReLU, Tanh, Sigmoid, Softplus, LeakyReLU, ELU, GELU, SiLU>(module);
}

Layer LayerOf(const AffineImpl& affine) {
  Layer layer{.kind = LayerKind::kWeighted};
  layer.weighted = {.weight = affine.weight, .bias = affine.bias, .convolution = {}};
  return layer;
}

Layer LayerOf(const torch::nn::LinearImpl& linear) {
  Layer layer{.kind = LayerKind::kWeighted};
  layer.weighted = {.weight = linear.weight.t(), .bias = linear.bias, .convolution = {}};
  return layer;
}

// Zeros on each side, as at::constant_pad_nd takes them: those of the last dimension first.
std::array<std::int64_t, 4> PaddingOf(const torch::nn::Conv2dImpl& conv) {
  const auto& options = conv.options;
  using Sizes = torch::ExpandingArray<2>;
  const auto& padding = options.padding();
  if (const auto* sizes = get_if<Sizes>(&padding)) {
    const auto& size = **sizes;
    return {size[1], size[1], size[0], size[0]};
  }
  if (get_if<torch::enumtype::kValid>(&padding) != nullptr) return {};
  std::array<std::int64_t, 4> same = {};  // an odd number: one more after than before
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t all = (*options.dilation())[i] * ((*options.kernel_size())[i] - 1);
    same[2 - 2 * i] = all / 2;
    same[3 - 2 * i] = all - all / 2;
  }
  return same;
}

Layer LayerOf(const torch::nn::Conv2dImpl& conv) {
  const auto& options = conv.options;
  Convolution shape{.padding = PaddingOf(conv), .groups = options.groups()};
  for (std::size_t i = 0; i < 2; ++i) {
    shape.stride[i] = (*options.stride())[i];
    shape.dilation[i] = (*options.dilation())[i];
  }
  Layer layer{.kind = LayerKind::kWeighted};
  layer.weighted = {.weight = conv.weight, .bias = conv.bias, .convolution = shape};
  return layer;
}

bool PadsWithZeros(const torch::nn::Conv2dImpl& conv) {
  return get_if<torch::enumtype::kZeros>(&conv.options.padding_mode()) != nullptr;
}

absl::Status Append(torch::nn::AnyModule& any, std::vector<Layer>& layers) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  Module& module = *any.ptr();
  const auto* conv = module.as<Conv2d>();
  if (IsOneOf<Dropout, Dropout2d, Identity>(module)) return absl::OkStatus();
  if (const auto* affine = module.as<Affine>()) {
    layers.push_back(LayerOf(*affine));
  } else if (const auto* linear = module.as<Linear>()) {
    layers.push_back(LayerOf(*linear));
  } else if (conv != nullptr && PadsWithZeros(*conv)) {
    layers.push_back(LayerOf(*conv));
  } else if (IsOneOf<MaxPool2d>(module)) {
    layers.push_back(
        {.kind = LayerKind::kPool, .pool = MaxPool2d(std::dynamic_pointer_cast<MaxPool2dImpl>(any.ptr()))});
  } else if (IsOneOf<Flatten, Unflatten>(module)) {
    layers.push_back({.kind = LayerKind::kReshape, .module = any});
  } else if (IsActivation(module)) {
    layers.push_back({.kind = LayerKind::kActivation, .module = any});
  } else {
    return InvalidArgument(
        "f' has a module {}{}, which relevance cannot be propagated through: known are Affine, Linear, Conv2d with "
        "zero "
        "padding, MaxPool2d, Flatten, Unflatten, Dropout, Identity, ReLU, Tanh, Sigmoid, Softplus, "
        "LeakyReLU, ELU, GELU, SiLU",
        module.name(), conv == nullptr ? "" : " with padding other than zeros");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Layer>> LayersOf(const SimEc& model) {
  std::vector<Layer> layers;
  torch::nn::Sequential features = model.features();
  for (torch::nn::AnyModule& module : *features) CONEC_RETURN_IF_ERROR(Append(module, layers));
  layers.push_back(LayerOf(*model.embedding()));
  return layers;
}

std::tuple<at::Tensor, at::Tensor> Pool(const torch::nn::MaxPool2d& pool, const at::Tensor& x) {
  const torch::nn::MaxPool2dOptions& options = pool->options;
  return at::max_pool2d_with_indices(x, *options.kernel_size(), *options.stride(), *options.padding(),
                                     *options.dilation(), options.ceil_mode());
}

InputBatch Dense(at::Tensor values) {
  InputBatch batch;
  batch.dense = std::move(values);
  return batch;
}

at::Tensor ForwardLayer(Layer& layer, const InputBatch& x) {
  if (layer.kind == LayerKind::kWeighted) return Forward(layer.weighted, x);
  if (layer.kind == LayerKind::kPool) return std::get<0>(Pool(layer.pool, x.dense));
  return layer.module.any_forward(x.dense).get<at::Tensor>();
}

// Relevance goes to the largest input of each window.
at::Tensor PropagatePool(const torch::nn::MaxPool2d& pool, const at::Tensor& x, const at::Tensor& relevance) {
  const at::Tensor winners = std::get<1>(Pool(pool, x));
  return at::zeros_like(x).flatten(2).scatter_add_(2, winners.flatten(2), relevance.flatten(2)).view(x.sizes());
}

RelevanceRule RuleFor(const WeightedLayer& layer, bool is_first, const ExplainOptions& options) {
  if (is_first && options.first) return *options.first;
  return layer.convolution ? options.conv : options.dense;
}

// The same points with what their first layer takes: one-hot rows as sparse ones, images flat before a fully connected
// layer, as SimEc::EmbedBatch does it.
InputBatch Prepare(InputBatch x, const Layer& first) {
  if (x.kind == InputKind::kOneHot) {
    x.kind = InputKind::kSparse;
    x.columns = x.ids;
    x.offsets = at::arange(x.ids.size(0) + 1, x.ids.options());
    x.values = at::ones({x.ids.size(0)}, first.weighted.weight.options());
  } else if (x.kind == InputKind::kDense && first.kind == LayerKind::kWeighted && !first.weighted.convolution) {
    x.dense = x.dense.flatten(1);
  }
  return x;
}

// f' and the embedding layer, run for one batch.
class Trace {
 public:
  Trace(std::vector<Layer>& layers, InputBatch x) : layers_(layers) {
    inputs_.push_back(Prepare(std::move(x), layers.front()));
    for (Layer& layer : layers) inputs_.push_back(Dense(ForwardLayer(layer, inputs_.back())));
  }

  const InputBatch& x() const { return inputs_.front(); }
  const at::Tensor& embedding() const { return inputs_.back().dense; }

  // From the relevance of y, B x d, to that of the features, as Propagate() gives it.
  at::Tensor Propagated(at::Tensor relevance, const ExplainOptions& options) const {
    const auto is_weighted = [](const Layer& layer) { return layer.kind == LayerKind::kWeighted; };
    const auto first = std::find_if(layers_.begin(), layers_.end(), is_weighted) - layers_.begin();
    for (auto i = static_cast<std::ptrdiff_t>(layers_.size()) - 1; i >= 0; --i) {
      relevance = PropagateLayer(static_cast<std::size_t>(i), i == first, relevance, options);
    }
    return relevance;
  }

 private:
  at::Tensor PropagateLayer(std::size_t i, bool is_first, const at::Tensor& relevance,
                            const ExplainOptions& options) const {
    const Layer& layer = layers_[i];
    const InputBatch& x = inputs_[i];
    if (layer.kind == LayerKind::kReshape) return relevance.reshape(x.dense.sizes());
    if (layer.kind == LayerKind::kPool) return PropagatePool(layer.pool, x.dense, relevance);
    if (layer.kind == LayerKind::kActivation) return relevance;
    return Propagate(layer.weighted, x, relevance, RuleFor(layer.weighted, is_first, options), options);
  }

  std::vector<Layer>& layers_;
  std::vector<InputBatch> inputs_;  // of each layer; the last is y
};

// The relevance of y in y . v: that of a last layer with the terms of the scalar product as its inputs.
at::Tensor RelevanceOfEmbedding(const at::Tensor& y, const at::Tensor& v, const ExplainOptions& options) {
  const at::Tensor terms = y * v;
  const WeightedLayer sum{.weight = at::ones({y.size(1), 1}, y.options()), .bias = {}, .convolution = {}};
  return Propagate(sum, Dense(terms), terms.sum(1, /*keepdim=*/true), options.dense, options);
}

// Explanations of one batch after the other.
class Collector {
 public:
  // x: as the first layer takes it.
  void Add(const InputBatch& x, const at::Tensor& outputs, const at::Tensor& relevance) {
    outputs_.push_back(outputs.to(at::kCPU));
    is_sparse_ = x.kind == InputKind::kSparse && relevance.dim() == 1;
    relevance_.push_back((is_sparse_ ? relevance : relevance.flatten(1)).to(at::kCPU));
    if (!is_sparse_) return;
    lengths_.push_back(x.offsets.diff().to(at::kCPU));
    columns_.push_back(x.columns.to(at::kCPU));
  }

  absl::StatusOr<Explanation> Finish(std::int64_t features) const {
    const at::Tensor relevance = at::cat(relevance_);
    if (!relevance.isfinite().all().item<bool>()) {
      return FailedPrecondition("relevances are not finite: use a larger epsilon, or see to the model's weights");
    }
    Explanation result{.outputs = at::cat(outputs_), .relevance = relevance};
    if (!is_sparse_) return result;
    const at::Tensor ends = at::cat(lengths_).cumsum(0);
    CONEC_ASSIGN_OR_RETURN(CsrMatrix sparse, CsrMatrix::Create(at::cat({at::zeros({1}, ends.options()), ends}),
                                                               at::cat(columns_), relevance, features));
    result.relevance = std::move(sparse);
    return result;
  }

 private:
  bool is_sparse_ = false;
  std::vector<at::Tensor> outputs_, relevance_, lengths_, columns_;
};

// explain(batch, rows of directions) adds to a Collector; directions: m x d or 1 x d.
template <typename Function>
void ForBatches(const SimEc& model, const InputRows& x, const at::Tensor& directions, Function&& explain) {
  const InputRows rows = x.To(model.device(), model.dtype());
  const at::Tensor v = directions.to(model.device(), model.dtype());
  for (std::int64_t begin = 0; begin < x.rows(); begin += kRowsPerBlock) {
    const std::int64_t count = std::min(kRowsPerBlock, x.rows() - begin);
    explain(rows.Range(begin, begin + count), v.size(0) == 1 ? v : v.narrow(0, begin, count));
  }
}

absl::Status CheckPairs(const InputRows& x, const InputRows& others) {
  if (others.rows() == 1 || others.rows() == x.rows()) return absl::OkStatus();
  return InvalidArgument("{} points need as many others, or one, to be similar to; got {}", x.rows(), others.rows());
}

absl::Status CheckDirections(const SimEc& model, const InputRows& x, const at::Tensor& v) {
  const std::int64_t dim = model.options().dim;
  if (!v.defined() || v.dim() != 2 || v.size(1) != dim || (v.size(0) != 1 && v.size(0) != x.rows())) {
    return InvalidArgument("directions must be {} x {} or 1 x {}", x.rows(), dim, dim);
  }
  if (!v.is_floating_point() || !v.isfinite().all().item<bool>()) {
    return InvalidArgument("directions must be finite floating point numbers");
  }
  return absl::OkStatus();
}

absl::Status CheckOutput(const SimEc& model, OutputIndex output) {
  const std::int64_t n = model.options().targets, k = model.options().similarities;
  if (output.target < 0 || output.target >= n) {
    return InvalidArgument("target {} is not within [0, {})", output.target, n);
  }
  if (output.similarity < 0 || output.similarity >= k) {
    return InvalidArgument("similarity {} is not within [0, {})", output.similarity, k);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Explanation> ExplainAlong(const SimEc& model, const InputRows& x, const at::Tensor& directions,
                                         const ExplainOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckExplainOptions(options));
  CONEC_RETURN_IF_ERROR(model.CheckInput(x));
  return CatchTorch("explanation", [&]() -> absl::StatusOr<Explanation> {
    const torch::NoGradGuard no_grad;
    CONEC_RETURN_IF_ERROR(CheckDirections(model, x, directions));
    CONEC_ASSIGN_OR_RETURN(std::vector<Layer> layers, LayersOf(model));
    Collector collector;
    ForBatches(model, x, directions, [&](InputBatch batch, const at::Tensor& v) {
      const Trace trace(layers, std::move(batch));
      const at::Tensor& y = trace.embedding();
      const at::Tensor relevance = trace.Propagated(RelevanceOfEmbedding(y, v, options), options);
      collector.Add(trace.x(), (y * v).sum(1), relevance);
    });
    return collector.Finish(x.features());
  });
}

absl::StatusOr<Explanation> ExplainPredictions(const SimEc& model, const InputRows& x, OutputIndex output,
                                               const ExplainOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckOutput(model, output));
  return CatchTorch("explanation", [&]() -> absl::StatusOr<Explanation> {
    const at::Tensor column = model.last_layer().detach().select(2, output.similarity).select(1, output.target);
    return ExplainAlong(model, x, column.unsqueeze(0), options);
  });
}

absl::StatusOr<Explanation> ExplainSimilarities(const SimEc& model, const InputRows& x, const InputRows& others,
                                                const ExplainOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckPairs(x, others));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor directions, model.Embed(others));
  return ExplainAlong(model, x, directions, options);
}

absl::StatusOr<Explanation> ExplainLinearSimilarities(const SimEc& model, const InputRows& x, const InputRows& others) {
  if (!model.features()->is_empty()) {
    return FailedPrecondition("the similarity x W1 W1' x' is that of a linear encoder; this one has other layers");
  }
  CONEC_RETURN_IF_ERROR(CheckPairs(x, others));
  CONEC_RETURN_IF_ERROR(model.CheckInput(x));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, model.Embed(others));
  return CatchTorch("explanation", [&]() -> absl::StatusOr<Explanation> {
    const torch::NoGradGuard no_grad;
    Layer layer = LayerOf(*model.embedding());
    const at::Tensor directions = layer.weighted.bias.defined() ? y - layer.weighted.bias : y;
    layer.weighted.bias = at::Tensor();
    Collector collector;
    ForBatches(model, x, directions, [&](InputBatch given, const at::Tensor& v) {
      const InputBatch batch = Prepare(std::move(given), layer);
      const at::Tensor c = v.expand({batch.rows(), v.size(1)});
      collector.Add(batch, (Forward(layer.weighted, batch) * v).sum(1), Contributions(layer.weighted, batch, c));
    });
    return collector.Finish(x.features());
  });
}

}  // namespace conec::simec
