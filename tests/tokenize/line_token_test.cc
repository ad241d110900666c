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

class LineToken : public ::testing::TestWithParam<TokenizerKind> {
 protected:
  static TokenizerOptions Options(std::string token = "</s>") {
    TokenizerOptions options;
    options.kind = GetParam();
    options.segments = SegmentBoundary::kDocument;
    options.line_token = std::move(token);
    return options;
  }
};

TEST_P(LineToken, StandsForEveryLineBreakAsInWord2vecC) {
  EXPECT_EQ(SegmentsOf(Options(), "a b\nc\n"), (Segments{{"a", "b", "</s>", "c", "</s>"}}));
  EXPECT_EQ(SegmentsOf(Options(), "a b\nc"), (Segments{{"a", "b", "</s>", "c"}}));
  EXPECT_EQ(SegmentsOf(Options(), "\na\n\n"), (Segments{{"</s>", "a", "</s>", "</s>"}}));
  EXPECT_EQ(SegmentsOf(Options(), "\n"), (Segments{{"</s>"}}));
  EXPECT_EQ(SegmentsOf(Options(), ""), Segments{});
}

TEST_P(LineToken, CountsEveryKindOfLineBreakOnce) {
  EXPECT_THAT(TokensOf(Options("|"), "a\r\nb\rc\u0085d\u2028e\u2029f\n\rg"),
              ElementsAre("a", "|", "b", "|", "c", "|", "d", "|", "e", "|", "f", "|", "|", "g"));
}

TEST_P(LineToken, HasTheOffsetsOfTheLineBreak) {
  const std::string text = "a\r\nb \n c\u2028" + std::string(70, ' ') + "\r\nd";
  TokenBuffer buffer;
  ASSERT_TRUE(MakeTokenizer(Options())->Tokenize(text, true, buffer).ok());
  std::vector<std::string> surfaces;
  for (const Token& token : buffer.tokens) {
    if (token.text == "</s>") surfaces.push_back(text.substr(token.begin, token.end - token.begin));
  }
  EXPECT_THAT(surfaces, ElementsAre("\r\n", "\n", "\u2028", "\r\n"));
}

// As every token that is not in the input: the tokenizer may be gone before the buffer is.
TEST_P(LineToken, LiesInTheBuffer) {
  const auto tokenizer = MakeTokenizer(Options());
  TokenBuffer first, second;
  ASSERT_TRUE(tokenizer->Tokenize("\na\n", true, first).ok());
  ASSERT_TRUE(tokenizer->Tokenize("\na\n", true, second).ok());
  for (const std::size_t i : {0u, 2u}) {
    EXPECT_EQ(first.tokens[i].text, second.tokens[i].text);
    EXPECT_NE(first.tokens[i].text.data(), second.tokens[i].text.data());
  }
}

TEST_P(LineToken, IsWrittenAsItStands) {
  TokenizerOptions options = Options("<EOS1>");
  options.fold_digits = true;
  EXPECT_THAT(TokensOf(options, "a\n"), ElementsAre("a", "<EOS1>"));
  EXPECT_EQ(*NormalizeWord(options, "<EOS1>"), "<EOS1>");
  EXPECT_EQ(*NormalizeWord(options, "EOS1"), GetParam() == TokenizerKind::kWhitespace ? "EOS0" : "eos0");
}

// Without it, the tokens are the same but for the line tokens; in pieces, they are those of the whole.
TEST_P(LineToken, ChangesNothingElseAndPiecesGiveTheWhole) {
  const std::vector<std::string> parts = {"a",      "Word",   "é",  " ",     "  ",     "\t", "\n", "\n\n", "\r\n",
                                          "\u3000", "\u2028", "中", "3.14.", "\u0085", "\r", "«",  "it's"};
  PhiloxStream random(6);
  const auto with = MakeTokenizer(Options("|"));
  const auto without = MakeTokenizer(Options(""));
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint32_t n = random.Below(random.Below(4) == 0 ? 120 : 20); n > 0; --n) {
      text += parts[random.Below(static_cast<std::uint32_t>(parts.size()))];
    }
    std::size_t line_breaks = 0;
    for (LineBreak next = FindLineBreak(text, 0); next.begin < text.size(); next = FindLineBreak(text, next.end)) {
      ++line_breaks;
    }
    const Segments whole = SegmentsOf(*with, text);
    ASSERT_EQ(SegmentsOfPieces(*with, CutAfterLineFeeds(text)), whole) << ::testing::PrintToString(text);
    std::vector<std::string> words = whole.empty() ? std::vector<std::string>() : whole[0];
    ASSERT_EQ(std::erase(words, "|"), line_breaks) << ::testing::PrintToString(text);
    const Segments plain = SegmentsOf(*without, text);
    ASSERT_EQ(words, plain.empty() ? std::vector<std::string>() : plain[0]) << ::testing::PrintToString(text);
  }
}

TEST_P(LineToken, IsRefusedWhereItCouldNotStand) {
  const auto error = [](const TokenizerOptions& options) {
    const absl::Status status = Tokenizer::Create(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(error(Options("end of line")), HasSubstr("white space"));
  EXPECT_THAT(error(Options("\u3000")), HasSubstr("white space"));
  EXPECT_THAT(error(Options("\xFF")), HasSubstr("UTF-8"));
  TokenizerOptions options = Options();
  options.segments = SegmentBoundary::kLine;
  EXPECT_THAT(error(options), HasSubstr("--segments document"));
  options = Options();
  options.join_lines = true;
  EXPECT_THAT(error(options), HasSubstr("--join-lines"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, LineToken,
                         ::testing::Values(TokenizerKind::kIcu, TokenizerKind::kWhitespace,
                                           TokenizerKind::kPretokenized),
                         [](const auto& test) { return std::string(Name(test.param)); });

}  // namespace
}  // namespace conec::tokenize
