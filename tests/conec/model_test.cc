#include "conec/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/safetensors.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using testing::TestPath;

// Nothing at its default.
ModelInfo UnusualInfo() {
  ModelInfo info;
  word2vec::TrainOptions training;
  training.dim = 21;
  training.window = 7;
  training.negatives = 3;
  training.shared_negatives = 9;
  training.epochs = 4;
  training.learning_rate = 0.1 + 0.2;
  training.final_learning_rate = 1.0 / 3;
  training.sample = 1e-5;
  training.noise_exponent = 0.5;
  training.shuffle = false;
  training.update = word2vec::CbowUpdate::kSum;
  training.seed = ~std::uint64_t{0};
  training.threads = 2;
  info.training = training;
  info.context.window = 3;
  info.context.weighting = ContextWeighting::kInverseDistance;
  info.context.scaling = ContextScaling::kMax;
  info.context.unit_rows = false;
  info.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  info.tokenizer.normalization = tokenize::Normalization::kNfkd;
  info.tokenizer.fold_case = false;
  info.tokenizer.fold_digits = true;
  info.tokenizer.keep_punctuation = true;
  info.tokenizer.segments = tokenize::SegmentBoundary::kDocument;
  info.tokenizer.join_lines = true;
  info.tokenizer.locale = "fi";
  info.keep_gaps = true;
  info.corpus = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  info.command_line = "conec-train --input 'a b' --output \"m\"";
  info.created = "2000-01-01";
  info.toolkit_version = "9.9";
  info.other = {{"note", "z\xC3\xBCrich"}, {"empty", ""}};
  return info;
}

struct Tables {
  Matrix<float> input = testing::RandomTable(1, 13, 21);
  Matrix<float> output = testing::RandomTable(2, 13, 21);
  Matrix<float> global = testing::RandomTable(3, 13, 21);
};

Model MakeModel(ModelInfo info = {}) {
  auto tables = std::make_shared<const Tables>();
  Model model;
  model.vocabulary = testing::NumberedWords(13);
  model.input = tables->input.view();
  model.output = tables->output.view();
  model.global_context = tables->global.view();
  model.info = std::move(info);
  model.owner = tables;
  return model;
}

TEST(Model, OpenAfterSaveIsIdentity) {
  const Model model = MakeModel(UnusualInfo());
  const std::string path = TestPath("model");
  ASSERT_TRUE(SaveModel(path, model).ok());
  const auto opened = Model::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(SameBits(opened->input, model.input));
  EXPECT_TRUE(SameBits(opened->output, model.output));
  EXPECT_TRUE(SameBits(opened->global_context, model.global_context));
  ASSERT_EQ(opened->vocabulary.size(), 13u);
  for (std::uint32_t i = 0; i < 13; ++i) {
    EXPECT_EQ(opened->vocabulary.word(corpora::WordId{i}), model.vocabulary.word(corpora::WordId{i}));
    EXPECT_EQ(opened->vocabulary.count(corpora::WordId{i}), model.vocabulary.count(corpora::WordId{i}));
    EXPECT_EQ(opened->vocabulary.Find(model.vocabulary.word(corpora::WordId{i})), corpora::WordId{i});
  }
}

TEST(Model, OpenAfterSaveKeepsAllOptions) {
  const ModelInfo expected = UnusualInfo();
  const std::string path = TestPath("model");
  ASSERT_TRUE(SaveModel(path, MakeModel(expected)).ok());
  const ModelInfo info = Model::Open(path)->info;
  ASSERT_TRUE(info.training.has_value());
  EXPECT_EQ(info.training->dim, expected.training->dim);
  EXPECT_EQ(info.training->window, expected.training->window);
  EXPECT_EQ(info.training->negatives, expected.training->negatives);
  EXPECT_EQ(info.training->shared_negatives, expected.training->shared_negatives);
  EXPECT_EQ(info.training->epochs, expected.training->epochs);
  EXPECT_EQ(info.training->learning_rate, expected.training->learning_rate);
  EXPECT_EQ(info.training->final_learning_rate, expected.training->final_learning_rate);
  EXPECT_EQ(info.training->sample, expected.training->sample);
  EXPECT_EQ(info.training->noise_exponent, expected.training->noise_exponent);
  EXPECT_EQ(info.training->shuffle, expected.training->shuffle);
  EXPECT_EQ(info.training->update, expected.training->update);
  EXPECT_EQ(info.training->seed, expected.training->seed);
  EXPECT_EQ(info.training->threads, expected.training->threads);
  EXPECT_TRUE(info.context == expected.context);
  EXPECT_EQ(info.tokenizer.kind, expected.tokenizer.kind);
  EXPECT_EQ(info.tokenizer.normalization, expected.tokenizer.normalization);
  EXPECT_EQ(info.tokenizer.fold_case, expected.tokenizer.fold_case);
  EXPECT_EQ(info.tokenizer.fold_digits, expected.tokenizer.fold_digits);
  EXPECT_EQ(info.tokenizer.keep_punctuation, expected.tokenizer.keep_punctuation);
  EXPECT_EQ(info.tokenizer.segments, expected.tokenizer.segments);
  EXPECT_EQ(info.tokenizer.join_lines, expected.tokenizer.join_lines);
  EXPECT_EQ(info.tokenizer.locale, expected.tokenizer.locale);
  EXPECT_EQ(info.keep_gaps, expected.keep_gaps);
  EXPECT_EQ(info.command_line, expected.command_line);
  EXPECT_EQ(info.created, expected.created);
  EXPECT_EQ(info.toolkit_version, expected.toolkit_version);
  EXPECT_EQ(info.other, expected.other);
}

TEST(Model, OpenAfterSaveKeepsTheStatistics) {
  const std::string path = TestPath("model");
  ASSERT_TRUE(SaveModel(path, MakeModel(UnusualInfo())).ok());
  const corpora::CorpusStatistics statistics = Model::Open(path)->info.corpus;
  EXPECT_EQ(statistics.bytes, 1u);
  EXPECT_EQ(statistics.documents, 2u);
  EXPECT_EQ(statistics.segments, 3u);
  EXPECT_EQ(statistics.tokens, 4u);
  EXPECT_EQ(statistics.words, 5u);
  EXPECT_EQ(statistics.distinct_words, 6u);
  EXPECT_EQ(statistics.pruned_words, 7u);
  EXPECT_EQ(statistics.pruned_tokens, 8u);
  EXPECT_EQ(statistics.invalid_utf8, 9u);
}

TEST(Model, EqualModelsGiveEqualBytes) {
  ASSERT_TRUE(SaveModel(TestPath("a"), MakeModel()).ok());
  ASSERT_TRUE(SaveModel(TestPath("b"), MakeModel()).ok());
  const std::string bytes = *ReadFileToString(TestPath("a"));
  EXPECT_EQ(bytes, *ReadFileToString(TestPath("b")));
  // And opening and saving again changes nothing.
  ASSERT_TRUE(SaveModel(TestPath("c"), *Model::Open(TestPath("a"))).ok());
  EXPECT_EQ(bytes, *ReadFileToString(TestPath("c")));
}

TEST(Model, OfWordVectorsHasInputOnly) {
  const auto tables = std::make_shared<const Tables>();
  const auto model = Model::FromWordVectors({testing::NumberedWords(13), tables->input.view(), tables});
  ASSERT_TRUE(model.ok()) << model.status();
  const std::string path = TestPath("model");
  ASSERT_TRUE(SaveModel(path, *model).ok());
  const auto opened = Model::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(SameBits(opened->input, tables->input.view()));
  EXPECT_TRUE(opened->output.empty());
  EXPECT_TRUE(opened->global_context.empty());
  EXPECT_FALSE(opened->info.training.has_value());
  EXPECT_EQ(opened->info.toolkit_version, ToolkitVersion());
}

TEST(Model, OfTablesKeepsThemAlive) {
  auto model = Model::FromTables(testing::NumberedWords(13),
                                 {testing::RandomTable(1, 13, 21), testing::RandomTable(2, 13, 21)}, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Tables tables;
  const Model copy = *model;
  *model = Model();
  EXPECT_TRUE(SameBits(copy.input, tables.input.view()));
  EXPECT_TRUE(SameBits(copy.output, tables.output.view()));
}

TEST(Model, TablesThatDoNotFitAreRefused) {
  const auto tables = std::make_shared<const Tables>();
  EXPECT_EQ(Model::FromWordVectors({testing::NumberedWords(12), tables->input.view(), tables}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SaveModel(TestPath("model"), Model()).code(), absl::StatusCode::kInvalidArgument);
  Model model = MakeModel();
  model.global_context.cols = 20;
  EXPECT_EQ(SaveModel(TestPath("model"), model).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(TestPath("model")));
}

Model MakeExtendedModel() {
  struct Owner {
    Tables tables;
    testing::ExtendedTable table =
        testing::RandomExtendedTable(1, 13, 21, {.direction = true, .shape = true, .context_shapes = true}, 4);
  };
  const auto owner = std::make_shared<const Owner>();
  Model model = MakeModel();
  model.extended_input = owner->table.extended.view();
  model.layout = owner->table.layout;
  model.owner =
      std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(model.owner, owner);
  model.info.context.feature_weight = 1.0 / 3;
  return model;
}

TEST(Model, OpenAfterSaveKeepsExtendedInputs) {
  const Model model = MakeExtendedModel();
  const std::string path = TestPath("model");
  ASSERT_TRUE(SaveModel(path, model).ok());
  const auto opened = Model::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(SameBits(opened->input, model.input));
  EXPECT_TRUE(SameBits(opened->extended_input, model.extended_input));
  EXPECT_TRUE(SameRows(opened->layout, model.layout));
  EXPECT_EQ(opened->info.context.feature_weight, 1.0 / 3);
  EXPECT_TRUE(SameBits(opened->global_context, model.global_context));
}

// The version that a file says, and whether its header speaks of anything that older programs do not know.
TEST(Model, WithoutExtendedInputsIsOfTheFirstVersionAsBefore) {
  ASSERT_TRUE(SaveModel(TestPath("plain"), MakeModel()).ok());
  ASSERT_TRUE(SaveModel(TestPath("extended"), MakeExtendedModel()).ok());
  const auto plain = SafetensorsFile::Open(TestPath("plain")), extended = SafetensorsFile::Open(TestPath("extended"));
  EXPECT_EQ(plain->metadata().at("format_version"), "1");
  EXPECT_EQ(extended->metadata().at("format_version"), "2");
  for (const auto& [key, value] : plain->metadata()) {
    EXPECT_THAT(key, ::testing::Not(::testing::HasSubstr("extended")));
    EXPECT_THAT(key, ::testing::Not(::testing::HasSubstr("feature")));
  }
  EXPECT_FALSE(plain->Contains("extended_input"));
}

TEST(Model, WhoseWordsCountDifferentlyIsOfTheSecondVersion) {
  ModelInfo info;
  info.context.sif = 1e-4;
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel(info)).ok());
  EXPECT_EQ(SafetensorsFile::Open(TestPath("model"))->metadata().at("format_version"), "2");
  const auto opened = Model::Open(TestPath("model"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->info.context.sif, 1e-4);
  EXPECT_FALSE(opened->has_extended_inputs());
}

// A program that does not know the token would read documents without it.
TEST(Model, WhoseLinesEndWithATokenIsOfTheSecondVersion) {
  ModelInfo info;
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel(info)).ok());
  EXPECT_EQ(SafetensorsFile::Open(TestPath("model"))->metadata().at("format_version"), "1");
  info.tokenizer.line_token = "</s>";
  info.tokenizer.segments = tokenize::SegmentBoundary::kDocument;
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel(info)).ok());
  EXPECT_EQ(SafetensorsFile::Open(TestPath("model"))->metadata().at("format_version"), "2");
  const auto opened = Model::Open(TestPath("model"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->info.tokenizer.line_token, "</s>");
}

TEST(Model, OfTablesWithMoreRowsThanWordsSplitsThem) {
  const auto layout = *word2vec::MakeInputLayout(13, 4, {.direction = true, .shape = true});
  const Matrix<float> all = testing::RandomTable(1, word2vec::InputRows(layout), 21);
  const auto tables = [&] {
    return word2vec::EmbeddingTables{testing::RandomTable(1, word2vec::InputRows(layout), 21),
                                     testing::RandomTable(2, 13, 21)};
  };
  const auto model = Model::FromTables(testing::NumberedWords(13), tables(), {}, layout);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->input.rows, 13u);
  EXPECT_EQ(model->inputs().rows(), all.rows());
  for (std::size_t i = 0; i < all.rows(); ++i) {
    EXPECT_TRUE(std::equal(all.row(i).begin(), all.row(i).end(), model->inputs().row(i).begin())) << i;
  }
  const auto other = *word2vec::MakeInputLayout(13, 4, {.direction = true});
  EXPECT_EQ(Model::FromTables(testing::NumberedWords(13), tables(), {}, other).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Model::FromTables(testing::NumberedWords(13), tables(), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// Opens a model file whose last tensor is declared to have all its rows, but no columns, and has no data.
absl::Status OpenWithoutColumns(std::string bytes, const std::string& last_tensor) {
  constexpr std::size_t kLengthBytes = 8;
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  auto header = nlohmann::json::parse(bytes.substr(kLengthBytes, header_bytes));
  auto& tensor = header[last_tensor];
  const std::size_t begin = tensor["data_offsets"][0], end = tensor["data_offsets"][1];
  EXPECT_EQ(kLengthBytes + header_bytes + end, bytes.size());
  tensor["shape"][1] = 0;
  tensor["data_offsets"][1] = begin;
  std::string changed = header.dump();
  changed.resize(header_bytes, ' ');
  bytes.replace(kLengthBytes, header_bytes, changed);
  bytes.resize(kLengthBytes + header_bytes + begin);
  std::ofstream(TestPath("without_columns"), std::ios::binary) << bytes;
  return Model::Open(TestPath("without_columns")).status();
}

TEST(Model, WhoseExtendedInputsDoNotFitIsRefused) {
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeExtendedModel()).ok());
  const std::string bytes = *ReadFileToString(TestPath("model"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = bytes;
    EXPECT_NE(bytes.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(TestPath("changed"), std::ios::binary) << changed;
    return Model::Open(TestPath("changed")).status();
  };
  EXPECT_EQ(with("extended_inputs.window\":\"4\"", "extended_inputs.window\":\"5\"").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(with("extended_inputs.window\":\"4\"", "extended_inputs.window\":\"0\"").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(with("extended_inputs.shapes\":\"16\"", "extended_inputs.shapes\":\"17\"").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(with("\"extended_input\":{", "\"extended-input\":{").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with("direction,shape", "direction;shape").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OpenWithoutColumns(bytes, "extended_input").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(with("format_version\":\"2\"", "format_version\":\"3\"").code(), absl::StatusCode::kFailedPrecondition);
  Model model = MakeExtendedModel();
  model.extended_input.rows -= 1;
  EXPECT_EQ(SaveModel(TestPath("model"), model).code(), absl::StatusCode::kInvalidArgument);
  model.layout = {};
  EXPECT_EQ(SaveModel(TestPath("model"), model).code(), absl::StatusCode::kInvalidArgument);
}

TEST(Model, TruncatedAtAnyLengthIsAnErrorThatSaysWhatWasExpected) {
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel(UnusualInfo())).ok());
  const std::string bytes = *ReadFileToString(TestPath("model")), cut = TestPath("cut");
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
    std::ofstream(cut, std::ios::binary) << bytes.substr(0, size);
    const absl::Status status = Model::Open(cut).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("is not a ConEc model"));
  }
}

TEST(Model, AnyByteOfTheHeaderChangedIsAnErrorOrAModel) {
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel()).ok());
  const std::string bytes = *ReadFileToString(TestPath("model")), changed_path = TestPath("changed");
  const std::size_t header = bytes.find("w0w1");  // behind it are only the letters of the words
  for (std::size_t i = 0; i < header; i += 7) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x11);
    std::ofstream(changed_path, std::ios::binary) << changed;
    const auto model = Model::Open(changed_path);
    if (!model.ok()) continue;
    for (std::uint32_t word = 0; word < model->size(); ++word) {
      EXPECT_LE(model->vocabulary.word(corpora::WordId{word}).size(), bytes.size());
    }
    model->vocabulary.Find("w5");
  }
}

TEST(Model, OtherFilesAreErrorsThatSayWhatWasExpected) {
  const std::string path = TestPath("other");
  const auto message = [&] { return std::string(Model::Open(path).status().message()); };
  std::ofstream(path) << "3 2\na 1 2\nb 3 4\nc 5 6\n";
  EXPECT_THAT(message(), ::testing::HasSubstr("is not a ConEc model (a safetensors file with the metadata"));
  SafetensorsWriter writer;
  writer.SetMetadata("format", "pt");
  ASSERT_TRUE(writer.Begin(path).ok() && writer.Commit().ok());
  EXPECT_THAT(message(), ::testing::HasSubstr("its format is 'pt'"));
  EXPECT_EQ(Model::Open(TestPath("nowhere")).status().code(), absl::StatusCode::kNotFound);
}

TEST(Model, OfALaterFormatSaysSo) {
  const std::string path = TestPath("model");
  SafetensorsWriter writer;
  writer.SetMetadata("format", "conec-model");
  writer.SetMetadata("format_version", "3");
  ASSERT_TRUE(writer.Begin(path).ok() && writer.Commit().ok());
  EXPECT_EQ(Model::Open(path).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Model, MetadataThatIsMissingOrNotANumberIsNamed) {
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel(UnusualInfo())).ok());
  const std::string bytes = *ReadFileToString(TestPath("model"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = bytes;
    changed.replace(changed.find(from), from.size(), to);  // of equal length: the header's length stays true
    std::ofstream(TestPath("changed"), std::ios::binary) << changed;
    return std::string(Model::Open(TestPath("changed")).status().message());
  };
  EXPECT_THAT(with("training.window\":\"7\"", "training.window\":\"x\""), ::testing::HasSubstr("'training.window'"));
  EXPECT_THAT(with("training.window", "training.widnow"), ::testing::HasSubstr("'training.window' is missing"));
  EXPECT_THAT(with("context.window\":\"3\"", "context.window\":\"0\""), ::testing::HasSubstr("'context.window'"));
  EXPECT_THAT(with("\"keep_gaps\":\"true\"", "\"keep_gaps\":\"yes!\""), ::testing::HasSubstr("'keep_gaps'"));
}

TEST(Model, IsToldFromOtherFilesByItsBeginning) {
  ASSERT_TRUE(SaveModel(TestPath("model"), MakeModel()).ok());
  EXPECT_TRUE(Model::IsModelFile(TestPath("model")));
  const std::string bytes = *ReadFileToString(TestPath("model"));
  std::ofstream(TestPath("cut"), std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_TRUE(Model::IsModelFile(TestPath("cut")));  // so that the message speaks of a truncated model
  std::ofstream(TestPath("text")) << "2 3\n\"conec-model\" 1 2 3\n";
  EXPECT_FALSE(Model::IsModelFile(TestPath("text")));
  std::ofstream(TestPath("empty")).flush();
  EXPECT_FALSE(Model::IsModelFile(TestPath("empty")));
  EXPECT_FALSE(Model::IsModelFile(TestPath("nowhere")));
  EXPECT_FALSE(Model::IsModelFile(::testing::TempDir()));
}

}  // namespace
}  // namespace conec
