#include "word2vec/options.h"

#include <cmath>

namespace conec::word2vec {

double DefaultLearningRate(CbowUpdate update) {
  switch (update) {
    case CbowUpdate::kMean:
      return 0.15;
    case CbowUpdate::kWord2vec:
      return 0.06;
    case CbowUpdate::kSum:
      break;
  }
  return 0.02;
}

absl::Status Validate(const TrainOptions& options) {
  const auto in_range = [](std::string_view name, auto value, auto low, auto high) {
    if (value >= low && value <= high) return absl::OkStatus();
    return InvalidArgument("--{} is {}: expected {} to {}", name, value, low, high);
  };
  CONEC_RETURN_IF_ERROR(in_range("dim", options.dim, 1, 4096));
  CONEC_RETURN_IF_ERROR(in_range("window", options.window, 1, 1000));
  CONEC_RETURN_IF_ERROR(in_range("negatives", options.negatives, 1, 1000));
  CONEC_RETURN_IF_ERROR(in_range("epochs", options.epochs, 0, 1000000));
  CONEC_RETURN_IF_ERROR(in_range("lr", options.learning_rate, 0.0, 100.0));
  CONEC_RETURN_IF_ERROR(in_range("final-lr", options.final_learning_rate, 0.0, 1.0));
  CONEC_RETURN_IF_ERROR(in_range("sample", options.sample, 0.0, 1.0));
  CONEC_RETURN_IF_ERROR(in_range("noise-exponent", options.noise_exponent, -2.0, 2.0));
  return in_range("threads", options.threads, 0, 4096);
}

std::string_view Name(CbowUpdate update) {
  switch (update) {
    case CbowUpdate::kMean:
      return "mean";
    case CbowUpdate::kWord2vec:
      return "word2vec";
    case CbowUpdate::kSum:
      break;
  }
  return "sum";
}

absl::StatusOr<CbowUpdate> ParseCbowUpdate(std::string_view name) {
  for (const CbowUpdate update : {CbowUpdate::kMean, CbowUpdate::kWord2vec, CbowUpdate::kSum}) {
    if (Name(update) == name) return update;
  }
  return InvalidArgument("--cbow-update is '{}': expected mean, word2vec or sum", name);
}

}  // namespace conec::word2vec
