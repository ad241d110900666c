#include "tools/simec/data.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/similarity.h"
#include "simec_core/symmetric_target.h"
#include "simec_core/target_matrix.h"
#include "simec_core/tensor_status.h"
#include "tools/cli/program.h"

namespace conec::simec {
namespace {

constexpr const char* kGeodesic = "geodesic";
constexpr const char* kSimilarities =
    "linear|rbf|cosine|labels|geodesic|simpson|jaccard|rogot-goldberg|mcconnaughey|sokal";
constexpr std::int64_t kLargestWhole = std::int64_t{1} << 28;  // entries of a target that is kept in memory

bool HasInfinite(const at::Tensor& x) {
  return x.isinf().any().item<bool>();
}

absl::Status CheckComplete(const Features& x, const std::string& path) {
  if (x.is_sparse()) return absl::OkStatus();  // CsrMatrix has looked
  const at::Tensor bad = x.dense().isfinite().logical_not().any(1).nonzero();
  if (bad.size(0) == 0) return absl::OkStatus();
  return InvalidArgument("'{}': row {} has a missing or infinite number: features must be complete", path,
                         bad[0][0].item<std::int64_t>() + 1);
}

absl::StatusOr<SimilarityKind> KindOf(const TargetOptions& options) {
  if (options.similarity == "labels") return SimilarityKind::kClassLabel;
  return ParseSimilarityKind(options.similarity);
}

Features Binarized(const Features& x, double threshold) {
  if (!x.is_sparse()) return x.dense().ge(threshold).to(x.scalar_type());
  const at::Tensor values = x.sparse().values();
  return x.sparse().WithValues(values.ge(threshold).to(values.scalar_type()));
}

// What the similarity is computed of.
absl::StatusOr<Features> FeaturesOf(const TargetOptions& options, const Points& points) {
  const std::string& path = options.labels.empty() ? options.features : options.labels;
  Features features = points.file.values;
  if (!path.empty()) {
    CONEC_ASSIGN_OR_RETURN(const Points other, ReadPoints(path));
    features = other.file.values;
    if (!points.identity && features.rows() != points.rows()) {
      return InvalidArgument("'{}' has {} rows, the input has {}: one row per point is needed", path, features.rows(),
                             points.rows());
    }
  }
  return options.binary ? Binarized(features, options.binarize) : features;
}

absl::StatusOr<SimilaritySourcePtr> SourceOf(const TargetOptions& options, const Features& x) {
  if (options.similarity == kGeodesic) {
    if (x.is_sparse()) return InvalidArgument("--similarity geodesic needs dense features");
    CONEC_ASSIGN_OR_RETURN(NeighbourGraph graph, NeighbourGraph::Create(x.dense(), {.neighbours = options.neighbours}));
    return SourceOfGraph(std::make_shared<const NeighbourGraph>(std::move(graph)));
  }
  SimilarityOptions similarity;
  CONEC_ASSIGN_OR_RETURN(similarity.kind, KindOf(options));
  similarity.gamma = options.gamma;
  if (similarity.kind == SimilarityKind::kRbf && options.gamma == 0) {
    CONEC_ASSIGN_OR_RETURN(similarity.gamma, MedianGamma(x, options.gamma_scale));
  }
  return SourceOfFeatures(similarity, x);
}

absl::Status CheckTargets(const TargetOptions& options, std::int64_t n) {
  if (options.targets <= n) return absl::OkStatus();
  return InvalidArgument("--targets {} is more than the {} there are", options.targets, n);
}

// S of a source: centred, scaled, its first n columns.
absl::StatusOr<Target> TargetOfSource(const TargetOptions& options, SimilaritySourcePtr source, bool center,
                                      bool want_s_ll) {
  TargetMatrixOptions how;
  how.center = center;
  how.normalization = options.normalization;
  if (options.targets > 0) how.landmarks = at::arange(options.targets, at::kLong);
  CONEC_ASSIGN_OR_RETURN(TargetMatrix targets, TargetMatrix::Create(std::move(source), how));
  Target target;
  target.normalizer = targets.normalizer();
  target.of_points = true;
  if (want_s_ll) {
    CONEC_ASSIGN_OR_RETURN(target.s_ll, targets.Landmarks());
  }
  if (targets.rows() <= kLargestWhole / targets.targets()) {
    CONEC_ASSIGN_OR_RETURN(target.matrix, targets.All());
    CONEC_ASSIGN_OR_RETURN(target.rows, TargetRows::Dense(target.matrix));
    return target;
  }
  const std::int64_t m = targets.rows(), n = targets.targets();
  const auto shared = std::make_shared<const TargetMatrix>(std::move(targets));
  CONEC_ASSIGN_OR_RETURN(
      target.rows, TargetRows::Computed(m, n, 1, [shared](const at::Tensor& rows) { return shared->Rows(rows); }));
  return target;
}

// n x n part of a square matrix.
at::Tensor Corner(const at::Tensor& s, std::int64_t n) {
  return s.narrow(0, 0, n).narrow(1, 0, n);
}

// Before values change, so that a message shows those of the file.
absl::Status CheckSymmetric(const TargetOptions& options, const at::Tensor& s) {
  const std::int64_t n = options.targets > 0 ? options.targets : s.size(1);
  return Annotate(SymmetricTarget::Create(Corner(s, n), {}).status(),
                  fmt::format("{}", fmt::join(options.matrices, ", ")));
}

// A matrix that is given, NaN where it is missing.
absl::StatusOr<Target> TargetOfMatrix(const TargetOptions& options, at::Tensor s, bool want_s_ll) {
  Target target;
  target.of_points = s.size(0) == s.size(1);
  if (want_s_ll && target.of_points) CONEC_RETURN_IF_ERROR(CheckSymmetric(options, s));
  if (s.dim() == 2) {
    CONEC_ASSIGN_OR_RETURN(target.normalizer, Normalizer::Of(s, options.normalization));
    s = target.normalizer.Apply(s);
  }
  const std::int64_t n = options.targets > 0 ? options.targets : s.size(1);
  if (want_s_ll && target.of_points) target.s_ll = Corner(s, n).contiguous();
  target.matrix = s.narrow(1, 0, n).contiguous();
  CONEC_ASSIGN_OR_RETURN(target.rows, TargetRows::Dense(target.matrix));
  return target;
}

absl::Status CheckSameShape(const Features& a, const std::string& a_path, const Features& b,
                            const std::string& b_path) {
  if (a.rows() == b.rows() && a.cols() == b.cols()) return absl::OkStatus();
  return InvalidArgument("'{}' is {} x {}, but '{}' is {} x {}: several targets must have one shape", b_path, b.rows(),
                         b.cols(), a_path, a.rows(), a.cols());
}

absl::StatusOr<at::Tensor> Stack(const TargetOptions& options, const std::vector<Features>& matrices) {
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    if (matrices[i].is_sparse()) {
      return InvalidArgument("'{}': several targets must be dense matrices", options.matrices[i]);
    }
    CONEC_RETURN_IF_ERROR(CheckSameShape(matrices[0], options.matrices[0], matrices[i], options.matrices[i]));
    parts.push_back(matrices[i].dense());
  }
  return parts.size() == 1 ? parts[0] : at::stack(parts, 2);
}

absl::StatusOr<Target> SparseTarget(const TargetOptions& options, const CsrMatrix& s) {
  if (options.targets > 0)
    return InvalidArgument("--targets needs a dense target; '{}' is sparse", options.matrices[0]);
  Target target;
  target.of_points = s.rows() == s.cols();
  CONEC_ASSIGN_OR_RETURN(target.normalizer, Normalizer::Of(s.values().unsqueeze(0), options.normalization));
  CONEC_ASSIGN_OR_RETURN(target.rows, TargetRows::Sparse(s.WithValues(target.normalizer.Apply(s.values()))));
  return target;
}

absl::StatusOr<Target> LoadMatrices(const TargetOptions& options, const Points& points, bool want_s_ll) {
  std::vector<Features> matrices;
  for (const std::string& path : options.matrices) {
    CONEC_ASSIGN_OR_RETURN(MatrixFile file, ReadMatrixFile(path));
    if (!points.identity && file.values.rows() != points.rows()) {
      return InvalidArgument("'{}' has {} rows, the input has {}: one row per point is needed", path,
                             file.values.rows(), points.rows());
    }
    if (!file.values.is_sparse() && HasInfinite(file.values.dense())) {
      return InvalidArgument("'{}' has infinite entries; missing ones are nan", path);
    }
    matrices.push_back(std::move(file.values));
  }
  CONEC_RETURN_IF_ERROR(CheckTargets(options, matrices[0].cols()));
  if (matrices.size() == 1 && matrices[0].is_sparse()) return SparseTarget(options, matrices[0].sparse());
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, Stack(options, matrices));
  if (options.center != "on") return TargetOfMatrix(options, s, want_s_ll);
  absl::StatusOr<SimilaritySourcePtr> source = SourceOfMatrix(s);
  if (!source.ok()) return Annotate(source.status(), options.matrices[0]);
  return TargetOfSource(options, *std::move(source), true, want_s_ll);
}

absl::StatusOr<Target> Load(const TargetOptions& options, const Points& points, bool want_s_ll) {
  if (options.similarity.empty()) return LoadMatrices(options, points, want_s_ll);
  CONEC_ASSIGN_OR_RETURN(const Features x, FeaturesOf(options, points));
  CONEC_RETURN_IF_ERROR(CheckTargets(options, x.rows()));
  CONEC_ASSIGN_OR_RETURN(SimilaritySourcePtr source, SourceOf(options, x));
  return TargetOfSource(options, std::move(source), options.center != "off", want_s_ll);
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
                 "is missing. Given several times: as many relations at once")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(kGroup);
  cli::AddOneOf(app, "--similarity", options.similarity, kSimilarities,
                "instead of --target, this similarity of the points to each other")
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
  if (options.matrices.empty() == options.similarity.empty()) {
    return InvalidArgument("exactly one of --target and --similarity is needed");
  }
  if (options.similarity.empty()) {
    for (const char* name : {"--features", "--labels", "--gamma", "--gamma-scale", "--neighbours", "--binarize"}) {
      if (app.get_option(name)->count() > 0) return InvalidArgument("{} is for --similarity", name);
    }
  }
  if ((options.similarity == "labels") != !options.labels.empty()) {
    return InvalidArgument("--similarity labels and --labels FILE belong together");
  }
  if (!options.labels.empty() && (options.binary || !options.features.empty())) {
    return InvalidArgument("--features and --binarize do not go with --labels");
  }
  if (!(options.gamma >= 0) || !std::isfinite(options.gamma)) {
    return InvalidArgument("--gamma must be at least 0, got {}", options.gamma);
  }
  if (!(options.gamma_scale > 0)) return InvalidArgument("--gamma-scale must be positive, got {}", options.gamma_scale);
  if (options.neighbours < 1) return InvalidArgument("--neighbours must be at least 1, got {}", options.neighbours);
  if (options.targets < 0) return InvalidArgument("--targets must be at least 0, got {}", options.targets);
  if (options.matrices.size() > 1 && options.center == "on") {
    return InvalidArgument("--center on does not go with several --target");
  }
  return absl::OkStatus();
}

absl::StatusOr<Target> LoadTarget(const TargetOptions& options, const Points& points, bool want_s_ll) {
  if (points.identity && !options.similarity.empty() && options.labels.empty() && options.features.empty()) {
    return InvalidArgument("--input identity has no features: --similarity needs --features or --labels");
  }
  return CatchTorch("the target", [&] { return Load(options, points, want_s_ll); });
}

absl::Status WriteResult(const std::string& path, const at::Tensor& values, const std::vector<std::string>& row_names) {
  const MatrixFile matrix = {.values = values, .row_names = row_names, .column_names = {}};
  if (path != "-") return WriteMatrixFile(path, matrix);
  CONEC_ASSIGN_OR_RETURN(const std::string text, FormatMatrix(matrix, ','));
  return cli::PrintText(text);
}

}  // namespace conec::simec
