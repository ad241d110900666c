#include "simec_core/combination.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

absl::Status CheckWeights(const std::vector<double>& weights, std::size_t similarities) {
  if (similarities == 0) return InvalidArgument("a mean of no similarities");
  if (weights.empty()) return absl::OkStatus();
  if (weights.size() != similarities) {
    return InvalidArgument("{} weights for the mean of {} similarities", weights.size(), similarities);
  }
  for (const double weight : weights) {
    if (!(weight > 0) || !std::isfinite(weight)) return InvalidArgument("weights must be positive, got {}", weight);
  }
  return absl::OkStatus();
}

double WeightOf(const MeanOptions& options, std::size_t i) {
  return options.weights.empty() ? 1 : options.weights[i];
}

std::string NameOfPart(std::size_t i) {
  return fmt::format("similarity {}", i + 1);
}

absl::StatusOr<at::Tensor> NormalizedPart(const at::Tensor& s, Normalization normalization) {
  if (!s.defined() || s.dim() != 2 || (s.scalar_type() != at::kFloat && s.scalar_type() != at::kDouble)) {
    return InvalidArgument("expected a matrix of float32 or float64");
  }
  if (s.isinf().any().item<bool>()) return InvalidArgument("has infinite entries; missing ones are nan");
  CONEC_ASSIGN_OR_RETURN(const Normalizer normalizer, Normalizer::Of(s, normalization));
  return normalizer.Apply(s);
}

// The mean of sources, each of them centred and normalised.
class MeanSource : public SimilaritySource {
 public:
  MeanSource(std::vector<TargetMatrix> parts, std::vector<double> weights, at::TensorOptions options)
      : parts_(std::move(parts)), weights_(std::move(weights)), options_(options) {}

  std::int64_t points() const override { return parts_[0].rows(); }
  std::int64_t columns() const override { return parts_[0].targets(); }
  at::TensorOptions options() const override { return options_; }
  absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const override {
    return Mean([&rows](const TargetMatrix& part) { return part.Rows(rows); });
  }
  absl::StatusOr<at::Tensor> RowsOf(const Features& x) const override {
    return Mean([&x](const TargetMatrix& part) { return part.RowsOf(x); });
  }
  absl::StatusOr<SimilaritySourcePtr> WithColumns(const at::Tensor& columns) const override {
    std::vector<TargetMatrix> shown;
    for (const TargetMatrix& part : parts_) {
      CONEC_ASSIGN_OR_RETURN(TargetMatrix some, part.WithLandmarks(columns));
      shown.push_back(std::move(some));
    }
    return std::make_shared<MeanSource>(std::move(shown), weights_, options_);
  }

 private:
  template <typename RowsOfPart>
  absl::StatusOr<at::Tensor> Mean(const RowsOfPart& rows_of) const {
    return CatchTorch("mean similarity", [&]() -> absl::StatusOr<at::Tensor> {
      at::Tensor sum;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        CONEC_ASSIGN_OR_RETURN(const at::Tensor rows, rows_of(parts_[i]));
        const at::Tensor term = rows.to(options_).mul(weights_[i]);
        sum = sum.defined() ? sum.add_(term) : term;
      }
      return sum;
    });
  }

  std::vector<TargetMatrix> parts_;  // of the same points and columns
  std::vector<double> weights_;      // adding up to 1
  at::TensorOptions options_;
};

absl::StatusOr<TargetMatrix> PartOfMean(const SimilaritySourcePtr& source, const SimilaritySourcePtr& first,
                                        const MeanOptions& options) {
  if (source == nullptr) return InvalidArgument("no source is given");
  if (source->points() != first->points()) {
    return InvalidArgument("is of {} points, the first of {}: all must be of the same points", source->points(),
                           first->points());
  }
  return TargetMatrix::Create(source, {.center = options.center, .normalization = options.normalization});
}

// Eigenvalues that are no more than rounding in the type of the matrix become 0.
at::Tensor WithoutRounding(const at::Tensor& values) {
  const double epsilon = values.scalar_type() == at::kFloat ? std::numeric_limits<float>::epsilon()
                                                            : std::numeric_limits<double>::epsilon();
  const at::Tensor sizes = values.abs();
  const double smallest = static_cast<double>(values.size(0)) * epsilon * sizes.max().item<double>();
  return values.masked_fill(sizes.le(smallest), 0);
}

// V max(values, 0) V'.
at::Tensor PartOf(const EigenPairs& all, const at::Tensor& values) {
  const at::Tensor y = all.vectors * values.clamp_min(0).sqrt();
  return y.matmul(y.t());
}

// A part without eigenvalues is zero and stays so.
double DivisorOf(double eigenvalue) {
  return eigenvalue > 0 ? eigenvalue : 1;
}

}  // namespace

absl::StatusOr<at::Tensor> NormalizedMean(const std::vector<at::Tensor>& matrices, const MeanOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckWeights(options.weights, matrices.size()));
  return CatchTorch("mean similarity", [&]() -> absl::StatusOr<at::Tensor> {
    at::Tensor sum, weights;
    for (std::size_t i = 0; i < matrices.size(); ++i) {
      absl::StatusOr<at::Tensor> part = NormalizedPart(matrices[i], options.normalization);
      if (!part.ok()) return Annotate(part.status(), NameOfPart(i));
      if (i > 0 && part->sizes() != sum.sizes()) {
        return InvalidArgument("{} is {} x {}, but the first is {} x {}", NameOfPart(i), part->size(0), part->size(1),
                               sum.size(0), sum.size(1));
      }
      const at::Tensor weight = part->isnan().logical_not_().to(part->scalar_type()).mul_(WeightOf(options, i));
      const at::Tensor term = part->nan_to_num(0).mul_(weight);
      sum = sum.defined() ? sum.add(term) : term;
      weights = weights.defined() ? weights.add(weight) : weight;
    }
    return sum / weights;  // 0 / 0 where no entry is observed
  });
}

absl::StatusOr<SimilaritySourcePtr> SourceOfMean(const std::vector<SimilaritySourcePtr>& parts,
                                                 const MeanOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckWeights(options.weights, parts.size()));
  return CatchTorch("mean similarity", [&]() -> absl::StatusOr<SimilaritySourcePtr> {
    std::vector<TargetMatrix> normalized;
    std::vector<double> weights;
    at::TensorOptions type = at::kFloat;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      absl::StatusOr<TargetMatrix> part = PartOfMean(parts[i], parts[0], options);
      if (!part.ok()) return Annotate(part.status(), NameOfPart(i));
      if (i == 0 || c10::typeMetaToScalarType(parts[i]->options().dtype()) == at::kDouble) type = parts[i]->options();
      normalized.push_back(*std::move(part));
      weights.push_back(WeightOf(options, i));
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& weight : weights) weight /= sum;
    return std::make_shared<MeanSource>(std::move(normalized), std::move(weights), type);
  });
}

absl::StatusOr<NonmetricParts> SplitSimilarity(const at::Tensor& s) {
  return CatchTorch("non-metric similarity", [&]() -> absl::StatusOr<NonmetricParts> {
    CONEC_ASSIGN_OR_RETURN(EigenPairs all, AllEigen(s));
    all.values = WithoutRounding(all.values);
    return NonmetricParts{s, PartOf(all, all.values), PartOf(all, -all.values), all};
  });
}

absl::StatusOr<ScaledParts> ScaleParts(const NonmetricParts& parts) {
  return CatchTorch("non-metric similarity", [&]() -> absl::StatusOr<ScaledParts> {
    const double positive = parts.all.values[0].item<double>(), negative = -parts.all.values[-1].item<double>();
    if (!(positive > 0 || negative > 0)) return InvalidArgument("a similarity of zeros has no eigenvalue to divide by");
    ScaledParts scaled{parts.positive / DivisorOf(positive), parts.negative / DivisorOf(negative), 0};
    scaled.divisor = std::max(scaled.s1.abs().max().item<double>(), scaled.s2.abs().max().item<double>());
    scaled.s1.div_(scaled.divisor);
    scaled.s2.div_(scaled.divisor);
    return scaled;
  });
}

}  // namespace conec::simec
