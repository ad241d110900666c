#include "tokenize/letter_case.h"

#include <gtest/gtest.h>

namespace conec::tokenize {
namespace {

TEST(LetterCaseTest, UnicodesFullMappings) {
  EXPECT_EQ(*ToUpper("Straße naïve ﬁ ǆ 東京 x86"), "STRASSE NAÏVE FI Ǆ 東京 X86");
  EXPECT_EQ(*ToLower("STRASSE NAÏVE ΟΔΟΣ"), "strasse naïve οδος");  // a final sigma at the end of a word
  EXPECT_EQ(*ToLower("I"), "i");                                    // of no language: not Turkish
  EXPECT_EQ(*ToUpper("i"), "I");
  EXPECT_EQ(*ToUpper(""), "");
}

TEST(LetterCaseTest, InvalidUtf8DoesNoHarm) {
  const auto upper = ToUpper("a\xFF\xC3");
  ASSERT_TRUE(upper.ok()) << upper.status();
  EXPECT_TRUE(upper->starts_with("A"));
}

TEST(LetterCaseTest, AWordThatIcuCannotCountIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(ToUpper(std::string(std::size_t{1} << 25, 'a')).status()));
}

TEST(LetterCaseTest, AsciiLeavesOtherBytesAsTheyAre) {
  EXPECT_EQ(ToUpperAscii("az-AZ{`ä\xFF"), "AZ-AZ{`ä\xFF");
}

}  // namespace
}  // namespace conec::tokenize
