#include "tools/cli/question_case.h"

#include "tools/cli/program.h"

namespace conec::cli {
namespace {

constexpr std::string_view kModelCase = "model";

}  // namespace

std::string_view Name(const QuestionCase& question_case) {
  return question_case.letters ? word2vec::Name(*question_case.letters) : kModelCase;
}

absl::StatusOr<QuestionCase> ParseQuestionCase(std::string_view name) {
  if (name == kModelCase) return QuestionCase{};
  const auto letters = word2vec::ParseLetterCase(name);
  if (!letters.ok()) return InvalidArgument("'{}' is none of model, exact, lower, fold, fold-ascii", name);
  return QuestionCase{*letters};
}

void AddCaseOption(CLI::App& app, QuestionCase& question_case) {
  CLI::Option* const choice =
      AddChoice(app, "--case", question_case, ParseQuestionCase, "model|exact|lower|fold|fold-ascii",
                "how words are looked up: as the model writes words, as they are, in lower case, or in one case with "
                "the vocabulary, where the first of the words that become equal is meant (fold; fold-ascii: a to z)");
  app.add_flag_callback(
         "--exact-case", [&question_case] { question_case.letters = word2vec::LetterCase::kExact; },
         "the same as --case exact")
      ->excludes(choice);
}

}  // namespace conec::cli
