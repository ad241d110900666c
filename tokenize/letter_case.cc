#include "tokenize/letter_case.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>

#include <algorithm>

namespace conec::tokenize {
namespace {

// Case mapping grows text at most threefold, and ICU counts in 31 bits.
constexpr std::size_t kMaxWordBytes = std::size_t{1} << 25;

using IcuMap = void (*)(const char* locale, std::uint32_t options, icu::StringPiece from, icu::ByteSink& to,
                        icu::Edits* edits, UErrorCode& error);

absl::StatusOr<std::string> MapCase(std::string_view word, IcuMap map) {
  if (word.size() >= kMaxWordBytes) return InvalidArgument("a word of {} bytes is too long", word.size());
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  UErrorCode error = U_ZERO_ERROR;
  map("", 0, icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())), sink, nullptr, error);
  if (U_FAILURE(error)) return Internal("ICU cannot map the case of '{}': {}", word, u_errorName(error));
  return result;
}

char UpperAscii(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

absl::StatusOr<std::string> ToUpper(std::string_view word) {
  return MapCase(word, icu::CaseMap::utf8ToUpper);
}

absl::StatusOr<std::string> ToLower(std::string_view word) {
  return MapCase(word, icu::CaseMap::utf8ToLower);
}

std::string ToUpperAscii(std::string_view word) {
  std::string result(word);
  std::ranges::transform(result, result.begin(), UpperAscii);
  return result;
}

}  // namespace conec::tokenize
