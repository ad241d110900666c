// Features from the other occurrences of a word in its document.
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ner/analysed_text.h"
#include "ner/feature_sources.h"
#include "ner/word_forms.h"

namespace conec::ner {
namespace {

// A source that looks at each document as a whole before its first token.
class DocumentSource : public FeatureSource {
 public:
  explicit DocumentSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) final {
    const Range document = text_.document(token);
    if (token == document.begin) Prepare(document, rows);
    EmitPrepared(token, rows);
  }

 protected:
  virtual void Prepare(const Range& document, FeatureRows& rows) = 0;
  virtual void EmitPrepared(std::size_t token, FeatureRows& rows) = 0;
  const AnalysedText& text() const { return text_; }
  // Where capitals are not due to the place.
  bool CapitalsMeanSomething(std::size_t token) const {
    return !text_.sentence(token).all_upper && !text_.is_first(token);
  }

 private:
  const AnalysedText& text_;
};

// How often a word stands in lower case, with a capital first, and in capitals, where that means something.
class DocumentCaseSource : public DocumentSource {
 public:
  using DocumentSource::DocumentSource;

 private:
  enum Kind { kLower, kCapital, kUpper, kKinds };
  using Counts = std::array<int, kKinds>;

  static Kind KindOf(const WordForm& form) {
    if (!form.begins_upper) return kLower;
    return form.case_name == "upper" ? kUpper : kCapital;
  }

  void Prepare(const Range& document, FeatureRows& /*rows*/) override {
    counts_.clear();
    for (std::size_t i = document.begin; i < document.end; ++i) {
      const WordForm& form = text().form(i);
      if (CapitalsMeanSomething(i)) ++counts_[form.lower][KindOf(form)];
    }
    PrepareAcronyms(document);
  }

  void EmitPrepared(std::size_t token, FeatureRows& rows) override {
    const WordForm& form = text().form(token);
    const Sentence& sentence = text().sentence(token);
    if (token > sentence.begin) rows.Add({"elsewhere[-1]=", Elsewhere(token - 1)});
    if (token + 1 < sentence.end) rows.Add({"elsewhere[+1]=", Elsewhere(token + 1)});
    if (!form.has_lower && !form.has_upper) return;
    const std::string elsewhere = Elsewhere(token);
    rows.Add({"elsewhere=", elsewhere});
    rows.Add({"elsewhere&case=", elsewhere, " ", form.case_name});
    EmitAcronym(token, form, rows);
  }

  // The ways in which the word stands at its other places, and what its own place is.
  std::string Elsewhere(std::size_t token) const {
    const WordForm& form = text().form(token);
    const auto found = counts_.find(form.lower);
    Counts others = found == counts_.end() ? Counts{} : found->second;
    if (CapitalsMeanSomething(token)) --others[KindOf(form)];
    std::string elsewhere;
    for (const Kind kind : {kLower, kCapital, kUpper}) {
      if (others[kind] > 0) elsewhere += "lcu"[kind];
    }
    const Sentence& sentence = text().sentence(token);
    return elsewhere + (sentence.all_upper ? " all-upper" : token == sentence.begin ? " first" : "");
  }

  // The first letters of runs, and of two runs with one short word between them, such as "of".
  void PrepareAcronyms(const Range& document) {
    expansions_.clear();
    upper_words_.clear();
    std::string previous_initials;
    const Range* previous = nullptr;
    for (std::size_t i = document.begin; i < document.end; ++i) {
      if (text().form(i).case_name == "upper") upper_words_.insert(Letters(text().form(i).surface));
      const Range* run = text().run(i);
      if (run == nullptr || run->begin != i) continue;
      const std::string initials = Initials(*run);
      AddExpansion(initials, run->end - 1);
      const bool joined = previous != nullptr && previous->end + 1 == i && text().lower(i - 1).size() <= 3 &&
                          text().sentence(i).begin <= previous->begin;
      if (joined) AddExpansion(previous_initials + initials, run->end - 1);
      previous = run;
      previous_initials = initials;
    }
  }

  void AddExpansion(const std::string& initials, std::size_t last) {
    if (initials.size() < 2) return;
    expansions_.emplace(initials, last);
    // The first word of a sentence may owe its capital to the place ("The European Union").
    const std::string rest = WithoutFirst(initials);
    if (rest.size() >= 2) expansions_.emplace(rest, last);
  }

  std::string Initials(const Range& run) const {
    std::string initials;
    for (std::size_t i = run.begin; i < run.end; ++i) initials += text().form(i).initial;
    return initials;
  }

  static std::string WithoutFirst(std::string_view initials) {
    return std::string(initials.substr(FirstCharacter(initials).size()));
  }

  // "U.N." -> "UN".
  static std::string Letters(std::string_view word) {
    std::string letters;
    for (const char c : word) {
      if (c != '.') letters += c;
    }
    return letters;
  }

  void EmitAcronym(std::size_t token, const WordForm& form, FeatureRows& rows) {
    if (form.case_name == "upper") {
      const auto expansion = expansions_.find(Letters(form.surface));
      if (expansion != expansions_.end()) rows.Add({"acronym-of=", text().lower(expansion->second)});
      if (expansion != expansions_.end()) rows.Add({"acronym"});
    }
    const Range* run = text().run(token);
    if (run == nullptr || run->size() < 2) return;
    const std::string initials = Initials(*run);
    if (upper_words_.count(initials) + upper_words_.count(WithoutFirst(initials)) > 0) rows.Add({"has-acronym"});
  }

  std::unordered_map<std::uint32_t, Counts> counts_;         // by lower-case form
  std::unordered_map<std::string, std::size_t> expansions_;  // initials -> last word
  std::unordered_set<std::string> upper_words_;
};

// What stands around the other capitalised occurrences of a capitalised word.
class DocumentContextSource : public DocumentSource {
 public:
  using DocumentSource::DocumentSource;

 private:
  // Of a word that stands there a thousand times, as many are enough.
  static constexpr std::size_t kMostOccurrences = 40;

  struct Occurrence {
    std::size_t token = 0;
    std::vector<std::uint32_t> features;
  };

  void Prepare(const Range& document, FeatureRows& rows) override {
    occurrences_.clear();
    for (std::size_t i = document.begin; i < document.end; ++i) {
      const Range* run = text().run(i);
      if (run == nullptr) continue;
      auto& list = occurrences_[text().form(i).lower];
      if (list.size() < kMostOccurrences) list.push_back({i, FeaturesOf(i, *run, rows)});
    }
  }

  std::vector<std::uint32_t> FeaturesOf(std::size_t token, const Range& run, FeatureRows& rows) const {
    const bool first = token == run.begin, last = token + 1 == run.end;
    std::vector<std::uint32_t> features = {
        rows.Feature({"other-left=", text().lower_at(token, -1)}),
        rows.Feature({"other-right=", text().lower_at(token, 1)}),
        rows.Feature({"other-place=", first  ? (last ? "only" : "first")
                                      : last ? "last"
                                             : "middle"}),
        rows.Feature({"other-run-left=", text().lower_before(run)}),
        rows.Feature({"other-run-right=", text().lower_after(run)}),
    };
    for (std::size_t i = run.begin; i < run.end && i < run.begin + 6; ++i) {
      if (i != token) features.push_back(rows.Feature({i < token ? "other-before=" : "other-after=", text().lower(i)}));
    }
    return features;
  }

  void EmitPrepared(std::size_t token, FeatureRows& rows) override {
    const WordForm& form = text().form(token);
    if (!form.has_upper) return;
    const auto found = occurrences_.find(form.lower);
    std::size_t others = 0;
    if (found != occurrences_.end()) {
      for (const Occurrence& occurrence : found->second) {
        if (occurrence.token == token) continue;
        for (const std::uint32_t feature : occurrence.features) rows.Add(feature);
        ++others;
      }
    }
    rows.Add({"others=", others == 0 ? "0" : others == 1 ? "1" : others < 4 ? "2-3" : "4-"});
  }

  std::unordered_map<std::uint32_t, std::vector<Occurrence>> occurrences_;  // by lower-case form
};

// The document's first word: news agencies begin with the subject ("SOCCER - ...").
class TopicSource : public DocumentSource {
 public:
  using DocumentSource::DocumentSource;

 private:
  void Prepare(const Range& document, FeatureRows& rows) override {
    topic_ = rows.Feature({"topic=", text().lower(document.begin)});
    topic_name_ = text().lower(document.begin);
  }
  void EmitPrepared(std::size_t token, FeatureRows& rows) override {
    if (!text().form(token).begins_upper) return;
    rows.Add(topic_);
    rows.Add({"topic&place=", topic_name_, text().sentence(token).all_upper ? " all-upper" : " "});
  }

  std::uint32_t topic_ = 0;
  std::string topic_name_;
};

}  // namespace

std::unique_ptr<FeatureSource> MakeDocumentCaseSource(const AnalysedText& text) {
  return std::make_unique<DocumentCaseSource>(text);
}

std::unique_ptr<FeatureSource> MakeDocumentContextSource(const AnalysedText& text) {
  return std::make_unique<DocumentContextSource>(text);
}

std::unique_ptr<FeatureSource> MakeTopicSource(const AnalysedText& text) {
  return std::make_unique<TopicSource>(text);
}

}  // namespace conec::ner
