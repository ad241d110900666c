#include "tools/simec/data.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr const char* kSimilarities =
    "linear|rbf|cosine|labels|geodesic|simpson|jaccard|rogot-goldberg|mcconnaughey|sokal";

absl::Status CheckComplete(const Features& x, const std::string& path) {
  if (x.is_sparse()) return absl::OkStatus();  // CsrMatrix has looked
  const at::Tensor bad = x.dense().isfinite().logical_not().nonzero();
  if (bad.size(0) == 0) return absl::OkStatus();
  return InvalidArgument("'{}': row {}, column {} is missing or infinite: features must be complete", path,
                         bad[0][0].item<std::int64_t>() + 1, bad[0][1].item<std::int64_t>() + 1);
}

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string CheckSimilarity(const std::string& text) {
  const std::string padded = fmt::format("|{}|", kSimilarities);
  if (text.find('|') == std::string::npos && padded.find("|" + text + "|") != std::string::npos) return {};
  return fmt::format("'{}' is none of {}", text, kSimilarities);
}

// How many relations there are, and what is made of them.
absl::Status CheckCombination(const TargetOptions& options) {
  const std::size_t relations = options.matrices.size() + options.similarities.size();
  if (relations == 0) return InvalidArgument("--target FILE or --similarity NAME is needed");
  if (!options.mean.empty() && relations < 2) {
    return InvalidArgument("--mean needs several --target or --similarity, got one");
  }
  if (options.mean.empty() && !options.mean_weights.empty()) return InvalidArgument("--mean-weights needs --mean");
  if (!options.mean_weights.empty() && options.mean_weights.size() != relations) {
    return InvalidArgument("--mean-weights has {} numbers for {} relations", options.mean_weights.size(), relations);
  }
  for (const double weight : options.mean_weights) {
    if (!(weight > 0) || !std::isfinite(weight)) {
      return InvalidArgument("--mean-weights must be positive, got {}", weight);
    }
  }
  if (options.split && options.mean.empty() && relations > 1) {
    return InvalidArgument("--split is for one relation, or the --mean of several");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InputRows> Points::Inputs(std::int64_t rows) const {
  return identity ? InputRows::OneHot(rows) : InputRows::From(file.values);
}

absl::StatusOr<InputRows> Points::First(std::int64_t count, std::int64_t features) const {
  if (identity) return InputRows::OneHot(at::arange(count, at::kLong), features);
  return InputRows::From(file.values.SliceRows(0, count));
}

absl::StatusOr<Points> ReadPoints(const std::string& input) {
  Points points;
  points.identity = input == "identity";
  if (points.identity) return points;
  CONEC_ASSIGN_OR_RETURN(points.file, ReadMatrixFile(input));
  CONEC_RETURN_IF_ERROR(CheckComplete(points.file.values, input));
  return points;
}

void AddTargetOptions(CLI::App& app, TargetOptions& options) {
  constexpr const char* kGroup = "Target";
  app.add_option("--target", options.matrices,
                 "a matrix with one row per point: what the network predicts; nan (or, in a sparse matrix, nothing) "
                 "is missing. Given several times: as many relations at once, with one embedding")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_option("--similarity", options.similarities,
                 "this similarity of the points to each other, instead of --target or beside it; several times: "
                 "several relations")
      ->check(CLI::Validator(CheckSimilarity, ""))
      ->type_name(kSimilarities)
      ->allow_extra_args(false)
      ->group(kGroup);
  cli::AddOneOf(app, "--mean", options.mean, "eigenvalue|max|standard|minmax|none",
                "learn the mean of several relations as one, each first centred (--center) and normalised so: divided "
                "by its largest eigenvalue, which the embedding goes by, or by its largest entry, ... Entries that one "
                "of them lacks are the mean of the others")
      ->group(kGroup);
  app.add_option("--mean-weights", options.mean_weights, "how much each counts, --target first: 3,1; default: the same")
      ->type_name("R,R,...")
      ->delimiter(',')
      ->group(kGroup);
  app.add_flag("--split", options.split,
               "for a similarity with negative eigenvalues, which products of embeddings cannot have: learn S1 and S2 "
               "of S = S1 - S2 as two relations, both positive semidefinite")
      ->group(kGroup);
  app.add_option("--features", options.features, "the similarity is computed of these features, not of --input")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--labels", options.labels, "the classes of the points, as numbers (--similarity labels)")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--gamma", options.gamma, "of rbf: exp(-gamma |x - y|^2); 0: --gamma-scale / median(|x - y|)^2")
      ->type_name("R")
      ->group(kGroup);
  app.add_option("--gamma-scale", options.gamma_scale, "of the median rule")->type_name("R")->group(kGroup);
  app.add_option("--neighbours", options.neighbours, "of geodesic: edges of the graph per point")
      ->type_name("N")
      ->group(kGroup);
  app.add_option("--binarize", options.binarize, "features of at least R become 1, others 0")
      ->type_name("R")
      ->group(kGroup);
  cli::AddOneOf(app, "--center", options.center, "auto|on|off",
                "subtract means of rows and columns; auto: of a similarity, but not of --target")
      ->group(kGroup);
  cli::AddChoice(app, "--normalize", options.normalization, ParseNormalization, "none|max|eigenvalue|standard|minmax",
                 "of targets, for training. With max and eigenvalue the finished model is scaled back and predicts in "
                 "the original unit")
      ->group(kGroup);
  app.add_option("--targets", options.targets, "take only the first N columns as targets; 0: all")
      ->type_name("N")
      ->group(kGroup);
}

absl::Status CheckTargetOptions(const CLI::App& app, TargetOptions& options) {
  options.binary = app.get_option("--binarize")->count() > 0;
  CONEC_RETURN_IF_ERROR(CheckCombination(options));
  const bool labels = Has(options.similarities, kLabels);
  const bool of_features = options.similarities.size() > (labels ? 1 : 0);
  if (!of_features) {
    for (const char* name : {"--features", "--gamma", "--gamma-scale", "--neighbours", "--binarize"}) {
      if (app.get_option(name)->count() == 0) continue;
      return InvalidArgument("{} is for --similarity{}", name, labels ? " of features, not of labels" : "");
    }
  }
  if (labels != !options.labels.empty()) {
    return InvalidArgument("--similarity labels and --labels FILE belong together");
  }
  if (!(options.gamma >= 0) || !std::isfinite(options.gamma)) {
    return InvalidArgument("--gamma must be at least 0, got {}", options.gamma);
  }
  if (!(options.gamma_scale > 0)) return InvalidArgument("--gamma-scale must be positive, got {}", options.gamma_scale);
  if (options.neighbours < 1) return InvalidArgument("--neighbours must be at least 1, got {}", options.neighbours);
  if (options.targets < 0) return InvalidArgument("--targets must be at least 0, got {}", options.targets);
  return absl::OkStatus();
}

absl::Status WriteResult(const std::string& path, const MatrixFile& matrix) {
  return path == "-" ? WriteMatrixText(matrix, ',', cli::PrintText) : WriteMatrixFile(path, matrix);
}

absl::Status TellResult(const cli::Program& program, const std::string& path, std::int64_t rows, std::int64_t columns) {
  if (path == "-") return absl::OkStatus();
  program.Tell("{}: {} x {}", path, rows, columns);
  if (!program.json()) return absl::OkStatus();
  return cli::PrintJson({{"output", path}, {"rows", rows}, {"columns", columns}});
}

cli::Json JsonOfNumbers(const at::Tensor& numbers) {
  cli::Json json = cli::Json::array();
  const at::Tensor wide = numbers.to(at::kCPU, at::kDouble).contiguous();
  const bool single = numbers.scalar_type() == at::kFloat;
  for (std::int64_t j = 0; j < wide.size(0); ++j) {
    const double value = wide.data_ptr<double>()[j];
    json.push_back(single ? std::stod(fmt::format("{}", static_cast<float>(value))) : value);
  }
  return json;
}

absl::Status PrintRowsAsJson(const MatrixFile& matrix) {
  return CatchTorch("rows as JSON", [&]() -> absl::Status {
    CONEC_RETURN_IF_ERROR(cli::PrintText("["));
    for (std::int64_t i = 0; i < matrix.values.rows(); ++i) {
      cli::Json row = JsonOfNumbers(matrix.values.dense()[i]);
      if (!matrix.row_names.empty()) row = {{"name", matrix.row_names[static_cast<std::size_t>(i)]}, {"values", row}};
      std::string line = cli::JsonLine(row);
      line.pop_back();  // its line break
      CONEC_RETURN_IF_ERROR(cli::PrintText((i > 0 ? ",\n" : "\n") + line));
    }
    return cli::PrintText("\n]\n");
  });
}

}  // namespace conec::simec
