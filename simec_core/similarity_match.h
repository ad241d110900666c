// How well embeddings show the similarities they were made for (the reference's check_similarity_match and
// check_embed_match), over all pairs, the diagonal included, without n x n temporaries.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "base/status.h"

namespace conec::simec {

struct Match {
  double mse = 0;  // mean squared difference
  double r2 = 0;   // squared Pearson correlation; 0 if one side is constant
  std::optional<double> spearman;
};

struct MatchOptions {
  // Rank correlation has to sort all pairs: memory for some 40 bytes per pair.
  bool spearman = false;
};

// Rows [begin, begin + count) of a matrix, of any floating type.
using RowsFunction = std::function<absl::StatusOr<at::Tensor>(std::int64_t begin, std::int64_t count)>;

// What is observed (not NaN) of S (m x n) against the same entries of a matrix that is asked for some rows at a time.
// kInvalidArgument if nothing is observed or rows are not of S's shape; errors of `predicted` pass through.
absl::StatusOr<Match> MatchObserved(const at::Tensor& s, const RowsFunction& predicted,
                                    const MatchOptions& options = {});

// S (m x n) against Y W (Y: m x d, W: d x n), in double precision. kInvalidArgument for shapes that do not fit and
// numbers that are not finite.
absl::StatusOr<Match> MatchPrediction(const at::Tensor& y, const at::Tensor& w, const at::Tensor& s,
                                      const MatchOptions& options = {});

// S (n x n) against Y Y'.
absl::StatusOr<Match> MatchSimilarity(const at::Tensor& y, const at::Tensor& s, const MatchOptions& options = {});

// The pairwise Euclidean distances of two embeddings of the same n points (of any dimensions), each divided by its
// largest one. kInvalidArgument if all points of one coincide.
absl::StatusOr<Match> MatchEmbeddings(const at::Tensor& y1, const at::Tensor& y2, const MatchOptions& options = {});

// Spearman's rank correlation of two vectors of equal length: of tied values the mean rank; 0 if one side is constant.
absl::StatusOr<double> RankCorrelation(const at::Tensor& a, const at::Tensor& b);

}  // namespace conec::simec
