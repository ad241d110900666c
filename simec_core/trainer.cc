#include "simec_core/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "simec_core/checkpoint.h"
#include "simec_core/flat_optimizer.h"
#include "simec_core/model.h"
#include "simec_core/schedule.h"
#include "simec_core/tensor_status.h"
#include "simec_core/torch_threads.h"

namespace conec::simec {
namespace {

using Clock = std::chrono::steady_clock;

// Streams of the seed; epoch e shuffles with kShuffle + e.
enum OrderStream : std::uint64_t { kSplit = 1, kShuffle = 16 };

void Shuffle(std::vector<std::int64_t>& rows, PhiloxStream random) {
  for (std::size_t i = rows.size(); i-- > 1;) {
    std::swap(rows[i], rows[random.Below(static_cast<std::uint32_t>(i + 1))]);
  }
}

torch::Tensor AsTensor(const std::vector<std::int64_t>& rows) {
  return torch::tensor(rows, torch::kInt64);
}

struct Split {
  std::vector<std::int64_t> training, validation;
};

absl::StatusOr<Split> SplitRows(const TrainData& data, const TrainOptions& options) {
  const std::int64_t m = data.inputs.rows();
  std::vector<bool> held_out(static_cast<std::size_t>(m), false);
  if (!data.validation_rows.empty()) {
    for (const std::int64_t row : data.validation_rows) {
      if (row < 0 || row >= m) return InvalidArgument("validation row {} is not within [0, {})", row, m);
      held_out[static_cast<std::size_t>(row)] = true;
    }
  } else if (options.validation > 0) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(m));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    Shuffle(order, PhiloxStream(options.seed, kSplit));
    const auto count = std::max<std::int64_t>(1, std::llround(options.validation * static_cast<double>(m)));
    for (std::int64_t i = 0; i < count; ++i)
      held_out[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = true;
  }
  Split split;
  for (std::int64_t i = 0; i < m; ++i) {
    (held_out[static_cast<std::size_t>(i)] ? split.validation : split.training).push_back(i);
  }
  if (split.training.empty()) return InvalidArgument("all {} rows are held out for validation", m);
  return split;
}

absl::Status CheckData(const SimEc& model, const TrainData& data, const ObjectiveOptions& objective) {
  CONEC_RETURN_IF_ERROR(model.CheckInput(data.inputs));
  const TargetRows& targets = data.targets;
  if (data.inputs.rows() != targets.rows()) {
    return InvalidArgument("{} rows of input, but {} rows of targets", data.inputs.rows(), targets.rows());
  }
  if (targets.targets() != model.options().targets || targets.similarities() != model.options().similarities) {
    return InvalidArgument("targets are {} x {} x {}, but the model predicts {} targets of {} similarities",
                           targets.rows(), targets.targets(), targets.similarities(), model.options().targets,
                           model.options().similarities);
  }
  if (!targets.empty_rows().empty() && objective.missing_weight == 0 && !objective.allow_empty_rows) {
    return InvalidArgument(
        "{} rows of the targets have no observed entry, the first is row {}: leave them out, give missing entries a "
        "weight (missing_weight), or allow them (allow_empty_rows)",
        targets.empty_rows().size(), targets.empty_rows().front() + 1);
  }
  if (objective.loss == LossKind::kBce) return targets.CheckWithin(0, 1);
  return absl::OkStatus();
}

// Epochs without orthogonality.
int OrthogonalityStart(const TrainOptions& options) {
  return static_cast<int>(std::ceil(options.orthogonality_after * options.epochs));
}

// Epochs whose objective is another than in the end; 0 if it never changes.
int IncompleteEpochs(const ObjectiveOptions& objective, const TrainOptions& options) {
  const int start = OrthogonalityStart(options);
  return objective.orthogonality > 0 && start < options.epochs ? start : 0;
}

class Training {
 public:
  // identity: of the data, for checkpoints.
  Training(SimEc& model, const TrainData& data, Objective objective, const TrainOptions& options, Split split,
           const Metadata& identity)
      : model_(model),
        options_(options),
        objective_(std::move(objective)),
        inputs_(data.inputs.To(model.device(), model.dtype())),
        targets_(data.targets.To(model.device(), model.dtype())),
        split_(std::move(split)),
        optimizer_(model, objective_, options),
        schedule_(options),
        checkpoint_(model, optimizer_, schedule_, options, objective_.options(), identity),
        incomplete_epochs_(IncompleteEpochs(objective_.options(), options)) {}

  absl::StatusOr<TrainReport> Run() {
    start_ = Clock::now();
    CONEC_ASSIGN_OR_RETURN(progress_, checkpoint_.Begin());
    const auto reports = [&]() -> std::vector<EpochReport>& { return progress_.report.epochs; };
    while (static_cast<int>(reports().size()) < options_.epochs && !Finished()) {
      CONEC_ASSIGN_OR_RETURN(const EpochReport epoch, RunEpoch(static_cast<int>(reports().size())));
      CONEC_RETURN_IF_ERROR(CheckFinite(epoch));
      reports().push_back(epoch);
      Judge(epoch);
      const bool go_on = !options_.progress || options_.progress(epoch);
      const bool last = !go_on || epoch.epoch == options_.epochs || Finished();
      if (last || epoch.epoch % options_.checkpoint_every == 0) CONEC_RETURN_IF_ERROR(checkpoint_.Save(progress_));
      if (!go_on) return Cancelled("stopped on request after {} epochs", epoch.epoch);
    }
    progress_.report.stopped_early = static_cast<int>(reports().size()) < options_.epochs;
    if (options_.keep_best) checkpoint_.RestoreBest();
    return progress_.report;
  }

 private:
  // Sums on the model's device, so that a GPU is not waited for at every batch.
  struct Sums {
    torch::Tensor data, total;
    double l2 = 0;
    std::int64_t batches = 0;
  };

  bool Finished() const {
    const auto& report = progress_.report;
    const int done = static_cast<int>(report.epochs.size());
    return options_.patience > 0 && done - std::max(report.best_epoch, incomplete_epochs_) >= options_.patience;
  }

  absl::StatusOr<EpochReport> RunEpoch(int done) {
    model_.module().train();
    if (model_.own_features()) torch::manual_seed(options_.seed + static_cast<std::uint64_t>(done));
    std::vector<std::int64_t> order = split_.training;
    Shuffle(order, PhiloxStream(options_.seed, kShuffle + static_cast<std::uint64_t>(done)));
    const torch::Tensor rows = AsTensor(order);
    const bool orthogonality = done >= OrthogonalityStart(options_);
    EpochReport report;
    report.epoch = done + 1;
    report.epochs = options_.epochs;
    report.learning_rate = schedule_.rate();
    CONEC_ASSIGN_OR_RETURN(const Sums sums, RunBatches(rows, orthogonality));
    const double batches = static_cast<double>(sums.batches);
    report.loss = sums.data.item<double>() / batches;
    report.objective = (sums.total.item<double>() + sums.l2) / batches;
    CONEC_ASSIGN_OR_RETURN(report.validation, Validate());
    report.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return report;
  }

  absl::StatusOr<Sums> RunBatches(const torch::Tensor& rows, bool orthogonality) {
    const torch::Tensor zero = torch::zeros({}, torch::TensorOptions(model_.device()).dtype(torch::kFloat64));
    Sums sums{zero.clone(), zero.clone()};
    for (std::int64_t begin = 0; begin < rows.size(0); begin += options_.batch) {
      const torch::Tensor batch = rows.narrow(0, begin, std::min<std::int64_t>(options_.batch, rows.size(0) - begin));
      CONEC_ASSIGN_OR_RETURN(const TargetBlock block, targets_.Block(batch));
      const Objective::Terms terms = objective_.Batch(model_, inputs_.Batch(batch), block, orthogonality);
      optimizer_.ZeroGrad();
      terms.total.backward();
      sums.l2 += optimizer_.Step(schedule_.rate());
      sums.data += terms.data.detach();
      sums.total += terms.total.detach();
      ++sums.batches;
    }
    return sums;
  }

  // The data term over all validation rows.
  absl::StatusOr<double> Validate() {
    if (split_.validation.empty()) return std::numeric_limits<double>::quiet_NaN();
    const torch::NoGradGuard no_grad;
    model_.module().eval();
    const torch::Tensor rows = AsTensor(split_.validation);
    double sum = 0;
    for (std::int64_t begin = 0; begin < rows.size(0); begin += kValidationRows) {
      const torch::Tensor batch = rows.narrow(0, begin, std::min(kValidationRows, rows.size(0) - begin));
      CONEC_ASSIGN_OR_RETURN(const TargetBlock block, targets_.Block(batch));
      const double loss = objective_.DataLossOf(model_, inputs_.Batch(batch), block).item<double>();
      sum += loss * static_cast<double>(batch.size(0));
    }
    return sum / static_cast<double>(rows.size(0));
  }

  void Judge(const EpochReport& epoch) {
    const bool validated = !split_.validation.empty();
    schedule_.EndEpoch(epoch.epoch, validated ? epoch.validation : epoch.loss);
    const double judged = validated ? epoch.validation : epoch.objective;
    const int best = progress_.report.best_epoch;
    const bool comparable = best > 0 && (best > incomplete_epochs_ || epoch.epoch <= incomplete_epochs_);
    if (comparable && !(judged < progress_.best)) return;
    progress_.best = judged;
    progress_.report.best_epoch = epoch.epoch;
    if (options_.keep_best) checkpoint_.KeepBest();
  }

  absl::Status CheckFinite(const EpochReport& epoch) {
    if (std::isfinite(epoch.objective) && torch::isfinite(optimizer_.weights()).all().item<bool>()) {
      checkpoint_.KeepFinite();
      return absl::OkStatus();
    }
    checkpoint_.RestoreFinite();
    const bool saved = progress_.report.resumed_epochs > 0 || epoch.epoch > options_.checkpoint_every;
    return FailedPrecondition(
        "the objective is not finite in epoch {} (learning rate {}): lower the learning rate, or normalise inputs and "
        "targets{}",
        epoch.epoch, epoch.learning_rate,
        saved && !options_.checkpoint.empty() ? "; the last checkpoint is " + options_.checkpoint : "");
  }

  static constexpr std::int64_t kValidationRows = 1024;

  SimEc& model_;
  const TrainOptions& options_;
  Objective objective_;
  InputRows inputs_;
  TargetRows targets_;
  Split split_;
  FlatOptimizer optimizer_;
  Schedule schedule_;
  Checkpoint checkpoint_;
  Progress progress_;
  // Without the term that is asked for: nothing after them is compared with them.
  const int incomplete_epochs_;
  Clock::time_point start_;
};

absl::StatusOr<std::optional<SymmetricTarget>> MakeSymmetric(const TrainData& data, const ObjectiveOptions& objective) {
  if (objective.s_ll == 0 || !data.s_ll.defined()) return std::optional<SymmetricTarget>();
  CONEC_ASSIGN_OR_RETURN(SymmetricTarget s_ll, SymmetricTarget::Create(data.s_ll, objective));
  return std::optional<SymmetricTarget>(std::move(s_ll));
}

}  // namespace

absl::StatusOr<TrainReport> Train(SimEc& model, const TrainData& data, const ObjectiveOptions& objective,
                                  const TrainOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckTrainOptions(options));
  CONEC_RETURN_IF_ERROR(CheckObjectiveOptions(objective, model.options()));
  CONEC_RETURN_IF_ERROR(CheckData(model, data, objective));
  return CatchTorch("training", [&]() -> absl::StatusOr<TrainReport> {
    CONEC_ASSIGN_OR_RETURN(Split split, SplitRows(data, options));
    CONEC_ASSIGN_OR_RETURN(std::optional<SymmetricTarget> s_ll, MakeSymmetric(data, objective));
    const auto rows = static_cast<std::int64_t>(split.training.size());
    CONEC_ASSIGN_OR_RETURN(Objective made, Objective::Create(model, objective, std::move(s_ll), rows));
    const TorchThreads threads(options.threads);
    CONEC_ASSIGN_OR_RETURN(const Metadata identity, DataIdentity(model, data, objective, options));
    return Training(model, data, std::move(made), options, std::move(split), identity).Run();
  });
}

}  // namespace conec::simec
