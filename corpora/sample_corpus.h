// A generated corpus of English-like text whose meaning is known: the project carries no foreign text, so tests,
// examples and demonstrations learn from this one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace conec::corpora {

// The comments here are the documentation of the command-line options.
struct SampleCorpusOptions {
  std::uint64_t seed = 1;         // equal seeds give equal bytes on every machine
  std::uint64_t words = 1500000;  // of training text; the last document may exceed it
};

// What the ground truth promises holds from this size on; smaller corpora are for quick checks of programs.
inline constexpr std::uint64_t kSampleCorpusFullSize = 1000000;
inline constexpr std::uint64_t kSampleCorpusMinWords = 1000;
inline constexpr std::uint64_t kSampleCorpusMaxWords = 1000000000;

struct SampleDocument {
  std::string name;                     // held-out documents: the file name; else "document 17"
  std::vector<std::string> categories;  // what it is about
  std::string text;                     // a title line, then one paragraph per line; ends with a line break
};

// Words that occur in the same places. All lower case, as a tokenizer that folds case sees them.
struct SampleCategory {
  std::string name;
  std::vector<std::string> words;      // singular nouns of this category only, the most frequent first
  std::vector<std::string> plurals;    // plurals[i] belongs to words[i]
  std::vector<std::string> ambiguous;  // singular nouns that another category has, too
  std::vector<std::string> rare;       // singular nouns that occur fewer than 20 times
};

struct SampleSynonyms {
  std::string first, second;  // drawn for each other with equal probability
  std::string category;       // "" for words of every category
};

struct SampleSense {
  std::string category;
  std::string file;  // the held-out document in which the word has this sense
};

struct SampleAmbiguousWord {
  std::string word;
  std::vector<SampleSense> senses;  // two
};

// A word that never occurs in the training text and several times in one held-out document.
struct SampleInventedWord {
  std::string word;    // lower case, singular
  std::string plural;  // occurs, too; titles and beginnings of sentences have both with a capital
  std::string category;
  std::string file;
};

struct SampleRareWord {
  std::string word;
  std::string category;
  std::uint64_t count = 0;  // in the training text, singular and plural together
};

struct SampleQuestion {
  std::string a, b, c, d;  // a is to b as c is to d
};

struct SampleQuestionSection {
  std::string name;  // as in questions-words.txt; grammatical sections begin with "gram"
  std::vector<SampleQuestion> questions;
};

struct SampleCorpus {
  SampleCorpusOptions options;
  std::uint64_t words = 0;  // white-space separated words of `documents`
  std::vector<SampleDocument> documents;
  std::vector<SampleDocument> held_out;
  std::vector<SampleCategory> categories;
  std::vector<SampleSynonyms> synonyms;
  std::vector<SampleAmbiguousWord> ambiguous;
  std::vector<SampleInventedWord> invented;
  std::vector<SampleRareWord> rare;
  std::vector<SampleQuestionSection> questions;
};

// kInvalidArgument if options.words is outside [kSampleCorpusMinWords, kSampleCorpusMaxWords].
absl::Status CheckSampleCorpusOptions(const SampleCorpusOptions& options);

// kInvalidArgument as above. Takes about 7 bytes of memory per word.
absl::StatusOr<SampleCorpus> GenerateSampleCorpus(const SampleCorpusOptions& options);

// kFailedPrecondition if `folder` holds a file that WriteSampleCorpus() would replace and that it did not write: there
// is no ground truth of a sample corpus beside it.
absl::Status CheckSampleCorpusFolder(const std::string& folder);

// Generates the corpus and writes, into `folder` (created if needed; files of the same names are replaced), the ground
// truth first:
//   text.txt            all training documents, an empty line between two (--input-format paragraph)
//   held_out/NAME.txt   one file per held-out document
//   questions.txt       analogies in the format of questions-words.txt
//   ground_truth.json   everything else that SampleCorpus says
absl::StatusOr<SampleCorpus> WriteSampleCorpus(const SampleCorpusOptions& options, const std::string& folder);

// The ground truth as WriteSampleCorpus stores it.
std::string SampleGroundTruthJson(const SampleCorpus& corpus);

}  // namespace conec::corpora
