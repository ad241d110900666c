#include "ner/word_forms.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "tokenize/utf8.h"

namespace conec::ner {
namespace {

struct Character {
  UChar32 code = 0;  // negative: a byte of a word that is not UTF-8
  std::string_view bytes;
};

std::vector<Character> CharactersOf(std::string_view word) {
  std::vector<Character> characters;
  const bool valid = !tokenize::FindInvalidUtf8(word).has_value();
  for (std::size_t i = 0; i < word.size();) {
    const std::size_t begin = i;
    UChar32 code = static_cast<unsigned char>(word[i]);
    if (valid) {
      U8_NEXT_UNSAFE(word, i, code);
    } else {
      if (code >= 0x80) code = -1;
      ++i;
    }
    characters.push_back({code, word.substr(begin, i - begin)});
  }
  return characters;
}

bool IsUpper(UChar32 c) {
  return c >= 0 && (u_isUUppercase(c) != 0 || u_istitle(c) != 0);
}

bool IsLower(UChar32 c) {
  return c >= 0 && u_isULowercase(c) != 0;
}

bool IsLetter(UChar32 c) {
  return c >= 0 && u_isalpha(c) != 0;
}

bool IsDigit(UChar32 c) {
  return c >= 0 && u_isdigit(c) != 0;
}

void AppendCode(UChar32 code, std::string& text) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code);
  text.append(bytes.data(), length);
}

struct CaseCounts {
  std::size_t upper = 0, lower = 0, letters = 0, digits = 0;
};

CaseCounts CountsOf(std::span<const Character> characters) {
  CaseCounts counts;
  for (const Character& c : characters) {
    counts.upper += IsUpper(c.code) ? 1 : 0;
    counts.lower += IsLower(c.code) ? 1 : 0;
    counts.letters += IsLetter(c.code) ? 1 : 0;
    counts.digits += IsDigit(c.code) ? 1 : 0;
  }
  return counts;
}

template <typename Predicate>
bool Any(std::string_view word, Predicate predicate) {
  const auto characters = CharactersOf(word);
  return std::any_of(characters.begin(), characters.end(), [&](const Character& c) { return predicate(c.code); });
}

template <typename Predicate>
bool AllOf(std::span<const Character> word, Predicate predicate) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [&](const Character& c) { return predicate(c.code); });
}

// Python: upper-case letters only at the begin of a sequence of letters with case, lower-case ones only after others.
bool IsPythonTitle(std::span<const Character> word) {
  bool inside = false, any = false;
  for (const Character& c : word) {
    const bool upper = IsUpper(c.code), lower = IsLower(c.code);
    if ((upper && inside) || (lower && !inside)) return false;
    inside = upper || lower;
    any = any || inside;
  }
  return any;
}

int NumericType(UChar32 c) {
  return c < 0 ? U_NT_NONE : u_getIntPropertyValue(c, UCHAR_NUMERIC_TYPE);
}

using Features = std::vector<WordFeature>;

void AddIf(bool condition, std::string_view name, Features& features) {
  if (condition) features.push_back({.name = std::string(name), .value = {}});
}

void AddOriginal(std::span<const Character> word, Features& features) {
  const CaseCounts counts = CountsOf(word);
  const bool has_title =
      std::any_of(word.begin(), word.end(), [](const Character& c) { return c.code >= 0 && u_istitle(c.code); });
  AddIf(AllOf(word, [](UChar32 c) { return IsLetter(c) || NumericType(c) != U_NT_NONE; }), "isalnum", features);
  AddIf(AllOf(word, IsLetter), "isalpha", features);
  AddIf(AllOf(word, [](UChar32 c) { return NumericType(c) == U_NT_DECIMAL || NumericType(c) == U_NT_DIGIT; }),
        "isdigit", features);
  AddIf(counts.lower > 0 && counts.upper == 0, "islower", features);
  AddIf(IsPythonTitle(word), "istitle", features);
  AddIf(counts.upper > 0 && counts.lower == 0 && !has_title, "isupper", features);
  features.push_back({.name = "len", .value = {}, .number = static_cast<float>(word.size())});
}

void AddAffixes(std::string_view word, int longest, Features& features) {
  const std::string folded = LowerFolded(word);
  const auto characters = CharactersOf(folded);
  std::size_t bytes_before = 0, bytes_after = 0;
  for (std::size_t n = 1; n <= std::min(characters.size(), static_cast<std::size_t>(longest)); ++n) {
    bytes_before += characters[n - 1].bytes.size();
    bytes_after += characters[characters.size() - n].bytes.size();
    features.push_back({.name = "pre" + std::to_string(n), .value = folded.substr(0, bytes_before)});
    features.push_back({.name = "suf" + std::to_string(n), .value = folded.substr(folded.size() - bytes_after)});
  }
}

void AddDigits(std::span<const Character> word, Features& features) {
  const CaseCounts counts = CountsOf(word);
  if (counts.digits == 0) return;
  const auto add = [&features](std::string_view value) {
    features.push_back({.name = "digits", .value = std::string(value)});
  };
  if (counts.digits == word.size()) add("all");
  if (counts.letters > 0) add("letters");
  add(counts.digits <= 4 ? std::to_string(counts.digits) : "many");
  for (const char sign : {'-', '/', ',', '.', ':', '%', '+', '\''}) {
    if (std::any_of(word.begin(), word.end(), [sign](const Character& c) { return c.code == sign; })) add({&sign, 1});
  }
}

void AddPunctuation(std::string_view word, Features& features) {
  const auto characters = CharactersOf(word);
  const auto is_plain = [](UChar32 c) { return IsLetter(c) || IsDigit(c); };
  if (std::none_of(characters.begin(), characters.end(), [&](const Character& c) { return is_plain(c.code); })) {
    features.push_back({.name = "punctuation", .value = "only"});
  }
  for (const char sign : {'-', '\'', '.', '/', '&', ',', '`', '"', '(', ')'}) {
    if (word.find(sign) != std::string_view::npos) features.push_back({.name = "punctuation", .value = {sign}});
  }
  if (word.size() > 1 && word.ends_with('.')) features.push_back({.name = "punctuation", .value = "final."});
}

}  // namespace

// Not tokenize::LetterCaseOf(), which looks at the first letter with case and not at the first character: "...It" (7
// tokens of CoNLL-2003) would be capitalized and not mixed, and it knows valid UTF-8 only.
std::string_view CaseName(std::string_view word) {
  const auto characters = CharactersOf(word);
  const CaseCounts counts = CountsOf(characters);
  if (counts.digits > 0) return counts.letters > 0 ? "alphanumeric" : "number";
  if (counts.upper == 0) return counts.lower > 0 ? "lower" : "none";
  if (counts.lower == 0) return counts.upper == 1 ? "initial" : "upper";
  return counts.upper == 1 && IsUpper(characters.front().code) ? "capitalized" : "mixed";
}

std::string_view FirstCharacter(std::string_view word) {
  return word.empty() ? word : CharactersOf(word).front().bytes;
}

std::string LowerFolded(std::string_view word) {
  std::string folded;
  for (const Character& c : CharactersOf(word)) {
    if (c.code < 0) {
      folded += c.bytes;
    } else {
      AppendCode(IsDigit(c.code) ? '0' : u_tolower(c.code), folded);
    }
  }
  return folded;
}

bool BeginsUpper(std::string_view word) {
  const auto characters = CharactersOf(word);
  return !characters.empty() && IsUpper(characters.front().code);
}

bool HasLower(std::string_view word) {
  return Any(word, IsLower);
}

bool HasUpper(std::string_view word) {
  return Any(word, IsUpper);
}

bool HasDigit(std::string_view word) {
  return Any(word, IsDigit);
}

std::string ShapeOf(std::string_view word, int longest_run) {
  std::string shape;
  std::string last;
  int run = 0;
  for (const Character& c : CharactersOf(word)) {
    std::string sign(c.bytes);
    if (IsLetter(c.code)) sign = IsUpper(c.code) ? "X" : "x";
    if (IsDigit(c.code)) sign = "d";
    run = sign == last ? run + 1 : 1;
    if (run <= longest_run) shape += sign;
    last = std::move(sign);
  }
  return shape;
}

std::vector<WordFeature> WordFeaturesOf(FeatureGroup group, std::string_view word, const HandFeatureOptions& options) {
  Features features;
  switch (group) {
    case FeatureGroup::kOriginal:
      AddOriginal(CharactersOf(word), features);
      break;
    case FeatureGroup::kWord:
      features.push_back({.name = "w", .value = LowerFolded(word)});
      if (HasUpper(word)) features.push_back({.name = "surface", .value = std::string(word)});
      break;
    case FeatureGroup::kCase:
      features.push_back({.name = "case", .value = std::string(CaseName(word))});
      break;
    case FeatureGroup::kShape:
      features.push_back({.name = "shape", .value = ShapeOf(word, 4)});
      features.push_back({.name = "short-shape", .value = ShapeOf(word, 1)});
      break;
    case FeatureGroup::kAffixes:
      AddAffixes(word, options.affix_length, features);
      break;
    case FeatureGroup::kDigits:
      AddDigits(CharactersOf(word), features);
      break;
    case FeatureGroup::kPunctuation:
      AddPunctuation(word, features);
      break;
    default:
      break;
  }
  return features;
}

}  // namespace conec::ner
