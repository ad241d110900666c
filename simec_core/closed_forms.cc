#include "simec_core/closed_forms.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "simec_core/blocks.h"
#include "simec_core/eigen.h"
#include "simec_core/model.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr double kSmallestEigenvalue = 1e-12;  // relative to the largest: what is below counts as zero

// The symmetric matrix with each eigenvalue l replaced by l^power, or by 0 if it counts as zero. a: ... x d x d.
at::Tensor Power(const at::Tensor& a, double power) {
  const auto [values, vectors] = at::linalg_eigh(a);
  const at::Tensor least = values.amax(-1, true).mul(kSmallestEigenvalue);
  const at::Tensor powers = at::where(values.gt(least), values.clamp_min(1e-300).pow(power), at::zeros_like(values));
  return (vectors * powers.unsqueeze(-2)).matmul(vectors.transpose(-2, -1));
}

bool HasFullRank(const at::Tensor& a) {
  const at::Tensor values = at::linalg_eigvalsh(a);
  return values.min().item<double>() > kSmallestEigenvalue * values.max().item<double>();
}

absl::Status CheckShapes(const at::Tensor& r, const at::Tensor& last_layer) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(last_layer, "W_l"));
  if (!r.defined() || r.dim() != 2 || r.size(0) < 1 || r.size(1) != last_layer.size(1)) {
    return InvalidArgument("the relation must be a matrix with {} columns, as W_l has", last_layer.size(1));
  }
  return absl::OkStatus();
}

// The normal equations of each row, W_o W_o' y = W_o r over its observed entries, and their solutions.
at::Tensor SolveRows(const at::Tensor& r, const at::Tensor& observed, const at::Tensor& w, double ridge) {
  const std::int64_t m = r.size(0), d = w.size(0);
  const at::Tensor a = at::empty({m, d, d}, w.options());
  for (std::int64_t i = 0; i < m; ++i) {
    const at::Tensor seen = w.index_select(1, observed[i].nonzero().squeeze(1));
    at::Tensor target = a[i];
    at::mm_out(target, seen, seen.t());
  }
  a.diagonal(0, 1, 2).add_(ridge);
  return Power(a, -1).bmm(r.mm(w.t()).unsqueeze(2)).squeeze(2);
}

}  // namespace

absl::StatusOr<at::Tensor> EigenLastLayer(const at::Tensor& s_ll, std::int64_t dim) {
  CONEC_RETURN_IF_ERROR(CheckSymmetric(s_ll, "S_ll"));
  if (dim < 1 || dim > s_ll.size(0)) {
    return InvalidArgument("{} dimensions from the eigenvectors of a matrix of size {}", dim, s_ll.size(0));
  }
  CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(s_ll, dim));
  return CatchTorch("W_l", [&]() -> absl::StatusOr<at::Tensor> { return EigenEmbedding(pairs).t().contiguous(); });
}

absl::StatusOr<at::Tensor> LeastSquaresEmbedding(const at::Tensor& r, const at::Tensor& last_layer, double ridge) {
  CONEC_RETURN_IF_ERROR(CheckShapes(r, last_layer));
  if (!(ridge >= 0)) return InvalidArgument("ridge must be at least 0, got {}", ridge);
  return CatchTorch("least squares", [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor w = last_layer.to(at::kDouble), all = r.to(at::kDouble), observed = all.isnan().logical_not();
    if (all.isinf().any().item<bool>()) return InvalidArgument("the relation has infinite entries");
    if (observed.all().item<bool>()) {
      const at::Tensor gram = w.mm(w.t()) + ridge * at::eye(w.size(0), w.options());
      return all.mm(w.t()).mm(Power(gram, -1)).to(r.scalar_type());
    }
    const at::Tensor filled = all.nan_to_num(0), y = at::empty({r.size(0), w.size(0)}, w.options());
    for (std::int64_t i = 0; i < r.size(0); i += kRowsPerBlock) {
      const std::int64_t rows = std::min(kRowsPerBlock, r.size(0) - i);
      y.narrow(0, i, rows).copy_(SolveRows(filled.narrow(0, i, rows), observed.narrow(0, i, rows), w, ridge));
    }
    return y.to(r.scalar_type());
  });
}

absl::StatusOr<RidgeModel> LeastSquaresMap(const Features& x, const at::Tensor& r, const at::Tensor& last_layer,
                                           double ridge) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(r, "the relation"));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, LeastSquaresEmbedding(r, last_layer));
  return FitRidge(x, y, ridge);
}

absl::Status Balance(SimEc& model, const InputRows& target_inputs) {
  if (model.last_layer_frozen()) return FailedPrecondition("W_l is frozen: it cannot be balanced with Y");
  if (model.options().decoder) return FailedPrecondition("a decoder would no longer fit balanced embeddings");
  if (target_inputs.rows() != model.options().targets) {
    return InvalidArgument("{} rows of inputs for {} targets", target_inputs.rows(), model.options().targets);
  }
  CONEC_ASSIGN_OR_RETURN(const at::Tensor embedded, model.Embed(target_inputs));
  return CatchTorch("balance", [&]() -> absl::Status {
    const at::NoGradGuard no_grad;
    const at::Tensor y = embedded.to(at::kDouble), w = model.last_layer().to(at::kDouble).flatten(1);
    const at::Tensor g = y.t().mm(y), m = w.mm(w.t()).div_(static_cast<double>(model.options().similarities));
    if (!HasFullRank(g) || !HasFullRank(m)) {
      return FailedPrecondition("embeddings or W_l have not rank {}: nothing to balance in some direction",
                                model.options().dim);
    }
    const at::Tensor root = Power(g, 0.5), inverse_root = Power(g, -0.5);
    const at::Tensor c = inverse_root.mm(Power(root.mm(m).mm(root), 0.5)).mm(inverse_root);
    const at::Tensor a = at::linalg_cholesky((c + c.t()) / 2), balanced_w = at::linalg_inv(a).mm(w);
    const auto replace = [](at::Tensor target, const at::Tensor& value) { target.copy_(value.view(target.sizes())); };
    const Affine embedding = model.embedding();
    replace(embedding->weight, embedding->weight.to(at::kDouble).mm(a));
    if (embedding->bias.defined()) replace(embedding->bias, embedding->bias.to(at::kDouble).unsqueeze(0).mm(a));
    replace(model.last_layer(), balanced_w);
    return absl::OkStatus();
  });
}

}  // namespace conec::simec
