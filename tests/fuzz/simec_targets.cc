#include "tests/fuzz/simec_targets.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "simec_core/model.h"
#include "simec_core/trainer.h"
#include "tests/corpora/compress.h"
#include "tools/simec/command.h"
#include "tools/simec/experiments/digits.h"
#include "tools/simec/experiments/movielens.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;

bool AllFinite(const at::Tensor& values) {
  return at::isfinite(values).all().item<bool>();
}

// --- Checkpoints: training that goes on from one ends as it should, or is refused.

constexpr int kEpochs = 4, kBefore = 2;

struct SmallTraining {
  simec::SimEc model;
  simec::TrainData data;
  simec::TrainOptions options;
};

SmallTraining MakeTraining(const std::string& checkpoint) {
  const auto numbers = at::arange(12, at::kFloat).view({4, 3}) / 12;
  SmallTraining training{*simec::SimEc::Create({.features = 3, .dim = 2, .targets = 4}),
                         {*simec::InputRows::Dense(numbers), *simec::TargetRows::Dense(numbers.mm(numbers.t()))},
                         {}};
  training.options.epochs = kEpochs;
  training.options.batch = 2;
  training.options.schedule = simec::ScheduleKind::kPlateau;
  training.options.patience = kEpochs;
  training.options.keep_best = true;
  training.options.checkpoint = checkpoint;
  training.options.resume = true;
  return training;
}

absl::Status ReadCheckpoint(std::string_view input) {
  const TemporaryFolder folder;
  SmallTraining training = MakeTraining(folder.Write("checkpoint", input));
  // Nothing is written: the disk has other things to do.
  training.options.progress = [](const simec::EpochReport& epoch) { return epoch.epoch + 1 < kEpochs; };
  const auto report = simec::Train(training.model, training.data, {}, training.options);
  Require(report.ok() || AllFinite(training.model.last_layer()), "what fails leaves a model that can be used");
  if (absl::IsCancelled(report.status())) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(report.status());
  const auto epochs = static_cast<int>(report->epochs.size());
  Require(epochs > 0 && epochs <= kEpochs, "as many epochs as asked for");
  Require(report->best_epoch > 0 && report->best_epoch <= epochs, "the best epoch is one of them");
  for (int i = 0; i < epochs; ++i) {
    Require(report->epochs[static_cast<std::size_t>(i)].epoch == i + 1, "epochs are counted");
  }
  Require(AllFinite(training.model.last_layer()), "weights are finite");
  return absl::OkStatus();
}

Seeds Checkpoints() {
  return {Saved([](const std::string& path) {
    SmallTraining training = MakeTraining(path);
    training.options.progress = [](const simec::EpochReport& epoch) { return epoch.epoch < kBefore; };
    const auto report = simec::Train(training.model, training.data, {}, training.options);
    return absl::IsCancelled(report.status()) ? absl::OkStatus() : Internal("training was not stopped");
  })};
}

// --- simec fit --config.

absl::Status ReadConfig(std::string_view input) {
  const MemoryFile file(input);
  cli::Program program({"simec", "", ""});
  const simec::Command fit = simec::AddFitCommand(program);
  std::vector<std::string> reversed = {file.path(), "--config", "y.simec", "--output", "x.csv", "--input", "fit"};
  try {
    program.app().parse(reversed);
  } catch (const CLI::ParseError& error) {
    return InvalidArgument("{}: {}", error.get_name(), error.what());
  }
  return fit.check();
}

Seeds Configs() {
  return {"similarity = rbf\ndim = 10\nhidden = \"100:tanh,50:relu\"\nlr = 0.05\nkeep-best = true\n",
          "# a comment\npreset=torch\nsimilarity=linear\nimage=[1, 8, 8]\nconv='4:3:1:relu:2'\noutput-kind=sigmoid\n"
          "output-high=2\nseed=7\n",
          "[fit]\ntarget=[\"a.csv\", 'b.mtx']\nepochs=3\nschedule=step\nschedule-every=1\nnormalize=none\n"};
}

// --- Data sets.

absl::Status ReadMovieLens(std::string_view input) {
  constexpr std::int64_t kSmall = 1 << 16;
  const TemporaryFolder folder;
  const auto files = SplitFiles(input, 3);
  folder.Write("u.genre", files[0]);
  folder.Write("u.item", files[1]);
  folder.Write("u.data", files[2]);
  CONEC_ASSIGN_OR_RETURN(const auto data, simec::experiments::LoadMovieLens(folder.path()));
  const std::int64_t films = data.features.size(0);
  Require(films == static_cast<std::int64_t>(data.titles.size()), "a title per film");
  Require(data.features.size(1) == static_cast<std::int64_t>(data.feature_names.size()), "a name per feature");
  Require(data.films.max().item<std::int64_t>() < films, "ratings are of films");
  Require(data.users.max().item<std::int64_t>() < data.user_count, "ratings are of users");
  if (films * data.user_count > kSmall) return absl::OkStatus();
  Require(AllFinite(simec::experiments::RatingResiduals(data)), "what is left of ratings is finite");
  return absl::OkStatus();
}

Seeds MovieLensFiles() {
  return {std::string("unknown|0\nDrama|1\n\n") + kNextFile +
          "1|A (1995)|01-Jan-1995||http|0|1\n2|B|||http|1|0\n3|C (1987)|03-Feb-1987||http|0|1\r\n" + kNextFile +
          "1\t1\t5\t0\n1\t3\t1\t0\n2\t1\t4\t0\n4\t2\t2\t0\n"};
}

absl::Status ReadDigits(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto digits, simec::experiments::LoadDigits(MemoryFile(input).path()));
  Require(digits.x.size(0) == digits.labels.size(0), "a label per image");
  Require(AllFinite(digits.x), "grey levels are finite");
  return absl::OkStatus();
}

Seeds DigitFiles() {
  std::string text;
  for (const char* label : {"3", "9.0"}) {
    for (int i = 0; i < 64; ++i) text += fmt::format("{},", i % 17);
    text += fmt::format("{}\n", label);
  }
  return {text, corpora::Compress("gzip", text)};
}

}  // namespace

std::vector<Target> SimecTargets() {
  return {{.name = "simec-checkpoint",
           .run = ReadCheckpoint,
           .seeds = Checkpoints,
           .repair = RepairSafetensors,
           .iterations = 300},
          {.name = "simec-config", .run = ReadConfig, .seeds = Configs, .iterations = 500},
          {.name = "movielens", .run = ReadMovieLens, .seeds = MovieLensFiles, .iterations = 500},
          {.name = "digits", .run = ReadDigits, .seeds = DigitFiles, .iterations = 1000}};
}

}  // namespace conec::fuzz
