// The letter case in which words of question files are looked up.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tools/cli/load.h"
#include "word2vec/word_form.h"

namespace conec::cli {

// One of the library's cases, or nothing: the form in which the model's tokenizer writes words.
struct QuestionCase {
  std::optional<word2vec::LetterCase> letters;
};
std::string_view Name(const QuestionCase& question_case);  // "model", "exact", "lower", "fold", "fold-ascii"
absl::StatusOr<QuestionCase> ParseQuestionCase(std::string_view name);

// --case, and --exact-case, which is --case exact.
void AddCaseOption(CLI::App& app, QuestionCase& question_case);

// Sets the members `normalize` and `normalize_vocabulary` of any library's options.
template <typename Options>
absl::Status ApplyCase(const QuestionCase& question_case, const LoadedModel& loaded, Options& options) {
  if (question_case.letters) {
    options.normalize = word2vec::FormOf(*question_case.letters);
    options.normalize_vocabulary = word2vec::FoldsVocabulary(*question_case.letters);
    return absl::OkStatus();
  }
  CONEC_ASSIGN_OR_RETURN(const auto tokenizer, ChooseTokenizer(loaded));
  options.normalize = word2vec::NormalizeLike(tokenizer);
  options.normalize_vocabulary = false;
  return absl::OkStatus();
}

}  // namespace conec::cli
