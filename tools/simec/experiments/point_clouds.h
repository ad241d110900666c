// Points in three dimensions that lie on curved surfaces, drawn as scikit-learn and the published experiments draw them
// (numpy's legacy generator): the same seed gives the same points.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace conec::simec::experiments {

struct PointCloud {
  at::Tensor x;       // points x 3, float64
  at::Tensor colour;  // points, float64: where along the surface, or on which part, a point lies
};

// scikit-learn's make_s_curve(points, random_state=seed): (sin t, u, sign(t) (cos t - 1)), t in [-1.5 pi, 1.5 pi), u in
// [0, 2). colour: t.
PointCloud SCurve(std::int64_t points, std::uint32_t seed);

// A unit sphere without its caps (polar angle below pi / 10 or above 9/10 pi) and without a slice of half a radian; the
// first of one and a half times as many points that are not cut off. colour: the angle around the axis.
PointCloud CutSphere(std::int64_t points, std::uint32_t seed);

// Three planes at heights -1, 0 and 1, each with a circle and a spot in its centre (scikit-learn's make_circles with
// noise 0.05 and factor 0.01, `points` each), shuffled; the first `points` of them. colour: 1, 2 or 3.
PointCloud ThreeCircles(std::int64_t points, std::uint32_t seed);

}  // namespace conec::simec::experiments
