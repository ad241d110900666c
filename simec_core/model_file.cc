#include "simec_core/model_file.h"

#include <utility>

#include "simec_core/model.h"
#include "simec_core/option_text.h"
#include "simec_core/tensor_file.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr const char* kModelFormat = "conec-simec";
constexpr const char* kModelVersion = "1";

// kDataLoss with the path before the message.
absl::Status AsDataLoss(const absl::Status& status, const std::string& path) {
  return DataLoss("'{}': {}", path, std::string_view(status.message().data(), status.message().size()));
}

std::string Find(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? "" : found->second;
}

absl::StatusOr<ModelOptions> ReadOptions(const TensorFile& file, const std::string& path, const std::string& device) {
  if (Find(file, "version") != kModelVersion) {
    return DataLoss("'{}' is of version '{}', expected {}", path, Find(file, "version"), kModelVersion);
  }
  absl::StatusOr<ModelOptions> options = ModelOptionsFromText(file.metadata);
  if (!options.ok()) return AsDataLoss(options.status(), path);
  if (!device.empty()) options->device = device;
  if (const absl::Status checked = CheckModelOptions(*options); !checked.ok()) return AsDataLoss(checked, path);
  return options;
}

// A hostile file must not make us allocate more than it holds.
absl::Status CheckSize(const TensorFile& file, const ModelOptions& options, const std::string& path) {
  const auto last = file.tensors.find("last_layer");
  const std::vector<std::int64_t> expected{options.dim, options.targets, options.similarities};
  if (last == file.tensors.end() || last->second.sizes() != at::IntArrayRef(expected)) {
    return DataLoss("'{}': W_l is missing or not {} x {} x {}", path, options.dim, options.targets,
                    options.similarities);
  }
  std::int64_t largest = options.features;
  for (const HiddenLayer& layer : options.hidden) largest = std::max(largest, layer.size);
  for (const ConvLayer& layer : options.conv) largest = std::max(largest, layer.filters * layer.kernel * layer.kernel);
  std::int64_t stored = 0;
  for (const auto& [name, tensor] : file.tensors) stored += tensor.numel();
  if (largest <= stored) return absl::OkStatus();
  return DataLoss("'{}' is too small for a layer of {} units", path, largest);
}

NamedTensors StateOf(const SimEc& model) {
  NamedTensors state;
  for (const auto& item : model.module().named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : model.module().named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

absl::StatusOr<SimEc> FillModel(SimEc model, const TensorFile& file, const std::string& path) {
  const torch::NoGradGuard no_grad;
  const NamedTensors state = StateOf(model);
  for (const auto& [name, tensor] : state) CONEC_RETURN_IF_ERROR(CopyTensor(file, path, name, tensor));
  if (file.tensors.size() != state.size()) {
    return DataLoss("'{}' has {} tensors, the model needs {}", path, file.tensors.size(), state.size());
  }
  for (const auto& [name, tensor] : state) {
    if (!tensor.isfinite().all().item<bool>()) return DataLoss("'{}': '{}' is not finite", path, name);
  }
  if (Find(file, "last_layer_frozen") == "true") model.last_layer().set_requires_grad(false);
  return model;
}

}  // namespace

absl::Status SaveModel(const SimEc& model, const std::string& path) {
  Metadata metadata = ToText(model.options());
  metadata["format"] = kModelFormat;
  metadata["version"] = kModelVersion;
  metadata["own_features"] = model.own_features() ? "true" : "false";
  metadata["last_layer_frozen"] = model.last_layer_frozen() ? "true" : "false";
  return CatchTorch(path, [&] { return WriteTensors(path, metadata, StateOf(model)); });
}

absl::StatusOr<SimEc> LoadModel(const std::string& path, const std::string& device) {
  return CatchTorch(path, [&]() -> absl::StatusOr<SimEc> {
    CONEC_ASSIGN_OR_RETURN(const TensorFile file, ReadTensors(path, kModelFormat));
    CONEC_ASSIGN_OR_RETURN(const ModelOptions options, ReadOptions(file, path, device));
    if (Find(file, "own_features") == "true") {
      return FailedPrecondition("'{}' has an f' of its owner's making: give its modules to LoadModel", path);
    }
    CONEC_RETURN_IF_ERROR(CheckSize(file, options, path));
    CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(options));
    return FillModel(std::move(model), file, path);
  });
}

absl::StatusOr<SimEc> LoadModel(const std::string& path, torch::nn::Sequential features, std::int64_t feature_size,
                                const std::string& device) {
  return CatchTorch(path, [&]() -> absl::StatusOr<SimEc> {
    CONEC_ASSIGN_OR_RETURN(const TensorFile file, ReadTensors(path, kModelFormat));
    CONEC_ASSIGN_OR_RETURN(const ModelOptions options, ReadOptions(file, path, device));
    CONEC_RETURN_IF_ERROR(CheckSize(file, options, path));
    CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(std::move(features), feature_size, options));
    return FillModel(std::move(model), file, path);
  });
}

}  // namespace conec::simec
