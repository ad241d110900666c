// ContextOptions::exclude_target: a word that stands once more in its own window is no part of its context.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "conec/context_matrix.h"
#include "conec/encoder.h"
#include "conec/global_context.h"
#include "conec/model.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;

class ExcludeTarget : public ::testing::TestWithParam<std::tuple<ContextWeighting, ContextScaling>> {
 protected:
  ExcludeTarget() {
    std::tie(context_.weighting, context_.scaling) = GetParam();
    context_.exclude_target = true;
    context_.window = 4;
  }
  ContextOptions context_;
};

// Few words, so that each stands in its own windows all the time.
TEST_P(ExcludeTarget, GlobalContextIsTheNaiveProductWithoutTheDiagonal) {
  for (const double gap_rate : {0.0, 0.2}) {
    const std::vector<WordId> stream = testing::RandomStream(3, 12, 2000, gap_rate);
    const Matrix<float> table = testing::RandomTable(3, 12, 9);
    GlobalContextOptions options;
    options.context = context_;
    const auto result = ComputeGlobalContext({stream, {}, false}, table.view(), options);
    ASSERT_TRUE(result.ok()) << result.status();
    testing::ExpectRowsNear(result->view(), testing::NaiveGlobalContext(stream, table.view(), context_), 1e-5);
    options.context.exclude_target = false;
    const auto with = ComputeGlobalContext({stream, {}, false}, table.view(), options);
    EXPECT_FALSE(std::equal(with->row(0).begin(), with->row(0).end(), result->row(0).begin()));
  }
}

TEST_P(ExcludeTarget, LocalContextIsTheSumOverTheOtherWords) {
  constexpr std::size_t kWords = 6, kDim = 9;
  const Matrix<float> table = testing::RandomTable(5, kWords, kDim);
  Model model;
  model.vocabulary = testing::NumberedWords(kWords);
  model.input = table.view();
  model.info.context = context_;
  PhiloxStream random(6);
  std::vector<std::size_t> ids;
  Document document;
  for (int i = 0; i < 60; ++i) {
    ids.push_back(random.Below(kWords));
    document.AddToken("w" + std::to_string(ids.back()));
  }
  EncoderOptions options;
  options.global_weight = 0;
  Encoding encoding;
  const auto encoder = Encoder::Create(model, options);
  ASSERT_TRUE(encoder.ok()) << encoder.status();
  ASSERT_TRUE(encoder->EncodeWords(document, encoding).ok());
  const testing::Vectors rows = testing::UnitRows(table.view(), true);
  for (std::size_t entry = 0; entry < encoding.words.size(); ++entry) {
    const std::size_t word = ids[encoding.words[entry].token];
    testing::Vector expected(kDim);
    for (std::size_t p = 0; p < ids.size(); ++p) {
      for (std::size_t q = 0; q < ids.size(); ++q) {
        const std::size_t distance = p > q ? p - q : q - p;
        if (ids[p] != word || ids[q] == word || distance > 4) continue;
        for (std::size_t j = 0; j < kDim; ++j) expected[j] += testing::Weight(context_, distance) * rows[ids[q]][j];
      }
    }
    testing::ToUnit(expected);
    testing::ExpectNear(encoding.vector(entry), expected, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExcludeTarget,
                         ::testing::Combine(::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Values(ContextScaling::kCount, ContextScaling::kMax)));

TEST(ExcludeTargetTest, AWordThatOnlyStandsBesideItselfHasNoContext) {
  const std::vector<WordId> stream = {WordId{0}, WordId{0}, WordId{0}, corpora::kEndOfDocument};
  const Matrix<float> table = testing::RandomTable(1, 2, 4);
  for (const ContextScaling scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    GlobalContextOptions options;
    options.context.exclude_target = true;
    options.context.scaling = scaling;
    const auto result = ComputeGlobalContext({stream, {}, false}, table.view(), options);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(result->row(0), ::testing::Each(0.0f));
  }
}

TEST(ExcludeTargetTest, TheContextMatrixHasNoDiagonal) {
  const std::vector<WordId> stream = testing::RandomStream(4, 10, 500);
  ContextMatrixOptions options;
  options.context.exclude_target = true;
  const std::string path = ::testing::TempDir() + "exclude_target_matrix";
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, std::size_t{10}, options, path).ok());
  const auto matrix = ContextMatrix::Open(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_GT(matrix->nonzeros(), 0u);
  for (std::size_t i = 0; i < matrix->rows(); ++i) {
    EXPECT_THAT(std::vector<std::size_t>(matrix->columns(i).begin(), matrix->columns(i).end()),
                ::testing::Not(::testing::Contains(i)));
  }
  std::filesystem::remove(path);
}

TEST(ExcludeTargetTest, ModelFilesKeepTheOption) {
  const Matrix<float> table = testing::RandomTable(1, 5, 4);
  Model model;
  model.vocabulary = testing::NumberedWords(5);
  model.input = table.view();
  const std::string path = ::testing::TempDir() + "exclude_target_model";
  for (const bool exclude : {false, true}) {
    model.info.context.exclude_target = exclude;
    ASSERT_TRUE(SaveModel(path, model).ok());
    const auto opened = Model::Open(path);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->info.context.exclude_target, exclude);
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace conec
