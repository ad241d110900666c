// A change of variables under which the objective of logistic regression is about equally curved in all directions, so
// that L-BFGS needs few iterations. Not for other rooms.
//
// With theta = P v, f(P v) has the same minimum as f(theta), for any P that can be inverted. P is made from an estimate
// of the Hessian,
//   H = ( penalty + C q sum_i u_i x_i x_i^T ) / (C sum of weights),      q: of the losses' curvature p (1 - p)
// For sparse columns P is the diagonal of H^-1/2. Dense columns are correlated with each other and with the intercept:
// groups of them have H = L L^T (Cholesky) and P = L^-T. One-vs-rest with class weights has an H for each class.
#pragma once

#include <cstddef>
#include <vector>

#include "base/matrix.h"
#include "ner/logistic_objective.h"

namespace conec::ner::regression_internal {

// Real: of the variables. Results do not depend on the number of threads.
template <typename Real>
class Preconditioner {
 public:
  // Takes about as long as a few evaluations of the objective, and memory for as many values as theta has, and for the
  // factors: at most 1025 x 1025 for each group of up to 1024 dense columns. kResourceExhausted if there is none.
  static absl::StatusOr<Preconditioner> Create(const LogisticProblem& problem);

  // theta = P v.
  void Apply(const Real* v, Real* theta) const;
  // gradient = P^T gradient: by theta before, by v afterwards.
  void ApplyTransposed(Real* gradient) const;

 private:
  // Neighbouring dense columns, the first group with the intercept behind them.
  struct Group {
    std::size_t begin = 0, end = 0;  // columns
    bool intercept = false;
    std::vector<Matrix<double>> factors;  // L: one, or one for each output

    std::size_t size() const { return end - begin + (intercept ? 1 : 0); }
  };
  class Builder;

  Preconditioner() = default;
  template <typename Solve>
  void SolveGroup(const Group& group, Real* theta, const Solve& solve) const;

  std::size_t cols_ = 0, outputs_ = 0;
  std::vector<Real> scales_;  // as theta; 1 for groups
  std::vector<Group> groups_;
};

extern template class Preconditioner<float>;
extern template class Preconditioner<double>;

}  // namespace conec::ner::regression_internal
