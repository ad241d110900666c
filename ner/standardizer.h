// Means and standard deviations of the columns of a design matrix, so that columns of different sizes are penalised
// alike: x_j is seen as (x_j - mean_j) / scale_j. A standardiser is never applied to the features: logistic regression
// folds it into the weights that it returns (logistic_regression.h), so tables stay shared and sparse columns sparse.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "ner/design_matrix.h"

namespace conec::ner {

enum class SparseScaling {
  kNone,          // sparse columns stay as they are
  kUnitVariance,  // divided by their standard deviation; never centred, which would make zeros dense
};

struct Standardizer {
  std::vector<double> means;   // p values; 0: not centred
  std::vector<double> scales;  // p values > 0
};

// Over the tokens of x, each counted with its weight (n values >= 0, not all 0; empty: all 1). The standard deviation
// is that of the population (divided by n), as scikit-learn's StandardScaler; constant columns get scale 1.
// kInvalidArgument for a matrix or weights that are not valid.
absl::StatusOr<Standardizer> FitStandardizer(const DesignMatrix& x, std::span<const double> sample_weights,
                                             SparseScaling sparse);

// kInvalidArgument unless there are `cols` means and as many scales, all finite, and scales greater than 0.
absl::Status CheckStandardizer(const Standardizer& standardizer, std::size_t cols);

}  // namespace conec::ner
