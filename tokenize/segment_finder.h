// Where segments end. Internal to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenize/break_classes.h"
#include "tokenize/icu_breaks.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {

class SegmentFinder {
 public:
  // icu_sentences: asked for sentences where our own rules do not hold; nothing where they do.
  SegmentFinder(SegmentBoundary boundary, bool join_lines, std::optional<IcuBreaks> icu_sentences);

  struct Segment {
    std::size_t end = 0;
    bool is_complete = false;  // ends there whatever follows; false only at the end of the text
  };

  // Starts a text, valid UTF-8 that the caller keeps alive.
  absl::Status Start(std::string_view text);
  // The segment that begins where the last one ended, at first at 0. Not called after one that ends with the text.
  absl::StatusOr<Segment> Next(BreakClasses& classes);

 private:
  absl::StatusOr<Segment> NextSentence(BreakClasses& classes);
  Segment ParagraphAt(std::size_t begin) const;
  absl::Status StartParagraph();
  absl::StatusOr<std::size_t> SentenceEnd(BreakClasses& classes);

  const SegmentBoundary boundary_;
  const bool join_lines_;
  std::optional<IcuBreaks> icu_sentences_;
  std::string_view text_;
  std::size_t begin_ = 0;            // of the next segment
  Segment paragraph_;                // where lines are joined: what the next sentence is part of
  std::size_t paragraph_begin_ = 0;  // ICU's boundaries count from here
  std::string with_blanks_;          // the paragraph with blanks for line breaks, byte for byte
};

}  // namespace conec::tokenize
