#include "simec_core/options.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <charconv>
#include <cmath>

#include "base/enum_names.h"

namespace conec::simec {
namespace {

constexpr EnumNames<Activation, 5> kActivations{{{Activation::kLinear, "linear"},
                                                 {Activation::kTanh, "tanh"},
                                                 {Activation::kRelu, "relu"},
                                                 {Activation::kSigmoid, "sigmoid"},
                                                 {Activation::kSoftplus, "softplus"}}};
constexpr EnumNames<Precision, 2> kPrecisions{{{Precision::kFloat32, "float32"}, {Precision::kFloat64, "float64"}}};
constexpr EnumNames<OutputKind, 2> kOutputs{{{OutputKind::kLinear, "linear"}, {OutputKind::kSigmoid, "sigmoid"}}};
constexpr EnumNames<Initialization, 2> kInitializations{
    {{Initialization::kGlorot, "glorot"}, {Initialization::kKaiming, "kaiming"}}};
constexpr EnumNames<LossKind, 3> kLosses{{{LossKind::kMse, "mse"}, {LossKind::kMae, "mae"}, {LossKind::kBce, "bce"}}};
constexpr EnumNames<MaskedMean, 2> kMaskedMeans{{{MaskedMean::kPerRow, "per-row"}, {MaskedMean::kGlobal, "global"}}};
constexpr EnumNames<Scaling, 2> kScalings{{{Scaling::kMean, "mean"}, {Scaling::kFrobenius, "frobenius"}}};
constexpr EnumNames<OptimizerKind, 3> kOptimizers{
    {{OptimizerKind::kAdamax, "adamax"}, {OptimizerKind::kAdam, "adam"}, {OptimizerKind::kSgd, "sgd"}}};
constexpr EnumNames<ScheduleKind, 3> kSchedules{
    {{ScheduleKind::kConstant, "constant"}, {ScheduleKind::kStep, "step"}, {ScheduleKind::kPlateau, "plateau"}}};
constexpr EnumNames<Preset, 2> kPresets{{{Preset::kKeras, "keras"}, {Preset::kTorch, "torch"}}};

absl::StatusOr<std::int64_t> ParseSize(std::string_view text, std::string_view what, std::int64_t smallest) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= smallest) return value;
  return InvalidArgument("{} must be a whole number of at least {}, got '{}'", what, smallest, text);
}

std::vector<std::string> SplitText(std::string_view text, char separator) {
  if (text.empty()) return {};
  return absl::StrSplit(absl::string_view(text.data(), text.size()), separator);
}

absl::StatusOr<HiddenLayer> ParseHiddenLayer(std::string_view text) {
  const std::vector<std::string> parts = SplitText(text, ':');
  if (parts.empty() || parts.size() > 2) {
    return InvalidArgument("a hidden layer is SIZE or SIZE:ACTIVATION (200:tanh), got '{}'", text);
  }
  HiddenLayer layer;
  CONEC_ASSIGN_OR_RETURN(layer.size, ParseSize(parts[0], "the size of a hidden layer", 1));
  if (parts.size() > 1) {
    CONEC_ASSIGN_OR_RETURN(layer.activation, ParseActivation(parts[1]));
  }
  return layer;
}

absl::StatusOr<ConvLayer> ParseConvLayer(std::string_view text) {
  const std::vector<std::string> parts = SplitText(text, ':');
  if (parts.empty() || parts.size() > 5) {
    return InvalidArgument("a convolution is FILTERS:KERNEL:PADDING:ACTIVATION:POOL (16:5:2:relu:2), got '{}'", text);
  }
  ConvLayer layer;
  CONEC_ASSIGN_OR_RETURN(layer.filters, ParseSize(parts[0], "the number of filters", 1));
  if (parts.size() > 1) {
    CONEC_ASSIGN_OR_RETURN(layer.kernel, ParseSize(parts[1], "the size of a kernel", 1));
  }
  if (parts.size() > 2) {
    CONEC_ASSIGN_OR_RETURN(layer.padding, ParseSize(parts[2], "the padding of a convolution", 0));
  }
  if (parts.size() > 3) {
    CONEC_ASSIGN_OR_RETURN(layer.activation, ParseActivation(parts[3]));
  }
  if (parts.size() > 4) {
    CONEC_ASSIGN_OR_RETURN(layer.pool, ParseSize(parts[4], "the size of a pool", 1));
  }
  return layer;
}

absl::Status AtLeast(std::int64_t value, std::int64_t least, std::string_view what) {
  if (value >= least) return absl::OkStatus();
  return InvalidArgument("{} must be at least {}, got {}", what, least, value);
}

absl::Status NotNegative(double value, std::string_view what) {
  if (value >= 0 && std::isfinite(value)) return absl::OkStatus();
  return InvalidArgument("{} must be a number of at least 0, got {}", what, value);
}

absl::Status Within(double value, double low, double high, std::string_view what) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidArgument("{} must lie within [{}, {}], got {}", what, low, high, value);
}

absl::Status CheckConv(const ModelOptions& options) {
  CONEC_RETURN_IF_ERROR(AtLeast(options.channels, 1, "channels"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.height, 1, "height of the images"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.width, 1, "width of the images"));
  if (options.channels > options.features / options.height / options.width ||
      options.channels * options.height * options.width != options.features) {
    return InvalidArgument("images of {} x {} x {} are not points of {} features", options.channels, options.height,
                           options.width, options.features);
  }
  std::int64_t height = options.height, width = options.width;
  for (const ConvLayer& layer : options.conv) {
    CONEC_RETURN_IF_ERROR(AtLeast(layer.filters, 1, "filters of a convolution"));
    CONEC_RETURN_IF_ERROR(AtLeast(layer.kernel, 1, "kernel of a convolution"));
    CONEC_RETURN_IF_ERROR(AtLeast(layer.padding, 0, "padding of a convolution"));
    CONEC_RETURN_IF_ERROR(AtLeast(layer.pool, 1, "pool of a convolution"));
    height = (height + 2 * layer.padding - layer.kernel + 1) / layer.pool;
    width = (width + 2 * layer.padding - layer.kernel + 1) / layer.pool;
    if (height < 1 || width < 1)
      return InvalidArgument("nothing is left of the images after {} convolutions", options.conv.size());
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view Name(Activation value) {
  return NameOf(kActivations, value);
}
std::string_view Name(Precision value) {
  return NameOf(kPrecisions, value);
}
std::string_view Name(OutputKind value) {
  return NameOf(kOutputs, value);
}
std::string_view Name(Initialization value) {
  return NameOf(kInitializations, value);
}
std::string_view Name(LossKind value) {
  return NameOf(kLosses, value);
}
std::string_view Name(MaskedMean value) {
  return NameOf(kMaskedMeans, value);
}
std::string_view Name(Scaling value) {
  return NameOf(kScalings, value);
}
std::string_view Name(OptimizerKind value) {
  return NameOf(kOptimizers, value);
}
std::string_view Name(ScheduleKind value) {
  return NameOf(kSchedules, value);
}
std::string_view Name(Preset value) {
  return NameOf(kPresets, value);
}

absl::StatusOr<Activation> ParseActivation(std::string_view name) {
  return ParseName(kActivations, "activation", name);
}
absl::StatusOr<Precision> ParsePrecision(std::string_view name) {
  return ParseName(kPrecisions, "precision", name);
}
absl::StatusOr<OutputKind> ParseOutputKind(std::string_view name) {
  return ParseName(kOutputs, "output", name);
}
absl::StatusOr<Initialization> ParseInitialization(std::string_view name) {
  return ParseName(kInitializations, "initialization", name);
}
absl::StatusOr<LossKind> ParseLossKind(std::string_view name) {
  return ParseName(kLosses, "loss", name);
}
absl::StatusOr<MaskedMean> ParseMaskedMean(std::string_view name) {
  return ParseName(kMaskedMeans, "mean over observed entries", name);
}
absl::StatusOr<Scaling> ParseScaling(std::string_view name) {
  return ParseName(kScalings, "scaling of coefficients", name);
}
absl::StatusOr<OptimizerKind> ParseOptimizerKind(std::string_view name) {
  return ParseName(kOptimizers, "optimizer", name);
}
absl::StatusOr<ScheduleKind> ParseScheduleKind(std::string_view name) {
  return ParseName(kSchedules, "schedule", name);
}
absl::StatusOr<Preset> ParsePreset(std::string_view name) {
  return ParseName(kPresets, "preset", name);
}

absl::StatusOr<std::vector<HiddenLayer>> ParseHiddenLayers(std::string_view text) {
  std::vector<HiddenLayer> layers;
  for (const std::string& part : SplitText(text, ',')) {
    CONEC_ASSIGN_OR_RETURN(layers.emplace_back(), ParseHiddenLayer(part));
  }
  return layers;
}

std::string FormatHiddenLayers(const std::vector<HiddenLayer>& layers) {
  return absl::StrJoin(layers, ",", [](std::string* out, const HiddenLayer& layer) {
    *out += fmt::format("{}:{}", layer.size, Name(layer.activation));
  });
}

absl::StatusOr<std::vector<ConvLayer>> ParseConvLayers(std::string_view text) {
  std::vector<ConvLayer> layers;
  for (const std::string& part : SplitText(text, ',')) {
    CONEC_ASSIGN_OR_RETURN(layers.emplace_back(), ParseConvLayer(part));
  }
  return layers;
}

std::string FormatConvLayers(const std::vector<ConvLayer>& layers) {
  return absl::StrJoin(layers, ",", [](std::string* out, const ConvLayer& layer) {
    *out +=
        fmt::format("{}:{}:{}:{}:{}", layer.filters, layer.kernel, layer.padding, Name(layer.activation), layer.pool);
  });
}

absl::Status CheckModelOptions(const ModelOptions& options) {
  CONEC_RETURN_IF_ERROR(AtLeast(options.features, 1, "features"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.dim, 1, "dim"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.targets, 1, "targets"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.similarities, 1, "similarities"));
  for (const HiddenLayer& layer : options.hidden) {
    CONEC_RETURN_IF_ERROR(AtLeast(layer.size, 1, "the size of a hidden layer"));
  }
  if (!options.conv.empty()) CONEC_RETURN_IF_ERROR(CheckConv(options));
  if (options.decoder && !options.conv.empty()) return InvalidArgument("there is no decoder for convolutions");
  const bool range = std::isfinite(options.output_low) && std::isfinite(options.output_high);
  if (!range || options.output_low >= options.output_high) {
    return InvalidArgument("the range of the output [{}, {}] is empty", options.output_low, options.output_high);
  }
  return absl::OkStatus();
}

absl::Status CheckObjectiveOptions(const ObjectiveOptions& objective, const ModelOptions& model) {
  CONEC_RETURN_IF_ERROR(Within(objective.missing_weight, 0, 1, "missing_weight"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.s_ll, "s_ll"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.orthogonality, "orthogonality"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.l2_hidden, "l2_hidden"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.l2_embedding, "l2_embedding"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.l2_last, "l2_last"));
  CONEC_RETURN_IF_ERROR(NotNegative(objective.reconstruction, "reconstruction"));
  if (objective.loss == LossKind::kBce && model.output != OutputKind::kSigmoid) {
    return InvalidArgument("loss bce needs output sigmoid: it compares probabilities");
  }
  if (objective.loss == LossKind::kBce && (model.output_low != 0 || model.output_high != 1)) {
    return InvalidArgument("loss bce needs outputs within [0, 1], not [{}, {}]", model.output_low, model.output_high);
  }
  if (objective.reconstruction > 0 && !model.decoder) return InvalidArgument("reconstruction needs a decoder");
  return absl::OkStatus();
}

absl::Status CheckTrainOptions(const TrainOptions& options) {
  CONEC_RETURN_IF_ERROR(AtLeast(options.epochs, 0, "epochs"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.batch, 1, "batch"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.threads, 0, "threads"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.patience, 0, "patience"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.checkpoint_every, 1, "checkpoint_every"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.schedule_every, 1, "schedule_every"));
  CONEC_RETURN_IF_ERROR(AtLeast(options.schedule_patience, 0, "schedule_patience"));
  CONEC_RETURN_IF_ERROR(NotNegative(options.learning_rate, "learning_rate"));
  CONEC_RETURN_IF_ERROR(NotNegative(options.schedule_threshold, "schedule_threshold"));
  CONEC_RETURN_IF_ERROR(NotNegative(options.smallest_learning_rate, "smallest_learning_rate"));
  CONEC_RETURN_IF_ERROR(NotNegative(options.epsilon, "epsilon"));
  CONEC_RETURN_IF_ERROR(Within(options.schedule_factor, 0, 1, "schedule_factor"));
  CONEC_RETURN_IF_ERROR(Within(options.orthogonality_after, 0, 1, "orthogonality_after"));
  CONEC_RETURN_IF_ERROR(Within(options.beta1, 0, 0.999999, "beta1"));
  CONEC_RETURN_IF_ERROR(Within(options.beta2, 0, 0.999999999, "beta2"));
  CONEC_RETURN_IF_ERROR(Within(options.momentum, 0, 1, "momentum"));
  CONEC_RETURN_IF_ERROR(Within(options.validation, 0, 0.9, "validation"));
  if (options.resume && options.checkpoint.empty()) return InvalidArgument("resume needs the name of a checkpoint");
  return absl::OkStatus();
}

void ApplyPreset(Preset preset, ModelOptions& model, ObjectiveOptions& objective, TrainOptions& training) {
  const bool keras = preset == Preset::kKeras;
  model.initialization = keras ? Initialization::kGlorot : Initialization::kKaiming;
  objective.l2_hidden = keras ? ObjectiveOptions().l2_hidden : 0;
  objective.l2_embedding = keras ? ObjectiveOptions().l2_embedding : 0;
  objective.l2_last = 0;
  training.optimizer = keras ? OptimizerKind::kAdamax : OptimizerKind::kAdam;
  training.epsilon = keras ? TrainOptions().epsilon : 1e-8;
  training.schedule = keras ? ScheduleKind::kConstant : ScheduleKind::kPlateau;
  training.schedule_factor = TrainOptions().schedule_factor;
  training.schedule_patience = TrainOptions().schedule_patience;
  training.schedule_start = TrainOptions().schedule_start;
  training.orthogonality_after = keras ? 0 : 1.0 / 3;
  training.keep_best = !keras;
}

}  // namespace conec::simec
