#include "tokenize/whitespace_tokenizer.h"

#include <bit>

#include "tokenize/byte_masks.h"
#include "tokenize/characters.h"

namespace conec::tokenize {
namespace {

// Bits [first, 64).
constexpr std::uint64_t BitsFrom(unsigned first) {
  return first < 64 ? ~std::uint64_t{0} << first : 0;
}

// Reads the text in blocks of 64 bytes as masks, one branch per edge of a word rather than per byte, and character by
// character where white space outside ASCII may be (and at the end).
class WhitespaceTokenizer : public Tokenizer {
 public:
  explicit WhitespaceTokenizer(const TokenizerOptions& options)
      : fold_digits_(options.fold_digits),
        lines_are_segments_(options.segments != SegmentBoundary::kDocument),
        breaks_of_boundary_(options.join_lines ? 2 : 1) {}

  absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) override {
    CONEC_RETURN_IF_ERROR(CheckText(text));
    buffer.Clear();
    Start(text, buffer);
    for (std::size_t position = 0; position < text.size();) position = ReadBlock(position);
    Finish(is_last);
    return absl::OkStatus();
  }

 private:
  void Start(std::string_view text, TokenBuffer& buffer) {
    text_ = text;
    buffer_ = &buffer;
    in_word_ = false;
    line_breaks_ = 0;
  }

  // Returns where the next block begins.
  std::size_t ReadBlock(std::size_t begin) {
    if (text_.size() - begin < kMaskBytes) return ReadCharacters(begin, text_.size());
    const ByteMasks masks = MasksOf(text_.data() + begin);
    if (masks.space_leads != 0) return ReadCharacters(begin, begin + kMaskBytes);
    const bool line_feed_follows = begin + kMaskBytes < text_.size() && text_[begin + kMaskBytes] == '\n';
    const std::uint64_t next_is_line_feed = masks.line_feeds >> 1 | std::uint64_t{line_feed_follows} << 63;
    ReadMasks(begin, masks.spaces, masks.line_feeds | (masks.returns & ~next_is_line_feed));
    return begin + kMaskBytes;
  }

  void ReadMasks(std::size_t begin, std::uint64_t spaces, std::uint64_t line_breaks) {
    const std::uint64_t words = ~spaces;
    std::uint64_t edges = words ^ (words << 1 | std::uint64_t{in_word_});
    unsigned gap = 0;  // first bit of the white space at hand, once out of a word
    while (edges != 0) {
      const auto bit = static_cast<unsigned>(std::countr_zero(edges));
      edges &= edges - 1;
      if (in_word_) {
        EndWord(begin + bit);
        gap = bit;
      } else {
        CountLineBreaks(line_breaks & BitsFrom(gap) & ~BitsFrom(bit));
        StartWord(begin + bit);
      }
    }
    if (!in_word_) CountLineBreaks(line_breaks & BitsFrom(gap));
  }

  void CountLineBreaks(std::uint64_t line_breaks) {
    if (line_breaks != 0) line_breaks_ += static_cast<std::size_t>(std::popcount(line_breaks));
  }

  // All characters that begin in [begin, end). Returns where the last one ends.
  std::size_t ReadCharacters(std::size_t begin, std::size_t end) {
    // The block before may have ended inside a character (of a word: it held no lead byte of white space).
    while (begin < end && (static_cast<unsigned char>(text_[begin]) & 0xC0) == 0x80) ++begin;
    while (begin < end) {
      const Character character = DecodeAt(text_, begin);
      const Space space = SpaceOf(character.code_point);
      if (in_word_ && space != Space::kNone) EndWord(begin);
      if (!in_word_ && space == Space::kNone) StartWord(begin);
      const std::size_t next = begin + character.length;
      const bool is_first_of_two = text_[begin] == '\r' && next < text_.size() && text_[next] == '\n';
      if (space == Space::kLineBreak && !is_first_of_two) ++line_breaks_;
      begin = next;
    }
    return begin;
  }

  void StartWord(std::size_t begin) {
    if (line_breaks_ > 0) EndLines();
    in_word_ = true;
    word_begin_ = begin;
  }

  void EndWord(std::size_t end) {
    std::string_view token = text_.substr(word_begin_, end - word_begin_);
    if (fold_digits_ && HasDigitToFold(token)) {
      folded_.clear();
      AppendWithFoldedDigits(token, folded_);
      token = buffer_->Keep(folded_);
    }
    buffer_->tokens.push_back({token, static_cast<std::uint32_t>(word_begin_), static_cast<std::uint32_t>(end)});
    in_word_ = false;
  }

  // After white space with line breaks. At the start of a text, the line break before an empty line may belong to the
  // piece before.
  void EndLines() {
    if (lines_are_segments_ && buffer_->tokens.empty()) {
      buffer_->starts_with_boundary = true;
    } else if (lines_are_segments_ && line_breaks_ >= breaks_of_boundary_) {
      EndSegment();
    }
    line_breaks_ = 0;
  }

  void EndSegment() { buffer_->segment_ends.push_back(static_cast<std::uint32_t>(buffer_->tokens.size())); }

  void Finish(bool is_last) {
    if (in_word_) EndWord(text_.size());
    if (line_breaks_ > 0) EndLines();
    const std::size_t ended = buffer_->segment_ends.empty() ? 0 : buffer_->segment_ends.back();
    if (is_last && ended != buffer_->tokens.size()) EndSegment();
  }

  const bool fold_digits_;
  const bool lines_are_segments_;
  const std::size_t breaks_of_boundary_;

  std::string_view text_;
  TokenBuffer* buffer_ = nullptr;
  bool in_word_ = false;
  std::size_t word_begin_ = 0;   // where the word at hand begins
  std::size_t line_breaks_ = 0;  // since the last word
  std::string folded_;
};

}  // namespace

std::unique_ptr<Tokenizer> MakeWhitespaceTokenizer(const TokenizerOptions& options) {
  return std::make_unique<WhitespaceTokenizer>(options);
}

}  // namespace conec::tokenize
