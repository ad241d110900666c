// Eigenvalues, singular values, and the embeddings that are the optimum of what a linear encoder can learn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "base/status.h"

namespace conec::simec {

// S v_i = values[i] v_i, best first; columns of `vectors` (n x d) are orthonormal. Signs are as they come.
struct EigenPairs {
  at::Tensor values;   // d
  at::Tensor vectors;  // n x d
};

enum class EigenOrder {
  kLargest,          // descending
  kLargestMagnitude  // by absolute value, descending: the best approximation of rank d of an indefinite matrix
};

// All eigenpairs of a symmetric matrix (LAPACK). kInvalidArgument as CheckSymmetric().
absl::StatusOr<EigenPairs> AllEigen(const at::Tensor& s, EigenOrder order = EigenOrder::kLargest);

// The first d of them. Large matrices are not decomposed as a whole: see the second form. kInvalidArgument unless
// 1 <= d <= n.
absl::StatusOr<EigenPairs> TopEigen(const at::Tensor& s, std::int64_t d, EigenOrder order = EigenOrder::kLargest);

// S V for n x b matrices V, S being symmetric.
using SymmetricProduct = std::function<absl::StatusOr<at::Tensor>(const at::Tensor& v)>;

// The first d eigenpairs of an n x n matrix of which only products are known, by a block Krylov iteration with
// Rayleigh-Ritz and restarts (about 10 products with d + 8 vectors; memory for about 12 d vectors). Multiple
// eigenvalues come complete. Residuals |S v - lambda v| end below 1e-10 |lambda_max| in float64, 1e-5 in float32;
// kInternal if they do not. Always the same result for the same products.
absl::StatusOr<EigenPairs> TopEigen(std::int64_t n, at::TensorOptions options, const SymmetricProduct& product,
                                    std::int64_t d, EigenOrder order = EigenOrder::kLargest);

// Y = V sqrt(max(lambda, 0)), n x d: Y Y' is the best positive semidefinite approximation of S of rank d.
at::Tensor EigenEmbedding(const EigenPairs& pairs);

// A = U diag(values) V', the d largest singular values first.
struct SingularTriples {
  at::Tensor u;       // m x d
  at::Tensor values;  // d
  at::Tensor v;       // n x d
};

// kInvalidArgument unless 1 <= d <= min(m, n).
absl::StatusOr<SingularTriples> TopSvd(const at::Tensor& a, std::int64_t d);

// A copy with the missing entries (NaN) replaced by the mean of the observed ones: what decompositions need, and the
// baseline for encoders that learn from observed entries only. kInvalidArgument if nothing is observed or something is
// infinite.
absl::StatusOr<at::Tensor> FillMissingByMean(const at::Tensor& s);

}  // namespace conec::simec
