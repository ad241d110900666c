#include "simec_core/checkpoint.h"

#include <filesystem>

#include "simec_core/model.h"
#include "simec_core/option_text.h"

namespace conec::simec {
namespace {

constexpr const char* kCheckpointFormat = "conec-simec-checkpoint";

// Columns of the tensor "epochs": an EpochReport each row.
constexpr std::int64_t kColumns = 7;

torch::Tensor ToTensor(const std::vector<EpochReport>& epochs) {
  const torch::Tensor table = torch::empty({static_cast<std::int64_t>(epochs.size()), kColumns}, torch::kFloat64);
  double* cell = table.data_ptr<double>();
  for (const EpochReport& e : epochs) {
    for (const double value : {static_cast<double>(e.epoch), static_cast<double>(e.epochs), e.loss, e.objective,
                               e.validation, e.learning_rate, e.seconds}) {
      *cell++ = value;
    }
  }
  return table;
}

std::vector<EpochReport> FromTensor(const torch::Tensor& table) {
  std::vector<EpochReport> epochs(static_cast<std::size_t>(table.size(0)));
  const double* cell = table.data_ptr<double>();
  for (EpochReport& e : epochs) {
    e = {static_cast<int>(cell[0]), static_cast<int>(cell[1]), cell[2], cell[3], cell[4], cell[5], cell[6]};
    cell += kColumns;
  }
  return epochs;
}

}  // namespace

Checkpoint::Checkpoint(SimEc& model, FlatOptimizer& optimizer, Schedule& schedule, const TrainOptions& options,
                       const ObjectiveOptions& objective, const TargetRows& targets)
    : model_(model), optimizer_(optimizer), schedule_(schedule), options_(options), finite_(Take()) {
  fingerprint_ = ToText(model.options());
  fingerprint_.merge(ToText(objective));
  fingerprint_.merge(ToText(options));
  fingerprint_["rows"] = fmt::format("{}", targets.rows());
  fingerprint_["weights"] = fmt::format("{}", optimizer.weights().numel());
  fingerprint_["format"] = kCheckpointFormat;
  if (options.orthogonality_after > 0) fingerprint_["epochs"] = fmt::format("{}", options.epochs);
}

Checkpoint::Snapshot Checkpoint::Take() const {
  Snapshot snapshot{optimizer_.weights().clone(), {}};
  for (const torch::Tensor& buffer : model_.module().buffers()) snapshot.buffers.push_back(buffer.clone());
  return snapshot;
}

void Checkpoint::Put(const Snapshot& snapshot) {
  if (!snapshot.weights.defined()) return;
  const torch::NoGradGuard no_grad;
  torch::Tensor weights = optimizer_.weights();
  weights.copy_(snapshot.weights);
  std::vector<torch::Tensor> buffers = model_.module().buffers();
  for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i].copy_(snapshot.buffers[i]);
}

NamedTensors Checkpoint::Tensors(const Snapshot& now, const Progress& progress) const {
  const ScheduleState& schedule = schedule_.state;
  const std::vector<double> numbers{schedule.rate, schedule.best, static_cast<double>(schedule.bad_epochs),
                                    progress.best};
  const std::vector<std::int64_t> counts{optimizer_.steps(), progress.report.best_epoch};
  NamedTensors tensors{{"weights", now.weights},
                       {"optimizer.first", optimizer_.first()},
                       {"optimizer.second", optimizer_.second()},
                       {"numbers", torch::tensor(numbers, torch::kFloat64)},
                       {"counts", torch::tensor(counts, torch::kInt64)},
                       {"epochs", ToTensor(progress.report.epochs)}};
  for (std::size_t i = 0; i < now.buffers.size(); ++i)
    tensors.emplace_back(fmt::format("buffer.{}", i), now.buffers[i]);
  if (!best_.weights.defined()) return tensors;
  tensors.emplace_back("best.weights", best_.weights);
  for (std::size_t i = 0; i < best_.buffers.size(); ++i) {
    tensors.emplace_back(fmt::format("best.buffer.{}", i), best_.buffers[i]);
  }
  return tensors;
}

absl::Status Checkpoint::Save(const Progress& progress) const {
  if (options_.checkpoint.empty()) return absl::OkStatus();
  return WriteTensors(options_.checkpoint, fingerprint_, Tensors(Take(), progress));
}

absl::Status Checkpoint::CheckFingerprint(const TensorFile& file) const {
  for (const auto& [key, value] : fingerprint_) {
    const auto found = file.metadata.find(key);
    if (found != file.metadata.end() && found->second == value) continue;
    return FailedPrecondition("checkpoint '{}' is of another run: {} is {} there, {} here", options_.checkpoint, key,
                              found == file.metadata.end() ? "nothing" : found->second, value);
  }
  return absl::OkStatus();
}

absl::StatusOr<Progress> Checkpoint::Begin() {
  std::error_code ignored;
  if (!options_.resume || !std::filesystem::exists(options_.checkpoint, ignored)) return Progress();
  CONEC_ASSIGN_OR_RETURN(const TensorFile file, ReadTensors(options_.checkpoint, kCheckpointFormat));
  CONEC_RETURN_IF_ERROR(CheckFingerprint(file));
  return Load(file);
}

absl::StatusOr<Progress> Checkpoint::Load(const TensorFile& file) {
  const torch::NoGradGuard no_grad;
  const std::string& path = options_.checkpoint;
  const auto copy = [&](const std::string& name, const torch::Tensor& target) {
    return CopyTensor(file, path, name, target);
  };
  const auto copy_snapshot = [&](const std::string& prefix, Snapshot& snapshot) -> absl::Status {
    CONEC_RETURN_IF_ERROR(copy(prefix + "weights", snapshot.weights));
    for (std::size_t i = 0; i < snapshot.buffers.size(); ++i) {
      CONEC_RETURN_IF_ERROR(copy(fmt::format("{}buffer.{}", prefix, i), snapshot.buffers[i]));
    }
    return absl::OkStatus();
  };
  const torch::Tensor numbers = torch::empty({4}, torch::kFloat64), counts = torch::empty({2}, torch::kInt64);
  Snapshot now = Take();
  CONEC_RETURN_IF_ERROR(copy_snapshot("", now));
  CONEC_RETURN_IF_ERROR(copy("optimizer.first", optimizer_.first()));
  CONEC_RETURN_IF_ERROR(copy("optimizer.second", optimizer_.second()));
  CONEC_RETURN_IF_ERROR(copy("numbers", numbers));
  CONEC_RETURN_IF_ERROR(copy("counts", counts));
  const auto epochs = file.tensors.find("epochs");
  if (epochs == file.tensors.end() || epochs->second.dim() != 2 || epochs->second.size(1) != kColumns ||
      epochs->second.scalar_type() != torch::kFloat64) {
    return DataLoss("'{}': the table of epochs is missing or of another shape", path);
  }
  if (file.tensors.contains("best.weights")) {
    best_ = Take();
    CONEC_RETURN_IF_ERROR(copy_snapshot("best.", best_));
  }
  Put(now);
  finite_ = now;
  schedule_.state = {numbers[0].item<double>(), numbers[1].item<double>(), static_cast<int>(numbers[2].item<double>())};
  optimizer_.set_steps(counts[0].item<std::int64_t>());
  Progress progress;
  progress.best = numbers[3].item<double>();
  progress.report.best_epoch = static_cast<int>(counts[1].item<std::int64_t>());
  progress.report.epochs = FromTensor(epochs->second);
  return progress;
}

}  // namespace conec::simec
