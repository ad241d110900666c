// Letter case of single words, by themselves: what evaluation protocols of other tools do to words.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::tokenize {

// Unicode's full case mappings without a language, as Python's str.upper() and str.lower(): ß becomes SS. `word` is
// valid UTF-8 of less than 32 MiB; bytes that are not become U+FFFD.
absl::StatusOr<std::string> ToUpper(std::string_view word);
absl::StatusOr<std::string> ToLower(std::string_view word);

// C's toupper() in the locale "C", byte by byte: a to z only.
std::string ToUpperAscii(std::string_view word);

}  // namespace conec::tokenize
