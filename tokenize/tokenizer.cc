#include "tokenize/tokenizer.h"

#include "tokenize/characters.h"
#include "tokenize/whitespace_tokenizer.h"

namespace conec::tokenize {

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Create(const TokenizerOptions& options) {
  if (options.kind == TokenizerKind::kIcu) return Unavailable("the ICU tokenizer is not in this build");
  return MakeWhitespaceTokenizer(options);
}

absl::StatusOr<std::string> NormalizeWord(const TokenizerOptions& options, std::string_view word) {
  CONEC_RETURN_IF_ERROR(CheckText(word));
  if (!options.fold_digits) return std::string(word);
  std::string folded;
  AppendWithFoldedDigits(word, folded);
  return folded;
}

}  // namespace conec::tokenize
