#include "tokenize/break_classes.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace conec::tokenize {
namespace {

bool HasDictionary(UChar32 c) {
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  if (u_getIntPropertyValue(c, UCHAR_WORD_BREAK) == U_WB_KATAKANA) return true;
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &error);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
}

WordClass UntailoredWordClass(UChar32 c) {
  switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
    case U_WB_CR:
      return WordClass::kCr;
    case U_WB_LF:
      return WordClass::kLf;
    case U_WB_NEWLINE:
      return WordClass::kNewline;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
      return WordClass::kIgnored;
    case U_WB_ZWJ:
      return WordClass::kZwj;
    case U_WB_ALETTER:
      return WordClass::kLetter;
    case U_WB_HEBREW_LETTER:
      return WordClass::kHebrewLetter;
    case U_WB_NUMERIC:
      return WordClass::kNumeric;
    case U_WB_EXTENDNUMLET:
      return WordClass::kExtendNumLet;
    case U_WB_MIDLETTER:
      return WordClass::kMidLetter;
    case U_WB_MIDNUM:
      return WordClass::kMidNum;
    case U_WB_MIDNUMLET:
      return WordClass::kMidNumLet;
    case U_WB_SINGLE_QUOTE:
      return WordClass::kSingleQuote;
    case U_WB_DOUBLE_QUOTE:
      return WordClass::kDoubleQuote;
    case U_WB_REGIONAL_INDICATOR:
      return WordClass::kRegionalIndicator;
    case U_WB_WSEGSPACE:
      return WordClass::kSpace;
    default:
      return WordClass::kOther;
  }
}

bool IsColon(UChar32 c) {
  return c == ':' || c == 0xFE55 || c == 0xFF1A;
}

WordClass WordClassOf(UChar32 c, const WordTailoring& tailoring) {
  if (c == '@' && tailoring.at_is_letter) return WordClass::kLetter;
  if (IsColon(c) && !tailoring.colon_is_mid_letter) return WordClass::kOther;
  if (c >= 0xAC00 && c <= 0xD7A3) return WordClass::kHangulSyllable;
  if (HasDictionary(c)) return WordClass::kDictionary;
  return UntailoredWordClass(c);
}

SentenceClass SentenceClassOf(UChar32 c) {
  switch (u_getIntPropertyValue(c, UCHAR_SENTENCE_BREAK)) {
    case U_SB_CR:
    case U_SB_LF:
    case U_SB_SEP:
      return SentenceClass::kSeparator;
    case U_SB_EXTEND:
    case U_SB_FORMAT:
      return SentenceClass::kIgnored;
    case U_SB_SP:
      return SentenceClass::kSpace;
    case U_SB_LOWER:
      return SentenceClass::kLower;
    case U_SB_UPPER:
      return SentenceClass::kUpper;
    case U_SB_OLETTER:
      return SentenceClass::kOtherLetter;
    case U_SB_NUMERIC:
      return SentenceClass::kNumeric;
    case U_SB_ATERM:
      return SentenceClass::kATerm;
    case U_SB_STERM:
      return SentenceClass::kSTerm;
    case U_SB_SCONTINUE:
      return SentenceClass::kSContinue;
    case U_SB_CLOSE:
      return SentenceClass::kClose;
    default:
      return SentenceClass::kOther;
  }
}

bool IsWordCharacter(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || u_charType(c) == U_DECIMAL_DIGIT_NUMBER;
}

bool IsVisible(UChar32 c) {
  return (U_MASK(u_charType(c)) & (U_GC_C_MASK | U_GC_Z_MASK)) == 0;
}

}  // namespace

BreakClasses::BreakClasses(const WordTailoring& tailoring) : tailoring_(tailoring), pages_(kPages) {}

std::unique_ptr<BreakClasses::Page> BreakClasses::MakePage(char32_t first) const {
  auto page = std::make_unique<Page>();
  for (std::size_t i = 0; i < page->size(); ++i) {
    const auto c = static_cast<UChar32>(first + i);
    BreakClass& entry = (*page)[i];
    entry.word = WordClassOf(c, tailoring_);
    entry.sentence = SentenceClassOf(c);
    entry.is_pictographic = u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
    entry.is_word = IsWordCharacter(c);
    entry.is_visible = IsVisible(c);
    entry.is_white_space = SpaceOf(static_cast<char32_t>(c)) != Space::kNone;
  }
  return page;
}

}  // namespace conec::tokenize
