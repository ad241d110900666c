// A position in the byte stream of the inputs, and the lines from there on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "corpora/byte_stream.h"

namespace conec::corpora {

// A place in a source.
struct SourcePosition {
  std::uint32_t source = 0;  // index into SourceCursor::sources()
  std::uint64_t offset = 0;  // in bytes, decompressed
  std::uint64_t line = 1;
};

// Goes through the bytes of one source after another, counting.
class SourceCursor {
 public:
  explicit SourceCursor(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

  // To the next source, once Peek() has given nothing; false after the last one.
  absl::StatusOr<bool> NextSource();
  // Unread bytes of the current source; nothing at its end. Valid until the next Peek() or NextSource().
  absl::StatusOr<std::string_view> Peek();
  // Takes the first `count` bytes of what Peek() gave.
  void Advance(std::size_t count);

  const SourcePosition& position() const { return position_; }
  const std::vector<std::string>& sources() const { return sources_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  absl::StatusOr<bool> NextChunk();

  std::unique_ptr<ByteStream> stream_;
  ByteChunk chunk_;
  std::string_view unread_;  // of chunk_
  bool at_source_end_ = true;
  SourcePosition position_;
  std::vector<std::string> sources_;
  std::uint64_t stored_bytes_ = 0;
};

// A line with its line break, or a part of one that is too long.
struct LinePart {
  std::string_view text{};
  bool begins_line = false;
  bool ends_line = false;
  SourcePosition position{};

  bool whole() const { return begins_line && ends_line; }
};

// The lines of the cursor's current source.
class LineReader {
 public:
  // Lines of up to `longest` bytes come whole, longer ones in parts of that size.
  LineReader(SourceCursor& cursor, std::size_t longest) : cursor_(cursor), longest_(longest) {}

  // False at the end of the source. The part is valid until the next call.
  absl::StatusOr<bool> Next(LinePart* part);

 private:
  SourceCursor& cursor_;
  std::size_t longest_;
  bool inside_line_ = false;
  std::string joined_;  // a line that spans chunks
};

}  // namespace conec::corpora
