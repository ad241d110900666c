// Our word and sentence rules against ICU's break iterators.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/random.h"
#include "tokenize/icu_breaks.h"
#include "tokenize/rule_check.h"
#include "tokenize/sentence_rules.h"
#include "tokenize/word_rules.h"

namespace conec::tokenize {
namespace {

class BoundaryRules : public ::testing::Test {
 protected:
  BoundaryRules()
      : words_(*IcuBreaks::Create(BreakKind::kWord, icu::Locale::getRoot())),
        sentences_(*IcuBreaks::Create(BreakKind::kSentence, icu::Locale::getRoot())),
        check_(*CheckRules(words_, sentences_)),
        classes_(check_.tailoring) {}

  static std::vector<std::size_t> BoundariesOf(IcuBreaks& breaks, std::string_view text) {
    EXPECT_TRUE(breaks.SetText(text).ok());
    std::vector<std::size_t> boundaries;
    for (std::size_t end = breaks.Next(); end != IcuBreaks::npos; end = breaks.Next()) boundaries.push_back(end);
    return boundaries;
  }

  std::vector<std::size_t> WordBoundaries(std::string_view text) {
    std::vector<std::size_t> boundaries;
    for (std::size_t begin = 0; begin < text.size(); begin = boundaries.back()) {
      const WordSegment segment = FindWordEnd(text, begin, classes_);
      EXPECT_FALSE(segment.needs_dictionary);
      boundaries.push_back(segment.end);
    }
    return boundaries;
  }

  std::vector<std::size_t> SentenceBoundaries(std::string_view text) {
    std::vector<std::size_t> boundaries;
    for (std::size_t begin = 0; begin < text.size(); begin = boundaries.back()) {
      boundaries.push_back(FindSentenceEnd(text, begin, false, classes_));
    }
    return boundaries;
  }

  void ExpectAgreement(std::string_view text) {
    ASSERT_EQ(WordBoundaries(text), BoundariesOf(words_, text)) << ::testing::PrintToString(text);
    ASSERT_EQ(SentenceBoundaries(text), BoundariesOf(sentences_, text)) << ::testing::PrintToString(text);
  }

  IcuBreaks words_;
  IcuBreaks sentences_;
  RuleCheck check_;
  BreakClasses classes_;
};

TEST_F(BoundaryRules, HoldForTheIcuInUse) {
  EXPECT_TRUE(check_.words_agree);
  EXPECT_TRUE(check_.sentences_agree);
}

// Every sequence of four ASCII classes occurs many times.
TEST_F(BoundaryRules, AgreeWithIcuOnRandomAscii) {
  constexpr std::string_view kOften = "aZ1. '_,:\"!?()-@\n";
  PhiloxStream random(11);
  for (int i = 0; i < 300000; ++i) {
    std::string text;
    for (std::uint32_t n = random.Below(30); n > 0; --n) {
      text += random.Below(4) == 0 ? static_cast<char>(random.Below(128))
                                   : kOften[random.Below(static_cast<std::uint32_t>(kOften.size()))];
    }
    ExpectAgreement(text);
    if (HasFatalFailure()) return;
  }
}

void AppendUtf8(char32_t c, std::string& text) {
  icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(text);
}

// Characters of all planes, drawn so that each class of UAX 29 is common.
TEST_F(BoundaryRules, AgreeWithIcuOnRandomUnicode) {
  std::vector<std::vector<char32_t>> by_class;
  std::map<std::tuple<WordClass, SentenceClass, bool>, std::size_t> index;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const BreakClass& entry = classes_.Of(c);
    if (entry.word == WordClass::kDictionary) continue;
    const auto [found, is_new] =
        index.try_emplace({entry.word, entry.sentence, entry.is_pictographic}, by_class.size());
    if (is_new) by_class.emplace_back();
    by_class[found->second].push_back(c);
  }
  ASSERT_GE(by_class.size(), 40u);
  PhiloxStream random(12);
  const auto draw = [&](const auto& from) -> const auto& {
    return from[random.Below(static_cast<std::uint32_t>(from.size()))];
  };
  for (int i = 0; i < 60000; ++i) {
    std::string text;
    for (std::uint32_t n = random.Below(50); n > 0; --n) AppendUtf8(draw(draw(by_class)), text);
    ExpectAgreement(text);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BoundaryRules, JoinedLinesAreIcuSentencesOfTheTextWithBlanksForLineBreaks) {
  constexpr std::string_view kOften = "aZ1. '\n\r!?()\n";
  PhiloxStream random(13);
  for (int i = 0; i < 30000; ++i) {
    std::string text;
    for (std::uint32_t n = random.Below(40); n > 0; --n) {
      text += kOften[random.Below(static_cast<std::uint32_t>(kOften.size()))];
    }
    std::string blanks = text;
    for (char& c : blanks) c = c == '\n' || c == '\r' ? ' ' : c;
    std::vector<std::size_t> boundaries;
    for (std::size_t begin = 0; begin < text.size(); begin = boundaries.back()) {
      boundaries.push_back(FindSentenceEnd(text, begin, true, classes_));
    }
    ASSERT_EQ(boundaries, BoundariesOf(sentences_, blanks)) << ::testing::PrintToString(text);
  }
}

TEST_F(BoundaryRules, AgreeWithIcuOnRealText) {
  const char* data = std::getenv("CONEC_DATA");
  if (data == nullptr) GTEST_SKIP() << "CONEC_DATA is not set";
  std::ifstream file(std::string(data) + "/conll2003/eng.train");
  if (!file) GTEST_SKIP() << "no conll2003/eng.train below CONEC_DATA";
  std::ostringstream contents;
  contents << file.rdbuf();
  ExpectAgreement(contents.str());
}

}  // namespace
}  // namespace conec::tokenize
