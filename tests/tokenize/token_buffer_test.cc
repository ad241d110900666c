#include <gtest/gtest.h>

#include "base/random.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {
namespace {

TEST(TokenBuffer, KeepsEveryTextInPlaceUntilClear) {
  TokenBuffer buffer;
  PhiloxStream random(1);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> expected;
    std::vector<std::string_view> kept;
    for (int i = 0; i < 2000; ++i) {
      const std::size_t size = random.Below(50) == 0 ? 65530 + random.Below(12) : random.Below(200);
      expected.emplace_back(size, static_cast<char>('a' + i % 26));
      kept.push_back(buffer.Keep(expected.back()));
    }
    for (std::size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(kept[i], expected[i]);
    buffer.Clear();
  }
}

TEST(TokenBuffer, ClearEmptiesIt) {
  TokenBuffer buffer;
  buffer.tokens.push_back({buffer.Keep("a"), 0, 1});
  buffer.segment_ends.push_back(1);
  buffer.starts_with_boundary = true;
  buffer.Clear();
  EXPECT_TRUE(buffer.tokens.empty());
  EXPECT_TRUE(buffer.segment_ends.empty());
  EXPECT_FALSE(buffer.starts_with_boundary);
}

}  // namespace
}  // namespace conec::tokenize
