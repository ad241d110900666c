#include "simec_core/symmetric_target.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMaskedRows = 256;  // of a masked S_ll: block x n temporaries stay in the cache
// A factorised S_ll is used where its rank is at most a sixth of n: that costs a third of the operations, and the
// factor is read from nearer memory. Below kFewTargets nothing is to be gained.
constexpr std::int64_t kRankPart = 6, kFewTargets = 256;
// How far entries of the product of factors may be off, in parts of the largest: what rounding of the entries is worth.
constexpr double kFloatTolerance = 1e-6, kDoubleTolerance = 1e-13;

variable_list Scaled(AutogradContext* context, const variable_list& outer) {
  return {outer[0] * context->get_saved_variables()[0], at::Tensor(), at::Tensor()};
}

// mean (S - W'W)^2 with everything observed. The gradient comes with the value: both need W S. s: S, or r x n rows F
// with S = F'F.
struct FullTerm : torch::autograd::Function<FullTerm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& w, const at::Tensor& s, double squares) {
    const double entries = static_cast<double>(w.size(1) * w.size(1));
    const at::Tensor ws = s.size(0) < s.size(1) ? w.mm(s.t()).mm(s) : w.mm(s), g = w.mm(w.t());
    const at::Tensor value =
        (g.square().sum(at::kDouble) - 2 * (w * ws).sum(at::kDouble) + squares).mul_(1 / entries).to(w.scalar_type());
    context->save_for_backward({g.mm(w).sub_(ws).mul_(4 / entries)});
    return value;
  }
  static variable_list backward(AutogradContext* context, const variable_list& outer) { return Scaled(context, outer); }
};

// sum A (S - W'W)^2 with weights A, by blocks of rows.
struct MaskedTerm : torch::autograd::Function<MaskedTerm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& w, const at::Tensor& s, const at::Tensor& a) {
    const std::int64_t n = s.size(0);
    const at::Tensor gradient = at::zeros_like(w);
    at::Tensor value = at::zeros({}, w.options().dtype(at::kDouble));
    for (std::int64_t i = 0; i < n; i += kMaskedRows) {
      const std::int64_t rows = std::min(kMaskedRows, n - i);
      const at::Tensor block = w.narrow(1, i, rows);                             // d x b
      const at::Tensor error = s.narrow(0, i, rows).addmm(block.t(), w, 1, -1);  // b x n
      const at::Tensor weighted = error * a.narrow(0, i, rows);
      value += error.mul_(weighted).sum(at::kDouble);
      gradient.narrow(1, i, rows).addmm_(w, weighted.t(), 1, -2);
      gradient.addmm_(block, weighted, 1, -2);
    }
    context->save_for_backward({gradient});
    return value.to(w.scalar_type());
  }
  static variable_list backward(AutogradContext* context, const variable_list& outer) { return Scaled(context, outer); }
};

absl::Status CheckEntries(const at::Tensor& s, const at::Tensor& missing) {
  if (missing.all().item<bool>()) return InvalidArgument("S_ll: every entry is missing");
  // Where only one of a pair is observed, the other takes its value.
  const at::Tensor filled = at::where(missing, s.t(), s).nan_to_num_(0, kInfinity, -kInfinity);
  return CheckSymmetric(filled, "S_ll");
}

at::Tensor MeanWeights(const at::Tensor& missing, const ObjectiveOptions& objective, at::ScalarType type) {
  at::Tensor weights = missing.logical_not().to(type);
  if (objective.missing_weight > 0) weights.add_(missing.to(type), objective.missing_weight);
  const double n = static_cast<double>(missing.size(0));
  if (objective.masked_mean == MaskedMean::kPerRow) return weights.div_(weights.sum(1, true).clamp_min_(1).mul_(n));
  return weights.div_(weights.sum().clamp_min_(1));
}

// r x n rows F with the diagonal of S that of F'F, if at most `max_rank` of them are enough: Cholesky's decomposition
// that takes the largest remaining diagonal entry first.
std::optional<at::Tensor> PivotedCholesky(const at::Tensor& s, std::int64_t max_rank, double tolerance) {
  at::Tensor rest = s.diagonal().to(at::kDouble, /*non_blocking=*/false, /*copy=*/true);
  const at::Tensor factor = at::empty({max_rank, s.size(0)}, rest.options());
  for (std::int64_t rank = 0; rank <= max_rank; ++rank) {
    const std::int64_t pivot = rest.argmax().item<std::int64_t>();
    const double largest = rest[pivot].item<double>();
    if (largest <= tolerance) return factor.narrow(0, 0, rank);
    if (rank == max_rank) break;
    const at::Tensor found = factor.narrow(0, 0, rank), row = factor[rank];
    row.copy_(s[pivot]);
    if (rank > 0) row.addmv_(found.t(), found.select(1, pivot), 1, -1);
    row.div_(std::sqrt(largest));
    rest.sub_(row.square());
  }
  return std::nullopt;
}

bool IsProduct(const at::Tensor& s, const at::Tensor& factor, double tolerance) {
  for (std::int64_t i = 0; i < s.size(0); i += kMaskedRows) {
    const std::int64_t rows = std::min(kMaskedRows, s.size(0) - i);
    const at::Tensor block = factor.narrow(1, i, rows).t().mm(factor);
    if (!(block.sub_(s.narrow(0, i, rows)).abs_().max().item<double>() <= tolerance)) return false;
  }
  return true;
}

// S itself, or r x n rows F with S = F'F where few of them are enough: class labels and linear similarities of few
// features have such, and cost a fraction.
at::Tensor Factorized(const at::Tensor& s) {
  const std::int64_t n = s.size(0), max_rank = n / kRankPart;
  if (n < kFewTargets) return s;
  const double tolerance =
      s.diagonal().max().item<double>() * (s.scalar_type() == at::kFloat ? kFloatTolerance : kDoubleTolerance);
  // A third of the points, evenly spread, tell most similarities of high rank at little cost.
  const at::Tensor some = at::arange(0, n, 3, s.options().dtype(at::kLong));
  if (!PivotedCholesky(s.index_select(0, some).index_select(1, some), max_rank, tolerance)) return s;
  const std::optional<at::Tensor> factor = PivotedCholesky(s, max_rank, tolerance);
  if (!factor || factor->size(0) == 0 || !IsProduct(s, *factor, 2 * tolerance)) return s;
  return factor->to(s.scalar_type());
}

}  // namespace

absl::StatusOr<SymmetricTarget> SymmetricTarget::Create(const at::Tensor& s_ll, const ObjectiveOptions& objective) {
  if (!s_ll.defined() || (s_ll.dim() != 2 && s_ll.dim() != 3))
    return InvalidArgument("S_ll must be n x n or n x n x k");
  if (s_ll.scalar_type() != at::kFloat && s_ll.scalar_type() != at::kDouble) {
    return InvalidArgument("S_ll must be float32 or float64");
  }
  if (s_ll.size(0) != s_ll.size(1)) return InvalidArgument("S_ll of {} x {} is not square", s_ll.size(0), s_ll.size(1));
  if (s_ll.numel() == 0) return InvalidArgument("S_ll is empty");
  return CatchTorch("S_ll", [&]() -> absl::StatusOr<SymmetricTarget> {
    SymmetricTarget result;
    result.targets_ = s_ll.size(0);
    const at::Tensor parts = s_ll.dim() == 3 ? s_ll : s_ll.unsqueeze(2);
    for (std::int64_t k = 0; k < parts.size(2); ++k) {
      Part part;
      part.values = parts.select(2, k).contiguous();
      const at::Tensor missing = part.values.isnan();
      if (missing.any().item<bool>()) {
        CONEC_RETURN_IF_ERROR(CheckEntries(part.values, missing));
        part.values = part.values.masked_fill(missing, 0);
        part.weights = MeanWeights(missing, objective, s_ll.scalar_type());
      } else {
        CONEC_RETURN_IF_ERROR(CheckSymmetric(part.values, "S_ll"));
        part.squares = part.values.square().sum(at::kDouble).item<double>();
        part.values = Factorized(part.values);
      }
      result.parts_.push_back(std::move(part));
    }
    return result;
  });
}

at::Tensor SymmetricTarget::Loss(const at::Tensor& w) const {
  at::Tensor sum;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const Part& part = parts_[k];
    const at::Tensor w_k = w.select(2, static_cast<std::int64_t>(k)).contiguous();
    const at::Tensor term = part.weights.defined() ? MaskedTerm::apply(w_k, part.values, part.weights)
                                                   : FullTerm::apply(w_k, part.values, part.squares);
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

SymmetricTarget SymmetricTarget::To(const at::Device& device, at::ScalarType dtype) const {
  SymmetricTarget result = *this;
  for (Part& part : result.parts_) {
    part.values = part.values.to(device, dtype);
    if (part.weights.defined()) part.weights = part.weights.to(device, dtype);
  }
  return result;
}

}  // namespace conec::simec
