// Files: read-only mappings, and output files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec {

namespace file_internal {
struct Unmap {
  std::size_t size = 0;
  void operator()(const std::byte* data) const;
};
}  // namespace file_internal

// A whole file mapped read-only; pages are read when touched, so opening costs nothing whatever the size. Move-only.
class MappedFile {
 public:
  // kNotFound, kPermissionDenied, or kInvalidArgument for a folder or pipe. An empty file maps to an empty span.
  static absl::StatusOr<MappedFile> Open(const std::string& path);

  std::span<const std::byte> bytes() const { return {data_.get(), data_.get_deleter().size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_.get()), data_.get_deleter().size}; }

 private:
  friend class AtomicFile;
  // `path` is for messages. The descriptor stays the caller's.
  static absl::StatusOr<MappedFile> Map(int descriptor, std::size_t size, const std::string& path);

  std::unique_ptr<const std::byte, file_internal::Unmap> data_;
};

// An output file that has no name while it is written, so that it vanishes even if the process is killed (on file
// systems without O_TMPFILE: a temporary name in the same folder). Commit() makes it durable (fsync) and moves it to
// `path`, replacing what was there but keeping its permissions; of a symbolic link, what it leads to. Destroyed without
// Commit() it leaves nothing behind and the old file intact; what killed writers of the same path may have left is
// removed by the next Create(). Where `path` is a pipe, a device or an open descriptor
// (/dev/null, /dev/stdout, /dev/fd/3) bytes go straight there. Move-only; not thread-safe.
class AtomicFile {
 public:
  static absl::StatusOr<AtomicFile> Create(const std::string& path);
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  ~AtomicFile();

  // Buffered. Errors (disk full) name the path.
  absl::Status Write(std::string_view text) { return Write(std::as_bytes(std::span(text))); }
  absl::Status Write(std::span<const std::byte> bytes);
  // Whether Overwrite() can be had: not where bytes go straight to a pipe or device.
  bool can_overwrite() const { return !temporary_path_.empty(); }
  // Replaces bytes that were written: for headers that hold what is known only in the end. kFailedPrecondition where
  // that cannot be had, kInvalidArgument past the end.
  absl::Status Overwrite(std::size_t offset, std::string_view text);
  // Brings what was written to the disk without touching `path`: a full disk shows here. Of files that belong together
  // all are persisted before the first is committed. Commit() does it by itself.
  absl::Status Persist();
  absl::Status Commit();
  // Instead of Commit(): what was written, mapped. It never gets its name and vanishes with the mapping, even if the
  // process is killed. kFailedPrecondition where bytes go straight to a pipe or device.
  absl::StatusOr<MappedFile> Map();

  std::size_t bytes_written() const { return bytes_written_; }
  const std::string& path() const { return path_; }  // with links resolved

 private:
  AtomicFile() = default;
  void OpenTemporary(unsigned mode);  // leaves descriptor_ negative and errno set if it fails
  void OpenNamed();                   // the same
  absl::Status LinkTemporary();       // gives the file without a name a temporary one
  absl::Status Flush();
  absl::Status WriteThrough(std::span<const std::byte> bytes);
  void Discard();

  std::string path_;            // what Commit() replaces
  std::string temporary_path_;  // empty when writing straight to a pipe or device
  bool is_linked_ = false;      // temporary_path_ exists
  int descriptor_ = -1;
  std::size_t bytes_written_ = 0;
  std::vector<std::byte> buffer_;  // the last bytes of those written
  absl::Status failed_;            // the first write that failed: such a file is never committed
};

// The whole file as a string; for small files (options, question files). kNotFound and the like name the path. Of a
// pipe, what is written until its end; kCancelled if a stop is asked for meanwhile (base/waiting.h).
absl::StatusOr<std::string> ReadFileToString(const std::string& path);

// AtomicFile in one call.
absl::Status WriteFile(const std::string& path, std::string_view contents);

// A file that has no name: it vanishes with its descriptor, even if the process is killed. Lies in `folder`. Move-only;
// offsets are the caller's, so that threads may write disjoint ranges at once.
class TemporaryFile {
 public:
  static absl::StatusOr<TemporaryFile> Create(const std::string& folder);
  TemporaryFile(TemporaryFile&&) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) noexcept;
  ~TemporaryFile();

  absl::Status WriteAt(std::size_t offset, std::span<const std::byte> bytes) const;
  // Fills `bytes` completely or fails (kDataLoss past the end).
  absl::Status ReadAt(std::size_t offset, std::span<std::byte> bytes) const;

 private:
  TemporaryFile() = default;
  std::string folder_;
  int descriptor_ = -1;
};

// Whether `path` is another name of an open descriptor: /dev/stdout, /dev/fd/3.
bool IsDescriptorName(std::string_view path);

// The folder that holds `path`: "." for a bare name.
std::string FolderOf(const std::string& path);

}  // namespace conec
