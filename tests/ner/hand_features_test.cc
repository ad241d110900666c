#include "ner/hand_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "ner/token_features.h"
#include "ner/word_forms.h"

namespace conec::ner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

ConllFile Parsed(const std::string& text) {
  auto file = ConllFile::Parse(text, "f");
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

// One word per line: "Mr. Smith | He came || New document": bars between sentences and documents.
ConllFile Written(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    lines += word == "|" ? "\n" : word == "||" ? "\n-DOCSTART- O\n\n" : std::string(word) + " O\n";
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return Parsed(lines);
}

// All of it; the last column is the tag.
FeatureText TextOf(const ConllFile& file) {
  return TextOf(file, {0, file.tokens()}, file.columns() - 2);
}

HandFeatureOptions Options(std::string_view groups, std::uint32_t min_count = 1) {
  return {.groups = *ParseFeatureGroups(groups), .min_count = min_count};
}

using Names = std::set<std::string>;

// The names of each token's features.
std::vector<Names> NamesOf(const HandFeatures& features, const SparseBlock& block) {
  std::vector<Names> names(block.row_begins.size() - 1);
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (auto k = block.row_begins[i]; k < block.row_begins[i + 1]; ++k) {
      names[i].insert(features.names()[block.columns[k]]);
    }
  }
  return names;
}

std::vector<Names> NamesOf(std::string_view text, std::string_view groups) {
  const ConllFile file = Written(text);
  SparseBlock block;
  const auto features = HandFeatures::Build(TextOf(file), Options(groups), &block);
  EXPECT_TRUE(features.ok()) << features.status();
  return NamesOf(*features, block);
}

TEST(FeatureGroupsTest, ListsAreParsedBack) {
  for (const char* list : {"none", "case:0", "original:2,word:1,position", "word:16,run,topic"}) {
    EXPECT_EQ(FormatFeatureGroups(*ParseFeatureGroups(list)), list);
  }
  EXPECT_EQ(FormatFeatureGroups(*ParseFeatureGroups("position,word", 3)), "word:3,position");
  EXPECT_EQ(ParseFeatureGroups("all")->size(), kFeatureGroups - 2);
  EXPECT_EQ(ParseFeatureGroups("all")->count(FeatureGroup::kColumns), 0u);
  EXPECT_EQ(ParseFeatureGroups("all,word:0")->at(FeatureGroup::kWord), 0);
  EXPECT_TRUE(ParseFeatureGroups("")->empty());
}

TEST(FeatureGroupsTest, WhatIsNoGroupOrWindowIsAnError) {
  for (const char* list : {"words", "word:", "word:-1", "word:17", "word:2x", "position:1", "word:2,gazetteer"}) {
    EXPECT_EQ(ParseFeatureGroups(list).status().code(), absl::StatusCode::kInvalidArgument) << list;
  }
  EXPECT_THAT(std::string(ParseFeatureGroups("words").status().message()), HasSubstr("document-case"));
  EXPECT_FALSE(ParseFeatureGroups("word", -1).ok());
}

TEST(WordFormsTest, CasesByHand) {
  const std::pair<const char*, const char*> words[] = {
      {"word", "lower"},  {"don't", "lower"}, {"Word", "capitalized"}, {"Élan", "capitalized"}, {"NATO", "upper"},
      {"U.S.", "upper"},  {"I", "initial"},   {"J.", "initial"},       {"iPhone", "mixed"},     {"McDonald", "mixed"},
      {"1996", "number"}, {"3-0", "number"},  {"x86", "alphanumeric"}, {"3rd", "alphanumeric"}, {",", "none"},
      {"東京", "none"},   {"", "none"},       {"\xFF", "none"}};
  for (const auto& [word, name] : words) EXPECT_EQ(CaseName(word), name) << word;
}

TEST(WordFormsTest, ShapesByHand) {
  EXPECT_EQ(ShapeOf("Word", 4), "Xxxx");
  EXPECT_EQ(ShapeOf("Telecommunication", 4), "Xxxxx");
  EXPECT_EQ(ShapeOf("1996-08-22", 4), "dddd-dd-dd");
  EXPECT_EQ(ShapeOf("1996-08-22", 1), "d-d-d");
  EXPECT_EQ(ShapeOf("McDonald's", 1), "XxXx'x");
  EXPECT_EQ(ShapeOf("Élan", 1), "Xx");
  EXPECT_EQ(ShapeOf("--", 4), "--");
}

TEST(WordFormsTest, LowerFoldedKeepsLettersAndFoldsDigits) {
  EXPECT_EQ(LowerFolded("ÉLAN-96"), "élan-00");
  EXPECT_EQ(LowerFolded("Coru\xF1"
                        "A"),
            "coru\xF1"
            "a");
  EXPECT_EQ(LowerFolded("٣"), "0");
}

// What Python's str methods say of these words.
TEST(WordFormsTest, TheOriginalFeaturesAreThoseOfPython) {
  const auto features = [](std::string_view word) {
    std::set<std::string> names;
    for (const WordFeature& feature : WordFeaturesOf(FeatureGroup::kOriginal, word, {})) {
      names.insert(feature.name == "len" ? "len" + std::to_string(static_cast<int>(feature.number)) : feature.name);
    }
    return names;
  };
  EXPECT_THAT(features("word"), UnorderedElementsAre("isalnum", "isalpha", "islower", "len4"));
  EXPECT_THAT(features("Word"), UnorderedElementsAre("isalnum", "isalpha", "istitle", "len4"));
  EXPECT_THAT(features("U.S."), UnorderedElementsAre("istitle", "isupper", "len4"));
  EXPECT_THAT(features("I"), UnorderedElementsAre("isalnum", "isalpha", "istitle", "isupper", "len1"));
  EXPECT_THAT(features("McDonald"), UnorderedElementsAre("isalnum", "isalpha", "len8"));
  EXPECT_THAT(features("1996"), UnorderedElementsAre("isalnum", "isdigit", "len4"));
  EXPECT_THAT(features("3rd"), UnorderedElementsAre("isalnum", "islower", "len3"));
  EXPECT_THAT(features("3Rd"), UnorderedElementsAre("isalnum", "istitle", "len3"));
  EXPECT_THAT(features("They're"), UnorderedElementsAre("len7"));
  EXPECT_THAT(features("½"), UnorderedElementsAre("isalnum", "len1"));
  EXPECT_THAT(features("Straße"), UnorderedElementsAre("isalnum", "isalpha", "istitle", "len6"));
  EXPECT_THAT(features("--"), UnorderedElementsAre("len2"));
}

TEST(HandFeaturesTest, WordsOfTheWindowCarryTheirOffset) {
  const auto names = NamesOf("The dog barked | no", "word:1");
  EXPECT_THAT(names[0], UnorderedElementsAre("w[-1]=<s>", "w=the", "surface=The", "w[+1]=dog"));
  EXPECT_THAT(names[1], UnorderedElementsAre("w[-1]=the", "surface[-1]=The", "w=dog", "w[+1]=barked"));
  EXPECT_THAT(names[2], UnorderedElementsAre("w[-1]=dog", "w=barked", "w[+1]=</s>"));
  EXPECT_THAT(names[3], UnorderedElementsAre("w[-1]=<s>", "w=no", "w[+1]=</s>"));
}

TEST(HandFeaturesTest, SpellingByHand) {
  EXPECT_THAT(NamesOf("Abç9", "affixes:0")[0], UnorderedElementsAre("pre1=a", "pre2=ab", "pre3=abç", "pre4=abç0",
                                                                    "suf1=0", "suf2=ç0", "suf3=bç0", "suf4=abç0"));
  EXPECT_THAT(NamesOf("1996-08", "digits:0")[0], UnorderedElementsAre("digits=many", "digits=-"));
  EXPECT_THAT(NamesOf("3rd", "digits:0")[0], UnorderedElementsAre("digits=1", "digits=letters"));
  EXPECT_THAT(NamesOf("U.S. --", "punctuation:0"),
              ElementsAre(UnorderedElementsAre("punctuation=.", "punctuation=final."),
                          UnorderedElementsAre("punctuation=only", "punctuation=-")));
  EXPECT_THAT(NamesOf("a B", "case:1,shape:0"),
              ElementsAre(UnorderedElementsAre("case=lower", "case[+1]=initial", "shape=x", "short-shape=x"),
                          UnorderedElementsAre("case[-1]=lower", "case=initial", "shape=X", "short-shape=X")));
}

TEST(HandFeaturesTest, ColumnsBetweenWordAndTagAreFeatures) {
  const ConllFile file = Parsed("The DT I-NP O\ndog NN I-NP O\n");
  SparseBlock block;
  const auto features = HandFeatures::Build(TextOf(file), Options("columns:1"), &block);
  ASSERT_TRUE(features.ok()) << features.status();
  EXPECT_THAT(NamesOf(*features, block)[1],
              UnorderedElementsAre("column1[-1]=DT", "column1=NN", "column2[-1]=I-NP", "column2=I-NP"));
  EXPECT_FALSE(HandFeatures::Build(TextOf(Written("a")), Options("columns")).ok());
}

TEST(HandFeaturesTest, PositionsByHand) {
  const auto names = NamesOf("\" Go ( to ) Rome \" | LONDON 1996", "position");
  EXPECT_THAT(names, ElementsAre(UnorderedElementsAre("first"), UnorderedElementsAre("in-quotes"),
                                 UnorderedElementsAre("in-quotes"), UnorderedElementsAre("in-quotes", "in-brackets"),
                                 UnorderedElementsAre("in-quotes"), UnorderedElementsAre("in-quotes"),
                                 UnorderedElementsAre("in-quotes", "last"), UnorderedElementsAre("first", "all-upper"),
                                 UnorderedElementsAre("last", "all-upper")));
}

TEST(HandFeaturesTest, SentencesByHand) {
  const auto names = NamesOf("Japan 2 Syria 1 | yes . || no", "sentence");
  EXPECT_THAT(names[0], UnorderedElementsAre("length=4-6", "sentence=0", "numbers=many", "capitals=many", "ends=d"));
  EXPECT_EQ(names[3], names[0]);
  EXPECT_THAT(names[4], UnorderedElementsAre("length=2", "sentence=1", "numbers=0", "capitals=0", "ends=."));
  EXPECT_THAT(names[6], Contains("sentence=0"));
}

TEST(HandFeaturesTest, BigramsAndConjunctionsByHand) {
  EXPECT_THAT(NamesOf("In Rome .", "bigrams")[1], UnorderedElementsAre("w[-1..0]=in rome", "w[0..1]=rome ."));
  EXPECT_THAT(
      NamesOf("In Rome .", "conjunctions")[1],
      IsSupersetOf({"w[-1]&case=in capitalized", "w[+1]&case=. capitalized", "case[-2..0]=<s> capitalized capitalized",
                    "short-shape[-1..+1]=Xx Xx .", "place&case=capitalized"}));
  EXPECT_THAT(NamesOf("In Rome .", "conjunctions")[0], IsSupersetOf({"place&case=first capitalized", "first&w=in"}));
}

TEST(HandFeaturesTest, RunsOfCapitalsAreSeenWhole) {
  const auto names = NamesOf("with President Bill Clinton yesterday | IN ROME", "run");
  EXPECT_THAT(names[0], IsEmpty());
  EXPECT_THAT(names[2], IsSupersetOf({"run-place=middle", "run-length=3", "run-left=with", "run-right=yesterday",
                                      "run-before=president", "run-after=clinton", "run-first=president",
                                      "run-last=clinton", "run-cases=cacaca", "run= president bill clinton"}));
  EXPECT_THAT(names[3], Contains("run-place=last"));
  EXPECT_THAT(names[5], IsEmpty());  // capitals mean nothing there
}

TEST(HandFeaturesTest, TheDocumentTellsHowAWordIsWrittenElsewhere) {
  const auto names = NamesOf("Bush spoke | the Bush plan | a bush || Bush fell", "document-case");
  EXPECT_THAT(names[0], Contains("elsewhere=lc first"));
  EXPECT_THAT(names[1], Contains("elsewhere="));  // own occurrences do not count
  EXPECT_THAT(names[3], IsSupersetOf({"elsewhere=l", "elsewhere[-1]= first", "elsewhere[+1]="}));
  EXPECT_THAT(names[6], Contains("elsewhere=c"));
  EXPECT_THAT(names[7], Contains("elsewhere= first"));  // another document
}

TEST(HandFeaturesTest, AcronymsKnowWhatTheyStandFor) {
  const auto names =
      NamesOf("The European Union met | in the EU today | The Bank of England | BE said so", "document-case");
  EXPECT_THAT(names[6], IsSupersetOf({"acronym", "acronym-of=union"}));
  EXPECT_THAT(names[5], Not(Contains("acronym")));
  const auto plain = NamesOf("the European Union met | in the EU today", "document-case");
  EXPECT_THAT(plain[1], Contains("has-acronym"));
  EXPECT_THAT(plain[6], Contains("acronym-of=union"));
  EXPECT_THAT(NamesOf("a European Union || the EU", "document-case")[4], Not(Contains("acronym")));
}

TEST(HandFeaturesTest, OtherOccurrencesLendTheirContext) {
  const auto names = NamesOf("yesterday Mr. John Major said | then Major left | the end", "document-context");
  EXPECT_THAT(names[6], UnorderedElementsAre("other-left=john", "other-right=said", "other-place=last",
                                             "other-run-left=yesterday", "other-run-right=said", "other-before=mr.",
                                             "other-before=john", "others=1"));
  EXPECT_THAT(names[3], UnorderedElementsAre("other-left=then", "other-right=left", "other-place=only",
                                             "other-run-left=then", "other-run-right=left", "others=1"));
  EXPECT_THAT(names[2], UnorderedElementsAre("others=0"));
  EXPECT_THAT(names[7], IsEmpty());
}

TEST(HandFeaturesTest, TheTopicIsTheFirstWordOfTheDocument) {
  const auto names = NamesOf("SOCCER - JAPAN WIN | Japan won || Other", "topic");
  EXPECT_THAT(names[4], IsSupersetOf({"topic=soccer"}));
  EXPECT_THAT(names[5], IsEmpty());
  EXPECT_THAT(names[6], IsSupersetOf({"topic=other"}));
}

TEST(HandFeaturesTest, ValuesStandOnlyWhereTheyAreNotAllOne) {
  const ConllFile file = Written("ab c");
  SparseBlock block;
  const auto features = HandFeatures::Build(TextOf(file), Options("original:0"), &block);
  ASSERT_TRUE(features.ok());
  ASSERT_EQ(block.values.size(), block.columns.size());
  for (std::size_t k = 0; k < block.columns.size(); ++k) {
    const bool length = features->names()[block.columns[k]] == "len";
    EXPECT_EQ(block.values[k], length && k < block.row_begins[1] ? 2 : 1);
  }
  ASSERT_TRUE(HandFeatures::Build(TextOf(file), Options("word"), &block).ok());
  EXPECT_THAT(block.values, IsEmpty());
}

// A random text of a few words, in sentences and documents.
ConllFile RandomFile(std::mt19937& random, std::size_t tokens) {
  const std::vector<std::string> words = {"the", "The",    "THE",     "Rome",         "ROME", "rome", "U.N.",
                                          "UN",  "United", "Nations", "of",           "1996", "3-0",  "(",
                                          ")",   "\"",     "Ünal",    "\xE6\x9D\xB1", "."};
  std::string text;
  for (std::size_t i = 0; i < tokens; ++i) {
    text += words[random() % words.size()] + " " + words[random() % words.size()] + " O\n";
    if (random() % 6 == 0) text += random() % 4 == 0 ? "\n-DOCSTART- X O\n\n" : "\n";
  }
  return Parsed(text);
}

bool SameBlock(const SparseBlock& a, const SparseBlock& b) {
  return a.cols == b.cols && a.row_begins == b.row_begins && a.columns == b.columns && a.values == b.values;
}

TEST(HandFeaturesLawTest, BlocksAreValidAndTheDictionaryGivesItsOwnTextBack) {
  std::mt19937 random(1);
  for (std::uint32_t repeat = 0; repeat < 20; ++repeat) {
    const ConllFile file = RandomFile(random, 1 + random() % 80);
    for (const char* groups : {"all", "all,original,columns", "none", "original:0"}) {
      SparseBlock block;
      const auto features = HandFeatures::Build(TextOf(file), Options(groups, repeat % 3 + 1u), &block);
      ASSERT_TRUE(features.ok()) << features.status();
      ASSERT_EQ(block.cols, features->size());
      ASSERT_EQ(block.row_begins.size(), file.tokens() + 1);
      ASSERT_TRUE(CheckDesignMatrix({.rows = file.tokens(), .dense = {}, .sparse = block}).ok());
      ASSERT_TRUE(std::is_sorted(features->names().begin(), features->names().end()));
      ASSERT_TRUE(SameBlock(*features->Extract(TextOf(file)), block));
    }
  }
}

TEST(HandFeaturesLawTest, StorageGivesTheSameDictionaryBack) {
  std::mt19937 random(2);
  const ConllFile train = RandomFile(random, 200), other = RandomFile(random, 100);
  const HandFeatureOptions options = Options("all,original", 2);
  const auto features = HandFeatures::Build(TextOf(train), options);
  const auto stored = HandFeatures::FromNames(features->JoinedNames(), options);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->names(), features->names());
  EXPECT_TRUE(SameBlock(*stored->Extract(TextOf(other)), *features->Extract(TextOf(other))));
  for (const char* names : {"b\na\n", "a\na\n", "a\nb"}) {
    EXPECT_EQ(HandFeatures::FromNames(names, options).status().code(), absl::StatusCode::kDataLoss) << names;
  }
}

TEST(HandFeaturesLawTest, FeaturesOnFewerTokensThanTheMinimumAreLeftOut) {
  std::mt19937 random(3);
  const ConllFile file = RandomFile(random, 150);
  const FeatureText text = TextOf(file);
  SparseBlock all;
  const auto every = HandFeatures::Build(text, Options("all"), &all);
  std::vector<std::uint32_t> counts(every->size());
  for (const std::uint32_t column : all.columns) ++counts[column];
  for (const std::uint32_t least : {2u, 5u, 1000u}) {
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] >= least) expected.push_back(every->names()[i]);
    }
    EXPECT_EQ(HandFeatures::Build(text, Options("all", least))->names(), expected);
  }
}

// So training on documents in another order, or tagging them one by one, gives the same features.
TEST(HandFeaturesLawTest, DocumentsDoNotSeeEachOther) {
  const std::vector<std::string> documents = {"Rome fell | in ROME and Rome", "The UN | United Nations in Rome",
                                              "SOCCER - ROME WIN | Rome won 3-0"};
  const auto names_of = [](const std::string& text) { return NamesOf(text, "all,original"); };
  const auto together = names_of(documents[0] + " || " + documents[1] + " || " + documents[2]);
  std::size_t begin = 0;
  for (const std::string& document : documents) {
    const auto alone = names_of(document);
    for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(together[begin + i], alone[i]) << document << i;
    begin += alone.size();
  }
}

TEST(HandFeaturesLawTest, GroupsAddUp) {
  const std::string text = "Mr. John Major ( 53 ) said | MAJOR LEFT";
  const auto both = NamesOf(text, "word:1,run"), words = NamesOf(text, "word:1"), runs = NamesOf(text, "run");
  for (std::size_t i = 0; i < both.size(); ++i) {
    Names sum = words[i];
    sum.insert(runs[i].begin(), runs[i].end());
    EXPECT_EQ(both[i], sum);
  }
}

TEST(HandFeaturesTest, TextsThatDoNotFitTogetherAreErrors) {
  const auto error = [](FeatureText text, const char* groups = "word") {
    return HandFeatures::Build(text, Options(groups)).status().code();
  };
  const std::vector<std::string_view> words = {"a", "b"};
  EXPECT_EQ(error({words, {1, 2}, {2}, {}}), absl::StatusCode::kOk);
  EXPECT_EQ(error({{}, {}, {}, {}}), absl::StatusCode::kOk);
  EXPECT_EQ(error({words, {1}, {2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({words, {2}, {1, 2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({words, {2, 1}, {2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({words, {0, 2}, {2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({{"a", ""}, {2}, {2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({{"a", "b\nc"}, {2}, {2}, {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({words, {2}, {2}, {{"X"}}}, "columns"), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(HandFeatures::Build({words, {2}, {2}, {}}, {.groups = {}, .affix_length = 0}).ok());
  EXPECT_FALSE(HandFeatures::Build({words, {2}, {2}, {}}, {.groups = {{FeatureGroup::kRun, 1}}}).ok());
}

}  // namespace
}  // namespace conec::ner
