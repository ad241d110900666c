// Words by the rules of UAX 29 and ICU's dictionaries. Internal to the room.
#pragma once

#include <memory>

#include "tokenize/normalizer.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {

absl::StatusOr<std::unique_ptr<Tokenizer>> MakeIcuTokenizer(const TokenizerOptions& options);

// What MakeIcuTokenizer's tokens go through. kInvalidArgument for a bad locale.
absl::StatusOr<WordForm> WordFormOf(const TokenizerOptions& options);

}  // namespace conec::tokenize
