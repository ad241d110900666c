// ModelInfo to and from the string metadata of a file. For this room only.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "conec/context_options.h"
#include "conec/model.h"

namespace conec::model_internal {

using Metadata = std::map<std::string, std::string>;

void StoreContextOptions(const ContextOptions& options, Metadata& metadata);
absl::StatusOr<ContextOptions> LoadContextOptions(const Metadata& metadata);

void StoreModelInfo(const ModelInfo& info, Metadata& metadata);
// kDataLoss naming the key that is missing or cannot be read.
absl::StatusOr<ModelInfo> LoadModelInfo(const Metadata& metadata);

// "true" or "false".
absl::StatusOr<bool> LoadFlag(const Metadata& metadata, const std::string& key);

}  // namespace conec::model_internal
