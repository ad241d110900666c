#include "simec_core/model.h"

#include <torch/cuda.h>
#include <torch/nn.h>

#include <algorithm>
#include <utility>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kRowsAtOnce = 1024;

// Evaluation mode without autograd, for as long as this object lives.
class Evaluation {
 public:
  explicit Evaluation(torch::nn::Module& module) : module_(module), was_training_(module.is_training()) {
    module.eval();
  }
  ~Evaluation() { module_.train(was_training_); }
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
  torch::NoGradGuard no_grad_;
};

torch::Dtype TypeOf(Precision precision) {
  return precision == Precision::kFloat64 ? torch::kFloat64 : torch::kFloat32;
}

absl::StatusOr<torch::Device> FindDevice(const std::string& name) {
  try {
    const torch::Device device(name);
    (void)torch::zeros({1}, device);
    return device;
  } catch (const std::exception&) {
    return Unavailable("device '{}' cannot be used by LibTorch here{}", name,
                       torch::cuda::is_available() ? "" : ", which sees no CUDA");
  }
}

// Appends a hidden layer and returns its size.
std::int64_t AddHidden(torch::nn::Sequential& net, std::int64_t in, const HiddenLayer& layer,
                       torch::TensorOptions options) {
  net->push_back(Affine(in, layer.size, true, options));
  if (layer.activation != Activation::kLinear) net->push_back(ActivationModule(layer.activation));
  return layer.size;
}

void InitializeConv(torch::nn::Conv2dImpl& conv, const ConvLayer& layer, std::int64_t in, Initialization kind,
                    PhiloxStream& random) {
  const std::int64_t area = layer.kernel * layer.kernel;
  InitializeUniform(conv.weight, kind, in * area, layer.filters * area, random);
  if (kind == Initialization::kKaiming) {
    InitializeUniform(conv.bias, kind, in * area, layer.filters * area, random);
  } else {
    const torch::NoGradGuard no_grad;
    conv.bias.zero_();
  }
}

// Appends all convolutions, from flat rows or images to flat rows, and returns how long these are.
std::int64_t AddConvolutions(torch::nn::Sequential& net, const ModelOptions& options, torch::TensorOptions type,
                             PhiloxStream& random) {
  std::int64_t channels = options.channels, height = options.height, width = options.width;
  net->push_back(torch::nn::Flatten());
  net->push_back(torch::nn::Unflatten(torch::nn::UnflattenOptions(1, {channels, height, width})));
  for (const ConvLayer& layer : options.conv) {
    torch::nn::Conv2d conv(torch::nn::Conv2dOptions(channels, layer.filters, layer.kernel).padding(layer.padding));
    conv->to(type.device(), c10::typeMetaToScalarType(type.dtype()));
    InitializeConv(*conv, layer, channels, options.initialization, random);
    net->push_back(conv);
    if (layer.activation != Activation::kLinear) net->push_back(ActivationModule(layer.activation));
    if (layer.pool > 1) net->push_back(torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(layer.pool)));
    channels = layer.filters;
    height = (height + 2 * layer.padding - layer.kernel + 1) / layer.pool;
    width = (width + 2 * layer.padding - layer.kernel + 1) / layer.pool;
  }
  net->push_back(torch::nn::Flatten());
  return channels * height * width;
}

torch::nn::Sequential BuildDecoder(const ModelOptions& options, torch::TensorOptions type) {
  torch::nn::Sequential net;
  if (!options.decoder) return net;
  std::int64_t size = options.dim;
  for (auto layer = options.hidden.rbegin(); layer != options.hidden.rend(); ++layer) {
    size = AddHidden(net, size, *layer, type);
  }
  net->push_back(Affine(size, options.features, true, type));
  return net;
}

void InitializeAffines(torch::nn::Sequential& net, Initialization kind, PhiloxStream& random) {
  for (std::size_t i = 0; i < net->size(); ++i) {
    if (auto* layer = net->ptr(i)->as<Affine>()) layer->Initialize(kind, random);
  }
}

AffineImpl* FirstAffine(const torch::nn::Sequential& net) {
  return net->is_empty() ? nullptr : net->ptr(0)->as<Affine>();
}

absl::Status CheckOwnFeatures(const torch::nn::Sequential& features, std::int64_t feature_size,
                              const ModelOptions& options) {
  if (features.is_empty() || features->is_empty()) return InvalidArgument("f' of your own has no module");
  if (feature_size < 1) return InvalidArgument("feature_size must be at least 1, got {}", feature_size);
  if (options.hidden.empty() && options.conv.empty()) return absl::OkStatus();
  return InvalidArgument("f' of your own goes without hidden layers and convolutions of the options");
}

// Streams of the seed: one for each part, so that a change of one does not change the draws of another.
enum WeightStream : std::uint64_t { kFeatures = 1, kEmbedding, kLastLayer, kDecoder };

}  // namespace

absl::StatusOr<SimEc> SimEc::Begin(const ModelOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckModelOptions(options));
  SimEc model;
  CONEC_ASSIGN_OR_RETURN(model.device_, FindDevice(options.device));
  model.options_ = options;
  model.dtype_ = TypeOf(options.precision);
  model.root_ = std::make_shared<torch::nn::Module>();
  return model;
}

void SimEc::Finish(std::int64_t feature_size) {
  const torch::TensorOptions type = torch::TensorOptions(device_).dtype(dtype_);
  const Initialization kind = options_.initialization;
  root_->register_module("features", features_);
  embedding_ = root_->register_module("embedding", Affine(feature_size, options_.dim, options_.embedding_bias, type));
  PhiloxStream embedding_draws(options_.seed, kEmbedding), last_draws(options_.seed, kLastLayer),
      decoder_draws(options_.seed, kDecoder);
  embedding_->Initialize(kind, embedding_draws);
  last_layer_ = root_->register_parameter("last_layer",
                                          torch::zeros({options_.dim, options_.targets, options_.similarities}, type));
  InitializeUniform(last_layer_, kind, options_.dim, options_.targets * options_.similarities, last_draws);
  decoder_ = root_->register_module("decoder", BuildDecoder(options_, type));
  InitializeAffines(decoder_, kind, decoder_draws);
}

absl::StatusOr<SimEc> SimEc::Create(const ModelOptions& options) {
  return CatchTorch("model", [&]() -> absl::StatusOr<SimEc> {
    CONEC_ASSIGN_OR_RETURN(SimEc model, Begin(options));
    const torch::TensorOptions type = torch::TensorOptions(model.device_).dtype(model.dtype_);
    PhiloxStream random(options.seed, kFeatures);
    model.features_ = torch::nn::Sequential();
    std::int64_t size = options.features;
    if (!options.conv.empty()) size = AddConvolutions(model.features_, options, type, random);
    for (const HiddenLayer& layer : options.hidden) size = AddHidden(model.features_, size, layer, type);
    InitializeAffines(model.features_, options.initialization, random);
    model.Finish(size);
    return model;
  });
}

absl::StatusOr<SimEc> SimEc::Create(torch::nn::Sequential features, std::int64_t feature_size,
                                    const ModelOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckOwnFeatures(features, feature_size, options));
  return CatchTorch("model", [&]() -> absl::StatusOr<SimEc> {
    CONEC_ASSIGN_OR_RETURN(SimEc model, Begin(options));
    model.own_features_ = true;
    model.features_ = features;
    model.features_->to(model.device_, model.dtype_);
    model.Finish(feature_size);
    return model;
  });
}

absl::Status SimEc::CheckInput(const InputRows& x) const {
  if (x.features() != options_.features) {
    return InvalidArgument("the input has {} features, the model takes {}", x.features(), options_.features);
  }
  if (x.kind() == InputKind::kDense || features_->is_empty() || FirstAffine(features_) != nullptr) {
    return absl::OkStatus();
  }
  return InvalidArgument("sparse and one-hot inputs need a fully connected first layer");
}

absl::StatusOr<torch::Tensor> SimEc::Embed(const InputRows& x) const {
  CONEC_RETURN_IF_ERROR(CheckInput(x));
  return CatchTorch("embedding", [&]() -> absl::StatusOr<torch::Tensor> {
    const Evaluation evaluation(*root_);
    const InputRows rows = x.To(device_, dtype_);
    const torch::Tensor y = torch::empty({x.rows(), options_.dim}, torch::TensorOptions(device_).dtype(dtype_));
    for (std::int64_t begin = 0; begin < x.rows(); begin += kRowsAtOnce) {
      const std::int64_t end = std::min(begin + kRowsAtOnce, x.rows());
      y.narrow(0, begin, end - begin).copy_(EmbedBatch(rows.Range(begin, end)));
    }
    return y;
  });
}

absl::StatusOr<torch::Tensor> SimEc::PredictFromEmbedding(const torch::Tensor& y) const {
  if (!y.defined() || y.dim() != 2 || y.size(1) != options_.dim) {
    return InvalidArgument("embeddings must be m x {}", options_.dim);
  }
  return CatchTorch("prediction", [&]() -> absl::StatusOr<torch::Tensor> {
    const Evaluation evaluation(*root_);
    const torch::Tensor predicted = Output(Logits(y.to(device_, dtype_)));
    if (options_.similarities == 1) return predicted;
    return predicted.view({y.size(0), options_.targets, options_.similarities});
  });
}

absl::StatusOr<torch::Tensor> SimEc::Predict(const InputRows& x) const {
  CONEC_ASSIGN_OR_RETURN(const torch::Tensor y, Embed(x));
  return PredictFromEmbedding(y);
}

absl::StatusOr<torch::Tensor> SimEc::Decode(const torch::Tensor& y) const {
  if (!options_.decoder) return FailedPrecondition("the model has no decoder");
  if (!y.defined() || y.dim() != 2 || y.size(1) != options_.dim) {
    return InvalidArgument("embeddings must be m x {}", options_.dim);
  }
  return CatchTorch("pre-images", [&]() -> absl::StatusOr<torch::Tensor> {
    const Evaluation evaluation(*root_);
    return DecodeBatch(y.to(device_, dtype_));
  });
}

absl::Status SimEc::SetLastLayer(const torch::Tensor& last_layer, bool frozen) {
  const bool flat = last_layer.defined() && last_layer.dim() == 2 && options_.similarities == 1;
  return CatchTorch("last layer", [&]() -> absl::Status {
    const torch::Tensor given = flat ? last_layer.unsqueeze(2) : last_layer;
    if (!given.defined() || given.sizes() != last_layer_.sizes()) {
      return InvalidArgument("W_l must be {} x {} x {} (dim x targets x similarities)", options_.dim, options_.targets,
                             options_.similarities);
    }
    if (!given.isfinite().all().item<bool>()) return InvalidArgument("W_l must be finite");
    const torch::NoGradGuard no_grad;
    last_layer_.copy_(given);
    last_layer_.set_requires_grad(!frozen);
    return absl::OkStatus();
  });
}

torch::Tensor SimEc::EmbedBatch(const InputBatch& x) const {
  Affine embedding = embedding_;
  if (features_->is_empty()) return embedding->Forward(x);
  AffineImpl* first = FirstAffine(features_);
  if (first == nullptr) {
    return embedding->forward(torch::nn::Sequential(features_)->forward(x.dense));
  }
  torch::Tensor h = first->Forward(x);
  torch::nn::Sequential features = features_;  // ModuleHolder passes const on
  for (auto next = features->begin() + 1; next != features->end(); ++next)
    h = next->any_forward(h).get<torch::Tensor>();
  return embedding->forward(h);
}

torch::Tensor SimEc::Logits(const torch::Tensor& y) const {
  return y.mm(last_layer_.view({options_.dim, options_.targets * options_.similarities}));
}

torch::Tensor SimEc::Output(const torch::Tensor& logits) const {
  if (options_.output == OutputKind::kLinear) return logits;
  const torch::Tensor part = torch::sigmoid(logits);
  if (options_.output_low == 0 && options_.output_high == 1) return part;
  return part * (options_.output_high - options_.output_low) + options_.output_low;
}

torch::Tensor SimEc::DecodeBatch(const torch::Tensor& y) const {
  return torch::nn::Sequential(decoder_)->forward(y);
}

}  // namespace conec::simec
