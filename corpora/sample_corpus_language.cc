#include "corpora/sample_corpus_language.h"

#include <fmt/format.h>

#include <algorithm>

namespace conec::corpora::sample {
namespace {

// How often a slot of a category takes a word that all categories share: contexts of different categories overlap.
constexpr std::uint32_t kSharedPercent = 40;
// How often a noun takes one of the words that are typical of it within its category.
constexpr std::uint32_t kTypicalPercent = 50;
constexpr std::uint32_t kFocusPercent = 60;
// How often a second noun is one of the document's other topic.
constexpr std::uint32_t kOtherPercent = 35;

Topic ParseTopic(const TopicTable& table) {
  return {.table = &table,
          .nouns = ParseWords(table.nouns),
          .rare = ParseWords(table.rare),
          .invented = ParseWords(table.invented),
          .lists = {{"adj", ParseWords(table.adj)},
                    {"act", ParseWords(table.act)},
                    {"use", ParseWords(table.use)},
                    {"part", ParseWords(table.part)},
                    {"place", ParseWords(table.place)},
                    {"who", ParseWords(table.who)},
                    {"stuff", ParseWords(table.stuff)}}};
}

Frame ParseFrame(const FrameTable& table) {
  Frame frame{.table = &table, .columns = SplitWords(table.columns, ' '), .rows = {}};
  for (const std::string_view row : table.rows) {
    const std::size_t bar = std::min(row.find('|'), row.size() - 1);
    frame.rows.push_back({SplitWords(row.substr(0, bar), ' '), ParseWords(row.substr(bar + 1))});
  }
  return frame;
}

// Differs between the nouns of a category and is equal for synonyms.
std::uint32_t Character(const Lexeme& noun) {
  std::uint32_t hash = 2166136261u;
  for (const char c : noun.variants[0][0]) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash >> 8;
}

std::string_view WithoutNumber(std::string_view slot) {
  while (!slot.empty() && slot.back() >= '0' && slot.back() <= '9') slot.remove_suffix(1);
  return slot;
}

const std::vector<Lexeme>* FindList(const WordLists& lists, std::string_view name) {
  const auto found = lists.find(name);
  return found == lists.end() ? nullptr : &found->second;
}

std::uint32_t Size(const std::vector<Lexeme>& words) {
  return static_cast<std::uint32_t>(words.size());
}

}  // namespace

Lexicon ParseLexicon() {
  Lexicon lexicon;
  for (const auto& tables : {NatureTopics(), ThingTopics(), SocietyTopics()}) {
    for (const TopicTable& table : tables) lexicon.topics.push_back(ParseTopic(table));
  }
  for (const auto& tables : {PlaceFrames(), GrammarFrames()}) {
    for (const FrameTable& table : tables) lexicon.frames.push_back(ParseFrame(table));
  }
  for (const SharedList& list : SharedLists()) lexicon.shared.emplace(list.slot, ParseWords(list.words));
  return lexicon;
}

std::string SlotFiller::operator()(std::string_view name, std::string_view form) {
  if (std::string column = Column(name); !column.empty()) return column;
  if (std::string number = Number(WithoutNumber(name)); !number.empty()) return number;
  const Choice* choice = Chosen(name);
  return choice == nullptr ? "?" : choice->lexeme->Form(choice->variant, form);
}

// The word of the focused row in column `name`; "" if there is none.
std::string SlotFiller::Column(std::string_view name) const {
  if (focus_.frame == nullptr) return "";
  const std::vector<std::string_view>& columns = focus_.frame->columns;
  const auto column = std::find(columns.begin(), columns.end(), name);
  if (column == columns.end()) return "";
  return std::string(focus_.row->words[static_cast<std::size_t>(column - columns.begin())]);
}

// A number of `least` up to below least + count, with one digit behind the point. Drawn one after the other: the order
// in which a call's arguments are evaluated is the compiler's choice.
std::string SlotFiller::Decimal(std::uint32_t least, std::uint32_t count) {
  const std::uint32_t digit = 1 + random_.Below(9);
  return fmt::format("{}.{}", least + random_.Below(count), digit);
}

std::string SlotFiller::Number(std::string_view name) {
  if (name == "year") return fmt::format("{}", 1850 + random_.Below(176));
  if (name == "decimal") return Decimal(1, 60);
  if (name == "percent") return Decimal(0, 20);
  if (name == "some") return fmt::format("{}", 2 + random_.Below(98));
  if (name != "quantity") return "";
  const std::uint32_t small = 11 + random_.Below(989);
  return random_.Below(3) > 0 ? fmt::format("{}", small) : fmt::format("{},{:03}", 1 + random_.Below(40), small);
}

const SlotFiller::Choice* SlotFiller::Chosen(std::string_view name) {
  for (const Choice& choice : choices_) {
    if (choice.slot == name) return &choice;
  }
  const Lexeme* lexeme = DrawNew(WithoutNumber(name));
  if (lexeme == nullptr) return nullptr;
  const std::uint32_t variant = random_.Below(static_cast<std::uint32_t>(lexeme->variants.size()));
  choices_.push_back({name, lexeme, variant});
  return &choices_.back();
}

bool SlotFiller::IsChosen(const Lexeme* lexeme) const {
  return std::any_of(choices_.begin(), choices_.end(), [&](const Choice& c) { return c.lexeme == lexeme; });
}

// A word that the sentence does not have yet, if one is found soon.
const Lexeme* SlotFiller::DrawNew(std::string_view list) {
  const Lexeme* lexeme = Draw(list);
  for (int trial = 0; trial < 8 && lexeme != nullptr && IsChosen(lexeme); ++trial) lexeme = Draw(list);
  return lexeme;
}

const Lexeme* SlotFiller::Draw(std::string_view list) {
  if (focus_.row != nullptr && list == "with") return &focus_.row->extras[random_.Below(Size(focus_.row->extras))];
  if (focus_.topic != nullptr) {
    if (list == "n" || list == "m" || list == "k") return DrawNoun(list == "n");
    const std::vector<Lexeme>* any = FindList(lexicon_.shared, fmt::format("any{}", list));
    if (any != nullptr && random_.Below(100) < kSharedPercent) return &(*any)[DrawZipf(random_, Size(*any), 2)];
    const std::vector<Lexeme>* own = FindList(focus_.topic->lists, list);
    if (own != nullptr) return DrawTypical(*own);
  }
  const std::vector<Lexeme>* shared = FindList(lexicon_.shared, list);
  return shared == nullptr ? nullptr : &(*shared)[DrawZipf(random_, Size(*shared), 4)];
}

const Lexeme* SlotFiller::DrawNoun(bool is_first) {
  if (is_first && focus_.subject != nullptr) return focus_.subject;
  if (!focus_.nouns.empty() && random_.Below(100) < kFocusPercent) {
    return focus_.nouns[random_.Below(static_cast<std::uint32_t>(focus_.nouns.size()))];
  }
  const bool is_other = !is_first && focus_.other != nullptr && random_.Below(100) < kOtherPercent;
  const std::vector<Lexeme>& nouns = (is_other ? focus_.other : focus_.topic)->nouns;
  return &nouns[DrawZipf(random_, Size(nouns), 6)];
}

// The nouns of a category prefer different words of its lists, so that each has its own neighbourhood.
const Lexeme* SlotFiller::DrawTypical(const std::vector<Lexeme>& words) {
  const std::uint32_t rank = DrawZipf(random_, Size(words), 2);
  if (random_.Below(100) >= kTypicalPercent) return &words[rank];
  const Choice* noun = Chosen("n");
  return &words[(rank + Character(*noun->lexeme)) % Size(words)];
}

}  // namespace conec::corpora::sample
