// Checking and repairing UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::tokenize {

enum class InvalidUtf8 {
  kError,    // stop with the file and byte offset
  kReplace,  // each maximal invalid part becomes U+FFFD (Unicode 15, section 3.9, "substitution of maximal subparts")
  kSkip,     // invalid bytes are left out
};

// Byte offset of the first byte that is not part of a well-formed sequence (where a truncated sequence begins, not
// where it breaks off); nothing if all of `text` is valid. Runs at memory speed on ASCII.
std::optional<std::size_t> FindInvalidUtf8(std::string_view text);

// `text` with its invalid parts replaced or left out. `policy` is kReplace or kSkip. *invalid_parts, if given, is
// increased by their number.
std::string RepairUtf8(std::string_view text, InvalidUtf8 policy, std::size_t* invalid_parts = nullptr);

std::string_view Name(InvalidUtf8 policy);
absl::StatusOr<InvalidUtf8> ParseInvalidUtf8(std::string_view name);

}  // namespace conec::tokenize
