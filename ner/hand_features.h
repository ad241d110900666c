// Sparse features of tokens, made by rules: spelling, neighbours, the sentence and the document. They are what taggers
// of named entities have always used, and what vectors of words do not know.
//
// A dictionary gives each feature a column. It is built on the training data, where rare features are left out, and
// stays fixed from then on. Nothing here depends on hashing or on threads: the same text gives the same columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "ner/conll.h"
#include "ner/design_matrix.h"

namespace conec::ner {

enum class FeatureGroup {
  // Of a word, and of the words up to a distance before and after it in the sentence:
  kOriginal,     // the seven of the reference implementation: Python's isalnum, isalpha, isdigit, islower, istitle,
                 // isupper, and the length in characters (the only feature that is not 0 or 1)
  kWord,         // the word in lower case with digits as 0, and as it stands if it has capitals
  kCase,         // lower, capitalized, upper, initial (one letter), mixed, number, alphanumeric, or none of them
  kShape,        // Xxxx-dd, at most four equal signs in a row, and Xx-d
  kAffixes,      // the first and last 1, 2, ... characters (lower case, digits as 0)
  kDigits,       // of words with digits: how many, and what stands between them
  kPunctuation,  // which punctuation is in the word, and whether there is anything else
  kColumns,      // further columns of the text, such as parts of speech
  // Of a token in its sentence:
  kPosition,      // first, last, in brackets, in quotation marks, in a sentence that is all upper case
  kSentence,      // how long it is, where it stands in the document, and how many numbers and capitals it has
  kBigrams,       // the word with its left neighbour, and with its right one
  kConjunctions,  // neighbours, suffixes and positions together with the case; cases and shapes of three words
  kRun,  // the sequence of capitalised words that the token is in: its words, length, and left and right context
  // Of a token in its document (after Chieu and Ng, "Named Entity Recognition with a Maximum Entropy Approach", 2003):
  kDocumentCase,     // how the same word, and its neighbours, are capitalised elsewhere, where capitals mean something;
                     // acronyms and what they stand for
  kDocumentContext,  // left and right neighbours, and runs, of the other occurrences of the same word
  kTopic,            // the document's first word, for capitalised tokens
};
inline constexpr std::size_t kFeatureGroups = static_cast<std::size_t>(FeatureGroup::kTopic) + 1;
std::string_view Name(FeatureGroup group);  // "original", "word", ..., "document-case", ...
bool HasWindow(FeatureGroup group);         // kOriginal to kColumns

// The groups that are on, with the distance up to which neighbours' features count (0 for groups without a window).
using FeatureGroups = std::map<FeatureGroup, int>;

// "case,word:1,bigrams": groups between commas; those with a window take `default_window` unless a number is given;
// "all" stands for all but original and columns, "none" or nothing for none. kInvalidArgument for other names, for
// numbers that are negative or larger than 16, and for a number after a group that has no window.
absl::StatusOr<FeatureGroups> ParseFeatureGroups(std::string_view list, int default_window = 2);
// The same back: every window is written out.
std::string FormatFeatureGroups(const FeatureGroups& groups);

// The comments here are the documentation of the command-line options.
struct HandFeatureOptions {
  FeatureGroups groups;
  int affix_length = 4;         // of the longest prefix and suffix
  std::uint32_t min_count = 2;  // features on fewer tokens of the training data are left out
};
absl::Status CheckHandFeatureOptions(const HandFeatureOptions& options);

// What a first classifier said of the tokens of a text.
struct FirstPass {
  std::span<const std::string> classes;    // tags in any scheme
  MatrixView<const double> probabilities;  // tokens x classes
};

// Tokens in sentences and documents. Views into what somebody else owns.
struct FeatureText {
  std::vector<std::string_view> words;
  std::vector<std::size_t> sentence_ends;              // ascending, the last one is words.size(), as in ConllFile
  std::vector<std::size_t> document_ends;              // each is also the end of a sentence
  std::vector<std::vector<std::string_view>> columns;  // for kColumns: one value per token each
  // If not null, there are features of the tags that were most probable: of the token and its neighbours, with the
  // words beside them; of the same word, and of the same and longer entities, elsewhere in the document (of longer
  // ones only for entities of up to 32 words).
  const FirstPass* first_pass = nullptr;
};

// What turns text into rows of a sparse block. Cheap to move.
class HandFeatures {
 public:
  // The dictionary of `text`: its columns are sorted by their names' bytes. If `block` is given it becomes the features
  // of `text` itself, as Extract(text) would give them.
  // kInvalidArgument for options or text that are not valid, such as words with line breaks.
  static absl::StatusOr<HandFeatures> Build(const FeatureText& text, const HandFeatureOptions& options,
                                            SparseBlock* block = nullptr);
  // A dictionary from storage: names() of another one joined by line breaks, each ended by one. kDataLoss unless they
  // ascend.
  static absl::StatusOr<HandFeatures> FromNames(std::string_view names, const HandFeatureOptions& options);

  // One row per token, in which features that the dictionary does not have are left out.
  absl::StatusOr<SparseBlock> Extract(const FeatureText& text) const;

  std::size_t size() const { return names_.size(); }                // columns
  const std::vector<std::string>& names() const { return names_; }  // "w[-1]=mr", "case=upper", ...
  std::string JoinedNames() const;                                  // what FromNames() reads
  const HandFeatureOptions& options() const { return options_; }

 private:
  explicit HandFeatures(HandFeatureOptions options) : options_(std::move(options)) {}

  HandFeatureOptions options_;
  std::vector<std::string> names_;
};

}  // namespace conec::ner
