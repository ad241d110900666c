#include "conec/model_metadata.h"

#include <gtest/gtest.h>

namespace conec::model_internal {
namespace {

ModelInfo TrainedInfo(const word2vec::ExtendedInputs& inputs) {
  ModelInfo info;
  info.training.emplace().extended_inputs = inputs;
  info.tokenizer.kind = tokenize::TokenizerKind::kPretokenized;
  info.tokenizer.segments = tokenize::SegmentBoundary::kDocument;
  info.tokenizer.line_token = "</s>";
  return info;
}

TEST(ModelMetadata, HoldsWhatTheHiddenLayerSawAndHowLinesWereMarked) {
  for (int bits = 0; bits < 8; ++bits) {
    const word2vec::ExtendedInputs inputs = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    Metadata metadata;
    StoreModelInfo(TrainedInfo(inputs), metadata);
    const auto loaded = LoadModelInfo(metadata);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ASSERT_TRUE(loaded->training.has_value());
    EXPECT_EQ(loaded->training->extended_inputs, inputs);
    EXPECT_EQ(loaded->tokenizer.line_token, "</s>");
    EXPECT_EQ(loaded->tokenizer.kind, tokenize::TokenizerKind::kPretokenized);
  }
}

TEST(ModelMetadata, OfPlainTrainingDoesNotMentionExtendedInputs) {
  Metadata metadata;
  StoreModelInfo(TrainedInfo({}), metadata);
  EXPECT_FALSE(metadata.contains("training.extended_inputs"));
}

TEST(ModelMetadata, WithUnknownInputsIsDataLoss) {
  Metadata metadata;
  StoreModelInfo(TrainedInfo({.direction = true}), metadata);
  metadata.at("training.extended_inputs") = "colour";
  const absl::Status status = LoadModelInfo(metadata).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("colour"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace conec::model_internal
