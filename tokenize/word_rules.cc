#include "tokenize/word_rules.h"

namespace conec::tokenize {
namespace {

constexpr bool IsAsciiAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr std::array<bool, 256> MakeAlphanumericTable() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x80; ++c) table[c] = IsAsciiAlphanumeric(static_cast<char>(c));
  return table;
}
constexpr std::array<bool, 256> kIsAlphanumeric = MakeAlphanumericTable();

std::size_t SkipAlphanumeric(std::string_view text, std::size_t position) {
  while (position < text.size() && kIsAlphanumeric[static_cast<unsigned char>(text[position])]) ++position;
  return position;
}

constexpr bool IsIgnored(WordClass c) {
  return c == WordClass::kIgnored || c == WordClass::kZwj;
}
constexpr bool IsLetter(WordClass c) {
  return c == WordClass::kLetter || c == WordClass::kHebrewLetter;
}
constexpr bool IsMidLetter(WordClass c) {
  return c == WordClass::kMidLetter || c == WordClass::kMidNumLet || c == WordClass::kSingleQuote;
}
constexpr bool IsMidNumber(WordClass c) {
  return c == WordClass::kMidNum || c == WordClass::kMidNumLet || c == WordClass::kSingleQuote;
}

// WB5, WB8 to WB10, WB13a, WB13b: no boundary between neighbours, ignored characters aside.
constexpr bool JoinsDirectly(WordClass left, WordClass right) {
  const auto is_core = [](WordClass c) { return IsLetter(c) || c == WordClass::kNumeric; };
  const auto is_core_or_connector = [&](WordClass c) { return is_core(c) || c == WordClass::kExtendNumLet; };
  return is_core_or_connector(left) && is_core_or_connector(right);
}

// WB6, WB7, WB7b, WB7c, WB11, WB12: no boundary around `middle` between these two.
constexpr bool JoinsAcross(WordClass left, WordClass middle, WordClass right) {
  if (IsLetter(left) && IsLetter(right) && IsMidLetter(middle)) return true;
  if (left == WordClass::kNumeric && right == WordClass::kNumeric && IsMidNumber(middle)) return true;
  return left == WordClass::kHebrewLetter && right == WordClass::kHebrewLetter && middle == WordClass::kDoubleQuote;
}

class WordScanner {
 public:
  WordScanner(std::string_view text, std::size_t begin, BreakClasses& classes)
      : text_(text), position_(begin), classes_(classes) {}

  WordSegment Scan() {
    ConsumeFirst();
    while (TryExtend()) {
    }
    return {position_, needs_dictionary_, begins_word_ && !has_white_space_};
  }

 private:
  struct Item {
    WordClass word = WordClass::kEnd;
    bool is_pictographic = false;
    bool is_word = false;
    bool is_white_space = false;
    std::size_t end = 0;
  };

  Item ItemAt(std::size_t position) {
    if (position >= text_.size()) return {WordClass::kEnd, false, false, false, position};
    const Character character = DecodeAt(text_, position);
    const BreakClass& entry = classes_.Of(character.code_point);
    needs_dictionary_ = needs_dictionary_ || entry.word == WordClass::kDictionary;
    return {entry.word, entry.is_pictographic, entry.is_word, entry.is_white_space, position + character.length};
  }

  // Takes the character `item` and what WB4 attaches to it.
  void Consume(const Item& item) {
    left_ = item.word;
    position_ = item.end;
    after_zwj_ = item.word == WordClass::kZwj;
    has_ignored_ = false;
    has_white_space_ = has_white_space_ || item.is_white_space;
    if (left_ == WordClass::kCr || left_ == WordClass::kLf || left_ == WordClass::kNewline) return;
    for (Item next = ItemAt(position_); IsIgnored(next.word); next = ItemAt(position_)) {
      after_zwj_ = next.word == WordClass::kZwj;
      has_ignored_ = true;
      position_ = next.end;
    }
  }

  void ConsumeFirst() {
    const std::size_t end = SkipAlphanumeric(text_, position_);
    const Item first = ItemAt(end > position_ ? end - 1 : position_);
    begins_word_ = first.is_word;
    Consume(first);
    // WB15, WB16: flags are pairs, counted from where the segment begins.
    if (left_ != WordClass::kRegionalIndicator) return;
    const Item second = ItemAt(position_);
    if (second.word == WordClass::kRegionalIndicator) Consume(second);
  }

  bool TryExtend() {
    const Item next = ItemAt(position_);
    if (next.word == WordClass::kEnd) return false;
    if (JoinsNeighbour(next)) {
      Consume(next);
      return true;
    }
    if (!IsMidLetter(next.word) && !IsMidNumber(next.word) && next.word != WordClass::kDoubleQuote) return false;
    return TryAcross(next);
  }

  bool JoinsNeighbour(const Item& next) const {
    if (after_zwj_ && next.is_pictographic) return true;                      // WB3c
    if (left_ == WordClass::kCr && next.word == WordClass::kLf) return true;  // WB3
    if (left_ == WordClass::kSpace || left_ == WordClass::kHangulSyllable) {  // WB3d
      return next.word == left_ && !has_ignored_;
    }
    return JoinsDirectly(left_, next.word);
  }

  bool TryAcross(const Item& middle) {
    const WordClass left = left_;
    if (!IsLetter(left) && left != WordClass::kNumeric) return false;
    const std::size_t begin_of_middle = position_;
    Consume(middle);
    const Item right = ItemAt(position_);
    if (JoinsAcross(left, middle.word, right.word)) {
      Consume(right);
      return true;
    }
    if (left == WordClass::kHebrewLetter && middle.word == WordClass::kSingleQuote) return true;  // WB7a
    position_ = begin_of_middle;
    left_ = WordClass::kEnd;
    return false;
  }

  std::string_view text_;
  std::size_t position_;
  BreakClasses& classes_;
  WordClass left_ = WordClass::kEnd;  // of the last character taken that is not ignored
  bool after_zwj_ = false;            // the last character taken is U+200D
  bool has_ignored_ = false;          // ignored characters follow the one of left_
  bool begins_word_ = false;          // the first character is a letter or digit (or all of an ASCII run)
  bool has_white_space_ = false;      // U+202F joins like an underscore
  bool needs_dictionary_ = false;
};

bool EndsPlainWord(std::string_view text, std::size_t position) {
  return position == text.size() || text[position] == ' ' || text[position] == '\n';
}

}  // namespace

WordSegment FindWordEnd(std::string_view text, std::size_t begin, BreakClasses& classes) {
  // Most words of English text: ASCII letters up to a blank. (A blank cannot be what joins.)
  const std::size_t end = SkipAlphanumeric(text, begin);
  if (end > begin && EndsPlainWord(text, end)) return {end, false, true};
  return WordScanner(text, begin, classes).Scan();
}

}  // namespace conec::tokenize
