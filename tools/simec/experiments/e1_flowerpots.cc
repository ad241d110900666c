// E1: Gati & Tversky's flowerpots (thesis figures 1.2 to 1.5), and what each feature contributes to a similarity (a
// step of E13, figure 5.2).
#include "tools/simec/experiments/e1_flowerpots.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "simec_core/eigen.h"
#include "simec_core/explain.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/flowerpots.h"

namespace conec::simec::experiments::e1_flowerpots {
namespace {

constexpr int kSeeds = 10;
constexpr double kNoisyPca = .09656;  // what kernel PCA reaches with the same noise

struct PotsRun {
  Encoded encoded;
  at::Tensor y;    // of all pots, 16 x 2
  double msq = 0;  // of all pots
};

absl::StatusOr<PotsRun> TrainPots(const Run& run, const Flowerpots& pots, std::uint64_t seed) {
  Settings settings = LinearSettings(2, .5, 50);
  settings.model.seed = settings.training.seed = seed;
  settings.model.precision = Precision::kFloat64;
  settings.objective.s_ll = 1;
  const at::Tensor s = pots.similarities.index_select(0, pots.train).index_select(1, pots.train);
  const at::Tensor x = pots.features.index_select(0, pots.train);
  CONEC_ASSIGN_OR_RETURN(Encoded encoded,
                         TrainEncoder(run, settings, {.x = x, .s = s, .s_ll = s, .others = {pots.features}}));
  const at::Tensor y = encoded.others[0];
  return PotsRun{std::move(encoded), y, ScaledMse(pots.similarities, y.matmul(y.t()))};
}

// The runs of all seeds, best first.
absl::StatusOr<std::vector<PotsRun>> TrainSeeds(const Run& run, const Flowerpots& pots) {
  std::vector<PotsRun> runs;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CONEC_ASSIGN_OR_RETURN(PotsRun pots_run, TrainPots(run, pots, seed));
    runs.push_back(std::move(pots_run));
  }
  std::sort(runs.begin(), runs.end(), [](const PotsRun& a, const PotsRun& b) { return a.msq < b.msq; });
  return runs;
}

absl::StatusOr<Flowerpots> Load(const Run& run, bool with_noise) {
  CONEC_ASSIGN_OR_RETURN(const std::string folder, run.Data("flowerpots"));
  return LoadFlowerpots(folder, with_noise);
}

void PlotPots(Run& run, const std::string& title, const at::Tensor& y) {
  Series series{.name = "flowerpots", .mark = Mark::kPoints};
  for (std::int64_t pot = 0; pot < y.size(0); ++pot) {
    series.x.push_back(y[pot][0].item<double>());
    series.y.push_back(y[pot][1].item<double>());
    series.labels.push_back(std::to_string(pot + 1));
  }
  run.Plot({.title = title, .x_label = "dimension 1", .y_label = "dimension 2", .series = {std::move(series)}});
}

absl::Status Baselines(Run& run) {
  CONEC_ASSIGN_OR_RETURN(const std::string folder, run.Data("flowerpots"));
  CONEC_ASSIGN_OR_RETURN(std::vector<Figure> figures, FlowerpotBaselines(folder));
  CONEC_RETURN_IF_ERROR(run.Add(std::move(figures)));
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, LoadFlowerpots(folder, true));
  CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(pots.similarities, 2));
  PlotPots(run, "Eigendecomposition", EigenEmbedding(pairs));
  CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::FitLinear(pots.features.index_select(0, pots.train), 2));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, pca.Project(pots.features));
  PlotPots(run, "Linear kernel PCA, features with noise", y);
  return absl::OkStatus();
}

absl::Status WithoutNoise(Run& run) {
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, Load(run, false));
  CONEC_ASSIGN_OR_RETURN(const std::vector<PotsRun> runs, TrainSeeds(run, pots));
  PlotPots(run, "SimEc", runs[kSeeds / 2].y);
  return run.Add(AtMost("SimEc, median of 10 seeds", .04478, .055, runs[kSeeds / 2].msq));
}

absl::Status WithNoise(Run& run) {
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, Load(run, true));
  CONEC_ASSIGN_OR_RETURN(const std::vector<PotsRun> runs, TrainSeeds(run, pots));
  const PotsRun& median = runs[kSeeds / 2];
  PlotPots(run, "SimEc, features with noise", median.y);
  CONEC_RETURN_IF_ERROR(
      run.Add(AtMost("SimEc with noise, median of 10 seeds", .05257, std::min(.055, .6 * kNoisyPca), median.msq)));
  const at::Tensor norms = median.encoded.first_weights.norm(2, 1);
  const double signal = std::min(norms[0].item<double>(), norms[1].item<double>());
  return run.Add(AtMost("weights of noise / of a feature, largest", .066 / .32, .25,
                        norms.narrow(0, 2, 3).max().item<double>() / signal));
}

// Which part each feature of pot `j` has in its similarity to pot 4.
absl::StatusOr<std::vector<double>> Contributions(const PotsRun& pots_run, const at::Tensor& x, std::int64_t j) {
  CONEC_ASSIGN_OR_RETURN(const InputRows one, InputRows::Dense(x.narrow(0, j - 1, 1).contiguous()));
  CONEC_ASSIGN_OR_RETURN(const InputRows other, InputRows::Dense(x.narrow(0, 3, 1).contiguous()));
  CONEC_ASSIGN_OR_RETURN(const Explanation why, ExplainLinearSimilarities(*pots_run.encoded.model, one, other));
  const at::Tensor parts = why.relevance.dense().reshape({-1}).contiguous();
  return std::vector<double>(parts.data_ptr<double>(), parts.data_ptr<double>() + parts.numel());
}

absl::Status AddContributions(Run& run, const PotsRun& pots_run, const at::Tensor& x) {
  struct Pair {
    std::int64_t j;
    std::array<double, 2> printed;
  };
  constexpr Pair kPairs[] = {{1, {.1435, -.2759}}, {16, {-.1620, .2759}}, {9, {-.0509, -.2759}}};
  const std::vector<std::string> features = {"stem size", "leaf shape", "noise 1", "noise 2", "noise 3"};
  for (const Pair& pair : kPairs) {
    CONEC_ASSIGN_OR_RETURN(const std::vector<double> parts, Contributions(pots_run, x, pair.j));
    for (std::size_t k = 0; k < 2; ++k) {
      const std::string name = fmt::format("pots 4 and {}: {}", pair.j, features[k]);
      CONEC_RETURN_IF_ERROR(run.Add(pair.printed[k] > 0 ? AtLeast(name, pair.printed[k], 0, parts[k])
                                                        : AtMost(name, pair.printed[k], 0, parts[k])));
    }
    const double noise = std::max({std::abs(parts[2]), std::abs(parts[3]), std::abs(parts[4])});
    CONEC_RETURN_IF_ERROR(run.Add(
        AtMost(fmt::format("pots 4 and {}: noise, largest", pair.j), std::nullopt, .25 * std::abs(parts[1]), noise)));
    for (std::size_t k = 0; k < parts.size(); ++k) {
      run.Plot({.title = "What makes two pots similar", .x_label = "", .y_label = "contribution", .ticks = features},
               fmt::format("4 and {}", pair.j), static_cast<double>(k), parts[k]);
    }
  }
  return absl::OkStatus();
}

absl::Status RunFlowerpots(Run& run) {
  return CatchTorch("flowerpots", [&]() -> absl::Status {
    if (run.Begin("baselines")) CONEC_RETURN_IF_ERROR(Baselines(run));
    if (run.Begin("SimEc")) CONEC_RETURN_IF_ERROR(WithoutNoise(run));
    if (run.Begin("SimEc with noise")) CONEC_RETURN_IF_ERROR(WithNoise(run));
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status FlowerpotContributions(Run& run) {
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, Load(run, true));
  CONEC_ASSIGN_OR_RETURN(const std::vector<PotsRun> runs, TrainSeeds(run, pots));
  return AddContributions(run, runs[kSeeds / 2], pots.features);
}

Experiment Describe() {
  return {.name = "E1",
          .alias = "flowerpots",
          .title = "16 flowerpots that people compared, with features of noise",
          .data = "flowerpots",
          .time = "1 s",
          .quick = {},
          .run = RunFlowerpots};
}

}  // namespace conec::simec::experiments::e1_flowerpots
