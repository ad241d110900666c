// What an encoder of simec is to learn: one relation, the mean of several, several side by side, or the two parts of
// one.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/combination.h"
#include "simec_core/fingerprint.h"
#include "simec_core/neighbour_graph.h"
#include "simec_core/similarity.h"
#include "simec_core/symmetric_target.h"
#include "simec_core/target_matrix.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/data.h"

namespace conec::simec {
namespace {

constexpr const char* kGeodesic = "geodesic";

// A relation of points as --target or --similarity names it, before it is normalised.
struct Relation {
  std::string name;            // for messages: 'FILE' or --similarity NAME
  std::string identity;        // NAME and its options, of what values
  SimilaritySourcePtr source;  // null: a matrix that is taken as it is
  bool center = false;         // of a source
  Features matrix;
  std::string note;      // what was done that is hardly expected
  bool is_zero = false;  // the matrix is the part of a similarity that has no such eigenvalues, and stays zero
};

absl::StatusOr<SimilarityKind> KindOf(const std::string& similarity) {
  if (similarity == kLabels) return SimilarityKind::kClassLabel;
  return ParseSimilarityKind(similarity);
}

Features Binarized(const Features& x, double threshold) {
  if (!x.is_sparse()) return x.dense().ge(threshold).to(x.scalar_type());
  const at::Tensor values = x.sparse().values();
  return x.sparse().WithValues(values.ge(threshold).to(values.scalar_type()));
}

// What the similarity is computed of.
absl::StatusOr<Features> FeaturesOf(const TargetOptions& options, const std::string& similarity, const Points& points) {
  const bool labels = similarity == kLabels;
  const std::string& path = labels ? options.labels : options.features;
  if (path.empty() && points.identity) {
    return InvalidArgument("--input identity has no features: --similarity {} needs --features FILE", similarity);
  }
  Features features = points.file.values;
  if (!path.empty()) {
    CONEC_ASSIGN_OR_RETURN(const Points other, ReadPoints(path));
    features = other.file.values;
    if (!points.identity && features.rows() != points.rows()) {
      return InvalidArgument("'{}' has {} rows, the input has {}: one row per point is needed", path, features.rows(),
                             points.rows());
    }
  }
  return options.binary && !labels ? Binarized(features, options.binarize) : features;
}

absl::StatusOr<SimilaritySourcePtr> SourceOf(const TargetOptions& options, const std::string& name, const Features& x,
                                             std::string& note) {
  if (name == kGeodesic) {
    if (x.is_sparse()) return InvalidArgument("--similarity geodesic needs dense features");
    CONEC_ASSIGN_OR_RETURN(NeighbourGraph graph, NeighbourGraph::Create(x.dense(), {.neighbours = options.neighbours}));
    if (graph.components() > 1) {
      note = fmt::format(
          "the graph of {} neighbours has {} parts, which were joined where they are closest: distances between them "
          "are those of these bridges (more --neighbours may connect them)",
          options.neighbours, graph.components());
    }
    return SourceOfGraph(std::make_shared<const NeighbourGraph>(std::move(graph)));
  }
  SimilarityOptions similarity;
  CONEC_ASSIGN_OR_RETURN(similarity.kind, KindOf(name));
  similarity.gamma = options.gamma;
  if (similarity.kind == SimilarityKind::kRbf && options.gamma == 0) {
    CONEC_ASSIGN_OR_RETURN(similarity.gamma, MedianGamma(x, options.gamma_scale));
    note = fmt::format("gamma {0}, from these points; for others the median is another one (evaluate --gamma {0})",
                       similarity.gamma);
  }
  return SourceOfFeatures(similarity, x);
}

// What a message about a similarity begins with: its name, and the option that helps where there is one.
std::string NameAndRemedy(const TargetOptions& options, const std::string& similarity) {
  const std::string name = "--similarity " + similarity;
  if (similarity == kLabels) return fmt::format("{} ('{}')", name, options.labels);
  if (similarity == kGeodesic) return fmt::format("{} (--neighbours {})", name, options.neighbours);
  if (similarity == "rbf") return name + " (--gamma R goes without the median)";
  const absl::StatusOr<SimilarityKind> kind = KindOf(similarity);
  if (!kind.ok() || *kind < SimilarityKind::kSimpson || options.binary) return name;
  return name + " (--binarize R makes features binary)";
}

// Options as they are given: a gamma by the median rule may be rounded otherwise another time.
std::string OptionsOf(const TargetOptions& options, const std::string& similarity) {
  std::string text = similarity;
  if (similarity == "rbf" && options.gamma > 0) text += fmt::format(", gamma {}", options.gamma);
  if (similarity == "rbf" && options.gamma == 0) text += fmt::format(", gamma {} / median^2", options.gamma_scale);
  if (similarity == kGeodesic) text += fmt::format(", {} neighbours", options.neighbours);
  if (options.binary && similarity != kLabels) text += fmt::format(", binarized from {} on", options.binarize);
  return text;
}

absl::StatusOr<Relation> ReadSimilarity(const TargetOptions& options, const std::string& similarity,
                                        const Points& points) {
  Relation relation;
  relation.name = "--similarity " + similarity;
  relation.center = options.center != "off";
  CONEC_ASSIGN_OR_RETURN(const Features x, FeaturesOf(options, similarity, points));
  absl::StatusOr<SimilaritySourcePtr> source = SourceOf(options, similarity, x, relation.note);
  if (!source.ok()) return Annotate(source.status(), NameAndRemedy(options, similarity));
  relation.source = *std::move(source);
  CONEC_ASSIGN_OR_RETURN(const std::string values, FingerprintOf(x));
  relation.identity = fmt::format("{} of {}", OptionsOf(options, similarity), values);
  return relation;
}

absl::StatusOr<Relation> ReadRelation(const TargetOptions& options, const std::string& path, const Points& points) {
  Relation relation;
  relation.name = fmt::format("'{}'", path);
  CONEC_ASSIGN_OR_RETURN(MatrixFile file, ReadMatrixFile(path));
  relation.matrix = std::move(file.values);
  if (!points.identity && relation.matrix.rows() != points.rows()) {
    return InvalidArgument("{} has {} rows, the input has {}: one row per point is needed", relation.name,
                           relation.matrix.rows(), points.rows());
  }
  if (!relation.matrix.is_sparse() && relation.matrix.dense().isinf().any().item<bool>()) {
    return InvalidArgument("{} has infinite entries; missing ones are nan", relation.name);
  }
  CONEC_ASSIGN_OR_RETURN(const std::string values, FingerprintOf(relation.matrix));
  relation.identity = "a matrix of " + values;
  if (options.center != "on") return relation;
  relation.center = true;
  if (relation.matrix.is_sparse()) return InvalidArgument("{}: --center on needs a dense matrix", relation.name);
  absl::StatusOr<SimilaritySourcePtr> source = SourceOfMatrix(relation.matrix.dense());
  if (!source.ok())
    return Annotate(source.status(), relation.name + ": --center on needs a symmetric, complete matrix");
  relation.source = *std::move(source);
  return relation;
}

std::int64_t ColumnsOf(const Relation& relation) {
  return relation.source ? relation.source->columns() : relation.matrix.cols();
}

absl::StatusOr<std::vector<Relation>> ReadRelations(const TargetOptions& options, const Points& points) {
  std::vector<Relation> relations;
  for (const std::string& path : options.matrices) {
    CONEC_ASSIGN_OR_RETURN(Relation relation, ReadRelation(options, path, points));
    relations.push_back(std::move(relation));
  }
  for (const std::string& similarity : options.similarities) {
    CONEC_ASSIGN_OR_RETURN(Relation relation, ReadSimilarity(options, similarity, points));
    relations.push_back(std::move(relation));
  }
  for (const Relation& relation : relations) {
    if (options.targets <= ColumnsOf(relation)) continue;
    return InvalidArgument("--targets {} is more than the {} there are ({})", options.targets, ColumnsOf(relation),
                           relation.name);
  }
  return relations;
}

// The m x n matrix, centred if it is to be.
absl::StatusOr<at::Tensor> Whole(const Relation& relation) {
  if (relation.source == nullptr) {
    if (relation.matrix.is_sparse()) {
      return InvalidArgument("{} is sparse: several relations at once, and --split, need dense matrices",
                             relation.name);
    }
    return relation.matrix.dense();
  }
  if (relation.source->points() > kLargestWhole / relation.source->points()) {
    return InvalidArgument(
        "{} among {} points is too large to be kept as a whole, which --split and --mean with a "
        "--target need; take fewer points",
        relation.name, relation.source->points());
  }
  CONEC_ASSIGN_OR_RETURN(const TargetMatrix all, TargetMatrix::Create(relation.source, {.center = relation.center}));
  return all.All();
}

absl::StatusOr<Relation> MeanOf(const TargetOptions& options, const std::vector<Relation>& relations) {
  const MeanOptions how = {.normalization = *ParseNormalization(options.mean),
                           .center = relations[0].center,
                           .weights = options.mean_weights};
  Relation mean;
  mean.name = "--mean of";
  for (const Relation& relation : relations) mean.name += " " + relation.name;
  const bool computed = std::all_of(relations.begin(), relations.end(), [&](const Relation& relation) {
    return relation.source != nullptr && relation.center == how.center;
  });
  if (computed) {
    std::vector<SimilaritySourcePtr> sources;
    for (const Relation& relation : relations) sources.push_back(relation.source);
    absl::StatusOr<SimilaritySourcePtr> source = SourceOfMean(sources, how);
    if (!source.ok()) return Annotate(source.status(), mean.name);
    mean.source = *std::move(source);
    return mean;
  }
  std::vector<at::Tensor> matrices;
  for (const Relation& relation : relations) {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, Whole(relation));
    matrices.push_back(s);
  }
  absl::StatusOr<at::Tensor> s = NormalizedMean(matrices, how);
  if (!s.ok()) {
    return Annotate(s.status(), how.normalization == Normalization::kEigenvalue
                                    ? mean.name + " by eigenvalue (--mean max takes any matrices of one shape)"
                                    : mean.name);
  }
  mean.matrix = *std::move(s);
  return mean;
}

Relation MatrixRelation(std::string name, at::Tensor s) {
  Relation relation;
  relation.name = std::move(name);
  relation.matrix = std::move(s);
  return relation;
}

// S1 and S2 of S = S1 - S2.
absl::StatusOr<std::vector<Relation>> PartsOf(const Relation& relation) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, Whole(relation));
  absl::StatusOr<NonmetricParts> parts = SplitSimilarity(s);
  if (!parts.ok()) {
    return Annotate(parts.status(), relation.name + ": --split needs a symmetric, complete matrix");
  }
  std::vector<Relation> relations = {MatrixRelation(relation.name, parts->positive),
                                     MatrixRelation(relation.name, parts->negative)};
  // Of zeros there is an answer if they are one of the two parts; both are zero if the relation is.
  if (parts->all.values.ne(0).any().item<bool>()) {
    for (Relation& part : relations) part.is_zero = !part.matrix.dense().ne(0).any().item<bool>();
  }
  return relations;
}

// S of a source: centred, scaled, its first n columns.
absl::StatusOr<Target> TargetOfSource(const TargetOptions& options, const Relation& relation,
                                      std::string_view s_ll_for) {
  TargetMatrixOptions how;
  how.center = relation.center;
  how.normalization = options.normalization;
  if (options.targets > 0) how.landmarks = at::arange(options.targets, at::kLong);
  CONEC_ASSIGN_OR_RETURN(TargetMatrix targets, TargetMatrix::Create(relation.source, how));
  Target target;
  target.normalizers = {targets.normalizer()};
  target.of_points = true;
  if (!s_ll_for.empty()) {
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

absl::StatusOr<Normalizer> NormalizerOf(const at::Tensor& s, Normalization normalization, const std::string& name) {
  absl::StatusOr<Normalizer> normalizer = Normalizer::Of(s, normalization);
  if (normalizer.ok()) return normalizer;
  return Annotate(normalizer.status(), normalization == Normalization::kEigenvalue
                                           ? name + ": --normalize eigenvalue needs a symmetric, complete matrix"
                                           : name + " (--normalize none takes it as it is)");
}

// Whether the first rows are those of the targets themselves. s_ll: these.
void FindLandmarks(const at::Tensor& s_ll, Target& target) {
  const absl::Status symmetric = SymmetricTarget::Create(s_ll, {}).status();
  target.of_points = symmetric.ok();
  if (symmetric.ok()) {
    target.notes.push_back(fmt::format("the first {0} points are taken for the {0} targets", s_ll.size(0)));
  } else {
    target.no_points = std::string(symmetric.message());
  }
}

// A matrix that is given, NaN where it is missing.
absl::StatusOr<Target> TargetOfMatrix(const TargetOptions& options, const Relation& relation,
                                      std::string_view s_ll_for) {
  at::Tensor s = relation.matrix.dense();
  const std::int64_t n = options.targets > 0 ? options.targets : s.size(1);
  Target target;
  const bool square = s.size(0) == s.size(1);
  target.of_points = square;
  if (!s_ll_for.empty() && s.size(0) > s.size(1)) FindLandmarks(Corner(s, n), target);
  if (!s_ll_for.empty() && square) {  // before values change, so that a message shows those of the file
    CONEC_RETURN_IF_ERROR(Annotate(SymmetricTarget::Create(Corner(s, n), {}).status(),
                                   fmt::format("{}: {} needs a symmetric matrix", relation.name, s_ll_for)));
  }
  Normalizer normalizer;
  if (!relation.is_zero) {
    CONEC_ASSIGN_OR_RETURN(normalizer, NormalizerOf(s, options.normalization, relation.name));
  }
  target.normalizers = {normalizer};
  s = normalizer.Apply(s);
  if (!s_ll_for.empty() && target.of_points) target.s_ll = Corner(s, n).contiguous();
  target.matrix = s.narrow(1, 0, n).contiguous();
  CONEC_ASSIGN_OR_RETURN(target.rows, TargetRows::Dense(target.matrix));
  return target;
}

absl::StatusOr<Target> SparseTarget(const TargetOptions& options, const Relation& relation) {
  const CsrMatrix& s = relation.matrix.sparse();
  if (options.targets > 0) return InvalidArgument("--targets needs a dense target; {} is sparse", relation.name);
  Target target;
  target.of_points = s.rows() == s.cols();
  CONEC_ASSIGN_OR_RETURN(const Normalizer normalizer,
                         NormalizerOf(s.values().unsqueeze(0), options.normalization, relation.name));
  target.normalizers = {normalizer};
  CONEC_ASSIGN_OR_RETURN(target.rows, TargetRows::Sparse(s.WithValues(normalizer.Apply(s.values()))));
  return target;
}

absl::StatusOr<Target> TargetOf(const TargetOptions& options, const Relation& relation, std::string_view s_ll_for) {
  if (relation.source == nullptr) {
    return relation.matrix.is_sparse() ? SparseTarget(options, relation) : TargetOfMatrix(options, relation, s_ll_for);
  }
  absl::StatusOr<Target> target = TargetOfSource(options, relation, s_ll_for);
  return target.ok() ? std::move(target) : Annotate(target.status(), relation.name);
}

// Largest eigenvalues are equal, but entries are tiny where there are many points: one more divisor for all relations.
void ShareLargestEntry(at::Tensor& s, at::Tensor& s_ll, std::vector<Normalizer>& normalizers) {
  const double largest = s.nan_to_num(0).abs().max().item<double>();
  if (!(largest > 0)) return;
  s.div_(largest);
  if (s_ll.defined()) s_ll.div_(largest);
  for (Normalizer& normalizer : normalizers) normalizer.scale *= largest;
}

// k relations: W_l is d x n x k.
absl::StatusOr<Target> SideBySide(const TargetOptions& options, const std::vector<Relation>& relations,
                                  std::string_view s_ll_for) {
  std::vector<at::Tensor> matrices, s_lls;
  Target all;
  all.of_points = true;
  for (const Relation& relation : relations) {
    if (relation.source == nullptr && relation.matrix.is_sparse()) return Whole(relation).status();
    CONEC_ASSIGN_OR_RETURN(const Target target, TargetOf(options, relation, s_ll_for));
    if (!target.matrix.defined()) {
      return InvalidArgument("{}: {} x {} numbers are too many for several relations at once; take fewer --targets",
                             relation.name, target.rows.rows(), target.rows.targets());
    }
    if (!matrices.empty() && matrices[0].sizes() != target.matrix.sizes()) {
      return InvalidArgument("{} is {} x {}, but {} is {} x {}: several relations must have one shape", relation.name,
                             target.matrix.size(0), target.matrix.size(1), relations[0].name, matrices[0].size(0),
                             matrices[0].size(1));
    }
    matrices.push_back(target.matrix);
    if (target.s_ll.defined()) s_lls.push_back(target.s_ll);
    all.of_points = all.of_points && target.of_points;
    all.normalizers.push_back(target.normalizers[0]);
  }
  all.matrix = at::stack(matrices, 2);
  if (s_lls.size() == relations.size()) all.s_ll = at::stack(s_lls, 2);
  if (options.normalization == Normalization::kEigenvalue) ShareLargestEntry(all.matrix, all.s_ll, all.normalizers);
  CONEC_ASSIGN_OR_RETURN(all.rows, TargetRows::Dense(all.matrix));
  return all;
}

std::string IdentityOf(const TargetOptions& options, const std::vector<Relation>& relations) {
  std::string text;
  for (const Relation& relation : relations) text += (text.empty() ? "" : " and ") + relation.identity;
  if (!options.mean.empty()) text += fmt::format(", mean by {}", options.mean);
  if (!options.mean_weights.empty()) text += fmt::format(", weights {}", fmt::join(options.mean_weights, ","));
  if (options.split) text += ", split";
  if (options.targets > 0) text += fmt::format(", {} targets", options.targets);
  return text + fmt::format(", centring {}, normalised by {}", options.center, Name(options.normalization));
}

absl::StatusOr<Target> Load(const TargetOptions& options, const Points& points, std::string_view s_ll_for) {
  CONEC_ASSIGN_OR_RETURN(std::vector<Relation> relations, ReadRelations(options, points));
  const std::string identity = IdentityOf(options, relations);
  std::vector<std::string> notes;
  for (const Relation& relation : relations) {
    if (!relation.note.empty()) notes.push_back(relation.name + ": " + relation.note);
  }
  if (!options.mean.empty()) {
    CONEC_ASSIGN_OR_RETURN(Relation mean, MeanOf(options, relations));
    relations = {std::move(mean)};
  }
  const std::string name = relations[0].name;
  if (options.split) {
    CONEC_ASSIGN_OR_RETURN(relations, PartsOf(relations[0]));
  }
  CONEC_ASSIGN_OR_RETURN(Target target, relations.size() == 1 ? TargetOf(options, relations[0], s_ll_for)
                                                              : SideBySide(options, relations, s_ll_for));
  for (const std::string& note : notes) target.notes.push_back(note);
  target.name = name;
  target.identity = identity;
  for (std::size_t i = 1; i < relations.size() && !options.split; ++i) target.name += ", " + relations[i].name;
  return target;
}

}  // namespace

absl::StatusOr<Target> LoadTarget(const TargetOptions& options, const Points& points, std::string_view s_ll_for) {
  return CatchTorch("the target", [&] { return Load(options, points, s_ll_for); });
}

}  // namespace conec::simec
