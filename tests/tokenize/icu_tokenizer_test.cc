#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tokenize/tokenize_testing.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TokenizerOptions Icu(SegmentBoundary segments = SegmentBoundary::kSentence) {
  TokenizerOptions options;
  options.segments = segments;
  return options;
}

TokenizerOptions WithPunctuation() {
  TokenizerOptions options = Icu();
  options.keep_punctuation = true;
  return options;
}

TokenizerOptions WithNormalization(Normalization normalization) {
  TokenizerOptions options = Icu();
  options.normalization = normalization;
  return options;
}

TEST(IcuTokenizer, SplitsAndFoldsLatin) {
  EXPECT_THAT(TokensOf(Icu(), "The QUICK (brown) fox; naïve Straße"),
              ElementsAre("the", "quick", "brown", "fox", "naïve", "strasse"));
}

TEST(IcuTokenizer, KeepsCombiningMarksWithTheirLetterAndComposesThem) {
  EXPECT_THAT(TokensOf(Icu(), "E\u0301te\u0301 q\u0323\u0307 A\u030A"), ElementsAre("été", "q\u0323\u0307", "å"));
}

TEST(IcuTokenizer, FoldsGreekFinalSigma) {
  EXPECT_THAT(TokensOf(Icu(), "ΟΔΥΣΣΕΎΣ Οδυσσεύς"), ElementsAre("οδυσσεύσ", "οδυσσεύσ"));
}

TEST(IcuTokenizer, SplitsCyrillic) {
  EXPECT_THAT(TokensOf(Icu(), "Война и «Мир», из-за Йода; Й"),
              ElementsAre("война", "и", "мир", "из", "за", "йода", "й"));
}

TEST(IcuTokenizer, SplitsRightToLeftScripts) {
  EXPECT_THAT(TokensOf(Icu(), "السلام عليكم، كيف حالك؟"), ElementsAre("السلام", "عليكم", "كيف", "حالك"));
  EXPECT_THAT(TokensOf(Icu(), "שָׁלוֹם עולם, צה\"ל ג'ירפה"), ElementsAre("שָׁלוֹם", "עולם", "צה\"ל", "ג'ירפה"));
}

TEST(IcuTokenizer, SplitsDevanagari) {
  EXPECT_THAT(TokensOf(Icu(), "नमस्ते दुनिया। क्या हाल है?"), ElementsAre("नमस्ते", "दुनिया", "क्या", "हाल", "है"));
}

TEST(IcuTokenizer, SplitsScriptsWithoutSpacesByDictionary) {
  EXPECT_THAT(TokensOf(Icu(), "สวัสดีชาวโลก"), ElementsAre("สวัสดี", "ชาว", "โลก"));
  EXPECT_THAT(TokensOf(Icu(), "ខ្ញុំស្រឡាញ់អ្នក"), ElementsAre("ខ្ញុំ", "ស្រឡាញ់", "អ្នក"));
  EXPECT_THAT(TokensOf(Icu(), "我们学习中文。"), ElementsAre("我们", "学习", "中文"));
  EXPECT_THAT(TokensOf(Icu(), "私はカメラを買いました。"),
              ElementsAre("私", "は", "カメラ", "を", "買い", "ま", "した"));
}

TEST(IcuTokenizer, SplitsKorean) {
  EXPECT_THAT(TokensOf(Icu(), "안녕하세요, 세계! 한국어"), ElementsAre("안녕하세요", "세계", "한국어"));
}

TEST(IcuTokenizer, SplitsWhereScriptsMeet) {
  EXPECT_THAT(TokensOf(Icu(), "Hello世界foo Linuxカーネル x์"),
              ElementsAre("hello", "世界", "foo", "linux", "カーネル", "x์"));
}

TEST(IcuTokenizer, AlwaysKeepsEmojiWhole) {
  EXPECT_THAT(TokensOf(Icu(),
                       "ok👍👍🏽 👩‍👩‍👧‍👦, 🇫🇷🇩🇪 ❤️ 1️⃣ #️⃣ "
                       "🏴󠁧󠁢󠁥󠁮󠁧󠁿! "
                       "👩🏽‍🔬"),
              ElementsAre("ok", "👍", "👍🏽", "👩‍👩‍👧‍👦", "🇫🇷", "🇩🇪", "❤️", "1️⃣",
                          "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍🔬"));
}

TEST(IcuTokenizer, TakesTextStyleSymbolsForPunctuation) {
  EXPECT_THAT(TokensOf(Icu(), "© ™ ⌚\uFE0E ❤ # €"), IsEmpty());
  EXPECT_THAT(TokensOf(WithPunctuation(), "© ❤ # €"), ElementsAre("©", "❤", "#", "€"));
}

TEST(IcuTokenizer, KeepsApostrophesInsideWords) {
  EXPECT_THAT(TokensOf(Icu(), "don't Don\u2019t 'quoted' l\u2019été rock 'n' roll dogs'"),
              ElementsAre("don't", "don\u2019t", "quoted", "l\u2019été", "rock", "n", "roll", "dogs"));
}

TEST(IcuTokenizer, SplitsAtHyphensAndKeepsUnderscores) {
  EXPECT_THAT(TokensOf(Icu(), "state-of-the-art snake_case _x ___ a__b"),
              ElementsAre("state", "of", "the", "art", "snake_case", "_x", "a__b"));
}

TEST(IcuTokenizer, KeepsNumbersWhole) {
  EXPECT_THAT(TokensOf(Icu(), "3.14 1,000 1,000.50, 10% -5 2nd x86 v1.2.3 1/2 ٣٫١٤"),
              ElementsAre("3.14", "1,000", "1,000.50", "10", "5", "2nd", "x86", "v1.2.3", "1", "2", "٣٫١٤"));
}

TEST(IcuTokenizer, SplitsAddresses) {
  EXPECT_THAT(TokensOf(Icu(), "http://www.example.com/a_b?c=d user.name@example.com @ @home"),
              ElementsAre("http", "www.example.com", "a_b", "c", "d", "user.name@example.com", "@home"));
}

TEST(IcuTokenizer, KeepsPunctuationWhenAsked) {
  EXPECT_THAT(TokensOf(WithPunctuation(), "Wait... \"no\"! $5 __ \u0301 a\u200Bb"),
              ElementsAre("wait", ".", ".", ".", "\"", "no", "\"", "!", "$", "5", "__", "\u0301", "a", "b"));
}

TEST(IcuTokenizer, NeverGivesEmptyTokensOrTokensWithWhiteSpace) {
  // U+202F joins digits, an accent attaches to a blank, some ligatures and spacing accents decompose to blanks.
  const char* text = "10\u202F000 \u0301x \u00A0\u0301 \u00A8 \uFDFA \u037A \u200B \u00AD";
  EXPECT_THAT(TokensOf(Icu(), text), ElementsAre("10", "000", "x", "\uFDFA", "\u037A"));
  EXPECT_THAT(TokensOf(WithNormalization(Normalization::kNfkc), text),
              ElementsAre("10", "000", "x", "صلى", "الله", "عليه", "وسلم", "ι"));
  TokenizerOptions options = WithPunctuation();
  options.normalization = Normalization::kNfkd;
  EXPECT_THAT(TokensOf(options, "\u00A8 a"), ElementsAre("\u0308", "a"));
}

TEST(IcuTokenizer, FoldsTheDigitsOfAllScripts) {
  TokenizerOptions options = Icu();
  options.fold_digits = true;
  EXPECT_THAT(TokensOf(options, "In 1984, x86 ٣٫١٤ १२ １２ 𝟏 3.14"),
              ElementsAre("in", "0000", "x00", "0٫00", "00", "00", "0", "0.00"));
}

TEST(IcuTokenizer, KeepsCaseWhenAsked) {
  TokenizerOptions options = Icu();
  options.fold_case = false;
  EXPECT_THAT(TokensOf(options, "The Straße ΟΔΥΣΣΕΎΣ"), ElementsAre("The", "Straße", "ΟΔΥΣΣΕΎΣ"));
}

TEST(IcuTokenizer, AppliesEachNormalization) {
  const char* text = "ﬁne e\u0301 Å";
  EXPECT_THAT(TokensOf(WithNormalization(Normalization::kNone), text), ElementsAre("fine", "e\u0301", "å"));
  EXPECT_THAT(TokensOf(WithNormalization(Normalization::kNfc), text), ElementsAre("fine", "é", "å"));
  EXPECT_THAT(TokensOf(WithNormalization(Normalization::kNfd), text), ElementsAre("fine", "e\u0301", "a\u030A"));
  TokenizerOptions options = Icu();
  options.fold_case = false;
  EXPECT_THAT(TokensOf(options, text), ElementsAre("ﬁne", "é", "Å"));
  options.normalization = Normalization::kNfkc;
  EXPECT_THAT(TokensOf(options, text), ElementsAre("fine", "é", "Å"));
  options.normalization = Normalization::kNfkd;
  EXPECT_THAT(TokensOf(options, text), ElementsAre("fine", "e\u0301", "A\u030A"));
}

TEST(IcuTokenizer, EndsSegmentsAtSentences) {
  EXPECT_EQ(SegmentsOf(Icu(), "It works. Does it? \"Yes!\" he said. 3.14 is U.S. news, e.g. this\nNext line"),
            (Segments{{"it", "works"},
                      {"does", "it"},
                      {"yes"},
                      {"he", "said"},
                      {"3.14", "is", "u.s", "news", "e.g", "this"},
                      {"next", "line"}}));
  EXPECT_EQ(SegmentsOf(Icu(), "我们学习。你好！"), (Segments{{"我们", "学习"}, {"你好"}}));
  EXPECT_EQ(SegmentsOf(Icu(), "यह है। वह है॥"), (Segments{{"यह", "है"}, {"वह", "है"}}));
}

TEST(IcuTokenizer, JoinsHardWrappedLines) {
  TokenizerOptions options = Icu();
  options.join_lines = true;
  const char* text = "\r\nThe first\r\nsentence. The\nsecond\n\nNo full\u2028stop\n \t\n\n\n\nend.\n";
  EXPECT_EQ(SegmentsOf(options, text),
            (Segments{{"the", "first", "sentence"}, {"the", "second"}, {"no", "full", "stop"}, {"end"}}));
  options.segments = SegmentBoundary::kLine;
  EXPECT_EQ(SegmentsOf(options, text),
            (Segments{{"the", "first", "sentence", "the", "second"}, {"no", "full", "stop"}, {"end"}}));
}

TEST(IcuTokenizer, EndsSegmentsAtLinesOrDocumentsOnly) {
  const char* text = "\na. b\r\nc\u0085d\n";
  EXPECT_EQ(SegmentsOf(Icu(SegmentBoundary::kLine), text), (Segments{{"a", "b"}, {"c"}, {"d"}}));
  EXPECT_EQ(SegmentsOf(Icu(SegmentBoundary::kDocument), text), (Segments{{"a", "b", "c", "d"}}));
}

TEST(IcuTokenizer, LeavesTheLastSegmentOfAPieceOpenUnlessALineBreakEndsIt) {
  const auto tokenizer = MakeTokenizer(Icu());
  TokenBuffer buffer;
  ASSERT_TRUE(tokenizer->Tokenize("One. Two three. ", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, ElementsAre(1));
  ASSERT_TRUE(tokenizer->Tokenize("One. Two three\n", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, ElementsAre(1, 3));
  EXPECT_FALSE(buffer.starts_with_boundary);
  ASSERT_TRUE(tokenizer->Tokenize("\nOne", false, buffer).ok());
  EXPECT_THAT(buffer.segment_ends, IsEmpty());
  EXPECT_TRUE(buffer.starts_with_boundary);
  ASSERT_TRUE(tokenizer->Tokenize("\n", false, buffer).ok());
  EXPECT_TRUE(buffer.starts_with_boundary);
}

TEST(IcuTokenizer, UsesTheRulesOfTheLocale) {
  TokenizerOptions options = Icu();
  EXPECT_EQ(SegmentsOf(options, "Mr. Smith came. No k:a"), (Segments{{"mr"}, {"smith", "came"}, {"no", "k", "a"}}));
  options.locale = "en-u-ss-standard";
  EXPECT_EQ(SegmentsOf(options, "Mr. Smith came. No"), (Segments{{"mr", "smith", "came"}, {"no"}}));
  options.locale = "sv";
  EXPECT_EQ(SegmentsOf(options, "k:a"), (Segments{{"k:a"}}));
  options.locale = "el";
  EXPECT_EQ(SegmentsOf(options, "Τι; Ναι"), (Segments{{"τι"}, {"ναι"}}));
}

TEST(IcuTokenizer, JoinsLinesAlsoWhereTheLocaleHasRulesOfItsOwn) {
  TokenizerOptions options = Icu();
  options.locale = "en@ss=standard";
  options.join_lines = true;
  EXPECT_EQ(SegmentsOf(options, "Mr.\nSmith\u2028came\u0085in.\r\nNo\n\nyes"),
            (Segments{{"mr", "smith", "came", "in"}, {"no"}, {"yes"}}));
}

TEST(IcuTokenizer, FoldsTurkicLettersInTurkicLocales) {
  TokenizerOptions options = Icu();
  EXPECT_THAT(TokensOf(options, "ISPARTA İzmir"), ElementsAre("isparta", "i\u0307zmir"));
  for (const char* locale : {"tr", "az-Latn", "tr_TR"}) {
    options.locale = locale;
    EXPECT_THAT(TokensOf(options, "ISPARTA İzmir"), ElementsAre("ısparta", "izmir")) << locale;
  }
}

TEST(IcuTokenizer, RefusesLocalesThatDoNotExist) {
  for (const char* locale : {"xx", "english", "e", "en_XQ", "de-Qqqq-DE", "fi fi", "-", "en--US", "../../etc"}) {
    TokenizerOptions options = Icu();
    options.locale = locale;
    const auto tokenizer = Tokenizer::Create(options);
    ASSERT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument) << locale;
    EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("locale '" + options.locale + "'"));
    EXPECT_EQ(NormalizeWord(options, "a").status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(IcuTokenizer, RefusesInvalidUtf8WithItsOffset) {
  const auto tokenizer = MakeTokenizer(Icu());
  TokenBuffer buffer;
  const absl::Status status = tokenizer->Tokenize("abc é\xFF", true, buffer);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("byte offset 6"));
}

TEST(NormalizeWord, WritesAWordAsTheTokenizerDoes) {
  TokenizerOptions options = WithNormalization(Normalization::kNfkc);
  options.fold_digits = true;
  for (const char* word : {"Paris", "ÉTÉ", "e\u0301", "ﬁne", "x86", "ΣΊΣΥΦΟΣ", "Ǆ", "𝐇𝐢"}) {
    EXPECT_THAT(TokensOf(options, word), ElementsAre(*NormalizeWord(options, word)));
  }
}

TEST(NormalizeWord, RefusesWhatIcuCannotCount) {
  const absl::Status status = NormalizeWord(Icu(), std::string((std::size_t{1} << 25) + 1, 'a')).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("33554433 bytes"));
}

TEST(NormalizeWord, DoesNotSplit) {
  EXPECT_EQ(*NormalizeWord(Icu(), "New York-City 世界"), "new york-city 世界");
  EXPECT_EQ(*NormalizeWord(Icu(), ""), "");
  EXPECT_EQ(NormalizeWord(Icu(), "a\xC0").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec::tokenize
