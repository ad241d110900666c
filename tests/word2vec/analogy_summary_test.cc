#include "word2vec/analogy_summary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace conec::word2vec {
namespace {

// Two sections of four questions each, so many of which are right.
AnalogyReport Report(std::size_t semantic, std::size_t syntactic, std::size_t answered = 4) {
  const auto score = [&](std::size_t correct) {
    return AnalogyScore{.correct = correct, .correct_in_top = correct + 1, .answered = answered, .total = 4};
  };
  AnalogyReport report;
  report.sections = {{"family", false, score(semantic), {}}, {"gram1", true, score(syntactic), {}}};
  report.semantic = score(semantic);
  report.syntactic = score(syntactic);
  report.total = {semantic + syntactic, semantic + syntactic + 2, 2 * answered, 8};
  return report;
}

TEST(AnalogySummaryTest, MeanAndSampleDeviation) {
  const auto [mean, deviation] = MeanAndDeviation(std::vector<double>{1, 2, 6});
  EXPECT_DOUBLE_EQ(mean, 3);
  EXPECT_DOUBLE_EQ(deviation, std::sqrt(7));  // (4 + 1 + 9) / 2
  EXPECT_EQ(MeanAndDeviation(std::vector<double>{5}).mean, 5);
  EXPECT_EQ(MeanAndDeviation(std::vector<double>{5}).deviation, 0);
  EXPECT_EQ(MeanAndDeviation({}).mean, 0);
}

TEST(AnalogySummaryTest, EveryRowIsSummarizedOverTheModels) {
  const std::vector<AnalogyReport> runs = {Report(1, 2), Report(3, 2)};
  const auto summary = Summarize(runs);
  ASSERT_TRUE(summary.ok()) << summary.status();
  ASSERT_EQ(summary->sections.size(), 2u);
  EXPECT_EQ(summary->sections[0].name, "family");
  EXPECT_DOUBLE_EQ(summary->sections[0].score.accuracy.mean, 50);
  EXPECT_DOUBLE_EQ(summary->sections[0].score.accuracy.deviation, 25 * std::sqrt(2));
  EXPECT_DOUBLE_EQ(summary->sections[0].score.accuracy_in_top.mean, 75);
  EXPECT_TRUE(summary->sections[1].syntactic);
  EXPECT_EQ(summary->sections[1].score.accuracy.deviation, 0);
  EXPECT_DOUBLE_EQ(summary->total.accuracy.mean, 50);
  EXPECT_EQ(summary->total.runs[1].correct, 5u);
}

TEST(AnalogySummaryTest, AccuraciesAreAveragedNotCounts) {
  const std::vector<AnalogyReport> runs = {Report(2, 2, 2), Report(0, 0, 4)};
  EXPECT_DOUBLE_EQ(Summarize(runs)->total.accuracy.mean, 50);  // 100 and 0; 4 of 12 counts
}

TEST(AnalogySummaryTest, GainsArePairedByModel) {
  const std::vector<AnalogyReport> base = {Report(0, 1), Report(2, 3)}, better = {Report(1, 2), Report(3, 4)};
  const auto gain = Gain(Summarize(better)->total, Summarize(base)->total);
  ASSERT_TRUE(gain.ok()) << gain.status();
  EXPECT_DOUBLE_EQ(gain->mean, 25);
  EXPECT_NEAR(gain->deviation, 0, 1e-12);  // every model gains as much, although models differ by 50 points
}

TEST(AnalogySummaryTest, DifferentQuestionsAreAnError) {
  AnalogyReport other = Report(1, 1);
  other.sections[1].name = "gram2";
  EXPECT_TRUE(absl::IsInvalidArgument(Summarize(std::vector<AnalogyReport>{Report(1, 1), other}).status()));
  other.sections.pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(Summarize(std::vector<AnalogyReport>{Report(1, 1), other}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Summarize({}).status()));
  const std::vector<AnalogyReport> one = {Report(1, 1)}, two = {Report(1, 1), Report(1, 1)};
  EXPECT_TRUE(absl::IsInvalidArgument(Gain(Summarize(one)->total, Summarize(two)->total).status()));
}

}  // namespace
}  // namespace conec::word2vec
