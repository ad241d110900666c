// E9, the words: 100 words of fairy tales and press releases, alike by the texts that they share. The similarity has
// large negative eigenvalues.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "simec_core/eigen.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/grimm_nasa.h"

namespace conec::simec::experiments::e9_words {
namespace {

constexpr std::int64_t kTales = 50;  // the first of the words
constexpr std::size_t kSeeds = 5;
constexpr double kPublishedLoss = .0334;  // of the reference after the last epoch, regularisers included

struct Words {
  WordOccurrences occurrences;
  at::Tensor similarity;
};

absl::StatusOr<Words> Load(const Run& run) {
  Words words;
  CONEC_ASSIGN_OR_RETURN(const std::string path, run.Data("grimm_nasa/simec_words.tar.zst"));
  CONEC_ASSIGN_OR_RETURN(words.occurrences, LoadGrimmNasa(path));
  CONEC_ASSIGN_OR_RETURN(words.similarity, SharedTextSimilarity(words.occurrences.counts));
  return words;
}

// The words at the places y: words x 2.
void PlotWords(Run& run, const Words& words, const std::string& title, const at::Tensor& y) {
  Panel panel{.title = title, .x_label = "dimension 1", .y_label = "dimension 2"};
  Series series{.name = "words", .mark = Mark::kPoints};
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    series.x.push_back(y[i][0].item<double>());
    series.y.push_back(y[i][1].item<double>());
    series.labels.push_back(words.occurrences.words[static_cast<std::size_t>(i)]);
  }
  panel.series.push_back(std::move(series));
  run.Plot(std::move(panel));
}

absl::Status Spectrum(Run& run, const Words& words) {
  constexpr std::array<double, 5> kFirst = {31.33604797, 4.95236018, 4.79711511, 4.05009333, 3.65669978};
  constexpr std::array<double, 5> kLast = {-3.31373975, -3.53055135, -4.10922523, -4.76011161, -7.40005291};
  CONEC_ASSIGN_OR_RETURN(const EigenPairs eigen, AllEigen(words.similarity));
  const std::int64_t n = eigen.values.size(0);
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto at = static_cast<std::size_t>(i);
    CONEC_RETURN_IF_ERROR(
        run.Add(Printed(fmt::format("eigenvalue {}", i + 1), kFirst[at], 8, eigen.values[i].item<double>())));
    const std::int64_t last = n - 5 + i;
    CONEC_RETURN_IF_ERROR(
        run.Add(Printed(fmt::format("eigenvalue {}", last + 1), kLast[at], 8, eigen.values[last].item<double>())));
  }
  for (std::int64_t i = 0; i < n; ++i) {
    run.Plot({.title = "Spectrum", .x_label = "", .y_label = "eigenvalue"}, "words", static_cast<double>(i + 1),
             eigen.values[i].item<double>());
  }
  PlotWords(run, words, "Largest eigenvalues", eigen.vectors.narrow(1, 0, 2) * eigen.values.narrow(0, 0, 2).sqrt());
  return absl::OkStatus();
}

// How many words lie nearer to the mean of their own source than to that of the other.
double PartOnTheirSide(const at::Tensor& y) {
  const at::Tensor tales = y.narrow(0, 0, kTales), news = y.narrow(0, kTales, y.size(0) - kTales);
  const at::Tensor to_tales = (y - tales.mean(0)).square().sum(1), to_news = (y - news.mean(0)).square().sum(1);
  const at::Tensor is_tale = at::arange(y.size(0)).lt(kTales);
  return to_tales.lt(to_news).eq(is_tale).to(at::kDouble).mean().item<double>();
}

absl::StatusOr<Encoded> TrainWords(const Run& run, const Words& words, std::uint64_t seed) {
  Settings settings = LinearSettings(2, .03, 400);
  settings.model.hidden = {{10, Activation::kTanh}};
  settings.model.seed = settings.training.seed = seed;
  settings.objective.l2_hidden = 1e-5;
  settings.objective.l2_embedding = 1e-4;
  return TrainEncoder(run, settings,
                      {.x = words.occurrences.counts.to(at::kFloat), .s = words.similarity.to(at::kFloat), .s_ll = {}});
}

absl::Status Encode(Run& run, const Words& words) {
  std::vector<Encoded> runs;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CONEC_ASSIGN_OR_RETURN(runs.emplace_back(), TrainWords(run, words, seed));
  }
  std::sort(runs.begin(), runs.end(), [](const Encoded& a, const Encoded& b) { return a.loss < b.loss; });
  const Encoded& median = runs[kSeeds / 2];
  PlotWords(run, words, "SimEc", median.y);
  CONEC_RETURN_IF_ERROR(
      run.Add(AtMost("SimEc, loss, median of 5 seeds", kPublishedLoss, 1.1 * kPublishedLoss, median.loss)));
  return run.Add(AtLeast("SimEc, words nearer to those of their source", std::nullopt, .9, PartOnTheirSide(median.y)));
}

absl::Status RunWords(Run& run) {
  return CatchTorch("words", [&]() -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(const Words words, Load(run));
    if (run.Begin("spectrum")) CONEC_RETURN_IF_ERROR(Spectrum(run, words));
    if (run.Begin("SimEc")) CONEC_RETURN_IF_ERROR(Encode(run, words));
    return absl::OkStatus();
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E9b",
          .alias = "words",
          .title = "100 words of fairy tales and space news, alike by shared texts (non-metric)",
          .data = "grimm_nasa/simec_words.tar.zst",
          .time = "1 s",
          .quick = {},
          .run = RunWords};
}

}  // namespace conec::simec::experiments::e9_words
