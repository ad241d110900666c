// E4: linear, RBF and geodesic similarity of MNIST.
#include <ATen/Functions.h>

#include <array>
#include <string>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/isomap.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/similarity.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/baselines_mnist.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/images.h"
#include "tools/simec/experiments/random_embeddings.h"

namespace conec::simec::experiments::e4_kernels {
namespace {

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
    PrintedErrors most = Times(printed, kSteadyTolerance);
    if (printed.d == 100) most.train = AboveReruns({.32500, .31035});
    CONEC_RETURN_IF_ERROR(AddErrors(run, kLinearPanel, "SimEc", name, printed, most, errors));
  }
  return absl::OkStatus();
}

absl::Status LinearTargets(Run& run, Images& images) {
  constexpr PrintedErrors kPrinted[] = {{100, 14.712876, 15.368073},  {250, 12.644849, 12.965724},
                                        {500, 11.828513, 12.171532},  {750, 11.568571, 11.924045},
                                        {1000, 11.517113, 11.890194}, {1500, 11.362948, 11.733056},
                                        {2500, 11.306205, 11.652621}, {5000, 11.280052, 11.593425}};
  for (const PrintedErrors& printed : kPrinted) {
    const std::string name = fmt::format("SimEc linear {} targets", printed.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
    CONEC_ASSIGN_OR_RETURN(const ImageErrors errors,
                           TrainOnImages(run, LinearKernelSettings(10), task, {.n = printed.d}));
    CONEC_RETURN_IF_ERROR(
        AddErrors(run, kTargetsPanel, "SimEc", name, printed, Times(printed, kSteadyTolerance), errors));
  }
  return absl::OkStatus();
}

struct MissingRow {
  double missing;
  PrintedErrors printed;
};

Settings MissingSettings() {
  Settings settings = LinearKernelSettings(10);
  settings.objective.l2_embedding = .01;
  return settings;
}

// Where more than 0.6 is missing, the published Y Y' are useless: Y W_l is good, but Y and W_l end at different scales.
// A re-run of the reference ended at kPrediction. Balance() mends the scales: Y Y' shall be no worse than those that
// were published for 0.6. Targets that are divided by their largest value do so, too, but not as well: three re-runs of
// the published settings, whose l2 then weighs 122 times as much, ended at kDividedTargets. With a tenth of the l2 of
// the embedding layer and none of the last one it was 13.4.
constexpr double kPrediction = 11.5, kMostBalanced = 12.892938 * kSteadyTolerance;
constexpr double kDividedTargets[] = {16.53421, 17.34389, 17.69573};

absl::Status MissingAsPublished(Run& run, Images& images, const std::string& name, const MissingRow& row) {
  CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
  const ImageTargets targets{.n = 1000, .observed = ObservedMask(task.s.size(0), 1000, row.missing), .balance = true};
  CONEC_ASSIGN_OR_RETURN(const ImageErrors errors, TrainOnImages(run, MissingSettings(), task, targets));
  run.Plot(kMissingPanel, "SimEc, Y W", row.missing, errors.prediction);
  run.Plot(kMissingPanel, "SimEc, Y Y'", row.missing, errors.train);
  run.Plot(kMissingPanel, "SimEc, Y Y' balanced", row.missing, errors.balanced);
  const PrintedErrors& printed = row.printed;
  const bool is_useless = row.missing > .6;
  const double most = is_useless ? kMostBalanced : printed.train * kSteadyTolerance;
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", Y Y' balanced", std::nullopt, most, errors.balanced)));
  if (is_useless) {
    CONEC_RETURN_IF_ERROR(
        run.Add(AtMost(name + ", Y W", kPrediction, kPrediction * kSteadyTolerance, errors.prediction)));
    CONEC_RETURN_IF_ERROR(run.Add(Shown(name, printed.train, errors.train)));
    return run.Add(Shown(name + ", test", printed.test, errors.test));
  }
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed.train, printed.train * kSteadyTolerance, errors.train)));
  return run.Add(AtMost(name + ", test", printed.test, printed.test * kSteadyTolerance, errors.test));
}

absl::Status LinearMissing(Run& run, Images& images) {
  constexpr MissingRow kRows[] = {{0, {10, 11.511497, 11.893189}},    {.1, {10, 11.486374, 11.905400}},
                                  {.2, {10, 11.500727, 11.870048}},   {.3, {10, 11.523090, 11.894771}},
                                  {.4, {10, 11.544255, 11.911785}},   {.5, {10, 11.712517, 12.061695}},
                                  {.6, {10, 12.892938, 13.190620}},   {.7, {10, 26.331351, 26.320901}},
                                  {.8, {10, 340.488319, 312.927015}}, {.9, {10, 4116.168943, 3810.765861}}};
  for (const MissingRow& row : kRows) {
    const std::string name = fmt::format("SimEc linear {:.1f} missing", row.missing);
    if (run.Begin(name)) CONEC_RETURN_IF_ERROR(MissingAsPublished(run, images, name, row));
  }
  const std::string name = "SimEc linear 0.9 missing, targets divided";
  if (!run.Begin(name)) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
  const ImageTargets targets{
      .n = 1000, .observed = ObservedMask(task.s.size(0), 1000, .9), .scale = task.s.abs().max().item<double>()};
  CONEC_ASSIGN_OR_RETURN(const ImageErrors errors, TrainOnImages(run, MissingSettings(), task, targets));
  return run.Add(AtMost(name, kDividedTargets[1], kDividedTargets[1] * kSteadyTolerance, errors.train));
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
    const PrintedErrors most = printed.d == 10 ? PrintedErrors{10, .00051, .00054} : Times(printed, kSeedTolerance);
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

// Ten times as many dimensions as those of encoders, drawn at random: projections as the published program drew them.
// Its random features cannot be had, since their draws go on where training has left the generator: ours are means of
// several. Errors of one draw have a standard deviation of 15 (d = 2), 10 (4) and 9 (6) percent, fewer with more
// dimensions (30 draws each): the published draw may be two to two and a half of them off.
double RandomTolerance(std::int64_t d) {
  return d == 2 ? .38 : d == 4 ? .25 : .2;
}

constexpr std::uint32_t kProjectionSeed = 42;
constexpr int kProjectionDecimals = 6;
constexpr std::int64_t kFewDimensions = 15;
constexpr std::uint32_t kDraws = 5;  // where there are few dimensions; else one

// Of training and test images.
using TrainAndTest = std::array<at::Tensor, 2>;

void PlotRandom(Run& run, const Panel& panel, std::int64_t d, const std::array<double, 2>& errors) {
  run.Plot(panel, "random", static_cast<double>(d), errors[0]);
  run.Plot(panel, "random, test", static_cast<double>(d), errors[1]);
}

absl::StatusOr<std::array<double, 2>> ErrorsOf(const TrainAndTest& y, const TrainAndTest& s) {
  std::array<double, 2> errors = {};
  for (const std::size_t i : {0, 1}) {
    CONEC_ASSIGN_OR_RETURN(errors[i], SimilarityError(y[i], s[i]));
  }
  return errors;
}

absl::Status RandomProjections(Run& run, Images& images) {
  if (!run.Begin("random projections")) return absl::OkStatus();
  constexpr PrintedErrors kPrinted[] = {
      {2, 143.741860, 140.563994}, {4, 76.839822, 75.978730},  {6, 50.375350, 50.016024}, {10, 31.293646, 30.809644},
      {15, 21.269326, 20.976171},  {25, 12.930091, 12.600212}, {50, 6.079103, 5.998758},  {100, 2.947054, 3.006889}};
  CONEC_ASSIGN_OR_RETURN(const Split split, images.Subset());
  CONEC_ASSIGN_OR_RETURN(const ImageTask task, images.Linear());
  for (const PrintedErrors& printed : kPrinted) {
    CONEC_RETURN_IF_ERROR(run.Progress(0));
    const TrainAndTest y = {SparseProjection(split.train.x, 10 * printed.d, kProjectionSeed),
                            SparseProjection(split.test.x, 10 * printed.d, kProjectionSeed)};
    CONEC_ASSIGN_OR_RETURN(const auto errors, ErrorsOf(y, {task.s, task.s_test}));
    const std::string name = fmt::format("random projections d={}", printed.d);
    CONEC_RETURN_IF_ERROR(run.Add(Printed(name, printed.train, kProjectionDecimals, errors[0])));
    CONEC_RETURN_IF_ERROR(run.Add(Printed(name + ", test", printed.test, kProjectionDecimals, errors[1])));
    PlotRandom(run, kLinearPanel, printed.d, errors);
  }
  return absl::OkStatus();
}

absl::Status RandomFeatures(Run& run, Images& images) {
  if (!run.Begin("random features")) return absl::OkStatus();
  constexpr PrintedErrors kPrinted[] = {{2, .022064, .022703},  {4, .009136, .008573},  {6, .006184, .006173},
                                        {10, .003968, .003823}, {15, .002495, .002651}, {25, .001566, .001596},
                                        {50, .000736, .000724}, {100, .000407, .000399}};
  CONEC_ASSIGN_OR_RETURN(const Split split, images.Subset());
  SimilarityOptions rbf{SimilarityKind::kRbf};
  CONEC_ASSIGN_OR_RETURN(rbf.gamma, MedianGamma(split.train.x));
  TrainAndTest s;  // not centred
  CONEC_ASSIGN_OR_RETURN(s[0], ComputeSimilarity(rbf, split.train.x));
  CONEC_ASSIGN_OR_RETURN(s[1], ComputeSimilarity(rbf, split.test.x));
  for (const PrintedErrors& printed : kPrinted) {
    const std::uint32_t draws = printed.d <= kFewDimensions ? kDraws : 1;
    std::array<double, 2> errors = {};
    for (std::uint32_t seed = 1; seed <= draws; ++seed) {
      CONEC_RETURN_IF_ERROR(run.Progress(0));
      CONEC_ASSIGN_OR_RETURN(const auto drawn, ErrorsOf({FourierFeatures(split.train.x, rbf.gamma, 5 * printed.d, seed),
                                                         FourierFeatures(split.test.x, rbf.gamma, 5 * printed.d, seed)},
                                                        s));
      for (const std::size_t i : {0, 1}) errors[i] += drawn[i] / draws;
    }
    const std::string name = fmt::format("random features d={}", printed.d);
    CONEC_RETURN_IF_ERROR(run.Add(Within(name, printed.train, RandomTolerance(printed.d), errors[0])));
    CONEC_RETURN_IF_ERROR(run.Add(Within(name + ", test", printed.test, RandomTolerance(printed.d), errors[1])));
    PlotRandom(run, kRbfPanel, printed.d, errors);
  }
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
  CONEC_RETURN_IF_ERROR(run.Add(AtMost("SimEc geodesic d=2", 19943.9, 19943.9 * kSeedTolerance, mse)));
  CONEC_ASSIGN_OR_RETURN(const Match train, MatchEmbeddings(encoded.y, isomap.embedding()));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor projected, isomap.Project(task.s_test));
  CONEC_ASSIGN_OR_RETURN(const Match test, MatchEmbeddings(encoded.others[0], projected));
  CONEC_RETURN_IF_ERROR(run.Add(AtLeast("r2 with Isomap", .898, .88, train.r2)));
  CONEC_RETURN_IF_ERROR(run.Add(AtLeast("r2 with Isomap, test", .797, .797 * .97, test.r2)));
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
    CONEC_RETURN_IF_ERROR(RandomProjections(run, images));
    CONEC_RETURN_IF_ERROR(LinearEncoders(run, images));
    CONEC_RETURN_IF_ERROR(LinearTargets(run, images));
    CONEC_RETURN_IF_ERROR(LinearMissing(run, images));
    CONEC_RETURN_IF_ERROR(RbfBaselines(run, images));
    CONEC_RETURN_IF_ERROR(RandomFeatures(run, images));
    CONEC_RETURN_IF_ERROR(RbfEncoders(run, images));
    return GeodesicEncoder(run, images);
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E4",
          .alias = "kernels",
          .title = "linear, RBF and geodesic similarity of MNIST",
          .data = "mnist",
          .time = "15 min",
          .quick = {"d=10", "0.9 missing"},
          .run = RunKernels};
}

}  // namespace conec::simec::experiments::e4_kernels
