#include "tokenize/normalizer.h"

#include <gtest/gtest.h>
#include <unicode/unistr.h>

#include "base/random.h"

namespace conec::tokenize {
namespace {

std::vector<WordForm> AllForms() {
  std::vector<WordForm> forms;
  for (const Normalization normalization :
       {Normalization::kNone, Normalization::kNfc, Normalization::kNfkc, Normalization::kNfd, Normalization::kNfkd}) {
    for (int flags = 0; flags < 8; ++flags) {
      const WordForm form{normalization, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
      if (form.fold_case || !form.is_turkic) forms.push_back(form);
    }
  }
  return forms;
}

std::string Utf8(char32_t c) {
  std::string utf8;
  return icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(utf8);
}

// The form, and that the way with tables and cache (twice) agrees with the plain one.
std::string FormOf(WordNormalizer& normalizer, const std::string& word, TokenBuffer& buffer) {
  const auto plain = normalizer.Normalize(word);
  EXPECT_TRUE(plain.ok()) << plain.status();
  for (int i = 0; i < 2; ++i) {
    const auto fast = normalizer.Normalize(word, buffer);
    EXPECT_TRUE(fast.ok() && *fast == *plain) << ::testing::PrintToString(word);
    EXPECT_EQ(fast->data() == word.data(), *plain == word) << "only what changes is copied";
  }
  return *plain;
}

std::string Name(const WordForm& form) {
  return std::string(Name(form.normalization)) + (form.fold_case ? " case" : "") + (form.fold_digits ? " digits" : "") +
         (form.is_turkic ? " turkic" : "");
}

TEST(WordNormalizer, IsIdempotentOnEveryCharacter) {
  for (const WordForm& form : AllForms()) {
    const auto normalizer = *WordNormalizer::Create(form);
    TokenBuffer buffer;
    for (char32_t c = 1; c < 0x30000; ++c) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      const std::string once = FormOf(*normalizer, Utf8(c), buffer);
      ASSERT_EQ(FormOf(*normalizer, once, buffer), once) << Name(form) << " U+" << std::hex << std::uint32_t{c};
      buffer.Clear();
    }
  }
}

TEST(WordNormalizer, IsIdempotentOnSequences) {
  // Marks of several combining classes, iota subscript, jamo, characters that decompose, digits, capitals.
  const std::vector<std::string> parts = {
      "a",      "I",      "İ",      "1",      "ς",  "Σ",      "ᾳ",      "ᾼ",      "α",  "ϓ",     "\u0301", "\u0345",
      "\u0323", "\u0307", "\u0327", "\u3099", "か", "\u1100", "\u1161", "\u11A8", "각", "ﬁ",     "ǅ",      "ß",
      "ẞ",      "²",      "㎒",     "١",      "é",  "\u0344", "ỗ",      "\u093C", "क",  "\u094D"};
  PhiloxStream random(31);
  for (const WordForm& form : AllForms()) {
    const auto normalizer = *WordNormalizer::Create(form);
    TokenBuffer buffer;
    for (int i = 0; i < 3000; ++i) {
      std::string word;
      for (std::uint32_t n = random.Below(7) + 1; n > 0; --n) {
        word += parts[random.Below(static_cast<std::uint32_t>(parts.size()))];
      }
      if (random.Below(20) == 0) word += std::string(100, 'x');
      const std::string once = FormOf(*normalizer, word, buffer);
      ASSERT_EQ(FormOf(*normalizer, once, buffer), once) << Name(form) << ::testing::PrintToString(word);
      buffer.Clear();
    }
  }
}

TEST(WordNormalizer, FoldsWhatCompatibilityDecompositionBringsUp) {
  const auto normalizer = *WordNormalizer::Create({Normalization::kNfkc, true, true, false});
  EXPECT_EQ(*normalizer->Normalize("㎒"), "mhz");
  EXPECT_EQ(*normalizer->Normalize("ϓ"), "ύ");
  EXPECT_EQ(*normalizer->Normalize("𝐇²"), "h0");
  EXPECT_EQ(*normalizer->Normalize("①"), "0");
}

}  // namespace
}  // namespace conec::tokenize
