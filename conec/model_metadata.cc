#include "conec/model_metadata.h"

#include <charconv>
#include <concepts>
#include <string_view>
#include <utility>

#include "corpora/encode.h"

namespace conec::model_internal {
namespace {

constexpr std::string_view kOther = "other.";
constexpr std::string_view kTrainingInputs = "training.extended_inputs";    // absent where there are none
constexpr std::string_view kDeterministic = "training.deterministic";       // absent where it is not
constexpr std::string_view kSharedNegatives = "training.shared_negatives";  // absent where none are shared
// In files of the second version:
constexpr std::string_view kSif = "context.sif";
constexpr std::string_view kFeatureWeight = "context.feature_weight";
constexpr std::string_view kExcludeTarget = "context.exclude_target";
constexpr std::string_view kExtendedInputs = "extended_inputs";
constexpr std::string_view kExtendedWindow = "extended_inputs.window";
constexpr std::string_view kExtendedShapes = "extended_inputs.shapes";

// Every structure lists its fields once; a Writer or a Reader is passed over the list.
template <typename Options, typename Field>
void TrainingFields(Options& o, Field&& field) {
  field("training.dim", o.dim);
  field("training.window", o.window);
  field("training.negatives", o.negatives);
  field("training.epochs", o.epochs);
  field("training.learning_rate", o.learning_rate);
  field("training.final_learning_rate", o.final_learning_rate);
  field("training.sample", o.sample);
  field("training.noise_exponent", o.noise_exponent);
  field("training.shuffle", o.shuffle);
  field("training.update", o.update);
  field("training.seed", o.seed);
  field("training.threads", o.threads);
}

template <typename Options, typename Field>
void ContextFields(Options& o, Field&& field) {
  field("context.window", o.window);
  field("context.weighting", o.weighting);
  field("context.scaling", o.scaling);
  field("context.unit_rows", o.unit_rows);
}

template <typename Options, typename Field>
void ExtendedContextFields(Options& o, Field&& field) {
  field(kSif, o.sif);
  field(kFeatureWeight, o.feature_weight);
  field(kExcludeTarget, o.exclude_target);
}

class Writer {
 public:
  explicit Writer(Metadata& metadata) : metadata_(metadata) {}
  void operator()(std::string_view key, bool value) { Set(key, value ? "true" : "false"); }
  void operator()(std::string_view key, std::integral auto value) { Set(key, fmt::format("{}", value)); }
  // The shortest text that reads back as the same number.
  void operator()(std::string_view key, double value) { Set(key, fmt::format("{}", value)); }
  void operator()(std::string_view key, word2vec::CbowUpdate value) { Set(key, word2vec::Name(value)); }
  void operator()(std::string_view key, ContextWeighting value) { Set(key, Name(value)); }
  void operator()(std::string_view key, ContextScaling value) { Set(key, Name(value)); }

 private:
  void Set(std::string_view key, std::string_view value) { metadata_[std::string(key)] = value; }
  Metadata& metadata_;
};

template <typename T>
absl::StatusOr<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return DataLoss("'{}' is not a number in range", text);
  return value;
}

class Reader {
 public:
  explicit Reader(const Metadata& metadata) : metadata_(metadata) {}
  // The first thing that went wrong.
  const absl::Status& status() const { return status_; }

  void operator()(std::string_view key, bool& value) {
    Read(key, value, [](std::string_view text) -> absl::StatusOr<bool> {
      if (text == "true" || text == "false") return text == "true";
      return DataLoss("expected true or false, got '{}'", text);
    });
  }
  template <typename T>
  requires(std::is_arithmetic_v<T>) void operator()(std::string_view key, T& value) {
    Read(key, value, ParseNumber<T>);
  }
  void operator()(std::string_view key, word2vec::CbowUpdate& value) { Read(key, value, word2vec::ParseCbowUpdate); }
  void operator()(std::string_view key, ContextWeighting& value) { Read(key, value, ParseContextWeighting); }
  void operator()(std::string_view key, word2vec::ExtendedInputs& value) {
    Read(key, value, word2vec::ParseExtendedInputs);
  }
  void operator()(std::string_view key, ContextScaling& value) { Read(key, value, ParseContextScaling); }

 private:
  template <typename T, typename Parse>
  void Read(std::string_view key, T& value, Parse parse) {
    if (!status_.ok()) return;
    const auto found = metadata_.find(std::string(key));
    if (found == metadata_.end()) {
      status_ = DataLoss("metadata '{}' is missing", key);
      return;
    }
    absl::StatusOr<T> parsed = parse(found->second);
    if (parsed.ok()) {
      value = *parsed;
    } else {
      status_ = DataLoss("metadata '{}': {}", key,
                         std::string_view(parsed.status().message().data(), parsed.status().message().size()));
    }
  }
  const Metadata& metadata_;
  absl::Status status_;
};

std::string ValueOrEmpty(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second;
}

absl::Status LoadTrainingInputs(const Metadata& metadata, ModelInfo& info) {
  const absl::StatusOr<word2vec::ExtendedInputs> inputs =
      word2vec::ParseExtendedInputs(ValueOrEmpty(metadata, std::string(kTrainingInputs)));
  if (!inputs.ok()) return DataLoss("metadata '{}': {}", kTrainingInputs, std::string(inputs.status().message()));
  if (info.training) info.training->extended_inputs = *inputs;
  return absl::OkStatus();
}

}  // namespace

void StoreContextOptions(const ContextOptions& options, Metadata& metadata, bool extended) {
  Writer writer(metadata);
  ContextFields(options, writer);
  if (extended) ExtendedContextFields(options, writer);
}

absl::StatusOr<ContextOptions> LoadContextOptions(const Metadata& metadata, bool extended) {
  ContextOptions options;
  Reader reader(metadata);
  ContextFields(options, reader);
  if (extended) ExtendedContextFields(options, reader);
  CONEC_RETURN_IF_ERROR(reader.status());
  if (!Validate(options).ok()) {
    return DataLoss("metadata 'context.window': {}, or another of its numbers, is out of range", options.window);
  }
  return options;
}

void StoreInputLayout(const word2vec::InputLayout& layout, Metadata& metadata) {
  Writer writer(metadata);
  metadata[std::string(kExtendedInputs)] = word2vec::Name(layout.inputs);
  writer(kExtendedWindow, layout.window);
  writer(kExtendedShapes, tokenize::kWordShapes);
}

absl::StatusOr<word2vec::InputLayout> LoadInputLayout(const Metadata& metadata, std::size_t words) {
  Reader reader(metadata);
  int window = 0;
  std::size_t shapes = 0;
  word2vec::ExtendedInputs inputs;
  reader(kExtendedInputs, inputs);
  reader(kExtendedWindow, window);
  reader(kExtendedShapes, shapes);
  CONEC_RETURN_IF_ERROR(reader.status());
  if (!inputs.any()) return word2vec::InputLayout{};
  if (shapes != tokenize::kWordShapes) {
    return DataLoss("metadata '{}': {}, expected {}", kExtendedShapes, shapes, tokenize::kWordShapes);
  }
  const absl::StatusOr<word2vec::InputLayout> layout = word2vec::MakeInputLayout(words, window, inputs);
  if (layout.ok()) return layout;
  return DataLoss("metadata '{}': {}", kExtendedWindow,
                  std::string_view(layout.status().message().data(), layout.status().message().size()));
}

absl::StatusOr<bool> LoadFlag(const Metadata& metadata, const std::string& key) {
  bool value = false;
  Reader reader(metadata);
  reader(key, value);
  CONEC_RETURN_IF_ERROR(reader.status());
  return value;
}

void StoreTrainOptions(const word2vec::TrainOptions& options, Metadata& metadata) {
  Writer writer(metadata);
  TrainingFields(options, writer);
  metadata[std::string(kTrainingInputs)] = word2vec::Name(options.extended_inputs);
  writer(kSharedNegatives, options.shared_negatives);
  writer(kDeterministic, options.deterministic);
}

void StoreModelInfo(const ModelInfo& info, Metadata& metadata, bool extended) {
  Writer writer(metadata);
  if (info.training) {
    StoreTrainOptions(*info.training, metadata);
    if (!info.training->extended_inputs.any()) metadata.erase(std::string(kTrainingInputs));
    if (info.training->shared_negatives <= 1) metadata.erase(std::string(kSharedNegatives));
    if (!info.training->deterministic) metadata.erase(std::string(kDeterministic));
  }
  StoreContextOptions(info.context, metadata, extended);
  corpora::StoreTokenizerOptions(info.tokenizer, metadata);
  writer("keep_gaps", info.keep_gaps);
  corpora::StoreStatistics(info.corpus, metadata);
  if (!info.command_line.empty()) metadata["command_line"] = info.command_line;
  if (!info.created.empty()) metadata["created"] = info.created;
  metadata["toolkit_version"] = info.toolkit_version.empty() ? std::string(ToolkitVersion()) : info.toolkit_version;
  for (const auto& [key, value] : info.other) metadata[std::string(kOther) + key] = value;
}

absl::StatusOr<ModelInfo> LoadModelInfo(const Metadata& metadata, bool extended) {
  ModelInfo info;
  Reader reader(metadata);
  if (metadata.contains("training.dim")) TrainingFields(info.training.emplace(), reader);
  CONEC_RETURN_IF_ERROR(LoadTrainingInputs(metadata, info));
  if (info.training) {
    info.training->shared_negatives = 1;
    if (metadata.contains(std::string(kSharedNegatives))) reader(kSharedNegatives, info.training->shared_negatives);
    if (metadata.contains(std::string(kDeterministic))) reader(kDeterministic, info.training->deterministic);
  }
  reader("keep_gaps", info.keep_gaps);
  CONEC_RETURN_IF_ERROR(reader.status());
  CONEC_ASSIGN_OR_RETURN(info.context, LoadContextOptions(metadata, extended));
  CONEC_ASSIGN_OR_RETURN(info.corpus, corpora::LoadStatistics(metadata));
  CONEC_ASSIGN_OR_RETURN(info.tokenizer, corpora::LoadTokenizerOptions(metadata));
  info.command_line = ValueOrEmpty(metadata, "command_line");
  info.created = ValueOrEmpty(metadata, "created");
  info.toolkit_version = ValueOrEmpty(metadata, "toolkit_version");
  for (const auto& [key, value] : metadata) {
    if (key.starts_with(kOther)) info.other[key.substr(kOther.size())] = value;
  }
  return info;
}

}  // namespace conec::model_internal
