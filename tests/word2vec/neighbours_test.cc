#include "word2vec/neighbours.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "tests/word2vec/word_vectors_testing.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;

double Cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return ab / std::sqrt(aa * bb);
}

// All words by decreasing cosine in double precision, then id.
std::vector<std::pair<double, std::uint32_t>> NaiveRanking(const WordVectors& vectors, std::span<const float> query) {
  std::vector<std::pair<double, std::uint32_t>> ranking;
  for (std::uint32_t i = 0; i < vectors.vectors.rows; ++i) {
    ranking.emplace_back(-Cosine(query, vectors.vectors.row(i)), i);
  }
  std::ranges::sort(ranking);
  return ranking;
}

void ExpectEqual(const std::vector<Neighbour>& a, const std::vector<Neighbour>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].id, b[i].id) << i;
    EXPECT_EQ(a[i].cosine, b[i].cosine) << i;
  }
}

void ExpectSimilar(const std::vector<Neighbour>& a, const std::vector<Neighbour>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].id, b[i].id) << i;
    EXPECT_NEAR(a[i].cosine, b[i].cosine, 1e-6) << i;
  }
}

TEST(NearestNeighboursTest, RankingIsThatOfDoublePrecision) {
  const WordVectors vectors = RandomWordVectors(9000, 30, 1);
  const auto index = NearestNeighbours::Create(vectors);
  ASSERT_TRUE(index.ok()) << index.status();
  const WordVectors queries = RandomWordVectors(70, 30, 2);
  for (const std::size_t k : {1u, 10u, 1000u}) {
    const auto found = index->NearestBatch(queries.vectors, k);
    ASSERT_TRUE(found.ok()) << found.status();
    for (std::size_t q = 0; q < queries.vectors.rows; ++q) {
      const auto naive = NaiveRanking(vectors, queries.vectors.row(q));
      ASSERT_EQ((*found)[q].size(), k);
      for (std::size_t i = 0; i < k; ++i) {
        ASSERT_NEAR((*found)[q][i].cosine, -naive[i].first, 1e-7);
        // Rows of length one are rounded: words whose cosines differ by less may change places.
        const double own = Cosine(queries.vectors.row(q), vectors.vectors.row(corpora::Index((*found)[q][i].id)));
        ASSERT_NEAR(own, -naive[i].first, 2e-7);
      }
    }
  }
}

TEST(NearestNeighboursTest, AWordIsItsOwnNearestWithCosineOne) {
  const WordVectors vectors = RandomWordVectors(500, 20, 3);
  const auto index = NearestNeighbours::Create(vectors);
  for (std::uint32_t i = 0; i < 500; ++i) {
    const auto found = index->Nearest(vectors.vectors.row(i), 1);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ((*found)[0].id, WordId{i});
    EXPECT_FLOAT_EQ((*found)[0].cosine, 1);
  }
}

TEST(NearestNeighboursTest, BatchesAndThreadsDoNotChangeTheResult) {
  const WordVectors vectors = RandomWordVectors(5000, 64, 4), queries = RandomWordVectors(100, 64, 5);
  const auto one = NearestNeighbours::Create(vectors, {.threads = 1});
  const auto three = NearestNeighbours::Create(vectors, {.threads = 3});
  const auto a = one->NearestBatch(queries.vectors, 7), b = three->NearestBatch(queries.vectors, 7);
  ASSERT_TRUE(a.ok() && b.ok());
  for (std::size_t q = 0; q < 100; ++q) {
    ExpectEqual((*a)[q], (*b)[q]);
    ExpectEqual((*a)[q], *one->Nearest(queries.vectors.row(q), 7));
    ExpectEqual((*a)[q], *three->Nearest(queries.vectors.row(q), 7));
  }
}

// Each times a power of two of its own, which cosines do not see, up to rows whose products overflow or vanish.
TEST(NearestNeighboursTest, LengthsOfVectorsDoNotChangeTheResult) {
  const WordVectors vectors = RandomWordVectors(5000, 24, 6), queries = RandomWordVectors(20, 24, 7);
  const auto expected = NearestNeighbours::Create(vectors)->NearestBatch(queries.vectors, 9);
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (const int largest : {10, 60, 110}) {
    auto scaled = *Matrix<float>::Create(5000, 24);
    for (std::size_t i = 0; i < 5000; ++i) {
      const int exponent = static_cast<int>(i * 7919 % static_cast<std::size_t>(2 * largest)) - largest;
      for (std::size_t j = 0; j < 24; ++j) scaled.row(i)[j] = std::ldexp(vectors.vectors.row(i)[j], exponent);
    }
    const WordVectors view = {vectors.vocabulary, std::as_const(scaled).view(), nullptr};
    const auto found = NearestNeighbours::Create(view)->NearestBatch(queries.vectors, 9);
    ASSERT_TRUE(found.ok()) << found.status();
    for (std::size_t q = 0; q < 20; ++q) {
      if (largest == 10) ExpectEqual((*found)[q], (*expected)[q]);
      ExpectSimilar((*found)[q], (*expected)[q]);  // such rows are searched as copies of length one, which are rounded
    }
  }
}

TEST(NearestNeighboursTest, KeepsWhatItSearches) {
  WordVectors vectors = RandomWordVectors(50, 8, 8);
  const std::weak_ptr<const void> owner = vectors.owner;
  {
    const auto index = NearestNeighbours::Create(vectors);
    vectors = {};
    EXPECT_FALSE(owner.expired());
    EXPECT_EQ(index->Nearest(std::vector<float>(8, 1.0f), 50)->size(), 50u);
  }
  EXPECT_TRUE(owner.expired());
}

TEST(NearestNeighboursTest, EqualCosinesComeById) {
  std::vector<std::pair<std::string, std::vector<float>>> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({"w" + std::to_string(i), {1, 2, 3}});
  const auto index = NearestNeighbours::Create(MakeWordVectors(rows));
  const std::vector<float> query = {3, 2, 1};
  const auto found = *index->Nearest(query, 100);
  ASSERT_EQ(found.size(), 100u);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(found[i].id, WordId{i});
}

TEST(NearestNeighboursTest, ExcludedWordsZeroVectorsAndTheRestOfTheVocabularyAreLeftOut) {
  const WordVectors vectors =
      MakeWordVectors({{"a", {1, 0}}, {"zero", {0, 0}}, {"b", {2, 1}}, {"c", {-1, 0}}, {"outside", {1, 0}}});
  const auto index = NearestNeighbours::Create(vectors, {.restrict_vocabulary = 4});
  const std::vector<float> query = {5, 0}, zero = {0, 0};
  const std::vector<WordId> excluded = {WordId{77}, WordId{0}};
  const auto found = *index->Nearest(query, 10, excluded);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, WordId{2});
  EXPECT_FLOAT_EQ(found[0].cosine, 2 / std::sqrt(5.0f));
  EXPECT_EQ(found[1].id, WordId{3});
  EXPECT_EQ(found[1].cosine, -1);
  EXPECT_TRUE(index->Nearest(zero, 3)->empty());
  EXPECT_TRUE(index->Nearest(query, 0)->empty());
}

TEST(NearestNeighboursTest, QueriesThatCannotBeAnsweredAreErrors) {
  const auto index = NearestNeighbours::Create(RandomWordVectors(5, 3, 1));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(absl::IsInvalidArgument(index->Nearest(std::vector<float>{1, nan, 0}, 1).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(index->Nearest(std::vector<float>{1, 2}, 1).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(NearestNeighbours::Create({}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(NearestNeighbours::Create(MakeWordVectors({{"a", {nan}}})).status()));
}

}  // namespace
}  // namespace conec::word2vec
