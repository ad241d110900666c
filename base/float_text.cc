#include "base/float_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/float_decimal.h"
#include "base/simd.h"

namespace conec {
namespace {

using float_internal::Decimal;

constexpr std::uint32_t kMagnitude = 0x7FFFFFFFu;  // the bits of a float without its sign

// bits: of a finite float that is not zero, without its sign.
Decimal ToDecimal(std::uint32_t bits) {
  const float_internal::Interval interval = float_internal::IntervalOf(bits);
  const auto& powers = float_internal::kPowersOfTen;
  Decimal decimal = float_internal::Shortest(interval, powers.high[interval.power], powers.low[interval.power]);
  for (; decimal.digits % 10 == 0; decimal.digits /= 10) ++decimal.exponent;
  return decimal;
}

void StoreBytes(std::uint64_t bytes, char* out) {
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(bytes >> (8 * i));  // one store
}

// Writes the `count` digits, and something behind them: nine characters in all.
void WriteDigits(std::uint32_t digits, int count, char* out) {
  const float_internal::Digits text = float_internal::DigitsOf(digits, static_cast<std::uint32_t>(count));
  *out = static_cast<char>(text.first);
  StoreBytes(text.low, out + (count == static_cast<int>(float_internal::kMostDigits) ? 1 : 0));
}

// d.ddde-05
char* WriteScientific(const Decimal& decimal, int count, char* out) {
  WriteDigits(decimal.digits, count, out + 1);
  out[0] = out[1];
  out[1] = '.';
  out += count > 1 ? count + 1 : 1;
  const int exponent = decimal.exponent + count - 1, magnitude = std::abs(exponent);  // two digits at most
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  *out++ = static_cast<char>('0' + magnitude / 10);
  *out++ = static_cast<char>('0' + magnitude % 10);
  return out;
}

char* WriteFixed(const Decimal& decimal, int count, char* out) {
  const int point = count + decimal.exponent;  // digits before it
  if (point <= 0) {
    std::copy_n("0.000000", 8, out);
    WriteDigits(decimal.digits, count, out + 2 - point);
    return out + 2 - point + count;
  }
  if (point >= count) {
    WriteDigits(decimal.digits, count, out);
    std::memset(out + count, '0', static_cast<std::size_t>(point - count));
    return out + point;
  }
  WriteDigits(decimal.digits, count, out + 1);
  std::memmove(out, out + 1, static_cast<std::size_t>(point));
  out[point] = '.';
  return out + count + 1;
}

// Numbers of a block are made into digits together, in loops over arrays that are compiled for each SIMD level, and
// then written one after the other. That is made for numbers below 1 that have at least one digit among the first four
// behind the point, as nearly all numbers of vectors of length one have; others go the way of single ones.
constexpr std::size_t kBlock = 32;

struct Block {
  std::uint32_t digits[kBlock];
  std::uint32_t exponents[kBlock];  // minus the decimal one
  std::uint64_t low[kBlock];        // of Digits
  std::uint32_t first[kBlock];      // of Digits
  std::uint32_t signs[kBlock];      // 1: negative
  std::uint32_t begins[kBlock];     // where the digits stand, behind sign, "0." and zeros
  std::uint32_t counts[kBlock];
  std::uint32_t is_plain[kBlock];  // 0: to be written by itself
};

#define CONEC_INLINE [[gnu::always_inline]] inline

// The powers are looked up one by one: as a part of the loops around it that would keep them from being vectorised.
CONEC_INLINE void MakeDecimals(const std::uint32_t* bits, Block& block) {
  std::uint32_t power[kBlock], high[kBlock], low[kBlock];
  for (std::size_t i = 0; i < kBlock; ++i) power[i] = float_internal::IntervalOf(bits[i] & kMagnitude).power;
  for (std::size_t i = 0; i < kBlock; ++i) {
    high[i] = float_internal::kPowersOfTen.high[power[i]];
    low[i] = float_internal::kPowersOfTen.low[power[i]];
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    const Decimal decimal = float_internal::Shortest(float_internal::IntervalOf(bits[i] & kMagnitude), high[i], low[i]);
    block.digits[i] = decimal.digits;
    block.exponents[i] = static_cast<std::uint32_t>(-decimal.exponent);
  }
}

CONEC_INLINE void MakeText(const std::uint32_t* __restrict bits, Block& block) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint32_t tenth = block.digits[i] / 10;
    const bool ends_in_zero = block.digits[i] == 10 * tenth;
    const std::uint32_t digits = ends_in_zero ? tenth : block.digits[i];
    const std::uint32_t exponent = block.exponents[i] - (ends_in_zero ? 1u : 0u);
    const std::uint32_t count = float_internal::CountDigits(digits), zeros = exponent - count;
    block.digits[i] = digits;
    block.counts[i] = count;
    block.signs[i] = bits[i] >> 31;
    block.begins[i] = block.signs[i] + 2 + zeros;
    // Zero, infinity and NaN are outside; so are decimals with yet another zero at the end.
    const std::uint32_t magnitude = bits[i] & kMagnitude;
    block.is_plain[i] = (zeros <= 3 ? 1u : 0u) & (digits % 10 != 0 ? 1u : 0u) &
                        (magnitude - 1 < float_internal::kInfinity - 1 ? 1u : 0u);
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float_internal::Digits text = float_internal::DigitsOf(block.digits[i], block.counts[i]);
    block.low[i] = text.low;
    block.first[i] = text.first;
  }
}

CONEC_INLINE void MakeBlock(const std::uint32_t* bits, Block& block) {
  MakeDecimals(bits, block);
  MakeText(bits, block);
}

void MakeBlockPlain(const std::uint32_t* bits, Block& block) {
  MakeBlock(bits, block);
}
#if defined(__x86_64__)
[[gnu::target("avx2")]] void MakeBlockAvx2(const std::uint32_t* bits, Block& block) {
  MakeBlock(bits, block);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] void MakeBlockAvx512(
    const std::uint32_t* bits, Block& block) {
  MakeBlock(bits, block);
}
#endif

#undef CONEC_INLINE

using MakeBlockFn = void (*)(const std::uint32_t* bits, Block& block);

MakeBlockFn MakeBlockAt(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return MakeBlockAvx512;
  if (level == SimdLevel::kAvx2) return MakeBlockAvx2;
#endif
  return MakeBlockPlain;
}

char* WritePlain(const Block& block, std::size_t i, char* out) {
  *out = '-';
  std::copy_n("0.000000", 8, out + block.signs[i]);
  char* const digits = out + block.begins[i];
  const std::uint32_t count = block.counts[i];
  *digits = static_cast<char>(block.first[i]);
  StoreBytes(block.low[i], digits + (count == float_internal::kMostDigits ? 1 : 0));
  return digits + count;
}

}  // namespace

char* WriteFloat(float value, char* out) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  *out = '-';
  out += bits >> 31;
  const std::uint32_t magnitude = bits & kMagnitude;
  if (magnitude == 0) {
    *out = '0';
    return out + 1;
  }
  if (magnitude >= float_internal::kInfinity) {
    return std::copy_n(magnitude == float_internal::kInfinity ? "inf" : "nan", 3, out);
  }
  const Decimal decimal = ToDecimal(magnitude);
  const int count = static_cast<int>(float_internal::CountDigits(decimal.digits));
  const int exponent = decimal.exponent + count - 1;  // of the first digit
  return exponent < -4 || exponent >= 16 ? WriteScientific(decimal, count, out) : WriteFixed(decimal, count, out);
}

char* WriteFloats(std::span<const float> values, char separator, SimdLevel level, char* out) {
  const MakeBlockFn make_block = MakeBlockAt(level);
  bool first = true;
  Block block;
  std::uint32_t bits[kBlock] = {};
  for (; !values.empty(); values = values.subspan(std::min(kBlock, values.size()))) {
    const std::size_t count = std::min(kBlock, values.size());
    std::memcpy(bits, values.data(), count * sizeof(float));
    make_block(bits, block);
    for (std::size_t i = 0; i < count; ++i) {
      *out = separator;
      out += first ? 0 : 1;
      first = false;
      out = block.is_plain[i] != 0 ? WritePlain(block, i, out) : WriteFloat(values[i], out);
    }
  }
  return out;
}

char* WriteFloats(std::span<const float> values, char separator, char* out) {
  static const SimdLevel level = [] {
    const absl::StatusOr<SimdLevel> active = ActiveSimdLevel();
    return active.ok() ? *active : DetectSimdLevel();
  }();
  return WriteFloats(values, separator, level, out);
}

void AppendFloats(std::span<const float> values, char separator, std::string& out) {
  constexpr std::size_t kAtOnce = 256;
  char text[kAtOnce * (kFloatTextRoom + 1)];
  for (bool first = true; !values.empty(); first = false) {
    const std::span<const float> part = values.first(std::min(kAtOnce, values.size()));
    if (!first) out += separator;
    out.append(text, WriteFloats(part, separator, text));
    values = values.subspan(part.size());
  }
}

}  // namespace conec
