#include "tools/simec/map/fit.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

#include "base/random.h"
#include "simec_core/model.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/similarity.h"
#include "simec_core/target_matrix.h"
#include "simec_core/tensor_status.h"
#include "simec_core/trainer.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kPlane = 2;
constexpr std::uint64_t kNoiseStream = 0x6d6170;  // "map"

at::Tensor VectorsOf(const MapPoints& points) {
  const at::Tensor x = at::empty({static_cast<std::int64_t>(points.size()), static_cast<std::int64_t>(points.dim)});
  std::copy(points.values.begin(), points.values.end(), x.data_ptr<float>());
  return x;
}

absl::StatusOr<SimilaritySourcePtr> SourceOf(const at::Tensor& x, const MapFitOptions& options) {
  if (options.target == MapTarget::kCosine) return SourceOfFeatures({SimilarityKind::kCosine}, x);
  const std::int64_t neighbours = std::min(options.neighbours, x.size(0) - 1);
  CONEC_ASSIGN_OR_RETURN(NeighbourGraph graph, NeighbourGraph::Create(x, {.neighbours = neighbours}));
  return SourceOfGraph(std::make_shared<const NeighbourGraph>(std::move(graph)));
}

absl::StatusOr<at::Tensor> TargetsOf(const at::Tensor& x, const MapFitOptions& options) {
  CONEC_ASSIGN_OR_RETURN(SimilaritySourcePtr source, SourceOf(x, options));
  CONEC_ASSIGN_OR_RETURN(const TargetMatrix targets,
                         TargetMatrix::Create(std::move(source), {.normalization = Normalization::kMax}));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, targets.All());
  return s.to(at::kFloat);
}

// Turns the plane so that its first axis is the one along which the points differ most. Distances and predictions stay.
absl::Status TurnToPrincipalAxes(const at::Tensor& x, SimEc& map) {
  CONEC_ASSIGN_OR_RETURN(const InputRows inputs, InputRows::Dense(x));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, map.Embed(inputs));
  return CatchTorch("map", [&]() -> absl::Status {
    const at::NoGradGuard no_grad;
    const at::Tensor wide = y.to(at::kDouble), centred = wide - wide.mean(0, true);
    const at::Tensor turn = std::get<1>(at::linalg_eigh(centred.t().mm(centred))).flip(1);
    const auto set = [](at::Tensor to, const at::Tensor& value) { to.copy_(value.view(to.sizes())); };
    const Affine embedding = map.embedding();
    set(embedding->bias, embedding->bias.to(at::kDouble).unsqueeze(0).mm(turn));
    set(embedding->weight, embedding->weight.to(at::kDouble).mm(turn));
    set(map.last_layer(), turn.t().mm(map.last_layer().to(at::kDouble).flatten(1)));
    return absl::OkStatus();
  });
}

ModelOptions ModelOf(const at::Tensor& x, const MapFitOptions& options) {
  ModelOptions model;
  model.features = x.size(1);
  model.hidden = options.hidden;
  model.dim = kPlane;
  model.targets = x.size(0);
  model.seed = options.training.seed;
  return model;
}

// Numbers of variance 1.
at::Tensor Noise(at::IntArrayRef sizes, std::uint64_t seed) {
  const at::Tensor noise = at::empty(sizes);
  PhiloxStream random(seed, kNoiseStream);
  float* values = noise.data_ptr<float>();
  for (std::int64_t i = 0; i < noise.numel(); ++i) values[i] = std::sqrt(12.0f) * (UniformFloat(random()) - 0.5f);
  return noise;
}

// kMapCopies noisy copies of all points, one after the other. Numbers of x have a mean square of 1.
absl::StatusOr<InputRows> NoisyCopies(const at::Tensor& x, const MapFitOptions& options) {
  const at::Tensor copies = x.repeat({kMapCopies, 1});
  if (options.noise > 0) copies.add_(Noise(copies.sizes(), options.training.seed), options.noise);
  return InputRows::Dense(copies);
}

absl::StatusOr<TargetRows> TargetsOfCopies(const at::Tensor& s) {
  const std::int64_t m = s.size(0);
  return TargetRows::Computed(m * kMapCopies, m, 1, [s, m](const at::Tensor& rows) -> absl::StatusOr<at::Tensor> {
    return s.index_select(0, rows.remainder(m));
  });
}

// A network of vectors that were multiplied by `scale` becomes one of the vectors themselves.
absl::Status Unscale(double scale, SimEc& map) {
  return CatchTorch("map", [&]() -> absl::Status {
    const at::NoGradGuard no_grad;
    const bool linear = map.features()->is_empty();
    (linear ? map.embedding()->weight : map.module().named_parameters()["features.0.weight"]).mul_(scale);
    return absl::OkStatus();
  });
}

absl::StatusOr<SimEc> Fit(const MapPoints& points, const MapFitOptions& options, Match& match) {
  const at::Tensor x = VectorsOf(points);
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, TargetsOf(x, options));
  CONEC_ASSIGN_OR_RETURN(SimEc map, SimEc::Create(ModelOf(x, options)));
  const double scale = std::sqrt(static_cast<double>(points.dim));
  CONEC_ASSIGN_OR_RETURN(InputRows inputs, NoisyCopies(x * scale, options));
  CONEC_ASSIGN_OR_RETURN(TargetRows targets, TargetsOfCopies(s));
  const ObjectiveOptions objective = {.s_ll = 1, .l2_hidden = options.l2, .l2_embedding = options.l2};
  CONEC_RETURN_IF_ERROR(
      Train(map, {.inputs = std::move(inputs), .targets = std::move(targets), .s_ll = s}, objective, options.training)
          .status());
  CONEC_RETURN_IF_ERROR(Unscale(scale, map));
  CONEC_RETURN_IF_ERROR(TurnToPrincipalAxes(x, map));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, Project(map, points));
  CONEC_ASSIGN_OR_RETURN(match, MatchSimilarity(y, s));
  return map;
}

}  // namespace

std::string_view Name(MapTarget target) {
  return target == MapTarget::kCosine ? "cosine" : "geodesic";
}

absl::StatusOr<MapTarget> ParseMapTarget(std::string_view name) {
  for (const MapTarget target : {MapTarget::kCosine, MapTarget::kGeodesic}) {
    if (Name(target) == name) return target;
  }
  return InvalidArgument("'{}' is none of cosine, geodesic", name);
}

absl::StatusOr<SimEc> FitMap(const MapPoints& points, const MapFitOptions& options, Match& match) {
  if (points.size() < kMinMapPoints || points.size() > kMaxMapPoints) {
    return InvalidArgument("a map is fitted to {} to {} points, not {}", kMinMapPoints, kMaxMapPoints, points.size());
  }
  return CatchTorch("map", [&] { return Fit(points, options, match); });
}

absl::StatusOr<at::Tensor> Project(const SimEc& map, const MapPoints& points) {
  if (points.size() == 0) return at::empty({0, kPlane});
  CONEC_ASSIGN_OR_RETURN(const InputRows inputs, InputRows::Dense(VectorsOf(points)));
  CONEC_RETURN_IF_ERROR(map.CheckInput(inputs));
  return map.Embed(inputs);
}

}  // namespace conec::simec
