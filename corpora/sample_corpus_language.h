// The parsed lexicon, and who speaks: fills the slots of a sentence pattern from it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "corpora/sample_corpus_grammar.h"
#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {

using WordLists = std::map<std::string_view, std::vector<Lexeme>, std::less<>>;

struct Topic {
  const TopicTable* table;
  std::vector<Lexeme> nouns;
  std::vector<Lexeme> rare;
  std::vector<Lexeme> invented;
  WordLists lists;  // by slot
};

struct Frame {
  struct Row {
    std::vector<std::string_view> words;  // one per column
    std::vector<Lexeme> extras;           // what {with} draws from
  };
  const FrameTable* table;
  std::vector<std::string_view> columns;
  std::vector<Row> rows;
};

struct Lexicon {
  std::vector<Topic> topics;
  std::vector<Frame> frames;
  WordLists shared;
};

Lexicon ParseLexicon();

// What the sentences of a document are about.
struct Focus {
  const Topic* topic = nullptr;
  std::vector<const Lexeme*> nouns;  // drawn more often than others
  const Lexeme* subject = nullptr;   // if set, {n} is this noun whatever `nouns` says
  const Topic* other = nullptr;      // if set, {m} and {k} are sometimes nouns of this topic
  const Frame* frame = nullptr;
  const Frame::Row* row = nullptr;
};

// Fills the slots of one sentence (equal slots with equal words). Refers to everything it is given.
class SlotFiller {
 public:
  SlotFiller(const Lexicon& lexicon, const Focus& focus, PhiloxStream& random)
      : lexicon_(lexicon), focus_(focus), random_(random) {}

  // The word for slot `name` in `form`; "?" for a slot that no list has (a slip in the tables, found by a test).
  std::string operator()(std::string_view name, std::string_view form);

 private:
  struct Choice {
    std::string_view slot;
    const Lexeme* lexeme;
    std::uint32_t variant;
  };

  const Choice* Chosen(std::string_view name);
  const Lexeme* Draw(std::string_view list);
  const Lexeme* DrawNew(std::string_view list);
  const Lexeme* DrawNoun(bool is_first);
  const Lexeme* DrawTypical(const std::vector<Lexeme>& words);
  bool IsChosen(const Lexeme* lexeme) const;
  std::string Column(std::string_view name) const;
  std::string Decimal(std::uint32_t least, std::uint32_t count);
  std::string Number(std::string_view name);

  const Lexicon& lexicon_;
  const Focus& focus_;
  PhiloxStream& random_;
  std::vector<Choice> choices_;
};

}  // namespace conec::corpora::sample
