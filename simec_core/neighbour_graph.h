// Distances along a manifold: shortest paths through the graph of nearest neighbours (Isomap; Tenenbaum, de Silva &
// Langford 2000).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "base/status.h"

namespace conec::simec {

struct Neighbours {
  at::Tensor index;      // B x k, int64, nearest first
  at::Tensor distances;  // B x k, Euclidean, float64
};

// The k nearest of m points x (m x D) for each of the points `of` (B x D). Exact: all distances are computed, in
// blocks.
absl::StatusOr<Neighbours> NearestNeighbours(const at::Tensor& x, const at::Tensor& of, std::int64_t k);
// For each of the points themselves, without itself.
absl::StatusOr<Neighbours> NearestNeighbours(const at::Tensor& x, std::int64_t k);

struct NeighbourGraphOptions {
  std::int64_t neighbours = 10;
  // Where the graph falls apart, the closest points of each two components are joined, as scikit-learn does; otherwise
  // that is an error.
  bool connect = true;
};

// Every point is joined to its k nearest neighbours and to those whose neighbour it is. Immutable, thread-safe.
class NeighbourGraph {
 public:
  // x: m x D. kInvalidArgument if there are not more than k points.
  static absl::StatusOr<NeighbourGraph> Create(at::Tensor x, const NeighbourGraphOptions& options);

  std::int64_t points() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::int64_t components() const { return components_; }  // before they were joined
  const at::Tensor& x() const { return x_; }

  // Lengths of the shortest paths from points `sources` (int64) to all points: B x m, float64. Dijkstra, one source per
  // thread at a time. kInvalidArgument for a source that is no point.
  absl::StatusOr<at::Tensor> PathLengths(const at::Tensor& sources) const;
  // From new points (B x D), through their k nearest neighbours.
  absl::StatusOr<at::Tensor> PathLengthsOf(const at::Tensor& new_points) const;

 private:
  struct Edge {
    std::int64_t to = 0;
    double length = 0;
  };
  struct Start {
    std::int64_t point = 0;
    double length = 0;
  };
  struct LabelledEdge;

  void SetEdges(const std::vector<LabelledEdge>& edges);
  std::vector<std::int64_t> LabelComponents(std::int64_t* count) const;
  std::vector<LabelledEdge> Bridges(const std::vector<std::int64_t>& labels, std::int64_t count) const;
  void ShortestPaths(const std::vector<Start>& starts, double* lengths) const;

  NeighbourGraphOptions options_;
  at::Tensor x_;
  std::int64_t components_ = 0;
  std::vector<std::int64_t> offsets_;  // edges_[offsets_[i]] and on leave point i
  std::vector<Edge> edges_;
};

}  // namespace conec::simec
