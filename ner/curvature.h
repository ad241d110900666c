// What a preconditioner knows about the features of logistic regression: weighted squares and products of columns. Not
// for other rooms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "ner/logistic_objective.h"

namespace conec::ner::regression_internal {

// How much row i counts for an output: the sample weight times the class weight, u_i or u_ic. Only one-vs-rest with
// class weights has outputs that differ; elsewhere the weights are those of output 0.
class RowWeights {
 public:
  explicit RowWeights(const LogisticProblem& problem);

  std::size_t kinds() const { return kinds_; }  // 1, or the number of outputs
  double operator()(std::size_t row, std::size_t kind) const {
    const std::size_t label = problem_.labels[row];
    return problem_.weights[row] * (kinds_ == 1 || label == kind ? problem_.class_weights[label] : 1.0);
  }
  double Sum(std::size_t kind) const;

 private:
  const LogisticProblem& problem_;
  std::size_t kinds_ = 1;
};

// sum_i u_i x_ij^2 of the standardised sparse columns j: columns x kinds values.
std::vector<double> SparseSquares(const LogisticProblem& problem, const RowWeights& weights);
// The same of the dense columns [begin, end).
std::vector<double> DenseSquares(const LogisticProblem& problem, const RowWeights& weights, std::size_t begin,
                                 std::size_t end);

// sum_i u_i x_i x_i^T of the standardised dense columns [begin, end) and, as the last one, of a column of ones. Only
// the lower triangle is valid. Of many rows some that lie evenly spread stand for all.
absl::StatusOr<Matrix<double>> DenseProducts(const LogisticProblem& problem, const RowWeights& weights,
                                             std::size_t kind, std::size_t begin, std::size_t end);

}  // namespace conec::ner::regression_internal
