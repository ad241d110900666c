// The decompressed bytes of all inputs in order, read ahead by a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "corpora/input_files.h"

namespace conec::corpora {

// One step of the stream. A source (a file, or one entry of an archive) gives kBegin, any number of kData, kEnd.
struct ByteChunk {
  enum class Kind { kBegin, kData, kEnd };
  Kind kind = Kind::kData;
  std::string name{};              // kBegin: for display
  std::uint64_t offset = 0;        // kBegin: of the first byte to come (3 after a byte order mark)
  std::unique_ptr<char[]> data{};  // kData
  std::size_t size = 0;            // kData: never 0
  std::uint64_t stored_bytes = 0;  // of all inputs, read so far as stored

  std::string_view bytes() const { return {data.get(), size}; }
};

// Recognises gzip, zstd, xz and bzip2 streams, zip and tar archives, and their combinations, by content; everything
// else is passed on as it is, without a UTF-8 byte order mark at its start. Archive entries that a folder would leave
// out (names with a dot in front) are left out. At most a few MB are read ahead. Not thread-safe; destroying it stops
// the thread at once, also when it waits for a pipe.
class ByteStream {
 public:
  // kResourceExhausted if the system gives no thread or no descriptor.
  static absl::StatusOr<std::unique_ptr<ByteStream>> Open(std::vector<InputFile> files);
  virtual ~ByteStream() = default;

  // Replaces *chunk (whose memory is used again) by the next one; false at the end of all inputs. Errors name the
  // source: kDataLoss for truncated, corrupt or too deeply nested compression with the position in the decompressed
  // data, kInvalidArgument for UTF-16 text, and what the system says. The same error comes back from then on.
  virtual absl::StatusOr<bool> Next(ByteChunk* chunk) = 0;
};

}  // namespace conec::corpora
