// Similarities of data points that are given by features: the targets a similarity encoder learns (thesis chapters 2, 3
// and 6.2; Horn & Mueller, "Predicting pairwise relations with neural similarity encoders").
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "simec_core/features.h"

namespace conec::simec {

// For two points x and y; those from kSimpson on are for binary features (fingerprints, sets), where n_x and n_y are
// the numbers of ones, a those in both, b = n_x - a and c = n_y - a those in one, d those in none.
enum class SimilarityKind {
  kLinear,         // x'y
  kRbf,            // exp(-gamma |x - y|^2)
  kCosine,         // x'y / (|x| |y|)
  kClassLabel,     // 1 if x = y, else 0; a point is one number, its class
  kSimpson,        // a / min(n_x, n_y); not metric
  kJaccard,        // a / (a + b + c)
  kRogotGoldberg,  // a / (2a + b + c) + d / (2d + b + c); 1 if a or d is everything
  kMcConnaughey,   // (a^2 - b c) / (n_x n_y), within [-1, 1]
  kSokal           // a / (a + 2b + 2c) (Sokal & Sneath)
};

std::string_view Name(SimilarityKind kind);  // "linear", "rbf", ..., "rogot-goldberg", "mcconnaughey", "sokal"
absl::StatusOr<SimilarityKind> ParseSimilarityKind(std::string_view name);

// The comments here are the documentation of the command-line options.
struct SimilarityOptions {
  SimilarityKind kind = SimilarityKind::kLinear;
  double gamma = 0;  // of kRbf, > 0; MedianGamma() gives what the experiments use
  // Points without any feature (all zeros) have no cosine and no place in kSimpson, kJaccard, kMcConnaughey and kSokal:
  // an error, or, if allowed, a similarity of 0 with everything.
  bool allow_empty = false;
};

// The similarity of any points to n fixed ones. Immutable, thread-safe; keeps a reference to the features it was given.
class Similarity {
 public:
  // kInvalidArgument, naming the row: features that are not finite, not binary where they have to be, not one number
  // per point for kClassLabel, empty points; gamma that is not positive.
  static absl::StatusOr<Similarity> Create(const SimilarityOptions& options, Features points);

  std::int64_t points() const { return points_.rows(); }
  const SimilarityOptions& options() const { return options_; }

  // Row i, column j: similarity of x_i to point j, in the features' type and on their device. x: B points with the same
  // features, dense or sparse. Beside its result the product needs memory for a few hundred rows at most.
  absl::StatusOr<at::Tensor> To(const Features& x) const;

 private:
  friend class SimilarityBlock;
  SimilarityOptions options_;
  Features points_;
  CsrMatrix transposed_;   // of sparse points
  at::Tensor mean_;        // kRbf, dense: subtracted before products, so that close points keep their digits
  at::Tensor shifted_;     // points less mean_
  at::Tensor statistics_;  // n: |y|^2 (kRbf), 1/|y| (kCosine), n_y (binary)
};

// All similarities of x (m x D) to y (n x D): m x n.
absl::StatusOr<at::Tensor> ComputeSimilarity(const SimilarityOptions& options, const Features& x, const Features& y);
// Of x to itself.
absl::StatusOr<at::Tensor> ComputeSimilarity(const SimilarityOptions& options, const Features& x);

// scale / median^2 over all m^2 Euclidean distances, the m zeros of the diagonal among them, as the reference chooses
// gamma (scale 0.5, or 1 for the digits of scikit-learn). Exact; needs two passes over the distances and little memory.
// kInvalidArgument if the median is 0 (most points are equal).
absl::StatusOr<double> MedianGamma(const Features& x, double scale = 0.5);

}  // namespace conec::simec
