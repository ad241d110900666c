#include "tokenize/word_shape.h"

#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <set>
#include <string>

#include "base/random.h"

namespace conec::tokenize {
namespace {

TEST(LetterCaseOf, IsWhatEachValuePromises) {
  const auto expect = [](LetterCase letter_case, std::initializer_list<const char*> words) {
    for (const char* word : words) EXPECT_EQ(LetterCaseOf(word), letter_case) << word;
  };
  expect(LetterCase::kNone, {"", "--", ".", "中文", "שלום", "สวัสดี", "😀", "٪", "½"});
  expect(LetterCase::kLower, {"word", "don't", "é", "straße", "война", "ab中", "ǆ", "ª", "x²"});
  expect(LetterCase::kCapitalized, {"Word", "O'neill", "«Élan", "Ελλάδα", "ǅep", "中Word", "Mr.", "𐐀𐐨"});
  expect(LetterCase::kUpper, {"NATO", "U.S.", "AT&T", "США", "ΑΒ", "𐐀𐐀",
                              "Ⅷ."
                              "I"});
  expect(LetterCase::kInitial, {"I", "J.", "É", "E\u0301", "(A)", "ǅ", "Ⅷ"});
  expect(LetterCase::kMixed, {"iPhone", "McDonald", "eBay", "USs", "d'Arc", "ΑβΓ"});
  expect(LetterCase::kNumber, {"1996", "3.14", "1996-08-22", "٣٤", "𝟏𝟐", "+1", "50%"});
  expect(LetterCase::kAlphanumeric, {"x86", "3rd", "B2B", "3月", "MP3", "1é", "٣ب"});
}

// The definition over ICU's properties, with regular counting.
LetterCase PlainCase(const icu::UnicodeString& word) {
  std::string cased;
  bool has_letter = false, has_digit = false;
  for (std::int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    const UChar32 c = word.char32At(i);
    const bool is_upper = u_hasBinaryProperty(c, UCHAR_UPPERCASE) || u_charType(c) == U_TITLECASE_LETTER;
    const bool is_lower = u_hasBinaryProperty(c, UCHAR_LOWERCASE);
    if (is_upper) cased += 'U';
    if (is_lower) cased += 'l';
    has_digit = has_digit || u_isdigit(c);
    has_letter = has_letter || is_upper || is_lower || u_hasBinaryProperty(c, UCHAR_ALPHABETIC);
  }
  if (has_digit) return has_letter ? LetterCase::kAlphanumeric : LetterCase::kNumber;
  if (cased.empty()) return LetterCase::kNone;
  if (cased.find('U') == std::string::npos) return LetterCase::kLower;
  if (cased.find('l') == std::string::npos) return cased.size() == 1 ? LetterCase::kInitial : LetterCase::kUpper;
  return cased[0] == 'U' && cased.find('U', 1) == std::string::npos ? LetterCase::kCapitalized : LetterCase::kMixed;
}

TEST(LetterCaseOf, FollowsUnicodesPropertiesForEveryCharacter) {
  for (UChar32 c = 1; c <= UCHAR_MAX_VALUE; ++c) {
    if (U_IS_SURROGATE(c)) continue;
    icu::UnicodeString word(c);
    std::string utf8;
    word.toUTF8String(utf8);
    ASSERT_EQ(LetterCaseOf(utf8), PlainCase(word)) << std::hex << c;
    ASSERT_EQ(LetterCaseOf(utf8 + "b"), PlainCase(word + "b")) << std::hex << c;
    ASSERT_EQ(LetterCaseOf("A" + utf8), PlainCase("A" + word)) << std::hex << c;
  }
}

TEST(LetterCaseOf, OfRandomWordsIsTheDefinition) {
  const char* const parts[] = {"a", "B", "1", "-", "é", "Ж", "中", "ǅ", "٣", "\u0301", "𐐀", "z", "q", "T"};
  PhiloxStream random(2);
  std::set<LetterCase> seen;
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    for (std::uint32_t n = random.Below(6); n > 0; --n) word += parts[random.Below(std::size(parts))];
    ASSERT_EQ(LetterCaseOf(word), PlainCase(icu::UnicodeString::fromUTF8(word))) << word;
    seen.insert(LetterCaseOf(word));
  }
  EXPECT_EQ(seen.size(), kWordShapes / 2);
}

TEST(WordShape, HoldsCaseAndPlaceAndFitsItsStatedRange) {
  std::set<WordShape> shapes;
  for (int i = 0; i < 8; ++i) {
    const auto letter_case = static_cast<LetterCase>(i);
    shapes.insert(MakeWordShape(letter_case, false));
    shapes.insert(MakeWordShape(letter_case, true));
    EXPECT_EQ(AsFirst(MakeWordShape(letter_case, false)), MakeWordShape(letter_case, true));
    EXPECT_EQ(AsFirst(MakeWordShape(letter_case, true)), MakeWordShape(letter_case, true));
  }
  EXPECT_EQ(shapes.size(), kWordShapes);
  EXPECT_EQ(*shapes.begin(), WordShape{0});
  EXPECT_EQ(*shapes.rbegin(), WordShape{kWordShapes - 1});
}

// Encoded corpora and models hold these numbers.
TEST(WordShape, NumbersStay) {
  EXPECT_EQ(MakeWordShape(LetterCase::kNone, false), WordShape{0});
  EXPECT_EQ(MakeWordShape(LetterCase::kCapitalized, true), WordShape{5});
  EXPECT_EQ(MakeWordShape(LetterCase::kAlphanumeric, false), WordShape{14});
}

}  // namespace
}  // namespace conec::tokenize
