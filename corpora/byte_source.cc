#include "corpora/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/waiting.h"

namespace conec::corpora {

absl::StatusOr<std::int64_t> ByteSource::Seek(std::int64_t /*offset*/) {
  return Internal("this source cannot seek");
}

absl::StatusOr<std::string_view> PeekableSource::Peek(std::size_t size) {
  ahead_.erase(0, ahead_begin_);
  ahead_begin_ = 0;
  while (ahead_.size() < size) {
    const std::size_t have = ahead_.size();
    ahead_.resize(size);
    const absl::StatusOr<std::size_t> read = below_.Read(ahead_.data() + have, size - have);
    ahead_.resize(have + (read.ok() ? *read : 0));
    CONEC_RETURN_IF_ERROR(read);
    if (*read == 0) break;
  }
  return std::string_view(ahead_).substr(0, size);
}

absl::StatusOr<std::size_t> PeekableSource::Read(char* data, std::size_t size) {
  if (ahead_begin_ == ahead_.size()) return below_.Read(data, size);
  const std::size_t count = std::min(size, ahead_.size() - ahead_begin_);
  std::memcpy(data, ahead_.data() + ahead_begin_, count);
  ahead_begin_ += count;
  return count;
}

absl::StatusOr<std::int64_t> PeekableSource::Seek(std::int64_t offset) {
  ahead_.clear();
  ahead_begin_ = 0;
  return below_.Seek(offset);
}

absl::StatusOr<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path, int cancel_descriptor) {
  const bool is_standard = path == "-" || path == "/dev/stdin";
  if (is_standard && !IsReadable(STDIN_FILENO)) return FailedPrecondition("standard input is closed");
  // O_NONBLOCK: opening a named pipe must not wait for its writer, or cancelling could not interrupt it.
  const int descriptor = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return ErrnoStatus(errno, "cannot open");
  std::unique_ptr<FileSource> source(new FileSource(descriptor, cancel_descriptor));
  struct stat info {};
  if (fstat(descriptor, &info) != 0) return ErrnoStatus(errno, "cannot open");
  if (S_ISDIR(info.st_mode)) return InvalidArgument("is a folder, expected a file");
  // Standard input may already stand in the middle of a file, so that positions in it are not ours to choose.
  source->regular_ = S_ISREG(info.st_mode) && descriptor != STDIN_FILENO;
  if (source->regular_) source->size_ = info.st_size;
  if (source->regular_) posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return source;
}

FileSource::~FileSource() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

absl::Status FileSource::CheckUncut() const {
  struct stat info {};
  if (!regular_ || fstat(descriptor_, &info) != 0 || info.st_size >= size_) return absl::OkStatus();
  return DataLoss("the file was cut while it was being read: it had {} bytes, and has {}", size_, info.st_size);
}

absl::StatusOr<std::size_t> FileSource::Read(char* data, std::size_t size) {
  while (true) {
    if (!regular_) CONEC_RETURN_IF_ERROR(WaitToRead(descriptor_, cancel_descriptor_));
    const ssize_t count = read(descriptor_, data, size);
    if (count >= 0) {
      if (count == 0 && size > 0) CONEC_RETURN_IF_ERROR(CheckUncut());
      bytes_read_ += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR && errno != EAGAIN) return ErrnoStatus(errno, "cannot read");
  }
}

absl::StatusOr<std::int64_t> FileSource::Seek(std::int64_t offset) {
  const off_t position = offset < 0 ? lseek(descriptor_, 0, SEEK_END) : lseek(descriptor_, offset, SEEK_SET);
  if (position < 0) return ErrnoStatus(errno, "cannot seek");
  return static_cast<std::int64_t>(position);
}

}  // namespace conec::corpora
