#include "word2vec/similarity.h"

#include <gmock/gmock.h>

#include "tests/word2vec/word_vectors_testing.h"

namespace conec::word2vec {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

std::vector<WordPair> Parse(std::string_view text, const PairColumns& columns = {}) {
  auto pairs = ParseWordPairs(text, "p.txt", columns);
  EXPECT_TRUE(pairs.ok()) << text << pairs.status();
  return pairs.ok() ? *std::move(pairs) : std::vector<WordPair>{};
}

TEST(WordPairsTest, UsualLayoutsHoldTheSamePairs) {
  for (const char* text : {
           "love\tsex\t6.77\ntiger\tcat\t7.35\n",                                      // MEN, WS-353
           "love sex 6.77\ntiger   cat 7.35",                                          // MEN as published
           "Word 1,Word 2,Human (mean)\r\nlove,sex,6.77\r\ntiger,cat,7.35\r\n",        // WS-353 combined.csv
           "Word 1,Word 2,Human (mean),1,2\nlove,sex,6.77,9,6\ntiger,cat,7.35,9,7\n",  // its set1.csv
           "\"love\",\"sex\",\"6.77\"\n\"tiger\",\"cat\",\"7.35\"\n",                  //
           "\xEF\xBB\xBFlove;sex;6.77\n\ntiger; cat ;7.35\n",                          //
           "word1\tword2\tPOS\tSimLex999\tconc(w1)\nlove\tsex\tN\t6.77\t1.5\ntiger\tcat\tN\t7.35\t4\n",
           "love\tsex\tV\t6.77\tSYNONYMS\ntiger\tcat\tV\t7.35\tNONE\n",  // SimVerb-3500
           "# comment\nlove\tsex\t+6.77\ntiger\tcat\t735e-2\n",          //
       }) {
    const std::vector<WordPair> pairs = Parse(text);
    ASSERT_EQ(pairs.size(), 2u) << text;
    EXPECT_EQ(pairs[0].first + pairs[0].second + pairs[1].first + pairs[1].second, "lovesextigercat") << text;
    EXPECT_EQ(pairs[0].score, 6.77) << text;
    EXPECT_EQ(pairs[1].score, 7.35) << text;
  }
}

TEST(WordPairsTest, ColumnsCanBeNamed) {
  const auto pairs = Parse("1,0.5,7,love,sex\n2,0.25,8,tiger,cat\n", {.first = 4, .second = 5, .score = 2});
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[1].first, "tiger");
  EXPECT_EQ(pairs[1].second, "cat");
  EXPECT_EQ(pairs[1].score, 0.25);
  EXPECT_EQ(pairs[1].line, 2u);
}

TEST(WordPairsTest, ErrorsNameFileAndLine) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "p.txt: no pairs"},
      {"word1 word2 score\n", "p.txt:1: no pairs after this line"},
      {"love sex 6,77\n", "with a comma between columns, found 'love sex 6,77'"},
      {"love sex 6,77\ntiger cat 7.35\n",
       "with a comma between columns as in line 1 ('love sex 6,77'), found 'tiger cat 7.35'"},
      {"7.3\tlove\tsex\n7.5\ttiger\tcat\n",
       "columns 1, 2 and 3 (--columns), with a tab between columns as in line 1 ('7.3\tlove\tsex'), found '7.5\ttiger"},
      {"a b 1\nc d\n", "p.txt:2: expected two words and a number"},
      {"a b 1\nc d x\n", "p.txt:2: "},
      {"a b 1\n\nc d nan\n", "p.txt:3: "},
      {"a\tb\t1\n\tc\t2\n", "p.txt:2: "},
      {"a b c\nd e f\n", "p.txt:2: expected two words and a number in columns 1, 2 and 3"},
  };
  for (const auto& [text, message] : cases) {
    const auto status = ParseWordPairs(text, "p.txt").status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
  EXPECT_TRUE(absl::IsNotFound(ReadWordPairs("/nonexistent/p.txt").status()));
}

TEST(CorrelationTest, KnownValues) {
  const std::vector<double> x = {1, 2, 3, 4}, y = {10, 20, 30, 40}, z = {4, 3, 2, 1};
  EXPECT_THAT(PearsonCorrelation(x, y), Optional(DoubleNear(1, 1e-15)));
  EXPECT_THAT(PearsonCorrelation(x, z), Optional(DoubleNear(-1, 1e-15)));
  const std::vector<double> growing = {1, 10, 100, 1000};
  EXPECT_THAT(SpearmanCorrelation(x, growing), Optional(DoubleNear(1, 1e-15)));
  EXPECT_LT(*PearsonCorrelation(x, growing), 0.9);
}

TEST(CorrelationTest, EqualValuesShareTheirRank) {
  // Ranks 1, 2.5, 2.5, 4 and 1.5, 1.5, 3.5, 3.5: 3 / sqrt(4.5 * 4).
  EXPECT_THAT(SpearmanCorrelation(std::vector<double>{1, 2, 2, 3}, std::vector<double>{5, 5, 7, 7}),
              Optional(DoubleNear(3 / std::sqrt(18), 1e-15)));
}

TEST(CorrelationTest, WithoutVariationThereIsNone) {
  const std::vector<double> one = {1}, none, constant = {0.1, 0.1, 0.1}, rising = {1, 2, 3};
  EXPECT_THAT(PearsonCorrelation(none, none), Eq(std::nullopt));
  EXPECT_THAT(SpearmanCorrelation(one, one), Eq(std::nullopt));
  EXPECT_THAT(PearsonCorrelation(constant, rising), Eq(std::nullopt));
  EXPECT_THAT(SpearmanCorrelation(rising, constant), Eq(std::nullopt));
}

class SimilarityTest : public ::testing::Test {
 protected:
  SimilarityReport Evaluate(const SimilarityOptions& options) const {
    auto report = EvaluateSimilarity(vectors_, Parse(kPairs), options);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }

  // Cosines 1, 0.8, 0, and two pairs without.
  static constexpr std::string_view kPairs = "a B 9\na c 8\na d 1\na zero 5\na nowhere 10\n";
  const WordVectors vectors_ =
      MakeWordVectors({{"a", {1, 0}}, {"B", {7, 0}}, {"c", {4, 3}}, {"zero", {0, 0}}, {"b", {-1, 0}}, {"d", {0, 2}}});
};

TEST_F(SimilarityTest, PairsWithoutVectorsAreLeftOutOrZero) {
  const SimilarityReport skipped = Evaluate({});
  EXPECT_EQ(skipped.pairs, 5u);
  EXPECT_EQ(skipped.found, 3u);
  EXPECT_EQ(skipped.coverage(), 60);
  EXPECT_THAT(skipped.spearman, Optional(DoubleNear(1, 1e-12)));
  EXPECT_THAT(
      skipped.pearson,
      Optional(DoubleNear(*PearsonCorrelation(std::vector<double>{9, 8, 1}, std::vector<double>{1, 0.8, 0}), 1e-6)));
  const SimilarityReport zero = Evaluate({.unknown = UnknownPairs::kZero});
  EXPECT_EQ(zero.found, 3u);
  EXPECT_THAT(
      zero.pearson,
      Optional(DoubleNear(
          *PearsonCorrelation(std::vector<double>{9, 8, 1, 5, 10}, std::vector<double>{1, 0.8, 0, 0, 0}), 1e-6)));
}

TEST_F(SimilarityTest, OnlyTheFirstWordsAreKnown) {
  EXPECT_EQ(Evaluate({.restrict_vocabulary = 5}).found, 2u);
  EXPECT_EQ(Evaluate({.restrict_vocabulary = 1}).found, 0u);
  EXPECT_THAT(Evaluate({.restrict_vocabulary = 1}).spearman, Eq(std::nullopt));
}

TEST_F(SimilarityTest, CaseDecidesWhichWordIsMeant) {
  const auto lower = Evaluate({.normalize = FormOf(LetterCase::kLower)});
  EXPECT_LT(*lower.spearman, 1);  // b, the opposite of a
  const auto fold = Evaluate({.normalize = FormOf(LetterCase::kFold), .normalize_vocabulary = true});
  EXPECT_THAT(fold.spearman, Optional(DoubleNear(1, 1e-12)));  // B, which comes first
}

TEST_F(SimilarityTest, AWordIsExactlyAsSimilarToItselfAsAnyOther) {
  const WordVectors vectors = RandomWordVectors(50, 7, 3);
  std::string text;
  for (int i = 0; i < 50; ++i) text += fmt::format("w{} w{} 10\n", i, i);
  const auto report = EvaluateSimilarity(vectors, Parse(text + "w0 w1 5\nw2 w3 5\n"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GT(*report->spearman, 0.999);  // fifty ties; the two others differ from each other
}

TEST_F(SimilarityTest, WhatCannotBeComparedIsAnError) {
  EXPECT_TRUE(absl::IsInvalidArgument(EvaluateSimilarity({}, Parse(kPairs)).status()));
  const WordVectors infinite = MakeWordVectors({{"a", {INFINITY, 0}}, {"B", {7, 0}}});
  EXPECT_TRUE(absl::IsInvalidArgument(EvaluateSimilarity(infinite, Parse(kPairs)).status()));
}

TEST(UnknownPairsTest, NamesParseBack) {
  for (const auto policy : {UnknownPairs::kSkip, UnknownPairs::kZero}) {
    EXPECT_EQ(*ParseUnknownPairs(Name(policy)), policy);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseUnknownPairs("drop").status()));
}

}  // namespace
}  // namespace conec::word2vec
