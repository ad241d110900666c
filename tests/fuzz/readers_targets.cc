// Targets that read files of tables: models, vectors, arrays, encoded corpora, checkpoints.
#include <cmath>
#include <map>
#include <memory>
#include <span>

#include "base/npy.h"
#include "base/safetensors.h"
#include "conec/checkpoint.h"
#include "conec/context_matrix.h"
#include "conec/document_tokenizer.h"
#include "conec/encoder.h"
#include "conec/global_context.h"
#include "conec/model_metadata.h"
#include "corpora/encode.h"
#include "tests/corpora/memory_reader.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/text_targets.h"
#include "tools/simec/experiments/idx_file.h"
#include "word2vec/vector_file.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;
using corpora::WordId;

constexpr std::size_t kSmall = 256;  // tables that are worth computing with

// Touches every byte, so that a sanitizer sees those that are not there.
template <typename T>
void Touch(std::span<const T> values) {
  volatile unsigned char sum = 0;
  for (const std::byte byte : std::as_bytes(values)) sum = static_cast<unsigned char>(sum + static_cast<int>(byte));
}

template <typename T>
void Touch(MatrixView<const T> matrix) {
  if (matrix.empty()) return;  // however many rows without columns a header claims
  for (std::size_t i = 0; i < matrix.rows; ++i) Touch(matrix.row(i));
}

void TouchVocabulary(const corpora::Vocabulary& vocabulary) {
  for (std::uint32_t i = 0; i < vocabulary.size() && i < kSmall; ++i) {
    const std::string_view word = vocabulary.word(WordId{i});
    Touch(std::span(word.data(), word.size()));
    const auto found = vocabulary.Find(word);
    Require(!found || corpora::Index(*found) < vocabulary.size(), "a word that is found has an id");
  }
  Touch(vocabulary.counts());
}

// --- What seeds are made of.

corpora::EncodedCorpus SmallCorpus(const std::string& path, bool shapes) {
  corpora::EncodeOptions options;
  options.tokenizer.kind = shapes ? tokenize::TokenizerKind::kIcu : tokenize::TokenizerKind::kWhitespace;
  options.min_count = 1 + static_cast<std::uint64_t>(!shapes);
  options.keep_gaps = true;
  options.shapes = shapes;
  options.threads = 1;
  corpora::MemoryReader reader({"the cat saw The dog and the Dog saw a cat 12 times", "a cat and a dog", ""});
  return *corpora::EncodeCorpus(options, reader, path);
}

word2vec::TrainOptions SmallTraining(bool shapes) {
  word2vec::TrainOptions options{.dim = 3, .window = 2, .negatives = 2, .epochs = 1};
  options.threads = 1;
  if (shapes) options.extended_inputs = {true, true, true};
  return options;
}

struct Trained {
  word2vec::EmbeddingTables tables;
  word2vec::InputLayout layout;
};

absl::StatusOr<Trained> TrainOn(const corpora::EncodedCorpus& corpus, const word2vec::TrainOptions& options) {
  Trained trained;
  CONEC_ASSIGN_OR_RETURN(
      trained.layout, word2vec::MakeInputLayout(corpus.vocabulary().size(), options.window, options.extended_inputs));
  CONEC_ASSIGN_OR_RETURN(trained.tables, word2vec::InitializeTables(trained.layout, options.dim, 1));
  const word2vec::TrainingCorpus view = {corpus.stream(), corpus.vocabulary().counts(), corpus.shapes()};
  CONEC_ASSIGN_OR_RETURN(const auto trainer, word2vec::CreateCpuTrainer(options, view, trained.tables));
  CONEC_RETURN_IF_ERROR(word2vec::Train(*trainer, options, view));
  return trained;
}

absl::StatusOr<Model> ModelOf(const corpora::EncodedCorpus& corpus, const word2vec::TrainOptions& options,
                              const GlobalContextOptions& context) {
  CONEC_ASSIGN_OR_RETURN(Trained trained, TrainOn(corpus, options));
  CONEC_ASSIGN_OR_RETURN(ModelInfo info, ModelInfoFromCorpus(corpus));
  info.training = options;
  CONEC_ASSIGN_OR_RETURN(
      Model model, Model::FromTables(corpus.vocabulary(), std::move(trained.tables), std::move(info), trained.layout));
  return WithGlobalContext(std::move(model), corpus, context);
}

GlobalContextOptions SmallContext(ContextScaling scaling) {
  GlobalContextOptions options;
  options.context.window = 2;
  options.context.scaling = scaling;
  options.threads = 1;
  options.buffer_mb = 1;
  return options;
}

Seeds Corpora() {
  Seeds seeds;
  for (const bool shapes : {false, true}) {
    seeds.push_back(Saved([&](const std::string& path) {
      SmallCorpus(path, shapes);
      return absl::OkStatus();
    }));
  }
  return seeds;
}

Seeds Models() {
  Seeds seeds;
  for (const bool shapes : {false, true}) {
    seeds.push_back(Saved([&](const std::string& path) {
      const auto corpus = SmallCorpus(path, shapes);
      return SaveModel(path, *ModelOf(corpus, SmallTraining(shapes), SmallContext(ContextScaling::kCount)));
    }));
  }
  return seeds;
}

// --- Safetensors.

absl::Status ReadSafetensors(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto file, SafetensorsFile::Open(MemoryFile(input).path()));
  for (const auto& [name, info] : file.tensors()) {
    Require(info.offset <= input.size() && info.bytes <= input.size() - info.offset, "tensors lie in the file");
    if (const auto vector = file.Vector<float>(name); vector.ok()) Touch(*vector);
    if (const auto vector = file.Vector<std::int64_t>(name); vector.ok()) Touch(*vector);
    if (const auto vector = file.Vector<std::uint8_t>(name); vector.ok()) Touch(*vector);
    if (const auto matrix = file.Matrix<double>(name); matrix.ok()) Touch(*matrix);
    if (const auto matrix = file.Matrix<float>(name); matrix.ok()) Touch(*matrix);
  }
  return absl::OkStatus();
}

Seeds Safetensors() {
  Seeds seeds = Models();
  seeds.push_back(Saved([](const std::string& path) {
    SafetensorsWriter writer;
    writer.SetMetadata("key \"\xC3\xA9\"", "value\n");
    writer.Declare("a", DType::kF64, {2, 2});
    writer.Declare("empty", DType::kF32, {0, 5});
    writer.Declare("b", DType::kU8, {3});
    const std::vector<double> numbers = {1, 2, 3, 4};
    const std::vector<std::uint8_t> bytes = {1, 2, 3};
    CONEC_RETURN_IF_ERROR(writer.Begin(path));
    CONEC_RETURN_IF_ERROR(writer.Append(std::span<const double>(numbers)));
    CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::uint8_t>(bytes)));
    return writer.Commit();
  }));
  return seeds;
}

// --- Models: opened, and used as the programs use them.

absl::Status EncodeWith(const Model& model, const EncoderOptions& options) {
  const auto encoder = Encoder::Create(model, options);
  if (!encoder.ok()) return absl::OkStatus();  // of another kind
  Document document;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const std::string_view word = model.vocabulary.word(WordId{i});
    document.AddToken(word.empty() ? "unknown" : word, static_cast<tokenize::WordShape>(i));
    if (i % 5 == 4) document.EndSegment();
  }
  Encoding encoding;
  CONEC_RETURN_IF_ERROR(encoder->EncodeWords(document, encoding));
  std::vector<float> vector(model.dim());
  return encoder->EncodeDocument(document, vector).status();
}

absl::Status UseModel(const Model& model) {
  CONEC_RETURN_IF_ERROR(Word2vecVectors(model));
  (void)DocumentTokenizer(model);
  for (const bool unit : {false, true}) {
    ConecVectorOptions options{.own_weight = 1, .unit_parts = unit, .center = unit};
    options.output_weight = unit ? 0.5 : 0;
    (void)ConecVectors(model, options);
    EncoderOptions encoder;
    encoder.global_weight = unit ? 0.6 : 0.0;
    encoder.own_weight = 1;
    encoder.unit_parts = encoder.center = unit;
    encoder.keep_gaps = unit;
    CONEC_RETURN_IF_ERROR(EncodeWith(model, encoder));
  }
  return absl::OkStatus();
}

absl::Status ReadModel(std::string_view input) {
  const MemoryFile file(input);
  (void)Model::IsModelFile(file.path());
  CONEC_ASSIGN_OR_RETURN(const Model model, Model::Open(file.path()));
  Require(model.input.rows == model.vocabulary.size(), "a row for every word");
  Touch(model.input);
  Touch(model.output);
  Touch(model.global_context);
  Touch(model.extended_input);
  TouchVocabulary(model.vocabulary);
  (void)model.vocabulary.Validate();
  return model.size() * model.dim() < kSmall * kSmall ? UseModel(model) : absl::OkStatus();
}

// --- Encoded corpora: whatever Validate() accepts can be trained on.

absl::Status ReadCorpus(std::string_view input) {
  const MemoryFile file(input);
  (void)corpora::EncodedCorpus::IsEncodedCorpus(file.path());
  CONEC_ASSIGN_OR_RETURN(const auto corpus, corpora::EncodedCorpus::Open(file.path()));
  TouchVocabulary(corpus.vocabulary());
  CONEC_RETURN_IF_ERROR(corpus.Validate());
  (void)corpus.Fingerprint();
  if (corpus.vocabulary().size() == 0 || corpus.vocabulary().size() > kSmall) return absl::OkStatus();
  const auto options = SmallTraining(!corpus.shapes().empty());
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    const auto model = ModelOf(corpus, options, SmallContext(scaling));
    Require(model.ok() || absl::IsInvalidArgument(model.status()) || absl::IsDataLoss(model.status()) ||
                absl::IsFailedPrecondition(model.status()),
            "training answers");
  }
  return absl::OkStatus();
}

// --- Checkpoints.

absl::Status ReadCheckpoint(std::string_view input) {
  const MemoryFile file(input);
  (void)IsCheckpoint(file.path());
  CONEC_ASSIGN_OR_RETURN(const Checkpoint checkpoint, OpenCheckpoint(file.path()));
  for (const auto& table : {checkpoint.input, checkpoint.output}) {
    for (std::size_t i = 0; i < table.rows; ++i) {
      for (const float value : table.row(i)) Require(std::isfinite(value), "tables are finite");
    }
  }
  Require(checkpoint.position.epoch >= 0 && std::isfinite(checkpoint.position.loss), "positions are positions");
  auto tables = word2vec::InitializeTables(7, 3, 1);
  const absl::Status restored = RestoreTables(checkpoint, *tables);
  Require(restored.ok() || absl::IsDataLoss(restored), "tables fit or are refused");
  const TrainingIdentity identity;
  Require(CheckSameTraining(identity, checkpoint.identity).ok() == checkpoint.identity.empty(), "others are refused");
  (void)CheckSameOptions({}, checkpoint.identity);
  return absl::OkStatus();
}

Seeds Checkpoints() {
  return {Saved([](const std::string& path) {
    const auto corpus = SmallCorpus(path, false);
    const auto options = SmallTraining(false);
    const Trained trained = *TrainOn(corpus, options);
    word2vec::TrainingPosition position{.epoch = 1, .block = 2, .of_epoch = {0.1, 3}};
    position.loss = 1.0 / 3;
    return SaveCheckpoint(path, {IdentityOf(options, corpus), position, trained.tables.input.view(),
                                 trained.tables.output.view(), nullptr});
  })};
}

// --- Context matrices.

absl::Status ReadContextMatrix(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto matrix, ContextMatrix::Open(MemoryFile(input).path()));
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    Require(matrix.columns(i).size() == matrix.weights(i).size(), "every column has a weight");
    Touch(matrix.columns(i));
    Touch(matrix.weights(i));
  }
  Require(matrix.RowMaxima().size() == matrix.rows() && matrix.RowSums().size() == matrix.rows(), "a sum per row");
  if (matrix.rows() > kSmall || matrix.layout().inputs.any()) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const auto table, Matrix<float>::Create(matrix.rows(), 2));
  return matrix.Multiply(table.view(), true, 1).status();
}

Seeds ContextMatrices() {
  Seeds seeds;
  for (const bool shapes : {false, true}) {
    seeds.push_back(Saved([&](const std::string& path) {
      const auto corpus = SmallCorpus(path + ".corpus", shapes);
      ContextMatrixOptions options;
      options.context.window = 2;
      options.buffer_mb = 1;
      const auto layout = *word2vec::MakeInputLayout(corpus.vocabulary().size(), 2, {false, shapes, false});
      return BuildContextMatrix({.stream = corpus.stream(), .mapping = {}, .shapes = corpus.shapes()}, layout, options,
                                path);
    }));
  }
  return seeds;
}

// --- Metadata: lines KEY=VALUE.

std::map<std::string, std::string> ParseMetadata(std::string_view input) {
  std::map<std::string, std::string> metadata;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    const std::size_t equals = std::min(line.find('='), line.size());
    metadata[std::string(line.substr(0, equals))] = line.substr(std::min(equals + 1, line.size()));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
  }
  return metadata;
}

absl::Status ReadMetadata(std::string_view input) {
  const auto metadata = ParseMetadata(input);
  (void)model_internal::LoadInputLayout(metadata, 1000);
  (void)corpora::LoadStatistics(metadata);
  absl::Status status;
  for (const bool extended : {false, true}) {
    const auto info = model_internal::LoadModelInfo(metadata, extended);
    if (!extended || info.ok()) status = info.status();
    if (!info.ok()) continue;
    std::map<std::string, std::string> stored, again;
    model_internal::StoreModelInfo(*info, stored, extended);
    const auto loaded = model_internal::LoadModelInfo(stored, extended);
    Require(loaded.ok(), "what was stored can be loaded");
    model_internal::StoreModelInfo(*loaded, again, extended);
    Require(stored == again, "loading and storing changes nothing");
  }
  return status;
}

Seeds Metadata() {
  Seeds seeds;
  for (const bool extended : {false, true}) {
    ModelInfo info;
    info.training.emplace();
    if (extended) info.training->extended_inputs = {true, true, true};
    info.tokenizer.locale = extended ? "fi" : "";
    info.command_line = "conec-train --input 'a b'";
    info.other = {{"note", "=x="}};
    std::map<std::string, std::string> metadata;
    model_internal::StoreModelInfo(info, metadata, extended);
    if (extended) model_internal::StoreInputLayout(*word2vec::MakeInputLayout(9, 2, {true, false, true}), metadata);
    std::string& seed = seeds.emplace_back();
    for (const auto& [key, value] : metadata) seed += fmt::format("{}={}\n", key, value);
  }
  return seeds;
}

// --- Arrays and vectors of others.

absl::Status ReadArray(std::string_view input) {
  const MemoryFile file(input);
  const auto numbers = ReadNpyNumbers(file.path());
  if (numbers.ok()) Touch(numbers->matrix.view());
  const auto matrix = ReadNpy(file.path());
  Require(!matrix.ok() || numbers.ok(), "a matrix is numbers");
  return numbers.status();
}

Seeds Arrays() {
  auto matrix = *Matrix<float>::Create(3, 2);
  matrix.row(1)[1] = 0.5f;
  const std::string array = Saved([&](const std::string& path) { return WriteNpy(path, matrix.view()); });
  std::string integers = array;
  integers.replace(integers.find("<f4"), 3, "<u4");
  std::string rows = array.substr(0, array.size() - matrix.rows() * matrix.cols() * sizeof(float));
  constexpr std::string_view kShape = "(3, 2), }            ";
  const std::size_t shape = rows.find(kShape);
  Require(shape != std::string::npos, "the header has blanks for a longer shape");
  rows.replace(shape, kShape.size(), "(3888888888888, 0), }");
  return {array, integers, rows};
}

// Strictly and leniently, as --format names it and as it is recognised.
absl::Status ReadVectors(std::string_view input, word2vec::VectorFormat format, std::string_view companion) {
  const MemoryFile file(input), beside(companion);
  word2vec::LoadOptions options{.format = format, .companion_path = beside.path()};
  options.threads = 1;
  const auto strict = word2vec::LoadWordVectors(file.path(), options);
  options.allow_non_finite = options.skip_duplicates = true;
  options.invalid_utf8 = tokenize::InvalidUtf8::kReplace;
  const auto lenient = word2vec::LoadWordVectors(file.path(), options);
  Require(lenient.ok() || !strict.ok(), "what is accepted strictly is accepted leniently");
  (void)word2vec::DetectVectorFormat(file.path());
  for (const auto* loaded : {&strict, &lenient}) {
    if (!loaded->ok()) continue;
    Require((*loaded)->vocabulary.size() == (*loaded)->vectors.rows, "a row for every word");
    Require((*loaded)->vocabulary.Validate().ok(), "words are different");
    Touch((*loaded)->vectors);
  }
  for (std::size_t i = 0; strict.ok() && i < strict->vectors.rows; ++i) {
    for (const float value : strict->vectors.row(i)) Require(std::isfinite(value), "vectors are finite");
  }
  return strict.status();
}

using word2vec::VectorFormat;
constexpr std::string_view kWords = "a\nb\nc\xC3\xA9\n", kTable = "1\t2\n-0.5\t1e-3\n0\t7\n";
constexpr std::string_view kMetadata = "Word\tFrequency\na\t3\nb\t2\nc\xC3\xA9\t1\n";

absl::Status ReadWord2vecText(std::string_view input) {
  return ReadVectors(input, VectorFormat::kWord2vecText, "");
}
absl::Status ReadWord2vecBinary(std::string_view input) {
  return ReadVectors(input, VectorFormat::kWord2vecBinary, "");
}
absl::Status ReadGlove(std::string_view input) {
  return ReadVectors(input, VectorFormat::kGlove, "");
}
absl::Status ReadNpyVectors(std::string_view input) {
  return ReadVectors(input, VectorFormat::kNpy, kWords);
}
absl::Status ReadNpyWords(std::string_view input) {
  static const std::string array = Arrays()[0];
  return ReadVectors(array, VectorFormat::kNpy, input);
}
absl::Status ReadProjector(std::string_view input) {
  return ReadVectors(input, VectorFormat::kProjector, kMetadata);
}
absl::Status ReadProjectorMetadata(std::string_view input) {
  return ReadVectors(kTable, VectorFormat::kProjector, input);
}

Seeds Word2vecText() {
  return {"3 2\na 1 2\nb -0.5 1e-3\nc\xC3\xA9 0 7\n", "1 1\r\nx  3.25 \r\n"};
}
Seeds Word2vecBinary() {
  const std::string number("\0\0\x80\x3F", 4);
  return {"3 2\na " + number + number + "\nbb " + number + number + "\nc\xC3\xA9 " + number + number + "\n",
          "1 1\nx " + number};
}
Seeds Glove() {
  return {"a 1 2\nb -0.5 1e-3\n. . . 0 7\n", "x 3.25"};
}
Seeds NpyVectors() {
  return {Arrays()[0]};
}
Seeds NpyWords() {
  return {std::string(kWords), "one\r\ntwo words\r\nthree"};
}
Seeds Projector() {
  return {std::string(kTable)};
}
Seeds ProjectorMetadata() {
  return {std::string(kMetadata), "a\nb\nc\n", "Frequency\tWord\tX\n1\ta\t\n1\tb\t\n1\tc\t\n"};
}

// --- Images of digits.

absl::Status ReadImages(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto array, simec::experiments::ReadIdx(MemoryFile(input).path()));
  std::int64_t size = 1;
  for (const std::int64_t extent : array.shape) size *= extent;
  Require(static_cast<std::size_t>(size) == array.values.size(), "a byte per element");
  return absl::OkStatus();
}

Seeds Images() {
  return {std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03", 12) + "abcdef"};
}

}  // namespace

std::vector<Target> Targets() {
  std::vector<Target> targets = TextTargets();
  for (const auto& more : {OptionTargets(), MapTargets()}) targets.insert(targets.end(), more.begin(), more.end());
  const std::vector<Target> tables = {
      {.name = "safetensors", .run = ReadSafetensors, .seeds = Safetensors, .repair = RepairSafetensors},
      {.name = "model", .run = ReadModel, .seeds = Models, .repair = RepairSafetensors},
      {.name = "corpus", .run = ReadCorpus, .seeds = Corpora, .repair = RepairSafetensors, .iterations = 1000},
      {.name = "checkpoint", .run = ReadCheckpoint, .seeds = Checkpoints, .repair = RepairSafetensors},
      {.name = "context-matrix", .run = ReadContextMatrix, .seeds = ContextMatrices, .repair = RepairSafetensors},
      {.name = "metadata", .run = ReadMetadata, .seeds = Metadata},
      {.name = "idx", .run = ReadImages, .seeds = Images},
      {.name = "npy", .run = ReadArray, .seeds = Arrays},
      {.name = "word2vec-text", .run = ReadWord2vecText, .seeds = Word2vecText},
      {.name = "word2vec-binary", .run = ReadWord2vecBinary, .seeds = Word2vecBinary},
      {.name = "glove", .run = ReadGlove, .seeds = Glove},
      {.name = "npy-vectors", .run = ReadNpyVectors, .seeds = NpyVectors},
      {.name = "npy-words", .run = ReadNpyWords, .seeds = NpyWords},
      {.name = "projector", .run = ReadProjector, .seeds = Projector},
      {.name = "projector-metadata", .run = ReadProjectorMetadata, .seeds = ProjectorMetadata}};
  targets.insert(targets.end(), tables.begin(), tables.end());
  return targets;
}

}  // namespace conec::fuzz
