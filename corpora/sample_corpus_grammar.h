// Inflection, and sentences from patterns: how the tables of sample_corpus_lexicon.h become text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"

namespace conec::corpora::sample {

// Forms of regular English words; of several words joined by '_' the first is inflected as a verb, the last as a noun.
std::string Plural(std::string_view noun);
std::string ThirdPerson(std::string_view verb);
std::string Past(std::string_view verb);
std::string PresentParticiple(std::string_view verb);

// One entry of a word list: a word with its irregular forms, and its synonyms.
struct Lexeme {
  std::vector<std::vector<std::string>> variants;  // of each synonym: base form, then the forms after ':'

  // `form`: "" (as listed), "p" (plural), "s", "ed", "en", "ing". '_' stays.
  std::string Form(std::size_t variant, std::string_view form) const;
};

Lexeme ParseLexeme(std::string_view entry);
std::vector<Lexeme> ParseWords(std::string_view words);  // entries between blanks
std::vector<std::string_view> SplitWords(std::string_view text, char separator);

// A rank below n with probability proportional to 1 / (rank + offset); n >= 1. Integer arithmetic only, so that
// machines cannot differ.
std::uint32_t DrawZipf(PhiloxStream& random, std::uint32_t n, std::uint32_t offset);

// Fills a slot: name ("adj2") and form ("p", "" if none).
using SlotFn = std::function<std::string(std::string_view name, std::string_view form)>;

// One sentence from a pattern: chooses alternatives, fills slots, turns '_' into blanks and "a" into "an", begins with
// a capital.
std::string ExpandSentence(std::string_view pattern, PhiloxStream& random, const SlotFn& fill);

// The same for a title: no full stop, a capital for every word but articles and the like.
std::string ExpandTitle(std::string_view pattern, PhiloxStream& random, const SlotFn& fill);

std::string LowerCase(std::string_view ascii);

}  // namespace conec::corpora::sample
