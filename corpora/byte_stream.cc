#include "corpora/byte_stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "base/byte_order_mark.h"
#include "corpora/archive_source.h"
#include "corpora/byte_source.h"
#include "corpora/content_type.h"
#include "corpora/gzip_source.h"

namespace conec::corpora {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 18;
constexpr std::size_t kChunksAhead = 8;
// tar.gz is two. More than a few is an attack (archives that contain themselves).
constexpr int kMaxNesting = 8;

// Hands chunks from the thread that reads to the one that uses them.
class ChunkQueue {
 public:
  // Waits for room. False once cancelled.
  bool Push(ByteChunk chunk) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return cancelled_ || chunks_.size() < kChunksAhead; });
    if (cancelled_) return false;
    chunks_.push_back(std::move(chunk));
    ready_.notify_one();
    return true;
  }
  void Finish(absl::Status status) {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    status_ = std::move(status);
    ready_.notify_one();
  }
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    room_.notify_one();
  }
  absl::StatusOr<bool> Pop(ByteChunk* chunk) {
    if (chunk->data != nullptr) Recycle(std::move(chunk->data));
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return finished_ || !chunks_.empty(); });
    *chunk = ByteChunk{};
    if (chunks_.empty()) {
      if (!status_.ok()) return status_;
      return false;
    }
    *chunk = std::move(chunks_.front());
    chunks_.pop_front();
    room_.notify_one();
    return true;
  }
  void Recycle(std::unique_ptr<char[]> memory) {
    const std::lock_guard lock(mutex_);
    if (spare_.size() < kChunksAhead) spare_.push_back(std::move(memory));
  }
  // Memory for a chunk of kChunkSize.
  std::unique_ptr<char[]> Memory() {
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) return std::make_unique_for_overwrite<char[]>(kChunkSize);
    std::unique_ptr<char[]> memory = std::move(spare_.back());
    spare_.pop_back();
    return memory;
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::deque<ByteChunk> chunks_;
  std::vector<std::unique_ptr<char[]>> spare_;
  absl::Status status_;
  bool finished_ = false;
  bool cancelled_ = false;
};

// As in a folder: no component of the path begins with a dot ("." and ".." themselves do not count).
bool IsHidden(std::string_view path) {
  while (!path.empty()) {
    const std::string_view component = path.substr(0, path.find('/'));
    if (component.starts_with('.') && component != "." && component != "..") return true;
    path.remove_prefix(std::min(path.size(), component.size() + 1));
  }
  return false;
}

ArchiveKind KindOf(ContentType type) {
  switch (type) {
    case ContentType::kXz:
      return ArchiveKind::kXz;
    case ContentType::kBzip2:
      return ArchiveKind::kBzip2;
    case ContentType::kZip:
      return ArchiveKind::kZip;
    case ContentType::kTar:
      return ArchiveKind::kTar;
    default:
      return ArchiveKind::kZstd;
  }
}

// What the thread does: reads the inputs and pushes their text.
class InputPump {
 public:
  InputPump(ChunkQueue& queue, int cancel_descriptor) : queue_(queue), cancel_descriptor_(cancel_descriptor) {}

  absl::Status Run(const std::vector<InputFile>& files) {
    try {
      for (const InputFile& file : files) CONEC_RETURN_IF_ERROR(ReadFile(file));
      return absl::OkStatus();
    } catch (const std::bad_alloc&) {
      return ResourceExhausted("no memory to read '{}'", name_);
    }
  }

 private:
  absl::Status ReadFile(const InputFile& file) {
    name_ = file.path == "-" ? "standard input" : file.path;
    const auto failed = [this](const absl::Status& status) { return Annotate(status, fmt::format("'{}'", name_)); };
    absl::StatusOr<std::unique_ptr<FileSource>> source = FileSource::Open(file.path, cancel_descriptor_);
    if (!source.ok()) return failed(source.status());
    file_ = source->get();
    file_size_ = file.size_known ? file.size : 0;
    PeekableSource peekable(*file_);
    CONEC_RETURN_IF_ERROR(failed(ReadContent(peekable, name_, 0)));
    stored_before_ += file.size_known ? file.size : file_->bytes_read();
    return absl::OkStatus();
  }

  // name_ is what is being read; when this fails it stays, for the message. `stored_name` is empty for what comes out
  // of a compressed stream: the name speaks of the stream.
  absl::Status ReadContent(PeekableSource& source, std::string_view stored_name, int nesting) {
    CONEC_ASSIGN_OR_RETURN(const std::string_view head, source.Peek(kContentTypeBytes));
    CONEC_ASSIGN_OR_RETURN(const ContentType type, RecogniseContent(head, stored_name));
    if (type == ContentType::kText) return ReadText(source);
    if (nesting == kMaxNesting) return DataLoss("compressed or archived more than {} times over", kMaxNesting);
    if (type == ContentType::kGzip) {
      CONEC_ASSIGN_OR_RETURN(const std::unique_ptr<GzipSource> inner, GzipSource::Create(source));
      return ReadInside(*inner, "", nesting);
    }
    // libarchive's zip reader seeks from the start.
    if (source.seekable()) CONEC_RETURN_IF_ERROR(source.Seek(0));
    CONEC_ASSIGN_OR_RETURN(const std::unique_ptr<ArchiveSource> archive, ArchiveSource::Open(source, KindOf(type)));
    if (IsCompressedStream(type)) return ReadStream(*archive, nesting);
    CONEC_RETURN_IF_ERROR(ReadEntries(*archive, nesting));
    return source.seekable() ? absl::OkStatus() : Drain(source);
  }

  absl::Status ReadInside(ByteSource& inner, std::string_view stored_name, int nesting) {
    PeekableSource peekable(inner);
    return ReadContent(peekable, stored_name, nesting + 1);
  }

  absl::Status ReadStream(ArchiveSource& stream, int nesting) {
    CONEC_ASSIGN_OR_RETURN(const bool any, stream.NextFile());
    if (any) return ReadInside(stream, "", nesting);
    return PushBegin(0) ? PushEnd() : Stopped();
  }

  absl::Status ReadEntries(ArchiveSource& archive, int nesting) {
    const std::string archive_name = name_;
    while (true) {
      CONEC_ASSIGN_OR_RETURN(const bool more, archive.NextFile());
      if (!more) return absl::OkStatus();
      if (IsHidden(archive.name())) continue;
      name_ = archive_name + ':' + archive.name();
      CONEC_RETURN_IF_ERROR(ReadInside(archive, archive.name(), nesting));
      name_ = archive_name;
    }
  }

  // What follows an archive's end must at least decompress: its check sum covers the entries.
  absl::Status Drain(ByteSource& source) {
    const std::unique_ptr<char[]> memory = queue_.Memory();
    std::size_t count = 1;
    while (count > 0) {
      CONEC_ASSIGN_OR_RETURN(count, source.Read(memory.get(), kChunkSize));
    }
    return absl::OkStatus();
  }

  absl::Status ReadText(PeekableSource& source) {
    CONEC_ASSIGN_OR_RETURN(const std::uint64_t mark, SkipByteOrderMark(source));
    if (!PushBegin(mark)) return Stopped();
    while (true) {
      ByteChunk chunk{.data = queue_.Memory()};
      CONEC_ASSIGN_OR_RETURN(chunk.size, source.Read(chunk.data.get(), kChunkSize));
      if (chunk.size == 0) {
        queue_.Recycle(std::move(chunk.data));
        return PushEnd();
      }
      if (!Push(std::move(chunk))) return Stopped();
    }
  }

  static absl::StatusOr<std::uint64_t> SkipByteOrderMark(PeekableSource& source) {
    CONEC_ASSIGN_OR_RETURN(const std::string_view head, source.Peek(kByteOrderMark.size()));
    if (head != kByteOrderMark) return 0;
    std::array<char, kByteOrderMark.size()> mark{};
    CONEC_RETURN_IF_ERROR(source.Read(mark.data(), mark.size()));
    return mark.size();
  }

  bool Push(ByteChunk chunk) {
    // Zip archives are read with jumps; more than the whole would look odd.
    const std::uint64_t read = file_->bytes_read();
    chunk.stored_bytes = stored_before_ + (file_size_ > 0 ? std::min(read, file_size_) : read);
    return queue_.Push(std::move(chunk));
  }
  bool PushBegin(std::uint64_t offset) {
    return Push({.kind = ByteChunk::Kind::kBegin, .name = name_, .offset = offset});
  }
  absl::Status PushEnd() { return Push({.kind = ByteChunk::Kind::kEnd}) ? absl::OkStatus() : Stopped(); }
  static absl::Status Stopped() { return Cancelled("reading was cancelled"); }

  ChunkQueue& queue_;
  int cancel_descriptor_;
  std::string name_;
  FileSource* file_ = nullptr;
  std::uint64_t file_size_ = 0;
  std::uint64_t stored_before_ = 0;
};

class PrefetchingByteStream : public ByteStream {
 public:
  // Takes `cancel_descriptor`, an eventfd, unless it throws.
  PrefetchingByteStream(std::vector<InputFile> files, int cancel_descriptor)
      : cancel_descriptor_(cancel_descriptor),
        thread_([this, files = std::move(files)] { queue_.Finish(InputPump(queue_, cancel_descriptor_).Run(files)); }) {
  }
  ~PrefetchingByteStream() override {
    queue_.Cancel();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(cancel_descriptor_, &one, sizeof one);  // an eventfd takes this
    thread_.join();
    close(cancel_descriptor_);
  }

  absl::StatusOr<bool> Next(ByteChunk* chunk) override { return queue_.Pop(chunk); }

 private:
  ChunkQueue queue_;
  int cancel_descriptor_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteStream>> ByteStream::Open(std::vector<InputFile> files) {
  const int cancel_descriptor = eventfd(0, EFD_CLOEXEC);
  if (cancel_descriptor < 0) return ErrnoStatus(errno, "cannot begin to read the input");
  try {
    return std::make_unique<PrefetchingByteStream>(std::move(files), cancel_descriptor);
  } catch (const std::system_error& error) {
    close(cancel_descriptor);
    return ResourceExhausted("cannot start a thread to read the input: {}", error.what());
  }
}

}  // namespace conec::corpora
