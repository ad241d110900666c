#include "simec_core/similarity_match.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include "simec_core/blocks.h"
#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

// Sums over pairs (a, b).
struct Moments {
  double count = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

  double Mse() const { return std::max(0.0, aa - 2 * ab + bb) / count; }
  double R2() const {
    const double covariance = ab - a * b / count;
    const double variances = (aa - a * a / count) * (bb - b * b / count);
    return variances > 0 ? covariance * covariance / variances : 0;
  }
};

double Sum(const at::Tensor& x) {
  return x.sum().item<double>();
}

// Calls rows(begin, count) for blocks of rows of an m x n matrix.
void ForBlocksOfRows(std::int64_t m, std::int64_t n, const std::function<void(std::int64_t, std::int64_t)>& rows) {
  const std::int64_t step = RowsOfBlock(2 * n);
  for (std::int64_t i = 0; i < m; i += step) rows(i, std::min(step, m - i));
}

// Pairs (a, b) of numbers that come in pieces.
class Pairs {
 public:
  // `most`: pairs that are kept for their ranks; 0: none are.
  Pairs(std::int64_t most, at::ScalarType a_type, at::ScalarType b_type) {
    if (most == 0) return;
    a_ = at::empty({most}, a_type);
    b_ = at::empty({most}, b_type);
  }

  // Vectors of one length.
  void Add(const at::Tensor& a, const at::Tensor& b) {
    const std::int64_t count = a.size(0);
    if (count == 0) return;
    if (a_.defined()) {
      a_.narrow(0, count_, count).copy_(a);
      b_.narrow(0, count_, count).copy_(b);
    }
    at::Tensor x = a.to(at::kDouble), y = b.to(at::kDouble);
    error_ += Sum((x - y).square_());
    if (count_ == 0) {
      a_shift_ = x.mean().item<double>();
      b_shift_ = y.mean().item<double>();
    }
    count_ += count;
    x = x - a_shift_;
    y = y - b_shift_;
    moments_.a += Sum(x);
    moments_.b += Sum(y);
    moments_.aa += x.dot(x).item<double>();
    moments_.bb += y.dot(y).item<double>();
    moments_.ab += x.dot(y).item<double>();
  }

  absl::StatusOr<Match> Finish() {
    if (count_ == 0) return InvalidArgument("no target is observed");
    moments_.count = static_cast<double>(count_);
    Match match{error_ / moments_.count, moments_.R2(), {}};
    if (!a_.defined()) return match;
    CONEC_ASSIGN_OR_RETURN(match.spearman, RankCorrelation(a_.narrow(0, 0, count_), b_.narrow(0, 0, count_)));
    return match;
  }

 private:
  std::int64_t count_ = 0;
  double error_ = 0, a_shift_ = 0, b_shift_ = 0;  // shifts: near the means, so that moments keep their digits
  Moments moments_;
  at::Tensor a_, b_;
};

// Mean ranks of equal values, less their mean.
at::Tensor CentredRanks(const at::Tensor& values) {
  const auto [sorted_values, order] = values.sort();
  const at::Tensor sorted = sorted_values.to(at::kDouble), ranks = at::empty({values.size(0)}, at::kDouble);
  const double* value = sorted.data_ptr<double>();
  const std::int64_t* place = order.data_ptr<std::int64_t>();
  double* rank = ranks.data_ptr<double>();
  const std::int64_t n = values.size(0);
  for (std::int64_t begin = 0, end = 0; begin < n; begin = end) {
    while (end < n && value[end] == value[begin]) ++end;
    for (std::int64_t k = begin; k < end; ++k) rank[place[k]] = 0.5 * static_cast<double>(begin + end - n);
  }
  return ranks;
}

// Distances of rows [i, i + rows) of y to all rows; exactly 0 on the diagonal.
at::Tensor Distances(const at::Tensor& y, const at::Tensor& norms, std::int64_t i, std::int64_t rows) {
  at::Tensor d = y.narrow(0, i, rows).matmul(y.t()).mul_(-2);
  d.add_(norms.narrow(0, i, rows).unsqueeze(1)).add_(norms).clamp_min_(0).sqrt_();
  d.diagonal(i).zero_();
  return d;
}

// The embedding in double precision around its mean, and squared norms of its rows.
std::pair<at::Tensor, at::Tensor> Centred(const at::Tensor& y) {
  const at::Tensor centred = y.to(at::kDouble) - y.to(at::kDouble).mean(0);
  return {centred, centred.square().sum(1)};
}

// Distances of pairs i < j.
at::Tensor PairDistances(const at::Tensor& y) {
  return at::pdist(y.to(at::kDouble).contiguous());
}

absl::Status CheckEmbeddings(const at::Tensor& y1, const at::Tensor& y2) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(y1, "first embedding"));
  CONEC_RETURN_IF_ERROR(CheckMatrix(y2, "second embedding"));
  if (y1.size(0) == y2.size(0)) return absl::OkStatus();
  return InvalidArgument("embeddings of {} and {} points cannot be compared", y1.size(0), y2.size(0));
}

}  // namespace

absl::StatusOr<Match> MatchPrediction(const at::Tensor& y, const at::Tensor& w, const at::Tensor& s,
                                      const MatchOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(y, "embedding"));
  CONEC_RETURN_IF_ERROR(CheckMatrix(w, "last layer"));
  CONEC_RETURN_IF_ERROR(CheckMatrix(s, "similarities"));
  if (y.size(0) != s.size(0) || w.size(1) != s.size(1) || y.size(1) != w.size(0)) {
    return InvalidArgument("{} x {} times {} x {} is not of the shape of the similarities, {} x {}", y.size(0),
                           y.size(1), w.size(0), w.size(1), s.size(0), s.size(1));
  }
  return CatchTorch("similarity match", [&]() -> absl::StatusOr<Match> {
    const at::Tensor y_double = y.to(at::kDouble), w_double = w.to(at::kDouble);
    return MatchObserved(
        s, [&](std::int64_t i, std::int64_t rows) { return y_double.narrow(0, i, rows).matmul(w_double); }, options);
  });
}

absl::StatusOr<Match> MatchObserved(const at::Tensor& s, const RowsFunction& predicted, const MatchOptions& options) {
  if (!s.defined() || s.dim() != 2 || s.numel() == 0) return InvalidArgument("similarities: expected a matrix");
  return CatchTorch("similarity match", [&]() -> absl::StatusOr<Match> {
    std::optional<Pairs> pairs;
    const std::int64_t m = s.size(0), n = s.size(1), step = RowsOfBlock(2 * n);
    for (std::int64_t i = 0; i < m; i += step) {
      const at::Tensor part = s.narrow(0, i, std::min(step, m - i)).to(at::kCPU);
      CONEC_ASSIGN_OR_RETURN(at::Tensor other, predicted(i, part.size(0)));
      if (other.sizes() != part.sizes()) {
        return InvalidArgument("predictions of {} x {} for similarities of {} x {}", other.size(0), other.size(1),
                               part.size(0), n);
      }
      other = other.to(at::kCPU);
      const at::Tensor observed = part.isnan().logical_not_();
      if (!pairs) pairs.emplace(options.spearman ? s.numel() : 0, part.scalar_type(), other.scalar_type());
      pairs->Add(part.masked_select(observed), other.masked_select(observed));
    }
    return pairs->Finish();
  });
}

absl::StatusOr<Match> MatchSimilarity(const at::Tensor& y, const at::Tensor& s, const MatchOptions& options) {
  if (!y.defined() || y.dim() != 2) return InvalidArgument("embedding: expected a matrix");
  return MatchPrediction(y, y.t(), s, options);
}

absl::StatusOr<Match> MatchEmbeddings(const at::Tensor& y1, const at::Tensor& y2, const MatchOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckEmbeddings(y1, y2));
  return CatchTorch("embedding match", [&]() -> absl::StatusOr<Match> {
    const auto [first, first_norms] = Centred(y1);
    const auto [second, second_norms] = Centred(y2);
    Moments moments;
    double first_max = 0, second_max = 0;
    const std::int64_t n = first.size(0);
    ForBlocksOfRows(n, n,
                    [&, &a_norms = first_norms, &b_norms = second_norms, &y_a = first, &y_b = second](
                        std::int64_t i, std::int64_t rows) {
                      const at::Tensor a = Distances(y_a, a_norms, i, rows), b = Distances(y_b, b_norms, i, rows);
                      first_max = std::max(first_max, a.max().item<double>());
                      second_max = std::max(second_max, b.max().item<double>());
                      moments.a += Sum(a);
                      moments.b += Sum(b);
                      moments.aa += Sum(a.square());
                      moments.bb += Sum(b.square());
                      moments.ab += Sum(a * b);
                    });
    if (!(first_max > 0) || !(second_max > 0)) return InvalidArgument("all points of an embedding coincide");
    // Pairs i < j only, as scipy's pdist: the sums are twice theirs, the diagonal adds nothing.
    const double scale_a = 0.5 / first_max, scale_b = 0.5 / second_max;
    moments = {static_cast<double>(n) * static_cast<double>(n - 1) / 2,
               moments.a * scale_a,
               moments.b * scale_b,
               moments.aa * scale_a / first_max,
               moments.bb * scale_b / second_max,
               moments.ab * scale_a / second_max};
    Match match{moments.Mse(), moments.R2(), {}};
    if (options.spearman) {
      CONEC_ASSIGN_OR_RETURN(match.spearman, RankCorrelation(PairDistances(y1), PairDistances(y2)));
    }
    return match;
  });
}

absl::StatusOr<double> RankCorrelation(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 1 || b.dim() != 1 || a.size(0) != b.size(0) || a.size(0) == 0) {
    return InvalidArgument("rank correlation needs two vectors of the same length, got {} and {} numbers", a.numel(),
                           b.numel());
  }
  return CatchTorch("rank correlation", [&]() -> absl::StatusOr<double> {
    if (a.isnan().any().item<bool>() || b.isnan().any().item<bool>()) return InvalidArgument("nan has no rank");
    const at::Tensor x = CentredRanks(a.cpu()), y = CentredRanks(b.cpu());
    const double variances = x.dot(x).item<double>() * y.dot(y).item<double>();
    return variances > 0 ? x.dot(y).item<double>() / std::sqrt(variances) : 0;
  });
}

}  // namespace conec::simec
