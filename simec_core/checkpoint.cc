#include "simec_core/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string_view>

#include "simec_core/fingerprint.h"
#include "simec_core/model.h"
#include "simec_core/option_text.h"

namespace conec::simec {
namespace {

constexpr const char* kCheckpointFormat = "conec-simec-checkpoint";
constexpr const char* kVersion = "2";         // 1 knew nothing of the data's values
constexpr std::string_view kData = "data: ";  // before keys of DataIdentity()

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

// Whole and within [low, high]: NaN is not.
bool IsCount(double value, double low, double high) {
  return value >= low && value <= high && value == std::floor(value);
}

absl::StatusOr<std::vector<EpochReport>> EpochsOf(const TensorFile& file, const std::string& path) {
  const auto found = file.tensors.find("epochs");
  if (found == file.tensors.end() || found->second.dim() != 2 || found->second.size(1) != kColumns ||
      found->second.scalar_type() != torch::kFloat64) {
    return DataLoss("'{}': the table of epochs is missing or of another shape", path);
  }
  std::vector<EpochReport> epochs;
  const double* cell = found->second.data_ptr<double>();
  for (std::int64_t i = 0; i < found->second.size(0); ++i, cell += kColumns) {
    const auto number = static_cast<double>(i + 1);
    if (cell[0] != number || !IsCount(cell[1], number, std::numeric_limits<int>::max())) {
      return DataLoss("'{}': row {} of the table of epochs is of epoch {} of {}", path, i + 1, cell[0], cell[1]);
    }
    epochs.push_back(
        {static_cast<int>(cell[0]), static_cast<int>(cell[1]), cell[2], cell[3], cell[4], cell[5], cell[6]});
  }
  return epochs;
}

// Options first: they explain the others.
std::vector<std::string> Differences(const Metadata& here, const Metadata& there) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : here) {
    const auto found = there.find(key);
    if (found == there.end() || found->second != value) keys.push_back(key);
  }
  for (const auto& [key, value] : there) {
    if (!here.contains(key)) keys.push_back(key);
  }
  std::stable_partition(keys.begin(), keys.end(), [](const std::string& key) { return !key.starts_with(kData); });
  return keys;
}

std::string NameOf(const std::string& key) {
  if (key == "epochs") return "epochs, of which orthogonality begins after a part,";
  return key.starts_with(kData) ? key.substr(kData.size()) : key;
}

std::string ValueOf(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "nothing" : found->second;
}

bool AllWeightsFinite(const torch::Tensor& tensor) {
  return torch::isfinite(tensor).all().item<bool>();
}

}  // namespace

absl::StatusOr<Metadata> DataIdentity(const SimEc& model, const TrainData& data, const ObjectiveOptions& objective,
                                      const TrainOptions& options) {
  Metadata identity = data.identity;
  if (options.checkpoint.empty()) return Metadata();
  const auto add = [&identity](const std::string& name, const auto& values) -> absl::Status {
    if (identity.contains(name)) return absl::OkStatus();
    CONEC_ASSIGN_OR_RETURN(identity[name], FingerprintOf(values));
    return absl::OkStatus();
  };
  CONEC_RETURN_IF_ERROR(add("inputs", data.inputs));
  CONEC_RETURN_IF_ERROR(add("targets", data.targets));
  if (objective.s_ll > 0) CONEC_RETURN_IF_ERROR(add("s_ll", data.s_ll));
  if (!data.validation_rows.empty()) {
    CONEC_RETURN_IF_ERROR(add("validation rows", torch::tensor(data.validation_rows, torch::kInt64)));
  }
  if (model.last_layer_frozen()) CONEC_RETURN_IF_ERROR(add("last layer", model.last_layer()));
  std::erase_if(identity, [](const auto& entry) { return entry.second.empty(); });
  return identity;
}

Checkpoint::Checkpoint(SimEc& model, FlatOptimizer& optimizer, Schedule& schedule, const TrainOptions& options,
                       const ObjectiveOptions& objective, const Metadata& data)
    : model_(model), optimizer_(optimizer), schedule_(schedule), options_(options), finite_(Take()) {
  fingerprint_ = ToText(model.options());
  fingerprint_.merge(ToText(objective));
  fingerprint_.merge(ToText(options));
  for (const auto& [key, value] : data) fingerprint_[std::string(kData) + key] = value;
  fingerprint_["weights"] = fmt::format("{}", optimizer.weights().numel());
  fingerprint_["format"] = kCheckpointFormat;
  fingerprint_["version"] = kVersion;
  if (options.orthogonality_after > 0 && objective.orthogonality > 0) {
    fingerprint_["epochs"] = fmt::format("{}", options.epochs);
  }
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

absl::Status Checkpoint::CheckFingerprint(const Metadata& there) const {
  if (const std::string version = ValueOf(there, "version"); version != kVersion) {
    return FailedPrecondition(
        "checkpoint '{}' is of another version of its format ({}, not {}): without resume training begins anew and "
        "replaces it",
        options_.checkpoint, version, kVersion);
  }
  const std::vector<std::string> differences = Differences(fingerprint_, there);
  if (differences.empty()) return absl::OkStatus();
  const std::string& key = differences.front();
  return FailedPrecondition(
      "checkpoint '{}' is of another training: its {} is {}, here it is {}; go on with what it was made with, or "
      "without resume: training begins anew then and replaces it",
      options_.checkpoint, NameOf(key), ValueOf(there, key), ValueOf(fingerprint_, key));
}

absl::StatusOr<Progress> Checkpoint::Begin() {
  std::error_code ignored;
  if (!options_.resume || !std::filesystem::exists(options_.checkpoint, ignored)) return Progress();
  CONEC_ASSIGN_OR_RETURN(const TensorFile file, ReadTensors(options_.checkpoint, kCheckpointFormat));
  CONEC_RETURN_IF_ERROR(CheckFingerprint(file.metadata));
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
    if (!AllWeightsFinite(snapshot.weights)) return DataLoss("'{}': {}weights are not finite", path, prefix);
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
  CONEC_ASSIGN_OR_RETURN(const Progress progress, ProgressOf(file, numbers, counts));
  if (file.tensors.contains("best.weights")) {
    best_ = Take();
    CONEC_RETURN_IF_ERROR(copy_snapshot("best.", best_));
  }
  Put(now);
  finite_ = now;
  schedule_.state = {numbers[0].item<double>(), numbers[1].item<double>(), static_cast<int>(numbers[2].item<double>())};
  optimizer_.set_steps(counts[0].item<std::int64_t>());
  return progress;
}

// numbers, counts: as Tensors() stores them.
absl::StatusOr<Progress> Checkpoint::ProgressOf(const TensorFile& file, const torch::Tensor& numbers,
                                                const torch::Tensor& counts) const {
  constexpr std::int64_t kMostSteps = std::int64_t{1} << 62;
  const std::string& path = options_.checkpoint;
  Progress progress;
  CONEC_ASSIGN_OR_RETURN(progress.report.epochs, EpochsOf(file, path));
  const auto epochs = static_cast<std::int64_t>(progress.report.epochs.size());
  if (epochs > options_.epochs) {
    return FailedPrecondition(
        "checkpoint '{}' holds {} epochs, more than the {} that are asked for: ask for {} or more, or go on without "
        "resume: training begins anew then and replaces it",
        path, epochs, options_.epochs, epochs);
  }
  const double rate = numbers[0].item<double>(), bad_epochs = numbers[2].item<double>();
  const std::int64_t steps = counts[0].item<std::int64_t>(), best_epoch = counts[1].item<std::int64_t>();
  if (!std::isfinite(rate) || rate < 0 || !IsCount(bad_epochs, 0, static_cast<double>(epochs)) || steps < 0 ||
      steps > kMostSteps || best_epoch < std::min<std::int64_t>(1, epochs) || best_epoch > epochs) {
    return DataLoss(
        "'{}': no state after {} epochs has a learning rate of {}, {} epochs without improvement, {} steps, and epoch "
        "{} as the best",
        path, epochs, rate, bad_epochs, steps, best_epoch);
  }
  progress.best = numbers[3].item<double>();
  progress.report.best_epoch = static_cast<int>(best_epoch);
  progress.report.resumed_epochs = static_cast<int>(epochs);
  return progress;
}

}  // namespace conec::simec
