#include "tokenize/rule_check.h"

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "tokenize/sentence_rules.h"
#include "tokenize/word_rules.h"

namespace conec::tokenize {
namespace {

// One character of each class, dictionary scripts aside.
constexpr std::string_view kWordClasses[] = {"a",  "א", "한", "1",      "_",      ".", ",", ":", "'",
                                             "\"", "-", "@",  "\u0301", "\u200D", "😀", "ℹ", "🇫", " "};
constexpr std::string_view kSentenceClasses[] = {"a", "B", "א", "1",      ".",      "!",     ",",
                                                 "(", "-", " ", "\u00A0", "\u0301", "\u2029"};

std::string AsciiContexts() {
  static constexpr std::pair<std::string_view, std::string_view> kContexts[] = {
      {"a", "a"}, {"a", ""}, {"", "a"}, {"1", "1"}, {"a", "1"}, {"_", "_"}, {"a. ", "a"}, {"a.", "A"}, {"A! ", "A"}};
  std::string text;
  for (char c = 1; c < 0x7F; ++c) {
    for (const auto& [before, after] : kContexts) {
      text += before;
      text += c;
      text += after;
      text += "\n";
    }
  }
  return text;
}

std::string Triples(std::span<const std::string_view> classes) {
  std::string text;
  for (const std::string_view a : classes) {
    for (const std::string_view b : classes) {
      for (const std::string_view c : classes) (((text += a) += b) += c) += "\n";
    }
  }
  return text;
}

absl::StatusOr<std::size_t> FirstBoundary(IcuBreaks& breaks, std::string_view text) {
  CONEC_RETURN_IF_ERROR(breaks.SetText(text));
  return breaks.Next();
}

absl::StatusOr<WordTailoring> FindTailoring(IcuBreaks& words) {
  CONEC_ASSIGN_OR_RETURN(const std::size_t at_end, FirstBoundary(words, "a@"));
  CONEC_ASSIGN_OR_RETURN(const std::size_t colon_end, FirstBoundary(words, "a:a"));
  return WordTailoring{at_end == 2, colon_end == 3};
}

template <typename FindEnd>
absl::StatusOr<bool> Agree(IcuBreaks& breaks, std::string_view text, const FindEnd& find_end) {
  CONEC_RETURN_IF_ERROR(breaks.SetText(text));
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = find_end(text, begin);
    if (breaks.Next() != end) return false;
    begin = end;
  }
  return true;
}

absl::StatusOr<RuleCheck> Compare(IcuBreaks& words, IcuBreaks& sentences) {
  RuleCheck check;
  CONEC_ASSIGN_OR_RETURN(check.tailoring, FindTailoring(words));
  BreakClasses classes(check.tailoring);
  const std::string ascii = AsciiContexts();
  const auto word_end = [&](std::string_view text, std::size_t begin) { return FindWordEnd(text, begin, classes).end; };
  CONEC_ASSIGN_OR_RETURN(check.words_agree, Agree(words, ascii + Triples(kWordClasses), word_end));
  const auto sentence_end = [&](std::string_view text, std::size_t begin) {
    return FindSentenceEnd(text, begin, false, classes);
  };
  CONEC_ASSIGN_OR_RETURN(check.sentences_agree, Agree(sentences, ascii + Triples(kSentenceClasses), sentence_end));
  return check;
}

}  // namespace

absl::StatusOr<RuleCheck> CheckRules(IcuBreaks& words, IcuBreaks& sentences) {
  static std::mutex* const mutex = new std::mutex;
  static auto* const known = new std::map<std::pair<std::string, std::string>, RuleCheck>;
  const std::pair<std::string, std::string> rules(words.Rules(), sentences.Rules());
  const std::lock_guard<std::mutex> lock(*mutex);
  auto found = known->find(rules);
  if (found == known->end()) {
    CONEC_ASSIGN_OR_RETURN(RuleCheck check, Compare(words, sentences));
    // What is more than rules (exceptions such as "Mr.") may differ outside the probe text.
    check.words_agree = check.words_agree && !rules.first.empty();
    check.sentences_agree = check.sentences_agree && !rules.second.empty();
    found = known->emplace(rules, check).first;
  }
  return found->second;
}

}  // namespace conec::tokenize
