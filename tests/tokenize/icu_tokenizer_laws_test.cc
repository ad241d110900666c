// Laws of the ICU tokenizer on random text: equality with a plain use of ICU, offsets, pieces, normal forms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/random.h"
#include "tests/tokenize/tokenize_testing.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"

namespace conec::tokenize {
namespace {

// Pieces of real words and of everything that boundaries depend on.
const std::vector<std::string> kParts = {
    "a",      "Word",   "I",        "x1",      "42",       "3.14",   "_",      "'",      "’",           "\"",
    ".",      ". ",     "! ",       "? ",      ",",        ":",      ";",      "-",      "@",           "(",
    ")",      " ",      " ",        " ",       "  ",       "\t",     "\n",     "\r\n",   "\u00A0",      "\u202F",
    "\u2028", "\u3000", "é",        "e\u0301", "\u0301",   "\u00AD", "\u200D", "\u200B", "ß",           "Σ",
    "Ά",      "ﬁ",      "Война",    "й",       "и\u0306",  "سلام",   "١٢",     "שלום",   "צה\"ל",       "नमस्ते",
    "क्",      "।",      "สวัสดี",     "ชาวโลก",  "ខ្ញុំ",       "ស្រឡាញ់",  "中文",   "学习",   "。",          "買いました",
    "カメラ", "ー",     "ひらがな", "が",      "か\u3099", "한국어", "각",     "😀",      "👩‍🔬", "👍🏽",
    "🇫🇷",     "🇩",      "❤️",   "©",       "1️⃣",  "½",      "Ⅷ",      "①",      "\uFDFA",      "￼",
    "ﷺ",      "𝟏",      "𐐀"};

std::string RandomText(PhiloxStream& random, std::uint32_t max_parts) {
  std::string text;
  for (std::uint32_t n = random.Below(max_parts); n > 0; --n) {
    text += kParts[random.Below(static_cast<std::uint32_t>(kParts.size()))];
  }
  return text;
}

TokenizerOptions RandomOptions(PhiloxStream& random) {
  TokenizerOptions options;
  options.normalization = static_cast<Normalization>(random.Below(5));
  options.fold_case = random.Below(2) == 0;
  options.fold_digits = random.Below(2) == 0;
  options.keep_punctuation = random.Below(2) == 0;
  options.segments = static_cast<SegmentBoundary>(random.Below(3));
  options.join_lines = random.Below(2) == 0;
  return options;
}

// One tokenizer for each set of options, so that caches are met in every state.
class Tokenizers {
 public:
  Tokenizer& For(const TokenizerOptions& o) {
    const auto key =
        std::tuple(o.normalization, o.fold_case, o.fold_digits, o.keep_punctuation, o.segments, o.join_lines);
    std::unique_ptr<Tokenizer>& tokenizer = tokenizers_[key];
    if (tokenizer == nullptr) tokenizer = MakeTokenizer(o);
    return *tokenizer;
  }

 private:
  std::map<std::tuple<Normalization, bool, bool, bool, SegmentBoundary, bool>, std::unique_ptr<Tokenizer>> tokenizers_;
};

std::vector<std::int32_t> BoundariesOf(icu::BreakIterator& iterator, const icu::UnicodeString& text) {
  iterator.setText(text);
  std::vector<std::int32_t> boundaries;
  for (std::int32_t end = iterator.next(); end != icu::BreakIterator::DONE; end = iterator.next())
    boundaries.push_back(end);
  return boundaries;
}

bool HoldsLetterOrDigit(const icu::UnicodeString& text) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || u_isdigit(c)) return true;
  }
  return false;
}

// The words of each sentence, by ICU's iterators over the whole text in UTF-16, unchanged, one per line.
class PlainIcu {
 public:
  PlainIcu() {
    UErrorCode error = U_ZERO_ERROR;
    words_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
    sentences_.reset(icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), error));
    EXPECT_TRUE(U_SUCCESS(error));
  }

  Segments SegmentsOf(const std::string& utf8) {
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(utf8);
    const std::vector<std::int32_t> sentence_ends = BoundariesOf(*sentences_, text);
    Segments segments;
    std::size_t sentence = 0, last_sentence = static_cast<std::size_t>(-1);
    std::int32_t begin = 0;
    for (const std::int32_t end : BoundariesOf(*words_, text)) {
      while (begin >= sentence_ends[sentence]) ++sentence;
      const icu::UnicodeString word = text.tempSubStringBetween(begin, end);
      if (HoldsLetterOrDigit(word)) {
        if (sentence != last_sentence) segments.emplace_back();
        last_sentence = sentence;
        word.toUTF8String(segments.back().emplace_back());
      }
      begin = end;
    }
    return segments;
  }

 private:
  std::unique_ptr<icu::BreakIterator> words_, sentences_;
};

TokenizerOptions Verbatim() {
  TokenizerOptions options;
  options.normalization = Normalization::kNone;
  options.fold_case = false;
  return options;
}

// White space and emoji inside tokens are treated on top of ICU's boundaries, so texts here have neither.
bool IsPlain(std::string_view part) {
  for (const char* special : {"\u202F", "😀", "👩", "👍", "🇫🇷", "🇩", "❤️", "1️⃣"}) {
    if (part.find(special) != std::string_view::npos) return false;
  }
  return true;
}

TEST(IcuTokenizerLaws, WordsAndSentencesAreThoseOfPlainIcu) {
  const auto tokenizer = MakeTokenizer(Verbatim());
  PlainIcu plain;
  PhiloxStream random(21);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint32_t n = random.Below(25); n > 0; --n) {
      const std::string& part = kParts[random.Below(static_cast<std::uint32_t>(kParts.size()))];
      if (IsPlain(part)) text += part;
    }
    ASSERT_EQ(SegmentsOf(*tokenizer, text), plain.SegmentsOf(text)) << ::testing::PrintToString(text);
  }
}

TEST(IcuTokenizerLaws, WordsAndSentencesAreThoseOfPlainIcuOnRealText) {
  const char* data = std::getenv("CONEC_DATA");
  if (data == nullptr) GTEST_SKIP() << "CONEC_DATA is not set";
  const auto tokenizer = MakeTokenizer(Verbatim());
  PlainIcu plain;
  int compared = 0;
  for (const char* name : {"conll2003/eng.testa", "chimera/README.md", "flowerpots/README.md", "questions-words.txt"}) {
    std::ifstream file(std::filesystem::path(data) / name);
    if (!file) continue;
    const std::string text = RepairUtf8(std::string(std::istreambuf_iterator<char>(file), {}), InvalidUtf8::kReplace);
    EXPECT_EQ(SegmentsOf(*tokenizer, text), plain.SegmentsOf(text)) << name;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no text below CONEC_DATA";
}

std::vector<std::string> SplitAtWhiteSpace(std::string_view text) {
  TokenizerOptions options;
  options.kind = TokenizerKind::kWhitespace;
  return TokensOf(options, text);
}

TEST(IcuTokenizerLaws, TokensAreTheNormalizedSlicesInOrder) {
  Tokenizers tokenizers;
  PhiloxStream random(22);
  TokenBuffer buffer;
  for (int i = 0; i < 20000; ++i) {
    const TokenizerOptions options = RandomOptions(random);
    const std::string text = RandomText(random, 25);
    ASSERT_TRUE(tokenizers.For(options).Tokenize(text, true, buffer).ok());
    const bool is_compatibility =
        options.normalization == Normalization::kNfkc || options.normalization == Normalization::kNfkd;
    std::uint32_t previous_begin = 0, previous_end = 0;
    for (const Token& token : buffer.tokens) {
      ASSERT_LT(token.begin, token.end);
      ASSERT_LE(token.end, text.size());
      ASSERT_EQ(FindInvalidUtf8(text.substr(token.begin, token.end - token.begin)), std::nullopt);
      const bool is_same_slice = token.begin == previous_begin && token.end == previous_end;
      ASSERT_TRUE(token.begin >= previous_end || is_same_slice);
      previous_begin = token.begin;
      previous_end = token.end;
      ASSERT_FALSE(token.text.empty());
      const std::string form = *NormalizeWord(options, text.substr(token.begin, token.end - token.begin));
      const std::vector<std::string> parts = SplitAtWhiteSpace(form);
      ASSERT_THAT(parts, ::testing::Contains(token.text)) << ::testing::PrintToString(text);
      // Only compatibility decompositions make several tokens of one slice.
      if (!is_compatibility) {
        ASSERT_THAT(parts, ::testing::ElementsAre(form));
      }
    }
  }
}

TEST(IcuTokenizerLaws, SegmentsPartitionTheTokens) {
  Tokenizers tokenizers;
  PhiloxStream random(23);
  TokenBuffer buffer;
  for (int i = 0; i < 20000; ++i) {
    const bool is_last = random.Below(2) == 0;
    ASSERT_TRUE(tokenizers.For(RandomOptions(random)).Tokenize(RandomText(random, 25), is_last, buffer).ok());
    std::uint32_t previous = 0;
    for (const std::uint32_t end : buffer.segment_ends) {
      ASSERT_GT(end, previous);
      previous = end;
    }
    ASSERT_LE(previous, buffer.tokens.size());
    if (is_last) {
      ASSERT_EQ(previous, buffer.tokens.size());
    }
  }
}

// With join_lines a sentence may end where a text is cut, which is documented to differ.
TEST(IcuTokenizerLaws, PiecesCutAtLineBreaksGiveTheSegmentsOfTheWhole) {
  Tokenizers tokenizers;
  PhiloxStream random(24);
  for (int i = 0; i < 20000; ++i) {
    TokenizerOptions options = RandomOptions(random);
    if (options.segments == SegmentBoundary::kSentence) options.join_lines = false;
    const std::string text = RandomText(random, 40);
    Tokenizer& tokenizer = tokenizers.For(options);
    ASSERT_EQ(SegmentsOfPieces(tokenizer, CutAfterLineFeeds(text)), SegmentsOf(tokenizer, text))
        << ::testing::PrintToString(text) << Name(options.segments) << options.join_lines;
  }
}

TEST(IcuTokenizerLaws, PiecesCutAtBlanksGiveTheTokensOfTheWhole) {
  Tokenizers tokenizers;
  PhiloxStream random(25);
  for (int i = 0; i < 10000; ++i) {
    TokenizerOptions options = RandomOptions(random);
    options.segments = SegmentBoundary::kDocument;
    const std::string first = RandomText(random, 20) + " ", second = RandomText(random, 20);
    Tokenizer& tokenizer = tokenizers.For(options);
    ASSERT_EQ(SegmentsOfPieces(tokenizer, {first, second}), SegmentsOf(tokenizer, first + second))
        << ::testing::PrintToString(first + second);
  }
}

std::string Normalized(const icu::Normalizer2& normalizer, const std::string& text) {
  UErrorCode error = U_ZERO_ERROR;
  std::string utf8;
  normalizer.normalize(icu::UnicodeString::fromUTF8(text), error).toUTF8String(utf8);
  EXPECT_TRUE(U_SUCCESS(error));
  return utf8;
}

// Where ICU does not see the difference: it joins conjoining jamo, but not Hangul syllables, with digits and letters
// around them, and its dictionary weighs decomposed kana as two characters.
bool IsCutAlikeDecomposed(std::string_view part) {
  for (const char* exception : {"한국어", "각", "が", "か\u3099", "ひらがな"}) {
    if (part == exception) return false;
  }
  return true;
}

TEST(IcuTokenizerLaws, CanonicallyEquivalentTextsGiveEqualTokens) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2& nfc = *icu::Normalizer2::getNFCInstance(error);
  const icu::Normalizer2& nfd = *icu::Normalizer2::getNFDInstance(error);
  ASSERT_TRUE(U_SUCCESS(error));
  Tokenizers tokenizers;
  PhiloxStream random(26);
  for (int i = 0; i < 20000; ++i) {
    TokenizerOptions options = RandomOptions(random);
    if (options.normalization == Normalization::kNone) continue;
    std::string text;
    for (std::uint32_t n = random.Below(25); n > 0; --n) {
      const std::string& part = kParts[random.Below(static_cast<std::uint32_t>(kParts.size()))];
      if (IsCutAlikeDecomposed(part)) text += part;
    }
    Tokenizer& tokenizer = tokenizers.For(options);
    const Segments composed = SegmentsOf(tokenizer, Normalized(nfc, text));
    ASSERT_EQ(composed, SegmentsOf(tokenizer, Normalized(nfd, text))) << ::testing::PrintToString(text);
    ASSERT_EQ(composed, SegmentsOf(tokenizer, text)) << ::testing::PrintToString(text);
  }
}

TEST(IcuTokenizerLaws, EqualTextGivesEqualTokensFromEveryTokenizer) {
  PhiloxStream random(27);
  Tokenizers used;
  for (int i = 0; i < 1000; ++i) {
    const TokenizerOptions options = RandomOptions(random);
    const std::string text = RandomText(random, 60);
    ASSERT_EQ(SegmentsOf(used.For(options), text), SegmentsOf(options, text));
  }
}

}  // namespace
}  // namespace conec::tokenize
