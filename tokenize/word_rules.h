// Word boundaries of UAX 29 as ICU's root rules draw them, for everything that needs no dictionary. ICU's break
// iterators are table-driven over a text abstraction and ten times slower; that both agree is what
// tests/tokenize/boundary_rules_test.cc proves, and what CheckRules() checks anew for the ICU and the locale in use.
// Internal to the room.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenize/break_classes.h"

namespace conec::tokenize {

struct WordSegment {
  std::size_t end = 0;            // meaningless if needs_dictionary
  bool needs_dictionary = false;  // a character of kDictionary is in it or decides where it ends
  bool is_word = false;           // begins with a letter or digit and holds no white space; false: the caller looks
};

// The segment that begins at `begin` < text.size(), a word boundary of the valid UTF-8 `text`.
WordSegment FindWordEnd(std::string_view text, std::size_t begin, BreakClasses& classes);

}  // namespace conec::tokenize
