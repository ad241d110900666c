#include "simec_core/flat_optimizer.h"

#include "simec_core/model.h"

namespace conec::simec {

FlatOptimizer::FlatOptimizer(SimEc& model, const Objective& objective, const TrainOptions& options)
    : options_(options) {
  std::int64_t total = 0;
  for (const auto& item : model.module().named_parameters()) {
    if (!item.value().requires_grad()) continue;
    segments_.push_back({item.value(), total, item.value().numel(), objective.L2(item.key())});
    total += item.value().numel();
  }
  const torch::NoGradGuard no_grad;
  weights_ = torch::empty({total}, torch::TensorOptions(model.device()).dtype(model.dtype()));
  gradients_ = torch::zeros_like(weights_);
  first_ = torch::zeros_like(weights_);
  second_ = options.optimizer == OptimizerKind::kSgd ? torch::empty({0}, weights_.options()) : first_.clone();
  for (Segment& s : segments_) {
    const auto sizes = s.parameter.sizes().vec();
    const torch::Tensor place = weights_.narrow(0, s.begin, s.size).view(sizes);
    place.copy_(s.parameter);
    s.parameter.set_data(place);
    s.parameter.mutable_grad() = gradients_.narrow(0, s.begin, s.size).view(sizes);
    if (!runs_.empty() && runs_.back().l2 == s.l2) {
      runs_.back().size += s.size;
    } else {
      runs_.push_back({{}, s.begin, s.size, s.l2});
    }
  }
}

FlatOptimizer::~FlatOptimizer() {
  for (Segment& s : segments_) s.parameter.mutable_grad() = torch::Tensor();
}

void FlatOptimizer::ZeroGrad() {
  gradients_.zero_();
}

double FlatOptimizer::Step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  const auto step = optimizer_internal::MakeStep(options_, learning_rate, ++steps_);
  if (!weights_.is_cpu()) return StepOnDevice(step);
  return weights_.scalar_type() == torch::kFloat32 ? StepOnCpu<float>(step) : StepOnCpu<double>(step);
}

template <typename Real>
double FlatOptimizer::StepOnCpu(optimizer_internal::Step step) {
  Real* w = weights_.data_ptr<Real>();
  const Real* g = gradients_.data_ptr<Real>();
  Real* m = first_.data_ptr<Real>();
  Real* v = second_.numel() > 0 ? second_.data_ptr<Real>() : nullptr;
  double l2 = 0;
  for (const Segment& run : runs_) {
    step.l2 = run.l2;
    l2 += run.l2 * optimizer_internal::Apply(step, w + run.begin, g + run.begin, m + run.begin,
                                             v == nullptr ? v : v + run.begin, static_cast<std::size_t>(run.size));
  }
  return l2;
}

double FlatOptimizer::StepOnDevice(const optimizer_internal::Step& step) {
  torch::Tensor l2 = torch::zeros({}, weights_.options());
  for (const Segment& run : runs_) {
    if (run.l2 == 0) continue;
    const torch::Tensor w = weights_.narrow(0, run.begin, run.size);
    l2 += w.square().sum() * run.l2;
    gradients_.narrow(0, run.begin, run.size).add_(w, 2 * run.l2);
  }
  if (step.kind == OptimizerKind::kSgd) {
    first_.mul_(step.momentum).add_(gradients_);
    weights_.sub_(first_, step.rate);
    return l2.item<double>();
  }
  first_.mul_(step.beta1).add_(gradients_, 1 - step.beta1);
  if (step.kind == OptimizerKind::kAdamax) {
    torch::maximum_out(second_, second_.mul_(step.beta2), gradients_.abs());
    weights_.addcdiv_(first_, second_ + step.epsilon, -step.rate);
  } else {
    second_.mul_(step.beta2).addcmul_(gradients_, gradients_, 1 - step.beta2);
    weights_.addcdiv_(first_, (second_ * step.correction).sqrt_().add_(step.epsilon), -step.rate);
  }
  return l2.item<double>();
}

}  // namespace conec::simec
