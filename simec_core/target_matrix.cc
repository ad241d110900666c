#include "simec_core/target_matrix.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "simec_core/blocks.h"
#include "simec_core/eigen.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

absl::Status CheckLandmarks(const at::Tensor& landmarks, std::int64_t points) {
  if (!landmarks.defined()) return absl::OkStatus();
  if (landmarks.dim() != 1 || landmarks.numel() == 0 || landmarks.scalar_type() != at::kLong) {
    return InvalidArgument("landmarks must be a vector of point numbers (int64)");
  }
  const std::int64_t low = landmarks.min().item<std::int64_t>(), high = landmarks.max().item<std::int64_t>();
  if (low >= 0 && high < points) return absl::OkStatus();
  return InvalidArgument("landmark {} is none of the {} points", low < 0 ? low : high, points);
}

// Calls block(row numbers, first) for all rows in order.
absl::Status ForRowBlocks(std::int64_t m, std::int64_t columns,
                          const std::function<absl::Status(const at::Tensor&, std::int64_t)>& block) {
  const std::int64_t step = RowsOfBlock(columns);
  for (std::int64_t i = 0; i < m; i += step) {
    CONEC_RETURN_IF_ERROR(block(at::arange(i, std::min(m, i + step), at::kLong), i));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TargetMatrix> TargetMatrix::Create(SimilaritySourcePtr source, const TargetMatrixOptions& options) {
  return CatchTorch("targets", [&]() -> absl::StatusOr<TargetMatrix> {
    CONEC_RETURN_IF_ERROR(CheckLandmarks(options.landmarks, source->points()));
    TargetMatrix targets;
    targets.all_ = targets.shown_ = source;
    targets.landmarks_ = options.landmarks;
    if (options.landmarks.defined()) {
      CONEC_ASSIGN_OR_RETURN(targets.shown_, source->WithColumns(options.landmarks));
    }
    targets.center_ = options.center;
    if (options.center) CONEC_RETURN_IF_ERROR(targets.FindCentering());
    CONEC_RETURN_IF_ERROR(targets.FindNormalizer(options.normalization));
    return targets;
  });
}

absl::Status TargetMatrix::FindCentering() {
  std::vector<at::Tensor> means;
  CONEC_RETURN_IF_ERROR(
      ForRowBlocks(rows(), all_->columns(), [&](const at::Tensor& rows, std::int64_t) -> absl::Status {
        CONEC_ASSIGN_OR_RETURN(const at::Tensor block, all_->Rows(rows));
        means.push_back(block.mean(1, /*keepdim=*/false, at::kDouble));
        return absl::OkStatus();
      }));
  centering_.means = at::cat(means);
  centering_.mean = centering_.means.mean().item<double>();
  return absl::OkStatus();
}

absl::Status TargetMatrix::FindNormalizer(Normalization normalization) {
  if (normalization == Normalization::kNone) return absl::OkStatus();
  if (normalization != Normalization::kEigenvalue) {
    EntryStatistics statistics;
    CONEC_RETURN_IF_ERROR(ForRowBlocks(rows(), targets(), [&](const at::Tensor& rows, std::int64_t) -> absl::Status {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor block, CentredRows(rows));
      statistics.Add(block);
      return absl::OkStatus();
    }));
    CONEC_ASSIGN_OR_RETURN(normalizer_, statistics.For(normalization));
    return absl::OkStatus();
  }
  TargetMatrix whole = *this;
  whole.shown_ = all_;
  whole.landmarks_ = at::Tensor();
  const auto product = [&](const at::Tensor& v) -> absl::StatusOr<at::Tensor> {
    at::Tensor result = at::empty_like(v);
    CONEC_RETURN_IF_ERROR(ForRowBlocks(rows(), rows(), [&](const at::Tensor& rows, std::int64_t i) -> absl::Status {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor block, whole.CentredRows(rows));
      result.narrow(0, i, rows.numel()).copy_(block.matmul(v));
      return absl::OkStatus();
    }));
    return result;
  };
  CONEC_ASSIGN_OR_RETURN(const EigenPairs top,
                         TopEigen(rows(), all_->options(), product, 1, EigenOrder::kLargestMagnitude));
  normalizer_.scale = std::abs(top.values[0].item<double>());
  if (normalizer_.scale > 0) return absl::OkStatus();
  return InvalidArgument("a matrix of zeros has no eigenvalue to divide by");
}

absl::StatusOr<at::Tensor> TargetMatrix::CentredRows(const at::Tensor& rows) const {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor block, shown_->Rows(rows));
  if (!center_) return block;
  return centering_.Apply(block, centering_.means.index_select(0, rows.to(centering_.means.device())), landmarks_);
}

absl::StatusOr<at::Tensor> TargetMatrix::Rows(const at::Tensor& rows) const {
  return CatchTorch("targets", [&]() -> absl::StatusOr<at::Tensor> {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor block, CentredRows(rows));
    return normalizer_.Apply(block);
  });
}

absl::StatusOr<at::Tensor> TargetMatrix::RowsOf(const Features& x) const {
  return CatchTorch("targets", [&]() -> absl::StatusOr<at::Tensor> {
    if (!center_) {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor block, shown_->RowsOf(x));
      return normalizer_.Apply(block);
    }
    const std::int64_t step = RowsOfBlock(rows());
    std::vector<at::Tensor> blocks;
    for (std::int64_t i = 0; i < x.rows(); i += step) {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor all, all_->RowsOf(x.SliceRows(i, std::min(x.rows(), i + step))));
      const at::Tensor shown = landmarks_.defined() ? all.index_select(1, landmarks_.to(all.device())) : all;
      CONEC_ASSIGN_OR_RETURN(const at::Tensor centred,
                             centering_.Apply(shown, all.mean(1, /*keepdim=*/false, at::kDouble), landmarks_));
      blocks.push_back(normalizer_.Apply(centred));
    }
    return at::cat(blocks);
  });
}

absl::StatusOr<at::Tensor> TargetMatrix::Landmarks() const {
  return Rows(landmarks_.defined() ? landmarks_ : at::arange(rows(), at::kLong));
}

absl::StatusOr<TargetMatrix> TargetMatrix::WithLandmarks(const at::Tensor& landmarks) const {
  return CatchTorch("targets", [&]() -> absl::StatusOr<TargetMatrix> {
    CONEC_RETURN_IF_ERROR(CheckLandmarks(landmarks, rows()));
    TargetMatrix result = *this;
    result.landmarks_ = landmarks;
    result.shown_ = all_;
    if (landmarks.defined()) {
      CONEC_ASSIGN_OR_RETURN(result.shown_, all_->WithColumns(landmarks));
    }
    return result;
  });
}

absl::StatusOr<at::Tensor> TargetMatrix::All() const {
  return Rows(at::arange(rows(), at::kLong));
}

}  // namespace conec::simec
