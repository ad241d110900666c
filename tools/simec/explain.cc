// simec explain: which features a prediction, or the similarity of two points, comes from.
#include "simec_core/explain.h"

#include <ATen/Functions.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "simec_core/model.h"
#include "simec_core/model_file.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/simec/command.h"
#include "tools/simec/data.h"

namespace conec::simec {
namespace {

struct ExplainFlags {
  std::string model, input, other, output = "-";
  std::int64_t target = 1, relation = 1, row = 1;
  std::string first;
  bool one_row = false, flat_preset = false;  // one_row: --similar-to-row is given
  ExplainOptions explain;
};

void AddOptions(CLI::App& app, cli::Program& program, ExplainFlags& options) {
  app.add_option("--model", options.model, "an encoder of simec fit")->type_name("FILE")->required();
  app.add_option("--input,input", options.input, "the points to explain, one per row")->type_name("FILE")->required();
  app.add_option("--target", options.target, "explain predictions for this target, the first being 1")
      ->type_name("N")
      ->default_str("");
  app.add_option("--relation", options.relation, "of a model of several relations")->type_name("N");
  app.add_option("--similar-to", options.other,
                 "explain the similarity to these points: row by row, or all to the only one")
      ->type_name("FILE");
  app.add_option("--similar-to-row", options.row, "of that file, the only point to take, the first being 1")
      ->type_name("N")
      ->default_str("");
  app.add_flag("--flat-preset", options.flat_preset,
               "the rules that images are explained with in the publications, instead of all that follows");
  cli::AddChoice(app, "--rule", options.explain.dense, ParseRelevanceRule, "epsilon|alpha-beta|flat",
                 "of fully connected layers");
  cli::AddChoice(app, "--conv-rule", options.explain.conv, ParseRelevanceRule, "epsilon|alpha-beta|flat",
                 "of convolutions");
  cli::AddOneOf(app, "--first-rule", options.first, "epsilon|alpha-beta|flat", "of the first layer, if it is another");
  app.add_option("--epsilon", options.explain.epsilon, "of the rule epsilon: added to what relevance is divided by")
      ->type_name("R");
  app.add_option("--alpha", options.explain.alpha, "of the rule alpha-beta: weight of what speaks for the prediction")
      ->type_name("R");
  app.add_option("--beta", options.explain.beta,
                 "of the rule alpha-beta: weight of what speaks against it; alpha - beta is 1")
      ->type_name("R");
  cli::AddChoice(app, "--bias", options.explain.bias, ParseBiasShare, "kept|spread|ignored|kept-whole",
                 "whose the part of biases is: nobody's, shared among inputs, or left out");
  app.add_option("--output", options.output, "by its ending .npy, .csv, .tsv or .mtx; -: CSV to standard output")
      ->type_name("FILE");
  program.Writes(app.get_option("--output"));
  program.AddJson(app);
  app.footer(
      "One row per point: the part that each feature has in the prediction or similarity.\n\n"
      "Example:\n"
      "  simec explain --model my.simec --input x.npy --target 7 --output relevance.npy\n"
      "  simec explain --model my.simec --input x.npy --similar-to x.npy --similar-to-row 4");
}

absl::Status Check(const CLI::App& app, ExplainFlags& options) {
  if ((app.count("--target") > 0) != options.other.empty()) {
    return InvalidArgument(
        "what is to be explained: either a prediction (--target N) or a similarity (--similar-to FILE) is needed");
  }
  if (options.target < 1) return InvalidArgument("--target must be at least 1, got {}", options.target);
  options.one_row = app.count("--similar-to-row") > 0;
  if (options.row < 1) return InvalidArgument("--similar-to-row must be at least 1, got {}", options.row);
  if (options.other.empty() && options.one_row) return InvalidArgument("--similar-to-row needs --similar-to FILE");
  if (options.flat_preset) {
    CONEC_RETURN_IF_ERROR(
        cli::CheckNotGiven(app, {"--rule", "--conv-rule", "--first-rule", "--epsilon", "--alpha", "--beta", "--bias"},
                           "does not go with --flat-preset"));
    options.explain = SequentialPresetAFlat();
  }
  if (!options.first.empty()) {
    CONEC_ASSIGN_OR_RETURN(options.explain.first, ParseRelevanceRule(options.first));
  }
  return CheckExplainOptions(options.explain);
}

absl::StatusOr<InputRows> OtherPoints(const ExplainFlags& options, const SimEc& model) {
  CONEC_ASSIGN_OR_RETURN(const Points points, ReadPoints(options.other));
  CONEC_ASSIGN_OR_RETURN(const InputRows others, points.Inputs(model.options().features));
  CONEC_RETURN_IF_ERROR(Annotate(model.CheckInput(others), options.other));
  if (!options.one_row) return others;
  if (options.row > others.rows()) {
    return InvalidArgument("'{}' has no row {}, but {}", options.other, options.row, others.rows());
  }
  if (points.identity) return InputRows::OneHot(at::full({1}, options.row - 1, at::kLong), others.features());
  return InputRows::From(points.file.values.SliceRows(options.row - 1, options.row));
}

absl::StatusOr<Explanation> Explain(const ExplainFlags& options, const SimEc& model, const InputRows& inputs) {
  if (options.other.empty()) {
    const ModelOptions& sizes = model.options();
    if (options.target > sizes.targets || options.relation < 1 || options.relation > sizes.similarities) {
      return InvalidArgument("the model has {} targets and {} relations; there is no --target {} of --relation {}",
                             sizes.targets, sizes.similarities, options.target, options.relation);
    }
    return ExplainPredictions(model, inputs, {options.target - 1, options.relation - 1}, options.explain);
  }
  CONEC_ASSIGN_OR_RETURN(const InputRows others, OtherPoints(options, model));
  return ExplainSimilarities(model, inputs, others, options.explain);
}

// What each feature has in it; of sparse points those that they have, the first being 1.
void AddParts(const Features& row, cli::Json& json) {
  if (row.is_sparse()) {
    cli::Json& features = json["features"] = cli::Json::array();
    const at::Tensor& columns = row.sparse().columns();
    for (std::int64_t k = 0; k < columns.size(0); ++k) features.push_back(columns[k].item<std::int64_t>() + 1);
  }
  json["parts"] = JsonOfNumbers(row.is_sparse() ? row.sparse().values() : row.dense()[0]);
}

absl::Status Run(const cli::Program& program, const ExplainFlags& options) {
  if (options.output != "-") CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const SimEc model, LoadModel(options.model));
  CONEC_ASSIGN_OR_RETURN(const Points points, ReadPoints(options.input));
  CONEC_ASSIGN_OR_RETURN(const InputRows inputs, points.Inputs(model.options().features));
  CONEC_RETURN_IF_ERROR(Annotate(model.CheckInput(inputs), options.input));
  CONEC_ASSIGN_OR_RETURN(const Explanation why, Explain(options, model, inputs));
  const MatrixFile relevance = {why.relevance, points.file.row_names, {}};
  if (program.json()) {
    cli::Json json = cli::Json::array();
    const at::Tensor outputs = why.outputs.to(at::kDouble), sums = why.relevance.RowSums().to(at::kDouble);
    for (std::int64_t i = 0; i < outputs.size(0); ++i) {
      json.push_back({{"output", outputs[i].item<double>()}, {"relevance", sums[i].item<double>()}});
      if (options.output == "-") AddParts(why.relevance.SliceRows(i, i + 1), json.back());
    }
    if (options.output != "-") CONEC_RETURN_IF_ERROR(WriteResult(options.output, relevance));
    return cli::PrintJson(json);
  }
  CONEC_RETURN_IF_ERROR(WriteResult(options.output, relevance));
  return TellResult(program, options.output, inputs.rows(), inputs.features());
}

}  // namespace

Command AddExplainCommand(cli::Program& program) {
  const auto options = std::make_shared<ExplainFlags>();
  CLI::App* app = program.app().add_subcommand(
      "explain", "Tells which features a prediction or a similarity comes from (layer-wise relevance propagation).");
  AddOptions(*app, program, *options);
  return {app, [app, options] { return Check(*app, *options); },
          [&program, options] { return Run(program, *options); }};
}

}  // namespace conec::simec
