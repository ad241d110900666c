// E10: two surfaces in space, embedded by their straight-line similarities and by those along the surface (thesis
// figures 3.2 and 3.3).
#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/isomap.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/ridge.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/point_clouds.h"
#include "tools/simec/experiments/similarity_task.h"

namespace conec::simec::experiments::e10_manifolds {
namespace {

constexpr std::uint64_t kSeeds = 3;
constexpr std::int64_t kTargets = 1000;
// A similarity with the best embedding in two dimensions.
struct Target {
  at::Tensor s, best;
  at::Tensor colour;  // of the points
};

// Nothing is printed: these are medians of three runs of the reference with other seeds.
struct Expected {
  double optimum = 0;
  double reference_mse = 0;               // of encoders
  double reference_r2 = 0, least_r2 = 0;  // of distances in the embedding with those in the best one
};

absl::StatusOr<Target> LinearTarget(const PointCloud& cloud) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CentredSimilarity({SimilarityKind::kLinear}, cloud.x));
  CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::FitLinear(cloud.x, 2));
  return Target{s, pca.embedding(), cloud.colour};
}

absl::StatusOr<Target> GeodesicTarget(const PointCloud& cloud) {
  CONEC_ASSIGN_OR_RETURN(const Isomap isomap, Isomap::Fit(cloud.x, 2));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor distances,
                         isomap.graph().PathLengths(at::arange(cloud.x.size(0), at::kLong)));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CenterSimilarity(SimilarityOfDistances(distances)));
  return Target{s, isomap.embedding(), cloud.colour};
}

Settings LinearEncoder(double s_ll) {
  Settings settings = LinearSettings(2, .1);
  settings.objective.l2_embedding = .01;
  settings.objective.s_ll = s_ll;
  return settings;
}

Settings GeodesicEncoder(std::vector<HiddenLayer> hidden, double orthogonality, double learning_rate) {
  Settings settings = LinearSettings(2, learning_rate, 40);
  settings.model.hidden = std::move(hidden);
  settings.objective.l2_embedding = .01;
  settings.objective.orthogonality = orthogonality;
  settings.objective.s_ll = 1;
  return settings;
}

// How well a direction of y orders the points along the surface.
absl::StatusOr<double> OrderAlong(const at::Tensor& y, const at::Tensor& direction, const at::Tensor& colour) {
  CONEC_ASSIGN_OR_RETURN(const double rho, RankCorrelation(y.matmul(direction), colour));
  return std::abs(rho);
}

// Encoders turn embeddings at will: the direction is that in which the colour grows most.
absl::StatusOr<double> BestOrder(const at::Tensor& y, const at::Tensor& colour) {
  CONEC_ASSIGN_OR_RETURN(const RidgeModel plane, FitRidge(y, colour.unsqueeze(1), 0));
  return OrderAlong(y, plane.weights.select(1, 0), colour);
}

struct SeedRun {
  at::Tensor y;
  double mse = 0, r2 = 0;
};

absl::StatusOr<SeedRun> TrainSeed(const Run& run, Settings settings, const PointCloud& cloud, const Target& target,
                                  std::uint64_t seed) {
  settings.model.seed = settings.training.seed = seed;
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainOnFirst(run, settings, cloud.x, target.s, kTargets));
  CONEC_ASSIGN_OR_RETURN(const double mse, SimilarityError(encoded.y, target.s));
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchEmbeddings(encoded.y, target.best));
  return SeedRun{encoded.y, mse, match.r2};
}

// Trains with each seed; the median error comes into the middle.
absl::StatusOr<std::vector<SeedRun>> TrainSeeds(const Run& run, const Settings& settings, const PointCloud& cloud,
                                                const Target& target) {
  std::vector<SeedRun> runs;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CONEC_ASSIGN_OR_RETURN(SeedRun seed_run, TrainSeed(run, settings, cloud, target, seed));
    runs.push_back(std::move(seed_run));
  }
  std::sort(runs.begin(), runs.end(), [](const SeedRun& a, const SeedRun& b) { return a.mse < b.mse; });
  return runs;
}

// No verdict is passed on errors along the surface, which are chance: for the sphere, runs of the reference with seeds
// 0 to 10 ended at .393, .286, .332, 1.72, 2.79, 9.88, 15.2, .714, .280, .315 and .289, those of 3 to 7 with distances
// that agree less than is accepted here; .330 is the median of an earlier run of three (.396, .286, .330).
// What has to agree are distances in the embedding and the order along the surface.
Figure ErrorFigure(const std::string& name, double reference, double ours, bool is_geodesic) {
  return is_geodesic ? Shown(name, reference, ours) : AtMost(name, reference, reference * kSteadyTolerance, ours);
}

// unrolled: what Isomap reaches, to three digits; none for straight lines.
absl::Status Compare(Run& run, const std::string& name, const PointCloud& cloud, const Target& target,
                     const Settings& settings, const Expected& expected, std::optional<double> unrolled = {}) {
  const std::string method = unrolled ? "Isomap" : "PCA";
  CONEC_ASSIGN_OR_RETURN(const double optimum, SimilarityError(target.best, target.s));
  const int decimals = unrolled ? 5 : 6;
  CONEC_RETURN_IF_ERROR(run.Add(Printed(fmt::format("{}: {}", name, method), expected.optimum, decimals, optimum)));
  PlotEmbedding(run, fmt::format("{}: {}", name, method), target.best, cloud.colour);
  CONEC_ASSIGN_OR_RETURN(const std::vector<SeedRun> runs, TrainSeeds(run, settings, cloud, target));
  const SeedRun& median = runs[kSeeds / 2];
  PlotEmbedding(run, fmt::format("{}: SimEc", name), median.y, cloud.colour);
  CONEC_RETURN_IF_ERROR(run.Add(ErrorFigure(fmt::format("{}: SimEc, median of {} seeds", name, kSeeds),
                                            expected.reference_mse, median.mse, /*is_geodesic=*/unrolled.has_value())));
  CONEC_RETURN_IF_ERROR(run.Add(AtLeast(fmt::format("{}: r2 of distances with {}", name, method), expected.reference_r2,
                                        expected.least_r2, median.r2)));
  if (!unrolled) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const double best_order,
                         OrderAlong(target.best, at::tensor({1., 0.}, at::kDouble), cloud.colour));
  CONEC_ASSIGN_OR_RETURN(const double order, BestOrder(median.y, cloud.colour));
  CONEC_RETURN_IF_ERROR(
      run.Add(Printed(fmt::format("{}: Isomap unrolls, rank correlation", name), *unrolled, 3, best_order)));
  return run.Add(AtLeast(fmt::format("{}: SimEc unrolls, rank correlation", name), *unrolled, *unrolled * .97, order));
}

absl::Status SCurves(Run& run) {
  const PointCloud cloud = SCurve(3000, 0);
  if (run.Begin("S-curve linear")) {
    CONEC_ASSIGN_OR_RETURN(const Target target, LinearTarget(cloud));
    CONEC_RETURN_IF_ERROR(
        Compare(run, "S-curve linear", cloud, target, LinearEncoder(1), {.106826, .1095, .9994, .98}));
  }
  if (!run.Begin("S-curve geodesic")) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const Target target, GeodesicTarget(cloud));
  return Compare(run, "S-curve geodesic", cloud, target, GeodesicEncoder({{25}}, .01, .01), {.00464, .036, .9993, .985},
                 1.000);
}

absl::Status Spheres(Run& run) {
  const PointCloud cloud = CutSphere(5000, 1);
  if (run.Begin("sphere linear")) {
    CONEC_ASSIGN_OR_RETURN(const Target target, LinearTarget(cloud));
    CONEC_RETURN_IF_ERROR(Compare(run, "sphere linear", cloud, target, LinearEncoder(.5), {.077094, .0863, .982, .97}));
  }
  if (!run.Begin("sphere geodesic")) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const Target target, GeodesicTarget(cloud));
  return Compare(run, "sphere geodesic", cloud, target, GeodesicEncoder({{25}, {10}}, 1, .02),
                 {.19150, .330, .977, .96}, .971);
}

absl::Status RunManifolds(Run& run) {
  return CatchTorch("manifolds", [&]() -> absl::Status {
    CONEC_RETURN_IF_ERROR(SCurves(run));
    return Spheres(run);
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E10",
          .alias = "manifolds",
          .title = "an S-curve and a cut sphere, by straight lines and along the surface",
          .data = "",
          .time = "1 min",
          .quick = {"S-curve linear", "S-curve geodesic", "sphere linear"},
          .run = RunManifolds};
}

}  // namespace conec::simec::experiments::e10_manifolds
