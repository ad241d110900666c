#include "simec_core/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn.h>

#include <cmath>
#include <string>

#include "base/safetensors.h"
#include "simec_core/model_file.h"
#include "simec_core/trainer.h"
#include "tests/base/scratch_folder.h"

namespace conec::simec {
namespace {

ModelOptions Options(std::int64_t features, std::int64_t dim, std::int64_t targets) {
  ModelOptions options;
  options.features = features;
  options.dim = dim;
  options.targets = targets;
  return options;
}

TEST(TrainTest, FactorisesAMatrixOfLowRank) {
  torch::manual_seed(1);
  const torch::Tensor s = torch::rand({40, 3}).mm(torch::rand({3, 30}));
  absl::StatusOr<SimEc> model = SimEc::Create(Options(40, 3, 30));
  ASSERT_TRUE(model.ok()) << model.status();
  const TrainData data{*InputRows::OneHot(40), *TargetRows::Dense(s)};
  ObjectiveOptions objective;
  objective.l2_embedding = 0;
  TrainOptions training;
  training.learning_rate = 0.05;
  training.epochs = 300;
  const auto report = Train(*model, data, objective, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT(report->epochs.back().loss, 1e-3 * s.square().mean().item<double>());
  EXPECT_TRUE(torch::allclose(*model->Predict(data.inputs), s, 0.05, 0.05));
}

ModelOptions Convolutional() {
  ModelOptions options = Options(2 * 9 * 8, 3, 4);
  options.channels = 2;
  options.height = 9;
  options.width = 8;
  options.conv = *ParseConvLayers("5:3:1:relu:2,4:2:0:tanh");
  options.hidden = *ParseHiddenLayers("7,6:softplus");
  return options;
}

TEST(OptionsTest, LayersReadBackAsTheyAreWritten) {
  const ModelOptions options = Convolutional();
  EXPECT_EQ(FormatConvLayers(options.conv), "5:3:1:relu:2,4:2:0:tanh:1");
  EXPECT_EQ(FormatHiddenLayers(options.hidden), "7:tanh,6:softplus");
  EXPECT_TRUE(ParseHiddenLayers("")->empty());
  for (const char* bad : {"0", "x", "5:tan", "5:tanh:1", "5,", "-3"}) EXPECT_FALSE(ParseHiddenLayers(bad).ok()) << bad;
  for (const char* bad : {"0", "3:0", "3:3:-1", "3:3:1:relu:0", "3:3:1:relu:1:1"}) {
    EXPECT_FALSE(ParseConvLayers(bad).ok()) << bad;
  }
}

TEST(OptionsTest, WhatCannotBeIsRefusedByName) {
  const auto message = [](const ModelOptions& options) {
    return std::string(SimEc::Create(options).status().message());
  };
  EXPECT_THAT(message(Options(0, 3, 4)), ::testing::HasSubstr("features"));
  EXPECT_THAT(message(Options(3, 0, 4)), ::testing::HasSubstr("dim"));
  ModelOptions options = Convolutional();
  options.width = 7;
  EXPECT_THAT(message(options), ::testing::HasSubstr("2 x 9 x 7"));
  options = Convolutional();
  options.conv.push_back({1, 9});
  EXPECT_THAT(message(options), ::testing::HasSubstr("nothing is left"));
  options = Options(3, 2, 4);
  options.device = "cuda:77";
  EXPECT_EQ(SimEc::Create(options).status().code(), absl::StatusCode::kUnavailable);
}

TEST(SimEcTest, ConvolutionsTakeImagesAndFlatRowsAlike) {
  const absl::StatusOr<SimEc> model = SimEc::Create(Convolutional());
  ASSERT_TRUE(model.ok()) << model.status();
  const torch::Tensor images = torch::rand({5, 2, 9, 8});
  const torch::Tensor y = *model->Embed(*InputRows::Dense(images));
  EXPECT_EQ(y.sizes(), (std::vector<std::int64_t>{5, 3}));
  EXPECT_TRUE(torch::equal(y, *model->Embed(*InputRows::Dense(images.flatten(1)))));
  EXPECT_FALSE(model->Embed(*InputRows::OneHot(144)).ok());
}

TEST(SimEcTest, InitialWeightsFollowTheSeedWithinTheirBound) {
  const SimEc a = *SimEc::Create(Options(50, 4, 30)), b = *SimEc::Create(Options(50, 4, 30));
  EXPECT_TRUE(torch::equal(a.last_layer(), b.last_layer()));
  const double bound = std::sqrt(6.0 / (4 + 30)), largest = a.last_layer().abs().max().item<double>();
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, 0.9 * bound);
  EXPECT_EQ(a.embedding()->bias.abs().max().item<double>(), 0);
}

TEST(SimEcTest, OutputsStayWithinTheirRange) {
  ModelOptions options = Options(6, 2, 4);
  options.output = OutputKind::kSigmoid;
  options.output_low = 1;
  options.output_high = 5;
  options.similarities = 3;
  const SimEc model = *SimEc::Create(options);
  const torch::Tensor s = *model.Predict(*InputRows::Dense(100 * torch::randn({8, 6})));
  EXPECT_EQ(s.sizes(), (std::vector<std::int64_t>{8, 4, 3}));
  EXPECT_GE(s.min().item<double>(), 1);
  EXPECT_LE(s.max().item<double>(), 5);
}

TEST(DecoderTest, LearnsPreImagesOfEmbeddings) {
  const torch::Tensor x = torch::rand({64, 2}).mm(torch::rand({2, 6}));
  ModelOptions options = Options(6, 2, 6);
  options.decoder = true;
  SimEc model = *SimEc::Create(options);
  ObjectiveOptions objective;
  objective.reconstruction = 1;
  TrainOptions training;
  training.learning_rate = 0.05;
  training.epochs = 500;
  const InputRows rows = *InputRows::Dense(x);
  const auto report = Train(model, {rows, *TargetRows::Dense(x)}, objective, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT((*model.Decode(*model.Embed(rows)) - x).square().mean().item<double>(),
            0.1 * (x - x.mean(0)).square().mean().item<double>());
  EXPECT_EQ(SimEc::Create(Options(6, 2, 6))->Decode(x.narrow(1, 0, 2)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(ModelFileTest, LoadedModelsPredictTheSame) {
  const ScratchFolder folder;
  ModelOptions options = Convolutional();
  options.embedding_bias = false;
  options.similarities = 2;
  SimEc model = *SimEc::Create(options);
  ASSERT_TRUE(model.SetLastLayer(torch::rand({3, 4, 2}), true).ok());
  ASSERT_TRUE(SaveModel(model, folder.File("model")).ok());
  const absl::StatusOr<SimEc> loaded = LoadModel(folder.File("model"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const InputRows x = *InputRows::Dense(torch::rand({5, 144}));
  EXPECT_TRUE(torch::equal(*model.Predict(x), *loaded->Predict(x)));
  EXPECT_TRUE(loaded->last_layer_frozen());
  const absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Open(folder.File("model"));
  EXPECT_EQ(file->metadata().at("conv"), "5:3:1:relu:2,4:2:0:tanh:1");
  EXPECT_EQ(file->tensors().at("last_layer").shape, (std::vector<std::uint64_t>{3, 4, 2}));
}

TEST(ModelFileTest, ModelsWithOwnModulesNeedThemAgain) {
  const ScratchFolder folder;
  const auto modules = [] { return torch::nn::Sequential(torch::nn::Linear(6, 5), torch::nn::Tanh()); };
  const SimEc model = *SimEc::Create(modules(), 5, Options(6, 2, 4));
  ASSERT_TRUE(SaveModel(model, folder.File("model")).ok());
  EXPECT_EQ(LoadModel(folder.File("model")).status().code(), absl::StatusCode::kFailedPrecondition);
  const absl::StatusOr<SimEc> loaded = LoadModel(folder.File("model"), modules(), 5);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const InputRows x = *InputRows::Dense(torch::rand({5, 6}));
  EXPECT_TRUE(torch::equal(*model.Embed(x), *loaded->Embed(x)));
  EXPECT_EQ(LoadModel(folder.File("model"), torch::nn::Sequential(torch::nn::Linear(6, 9)), 9).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(ModelFileTest, FilesThatAreNotWholeAreRefused) {
  const ScratchFolder folder;
  ASSERT_TRUE(SaveModel(*SimEc::Create(Options(6, 2, 4)), folder.File("model")).ok());
  const std::string bytes = *ReadFileToString(folder.File("model"));
  for (std::size_t size = 0; size < bytes.size(); size += 41) {
    EXPECT_FALSE(LoadModel(folder.Write("cut", bytes.substr(0, size))).ok()) << size;
  }
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"dim\":\"2\"", "\"dim\":\"3\""},
                                 {"\"features\":\"6\"", "\"features\":\"9\""},
                                 {"\"hidden\":\"\"", "\"hiddex\":\"\""},
                                 {"\"precision\":\"float32\"", "\"precision\":\"float64\""}}) {
    std::string changed = bytes;
    ASSERT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    // What it says is wrong even if its checksum is right.
    const std::string checksum = SafetensorsFile::Open(folder.File("model"))->checksum();
    changed.replace(changed.find(checksum), checksum.size(), SafetensorsChecksum(changed, checksum));
    EXPECT_EQ(LoadModel(folder.Write("changed", changed)).status().code(), absl::StatusCode::kDataLoss) << to;
  }
}

TEST(ModelFileTest, WeightsThatAreNotThoseThatWereSavedAreRefused) {
  const ScratchFolder folder;
  ASSERT_TRUE(SaveModel(*SimEc::Create(Options(6, 2, 4)), folder.File("model")).ok());
  std::string bytes = *ReadFileToString(folder.File("model"));
  const std::string one("\0\0\x80\x3F", 4);
  ASSERT_NE(bytes.substr(bytes.size() - one.size()), one);
  bytes.replace(bytes.size() - one.size(), one.size(), one);
  const absl::Status status = LoadModel(folder.Write("changed", bytes)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(status.message()).find("is damaged"), std::string::npos) << status;
  // Files of others, and those of before, have no checksum.
  bytes.replace(bytes.find("file_checksum"), 4, "none");
  EXPECT_TRUE(LoadModel(folder.Write("without", bytes)).ok());
}

}  // namespace
}  // namespace conec::simec
