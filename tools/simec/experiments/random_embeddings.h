// Embeddings that are drawn instead of learned, in many more dimensions: what encoders are compared with in E4.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace conec::simec::experiments {

// m x d. Products of two rows are those of the rows of x (m x D, float64) in the mean over draws: of a row's features
// about the square root are added up with random signs for each dimension. With fewer than 900 features the draws are
// those of scikit-learn's SparseRandomProjection(d, random_state=seed).
at::Tensor SparseProjection(const at::Tensor& x, std::int64_t d, std::uint32_t seed);

// m x 2 d. Products are exp(-gamma |x - x'|^2) in the mean: cosines and sines of d directions.
at::Tensor FourierFeatures(const at::Tensor& x, double gamma, std::int64_t d, std::uint32_t seed);

}  // namespace conec::simec::experiments
