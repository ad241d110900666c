// Tokens separated by white space, as they stand in the text or normalised and folded one by one (kWhitespace,
// kPretokenized). Internal to the room.
#pragma once

#include <memory>

#include "tokenize/tokenizer.h"

namespace conec::tokenize {

absl::StatusOr<std::unique_ptr<Tokenizer>> MakeWhitespaceTokenizer(const TokenizerOptions& options);

}  // namespace conec::tokenize
