#include "word2vec/word_form.h"

#include <algorithm>

#include "tokenize/letter_case.h"

namespace conec::word2vec {
namespace {

struct CaseName {
  LetterCase letters;
  std::string_view name;
};
constexpr CaseName kCaseNames[] = {{LetterCase::kExact, "exact"},
                                   {LetterCase::kLower, "lower"},
                                   {LetterCase::kFold, "fold"},
                                   {LetterCase::kFoldAscii, "fold-ascii"}};

}  // namespace

std::string_view Name(LetterCase letters) {
  return std::ranges::find(kCaseNames, letters, &CaseName::letters)->name;
}

absl::StatusOr<LetterCase> ParseLetterCase(std::string_view name) {
  for (const CaseName& candidate : kCaseNames) {
    if (candidate.name == name) return candidate.letters;
  }
  return InvalidArgument("'{}' is none of exact, lower, fold, fold-ascii", name);
}

WordForm NormalizeLike(const tokenize::TokenizerOptions& options) {
  return [options](std::string_view word) { return tokenize::NormalizeWord(options, word); };
}

WordForm FormOf(LetterCase letters) {
  switch (letters) {
    case LetterCase::kExact:
      return nullptr;
    case LetterCase::kLower:
      return tokenize::ToLower;
    case LetterCase::kFold:
      return tokenize::ToUpper;
    case LetterCase::kFoldAscii:
      return [](std::string_view word) { return tokenize::ToUpperAscii(word); };
  }
  return nullptr;
}

bool FoldsVocabulary(LetterCase letters) {
  return letters == LetterCase::kFold || letters == LetterCase::kFoldAscii;
}

}  // namespace conec::word2vec
