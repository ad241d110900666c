// What kWhitespace and kPretokenized do to a token (tokenizer.h). Internal to the room.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "tokenize/normalizer.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {

// kInvalidArgument for a bad locale.
absl::StatusOr<WordForm> TokenWordForm(const TokenizerOptions& options);

// The form for tokens whose form by `form` holds white space; nothing where that cannot be.
std::optional<WordForm> FormWithoutSpace(const WordForm& form);

// Not thread-safe.
class TokenForm {
 public:
  static absl::StatusOr<std::unique_ptr<TokenForm>> Create(const TokenizerOptions& options);

  // `token`, valid UTF-8 without white space, in its final form: `token` itself if nothing changes, otherwise kept in
  // `buffer`.
  absl::StatusOr<std::string_view> Of(std::string_view token, TokenBuffer& buffer);

 private:
  std::unique_ptr<WordNormalizer> normalizer_;
  std::unique_ptr<WordNormalizer> without_space_;  // null where not needed
};

}  // namespace conec::tokenize
