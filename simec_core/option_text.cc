#include "simec_core/option_text.h"

#include <charconv>
#include <type_traits>

namespace conec::simec {
namespace {

// Each option and its name, once for reading and writing.
template <typename Options, typename Visitor>
void VisitModel(Options& o, Visitor& visit) {
  visit("features", o.features);
  visit("hidden", o.hidden);
  visit("conv", o.conv);
  visit("channels", o.channels);
  visit("height", o.height);
  visit("width", o.width);
  visit("dim", o.dim);
  visit("targets", o.targets);
  visit("similarities", o.similarities);
  visit("embedding_bias", o.embedding_bias);
  visit("output", o.output);
  visit("output_low", o.output_low);
  visit("output_high", o.output_high);
  visit("decoder", o.decoder);
  visit("initialization", o.initialization);
  visit("seed", o.seed);
  visit("precision", o.precision);
  visit("device", o.device);
}

template <typename Visitor>
void VisitObjective(const ObjectiveOptions& o, Visitor& visit) {
  visit("loss", o.loss);
  visit("missing_weight", o.missing_weight);
  visit("masked_mean", o.masked_mean);
  visit("scaling", o.scaling);
  visit("s_ll", o.s_ll);
  visit("orthogonality", o.orthogonality);
  visit("l2_hidden", o.l2_hidden);
  visit("l2_embedding", o.l2_embedding);
  visit("l2_last", o.l2_last);
  visit("reconstruction", o.reconstruction);
}

template <typename Visitor>
void VisitTraining(const TrainOptions& o, Visitor& visit) {
  visit("optimizer", o.optimizer);
  visit("learning_rate", o.learning_rate);
  visit("beta1", o.beta1);
  visit("beta2", o.beta2);
  visit("epsilon", o.epsilon);
  visit("momentum", o.momentum);
  visit("batch", o.batch);
  visit("training_seed", o.seed);
  visit("schedule", o.schedule);
  visit("schedule_factor", o.schedule_factor);
  visit("schedule_every", o.schedule_every);
  visit("schedule_patience", o.schedule_patience);
  visit("schedule_start", o.schedule_start);
  visit("schedule_threshold", o.schedule_threshold);
  visit("smallest_learning_rate", o.smallest_learning_rate);
  visit("orthogonality_after", o.orthogonality_after);
  visit("validation", o.validation);
  visit("patience", o.patience);
  visit("keep_best", o.keep_best);
}

class Writer {
 public:
  void operator()(const char* key, bool value) { text[key] = value ? "true" : "false"; }
  void operator()(const char* key, const std::string& value) { text[key] = value; }
  void operator()(const char* key, const std::vector<HiddenLayer>& value) { text[key] = FormatHiddenLayers(value); }
  void operator()(const char* key, const std::vector<ConvLayer>& value) { text[key] = FormatConvLayers(value); }
  template <typename T>
  void operator()(const char* key, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      text[key] = Name(value);
    } else {
      text[key] = fmt::format("{}", value);
    }
  }

  std::map<std::string, std::string> text;
};

absl::Status ParseInto(std::string_view text, bool& value) {
  value = text == "true";
  return text == "true" || text == "false" ? absl::OkStatus() : InvalidArgument("expected true or false");
}
absl::Status ParseInto(std::string_view text, std::string& value) {
  value = text;
  return absl::OkStatus();
}
absl::Status ParseInto(std::string_view text, std::vector<HiddenLayer>& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParseHiddenLayers(text));
  return absl::OkStatus();
}
absl::Status ParseInto(std::string_view text, std::vector<ConvLayer>& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParseConvLayers(text));
  return absl::OkStatus();
}
absl::Status ParseInto(std::string_view text, OutputKind& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParseOutputKind(text));
  return absl::OkStatus();
}
absl::Status ParseInto(std::string_view text, Initialization& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParseInitialization(text));
  return absl::OkStatus();
}
absl::Status ParseInto(std::string_view text, Precision& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParsePrecision(text));
  return absl::OkStatus();
}
template <typename T>
requires(std::is_arithmetic_v<T>) absl::Status ParseInto(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return absl::OkStatus();
  return InvalidArgument("'{}' is not a number in range", text);
}

class Reader {
 public:
  explicit Reader(const std::map<std::string, std::string>& text) : text_(text) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    const auto found = text_.find(key);
    if (found == text_.end()) {
      Fail(DataLoss("the metadata has no '{}'", key));
    } else if (const absl::Status parsed = ParseInto(found->second, value); !parsed.ok()) {
      Fail(DataLoss("metadata '{}': {}", key, std::string_view(parsed.message().data(), parsed.message().size())));
    }
  }
  const absl::Status& status() const { return status_; }  // of the first that failed

 private:
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  const std::map<std::string, std::string>& text_;
  absl::Status status_;
};

}  // namespace

std::map<std::string, std::string> ToText(const ModelOptions& options) {
  Writer writer;
  VisitModel(options, writer);
  return writer.text;
}

std::map<std::string, std::string> ToText(const ObjectiveOptions& options) {
  Writer writer;
  VisitObjective(options, writer);
  return writer.text;
}

std::map<std::string, std::string> ToText(const TrainOptions& options) {
  Writer writer;
  VisitTraining(options, writer);
  return writer.text;
}

absl::StatusOr<ModelOptions> ModelOptionsFromText(const std::map<std::string, std::string>& text) {
  ModelOptions options;
  Reader reader(text);
  VisitModel(options, reader);
  CONEC_RETURN_IF_ERROR(reader.status());
  return options;
}

}  // namespace conec::simec
