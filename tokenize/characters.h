// Characters in valid UTF-8: decoding, white space, line breaks, decimal digits. Internal to the room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::tokenize {

// Unicode in pages of 256 characters, as tables of all characters are cut.
inline constexpr std::size_t kPages = 0x110000 / 256;

struct Character {
  char32_t code_point = 0;
  std::size_t length = 1;  // bytes
};

// The character that begins at `position` < text.size() of valid UTF-8.
inline Character DecodeAt(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[position + i]));
  };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

enum class Space : std::uint8_t {
  kNone,       // not white space
  kBlank,      // white space inside a line
  kLineBreak,  // LF, CR, U+0085, U+2028, U+2029 (of CR LF: both; what follows counts them as one)
};

// The Unicode property White_Space, and what of it breaks lines.
constexpr Space SpaceOf(char32_t c) {
  if (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029) return Space::kLineBreak;
  if (c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
      c == 0x202F || c == 0x205F || c == 0x3000) {
    return Space::kBlank;
  }
  return Space::kNone;
}

// Whether `text`, valid UTF-8, holds a character with the property White_Space.
bool HoldsWhiteSpace(std::string_view text);

// Line breaks: LF, CR, CR LF, U+0085, U+2028, U+2029. Bytes [begin, end); both text.size() if there is none.
struct LineBreak {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The first one at or after `position`.
LineBreak FindLineBreak(std::string_view text, std::size_t position);

// The first position at or after `position` that holds no blank (a line break, anything else, the end).
std::size_t SkipBlanks(std::string_view text, std::size_t position);

// kInvalidArgument unless `text` is valid UTF-8 (the message has the byte offset) of less than 2^31 bytes.
absl::Status CheckText(std::string_view text);

// Appends `text` to `folded` with every decimal digit (general category Nd), of whatever script, as 0.
void AppendWithFoldedDigits(std::string_view text, std::string& folded);

}  // namespace conec::tokenize
