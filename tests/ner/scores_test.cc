#include "ner/scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include "ner/tags.h"

namespace conec::ner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Tags = std::vector<std::string_view>;

// "I-PER O | B-LOC": tags of sentences between bars.
struct Text {
  explicit Text(std::string_view line) {
    while (!line.empty()) {
      const std::string_view tag = line.substr(0, line.find(' '));
      if (tag == "|") {
        ends.push_back(tags.size());
      } else {
        tags.push_back(tag);
      }
      line.remove_prefix(std::min(tag.size() + 1, line.size()));
    }
    ends.push_back(tags.size());
  }
  Tags tags;
  std::vector<std::size_t> ends;
};

EntityReport ScoreOf(std::string_view gold, std::string_view predicted, const ConllevalOptions& options = {}) {
  const Text expected(gold);
  const auto report = ScoreTags(expected.tags, Text(predicted).tags, expected.ends, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return *report;
}

EntityCounts TotalOf(std::string_view gold, std::string_view predicted) {
  return ScoreOf(gold, predicted).total;
}

TEST(ScoreAnySchemeTest, EveryPairOfSchemesGivesTheFiguresOfIob2) {
  const Text gold("O | B-PER I-PER B-LOC O B-LOC | B-ORG O B-PER"),
      found("B-LOC | B-PER I-PER B-MISC O B-LOC | B-ORG O O");
  constexpr TagScheme kSchemes[] = {TagScheme::kType, TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes};
  for (const TagScheme gold_scheme : kSchemes) {
    std::string text;
    const std::vector<std::string> tags = ConvertTags(gold.tags, gold.ends, gold_scheme);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const bool ends = std::find(gold.ends.begin(), gold.ends.end(), i + 1) != gold.ends.end();
      text += "w " + tags[i] + (ends ? "\n\n" : "\n");
    }
    const auto file = ConllFile::Parse(text, "f");
    ASSERT_TRUE(file.ok()) << file.status();
    for (const TagScheme scheme : kSchemes) {
      const auto report = ScoreAnyScheme(*file, ConvertTags(found.tags, found.ends, scheme));
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->total, (EntityCounts{5, 5, 3})) << Name(gold_scheme) << " " << Name(scheme);
      EXPECT_EQ(report->types.at("ORG"), (EntityCounts{1, 1, 1}));
    }
  }
  const auto file = ConllFile::Parse("a O\n", "f");
  EXPECT_EQ(ScoreAnyScheme(*file, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ConllevalTest, AnEntityIsCorrectWhenBothEndsAndTheTypeAre) {
  EXPECT_EQ(TotalOf("I-PER I-PER O", "I-PER I-PER O"), (EntityCounts{1, 1, 1}));
  EXPECT_EQ(TotalOf("I-PER I-PER O", "I-PER O O"), (EntityCounts{1, 1, 0}));
  EXPECT_EQ(TotalOf("I-PER I-PER O", "O I-PER O"), (EntityCounts{1, 1, 0}));
  EXPECT_EQ(TotalOf("I-PER I-PER O", "I-PER I-PER I-PER"), (EntityCounts{1, 1, 0}));
  EXPECT_EQ(TotalOf("I-PER I-PER O", "I-LOC I-LOC O"), (EntityCounts{1, 1, 0}));
  EXPECT_EQ(TotalOf("O O", "O O"), (EntityCounts{0, 0, 0}));
}

TEST(ConllevalTest, PrefixesMatterOnlyWhereTheyCutEntities) {
  EXPECT_EQ(TotalOf("B-PER I-PER", "I-PER I-PER"), (EntityCounts{1, 1, 1}));
  EXPECT_EQ(TotalOf("I-PER B-PER", "I-PER I-PER"), (EntityCounts{2, 1, 0}));
  EXPECT_EQ(TotalOf("I-PER B-PER", "B-PER B-PER"), (EntityCounts{2, 2, 2}));
  EXPECT_EQ(TotalOf("O I-PER", "O B-PER"), (EntityCounts{1, 1, 1}));
}

TEST(ConllevalTest, AnotherTypeBeginsAnEntityWhateverThePrefix) {
  EXPECT_EQ(TotalOf("I-PER I-LOC", "I-PER I-PER"), (EntityCounts{2, 1, 0}));
  EXPECT_EQ(TotalOf("B-PER I-LOC I-LOC", "I-PER B-LOC I-LOC"), (EntityCounts{2, 2, 2}));
  EXPECT_EQ(TotalOf("B-PER I-LOC", "B-PER I-ORG"), (EntityCounts{2, 2, 1}));
}

TEST(ConllevalTest, SentencesEndEntities) {
  EXPECT_EQ(TotalOf("I-PER | I-PER", "I-PER | I-PER"), (EntityCounts{2, 2, 2}));
  EXPECT_EQ(TotalOf("I-PER I-PER", "I-PER I-PER"), (EntityCounts{1, 1, 1}));
  EXPECT_EQ(TotalOf("O I-PER | I-PER", "O I-PER | O"), (EntityCounts{2, 1, 1}));
}

// What follows from conlleval's rules for prefixes beyond B, I and O; surprising, and kept.
TEST(ConllevalTest, OtherPrefixesFollowTheOfficialRules) {
  EXPECT_EQ(TotalOf("B-A E-A O", "B-A I-A O"), (EntityCounts{1, 1, 1}));
  EXPECT_EQ(TotalOf("B-A E-A B-A", "B-A E-A B-A"), (EntityCounts{1, 1, 1}));  // B after E begins nothing
  EXPECT_EQ(TotalOf("E-A E-A I-A", "E-A E-A I-A"), (EntityCounts{3, 3, 3}));
  EXPECT_EQ(TotalOf("S-A S-A", "S-A S-A"), (EntityCounts{1, 1, 1}));  // S is unknown
  EXPECT_EQ(TotalOf("[-A ]-A I-A", "[-A ]-A I-A"), (EntityCounts{2, 2, 2}));
  EXPECT_EQ(TotalOf("O .-A O", "O .-A O"), (EntityCounts{0, 0, 0}));
  EXPECT_EQ(TotalOf("PER PER", "PER PER"), (EntityCounts{0, 0, 0}));  // a prefix without a type
}

TEST(ConllevalTest, TypesMayHoldHyphens) {
  const EntityReport report = ScoreOf("B-geo-loc I-geo-loc", "B-geo-loc I-geo-loc");
  EXPECT_EQ(report.types.at("geo-loc"), (EntityCounts{1, 1, 1}));
}

TEST(ConllevalTest, AccuracyCountsWholeTags) {
  const EntityReport report = ScoreOf("B-PER I-PER O I-LOC", "I-PER I-PER O B-LOC");
  EXPECT_EQ(report.tokens, 4u);
  EXPECT_EQ(report.correct_tags, 2u);
  EXPECT_EQ(report.accuracy(), 50);
}

TEST(ConllevalTest, TheReportByHand) {
  EXPECT_EQ(ScoreOf("B-PER I-PER O B-LOC | O O", "B-PER I-PER B-LOC O | O B-MISC").ConllevalText(),
            "processed 6 tokens with 2 phrases; found: 3 phrases; correct: 1.\n"
            "accuracy:  50.00%; precision:  33.33%; recall:  50.00%; FB1:  40.00\n"
            "              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
            "             MISC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
            "              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1\n");
  EXPECT_EQ(ScoreOf("O", "B-a-type-of-many-letters").ConllevalText(),
            "processed 1 tokens with 0 phrases; found: 1 phrases; correct: 0.\n"
            "accuracy:   0.00%; precision:   0.00%; recall:   0.00%; FB1:   0.00\n"
            "a-type-of-many-letters: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n");
  EXPECT_EQ(ScoreOf("", "").ConllevalText(), "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n");
}

TEST(ConllevalTest, TheLatexReportByHand) {
  EXPECT_EQ(ScoreOf("B-PER O B-LOC", "B-PER O O").ConllevalLatex(),
            "        & Precision &  Recall  & F$_{\\beta=1} \\\\\\hline\n"
            "LOC     &    0.00\\% &   0.00\\% &   0.00 \\\\\n"
            "PER     &  100.00\\% & 100.00\\% & 100.00 \\\\\\hline\n"
            "Overall &  100.00\\% &  50.00\\% &  66.67 \\\\\\hline\n");
}

TEST(ConllevalTest, TheEmptyTypeIsListedTwiceAsTheOfficialProgramDoes) {
  const std::string row = "                 : precision: 100.00%; recall: 100.00%; FB1: 100.00  1\n";
  EXPECT_THAT(ScoreOf("B I O", "B I O").ConllevalText(), ::testing::EndsWith("FB1: 100.00\n" + row + row));
  EXPECT_THAT(ScoreOf("B O", "B-0 O").ConllevalText(), ::testing::EndsWith("FB1: 100.00\n" + row + row));
  EXPECT_THAT(ScoreOf("O", "B").ConllevalText(),
              ::testing::EndsWith("0.00\n                 : precision:   0.00%; recall: "
                                  "  0.00%; FB1:   0.00  1\n"));
}

TEST(ConllevalTest, RawTagsAreEntitiesOfOneToken) {
  const EntityReport report = ScoreOf("PER PER - LOC O", "PER - - LOC X", {.raw = true, .outside = "-"});
  EXPECT_EQ(report.total, (EntityCounts{3, 3, 2}));
  EXPECT_EQ(report.types.at("PER"), (EntityCounts{2, 1, 1}));
  EXPECT_EQ(report.types.at("X"), (EntityCounts{0, 1, 0}));
  EXPECT_EQ(report.correct_tags, 3u);
}

TEST(ConllevalTest, SizesThatDoNotFitAreErrors) {
  const Tags two = {"O", "O"}, one = {"O"};
  const std::size_t ends[] = {2}, short_end[] = {1}, descending[] = {3, 2};
  EXPECT_EQ(ScoreTags(two, one, ends).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ScoreTags(two, two, short_end).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ScoreTags(two, two, descending).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ScoreTags(two, two, {}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ScoreTags(two, two, ends).ok());
}

class ScoreConllTest : public ::testing::Test {
 protected:
  static ConllFile Parsed(const std::string& text, const ConllOptions& options = {}) {
    auto file = ConllFile::Parse(text, "f", options);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }
};

TEST_F(ScoreConllTest, DocumentMarksCountAsTokensAndBoundariesDoNot) {
  const auto report = ScoreConll(
      Parsed("-DOCSTART- -X- O O\n\na N I-PER I-PER\n-X- X O O\nb N I-PER I-PER\n\n-DOCSTART-\n\nc N O I-LOC\n"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->tokens, 4u);
  EXPECT_EQ(report->correct_tags, 3u);
  EXPECT_EQ(report->total, (EntityCounts{2, 3, 2}));
}

TEST_F(ScoreConllTest, OneColumnIsAnError) {
  EXPECT_EQ(ScoreConll(Parsed("\na\n")).status().message(),
            "f:2: 1 column, expected the gold tag and the predicted one in the last two");
}

TEST_F(ScoreConllTest, FilesWithoutTokensHaveAReport) {
  EXPECT_EQ(ScoreConll(Parsed("", {.allow_empty = true}))->tokens, 0u);
  EXPECT_EQ(ScoreConll(Parsed("-DOCSTART- O O\n", {.allow_empty = true}))->tokens, 1u);
}

TEST_F(ScoreConllTest, PredictionsScoreAsTheFileThatIsWrittenWithThem) {
  const ConllFile file = Parsed("-DOCSTART- X O\n\na N I-PER\nb N I-PER\n\n-DOCSTART-\nc N O\nd N I-LOC\n");
  const std::vector<std::string> predicted = {"I-PER", "I-PER", "I-LOC", "I-LOC"};
  const auto report = ScoreConll(file, predicted);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(*report, *ScoreConll(Parsed(file.Format(predicted))));
  EXPECT_EQ(report->tokens, 5u);
  EXPECT_EQ(report->total, (EntityCounts{2, 2, 1}));
  EXPECT_FALSE(ScoreConll(file, std::vector<std::string>{"O"}).ok());
}

// Random sentences of tags with the given prefixes; "O" is drawn for a blank among them.
struct RandomTags {
  RandomTags(std::mt19937& random, std::string_view prefixes, std::size_t sentences = 6) {
    const std::string types[] = {"PER", "LOC", "ORG"};
    for (std::size_t sentence = 0; sentence < sentences; ++sentence) {
      for (std::size_t i = 0, n = 1 + random() % 10; i < n; ++i) {
        const char prefix = prefixes[random() % prefixes.size()];
        owned.push_back(prefix == ' ' ? "O" : std::string{prefix, '-'} + types[random() % 3]);
      }
      ends.push_back(owned.size());
    }
  }
  Tags views() const { return {owned.begin(), owned.end()}; }
  std::vector<std::string> owned;
  std::vector<std::size_t> ends;
};

// Other predictions for the same tokens: some tags replaced.
RandomTags Disturbed(RandomTags tags, std::mt19937& random, std::string_view prefixes) {
  const RandomTags others(random, prefixes, 30);
  for (std::size_t i = 0; i < tags.owned.size(); ++i) {
    if (random() % 3 == 0) tags.owned[i] = others.owned[i % others.owned.size()];
  }
  return tags;
}

EntityReport Score(const RandomTags& gold, const RandomTags& predicted) {
  return *ScoreTags(gold.views(), predicted.views(), gold.ends);
}

TEST(ConllevalLawTest, GoldAgainstItselfIsPerfect) {
  std::mt19937 random(5);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const RandomTags gold(random, "BI ES");
    const EntityReport report = Score(gold, gold);
    EXPECT_EQ(report.total.correct, report.total.gold);
    EXPECT_EQ(report.total.found, report.total.gold);
    EXPECT_EQ(report.accuracy(), 100);
    EXPECT_EQ(report.total.f1(), report.total.gold > 0 ? 100 : 0);
  }
}

TEST(ConllevalLawTest, TypesSumUpAndSwappingSwapsPrecisionAndRecall) {
  std::mt19937 random(6);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const RandomTags gold(random, "BI  ES"), predicted = Disturbed(gold, random, "BI  ES");
    const EntityReport report = Score(gold, predicted), swapped = Score(predicted, gold);
    EntityCounts sum;
    for (const auto& [type, counts] : report.types) {
      sum.gold += counts.gold, sum.found += counts.found, sum.correct += counts.correct;
      EXPECT_EQ(counts.precision(), swapped.types.at(type).recall());
    }
    EXPECT_EQ(sum, report.total);
    EXPECT_EQ(report.total.recall(), swapped.total.precision());
    EXPECT_EQ(report.correct_tags, swapped.correct_tags);
  }
}

// The definition: entities that are in both sets.
EntityCounts CountByEntities(const RandomTags& gold, const RandomTags& predicted) {
  EntityCounts counts;
  std::size_t begin = 0;
  for (const std::size_t end : gold.ends) {
    const auto sentence = [&](const RandomTags& tags) {
      return EntitiesOf(std::span(tags.owned).subspan(begin, end - begin));
    };
    const auto expected = sentence(gold), found = sentence(predicted);
    counts.gold += expected.size();
    counts.found += found.size();
    for (const Entity& entity : found)
      counts.correct += static_cast<std::uint64_t>(std::ranges::count(expected, entity));
    begin = end;
  }
  return counts;
}

TEST(ConllevalLawTest, LawlessMixturesOfBAndICountAsTheEntitiesThatTheyMean) {
  std::mt19937 random(7);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const RandomTags gold(random, "BI "), predicted = Disturbed(gold, random, "BI ");
    EXPECT_EQ(Score(gold, predicted).total, CountByEntities(gold, predicted));
  }
}

RandomTags Converted(RandomTags tags, TagScheme scheme) {
  tags.owned = ConvertTags(tags.views(), tags.ends, scheme);
  return tags;
}

TEST(ConllevalLawTest, TheSchemeDoesNotChangeTheScores) {
  std::mt19937 random(8);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const RandomTags gold(random, "BI "), predicted = Disturbed(gold, random, "BI ");
    const auto expected = Score(gold, predicted).types;
    for (const TagScheme to : {TagScheme::kIob1, TagScheme::kIob2}) {
      EXPECT_EQ(Score(Converted(gold, to), predicted).types, expected);
      EXPECT_EQ(Score(Converted(gold, to), Converted(predicted, to)).types, expected);
    }
    const RandomTags bioes_gold = Converted(gold, TagScheme::kBioes), bioes = Converted(predicted, TagScheme::kBioes);
    EXPECT_EQ(Score(Converted(bioes_gold, TagScheme::kIob2), Converted(bioes, TagScheme::kIob1)).types, expected);
  }
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ConllevalDataTest, TheOfficialProgramSaysTheSame) {
  const char* data = std::getenv("CONEC_DATA");
  const auto folder = std::filesystem::path(data == nullptr ? "" : data) / "conlleval";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "CONEC_DATA names no folder with conlleval/";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    const auto file = ConllFile::Read(entry.path());
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(ScoreConll(*file)->ConllevalText(), ReadAll(std::filesystem::path(entry).replace_extension("expected")))
        << entry.path();
    ++cases;
  }
  EXPECT_GE(cases, 15);
}

std::vector<Entity> Strict(const Tags& tags, TagScheme scheme) {
  const auto entities = StrictEntitiesOf(tags, scheme);
  EXPECT_TRUE(entities.ok()) << entities.status();
  return *entities;
}

TEST(StrictTest, OnlyEntitiesThatObeyTheSchemeCount) {
  EXPECT_THAT(Strict({"B-A", "I-A", "O", "I-A", "B-A", "I-B"}, TagScheme::kIob2),
              ElementsAre(Entity{0, 2, "A"}, Entity{4, 5, "A"}));
  EXPECT_THAT(Strict({"B-A", "E-A", "S-A", "B-A", "I-A", "O", "E-A", "B-A", "E-B"}, TagScheme::kBioes),
              ElementsAre(Entity{0, 2, "A"}, Entity{2, 3, "A"}));
  EXPECT_THAT(Strict({"I-A", "B-A", "O", "B-A", "O", "I-A", "I-B"}, TagScheme::kIob1),
              ElementsAre(Entity{0, 1, "A"}, Entity{1, 2, "A"}, Entity{5, 6, "A"}, Entity{6, 7, "B"}));
  EXPECT_THAT(Strict({"A", "A", "O", "X"}, TagScheme::kType), ElementsAre(Entity{0, 2, "A"}, Entity{3, 4, "X"}));
  EXPECT_THAT(Strict({}, TagScheme::kIob2), IsEmpty());
}

TEST(StrictTest, PrefixesOfOtherSchemesAreErrorsThatNameTheTag) {
  std::size_t offender = 99;
  const auto status = StrictEntitiesOf(Tags{"O", "S-PER"}, TagScheme::kIob2, &offender).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "'S-PER' is no tag of the scheme iob2");
  EXPECT_EQ(offender, 1u);
  const Text gold("O | O O"), predicted("O | O PER");
  EXPECT_FALSE(ScoreTagsStrictly(gold.tags, predicted.tags, gold.ends, TagScheme::kBioes, &offender).ok());
  EXPECT_EQ(offender, 2u);
  EXPECT_FALSE(StrictEntitiesOf(Tags{"B-PER"}, TagScheme::kType).ok());
}

TEST(StrictTest, LawfulTextScoresAsConllevalDoes) {
  std::mt19937 random(9);
  for (int repeat = 0; repeat < 100; ++repeat) {
    const RandomTags gold(random, "BI "), predicted = Disturbed(gold, random, "BI ");
    const auto expected = Score(gold, predicted).types;
    for (const TagScheme scheme : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes}) {
      const auto report =
          ScoreTagsStrictly(Converted(gold, scheme).views(), Converted(predicted, scheme).views(), gold.ends, scheme);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->types, expected) << Name(scheme);
    }
  }
}

// By hand. Gold: PER x 3, LOC x 1; found: PER x 2 (1 right), LOC x 2 (1 right), ORG x 1 (wrong).
TEST(StrictTest, AveragesByHand) {
  const Text gold("B-PER O B-PER O B-PER B-LOC"), predicted("B-PER B-ORG O B-PER B-LOC B-LOC");
  const auto report = ScoreTagsStrictly(gold.tags, predicted.tags, gold.ends, TagScheme::kIob2);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->total, (EntityCounts{4, 5, 2}));
  const EntityAverage macro = report->macro_average(), weighted = report->weighted_average();
  EXPECT_NEAR(macro.precision, (50 + 50 + 0) / 3.0, 1e-9);
  EXPECT_NEAR(macro.recall, (100 / 3.0 + 100 + 0) / 3.0, 1e-9);
  EXPECT_NEAR(macro.f1, (40 + 200 / 3.0 + 0) / 3.0, 1e-9);
  EXPECT_NEAR(weighted.precision, 50, 1e-9);
  EXPECT_NEAR(weighted.recall, 50, 1e-9);
  EXPECT_NEAR(weighted.f1, 0.75 * 40 + 0.25 * 200 / 3.0, 1e-9);
}

TEST(StrictTest, AveragesOfNothingAreZero) {
  const EntityReport report;
  EXPECT_EQ(report.macro_average().f1, 0);
  EXPECT_EQ(report.weighted_average().precision, 0);
}

}  // namespace
}  // namespace conec::ner
