// simec fit: points and a relation in, an encoder out.
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "simec_core/closed_forms.h"
#include "simec_core/fingerprint.h"
#include "simec_core/model.h"
#include "simec_core/model_file.h"
#include "simec_core/tensor_status.h"
#include "simec_core/trainer.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/simec/command.h"
#include "tools/simec/data.h"
#include "tools/simec/match.h"

namespace conec::simec {
namespace {

constexpr const char* kEigen = "eigen";

struct Options {
  std::string input, output;
  std::string last_layer;  // a file, or kEigen
  bool freeze = false;
  bool balance = false;
  TargetOptions target;
  ModelOptions model;
  ObjectiveOptions objective;
  TrainOptions training;
};

// "name = value" lines mean options of `simec fit`, without a section.
class FlatConfig : public CLI::ConfigTOML {
 public:
  explicit FlatConfig(const CLI::App& fit) : fit_(fit) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::stringstream lines;
    for (std::string line; std::getline(input, line);) lines << WithOneValue(line) << '\n';
    std::vector<CLI::ConfigItem> all = CLI::ConfigTOML::from_config(lines);
    for (CLI::ConfigItem& item : all) {
      if (item.parents.empty()) item.parents = {"fit"};
    }
    std::stable_partition(all.begin(), all.end(), [](const CLI::ConfigItem& item) { return item.name == "preset"; });
    return all;
  }

 private:
  // CLI11 splits values at commas and blanks whatever the option. Where it takes one value, that is put into quotes.
  std::string WithOneValue(const std::string& line) const {
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string name = CLI::detail::trim_copy(line.substr(0, equals));
    const CLI::Option* option = fit_.get_option_no_throw("--" + name);
    if (option == nullptr || option->get_items_expected_max() != 1 || equals == line.size()) return line;
    const std::string value = CLI::detail::trim_copy(line.substr(equals + 1, line.find('#', equals) - equals - 1));
    if (value.find_first_of(", \t") == std::string::npos || value.find_first_of("[\"'") == 0) return line;
    const char quote = value.find('"') == std::string::npos ? '"' : '\'';
    return fmt::format("{} = {}{}{}", name, quote, value, quote);
  }

  const CLI::App& fit_;
};

// The preset is applied as soon as it is read, before any other option is: all others have the last word.
void AddPreset(CLI::App& app, Options& options) {
  const auto apply = [&options](const std::string& name) {
    const absl::StatusOr<Preset> preset = ParsePreset(name);
    if (!preset.ok()) throw CLI::ValidationError("--preset", std::string(preset.status().message()));
    ApplyPreset(*preset, options.model, options.objective, options.training);
  };
  app.add_option_function<std::string>("--preset", apply,
                                       "defaults for all that follows: those of simec.py (Adamax, Glorot) or of "
                                       "simec_torch.py (Adam, plateau, best weights)")
      ->type_name("keras|torch")
      ->trigger_on_parse();
}

template <typename Layers>
void AddLayers(CLI::App& app, const std::string& name, Layers& layers,
               absl::StatusOr<Layers> (*parse)(std::string_view), const std::string& description) {
  const auto assign = [&layers, parse, name](const std::string& text) {
    absl::StatusOr<Layers> parsed = parse(text);
    if (!parsed.ok()) throw CLI::ValidationError(name, std::string(parsed.status().message()));
    layers = *std::move(parsed);
  };
  app.add_option_function<std::string>(name, assign, description)->type_name("LAYERS")->group("Network");
}

void AddModelOptions(CLI::App& app, Options& options) {
  constexpr const char* kGroup = "Network";
  ModelOptions& model = options.model;
  app.add_option("--dim", model.dim, "dimensions of the embedding")->type_name("N")->group(kGroup);
  AddLayers(app, "--hidden", model.hidden, ParseHiddenLayers,
            "hidden layers, SIZE[:ACTIVATION],...: 100:tanh,50:relu (tanh, relu, sigmoid, softplus, linear)");
  AddLayers(app, "--conv", model.conv, ParseConvLayers,
            "convolutions before them, FILTERS:KERNEL:PADDING:ACTIVATION:POOL,... (--image)");
  app.add_option_function<std::vector<std::int64_t>>(
         "--image",
         [&model](const std::vector<std::int64_t>& sizes) {
           model.channels = sizes[0];
           model.height = sizes[1];
           model.width = sizes[2];
         },
         "rows are images")
      ->type_name("CHANNELS HEIGHT WIDTH")
      ->expected(3)
      ->group(kGroup);
  cli::AddChoice(app, "--output-kind", model.output, ParseOutputKind, "linear|sigmoid",
                 "sigmoid keeps predictions between --output-low and --output-high")
      ->group(kGroup);
  app.add_option("--output-low", model.output_low)->type_name("R")->group(kGroup);
  app.add_option("--output-high", model.output_high)->type_name("R")->group(kGroup);
  app.add_option("--last-layer", options.last_layer,
                 "start with these values of W_l: a matrix of --dim rows; or eigen: with the best ones, from the "
                 "eigenvectors of the similarities of the targets (few --targets, then)")
      ->type_name("FILE|eigen")
      ->group(kGroup);
  app.add_flag("--freeze-last-layer", options.freeze, "and leave them as they are")->group(kGroup);
  app.add_flag("--decoder", model.decoder,
               "learn to lead embeddings back to features as well, by the hidden layers in reverse (simec decode)")
      ->group(kGroup);
  cli::AddChoice(app, "--init", model.initialization, ParseInitialization, "glorot|kaiming", "of weights")
      ->group(kGroup);
  cli::AddChoice(app, "--dtype", model.precision, ParsePrecision, "float32|float64", "precision")->group(kGroup);
  app.add_option("--device", model.device, "cpu, cuda, cuda:1, ...")->group(kGroup);
}

void AddObjectiveOptions(CLI::App& app, Options& options) {
  constexpr const char* kGroup = "Objective";
  ObjectiveOptions& objective = options.objective;
  cli::AddChoice(app, "--loss", objective.loss, ParseLossKind, "mse|mae|bce",
                 "of predictions; bce goes with --output-kind sigmoid")
      ->group(kGroup);
  app.add_option("--missing-weight", objective.missing_weight,
                 "missing targets count as zeros with this weight: 0 does not see them, 1 takes them for zeros")
      ->type_name("R")
      ->group(kGroup);
  cli::AddChoice(app, "--masked-mean", objective.masked_mean, ParseMaskedMean, "per-row|global",
                 "with missing targets, every row counts the same, or every entry")
      ->group(kGroup);
  app.add_flag("--allow-empty-rows", objective.allow_empty_rows, "points without any target are no error")
      ->group(kGroup);
  cli::AddChoice(app, "--scaling", objective.scaling, ParseScaling, "mean|frobenius",
                 "what the following weights multiply: mean squares, or sums of squares as in the paper")
      ->group(kGroup);
  app.add_option("--s-ll-weight", objective.s_ll,
                 "of ||S_ll - W_l'W_l||^2: with it, products of embeddings approximate a symmetric target")
      ->type_name("R")
      ->group(kGroup);
  app.add_flag("--balance", options.balance,
               "after training, share out scale and rotation between Y and W_l so that products of embeddings "
               "approximate the target without --s-ll-weight; predictions stay. For symmetric targets without large "
               "negative eigenvalues whose first columns are the first points")
      ->group(kGroup);
  app.add_option("--reconstruction", objective.reconstruction,
                 "of the mean squared error of features that --decoder gives; 1 with it")
      ->type_name("R")
      ->group(kGroup);
  app.add_option("--orthogonality", objective.orthogonality, "of the rows of W_l")->type_name("R")->group(kGroup);
  app.add_option("--l2", objective.l2_embedding, "of weights of the embedding layer")->type_name("R")->group(kGroup);
  app.add_option("--l2-hidden", objective.l2_hidden, "of weights of hidden layers")->type_name("R")->group(kGroup);
  app.add_option("--l2-last", objective.l2_last, "of W_l")->type_name("R")->group(kGroup);
}

void AddTrainOptions(CLI::App& app, Options& options) {
  constexpr const char* kGroup = "Training";
  TrainOptions& training = options.training;
  cli::AddChoice(app, "--optimizer", training.optimizer, ParseOptimizerKind, "adamax|adam|sgd", "")->group(kGroup);
  app.add_option("--lr", training.learning_rate, "learning rate")->type_name("R")->group(kGroup);
  app.add_option("--momentum", training.momentum, "of sgd")->type_name("R")->group(kGroup);
  app.add_option("--epochs", training.epochs)->type_name("N")->group(kGroup);
  app.add_option("--batch", training.batch, "points per step")->type_name("N")->group(kGroup);
  cli::AddChoice(app, "--schedule", training.schedule, ParseScheduleKind, "constant|step|plateau",
                 "of the learning rate")
      ->group(kGroup);
  app.add_option("--schedule-factor", training.schedule_factor, "what it is multiplied with")->group(kGroup);
  app.add_option("--schedule-every", training.schedule_every, "step: epochs")->type_name("N")->group(kGroup);
  app.add_option("--schedule-patience", training.schedule_patience, "plateau: epochs")->type_name("N")->group(kGroup);
  app.add_option("--validation", training.validation, "hold out this part of the points")
      ->type_name("R")
      ->group(kGroup);
  app.add_option("--patience", training.patience, "stop after N epochs without improvement; 0: never")
      ->type_name("N")
      ->group(kGroup);
  app.add_flag("--keep-best,!--keep-last", training.keep_best, "the weights of the best epoch, or those of the last")
      ->group(kGroup);
  app.add_option_function<std::uint64_t>(
         "--seed", [&options](std::uint64_t seed) { options.model.seed = options.training.seed = seed; },
         "of weights and of the order of points")
      ->type_name("N")
      ->default_str("1")
      ->check(cli::NotNegative())
      ->group(kGroup);
  app.add_option("--checkpoint", training.checkpoint, "a file to resume training from")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--checkpoint-every", training.checkpoint_every)->type_name("EPOCHS")->group(kGroup);
  app.add_flag("--resume", training.resume, "go on from --checkpoint, if it exists")->group(kGroup);
}

void AddOptions(CLI::App& app, cli::Program& program, Options& options) {
  AddPreset(app, options);
  app.add_option("--input,input", options.input,
                 "the points, one per row: .npy, .csv, .tsv or .mtx; identity: points without features")
      ->type_name("FILE")
      ->required();
  app.add_option("--output", options.output, "the model")->type_name("FILE")->required();
  AddTargetOptions(app, options.target);
  AddModelOptions(app, options);
  AddObjectiveOptions(app, options);
  AddTrainOptions(app, options);
  cli::AddThreadsOption(app, options.training.threads);
  program.Writes(app.get_option("--output"));
  program.Writes(app.get_option("--checkpoint"));
  program.AddProgress(app);
  program.AddJson(app);
  app.fallthrough();  // to --config
  app.footer(
      "--config FILE reads options from a file, one per line: dim = 10. The command line has the last word.\n\n"
      "Example:\n"
      "  simec fit --input x.npy --similarity cosine --dim 10 --balance --lr 0.05 --output my.simec\n"
      "  simec fit --input x.npy --similarity labels --labels y.csv --hidden 25,25 --dim 9 --lr 0.02 --s-ll-weight 0.5 "
      "--output my.simec\n"
      "  simec fit --input identity --target ratings.mtx --dim 20 --lr 0.05 --output ratings.simec\n"
      "  simec fit --input x.npy --similarity linear --similarity labels --labels y.csv --mean eigenvalue --dim 9 "
      "--balance --lr 0.05 --output both.simec\n"
      "  simec fit --input x.npy --similarity rbf --targets 100 --last-layer eigen --freeze-last-layer --dim 10 "
      "--lr 0.05 --output my.simec");
}

// W_l and what is done with it after training.
absl::Status CheckLastLayer(const Options& options) {
  if (options.freeze && options.last_layer.empty()) {
    return InvalidArgument("--freeze-last-layer needs --last-layer FILE or eigen");
  }
  if (!options.balance) return absl::OkStatus();
  if (options.freeze) return InvalidArgument("--balance changes W_l, which --freeze-last-layer leaves as it is");
  if (options.model.decoder) return InvalidArgument("--balance changes embeddings, which --decoder would not know");
  if (options.model.output == OutputKind::kLinear) return absl::OkStatus();
  return InvalidArgument("--balance needs --output-kind linear: products of embeddings are not within a range");
}

absl::Status Check(const CLI::App& app, Options& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.training.threads));
  CONEC_RETURN_IF_ERROR(CheckTargetOptions(app, options.target));
  CONEC_RETURN_IF_ERROR(CheckLastLayer(options));
  if (options.model.decoder && app.get_option("--reconstruction")->count() == 0) options.objective.reconstruction = 1;
  if (!options.model.decoder && options.objective.reconstruction > 0) {
    return InvalidArgument("--reconstruction needs --decoder");
  }
  if (options.training.resume && options.training.checkpoint.empty()) {
    return InvalidArgument("--resume needs --checkpoint FILE");
  }
  // What only data tell stands for itself until then.
  ModelOptions model = options.model;
  model.features = std::max<std::int64_t>(1, model.height > 0 ? model.channels * model.height * model.width : 1);
  model.targets = 1;
  model.similarities = 1;
  CONEC_RETURN_IF_ERROR(CheckModelOptions(model));
  CONEC_RETURN_IF_ERROR(CheckObjectiveOptions(options.objective, model));
  CONEC_RETURN_IF_ERROR(CheckTrainOptions(options.training));
  if (options.model.output != OutputKind::kLinear && app.get_option("--normalize")->count() == 0) {
    options.target.normalization = Normalization::kNone;  // targets are in the output's range as they are
  }
  if (options.training.epochs < 1)
    return InvalidArgument("--epochs must be at least 1, got {}", options.training.epochs);
  return absl::OkStatus();
}

// What Y and each relation's W_l of a model of normalised targets are multiplied by to become those of the original
// ones. One relation, divided by c: sqrt(c) each, so that Y Y' stays what W_l'W_l is. Several share Y: W_l alone.
struct Units {
  bool original = false;  // there are such numbers: nothing was subtracted, and predictions are linear
  double y = 1;
  std::vector<double> w;
};

Units UnitsOf(const std::vector<Normalizer>& normalizers, const ModelOptions& model) {
  Units units{.original = model.output == OutputKind::kLinear, .y = 1, .w = {}};
  for (const Normalizer& normalizer : normalizers) {
    units.original = units.original && normalizer.shift == 0;
    units.w.push_back(normalizer.scale);
  }
  if (normalizers.size() == 1) units.y = units.w[0] = std::sqrt(normalizers[0].scale);
  return units;
}

at::Tensor WUnits(const Units& units, const SimEc& model) {
  return at::tensor(units.w, at::kDouble).to(model.last_layer().options().requires_grad(false));
}

absl::Status ScaleBack(SimEc& model, const Units& units) {
  return CatchTorch("scaling the model", [&]() -> absl::Status {
    const at::NoGradGuard no_grad;
    model.embedding()->weight.mul_(units.y);
    if (model.embedding()->bias.defined()) model.embedding()->bias.mul_(units.y);
    model.last_layer().mul_(WUnits(units, model));
    if (!model.options().decoder) return absl::OkStatus();
    if (auto* first = model.decoder()->ptr(0)->as<Affine>()) first->weight.div_(units.y);
    return absl::OkStatus();
  });
}

// What no training can balance.
absl::Status CheckRank(const Options& options) {
  const ModelOptions& model = options.model;
  if (!options.balance || (!model.conv.empty() && model.hidden.empty())) return absl::OkStatus();
  const bool linear = model.hidden.empty();
  const std::int64_t inputs = linear ? model.features : model.hidden.back().size;
  if (model.dim <= inputs + 1) return absl::OkStatus();  // one more: the bias
  return InvalidArgument("--balance: embeddings made of {} cannot fill --dim {}; take --dim {} or less{}",
                         cli::Count(static_cast<std::uint64_t>(inputs), linear ? "feature" : "hidden unit"), model.dim,
                         inputs, linear ? ", or --hidden" : ", or a wider last hidden layer");
}

absl::Status BalanceModel(const Points& points, SimEc& model) {
  CONEC_ASSIGN_OR_RETURN(const InputRows targets, points.First(model.options().targets, model.options().features));
  return Balance(model, targets);
}

// Whether it could be done. If not, what was trained is not lost: its predictions are as good as balanced ones.
bool BalanceOrTell(const cli::Program& program, const Points& points, SimEc& model) {
  const absl::Status balanced = BalanceModel(points, model);
  if (balanced.ok()) return true;
  program.Tell(
      "note: --balance failed: {}. The model is written as it was trained: its predictions hold, but products of its "
      "embeddings do not approximate the target. Fewer --dim, more --epochs or a larger --lr may help, or "
      "--s-ll-weight instead",
      std::string(balanced.message()));
  return false;
}

// d x n x k from the eigenvectors of each relation's S_ll, which is in the units of training already.
absl::StatusOr<at::Tensor> EigenStart(const Target& target, std::int64_t dim) {
  std::vector<at::Tensor> parts;
  const at::Tensor all = target.s_ll.dim() == 3 ? target.s_ll : target.s_ll.unsqueeze(2);
  for (std::int64_t k = 0; k < all.size(2); ++k) {
    absl::StatusOr<at::Tensor> part = EigenLastLayer(all.select(2, k).contiguous(), dim);
    if (!part.ok()) {
      return Annotate(part.status(), target.name + ": --last-layer eigen needs a symmetric, complete matrix");
    }
    parts.push_back(*std::move(part));
  }
  return at::stack(parts, 2);
}

absl::StatusOr<at::Tensor> ReadLastLayer(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const MatrixFile file, ReadMatrixFile(path));
  if (file.values.is_sparse()) return InvalidArgument("'{}': --last-layer must be a dense matrix", path);
  return file.values.dense();
}

// In the units of training, from which ScaleBack() leads back to the numbers of the file.
absl::Status SetLastLayer(const Options& options, const Target& target, const Units& units, SimEc& model) {
  if (options.last_layer.empty()) return absl::OkStatus();
  return CatchTorch("--last-layer", [&]() -> absl::Status {
    if (options.last_layer == kEigen) {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor w, EigenStart(target, options.model.dim));
      return model.SetLastLayer(w, options.freeze);
    }
    CONEC_ASSIGN_OR_RETURN(at::Tensor w, ReadLastLayer(options.last_layer));
    if (units.original && units.w.size() == 1) w = w.div(units.w[0]);
    return Annotate(model.SetLastLayer(w, options.freeze),
                    fmt::format("'{}' is {} x {}", options.last_layer, w.size(0), w.size(1)));
  });
}

cli::Json ToJson(const Options& options, const SimEc& model, const TrainData& data, const TrainReport& report,
                 double seconds) {
  const EpochReport& last = report.epochs.back();
  const auto number = [](double value) { return std::isfinite(value) ? cli::Json(value) : cli::Json(); };
  return {{"model", options.output},
          {"points", data.inputs.rows()},
          {"features", model.options().features},
          {"targets", model.options().targets},
          {"similarities", model.options().similarities},
          {"dim", model.options().dim},
          {"epochs", last.epoch},
          {"resumed_epochs", report.resumed_epochs},
          {"loss", number(last.loss)},
          {"objective", number(last.objective)},
          {"validation", number(last.validation)},
          {"best_epoch", report.best_epoch},
          {"stopped_early", report.stopped_early},
          {"train_seconds", seconds},
          {"peak_rss_kb", cli::PeakRssKb()}};
}

absl::StatusOr<TrainReport> TrainWithProgress(const cli::Program& program, const Options& options, SimEc& model,
                                              const TrainData& data) {
  cli::Progress progress(program.progress_mode());
  TrainOptions training = options.training;
  training.progress = [&progress](const EpochReport& epoch) {
    progress.Update({"train",
                     static_cast<double>(epoch.epoch) / epoch.epochs,
                     {{"epoch", static_cast<double>(epoch.epoch), fmt::format("epoch {}", epoch.epoch)},
                      {"loss", epoch.loss, fmt::format("loss {:.4g}", epoch.loss)},
                      {"learning_rate", epoch.learning_rate, fmt::format("lr {:.3g}", epoch.learning_rate)}}});
    return cli::StopSignal() == 0;
  };
  auto report = Train(model, data, options.objective, training);
  progress.Break();
  return report;
}

// What a checkpoint knows of the data: targets by what they are made of, and where W_l comes from.
absl::StatusOr<std::map<std::string, std::string>> IdentityOf(const Options& options, const Target& target) {
  std::string last_layer = options.last_layer;
  if (!last_layer.empty() && last_layer != kEigen) {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor w, ReadLastLayer(last_layer));
    CONEC_ASSIGN_OR_RETURN(last_layer, FingerprintOf(w));
  }
  if (options.freeze) last_layer += ", frozen";
  return std::map<std::string, std::string>{{"targets", target.identity}, {"s_ll", ""}, {"last layer", last_layer}};
}

// Before training: what becomes of a checkpoint that is there, or is not.
void TellCheckpoint(const cli::Program& program, const TrainOptions& training) {
  std::error_code ignored;
  const bool there = !training.checkpoint.empty() && std::filesystem::exists(training.checkpoint, ignored);
  if (training.resume && !there) {
    program.Tell("note: there is no '{}' to resume: training begins anew", training.checkpoint);
  } else if (there && !training.resume) {
    program.Tell("note: '{}' is there already; --resume would go on with it, this run replaces it",
                 training.checkpoint);
  }
}

void TellResumed(const cli::Program& program, const TrainOptions& training, const TrainReport& report) {
  if (report.resumed_epochs == 0) return;
  if (report.resumed_epochs == report.epochs.back().epoch) {
    program.Tell("note: '{}' holds all of this training, {}: nothing was left to do", training.checkpoint,
                 cli::Count(static_cast<std::uint64_t>(report.resumed_epochs), "epoch"));
  } else {
    program.Tell("resumed: '{}', after {}", training.checkpoint,
                 cli::Count(static_cast<std::uint64_t>(report.resumed_epochs), "epoch"));
  }
}

// The option that needs similarities of the targets among themselves; empty: none does.
std::string_view NeedsTargetsOfPoints(const Options& options) {
  if (options.objective.s_ll > 0) return "--s-ll-weight";
  if (options.last_layer == kEigen) return "--last-layer eigen";
  return options.balance ? "--balance" : "";
}

// Where products of embeddings shall approximate the target.
absl::StatusOr<std::optional<TargetMatch>> MatchOf(const Options& options, const TrainData& data, double scale,
                                                   const SimEc& model) {
  const bool wanted = !NeedsTargetsOfPoints(options).empty() && model.options().similarities == 1;
  if (!wanted || model.options().output != OutputKind::kLinear) return std::optional<TargetMatch>();
  return MatchTarget(model, data.inputs, data.targets, scale);
}

absl::Status CheckTargetsOfPoints(const Options& options, const Target& target) {
  const std::string_view option = NeedsTargetsOfPoints(options);
  if (option.empty()) return absl::OkStatus();
  if (!target.of_points) {
    return InvalidArgument(
        "{} needs targets that are points: a square matrix, or one whose first rows are those of its targets; {} is {} "
        "x {}{}",
        option, target.name, target.rows.rows(), target.rows.targets(),
        target.no_points.empty() ? "" : ", its first rows: " + target.no_points);
  }
  if (!target.s_ll.defined() && !options.balance) {
    return InvalidArgument("{} needs a dense target; {} is sparse", option, target.name);
  }
  if (options.model.dim <= target.rows.targets()) return absl::OkStatus();
  return InvalidArgument("--dim {} is more than {} targets can tell apart ({})", options.model.dim,
                         target.rows.targets(), option);
}

absl::Status CheckTarget(const Options& options, const Target& target) {
  CONEC_RETURN_IF_ERROR(CheckTargetsOfPoints(options, target));
  if (options.objective.loss == LossKind::kBce) {
    CONEC_RETURN_IF_ERROR(Annotate(target.rows.CheckWithin(0, 1),
                                   target.name + ": --loss bce (--normalize minmax brings targets there)"));
  }
  const std::vector<std::int64_t>& empty = target.rows.empty_rows();
  if (empty.empty() || options.objective.missing_weight > 0 || options.objective.allow_empty_rows) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "{}: {} without any entry, the first is row {}: leave them out, or take missing entries for zeros "
      "(--missing-weight), or say that it is meant so (--allow-empty-rows)",
      target.name, cli::Count(empty.size(), "row"), empty.front() + 1);
}

// Not wrong, but hardly meant.
void TellFreeDimensions(const cli::Program& program, const SimEc& model) {
  const std::int64_t numbers = model.options().targets * model.options().similarities;
  if (model.options().dim <= numbers || model.options().decoder) return;
  program.Tell("note: --dim {} is more than {} can tell apart: some dimensions mean nothing", model.options().dim,
               cli::Count(static_cast<std::uint64_t>(numbers), "target"));
}

// What was done to the values and cannot be undone in the model.
void TellUnits(const cli::Program& program, const std::vector<Normalizer>& normalizers) {
  for (std::size_t i = 0; i < normalizers.size(); ++i) {
    const Normalizer& normalizer = normalizers[i];
    if (normalizer.shift == 0 && normalizer.scale == 1) continue;
    program.Tell("note: the model predicts (S{} - {:.6g}) / {:.6g}",
                 normalizers.size() > 1 ? std::to_string(i + 1) : "", normalizer.shift, normalizer.scale);
  }
}

absl::Status Run(const cli::Program& program, Options& options) {
  cli::CatchStopSignals();
  const cli::Stopwatch watch;
  CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const Points points, ReadPoints(options.input));
  CONEC_ASSIGN_OR_RETURN(Target target, LoadTarget(options.target, points, NeedsTargetsOfPoints(options)));
  CONEC_RETURN_IF_ERROR(CheckTarget(options, target));
  for (const std::string& note : target.notes) program.Tell("note: {}", note);
  CONEC_ASSIGN_OR_RETURN(InputRows inputs, points.Inputs(target.rows.rows()));
  options.model.features = inputs.features();
  options.model.targets = target.rows.targets();
  options.model.similarities = target.rows.similarities();
  CONEC_RETURN_IF_ERROR(CheckRank(options));
  CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(options.model));
  const Units units = UnitsOf(target.normalizers, options.model);
  CONEC_RETURN_IF_ERROR(SetLastLayer(options, target, units, model));
  TrainData data{.inputs = std::move(inputs), .targets = std::move(target.rows), .s_ll = target.s_ll};
  CONEC_ASSIGN_OR_RETURN(data.identity, IdentityOf(options, target));
  TellCheckpoint(program, options.training);
  CONEC_ASSIGN_OR_RETURN(const TrainReport report, TrainWithProgress(program, options, model, data));
  const bool balanced = options.balance && BalanceOrTell(program, points, model);
  if (units.original) CONEC_RETURN_IF_ERROR(ScaleBack(model, units));
  CONEC_RETURN_IF_ERROR(SaveModel(model, options.output));
  CONEC_ASSIGN_OR_RETURN(const std::optional<TargetMatch> match,
                         MatchOf(options, data, units.original ? target.normalizers[0].scale : 1, model));
  const EpochReport& last = report.epochs.back();
  TellResumed(program, options.training, report);
  program.Tell("training: {} x {}, {} dimensions, {} epochs in {}, loss {:.5g}", data.inputs.rows(),
               model.options().targets, model.options().dim, last.epoch, cli::Duration(watch.Seconds()), last.loss);
  if (match) TellMatch(program, *match);
  TellFreeDimensions(program, model);
  if (!units.original) TellUnits(program, target.normalizers);
  program.Tell("model: {}", options.output);
  if (!program.json()) return absl::OkStatus();
  cli::Json json = ToJson(options, model, data, report, watch.Seconds());
  if (options.balance) json["balanced"] = balanced;
  if (match) AddMatch(*match, json);
  return cli::PrintJson(json);
}

}  // namespace

Command AddFitCommand(cli::Program& program) {
  const auto options = std::make_shared<Options>();
  options->model.dim = 2;
  CLI::App* app = program.app().add_subcommand("fit", "Trains an encoder.");
  AddOptions(*app, program, *options);
  program.app().config_formatter(std::make_shared<FlatConfig>(*app));
  program.app().set_config("--config", "", "options of fit, one per line: dim = 10")->type_name("FILE");
  program.app().allow_config_extras(CLI::config_extras_mode::error);
  return {app, [app, options] { return Check(*app, *options); },
          [&program, options] { return Run(program, *options); }};
}

}  // namespace conec::simec
