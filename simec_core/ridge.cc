#include "simec_core/ridge.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

// Products of centred features that never become dense where they are sparse: (X - 1 mean')'(X - 1 mean') and the like.
class CentredFeatures {
 public:
  CentredFeatures(const Features& x, at::ScalarType type)
      : x_(x.is_sparse() ? Features(x.sparse().To(type)) : Features(x.dense().to(type))), mean_(x_.ColumnMeans()) {}

  // D x D.
  at::Tensor Covariance() const {
    const double m = static_cast<double>(x_.rows());
    const at::Tensor products =
        x_.is_sparse() ? SparseProduct(x_.sparse().Transposed(), x_.sparse()) : x_.dense().t().matmul(x_.dense());
    return products - at::outer(mean_, mean_) * m;
  }

  // m x m.
  at::Tensor Gram() const {
    const at::Tensor products =
        x_.is_sparse() ? SparseProduct(x_.sparse(), x_.sparse().Transposed()) : x_.dense().matmul(x_.dense().t());
    const at::Tensor to_mean = x_.MatMul(mean_.unsqueeze(1)).squeeze(1);
    return products - to_mean.unsqueeze(1) - to_mean + mean_.dot(mean_);
  }

  // D x k. right: m x k with column means of zero, so that centring X changes nothing.
  at::Tensor TransposedMatMul(const at::Tensor& right) const { return x_.TransposedMatMul(right); }
  const at::Tensor& mean() const { return mean_; }

 private:
  Features x_;
  at::Tensor mean_;
};

absl::StatusOr<at::Tensor> SolvePositive(at::Tensor matrix, double alpha, const at::Tensor& right) {
  const double trace = matrix.trace().item<double>();
  matrix.diagonal().add_(alpha);
  const auto [factor, info] = at::linalg_cholesky_ex(matrix);
  // Without alpha, pivots that are only rounding mean that a column is a sum of others.
  const double smallest = factor.diagonal().min().item<double>();
  const double rounding = (right.scalar_type() == at::kFloat ? 1e-6 : 1e-14) * (trace + alpha);
  if (info.item<std::int64_t>() == 0 && (alpha > 0 || smallest * smallest > rounding)) {
    return at::cholesky_solve(right, factor);
  }
  return InvalidArgument("the features depend on each other: ridge regression needs an alpha above {}", alpha);
}

absl::Status CheckRidge(const Features& x, const at::Tensor& y, double alpha) {
  CONEC_RETURN_IF_ERROR(CheckFeatures(x, "features"));
  CONEC_RETURN_IF_ERROR(CheckMatrix(y, "outputs"));
  if (x.rows() != y.size(0)) return InvalidArgument("{} points with {} outputs", x.rows(), y.size(0));
  if (!(alpha >= 0) || !std::isfinite(alpha)) return InvalidArgument("alpha must be at least 0, got {}", alpha);
  return absl::OkStatus();
}

double MeanR2(const at::Tensor& y, const at::Tensor& predicted) {
  const at::Tensor errors = (y - predicted).square().sum(0), total = (y - y.mean(0)).square().sum(0);
  // As scikit-learn: a constant output counts as explained only if it is predicted exactly.
  const at::Tensor r2 = at::where(total.gt(0), 1 - errors / total, errors.eq(0).to(errors.scalar_type()));
  return r2.mean().item<double>();
}

// All rows but [begin, end).
at::Tensor Others(std::int64_t m, std::int64_t begin, std::int64_t end) {
  return at::cat({at::arange(begin, at::kLong), at::arange(end, m, at::kLong)});
}

}  // namespace

at::Tensor RidgeModel::Predict(const Features& x) const {
  const at::Tensor right = weights.to(x.scalar_type());
  return x.MatMul(right) + intercept.to(x.scalar_type());
}

absl::StatusOr<RidgeModel> FitRidge(const Features& x, const at::Tensor& y, double alpha) {
  CONEC_RETURN_IF_ERROR(CheckRidge(x, y, alpha));
  return CatchTorch("ridge regression", [&]() -> absl::StatusOr<RidgeModel> {
    const CentredFeatures centred(x, y.scalar_type());
    const at::Tensor y_mean = y.mean(0), y_centred = y - y_mean;
    RidgeModel model;
    if (x.cols() <= x.rows()) {
      CONEC_ASSIGN_OR_RETURN(model.weights,
                             SolvePositive(centred.Covariance(), alpha, centred.TransposedMatMul(y_centred)));
    } else {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor dual, SolvePositive(centred.Gram(), alpha, y_centred));
      model.weights = centred.TransposedMatMul(dual - dual.mean(0));
    }
    model.intercept = y_mean - centred.mean().matmul(model.weights);
    return model;
  });
}

absl::StatusOr<std::vector<double>> RidgeScores(const Features& x, const at::Tensor& y, std::span<const double> alphas,
                                                std::int64_t folds) {
  CONEC_RETURN_IF_ERROR(CheckRidge(x, y, 0));
  const std::int64_t m = x.rows();
  if (folds < 2 || folds > m) return InvalidArgument("{} folds of {} points", folds, m);
  return CatchTorch("cross-validation", [&]() -> absl::StatusOr<std::vector<double>> {
    std::vector<double> scores(alphas.size());
    for (std::int64_t fold = 0, begin = 0; fold < folds; ++fold) {
      const std::int64_t end = begin + m / folds + (fold < m % folds ? 1 : 0);
      const at::Tensor others = Others(m, begin, end);
      const Features training = x.SelectRows(others), held_out = x.SliceRows(begin, end);
      for (std::size_t a = 0; a < alphas.size(); ++a) {
        CONEC_ASSIGN_OR_RETURN(const RidgeModel model, FitRidge(training, y.index_select(0, others), alphas[a]));
        scores[a] += MeanR2(y.narrow(0, begin, end - begin), model.Predict(held_out)) / static_cast<double>(folds);
      }
      begin = end;
    }
    return scores;
  });
}

absl::StatusOr<double> SelectRidgeAlpha(const Features& x, const at::Tensor& y, std::span<const double> alphas,
                                        std::int64_t folds) {
  if (alphas.empty()) return InvalidArgument("no alpha to choose from");
  CONEC_ASSIGN_OR_RETURN(const std::vector<double> scores, RidgeScores(x, y, alphas, folds));
  return alphas[static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin())];
}

}  // namespace conec::simec
