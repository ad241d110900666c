#include "simec_core/isomap.h"

#include <torch/types.h>

#include <utility>

#include "simec_core/tensor_status.h"

namespace conec::simec {

absl::StatusOr<Isomap> Isomap::Fit(at::Tensor x, std::int64_t d, const NeighbourGraphOptions& options) {
  CONEC_ASSIGN_OR_RETURN(NeighbourGraph graph, NeighbourGraph::Create(std::move(x), options));
  return CatchTorch("Isomap", [&]() -> absl::StatusOr<Isomap> {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor lengths, graph.PathLengths(at::arange(graph.points(), at::kLong)));
    CONEC_ASSIGN_OR_RETURN(KernelPca pca, KernelPca::Fit(SimilarityOfDistances(lengths), d));
    return Isomap(std::move(graph), std::move(pca));
  });
}

absl::StatusOr<at::Tensor> Isomap::Project(const at::Tensor& new_points) const {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor lengths, graph_.PathLengthsOf(new_points));
  return pca_.Project(SimilarityOfDistances(lengths));
}

at::Tensor SimilarityOfDistances(const at::Tensor& distances) {
  return distances.square().mul_(-0.5);
}

}  // namespace conec::simec
