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
#include <vector>

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

std::string WrittenOneByOne(const std::vector<float>& values, char separator) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += separator;
    text += Written(values[i]);
  }
  return text;
}

class WriteFloatsAt : public ::testing::TestWithParam<SimdLevel> {
 protected:
  static std::string WrittenTogether(const std::vector<float>& values, char separator) {
    std::vector<char> text(values.size() * (kFloatTextRoom + 1) + 1, '#');
    const char* const end = WriteFloats(values, separator, GetParam(), text.data());
    EXPECT_EQ(text.back(), '#') << "wrote behind its room";
    return {text.data(), static_cast<std::size_t>(end - text.data())};
  }
};

TEST_P(WriteFloatsAt, WritesWhatWriteFloatWritesWhateverTheBits) {
  PhiloxStream random(3);
  std::vector<float> values(200000);
  for (float& value : values) value = std::bit_cast<float>(random());
  EXPECT_EQ(WrittenTogether(values, ','), WrittenOneByOne(values, ','));
}

TEST_P(WriteFloatsAt, WritesWhatWriteFloatWritesOfNumbersAsVectorsHaveThem) {
  PhiloxStream random(4);
  for (const float scale : {1e-4f, 1e-3f, 0.1f, 2.0f, 1e6f}) {
    std::vector<float> values(50000);
    for (float& value : values) value = scale * (UniformFloat(random()) - 0.5f);
    EXPECT_EQ(WrittenTogether(values, '\t'), WrittenOneByOne(values, '\t')) << scale;
  }
}

// With zeros at the end of all digits that there are.
TEST_P(WriteFloatsAt, WritesWhatWriteFloatWritesOfShortDecimals) {
  std::vector<float> values = {0.0f, -0.0f, std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
  for (int power = -6; power <= 1; ++power) {
    for (int i = -1200; i <= 1200; ++i) {
      values.push_back(std::strtof(fmt::format("{}e{}", i, power).c_str(), nullptr));
    }
  }
  EXPECT_EQ(WrittenTogether(values, ' '), WrittenOneByOne(values, ' '));
}

TEST_P(WriteFloatsAt, WritesAnyNumberOfThem) {
  std::vector<float> values;
  for (int count = 0; count < 100; ++count) {
    EXPECT_EQ(WrittenTogether(values, ' '), WrittenOneByOne(values, ' ')) << count;
    values.push_back(1.0f / static_cast<float>(count + 3));
  }
}

TEST(AppendFloats, AppendsWhatWriteFloatWrites) {
  std::vector<float> values(600);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1.0f / static_cast<float>(i + 3);
  std::string text = "before ";
  AppendFloats(values, ' ', text);
  EXPECT_EQ(text, "before " + WrittenOneByOne(values, ' '));
}

INSTANTIATE_TEST_SUITE_P(Levels, WriteFloatsAt, ::testing::ValuesIn(SupportedSimdLevels()),
                         [](const auto& level) { return std::string(SimdLevelName(level.param)); });

}  // namespace
}  // namespace conec
