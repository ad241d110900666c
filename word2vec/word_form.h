// The form in which words of question files are compared with those of a vocabulary.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenize/tokenizer.h"

namespace conec::word2vec {

// From a word to the form in which it is compared; empty: as it is.
using WordForm = std::function<absl::StatusOr<std::string>(std::string_view)>;

// A form for a vocabulary made with this tokenizer: its normalisation and case.
WordForm NormalizeLike(const tokenize::TokenizerOptions& options);

enum class LetterCase {
  kExact,      // as they are
  kLower,      // questions in lower case, the vocabulary as it is (Unicode, as Python's lower())
  kFold,       // both in upper case (Unicode, as Python's upper()): of words that become equal the first is meant
  kFoldAscii,  // the same for a to z alone, as C's toupper()
};
std::string_view Name(LetterCase letters);  // "exact", "lower", "fold", "fold-ascii"
absl::StatusOr<LetterCase> ParseLetterCase(std::string_view name);

// What is done to the words of the questions, and whether it is done to the vocabulary, too.
WordForm FormOf(LetterCase letters);
bool FoldsVocabulary(LetterCase letters);

}  // namespace conec::word2vec
