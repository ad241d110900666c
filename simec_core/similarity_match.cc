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

// a: S, b: Y W.
Moments PredictionMoments(const at::Tensor& y, const at::Tensor& w, const at::Tensor& s) {
  Moments moments;
  moments.count = static_cast<double>(s.numel());
  moments.b = y.sum(0).dot(w.sum(1)).item<double>();
  moments.bb = Sum(y.t().matmul(y).mul_(w.matmul(w.t())));
  ForBlocksOfRows(s.size(0), s.size(1), [&](std::int64_t i, std::int64_t rows) {
    const at::Tensor part = s.narrow(0, i, rows).to(at::kDouble);
    moments.a += Sum(part);
    moments.aa += Sum(part.square());
    moments.ab += Sum(part.matmul(w.t()).mul_(y.narrow(0, i, rows)));
  });
  return moments;
}

// The same mean squared error without cancellation.
double DirectMse(const at::Tensor& y, const at::Tensor& w, const at::Tensor& s) {
  double sum = 0;
  ForBlocksOfRows(s.size(0), s.size(1), [&](std::int64_t i, std::int64_t rows) {
    sum += Sum((s.narrow(0, i, rows).to(at::kDouble) - y.narrow(0, i, rows).matmul(w)).square_());
  });
  return sum / static_cast<double>(s.numel());
}

// Mean ranks of equal values, from 0.
at::Tensor Ranks(const at::Tensor& values) {
  const auto [sorted, order] = values.sort();
  const at::Tensor ranks = at::empty({values.size(0)}, at::kDouble);
  const double* value = sorted.data_ptr<double>();
  const std::int64_t* place = order.data_ptr<std::int64_t>();
  double* rank = ranks.data_ptr<double>();
  const std::int64_t n = values.size(0);
  for (std::int64_t begin = 0, end = 0; begin < n; begin = end) {
    while (end < n && value[end] == value[begin]) ++end;
    for (std::int64_t k = begin; k < end; ++k) rank[place[k]] = 0.5 * static_cast<double>(begin + end - 1);
  }
  return ranks;
}

double Correlation(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a - a.mean(), y = b - b.mean();
  const double variances = x.dot(x).item<double>() * y.dot(y).item<double>();
  return variances > 0 ? x.dot(y).item<double>() / std::sqrt(variances) : 0;
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
    const Moments moments = PredictionMoments(y_double, w_double, s);
    Match match{moments.Mse(), moments.R2(), {}};
    if (match.mse * moments.count < 1e-9 * moments.aa) match.mse = DirectMse(y_double, w_double, s);
    if (options.spearman) {
      CONEC_ASSIGN_OR_RETURN(match.spearman, RankCorrelation(s.reshape({-1}), y_double.matmul(w_double).reshape({-1})));
    }
    return match;
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
    const at::Tensor x = a.cpu().to(at::kDouble), y = b.cpu().to(at::kDouble);
    if (x.isnan().any().item<bool>() || y.isnan().any().item<bool>()) return InvalidArgument("nan has no rank");
    return Correlation(Ranks(x), Ranks(y));
  });
}

}  // namespace conec::simec
