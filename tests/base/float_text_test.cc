#include "base/float_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/random.h"

namespace conec {
namespace {

std::string Written(float value) {
  char text[kFloatTextRoom];
  return {text, WriteFloat(value, text)};
}

// fmt knows the shortest digits, too, by another method.
void ExpectAsFmt(float value) {
  char text[kFloatTextRoom];
  const std::string_view written(text, static_cast<std::size_t>(WriteFloat(value, text) - text));
  char expected[64];
  const std::string_view wanted(expected, static_cast<std::size_t>(fmt::format_to(expected, "{}", value) - expected));
  if (written != wanted) ADD_FAILURE() << std::hex << std::bit_cast<std::uint32_t>(value) << ": " << written;
}

TEST(WriteFloat, LooksAsPeopleWriteNumbers) {
  EXPECT_EQ(Written(0.0f), "0");
  EXPECT_EQ(Written(-0.0f), "-0");
  EXPECT_EQ(Written(1.0f), "1");
  EXPECT_EQ(Written(-0.25f), "-0.25");
  EXPECT_EQ(Written(0.1f), "0.1");
  EXPECT_EQ(Written(1e-5f), "1e-05");
  EXPECT_EQ(Written(1.5e20f), "1.5e+20");
  EXPECT_EQ(Written(-1e15f), "-1000000000000000");
  EXPECT_EQ(Written(std::numeric_limits<float>::infinity()), "inf");
  EXPECT_EQ(Written(-std::numeric_limits<float>::infinity()), "-inf");
  EXPECT_EQ(Written(std::numeric_limits<float>::quiet_NaN()), "nan");
}

TEST(WriteFloat, IsTheShortestAtTheEdgesOfEveryBinade) {
  for (std::uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (const std::uint32_t fraction : {0u, 1u, 2u, 3u, 0x3FFFFFu, 0x400000u, 0x7FFFFEu, 0x7FFFFFu}) {
      ExpectAsFmt(std::bit_cast<float>(exponent << 23 | fraction));
      ExpectAsFmt(std::bit_cast<float>(1u << 31 | exponent << 23 | fraction));
    }
  }
}

TEST(WriteFloat, IsTheShortestForPowersOfTenAndTheirNeighbours) {
  for (int power = -44; power <= 38; ++power) {
    const float value = std::strtof(fmt::format("1e{}", power).c_str(), nullptr);
    for (const float near : {std::nextafter(value, 0.0f), value, std::nextafter(value, 1e38f)}) ExpectAsFmt(near);
  }
}

TEST(WriteFloat, IsTheShortestForRandomBits) {
  PhiloxStream random(1);
  for (int i = 0; i < 200000; ++i) {
    const float value = std::bit_cast<float>(random());
    if (std::isfinite(value)) ExpectAsFmt(value);
  }
}

TEST(WriteFloat, ReadsBackAsTheSameFloat) {
  PhiloxStream random(2);
  for (int i = 0; i < 100000; ++i) {
    const float value = UniformFloat(random()) - 0.5f;
    char text[kFloatTextRoom];
    float read = 0;
    const char* const end = WriteFloat(value, text);
    ASSERT_EQ(std::from_chars(text, end, read).ptr, end);
    ASSERT_EQ(read, value);
  }
}

}  // namespace
}  // namespace conec
