#include "tokenize/word_shape.h"

#include <unicode/uchar.h>

#include <array>

#include "tokenize/characters.h"

namespace conec::tokenize {
namespace {

enum CharacterCase : std::uint8_t { kNeither, kLowerCase, kUpperCase, kDigit, kOtherLetter, kCases };

constexpr std::array<CharacterCase, 128> MakeAsciiTable() {
  std::array<CharacterCase, 128> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = kLowerCase;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = kUpperCase;
  return table;
}
constexpr std::array<CharacterCase, 128> kAscii = MakeAsciiTable();

CharacterCase CaseWithIcu(UChar32 c) {
  if (u_isULowercase(c) != 0) return kLowerCase;
  if (u_isUUppercase(c) != 0 || u_istitle(c) != 0) return kUpperCase;
  if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) return kDigit;
  return u_isUAlphabetic(c) != 0 ? kOtherLetter : kNeither;
}

// What a word's characters are.
struct Characters {
  std::array<std::size_t, kCases> count{};
  bool begins_upper = false;  // its first letter with case is upper case

  void Add(CharacterCase character) {
    if (character == kUpperCase && count[kUpperCase] + count[kLowerCase] == 0) begins_upper = true;
    ++count[character];
  }
};

LetterCase CaseOf(const Characters& word) {
  const std::size_t upper = word.count[kUpperCase], lower = word.count[kLowerCase];
  if (word.count[kDigit] > 0) {
    return upper + lower + word.count[kOtherLetter] > 0 ? LetterCase::kAlphanumeric : LetterCase::kNumber;
  }
  if (upper == 0) return lower > 0 ? LetterCase::kLower : LetterCase::kNone;
  if (lower == 0) return upper > 1 ? LetterCase::kUpper : LetterCase::kInitial;
  return upper == 1 && word.begins_upper ? LetterCase::kCapitalized : LetterCase::kMixed;
}

}  // namespace

LetterCase LetterCaseOf(std::string_view surface) {
  Characters word;
  for (std::size_t i = 0; i < surface.size();) {
    const Character character = DecodeAt(surface, i);
    const bool is_ascii = character.code_point < kAscii.size();
    word.Add(is_ascii ? kAscii[character.code_point] : CaseWithIcu(static_cast<UChar32>(character.code_point)));
    i += character.length;
  }
  return CaseOf(word);
}

}  // namespace conec::tokenize
