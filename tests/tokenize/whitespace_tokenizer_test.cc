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
using ::testing::IsEmpty;

TokenizerOptions Whitespace(SegmentBoundary segments = SegmentBoundary::kLine) {
  TokenizerOptions options;
  options.kind = TokenizerKind::kWhitespace;
  options.segments = segments;
  return options;
}

TEST(WhitespaceTokenizer, SplitsAtEveryWhiteSpaceCharacterOfUnicode) {
  for (const char* space : {" ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00A0", "\u1680",
                            "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
                            "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"}) {
    EXPECT_THAT(TokensOf(Whitespace(), std::string("ab") + space + "cd"), ElementsAre("ab", "cd"))
        << ::testing::PrintToString(space);
  }
}

TEST(WhitespaceTokenizer, DoesNotSplitAtCharactersThatShareALeadByteWithWhiteSpace) {
  for (const char* character : {"\u0084", "\u00A1", "\u1681", "\u180E", "\u200B", "\u2010", "\u2030", "\u2060",
                                "\u2027", "\u3001", "é", "😀", "\x01"}) {
    const std::string word = std::string("ab") + character + "cd";
    EXPECT_THAT(TokensOf(Whitespace(), word), ElementsAre(word));
  }
}

TEST(WhitespaceTokenizer, KeepsWordsAsTheyStand) {
  EXPECT_THAT(TokensOf(Whitespace(), "  Don't -- e\u0301 É 3.14, ﬁ"),
              ElementsAre("Don't", "--", "e\u0301", "É", "3.14,", "ﬁ"));
}

TEST(WhitespaceTokenizer, TokensPointIntoTheInput) {
  const std::string text = " ab\u3000cdé \nf";
  const auto tokenizer = MakeTokenizer(Whitespace());
  TokenBuffer buffer;
  ASSERT_TRUE(tokenizer->Tokenize(text, true, buffer).ok());
  ASSERT_EQ(buffer.tokens.size(), 3u);
  for (const Token& token : buffer.tokens) {
    EXPECT_EQ(token.text.data(), text.data() + token.begin);
    EXPECT_EQ(token.text.size(), token.end - token.begin);
  }
}

TEST(WhitespaceTokenizer, FoldsTheDigitsOfAllScriptsOnlyWhenAsked) {
  TokenizerOptions options = Whitespace();
  EXPECT_THAT(TokensOf(options, "a1 ٣٤"), ElementsAre("a1", "٣٤"));
  options.fold_digits = true;
  // Arabic-Indic, Devanagari, full width, mathematical bold; a superscript and a Roman numeral are no decimal digits.
  EXPECT_THAT(TokensOf(options, "a1b29 00 ٣٤ ९x １２ 𝟏𝟐 x² Ⅷ"),
              ElementsAre("a0b00", "00", "00", "0x", "00", "00", "x²", "Ⅷ"));
}

TEST(WhitespaceTokenizer, EndsSegmentsAtLineBreaks) {
  const Segments expected = {{"a", "b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}};
  EXPECT_EQ(SegmentsOf(Whitespace(), "\n a b\n\n  \nc\r\nd\re\u0085f\u2029g\n"), expected);
  EXPECT_EQ(SegmentsOf(Whitespace(SegmentBoundary::kSentence), "a. b\nc"), (Segments{{"a.", "b"}, {"c"}}));
  EXPECT_EQ(SegmentsOf(Whitespace(SegmentBoundary::kDocument), "a\nb\n\nc"), (Segments{{"a", "b", "c"}}));
}

TEST(WhitespaceTokenizer, JoinedLinesEndSegmentsAtEmptyLines) {
  TokenizerOptions options = Whitespace();
  options.join_lines = true;
  EXPECT_EQ(SegmentsOf(options, "a\nb \r\nc\n\nd\n \t\ne\r\n\r\nf\r\r\ng"),
            (Segments{{"a", "b", "c"}, {"d"}, {"e"}, {"f"}, {"g"}}));
}

TEST(WhitespaceTokenizer, AnUnfinishedDocumentLeavesItsLastSegmentOpen) {
  const auto tokenizer = MakeTokenizer(Whitespace());
  TokenBuffer buffer;
  ASSERT_TRUE(tokenizer->Tokenize("a b\nc d ", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, ElementsAre(2));
  ASSERT_TRUE(tokenizer->Tokenize("a b\nc d \n", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, ElementsAre(2, 4));
  EXPECT_FALSE(buffer.starts_with_boundary);
  ASSERT_TRUE(tokenizer->Tokenize(" \n\n a", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, IsEmpty());
  EXPECT_TRUE(buffer.starts_with_boundary);
  ASSERT_TRUE(tokenizer->Tokenize(" ", true, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, IsEmpty());
}

TEST(WhitespaceTokenizer, PiecesGiveTheSegmentsOfTheWhole) {
  PhiloxStream random(3);
  const std::vector<std::string> parts = {"a", "b1", "é", " ", "\t", "\n", "\n\n", "\r\n", "\u3000", "\u2028"};
  for (int i = 0; i < 20000; ++i) {
    TokenizerOptions options = Whitespace(static_cast<SegmentBoundary>(random.Below(3)));
    options.join_lines = random.Below(2) == 0;
    const auto tokenizer = MakeTokenizer(options);
    std::string text;
    for (std::uint32_t n = random.Below(20); n > 0; --n) {
      text += parts[random.Below(static_cast<std::uint32_t>(parts.size()))];
    }
    ASSERT_EQ(SegmentsOfPieces(*tokenizer, CutAfterLineFeeds(text)), SegmentsOf(*tokenizer, text))
        << ::testing::PrintToString(text) << Name(options.segments) << options.join_lines;
  }
}

// The definition, character by character.
Segments PlainSegments(const std::string& text, bool join_lines) {
  Segments segments;
  int line_breaks = 2;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = DecodeAt(text, i);
    const Space space = SpaceOf(character.code_point);
    if (space == Space::kNone) {
      if (line_breaks >= (join_lines ? 2 : 1) || segments.empty()) segments.emplace_back();
      if (!in_word) segments.back().emplace_back();
      segments.back().back() += text.substr(i, character.length);
      line_breaks = 0;
    }
    in_word = space == Space::kNone;
    const bool is_second_half = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
    if (space == Space::kLineBreak && !is_second_half) ++line_breaks;
    i += character.length;
  }
  return segments;
}

TEST(WhitespaceTokenizer, ReadsLongTextsAsItReadsCharacters) {
  const std::vector<std::string> parts = {"a",      "word",   "é",  "–",  "中",   "й",    " ",    " ",
                                          " ",      "  ",     "\t", "\n", "\r\n", "\r",   "\n\n", "\u3000",
                                          "\u0085", "\u00A0", "\v", "\f", "\x1C", "\x08", "\x0E"};
  PhiloxStream random(4);
  for (int i = 0; i < 20000; ++i) {
    TokenizerOptions options = Whitespace();
    options.join_lines = random.Below(2) == 0;
    // Some texts without characters outside ASCII, so that whole blocks are ASCII.
    const std::uint32_t rare = random.Below(3) == 0 ? 1 : 30;
    std::string text;
    for (std::uint32_t n = random.Below(150); n > 0; --n) {
      const std::string& part = parts[random.Below(static_cast<std::uint32_t>(parts.size()))];
      if (static_cast<unsigned char>(part[0]) < 0x80 || random.Below(rare) == 0) text += part;
    }
    ASSERT_EQ(SegmentsOf(options, text), PlainSegments(text, options.join_lines)) << ::testing::PrintToString(text);
  }
}

TEST(WhitespaceTokenizer, RefusesInvalidUtf8WithItsOffset) {
  const auto tokenizer = MakeTokenizer(Whitespace());
  TokenBuffer buffer;
  const absl::Status status = tokenizer->Tokenize("abc \xE2\x82 d", true, buffer);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte offset 4"));
}

TEST(WhitespaceTokenizer, NormalizesAWordToWhatItWouldWrite) {
  TokenizerOptions options = Whitespace();
  EXPECT_EQ(*NormalizeWord(options, "New York 2"), "New York 2");
  options.fold_digits = true;
  EXPECT_EQ(*NormalizeWord(options, "New York 2"), "New York 0");
  EXPECT_EQ(NormalizeWord(options, "\xFF").status().code(), absl::StatusCode::kInvalidArgument);
}

template <typename Enum, typename Parse>
void ExpectNamesAreReadBack(std::initializer_list<Enum> values, const Parse& parse) {
  for (const Enum value : values) {
    const auto parsed = parse(Name(value));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, value);
  }
  EXPECT_EQ(parse("").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TokenizerNames, AreReadBack) {
  ExpectNamesAreReadBack({TokenizerKind::kIcu, TokenizerKind::kWhitespace, TokenizerKind::kPretokenized},
                         ParseTokenizerKind);
  ExpectNamesAreReadBack(
      {Normalization::kNone, Normalization::kNfc, Normalization::kNfkc, Normalization::kNfd, Normalization::kNfkd},
      ParseNormalization);
  ExpectNamesAreReadBack({SegmentBoundary::kSentence, SegmentBoundary::kLine, SegmentBoundary::kDocument},
                         ParseSegmentBoundary);
  EXPECT_THAT(std::string(ParseNormalization("nfcd").status().message()),
              HasSubstr("unknown normalization 'nfcd': expected none, nfc, nfkc, nfd or nfkd"));
}

}  // namespace
}  // namespace conec::tokenize
