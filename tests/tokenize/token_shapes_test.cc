#include "tokenize/token_shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/tokenize/tokenize_testing.h"

namespace conec::tokenize {
namespace {

// Shapes as text: the letter of the case (n l c u i m # x), with ! before it for the first of a sentence.
std::string Spell(const std::vector<WordShape>& shapes) {
  std::string text;
  for (const WordShape shape : shapes) {
    const auto value = static_cast<unsigned>(shape);
    if (!text.empty()) text += ' ';
    if (value % 2 == 1) text += '!';
    text += "nlcuim#x"[value / 2];
  }
  return text;
}

std::vector<WordShape> ShapesOfPieces(Tokenizer& tokenizer, const TokenizerOptions& options,
                                      const std::vector<std::string_view>& pieces) {
  TokenBuffer buffer;
  SentenceStarts starts;
  std::vector<WordShape> all, shapes;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    EXPECT_TRUE(tokenizer.Tokenize(pieces[p], p + 1 == pieces.size(), buffer).ok());
    starts.Add(ReadTokenShapes(options, pieces[p], buffer, &shapes), shapes);
    EXPECT_EQ(shapes.size(), buffer.tokens.size());
    all.insert(all.end(), shapes.begin(), shapes.end());
  }
  return all;
}

std::string ShapesOf(const TokenizerOptions& options, std::string_view text) {
  const auto tokenizer = MakeTokenizer(options);
  return Spell(ShapesOfPieces(*tokenizer, options, {text}));
}

TokenizerOptions Options(TokenizerKind kind, SegmentBoundary segments, bool join_lines = false) {
  TokenizerOptions options;
  options.kind = kind;
  options.segments = segments;
  options.join_lines = join_lines;
  return options;
}

TEST(TokenShapes, AreThoseOfTheTextBeforeFolding) {
  TokenizerOptions options;
  options.fold_digits = true;
  EXPECT_EQ(ShapesOf(options, "The iPhone in NATO, 1996: x86 I. 中"), "!c m l u # x i !n");
  options.kind = TokenizerKind::kPretokenized;
  EXPECT_EQ(ShapesOf(options, "The iPhone in NATO , 1996"), "!c m l u n #");
}

TEST(TokenShapes, FirstWordsAreThoseOfSegments) {
  EXPECT_EQ(ShapesOf(Options(TokenizerKind::kIcu, SegmentBoundary::kSentence), "One two. Three\n\nfour"), "!c l !c !l");
  EXPECT_EQ(ShapesOf(Options(TokenizerKind::kIcu, SegmentBoundary::kLine), "One two. Three\n\nfour"), "!c l c !l");
  EXPECT_EQ(ShapesOf(Options(TokenizerKind::kWhitespace, SegmentBoundary::kSentence), "One two. Three\nfour"),
            "!c l c !l");
  EXPECT_EQ(ShapesOf(Options(TokenizerKind::kWhitespace, SegmentBoundary::kLine, true), "One\ntwo\n\nfour"), "!c l !l");
}

TEST(TokenShapes, FirstWordsOfWholeDocumentsAreThoseOfLines) {
  for (const TokenizerKind kind : {TokenizerKind::kIcu, TokenizerKind::kWhitespace, TokenizerKind::kPretokenized}) {
    EXPECT_EQ(ShapesOf(Options(kind, SegmentBoundary::kDocument), "One two\nThree\r\n\r\nfour\u2028five"),
              "!c l !c !l !l");
    EXPECT_EQ(ShapesOf(Options(kind, SegmentBoundary::kDocument, true), "One\ntwo\n \nThree\nfour"), "!c l !c l");
  }
}

TEST(TokenShapes, LineTokensHaveNoCaseAndEndSentences) {
  for (const TokenizerKind kind : {TokenizerKind::kIcu, TokenizerKind::kWhitespace, TokenizerKind::kPretokenized}) {
    TokenizerOptions options = Options(kind, SegmentBoundary::kDocument);
    options.line_token = "EOS";
    EXPECT_EQ(ShapesOf(options, "\nOne two\nThree\n\nfour"), "n !c l n !c n n !l");
  }
}

TEST(TokenShapes, TokensOfOneCompatibilityFormShareTheirCase) {
  TokenizerOptions options = Options(TokenizerKind::kIcu, SegmentBoundary::kDocument);
  options.normalization = Normalization::kNfkc;
  EXPECT_EQ(ShapesOf(options, "a \uFDFA b"), "!l n n n n l");
}

TEST(TokenShapes, PiecesCutAfterLineBreaksGiveThoseOfTheWhole) {
  const std::vector<std::string> parts = {"a",  "Word", "É. ",  "1",      " ",      " ",  "\t",
                                          "\n", "\n\n", "\r\n", "\u3000", "\u2028", "中", "NATO"};
  PhiloxStream random(7);
  for (int i = 0; i < 30000; ++i) {
    TokenizerOptions options = Options(static_cast<TokenizerKind>(random.Below(3)),
                                       static_cast<SegmentBoundary>(random.Below(3)), random.Below(2) == 0);
    const bool may_have_line_token = options.segments == SegmentBoundary::kDocument && !options.join_lines;
    if (may_have_line_token && random.Below(2) == 0) options.line_token = "</s>";
    // With lines joined, a sentence that ends at a line break may run on across a cut (tokenizer.h).
    if (options.join_lines && options.segments == SegmentBoundary::kSentence) options.kind = TokenizerKind::kWhitespace;
    const auto tokenizer = MakeTokenizer(options);
    std::string text;
    for (std::uint32_t n = random.Below(20); n > 0; --n) {
      text += parts[random.Below(static_cast<std::uint32_t>(parts.size()))];
    }
    ASSERT_EQ(Spell(ShapesOfPieces(*tokenizer, options, CutAfterLineFeeds(text))),
              Spell(ShapesOfPieces(*tokenizer, options, {text})))
        << ::testing::PrintToString(text) << Name(options.kind) << Name(options.segments) << options.join_lines;
  }
}

// A cut in white space inside a line begins no sentence; one after a line break in white space does.
TEST(TokenShapes, ACutIsNoSentenceBoundaryByItself) {
  for (const SegmentBoundary segments : {SegmentBoundary::kLine, SegmentBoundary::kDocument}) {
    const TokenizerOptions options = Options(TokenizerKind::kWhitespace, segments);
    const auto tokenizer = MakeTokenizer(options);
    EXPECT_EQ(Spell(ShapesOfPieces(*tokenizer, options, {"a b ", "c\nd"})), "!l l l !l");
    EXPECT_EQ(Spell(ShapesOfPieces(*tokenizer, options, {"a b\n", " ", "c"})), "!l l !l");
    EXPECT_EQ(Spell(ShapesOfPieces(*tokenizer, options, {"a b ", "\n ", "c"})), "!l l !l");
    EXPECT_EQ(Spell(ShapesOfPieces(*tokenizer, options, {" ", "c"})), "!l");
  }
}

}  // namespace
}  // namespace conec::tokenize
