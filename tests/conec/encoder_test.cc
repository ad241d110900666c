#include "conec/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <thread>
#include <tuple>

#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;
using testing::ExpectNear;
using testing::Vector;
using testing::Vectors;

constexpr std::size_t kWords = 25;  // "w0" to "w24" are known
constexpr std::size_t kDim = 14;

// Words in segments.
using Text = std::vector<std::vector<std::string>>;

Document MakeDocument(const Text& text) {
  Document document;
  for (const auto& segment : text) {
    for (const std::string& word : segment) document.AddToken(word);
    document.EndSegment();
  }
  return document;
}

// About a third of the words are unknown: "w25" to "w39".
Text RandomText(std::uint64_t seed, std::size_t segments) {
  PhiloxStream random(seed, 9);
  Text text(segments);
  for (auto& segment : text) {
    const std::uint32_t length = 1 + random.Below(25);
    for (std::uint32_t i = 0; i < length; ++i) segment.push_back("w" + std::to_string(random.Below(40)));
  }
  return text;
}

Model MakeModel(const ContextOptions& context = {}) {
  struct Tables {
    Matrix<float> input = testing::RandomTable(1, kWords, kDim);
    Matrix<float> global = testing::RandomTable(2, kWords, kDim);
  };
  const auto tables = std::make_shared<const Tables>();
  Model model;
  model.vocabulary = testing::NumberedWords(kWords);
  model.input = tables->input.view();
  model.global_context = tables->global.view();
  model.info.context = context;
  model.owner = tables;
  return model;
}

Encoder MakeEncoder(const EncoderOptions& options, const Model& model = MakeModel()) {
  auto encoder = Encoder::Create(model, options);
  EXPECT_TRUE(encoder.ok()) << encoder.status();
  return *std::move(encoder);
}

Encoding Words(const Encoder& encoder, const Text& text, Document& document) {
  document = MakeDocument(text);
  Encoding encoding;
  EXPECT_TRUE(encoder.EncodeWords(document, encoding).ok());
  return encoding;
}

// The vectors by word; for words whose vectors are compared after the document is gone.
std::map<std::string, std::vector<float>> ByWord(const Encoder& encoder, const Text& text) {
  Document document;
  const Encoding encoding = Words(encoder, text, document);
  std::map<std::string, std::vector<float>> vectors;
  for (std::size_t i = 0; i < encoding.words.size(); ++i) {
    const std::span<const float> vector = encoding.vector(i);
    vectors[std::string(encoding.words[i].word)] = {vector.begin(), vector.end()};
  }
  return vectors;
}

// The context vector x of one occurrence, over the vocabulary.
Vector NaiveContext(const Model& model, const std::vector<std::string>& segment, std::size_t at,
                    const ContextOptions& options, bool keep_gaps) {
  Vector context(kWords);
  for (const int direction : {-1, 1}) {
    std::size_t distance = 0;
    for (auto q = static_cast<std::ptrdiff_t>(at) + direction;
         q >= 0 && q < static_cast<std::ptrdiff_t>(segment.size()); q += direction) {
      const auto id = model.vocabulary.Find(segment[static_cast<std::size_t>(q)]);
      if (!id && !keep_gaps) continue;
      if (++distance > static_cast<std::size_t>(options.window)) break;
      if (id) context[corpora::Index(*id)] += testing::Weight(options, distance);
    }
  }
  return context;
}

struct NaiveResult {
  Vector vector;
  bool found_context = false;
};

// eq. 7.1 with the rules of encoder.h, for the occurrences whose context vectors are given.
NaiveResult NaiveEncode(const Model& model, const std::string& word, const Vectors& contexts, double a,
                        double own_weight, const ContextOptions& local, bool unit_length) {
  Vector sum(kWords);
  for (const Vector& context : contexts) {
    for (std::size_t i = 0; i < kWords; ++i) sum[i] += context[i];
  }
  const double largest = *std::max_element(sum.begin(), sum.end());
  const double divisor = local.scaling == ContextScaling::kCount ? static_cast<double>(contexts.size()) : largest;
  const Vectors rows = testing::UnitRows(model.input, local.unit_rows);
  NaiveResult result{Vector(kDim), largest > 0};
  const auto id = model.vocabulary.Find(word);
  double weight = 0;
  if (id) {
    weight = largest > 0 ? a : 1;
    const Vector own = testing::UnitRow(model.input.row(corpora::Index(*id)), model.info.context.unit_rows);
    const std::span<const float> global = model.global_context.row(corpora::Index(*id));
    for (std::size_t j = 0; j < kDim; ++j) result.vector[j] = weight * (global[j] + own_weight * own[j]);
    result.found_context = true;
  }
  for (std::size_t i = 0; i < kWords && largest > 0; ++i) {
    for (std::size_t j = 0; j < kDim; ++j) result.vector[j] += (1 - weight) * sum[i] / divisor * rows[i][j];
  }
  if (unit_length) testing::ToUnit(result.vector);
  return result;
}

using Parameters = std::tuple<ContextWeighting, ContextScaling, bool, bool, double>;

class EncoderLaws : public ::testing::TestWithParam<Parameters> {
 protected:
  EncoderLaws() {
    std::tie(context_.weighting, context_.scaling, context_.unit_rows, options_.keep_gaps, options_.global_weight) =
        GetParam();
    context_.window = 3;
    options_.own_weight = 0.7;
    model_ = MakeModel(context_);
  }
  NaiveResult Expected(const std::string& word, const Vectors& contexts) const {
    return NaiveEncode(model_, word, contexts, options_.global_weight, options_.own_weight, context_,
                       options_.unit_length);
  }
  ContextOptions context_;
  EncoderOptions options_;
  Model model_;
};

TEST_P(EncoderLaws, WordsAreTheNaiveMixOfGlobalAndLocalContexts) {
  for (const bool unit_length : {true, false}) {
    options_.unit_length = unit_length;
    const Encoder encoder = MakeEncoder(options_, model_);
    const Text text = RandomText(3, 12);
    std::map<std::string, Vectors> contexts;
    for (const auto& segment : text) {
      for (std::size_t i = 0; i < segment.size(); ++i) {
        contexts[segment[i]].push_back(NaiveContext(model_, segment, i, context_, *options_.keep_gaps));
      }
    }
    Document document;
    const Encoding encoding = Words(encoder, text, document);
    ASSERT_EQ(encoding.words.size(), contexts.size());
    for (std::size_t i = 0; i < encoding.words.size(); ++i) {
      const std::string word(encoding.words[i].word);
      const NaiveResult expected = Expected(word, contexts[word]);
      ExpectNear(encoding.vector(i), expected.vector, 1e-5, word);
      EXPECT_EQ(encoding.words[i].found_context, expected.found_context) << word;
      EXPECT_EQ(encoding.words[i].count, contexts[word].size()) << word;
      EXPECT_EQ(encoding.words[i].known, model_.vocabulary.Find(word).has_value()) << word;
    }
  }
}

TEST_P(EncoderLaws, TokensAreTheNaiveMixOfGlobalAndTheirOwnContexts) {
  const Encoder encoder = MakeEncoder(options_, model_);
  const Text text = RandomText(4, 8);
  const Document document = MakeDocument(text);
  Encoding encoding;
  ASSERT_TRUE(encoder.EncodeTokens(document, encoding).ok());
  std::size_t token = 0;
  for (const auto& segment : text) {
    for (std::size_t i = 0; i < segment.size(); ++i, ++token) {
      const NaiveResult expected =
          Expected(segment[i], {NaiveContext(model_, segment, i, context_, *options_.keep_gaps)});
      ExpectNear(encoding.vector(token), expected.vector, 1e-5, segment[i]);
      EXPECT_EQ(encoding.words[token].word, segment[i]);
      EXPECT_EQ(encoding.words[token].token, token);
      EXPECT_EQ(encoding.words[token].found_context, expected.found_context);
    }
  }
  EXPECT_EQ(encoding.words.size(), token);
}

TEST_P(EncoderLaws, VectorsDoNotDependOnOtherDocuments) {
  const Encoder encoder = MakeEncoder(options_, model_);
  const Document a = MakeDocument(RandomText(5, 6)), b = MakeDocument(RandomText(6, 9));
  Encoding first, reused;
  ASSERT_TRUE(encoder.EncodeWords(a, first).ok());
  ASSERT_TRUE(encoder.EncodeWords(b, reused).ok());
  ASSERT_TRUE(encoder.EncodeWords(a, reused).ok());
  EXPECT_EQ(first.vectors, reused.vectors);
  EXPECT_EQ(first.words.size(), reused.words.size());
}

TEST_P(EncoderLaws, OneEncoderServesManyThreadsWithTheSameBits) {
  const Encoder encoder = MakeEncoder(options_, model_);
  std::vector<Document> documents;
  std::vector<Encoding> expected(8), actual(8);
  for (std::size_t i = 0; i < 8; ++i) {
    documents.push_back(MakeDocument(RandomText(i, 10)));
    ASSERT_TRUE(encoder.EncodeWords(documents[i], expected[i]).ok());
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { ASSERT_TRUE(encoder.EncodeWords(documents[i], actual[i]).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(actual[i].vectors, expected[i].vectors);
}

INSTANTIATE_TEST_SUITE_P(All, EncoderLaws,
                         ::testing::Combine(::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Values(ContextScaling::kCount, ContextScaling::kMax),
                                            ::testing::Bool(), ::testing::Bool(), ::testing::Values(0.0, 0.6, 1.0)));

EncoderOptions Plain(double a) {
  EncoderOptions options;
  options.global_weight = a;
  options.unit_length = false;
  return options;
}

TEST(Encoder, WithWeightOneGivesKnownWordsTheirGlobalVectors) {
  const Model model = MakeModel();
  EncoderOptions options;
  options.global_weight = 1;
  options.own_weight = 2;
  const auto vectors = ByWord(MakeEncoder(options, model), RandomText(1, 60));
  const auto global = ConecVectors(model, {.own_weight = 2});
  for (std::uint32_t i = 0; i < kWords; ++i) {
    const auto found = vectors.find("w" + std::to_string(i));
    ASSERT_NE(found, vectors.end());
    const std::span<const float> row = global->vectors.row(i);
    EXPECT_EQ(found->second, std::vector<float>(row.begin(), row.end()));
  }
}

TEST(Encoder, MixesTheGlobalVectorsWithOutputWeightAsAllOthers) {
  Model model = MakeModel();
  const Matrix<float> output = testing::RandomTable(14, kWords, kDim);
  model.output = output.view();
  for (const bool unit_parts : {false, true}) {
    EncoderOptions options = Plain(0);
    options.unit_parts = unit_parts;
    const auto local = ByWord(MakeEncoder(options, model), RandomText(1, 60));
    options.global_weight = 0.3;
    options.own_weight = 2;
    options.output_weight = 0.5;
    const auto mixed = ByWord(MakeEncoder(options, model), RandomText(1, 60));
    const auto global = ConecVectors(
        model, {.own_weight = 2, .unit_parts = unit_parts, .output_weight = 0.5, .unit_length = unit_parts});
    for (const auto& [word, vector] : mixed) {
      const auto id = model.vocabulary.Find(word);
      Vector expected(local.at(word).begin(), local.at(word).end());
      for (std::size_t j = 0; j < kDim && id.has_value(); ++j) {
        expected[j] = 0.3 * global->vectors.row(corpora::Index(*id))[j] + 0.7 * expected[j];
      }
      ExpectNear(vector, expected, 1e-5, word);
    }
  }
}

TEST(Encoder, WithWeightZeroDoesNotLookAtTheGlobalContext) {
  Model model = MakeModel();
  const auto with = ByWord(MakeEncoder(Plain(0), model), RandomText(1, 10));
  model.global_context = {};
  EXPECT_EQ(with, ByWord(MakeEncoder(Plain(0), model), RandomText(1, 10)));
}

TEST(Encoder, IsLinearInTheGlobalWeightBeforeNormalisation) {
  const auto local = ByWord(MakeEncoder(Plain(0)), RandomText(1, 10));
  const auto global = ByWord(MakeEncoder(Plain(1)), RandomText(1, 10));
  for (const double a : {0.1, 0.6, 0.95}) {
    for (const auto& [word, vector] : ByWord(MakeEncoder(Plain(a)), RandomText(1, 10))) {
      Vector mixed(kDim);
      for (std::size_t j = 0; j < kDim; ++j) mixed[j] = a * global.at(word)[j] + (1 - a) * local.at(word)[j];
      ExpectNear(vector, mixed, 1e-5, word);
    }
  }
}

TEST(Encoder, TokensAveragedOverTheOccurrencesAreWords) {
  // Every token has a known neighbour, so that no fallback disturbs the average.
  const Text text{{"w1", "new", "w2", "w1", "w3"}, {"w2", "new", "w4"}, {"new", "w1", "w2"}};
  for (const double a : {0.0, 0.6}) {
    const Encoder encoder = MakeEncoder(Plain(a));
    const Document document = MakeDocument(text);
    Encoding tokens, words;
    ASSERT_TRUE(encoder.EncodeTokens(document, tokens).ok() && encoder.EncodeWords(document, words).ok());
    for (std::size_t i = 0; i < words.words.size(); ++i) {
      Vector mean(kDim);
      for (std::size_t k = 0; k < tokens.words.size(); ++k) {
        if (tokens.words[k].word != words.words[i].word) continue;
        for (std::size_t j = 0; j < kDim; ++j)
          mean[j] += static_cast<double>(tokens.vector(k)[j]) / words.words[i].count;
      }
      ExpectNear(words.vector(i), mean, 1e-5, std::string(words.words[i].word));
    }
  }
}

TEST(Encoder, GivesZeroAndSaysSoWhereNothingIsKnown) {
  for (const bool center : {false, true}) {
    EncoderOptions options;
    options.center = center;
    const Encoder encoder = MakeEncoder(options);
    const Document document = MakeDocument({{"alpha", "beta", "alpha"}, {"gamma"}});
    Encoding encoding;
    ASSERT_TRUE(encoder.EncodeWords(document, encoding).ok());
    ASSERT_EQ(encoding.words.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_FALSE(encoding.words[i].known);
      EXPECT_FALSE(encoding.words[i].found_context);
      for (const float value : encoding.vector(i)) EXPECT_EQ(value, 0);
    }
    std::vector<float> pooled(kDim, 1.0f);
    EXPECT_EQ(*encoder.EncodeDocument(document, pooled), 0u);
    EXPECT_EQ(pooled, std::vector<float>(kDim));
  }
}

TEST(Encoder, GivesAnEmptyDocumentNoWords) {
  const Encoder encoder = MakeEncoder({});
  Encoding encoding;
  ASSERT_TRUE(encoder.EncodeWords(Document(), encoding).ok());
  EXPECT_TRUE(encoding.words.empty());
  ASSERT_TRUE(encoder.EncodeTokens(Document(), encoding).ok());
  EXPECT_TRUE(encoding.words.empty());
  std::vector<float> pooled(kDim, 1.0f);
  EXPECT_EQ(*encoder.EncodeDocument(Document(), pooled), 0u);
  EXPECT_EQ(pooled, std::vector<float>(kDim));
}

TEST(Encoder, FallsBackToTheGlobalVectorWhereTheDocumentTellsNothing) {
  const Model model = MakeModel();
  const auto vectors = ByWord(MakeEncoder(Plain(0.3), model), {{"unknown", "w4", "strange"}});
  const std::span<const float> global = model.global_context.row(4);
  EXPECT_EQ(vectors.at("w4"), std::vector<float>(global.begin(), global.end()));
}

TEST(Encoder, FallsBackToTheLocalVectorWhereTheCorpusTellsNothing) {
  Model model = MakeModel();
  Matrix<float> global = testing::RandomTable(2, kWords, kDim);
  std::fill(global.row(4).begin(), global.row(4).end(), 0.0f);  // as of a word that has a vector but never occurred
  model.global_context = global.view();
  const Text text{{"w1", "w4", "w2"}};
  EXPECT_EQ(ByWord(MakeEncoder(Plain(0.9), model), text).at("w4"), ByWord(MakeEncoder(Plain(0), model), text).at("w4"));
}

TEST(Encoder, RemovesUnknownWordsFromWindowsOrKeepsTheirPlaces) {
  ContextOptions context;
  context.window = 1;
  context.unit_rows = false;
  const Model model = MakeModel(context);
  const Text text{{"w1", "x", "y", "w2"}};
  EncoderOptions options = Plain(0);
  const auto row = [&](std::size_t i) { return Vector(model.input.row(i).begin(), model.input.row(i).end()); };
  Vector both = row(1);
  for (std::size_t j = 0; j < kDim; ++j) both[j] += row(2)[j];
  options.keep_gaps = false;
  const auto removed = ByWord(MakeEncoder(options, model), text);
  ExpectNear(removed.at("w1"), row(2), 1e-6);
  ExpectNear(removed.at("x"), both, 1e-6);  // y is removed, x itself stays between w1 and w2
  ExpectNear(removed.at("y"), both, 1e-6);
  options.keep_gaps = true;
  const auto kept = ByWord(MakeEncoder(options, model), text);
  ExpectNear(kept.at("x"), row(1), 1e-6);
  ExpectNear(kept.at("y"), row(2), 1e-6);
  const std::span<const float> global = model.global_context.row(1);
  ExpectNear(kept.at("w1"), Vector(global.begin(), global.end()), 1e-6);  // nothing known within 1 word
}

TEST(Encoder, TakesGapsAndContextFromTheModelUnlessToldOtherwise) {
  ContextOptions context{2, ContextWeighting::kInverseDistance, ContextScaling::kMax, false};
  Model model = MakeModel(context);
  model.info.keep_gaps = true;
  const Text text = RandomText(2, 5);
  EncoderOptions told = Plain(0.5);
  told.local_context = context;
  told.keep_gaps = true;
  const auto expected = ByWord(MakeEncoder(told, model), text);
  EXPECT_EQ(ByWord(MakeEncoder(Plain(0.5), model), text), expected);
  told.keep_gaps = false;
  EXPECT_NE(ByWord(MakeEncoder(told, model), text), expected);
  told.keep_gaps = true;
  told.local_context->window = 1;
  EXPECT_NE(ByWord(MakeEncoder(told, model), text), expected);
}

TEST(Encoder, KnowsNoContextAcrossSegments) {
  const Encoder encoder = MakeEncoder(Plain(0));
  Document document;
  const Encoding encoding = Words(encoder, {{"w1"}, {"x"}, {"w2"}}, document);
  EXPECT_FALSE(encoding.words[1].found_context);
}

TEST(Encoder, EncodesOnlyUnknownWordsOnRequest) {
  EncoderOptions options;
  options.words = WordSelection::kOov;
  const Text text = RandomText(1, 10);
  const auto all = ByWord(MakeEncoder({}), text);
  const auto oov = ByWord(MakeEncoder(options), text);
  std::size_t unknown = 0;
  for (const auto& [word, vector] : all) {
    const bool known = std::stoul(word.substr(1)) < kWords;
    EXPECT_EQ(oov.contains(word), !known) << word;
    if (known) continue;
    EXPECT_EQ(oov.at(word), vector);
    ++unknown;
  }
  EXPECT_GT(unknown, 5u);
}

TEST(Encoder, PoolsADocumentAsTheMeanOverItsTokens) {
  const Text text = RandomText(8, 10);
  for (const bool unit_length : {true, false}) {
    EncoderOptions options;
    options.unit_length = unit_length;
    const Encoder encoder = MakeEncoder(options);
    Document document;
    const Encoding encoding = Words(encoder, text, document);
    Vector mean(kDim);
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < encoding.words.size(); ++i) {
      if (!encoding.words[i].found_context) continue;
      tokens += encoding.words[i].count;
      for (std::size_t j = 0; j < kDim; ++j)
        mean[j] += encoding.words[i].count * static_cast<double>(encoding.vector(i)[j]);
    }
    for (double& value : mean) value /= static_cast<double>(tokens);
    if (unit_length) testing::ToUnit(mean);
    std::vector<float> pooled(kDim);
    EXPECT_EQ(*encoder.EncodeDocument(document, pooled), tokens);
    ExpectNear(pooled, mean, 1e-5);
    std::vector<float> narrow(kDim - 1);
    EXPECT_EQ(encoder.EncodeDocument(document, narrow).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Encoder, SubtractsTheCommonDirectionFromUnitVectors) {
  const Model model = MakeModel();
  EncoderOptions options;
  options.own_weight = 0.5;
  const auto plain = ByWord(MakeEncoder(options, model), RandomText(1, 10));
  options.center = true;
  const std::vector<float> mean = *MeanConecVector(model, {.own_weight = 0.5});
  for (const auto& [word, vector] : ByWord(MakeEncoder(options, model), RandomText(1, 10))) {
    Vector expected(plain.at(word).begin(), plain.at(word).end());
    for (std::size_t j = 0; j < kDim; ++j) expected[j] -= mean[j];
    testing::ToUnit(expected);
    ExpectNear(vector, expected, 1e-4, word);
  }
}

TEST(Encoder, DescribesWordsInTheOrderOfTheirFirstOccurrence) {
  Document document;
  const Encoding encoding = Words(MakeEncoder({}), {{"b", "w1", "b"}, {"a", "w1", "b"}}, document);
  ASSERT_EQ(encoding.words.size(), 3u);
  EXPECT_EQ(encoding.words[0].word, "b");
  EXPECT_EQ(encoding.words[0].count, 3u);
  EXPECT_EQ(encoding.words[1].word, "w1");
  EXPECT_TRUE(encoding.words[1].known);
  EXPECT_EQ(encoding.words[1].token, 1u);
  EXPECT_EQ(encoding.words[2].word, "a");
  EXPECT_EQ(encoding.words[2].token, 3u);
  EXPECT_THAT(encoding.word_of_token, ::testing::ElementsAre(0, 1, 0, 2, 1, 0));
}

TEST(Encoder, TellsWhichTokensItLeftOut) {
  EncoderOptions options;
  options.words = WordSelection::kOov;
  const Encoder encoder = MakeEncoder(options);
  const Document document = MakeDocument({{"w1", "b", "w1", "a", "b"}});
  Encoding encoding;
  ASSERT_TRUE(encoder.EncodeWords(document, encoding).ok());
  constexpr std::size_t kNone = Encoding::kNotEncoded;
  EXPECT_THAT(encoding.word_of_token, ::testing::ElementsAre(kNone, 0, kNone, 1, 0));
  ASSERT_TRUE(encoder.EncodeTokens(document, encoding).ok());
  EXPECT_THAT(encoding.word_of_token, ::testing::ElementsAre(kNone, 0, kNone, 1, 2));
}

TEST(Encoder, PassesOnTheErrorOfAVisitor) {
  int calls = 0;
  const absl::Status status =
      MakeEncoder({}).EncodeTokens(MakeDocument({{"w1", "w2"}}), [&](const EncodedWord&, std::span<const float>) {
        ++calls;
        return ResourceExhausted("disk full");
      });
  EXPECT_EQ(status.message(), "disk full");
  EXPECT_EQ(calls, 1);
}

TEST(Encoder, RefusesOptionsOutOfRange) {
  const auto code = [](auto change) {
    EncoderOptions options;
    change(options);
    return Encoder::Create(MakeModel(), options).status().code();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code([](EncoderOptions&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(code([](EncoderOptions& o) { o.global_weight = 1.1; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.global_weight = -0.1; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([&](EncoderOptions& o) { o.global_weight = nan; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.own_weight = -1; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.own_weight = 1e300; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.own_weight = kMaxWeight; }), absl::StatusCode::kOk);
  EXPECT_EQ(code([](EncoderOptions& o) { o.output_weight = 1e300; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([&](EncoderOptions& o) { o.own_weight = nan; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.output_weight = -1; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([&](EncoderOptions& o) { o.output_weight = nan; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](EncoderOptions& o) { o.output_weight = 1; }), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code([](EncoderOptions& o) { o.local_context.emplace().window = 0; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Encoder::Create(Model(), {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Encoder, NeedsAGlobalContextUnlessItsWeightIsZero) {
  Model model = MakeModel();
  model.global_context = {};
  EXPECT_EQ(Encoder::Create(model, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Encoder::Create(model, Plain(0)).ok());
  EncoderOptions center = Plain(0);
  center.center = true;
  EXPECT_EQ(Encoder::Create(model, center).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Document, GoesOnWithASegmentThatAPieceLeftOpen) {
  tokenize::TokenBuffer first, second;
  for (const char* word : {"a", "b", "c"}) first.tokens.push_back({word, 0, 1});
  first.segment_ends = {2};
  for (const char* word : {"d", "e"}) second.tokens.push_back({word, 0, 1});
  second.segment_ends = {1, 2};
  Document document;
  document.AddToken("of the last document");
  document.Clear();
  document.Append(first);
  document.Append(second);
  EXPECT_EQ(document.size(), 5u);
  EXPECT_EQ(document.token(3), "d");
  EXPECT_THAT(document.segment_ends(), ::testing::ElementsAre(2, 4, 5));
}

TEST(Document, EndsASegmentInThePieceAfterIt) {
  tokenize::TokenBuffer first, second;
  first.tokens.push_back({"a", 0, 1});
  second.segment_ends = {0};  // the segment that the last piece left open ends before this piece's first token
  second.tokens.push_back({"b", 0, 1});
  Document document;
  document.Append(first);
  document.Append(second);
  document.EndSegment();
  document.EndSegment();
  EXPECT_THAT(document.segment_ends(), ::testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace conec
