// Documents of the sample corpus: which sentences follow each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "corpora/sample_corpus.h"
#include "corpora/sample_corpus_language.h"

namespace conec::corpora::sample {

// A rare noun that the next document about its topic has to mention once.
struct RareMention {
  const Topic* topic;
  const Lexeme* noun;
};

// Says sentences for one document and avoids saying the same pattern again soon.
class Narrator {
 public:
  Narrator(const Lexicon& lexicon, std::uint64_t seed, std::uint64_t stream)
      : lexicon_(lexicon), random_(seed, stream) {}

  PhiloxStream& random() { return random_; }
  std::uint32_t Below(std::uint32_t n) { return random_.Below(n); }
  bool Percent(std::uint32_t percent) { return Below(100) < percent; }

  std::string Say(Sentences sentences, const Focus& focus);
  std::string SayTitle(Sentences titles, const Focus& focus);  // with its line break

 private:
  std::string_view Choose(Sentences sentences);
  bool WasSaid(std::string_view pattern, std::size_t ago) const;

  const Lexicon& lexicon_;
  PhiloxStream random_;
  std::vector<std::string_view> said_;
};

// Composes documents, each a pure function of the seed, the document's number and its subject.
class DocumentComposer {
 public:
  DocumentComposer(const Lexicon& lexicon, std::uint64_t seed) : lexicon_(lexicon), seed_(seed) {}

  // Training document `number`: about one or two topics, a country, a city, or everyday life. Takes one of `mentions`
  // that fits its topic, if any, and removes it.
  SampleDocument TrainingDocument(std::uint32_t number, std::vector<RareMention>* mentions) const;

  // A short document about `subject`, a noun of `topic` or an invented one, which every topical sentence mentions.
  // Draws nothing that a training document draws.
  SampleDocument HeldOutDocument(std::uint32_t number, const Topic& topic, const Lexeme& subject) const;

 private:
  SampleDocument TopicDocument(Narrator& narrator, std::vector<RareMention>* mentions) const;
  SampleDocument EverydayDocument(Narrator& narrator) const;
  Focus DrawFocus(Narrator& narrator) const;

  const Lexicon& lexicon_;
  std::uint64_t seed_;
};

}  // namespace conec::corpora::sample
