#include "simec_core/similarity.h"

#include <torch/types.h>

#include <algorithm>

#include "base/enum_names.h"
#include "simec_core/blocks.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr EnumNames<SimilarityKind, 9> kSimilarities{{
    {SimilarityKind::kLinear, "linear"},
    {SimilarityKind::kRbf, "rbf"},
    {SimilarityKind::kCosine, "cosine"},
    {SimilarityKind::kClassLabel, "class"},
    {SimilarityKind::kSimpson, "simpson"},
    {SimilarityKind::kJaccard, "jaccard"},
    {SimilarityKind::kRogotGoldberg, "rogot-goldberg"},
    {SimilarityKind::kMcConnaughey, "mcconnaughey"},
    {SimilarityKind::kSokal, "sokal"},
}};

bool IsBinary(SimilarityKind kind) {
  return kind >= SimilarityKind::kSimpson;
}

// Whether points without features have no similarity.
bool NeedsFeatures(SimilarityKind kind) {
  return kind == SimilarityKind::kCosine || (IsBinary(kind) && kind != SimilarityKind::kRogotGoldberg);
}

// The row that entry `place` of the values of `x` lies in.
std::int64_t RowOfValue(const Features& x, std::int64_t place) {
  if (!x.is_sparse()) return place / x.cols();
  const std::int64_t* offsets = x.sparse().row_offsets().data_ptr<std::int64_t>();
  return std::upper_bound(offsets, offsets + x.rows() + 1, place) - offsets - 1;
}

absl::Status CheckBinary(const Features& x, std::string_view name) {
  const at::Tensor values = x.is_sparse() ? x.sparse().values() : x.dense().reshape({-1});
  const at::Tensor bad = values.ne(0).logical_and_(values.ne(1));
  if (!bad.any().item<bool>()) return absl::OkStatus();
  const std::int64_t place = bad.nonzero()[0].item<std::int64_t>();
  return InvalidArgument("binary features must be 0 or 1: row {} of the {} has {}", RowOfValue(x, place) + 1, name,
                         values[place].item<double>());
}

// n values per point that finishing a block needs.
at::Tensor Statistics(SimilarityKind kind, const Features& x) {
  if (kind == SimilarityKind::kCosine) return x.RowSquaredNorms().sqrt_().reciprocal_();
  if (kind == SimilarityKind::kRbf) return x.RowSquaredNorms();
  if (IsBinary(kind)) return x.RowSums();
  return {};
}

absl::Status CheckPoints(const SimilarityOptions& options, const Features& x, std::string_view name) {
  CONEC_RETURN_IF_ERROR(CheckFeatures(x, name));
  if (options.kind == SimilarityKind::kClassLabel && (x.is_sparse() || x.cols() != 1)) {
    return InvalidArgument("classes must be one dense column, the {} are {} x {}", name, x.rows(), x.cols());
  }
  if (IsBinary(options.kind)) CONEC_RETURN_IF_ERROR(CheckBinary(x, name));
  if (!NeedsFeatures(options.kind) || options.allow_empty) return absl::OkStatus();
  const at::Tensor empty = x.RowSquaredNorms().eq(0);
  if (!empty.any().item<bool>()) return absl::OkStatus();
  return InvalidArgument("row {} of the {} has no features: its {} similarity is not defined",
                         empty.nonzero()[0].item<std::int64_t>() + 1, name, Name(options.kind));
}

// The binary similarities from a = x'y, n_x (a column) and n_y (a row). 0/0 becomes 0 in Finish().
at::Tensor BinarySimilarity(SimilarityKind kind, const at::Tensor& a, const at::Tensor& n_x, const at::Tensor& n_y,
                            std::int64_t features) {
  switch (kind) {
    case SimilarityKind::kSimpson:
      return a / at::minimum(n_x, n_y);
    case SimilarityKind::kJaccard:
      return a / (n_x + n_y - a);
    case SimilarityKind::kMcConnaughey:
      return (a * (n_x + n_y)).div_(n_x * n_y).sub_(1);
    case SimilarityKind::kSokal:
      return a / ((n_x + n_y) * 2 - a * 3);
    default: {  // kRogotGoldberg
      const at::Tensor both = n_x + n_y, neither = both.neg().add_(static_cast<double>(features)).add_(a);
      const at::Tensor everything =
          a.eq(static_cast<double>(features)).logical_or_(neither.eq(static_cast<double>(features)));
      return (a / both).add_(neither / both.neg().add_(2 * static_cast<double>(features))).masked_fill_(everything, 1);
    }
  }
}

}  // namespace

std::string_view Name(SimilarityKind kind) {
  return NameOf(kSimilarities, kind);
}

absl::StatusOr<SimilarityKind> ParseSimilarityKind(std::string_view name) {
  return ParseName(kSimilarities, "similarity", name);
}

absl::StatusOr<Similarity> Similarity::Create(const SimilarityOptions& options, Features points) {
  if (options.kind == SimilarityKind::kRbf && !(options.gamma > 0)) {
    return InvalidArgument("gamma of the rbf similarity must be positive, got {}", options.gamma);
  }
  return CatchTorch("similarity", [&]() -> absl::StatusOr<Similarity> {
    CONEC_RETURN_IF_ERROR(CheckPoints(options, points, "points"));
    Similarity similarity;
    similarity.options_ = options;
    similarity.points_ = points;
    if (points.is_sparse()) similarity.transposed_ = points.sparse().Transposed();
    if (options.kind == SimilarityKind::kRbf && !points.is_sparse()) {
      similarity.mean_ = points.ColumnMeans();
      similarity.shifted_ = points.dense() - similarity.mean_;
    }
    similarity.statistics_ = Statistics(options.kind, similarity.shifted_.defined() ? similarity.shifted_ : points);
    return similarity;
  });
}

// A block of rows that is being computed.
class SimilarityBlock {
 public:
  SimilarityBlock(const Similarity& similarity, const Features& x) : similarity_(similarity), x_(Shift(x)) {
    statistics_ = Statistics(kind(), x_);
    if (statistics_.defined()) statistics_ = statistics_.unsqueeze(1).to(similarity.points_.scalar_type());
  }

  at::Tensor Compute() const {
    const at::Tensor result = Products();
    const std::int64_t n = result.size(1), rows = RowsOfBlock(n);
    for (std::int64_t i = 0; i < result.size(0); i += rows) Finish(result, i, std::min(rows, result.size(0) - i));
    return result;
  }

 private:
  SimilarityKind kind() const { return similarity_.options_.kind; }

  Features Shift(const Features& x) const {
    if (!similarity_.mean_.defined()) return x;
    return Features((x.is_sparse() ? x.sparse().ToDense() : x.dense()).to(similarity_.mean_.options()) -
                    similarity_.mean_);
  }

  // x'y for all pairs; whether they are equal for kClassLabel.
  at::Tensor Products() const {
    const Features& points = similarity_.points_;
    if (kind() == SimilarityKind::kClassLabel) return x_.dense().eq(points.dense().t()).to(points.scalar_type());
    if (points.is_sparse()) {
      if (x_.is_sparse()) return SparseProduct(x_.sparse().To(points.scalar_type()), similarity_.transposed_);
      return points.sparse().MatMul(x_.dense().t()).t().contiguous();
    }
    const at::Tensor right = similarity_.shifted_.defined() ? similarity_.shifted_ : points.dense();
    if (x_.is_sparse()) return x_.sparse().To(points.scalar_type()).MatMul(right.t());
    return x_.dense().to(right.options()).matmul(right.t());
  }

  // Products of rows [begin, begin + count) become similarities, in place.
  void Finish(const at::Tensor& result, std::int64_t begin, std::int64_t count) const {
    if (!statistics_.defined()) return;
    at::Tensor part = result.narrow(0, begin, count);
    const at::Tensor of_x = statistics_.narrow(0, begin, count), of_y = similarity_.statistics_.unsqueeze(0);
    if (kind() == SimilarityKind::kRbf) {
      part.mul_(-2).add_(of_x).add_(of_y).clamp_min_(0).mul_(-similarity_.options_.gamma).exp_();
    } else if (kind() == SimilarityKind::kCosine) {
      part.mul_(of_x).mul_(of_y);
    } else {
      part.copy_(BinarySimilarity(kind(), part, of_x, of_y, similarity_.points_.cols()));
    }
    if (NeedsFeatures(kind()) && similarity_.options_.allow_empty) part.nan_to_num_(0);  // 0/0 of empty points
  }

  const Similarity& similarity_;
  Features x_;
  at::Tensor statistics_;
};

absl::StatusOr<at::Tensor> Similarity::To(const Features& x) const {
  return CatchTorch("similarity", [&]() -> absl::StatusOr<at::Tensor> {
    CONEC_RETURN_IF_ERROR(CheckPoints(options_, x, "rows"));
    if (x.cols() != points_.cols()) {
      return InvalidArgument("rows of {} features cannot be compared with points of {}", x.cols(), points_.cols());
    }
    return SimilarityBlock(*this, x).Compute();
  });
}

absl::StatusOr<at::Tensor> ComputeSimilarity(const SimilarityOptions& options, const Features& x, const Features& y) {
  CONEC_ASSIGN_OR_RETURN(const Similarity similarity, Similarity::Create(options, y));
  return similarity.To(x);
}

absl::StatusOr<at::Tensor> ComputeSimilarity(const SimilarityOptions& options, const Features& x) {
  return ComputeSimilarity(options, x, x);
}

}  // namespace conec::simec
