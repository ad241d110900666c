// simec embed, predict, decode and evaluate: what a fitted encoder makes of points.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "simec_core/model.h"
#include "simec_core/model_file.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/text.h"
#include "tools/simec/command.h"
#include "tools/simec/data.h"

namespace conec::simec {
namespace {

struct ModelFlags {
  std::string model, input;
  std::string device;
};

struct OutputOptions : ModelFlags {
  std::string output = "-";
  std::int64_t relation = 1;
  bool difference = false;
};

struct EvaluateOptions : ModelFlags {
  TargetOptions target;
  std::string compare = "auto";
  bool spearman = true;
};

void AddModelFlags(CLI::App& app, ModelFlags& flags) {
  app.add_option("--model", flags.model, "an encoder of simec fit")->type_name("FILE")->required();
  app.add_option(
         "--input,input", flags.input,
         "the points, one per row: .npy, .csv, .tsv or .mtx; identity: as many points as the model has features")
      ->type_name("FILE")
      ->required();
  app.add_option("--device", flags.device, "cpu, cuda, ...; default: where the model was trained");
}

void AddOutput(CLI::App& app, cli::Program& program, OutputOptions& options) {
  app.add_option("--output", options.output, "by its ending .npy, .csv, .tsv or .mtx; -: CSV to standard output")
      ->type_name("FILE");
  program.Writes(app.get_option("--output"));
}

struct Loaded {
  SimEc model;
  Points points;
  InputRows inputs;
};

absl::StatusOr<Loaded> Load(const ModelFlags& flags) {
  CONEC_ASSIGN_OR_RETURN(SimEc model, LoadModel(flags.model, flags.device));
  CONEC_ASSIGN_OR_RETURN(Points points, ReadPoints(flags.input));
  CONEC_ASSIGN_OR_RETURN(InputRows inputs, points.Inputs(model.options().features));
  CONEC_RETURN_IF_ERROR(Annotate(model.CheckInput(inputs), flags.input));
  return Loaded{std::move(model), std::move(points), std::move(inputs)};
}

// To --output, or, with --json and without it, the numbers as JSON.
absl::Status WriteRows(const cli::Program& program, const OutputOptions& options, const at::Tensor& values,
                       const std::vector<std::string>& names) {
  if (options.output == "-" && program.json()) return PrintRowsAsJson({values, names, {}});
  CONEC_RETURN_IF_ERROR(WriteResult(options.output, {values, names, {}}));
  return TellResult(program, options.output, values.size(0), values.size(1));
}

absl::Status RunEmbed(const cli::Program& program, const OutputOptions& options) {
  if (options.output != "-") CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const Loaded loaded, Load(options));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, loaded.model.Embed(loaded.inputs));
  return WriteRows(program, options, y, loaded.points.file.row_names);
}

// One of the k relations: m x n.
absl::StatusOr<at::Tensor> PredictionOf(const SimEc& model, const InputRows& inputs, std::int64_t relation) {
  const std::int64_t count = model.options().similarities;
  if (relation < 1 || relation > count) {
    return InvalidArgument("--relation must be from 1 to {}, the model's number of relations, got {}", count, relation);
  }
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, model.Predict(inputs));
  return s.dim() == 3 ? s.select(2, relation - 1).contiguous() : s;
}

// The first of two relations less the second: S = S1 - S2.
absl::StatusOr<at::Tensor> PredictedDifference(const SimEc& model, const InputRows& inputs) {
  if (model.options().similarities != 2) {
    return InvalidArgument("--difference is for models of two relations (simec fit --split), this one has {}",
                           model.options().similarities);
  }
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, model.Predict(inputs));
  return CatchTorch("prediction", [&]() -> absl::StatusOr<at::Tensor> { return s.select(2, 0).sub(s.select(2, 1)); });
}

absl::Status RunPredict(const cli::Program& program, const OutputOptions& options) {
  if (options.output != "-") CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const Loaded loaded, Load(options));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, options.difference
                                                 ? PredictedDifference(loaded.model, loaded.inputs)
                                                 : PredictionOf(loaded.model, loaded.inputs, options.relation));
  return WriteRows(program, options, s, loaded.points.file.row_names);
}

absl::Status RunDecode(const cli::Program& program, const OutputOptions& options) {
  if (options.output != "-") CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const SimEc model, LoadModel(options.model, options.device));
  if (!model.options().decoder) {
    return FailedPrecondition("'{}' has no decoder: fit it with simec fit --decoder", options.model);
  }
  CONEC_ASSIGN_OR_RETURN(const Points embeddings, ReadPoints(options.input));
  if (embeddings.identity || embeddings.file.values.is_sparse()) {
    return InvalidArgument("'{}': embeddings must be a dense matrix, as simec embed writes it", options.input);
  }
  const at::Tensor& y = embeddings.file.values.dense();
  absl::StatusOr<at::Tensor> x = model.Decode(y);
  if (!x.ok()) return Annotate(x.status(), fmt::format("'{}' is {} x {}", options.input, y.size(0), y.size(1)));
  return WriteRows(program, options, *x, embeddings.file.row_names);
}

struct Comparison {
  std::string name;
  Match match;
};

// The target as a whole, NaN where nothing is observed.
absl::StatusOr<at::Tensor> Dense(const Target& target) {
  if (target.matrix.defined()) return target.matrix;
  const std::int64_t m = target.rows.rows(), n = target.rows.targets();
  if (m > kLargestWhole / n) {
    return FailedPrecondition("{}: {} x {} are too many to be compared as a whole; take fewer --targets or rows",
                              target.name, m, n);
  }
  return CatchTorch("comparing", [&]() -> absl::StatusOr<at::Tensor> {
    CONEC_ASSIGN_OR_RETURN(const TargetBlock block, target.rows.Block(at::arange(m, at::kLong)));
    return block.values.masked_fill(block.observed.eq(0), std::numeric_limits<double>::quiet_NaN());
  });
}

// Which of the comparisons `s` allows and the user wants.
struct Wanted {
  bool predictions = false, embeddings = false;
};

Wanted WantedComparisons(const EvaluateOptions& options, const SimEc& model, std::int64_t points, const at::Tensor& s) {
  const bool computed = !options.target.similarities.empty();
  const std::int64_t columns = s.size(1), targets = model.options().targets, k = model.options().similarities;
  const bool fits = computed ? columns >= targets : columns == targets;
  Wanted wanted;
  wanted.predictions = fits && (s.dim() == 3 ? s.size(2) == k : k == 1) && options.compare != "embeddings" &&
                       !(computed && s.dim() == 2 && options.compare == "auto");
  wanted.embeddings = columns == points && s.dim() == 2 && options.compare != "predictions";
  return wanted;
}

// What `part` makes of predictions (m x n x k, or m x n) against what it makes of `s`.
absl::StatusOr<Match> MatchPart(const EvaluateOptions& options, const SimEc& model, const at::Tensor& y,
                                const at::Tensor& s, const std::function<at::Tensor(const at::Tensor&)>& part) {
  const auto predicted = [&](std::int64_t begin, std::int64_t count) -> absl::StatusOr<at::Tensor> {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor rows, model.PredictFromEmbedding(y.narrow(0, begin, count)));
    return part(rows);
  };
  return MatchObserved(part(s).narrow(1, 0, model.options().targets), predicted, {.spearman = options.spearman});
}

// Y Y' in double precision.
absl::StatusOr<Match> MatchProducts(const EvaluateOptions& options, const at::Tensor& y, const at::Tensor& s) {
  const at::Tensor wide = y.to(at::kDouble), transposed = wide.t();
  const auto products = [&](std::int64_t begin, std::int64_t count) {
    return wide.narrow(0, begin, count).matmul(transposed);
  };
  return MatchObserved(s, products, {.spearman = options.spearman});
}

// Features against what the decoder makes of their embeddings.
absl::StatusOr<Match> MatchPreImages(const EvaluateOptions& options, const SimEc& model, const InputRows& inputs,
                                     const at::Tensor& y) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor x, inputs.ToDense());
  const auto decoded = [&](std::int64_t begin, std::int64_t count) { return model.Decode(y.narrow(0, begin, count)); };
  return MatchObserved(x, decoded, {.spearman = options.spearman});
}

absl::Status ComparePredictions(const EvaluateOptions& options, const SimEc& model, const at::Tensor& y,
                                const at::Tensor& s, std::vector<Comparison>& comparisons) {
  const std::int64_t k = model.options().similarities;
  for (std::int64_t i = 0; i < k; ++i) {
    const auto relation = [i](const at::Tensor& all) { return all.dim() == 3 ? all.select(2, i) : all; };
    CONEC_ASSIGN_OR_RETURN(const Match match, MatchPart(options, model, y, s, relation));
    comparisons.push_back({k == 1 ? "predictions" : fmt::format("predictions {}", i + 1), match});
  }
  if (!options.target.split) return absl::OkStatus();
  const auto difference = [](const at::Tensor& both) { return both.select(2, 0).sub(both.select(2, 1)); };
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchPart(options, model, y, s, difference));
  comparisons.push_back({"difference", match});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Comparison>> Compare(const EvaluateOptions& options, const SimEc& model,
                                                const InputRows& inputs, const at::Tensor& s) {
  const Wanted wanted = WantedComparisons(options, model, inputs.rows(), s);
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, model.Embed(inputs));
  std::vector<Comparison> comparisons;
  if (wanted.predictions) {
    CONEC_RETURN_IF_ERROR(ComparePredictions(options, model, y, s, comparisons));
  }
  if (wanted.embeddings) {
    CONEC_ASSIGN_OR_RETURN(const Match match, MatchProducts(options, y, s));
    comparisons.push_back({"embeddings", match});
  }
  if (!comparisons.empty() && model.options().decoder) {
    CONEC_ASSIGN_OR_RETURN(const Match match, MatchPreImages(options, model, inputs, y));
    comparisons.push_back({"pre-images", match});
  }
  if (!comparisons.empty()) return comparisons;
  const std::int64_t k = model.options().similarities, given = s.dim() == 3 ? s.size(2) : 1;
  if (given != k) {
    return InvalidArgument(
        "the model has {}, the target {}: give --target or --similarity as often, --mean or --split "
        "as in simec fit",
        cli::Count(static_cast<std::size_t>(k), "relation"), given);
  }
  return InvalidArgument(
      "the target has {} columns: {} (the model's targets) are needed to judge predictions, {} (the "
      "points themselves) to judge products of embeddings",
      s.size(1), model.options().targets, inputs.rows());
}

cli::Json ToJson(const std::vector<Comparison>& comparisons) {
  cli::Json json = cli::Json::object();
  for (const Comparison& comparison : comparisons) {
    cli::Json& entry = json[comparison.name] = {{"mse", comparison.match.mse}, {"r2", comparison.match.r2}};
    if (comparison.match.spearman) entry["spearman"] = *comparison.match.spearman;
  }
  return json;
}

absl::Status RunEvaluate(const cli::Program& program, const EvaluateOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const Loaded loaded, Load(options));
  CONEC_ASSIGN_OR_RETURN(const Target target, LoadTarget(options.target, loaded.points, ""));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, Dense(target));
  if (s.size(0) != loaded.inputs.rows()) {
    return InvalidArgument("the target has {} rows, the input has {}: one row per point is needed", s.size(0),
                           loaded.inputs.rows());
  }
  CONEC_ASSIGN_OR_RETURN(const auto comparisons, Compare(options, loaded.model, loaded.inputs, s));
  if (program.json()) return cli::PrintJson(ToJson(comparisons));
  std::string text = fmt::format("{:<16}{:>14}{:>10}{:>10}\n", "", "MSE", "R2", "Spearman");
  for (const auto& [name, match] : comparisons) {
    text += fmt::format("{:<16}{:>14.6g}{:>10.4f}{:>10}\n", name, match.mse, match.r2,
                        match.spearman ? fmt::format("{:.4f}", *match.spearman) : "-");
  }
  return cli::PrintText(text);
}

}  // namespace

Command AddEmbedCommand(cli::Program& program) {
  const auto options = std::make_shared<OutputOptions>();
  CLI::App* app = program.app().add_subcommand("embed", "Embeds points: one row of --dim numbers for each.");
  AddModelFlags(*app, *options);
  AddOutput(*app, program, *options);
  program.AddJson(*app);
  app->footer("Example:\n  simec embed --model my.simec --input new.npy --output y.npy");
  return {app, [] { return absl::OkStatus(); }, [&program, options] { return RunEmbed(program, *options); }};
}

Command AddPredictCommand(cli::Program& program) {
  const auto options = std::make_shared<OutputOptions>();
  CLI::App* app = program.app().add_subcommand("predict", "Predicts each point's relation to the targets.");
  AddModelFlags(*app, *options);
  AddOutput(*app, program, *options);
  CLI::Option* relation =
      app->add_option("--relation", options->relation, "of a model of several relations, the one to predict")
          ->type_name("N");
  app->add_flag("--difference", options->difference, "of a model of two relations: S1 - S2 (simec fit --split)")
      ->excludes(relation);
  program.AddJson(*app);
  app->footer("Example:\n  simec predict --model my.simec --input new.npy --output s.npy");
  return {app, [] { return absl::OkStatus(); }, [&program, options] { return RunPredict(program, *options); }};
}

Command AddDecodeCommand(cli::Program& program) {
  const auto options = std::make_shared<OutputOptions>();
  CLI::App* app = program.app().add_subcommand(
      "decode", "Gives pre-images of embeddings: the features that a model with a decoder sees in them.");
  app->add_option("--model", options->model, "an encoder of simec fit --decoder")->type_name("FILE")->required();
  app->add_option("--input,input", options->input, "embeddings, one per row, as simec embed writes them")
      ->type_name("FILE")
      ->required();
  app->add_option("--device", options->device, "cpu, cuda, ...; default: where the model was trained");
  AddOutput(*app, program, *options);
  program.AddJson(*app);
  app->footer("Example:\n  simec decode --model my.simec --input y.npy --output x.npy");
  return {app, [] { return absl::OkStatus(); }, [&program, options] { return RunDecode(program, *options); }};
}

Command AddEvaluateCommand(cli::Program& program) {
  const auto options = std::make_shared<EvaluateOptions>();
  options->target.normalization = Normalization::kNone;
  CLI::App* app = program.app().add_subcommand(
      "evaluate", "Compares predictions, and products of embeddings, with the relation they approximate.");
  AddModelFlags(*app, *options);
  AddTargetOptions(*app, options->target);
  cli::AddOneOf(*app, "--compare", options->compare, "auto|predictions|embeddings|both",
                "products of embeddings need a target that is square, predictions one with the model's targets as "
                "columns: with --similarity the points must then be those of training. auto: what --target allows; "
                "embeddings with one --similarity");
  app->add_flag("!--no-spearman", options->spearman, "leave out rank correlation, which sorts all pairs");
  program.AddJson(*app);
  app->footer(
      "A similarity is computed, and centred, among the points that are given.\n\n"
      "Example:\n"
      "  simec evaluate --model my.simec --input x.npy --similarity cosine");
  return {app, [app, options] { return CheckTargetOptions(*app, options->target); },
          [&program, options] { return RunEvaluate(program, *options); }};
}

}  // namespace conec::simec
