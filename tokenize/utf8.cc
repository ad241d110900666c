#include "tokenize/utf8.h"

#include <cstdint>
#include <cstring>

namespace conec::tokenize {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";
constexpr std::uint64_t kHighBits = 0x8080808080808080u;

std::uint64_t LoadWord(const char* data) {
  std::uint64_t word;
  std::memcpy(&word, data, sizeof(word));
  return word;
}

// Index of the first byte >= 0x80 at or after `position`; text.size() if there is none. The blocks of 64 bytes are what
// makes it run at the speed of memory.
std::size_t SkipAscii(std::string_view text, std::size_t position) {
  const char* data = text.data();
  for (; position + 64 <= text.size(); position += 64) {
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < 64; i += 8) any |= LoadWord(data + position + i);
    if ((any & kHighBits) != 0) break;
  }
  for (; position + 8 <= text.size(); position += 8) {
    if ((LoadWord(data + position) & kHighBits) != 0) break;
  }
  while (position < text.size() && static_cast<unsigned char>(data[position]) < 0x80) ++position;
  return position;
}

struct Lead {
  std::uint8_t continuation_bytes = 0;  // 0: never starts a sequence of several bytes
  std::uint8_t second_low = 0x80;       // what the second byte may be: this keeps out overlong forms, surrogates
  std::uint8_t second_high = 0xBF;      // and code points above U+10FFFF
};

// The rows of table 3-7 of the Unicode standard (well-formed UTF-8 byte sequences).
constexpr Lead LeadOf(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

struct Sequence {
  std::size_t length = 1;  // of the sequence, or of its maximal well-formed beginning (at least 1)
  bool valid = false;
};

// What stands at `position`, the index of a byte >= 0x80.
Sequence ReadSequence(std::string_view text, std::size_t position) {
  const Lead lead = LeadOf(static_cast<unsigned char>(text[position]));
  if (lead.continuation_bytes == 0) return {};
  std::uint8_t low = lead.second_low, high = lead.second_high;
  for (std::size_t i = 1; i <= lead.continuation_bytes; ++i) {
    if (position + i >= text.size()) return {i, false};
    const auto byte = static_cast<unsigned char>(text[position + i]);
    if (byte < low || byte > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {lead.continuation_bytes + std::size_t{1}, true};
}

std::optional<std::size_t> FindInvalidFrom(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    if (static_cast<unsigned char>(text[position]) < 0x80) {
      position = SkipAscii(text, position);
      continue;
    }
    const Sequence sequence = ReadSequence(text, position);
    if (!sequence.valid) return position;
    position += sequence.length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> FindInvalidUtf8(std::string_view text) {
  return FindInvalidFrom(text, 0);
}

std::string RepairUtf8(std::string_view text, InvalidUtf8 policy, std::size_t* invalid_parts) {
  std::string repaired;
  repaired.reserve(text.size());
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t bad = FindInvalidFrom(text, position).value_or(text.size());
    repaired.append(text.substr(position, bad - position));
    if (bad == text.size()) break;
    if (policy == InvalidUtf8::kReplace) repaired.append(kReplacementCharacter);
    if (invalid_parts != nullptr) ++*invalid_parts;
    position = bad + ReadSequence(text, bad).length;
  }
  return repaired;
}

}  // namespace conec::tokenize
