// Documents of the sample corpus: which sentences follow each other.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "corpora/sample_corpus.h"
#include "corpora/sample_corpus_language.h"

namespace conec::corpora::sample {

// A rare noun that the next document about its topic has to mention once.
struct RareMention {
  const Topic* topic;
  const Lexeme* noun;
};

// Composes documents, each a pure function of the seed, the document's number and its subject.
class DocumentComposer {
 public:
  DocumentComposer(const Lexicon& lexicon, std::uint64_t seed) : lexicon_(lexicon), seed_(seed) {}

  // Training document `number`: about one or two topics, a country, a city, or everyday life. Takes those of `mentions`
  // that fit its topics and removes them.
  SampleDocument TrainingDocument(std::uint32_t number, std::vector<RareMention>* mentions) const;

  // A short document about `subject`, a noun of `topic` or an invented one, which occurs at least five times. Draws
  // nothing that a training document draws.
  SampleDocument HeldOutDocument(std::uint32_t number, const Topic& topic, const Lexeme& subject) const;

 private:
  SampleDocument TopicDocument(PhiloxStream& random, std::vector<RareMention>* mentions) const;
  SampleDocument FrameDocument(const Frame& frame, PhiloxStream& random) const;
  SampleDocument EverydayDocument(PhiloxStream& random) const;
  Focus DrawFocus(PhiloxStream& random) const;
  std::string TopicSentence(const Focus& focus, PhiloxStream& random) const;
  std::string MentionSentence(const RareMention& mention, PhiloxStream& random) const;
  std::string EverydayParagraph(PhiloxStream& random) const;
  std::string Say(Sentences sentences, const Focus& focus, PhiloxStream& random) const;
  std::string SayTitle(Sentences titles, const Focus& focus, PhiloxStream& random) const;

  const Lexicon& lexicon_;
  std::uint64_t seed_;
};

}  // namespace conec::corpora::sample
