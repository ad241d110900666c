// What needs no training: W_l from eigenvectors, the second network of a pair, and the balance between Y and W_l.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"
#include "simec_core/features.h"
#include "simec_core/ridge.h"
#include "simec_core/rows.h"

namespace conec::simec {

class SimEc;  // model.h

// W_l = diag(sqrt(lambda_1..d)) V', d x n, from the d largest eigenvalues of S_ll (n x n), so that W_l'W_l is its best
// positive semidefinite approximation of rank d. Rows of negative eigenvalues are zero. For SimEc::SetLastLayer, frozen
// or as a start (thesis 2.2). kInvalidArgument if S_ll is not square, symmetric and finite, or d > n.
absl::StatusOr<at::Tensor> EigenLastLayer(const at::Tensor& s_ll, std::int64_t dim);

// The second network of a pair with one-hot input in closed form (thesis 2.2): the rows y_i that minimise
// ||r_i - y_i W_l||^2 + ridge ||y_i||^2 over the observed entries (NaN is missing) of each row of r (m x n), computed
// in float64. W_l: d x n; for the second network Y1 transposed. Directions of y_i that nothing determines are zero.
// Returns m x d in the type of r.
absl::StatusOr<at::Tensor> LeastSquaresEmbedding(const at::Tensor& r, const at::Tensor& last_layer, double ridge = 0);

// The same for a linear f'(x) = x A + b on features x (m x D): minimises ||R - (X A + 1 b') W_l||^2 if ridge is 0, else
// ||Y - X A - 1 b'||^2 + ridge ||A||^2 for the Y above. r without missing entries. Errors as FitRidge.
absl::StatusOr<RidgeModel> LeastSquaresMap(const Features& x, const at::Tensor& r, const at::Tensor& last_layer,
                                           double ridge = 0);

// Makes Y Y' comparable with S without the term s_ll. Y W_l does not change if Y becomes Y A and W_l becomes A^-1 W_l;
// this takes an A that makes Y_n'Y_n equal W_l W_l', where Y_n are the embeddings of the n targets themselves (for
// several similarities: equal the mean of W_l W_l'). With G = Y_n'Y_n and M = W_l W_l',
//   C = G^-1/2 (G^1/2 M G^1/2)^1/2 G^-1/2 = A A'.
// For positive semidefinite S. Changes the embedding layer and W_l; predictions stay the same up to rounding.
// kInvalidArgument if target_inputs are not n rows or do not fit the model; kFailedPrecondition if Y_n or W_l have not
// rank d (numerically), W_l is frozen, or the model has a decoder. The model is as it was after an error.
absl::Status Balance(SimEc& model, const InputRows& target_inputs);

}  // namespace conec::simec
