#include "tokenize/icu_tokenizer.h"

#include <unicode/uchar.h>

#include <optional>
#include <utility>

#include "tokenize/break_classes.h"
#include "tokenize/characters.h"
#include "tokenize/icu_breaks.h"
#include "tokenize/rule_check.h"
#include "tokenize/segment_finder.h"
#include "tokenize/word_rules.h"

namespace conec::tokenize {
namespace {

constexpr char32_t kTextPresentation = 0xFE0E;
constexpr char32_t kEmojiPresentation = 0xFE0F;

constexpr bool IsAsciiSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::size_t FindAsciiSpace(std::string_view text, std::size_t position) {
  while (position < text.size() && !IsAsciiSpace(text[position])) ++position;
  return position;
}

// Shown as an emoji (UTS 51): by default, or because a variation selector asks for it.
bool IsEmoji(char32_t c, char32_t next) {
  const auto has = [c](UProperty property) { return u_hasBinaryProperty(static_cast<UChar32>(c), property) != 0; };
  if (next == kEmojiPresentation) return has(UCHAR_EMOJI);
  return next != kTextPresentation && c >= 0x80 && has(UCHAR_EMOJI_PRESENTATION);
}

bool HoldsEmoji(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = DecodeAt(text, i);
    i += character.length;
    if (IsEmoji(character.code_point, i < text.size() ? DecodeAt(text, i).code_point : 0)) return true;
  }
  return false;
}

std::size_t FindWhiteSpace(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    const Character character = DecodeAt(text, position);
    if (SpaceOf(character.code_point) != Space::kNone) break;
    position += character.length;
  }
  return position;
}

// Calls visit(begin, end) for the parts of text[begin, end) between white space.
template <typename Visit>
absl::Status ForEachPart(std::string_view text, const Visit& visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = FindWhiteSpace(text, begin);
    if (end > begin) CONEC_RETURN_IF_ERROR(visit(begin, end));
    begin = end < text.size() ? end + DecodeAt(text, end).length : end;
  }
  return absl::OkStatus();
}

class IcuTokenizer : public Tokenizer {
 public:
  IcuTokenizer(const TokenizerOptions& options, const RuleCheck& check, IcuBreaks words,
               std::optional<IcuBreaks> sentences, std::unique_ptr<WordNormalizer> normalizer)
      : options_(options),
        rules_hold_(check.words_agree),
        classes_(check.tailoring),
        words_(std::move(words)),
        segments_(options.segments, options.join_lines, std::move(sentences)),
        normalizer_(std::move(normalizer)) {}

  absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) override {
    CONEC_RETURN_IF_ERROR(CheckText(text));
    buffer.Clear();
    text_ = text;
    buffer_ = &buffer;
    line_token_ = buffer.Keep(options_.line_token);
    CONEC_RETURN_IF_ERROR(segments_.Start(text));
    CONEC_ASSIGN_OR_RETURN(segment_, segments_.Next(classes_));
    for (std::size_t position = 0; position < text.size();) {
      CONEC_ASSIGN_OR_RETURN(position, TokenizeAt(position));
    }
    return Finish(is_last);
  }

 private:
  // Adds the tokens that begin at `position`, a word boundary, and returns the next word boundary to go on from.
  absl::StatusOr<std::size_t> TokenizeAt(std::size_t position) {
    if (IsAsciiSpace(text_[position])) return PassAsciiSpace(position);
    if (!rules_hold_) return TokenizeWithIcu(position);
    const WordSegment segment = FindWordEnd(text_, position, classes_);
    if (segment.needs_dictionary) return TokenizeWithIcu(position);
    CONEC_RETURN_IF_ERROR(segment.is_word ? AddToken(position, segment.end) : AddSegment(position, segment.end));
    return segment.end;
  }

  // One byte, or CR LF where that is a line break with a token.
  std::size_t PassAsciiSpace(std::size_t position) {
    if (line_token_.empty() || (text_[position] != '\n' && text_[position] != '\r')) return position + 1;
    const LineBreak line_break = FindLineBreak(text_, position);
    Append(line_token_, line_break.begin, line_break.end);
    return line_break.end;
  }

  // Up to the next blank, which no rule looks across.
  absl::StatusOr<std::size_t> TokenizeWithIcu(std::size_t begin) {
    const std::size_t end = FindAsciiSpace(text_, begin);
    CONEC_RETURN_IF_ERROR(words_.SetText(text_.substr(begin, end - begin)));
    std::size_t previous = 0;
    for (std::size_t next = words_.Next(); next != IcuBreaks::npos; next = words_.Next()) {
      CONEC_RETURN_IF_ERROR(AddSegment(begin + previous, begin + next));
      previous = next;
    }
    return end;
  }

  // Adds what lies between two word boundaries if it is a word or whatever else was asked for. White space is in it
  // where an accent follows a space or U+202F stands between digits. The line breaks outside ASCII come here, too, each
  // by itself: word boundaries lie before and after them.
  absl::Status AddSegment(std::size_t begin, std::size_t end) {
    if (!line_token_.empty() && FindLineBreak(text_.substr(0, end), begin).begin == begin) {
      Append(line_token_, begin, end);
      return absl::OkStatus();
    }
    return ForEachPart(text_.substr(begin, end - begin), [&](std::size_t part_begin, std::size_t part_end) {
      const std::size_t from = begin + part_begin, to = begin + part_end;
      return IsToken(text_.substr(from, to - from)) ? AddToken(from, to) : absl::OkStatus();
    });
  }

  bool IsToken(std::string_view part) {
    bool is_visible = false;
    for (std::size_t i = 0; i < part.size();) {
      const Character character = DecodeAt(part, i);
      const BreakClass& entry = classes_.Of(character.code_point);
      if (entry.is_word) return true;
      is_visible = is_visible || entry.is_visible;
      i += character.length;
    }
    return (is_visible && options_.keep_punctuation) || HoldsEmoji(part);
  }

  absl::Status AddToken(std::size_t begin, std::size_t end) {
    while (begin >= segment_.end) CONEC_RETURN_IF_ERROR(NextSegment());
    CONEC_ASSIGN_OR_RETURN(const std::string_view form,
                           normalizer_->Normalize(text_.substr(begin, end - begin), *buffer_));
    // Only compatibility decompositions bring up white space: U+FDFA is four words.
    const bool may_hold_space =
        options_.normalization == Normalization::kNfkc || options_.normalization == Normalization::kNfkd;
    if (!may_hold_space) {
      Append(form, begin, end);
      return absl::OkStatus();
    }
    return ForEachPart(form, [&](std::size_t part_begin, std::size_t part_end) {
      Append(form.substr(part_begin, part_end - part_begin), begin, end);
      return absl::OkStatus();
    });
  }

  void Append(std::string_view form, std::size_t begin, std::size_t end) {
    buffer_->tokens.push_back({form, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  absl::Status NextSegment() {
    EndSegment();
    CONEC_ASSIGN_OR_RETURN(segment_, segments_.Next(classes_));
    return absl::OkStatus();
  }

  void EndSegment() {
    const auto tokens = static_cast<std::uint32_t>(buffer_->tokens.size());
    if (tokens == 0) {
      buffer_->starts_with_boundary = true;
    } else if (buffer_->segment_ends.empty() || buffer_->segment_ends.back() != tokens) {
      buffer_->segment_ends.push_back(tokens);
    }
  }

  // After the last token.
  absl::Status Finish(bool is_last) {
    const bool is_complete = segment_.end < text_.size() || segment_.is_complete;
    if (is_complete || (is_last && !buffer_->tokens.empty())) EndSegment();
    return absl::OkStatus();
  }

  const TokenizerOptions options_;
  const bool rules_hold_;
  BreakClasses classes_;
  IcuBreaks words_;
  SegmentFinder segments_;
  std::unique_ptr<WordNormalizer> normalizer_;
  std::string_view text_;
  TokenBuffer* buffer_ = nullptr;
  std::string_view line_token_;     // in the buffer, which may outlive the tokenizer
  SegmentFinder::Segment segment_;  // the one that the next token belongs to, or one before
};

}  // namespace

absl::StatusOr<WordForm> WordFormOf(const TokenizerOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const icu::Locale locale, ParseLocale(options.locale));
  const std::string_view language = locale.getLanguage();
  return WordForm{options.normalization, options.fold_case, options.fold_digits, language == "tr" || language == "az"};
}

absl::StatusOr<std::unique_ptr<Tokenizer>> MakeIcuTokenizer(const TokenizerOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const icu::Locale locale, ParseLocale(options.locale));
  CONEC_ASSIGN_OR_RETURN(IcuBreaks words, IcuBreaks::Create(BreakKind::kWord, locale));
  CONEC_ASSIGN_OR_RETURN(std::optional<IcuBreaks> sentences, IcuBreaks::Create(BreakKind::kSentence, locale));
  CONEC_ASSIGN_OR_RETURN(const RuleCheck check, CheckRules(words, *sentences));
  if (check.sentences_agree) sentences.reset();
  CONEC_ASSIGN_OR_RETURN(const WordForm form, WordFormOf(options));
  CONEC_ASSIGN_OR_RETURN(auto normalizer, WordNormalizer::Create(form));
  return std::make_unique<IcuTokenizer>(options, check, std::move(words), std::move(sentences), std::move(normalizer));
}

}  // namespace conec::tokenize
