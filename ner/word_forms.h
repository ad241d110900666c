// Spelling: what is seen of a word without looking at its neighbours. Internal to the room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ner/hand_features.h"

namespace conec::ner {

// All functions take any bytes: of a word that is not UTF-8, each byte is a character, and only ASCII is known.

std::string_view CaseName(std::string_view word);        // "capitalized", ... see FeatureGroup::kCase
std::string_view FirstCharacter(std::string_view word);  // nothing of nothing
std::string LowerFolded(std::string_view word);          // lower case (character by character), decimal digits as 0
bool BeginsUpper(std::string_view word);                 // with an upper-case or titlecase letter
bool HasLower(std::string_view word);
bool HasUpper(std::string_view word);
bool HasDigit(std::string_view word);
// X, x, d for upper-case letters, other letters, digits; other characters stand for themselves; of equal signs in a row
// at most `longest_run` are kept.
std::string ShapeOf(std::string_view word, int longest_run);

// A feature of a word: NAME or NAME=VALUE.
struct WordFeature {
  std::string name;
  std::string value;  // empty: none
  float number = 1;
};

// The features of one of the groups kOriginal to kPunctuation, without repetition.
std::vector<WordFeature> WordFeaturesOf(FeatureGroup group, std::string_view word, const HandFeatureOptions& options);

}  // namespace conec::ner
