// A similarity encoder that puts points into a plane.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "simec_core/options.h"
#include "simec_core/similarity_match.h"
#include "tools/simec/map/points.h"

namespace conec::simec {

class SimEc;  // simec_core/model.h

// What the map is to keep of the cosines between vectors. kCosine: the centred cosines themselves, so that the plane
// shows the two directions in which most of the points differ. kGeodesic: distances along the graph of nearest
// neighbours (Isomap), which keeps neighbours together where points form many groups.
enum class MapTarget { kCosine, kGeodesic };
std::string_view Name(MapTarget target);  // "cosine", "geodesic"
absl::StatusOr<MapTarget> ParseMapTarget(std::string_view name);

// The comments here are the documentation of the command-line options.
struct MapFitOptions {
  MapTarget target = MapTarget::kGeodesic;
  std::int64_t neighbours = 10;  // of kGeodesic: edges of the graph per point
  std::vector<HiddenLayer> hidden = {{100, Activation::kTanh}, {50, Activation::kTanh}};
  // In training, noise is added to every vector, of so many times its length: vectors of words that are known from one
  // document are noisy, and the network then knows what to do with them. 0: none.
  double noise = 0.6;
  double l2 = 1e-5;
  // An epoch takes every point kMapCopies times, each time with other noise.
  TrainOptions training = {.learning_rate = 0.005, .epochs = 10, .threads = 1};
};

// An encoder of vectors with `dim` numbers in two dimensions, fitted to the points; its first dimension is the one in
// which they differ most. match: of the products of places with the (centred) similarities. kInvalidArgument for fewer
// points than kMinMapPoints or more than kMaxMapPoints; kCancelled as Train().
inline constexpr int kMapCopies = 10;
inline constexpr std::size_t kMinMapPoints = 4;
inline constexpr std::size_t kMaxMapPoints = 16000;  // their similarities to each other are kept in memory
absl::StatusOr<SimEc> FitMap(const MapPoints& points, const MapFitOptions& options, Match& match);

// Rows of `points` x 2. kInvalidArgument if their vectors have another length than those the map was fitted to.
absl::StatusOr<at::Tensor> Project(const SimEc& map, const MapPoints& points);

}  // namespace conec::simec
