#include "tokenize/tokenizer.h"

#include <map>
#include <mutex>
#include <tuple>

#include "tokenize/characters.h"
#include "tokenize/icu_tokenizer.h"
#include "tokenize/normalizer.h"
#include "tokenize/token_form.h"
#include "tokenize/whitespace_tokenizer.h"

namespace conec::tokenize {
namespace {

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

absl::Status Validate(const TokenizerOptions& options) {
  if (options.line_token.empty()) return absl::OkStatus();
  if (!CheckText(options.line_token).ok()) return InvalidArgument("--line-token is not valid UTF-8");
  if (HoldsWhiteSpace(options.line_token)) {
    return InvalidArgument("--line-token '{}' holds white space: expected one word, for instance </s>",
                           options.line_token);
  }
  if (options.segments == SegmentBoundary::kDocument && !options.join_lines) return absl::OkStatus();
  return InvalidArgument(
      "--line-token '{}' stands for line breaks inside segments: it needs --segments document, and no --join-lines",
      options.line_token);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Create(const TokenizerOptions& options) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  if (options.kind == TokenizerKind::kIcu) return MakeIcuTokenizer(options);
  return MakeWhitespaceTokenizer(options);
}

absl::StatusOr<std::string> NormalizeWord(const TokenizerOptions& options, std::string_view word) {
  CONEC_RETURN_IF_ERROR(CheckText(word));
  if (!word.empty() && word == options.line_token) return std::string(word);
  if (options.kind == TokenizerKind::kIcu) {
    CONEC_ASSIGN_OR_RETURN(const WordForm form, WordFormOf(options));
    return Normalize(form, word);
  }
  CONEC_ASSIGN_OR_RETURN(const WordForm form, TokenWordForm(options));
  CONEC_ASSIGN_OR_RETURN(std::string normalized, Normalize(form, word));
  const std::optional<WordForm> without_space = FormWithoutSpace(form);
  const bool has_gained_space = HoldsWhiteSpace(normalized) && !HoldsWhiteSpace(word);
  return without_space && has_gained_space ? Normalize(*without_space, word) : normalized;
}

}  // namespace conec::tokenize
