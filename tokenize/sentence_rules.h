// Sentence boundaries of UAX 29 as ICU's root rules draw them. As with words, tests prove that both agree, and
// CheckRules() checks it for the ICU in use. Internal to the room.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenize/break_classes.h"

namespace conec::tokenize {

// Where the sentence that begins at `begin` < text.size() ends, spaces and line break after it included. With
// `joined_lines`, line breaks count as spaces.
std::size_t FindSentenceEnd(std::string_view text, std::size_t begin, bool joined_lines, BreakClasses& classes);

}  // namespace conec::tokenize
