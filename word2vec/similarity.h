// Word similarity: pairs of words that people have scored (WordSim-353, SimLex-999, MEN and the like), and how well the
// cosines of word vectors agree with them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "word2vec/word_form.h"
#include "word2vec/word_vectors.h"

namespace conec::word2vec {

struct WordPair {
  std::string first, second;
  double score = 0;      // as people gave it
  std::size_t line = 0;  // from 1
};

// Where a file has the two words and the score: columns from 1; 0: as ReadWordPairs() finds them.
struct PairColumns {
  std::size_t first = 0, second = 0, score = 0;
};

// Parses a file of one pair per line. Columns are separated by tabs, or else by commas, semicolons or blanks, whichever
// of these the first line has; a field may stand in double quotes. The words are columns 1 and 2, and the score is the
// first number after them (SimLex-999 and SimVerb-3500 have a part of speech between; further columns are ignored).
// Empty lines and lines that begin with '#' are skipped, and so is a first line without a number (the names of the
// columns). CR LF and a byte order mark are fine. kDataLoss with "file:line:" for a line without two words and a finite
// number, and for a file without any pair.
absl::StatusOr<std::vector<WordPair>> ReadWordPairs(const std::string& path, const PairColumns& columns = {});
absl::StatusOr<std::vector<WordPair>> ParseWordPairs(std::string_view text, std::string_view file_name,
                                                     const PairColumns& columns = {});

// What becomes of a pair with a word that has no vector (unknown, or zero).
enum class UnknownPairs {
  kSkip,  // left out
  kZero,  // counts with similarity 0, as gensim's dummy4unknown
};
std::string_view Name(UnknownPairs policy);  // "skip", "zero"
absl::StatusOr<UnknownPairs> ParseUnknownPairs(std::string_view name);

struct SimilarityOptions {
  std::size_t restrict_vocabulary = 0;  // only the first (most frequent) words are known; 0: all
  UnknownPairs unknown = UnknownPairs::kSkip;
  WordForm normalize = nullptr;       // the form in which words are looked up; empty: as they are
  bool normalize_vocabulary = false;  // the vocabulary is compared in that form, too; of equal words the first is meant
};

struct SimilarityReport {
  std::size_t pairs = 0;
  std::size_t found = 0;  // pairs of which both words have a vector
  // Correlations of the cosines with the scores over the pairs that count; nothing if they are not defined: fewer than
  // two pairs, or all scores or all cosines equal.
  std::optional<double> spearman, pearson;

  double coverage() const { return pairs == 0 ? 0 : 100.0 * static_cast<double>(found) / static_cast<double>(pairs); }
};

// Cosines are computed in double precision. Equal to gensim's evaluate_word_pairs (its defaults: restrict_vocabulary
// 300000 and LetterCase::kFold). kInvalidArgument if there are no vectors, a needed one has NaN or infinity, or
// `normalize` fails.
absl::StatusOr<SimilarityReport> EvaluateSimilarity(const WordVectors& vectors, std::span<const WordPair> pairs,
                                                    const SimilarityOptions& options = {});

// Pearson's correlation of x and y (of the same size); nothing if it is not defined.
std::optional<double> PearsonCorrelation(std::span<const double> x, std::span<const double> y);

// Pearson's correlation of the ranks; equal values share the average of their ranks.
std::optional<double> SpearmanCorrelation(std::span<const double> x, std::span<const double> y);

}  // namespace conec::word2vec
