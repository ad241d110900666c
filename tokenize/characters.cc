#include "tokenize/characters.h"

#include <unicode/uchar.h>

#include "tokenize/utf8.h"

namespace conec::tokenize {
namespace {

constexpr std::size_t kMaxTextBytes = 0x7FFFFFFF;

bool IsDigit(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return u_charType(static_cast<UChar32>(c)) == U_DECIMAL_DIGIT_NUMBER;
}

// Bytes that no line break begins with.
constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    table[byte] = byte != '\n' && byte != '\r' && byte != 0xC2 && byte != 0xE2;
  }
  return table;
}
constexpr std::array<bool, 256> kIsPlain = MakePlainTable();

}  // namespace

bool HoldsWhiteSpace(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = DecodeAt(text, i);
    if (SpaceOf(character.code_point) != Space::kNone) return true;
    i += character.length;
  }
  return false;
}

LineBreak FindLineBreak(std::string_view text, std::size_t position) {
  while (true) {
    while (position < text.size() && kIsPlain[static_cast<unsigned char>(text[position])]) ++position;
    if (position >= text.size()) return {text.size(), text.size()};
    const Character character = DecodeAt(text, position);
    const std::size_t end = position + character.length;
    if (SpaceOf(character.code_point) == Space::kLineBreak) {
      const bool is_crlf = character.code_point == '\r' && end < text.size() && text[end] == '\n';
      return {position, end + (is_crlf ? 1 : 0)};
    }
    position = end;
  }
}

std::size_t SkipBlanks(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    const Character character = DecodeAt(text, position);
    if (SpaceOf(character.code_point) != Space::kBlank) break;
    position += character.length;
  }
  return position;
}

absl::Status CheckText(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return InvalidArgument("text of {} bytes: at most {} bytes can be tokenised at once", text.size(), kMaxTextBytes);
  }
  if (const auto offset = FindInvalidUtf8(text)) {
    return InvalidArgument("invalid UTF-8 at byte offset {} (byte 0x{:02X})", *offset,
                           static_cast<unsigned char>(text[*offset]));
  }
  return absl::OkStatus();
}

void AppendWithFoldedDigits(std::string_view text, std::string& folded) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = DecodeAt(text, i);
    if (IsDigit(character.code_point)) {
      folded += '0';
    } else {
      folded.append(text, i, character.length);
    }
    i += character.length;
  }
}

}  // namespace conec::tokenize
