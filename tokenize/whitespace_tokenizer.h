// Tokens separated by white space, as they stand in the text. Internal to the room.
#pragma once

#include <memory>

#include "tokenize/tokenizer.h"

namespace conec::tokenize {

std::unique_ptr<Tokenizer> MakeWhitespaceTokenizer(const TokenizerOptions& options);

}  // namespace conec::tokenize
