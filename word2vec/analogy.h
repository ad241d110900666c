// Word analogies: "a is to b as c is to ?", the question sets of Mikolov et al. (2013) and how they are scored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "word2vec/word_form.h"
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
// before the first section, and for a file without any question.
absl::StatusOr<std::vector<AnalogySection>> ReadAnalogyQuestions(const std::string& path);
absl::StatusOr<std::vector<AnalogySection>> ParseAnalogyQuestions(std::string_view text, std::string_view file_name);

enum class AnalogyMethod {
  k3CosAdd,  // largest cos(x, b) - cos(x, a) + cos(x, c) (Mikolov et al. 2013)
  k3CosMul,  // largest cos(x, b) cos(x, c) / (cos(x, a) + 0.001), cosines shifted to [0, 1] (Levy & Goldberg 2014)
};
std::string_view Name(AnalogyMethod method);  // "3cosadd", "3cosmul"
absl::StatusOr<AnalogyMethod> ParseAnalogyMethod(std::string_view name);

// Whose rules a score follows. They all exclude the three given words from the answers.
enum class AnalogyProtocol {
  kConec,     // the ConEc paper's: the 30,000 most frequent words; questions in lower case, the vocabulary as it is;
              // questions with an unknown word are left out
  kWord2vec,  // word2vec.c's compute-accuracy as its demo calls it: the first 30,000 words of the file, a to z in upper
              // case in questions and vocabulary; questions with an unknown word are left out; an answer must have a
              // positive score; the first five sections are the semantic ones
  kGensim,    // gensim's evaluate_word_analogies: the first 300,000 words, questions and vocabulary in upper case
              // (Unicode); questions with an unknown word are left out (dummy4unknown: wrong)
};
std::string_view Name(AnalogyProtocol protocol);  // "conec", "word2vec", "gensim"
absl::StatusOr<AnalogyProtocol> ParseAnalogyProtocol(std::string_view name);

struct AnalogyOptions {
  std::size_t restrict_vocabulary = 30000;  // only the first (most frequent) words are known and answers; 0: all
  AnalogyMethod method = AnalogyMethod::k3CosAdd;
  std::size_t top = 1;  // correct_in_top counts expected answers among so many best
  int threads = 0;      // 0: all cores

  // The form in which the words of the questions are looked up; empty: as they are.
  WordForm normalize = nullptr;
  // Words of the vocabulary are compared in that form, too. Of those that become equal, its variants, the first is the
  // one that a question means; as an answer, every variant of the expected word is correct.
  bool normalize_vocabulary = false;
  // What variants of the given words are: answers like others (0), or passed over, so many of the best words being
  // looked at in all (gensim: 5; an expected answer behind so many variants is not found).
  std::size_t pass_over_variants = 0;

  bool unknown_is_wrong = false;      // questions with an unknown word count as answered wrongly, not as left out
  bool answers_are_positive = false;  // 3CosAdd: a word whose score is not positive is no answer
  std::size_t semantic_sections = 0;  // so many sections from the first are semantic, the others syntactic; 0: those
                                      // whose names do not start with "gram" are semantic
};

// The options that make a score equal to that of the protocol's own program (threads and top are the defaults).
AnalogyOptions ProtocolOptions(AnalogyProtocol protocol);

// Sets `normalize` and `normalize_vocabulary`.
void SetCase(LetterCase letters, AnalogyOptions& options);

struct AnalogyScore {
  std::size_t correct = 0;         // the expected answer comes first
  std::size_t correct_in_top = 0;  // among the first `top`
  std::size_t answered = 0;        // all four words are known (unknown_is_wrong: all questions)
  std::size_t total = 0;

  double accuracy() const { return Percent(correct); }  // in percent of the answered; 0 if there are none
  double accuracy_in_top() const { return Percent(correct_in_top); }
  double Percent(std::size_t count) const {
    return answered == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(answered);
  }
};

// How many words come before the expected answer. Not answered: a word is unknown. Never: the expected answer is one of
// the three given words, one of the four vectors is zero, or the options say so.
inline constexpr std::uint32_t kNotAnswered = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t kNeverFound = kNotAnswered - 1;

struct AnalogySectionReport {
  std::string name;
  bool syntactic = false;  // see AnalogyOptions::semantic_sections
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
// Differences to the protocols' own programs: gensim skips lines that are no questions, where ParseAnalogyQuestions()
// fails, and takes an expected answer that is one of the given words for right if the five best words are all variants
// of given ones; compute-accuracy cuts words at 49 bytes.
//
// kInvalidArgument if there are no vectors, one has NaN or infinity, or `normalize` fails.
absl::StatusOr<AnalogyReport> EvaluateAnalogies(const WordVectors& vectors, const std::vector<AnalogySection>& sections,
                                                const AnalogyOptions& options = {});

}  // namespace conec::word2vec
