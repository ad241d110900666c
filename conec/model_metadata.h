// ModelInfo to and from the string metadata of a file. For this room only.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "conec/context_options.h"
#include "conec/model.h"

namespace conec::model_internal {

using Metadata = std::map<std::string, std::string>;

// extended: of a file of the second version, which has entries that others do not have.
void StoreContextOptions(const ContextOptions& options, Metadata& metadata, bool extended = false);
absl::StatusOr<ContextOptions> LoadContextOptions(const Metadata& metadata, bool extended = false);

// Under "training.*"; every field, so that two maps are equal only if the options are.
void StoreTrainOptions(const word2vec::TrainOptions& options, Metadata& metadata);

void StoreModelInfo(const ModelInfo& info, Metadata& metadata, bool extended = false);
// kDataLoss naming the key that is missing or cannot be read.
absl::StatusOr<ModelInfo> LoadModelInfo(const Metadata& metadata, bool extended = false);

// Which rows W1 has, in a file of the second version. words: V. kDataLoss as above.
void StoreInputLayout(const word2vec::InputLayout& layout, Metadata& metadata);
absl::StatusOr<word2vec::InputLayout> LoadInputLayout(const Metadata& metadata, std::size_t words);

// "true" or "false".
absl::StatusOr<bool> LoadFlag(const Metadata& metadata, const std::string& key);

}  // namespace conec::model_internal
