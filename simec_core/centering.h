// Centring of similarity matrices, also of blocks of one that is never whole.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"

namespace conec::simec {

// S - row means - column means + mean of all, made exactly symmetric: the Gram matrix of points whose mean has been
// subtracted. S: m x m, symmetric. Needs memory for the result only. kInvalidArgument as CheckSymmetric().
absl::StatusOr<at::Tensor> CenterSimilarity(const at::Tensor& s);

// What centres similarities to m training points, new points' as well: their means over the training points.
struct Centering {
  at::Tensor means;  // m: of each row (and column) of S
  double mean = 0;   // of all of S

  // Of a symmetric m x m matrix.
  static absl::StatusOr<Centering> Of(const at::Tensor& s);

  // block - its rows' means - the training points' means + the mean. block: B x n similarities of any points to the
  // training points `columns` (int64; undefined: all m, n = m). row_means: B means of the rows over all m training
  // points. kInvalidArgument if shapes do not fit.
  absl::StatusOr<at::Tensor> Apply(const at::Tensor& block, const at::Tensor& row_means,
                                   const at::Tensor& columns) const;
  // The same for a B x m block, which has its row means in it.
  absl::StatusOr<at::Tensor> Apply(const at::Tensor& block) const;
};

}  // namespace conec::simec
