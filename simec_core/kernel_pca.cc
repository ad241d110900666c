#include "simec_core/kernel_pca.h"

#include <torch/types.h>

#include <algorithm>

#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr double kSmallest = 1e-12;  // of the largest eigenvalue

// 1 / sqrt(lambda), 0 for what is no direction.
at::Tensor InverseRoots(const at::Tensor& values) {
  const at::Tensor is_direction = values.gt(kSmallest * values[0].item<double>()).logical_and_(values.gt(0));
  return values.clamp_min(0).rsqrt_().masked_fill_(is_direction.logical_not(), 0);
}

at::Tensor ClearSmall(const at::Tensor& embedding, const at::Tensor& values) {
  return embedding * InverseRoots(values).ne(0);
}

}  // namespace

absl::StatusOr<KernelPca> KernelPca::Fit(const at::Tensor& similarities, std::int64_t d) {
  KernelPca pca;
  CONEC_ASSIGN_OR_RETURN(pca.centering_, Centering::Of(similarities));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor centred, CenterSimilarity(similarities));
  CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(centred, d));
  return CatchTorch("kernel PCA", [&]() -> absl::StatusOr<KernelPca> {
    pca.values_ = pairs.values;
    pca.embedding_ = ClearSmall(EigenEmbedding(pairs), pairs.values);
    pca.directions_ = pairs.vectors * InverseRoots(pairs.values);
    return pca;
  });
}

absl::StatusOr<KernelPca> KernelPca::FitLinear(const at::Tensor& x, std::int64_t d) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(x, "points"));
  if (d < 1 || d > std::min(x.size(0), x.size(1))) {
    return InvalidArgument("{} dimensions asked for, points of {} x {} have from 1 to {}", d, x.size(0), x.size(1),
                           std::min(x.size(0), x.size(1)));
  }
  return CatchTorch("PCA", [&]() -> absl::StatusOr<KernelPca> {
    KernelPca pca;
    pca.mean_ = x.mean(0);
    const at::Tensor centred = x - pca.mean_;
    const bool is_wide = x.size(1) > x.size(0);
    const at::Tensor gram = is_wide ? centred.matmul(centred.t()) : centred.t().matmul(centred);
    CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(gram, d));
    pca.values_ = pairs.values;
    pca.directions_ = is_wide ? centred.t().matmul(pairs.vectors * InverseRoots(pairs.values)) : pairs.vectors;
    pca.embedding_ = ClearSmall(centred.matmul(pca.directions_), pairs.values);
    return pca;
  });
}

absl::StatusOr<at::Tensor> KernelPca::Project(const at::Tensor& rows) const {
  CONEC_RETURN_IF_ERROR(CheckMatrix(rows, "rows to project"));
  if (rows.size(1) != directions_.size(0)) {
    return InvalidArgument("rows of {} numbers cannot be projected, expected {}", rows.size(1), directions_.size(0));
  }
  return CatchTorch("projection", [&]() -> absl::StatusOr<at::Tensor> {
    if (mean_.defined()) return ClearSmall((rows - mean_).matmul(directions_), values_);
    CONEC_ASSIGN_OR_RETURN(const at::Tensor centred, centering_.Apply(rows));
    return centred.matmul(directions_);
  });
}

}  // namespace conec::simec
