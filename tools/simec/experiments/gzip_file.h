// A file that may be gzip-compressed.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"

namespace conec::simec::experiments {

class GzipFile {
 public:
  static absl::StatusOr<GzipFile> Open(const std::string& path);
  // Fills `to` with the next bytes, decompressed; how many, less than its size only at the end. kDataLoss naming the
  // file where compressed data is corrupt or cut off.
  absl::StatusOr<std::size_t> Read(std::span<char> to);

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };
  GzipFile(gzFile_s* file, std::string path) : file_(file), path_(std::move(path)) {}

  std::unique_ptr<gzFile_s, Close> file_;
  std::string path_;
};

}  // namespace conec::simec::experiments
