// What a file is, by its first bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/status.h"

namespace conec::corpora {

enum class ContentType { kText, kGzip, kZstd, kXz, kBzip2, kZip, kTar };

inline constexpr std::size_t kContentTypeBytes = 512;  // as many RecogniseContent() needs, if there are as many

// `head`: the first kContentTypeBytes, or all there is. `name` matters only for a file too short to be recognised: what
// is called .gz and is empty or ends within its signature was truncated (kDataLoss). kInvalidArgument for a byte
// order mark of UTF-16 or UTF-32 and for a safetensors file (a model, an encoded corpus).
absl::StatusOr<ContentType> RecogniseContent(std::string_view head, std::string_view name);

// Compressed, but not an archive.
constexpr bool IsCompressedStream(ContentType type) {
  return type == ContentType::kGzip || type == ContentType::kZstd || type == ContentType::kXz ||
         type == ContentType::kBzip2;
}

}  // namespace conec::corpora
