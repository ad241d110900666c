// The hash of words: fixed for ever, since vocabularies are stored with their hash index.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace conec::corpora {

// XXH3, 64 bits, no seed.
inline std::uint64_t HashWord(std::string_view word) {
  return XXH3_64bits(word.data(), word.size());
}

}  // namespace conec::corpora
