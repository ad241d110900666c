#include "tools/simec/experiments/random_embeddings.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "simec_core/numpy_random.h"

namespace conec::simec::experiments {
namespace {

// binomial(n, p) as numpy inverts the distribution where n p < 30; beyond that numpy draws in another way.
std::int64_t Binomial(NumpyRandom& random, std::int64_t n, double p) {
  const double mean = static_cast<double>(n) * p, none = std::exp(static_cast<double>(n) * std::log(1 - p));
  const double bound = std::min(static_cast<double>(n), mean + 10 * std::sqrt(mean * (1 - p) + 1));
  std::int64_t x = 0;
  double left = random.Rand();
  for (double mass = none; left > mass;) {
    if (static_cast<double>(++x) > bound) {
      x = 0;
      mass = none;
      left = random.Rand();
    } else {
      left -= mass;
      mass *= static_cast<double>(n - x + 1) * p / (static_cast<double>(x) * (1 - p));
    }
  }
  return x;
}

}  // namespace

at::Tensor SparseProjection(const at::Tensor& x, std::int64_t d, std::uint32_t seed) {
  const std::int64_t features = x.size(1);
  const double density = 1 / std::sqrt(static_cast<double>(features));
  const double size = std::sqrt(1 / density) / std::sqrt(static_cast<double>(d));
  NumpyRandom random(seed);
  std::vector<std::int64_t> places;  // of a d x features matrix
  for (std::int64_t k = 0; k < d; ++k) {
    const auto count = static_cast<std::size_t>(Binomial(random, features, density));
    const std::vector<std::int64_t> order = random.Permutation(static_cast<std::size_t>(features));
    for (std::size_t i = 0; i < count; ++i) places.push_back(k * features + order[i]);
  }
  at::Tensor directions = at::zeros({d, features}, at::kDouble);
  for (const std::int64_t place : places) directions.data_ptr<double>()[place] = random.Rand() > .5 ? size : -size;
  return x.matmul(directions.t());
}

at::Tensor FourierFeatures(const at::Tensor& x, double gamma, std::int64_t d, std::uint32_t seed) {
  const std::vector<double> normal = NumpyRandom(seed).Randn(static_cast<std::size_t>(x.size(1) * d));
  const at::Tensor directions = at::tensor(normal, at::kDouble).view({x.size(1), d}) * std::sqrt(2 * gamma);
  const at::Tensor angles = x.matmul(directions);
  return at::cat({angles.cos(), angles.sin()}, 1) / std::sqrt(static_cast<double>(d));
}

}  // namespace conec::simec::experiments
