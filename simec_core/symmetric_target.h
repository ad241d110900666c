// S_ll, the similarities of the n targets among themselves, and the term ||S_ll - W_l' W_l||^2 that ties W_l to the
// embedding (thesis 2.2) without any n x n activations:
//   ||S - W'W||^2 = ||S||^2 - 2 tr(W S W') + ||W W'||^2,   its gradient 4 (W W' W - W S),
// O(d n^2) operations that read S once. Where S is F'F with r rows F, r at most n / 6 (class labels; linear
// similarities of few features), W S is (W F') F: O(d n r). With missing entries O(d n^2) work goes over blocks of
// rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "simec_core/options.h"

namespace conec::simec {

class SymmetricTarget {
 public:
  // n x n, or n x n x k. NaN is missing, with `missing_weight` and `masked_mean` as ObjectiveOptions say for targets.
  // kInvalidArgument if it is not square, not symmetric where both entries are observed (beyond 1e-5 of the largest
  // entry: the entry is named), infinite, or empty.
  static absl::StatusOr<SymmetricTarget> Create(const at::Tensor& s_ll, const ObjectiveOptions& objective);

  std::int64_t targets() const { return targets_; }
  std::int64_t similarities() const { return static_cast<std::int64_t>(parts_.size()); }
  // Rows that stand for similarity k: r of F, or n where S itself is kept. F'F is S but for 2e-6 of the largest entry
  // (float64: 2e-13).
  std::int64_t rank(std::size_t k) const { return parts_[k].values.size(0); }

  // sum over similarities of mean_ij (S_ll - W'W)_ij^2, or the masked mean. w: d x n x k on the same device and in the
  // same precision. Differentiable once in w. Throws c10::Error.
  at::Tensor Loss(const at::Tensor& w) const;

  SymmetricTarget To(const at::Device& device, at::ScalarType dtype) const;

 private:
  struct Part {
    at::Tensor values;   // n x n, missing entries zero; or F
    at::Tensor weights;  // n x n, adding up to one or less; undefined: all 1 / n^2
    double squares = 0;  // ||S||^2
  };
  std::int64_t targets_ = 0;
  std::vector<Part> parts_;
};

}  // namespace conec::simec
