#include "tools/simec/experiments/random_embeddings.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <vector>

#include "simec_core/numpy_random.h"

namespace conec::simec::experiments {

at::Tensor SparseProjection(const at::Tensor& x, std::int64_t d, std::uint32_t seed) {
  const double density = 1 / std::sqrt(static_cast<double>(x.size(1)));
  const double size = 1 / std::sqrt(density * static_cast<double>(d));
  std::vector<double> entries = NumpyRandom(seed).Rand(static_cast<std::size_t>(x.size(1) * d));
  for (double& entry : entries) entry = entry < density / 2 ? -size : entry < density ? size : 0;
  return x.matmul(at::tensor(entries, at::kDouble).view({x.size(1), d}));
}

at::Tensor FourierFeatures(const at::Tensor& x, double gamma, std::int64_t d, std::uint32_t seed) {
  const std::vector<double> normal = NumpyRandom(seed).Randn(static_cast<std::size_t>(x.size(1) * d));
  const at::Tensor directions = at::tensor(normal, at::kDouble).view({x.size(1), d}) * std::sqrt(2 * gamma);
  const at::Tensor angles = x.matmul(directions);
  return at::cat({angles.cos(), angles.sin()}, 1) / std::sqrt(static_cast<double>(d));
}

}  // namespace conec::simec::experiments
