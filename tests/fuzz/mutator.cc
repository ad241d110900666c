#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

namespace conec::fuzz {
namespace {

constexpr std::size_t kLongest = std::size_t{1} << 20;
constexpr std::uint32_t kMostChanges = 4, kLongestPart = 64;

// Where sizes overflow, signs change and indices end.
constexpr std::uint64_t kNumbers[] = {0,
                                      1,
                                      2,
                                      7,
                                      127,
                                      255,
                                      65535,
                                      0x7FFFFFFF,
                                      0x80000000,
                                      0xFFFFFFFD,
                                      0xFFFFFFFF,
                                      0x100000000,
                                      0x3FFFFFFFFFFFFFFF,
                                      0x4000000000000001,
                                      0x7FFFFFFFFFFFFFFF,
                                      0x8000000000000000,
                                      0xFFFFFFFFFFFFFFF8,
                                      0xFFFFFFFFFFFFFFFF};
constexpr std::string_view kTexts[] = {
    "0", "1",    "-1",   "2147483647",           "nan", "-inf", "1e400", "4294967296",
    "",  "1e-9", "0.5",  "18446744073709551615", "9",   "017",  "0x1p3", "99999999999999999999999",
    "3", "1e38", "1e10", "9223372036854775808"};
constexpr unsigned char kBytes[] = {0,   '\n', '\r', '\t', ' ',  '"',  '\\', ',',  ':', '[',
                                    '{', '}',  '-',  0x7F, 0x80, 0xC3, 0xE2, 0xF4, 0xFF};

}  // namespace

std::size_t Mutator::Place(const std::string& input) {
  return random_.Below(static_cast<std::uint32_t>(input.size()));
}

std::string Mutator::Part(const std::string& input) {
  if (input.empty()) return input;
  const std::size_t size = 1 + random_.Below(kLongestPart), place = Place(input);
  return input.substr(place, size);
}

void Mutator::ChangeBytes(std::string& input) {
  char& byte = input[Place(input)];
  switch (random_.Below(3)) {
    case 0:
      byte = static_cast<char>(byte ^ (1 << random_.Below(8)));
      break;
    case 1:
      byte = static_cast<char>(random_.Below(256));
      break;
    default:
      byte = static_cast<char>(kBytes[random_.Below(std::size(kBytes))]);
  }
}

// Little-endian, 4 or 8 bytes, mostly aligned.
void Mutator::ChangeBinaryNumber(std::string& input) {
  const std::size_t size = OneIn(2) ? 4 : 8;
  if (input.size() < size) return;
  std::size_t place = std::min(Place(input), input.size() - size);
  if (!OneIn(4)) place -= place % 4;
  std::uint64_t number = 0;
  std::memcpy(&number, input.data() + place, size);
  number = OneIn(2) ? kNumbers[random_.Below(std::size(kNumbers))] : number + random_.Below(5) - 2;
  std::memcpy(input.data() + place, &number, size);
}

// The digits that follow a random place.
void Mutator::ChangeTextNumber(std::string& input) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto begin = std::find_if(input.begin() + static_cast<std::ptrdiff_t>(Place(input)), input.end(), is_digit);
  const auto end = std::find_if_not(begin, input.end(), is_digit);
  input.replace(begin, end, kTexts[random_.Below(std::size(kTexts))]);
}

// Draws are named one after the other: the order in which arguments are evaluated is the compiler's.
void Mutator::Erase(std::string& input) {
  const std::size_t size = 1 + random_.Below(kLongestPart), place = Place(input);
  input.erase(place, size);
}

void Mutator::Insert(std::string& input, const std::string& part) {
  input.insert(Place(input), part);
}

void Mutator::Overwrite(std::string& input) {
  const std::string part = Part(input);
  const std::size_t size = 1 + random_.Below(8), place = Place(input);
  input.replace(place, size, part);
}

void Mutator::Change(std::string& input, std::span<const std::string> seeds) {
  if (input.empty()) input = Part(seeds[random_.Below(static_cast<std::uint32_t>(seeds.size()))]);
  if (input.empty()) input = " ";
  switch (random_.Below(9)) {
    case 0:
      return ChangeBinaryNumber(input);
    case 1:
      return ChangeTextNumber(input);
    case 2:
      return Erase(input);
    case 3:
      return Insert(input, Part(input));
    case 4:
      return Overwrite(input);
    case 5:
      return Insert(input, Part(seeds[random_.Below(static_cast<std::uint32_t>(seeds.size()))]));
    case 6:
      if (OneIn(4)) input.resize(Place(input));
      return;
    default:
      return ChangeBytes(input);
  }
}

std::string Mutator::Next(std::span<const std::string> seeds) {
  std::string input = seeds[random_.Below(static_cast<std::uint32_t>(seeds.size()))];
  const std::uint32_t changes = 1 + random_.Below(kMostChanges);
  for (std::uint32_t i = 0; i < changes; ++i) Change(input, seeds);
  if (input.size() > kLongest) input.resize(kLongest);
  return input;
}

}  // namespace conec::fuzz
