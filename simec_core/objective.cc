#include "simec_core/objective.h"

#include <utility>

#include "simec_core/model.h"

namespace conec::simec {
namespace {

torch::Tensor MeanError(const torch::Tensor& outputs, const torch::Tensor& values, LossKind loss,
                        at::Reduction::Reduction reduction) {
  switch (loss) {
    case LossKind::kMae:
      return at::l1_loss(outputs, values, reduction);
    case LossKind::kBce:
      return at::binary_cross_entropy_with_logits(outputs, values, {}, {}, reduction);
    case LossKind::kMse:
      break;
  }
  return at::mse_loss(outputs, values, reduction);
}

torch::Tensor Dense(const InputBatch& x, std::int64_t features, const torch::Tensor& like) {
  if (x.kind == InputKind::kDense) return x.dense.flatten(1);
  const torch::Tensor dense = torch::zeros({x.rows(), features}, like.options());
  if (x.kind == InputKind::kOneHot) return dense.scatter_(1, x.ids.unsqueeze(1), 1.0);
  const torch::Tensor row = torch::arange(x.rows(), x.offsets.options()).repeat_interleave(x.offsets.diff());
  dense.view(-1).index_copy_(0, row * features + x.columns, x.values);
  return dense;
}

std::string ShapeOf(const SymmetricTarget& s_ll) {
  return fmt::format("{} x {} x {}", s_ll.targets(), s_ll.targets(), s_ll.similarities());
}

absl::Status CheckSymmetricTerm(const ModelOptions& model, const std::optional<SymmetricTarget>& s_ll,
                                bool allow_free_dimensions) {
  if (!s_ll.has_value()) return InvalidArgument("s_ll > 0 needs S_ll, the similarities of the targets");
  if (s_ll->targets() != model.targets || s_ll->similarities() != model.similarities) {
    return InvalidArgument("S_ll is {}, but the model has {} targets and {} similarities", ShapeOf(*s_ll),
                           model.targets, model.similarities);
  }
  if (model.dim > model.targets && !allow_free_dimensions) {
    return InvalidArgument("{} dimensions cannot be told apart by {} targets: with s_ll, dim must not exceed targets",
                           model.dim, model.targets);
  }
  return absl::OkStatus();
}

}  // namespace

torch::Tensor DataTerm(const torch::Tensor& outputs, const TargetBlock& block, const ObjectiveOptions& options) {
  if (!block.observed.defined()) return MeanError(outputs, block.values, options.loss, at::Reduction::Mean);
  const torch::Tensor errors = MeanError(outputs, block.values, options.loss, at::Reduction::None);
  const torch::Tensor weights = options.missing_weight == 0
                                    ? block.observed
                                    : block.observed * (1 - options.missing_weight) + options.missing_weight;
  if (options.masked_mean == MaskedMean::kGlobal) return (errors * weights).sum() / weights.sum().clamp_min(1);
  return ((errors * weights).sum(1) / weights.sum(1).clamp_min(1)).mean();
}

torch::Tensor OrthogonalityTerm(const torch::Tensor& w) {
  const torch::Tensor wk = w.permute({2, 0, 1}), g = wk.bmm(wk.transpose(1, 2));  // k x d x d
  const torch::Tensor diagonal = torch::diag_embed(g.diagonal(0, 1, 2));
  return (g - diagonal).square().sum() / static_cast<double>(w.size(0) * w.size(0));
}

Coefficients ScaleCoefficients(const ObjectiveOptions& options, const ModelOptions& model, std::int64_t m) {
  Coefficients c{options.s_ll, options.orthogonality, options.l2_hidden, options.l2_embedding, options.l2_last};
  if (options.scaling == Scaling::kMean) return c;
  const double n = static_cast<double>(model.targets), d = static_cast<double>(model.dim);
  const double entries = static_cast<double>(m) * n * static_cast<double>(model.similarities);
  c.s_ll *= n * n / entries;
  c.orthogonality *= d * d / entries;
  c.l2_hidden /= entries;
  c.l2_embedding /= entries;
  c.l2_last /= entries;
  return c;
}

absl::StatusOr<Objective> Objective::Create(const SimEc& model, const ObjectiveOptions& options,
                                            std::optional<SymmetricTarget> s_ll, std::int64_t m) {
  CONEC_RETURN_IF_ERROR(CheckObjectiveOptions(options, model.options()));
  if (m < 1) return InvalidArgument("no rows to train on");
  Objective objective;
  objective.options_ = options;
  objective.coefficients_ = ScaleCoefficients(options, model.options(), m);
  if (options.s_ll == 0) return objective;
  CONEC_RETURN_IF_ERROR(CheckSymmetricTerm(model.options(), s_ll, options.allow_free_dimensions));
  objective.s_ll_ = s_ll->To(model.device(), model.dtype());
  return objective;
}

torch::Tensor Objective::DataTermOf(const SimEc& model, const torch::Tensor& y, const TargetBlock& block) const {
  const torch::Tensor logits = model.Logits(y);
  return DataTerm(options_.loss == LossKind::kBce ? logits : model.Output(logits), block, options_);
}

torch::Tensor Objective::DataLossOf(const SimEc& model, const InputBatch& x, const TargetBlock& block) const {
  return DataTermOf(model, model.EmbedBatch(x), block);
}

Objective::Terms Objective::Batch(const SimEc& model, const InputBatch& x, const TargetBlock& block,
                                  bool with_orthogonality) const {
  const torch::Tensor y = model.EmbedBatch(x);
  Terms terms;
  terms.data = DataTermOf(model, y, block);
  terms.total = terms.data;
  const torch::Tensor w = model.last_layer();
  if (s_ll_.has_value()) terms.total = terms.total + s_ll_->Loss(w) * coefficients_.s_ll;
  if (with_orthogonality && coefficients_.orthogonality > 0) {
    terms.total = terms.total + OrthogonalityTerm(w) * coefficients_.orthogonality;
  }
  if (options_.reconstruction > 0) {
    const torch::Tensor inputs = Dense(x, model.options().features, y);
    terms.total = terms.total + torch::mse_loss(model.DecodeBatch(y), inputs) * options_.reconstruction;
  }
  return terms;
}

double Objective::L2(const std::string& name) const {
  if (name == "last_layer") return coefficients_.l2_last;
  if (name == "embedding.weight") return coefficients_.l2_embedding;
  const bool hidden = name.rfind("features.", 0) == 0 || name.rfind("decoder.", 0) == 0;
  return hidden && name.ends_with("weight") ? coefficients_.l2_hidden : 0;
}

torch::Tensor Objective::L2Term(const SimEc& model) const {
  torch::Tensor sum = torch::zeros({}, model.last_layer().options());
  for (const auto& parameter : model.module().named_parameters()) {
    const double factor = L2(parameter.key());
    if (factor > 0) sum = sum + parameter.value().square().sum() * factor;
  }
  return sum;
}

}  // namespace conec::simec
