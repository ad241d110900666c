#include "tokenize/whitespace_tokenizer.h"

#include <array>

#include "tokenize/characters.h"

namespace conec::tokenize {
namespace {

// What a byte of valid UTF-8 says about the character that it begins.
enum class ByteClass : std::uint8_t {
  kWord,       // no white space (also: every continuation byte)
  kBlank,      // white space
  kLineBreak,  // LF, CR
  kDecode,     // begins some white space, and other characters
};

constexpr std::array<ByteClass, 256> MakeByteClasses() {
  std::array<ByteClass, 256> classes{};
  for (char32_t c = 0; c < 0x80; ++c) {
    if (SpaceOf(c) == Space::kBlank) classes[c] = ByteClass::kBlank;
    if (SpaceOf(c) == Space::kLineBreak) classes[c] = ByteClass::kLineBreak;
  }
  // U+0085, U+00A0; U+1680; U+2000 to U+205F; U+3000.
  for (const std::size_t lead : {0xC2, 0xE1, 0xE2, 0xE3}) classes[lead] = ByteClass::kDecode;
  return classes;
}
constexpr std::array<ByteClass, 256> kByteClasses = MakeByteClasses();

ByteClass ClassAt(std::string_view text, std::size_t position) {
  return kByteClasses[static_cast<unsigned char>(text[position])];
}

// Index of the first white space at or after `position`, or text.size().
std::size_t FindSpace(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    const ByteClass byte_class = ClassAt(text, position);
    if (byte_class == ByteClass::kWord) {
      ++position;
    } else if (byte_class != ByteClass::kDecode) {
      return position;
    } else {
      const Character character = DecodeAt(text, position);
      if (SpaceOf(character.code_point) != Space::kNone) return position;
      position += character.length;
    }
  }
  return position;
}

struct Gap {
  std::size_t end = 0;          // where the white space ends
  std::size_t line_breaks = 0;  // in it; CR LF is one
};

Gap SkipSpace(std::string_view text, std::size_t position) {
  Gap gap{position};
  while (gap.end < text.size() && ClassAt(text, gap.end) != ByteClass::kWord) {
    const Character character = DecodeAt(text, gap.end);
    const Space space = SpaceOf(character.code_point);
    if (space == Space::kNone) break;
    if (space == Space::kLineBreak) {
      const bool second_half = character.code_point == '\n' && gap.end > position && text[gap.end - 1] == '\r';
      gap.line_breaks += second_half ? 0 : 1;
    }
    gap.end += character.length;
  }
  return gap;
}

class WhitespaceTokenizer : public Tokenizer {
 public:
  explicit WhitespaceTokenizer(const TokenizerOptions& options)
      : fold_digits_(options.fold_digits),
        lines_are_segments_(options.segments != SegmentBoundary::kDocument),
        breaks_of_boundary_(options.join_lines ? 2 : 1) {}

  absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) override {
    CONEC_RETURN_IF_ERROR(CheckText(text));
    buffer.Clear();
    Gap gap = SkipSpace(text, 0);
    buffer.starts_with_boundary = lines_are_segments_ && gap.line_breaks > 0;
    while (gap.end < text.size()) {
      const std::size_t end = FindSpace(text, gap.end);
      AddToken(text, gap.end, end, buffer);
      gap = SkipSpace(text, end);
      const bool is_boundary = lines_are_segments_ && gap.line_breaks >= breaks_of_boundary_;
      if (is_boundary) EndSegment(buffer);
    }
    const bool is_open =
        !buffer.tokens.empty() && (buffer.segment_ends.empty() || buffer.segment_ends.back() != buffer.tokens.size());
    if (is_last && is_open) EndSegment(buffer);
    return absl::OkStatus();
  }

 private:
  void AddToken(std::string_view text, std::size_t begin, std::size_t end, TokenBuffer& buffer) {
    std::string_view token = text.substr(begin, end - begin);
    if (fold_digits_ && HasDigitToFold(token)) {
      folded_.clear();
      AppendWithFoldedDigits(token, folded_);
      token = buffer.Keep(folded_);
    }
    buffer.tokens.push_back({token, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  static void EndSegment(TokenBuffer& buffer) {
    buffer.segment_ends.push_back(static_cast<std::uint32_t>(buffer.tokens.size()));
  }

  const bool fold_digits_;
  const bool lines_are_segments_;
  const std::size_t breaks_of_boundary_;
  std::string folded_;
};

}  // namespace

std::unique_ptr<Tokenizer> MakeWhitespaceTokenizer(const TokenizerOptions& options) {
  return std::make_unique<WhitespaceTokenizer>(options);
}

}  // namespace conec::tokenize
