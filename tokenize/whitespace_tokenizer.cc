#include "tokenize/whitespace_tokenizer.h"

#include <bit>

#include "tokenize/byte_masks.h"
#include "tokenize/characters.h"
#include "tokenize/token_form.h"

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
  // form: null if tokens stay as they stand.
  WhitespaceTokenizer(const TokenizerOptions& options, std::unique_ptr<TokenForm> form)
      : form_(std::move(form)),
        lines_are_segments_(options.segments != SegmentBoundary::kDocument),
        breaks_of_boundary_(options.join_lines ? 2 : 1),
        line_token_option_(options.line_token) {}

  absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) override {
    CONEC_RETURN_IF_ERROR(CheckText(text));
    buffer.Clear();
    Start(text, buffer);
    for (std::size_t position = 0; position < text.size();) position = ReadBlock(position);
    Finish(is_last);
    return status_;
  }

 private:
  void Start(std::string_view text, TokenBuffer& buffer) {
    text_ = text;
    buffer_ = &buffer;
    line_token_ = buffer.Keep(line_token_option_);
    in_word_ = false;
    line_breaks_ = 0;
    status_ = absl::OkStatus();
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
        PassLineBreaks(begin, line_breaks & BitsFrom(gap) & ~BitsFrom(bit));
        StartWord(begin + bit);
      }
    }
    if (!in_word_) PassLineBreaks(begin, line_breaks & BitsFrom(gap));
  }

  // The bits say where line breaks end, from `begin` on.
  void PassLineBreaks(std::size_t begin, std::uint64_t line_breaks) {
    if (line_breaks == 0) return;
    line_breaks_ += static_cast<std::size_t>(std::popcount(line_breaks));
    if (line_token_.empty()) return;
    for (; line_breaks != 0; line_breaks &= line_breaks - 1) {
      const std::size_t last = begin + static_cast<std::size_t>(std::countr_zero(line_breaks));
      AddLineToken(last, last + 1);
    }
  }

  // For a line break whose last character is text_[last, end): CR LF may have come in two blocks.
  void AddLineToken(std::size_t last, std::size_t end) {
    const bool is_crlf = text_[last] == '\n' && last > 0 && text_[last - 1] == '\r';
    Append(line_token_, last - (is_crlf ? 1 : 0), end);
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
      if (space == Space::kLineBreak && !is_first_of_two) {
        ++line_breaks_;
        if (!line_token_.empty()) AddLineToken(begin, next);
      }
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
    if (form_ != nullptr) token = FormOf(token);
    Append(token, word_begin_, end);
    in_word_ = false;
  }

  // The first error is kept for the end.
  std::string_view FormOf(std::string_view token) {
    const absl::StatusOr<std::string_view> form = form_->Of(token, *buffer_);
    if (form.ok()) return *form;
    status_.Update(form.status());
    return token;
  }

  void Append(std::string_view token, std::size_t begin, std::size_t end) {
    buffer_->tokens.push_back({token, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
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

  const std::unique_ptr<TokenForm> form_;
  const bool lines_are_segments_;
  const std::size_t breaks_of_boundary_;
  const std::string line_token_option_;

  std::string_view text_;
  TokenBuffer* buffer_ = nullptr;
  std::string_view line_token_;  // in the buffer, which may outlive the tokenizer
  bool in_word_ = false;
  std::size_t word_begin_ = 0;   // where the word at hand begins
  std::size_t line_breaks_ = 0;  // since the last word
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Tokenizer>> MakeWhitespaceTokenizer(const TokenizerOptions& options) {
  std::unique_ptr<TokenForm> form;
  if (options.kind == TokenizerKind::kPretokenized || options.fold_digits) {
    CONEC_ASSIGN_OR_RETURN(form, TokenForm::Create(options));
  }
  return std::make_unique<WhitespaceTokenizer>(options, std::move(form));
}

}  // namespace conec::tokenize
