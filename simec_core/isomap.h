// Isomap: kernel PCA of distances along the manifold.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/neighbour_graph.h"

namespace conec::simec {

class Isomap {
 public:
  // x: m x D. Needs memory for two m x m matrices.
  static absl::StatusOr<Isomap> Fit(at::Tensor x, std::int64_t d, const NeighbourGraphOptions& options = {});

  const at::Tensor& embedding() const { return pca_.embedding(); }  // m x d
  const NeighbourGraph& graph() const { return graph_; }
  const KernelPca& pca() const { return pca_; }

  // Embeddings of new points (B x D): B x d.
  absl::StatusOr<at::Tensor> Project(const at::Tensor& new_points) const;

 private:
  Isomap(NeighbourGraph graph, KernelPca pca) : graph_(std::move(graph)), pca_(std::move(pca)) {}

  NeighbourGraph graph_;
  KernelPca pca_;
};

// Distances as similarities: -1/2 D^2, elementwise, which centred is the Gram matrix of points with such distances.
at::Tensor SimilarityOfDistances(const at::Tensor& distances);

}  // namespace conec::simec
