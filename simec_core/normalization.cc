#include "simec_core/normalization.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "base/enum_names.h"
#include "simec_core/blocks.h"
#include "simec_core/eigen.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr EnumNames<Normalization, 5> kNormalizations{{
    {Normalization::kNone, "none"},
    {Normalization::kMax, "max"},
    {Normalization::kEigenvalue, "eigenvalue"},
    {Normalization::kStandard, "standard"},
    {Normalization::kMinMax, "minmax"},
}};

absl::StatusOr<Normalizer> ByEigenvalue(const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const EigenPairs top, TopEigen(s, 1, EigenOrder::kLargestMagnitude));
  const double value = std::abs(top.values[0].item<double>());
  if (value > 0) return Normalizer{0, value};
  return InvalidArgument("a matrix of zeros has no eigenvalue to divide by");
}

}  // namespace

std::string_view Name(Normalization normalization) {
  return NameOf(kNormalizations, normalization);
}

absl::StatusOr<Normalization> ParseNormalization(std::string_view name) {
  return ParseName(kNormalizations, "normalization", name);
}

absl::StatusOr<Normalizer> Normalizer::Of(const at::Tensor& s, Normalization normalization) {
  if (normalization == Normalization::kNone) return Normalizer();
  if (normalization == Normalization::kEigenvalue) return ByEigenvalue(s);
  return CatchTorch("normalization", [&] {
    EntryStatistics statistics;
    for (std::int64_t i = 0; i < s.size(0); i += kRowsPerBlock) {
      statistics.Add(s.narrow(0, i, std::min(kRowsPerBlock, s.size(0) - i)));
    }
    return statistics.For(normalization);
  });
}

at::Tensor Normalizer::Apply(const at::Tensor& s) const {
  return shift == 0 ? s / scale : (s - shift).div_(scale);
}

void EntryStatistics::Add(const at::Tensor& block) {
  const at::Tensor values = block.to(at::kDouble), observed = values.masked_select(values.isnan().logical_not());
  if (observed.numel() == 0) return;
  const double low = observed.min().item<double>(), high = observed.max().item<double>();
  smallest_ = count_ == 0 ? low : std::min(smallest_, low);
  largest_ = count_ == 0 ? high : std::max(largest_, high);
  count_ += static_cast<double>(observed.numel());
  sum_ += observed.sum().item<double>();
  squares_ += observed.square().sum().item<double>();
}

absl::StatusOr<Normalizer> EntryStatistics::For(Normalization normalization) const {
  if (normalization == Normalization::kNone) return Normalizer();
  if (count_ == 0) return InvalidArgument("no entry of the matrix is observed: nothing to normalize by");
  Normalizer result;
  if (normalization == Normalization::kMax) {
    result.scale = std::max(-smallest_, largest_);
  } else if (normalization == Normalization::kMinMax) {
    result = {smallest_, largest_ - smallest_};
  } else {
    const double mean = sum_ / count_;
    result = {mean, largest_ > smallest_ ? std::sqrt(std::max(0.0, squares_ / count_ - mean * mean)) : 0};
  }
  if (result.scale > 0 && std::isfinite(result.scale)) return result;
  return InvalidArgument("entries from {} to {} cannot be normalized by {}", smallest_, largest_, Name(normalization));
}

}  // namespace conec::simec
