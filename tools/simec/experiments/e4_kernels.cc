// E4: linear, RBF and geodesic similarity of MNIST.
#include <ATen/Functions.h>

#include <algorithm>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/isomap.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/baselines_mnist.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/images.h"

namespace conec::simec::experiments {
namespace {

// What a faithful encoder differs by from the printed figures, whatever the seed.
constexpr double kTolerance = 1.05;
const Panel kLinearPanel = {.title = "Linear similarity", .x_label = "dimensions", .y_label = "MSE", .log_y = true};
const Panel kRbfPanel = {.title = "RBF similarity", .x_label = "dimensions", .y_label = "MSE", .log_y = true};
const Panel kTargetsPanel = {.title = "Linear similarity in 10 dimensions", .x_label = "targets", .y_label = "MSE"};
const Panel kMissingPanel = {
    .title = "Linear similarity in 10 dimensions", .x_label = "missing", .y_label = "MSE", .log_y = true};

PrintedErrors Times(const PrintedErrors& printed, double tolerance) {
  return {printed.d, printed.train * tolerance, printed.test * tolerance};
}

Settings LinearKernelSettings(std::int64_t d) {
  Settings settings = LinearSettings(d, .003);
  settings.objective.s_ll = .5;
  settings.objective.l2_embedding = d == 100 ? .002 : .001;
  settings.objective.l2_last = 1e-5;
  return settings;
}

absl::Status LinearEncoders(Run& run, Images& images) {
  constexpr PrintedErrors kPrinted[] = {{2, 51.863, 51.242},  {4, 33.022, 32.497},  {6, 20.488, 21.201},
                                        {10, 11.511, 11.875}, {15, 6.6495, 7.0713}, {25, 2.9213, 3.2809},
                                        {50, .71231, .97816}, {100, .24960, .51906}};
  for (const PrintedErrors& printed : kPrinted) {
    const std::string name = fmt::format("SimEc linear d={}", printed.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
    CONEC_ASSIGN_OR_RETURN(const ImageErrors errors,
                           TrainOnImages(run, LinearKernelSettings(printed.d), task, {.n = 1000}));
    CONEC_RETURN_IF_ERROR(AddErrors(run, kLinearPanel, "SimEc", name, printed, Times(printed, kTolerance), errors));
  }
  return absl::OkStatus();
}

absl::Status LinearTargets(Run& run, Images& images) {
  constexpr std::pair<std::int64_t, double> kPrinted[] = {{100, 14.713},  {250, 12.645},  {500, 11.829},
                                                          {750, 11.569},  {1000, 11.517}, {1500, 11.363},
                                                          {2500, 11.306}, {5000, 11.280}};
  for (const auto& [n, printed] : kPrinted) {
    const std::string name = fmt::format("SimEc linear {} targets", n);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
    CONEC_ASSIGN_OR_RETURN(const ImageErrors errors, TrainOnImages(run, LinearKernelSettings(10), task, {.n = n}));
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed, printed * kTolerance, errors.train)));
    run.Plot(kTargetsPanel, "SimEc", static_cast<double>(n), errors.train);
  }
  return absl::OkStatus();
}

// The published embeddings are useless from 0.7 on (26, 340 and 4116): Y W_l is good, but Y and W_l end at different
// scales. Here targets are divided by their largest value, and Y and W_l are balanced.
absl::Status LinearMissing(Run& run, Images& images) {
  // Of 0 to 0.5 the largest error is known only.
  constexpr std::pair<double, double> kPrinted[] = {{.5, 11.71}, {.6, 12.89}, {.7, 26.3}, {.8, 340}, {.9, 4116}};
  constexpr double kMost = 13.67 * kTolerance;  // a re-run with divided targets, 0.9 missing
  for (const auto& [missing, printed] : kPrinted) {
    const std::string name = fmt::format("SimEc linear {:g} missing", missing);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
    const ImageTargets targets{.n = 1000,
                               .observed = ObservedMask(task.s.size(0), 1000, missing),
                               .scale = task.s.abs().max().item<double>(),
                               .balance = true};
    CONEC_ASSIGN_OR_RETURN(const ImageErrors errors, TrainOnImages(run, LinearKernelSettings(10), task, targets));
    const double most = std::min(printed * kTolerance, kMost);
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", Y W", std::nullopt, most, errors.prediction)));
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", Y Y' balanced", printed, most, errors.balanced)));
    run.Plot(kMissingPanel, "SimEc, Y W", missing, errors.prediction);
    run.Plot(kMissingPanel, "SimEc, Y Y' balanced", missing, errors.balanced);
    run.Plot(kMissingPanel, "SimEc, Y Y' as trained", missing, errors.train);
  }
  return absl::OkStatus();
}

absl::Status RbfEncoders(Run& run, Images& images) {
  constexpr PrintedErrors kPrinted[] = {
      {2, .0018162, .0018343},    {4, .0012219, .0012294},    {6, .00080369, .00084059},  {10, .00048371, .00051143},
      {15, .00029538, .00032172}, {25, .00015256, .00017651}, {50, .00007131, .00008896}, {100, .00005577, .00006833}};
  for (const PrintedErrors& printed : kPrinted) {
    const std::string name = fmt::format("SimEc RBF d={}", printed.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Rbf());
    CONEC_ASSIGN_OR_RETURN(const ImageErrors errors, TrainOnImages(run, RbfSettings(printed.d, 5), task, {.n = 1000}));
    const PrintedErrors most = printed.d == 10 ? PrintedErrors{10, .00051, .00054} : Times(printed, kTolerance);
    CONEC_RETURN_IF_ERROR(AddErrors(run, kRbfPanel, "SimEc", name, printed, most, errors));
  }
  return absl::OkStatus();
}

absl::Status LinearBaselines(Run& run, Images& images) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<Figure> figures,
                         AddBaselines(run, "baselines of the linear similarity", images, LinearKernelBaselines));
  PlotNumbered(run, kLinearPanel, "kernel PCA", figures, "linear kernel PCA d=");
  PlotNumbered(run, kLinearPanel, "kernel PCA, test", figures, "linear kernel PCA d=", ", test");
  return absl::OkStatus();
}

absl::Status RbfBaselines(Run& run, Images& images) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<Figure> figures,
                         AddBaselines(run, "baselines of the RBF similarity", images, RbfKernelBaselines));
  PlotNumbered(run, kRbfPanel, "kernel PCA", figures, "RBF kernel PCA d=");
  PlotNumbered(run, kRbfPanel, "kernel PCA, test", figures, "RBF kernel PCA d=", ", test");
  return absl::OkStatus();
}

// Similarities of distances along the manifold, not centred, of training images; and of test to training images.
struct GeodesicTask {
  at::Tensor x, x_test, s, s_test;
};

absl::StatusOr<GeodesicTask> Geodesic(Images& images) {
  CONEC_ASSIGN_OR_RETURN(const Split split, images.Subset());
  CONEC_ASSIGN_OR_RETURN(const NeighbourGraph graph, NeighbourGraph::Create(split.train.x, {.neighbours = 10}));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor lengths, graph.PathLengths(at::arange(split.train.x.size(0), at::kLong)));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor test, graph.PathLengthsOf(split.test.x));
  return GeodesicTask{split.train.x, split.test.x, SimilarityOfDistances(lengths), SimilarityOfDistances(test)};
}

Settings GeodesicSettings() {
  Settings settings = LinearSettings(2, .005);
  settings.model.hidden = {{200, Activation::kTanh}, {100, Activation::kTanh}};
  settings.objective = {.s_ll = 10, .l2_hidden = 5e-4, .l2_embedding = .001, .l2_last = 1e-6};
  return settings;
}

Series Cloud(const at::Tensor& y, const at::Tensor& labels) {
  Series series{.name = "images", .mark = Mark::kPoints};
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    series.x.push_back(y[i][0].item<double>());
    series.y.push_back(y[i][1].item<double>());
    series.colors.push_back(labels[i].item<double>());
  }
  return series;
}

// Isomap (10 neighbours) in two dimensions.
absl::Status GeodesicEncoder(Run& run, Images& images) {
  if (!run.Begin("SimEc geodesic d=2")) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(run.Progress(0));
  CONEC_ASSIGN_OR_RETURN(const GeodesicTask task, Geodesic(images));
  CONEC_ASSIGN_OR_RETURN(const KernelPca isomap, KernelPca::Fit(task.s, 2));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CenterSimilarity(task.s));
  CONEC_ASSIGN_OR_RETURN(const double optimum, SimilarityError(isomap.embedding(), s));
  // Of image 5819 two others are equally far, as the tenth: with the one (5911) it is the printed error, with the other
  // (654), which our order of neighbours takes, 19394.19.
  CONEC_RETURN_IF_ERROR(run.Add(Within("Isomap d=2", 19389.7, 2.5e-4, optimum)));
  const at::Tensor targets = s.narrow(1, 0, 1000).to(at::kFloat).contiguous();
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, GeodesicSettings(),
                                                             {.x = task.x.to(at::kFloat),
                                                              .s = targets,
                                                              .s_ll = targets.narrow(0, 0, 1000),
                                                              .others = {task.x_test.to(at::kFloat)}}));
  CONEC_ASSIGN_OR_RETURN(const double mse, SimilarityError(encoded.y, s));
  CONEC_RETURN_IF_ERROR(run.Add(AtMost("SimEc geodesic d=2", 19943.9, 19943.9 * kTolerance, mse)));
  CONEC_ASSIGN_OR_RETURN(const Match train, MatchEmbeddings(encoded.y, isomap.embedding()));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor projected, isomap.Project(task.s_test));
  CONEC_ASSIGN_OR_RETURN(const Match test, MatchEmbeddings(encoded.others[0], projected));
  CONEC_RETURN_IF_ERROR(run.Add(AtLeast("r2 with Isomap", .898, .88, train.r2)));
  CONEC_RETURN_IF_ERROR(run.Add(AtLeast("r2 with Isomap, test", .797, .77, test.r2)));
  CONEC_ASSIGN_OR_RETURN(const Split split, images.Subset());
  for (const auto& [title, y] : {std::pair<std::string, at::Tensor>("Isomap, test images", projected),
                                 {"SimEc geodesic, test images", encoded.others[0]}}) {
    run.Plot({.title = title, .x_label = "", .y_label = "", .series = {Cloud(y, split.test.labels)}});
  }
  return absl::OkStatus();
}

absl::Status RunKernels(Run& run) {
  return CatchTorch("kernels", [&]() -> absl::Status {
    Images images(run);
    CONEC_RETURN_IF_ERROR(LinearBaselines(run, images));
    CONEC_RETURN_IF_ERROR(LinearEncoders(run, images));
    CONEC_RETURN_IF_ERROR(LinearTargets(run, images));
    CONEC_RETURN_IF_ERROR(LinearMissing(run, images));
    CONEC_RETURN_IF_ERROR(RbfBaselines(run, images));
    CONEC_RETURN_IF_ERROR(RbfEncoders(run, images));
    return GeodesicEncoder(run, images);
  });
}

}  // namespace

Experiment KernelsExperiment() {
  return {.name = "E4",
          .alias = "kernels",
          .title = "linear, RBF and geodesic similarity of MNIST",
          .data = "mnist",
          .time = "15 min",
          .quick = {"d=10", "0.9 missing"},
          .run = RunKernels};
}

}  // namespace conec::simec::experiments
