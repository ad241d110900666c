#include "base/hasher.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <cstdint>

namespace conec {

struct Hasher::State {
  XXH3_state_t hash;  // aligned to 64 bytes, which new heeds
};

void Hasher::Free::operator()(State* state) const {
  delete state;
}

Hasher::Hasher() : state_(new State) {
  XXH3_128bits_reset(&state_->hash);
}

void Hasher::Add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

std::string Hasher::Hex() const {
  const XXH128_hash_t digest = XXH3_128bits_digest(&state_->hash);
  return fmt::format("{:016x}{:016x}", std::uint64_t{digest.high64}, std::uint64_t{digest.low64});
}

}  // namespace conec
