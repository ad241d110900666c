#include "tokenize/tokenizer.h"

#include <map>
#include <mutex>
#include <tuple>

#include "tokenize/characters.h"
#include "tokenize/icu_tokenizer.h"
#include "tokenize/normalizer.h"
#include "tokenize/whitespace_tokenizer.h"

namespace conec::tokenize {
namespace {

// What the whitespace tokenizer does to a word.
WordForm WhitespaceForm(const TokenizerOptions& options) {
  return {Normalization::kNone, false, options.fold_digits, false};
}

absl::StatusOr<std::string> Normalize(const WordForm& form, std::string_view word) {
  const auto key = std::tuple(form.normalization, form.fold_case, form.fold_digits, form.is_turkic);
  static std::mutex* const mutex = new std::mutex;
  static auto* const normalizers = new std::map<std::remove_const_t<decltype(key)>, std::unique_ptr<WordNormalizer>>;
  const std::lock_guard<std::mutex> lock(*mutex);
  std::unique_ptr<WordNormalizer>& normalizer = (*normalizers)[key];
  if (normalizer == nullptr) {
    CONEC_ASSIGN_OR_RETURN(normalizer, WordNormalizer::Create(form));
  }
  return normalizer->Normalize(word);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Create(const TokenizerOptions& options) {
  if (options.kind == TokenizerKind::kIcu) return MakeIcuTokenizer(options);
  return MakeWhitespaceTokenizer(options);
}

absl::StatusOr<std::string> NormalizeWord(const TokenizerOptions& options, std::string_view word) {
  CONEC_RETURN_IF_ERROR(CheckText(word));
  if (options.kind == TokenizerKind::kWhitespace) return Normalize(WhitespaceForm(options), word);
  CONEC_ASSIGN_OR_RETURN(const WordForm form, WordFormOf(options));
  return Normalize(form, word);
}

}  // namespace conec::tokenize
