#include "conec/model.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "base/safetensors.h"
#include "conec/model_metadata.h"
#include "corpora/encode.h"

namespace conec {
namespace {

constexpr std::string_view kFormat = "conec-model";
constexpr std::string_view kFormatVersion = "1";
constexpr std::string_view kExtendedVersion = "2";  // has what nobody may overlook: see IsExtended
constexpr char kInput[] = "input_embedding";
constexpr char kOutput[] = "output_embedding";
constexpr char kGlobal[] = "global_context";
constexpr char kExtended[] = "extended_input";

absl::Status CheckTable(std::string_view name, MatrixView<const float> table, std::size_t words, std::size_t dim) {
  if (table.rows == words && table.cols == dim) return absl::OkStatus();
  return InvalidArgument("table '{}' is {} x {}, expected {} x {}", name, table.rows, table.cols, words, dim);
}

// Whether programs that only know the first version would make other vectors of the model.
bool IsExtended(const Model& model) {
  return model.has_extended_inputs() || model.info.context.sif != 0 || model.info.context.exclude_target ||
         !model.info.tokenizer.line_token.empty();
}

struct NamedTable {
  const char* name;
  MatrixView<const float> table;
};

std::vector<NamedTable> TablesOf(const Model& model) {
  std::vector<NamedTable> tables{{kInput, model.input}};
  if (!model.output.empty()) tables.push_back({kOutput, model.output});
  if (!model.global_context.empty()) tables.push_back({kGlobal, model.global_context});
  if (model.has_extended_inputs()) tables.push_back({kExtended, model.extended_input});
  return tables;
}

absl::Status NotAModel(const std::string& path, std::string_view why) {
  return DataLoss(
      "'{}' is not a ConEc model (a safetensors file with the metadata format=conec-model, as conec-train "
      "writes it): {}",
      path, why);
}

std::string_view Text(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// Whether the file is of the second version.
absl::StatusOr<bool> CheckFormat(const SafetensorsFile& file) {
  const auto& metadata = file.metadata();
  const auto format = metadata.find("format");
  if (format == metadata.end()) return NotAModel(file.path(), "it has no format in its metadata");
  if (format->second != kFormat) return NotAModel(file.path(), fmt::format("its format is '{}'", format->second));
  const auto version = metadata.find("format_version");
  if (version == metadata.end()) return NotAModel(file.path(), "it has no format_version in its metadata");
  if (version->second == kFormatVersion) return false;
  if (version->second == kExtendedVersion) return true;
  return FailedPrecondition(
      "'{}' is a ConEc model of format version {}, this program reads versions {} and {}: update it", file.path(),
      version->second, kFormatVersion, kExtendedVersion);
}

absl::Status ReadTables(const SafetensorsFile& file, bool extended, Model& model) {
  CONEC_ASSIGN_OR_RETURN(model.input, file.Matrix<float>(kInput));
  if (file.Contains(kOutput)) {
    CONEC_ASSIGN_OR_RETURN(model.output, file.Matrix<float>(kOutput));
  }
  if (file.Contains(kGlobal)) {
    CONEC_ASSIGN_OR_RETURN(model.global_context, file.Matrix<float>(kGlobal));
  }
  if (extended) {
    CONEC_ASSIGN_OR_RETURN(model.layout, model_internal::LoadInputLayout(file.metadata(), model.vocabulary.size()));
  }
  if (model.has_extended_inputs()) {
    CONEC_ASSIGN_OR_RETURN(model.extended_input, file.Matrix<float>(kExtended));
  }
  return CheckTables(model);
}

// The first `count` rows of a view, and the others.
MatrixView<const float> FirstRows(MatrixView<const float> view, std::size_t count) {
  return {view.data, count, view.cols, view.stride};
}
MatrixView<const float> OtherRows(MatrixView<const float> view, std::size_t count) {
  return {view.data + count * view.stride, view.rows - count, view.cols, view.stride};
}

}  // namespace

absl::Status CheckTables(const Model& model) {
  const std::size_t words = model.vocabulary.size(), dim = model.input.cols;
  if (words == 0 || dim == 0) return InvalidArgument("a model needs words and dimensions, got {} x {}", words, dim);
  CONEC_RETURN_IF_ERROR(CheckTable(kInput, model.input, words, dim));
  if (!model.output.empty()) CONEC_RETURN_IF_ERROR(CheckTable(kOutput, model.output, words, dim));
  if (!model.global_context.empty()) CONEC_RETURN_IF_ERROR(CheckTable(kGlobal, model.global_context, words, dim));
  if (!model.has_extended_inputs() && model.extended_input.rows > 0) {
    return InvalidArgument("table '{}' has {} rows, but the model has no extended inputs", kExtended,
                           model.extended_input.rows);
  }
  return CheckInputTable(model.inputs());
}

InputTable Model::inputs() const {
  return has_extended_inputs() ? InputTable(input, extended_input, layout) : InputTable(input);
}

absl::StatusOr<Model> Model::Open(const std::string& path) {
  absl::StatusOr<SafetensorsFile> opened = SafetensorsFile::Open(path);
  if (opened.status().code() == absl::StatusCode::kDataLoss) return NotAModel(path, Text(opened.status()));
  CONEC_RETURN_IF_ERROR(opened);
  auto file = std::make_shared<const SafetensorsFile>(*std::move(opened));
  CONEC_ASSIGN_OR_RETURN(const bool extended, CheckFormat(*file));
  Model model;
  absl::StatusOr<corpora::Vocabulary> vocabulary = corpora::Vocabulary::FromFile(file);
  if (!vocabulary.ok()) return NotAModel(path, Text(vocabulary.status()));
  model.vocabulary = *std::move(vocabulary);
  if (const absl::Status status = ReadTables(*file, extended, model); !status.ok())
    return NotAModel(path, Text(status));
  absl::StatusOr<ModelInfo> info = model_internal::LoadModelInfo(file->metadata(), extended);
  if (!info.ok()) return NotAModel(path, Text(info.status()));
  model.info = *std::move(info);
  model.owner = std::move(file);
  return model;
}

bool Model::IsModelFile(const std::string& path) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok() || file->text().size() < sizeof(std::uint64_t)) return false;
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file->text().data(), sizeof header_bytes);
  const std::string_view rest = file->text().substr(sizeof header_bytes);
  // Look no further than the header; a text file's first 8 characters make a huge number.
  if (header_bytes > (std::uint64_t{1} << 30)) return false;
  return rest.substr(0, header_bytes).find("\"conec-model\"") != std::string_view::npos;
}

absl::StatusOr<Model> Model::FromWordVectors(const word2vec::WordVectors& vectors, ModelInfo info) {
  Model model;
  model.vocabulary = vectors.vocabulary;
  model.input = vectors.vectors;
  model.info = std::move(info);
  model.owner = vectors.owner;
  CONEC_RETURN_IF_ERROR(CheckTables(model));
  return model;
}

absl::StatusOr<Model> Model::FromTables(corpora::Vocabulary vocabulary, word2vec::EmbeddingTables tables,
                                        ModelInfo info, const word2vec::InputLayout& layout) {
  const std::size_t words = vocabulary.size();
  if (layout.inputs.any() && tables.input.rows() < words) {
    return InvalidArgument("the input table has {} rows, fewer than the {} words", tables.input.rows(), words);
  }
  auto owner = std::make_shared<const word2vec::EmbeddingTables>(std::move(tables));
  Model model;
  model.vocabulary = std::move(vocabulary);
  model.input = owner->input.view();
  if (layout.inputs.any()) {
    model.extended_input = OtherRows(model.input, words);
    model.input = FirstRows(model.input, words);
    model.layout = layout;
  }
  model.output = owner->output.view();
  model.info = std::move(info);
  model.owner = std::move(owner);
  CONEC_RETURN_IF_ERROR(CheckTables(model));
  return model;
}

absl::Status SaveModel(const std::string& path, const Model& model) {
  CONEC_RETURN_IF_ERROR(CheckTables(model));
  model_internal::Metadata metadata;
  const bool extended = IsExtended(model);
  model_internal::StoreModelInfo(model.info, metadata, extended);
  if (extended) model_internal::StoreInputLayout(model.layout, metadata);
  metadata["format"] = kFormat;
  metadata["format_version"] = extended ? kExtendedVersion : kFormatVersion;
  SafetensorsWriter writer;
  for (const auto& [key, value] : metadata) writer.SetMetadata(key, value);
  model.vocabulary.DeclareTensors(writer);  // a multiple of 64 bytes, so that the tables stay aligned
  const std::vector<NamedTable> tables = TablesOf(model);
  for (const auto& [name, table] : tables) writer.Declare(name, DType::kF32, {table.rows, table.cols});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(model.vocabulary.AppendTensors(writer));
  for (const auto& [name, table] : tables) CONEC_RETURN_IF_ERROR(writer.Append(table));
  return writer.Commit();
}

absl::StatusOr<ModelInfo> ModelInfoFromCorpus(const corpora::EncodedCorpus& corpus) {
  ModelInfo info;
  info.corpus = corpus.statistics();
  CONEC_ASSIGN_OR_RETURN(info.tokenizer, corpora::LoadTokenizerOptions(corpus.metadata()));
  CONEC_ASSIGN_OR_RETURN(info.keep_gaps, model_internal::LoadFlag(corpus.metadata(), "keep_gaps"));
  return info;
}

std::string_view ToolkitVersion() {
  return CONEC_VERSION;
}

}  // namespace conec
