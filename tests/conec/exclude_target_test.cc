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

using word2vec::ExtendedInputs;

class ExcludeTargetOfExtendedInputs
    : public ::testing::TestWithParam<std::tuple<ExtendedInputs, ContextWeighting, ContextScaling, bool>> {
 protected:
  static constexpr std::size_t kWords = 8, kDim = 9;

  ExcludeTargetOfExtendedInputs()
      : table_(testing::RandomExtendedTable(7, kWords, kDim, std::get<0>(GetParam()), 3)),
        weights_(testing::NaiveWordWeights(testing::NumberedWords(kWords), 0.05)) {
    std::tie(std::ignore, context_.weighting, context_.scaling, keeps_gaps_) = GetParam();
    context_.exclude_target = true;
    context_.window = 4;  // one more than shapes reach
    context_.sif = 0.05;
    context_.feature_weight = 0.75;
    stream_ = testing::RandomStream(8, kWords, 1500, keeps_gaps_ ? 0.2 : 0);
    shapes_ = testing::RandomShapes(8, stream_.size());
    word_weights_.assign(weights_.begin(), weights_.end());
  }

  InputTable Table() const {
    InputTable table = table_.view();
    table.word_weights = word_weights_;
    return table;
  }
  ContextCorpus Corpus() const { return {.stream = stream_, .mapping = {}, .shapes = shapes_}; }

  // The stream as a document; gaps become an unknown word.
  Document AsDocument() const {
    Document document;
    for (std::size_t p = 0; p < stream_.size(); ++p) {
      if (corpora::EndsSegment(stream_[p])) {
        document.EndSegment();
      } else {
        const bool known = corpora::IsWord(stream_[p]);
        document.AddToken(known ? "w" + std::to_string(corpora::Index(stream_[p])) : "unknown", shapes_[p]);
      }
    }
    return document;
  }

  // Of all words, from sums of context vectors that are written out.
  testing::Vectors Expected() const {
    const testing::Vectors counts = testing::NaiveInputCounts(stream_, shapes_, table_.layout, context_, weights_);
    return testing::NaiveScaledProduct(stream_, counts, testing::UnitRows(table_.view(), true), context_);
  }

  testing::ExtendedTable table_;
  testing::Vector weights_;
  std::vector<float> word_weights_;
  ContextOptions context_;
  bool keeps_gaps_ = false;
  std::vector<WordId> stream_;
  std::vector<tokenize::WordShape> shapes_;
};

TEST_P(ExcludeTargetOfExtendedInputs, GlobalContextIsTheNaiveProductWithoutTheWordOnEitherSide) {
  GlobalContextOptions options;
  options.context = context_;
  const auto result = ComputeGlobalContext(Corpus(), Table(), options);
  ASSERT_TRUE(result.ok()) << result.status();
  testing::ExpectRowsNear(result->view(), Expected(), 1e-5);
}

TEST_P(ExcludeTargetOfExtendedInputs, LocalContextIsTheGlobalContextOfTheSameText) {
  Model model;
  model.vocabulary = testing::NumberedWords(kWords);
  model.input = table_.words.view();
  model.extended_input = table_.extended.view();
  model.layout = table_.layout;
  model.info.context = context_;
  EncoderOptions options;
  options.global_weight = 0;
  options.unit_length = false;
  options.keep_gaps = true;
  const auto encoder = Encoder::Create(model, options);
  ASSERT_TRUE(encoder.ok()) << encoder.status();
  const Document document = AsDocument();
  Encoding encoding;
  ASSERT_TRUE(encoder->EncodeWords(document, encoding).ok());
  const testing::Vectors expected = Expected();
  for (std::size_t i = 0; i < encoding.words.size(); ++i) {
    if (!encoding.words[i].known) continue;
    const std::uint32_t word = corpora::Index(*model.vocabulary.Find(encoding.words[i].word));
    testing::ExpectNear(encoding.vector(i), expected[word], 5e-5, std::string(encoding.words[i].word));
  }
}

// The rows that a word has beside others, left and right.
TEST_P(ExcludeTargetOfExtendedInputs, TheContextMatrixHasNoEntryOfAWordBesideItself) {
  ContextMatrixOptions options;
  options.context = context_;
  const std::string path = testing::TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix(Corpus(), Table(), options, path).ok());
  const auto matrix = ContextMatrix::Open(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_TRUE(matrix->context() == context_);
  const testing::Vectors expected = testing::NaiveInputCounts(stream_, shapes_, table_.layout, context_, weights_);
  for (std::size_t i = 0; i < kWords; ++i) {
    EXPECT_EQ(expected[i][i], 0);
    testing::Vector row(expected[i].size());
    for (std::size_t k = 0; k < matrix->columns(i).size(); ++k) {
      row[static_cast<std::size_t>(matrix->columns(i)[k])] = matrix->weights(i)[k];
    }
    for (std::size_t j = 0; j < row.size(); ++j) {
      ASSERT_NEAR(row[j], expected[i][j], 1e-5 * (1 + expected[i][j])) << i << " " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExcludeTargetOfExtendedInputs,
    ::testing::Combine(::testing::Values(ExtendedInputs{.direction = true}, ExtendedInputs{.shape = true},
                                         ExtendedInputs{.context_shapes = true},
                                         ExtendedInputs{.direction = true, .shape = true, .context_shapes = true}),
                       ::testing::Values(ContextWeighting::kUniform, ContextWeighting::kInverseDistance),
                       ::testing::Values(ContextScaling::kCount, ContextScaling::kMax), ::testing::Bool()));

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
