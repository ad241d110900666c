#include "tools/simec/experiments/images.h"

#include <ATen/Functions.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "simec_core/similarity.h"
#include "simec_core/similarity_match.h"
#include "tools/simec/experiments/missing_values.h"
#include "tools/simec/experiments/similarity_task.h"

namespace conec::simec::experiments {
namespace {

using SimilarityOf = std::function<absl::StatusOr<at::Tensor>(const LabelledPoints& points)>;

absl::StatusOr<ImageTask> TaskOf(const Split& split, const SimilarityOf& similarity) {
  ImageTask task{split.train.x.to(at::kFloat), split.test.x.to(at::kFloat), {}, {}};
  CONEC_ASSIGN_OR_RETURN(task.s, similarity(split.train));
  CONEC_ASSIGN_OR_RETURN(task.s_test, similarity(split.test));
  return task;
}

absl::StatusOr<ImageTask> KernelTask(const Split& split, const SimilarityOptions& options) {
  return TaskOf(split, [&options](const LabelledPoints& points) { return CentredSimilarity(options, points.x); });
}

absl::StatusOr<ImageTask> LinearTask(const Split& split) {
  return KernelTask(split, {SimilarityKind::kLinear});
}

absl::StatusOr<ImageTask> RbfTask(const Split& split) {
  CONEC_ASSIGN_OR_RETURN(const double gamma, MedianGamma(split.train.x));
  return KernelTask(split, {SimilarityKind::kRbf, gamma});
}

absl::StatusOr<ImageTask> ClassTask(const Split& split) {
  return TaskOf(split, [](const LabelledPoints& points) { return CentredClassSimilarity(points.labels); });
}

}  // namespace

absl::StatusOr<LabelledPoints> Images::All() {
  if (!all_) {
    CONEC_ASSIGN_OR_RETURN(const std::string folder, run_.Data("mnist"));
    CONEC_ASSIGN_OR_RETURN(all_, LoadMnist(folder));
  }
  return *all_;
}

absl::StatusOr<Split> Images::Subset() {
  if (!split_) {
    CONEC_ASSIGN_OR_RETURN(const LabelledPoints all, All());
    CONEC_ASSIGN_OR_RETURN(split_, MnistSubset(all));
  }
  return *split_;
}

absl::StatusOr<ImageTask> Images::Task(const std::string& name,
                                       absl::StatusOr<ImageTask> (*compute)(const Split& split)) {
  if (name_ == name) return task_;
  task_ = {};
  CONEC_ASSIGN_OR_RETURN(const Split split, Subset());
  CONEC_ASSIGN_OR_RETURN(task_, compute(split));
  name_ = name;
  return task_;
}

absl::StatusOr<ImageTask> Images::Linear() {
  return Task("linear", LinearTask);
}

absl::StatusOr<ImageTask> Images::Rbf() {
  return Task("rbf", RbfTask);
}

absl::StatusOr<ImageTask> Images::ClassLabels() {
  return Task("labels", ClassTask);
}

absl::StatusOr<ImageErrors> TrainOnImages(const Run& run, const Settings& settings, const ImageTask& task,
                                          const ImageTargets& targets) {
  at::Tensor s = task.s.narrow(1, 0, targets.n).to(at::kFloat).contiguous();
  if (targets.scale != 1) s = s.div(targets.scale);
  if (targets.observed.defined()) {
    s = s.masked_fill(targets.observed.logical_not(), std::numeric_limits<float>::quiet_NaN());
  }
  DenseData data{.x = task.x, .s = s, .s_ll = {}, .others = {task.x_test}};
  if (settings.objective.s_ll > 0) data.s_ll = s.narrow(0, 0, targets.n);
  CONEC_ASSIGN_OR_RETURN(Encoded encoded, TrainEncoder(run, settings, data));
  const double root = std::sqrt(targets.scale);
  ImageErrors errors;
  CONEC_ASSIGN_OR_RETURN(errors.train, SimilarityError(encoded.y.mul(root), task.s));
  CONEC_ASSIGN_OR_RETURN(errors.test, SimilarityError(encoded.others[0].mul(root), task.s_test));
  CONEC_ASSIGN_OR_RETURN(errors.prediction, PredictionError(encoded.y.mul(targets.scale), encoded, task.s));
  if (targets.balance) {
    CONEC_RETURN_IF_ERROR(BalanceEncoder(encoded, data));
    CONEC_ASSIGN_OR_RETURN(errors.balanced, SimilarityError(encoded.y.mul(root), task.s));
  }
  return errors;
}

at::Tensor ObservedMask(std::int64_t m, std::int64_t n, double missing) {
  return MissingMask(15, m, m, missing).narrow(1, 0, n).logical_not();
}

Settings RbfSettings(std::int64_t d, double s_ll) {
  Settings settings;
  settings.model.hidden = {{1000, Activation::kTanh}};
  settings.model.dim = d;
  settings.objective.s_ll = s_ll;
  settings.objective.l2_last = 1e-7;
  return settings;
}

absl::Status AddErrors(Run& run, const Panel& panel, const std::string& line, const std::string& name,
                       const PrintedErrors& printed, const PrintedErrors& most, const ImageErrors& errors) {
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed.train, most.train, errors.train)));
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", test", printed.test, most.test, errors.test)));
  run.Plot(panel, line, static_cast<double>(printed.d), errors.train);
  run.Plot(panel, line + ", test", static_cast<double>(printed.d), errors.test);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Figure>> AddBaselines(
    Run& run, const std::string& step, Images& images,
    absl::StatusOr<std::vector<Figure>> (*baselines)(const LabelledPoints& mnist)) {
  if (!run.Begin(step)) return std::vector<Figure>();
  CONEC_RETURN_IF_ERROR(run.Progress(0));
  CONEC_ASSIGN_OR_RETURN(const LabelledPoints all, images.All());
  CONEC_ASSIGN_OR_RETURN(std::vector<Figure> figures, baselines(all));
  CONEC_RETURN_IF_ERROR(run.Add(figures));
  return figures;
}

}  // namespace conec::simec::experiments
