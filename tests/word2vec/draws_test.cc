#include "word2vec/draws.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/word2vec/synthetic_corpus.h"
#include "word2vec/centres.h"
#include "word2vec/distributions.h"

namespace conec::word2vec {
namespace {

// Upper 0.1 % point of chi-square by the Wilson-Hilferty approximation: a correct sampler fails one fixed seed in a
// thousand, a wrong one with these sample sizes practically always.
double ChiSquareLimit(std::size_t degrees) {
  const double k = static_cast<double>(degrees), t = 1 - 2 / (9 * k) + 3.09 * std::sqrt(2 / (9 * k));
  return k * t * t * t;
}

double ChiSquare(const std::vector<double>& observed, const std::vector<double>& probability, double draws) {
  double sum = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double expected = draws * probability[i];
    sum += (observed[i] - expected) * (observed[i] - expected) / expected;
  }
  return sum;
}

std::vector<std::int64_t> ZipfCounts(std::size_t size) {
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < size; ++i)
    counts.push_back(static_cast<std::int64_t>(100000.0 / static_cast<double>(i + 1)) + 1);
  return counts;
}

class NoiseExponent : public testing::TestWithParam<double> {};

TEST_P(NoiseExponent, NoiseWordsFollowCountToTheExponent) {
  const std::vector<std::int64_t> counts = ZipfCounts(500);
  const std::vector<AliasEntry> table = NoiseTable(counts, GetParam()).value();
  std::vector<double> probability;
  double sum = 0;
  for (const std::int64_t count : counts) sum += std::pow(static_cast<double>(count), GetParam());
  for (const std::int64_t count : counts) probability.push_back(std::pow(static_cast<double>(count), GetParam()) / sum);
  std::vector<double> observed(counts.size());
  constexpr int kPositions = 200000, kNegatives = 5;
  for (std::uint64_t position = 0; position < kPositions; ++position) {
    for (std::uint32_t j = 0; j < kNegatives; ++j) {
      ++observed[CentreNoiseWord(MakePhiloxKey(1), 0, position, j, kNoWord, table.data(), 500)];
    }
  }
  EXPECT_LT(ChiSquare(observed, probability, kPositions * kNegatives), ChiSquareLimit(counts.size() - 1));
}

INSTANTIATE_TEST_SUITE_P(Exponents, NoiseExponent, testing::Values(0.75, 0.5, 0.0, 1.0, -0.5));

TEST(Draws, WindowRadiiAreUniform) {
  constexpr int kWindow = 7, kDraws = 100000;
  std::vector<double> observed(kWindow);
  for (std::uint64_t position = 0; position < kDraws; ++position) {
    const int radius = WindowRadius(DrawBlock(MakePhiloxKey(3), 2, position, 0).word[0], kWindow);
    ASSERT_GE(radius, 1);
    ASSERT_LE(radius, kWindow);
    ++observed[static_cast<std::size_t>(radius - 1)];
  }
  EXPECT_LT(ChiSquare(observed, std::vector<double>(kWindow, 1.0 / kWindow), kDraws), ChiSquareLimit(kWindow - 1));
}

TEST(Draws, ANoiseWordIsNeverTheTarget) {
  const std::vector<std::int64_t> counts = {1000000, 1, 1};
  const std::vector<AliasEntry> table = NoiseTable(counts, 0.75).value();
  for (std::uint64_t position = 0; position < 20000; ++position) {
    const std::uint32_t word = CentreNoiseWord(MakePhiloxKey(9), 0, position, 0, 0, table.data(), 3);
    EXPECT_NE(word, 0u);
  }
}

TEST(Draws, ANoiseWordIsLeftOutWhenOnlyTheTargetHasNoise) {
  const std::vector<std::int64_t> counts = {5, 0};
  const std::vector<AliasEntry> table = NoiseTable(counts, 0.75).value();
  EXPECT_EQ(CentreNoiseWord(MakePhiloxKey(9), 0, 4, 0, 0, table.data(), 2), kNoWord);
  EXPECT_EQ(CentreNoiseWord(MakePhiloxKey(9), 0, 4, 0, 1, table.data(), 2), 0u);
}

TEST(Draws, DependOnSeedEpochPositionAndIndex) {
  const PhiloxBlock block = DrawBlock(MakePhiloxKey(1), 2, 3, 4);
  for (const PhiloxBlock& other : {DrawBlock(MakePhiloxKey(2), 2, 3, 4), DrawBlock(MakePhiloxKey(1), 1, 3, 4),
                                   DrawBlock(MakePhiloxKey(1), 2, 4, 4), DrawBlock(MakePhiloxKey(1), 2, 3, 5),
                                   DrawBlock(MakePhiloxKey(1), 2, 3 + (std::uint64_t{1} << 32), 4),
                                   DrawBlock(MakePhiloxKey(1 + (std::uint64_t{1} << 32)), 2, 3, 4)}) {
    EXPECT_NE(block.word[0], other.word[0]);
  }
}

TEST(Subsampling, KeepsEachWordWithItsProbability) {
  const std::vector<std::int64_t> counts = {60000, 30000, 9000, 900, 100};
  constexpr double kSample = 1e-2;
  const std::vector<std::uint32_t> keep = KeepThresholds(counts, kSample);
  constexpr std::size_t kEach = 40000;
  for (std::uint32_t word = 0; word < counts.size(); ++word) {
    const std::vector<corpora::WordId> stream(kEach, corpora::WordId{word});
    Centres centres;
    EXPECT_TRUE(CollectCentres({stream, {}, counts.size(), MakePhiloxKey(5), keep}, 0, kEach, 1, &centres));
    const double ratio = kSample / (static_cast<double>(counts[word]) / 100000);
    const double probability = std::min(1.0, std::sqrt(ratio) + ratio);
    const double deviation = std::sqrt(kEach * probability * (1 - probability));
    EXPECT_NEAR(static_cast<double>(centres.ids.size()), kEach * probability, 4 * deviation + 1e-9) << "word " << word;
  }
}

TEST(Subsampling, ZeroKeepsEverythingAndGapsStay) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(500, 20, true, 1);
  Centres centres;
  const std::vector<std::uint32_t> all = KeepThresholds(corpus.counts, 0);
  EXPECT_TRUE(CollectCentres({corpus.stream, {}, corpus.counts.size(), MakePhiloxKey(1), all}, 0, corpus.stream.size(),
                             0, &centres));
  std::vector<std::uint64_t> kept;
  for (std::size_t i = 0; i < corpus.stream.size(); ++i) {
    if (!corpora::EndsSegment(corpus.stream[i])) kept.push_back(i);
  }
  EXPECT_EQ(centres.positions, kept);
  EXPECT_THAT(centres.ids, testing::Contains(kNoWord));
  const std::vector<corpora::WordId> gaps(30, corpora::kGap);
  const std::vector<std::uint32_t> few = KeepThresholds(corpus.counts, 1e-9);
  EXPECT_TRUE(CollectCentres({gaps, {}, corpus.counts.size(), MakePhiloxKey(1), few}, 0, 30, 0, &centres));
  EXPECT_THAT(centres.ids, testing::Each(kNoWord));
  EXPECT_EQ(centres.ids.size(), 30u);
}

// The stream may lie in a file that another program writes to after it was checked.
TEST(CollectCentres, MakesGapsOfWhatIsNoWordAndSaysSo) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 20, true, 1);
  for (const double sample : {0.0, 1e-2}) {
    const std::vector<std::uint32_t> keep = KeepThresholds(corpus.counts, sample);
    for (const std::uint32_t wrong : {20u, 65536u, 0x7FFFFFFFu, 0x80000000u, corpora::Index(corpora::kGap) - 1}) {
      std::vector<corpora::WordId> stream = corpus.stream;
      for (std::size_t i = 0; i < stream.size(); i += 3) stream[i] = corpora::WordId{wrong};
      Centres centres;
      EXPECT_FALSE(CollectCentres({stream, {}, 20, MakePhiloxKey(1), keep}, 0, stream.size(), 0, &centres)) << wrong;
      EXPECT_THAT(centres.ids, testing::Each(testing::AnyOf(testing::Lt(20u), testing::Eq(kNoWord)))) << wrong;
    }
  }
}

TEST(CollectCentres, MakesShapesThatThereAreOfOthersAndSaysSo) {
  const std::vector<corpora::WordId> stream = {corpora::WordId{0}, corpora::WordId{1}, corpora::kEndOfDocument};
  std::vector<tokenize::WordShape> shapes(3, tokenize::WordShape{15});
  Centres centres;
  EXPECT_TRUE(CollectCentres({stream, shapes, 2, MakePhiloxKey(1), {}}, 0, 3, 0, &centres));
  EXPECT_THAT(centres.shapes, testing::Each(tokenize::WordShape{15}));
  shapes[1] = tokenize::WordShape{255};
  EXPECT_FALSE(CollectCentres({stream, shapes, 2, MakePhiloxKey(1), {}}, 0, 3, 0, &centres));
  EXPECT_THAT(centres.shapes, testing::Each(testing::Lt(tokenize::WordShape{16})));
}

TEST(CollectCentres, SaysInWhichSegmentAWordStands) {
  const SyntheticCorpus corpus = MakeSyntheticCorpus(2000, 20, true, 1);
  for (const double sample : {0.0, 1e-2}) {
    Centres centres;
    const std::vector<std::uint32_t> keep = KeepThresholds(corpus.counts, sample);
    EXPECT_TRUE(CollectCentres({corpus.stream, {}, corpus.counts.size(), MakePhiloxKey(1), keep}, 0,
                               corpus.stream.size(), 0, &centres));
    ASSERT_GT(centres.ids.size(), 200u);
    const auto segment = [&](std::size_t i) {
      return std::count_if(corpus.stream.begin(),
                           corpus.stream.begin() + static_cast<std::ptrdiff_t>(centres.positions[i]),
                           corpora::EndsSegment);
    };
    for (std::size_t i = 0; i < centres.ids.size(); ++i) {
      ASSERT_LE(centres.begins[i], i);
      ASSERT_LT(i, centres.ends[i]);
      for (std::size_t j = i > 35 ? i - 35 : 0; j < std::min(i + 35, centres.ids.size()); ++j) {
        ASSERT_EQ(centres.begins[i] <= j && j < centres.ends[i], segment(i) == segment(j)) << i << " " << j;
      }
    }
  }
}

TEST(NoiseSets, MakeGroupsOfAbout256Words) {
  EXPECT_EQ(NoiseSets(1), 1u);
  EXPECT_EQ(NoiseSets(2), 128u);
  EXPECT_EQ(NoiseSets(16), 16u);
  EXPECT_EQ(NoiseSets(100), 3u);
  EXPECT_EQ(NoiseSets(256), 1u);
  EXPECT_EQ(NoiseSets(1000), 1u);
}

TEST(NoiseTable, RejectsCountsWithoutAnyWord) {
  EXPECT_EQ(NoiseTable(std::vector<std::int64_t>{0, 0}, 0.75).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(NoiseTable(std::vector<std::int64_t>{3, -1}, 0.75).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec::word2vec
