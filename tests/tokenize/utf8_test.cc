#include "tokenize/utf8.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace conec::tokenize {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// What ICU finds: the offset of the first ill-formed sequence.
std::optional<std::size_t> FindInvalidWithIcu(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t begin = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) return begin;
  }
  return std::nullopt;
}

// Repair with ICU's macros, which skip one maximal subpart at a time.
std::string ReplaceWithIcu(std::string_view text, std::size_t* parts) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  std::string repaired;
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t begin = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) {
      repaired += kReplacement;
      ++*parts;
    } else {
      repaired.append(text, static_cast<std::size_t>(begin), static_cast<std::size_t>(i - begin));
    }
  }
  return repaired;
}

// Bytes that are likely to be at an edge of the tables, and now and then a whole valid character.
std::string RandomBytes(PhiloxStream& random) {
  static const std::vector<std::string> kParts = {"a",        " ",
                                                  "\x7F",     "\x80",
                                                  "\x8F",     "\x90",
                                                  "\x9F",     "\xA0",
                                                  "\xBF",     "\xC0",
                                                  "\xC1",     "\xC2",
                                                  "\xDF",     "\xE0",
                                                  "\xE1",     "\xEC",
                                                  "\xED",     "\xEE",
                                                  "\xEF",     "\xF0",
                                                  "\xF1",     "\xF3",
                                                  "\xF4",     "\xF5",
                                                  "\xFE",     "\xFF",
                                                  "é",        "€",
                                                  "한",       "😀",
                                                  "￿",      "퟿",
                                                  "\uE000",   "\xF4\x8F\xBF\xBF",
                                                  "\xE2\x82", "\xF0\x9F\x98"};
  std::string text;
  const std::uint32_t parts = random.Below(12);
  for (std::uint32_t i = 0; i < parts; ++i) {
    if (random.Below(20) == 0) text += std::string(random.Below(150), 'x');
    text += random.Below(3) == 0 ? std::string(1, static_cast<char>(random.Below(256)))
                                 : kParts[random.Below(static_cast<std::uint32_t>(kParts.size()))];
  }
  return text;
}

TEST(FindInvalidUtf8, AcceptsTheFirstAndLastCharacterOfEveryLength) {
  for (const char* text :
       {"", "\x01", "\x7F", "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\U00010000", "\U0010FFFF"}) {
    EXPECT_EQ(FindInvalidUtf8(text), std::nullopt) << text;
  }
  EXPECT_EQ(FindInvalidUtf8(std::string_view("a\0b", 3)), std::nullopt);
}

struct InvalidCase {
  const char* name;
  std::string_view bytes;
  std::size_t parts;  // maximal subparts
};
const InvalidCase kInvalidCases[] = {
    {"lone continuation", "\x80", 1},
    {"two lone continuations", "\x80\xBF", 2},
    {"overlong NUL", std::string_view("\xC0\x80", 2), 2},
    {"overlong slash in two bytes", "\xC1\xAF", 2},
    {"overlong slash in three bytes", "\xE0\x80\xAF", 3},
    {"overlong in four bytes", "\xF0\x80\x80\xAF", 4},
    {"last overlong of three bytes", "\xE0\x9F\xBF", 3},
    {"last overlong of four bytes", "\xF0\x8F\xBF\xBF", 4},
    {"first surrogate", "\xED\xA0\x80", 3},
    {"last surrogate", "\xED\xBF\xBF", 3},
    {"above U+10FFFF", "\xF4\x90\x80\x80", 4},
    {"five byte form", "\xF8\x88\x80\x80\x80", 5},
    {"byte FE", "\xFE", 1},
    {"byte FF", "\xFF", 1},
    {"truncated two bytes", "\xC3", 1},
    {"truncated three bytes", "\xE2\x82", 1},
    {"truncated four bytes", "\xF0\x9F\x98", 1},
    {"truncated four bytes after two", "\xF4\x8F", 1},
    {"two truncated in a row", "\xE2\x82\xF0\x9F\x98", 2},
    {"Unicode 15 table 3-8", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF", 4},
};

TEST(FindInvalidUtf8, GivesTheOffsetOfEveryKindOfInvalidBytes) {
  for (const InvalidCase& invalid : kInvalidCases) {
    // Before it: nothing, ASCII of lengths around the block sizes, other characters.
    for (const std::string& prefix :
         {std::string(), std::string("a"), std::string(7, 'a'), std::string(8, 'a'), std::string(63, 'a'),
          std::string(64, 'a'), std::string(200, 'a'), std::string("é"), std::string("a€😀")}) {
      for (const std::string& suffix : {std::string(), std::string("b"), std::string(100, 'b')}) {
        const std::string text = prefix + std::string(invalid.bytes) + suffix;
        EXPECT_THAT(FindInvalidUtf8(text), Optional(prefix.size())) << invalid.name;
      }
    }
  }
}

TEST(FindInvalidUtf8, AgreesWithIcuOnRandomBytes) {
  PhiloxStream random(7);
  int invalid = 0;
  for (int i = 0; i < 300000; ++i) {
    const std::string text = RandomBytes(random);
    const auto expected = FindInvalidWithIcu(text);
    ASSERT_EQ(FindInvalidUtf8(text), expected) << ::testing::PrintToString(text);
    invalid += expected.has_value() ? 1 : 0;
  }
  EXPECT_GT(invalid, 50000);
  EXPECT_LT(invalid, 290000);
}

TEST(RepairUtf8, ReplacesEachMaximalSubpartOnce) {
  for (const InvalidCase& invalid : kInvalidCases) {
    std::string expected = "é";
    for (std::size_t i = 0; i < invalid.parts; ++i) expected += kReplacement;
    std::size_t parts = 0;
    EXPECT_EQ(RepairUtf8("é" + std::string(invalid.bytes) + "b", InvalidUtf8::kReplace, &parts), expected + "b")
        << invalid.name;
    EXPECT_EQ(parts, invalid.parts) << invalid.name;
  }
}

TEST(RepairUtf8, SkipLeavesOutExactlyWhatReplaceReplaces) {
  for (const InvalidCase& invalid : kInvalidCases) {
    std::size_t parts = 10;
    EXPECT_EQ(RepairUtf8("é" + std::string(invalid.bytes) + "b", InvalidUtf8::kSkip, &parts), "éb") << invalid.name;
    EXPECT_EQ(parts, 10 + invalid.parts) << invalid.name << ": the count is added to what was there";
  }
}

TEST(RepairUtf8, GivesValidTextAsIcuDoesAndKeepsValidTextUnchanged) {
  PhiloxStream random(8);
  for (int i = 0; i < 100000; ++i) {
    const std::string text = RandomBytes(random);
    std::size_t parts = 0, expected_parts = 0;
    const std::string replaced = RepairUtf8(text, InvalidUtf8::kReplace, &parts);
    ASSERT_EQ(replaced, ReplaceWithIcu(text, &expected_parts)) << ::testing::PrintToString(text);
    ASSERT_EQ(parts, expected_parts);
    ASSERT_EQ(FindInvalidUtf8(replaced), std::nullopt);
    ASSERT_EQ(RepairUtf8(replaced, InvalidUtf8::kReplace), replaced);
    const std::string skipped = RepairUtf8(text, InvalidUtf8::kSkip);
    ASSERT_EQ(FindInvalidUtf8(skipped), std::nullopt);
    ASSERT_EQ(skipped == text, parts == 0);
  }
}

TEST(InvalidUtf8Names, AreReadBack) {
  for (const InvalidUtf8 policy : {InvalidUtf8::kError, InvalidUtf8::kReplace, InvalidUtf8::kSkip}) {
    const auto parsed = ParseInvalidUtf8(Name(policy));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, policy);
  }
  const auto unknown = ParseInvalidUtf8("ignore");
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("'ignore': expected error, replace or skip"));
}

}  // namespace
}  // namespace conec::tokenize
