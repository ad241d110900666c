// Files of models: safetensors, every option as metadata, every parameter and buffer as a tensor under its name in
// SimEc::module(): features.0.weight, embedding.weight, embedding.bias, last_layer, decoder.0.weight, ...
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <cstdint>
#include <string>

#include "base/status.h"
#include "simec_core/model.h"

namespace conec::simec {

// Atomically.
absl::Status SaveModel(const SimEc& model, const std::string& path);

// `device` replaces the one of the file unless it is empty. kDataLoss for a file that is no such model, whole or
// consistent; kFailedPrecondition for one whose f' was of its owner's making.
absl::StatusOr<SimEc> LoadModel(const std::string& path, const std::string& device = "");

// For models with f' of your own: give the same modules, whose weights are then replaced.
absl::StatusOr<SimEc> LoadModel(const std::string& path, torch::nn::Sequential features, std::int64_t feature_size,
                                const std::string& device = "");

}  // namespace conec::simec
