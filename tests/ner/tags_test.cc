#include "ner/tags.h"

#include <gtest/gtest.h>

namespace conec::ner {
namespace {

TEST(TagSchemeTest, EveryNameIsParsedBack) {
  for (const TagScheme scheme : {TagScheme::kType, TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes}) {
    const auto parsed = ParseTagScheme(Name(scheme));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, scheme);
  }
  EXPECT_EQ(ParseTagScheme("bilou").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec::ner
