// Bytes from a file, and the same bytes decompressed: each source reads from the one below it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::corpora {

// Not thread-safe. Error messages do not name the file: whoever knows its display name puts it before them.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` (> 0) bytes into `data`; how many, 0 only at the end.
  virtual absl::StatusOr<std::size_t> Read(char* data, std::size_t size) = 0;
  // Sources that can seek: to an absolute position, or to the end (`offset` < 0); returns the new position.
  virtual bool seekable() const { return false; }
  virtual absl::StatusOr<std::int64_t> Seek(std::int64_t offset);
};

// Lets the reader look at the beginning of another source.
class PeekableSource : public ByteSource {
 public:
  explicit PeekableSource(ByteSource& below) : below_(below) {}
  // The next bytes without taking them: `size`, or fewer if the source is shorter. Valid until the next call.
  absl::StatusOr<std::string_view> Peek(std::size_t size);
  absl::StatusOr<std::size_t> Read(char* data, std::size_t size) override;
  bool seekable() const override { return below_.seekable(); }
  absl::StatusOr<std::int64_t> Seek(std::int64_t offset) override;

 private:
  ByteSource& below_;
  std::string ahead_;  // bytes read but not taken, from ahead_begin_ on
  std::size_t ahead_begin_ = 0;
};

// A file, pipe, device or standard input ("-"). A file that is shorter, when its end is reached, than it was when it
// was opened is kDataLoss: somebody cut it. One that was cut and has grown to that size again by then is not noticed.
// Waiting for a pipe ends with kCancelled as soon as `cancel_descriptor` becomes readable (an eventfd that stays the
// caller's), or the one that asks the whole process to stop (base/waiting.h).
class FileSource : public ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<FileSource>> Open(const std::string& path, int cancel_descriptor);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  absl::StatusOr<std::size_t> Read(char* data, std::size_t size) override;
  bool seekable() const override { return regular_; }
  absl::StatusOr<std::int64_t> Seek(std::int64_t offset) override;
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  FileSource(int descriptor, int cancel_descriptor) : descriptor_(descriptor), cancel_descriptor_(cancel_descriptor) {}

  absl::Status CheckUncut() const;

  int descriptor_;
  int cancel_descriptor_;
  bool regular_ = false;
  std::int64_t size_ = 0;  // of a regular file, when it was opened
  std::uint64_t bytes_read_ = 0;
};

}  // namespace conec::corpora
