// What the sample corpus consists of, and what is true of it.
#include "corpora/sample_corpus.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "corpora/sample_corpus_documents.h"
#include "corpora/sample_corpus_language.h"

namespace conec::corpora {
namespace {

using sample::DocumentComposer;
using sample::Frame;
using sample::Lexeme;
using sample::Lexicon;
using sample::RareMention;
using sample::Topic;

// How often the rare nouns of a topic are mentioned, in turn.
constexpr auto kRareCounts = std::to_array<std::uint32_t>({2, 9, 3, 14, 4, 18});
constexpr std::uint64_t kRareStream = 2ull << 32;

std::uint64_t CountWords(std::string_view text) {
  std::uint64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    words += inside && space;
    inside = !space;
  }
  return words + inside;
}

struct ScheduledMention {
  std::uint64_t at_word;  // not before so many words of text
  RareMention mention;
};

// All mentions of rare nouns, the last first.
std::vector<ScheduledMention> ScheduleRareNouns(const Lexicon& lexicon, const SampleCorpusOptions& options) {
  PhiloxStream random(options.seed, kRareStream);
  const auto latest = static_cast<std::uint32_t>(std::min<std::uint64_t>(options.words * 9 / 10, 0xFFFFFFFFu));
  std::vector<ScheduledMention> schedule;
  for (const Topic& topic : lexicon.topics) {
    for (std::size_t i = 0; i < topic.rare.size(); ++i) {
      for (std::uint32_t n = 0; n < kRareCounts[i % kRareCounts.size()]; ++n) {
        schedule.push_back({random.Below(latest), {&topic, &topic.rare[i]}});
      }
    }
  }
  std::stable_sort(schedule.begin(), schedule.end(),
                   [](const auto& a, const auto& b) { return a.at_word > b.at_word; });
  return schedule;
}

void ComposeTrainingDocuments(const Lexicon& lexicon, SampleCorpus* corpus) {
  const DocumentComposer composer(lexicon, corpus->options.seed);
  std::vector<ScheduledMention> schedule = ScheduleRareNouns(lexicon, corpus->options);
  std::vector<RareMention> due;
  for (std::uint32_t number = 0; corpus->words < corpus->options.words; ++number) {
    for (; !schedule.empty() && schedule.back().at_word <= corpus->words; schedule.pop_back()) {
      due.push_back(schedule.back().mention);
    }
    SampleDocument document = composer.TrainingDocument(number, &due);
    document.name = fmt::format("document {}", number);
    corpus->words += CountWords(document.text);
    corpus->documents.push_back(std::move(document));
  }
}

// The topics that have `word` as a noun.
std::vector<const Topic*> TopicsOf(const Lexicon& lexicon, const std::string& word) {
  std::vector<const Topic*> topics;
  for (const Topic& topic : lexicon.topics) {
    const auto has_word = [&](const Lexeme& noun) {
      return std::any_of(noun.variants.begin(), noun.variants.end(), [&](const auto& v) { return v[0] == word; });
    };
    if (std::any_of(topic.nouns.begin(), topic.nouns.end(), has_word)) topics.push_back(&topic);
  }
  return topics;
}

void AddHeldOut(SampleDocument document, std::string name, SampleCorpus* corpus) {
  document.name = std::move(name);
  corpus->held_out.push_back(std::move(document));
}

void AddAmbiguousWord(const Lexicon& lexicon, const std::string& word, SampleCorpus* corpus) {
  const DocumentComposer composer(lexicon, corpus->options.seed);
  SampleAmbiguousWord ambiguous{.word = word, .senses = {}};
  for (const Topic* topic : TopicsOf(lexicon, word)) {
    const auto noun = std::find_if(topic->nouns.begin(), topic->nouns.end(),
                                   [&](const Lexeme& lexeme) { return lexeme.variants[0][0] == word; });
    const std::string name(topic->table->name);
    const std::string file = fmt::format("sense_{}_{}.txt", word, name);
    const auto number = static_cast<std::uint32_t>(corpus->held_out.size());
    AddHeldOut(composer.HeldOutDocument(number, *topic, *noun), file, corpus);
    ambiguous.senses.push_back({name, file});
  }
  corpus->ambiguous.push_back(std::move(ambiguous));
}

void AddNoun(const Lexicon& lexicon, const Lexeme& noun, SampleCategory* category, SampleCorpus* corpus) {
  for (std::size_t variant = 0; variant < noun.variants.size(); ++variant) {
    const std::string word = noun.Form(variant, "");
    const std::vector<const Topic*> topics = TopicsOf(lexicon, word);
    if (topics.size() == 1) {
      category->words.push_back(word);
      category->plurals.push_back(noun.Form(variant, "p"));
      continue;
    }
    category->ambiguous.push_back(word);
    if (topics[0]->table->name == category->name) AddAmbiguousWord(lexicon, word, corpus);
  }
  if (noun.variants.size() > 1) {
    corpus->synonyms.push_back({noun.Form(0, ""), noun.Form(1, ""), category->name});
  }
}

void AddInventedWords(const Lexicon& lexicon, const Topic& topic, SampleCorpus* corpus) {
  const DocumentComposer composer(lexicon, corpus->options.seed);
  for (const Lexeme& noun : topic.invented) {
    const std::string word = noun.Form(0, "");
    const std::string file = fmt::format("invented_{}.txt", word);
    const auto number = static_cast<std::uint32_t>(corpus->held_out.size());
    AddHeldOut(composer.HeldOutDocument(number, topic, noun), file, corpus);
    corpus->invented.push_back({word, noun.Form(0, "p"), std::string(topic.table->name), file});
  }
}

void AddTopics(const Lexicon& lexicon, SampleCorpus* corpus) {
  for (const Topic& topic : lexicon.topics) {
    SampleCategory category{
        .name = std::string(topic.table->name), .words = {}, .plurals = {}, .ambiguous = {}, .rare = {}};
    for (const Lexeme& noun : topic.nouns) AddNoun(lexicon, noun, &category, corpus);
    for (const Lexeme& noun : topic.rare) category.rare.push_back(noun.Form(0, ""));
    AddInventedWords(lexicon, topic, corpus);
    corpus->categories.push_back(std::move(category));
  }
}

void AddSharedSynonyms(const Lexicon& lexicon, SampleCorpus* corpus) {
  for (const auto& [slot, words] : lexicon.shared) {
    for (const Lexeme& word : words) {
      if (word.variants.size() > 1) corpus->synonyms.push_back({word.Form(0, ""), word.Form(1, ""), ""});
    }
  }
}

// Counts of the given words in the training text, in lower case.
using WordCounts = std::unordered_map<std::string, std::uint64_t>;
void CountIn(std::string_view text, WordCounts* counts) {
  std::string word;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter) word.push_back(c);
    if (is_letter || word.empty()) continue;
    if (const auto found = counts->find(sample::LowerCase(word)); found != counts->end()) ++found->second;
    word.clear();
  }
}

void AddRareWords(const Lexicon& lexicon, SampleCorpus* corpus) {
  WordCounts counts;
  for (const Topic& topic : lexicon.topics) {
    for (const Lexeme& noun : topic.rare) counts[noun.Form(0, "")] = counts[noun.Form(0, "p")] = 0;
  }
  for (const SampleDocument& document : corpus->documents) CountIn(document.text, &counts);
  for (const Topic& topic : lexicon.topics) {
    for (const Lexeme& noun : topic.rare) {
      const std::string word = noun.Form(0, ""), plural = noun.Form(0, "p");
      const std::uint64_t count = counts[word] + (plural == word ? 0 : counts[plural]);
      corpus->rare.push_back({word, std::string(topic.table->name), count});
    }
  }
}

std::size_t ColumnIndex(const Frame& frame, std::string_view name) {
  return static_cast<std::size_t>(std::find(frame.columns.begin(), frame.columns.end(), name) - frame.columns.begin());
}

// All ordered pairs of different rows.
SampleQuestionSection MakeSection(const Frame& frame, std::string_view section) {
  const std::vector<std::string_view> parts = sample::SplitWords(section, ':');
  const std::size_t from = ColumnIndex(frame, parts[1]), to = ColumnIndex(frame, parts[2]);
  SampleQuestionSection result{.name = std::string(parts[0]), .questions = {}};
  for (const Frame::Row& first : frame.rows) {
    for (const Frame::Row& second : frame.rows) {
      if (&first == &second) continue;
      result.questions.push_back({std::string(first.words[from]), std::string(first.words[to]),
                                  std::string(second.words[from]), std::string(second.words[to])});
    }
  }
  return result;
}

void AddQuestions(const Lexicon& lexicon, SampleCorpus* corpus) {
  for (const Frame& frame : lexicon.frames) {
    for (const std::string_view section : sample::SplitWords(frame.table->sections, ' ')) {
      corpus->questions.push_back(MakeSection(frame, section));
    }
  }
}

}  // namespace

absl::Status CheckSampleCorpusOptions(const SampleCorpusOptions& options) {
  if (options.words >= kSampleCorpusMinWords && options.words <= kSampleCorpusMaxWords) return absl::OkStatus();
  return InvalidArgument("--words must be from {} to {}, got {}", kSampleCorpusMinWords, kSampleCorpusMaxWords,
                         options.words);
}

absl::StatusOr<SampleCorpus> GenerateSampleCorpus(const SampleCorpusOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckSampleCorpusOptions(options));
  const Lexicon lexicon = sample::ParseLexicon();
  SampleCorpus corpus;
  corpus.options = options;
  ComposeTrainingDocuments(lexicon, &corpus);
  AddTopics(lexicon, &corpus);
  AddSharedSynonyms(lexicon, &corpus);
  AddRareWords(lexicon, &corpus);
  AddQuestions(lexicon, &corpus);
  return corpus;
}

}  // namespace conec::corpora
