// The Unicode properties that word and sentence boundaries depend on (UAX 29), one table look-up per character.
// Internal to the room.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tokenize/characters.h"

namespace conec::tokenize {

// Word_Break as the rules need it.
enum class WordClass : std::uint8_t {
  kOther,
  kCr,
  kLf,
  kNewline,
  kIgnored,  // Extend and Format: belong to the character before them
  kZwj,      // the same, and joins emoji
  kLetter,   // ALetter
  kHebrewLetter,
  kHangulSyllable,  // ICU joins these with each other only
  kNumeric,
  kExtendNumLet,
  kMidLetter,
  kMidNum,
  kMidNumLet,
  kSingleQuote,
  kDoubleQuote,
  kRegionalIndicator,
  kSpace,       // WSegSpace
  kDictionary,  // scripts that ICU splits with a dictionary: Han, kana, Thai, Khmer, Lao, Burmese
  kEnd,         // of the text
};

// Sentence_Break as the rules need it.
enum class SentenceClass : std::uint8_t {
  kOther,
  kSeparator,  // Sep, CR, LF
  kIgnored,    // Extend, Format
  kSpace,
  kLower,
  kUpper,
  kOtherLetter,
  kNumeric,
  kATerm,
  kSTerm,
  kSContinue,
  kClose,
  kEnd,  // of the text
};

struct BreakClass {
  WordClass word = WordClass::kOther;
  SentenceClass sentence = SentenceClass::kOther;
  bool is_pictographic : 1 = false;  // Extended_Pictographic
  bool is_word : 1 = false;          // a letter (Alphabetic) or decimal digit: makes what it is part of a word
  bool is_visible : 1 = false;       // anything but separators, controls, format characters, unassigned
  bool is_white_space : 1 = false;
};

// How a locale (or a version of ICU) deviates from UAX 29 in the classes of single characters.
struct WordTailoring {
  bool at_is_letter = false;         // '@', so that e-mail addresses stay whole
  bool colon_is_mid_letter = false;  // ':' and its full-width forms, as in Swedish "k:a"
};

// Filled in as scripts occur: 256 characters at a time. Not thread-safe.
class BreakClasses {
 public:
  explicit BreakClasses(const WordTailoring& tailoring);

  const BreakClass& Of(char32_t c) {
    std::unique_ptr<Page>& page = pages_[c >> 8];
    if (page == nullptr) page = MakePage(c & ~char32_t{0xFF});
    return (*page)[c & 0xFF];
  }

 private:
  using Page = std::array<BreakClass, 256>;
  std::unique_ptr<Page> MakePage(char32_t first) const;

  WordTailoring tailoring_;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace conec::tokenize
