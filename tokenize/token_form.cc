#include "tokenize/token_form.h"

#include "tokenize/characters.h"
#include "tokenize/icu_tokenizer.h"

namespace conec::tokenize {

absl::StatusOr<WordForm> TokenWordForm(const TokenizerOptions& options) {
  if (options.kind == TokenizerKind::kPretokenized) return WordFormOf(options);
  return WordForm{Normalization::kNone, false, options.fold_digits, false};
}

std::optional<WordForm> FormWithoutSpace(const WordForm& form) {
  WordForm canonical = form;
  if (form.normalization == Normalization::kNfkc) {
    canonical.normalization = Normalization::kNfc;
  } else if (form.normalization == Normalization::kNfkd) {
    canonical.normalization = Normalization::kNfd;
  } else {
    return std::nullopt;
  }
  return canonical;
}

absl::StatusOr<std::unique_ptr<TokenForm>> TokenForm::Create(const TokenizerOptions& options) {
  auto result = std::make_unique<TokenForm>();
  CONEC_ASSIGN_OR_RETURN(const WordForm form, TokenWordForm(options));
  CONEC_ASSIGN_OR_RETURN(result->normalizer_, WordNormalizer::Create(form));
  if (const std::optional<WordForm> without_space = FormWithoutSpace(form)) {
    CONEC_ASSIGN_OR_RETURN(result->without_space_, WordNormalizer::Create(*without_space));
  }
  return result;
}

absl::StatusOr<std::string_view> TokenForm::Of(std::string_view token, TokenBuffer& buffer) {
  CONEC_ASSIGN_OR_RETURN(const std::string_view form, normalizer_->Normalize(token, buffer));
  if (form.data() == token.data() || without_space_ == nullptr || !HoldsWhiteSpace(form)) return form;
  return without_space_->Normalize(token, buffer);
}

}  // namespace conec::tokenize
