#include "ner/preconditioner.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "ner/curvature.h"

namespace conec::ner::regression_internal {
namespace {

constexpr std::size_t kMaxGroup = 1024;  // columns
// p (1 - p) is 1/4 at most; most examples are clear, and of several classes at most two share the rest.
constexpr double kMultinomialCurvature = 0.06, kOneVsRestCurvature = 0.12;
constexpr double kSmallestPivot = 1e-7;  // of a matrix with ones on its diagonal: columns may depend on each other

// Lower triangle: a = L L^T in place. Rows are scaled to a diagonal of ones meanwhile.
void Factorize(Matrix<double>& a) {
  std::vector<double> roots;
  for (std::size_t i = 0; i < a.rows(); ++i) roots.push_back(std::sqrt(a.row(i)[i]));
  for (std::size_t i = 0; i < a.rows(); ++i) {
    double* row = a.row(i).data();
    for (std::size_t j = 0; j <= i; ++j) row[j] /= roots[i] * roots[j];
    for (std::size_t j = 0; j <= i; ++j) {
      const double* other = a.row(j).data();
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      row[j] = j < i ? sum / other[j] : std::sqrt(std::max(sum, kSmallestPivot));
    }
  }
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) a.row(i)[j] *= roots[i];
  }
}

bool IsPositiveAndFinite(const Matrix<double>& a) {
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (!(a.row(i)[i] > 0)) return false;
    for (std::size_t j = 0; j <= i; ++j) {
      if (!std::isfinite(a.row(i)[j])) return false;
    }
  }
  return true;
}

// x = L^-1 x.
void SolveLower(const Matrix<double>& factor, std::span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double* row = factor.row(i).data();
    double sum = x[i];
    for (std::size_t j = 0; j < i; ++j) sum -= row[j] * x[j];
    x[i] = sum / row[i];
  }
}

// x = L^-T x.
void SolveUpper(const Matrix<double>& factor, std::span<double> x) {
  for (std::size_t i = x.size(); i-- > 0;) {
    const double* row = factor.row(i).data();
    x[i] /= row[i];
    for (std::size_t j = 0; j < i; ++j) x[j] -= row[j] * x[i];
  }
}

}  // namespace

template <typename Real>
class Preconditioner<Real>::Builder {
 public:
  explicit Builder(const LogisticProblem& problem)
      : problem_(problem),
        weights_(problem),
        penalty_(problem.Scale()),
        curvature_(problem.options.multi_class == MultiClass::kMultinomial ? kMultinomialCurvature
                                                                           : kOneVsRestCurvature) {
    curvature_ *= penalty_ * problem.options.c;
  }

  absl::StatusOr<Preconditioner> Build() && {
    result_.cols_ = problem_.x.cols();
    result_.outputs_ = problem_.outputs();
    result_.scales_.assign(problem_.parameters(), Real{1});
    const std::size_t dense = problem_.x.cols() - problem_.x.sparse.cols;
    SetScales(dense, SparseSquares(problem_, weights_));
    if (problem_.options.intercept) SetInterceptScales();
    CONEC_RETURN_IF_ERROR(AddGroups());
    return std::move(result_);
  }

 private:
  void SetScale(std::size_t parameter, double hessian) {
    const Real scale = static_cast<Real>(1 / std::sqrt(hessian));
    if (std::isnormal(scale)) result_.scales_[parameter] = scale;
  }

  // squares: of columns from `first` on, x kinds.
  void SetScales(std::size_t first, const std::vector<double>& squares) {
    const std::size_t outputs = result_.outputs_, kinds = weights_.kinds();
    for (std::size_t j = 0; j < squares.size() / kinds; ++j) {
      for (std::size_t k = 0; k < outputs; ++k) {
        const double square = squares[j * kinds + (kinds == 1 ? 0 : k)];
        SetScale((first + j) * outputs + k, penalty_ + curvature_ * square);
      }
    }
  }

  void SetInterceptScales() {
    for (std::size_t k = 0; k < result_.outputs_; ++k) {
      const double sum = weights_.Sum(weights_.kinds() == 1 ? 0 : k);
      SetScale(result_.cols_ * result_.outputs_ + k, InterceptPenalty() + curvature_ * sum);
    }
  }

  double InterceptPenalty() const { return problem_.options.regularize_intercept ? penalty_ : 0.0; }

  // Neighbouring blocks share a group as long as it is not too large.
  absl::Status AddGroups() {
    std::size_t begin = 0, end = 0;
    for (const DenseBlock& block : problem_.x.dense) {
      if (end > begin && end - begin + block.table.cols > kMaxGroup) {
        CONEC_RETURN_IF_ERROR(AddGroup(begin, end));
        begin = end;
      }
      end += block.table.cols;
    }
    return end > begin ? AddGroup(begin, end) : absl::OkStatus();
  }

  absl::Status AddGroup(std::size_t begin, std::size_t end) {
    Group group = {begin, end, problem_.options.intercept && result_.groups_.empty(), {}};
    bool usable = end - begin <= kMaxGroup;
    for (std::size_t kind = 0; kind < weights_.kinds() && usable; ++kind) {
      CONEC_ASSIGN_OR_RETURN(Matrix<double> products, DenseProducts(problem_, weights_, kind, begin, end));
      Matrix<double> factor;
      CONEC_ASSIGN_OR_RETURN(factor, Hessian(group, products));
      usable = IsPositiveAndFinite(factor);
      if (usable) Factorize(factor);
      group.factors.push_back(std::move(factor));
    }
    if (!usable) {
      SetScales(begin, DenseSquares(problem_, weights_, begin, end));
      return absl::OkStatus();
    }
    for (std::size_t k = 0; group.intercept && k < result_.outputs_; ++k) {
      result_.scales_[result_.cols_ * result_.outputs_ + k] = Real{1};
    }
    result_.groups_.push_back(std::move(group));
    return absl::OkStatus();
  }

  absl::StatusOr<Matrix<double>> Hessian(const Group& group, const Matrix<double>& products) const {
    CONEC_ASSIGN_OR_RETURN(Matrix<double> hessian, Matrix<double>::Create(group.size(), group.size()));
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t j = 0; j <= i; ++j) hessian.row(i)[j] = curvature_ * products.row(i)[j];
      hessian.row(i)[i] += i < group.end - group.begin ? penalty_ : InterceptPenalty();
    }
    return hessian;
  }

  const LogisticProblem& problem_;
  RowWeights weights_;
  double penalty_, curvature_;  // in units of the objective
  Preconditioner result_;
};

template <typename Real>
absl::StatusOr<Preconditioner<Real>> Preconditioner<Real>::Create(const LogisticProblem& problem) {
  return Builder(problem).Build();
}

// solve(factor, x) for each output.
template <typename Real>
template <typename Solve>
void Preconditioner<Real>::SolveGroup(const Group& group, Real* theta, const Solve& solve) const {
  const auto at = [&](std::size_t i, std::size_t k) -> Real& {
    return theta[(i < group.end - group.begin ? group.begin + i : cols_) * outputs_ + k];
  };
  std::vector<double> x(group.size());
  for (std::size_t k = 0; k < outputs_; ++k) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(at(i, k));
    solve(group.factors[group.factors.size() == 1 ? 0 : k], x);
    for (std::size_t i = 0; i < x.size(); ++i) at(i, k) = static_cast<Real>(x[i]);
  }
}

template <typename Real>
void Preconditioner<Real>::Apply(const Real* v, Real* theta) const {
  std::transform(scales_.begin(), scales_.end(), v, theta, std::multiplies<>());
  for (const Group& group : groups_) SolveGroup(group, theta, SolveUpper);
}

template <typename Real>
void Preconditioner<Real>::ApplyTransposed(Real* gradient) const {
  std::transform(scales_.begin(), scales_.end(), gradient, gradient, std::multiplies<>());
  for (const Group& group : groups_) SolveGroup(group, gradient, SolveLower);
}

template class Preconditioner<float>;
template class Preconditioner<double>;

}  // namespace conec::ner::regression_internal
