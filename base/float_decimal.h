// The shortest decimal of a float. For float_text*.cc only; all of it without branches, so that it can be inlined into
// loops that compilers vectorise, whatever the instruction set.
//
// The method is that of R. Giulietti, "The Schubfach way to render doubles" (2020), for 32-bit floats: the bounds of
// the interval that rounds to the float are scaled by a power of ten that leaves one or two candidates, with 64-bit
// approximations of the powers that are proved to be enough; no loop, no table of strings.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace conec::float_internal {

#define CONEC_INLINE [[gnu::always_inline]] constexpr

__extension__ using Wide = unsigned __int128;

constexpr int kSignificandBits = 23;
constexpr int kExponentBias = 127 + kSignificandBits;
constexpr int kFirstPower = -31, kLastPower = 45;  // of ten: what floats need
constexpr std::uint32_t kInfinity = 0x7F800000u;   // bits of floats without sign; those of NaN are above

// floor(log2(10^e)), and floor(log10(2^e)) or, with `three_quarters`, floor(log10(3/4 2^e)), for all exponents of
// floats.
CONEC_INLINE int FloorLog2Pow10(int e) {
  return (e * 1741647) >> 19;
}
CONEC_INLINE int FloorLog10Pow2(int e, std::uint32_t three_quarters) {
  return (e * 1262611 - static_cast<int>(three_quarters * 524031)) >> 22;
}

constexpr Wide PowerOfFive(int e) {
  Wide power = 1;
  for (int i = 0; i < e; ++i) power *= 5;
  return power;
}

// The highest 64 bits of 10^e, rounded up.
constexpr std::uint64_t HighBitsOfPow10(int e) {
  if (e >= 0) {  // of 5^e, which has the same bits
    Wide power = PowerOfFive(e);
    bool exact = true;
    for (; power >> 64 != 0; power >>= 1) exact = exact && (power & 1) == 0;
    while (power >> 63 == 0) power <<= 1;
    return static_cast<std::uint64_t>(power) + (exact ? 0 : 1);
  }
  // Of 1 / 5^-e, by long division; never exact.
  const Wide divisor = PowerOfFive(-e);
  Wide remainder = 1;
  std::uint64_t quotient = 0;
  while (quotient >> 63 == 0) {
    remainder <<= 1;
    quotient = quotient << 1 | (remainder >= divisor ? 1 : 0);
    if (remainder >= divisor) remainder -= divisor;
  }
  return quotient + 1;
}

// Both halves of them: vectors have multiplications of 32 by 32 bits.
struct PowersOfTen {
  std::array<std::uint32_t, kLastPower - kFirstPower + 1> high{}, low{};
};
inline constexpr auto kPowersOfTen = [] {
  PowersOfTen powers;
  for (int e = kFirstPower; e <= kLastPower; ++e) {
    const std::uint64_t bits = HighBitsOfPow10(e);
    powers.high[static_cast<std::size_t>(e - kFirstPower)] = static_cast<std::uint32_t>(bits >> 32);
    powers.low[static_cast<std::size_t>(e - kFirstPower)] = static_cast<std::uint32_t>(bits);
  }
  return powers;
}();

// digits * 10^exponent
struct Decimal {
  std::uint32_t digits = 0;
  int exponent = 0;
};

// The upper 32 of the 96 bits of the product of the power (high, low) and the factor, with its last bit set if anything
// of the others but rounding errors is left.
CONEC_INLINE std::uint32_t MultiplyRoundingToOdd(std::uint32_t high, std::uint32_t low, std::uint32_t factor) {
  const std::uint64_t product = std::uint64_t{high} * factor + (std::uint64_t{low} * factor >> 32);
  return static_cast<std::uint32_t>(product >> 32) | (static_cast<std::uint32_t>(product) > 1 ? 1u : 0u);
}

// The interval of all numbers that round to a float, and how it is scaled.
struct Interval {
  std::uint32_t significand = 0;
  std::uint32_t lower_bound_is_nearer = 0;  // 1: half as far as the upper one
  int k = 0;                                // the power of ten that a digit stands for
  std::uint32_t shift = 0;
  std::uint32_t power = 0;  // which of kPowersOfTen
};

// bits: of a float without its sign. Those of zero, infinity and NaN give something or other.
CONEC_INLINE Interval IntervalOf(std::uint32_t bits) {
  const std::uint32_t fraction = bits & ((1u << kSignificandBits) - 1);
  const std::uint32_t biased = bits >> kSignificandBits;
  const std::uint32_t normal = static_cast<std::uint32_t>(biased != 0);
  const std::uint32_t nearer = static_cast<std::uint32_t>(fraction == 0) & static_cast<std::uint32_t>(biased > 1);
  const int exponent = static_cast<int>(biased + 1 - normal) - kExponentBias;
  const int k = FloorLog10Pow2(exponent, nearer);
  return {fraction | normal << kSignificandBits, nearer, k,
          static_cast<std::uint32_t>(exponent + FloorLog2Pow10(-k) + 1), static_cast<std::uint32_t>(-k - kFirstPower)};
}

// The shortest decimal in the interval, of the shortest the nearest; its digits may end in zeros. high, low: the halves
// of the power.
CONEC_INLINE Decimal Shortest(const Interval& interval, std::uint32_t high, std::uint32_t low) {
  const std::uint32_t even = interval.significand & 1;  // 0: the bounds themselves round to the float, too
  // Four times the number and its bounds, scaled by 10^-k.
  const std::uint32_t four = 4 * interval.significand;
  const std::uint32_t lower =
      MultiplyRoundingToOdd(high, low, (four - 2 + interval.lower_bound_is_nearer) << interval.shift) + even;
  const std::uint32_t middle = MultiplyRoundingToOdd(high, low, four << interval.shift);
  const std::uint32_t upper = MultiplyRoundingToOdd(high, low, (four + 2) << interval.shift) - even;
  // Both candidates and a choice without branches: which it is, is as good as random.
  const auto as_number = [](bool condition) { return static_cast<std::uint32_t>(condition); };
  const std::uint32_t s = middle / 4, tens = s / 10;
  const std::uint32_t tens_below = as_number(lower <= 40 * tens), tens_above = as_number(40 * tens + 40 <= upper);
  const std::uint32_t one_digit_less = as_number(s >= 10) & (tens_below ^ tens_above);
  const std::uint32_t below = as_number(lower <= 4 * s), above = as_number(4 * s + 4 <= upper);
  const std::uint32_t nearer_above = as_number(middle > 4 * s + 2) | (as_number(middle == 4 * s + 2) & s);
  const std::uint32_t rounded = s + ((below ^ above) != 0 ? above : nearer_above);
  return {one_digit_less != 0 ? tens + tens_above : rounded, interval.k + static_cast<int>(one_digit_less)};
}

constexpr std::uint32_t kMostDigits = 9;

// Of a number below 10^9, which is not 0.
CONEC_INLINE std::uint32_t CountDigits(std::uint32_t digits) {
  return 1 + static_cast<std::uint32_t>(digits >= 10) + static_cast<std::uint32_t>(digits >= 100) +
         static_cast<std::uint32_t>(digits >= 1000) + static_cast<std::uint32_t>(digits >= 10000) +
         static_cast<std::uint32_t>(digits >= 100000) + static_cast<std::uint32_t>(digits >= 1000000) +
         static_cast<std::uint32_t>(digits >= 10000000) + static_cast<std::uint32_t>(digits >= 100000000);
}

// Eight digits as eight bytes, the first digit lowest: halves are split into halves, all lanes at once.
CONEC_INLINE std::uint64_t EightDigits(std::uint32_t digits) {
  const std::uint32_t upper = digits / 10000;
  const std::uint64_t fours = upper | static_cast<std::uint64_t>(digits - 10000 * upper) << 32;
  const std::uint64_t hundreds = ((fours * 10486) >> 20) & 0x0000007F0000007Fu;  // fours / 100 in each lane
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = ((twos * 103) >> 10) & 0x000F000F000F000Fu;
  return (tens | (twos - 10 * tens) << 8) + 0x3030303030303030u;
}

// A decimal's digits as text: nine characters, of which the first `count` count. The eight lower ones as bytes, the
// first lowest, behind `first` if there are nine.
struct Digits {
  std::uint64_t low;
  std::uint32_t first;
};
CONEC_INLINE Digits DigitsOf(std::uint32_t digits, std::uint32_t count) {
  const std::uint32_t first = digits / 100000000;
  const std::uint32_t unused = count >= 8 ? 0u : 8 - count;
  return {EightDigits(digits - 100000000 * first) >> (8 * unused), '0' + first};
}

#undef CONEC_INLINE

}  // namespace conec::float_internal
