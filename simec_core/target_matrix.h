// Target matrices that need not exist: rows of a similarity, centred and scaled, computed when they are asked for.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "simec_core/centering.h"
#include "simec_core/features.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/normalization.h"
#include "simec_core/similarity.h"

namespace conec::simec {

// A symmetric m x m similarity, of which some columns are shown. Immutable, thread-safe.
class SimilaritySource {
 public:
  virtual ~SimilaritySource() = default;
  virtual std::int64_t points() const = 0;   // m
  virtual std::int64_t columns() const = 0;  // shown ones
  virtual at::TensorOptions options() const = 0;

  // Row numbers (int64, within [0, m)): B x columns().
  virtual absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const = 0;
  // Similarities of new points: B x columns(). kFailedPrecondition if only a matrix is known.
  virtual absl::StatusOr<at::Tensor> RowsOf(const Features& x) const = 0;
  // The same with these columns of the m.
  virtual absl::StatusOr<std::shared_ptr<const SimilaritySource>> WithColumns(const at::Tensor& columns) const = 0;
};

using SimilaritySourcePtr = std::shared_ptr<const SimilaritySource>;
absl::StatusOr<SimilaritySourcePtr> SourceOfFeatures(const SimilarityOptions& options, Features x);
absl::StatusOr<SimilaritySourcePtr> SourceOfMatrix(at::Tensor s);                // symmetric, without missing entries
SimilaritySourcePtr SourceOfGraph(std::shared_ptr<const NeighbourGraph> graph);  // -1/2 (path length)^2, float64

struct TargetMatrixOptions {
  at::Tensor landmarks = {};  // int64 numbers of the n points that are targets; undefined: all
  bool center = true;         // over all m points, not only the landmarks
  Normalization normalization = Normalization::kNone;
};

// The m x n matrix of similarities to the landmarks, and the same for new points. Immutable, thread-safe.
class TargetMatrix {
 public:
  // Centring takes one pass over the m x m similarities, normalisation one over the m x n targets (kEigenvalue: some
  // ten over m x m); each in blocks of rows. kInvalidArgument for a landmark that is no point.
  static absl::StatusOr<TargetMatrix> Create(SimilaritySourcePtr source, const TargetMatrixOptions& options);

  std::int64_t rows() const { return all_->points(); }        // m
  std::int64_t targets() const { return shown_->columns(); }  // n
  const Normalizer& normalizer() const { return normalizer_; }

  absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const;  // B x n; what TargetRows::Computed() calls
  // Of new points, centred with the statistics of the training points: B x n. The similarities to all m training points
  // are computed for that.
  absl::StatusOr<at::Tensor> RowsOf(const Features& x) const;
  absl::StatusOr<at::Tensor> Landmarks() const;  // S_ll: n x n
  absl::StatusOr<at::Tensor> All() const;        // m x n, where memory suffices
  // The same centring and normalisation with other points as targets. kInvalidArgument for a landmark that is no point.
  absl::StatusOr<TargetMatrix> WithLandmarks(const at::Tensor& landmarks) const;

 private:
  absl::Status FindCentering();
  absl::Status FindNormalizer(Normalization normalization);
  absl::StatusOr<at::Tensor> CentredRows(const at::Tensor& rows) const;

  SimilaritySourcePtr all_, shown_;
  at::Tensor landmarks_;  // undefined: all
  bool center_ = false;
  Centering centering_;
  Normalizer normalizer_;
};

}  // namespace conec::simec
