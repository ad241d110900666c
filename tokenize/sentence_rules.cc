#include "tokenize/sentence_rules.h"

namespace conec::tokenize {
namespace {

// ASCII bytes that neither end a sentence nor break a line.
constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x80; ++c) table[c] = c != '.' && c != '!' && c != '?' && c != '\n' && c != '\r';
  return table;
}
constexpr std::array<bool, 256> kIsPlain = MakePlainTable();

constexpr bool IsTerminator(SentenceClass c) {
  return c == SentenceClass::kATerm || c == SentenceClass::kSTerm;
}
constexpr bool IsLetter(SentenceClass c) {
  return c == SentenceClass::kLower || c == SentenceClass::kUpper || c == SentenceClass::kOtherLetter;
}

class SentenceScanner {
 public:
  SentenceScanner(std::string_view text, std::size_t begin, bool joined_lines, BreakClasses& classes)
      : text_(text), begin_(begin), joined_lines_(joined_lines), classes_(classes) {}

  std::size_t Scan() {
    std::size_t position = begin_;
    while (true) {
      while (position < text_.size() && kIsPlain[static_cast<unsigned char>(text_[position])]) ++position;
      const Item item = ItemAt(position);
      if (item.sentence == SentenceClass::kEnd) return position;
      if (item.sentence == SentenceClass::kSeparator) return EndOfSeparator(position, item);
      if (!IsTerminator(item.sentence)) {
        position = item.end;
        continue;
      }
      const AfterTerminator after = ReadTerminator(position, item);
      if (after.ends_sentence) return after.position;
      position = after.position;
    }
  }

 private:
  struct Item {
    SentenceClass sentence = SentenceClass::kEnd;
    std::size_t end = 0;
  };
  struct AfterTerminator {
    std::size_t position = 0;
    bool ends_sentence = false;
  };

  SentenceClass ClassOf(char32_t c) {
    const SentenceClass sentence = classes_.Of(c).sentence;
    return joined_lines_ && sentence == SentenceClass::kSeparator ? SentenceClass::kSpace : sentence;
  }

  Item ItemAt(std::size_t position) {
    if (position >= text_.size()) return {SentenceClass::kEnd, position};
    const Character character = DecodeAt(text_, position);
    return {ClassOf(character.code_point), position + character.length};
  }

  // SB3.
  std::size_t EndOfSeparator(std::size_t position, const Item& separator) const {
    const bool is_crlf = text_[position] == '\r' && separator.end < text_.size() && text_[separator.end] == '\n';
    return separator.end + (is_crlf ? 1 : 0);
  }

  std::size_t SkipIgnored(std::size_t position) { return SkipAll(position, SentenceClass::kIgnored); }

  // Skips characters of one class, each with what SB5 attaches to it.
  std::size_t SkipAll(std::size_t position, SentenceClass skipped) {
    for (Item item = ItemAt(position); item.sentence == skipped || item.sentence == SentenceClass::kIgnored;
         item = ItemAt(position)) {
      position = item.end;
    }
    return position;
  }

  // Class of the character before `position` that is not ignored; kEnd if there is none in this sentence.
  SentenceClass ClassBefore(std::size_t position) {
    while (position > begin_) {
      do {
        --position;
      } while ((static_cast<unsigned char>(text_[position]) & 0xC0) == 0x80);
      const SentenceClass before = ClassOf(DecodeAt(text_, position).code_point);
      if (before != SentenceClass::kIgnored) return before;
    }
    return SentenceClass::kEnd;
  }

  AfterTerminator ReadTerminator(std::size_t position, const Item& terminator) {
    const std::size_t after = SkipIgnored(terminator.end);
    const bool is_full_stop = terminator.sentence == SentenceClass::kATerm;
    if (is_full_stop && IsInsideWord(position, after)) return {after, false};
    const std::size_t end = SkipAll(SkipAll(after, SentenceClass::kClose), SentenceClass::kSpace);
    const Item next = ItemAt(end);
    if (is_full_stop && LowerFollows(end)) return {end, false};
    if (next.sentence == SentenceClass::kSContinue || IsTerminator(next.sentence)) return {end, false};  // SB8a
    if (next.sentence == SentenceClass::kSeparator) return {EndOfSeparator(end, next), true};
    return {end, true};
  }

  // SB6, SB7: 3.14, U.S.
  bool IsInsideWord(std::size_t position, std::size_t after) {
    const SentenceClass next = ItemAt(after).sentence;
    if (next == SentenceClass::kNumeric) return true;
    if (next != SentenceClass::kUpper) return false;
    const SentenceClass before = ClassBefore(position);
    return before == SentenceClass::kUpper || before == SentenceClass::kLower;
  }

  // SB8: "etc. and".
  bool LowerFollows(std::size_t position) {
    Item item = ItemAt(position);
    while (!IsLetter(item.sentence) && !IsTerminator(item.sentence) && item.sentence != SentenceClass::kSeparator &&
           item.sentence != SentenceClass::kEnd) {
      item = ItemAt(item.end);
    }
    return item.sentence == SentenceClass::kLower;
  }

  std::string_view text_;
  std::size_t begin_;
  bool joined_lines_;
  BreakClasses& classes_;
};

}  // namespace

std::size_t FindSentenceEnd(std::string_view text, std::size_t begin, bool joined_lines, BreakClasses& classes) {
  return SentenceScanner(text, begin, joined_lines, classes).Scan();
}

}  // namespace conec::tokenize
