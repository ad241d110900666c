#include "simec_core/layers.h"

#include <torch/nn.h>

#include <cmath>

namespace conec::simec {

AffineImpl::AffineImpl(std::int64_t features, std::int64_t size, bool has_bias, torch::TensorOptions options)
    : weight(register_parameter("weight", torch::zeros({features, size}, options))),
      bias(has_bias ? register_parameter("bias", torch::zeros({size}, options)) : torch::Tensor()) {}

torch::Tensor AffineImpl::forward(const torch::Tensor& x) {
  return bias.defined() ? torch::addmm(bias, x, weight) : x.mm(weight);
}

torch::Tensor AffineImpl::Forward(const InputBatch& x) {
  if (x.kind == InputKind::kDense) return forward(x.dense.dim() == 2 ? x.dense : x.dense.flatten(1));
  const torch::Tensor sums =
      x.kind == InputKind::kOneHot
          ? torch::embedding(weight, x.ids)
          : std::get<0>(torch::embedding_bag(weight, x.columns, x.offsets.narrow(0, 0, x.offsets.size(0) - 1),
                                             /*scale_grad_by_freq=*/false, /*mode=sum*/ 0, /*sparse=*/false, x.values));
  return bias.defined() ? sums + bias : sums;
}

void AffineImpl::Initialize(Initialization kind, PhiloxStream& random) {
  InitializeUniform(weight, kind, weight.size(0), weight.size(1), random);
  if (!bias.defined()) return;
  if (kind == Initialization::kKaiming) {
    InitializeUniform(bias, kind, weight.size(0), weight.size(1), random);
  } else {
    const torch::NoGradGuard no_grad;
    bias.zero_();
  }
}

torch::nn::AnyModule ActivationModule(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return torch::nn::AnyModule(torch::nn::ReLU());
    case Activation::kSigmoid:
      return torch::nn::AnyModule(torch::nn::Sigmoid());
    case Activation::kSoftplus:
      return torch::nn::AnyModule(torch::nn::Softplus());
    case Activation::kTanh:
    case Activation::kLinear:
      break;
  }
  return torch::nn::AnyModule(torch::nn::Tanh());
}

void InitializeUniform(torch::Tensor weight, Initialization kind, std::int64_t fan_in, std::int64_t fan_out,
                       PhiloxStream& random) {
  const double in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  const double bound = kind == Initialization::kGlorot ? std::sqrt(6 / (in + out)) : 1 / std::sqrt(in);
  const torch::Tensor draws = torch::empty({weight.numel()}, torch::kFloat64);
  double* draw = draws.data_ptr<double>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) draw[i] = bound * (2 * random.Uniform() - 1);
  const torch::NoGradGuard no_grad;
  weight.copy_(draws.view(weight.sizes()));
}

}  // namespace conec::simec
