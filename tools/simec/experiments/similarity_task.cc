#include "tools/simec/experiments/similarity_task.h"

#include <ATen/Functions.h>

#include <utility>

#include "simec_core/centering.h"

namespace conec::simec::experiments {
namespace {

absl::StatusOr<InputRows> FloatRows(const Features& x) {
  return x.is_sparse() ? InputRows::Sparse(x.sparse().To(at::kFloat)) : InputRows::Dense(x.dense().to(at::kFloat));
}

std::vector<double> Values(const at::Tensor& x) {
  const at::Tensor values = x.to(at::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

}  // namespace

absl::StatusOr<at::Tensor> CentredSimilarity(const SimilarityOptions& options, const Features& x) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s, ComputeSimilarity(options, x));
  return CenterSimilarity(s);
}

absl::StatusOr<at::Tensor> CentredClassSimilarity(const at::Tensor& labels) {
  return CentredSimilarity({SimilarityKind::kClassLabel}, labels.to(at::kDouble).unsqueeze(1));
}

absl::StatusOr<Encoded> TrainOnFirst(const Run& run, const Settings& settings, const Features& x, const at::Tensor& s,
                                     std::int64_t n, const std::vector<Features>& others) {
  TrainData data;
  CONEC_ASSIGN_OR_RETURN(data.inputs, FloatRows(x));
  const at::Tensor targets = s.narrow(1, 0, n).to(at::kFloat).contiguous();
  CONEC_ASSIGN_OR_RETURN(data.targets, TargetRows::Dense(targets));
  if (settings.objective.s_ll > 0) data.s_ll = targets.narrow(0, 0, n);
  std::vector<InputRows> other_rows;
  for (const Features& points : others) {
    CONEC_ASSIGN_OR_RETURN(InputRows rows, FloatRows(points));
    other_rows.push_back(std::move(rows));
  }
  return TrainEncoder(run, settings, data, other_rows);
}

void PlotEmbedding(Run& run, const std::string& title, const at::Tensor& y, const at::Tensor& colours) {
  Series series{.name = "points", .x = Values(y.select(1, 0)), .y = Values(y.select(1, 1)), .mark = Mark::kPoints};
  series.colors = Values(colours);
  run.Plot({.title = title, .x_label = "dimension 1", .y_label = "dimension 2", .series = {std::move(series)}});
}

}  // namespace conec::simec::experiments
