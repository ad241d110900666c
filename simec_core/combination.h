// Several similarities of the same points at once (thesis 2.2.1): their normalised mean, which one embedding can have
// as Y Y'; and a similarity with negative eigenvalues as the difference of two that have none. To predict several side
// by side, W_l being d x n x k, give TargetRows an m x n x k tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/status.h"
#include "simec_core/eigen.h"
#include "simec_core/normalization.h"
#include "simec_core/target_matrix.h"

namespace conec::simec {

struct MeanOptions {
  // Of each similarity before they are averaged. An encoder learns what belongs to the largest eigenvalues of the mean:
  // with equal largest eigenvalues (kEigenvalue) none of the similarities outweighs the others.
  Normalization normalization = Normalization::kEigenvalue;
  bool center = false;               // each of them, before that; of sources only
  std::vector<double> weights = {};  // one for each similarity, positive; empty: all 1
};

// sum_i w_i S_i / sum_i w_i of normalised m x n matrices, each sum over those in which the entry is observed: an entry
// is missing (NaN) only where all have it missing. kEigenvalue is for symmetric, complete matrices. kInvalidArgument,
// naming the first that does not fit ("similarity 2"): matrices of different shapes, infinite entries, what cannot be
// normalised so; weights that are not as many, or not positive.
absl::StatusOr<at::Tensor> NormalizedMean(const std::vector<at::Tensor>& matrices, const MeanOptions& options);

// The same of similarities whose rows are computed when they are asked for; what is needed for centring and normalising
// is computed here. RowsOf() is for parts that are similarities of the same features. Errors as above and as
// TargetMatrix::Create().
absl::StatusOr<SimilaritySourcePtr> SourceOfMean(const std::vector<SimilaritySourcePtr>& parts,
                                                 const MeanOptions& options);

// S = S1 - S2 (thesis 2.2.1): S1 has the positive eigenvalues of S and their eigenvectors, S2 the negative ones with
// the sign turned. Both are positive semidefinite, and S1 S2 = 0. Products of embeddings can approximate each of them,
// where those of S itself cannot have its negative eigenvalues.
struct NonmetricParts {
  at::Tensor s, positive, negative;  // S, S1, S2: m x m
  EigenPairs all;                    // of S, the largest first; 0 where they are no more than rounding
};
// Eigenvalues of at most m times the precision of the type of S times the largest absolute one are rounding: a part
// that has no others is zero. Needs all eigenvalues: O(m^3), a minute for 5000 points. kInvalidArgument as
// CheckSymmetric().
absl::StatusOr<NonmetricParts> SplitSimilarity(const at::Tensor& s);

// Both parts on one scale, as they are learnt together: each divided by its largest eigenvalue, then both by the
// largest absolute entry of both. A part that is zero stays so.
struct ScaledParts {
  at::Tensor s1, s2;
  double divisor = 0;  // the latter
};
absl::StatusOr<ScaledParts> ScaleParts(const NonmetricParts& parts);

}  // namespace conec::simec
