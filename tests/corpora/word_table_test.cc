#include "corpora/word_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace conec::corpora {
namespace {

std::string RandomWord(PhiloxStream& random) {
  std::string word(random.Below(30), 'x');
  for (char& letter : word) letter = static_cast<char>(random.Below(4));
  return word;
}

using Counts = std::map<std::string, std::uint64_t>;

Counts CountsOf(const WordTable& table) {
  Counts counts;
  for (std::uint32_t id = 0; id < table.size(); ++id) counts[std::string(table.word(id))] = table.count(id);
  EXPECT_EQ(counts.size(), table.size()) << "a word stands twice in the table";
  return counts;
}

Counts AddRandomWords(int n, PhiloxStream& random, WordTable& table) {
  Counts counts;
  for (int i = 0; i < n; ++i) {
    const std::string word = RandomWord(random);
    const std::uint64_t count = 1 + random.Below(3);
    table.Add(word, count);
    counts[word] += count;
  }
  return counts;
}

// The table must be empty before.
void ExpectCountsRandomWords(int n, PhiloxStream& random, WordTable& table) {
  const Counts counts = AddRandomWords(n, random, table);
  EXPECT_EQ(counts, CountsOf(table));
}

TEST(WordTable, CountsAsAMapDoes) {
  PhiloxStream random(1);
  WordTable table;
  ExpectCountsRandomWords(30000, random, table);
  table.Clear();
  EXPECT_EQ(table.size(), 0u);
  ExpectCountsRandomWords(100, random, table);
}

TEST(WordTable, IdsFollowFirstAppearance) {
  WordTable table;
  EXPECT_EQ(table.Add("b", 1), 0u);
  EXPECT_EQ(table.Add("a", 1), 1u);
  EXPECT_EQ(table.Add("b", 1), 0u);
  EXPECT_EQ(table.Add(std::string("a\0", 2), 1), 2u);
}

TEST(WordTable, PruneKeepsTheOtherWordsInOrder) {
  PhiloxStream random(2);
  WordTable table;
  AddRandomWords(20000, random, table);
  for (const std::uint64_t threshold : {0u, 1u, 2u, 5u, 1000u, 1000000u}) {
    const WordTable before = table;
    const std::vector<std::uint32_t> new_ids = table.Prune(threshold);
    ASSERT_EQ(new_ids.size(), before.size());
    std::uint32_t next = 0;
    for (std::uint32_t id = 0; id < new_ids.size(); ++id) {
      if (before.count(id) <= threshold) {
        EXPECT_EQ(new_ids[id], WordTable::kRetired);
        continue;
      }
      EXPECT_EQ(new_ids[id], next++);
      EXPECT_EQ(table.word(new_ids[id]), before.word(id));
      EXPECT_EQ(table.count(new_ids[id]), before.count(id));
      EXPECT_EQ(table.Add(before.word(id), 0), new_ids[id]) << "the hash table leads elsewhere";
    }
    EXPECT_EQ(table.size(), next);
  }
  EXPECT_EQ(table.size(), 0u);
  ExpectCountsRandomWords(100, random, table);
}

TEST(WordTable, PruneKeepsWordsWithSmallIdsHoweverRare) {
  WordTable table;
  for (const char* word : {"never", "once", "twice", "rare", "frequent"}) table.Add(word, 0);
  table.Add("once", 1);
  table.Add("twice", 2);
  table.Add("rare", 1);
  table.Add("frequent", 9);
  EXPECT_EQ(table.Prune(2, 2), (std::vector<std::uint32_t>{0, 1, WordTable::kRetired, WordTable::kRetired, 2}));
  EXPECT_EQ(CountsOf(table), (Counts{{"never", 0}, {"once", 1}, {"frequent", 9}}));
  EXPECT_EQ(table.Add("never", 1), 0u);
  EXPECT_EQ(table.Add("rare", 1), 3u);
}

}  // namespace
}  // namespace conec::corpora
