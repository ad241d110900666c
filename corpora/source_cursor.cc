#include "corpora/source_cursor.h"

#include <algorithm>
#include <utility>

namespace conec::corpora {

absl::StatusOr<bool> SourceCursor::NextChunk() {
  unread_ = {};
  CONEC_ASSIGN_OR_RETURN(const bool more, stream_->Next(&chunk_));
  if (more) stored_bytes_ = chunk_.stored_bytes;
  return more;
}

absl::StatusOr<bool> SourceCursor::NextSource() {
  CONEC_ASSIGN_OR_RETURN(const bool more, NextChunk());
  if (!more) return false;
  sources_.push_back(std::move(chunk_.name));
  position_ = {static_cast<std::uint32_t>(sources_.size() - 1), chunk_.offset, 1};
  at_source_end_ = false;
  return true;
}

absl::StatusOr<std::string_view> SourceCursor::Peek() {
  while (unread_.empty() && !at_source_end_) {
    CONEC_ASSIGN_OR_RETURN(const bool more, NextChunk());
    at_source_end_ = !more || chunk_.kind == ByteChunk::Kind::kEnd;
    if (!at_source_end_) unread_ = chunk_.bytes();
  }
  return unread_;
}

void SourceCursor::Advance(std::size_t count) {
  position_.line += static_cast<std::uint64_t>(
      std::count(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
  position_.offset += count;
  unread_.remove_prefix(count);
}

absl::StatusOr<bool> LineReader::Next(LinePart* part) {
  joined_.clear();
  *part = {.begins_line = !inside_line_, .position = cursor_.position()};
  while (true) {
    CONEC_ASSIGN_OR_RETURN(const std::string_view unread, cursor_.Peek());
    if (unread.empty()) {
      part->text = joined_;
      part->ends_line = true;
      return std::exchange(inside_line_, false) || !joined_.empty();
    }
    const std::string_view rest = unread.substr(0, longest_ - joined_.size());
    const std::size_t line_break = rest.find('\n');
    part->ends_line = line_break != std::string_view::npos;
    part->text = part->ends_line ? rest.substr(0, line_break + 1) : rest;
    const bool complete = part->ends_line || joined_.size() + part->text.size() == longest_;
    if (!complete || !joined_.empty()) joined_ += part->text;
    cursor_.Advance(part->text.size());
    if (complete) break;
  }
  if (!joined_.empty()) part->text = joined_;
  inside_line_ = !part->ends_line;
  return true;
}

}  // namespace conec::corpora
