#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/waiting.h"

namespace conec {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 20;
constexpr const char* kDescriptors = "/proc/self/fd";

// 0, or errno.
int WriteAllAt(int descriptor, std::span<const std::byte> bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
  return 0;
}

absl::Status SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder may be writable but not readable: the file is there, only its name is not yet known to be durable.
  if (descriptor < 0 && errno == EACCES) return absl::OkStatus();
  if (descriptor < 0) return ErrnoStatus(errno, fmt::format("cannot open folder '{}'", folder));
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  // Some file systems cannot sync a folder (EINVAL); the rename is then as durable as they make it.
  if (result != 0 && error != EINVAL) return ErrnoStatus(error, fmt::format("cannot sync folder '{}'", folder));
  return absl::OkStatus();
}

// The descriptor that a name like /dev/stdout or /dev/fd/3 stands for, or -1. Such a name may be a link to a regular
// file (`> file`), which is neither to be replaced nor to be written from its beginning.
int DescriptorNamed(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view number = path.substr(prefix.size());
    int descriptor = -1;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), descriptor);
    if (parsed.ec == std::errc() && parsed.ptr == number.data() + number.size()) return descriptor;
  }
  return -1;
}

// `path`, or where it leads if it is a symbolic link to something that exists.
std::string ResolveLink(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return path;
  const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(path.c_str(), nullptr), &std::free);
  return resolved ? resolved.get() : path;
}

// Another one each time. It may be taken all the same, by what a killed program left: in containers process numbers
// come again.
std::string TemporaryName(const std::string& path) {
  static std::atomic<int> counter{0};
  return fmt::format("{}.tmp-{}-{}", path, getpid(), counter.fetch_add(1));
}

// Whether TemporaryName() could have made `name` of a path that ends with `base`.
bool IsTemporaryNameOf(std::string_view name, std::string_view base) {
  constexpr std::string_view kInfix = ".tmp-", kDigits = "0123456789";
  if (!name.starts_with(base) || !name.substr(base.size()).starts_with(kInfix)) return false;
  const std::string_view numbers = name.substr(base.size() + kInfix.size());
  const std::size_t dash = numbers.find_first_not_of(kDigits);
  if (dash == 0 || dash == std::string_view::npos || numbers[dash] != '-') return false;
  const std::string_view last = numbers.substr(dash + 1);
  return !last.empty() && last.find_first_not_of(kDigits) == std::string_view::npos;
}

// Whether `path` leads to the file that is open as `descriptor`.
bool LeadsTo(const std::string& path, int descriptor) {
  struct stat named {
  }, opened{};
  return lstat(path.c_str(), &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino &&
         named.st_dev == opened.st_dev;
}

// Every writer holds a lock on its file: one that can be had is nobody's any more. Where there are no locks, all files
// stay.
void RemoveIfAbandoned(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && LeadsTo(path, descriptor)) unlink(path.c_str());
  close(descriptor);
}

absl::Status ReadToEnd(int descriptor, std::string_view what, std::string& contents) {
  struct stat info {};
  const bool is_regular = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  char buffer[1 << 16];
  for (;;) {
    if (!is_regular) CONEC_RETURN_IF_ERROR(Annotate(WaitToRead(descriptor), what));
    const ssize_t count = read(descriptor, buffer, sizeof(buffer));
    if (count == 0) return absl::OkStatus();
    if (count > 0) contents.append(buffer, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return ErrnoStatus(errno, what);
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// Removes the temporary files that killed writers of `path` left.
void RemoveAbandoned(const std::string& path) {
  const std::string folder = FolderOf(path), base = path.substr(path.find_last_of('/') + 1);
  const std::unique_ptr<DIR, CloseFolder> listing(opendir(folder.c_str()));
  if (!listing) return;
  while (const dirent* entry = readdir(listing.get())) {
    if (IsTemporaryNameOf(entry->d_name, base)) RemoveIfAbandoned(folder + "/" + entry->d_name);
  }
}

}  // namespace

bool IsDescriptorName(std::string_view path) {
  return DescriptorNamed(path) >= 0;
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void file_internal::Unmap::operator()(const std::byte* data) const {
  munmap(const_cast<std::byte*>(data), size);
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  // O_NONBLOCK: opening a pipe that nobody writes would wait for ever; regular files do not heed it.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return ErrnoStatus(errno, fmt::format("cannot open '{}'", path));
  struct stat info {};
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(descriptor);
    return InvalidArgument("cannot map '{}': it is not a regular file", path);
  }
  absl::StatusOr<MappedFile> file = Map(descriptor, static_cast<std::size_t>(info.st_size), path);
  close(descriptor);
  return file;
}

absl::StatusOr<MappedFile> MappedFile::Map(int descriptor, std::size_t size, const std::string& path) {
  MappedFile file;
  if (size == 0) return file;
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return ErrnoStatus(errno, fmt::format("cannot map '{}'", path));
  file.data_ = std::unique_ptr<const std::byte, file_internal::Unmap>(static_cast<const std::byte*>(memory),
                                                                      file_internal::Unmap{size});
  return file;
}

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path) {
  if (path.empty()) return InvalidArgument("cannot create a file whose name is empty");
  AtomicFile file;
  file.path_ = ResolveLink(path);
  struct stat info {};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) return InvalidArgument("cannot write '{}': it is a folder", path);
  if (const int named = DescriptorNamed(path); named >= 0) {
    if (!IsWritable(named)) return ErrnoStatus(EBADF, fmt::format("cannot write '{}'", path));
    file.descriptor_ = fcntl(named, F_DUPFD_CLOEXEC, 0);
  } else if (exists && !S_ISREG(info.st_mode)) {
    CONEC_ASSIGN_OR_RETURN(file.descriptor_, OpenForWriting(path));
  } else {
    file.OpenTemporary(exists ? info.st_mode & 0777 : 0);
  }
  if (file.descriptor_ < 0) return ErrnoStatus(errno, fmt::format("cannot create '{}'", path));
  file.buffer_.reserve(kBufferSize);
  return file;
}

void AtomicFile::OpenTemporary(unsigned mode) {
  RemoveAbandoned(path_);
  struct stat info {};
  do {
    temporary_path_ = TemporaryName(path_);
  } while (lstat(temporary_path_.c_str(), &info) == 0);
  if (errno != ENOENT) return;            // a name that is too long is to be said now, not after hours of work
  if (access(kDescriptors, X_OK) == 0) {  // LinkTemporary() needs them
    descriptor_ = open(FolderOf(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) (void)flock(descriptor_, LOCK_EX | LOCK_NB);  // for RemoveIfAbandoned()
  }
  // Also where the folder is missing or not ours to write: then with the error of a named file.
  if (descriptor_ < 0) OpenNamed();
  if (descriptor_ >= 0 && mode != 0) (void)fchmod(descriptor_, mode);  // some file systems have no modes to keep
}

void AtomicFile::OpenNamed() {
  for (;;) {
    descriptor_ = open(temporary_path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    is_linked_ = descriptor_ >= 0;
    if (descriptor_ < 0) return;
    // Another writer may have taken it for abandoned before it was locked: it holds the lock now, or has removed the
    // file already. A file system without locks has no such writers.
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 ? errno != EWOULDBLOCK : LeadsTo(temporary_path_, descriptor_)) {
      return;
    }
    close(descriptor_);
    temporary_path_ = TemporaryName(path_);
  }
}

// There is no way to put a file without a name in the place of another in one step: it gets a temporary name for the
// moment until it is renamed.
absl::Status AtomicFile::LinkTemporary() {
  const std::string self = fmt::format("{}/{}", kDescriptors, descriptor_);
  while (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary_path_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    if (errno != EEXIST) return ErrnoStatus(errno, fmt::format("cannot create '{}'", temporary_path_));
    temporary_path_ = TemporaryName(path_);
  }
  is_linked_ = true;
  return absl::OkStatus();
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept {
  *this = std::move(other);
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  Discard();
  path_ = std::move(other.path_);
  temporary_path_ = std::exchange(other.temporary_path_, {});
  is_linked_ = std::exchange(other.is_linked_, false);
  descriptor_ = std::exchange(other.descriptor_, -1);
  bytes_written_ = other.bytes_written_;
  buffer_ = std::move(other.buffer_);
  failed_ = other.failed_;
  return *this;
}

AtomicFile::~AtomicFile() {
  Discard();
}

void AtomicFile::Discard() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  if (std::exchange(is_linked_, false)) unlink(temporary_path_.c_str());
  temporary_path_.clear();
}

absl::Status AtomicFile::WriteThrough(std::span<const std::byte> bytes) {
  const absl::Status status = WriteAll(descriptor_, bytes, fmt::format("cannot write '{}'", path_));
  failed_.Update(status);
  return status;
}

absl::Status AtomicFile::Flush() {
  const absl::Status status = WriteThrough(buffer_);
  buffer_.clear();
  return status;
}

absl::Status AtomicFile::Write(std::span<const std::byte> bytes) {
  if (descriptor_ < 0) return Internal("write to '{}' after it was committed", path_);
  bytes_written_ += bytes.size();
  if (buffer_.size() + bytes.size() <= kBufferSize) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return absl::OkStatus();
  }
  CONEC_RETURN_IF_ERROR(Flush());
  if (bytes.size() >= kBufferSize) return WriteThrough(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

absl::Status AtomicFile::Overwrite(std::size_t offset, std::string_view text) {
  if (descriptor_ < 0) return Internal("write to '{}' after it was committed", path_);
  if (!can_overwrite()) return FailedPrecondition("cannot go back in '{}': it is a pipe or a device", path_);
  if (offset > bytes_written_ || text.size() > bytes_written_ - offset) {
    return InvalidArgument("cannot replace bytes {} to {} of the {} of '{}'", offset, offset + text.size(),
                           bytes_written_, path_);
  }
  CONEC_RETURN_IF_ERROR(Flush());
  const int error = WriteAllAt(descriptor_, std::as_bytes(std::span(text)), offset);
  if (error != 0) failed_.Update(ErrnoStatus(error, fmt::format("cannot write '{}'", path_)));
  return failed_;
}

absl::Status AtomicFile::Persist() {
  if (descriptor_ < 0) return Internal("'{}' was committed already", path_);
  CONEC_RETURN_IF_ERROR(failed_);
  CONEC_RETURN_IF_ERROR(Flush());
  if (temporary_path_.empty() || fsync(descriptor_) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("cannot write '{}'", path_));
}

absl::Status AtomicFile::Commit() {
  CONEC_RETURN_IF_ERROR(Persist());
  const bool in_place = temporary_path_.empty();
  if (!in_place && !is_linked_) CONEC_RETURN_IF_ERROR(LinkTemporary());
  // Renamed before it is closed, which gives up the lock.
  if (!in_place && rename(temporary_path_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, fmt::format("cannot rename '{}' to '{}'", temporary_path_, path_));
  }
  is_linked_ = false;
  if (close(std::exchange(descriptor_, -1)) != 0) return ErrnoStatus(errno, fmt::format("cannot write '{}'", path_));
  return in_place ? absl::OkStatus() : SyncFolder(FolderOf(path_));
}

absl::StatusOr<MappedFile> AtomicFile::Map() {
  if (descriptor_ < 0) return Internal("'{}' was committed already", path_);
  if (!can_overwrite()) return FailedPrecondition("cannot map '{}': it is a pipe or a device", path_);
  CONEC_RETURN_IF_ERROR(failed_);
  CONEC_RETURN_IF_ERROR(Flush());
  absl::StatusOr<MappedFile> file = MappedFile::Map(descriptor_, bytes_written_, path_);
  Discard();
  return file;
}

absl::StatusOr<std::string> ReadFileToString(const std::string& path) {
  // O_NONBLOCK: a pipe without a writer is waited for below.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return ErrnoStatus(errno, fmt::format("cannot open '{}'", path));
  std::string contents;
  const absl::Status status = ReadToEnd(descriptor, fmt::format("cannot read '{}'", path), contents);
  close(descriptor);
  CONEC_RETURN_IF_ERROR(status);
  return contents;
}

absl::Status WriteFile(const std::string& path, std::string_view contents) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(file.Write(contents));
  return file.Commit();
}

absl::StatusOr<TemporaryFile> TemporaryFile::Create(const std::string& folder) {
  TemporaryFile file;
  file.folder_ = folder;
  file.descriptor_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file.descriptor_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {  // a file system without O_TMPFILE
    std::string name = folder + "/.conec-XXXXXX";
    file.descriptor_ = mkostemp(name.data(), O_CLOEXEC);
    if (file.descriptor_ >= 0) unlink(name.c_str());
  }
  if (file.descriptor_ < 0) return ErrnoStatus(errno, fmt::format("cannot create a temporary file in '{}'", folder));
  return file;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept {
  *this = std::move(other);
}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  if (this == &other) return *this;
  if (descriptor_ >= 0) close(descriptor_);
  folder_ = std::move(other.folder_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status TemporaryFile::WriteAt(std::size_t offset, std::span<const std::byte> bytes) const {
  const int error = WriteAllAt(descriptor_, bytes, offset);
  return error == 0 ? absl::OkStatus()
                    : ErrnoStatus(error, fmt::format("cannot write a temporary file in '{}'", folder_));
}

absl::Status TemporaryFile::ReadAt(std::size_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot read a temporary file in '{}'", folder_));
    }
    if (count == 0) return DataLoss("a temporary file in '{}' ends before offset {}", folder_, offset);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::size_t>(count);
  }
  return absl::OkStatus();
}

}  // namespace conec
