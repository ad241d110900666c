// The shape of a word as it stands in the text, before case and digits are folded: what extended inputs (thesis 7.1)
// know of a word besides its context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace conec::tokenize {

// Stored as one byte per token in encoded corpora: the numbers stay. Upper and lower case are Unicode's properties
// Uppercase (with titlecase letters) and Lowercase, digits are decimal digits of any script. Letters without case count
// beside digits only.
enum class LetterCase : std::uint8_t {
  kNone = 0,          // no letter with case: punctuation, symbols, Chinese, Hebrew, ...
  kLower = 1,         // letters, none of them upper case: word, don't
  kCapitalized = 2,   // upper case first, then at least one lower-case letter and no more upper case: Word
  kUpper = 3,         // upper-case letters only, two or more: NATO, U.S.
  kInitial = 4,       // one upper-case letter and no other: I, J.
  kMixed = 5,         // everything else: iPhone, McDonald, eBay
  kNumber = 6,        // digits and no letters: 1996, 3.14, 1996-08-22
  kAlphanumeric = 7,  // digits and letters: x86, 3rd, B2B
};

// One of kWordShapes: the case, and whether the word is the first of its sentence, where capitals mean less.
enum class WordShape : std::uint8_t {};
inline constexpr std::size_t kWordShapes = 16;

constexpr WordShape MakeWordShape(LetterCase letter_case, bool first) {
  return static_cast<WordShape>(2 * static_cast<unsigned>(letter_case) + (first ? 1u : 0u));
}

// The same word as the first of its sentence.
constexpr WordShape AsFirst(WordShape shape) {
  return static_cast<WordShape>(static_cast<unsigned>(shape) | 1u);
}

// Of a word in valid UTF-8 as it stands in the text.
LetterCase LetterCaseOf(std::string_view surface);

}  // namespace conec::tokenize
