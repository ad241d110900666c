#include "simec_core/centering.h"

#include <torch/types.h>

#include <algorithm>

#include "simec_core/blocks.h"
#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

// Means in double precision without a copy of s in it.
at::Tensor RowMeans(const at::Tensor& s) {
  return s.mean(1, /*keepdim=*/false, at::kDouble);
}

}  // namespace

absl::StatusOr<at::Tensor> CenterSimilarity(const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const Centering centering, Centering::Of(s));
  return CatchTorch("centring", [&]() -> absl::StatusOr<at::Tensor> {
    // Sums of two numbers do not depend on their order: the result is symmetric to the last bit.
    const at::Tensor half = (centering.means - centering.mean / 2).to(s.scalar_type());
    at::Tensor result = s.add(s.t()).div_(2);
    for (std::int64_t i = 0; i < s.size(0); i += kRowsPerBlock) {
      const std::int64_t rows = std::min(kRowsPerBlock, s.size(0) - i);
      result.narrow(0, i, rows).sub_(half.narrow(0, i, rows).unsqueeze(1) + half);
    }
    return result;
  });
}

absl::StatusOr<Centering> Centering::Of(const at::Tensor& s) {
  CONEC_RETURN_IF_ERROR(CheckSymmetric(s, "similarity matrix"));
  return CatchTorch("centring", [&]() -> absl::StatusOr<Centering> {
    Centering centering;
    centering.means = RowMeans(s);
    centering.mean = centering.means.mean().item<double>();
    return centering;
  });
}

absl::StatusOr<at::Tensor> Centering::Apply(const at::Tensor& block, const at::Tensor& row_means,
                                            const at::Tensor& columns) const {
  return CatchTorch("centring", [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor column_means = columns.defined() ? means.index_select(0, columns.to(means.device())) : means;
    if (block.dim() != 2 || row_means.dim() != 1 || row_means.size(0) != block.size(0) ||
        column_means.size(0) != block.size(1)) {
      return InvalidArgument("a block of similarities does not fit {} row means and {} column means", row_means.numel(),
                             column_means.numel());
    }
    const at::Tensor of_rows = (row_means.to(at::kDouble) - mean).to(block.options()).unsqueeze(1);
    return (block - of_rows).sub_(column_means.to(block.options()));
  });
}

absl::StatusOr<at::Tensor> Centering::Apply(const at::Tensor& block) const {
  if (block.dim() != 2) return InvalidArgument("expected a block of rows, got {} dimension(s)", block.dim());
  return CatchTorch("centring", [&] { return Apply(block, RowMeans(block), {}); });
}

}  // namespace conec::simec
