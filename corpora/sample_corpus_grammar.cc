#include "corpora/sample_corpus_grammar.h"

#include <algorithm>

namespace conec::corpora::sample {
namespace {

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
char ToUpper(char c) {
  return IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}
bool IsVowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

// "fly", "berry": y after a consonant.
bool EndsInConsonantY(std::string_view word) {
  return word.size() > 1 && word.ends_with('y') && !IsVowel(word[word.size() - 2]);
}

bool EndsInHiss(std::string_view word) {
  return word.ends_with('s') || word.ends_with('x') || word.ends_with('z') || word.ends_with("ch") ||
         word.ends_with("sh");
}

// "stop", "trim": one vowel before one consonant, in one syllable. The consonant doubles.
bool Doubles(std::string_view word) {
  if (word.size() < 3 || std::count_if(word.begin(), word.end(), IsVowel) != 1) return false;
  const char last = word.back(), middle = word[word.size() - 2];
  return IsVowel(middle) && !IsVowel(last) && std::string_view("wxy").find(last) == std::string_view::npos;
}

std::string Join(std::string_view stem, std::string_view ending) {
  return std::string(stem).append(ending);
}

std::string AddS(std::string_view word) {
  if (EndsInConsonantY(word)) return Join(word.substr(0, word.size() - 1), "ies");
  const bool latin = word.ends_with("ato");  // "potato", "tomato"
  if (EndsInHiss(word) || latin) return Join(word, "es");
  return Join(word, "s");
}

// Applies `inflect` to the first word of "break_down".
template <typename Inflect>
std::string InflectHead(std::string_view words, Inflect inflect) {
  const std::size_t cut = std::min(words.find('_'), words.size());
  return inflect(words.substr(0, cut)).append(words.substr(cut));
}

std::string PastOfOne(std::string_view verb) {
  if (EndsInConsonantY(verb)) return Join(verb.substr(0, verb.size() - 1), "ied");
  if (verb.ends_with('e')) return Join(verb, "d");
  return Doubles(verb) ? Join(verb, std::string(1, verb.back()) + "ed") : Join(verb, "ed");
}

std::string PresentParticipleOfOne(std::string_view verb) {
  if (verb.ends_with("ie")) return Join(verb.substr(0, verb.size() - 2), "ying");
  if (verb.ends_with('e') && !verb.ends_with("ee")) return Join(verb.substr(0, verb.size() - 1), "ing");
  return Doubles(verb) ? Join(verb, std::string(1, verb.back()) + "ing") : Join(verb, "ing");
}

// The alternative of "(one|two|)" that is drawn; `pattern` begins behind '(', `end` is set behind the matching ')'.
std::string_view ChooseAlternative(std::string_view pattern, PhiloxStream& random, std::size_t* end) {
  std::vector<std::string_view> alternatives;
  std::size_t begin = 0, depth = 0, at = 0;
  for (; at < pattern.size() && !(pattern[at] == ')' && depth == 0); ++at) {
    if (pattern[at] == '(') ++depth;
    if (pattern[at] == ')') --depth;
    if (pattern[at] != '|' || depth > 0) continue;
    alternatives.push_back(pattern.substr(begin, at - begin));
    begin = at + 1;
  }
  alternatives.push_back(pattern.substr(begin, at - begin));
  *end = std::min(at + 1, pattern.size());
  return alternatives[random.Below(static_cast<std::uint32_t>(alternatives.size()))];
}

std::string FillSlot(std::string_view slot, const SlotFn& fill) {
  const std::size_t dot = slot.find('.');
  return dot == std::string_view::npos ? fill(slot, "") : fill(slot.substr(0, dot), slot.substr(dot + 1));
}

void Expand(std::string_view pattern, PhiloxStream& random, const SlotFn& fill, std::string* out) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '{') {
      const std::size_t close = std::min(pattern.find('}', at), pattern.size());
      out->append(FillSlot(pattern.substr(at + 1, close - at - 1), fill));
      at = close;
    } else if (pattern[at] == '(') {
      std::size_t length = 0;
      Expand(ChooseAlternative(pattern.substr(at + 1), random, &length), random, fill, out);
      at += length;
    } else {
      out->push_back(pattern[at]);
    }
  }
}

// Whether the word at text[at] begins with a vowel sound, as far as our lexicon goes.
bool BeginsWithVowelSound(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  for (const std::string_view consonant : {"one", "uni", "use", "euro", "uku"}) {
    if (rest.starts_with(consonant)) return false;
  }
  for (const std::string_view vowel : {"honest", "heir", "hour", "X-"}) {
    if (rest.starts_with(vowel)) return true;
  }
  return !rest.empty() && IsVowel(LowerCase(rest.substr(0, 1)).front());
}

// Single blanks, "a" or "an".
std::string Tidy(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] == '_' ? ' ' : text[i];
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    const bool article = c == ' ' && (out == "a" || out.ends_with(" a") || out.ends_with("\"a"));
    if (article && BeginsWithVowelSound(text, i + 1)) out.push_back('n');
    out.push_back(c);
  }
  return out;
}

bool IsSmallTitleWord(std::string_view word) {
  constexpr std::string_view kSmall = " a an the and or of to in at by ";
  return kSmall.find(std::string(" ").append(word) + " ") != std::string_view::npos;
}

void CapitaliseFirst(std::string* text) {
  const auto letter = std::find_if(text->begin(), text->end(), [](char c) { return c != '"'; });
  if (letter != text->end()) *letter = ToUpper(*letter);
}

}  // namespace

std::string LowerCase(std::string_view ascii) {
  std::string lower(ascii);
  for (char& c : lower) {
    if (IsUpper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Plural(std::string_view noun) {
  const std::size_t last = noun.rfind('_') + 1;  // npos + 1 == 0
  return Join(noun.substr(0, last), AddS(noun.substr(last)));
}
std::string ThirdPerson(std::string_view verb) {
  return InflectHead(verb, AddS);
}
std::string Past(std::string_view verb) {
  return InflectHead(verb, PastOfOne);
}
std::string PresentParticiple(std::string_view verb) {
  return InflectHead(verb, PresentParticipleOfOne);
}

std::string Lexeme::Form(std::size_t variant, std::string_view form) const {
  const std::vector<std::string>& listed = variants[variant];
  if (form == "p") return listed.size() > 1 ? listed[1] : Plural(listed[0]);
  if (form == "s") return ThirdPerson(listed[0]);
  if (form == "ing") return PresentParticiple(listed[0]);
  if (form == "ed") return listed.size() > 1 ? listed[1] : Past(listed[0]);
  if (form == "en") return listed.size() > 2 ? listed[2] : Past(listed[0]);
  return listed[0];
}

std::vector<std::string_view> SplitWords(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t cut = std::min(text.find(separator), text.size());
    if (cut > 0) parts.push_back(text.substr(0, cut));
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  return parts;
}

Lexeme ParseLexeme(std::string_view entry) {
  Lexeme lexeme;
  for (const std::string_view synonym : SplitWords(entry, '=')) {
    const std::vector<std::string_view> forms = SplitWords(synonym, ':');
    lexeme.variants.emplace_back(forms.begin(), forms.end());
  }
  return lexeme;
}

std::vector<Lexeme> ParseWords(std::string_view words) {
  std::vector<Lexeme> lexemes;
  for (const std::string_view entry : SplitWords(words, ' ')) lexemes.push_back(ParseLexeme(entry));
  return lexemes;
}

std::uint32_t DrawZipf(PhiloxStream& random, std::uint32_t n, std::uint32_t offset) {
  constexpr std::uint32_t kScale = 1u << 20;
  std::uint32_t total = 0;
  for (std::uint32_t rank = 0; rank < n; ++rank) total += kScale / (rank + offset);
  std::uint32_t draw = random.Below(total), rank = 0;
  while (draw >= kScale / (rank + offset)) draw -= kScale / (rank++ + offset);
  return rank;
}

std::string ExpandSentence(std::string_view pattern, PhiloxStream& random, const SlotFn& fill) {
  std::string raw;
  Expand(pattern, random, fill, &raw);
  std::string sentence = Tidy(raw);
  CapitaliseFirst(&sentence);
  return sentence;
}

std::string ExpandTitle(std::string_view pattern, PhiloxStream& random, const SlotFn& fill) {
  std::string title = ExpandSentence(pattern, random, fill);
  for (std::size_t begin = 0; begin < title.size();) {
    const std::size_t end = std::min(title.find(' ', begin), title.size());
    if (!IsSmallTitleWord(std::string_view(title).substr(begin, end - begin))) title[begin] = ToUpper(title[begin]);
    begin = end + 1;
  }
  return title;
}

}  // namespace conec::corpora::sample
