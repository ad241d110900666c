#include "tokenize/segment_finder.h"

#include <utility>

#include "tokenize/characters.h"
#include "tokenize/sentence_rules.h"

namespace conec::tokenize {
namespace {

// A blank of as many bytes as the line break has.
std::string_view BlankFor(std::string_view line_break) {
  if (line_break == "\r\n") return "  ";
  if (line_break.size() == 1) return " ";
  return line_break.size() == 2 ? "\u00A0" : "\u2003";
}

std::string ReplaceLineBreaks(std::string_view text) {
  std::string replaced(text);
  for (LineBreak found = FindLineBreak(text, 0); found.begin < text.size(); found = FindLineBreak(text, found.end)) {
    const std::size_t size = found.end - found.begin;
    replaced.replace(found.begin, size, BlankFor(text.substr(found.begin, size)));
  }
  return replaced;
}

bool EndsWithLineBreak(std::string_view text) {
  std::size_t last = text.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
  return SpaceOf(DecodeAt(text, last).code_point) == Space::kLineBreak;
}

}  // namespace

SegmentFinder::SegmentFinder(SegmentBoundary boundary, bool join_lines, std::optional<IcuBreaks> icu_sentences)
    : boundary_(boundary), join_lines_(join_lines), icu_sentences_(std::move(icu_sentences)) {}

absl::Status SegmentFinder::Start(std::string_view text) {
  text_ = text;
  begin_ = 0;
  paragraph_ = {};
  return absl::OkStatus();
}

absl::StatusOr<SegmentFinder::Segment> SegmentFinder::Next(BreakClasses& classes) {
  Segment segment{text_.size(), false};
  if (boundary_ == SegmentBoundary::kSentence) {
    CONEC_ASSIGN_OR_RETURN(segment, NextSentence(classes));
  } else if (boundary_ == SegmentBoundary::kLine && join_lines_) {
    segment = ParagraphAt(begin_);
  } else if (boundary_ == SegmentBoundary::kLine) {
    const LineBreak found = FindLineBreak(text_, begin_);
    segment = {found.end, found.end > found.begin};
  }
  begin_ = segment.end;
  return segment;
}

// Ends after an empty line; one at the start of the text may lack its first half.
SegmentFinder::Segment SegmentFinder::ParagraphAt(std::size_t begin) const {
  LineBreak found{begin, begin};
  if (begin > 0) found = FindLineBreak(text_, begin);
  while (found.end < text_.size()) {
    const std::size_t next_line = SkipBlanks(text_, found.end);
    const LineBreak next = FindLineBreak(text_, next_line);
    if (next.end > next.begin && next.begin == next_line) return {next.end, true};
    found = next;
  }
  return {text_.size(), false};
}

absl::Status SegmentFinder::StartParagraph() {
  paragraph_begin_ = begin_;
  paragraph_ = join_lines_ ? ParagraphAt(begin_) : Segment{text_.size(), !text_.empty() && EndsWithLineBreak(text_)};
  if (!icu_sentences_.has_value()) return absl::OkStatus();
  const std::string_view paragraph = text_.substr(begin_, paragraph_.end - begin_);
  if (!join_lines_) return icu_sentences_->SetText(paragraph);
  with_blanks_ = ReplaceLineBreaks(paragraph);
  return icu_sentences_->SetText(with_blanks_);
}

absl::StatusOr<std::size_t> SegmentFinder::SentenceEnd(BreakClasses& classes) {
  const std::string_view paragraph = text_.substr(0, paragraph_.end);
  if (!icu_sentences_.has_value()) return FindSentenceEnd(paragraph, begin_, join_lines_, classes);
  const std::size_t end = icu_sentences_->Next();
  if (end == IcuBreaks::npos) return Internal("ICU found no sentence boundary at the end of a paragraph");
  return paragraph_begin_ + end;
}

absl::StatusOr<SegmentFinder::Segment> SegmentFinder::NextSentence(BreakClasses& classes) {
  if (begin_ >= paragraph_.end) CONEC_RETURN_IF_ERROR(StartParagraph());
  if (begin_ == text_.size()) return Segment{begin_, false};
  CONEC_ASSIGN_OR_RETURN(const std::size_t end, SentenceEnd(classes));
  return Segment{end, end < text_.size() || paragraph_.is_complete};
}

}  // namespace conec::tokenize
