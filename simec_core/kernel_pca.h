// Kernel PCA: the optimum of what an encoder can learn of a similarity, for training points; new points are projected.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"
#include "simec_core/centering.h"
#include "simec_core/eigen.h"

namespace conec::simec {

// Dimensions with an eigenvalue below 1e-12 of the largest (zero or negative) are zero for all points.
class KernelPca {
 public:
  // similarities: m x m, symmetric, not centred yet. kInvalidArgument as CheckSymmetric(), and unless 1 <= d <= m.
  static absl::StatusOr<KernelPca> Fit(const at::Tensor& similarities, std::int64_t d);
  // The same for linear similarities x x' of features (m x D), in D x D instead of m x m matrices where D < m; the
  // embedding is then that of ordinary PCA.
  static absl::StatusOr<KernelPca> FitLinear(const at::Tensor& x, std::int64_t d);

  const at::Tensor& values() const { return values_; }        // d eigenvalues of the centred similarities, descending
  const at::Tensor& embedding() const { return embedding_; }  // m x d: eigenvectors times the roots of the eigenvalues

  // Embeddings of new points: B x d. Of Fit(): from their similarities to the training points (B x m, not centred).
  // Of FitLinear(): from their features (B x D).
  absl::StatusOr<at::Tensor> Project(const at::Tensor& rows) const;

 private:
  at::Tensor values_, embedding_;
  Centering centering_;    // of Fit()
  at::Tensor mean_;        // of FitLinear(): D
  at::Tensor directions_;  // centred rows times this are the embedding: m x d or D x d
};

}  // namespace conec::simec
