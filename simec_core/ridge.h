// Ridge regression from features to several outputs: the linear way to an embedding that decompositions give for
// training points only ("ED+Reg" in the experiments).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "simec_core/features.h"

namespace conec::simec {

// Minimises |Y - X W - 1 b'|^2 + alpha |W|^2, b being free (as scikit-learn's Ridge).
struct RidgeModel {
  at::Tensor weights;    // D x k
  at::Tensor intercept;  // k

  at::Tensor Predict(const Features& x) const;  // B x k
};

// x: m points, dense or sparse; y: m x k. Exact, by Cholesky in D x D or m x m, whichever is smaller, in the type of y;
// a sparse matrix stays sparse. alpha >= 0; kInvalidArgument if it is 0 and the features depend on each other.
absl::StatusOr<RidgeModel> FitRidge(const Features& x, const at::Tensor& y, double alpha);

// Mean over `folds` contiguous parts of the rows of R^2 (mean over outputs) on the part, fitted on the others, for each
// alpha: scikit-learn's GridSearchCV(Ridge()) without shuffling. kInvalidArgument unless 2 <= folds <= m.
absl::StatusOr<std::vector<double>> RidgeScores(const Features& x, const at::Tensor& y, std::span<const double> alphas,
                                                std::int64_t folds = 3);

// The alpha with the best score; of equal ones the first.
absl::StatusOr<double> SelectRidgeAlpha(const Features& x, const at::Tensor& y, std::span<const double> alphas,
                                        std::int64_t folds = 3);

}  // namespace conec::simec
