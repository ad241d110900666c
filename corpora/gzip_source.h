// gzip (RFC 1952) through zlib rather than libarchive, whose gzip filter (3.6) checks no CRC and stops without a word
// at a second member that is cut off.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <vector>

#include "corpora/byte_source.h"

namespace conec::corpora {

// All members of the gzip data in `below`, one after another; zero bytes after the last one are padding. kDataLoss with
// the position in the decompressed data for truncated or corrupt data, wrong check sums, or anything else after a
// member.
class GzipSource : public ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<GzipSource>> Create(ByteSource& below);
  ~GzipSource() override;
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  absl::StatusOr<std::size_t> Read(char* data, std::size_t size) override;

 private:
  explicit GzipSource(ByteSource& below);
  absl::StatusOr<bool> Refill();  // false at the end of `below_`
  absl::Status NextMember();
  absl::Status Corrupt(std::string_view reason) const;

  ByteSource& below_;
  z_stream zlib_{};
  std::vector<char> compressed_;
  bool in_member_ = true;
  bool at_end_ = false;
  std::uint64_t produced_ = 0;
};

}  // namespace conec::corpora
