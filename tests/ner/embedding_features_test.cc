#include "ner/embedding_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <set>
#include <tuple>

#include "tests/ner/model_fixture.h"

namespace conec::ner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kDim;
using testing::kKnownWords;
using testing::MakeModel;
using testing::Parse;
using testing::RandomConll;

EmbeddingFeatures MakeFeatures(const EmbeddingOptions& options, const Model& model = MakeModel(true)) {
  auto features = EmbeddingFeatures::Create(model, options);
  EXPECT_TRUE(features.ok()) << features.status();
  return *std::move(features);
}

TokenVectors EncodeAll(const EmbeddingFeatures& features, const ConllFile& file) {
  auto vectors = features.Encode(file, {0, file.tokens()});
  EXPECT_TRUE(vectors.ok()) << vectors.status();
  return *std::move(vectors);
}

std::vector<float> VectorOf(const TokenVectors& vectors, std::size_t token) {
  if (vectors.row_of[token] == kNoRow) return {};
  const auto begin = vectors.values.begin() + static_cast<std::ptrdiff_t>(vectors.row_of[token] * vectors.dim);
  return {begin, begin + static_cast<std::ptrdiff_t>(vectors.dim)};
}

std::string Lower(std::string_view word) {
  std::string lower;
  for (const char c : word) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool IsKnown(const ConllFile& file, std::size_t token) {
  return std::stoi(Lower(file.word(token)).substr(1)) < static_cast<int>(kKnownWords);
}

double Length(const std::vector<float>& vector) {
  double sum = 0;
  for (const float value : vector) sum += double{value} * double{value};
  return std::sqrt(sum);
}

EmbeddingOptions Kind(EmbeddingKind kind) {
  EmbeddingOptions options;
  options.kind = kind;
  return options;
}

// The vectors of one document's tokens straight from the encoder; empty where there is none.
std::vector<std::vector<float>> FromEncoder(const Encoder& encoder, const ConllFile& file, TokenRange document,
                                            const EmbeddingOptions& options, bool cross,
                                            const std::string& sentence_end) {
  Document text;
  std::vector<std::size_t> places;
  std::size_t sentence = 0;
  for (std::size_t i = document.begin; i < document.end; ++i) {
    places.push_back(text.size());
    text.AddToken(Lower(file.word(i)));
    while (file.sentence_ends()[sentence] <= i) ++sentence;
    if (file.sentence_ends()[sentence] != i + 1) continue;
    if (!sentence_end.empty()) text.AddToken(sentence_end);
    if (!cross) text.EndSegment();
  }
  Encoding encoding;
  const absl::Status encoded =
      options.per_token ? encoder.EncodeTokens(text, encoding) : encoder.EncodeWords(text, encoding);
  EXPECT_TRUE(encoded.ok()) << encoded;
  std::vector<std::vector<float>> vectors;
  for (const std::size_t place : places) {
    const std::size_t word = encoding.word_of_token[place];
    const bool left_out = options.kind == EmbeddingKind::kGlobal && !encoding.words[word].known;
    const std::span<const float> vector = encoding.vector(word);
    vectors.emplace_back();
    if (!left_out && encoding.words[word].found_context) vectors.back().assign(vector.begin(), vector.end());
  }
  return vectors;
}

class EncoderParity : public ::testing::TestWithParam<std::tuple<EmbeddingKind, bool, bool>> {};

TEST_P(EncoderParity, StoredRowsAreWhatTheEncoderGivesForEachToken) {
  const auto [kind, per_token, cross] = GetParam();
  EmbeddingOptions options = Kind(kind);
  options.global_weight = 0.3;
  options.own_weight = 0.5;
  options.per_token = per_token;
  options.context_window = 3;
  options.context_weighting = ContextWeighting::kInverseDistance;
  options.context_scaling = ContextScaling::kMax;
  const Model model = MakeModel(cross);
  const ConllFile file = Parse(RandomConll(7, 5, 6));
  const TokenVectors vectors = EncodeAll(MakeFeatures(options, model), file);
  EncoderOptions encoder_options;
  encoder_options.global_weight = kind == EmbeddingKind::kMix ? 0.3 : 1;
  encoder_options.own_weight = 0.5;
  encoder_options.local_context = ContextOptions{3, ContextWeighting::kInverseDistance, ContextScaling::kMax, true};
  const Encoder encoder = *Encoder::Create(model, encoder_options);
  std::size_t begin = 0;
  for (const std::size_t end : file.document_ends()) {
    const auto expected = FromEncoder(encoder, file, {begin, end}, options, cross, cross ? "</s>" : "");
    for (std::size_t i = begin; i < end; ++i) EXPECT_EQ(VectorOf(vectors, i), expected[i - begin]) << "token " << i;
    begin = end;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EncoderParity,
                         ::testing::Combine(::testing::Values(EmbeddingKind::kGlobal, EmbeddingKind::kOov,
                                                              EmbeddingKind::kMix),
                                            ::testing::Bool(), ::testing::Bool()));

TEST(EmbeddingFeaturesTest, KindsDifferWhereTheyShould) {
  const ConllFile file = Parse(RandomConll(1, 4, 8));
  const TokenVectors word2vec = EncodeAll(MakeFeatures(Kind(EmbeddingKind::kWord2vec)), file);
  const TokenVectors global = EncodeAll(MakeFeatures(Kind(EmbeddingKind::kGlobal)), file);
  const TokenVectors oov = EncodeAll(MakeFeatures(Kind(EmbeddingKind::kOov)), file);
  const TokenVectors mix = EncodeAll(MakeFeatures(Kind(EmbeddingKind::kMix)), file);
  for (std::size_t i = 0; i < file.tokens(); ++i) {
    EXPECT_EQ(VectorOf(word2vec, i).empty(), !IsKnown(file, i));
    EXPECT_EQ(VectorOf(global, i).empty(), !IsKnown(file, i));
    EXPECT_NEAR(Length(VectorOf(mix, i)), 1, 1e-5);
    if (IsKnown(file, i)) {
      EXPECT_NEAR(Length(VectorOf(word2vec, i)), 1, 1e-5);
      EXPECT_EQ(VectorOf(oov, i), VectorOf(global, i));
      EXPECT_NE(VectorOf(mix, i), VectorOf(oov, i));
    } else {
      EXPECT_EQ(VectorOf(mix, i), VectorOf(oov, i));
    }
  }
}

TEST(EmbeddingFeaturesTest, MixWithAllWeightOnGlobalContextsIsOov) {
  const ConllFile file = Parse(RandomConll(2, 3, 8));
  EmbeddingOptions mix = Kind(EmbeddingKind::kMix);
  mix.global_weight = 1;
  const TokenVectors a = EncodeAll(MakeFeatures(mix), file);
  const TokenVectors b = EncodeAll(MakeFeatures(Kind(EmbeddingKind::kOov)), file);
  for (std::size_t i = 0; i < file.tokens(); ++i) EXPECT_EQ(VectorOf(a, i), VectorOf(b, i));
}

TEST(EmbeddingFeaturesTest, AWordWithOneVectorIsStoredOnce) {
  const ConllFile file = Parse(RandomConll(3, 6, 10));
  std::set<std::string> known;
  for (std::size_t i = 0; i < file.tokens(); ++i) {
    if (IsKnown(file, i)) known.insert(Lower(file.word(i)));
  }
  for (const bool per_token : {false, true}) {
    for (const EmbeddingKind kind : {EmbeddingKind::kWord2vec, EmbeddingKind::kGlobal}) {
      EmbeddingOptions options = Kind(kind);
      options.per_token = per_token;
      EXPECT_EQ(EncodeAll(MakeFeatures(options), file).rows(), known.size());
    }
  }
}

TEST(EmbeddingFeaturesTest, RangesOfDocumentsAreIndependent) {
  const ConllFile file = Parse(RandomConll(4, 9, 4));
  const EmbeddingFeatures features = MakeFeatures(Kind(EmbeddingKind::kMix));
  const TokenVectors whole = EncodeAll(features, file);
  const std::vector<TokenRange> ranges = SplitIntoRanges(file, 40);
  ASSERT_GT(ranges.size(), 2u);
  std::size_t next = 0;
  for (const TokenRange range : ranges) {
    EXPECT_EQ(range.begin, next);
    const auto part = features.Encode(file, range);
    ASSERT_TRUE(part.ok()) << part.status();
    for (; next < range.end; ++next) EXPECT_EQ(VectorOf(*part, next - range.begin), VectorOf(whole, next));
  }
  EXPECT_EQ(next, file.tokens());
}

TEST(EmbeddingFeaturesTest, RangesAreWholeDocumentsOfEnoughTokens) {
  const ConllFile file = Parse("-DOCSTART-\n\na\nb\n\n-DOCSTART-\n\nc\n\n-DOCSTART-\n\nd\n");
  const auto ends = [&](std::size_t tokens) {
    std::vector<std::size_t> result;
    for (const TokenRange range : SplitIntoRanges(file, tokens)) result.push_back(range.end);
    return result;
  };
  EXPECT_THAT(ends(1), ElementsAre(2, 3, 4));
  EXPECT_THAT(ends(3), ElementsAre(3, 4));
  EXPECT_THAT(ends(100), ElementsAre(4));
}

TEST(EmbeddingFeaturesTest, NeighboursStayInTheSentence) {
  const ConllFile file = Parse("a\nb\nc\n\nd\n\ne\nf\n");
  const std::vector<std::uint32_t> rows = {0, 1, 2, 3, kNoRow, 5};
  EXPECT_THAT(RowsOfNeighbours(file, {0, 6}, rows, 0), ElementsAre(0, 1, 2, 3, kNoRow, 5));
  EXPECT_THAT(RowsOfNeighbours(file, {0, 6}, rows, 1), ElementsAre(1, 2, kNoRow, kNoRow, 5, kNoRow));
  EXPECT_THAT(RowsOfNeighbours(file, {0, 6}, rows, -2), ElementsAre(kNoRow, kNoRow, 0, kNoRow, kNoRow, kNoRow));
  EXPECT_THAT(RowsOfNeighbours(file, {0, 6}, rows, 7), ::testing::Each(kNoRow));
}

TEST(EmbeddingFeaturesTest, WordsAreWrittenAsTheVocabularyIs) {
  const Model model = MakeModel(true);
  EXPECT_TRUE(WordFormOf(model)->fold_case);
  Model plain = model;  // somebody's vectors: the words themselves tell
  plain.info = {};
  EXPECT_TRUE(WordFormOf(plain)->fold_case);
  plain.vocabulary = *corpora::Vocabulary::Create(std::vector<corpora::WordCount>{{"Paris", 2}, {"is", 1}});
  EXPECT_FALSE(WordFormOf(plain)->fold_case);
  Model prepared = model;  // text that was made lower-case before it was split at blanks
  prepared.info.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  prepared.info.tokenizer.fold_digits = true;
  EXPECT_TRUE(WordFormOf(prepared)->fold_case);
  EXPECT_TRUE(WordFormOf(prepared)->fold_digits);
}

TEST(EmbeddingFeaturesTest, ModelsWithShapesSeeThoseOfTheWordsInTheFile) {
  const Model plain = MakeModel(false);
  const auto rows = std::make_shared<const Matrix<float>>(testing::RandomTable(5, tokenize::kWordShapes));
  Model shaped = plain;
  shaped.layout = *word2vec::MakeInputLayout(plain.size(), 5, {.shape = true});
  shaped.extended_input = rows->view();
  const ConllFile file = Parse("w1 O\nzorb O\nw2 O\n\nw1 O\nZorb O\nw2 O\n\n");
  EmbeddingOptions options = Kind(EmbeddingKind::kMix);
  options.per_token = true;
  const TokenVectors without = EncodeAll(MakeFeatures(options, plain), file);
  const TokenVectors with = EncodeAll(MakeFeatures(options, shaped), file);
  EXPECT_EQ(VectorOf(without, 1), VectorOf(without, 4));
  EXPECT_NE(VectorOf(with, 1), VectorOf(with, 4));
  EXPECT_EQ(VectorOf(with, 2), VectorOf(with, 5));
}

TEST(EmbeddingFeaturesTest, VectorsWithoutGlobalContextsGiveOnlyWhatNeedsNone) {
  Model plain = MakeModel(true);
  plain.global_context = {};
  const ConllFile file = Parse(RandomConll(5, 2, 3));
  EXPECT_GT(EncodeAll(MakeFeatures(Kind(EmbeddingKind::kWord2vec), plain), file).rows(), 0u);
  EmbeddingOptions local = Kind(EmbeddingKind::kMix);
  local.global_weight = 0;
  EXPECT_GT(EncodeAll(MakeFeatures(local, plain), file).rows(), 0u);
  for (const EmbeddingKind kind : {EmbeddingKind::kGlobal, EmbeddingKind::kOov, EmbeddingKind::kMix}) {
    const auto refused = EmbeddingFeatures::Create(plain, Kind(kind));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("without global contexts"));
  }
}

TEST(EmbeddingFeaturesTest, OptionsOutOfRangeAreRefused) {
  EmbeddingOptions options;
  options.global_weight = 1.5;
  EXPECT_EQ(EmbeddingFeatures::Create(MakeModel(true), options).status().code(), absl::StatusCode::kInvalidArgument);
  options = {};
  options.own_weight = -1;
  EXPECT_EQ(EmbeddingFeatures::Create(MakeModel(true), options).status().code(), absl::StatusCode::kInvalidArgument);
  options = {};
  options.context_window = 0;
  EXPECT_EQ(EmbeddingFeatures::Create(MakeModel(true), options).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec::ner
