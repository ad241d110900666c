#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/tokenize/tokenize_testing.h"
#include "tokenize/characters.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TokenizerOptions Pretokenized() {
  TokenizerOptions options;
  options.kind = TokenizerKind::kPretokenized;
  return options;
}

TEST(Pretokenized, SplitsAtWhiteSpaceOnlyAndLeavesNothingOut) {
  EXPECT_THAT(TokensOf(Pretokenized(), "U.N. ' s -- 3,000\u00A0New-York ) 中文字"),
              ElementsAre("u.n.", "'", "s", "--", "3,000", "new-york", ")", "中文字"));
}

TEST(Pretokenized, FoldsAsTheIcuTokenizerDoes) {
  TokenizerOptions options = Pretokenized();
  EXPECT_THAT(TokensOf(options, "STRASSE Straße E\u0301 İ"), ElementsAre("strasse", "strasse", "é", "i\u0307"));
  options.fold_case = false;
  EXPECT_THAT(TokensOf(options, "Word E\u0301"), ElementsAre("Word", "É"));
  options.fold_digits = true;
  EXPECT_THAT(TokensOf(options, "1996-08-22 ٣x"), ElementsAre("0000-00-00", "0x"));
  options.locale = "tr";
  options.fold_case = true;
  EXPECT_THAT(TokensOf(options, "ISI İ"), ElementsAre("ısı", "i"));
}

TEST(Pretokenized, TakesSentencesAsLines) {
  EXPECT_EQ(SegmentsOf(Pretokenized(), "A b . C\nd\n\nE"), (Segments{{"a", "b", ".", "c"}, {"d"}, {"e"}}));
}

TEST(Pretokenized, GivesTheCanonicalFormWhereTheCompatibilityFormHoldsWhiteSpace) {
  TokenizerOptions options = Pretokenized();
  options.normalization = Normalization::kNfkc;
  EXPECT_THAT(TokensOf(options, "ﬁX ´ A\u0301´ \uFDFA ①´"), ElementsAre("fix", "´", "á´", "\uFDFA", "①´"));
  options.normalization = Normalization::kNfkd;
  EXPECT_THAT(TokensOf(options, "É É´"), ElementsAre("e\u0301", "e\u0301´"));
}

TEST(Pretokenized, OffsetsAreThoseOfTheWordsInTheText) {
  const std::string text = " AB\u3000cdÉ \nF";
  const auto tokenizer = MakeTokenizer(Pretokenized());
  TokenBuffer buffer;
  ASSERT_TRUE(tokenizer->Tokenize(text, true, buffer).ok());
  std::vector<std::string> surfaces;
  for (const Token& token : buffer.tokens) surfaces.push_back(text.substr(token.begin, token.end - token.begin));
  EXPECT_THAT(surfaces, ElementsAre("AB", "cdÉ", "F"));
}

// Random words of everything that changes under normalisation.
const std::vector<std::string> kParts = {"a", "Word", "É", "e\u0301", "\u0301", "´", "\uFDFA", "①", "ﬁ", "1",
                                         "٣", "ϓ",    "ß", "İ",       "가",     "½", "\u00AD", "¨", "Σ", "𝟏"};

TEST(Pretokenized, IsThatOfTheWhitespaceTokenizerWordByWordAndIdempotent) {
  PhiloxStream random(5);
  for (int i = 0; i < 20000; ++i) {
    TokenizerOptions options = Pretokenized();
    options.normalization = static_cast<Normalization>(random.Below(5));
    options.fold_case = random.Below(2) == 0;
    options.fold_digits = random.Below(2) == 0;
    std::string text;
    for (std::uint32_t n = random.Below(12); n > 0; --n) {
      text += kParts[random.Below(static_cast<std::uint32_t>(kParts.size()))];
      if (random.Below(3) == 0) text += random.Below(4) == 0 ? "\n" : " ";
    }
    TokenizerOptions plain = options;
    plain.kind = TokenizerKind::kWhitespace;
    plain.fold_digits = false;
    const Segments got = SegmentsOf(options, text), as_it_stands = SegmentsOf(plain, text);
    ASSERT_EQ(got.size(), as_it_stands.size());
    for (std::size_t s = 0; s < got.size(); ++s) {
      ASSERT_EQ(got[s].size(), as_it_stands[s].size());
      for (std::size_t t = 0; t < got[s].size(); ++t) {
        ASSERT_FALSE(got[s][t].empty());
        ASSERT_FALSE(HoldsWhiteSpace(got[s][t]));
        ASSERT_EQ(got[s][t], *NormalizeWord(options, as_it_stands[s][t]));
        ASSERT_EQ(got[s][t], *NormalizeWord(options, got[s][t]));
      }
    }
  }
}

TEST(Pretokenized, RefusesInvalidUtf8AndBadLocales) {
  TokenBuffer buffer;
  const absl::Status status = MakeTokenizer(Pretokenized())->Tokenize("abc \xE2\x82 d", true, buffer);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte offset 4"));
  TokenizerOptions options = Pretokenized();
  options.locale = "???";
  EXPECT_EQ(Tokenizer::Create(options).status().code(), absl::StatusCode::kInvalidArgument);
}

// The error of one word does not stay with the tokenizer.
TEST(Pretokenized, RefusesWordsThatAreTooLongToNormalise) {
  std::string text;
  while (text.size() <= (std::size_t{1} << 25)) text += "E\u0301E\u0301E\u0301E\u0301";
  const auto tokenizer = MakeTokenizer(Pretokenized());
  TokenBuffer buffer;
  EXPECT_EQ(tokenizer->Tokenize("a " + text + " b", true, buffer).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(tokenizer->Tokenize("a b", true, buffer).ok());
}

}  // namespace
}  // namespace conec::tokenize
