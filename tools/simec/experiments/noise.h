// Noise of the experiments with noisy input (E8), drawn as the published notebook draws it (numpy's legacy generator).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"

namespace conec::simec::experiments {

// numpy.random.seed(seed), randn(rows, cols), scaled so that all entries together have exactly this standard deviation
// (those of the sample, too, which is not that of the distribution). float64.
at::Tensor IndependentNoise(std::int64_t rows, std::int64_t cols, double deviation, std::uint32_t seed);

// The same for rows whose columns depend on each other: multivariate_normal with the covariance that the `rank` largest
// eigenvalues of 0.33 (R + R' + 1) make, R being randn(cols, cols). The signs of the covariance's principal directions,
// which numpy leaves to LAPACK, are chosen here so that the largest entry of each is positive: other draws from the
// same distribution. kInvalidArgument unless 1 <= rank <= cols; kInternal if an eigenvalue is not positive.
absl::StatusOr<at::Tensor> CorrelatedNoise(std::int64_t rows, std::int64_t cols, std::int64_t rank, double deviation,
                                           std::uint32_t seed);

}  // namespace conec::simec::experiments
