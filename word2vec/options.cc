#include "word2vec/options.h"

#include <cmath>

#include "corpora/word_id.h"

namespace conec::word2vec {
namespace {

constexpr int kLargestWindow = 1000;

struct InputName {
  std::string_view name;
  bool ExtendedInputs::*member;
};
constexpr InputName kInputNames[] = {
    {"direction", &ExtendedInputs::direction},
    {"shape", &ExtendedInputs::shape},
    {"context-shapes", &ExtendedInputs::context_shapes},
};

absl::Status SetInput(std::string_view name, ExtendedInputs& inputs) {
  for (const InputName& input : kInputNames) {
    if (input.name != name) continue;
    inputs.*input.member = true;
    return absl::OkStatus();
  }
  return InvalidArgument(
      "unknown input '{}': expected direction, shape, context-shapes, or several of "
      "them with commas between",
      name);
}

}  // namespace

double DefaultLearningRate(CbowUpdate update, int shared_negatives) {
  switch (update) {
    case CbowUpdate::kMean:
      return 0.15;
    case CbowUpdate::kWord2vec:
      return shared_negatives > 1 ? 0.075 : 0.06;
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
  CONEC_RETURN_IF_ERROR(in_range("window", options.window, 1, kLargestWindow));
  CONEC_RETURN_IF_ERROR(in_range("negatives", options.negatives, 1, 1000));
  CONEC_RETURN_IF_ERROR(in_range("shared-negatives", options.shared_negatives, 1, 1000));
  CONEC_RETURN_IF_ERROR(in_range("epochs", options.epochs, 0, 1000000));
  CONEC_RETURN_IF_ERROR(in_range("lr", options.learning_rate, 0.0, 100.0));
  CONEC_RETURN_IF_ERROR(in_range("final-lr", options.final_learning_rate, 0.0, 1.0));
  CONEC_RETURN_IF_ERROR(in_range("sample", options.sample, 0.0, 1.0));
  CONEC_RETURN_IF_ERROR(in_range("noise-exponent", options.noise_exponent, -2.0, 2.0));
  CONEC_RETURN_IF_ERROR(in_range("threads", options.threads, 0, 4096));
  return in_range("gpu-warps", options.gpu_warps, 0, 65536);
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

std::string Name(const ExtendedInputs& inputs) {
  std::string names;
  for (const InputName& input : kInputNames) {
    if (!(inputs.*input.member)) continue;
    if (!names.empty()) names += ',';
    names += input.name;
  }
  return names.empty() ? "none" : names;
}

absl::StatusOr<ExtendedInputs> ParseExtendedInputs(std::string_view names) {
  ExtendedInputs inputs;
  if (names.empty() || names == "none") return inputs;
  for (;;) {
    const std::size_t comma = names.find(',');
    CONEC_RETURN_IF_ERROR(SetInput(names.substr(0, comma), inputs));
    if (comma == std::string_view::npos) return inputs;
    names.remove_prefix(comma + 1);
  }
}

absl::StatusOr<InputLayout> MakeInputLayout(std::size_t vocabulary_size, int window, const ExtendedInputs& inputs) {
  if (window < 1 || window > kLargestWindow) {
    return InvalidArgument("--window is {}: expected 1 to {}", window, kLargestWindow);
  }
  // The rows besides the words' are fewer than 2^31 by far, so that no sum below exceeds 2^33.
  const std::uint64_t words = std::uint64_t{vocabulary_size} * (inputs.direction ? 2 : 1);
  const std::uint64_t places = inputs.context_shapes ? 2 * static_cast<std::uint64_t>(window) : 0;
  const std::uint64_t rows = words + (places + (inputs.shape ? 1 : 0)) * tokenize::kWordShapes;
  if (vocabulary_size >= corpora::kMaxVocabulary || rows >= corpora::kMaxVocabulary) {
    return InvalidArgument(
        "{} words with the extended inputs '{}' have more than {} input rows (--max-vocab limits "
        "the vocabulary)",
        vocabulary_size, Name(inputs), corpora::kMaxVocabulary);
  }
  return InputLayout{static_cast<std::uint32_t>(vocabulary_size), static_cast<std::uint32_t>(window), inputs};
}

}  // namespace conec::word2vec
