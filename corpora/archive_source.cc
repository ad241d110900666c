#include "corpora/archive_source.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace conec::corpora {
namespace {

constexpr std::size_t kBlockSize = std::size_t{1} << 17;

std::string_view KindName(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::kZstd:
      return "zstd";
    case ArchiveKind::kXz:
      return "xz";
    case ArchiveKind::kBzip2:
      return "bzip2";
    case ArchiveKind::kZip:
      return "zip";
    case ArchiveKind::kTar:
      return "tar";
  }
  return "archive";
}

// Only what the beginning of the data was recognised as: libarchive's own guesses include formats that start programs.
void EnableKind(archive* handle, ArchiveKind kind, bool seekable) {
  switch (kind) {
    case ArchiveKind::kZstd:
      archive_read_support_filter_zstd(handle);
      break;
    case ArchiveKind::kXz:
      archive_read_support_filter_xz(handle);
      break;
    case ArchiveKind::kBzip2:
      archive_read_support_filter_bzip2(handle);
      break;
    case ArchiveKind::kZip:
      // The directory at the end tells a whole archive from a truncated one; a pipe has to do without.
      seekable ? archive_read_support_format_zip_seekable(handle) : archive_read_support_format_zip_streamable(handle);
      return;
    case ArchiveKind::kTar:
      archive_read_support_format_tar(handle);
      return;
  }
  archive_read_support_format_raw(handle);
  archive_read_support_format_empty(handle);  // data that is compressed nothing
}

std::string EntryName(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? "(entry without a readable name)" : name;
}

bool IsFile(archive_entry* entry) {
  return archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
}

}  // namespace

void ArchiveSource::Close::operator()(archive* handle) const {
  archive_read_free(handle);
}

ArchiveSource::ArchiveSource(ByteSource& below, ArchiveKind kind)
    : below_(below), kind_(kind), buffer_(kBlockSize), handle_(archive_read_new()) {}

std::int64_t ArchiveSource::ReadCallback(archive* handle, void* self, const void** block) {
  auto* source = static_cast<ArchiveSource*>(self);
  const absl::StatusOr<std::size_t> count = source->below_.Read(source->buffer_.data(), source->buffer_.size());
  if (!count.ok()) {
    source->below_status_ = count.status();
    archive_set_error(handle, ARCHIVE_FATAL, "cannot read");
    return -1;
  }
  source->bytes_taken_ += *count;
  *block = source->buffer_.data();
  return static_cast<std::int64_t>(*count);
}

std::int64_t ArchiveSource::SeekCallback(archive* handle, void* self, std::int64_t offset, int whence) {
  auto* source = static_cast<ArchiveSource*>(self);
  absl::StatusOr<std::int64_t> position = Internal("libarchive seeks in an unexpected way");
  if (whence == SEEK_SET && offset >= 0) position = source->below_.Seek(offset);
  if (whence == SEEK_END && offset <= 0) {
    position = source->below_.Seek(-1);
    if (position.ok() && offset < 0) position = source->below_.Seek(std::max<std::int64_t>(*position + offset, 0));
  }
  if (position.ok()) return *position;
  source->below_status_ = position.status();
  archive_set_error(handle, ARCHIVE_FATAL, "cannot seek");
  return ARCHIVE_FATAL;
}

absl::StatusOr<std::unique_ptr<ArchiveSource>> ArchiveSource::Open(ByteSource& below, ArchiveKind kind) {
  std::unique_ptr<ArchiveSource> source(new ArchiveSource(below, kind));
  archive* handle = source->handle_.get();
  if (handle == nullptr) return ResourceExhausted("no memory to read an archive");
  EnableKind(handle, kind, below.seekable());
  archive_read_set_callback_data(handle, source.get());
  archive_read_set_read_callback(handle, &ReadCallback);
  if (kind == ArchiveKind::kZip && below.seekable()) archive_read_set_seek_callback(handle, &SeekCallback);
  if (archive_read_open1(handle) != ARCHIVE_OK) return source->Failure();
  return source;
}

absl::Status ArchiveSource::Failure() const {
  CONEC_RETURN_IF_ERROR(below_status_);
  const char* reason = archive_error_string(handle_.get());
  return DataLoss("truncated or corrupt {} data after {} bytes of decompressed data ({})", KindName(kind_), position_,
                  reason == nullptr ? "no reason given" : reason);
}

absl::StatusOr<bool> ArchiveSource::NextFile() {
  archive_entry* entry = nullptr;
  position_ = 0;
  hole_ = 0;
  block_size_ = 0;
  while (true) {
    const int result = archive_read_next_header(handle_.get(), &entry);
    if (result == ARCHIVE_EOF) {
      if (compressed_stream()) CONEC_RETURN_IF_ERROR(CheckNothingFollows());
      return false;
    }
    // A warning here is about names and dates, which do not matter to the text.
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return Failure();
    if (compressed_stream()) return true;
    if (!IsFile(entry)) continue;
    name_ = EntryName(entry);
    return true;
  }
}

absl::StatusOr<bool> ArchiveSource::NextBlock() {
  const void* block = nullptr;
  std::int64_t offset = 0;
  const int result = archive_read_data_block(handle_.get(), &block, &block_size_, &offset);
  if (result != ARCHIVE_OK) block_size_ = 0;
  if (result == ARCHIVE_EOF) {
    if (compressed_stream()) CONEC_RETURN_IF_ERROR(CheckNothingFollows());
    return false;
  }
  if (result != ARCHIVE_OK || offset < static_cast<std::int64_t>(position_)) return Failure();
  block_ = static_cast<const char*>(block);
  hole_ = static_cast<std::uint64_t>(offset) - position_;
  return true;
}

// libarchive takes what it does not know after a compressed stream for its end, although it may be a damaged second
// stream.
absl::Status ArchiveSource::CheckNothingFollows() {
  const auto used = static_cast<std::uint64_t>(archive_filter_bytes(handle_.get(), -1));
  bool more = used < bytes_taken_;
  if (!more) {
    CONEC_ASSIGN_OR_RETURN(const std::size_t count, below_.Read(buffer_.data(), buffer_.size()));
    more = count > 0;
  }
  if (!more) return absl::OkStatus();
  return DataLoss("something else follows the {} data after {} bytes of decompressed data", KindName(kind_), position_);
}

absl::StatusOr<std::size_t> ArchiveSource::Read(char* data, std::size_t size) {
  while (hole_ == 0 && block_size_ == 0) {
    CONEC_ASSIGN_OR_RETURN(const bool more, NextBlock());
    if (!more) return 0;
  }
  std::size_t count = 0;
  if (hole_ > 0) {
    count = static_cast<std::size_t>(std::min<std::uint64_t>(size, hole_));
    std::memset(data, 0, count);
    hole_ -= count;
  } else {
    count = std::min(size, block_size_);
    std::memcpy(data, block_, count);
    block_ += count;
    block_size_ -= count;
  }
  position_ += count;
  return count;
}

}  // namespace conec::corpora
