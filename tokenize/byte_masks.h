// Where the white space is in 64 bytes of UTF-8, as bit masks: eight bytes per 64-bit word, so that it is fast on every
// processor. Internal to the room.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace conec::tokenize {

inline constexpr std::size_t kMaskBytes = 64;

// Bit i belongs to byte i.
struct ByteMasks {
  std::uint64_t spaces = 0;      // ASCII white space
  std::uint64_t line_feeds = 0;  // LF
  std::uint64_t returns = 0;     // CR
  std::uint64_t space_leads =
      0;  // bytes that begin the white space outside ASCII (and other characters): C2, E1, E2, E3
};

namespace byte_masks_internal {

// One byte per lane; a lane's answer is its highest bit.
inline constexpr std::uint64_t kOnes = 0x0101010101010101u;
inline constexpr std::uint64_t kHigh = 0x80 * kOnes;
inline constexpr std::uint64_t kLow = ~kHigh;

constexpr std::uint64_t Equal(std::uint64_t lanes, std::uint8_t byte) {
  const std::uint64_t difference = lanes ^ (byte * kOnes);
  return ~(((difference & kLow) + kLow) | difference) & kHigh;
}

// Lanes in [low, high], both below 0x80.
constexpr std::uint64_t Between(std::uint64_t lanes, std::uint8_t low, std::uint8_t high) {
  const std::uint64_t at_least_low = (lanes & kLow) + (0x80u - low) * kOnes;
  const std::uint64_t above_high = (lanes & kLow) + (0x7Fu - high) * kOnes;
  return at_least_low & ~above_high & ~lanes & kHigh;
}

// The highest bits of the eight lanes as eight bits: the multiplication moves bit 8i to bit 56+i.
constexpr std::uint64_t Gather(std::uint64_t highest_bits) {
  return ((highest_bits >> 7) * 0x0102040810204080u) >> 56;
}

inline std::uint64_t Load(const char* data) {
  std::uint64_t lanes;
  std::memcpy(&lanes, data, sizeof(lanes));
  if constexpr (std::endian::native == std::endian::big) lanes = __builtin_bswap64(lanes);
  return lanes;
}

constexpr std::uint64_t SpaceLeads(std::uint64_t lanes) {
  return Equal(lanes, 0xC2) | Equal(lanes, 0xE1) | Equal(lanes, 0xE2) | Equal(lanes, 0xE3);
}

}  // namespace byte_masks_internal

// data: kMaskBytes bytes.
inline ByteMasks MasksOf(const char* data) {
  namespace in = byte_masks_internal;
  ByteMasks masks;
  std::uint64_t any_control = 0, any_high = 0;
  for (unsigned i = 0; i < kMaskBytes; i += 8) {
    const std::uint64_t lanes = in::Load(data + i);
    const std::uint64_t controls = in::Between(lanes, '\t', '\r');
    masks.spaces |= in::Gather(controls | in::Equal(lanes, ' ')) << i;
    any_control |= controls;
    any_high |= lanes & in::kHigh;
  }
  for (unsigned i = 0; any_control != 0 && i < kMaskBytes; i += 8) {
    masks.line_feeds |= in::Gather(in::Equal(in::Load(data + i), '\n')) << i;
    masks.returns |= in::Gather(in::Equal(in::Load(data + i), '\r')) << i;
  }
  for (unsigned i = 0; any_high != 0 && i < kMaskBytes; i += 8) {
    masks.space_leads |= in::Gather(in::SpaceLeads(in::Load(data + i))) << i;
  }
  return masks;
}

}  // namespace conec::tokenize
