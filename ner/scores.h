// Entity scores: the CoNLL shared tasks' conlleval, to the letter, and a strict mode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ner/conll.h"
#include "ner/tags.h"

namespace conec::ner {

struct EntityCounts {
  std::uint64_t gold = 0, found = 0, correct = 0;
  // In per cent; 0 where nothing can be divided.
  double precision() const;
  double recall() const;
  double f1() const;
  bool operator==(const EntityCounts&) const = default;
};

struct EntityAverage {
  double precision = 0, recall = 0, f1 = 0;  // per cent
};

struct EntityReport {
  std::uint64_t tokens = 0, correct_tags = 0;
  EntityCounts total;  // its precision, recall and f1 are the micro average
  std::map<std::string, EntityCounts> types;

  double accuracy() const;  // of tags, per cent
  // Means of the types' precision, recall and f1: the plain one, and the one weighted with the number of gold entities,
  // as scikit-learn's and seqeval's reports define them.
  EntityAverage macro_average() const;
  EntityAverage weighted_average() const;

  // conlleval's text, byte for byte: "processed 1000 tokens with ...", and what its -l prints.
  std::string ConllevalText() const;
  std::string ConllevalLatex() const;
  bool operator==(const EntityReport&) const = default;
};

// The comments here are the documentation of the command-line options.
struct ConllevalOptions {
  bool raw = false;           // tags have no prefixes: each token that is not outside is an entity of its own
  std::string outside = "O";  // with raw: the tag of tokens outside of entities
};

// conlleval's reading of two tags per token, one token after another. What it takes for an entity: tags are PREFIX-TYPE
// (cut at the first "-"; without one the type is ""). An entity begins at B after B, I or O; at I after O or E; at E
// after O or E; at any prefix but O and "." where the type differs from that of the tag before; and always at "[" and
// "]". So any mixture of IOB1 and IOB2 is understood, but not BIOES: S is no prefix of its rules, and a B after an E of
// the same type goes on with the entity. Convert such tags first (ConvertTags()).
class ConllevalScorer {
 public:
  explicit ConllevalScorer(ConllevalOptions options = {}) : options_(std::move(options)) {}

  void Add(std::string_view gold, std::string_view predicted);
  void EndSentence();
  // Of everything so far.
  EntityReport Report() const;

 private:
  struct Tag {
    std::string prefix = "O";
    std::string type;
  };
  Tag Parse(std::string_view tag) const;
  void Step(Tag gold, Tag predicted);
  static bool Ends(const Tag& previous, const Tag& tag);
  static bool Begins(const Tag& previous, const Tag& tag);

  ConllevalOptions options_;
  Tag gold_, predicted_;         // of the token before
  bool matches_so_far_ = false;  // an entity is open that both begin at the same token, with the same type
  EntityReport report_;
};

// Scores the last two columns of a file, gold and predicted, as `conlleval < FILE` does: -DOCSTART- lines that have all
// columns count as tokens; tokens named -X- end a sentence. kInvalidArgument for fewer than two columns.
absl::StatusOr<EntityReport> ScoreConll(const ConllFile& file, const ConllevalOptions& options = {});

// Scores one predicted tag per token against the file's last column: the same figures that conlleval gives for
// file.Format(predicted). kInvalidArgument if the number of tags is not that of tokens.
absl::StatusOr<EntityReport> ScoreConll(const ConllFile& file, std::span<const std::string> predicted,
                                        const ConllevalOptions& options = {});

// As ScoreConll(file), but the tags mean what EntitiesOf() takes them for, so that BIOES and bare types are understood:
// they are converted to iob2 first.
absl::StatusOr<EntityReport> ScoreConllConverted(const ConllFile& file);

// Scores predicted tags whatever the schemes: as ScoreConll(file, predicted) if conlleval's rules know all tags, gold
// and predicted (B, I and O); otherwise all are converted to iob2 first.
absl::StatusOr<EntityReport> ScoreAnyScheme(const ConllFile& file, std::span<const std::string> predicted);

// One gold and one predicted tag per token; sentence_ends: ascending, the last one is their number. kInvalidArgument
// otherwise.
absl::StatusOr<EntityReport> ScoreTags(std::span<const std::string_view> gold,
                                       std::span<const std::string_view> predicted,
                                       std::span<const std::size_t> sentence_ends,
                                       const ConllevalOptions& options = {});

// The entities of one sentence that obey the scheme, as seqeval's mode="strict" finds them: under iob2 an entity begins
// with B, and every other I is passed over; under bioes it is S, or B I* E, all of one type; under iob1 it begins with
// I, or with B right after a tag of the same type. Under type every tag is lawful. kInvalidArgument for a prefix that
// the scheme does not have, with the index of the tag in *offender.
absl::StatusOr<std::vector<Entity>> StrictEntitiesOf(std::span<const std::string_view> tags, TagScheme scheme,
                                                     std::size_t* offender = nullptr);

// As ScoreTags(), but only entities that obey the scheme count, on both sides. *offender: index of the token with the
// wrong tag.
absl::StatusOr<EntityReport> ScoreTagsStrictly(std::span<const std::string_view> gold,
                                               std::span<const std::string_view> predicted,
                                               std::span<const std::size_t> sentence_ends, TagScheme scheme,
                                               std::size_t* offender = nullptr);

}  // namespace conec::ner
