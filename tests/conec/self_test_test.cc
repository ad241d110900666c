#include "conec/self_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <memory>

#include "base/file.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using ::testing::HasSubstr;
using testing::TestPath;

constexpr std::size_t kWords = 50, kDim = 24;

struct Tables {
  Matrix<float> input = testing::RandomTable(1, kWords, kDim);
  Matrix<float> output = testing::RandomTable(2, kWords, kDim);
  Matrix<float> global = testing::RandomTable(3, kWords, kDim);
};

// Tables with padding between rows, which files do not have.
Model MakeModel(const std::shared_ptr<Tables>& tables) {
  Model model;
  model.vocabulary = testing::NumberedWords(kWords);
  model.input = tables->input.view();
  model.output = tables->output.view();
  model.global_context = tables->global.view();
  model.info.other["note"] = "kept";
  model.owner = tables;
  return model;
}

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

// A model with its self-test, in memory that can be changed.
struct Tested {
  std::shared_ptr<Tables> tables = std::make_shared<Tables>();
  Model model = *WithSelfTest(MakeModel(tables));
};

TEST(SelfTest, AModelThatIsAsItWasWrittenPasses) {
  const Tested tested;
  ASSERT_TRUE(HasSelfTest(tested.model));
  EXPECT_TRUE(Verify(tested.model).ok()) << Verify(tested.model);
  ASSERT_TRUE(SaveModel(TestPath("model"), tested.model).ok());
  const auto opened = Model::Open(TestPath("model"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(Verify(*opened).ok()) << Verify(*opened);
  EXPECT_EQ(opened->info.other.at("note"), "kept");
}

TEST(SelfTest, EveryKindOfModelPasses) {
  const auto tables = std::make_shared<Tables>();
  for (const bool output : {false, true}) {
    for (const bool global : {false, true}) {
      for (const double sif : {0.0, 1e-3}) {
        for (const std::size_t words : {std::size_t{1}, std::size_t{2}, kWords}) {
          Model model = MakeModel(tables);
          model.vocabulary = testing::NumberedWords(words);
          model.info.context.sif = sif;
          model.info.context.feature_weight = 0.25;  // not in the file: there are no features
          for (auto* table : {&model.input, &model.output, &model.global_context}) table->rows = words;
          if (!output) model.output = {};
          if (!global) model.global_context = {};
          const auto tested = WithSelfTest(model);
          ASSERT_TRUE(tested.ok()) << tested.status();
          ASSERT_TRUE(SaveModel(TestPath("model"), *tested).ok());
          EXPECT_TRUE(Verify(*Model::Open(TestPath("model"))).ok()) << Verify(*Model::Open(TestPath("model")));
        }
      }
    }
  }
}

TEST(SelfTest, ItIsTheSameForTheSameModel) {
  const Tested tested;
  const auto again = WithSelfTest(tested.model);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->info.other, tested.model.info.other);
}

TEST(SelfTest, AModelWithoutOneOpensAndSaysSo) {
  const Model model = MakeModel(std::make_shared<Tables>());
  EXPECT_FALSE(HasSelfTest(model));
  EXPECT_TRUE(absl::IsNotFound(Verify(model))) << Verify(model);
}

TEST(SelfTest, AnyBitOfAnyTableIsFoundAndTheTableNamed) {
  Tested tested;
  PhiloxStream random(7);
  const std::pair<const char*, Matrix<float>*> tables[] = {{"input_embedding", &tested.tables->input},
                                                           {"output_embedding", &tested.tables->output},
                                                           {"global_context", &tested.tables->global}};
  for (int i = 0; i < 300; ++i) {
    const auto& [name, table] = tables[i % 3];
    float& value = table->row(random.Below(kWords))[random.Below(kDim)];
    const float before = value;
    value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ (1u << random.Below(32)));
    const absl::Status found = Verify(tested.model);
    EXPECT_TRUE(absl::IsDataLoss(found)) << found;
    EXPECT_THAT(Message(found), HasSubstr(name));
    value = before;
  }
  EXPECT_TRUE(Verify(tested.model).ok());
}

TEST(SelfTest, ABitFlippedInTheFileIsFoundOrTheFileIsRefused) {
  const Tested tested;
  ASSERT_TRUE(SaveModel(TestPath("model"), tested.model).ok());
  const std::string whole = *ReadFileToString(TestPath("model"));
  const std::size_t data = whole.size() - 3 * kWords * kDim * sizeof(float);
  PhiloxStream random(8);
  for (int i = 0; i < 200; ++i) {
    std::string damaged = whole;
    const std::size_t at = data + random.Below(static_cast<std::uint32_t>(whole.size() - data));
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.Below(8)));
    ASSERT_TRUE(WriteFile(TestPath("damaged"), damaged).ok());
    const auto opened = Model::Open(TestPath("damaged"));
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_TRUE(absl::IsDataLoss(Verify(*opened))) << "byte " << at;
  }
}

TEST(SelfTest, SwappedRowsWordsAndBytesAreFound) {
  const auto expect_found = [](const char* what, const std::function<void(Tested&)>& damage) {
    Tested tested;
    damage(tested);
    EXPECT_TRUE(absl::IsDataLoss(Verify(tested.model))) << what << Verify(tested.model);
  };
  expect_found("rows", [](Tested& t) { std::ranges::swap_ranges(t.tables->output.row(30), t.tables->output.row(31)); });
  expect_found("tables", [](Tested& t) { std::swap(t.model.input, t.model.output); });
  expect_found("byte order", [](Tested& t) {
    for (std::size_t i = 0; i < kWords; ++i) {
      for (float& value : t.tables->input.row(i)) {
        value = std::bit_cast<float>(__builtin_bswap32(std::bit_cast<std::uint32_t>(value)));
      }
    }
  });
  expect_found("a table less", [](Tested& t) { t.model.output = {}; });
  expect_found("other words", [](Tested& t) {
    std::vector<corpora::WordCount> words;
    for (std::size_t i = 0; i < kWords; ++i) words.push_back({"x" + std::to_string(i), kWords - i});
    t.model.vocabulary = *corpora::Vocabulary::Create(words);
  });
}

TEST(SelfTest, AChangedOptionIsNamed) {
  const std::pair<const char*, std::function<void(ModelInfo&)>> changes[] = {
      {"context.window", [](ModelInfo& info) { info.context.window = 3; }},
      {"context.unit_rows", [](ModelInfo& info) { info.context.unit_rows = !info.context.unit_rows; }},
      {"tokenizer.fold_digits", [](ModelInfo& info) { info.tokenizer.fold_digits = true; }},
      {"keep_gaps", [](ModelInfo& info) { info.keep_gaps = true; }},
      {"other.note", [](ModelInfo& info) { info.other.erase("note"); }}};
  for (const auto& [name, change] : changes) {
    Tested tested;
    change(tested.model.info);
    const absl::Status found = Verify(tested.model);
    EXPECT_TRUE(absl::IsDataLoss(found)) << name;
    EXPECT_THAT(Message(found), HasSubstr(name));
  }
}

// As another implementation might make them, with the same tables and options.
TEST(SelfTest, VectorsMayBeOffByTheTolerance) {
  const Tested tested;
  const std::string& lines = tested.model.info.other.at("self_test.vectors");
  const double first = std::stod(lines);
  for (const auto& [off, passes] : {std::pair{0.5, true}, {-0.5, true}, {2.0, false}, {-2.0, false}}) {
    Model model = tested.model;
    model.info.other["self_test.vectors"] =
        fmt::format("{:.6f}{}", first + off * kSelfTestTolerance, lines.substr(lines.find(' ')));
    const absl::Status verified = Verify(model);
    EXPECT_EQ(verified.ok(), passes) << off << verified;
    EXPECT_EQ(Message(verified).find("allowed") == std::string::npos, passes);
  }
}

TEST(SelfTest, AnEntryThatIsMissingOrNonsenseIsFoundNotBelieved) {
  const Tested tested;
  for (const char* key : {"self_test.checksums", "self_test.options", "self_test.document", "self_test.vectors"}) {
    for (const char* nonsense : {"", " ", "\n\n", "x", "1 2 3 4\n", "\xff\xfe\n", "nan nan nan nan\n"}) {
      Model model = tested.model;
      model.info.other[key] = nonsense;
      EXPECT_TRUE(absl::IsDataLoss(Verify(model))) << key << " = '" << nonsense << "' " << Verify(model);
    }
  }
  Model newer = tested.model;
  newer.info.other["self_test.version"] = "2";
  EXPECT_TRUE(absl::IsFailedPrecondition(Verify(newer))) << Verify(newer);
}

TEST(SelfTest, WhatIsNotFiniteHasNone) {
  const auto tables = std::make_shared<Tables>();
  tables->input.row(0)[0] = NAN;
  EXPECT_TRUE(absl::IsOutOfRange(WithSelfTest(MakeModel(tables)).status()));
}

TEST(SelfTest, TablesThatDoNotFitTheVocabularyAreNamedNotReadBeyondTheirEnd) {
  const std::pair<const char*, MatrixView<const float> Model::*> tables[] = {
      {"input_embedding", &Model::input},
      {"output_embedding", &Model::output},
      {"global_context", &Model::global_context}};
  for (const auto& [name, table] : tables) {
    Tested tested;
    (tested.model.*table).rows = 1;
    const absl::Status made = WithSelfTest(tested.model).status(), verified = Verify(tested.model);
    EXPECT_TRUE(absl::IsInvalidArgument(made)) << made;
    EXPECT_THAT(Message(made), HasSubstr(name));
    EXPECT_TRUE(absl::IsDataLoss(verified)) << verified;
  }
  Model none = WithoutSelfTest(Tested().model);
  none.vocabulary = {};
  EXPECT_TRUE(absl::IsInvalidArgument(WithSelfTest(none).status()));
}

TEST(SelfTest, TakenAwayItLeavesTheRestOfTheMetadata) {
  const Tested tested;
  const Model without = WithoutSelfTest(tested.model);
  EXPECT_FALSE(HasSelfTest(without));
  EXPECT_EQ(without.info.other, MakeModel(tested.tables).info.other);
}

}  // namespace
}  // namespace conec
