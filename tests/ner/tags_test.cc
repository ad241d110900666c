#include "ner/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace conec::ner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TagScheme kAllSchemes[] = {TagScheme::kType, TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes};

using Tags = std::vector<std::string_view>;

TEST(TagSchemeTest, EveryNameIsParsedBack) {
  for (const TagScheme scheme : kAllSchemes) {
    const auto parsed = ParseTagScheme(Name(scheme));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, scheme);
  }
  EXPECT_EQ(ParseTagScheme("bilou").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PartsOfTest, OnlyKnownPrefixesAreCutOff) {
  EXPECT_EQ(PartsOf("O"), (TagParts{'O', ""}));
  EXPECT_EQ(PartsOf("B-PER"), (TagParts{'B', "PER"}));
  EXPECT_EQ(PartsOf("I-geo-loc"), (TagParts{'I', "geo-loc"}));
  EXPECT_EQ(PartsOf("L-PER"), (TagParts{'E', "PER"}));
  EXPECT_EQ(PartsOf("U-PER"), (TagParts{'S', "PER"}));
  EXPECT_EQ(PartsOf("I"), (TagParts{'I', ""}));
  EXPECT_EQ(PartsOf("E-"), (TagParts{'E', ""}));
  EXPECT_EQ(PartsOf("LOC"), (TagParts{0, "LOC"}));
  EXPECT_EQ(PartsOf("geo-loc"), (TagParts{0, "geo-loc"}));
  EXPECT_EQ(PartsOf("OTHER"), (TagParts{0, "OTHER"}));
  EXPECT_EQ(PartsOf(""), (TagParts{0, ""}));
}

TEST(EntitiesOfTest, EverySchemeIsUnderstood) {
  const std::vector<Entity> expected = {{0, 2, "PER"}, {2, 3, "PER"}, {4, 7, "ORG"}};
  EXPECT_EQ(EntitiesOf(Tags{"I-PER", "I-PER", "B-PER", "O", "I-ORG", "I-ORG", "I-ORG"}), expected);
  EXPECT_EQ(EntitiesOf(Tags{"B-PER", "I-PER", "B-PER", "O", "B-ORG", "I-ORG", "I-ORG"}), expected);
  EXPECT_EQ(EntitiesOf(Tags{"B-PER", "E-PER", "S-PER", "O", "B-ORG", "I-ORG", "E-ORG"}), expected);
  EXPECT_EQ(EntitiesOf(Tags{"B-PER", "L-PER", "U-PER", "O", "B-ORG", "I-ORG", "L-ORG"}), expected);
}

TEST(EntitiesOfTest, WhatBreaksTheRulesBeginsAnEntityWhereTheTypeChanges) {
  EXPECT_THAT(EntitiesOf(Tags{"I-PER", "I-LOC", "PER", "PER"}),
              ElementsAre(Entity{0, 1, "PER"}, Entity{1, 2, "LOC"}, Entity{2, 4, "PER"}));
  EXPECT_THAT(EntitiesOf(Tags{"E-PER", "E-PER", "I-PER"}),
              ElementsAre(Entity{0, 1, "PER"}, Entity{1, 2, "PER"}, Entity{2, 3, "PER"}));
  EXPECT_THAT(EntitiesOf(Tags{"S-PER", "I-PER", "B-LOC", "E-PER"}),
              ElementsAre(Entity{0, 1, "PER"}, Entity{1, 2, "PER"}, Entity{2, 3, "LOC"}, Entity{3, 4, "PER"}));
  EXPECT_THAT(EntitiesOf(Tags{}), IsEmpty());
}

TEST(TagsOfTest, TheTagsOfTheSchemesByHand) {
  const std::vector<Entity> entities = {{0, 1, "A"}, {1, 4, "A"}, {5, 6, "B"}, {6, 8, "A"}};
  EXPECT_THAT(TagsOf(entities, 8, TagScheme::kType), ElementsAre("A", "A", "A", "A", "O", "B", "A", "A"));
  EXPECT_THAT(TagsOf(entities, 8, TagScheme::kIob1), ElementsAre("I-A", "B-A", "I-A", "I-A", "O", "I-B", "I-A", "I-A"));
  EXPECT_THAT(TagsOf(entities, 8, TagScheme::kIob2), ElementsAre("B-A", "B-A", "I-A", "I-A", "O", "B-B", "B-A", "I-A"));
  EXPECT_THAT(TagsOf(entities, 8, TagScheme::kBioes),
              ElementsAre("S-A", "B-A", "I-A", "E-A", "O", "S-B", "B-A", "E-A"));
}

std::vector<Entity> RandomEntities(std::mt19937& random, std::size_t length) {
  const std::string types[] = {"PER", "LOC", "geo-loc"};
  std::vector<Entity> entities;
  for (std::size_t begin = random() % 3; begin < length; begin += random() % 3) {
    const std::size_t end = std::min<std::size_t>(begin + 1 + random() % 3, length);
    entities.push_back({begin, end, types[random() % 3]});
    begin = end;
  }
  return entities;
}

TEST(TagsOfTest, EntitiesAfterTagsIsIdentity) {
  std::mt19937 random(2);
  for (int repeat = 0; repeat < 500; ++repeat) {
    const std::size_t length = random() % 12;
    const std::vector<Entity> entities = RandomEntities(random, length);
    for (const TagScheme scheme : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes}) {
      ASSERT_EQ(EntitiesOf(TagsOf(entities, length, scheme)), entities) << Name(scheme);
    }
  }
}

// A text of sentences in one scheme.
struct Text {
  std::vector<std::string> tags;
  std::vector<std::size_t> ends;
  Tags views() const { return {tags.begin(), tags.end()}; }
};

Text RandomText(std::mt19937& random, TagScheme scheme) {
  Text text;
  for (int sentence = 0; sentence < 8; ++sentence) {
    const std::size_t length = 1 + random() % 12;
    for (auto& tag : TagsOf(RandomEntities(random, length), length, scheme)) text.tags.push_back(tag);
    text.ends.push_back(text.tags.size());
  }
  return text;
}

TEST(ConvertTagsTest, ThereAndBackIsIdentity) {
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 50; ++repeat) {
    for (const TagScheme from : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes}) {
      const Text text = RandomText(random, from);
      for (const TagScheme to : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes}) {
        const Text converted{ConvertTags(text.views(), text.ends, to), text.ends};
        ASSERT_EQ(ConvertTags(converted.views(), text.ends, from), text.tags);
      }
    }
  }
}

TEST(ConvertTagsTest, EntitiesDoNotCrossSentences) {
  const Tags tags = {"I-PER", "I-PER"};
  const std::size_t ends[] = {1, 2};
  EXPECT_THAT(ConvertTags(tags, ends, TagScheme::kIob2), ElementsAre("B-PER", "B-PER"));
  EXPECT_THAT(ConvertTags(tags, ends, TagScheme::kIob1), ElementsAre("I-PER", "I-PER"));
}

TEST(DetectTagSchemeTest, TheSchemeOfATextThatHoldsAllItsTagsIsFound) {
  std::mt19937 random(4);
  for (int repeat = 0; repeat < 50; ++repeat) {
    for (const TagScheme scheme : kAllSchemes) {
      Text text = RandomText(random, scheme);
      for (const auto& tag : TagsOf(std::vector<Entity>{{0, 1, "PER"}, {1, 3, "PER"}, {4, 7, "LOC"}}, 7, scheme)) {
        text.tags.push_back(tag);
      }
      text.ends.push_back(text.tags.size());
      const auto found = DetectTagScheme(text.views(), text.ends);
      ASSERT_TRUE(found.ok()) << found.status();
      ASSERT_EQ(*found, scheme);
    }
  }
}

TEST(DetectTagSchemeTest, WhatFitsSeveralIsTheFirstOfThem) {
  const auto detect = [](const Tags& tags) {
    const std::size_t ends[] = {tags.size()};
    return *DetectTagScheme(tags, ends);
  };
  EXPECT_EQ(detect({}), TagScheme::kIob2);
  EXPECT_EQ(detect({"O", "O"}), TagScheme::kIob2);
  EXPECT_EQ(detect({"B-PER", "O"}), TagScheme::kIob2);
  EXPECT_EQ(detect({"S-PER", "O"}), TagScheme::kBioes);
  EXPECT_EQ(detect({"I-PER", "B-PER"}), TagScheme::kIob1);
  EXPECT_EQ(detect({"PER", "O"}), TagScheme::kType);
}

TEST(DetectTagSchemeTest, TheTagThatFitsNoneIsNamed) {
  const auto offender = [](const Tags& tags) {
    const std::size_t ends[] = {2, tags.size()};
    std::size_t where = 99;
    EXPECT_EQ(DetectTagScheme(tags, ends, &where).status().code(), absl::StatusCode::kInvalidArgument);
    return where;
  };
  EXPECT_EQ(offender({"B-PER", "O", "O", "I-PER"}), 3u);      // iob2 until the stray I
  EXPECT_EQ(offender({"S-PER", "O", "B-PER", "I-PER"}), 3u);  // the sentence ends inside an entity
  EXPECT_EQ(offender({"B-PER", "I-LOC", "O"}), 1u);
  EXPECT_EQ(offender({"B-PER", "PER", "O"}), 1u);
  EXPECT_EQ(offender({"S-PER", "E-PER", "O"}), 1u);
}

TEST(MayFollowTest, EverySchemeHasItsRules) {
  using enum TagScheme;
  const auto may_follow = [](std::string_view previous, std::string_view next, TagScheme scheme) {
    return MayFollow(PartsOf(previous), PartsOf(next), scheme);
  };
  EXPECT_TRUE(may_follow("LOC", "PER", kType));
  EXPECT_FALSE(may_follow("LOC", "I-PER", kType));
  EXPECT_TRUE(may_follow("O", "I-PER", kIob1));
  EXPECT_FALSE(may_follow("O", "B-PER", kIob1));
  EXPECT_FALSE(may_follow("I-LOC", "B-PER", kIob1));
  EXPECT_TRUE(may_follow("I-PER", "B-PER", kIob1));
  EXPECT_FALSE(may_follow("I-PER", "S-PER", kIob1));
  EXPECT_FALSE(may_follow("O", "I-PER", kIob2));
  EXPECT_FALSE(may_follow("B-LOC", "I-PER", kIob2));
  EXPECT_TRUE(may_follow("I-PER", "I-PER", kIob2));
  EXPECT_TRUE(may_follow("I-PER", "O", kIob2));
  EXPECT_TRUE(may_follow("B-PER", "E-PER", kBioes));
  EXPECT_FALSE(may_follow("B-PER", "E-LOC", kBioes));
  EXPECT_FALSE(may_follow("B-PER", "O", kBioes));
  EXPECT_FALSE(may_follow("I-PER", "O", kBioes));
  EXPECT_FALSE(may_follow("S-PER", "E-PER", kBioes));
  EXPECT_TRUE(may_follow("E-PER", "S-PER", kBioes));
  EXPECT_TRUE(may_follow("O", "B-PER", kBioes));
}

}  // namespace
}  // namespace conec::ner
