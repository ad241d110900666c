// The method is that of R. Giulietti, "The Schubfach way to render doubles" (2020), for 32-bit floats: the bounds of
// the interval that rounds to the float are scaled by a power of ten that leaves one or two candidates, with 64-bit
// approximations of the powers that are proved to be enough; one multiplication per bound, no loop, no table of
// strings.
#include "base/float_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace conec {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kSignificandBits = 23;
constexpr int kExponentBias = 127 + kSignificandBits;
constexpr int kFirstPower = -31, kLastPower = 45;  // of ten: what floats need

// floor(log2(10^e)), floor(log10(2^e)) and floor(log10(3/4 2^e)), for all exponents of floats.
constexpr int FloorLog2Pow10(int e) {
  return (e * 1741647) >> 19;
}
constexpr int FloorLog10Pow2(int e) {
  return (e * 1262611) >> 22;
}
constexpr int FloorLog10ThreeQuartersPow2(int e) {
  return (e * 1262611 - 524031) >> 22;
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

constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, kLastPower - kFirstPower + 1> powers{};
  for (int e = kFirstPower; e <= kLastPower; ++e)
    powers[static_cast<std::size_t>(e - kFirstPower)] = HighBitsOfPow10(e);
  return powers;
}();

// digits * 10^exponent
struct Decimal {
  std::uint32_t digits = 0;
  int exponent = 0;
};

// The upper half of the product, with its last bit set if anything of the lower half but rounding errors is left.
std::uint32_t MultiplyRoundingToOdd(std::uint64_t power, std::uint32_t factor) {
  const Wide product = static_cast<Wide>(power) * factor;
  const auto high = static_cast<std::uint32_t>(product >> 64);
  const auto low = static_cast<std::uint32_t>(product >> 32);
  return high | (low > 1 ? 1u : 0u);
}

// The shortest decimal in the interval of all numbers that round to significand * 2^exponent.
Decimal Shortest(std::uint32_t significand, int exponent, bool lower_bound_is_nearer) {
  const std::uint32_t even = significand % 2 == 0 ? 0 : 1;  // 0: the bounds themselves round to it, too
  const int k = lower_bound_is_nearer ? FloorLog10ThreeQuartersPow2(exponent) : FloorLog10Pow2(exponent);
  const int shift = exponent + FloorLog2Pow10(-k) + 1;
  const std::uint64_t power = kPowersOfTen[static_cast<std::size_t>(-k - kFirstPower)];
  // Four times the number and its bounds, scaled by 10^-k.
  const std::uint32_t lower =
      MultiplyRoundingToOdd(power, (4 * significand - (lower_bound_is_nearer ? 1 : 2)) << shift) + even;
  const std::uint32_t middle = MultiplyRoundingToOdd(power, 4 * significand << shift);
  const std::uint32_t upper = MultiplyRoundingToOdd(power, (4 * significand + 2) << shift) - even;
  // Both candidates and a choice without branches: which it is, is as good as random.
  const std::uint32_t s = middle / 4, tens = s / 10;
  const bool tens_below = lower <= 40 * tens, tens_above = 40 * tens + 40 <= upper;
  const bool one_digit_less = (s >= 10) & (tens_below != tens_above);
  const bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  const std::uint32_t halfway = 4 * s + 2;
  const bool nearer_above = (middle > halfway) | ((middle == halfway) & (s % 2 != 0));
  const std::uint32_t rounded = s + (below != above ? above : nearer_above);
  return {one_digit_less ? tens + tens_above : rounded, k + one_digit_less};
}

// bits: of a finite float that is not zero, without its sign.
Decimal ToDecimal(std::uint32_t bits) {
  const std::uint32_t fraction = bits & ((1u << kSignificandBits) - 1);
  const auto biased = static_cast<int>(bits >> kSignificandBits);
  Decimal decimal =
      biased == 0 ? Shortest(fraction, 1 - kExponentBias, false)
                  : Shortest(fraction | 1u << kSignificandBits, biased - kExponentBias, fraction == 0 && biased > 1);
  for (; decimal.digits % 10 == 0; decimal.digits /= 10) ++decimal.exponent;
  return decimal;
}

constexpr int kMostDigits = 9;

// Of a number below 10^9.
int CountDigits(std::uint32_t digits) {
  constexpr std::array<std::uint32_t, 11> kPowers = {0,      1,       10,       100,       1000,      10000,
                                                     100000, 1000000, 10000000, 100000000, 1000000000};
  const int estimate = (std::bit_width(digits) * 1233) >> 12;  // log10(2) = 1233 / 4096: right or one too small
  return estimate + (digits >= kPowers[static_cast<std::size_t>(estimate) + 1] ? 1 : 0);
}

// Eight digits as eight bytes, the first digit lowest: halves are split into halves, all lanes at once.
std::uint64_t EightDigits(std::uint32_t digits) {
  const std::uint64_t fours = digits / 10000 | static_cast<std::uint64_t>(digits % 10000) << 32;
  const std::uint64_t hundreds = ((fours * 10486) >> 20) & 0x0000007F0000007Fu;  // fours / 100 in each lane
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = ((twos * 103) >> 10) & 0x000F000F000F000Fu;
  return (tens | (twos - 10 * tens) << 8) + 0x3030303030303030u;
}

// Writes `digits`, `count` of them, and something behind them: nine characters in all.
void WriteDigits(std::uint32_t digits, int count, char* out) {
  *out = static_cast<char>('0' + digits / 100000000);
  const int low_count = count == kMostDigits ? count - 1 : count;
  const std::uint64_t low = EightDigits(digits % 100000000) >> (8 * (8 - low_count));
  out += count - low_count;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(low >> (8 * i));  // one store
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

}  // namespace

char* WriteFloat(float value, char* out) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  *out = '-';
  out += bits >> 31;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude == 0) {
    *out = '0';
    return out + 1;
  }
  if (magnitude >= 0x7F800000u) {
    return std::copy_n(magnitude == 0x7F800000u ? "inf" : "nan", 3, out);
  }
  const Decimal decimal = ToDecimal(magnitude);
  const int count = CountDigits(decimal.digits), exponent = decimal.exponent + count - 1;  // of the first digit
  return exponent < -4 || exponent >= 16 ? WriteScientific(decimal, count, out) : WriteFixed(decimal, count, out);
}

}  // namespace conec
