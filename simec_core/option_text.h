// Options as text, key by key: what model files and checkpoints say about themselves. Not for other rooms.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "simec_core/options.h"

namespace conec::simec {

// "dim": "9", "hidden": "25:tanh,25:tanh", ... Numbers are the shortest text that reads back as the same.
std::map<std::string, std::string> ToText(const ModelOptions& options);
std::map<std::string, std::string> ToText(const ObjectiveOptions& options);
// Without what does not change the weights: the checkpoint's file, progress, how many epochs.
std::map<std::string, std::string> ToText(const TrainOptions& options);

// The inverse. kDataLoss naming the key that is missing or cannot be read; other keys are ignored.
absl::StatusOr<ModelOptions> ModelOptionsFromText(const std::map<std::string, std::string>& text);

}  // namespace conec::simec
