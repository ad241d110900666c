// What training minimises (thesis 2.2; README.md says what each coefficient multiplies):
//   data(S, Y W_l) + s_ll ||S_ll - W_l'W_l||^2 + orthogonality ||offdiag(W_l W_l')||^2 + l2 + reconstruction
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "simec_core/options.h"
#include "simec_core/rows.h"
#include "simec_core/symmetric_target.h"

namespace conec::simec {

class SimEc;  // model.h

// The data term for one batch: predictions against targets. outputs: what SimEc::Output gives, except for kBce, which
// takes logits. Differentiable in `outputs`. Throws c10::Error.
at::Tensor DataTerm(const at::Tensor& outputs, const TargetBlock& block, const ObjectiveOptions& options);

// sum over similarities of mean_{d x d} (offdiag(W W'))^2, zeros of the diagonal counted. w: d x n x k.
at::Tensor OrthogonalityTerm(const at::Tensor& w);

// Coefficients as they multiply the terms above and sums of squares, for either Scaling.
struct Coefficients {
  double s_ll = 0, orthogonality = 0, l2_hidden = 0, l2_embedding = 0, l2_last = 0;
};
// m: rows of the training data.
Coefficients ScaleCoefficients(const ObjectiveOptions& options, const ModelOptions& model, std::int64_t m);

// The objective of one model and its training data.
class Objective {
 public:
  // kInvalidArgument as CheckObjectiveOptions, and if s_ll > 0 without S_ll, or S_ll is not n x n (x k), or d > n where
  // s_ll > 0 (W'W cannot have rank d then). m: rows of the training data.
  static absl::StatusOr<Objective> Create(const SimEc& model, const ObjectiveOptions& options,
                                          std::optional<SymmetricTarget> s_ll, std::int64_t m);

  const ObjectiveOptions& options() const { return options_; }
  const Coefficients& coefficients() const { return coefficients_; }

  struct Terms {
    at::Tensor data;   // scalar; what EpochReport::loss averages
    at::Tensor total;  // with s_ll, orthogonality and reconstruction, but without l2, which optimisers add themselves
  };
  // `with_orthogonality`: TrainOptions::orthogonality_after. Throws c10::Error.
  Terms Batch(const SimEc& model, const InputBatch& x, const TargetBlock& block, bool with_orthogonality = true) const;

  // The data term alone. Throws c10::Error.
  at::Tensor DataLossOf(const SimEc& model, const InputBatch& x, const TargetBlock& block) const;

  // The coefficient of sum(w^2) for a parameter of model.module(), by its name; 0 for biases.
  double L2(const std::string& name) const;
  // The sum of all l2 terms. Differentiable.
  at::Tensor L2Term(const SimEc& model) const;

 private:
  at::Tensor DataTermOf(const SimEc& model, const at::Tensor& y, const TargetBlock& block) const;

  ObjectiveOptions options_;
  Coefficients coefficients_;
  std::optional<SymmetricTarget> s_ll_;
};

}  // namespace conec::simec
