// The file of a tagger: all settings as metadata, everything learnt as tensors.
//
//   weights      F64, K x p     of the classifier
//   intercepts   F64, K
//   classes      U8             names, a line break after each
//   hand         U8             names of the hand features in the order of their columns, if there are any
//   second.weights, second.intercepts, second.hand    the same of the second classifier, if there is one
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include "base/safetensors.h"
#include "ner/tagger.h"

namespace conec::ner {
namespace {

using Metadata = std::map<std::string, std::string>;

constexpr std::string_view kFormat = "conec-tagger";
constexpr std::string_view kFormatVersion = "2";
constexpr std::size_t kMostTables = 1000;  // a bound on what a hostile file can make us list

std::string_view Text(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

absl::Status ParseInto(std::string_view text, FeatureGroups& value) {
  CONEC_ASSIGN_OR_RETURN(value, ParseFeatureGroups(text));
  return absl::OkStatus();
}

absl::Status ParseInto(std::string_view text, bool& value) {
  if (text != "true" && text != "false") return InvalidArgument("expected true or false, got '{}'", text);
  value = text == "true";
  return absl::OkStatus();
}

absl::Status ParseInto(std::string_view text, std::string& value) {
  value = text;
  return absl::OkStatus();
}

template <typename T>
requires(std::is_arithmetic_v<T>) absl::Status ParseInto(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return absl::OkStatus();
  return InvalidArgument("'{}' is not a number in range", text);
}

template <typename Enum>
absl::Status Assign(const absl::StatusOr<Enum>& parsed, Enum& value) {
  CONEC_RETURN_IF_ERROR(parsed);
  value = *parsed;
  return absl::OkStatus();
}

absl::Status ParseInto(std::string_view text, TagScheme& value) {
  return Assign(ParseTagScheme(text), value);
}
absl::Status ParseInto(std::string_view text, Decoding& value) {
  return Assign(ParseDecoding(text), value);
}
absl::Status ParseInto(std::string_view text, EmbeddingKind& value) {
  return Assign(ParseEmbeddingKind(text), value);
}
absl::Status ParseInto(std::string_view text, MultiClass& value) {
  return Assign(ParseMultiClass(text), value);
}
absl::Status ParseInto(std::string_view text, ClassWeights& value) {
  return Assign(ParseClassWeights(text), value);
}
absl::Status ParseInto(std::string_view text, Precision& value) {
  return Assign(ParsePrecision(text), value);
}
absl::Status ParseInto(std::string_view text, ContextWeighting& value) {
  return Assign(ParseContextWeighting(text), value);
}
absl::Status ParseInto(std::string_view text, ContextScaling& value) {
  return Assign(ParseContextScaling(text), value);
}

class Writer {
 public:
  explicit Writer(Metadata& metadata) : metadata_(metadata) {}
  void operator()(const std::string& key, bool value) { metadata_[key] = value ? "true" : "false"; }
  void operator()(const std::string& key, const std::string& value) { metadata_[key] = value; }
  void operator()(const std::string& key, const FeatureGroups& value) { metadata_[key] = FormatFeatureGroups(value); }
  template <typename T>
  void operator()(const std::string& key, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      metadata_[key] = Name(value);
    } else {
      metadata_[key] = fmt::format("{}", value);  // of numbers the shortest text that reads back as the same
    }
  }
  template <typename T>
  void operator()(const std::string& key, const std::optional<T>& value) {
    if (value.has_value()) (*this)(key, *value);
  }

 private:
  Metadata& metadata_;
};

class Reader {
 public:
  explicit Reader(const Metadata& metadata) : metadata_(metadata) {}
  const absl::Status& status() const { return status_; }  // the first thing that went wrong

  template <typename T>
  void operator()(const std::string& key, T& value) {
    if (!status_.ok()) return;
    const auto found = metadata_.find(key);
    const absl::Status parsed =
        found == metadata_.end() ? InvalidArgument("missing") : ParseInto(std::string_view(found->second), value);
    if (!parsed.ok()) status_ = DataLoss("metadata '{}': {}", key, Text(parsed));
  }
  template <typename T>
  void operator()(const std::string& key, std::optional<T>& value) {
    if (metadata_.contains(key)) (*this)(key, value.emplace());
  }

 private:
  const Metadata& metadata_;
  absl::Status status_;
};

// Every structure lists its fields once; a Writer or a Reader is passed over the list.
template <typename Options, typename Field>
void EmbeddingFields(const std::string& prefix, Options& o, Field& field) {
  field(prefix + "kind", o.kind);
  field(prefix + "global_weight", o.global_weight);
  field(prefix + "own_weight", o.own_weight);
  field(prefix + "unit_parts", o.unit_parts);
  field(prefix + "center", o.center);
  field(prefix + "per_token", o.per_token);
  field(prefix + "sentence_end", o.sentence_end);
  field(prefix + "cross_sentences", o.cross_sentences);
  field(prefix + "context_window", o.context_window);
  field(prefix + "context_weighting", o.context_weighting);
  field(prefix + "context_scaling", o.context_scaling);
}

template <typename Options, typename Field>
void ClassifierFields(Options& o, Field& field) {
  field("classifier.multi_class", o.multi_class);
  field("classifier.class_weights", o.class_weights);
  field("classifier.c", o.c);
  field("classifier.intercept", o.intercept);
  field("classifier.regularize_intercept", o.regularize_intercept);
  field("classifier.max_iterations", o.max_iterations);
  field("classifier.tolerance", o.tolerance);
  field("classifier.history", o.history);
  field("classifier.precision", o.precision);
}

template <typename Info, typename Field>
void InfoFields(Info& info, Field& field) {
  field("scheme", info.options.scheme);
  field("decoding", info.options.decoding);
  field("output_scheme", info.output_scheme);
  field("training.tokens", info.tokens);
  field("training.sentences", info.sentences);
  field("command_line", info.command_line);
  field("features.neighbours", info.options.features.neighbours);
  field("features.hand", info.options.features.hand.groups);
  field("features.affix_length", info.options.features.hand.affix_length);
  field("features.min_count", info.options.features.hand.min_count);
  field("standardize", info.options.standardize);
  field("embedding_scale", info.options.embedding_scale);
  field("passes", info.options.passes);
  field("folds", info.options.folds);
  field("second_c", info.options.second_c);
  ClassifierFields(info.options.classifier, field);
}

std::string Numbered(std::string_view name, std::size_t i) {
  return fmt::format("{}.{}", name, i);
}

Metadata Store(const TaggerInfo& info, const LearntFeatures& learnt) {
  Metadata metadata = {{"format", std::string(kFormat)},
                       {"format_version", std::string(kFormatVersion)},
                       {"toolkit_version", std::string(ToolkitVersion())}};
  Writer writer(metadata);
  InfoFields(info, writer);
  const std::vector<EmbeddingOptions>& embeddings = info.options.features.embeddings;
  writer("columns", learnt.columns);
  writer("models", info.models.size());
  for (std::size_t i = 0; i < info.models.size(); ++i) writer(Numbered("model", i), info.models[i]);
  writer("embeddings", embeddings.size());
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    EmbeddingFields(Numbered("embedding", i) + ".", embeddings[i], writer);
  }
  return metadata;
}

absl::StatusOr<std::size_t> ReadCount(Reader& reader, const std::string& key) {
  std::size_t count = 0;
  reader(key, count);
  CONEC_RETURN_IF_ERROR(reader.status());
  if (count > kMostTables) return DataLoss("metadata '{}': {} is too many", key, count);
  return count;
}

absl::StatusOr<TaggerInfo> Read(const Metadata& metadata) {
  TaggerInfo info;
  Reader reader(metadata);
  InfoFields(info, reader);
  CONEC_ASSIGN_OR_RETURN(const std::size_t models, ReadCount(reader, "models"));
  info.models.resize(models);
  for (std::size_t i = 0; i < models; ++i) reader(Numbered("model", i), info.models[i]);
  CONEC_ASSIGN_OR_RETURN(const std::size_t count, ReadCount(reader, "embeddings"));
  std::vector<EmbeddingOptions>& embeddings = info.options.features.embeddings;
  embeddings.assign(count, {});
  for (std::size_t i = 0; i < count; ++i) {
    EmbeddingFields(Numbered("embedding", i) + ".", embeddings[i], reader);
  }
  CONEC_RETURN_IF_ERROR(reader.status());
  if (const absl::Status valid = Validate(info.options); !valid.ok()) return DataLoss("{}", Text(valid));
  return info;
}

std::string JoinLines(std::span<const std::string> lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

absl::StatusOr<std::string_view> ReadText(const SafetensorsFile& file, const std::string& name) {
  CONEC_ASSIGN_OR_RETURN(const std::span<const std::uint8_t> bytes, file.Vector<std::uint8_t>(name));
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

absl::StatusOr<std::vector<std::string>> SplitLines(const SafetensorsFile& file, const std::string& name) {
  CONEC_ASSIGN_OR_RETURN(std::string_view text, ReadText(file, name));
  std::vector<std::string> lines;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(end + 1)) {
    end = text.find('\n');
    if (end == std::string_view::npos) return DataLoss("tensor '{}' does not end in a line break", name);
    lines.emplace_back(text.substr(0, end));
  }
  return lines;
}

absl::Status CheckFinite(std::span<const double> values, std::string_view name) {
  const bool finite = std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  return finite ? absl::OkStatus() : DataLoss("tensor '{}' holds values that are not finite", name);
}

absl::StatusOr<std::vector<double>> ReadVector(const SafetensorsFile& file, const std::string& name) {
  CONEC_ASSIGN_OR_RETURN(const std::span<const double> values, file.Vector<double>(name));
  CONEC_RETURN_IF_ERROR(CheckFinite(values, name));
  return std::vector<double>(values.begin(), values.end());
}

// prefix: of the names of the weights and intercepts.
absl::StatusOr<LinearClassifier> ReadClassifier(const SafetensorsFile& file, const TaggerInfo& info,
                                                const std::string& prefix = "") {
  LinearClassifier classifier;
  classifier.multi_class = info.options.classifier.multi_class;
  CONEC_ASSIGN_OR_RETURN(classifier.classes, SplitLines(file, "classes"));
  CONEC_ASSIGN_OR_RETURN(classifier.intercepts, ReadVector(file, prefix + "intercepts"));
  CONEC_ASSIGN_OR_RETURN(const MatrixView<const double> weights, file.Matrix<double>(prefix + "weights"));
  if (classifier.classes.size() != classifier.intercepts.size() || weights.rows != classifier.classes.size() ||
      classifier.classes.empty()) {
    return DataLoss("there are {} classes, {} intercepts and {} rows of weights", classifier.classes.size(),
                    classifier.intercepts.size(), weights.rows);
  }
  CONEC_ASSIGN_OR_RETURN(classifier.weights, Matrix<double>::Create(weights.rows, weights.cols));
  for (std::size_t i = 0; i < weights.rows; ++i) {
    CONEC_RETURN_IF_ERROR(CheckFinite(weights.row(i), "weights"));
    std::copy_n(weights.row(i).data(), weights.cols, classifier.weights.row(i).data());
  }
  return classifier;
}

absl::StatusOr<LearntFeatures> ReadLearnt(const SafetensorsFile& file, const HandFeatureOptions& options) {
  LearntFeatures learnt;
  Reader reader(file.metadata());
  reader("columns", learnt.columns);
  CONEC_RETURN_IF_ERROR(reader.status());
  if (learnt.columns > kMostTables) return DataLoss("metadata 'columns': {} is too many", learnt.columns);
  if (options.groups.empty()) return learnt;
  CONEC_ASSIGN_OR_RETURN(const std::string_view names, ReadText(file, "hand"));
  CONEC_ASSIGN_OR_RETURN(learnt.hand, HandFeatures::FromNames(names, options));
  return learnt;
}

absl::StatusOr<std::optional<SecondPass>> ReadSecondPass(const SafetensorsFile& file, const TaggerInfo& info) {
  if (info.options.passes == 1) return std::nullopt;
  CONEC_ASSIGN_OR_RETURN(const std::string_view names, ReadText(file, "second.hand"));
  CONEC_ASSIGN_OR_RETURN(SecondPassFeatures features, SecondPassFeatures::FromNames(names));
  CONEC_ASSIGN_OR_RETURN(LinearClassifier classifier, ReadClassifier(file, info, "second."));
  const std::size_t columns = features.columns(classifier.classes.size());
  if (classifier.weights.cols() != columns) {
    return DataLoss("the second classifier has {} columns for {} features", classifier.weights.cols(), columns);
  }
  return SecondPass{std::move(features), std::move(classifier)};
}

absl::Status AppendWeights(const LinearClassifier& classifier, SafetensorsWriter& writer) {
  for (std::size_t i = 0; i < classifier.weights.rows(); ++i) {
    CONEC_RETURN_IF_ERROR(writer.Append(classifier.weights.row(i)));
  }
  return writer.Append(std::span<const double>(classifier.intercepts));
}

void DeclareWeights(const std::string& prefix, const LinearClassifier& classifier, SafetensorsWriter& writer) {
  writer.Declare(prefix + "weights", DType::kF64, {classifier.weights.rows(), classifier.weights.cols()});
  writer.Declare(prefix + "intercepts", DType::kF64, {classifier.intercepts.size()});
}

absl::Status CheckFormat(const Metadata& metadata) {
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kFormat) return DataLoss("its format is something else");
  const auto version = metadata.find("format_version");
  if (version != metadata.end() && version->second == kFormatVersion) return absl::OkStatus();
  if (version != metadata.end() && version->second == "1") {
    return FailedPrecondition("its format version is 1, this program reads {}: train it again", kFormatVersion);
  }
  return FailedPrecondition("its format version is another one than {}: update this program", kFormatVersion);
}

}  // namespace

absl::Status Tagger::Save(const std::string& path) const {
  SafetensorsWriter writer;
  for (const auto& [key, value] : Store(info_, learnt_)) writer.SetMetadata(key, value);
  const std::string classes = JoinLines(classifier_.classes);
  const std::string names = learnt_.hand.has_value() ? learnt_.hand->JoinedNames() : "";
  const std::string second_names = second_.has_value() ? second_->features.JoinedNames() : "";
  // Numbers first: they lie at multiples of their size.
  DeclareWeights("", classifier_, writer);
  if (second_.has_value()) DeclareWeights("second.", second_->classifier, writer);
  writer.Declare("classes", DType::kU8, {classes.size()});
  if (learnt_.hand.has_value()) writer.Declare("hand", DType::kU8, {names.size()});
  if (second_.has_value()) writer.Declare("second.hand", DType::kU8, {second_names.size()});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(AppendWeights(classifier_, writer));
  if (second_.has_value()) CONEC_RETURN_IF_ERROR(AppendWeights(second_->classifier, writer));
  CONEC_RETURN_IF_ERROR(writer.Append(std::as_bytes(std::span(classes))));
  if (learnt_.hand.has_value()) CONEC_RETURN_IF_ERROR(writer.Append(std::as_bytes(std::span(names))));
  if (second_.has_value()) CONEC_RETURN_IF_ERROR(writer.Append(std::as_bytes(std::span(second_names))));
  return writer.Commit();
}

absl::StatusOr<Tagger> Tagger::Load(const std::string& path) {
  const auto prefix = fmt::format("'{}' is not a tagger of conec-ner", path);
  const absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Open(path);
  if (file.status().code() == absl::StatusCode::kDataLoss) return Annotate(file.status(), prefix);
  CONEC_RETURN_IF_ERROR(file);
  const auto read = [&]() -> absl::StatusOr<Tagger> {
    Tagger tagger;
    CONEC_RETURN_IF_ERROR(CheckFormat(file->metadata()));
    CONEC_RETURN_IF_ERROR(file->VerifyChecksum());
    CONEC_ASSIGN_OR_RETURN(tagger.info_, Read(file->metadata()));
    CONEC_ASSIGN_OR_RETURN(tagger.learnt_, ReadLearnt(*file, tagger.info_.options.features.hand));
    CONEC_ASSIGN_OR_RETURN(tagger.classifier_, ReadClassifier(*file, tagger.info_));
    CONEC_ASSIGN_OR_RETURN(tagger.second_, ReadSecondPass(*file, tagger.info_));
    return tagger;
  };
  absl::StatusOr<Tagger> tagger = read();
  if (!tagger.ok()) return Annotate(tagger.status(), prefix);
  return tagger;
}

}  // namespace conec::ner
