#include "corpora/sample_corpus_grammar.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <set>

namespace conec::corpora::sample {
namespace {

using ::testing::ElementsAre;

std::string Expand(std::string_view pattern, const SlotFn& fill = nullptr) {
  PhiloxStream random(1);
  return ExpandSentence(pattern, random, fill);
}

TEST(SampleGrammarTest, NounsFormPlurals) {
  EXPECT_EQ(Plural("dog"), "dogs");
  EXPECT_EQ(Plural("church"), "churches");
  EXPECT_EQ(Plural("lily"), "lilies");
  EXPECT_EQ(Plural("key"), "keys");
  EXPECT_EQ(Plural("potato"), "potatoes");
  EXPECT_EQ(Plural("piano"), "pianos");
  EXPECT_EQ(Plural("concert_hall"), "concert_halls");
}

TEST(SampleGrammarTest, VerbsFormPastAndParticiple) {
  EXPECT_EQ(Past("watch"), "watched");
  EXPECT_EQ(Past("tune"), "tuned");
  EXPECT_EQ(Past("trim"), "trimmed");
  EXPECT_EQ(Past("play"), "played");
  EXPECT_EQ(Past("bury"), "buried");
  EXPECT_EQ(Past("boot_up"), "booted_up");
  EXPECT_EQ(PresentParticiple("lie"), "lying");
  EXPECT_EQ(PresentParticiple("prune"), "pruning");
  EXPECT_EQ(PresentParticiple("hit"), "hitting");
  EXPECT_EQ(ThirdPerson("burn_down"), "burns_down");
}

TEST(SampleGrammarTest, ListedFormsGoBeforeRules) {
  const Lexeme hide = ParseLexeme("hide:hid:hidden"), wrench = ParseLexeme("wrench:wrenches=spanner");
  EXPECT_EQ(hide.Form(0, "ed"), "hid");
  EXPECT_EQ(hide.Form(0, "en"), "hidden");
  EXPECT_EQ(hide.Form(0, "ing"), "hiding");
  ASSERT_EQ(wrench.variants.size(), 2u);
  EXPECT_EQ(wrench.Form(0, "p"), "wrenches");
  EXPECT_EQ(wrench.Form(1, "p"), "spanners");
}

TEST(SampleGrammarTest, SplittingDropsEmptyParts) {
  EXPECT_THAT(SplitWords("  one two ", ' '), ElementsAre("one", "two"));
  EXPECT_THAT(SplitWords("", ' '), ElementsAre());
}

TEST(SampleGrammarTest, SentencesBeginWithACapitalAndHaveTheRightArticle) {
  EXPECT_EQ(Expand("a owl saw a hen, a hour and a unit."), "An owl saw a hen, an hour and a unit.");
  EXPECT_EQ(Expand("\"a egg,\" said she."), "\"An egg,\" said she.");
  EXPECT_EQ(Expand("the old_town  sleeps."), "The old town sleeps.");
}

TEST(SampleGrammarTest, SlotsAreFilledWithNameAndForm) {
  const SlotFn echo = [](std::string_view name, std::string_view form) {
    return std::string(name) + "/" + std::string(form);
  };
  EXPECT_EQ(Expand("{n.p} and {adj2}.", echo), "N/p and adj2/.");
}

TEST(SampleGrammarTest, EveryAlternativeIsDrawn) {
  PhiloxStream random(7);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(ExpandSentence("x (one|(two|three)|)y", random, nullptr));
  EXPECT_THAT(seen, ElementsAre("X oney", "X threey", "X twoy", "X y"));
}

TEST(SampleGrammarTest, TitlesCapitaliseAllButSmallWords) {
  PhiloxStream random(1);
  EXPECT_EQ(ExpandTitle("the end of a tax", random, nullptr), "The End of a Tax");
}

TEST(SampleGrammarTest, ZipfRanksFollowTheirWeights) {
  PhiloxStream random(3);
  std::array<int, 4> counts{};
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) ++counts[DrawZipf(random, 4, 1)];
  for (std::size_t rank = 0; rank < 4; ++rank) {
    const double expected = kDraws * 12.0 / 25.0 / static_cast<double>(rank + 1);
    EXPECT_NEAR(counts[rank], expected, 5 * std::sqrt(expected)) << rank;
  }
}

}  // namespace
}  // namespace conec::corpora::sample
