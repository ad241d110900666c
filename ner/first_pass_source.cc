// Features of what a first classifier said of a text: tags as words of a small language, and what the document's other
// tags say of the same word and the same entity.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ner/analysed_text.h"
#include "ner/feature_sources.h"
#include "ner/tags.h"

namespace conec::ner {
namespace {

constexpr std::string_view kBoundary = "#";  // the tag before a sentence and after it
constexpr std::size_t kMostCounted = 4;
constexpr std::size_t kLongestShown = 5;
constexpr std::size_t kLongestContained = 32;  // words of an entity that is looked for in others

std::string_view TypeOf(std::string_view tag) {
  return tag == "O" ? tag : PartsOf(tag).type;
}

std::string_view SureOf(double probability) {
  return probability > 0.95 ? "9" : probability > 0.7 ? "7" : "5";
}
std::string_view ShareOf(double share) {
  return share > 0.9 ? "9" : share > 0.6 ? "6" : "4";
}

// What was most probable of a token.
struct Guess {
  std::string_view tag, second;  // second: of two classes the other one, too
  double probability = 0;
};

Guess GuessOf(const FirstPass& first, std::size_t token) {
  const std::span<const double> row = first.probabilities.row(token);
  std::size_t best = 0, second = 0;
  for (std::size_t k = 1; k < row.size(); ++k) {
    if (row[k] > row[best]) {
      second = std::exchange(best, k);
    } else if (second == best || row[k] > row[second]) {
      second = k;
    }
  }
  return {first.classes[best], first.classes[second], row[best]};
}

using Counts = std::map<std::string_view, std::size_t>;

// The first of those with the largest value; the map must not be empty.
template <typename Map>
auto Largest(const Map& map) {
  return std::max_element(map.begin(), map.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
}

class FirstPassSource : public FeatureSource {
 public:
  explicit FirstPassSource(const AnalysedText& text) : text_(text), first_(*text.text().first_pass) {
    for (const std::string& name : first_.classes) {
      const auto type = std::find(types_.begin(), types_.end(), TypeOf(name));
      type_of_class_.push_back(static_cast<std::size_t>(type - types_.begin()));
      if (type == types_.end()) types_.push_back(TypeOf(name));
    }
    for (std::size_t i = 0; i < text.tokens(); ++i) guesses_.push_back(GuessOf(first_, i));
  }

  void Emit(std::size_t token, FeatureRows& rows) override {
    if (token == text_.document(token).begin) Prepare(text_.document(token));
    EmitNeighbours(token, rows);
    EmitWords(token, rows);
    EmitSameWord(token, rows);
    EmitEntity(token, rows);
  }

 private:
  struct Same {
    Counts types;   // of the entities with these words
    Counts longer;  // of those that contain them
  };
  // By words: their numbers with a space after each, so that a sequence of them is a part of the text.
  using SameByWords = std::map<std::string, Same, std::less<>>;
  // An entity as the first pass has it.
  struct Found : Range {
    std::string_view type;
    std::string cases;
    const Same* same = nullptr;
  };

  std::string_view TagAt(std::size_t token, std::ptrdiff_t offset) const {
    const Sentence& sentence = text_.sentence(token);
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(token) + offset;
    const bool inside =
        at >= static_cast<std::ptrdiff_t>(sentence.begin) && at < static_cast<std::ptrdiff_t>(sentence.end);
    return inside ? guesses_[static_cast<std::size_t>(at)].tag : kBoundary;
  }
  std::string_view SureAt(std::size_t token, std::ptrdiff_t offset) const {
    if (TagAt(token, offset) == kBoundary) return {};
    return SureOf(guesses_[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(token) + offset)].probability);
  }

  void EmitNeighbours(std::size_t token, FeatureRows& rows) const {
    static constexpr std::array<std::string_view, 5> kOffsets = {"-2", "-1", "0", "+1", "+2"};
    std::array<std::string_view, 5> tags;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(i) - 2;
      tags[i] = TagAt(token, offset);
      rows.Add({"tag[", kOffsets[i], "]=", tags[i]});
      if (i > 0 && i < 4) rows.Add({"sure[", kOffsets[i], "]=", tags[i], "|", SureAt(token, offset)});
    }
    rows.Add({"tags[-1,0]=", tags[1], "|", tags[2]});
    rows.Add({"tags[0,+1]=", tags[2], "|", tags[3]});
    rows.Add({"tags[-1,+1]=", tags[1], "|", tags[3]});
    rows.Add({"tags[-2,-1]=", tags[0], "|", tags[1]});
    rows.Add({"tags[+1,+2]=", tags[3], "|", tags[4]});
    rows.Add({"tags[-1..+1]=", tags[1], "|", tags[2], "|", tags[3]});
    rows.Add({"tags[-2..+2]=", tags[0], "|", tags[1], "|", tags[2], "|", tags[3], "|", tags[4]});
    const Guess& guess = guesses_[token];
    rows.Add({"best-two=", guess.tag, "|", guess.second, "|", SureOf(guess.probability)});
  }

  void EmitWords(std::size_t token, FeatureRows& rows) const {
    const std::string_view word = text_.lower(token), before = TagAt(token, -1);
    rows.Add({"tag[0]|w=", TagAt(token, 0), "|", word});
    rows.Add({"tag[-1]|w=", before, "|", word});
    rows.Add({"tag[+1]|w=", TagAt(token, 1), "|", word});
    rows.Add({"tag[-1]|case=", before, "|", text_.case_at(token, 0)});
    rows.Add({"tag[-1]|w[-1]=", before, "|", text_.lower_at(token, -1)});
  }

  void Prepare(const Range& document) {
    word_types_.clear();
    entities_.clear();
    same_.clear();
    entity_of_.assign(document.size(), -1);
    begin_ = document.begin;
    for (std::size_t i = document.begin; i < document.end; ++i) {
      if (!text_.form(i).has_upper) continue;
      std::vector<double>& sums = word_types_[text_.form(i).lower];
      sums.resize(types_.size() + 1);
      AddTypes(i, 1, sums);
    }
    for (std::size_t i = document.begin; i < document.end; i = text_.sentence(i).end) FindEntities(text_.sentence(i));
    for (const auto& [words, same] : same_) AddToContained(words, same.types);
  }

  // The types of the entities with these words count as longer ones for all entities that are a part of them.
  void AddToContained(std::string_view words, const Counts& types) {
    std::vector<std::size_t> begins = {0};  // of the words, and the end
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == ' ') begins.push_back(i + 1);
    }
    std::set<Same*> contained;
    for (std::size_t b = 0; b + 1 < begins.size(); ++b) {
      for (std::size_t e = b + 1; e < begins.size() && e - b <= kLongestContained; ++e) {
        const auto found = same_.find(words.substr(begins[b], begins[e] - begins[b]));
        if (found != same_.end() && e - b + 1 < begins.size()) contained.insert(&found->second);
      }
    }
    for (Same* same : contained) {
      for (const auto& [type, count] : types) same->longer[type] += count;
    }
  }

  // Adds the probabilities of the types; the last entry counts tokens.
  void AddTypes(std::size_t token, double sign, std::vector<double>& sums) const {
    const std::span<const double> row = first_.probabilities.row(token);
    for (std::size_t k = 0; k < row.size(); ++k) sums[type_of_class_[k]] += sign * row[k];
    sums.back() += sign;
  }

  void FindEntities(const Sentence& sentence) {
    std::vector<std::string_view> tags;
    for (std::size_t i = sentence.begin; i < sentence.end; ++i) tags.push_back(guesses_[i].tag);
    for (const Entity& entity : EntitiesOf(tags)) {
      Found found;
      found.begin = sentence.begin + entity.begin;
      found.end = sentence.begin + entity.end;
      found.type = TypeOf(guesses_[found.begin].tag);
      std::string words;
      for (std::size_t i = found.begin; i < found.end; ++i) {
        words += std::to_string(text_.form(i).lower) + " ";
        if (i - found.begin < kLongestShown) found.cases += std::string(text_.case_at(i, 0)) + " ";
        entity_of_[i - begin_] = static_cast<std::ptrdiff_t>(entities_.size());
      }
      Same& same = same_[std::move(words)];
      ++same.types[found.type];
      found.same = &same;
      entities_.push_back(std::move(found));
    }
  }

  // What its other occurrences in the document are on average.
  void EmitSameWord(std::size_t token, FeatureRows& rows) const {
    if (!text_.form(token).has_upper) return;
    std::vector<double> sums = word_types_.at(text_.form(token).lower);
    const auto count = static_cast<std::size_t>(sums.back());
    if (count < 2) return;
    AddTypes(token, -1, sums);
    const auto best = std::max_element(sums.begin(), sums.end() - 1);
    const std::string_view type = types_[static_cast<std::size_t>(best - sums.begin())];
    const Guess& guess = guesses_[token];
    rows.Add({"elsewhere=", type});
    rows.Add({"elsewhere|share=", type, "|", ShareOf(*best / static_cast<double>(count - 1))});
    rows.Add({"elsewhere|tag=", type, "|", guess.tag});
    rows.Add({"elsewhere|tag|sure=", type, "|", guess.tag, "|", SureOf(guess.probability)});
    rows.Add({"elsewhere|count=", type, "|", std::to_string(std::min(count, kMostCounted))});
  }

  void EmitEntity(std::size_t token, FeatureRows& rows) const {
    const std::ptrdiff_t number = entity_of_[token - begin_];
    if (number < 0) return;
    const Found& found = entities_[static_cast<std::size_t>(number)];
    const std::string_view tag = guesses_[token].tag;
    rows.Add({"entity|length=", found.type, "|", std::to_string(std::min(found.size(), kLongestShown))});
    rows.Add({"entity|cases=", found.type, "|", found.cases});
    const Same& same = *found.same;
    Counts others = same.types;
    if (--others[found.type] == 0) others.erase(found.type);
    if (!others.empty()) {
      rows.Add({"same=", Largest(others)->first});
      rows.Add({"same|tag=", Largest(others)->first, "|", tag});
    }
    if (same.longer.empty()) return;
    const std::string_view longer = Largest(same.longer)->first;
    rows.Add({"longer=", longer});
    rows.Add({"longer|tag=", longer, "|", tag});
    rows.Add({"longer|tag|case=", longer, "|", tag, "|", text_.case_at(token, 0)});
  }

  const AnalysedText& text_;
  const FirstPass& first_;
  std::vector<std::string_view> types_;  // "O" among them if it is a class
  std::vector<std::size_t> type_of_class_;
  std::vector<Guess> guesses_;
  // Of the document:
  std::size_t begin_ = 0;
  std::unordered_map<std::uint32_t, std::vector<double>> word_types_;  // by lower-case form, of words with capitals
  std::vector<Found> entities_;
  std::vector<std::ptrdiff_t> entity_of_;  // of tokens from begin_ on; -1: none
  SameByWords same_;
};

}  // namespace

std::unique_ptr<FeatureSource> MakeFirstPassSource(const AnalysedText& text) {
  return std::make_unique<FirstPassSource>(text);
}

}  // namespace conec::ner
