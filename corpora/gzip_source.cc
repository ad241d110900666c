#include "corpora/gzip_source.h"

#include <algorithm>
#include <limits>

namespace conec::corpora {
namespace {

constexpr std::size_t kBlockSize = std::size_t{1} << 17;
constexpr int kGzipWindowBits = 15 + 16;  // zlib: the largest window, in a gzip wrapper

}  // namespace

GzipSource::GzipSource(ByteSource& below) : below_(below), compressed_(kBlockSize) {}

absl::StatusOr<std::unique_ptr<GzipSource>> GzipSource::Create(ByteSource& below) {
  std::unique_ptr<GzipSource> source(new GzipSource(below));
  if (inflateInit2(&source->zlib_, kGzipWindowBits) != Z_OK) return ResourceExhausted("no memory to read gzip data");
  return source;
}

GzipSource::~GzipSource() {
  inflateEnd(&zlib_);
}

absl::Status GzipSource::Corrupt(std::string_view reason) const {
  return DataLoss("{} gzip data after {} bytes of decompressed data", reason, produced_);
}

absl::StatusOr<bool> GzipSource::Refill() {
  CONEC_ASSIGN_OR_RETURN(const std::size_t count, below_.Read(compressed_.data(), compressed_.size()));
  zlib_.next_in = reinterpret_cast<Bytef*>(compressed_.data());
  zlib_.avail_in = static_cast<uInt>(count);
  return count > 0;
}

// After a member: another one, padding, or the end.
absl::Status GzipSource::NextMember() {
  while (true) {
    while (zlib_.avail_in > 0 && *zlib_.next_in == 0) {
      ++zlib_.next_in;
      --zlib_.avail_in;
    }
    if (zlib_.avail_in > 0) break;
    CONEC_ASSIGN_OR_RETURN(const bool more, Refill());
    if (!more) {
      at_end_ = true;
      return absl::OkStatus();
    }
  }
  if (*zlib_.next_in != 0x1f) return Corrupt("something else follows the");
  in_member_ = true;
  if (inflateReset(&zlib_) != Z_OK) return Internal("zlib cannot be reset");
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> GzipSource::Read(char* data, std::size_t size) {
  const auto room = static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  zlib_.next_out = reinterpret_cast<Bytef*>(data);
  zlib_.avail_out = room;
  while (zlib_.avail_out == room && !at_end_) {
    if (!in_member_) {
      CONEC_RETURN_IF_ERROR(NextMember());
      continue;
    }
    if (zlib_.avail_in == 0) {
      CONEC_ASSIGN_OR_RETURN(const bool more, Refill());
      if (!more) return Corrupt("truncated");
    }
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) return ResourceExhausted("no memory to read gzip data");
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return Corrupt("corrupt");
    }
  }
  const std::size_t count = room - zlib_.avail_out;
  produced_ += count;
  return count;
}

}  // namespace conec::corpora
