#include "base/hasher.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace conec {
namespace {

void Add(std::string_view text, Hasher& hasher) {
  hasher.Add(std::as_bytes(std::span(text)));
}

std::string HexOf(std::string_view text) {
  Hasher hasher;
  Add(text, hasher);
  return hasher.Hex();
}

TEST(Hasher, OfNothingIsWhatXxHashDocuments) {
  EXPECT_EQ(HexOf(""), "99aa06d3014798d86001c324468d497f");
}

TEST(Hasher, DoesNotSeeHowBytesAreCut) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>(i * 31);
  for (const std::size_t part : {1u, 7u, 255u, 4096u}) {
    Hasher hasher;
    for (std::size_t i = 0; i < text.size(); i += part) Add(std::string_view(text).substr(i, part), hasher);
    EXPECT_EQ(hasher.Hex(), HexOf(text)) << part;
  }
}

TEST(Hasher, SeesEveryByte) {
  std::string text(300, 'a');
  const std::string whole = HexOf(text);
  for (char& c : text) {
    c = 'b';
    EXPECT_NE(HexOf(text), whole);
    c = 'a';
  }
  EXPECT_NE(HexOf(text + std::string(1, '\0')), whole);
}

}  // namespace
}  // namespace conec
