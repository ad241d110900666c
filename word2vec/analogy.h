// Word analogies: "a is to b as c is to ?", the question sets of Mikolov et al. (2013) and how they are scored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/tokenizer.h"
#include "word2vec/word_vectors.h"

namespace conec::word2vec {

using AnalogyQuestion = std::array<std::string, 4>;  // a, b, c and the expected answer

struct AnalogySection {
  std::string name;
  std::vector<AnalogyQuestion> questions;
  std::vector<std::size_t> lines;  // of the questions, from 1
};

// Parses a question file: ": name" begins a section, other lines hold four words between blanks or tabs; blank lines
// and CR LF are fine. kDataLoss with "file:line:" for another number of words, a section without a name, or a question
// before the first section.
absl::StatusOr<std::vector<AnalogySection>> ReadAnalogyQuestions(const std::string& path);
absl::StatusOr<std::vector<AnalogySection>> ParseAnalogyQuestions(std::string_view text, std::string_view file_name);

enum class AnalogyMethod {
  k3CosAdd,  // largest cos(x, b) - cos(x, a) + cos(x, c) (Mikolov et al. 2013)
  k3CosMul,  // largest cos(x, b) cos(x, c) / (cos(x, a) + 0.001), cosines shifted to [0, 1] (Levy & Goldberg 2014)
};
std::string_view Name(AnalogyMethod method);  // "3cosadd", "3cosmul"
absl::StatusOr<AnalogyMethod> ParseAnalogyMethod(std::string_view name);

struct AnalogyOptions {
  std::size_t restrict_vocabulary = 30000;  // only the first (most frequent) words are known and answers; 0: all
  AnalogyMethod method = AnalogyMethod::k3CosAdd;
  std::size_t top = 1;  // correct_in_top counts expected answers among so many best
  int threads = 0;      // 0: all cores
  // Brings the words of the questions into the form of the vocabulary (its case, above all); empty: as they are.
  std::function<absl::StatusOr<std::string>(std::string_view)> normalize = nullptr;
};

// AnalogyOptions::normalize for a vocabulary made with this tokenizer.
std::function<absl::StatusOr<std::string>(std::string_view)> NormalizeLike(const tokenize::TokenizerOptions& options);

struct AnalogyScore {
  std::size_t correct = 0;         // the expected answer comes first
  std::size_t correct_in_top = 0;  // among the first `top`
  std::size_t answered = 0;        // all four words are known
  std::size_t total = 0;

  double accuracy() const { return Percent(correct); }  // in percent of the answered; 0 if there are none
  double accuracy_in_top() const { return Percent(correct_in_top); }
  double Percent(std::size_t count) const {
    return answered == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(answered);
  }
};

// How many words come before the expected answer. Not answered: a word is unknown. Never: the expected answer is one of
// the three given words, or its vector is zero.
inline constexpr std::uint32_t kNotAnswered = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t kNeverFound = kNotAnswered - 1;

struct AnalogySectionReport {
  std::string name;
  bool syntactic = false;  // the name starts with "gram"
  AnalogyScore score;
  std::vector<std::uint32_t> ranks;  // per question: 0 is correct
};

struct AnalogyReport {
  std::vector<AnalogySectionReport> sections;
  AnalogyScore semantic, syntactic, total;
};

// Answers all questions. The given words and zero vectors are no answers; of equal scores the lowest id comes first.
// Near-ties are decided in double precision, so the result does not depend on threads or on the processor.
//
// gensim's evaluate_word_analogies(case_insensitive=False) and word2vec.c's compute-accuracy count the same way with
// 3CosAdd; with case_insensitive=True they fold the vocabulary, too, and take the first of the words that become equal.
//
// kInvalidArgument if there are no vectors, one has NaN or infinity, or `normalize` fails.
absl::StatusOr<AnalogyReport> EvaluateAnalogies(const WordVectors& vectors, const std::vector<AnalogySection>& sections,
                                                const AnalogyOptions& options = {});

}  // namespace conec::word2vec
