#include "tools/simec/experiments/noise.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

#include "simec_core/eigen.h"
#include "simec_core/numpy_random.h"
#include "simec_core/tensor_status.h"

namespace conec::simec::experiments {
namespace {

at::Tensor Normals(NumpyRandom& random, std::int64_t rows, std::int64_t cols) {
  const at::Tensor values = at::empty({rows, cols}, at::kDouble);
  double* value = values.data_ptr<double>();
  for (std::int64_t k = 0; k < values.numel(); ++k) value[k] = random.Randn();
  return values;
}

at::Tensor WithDeviation(const at::Tensor& noise, double deviation) {
  return noise * (deviation / noise.std(/*unbiased=*/false));
}

// cols x rank: the covariance's principal directions times the roots of its eigenvalues, largest first.
absl::StatusOr<at::Tensor> PrincipalDirections(NumpyRandom& random, std::int64_t cols, std::int64_t rank) {
  at::Tensor covariance = Normals(random, cols, cols);
  covariance = covariance + covariance.t();
  covariance.diagonal().add_(1);
  covariance.mul_(0.33);
  CONEC_ASSIGN_OR_RETURN(const EigenPairs top, TopEigen(covariance, rank));
  if (top.values[rank - 1].item<double>() <= 0) {
    return Internal("random covariance: only {} of {} eigenvalues are positive", top.values.gt(0).sum().item<int>(),
                    rank);
  }
  const at::Tensor largest = std::get<1>(top.vectors.abs().max(0, /*keepdim=*/true));
  return top.vectors * top.vectors.gather(0, largest).sign() * top.values.sqrt();
}

}  // namespace

at::Tensor IndependentNoise(std::int64_t rows, std::int64_t cols, double deviation, std::uint32_t seed) {
  NumpyRandom random(seed);
  return WithDeviation(Normals(random, rows, cols), deviation);
}

absl::StatusOr<at::Tensor> CorrelatedNoise(std::int64_t rows, std::int64_t cols, std::int64_t rank, double deviation,
                                           std::uint32_t seed) {
  if (rank < 1 || rank > cols) return InvalidArgument("rank {}: expected 1 to {}", rank, cols);
  return CatchTorch("correlated noise", [&]() -> absl::StatusOr<at::Tensor> {
    NumpyRandom random(seed);
    CONEC_ASSIGN_OR_RETURN(const at::Tensor directions, PrincipalDirections(random, cols, rank));
    // All `cols` normals of a row are drawn, as numpy does; those behind the rank belong to eigenvalues of zero.
    const at::Tensor coordinates = Normals(random, rows, cols).narrow(1, 0, rank);
    return WithDeviation(coordinates.matmul(directions.t()), deviation);
  });
}

}  // namespace conec::simec::experiments
