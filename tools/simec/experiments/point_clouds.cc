#include "tools/simec/experiments/point_clouds.h"

#include <ATen/Functions.h>

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include "simec_core/numpy_random.h"

namespace conec::simec::experiments {
namespace {

using std::numbers::pi;

constexpr double kSlice = 0.5, kCap = pi / 10;
constexpr double kCircleNoise = 0.05, kInnerRadius = 0.01;

// Grows point by point.
class CloudBuilder {
 public:
  void Add(double x, double y, double z, double colour) {
    x_.insert(x_.end(), {x, y, z});
    colour_.push_back(colour);
  }
  std::size_t size() const { return colour_.size(); }

  PointCloud Take() const { return {at::tensor(x_, at::kDouble).view({-1, 3}), at::tensor(colour_, at::kDouble)}; }

 private:
  std::vector<double> x_, colour_;
};

// Two circles, half of the points each, in random order and with normal noise.
std::vector<std::array<double, 2>> NoisyCircles(std::size_t points, NumpyRandom& random) {
  const std::size_t outer = points / 2, inner = points - outer;
  std::vector<std::array<double, 2>> circles;
  for (std::size_t i = 0; i < points; ++i) {
    const bool is_outer = i < outer;
    const double angle =
        2 * pi * static_cast<double>(is_outer ? i : i - outer) / static_cast<double>(is_outer ? outer : inner);
    const double radius = is_outer ? 1 : kInnerRadius;
    circles.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  random.Shuffle(std::span(circles));
  for (auto& point : circles) {
    for (double& coordinate : point) coordinate += kCircleNoise * random.Randn();
  }
  return circles;
}

}  // namespace

PointCloud SCurve(std::int64_t points, std::uint32_t seed) {
  NumpyRandom random(seed);
  const auto n = static_cast<std::size_t>(points);
  const std::vector<double> along = random.Rand(n), across = random.Rand(n);
  CloudBuilder cloud;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = 3 * pi * (along[i] - 0.5);
    cloud.Add(std::sin(t), 2 * across[i], std::copysign(1.0, t) * (std::cos(t) - 1), t);
  }
  return cloud.Take();
}

PointCloud CutSphere(std::int64_t points, std::uint32_t seed) {
  NumpyRandom random(seed);
  const auto drawn = static_cast<std::size_t>(points + points / 2);
  const std::vector<double> around = random.Rand(drawn), down = random.Rand(drawn);
  CloudBuilder cloud;
  for (std::size_t i = 0; i < drawn && cloud.size() < static_cast<std::size_t>(points); ++i) {
    const double phi = around[i] * (2 * pi - kSlice), theta = down[i] * pi;
    if (theta <= kCap || theta >= pi - kCap) continue;
    cloud.Add(std::sin(theta) * std::cos(phi), std::sin(theta) * std::sin(phi), std::cos(theta), phi);
  }
  return cloud.Take();
}

PointCloud ThreeCircles(std::int64_t points, std::uint32_t seed) {
  NumpyRandom random(seed);
  CloudBuilder all;
  for (const double height : {-1.0, 0.0, 1.0}) {
    for (const auto& [x, y] : NoisyCircles(static_cast<std::size_t>(points), random)) all.Add(x, y, height, height + 2);
  }
  const PointCloud cloud = all.Take();
  const at::Tensor chosen = at::tensor(random.Permutation(all.size()), at::kLong).narrow(0, 0, points);
  return {cloud.x.index_select(0, chosen), cloud.colour.index_select(0, chosen)};
}

}  // namespace conec::simec::experiments
