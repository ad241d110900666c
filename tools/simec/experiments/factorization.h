// Experiment E2: factorisation of a given matrix, complete or with missing entries (thesis 2.1).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "tools/simec/experiments/figure.h"

namespace conec::simec::experiments {

// numpy seed 28, rand(500, 700), with singular values s_1 = s_2 + 1, the first ten times 50, the next ten times 20, the
// next eighty times 10; divided by its largest absolute value.
absl::StatusOr<at::Tensor> FactorizationMatrix();

// Of its missing entries: see missing_values.h.
inline constexpr std::uint32_t kMissingSeed = 15;

// Mean squared errors of the truncated SVD, of the mean-filled SVD with missing entries, and of the eigendecompositions
// of A A' and A'A.
absl::StatusOr<std::vector<Figure>> FactorizationBaselines();

}  // namespace conec::simec::experiments
