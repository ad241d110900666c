// The laws of the encoder for models whose context vectors hold more than words.
#include <gtest/gtest.h>

#include <tuple>

#include "conec/context_sums.h"
#include "conec/encoder.h"
#include "conec/global_context.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;
using testing::ExpectNear;
using testing::ExtendedTable;
using testing::Vector;
using testing::Vectors;
using tokenize::WordShape;
using word2vec::ExtendedInputs;

constexpr ExtendedInputs kAll{.direction = true, .shape = true, .context_shapes = true};
constexpr std::size_t kWords = 25;  // "w0" to "w24" are known
constexpr std::size_t kDim = 14;
constexpr int kTrainedWindow = 3;

struct Token {
  std::string word;
  WordShape shape;
};
using Segment = std::vector<Token>;

// About a third of the words are unknown.
std::vector<Segment> RandomText(std::uint64_t seed, std::size_t segments, std::uint32_t words = 40) {
  PhiloxStream random(seed, 9);
  std::vector<Segment> text(segments);
  for (Segment& segment : text) {
    const std::uint32_t length = 1 + random.Below(25);
    for (std::uint32_t i = 0; i < length; ++i) {
      segment.push_back({"w" + std::to_string(random.Below(words)), static_cast<WordShape>(random.Below(16))});
    }
  }
  return text;
}

Document MakeDocument(const std::vector<Segment>& text) {
  Document document;
  for (const Segment& segment : text) {
    for (const Token& token : segment) document.AddToken(token.word, token.shape);
    document.EndSegment();
  }
  return document;
}

struct Fixture {
  ExtendedTable table;
  Matrix<float> global = testing::RandomTable(2, kWords, kDim);
  Model model;
  explicit Fixture(const ExtendedInputs& inputs, const ContextOptions& context = {})
      : table(testing::RandomExtendedTable(1, kWords, kDim, inputs, kTrainedWindow)) {
    model.vocabulary = testing::NumberedWords(kWords);
    model.input = table.words.view();
    model.extended_input = table.extended.view();
    model.layout = table.layout;
    model.global_context = global.view();
    model.info.context = context;
  }
};

Encoding Words(const Encoder& encoder, const Document& document) {
  Encoding encoding;
  EXPECT_TRUE(encoder.EncodeWords(document, encoding).ok());
  return encoding;
}

EncoderOptions Plain(double a) {
  EncoderOptions options;
  options.global_weight = a;
  options.unit_length = false;
  return options;
}

using Parameters = std::tuple<ExtendedInputs, ContextWeighting, ContextScaling, bool, bool>;

class ExtendedEncoder : public ::testing::TestWithParam<Parameters> {
 protected:
  ExtendedEncoder() {
    std::tie(std::ignore, context_.weighting, context_.scaling, context_.unit_rows, keep_gaps_) = GetParam();
    context_.window = 4;  // one more than shapes reach
    context_.feature_weight = 0.75;
    context_.sif = std::get<0>(GetParam()).any() ? 0.05 : 0.01;
  }

  // The sum of the context vectors of the tokens that are `word`, or of one token.
  Vector NaiveSum(const Model& model, const std::vector<Segment>& text, const std::string& word, int one = -1) const {
    Vector sum(word2vec::InputRows(model.inputs().layout));
    const Vector word_weights = testing::NaiveWordWeights(model.vocabulary, context_.sif);
    int index = 0;
    for (const Segment& segment : text) {
      for (std::size_t at = 0; at < segment.size(); ++at, ++index) {
        if (one < 0 ? segment[at].word != word : index != one) continue;
        std::vector<WordId> ids;
        std::vector<WordShape> shapes;
        std::size_t p = 0;
        for (std::size_t q = 0; q < segment.size(); ++q) {
          const WordId id = model.vocabulary.Find(segment[q].word).value_or(corpora::kGap);
          if (q == at) p = ids.size();
          if (q != at && !corpora::IsWord(id) && !keep_gaps_) continue;
          ids.push_back(id);
          shapes.push_back(segment[q].shape);
        }
        const Vector x = testing::NaiveInputs(ids, shapes, p, model.inputs().layout, context_, word_weights);
        for (std::size_t i = 0; i < x.size(); ++i) sum[i] += x[i];
      }
    }
    return sum;
  }

  Vector Expected(const Model& model, const std::string& word, const Vector& sum, double occurrences, double a) const {
    const double largest = *std::max_element(sum.begin(), sum.end());
    const double divisor = context_.scaling == ContextScaling::kCount ? occurrences : largest;
    const Vector local = testing::NaiveProduct({sum}, testing::UnitRows(model.inputs(), context_.unit_rows))[0];
    const auto id = model.vocabulary.Find(word);
    const double weight = id.has_value() ? (largest > 0 ? a : 1) : 0;
    Vector result(kDim);
    for (std::size_t j = 0; j < kDim; ++j) {
      if (id) result[j] += weight * static_cast<double>(model.global_context.row(corpora::Index(*id))[j]);
      if (largest > 0) result[j] += (1 - weight) * local[j] / divisor;
    }
    return result;
  }

  EncoderOptions Options() const {
    EncoderOptions options = Plain(0.6);
    options.keep_gaps = keep_gaps_;
    return options;
  }

  ContextOptions context_;
  bool keep_gaps_ = false;
};

TEST_P(ExtendedEncoder, WordsAreTheNaiveMixOfGlobalAndLocalContexts) {
  const Fixture fixture(std::get<0>(GetParam()), context_);
  const std::vector<Segment> text = RandomText(3, 10);
  const Document document = MakeDocument(text);
  const Encoding encoding = Words(*Encoder::Create(fixture.model, Options()), document);
  for (std::size_t i = 0; i < encoding.words.size(); ++i) {
    const std::string word(encoding.words[i].word);
    const Vector sum = NaiveSum(fixture.model, text, word);
    ExpectNear(encoding.vector(i), Expected(fixture.model, word, sum, encoding.words[i].count, 0.6), 1e-5, word);
  }
}

TEST_P(ExtendedEncoder, TokensAreTheNaiveMixOfGlobalAndTheirOwnContexts) {
  const Fixture fixture(std::get<0>(GetParam()), context_);
  const std::vector<Segment> text = RandomText(4, 6);
  const Document document = MakeDocument(text);
  Encoding encoding;
  ASSERT_TRUE(Encoder::Create(fixture.model, Options())->EncodeTokens(document, encoding).ok());
  ASSERT_EQ(encoding.words.size(), document.size());
  for (std::size_t i = 0; i < document.size(); ++i) {
    const std::string word(document.token(i));
    const Vector sum = NaiveSum(fixture.model, text, word, static_cast<int>(i));
    ExpectNear(encoding.vector(i), Expected(fixture.model, word, sum, 1, 0.6), 1e-5, word);
    const bool named = *std::max_element(sum.begin(), sum.end()) > 0;
    EXPECT_EQ(encoding.words[i].found_context, named || encoding.words[i].known) << i;
  }
}

TEST_P(ExtendedEncoder, OverTheTrainingTextIsTheGlobalContext) {
  Fixture fixture(std::get<0>(GetParam()), context_);
  const std::vector<Segment> text =
      RandomText(5, 10, kWords);  // no unknown words: a corpus and a document are the same
  std::vector<WordId> stream;
  std::vector<WordShape> shapes;
  for (const Segment& segment : text) {
    for (const Token& token : segment) {
      stream.push_back(*fixture.model.vocabulary.Find(token.word));
      shapes.push_back(token.shape);
    }
    stream.push_back(corpora::kEndOfSegment);
    shapes.push_back({});
  }
  GlobalContextOptions options;
  options.context = context_;
  InputTable table = fixture.table.view();
  const auto word_weights = WordWeights(fixture.model.vocabulary, context_);
  table.word_weights = *word_weights;
  const auto global = ComputeGlobalContext({.stream = stream, .mapping = {}, .shapes = shapes}, table, options);
  ASSERT_TRUE(global.ok()) << global.status();
  const Document document = MakeDocument(text);
  const Encoding local = Words(*Encoder::Create(fixture.model, Plain(0)), document);
  for (std::size_t i = 0; i < local.words.size(); ++i) {
    const std::span<const float> row = global->row(corpora::Index(*fixture.model.vocabulary.Find(local.words[i].word)));
    ExpectNear(local.vector(i), Vector(row.begin(), row.end()), 1e-5, std::string(local.words[i].word));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExtendedEncoder,
    ::testing::Combine(::testing::Values(ExtendedInputs{}, ExtendedInputs{.direction = true},
                                         ExtendedInputs{.shape = true}, ExtendedInputs{.context_shapes = true}, kAll),
                       ::testing::Values(ContextWeighting::kUniform, ContextWeighting::kInverseDistance),
                       ::testing::Values(ContextScaling::kCount, ContextScaling::kMax), ::testing::Bool(),
                       ::testing::Bool()));

TEST(SmoothInverseFrequency, NeedsTheCountsOfWords) {
  ContextOptions context;
  context.sif = 1e-4;
  Fixture fixture({}, context);
  EXPECT_TRUE(Encoder::Create(fixture.model, {}).ok());
  std::vector<corpora::WordCount> uncounted;
  for (std::size_t i = 0; i < kWords; ++i) uncounted.push_back({"w" + std::to_string(i), 0});
  fixture.model.vocabulary = *corpora::Vocabulary::Create(uncounted);
  EXPECT_EQ(Encoder::Create(fixture.model, {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SmoothInverseFrequency, OfWordsThatWeighNothingLeavesNoContextAndNoNan) {
  ContextOptions context;
  context.sif = 1e-60;  // its weights are 0 in single precision
  for (const ContextScaling scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    context.scaling = scaling;
    const Fixture fixture({}, context);
    Document document;
    for (const char* word : {"new", "w1", "w2"}) document.AddToken(word);
    const Encoding encoding = Words(*Encoder::Create(fixture.model, Plain(0.6)), document);
    EXPECT_FALSE(encoding.words[0].found_context);
    ExpectNear(encoding.vector(0), Vector(kDim), 0);
    const auto global = fixture.global.row(1);
    ExpectNear(encoding.vector(1), Vector(global.begin(), global.end()), 0);
  }
}

TEST(EncoderWithShapes, TellsAWordInTwoShapesApartInOneDocument) {
  const Fixture fixture({.shape = true});
  Document document;
  for (const WordShape shape : {WordShape{2}, WordShape{4}}) {
    document.AddToken("w1", WordShape{2});
    document.AddToken("new", shape);
    document.AddToken("w2", WordShape{2});
    document.EndSegment();
  }
  Encoding encoding;
  ASSERT_TRUE(Encoder::Create(fixture.model, Plain(0))->EncodeTokens(document, encoding).ok());
  const Vector rows[2] = {
      testing::UnitRow(fixture.table.view().row(ShapeRow(fixture.table.layout, WordShape{2})), true),
      testing::UnitRow(fixture.table.view().row(ShapeRow(fixture.table.layout, WordShape{4})), true)};
  Vector difference(kDim);
  std::vector<float> actual(kDim);
  for (std::size_t j = 0; j < kDim; ++j) {
    difference[j] = rows[1][j] - rows[0][j];
    actual[j] = encoding.vector(4)[j] - encoding.vector(1)[j];
  }
  ExpectNear(actual, difference, 1e-5);
}

TEST(EncoderWithShapes, AnUnknownWordAloneHasTheContextOfItsShape) {
  const Fixture fixture({.shape = true});
  Document document;
  document.AddToken("alpha", WordShape{5});
  document.EndSegment();
  document.AddToken("beta");  // of a shape that nobody knows
  document.EndSegment();
  const Encoding encoding = Words(*Encoder::Create(fixture.model, Plain(0.6)), document);
  EXPECT_TRUE(encoding.words[0].found_context);
  EXPECT_FALSE(encoding.words[0].known);
  const auto row = fixture.table.view().row(ShapeRow(fixture.table.layout, WordShape{5}));
  ExpectNear(encoding.vector(0), testing::UnitRow(row, true), 1e-6);
  EXPECT_FALSE(encoding.words[1].found_context);
  ExpectNear(encoding.vector(1), Vector(kDim), 0);
}

TEST(EncoderWithShapes, WithoutFeatureWeightFindNoContextInShapes) {
  ContextOptions context;
  context.feature_weight = 0;
  const Fixture fixture(kAll, context);
  Document document;
  document.AddToken("alpha", WordShape{5});
  document.AddToken("beta", WordShape{5});
  const Encoding encoding = Words(*Encoder::Create(fixture.model, Plain(0.6)), document);
  EXPECT_FALSE(encoding.words[0].found_context);
}

TEST(EncoderWithShapes, UnknownNeighboursCountByTheirShapesWhereTheyKeepTheirPlaces) {
  const Fixture fixture({.context_shapes = true});
  Document document;
  document.AddToken("alpha", WordShape{1});
  document.AddToken("beta", WordShape{2});
  EncoderOptions options = Plain(0);
  options.keep_gaps = false;
  EXPECT_FALSE(Words(*Encoder::Create(fixture.model, options), document).words[0].found_context);
  options.keep_gaps = true;
  const Encoding kept = Words(*Encoder::Create(fixture.model, options), document);
  EXPECT_TRUE(kept.words[0].found_context);
  const auto& layout = fixture.table.layout;
  const auto right = fixture.table.view().row(ContextShapeRow(layout, 1, true, WordShape{2}));
  ExpectNear(kept.vector(0), testing::UnitRow(right, true), 1e-6);
  const auto left = fixture.table.view().row(ContextShapeRow(layout, 1, false, WordShape{1}));
  ExpectNear(kept.vector(1), testing::UnitRow(left, true), 1e-6);
}

std::vector<int> ShapesOf(const Document& document) {
  std::vector<int> shapes;
  for (std::size_t i = 0; i < document.size(); ++i) {
    shapes.push_back(document.shape(i).has_value() ? static_cast<int>(*document.shape(i)) : -1);
  }
  return shapes;
}

int Shape(tokenize::LetterCase letter_case, bool first = false) {
  return static_cast<int>(tokenize::MakeWordShape(letter_case, first));
}

TEST(DocumentShapes, AreThoseOfTheWordsInTheTextWhateverThePieces) {
  const std::string text = "Apple sold 3 iPhones.\nUS sales\nfell, I hear. We do.\n";
  using enum tokenize::LetterCase;
  const std::vector<int> expected{Shape(kCapitalized, true),
                                  Shape(kLower),
                                  Shape(kNumber),
                                  Shape(kMixed),
                                  Shape(kUpper, true),
                                  Shape(kLower),
                                  Shape(kLower),
                                  Shape(kInitial),
                                  Shape(kLower),
                                  Shape(kCapitalized, true),
                                  Shape(kLower)};
  tokenize::TokenizerOptions options;
  options.join_lines = true;
  const auto tokenizer = *tokenize::Tokenizer::Create(options);
  tokenize::TokenBuffer buffer;
  Document document;
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{text}, {"Apple sold 3 iPhones.\n", "US sales\n", "fell, I hear. We do.\n"}}) {
    document.Clear();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      ASSERT_TRUE(tokenizer->Tokenize(pieces[i], i + 1 == pieces.size(), buffer).ok());
      document.Append(buffer, options, pieces[i]);
    }
    std::vector<int> actual = ShapesOf(document);
    // A sentence that ends exactly at a cut runs on (tokenize/tokenizer.h).
    if (pieces.size() > 1) actual[4] |= 1;
    EXPECT_EQ(actual, expected) << pieces.size();
    EXPECT_EQ(document.token(3), "iphones");
  }
}

TEST(DocumentShapes, AreUnknownWhereNobodySaidThem) {
  Document document;
  document.AddToken("a");
  document.AddToken("b", WordShape{3});
  document.AddToken("c");
  EXPECT_EQ(ShapesOf(document), (std::vector<int>{-1, 3, -1}));
  document.Clear();
  document.AddToken("d");
  EXPECT_EQ(ShapesOf(document), std::vector<int>{-1});
}

TEST(DocumentPieces, ASegmentLeftOpenEndsWhereTheNextPieceBeginsWithABoundary) {
  tokenize::TokenBuffer first, second;
  first.tokens.push_back({"a", 0, 1});
  second.tokens.push_back({"b", 1, 2});
  second.starts_with_boundary = true;
  Document document;
  document.Append(first);
  document.Append(second);
  document.EndSegment();
  EXPECT_EQ(std::vector<std::size_t>(document.segment_ends().begin(), document.segment_ends().end()),
            (std::vector<std::size_t>{1, 2}));
}

TEST(EncoderWithDirection, TheWordItselfIsTheMeanOfItsTwoRows) {
  const Fixture fixture({.direction = true});
  const auto none = ConecVectors(fixture.model, {.own_weight = 0, .unit_length = false});
  const auto own = ConecVectors(fixture.model, {.own_weight = 3, .unit_length = false});
  for (std::uint32_t i = 0; i < kWords; ++i) {
    const Vector left = testing::UnitRow(fixture.table.words.row(i), true),
                 right = testing::UnitRow(fixture.table.extended.row(i), true);
    Vector expected(kDim);
    for (std::size_t j = 0; j < kDim; ++j) {
      expected[j] = static_cast<double>(none->vectors.row(i)[j]) + 3 * (left[j] + right[j]) / 2;
    }
    ExpectNear(own->vectors.row(i), expected, 1e-5);
  }
}

TEST(UnitParts, AreMixedAsTheFormulaSays) {
  for (const ExtendedInputs& inputs : {ExtendedInputs{}, kAll}) {
    for (const bool unit_rows : {false, true}) {
      ContextOptions context;
      context.unit_rows = unit_rows;
      const Fixture fixture(inputs, context);
      const Document document = MakeDocument(RandomText(6, 8));
      const Encoding local = Words(*Encoder::Create(fixture.model, Plain(0)), document);
      EncoderOptions options = Plain(0.3);
      options.own_weight = 1.5;
      options.unit_parts = true;
      const Encoding mixed = Words(*Encoder::Create(fixture.model, options), document);
      for (std::size_t i = 0; i < mixed.words.size(); ++i) {
        const auto id = fixture.model.vocabulary.Find(mixed.words[i].word);
        Vector expected(local.vector(i).begin(), local.vector(i).end());
        testing::ToUnit(expected);
        const bool has_local = std::any_of(expected.begin(), expected.end(), [](double x) { return x != 0; });
        if (id.has_value()) {
          Vector global = testing::UnitRow(fixture.global.row(corpora::Index(*id)), true);
          Vector own = testing::UnitRow(fixture.table.words.row(corpora::Index(*id)), unit_rows);
          if (inputs.direction) {
            const Vector right = testing::UnitRow(fixture.table.extended.row(corpora::Index(*id)), unit_rows);
            for (std::size_t j = 0; j < kDim; ++j) own[j] += right[j];
          }
          testing::ToUnit(own);
          for (std::size_t j = 0; j < kDim; ++j) global[j] += 1.5 * own[j];
          testing::ToUnit(global);
          const double a = has_local ? 0.3 : 1;
          for (std::size_t j = 0; j < kDim; ++j) expected[j] = a * global[j] + (1 - a) * expected[j];
        }
        ExpectNear(mixed.vector(i), expected, 1e-5, std::string(mixed.words[i].word));
      }
    }
  }
}

TEST(UnitParts, MakeTheOwnWeightIndependentOfTheScaleOfTheGlobalContext) {
  Fixture fixture({});
  const ConecVectorOptions options{.own_weight = 1.5, .unit_parts = true};
  const auto before = ConecVectors(fixture.model, options);
  for (std::size_t i = 0; i < kWords; ++i) {
    for (float& value : fixture.global.row(i)) value *= static_cast<float>(i + 1);
  }
  const auto after = ConecVectors(fixture.model, options);
  const auto plain = ConecVectors(fixture.model, {.own_weight = 1.5});
  for (std::size_t i = 0; i < kWords; ++i) {
    ExpectNear(after->vectors.row(i), Vector(before->vectors.row(i).begin(), before->vectors.row(i).end()), 1e-5);
  }
  EXPECT_FALSE(SameBits(after->vectors, plain->vectors));
}

TEST(EncoderWithDirection, TheTrainedVectorOfAWordIsTheMeanOfItsTwoRows) {
  const Fixture fixture(kAll);
  const auto vectors = Word2vecVectors(fixture.model);
  ASSERT_TRUE(vectors.ok()) << vectors.status();
  ASSERT_EQ(vectors->vectors.rows, kWords);
  for (std::uint32_t i = 0; i < kWords; ++i) {
    Vector expected(kDim);
    for (std::size_t j = 0; j < kDim; ++j) {
      expected[j] =
          (static_cast<double>(fixture.table.words.row(i)[j]) + static_cast<double>(fixture.table.extended.row(i)[j])) /
          2;
    }
    ExpectNear(vectors->vectors.row(i), expected, 1e-6);
  }
}

TEST(EncoderWithExtendedInputs, RefusesAModelWithOtherRowsThanItsLayoutSays) {
  Fixture fixture(kAll);
  fixture.model.extended_input.rows -= 1;
  EXPECT_EQ(Encoder::Create(fixture.model, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec
