// Entries that are missing at random, as the published experiments drew them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace conec::simec::experiments {

// rows x cols, true where numpy's rand(rows, cols) of this seed is at most `part`.
at::Tensor MissingMask(std::uint32_t seed, std::int64_t rows, std::int64_t cols, double part);

// The matrix with NaN where the mask of its shape is true.
at::Tensor WithMissing(const at::Tensor& matrix, std::uint32_t seed, double part);

}  // namespace conec::simec::experiments
