// Compressed streams and archives through libarchive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "corpora/byte_source.h"

struct archive;
struct archive_entry;

namespace conec::corpora {

enum class ArchiveKind {
  kZstd,
  kXz,
  kBzip2,  // these three: a compressed stream, seen as one entry without a name
  kZip,
  kTar,
};

// The entries of an archive, one after another, in the order in which they are stored. Memory does not depend on what
// an entry claims to be. kDataLoss for truncated or corrupt data, or for other data after a compressed stream.
class ArchiveSource : public ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<ArchiveSource>> Open(ByteSource& below, ArchiveKind kind);

  // Moves to the next entry that is a file; false after the last one.
  absl::StatusOr<bool> NextFile();
  // Its path in the archive; empty for a compressed stream.
  const std::string& name() const { return name_; }
  // The current entry's bytes.
  absl::StatusOr<std::size_t> Read(char* data, std::size_t size) override;

 private:
  struct Close {
    void operator()(archive* handle) const;
  };
  ArchiveSource(ByteSource& below, ArchiveKind kind);
  bool compressed_stream() const {
    return kind_ == ArchiveKind::kZstd || kind_ == ArchiveKind::kXz || kind_ == ArchiveKind::kBzip2;
  }
  absl::Status Failure() const;
  absl::Status CheckNothingFollows();
  absl::StatusOr<bool> NextBlock();  // false at the end of the entry

  static std::int64_t ReadCallback(archive* handle, void* self, const void** block);
  static std::int64_t SeekCallback(archive* handle, void* self, std::int64_t offset, int whence);

  ByteSource& below_;
  ArchiveKind kind_;
  std::vector<char> buffer_;
  std::unique_ptr<archive, Close> handle_;
  absl::Status below_status_;      // why a callback failed
  std::uint64_t bytes_taken_ = 0;  // from below_
  std::string name_;
  // The rest of the block of the entry that libarchive gave last, and the hole of a sparse file before it.
  const char* block_ = nullptr;
  std::size_t block_size_ = 0;
  std::uint64_t hole_ = 0;
  std::uint64_t position_ = 0;  // in the entry
};

}  // namespace conec::corpora
