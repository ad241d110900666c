#include "corpora/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "base/file.h"
#include "base/random.h"

namespace conec::corpora {
namespace {

using ::testing::HasSubstr;

std::string TestPath(const std::string& name) {
  return ::testing::TempDir() + "/" + std::to_string(getpid()) + "-" + name;
}

std::string RandomWord(PhiloxStream& random) {
  std::string word(1 + random.Below(12), 'a');
  for (char& letter : word) letter = static_cast<char>('a' + random.Below(26));
  return word;
}

std::vector<WordCount> RandomWords(std::size_t n, std::uint64_t seed) {
  PhiloxStream random(seed);
  std::set<std::string> distinct;
  while (distinct.size() < n) distinct.insert(RandomWord(random));
  std::vector<WordCount> words;
  for (const std::string& word : distinct) words.push_back({word, 1 + random.Below(1000)});
  return words;
}

absl::Status Save(const Vocabulary& vocabulary, const std::string& path) {
  SafetensorsWriter writer;
  vocabulary.DeclareTensors(writer);
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(vocabulary.AppendTensors(writer));
  return writer.Commit();
}

absl::StatusOr<Vocabulary> Load(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  return Vocabulary::FromFile(std::make_shared<const SafetensorsFile>(std::move(file)));
}

void ExpectHolds(const Vocabulary& vocabulary, const std::vector<WordCount>& words) {
  ASSERT_EQ(vocabulary.size(), words.size());
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const WordId id{static_cast<std::uint32_t>(i)};
    EXPECT_EQ(vocabulary.word(id), words[i].word);
    EXPECT_EQ(vocabulary.count(id), words[i].count);
    EXPECT_EQ(vocabulary.counts()[i], static_cast<std::int64_t>(words[i].count));
    EXPECT_EQ(vocabulary.Find(words[i].word), id);
    total += words[i].count;
  }
  EXPECT_EQ(vocabulary.total_count(), total);
  EXPECT_TRUE(vocabulary.Validate().ok()) << vocabulary.Validate();
}

TEST(Vocabulary, FindsAllItsWordsAndNoOthers) {
  for (const std::size_t n : {0u, 1u, 2u, 3u, 100u, 5000u}) {
    const std::vector<WordCount> words = RandomWords(n, n);
    const auto vocabulary = Vocabulary::Create(words);
    ASSERT_TRUE(vocabulary.ok()) << vocabulary.status();
    ExpectHolds(*vocabulary, words);
    std::set<std::string> known;
    for (const WordCount& entry : words) known.insert(entry.word);
    PhiloxStream random(77);
    for (int i = 0; i < 5000; ++i) {
      const std::string word = RandomWord(random);
      EXPECT_EQ(vocabulary->Find(word).has_value(), known.contains(word)) << word;
    }
    EXPECT_FALSE(vocabulary->Find(""));
  }
}

TEST(Vocabulary, DefaultHasNoWords) {
  const Vocabulary vocabulary;
  EXPECT_EQ(vocabulary.size(), 0u);
  EXPECT_EQ(vocabulary.total_count(), 0u);
  EXPECT_FALSE(vocabulary.Find("word"));
  EXPECT_EQ(vocabulary.word(WordId{0}), "");
}

TEST(Vocabulary, WordsMayHoldAnyBytes) {
  const std::vector<WordCount> words = {
      {"na\xC3\xAFve", 3}, {std::string("a\0b", 3), 2}, {"a", 2}, {"a b\n", 1}, {"\xFF\xFE", 1}};
  const auto vocabulary = Vocabulary::Create(words);
  ASSERT_TRUE(vocabulary.ok());
  ExpectHolds(*vocabulary, words);
}

TEST(Vocabulary, DuplicateIsRejectedWithBothPositions) {
  const auto vocabulary = Vocabulary::Create(std::vector<WordCount>{{"a", 3}, {"b", 2}, {"c", 2}, {"b", 1}});
  EXPECT_EQ(vocabulary.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(vocabulary.status().message());
  EXPECT_THAT(message, HasSubstr("'b'"));
  EXPECT_THAT(message, HasSubstr("entries 1 and 3"));
}

TEST(Vocabulary, EmptyWordAndHugeCountAreRejected) {
  EXPECT_EQ(Vocabulary::Create(std::vector<WordCount>{{"a", 1}, {"", 1}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Vocabulary::Create(std::vector<WordCount>{{"a", ~std::uint64_t{0}}}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Vocabulary, SortsByCountThenByBytes) {
  std::vector<WordCount> words = {{"b", 2}, {"\xC3\xA4", 2}, {"z", 9}, {"B", 2}, {"aa", 2}, {"a", 2}};
  Vocabulary::SortByCount(words);
  std::vector<std::string> order;
  for (const WordCount& entry : words) order.push_back(entry.word);
  EXPECT_THAT(order, ::testing::ElementsAre("z", "B", "a", "aa", "b", "\xC3\xA4"));
}

TEST(Vocabulary, LoadAfterSaveIsIdentity) {
  for (const std::size_t n : {0u, 1u, 3000u}) {
    const std::vector<WordCount> words = RandomWords(n, 5);
    const std::string path = TestPath("identity.safetensors");
    ASSERT_TRUE(Save(*Vocabulary::Create(words), path).ok());
    const auto loaded = Load(path);
    std::filesystem::remove(path);  // the mapping keeps the data
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectHolds(*loaded, words);
  }
}

TEST(Vocabulary, TensorsAfterItAreAligned) {
  for (const std::size_t n : {0u, 1u, 2u, 7u, 100u}) {
    const std::string path = TestPath("aligned.safetensors");
    ASSERT_TRUE(Save(*Vocabulary::Create(RandomWords(n, 9)), path).ok());
    const auto file = SafetensorsFile::Open(path);
    ASSERT_TRUE(file.ok());
    const TensorInfo& last = file->tensors().at("vocabulary.bytes");
    EXPECT_EQ((last.offset + last.bytes) % 64, 0u);
    std::filesystem::remove(path);
  }
}

TEST(Vocabulary, CopiesOutliveTheFirst) {
  Vocabulary copy;
  {
    const auto vocabulary = Vocabulary::Create(std::vector<WordCount>{{"kept", 4}});
    copy = *vocabulary;
  }
  EXPECT_EQ(copy.Find("kept"), WordId{0});
}

// The stored index must stay readable by later versions: a golden slot layout of XXH3.
TEST(Vocabulary, StoredIndexFollowsXxh3) {
  const std::string path = TestPath("golden.safetensors");
  ASSERT_TRUE(Save(*Vocabulary::Create(std::vector<WordCount>{{"a", 1}}), path).ok());
  const auto file = SafetensorsFile::Open(path);
  ASSERT_TRUE(file.ok());
  const auto index = file->Vector<std::int32_t>("vocabulary.index");
  ASSERT_TRUE(index.ok());
  // XXH3_64bits("a") = 0xE6C632B61E964E1F (xxhsum -H3): odd, so slot 1 of 2.
  EXPECT_THAT(*index, ::testing::ElementsAre(-1, -1, static_cast<std::int32_t>(0xE6C632B6u), 0));
  std::filesystem::remove(path);
}

// Writes four tensors as they are, whether they fit together or not.
struct RawVocabulary {
  std::vector<std::int64_t> offsets = {0, 1, 2}, counts = {2, 1};
  std::vector<std::int32_t> index = {-1, -1, -1, -1, -1, -1, -1, -1};
  std::string bytes = "ab";

  absl::StatusOr<Vocabulary> Reload() const {
    const std::string path = TestPath("hostile.safetensors");
    SafetensorsWriter writer;
    writer.Declare("vocabulary.offsets", DType::kI64, {offsets.size()});
    writer.Declare("vocabulary.counts", DType::kI64, {counts.size()});
    writer.Declare("vocabulary.index", DType::kI32, {index.size()});
    writer.Declare("vocabulary.bytes", DType::kU8, {bytes.size()});
    CONEC_RETURN_IF_ERROR(writer.Begin(path));
    CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(offsets)));
    CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(counts)));
    CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int32_t>(index)));
    CONEC_RETURN_IF_ERROR(writer.Append(std::as_bytes(std::span(bytes))));
    CONEC_RETURN_IF_ERROR(writer.Commit());
    auto loaded = Load(path);
    std::filesystem::remove(path);
    return loaded;
  }
};

TEST(VocabularyHostile, TensorsThatDoNotFitTogetherAreDataLoss) {
  const auto expect_data_loss = [](const RawVocabulary& raw) {
    EXPECT_EQ(raw.Reload().status().code(), absl::StatusCode::kDataLoss);
  };
  EXPECT_TRUE(RawVocabulary{}.Reload().ok());
  expect_data_loss({.offsets = {}});
  expect_data_loss({.offsets = {0, 1}});
  expect_data_loss({.offsets = {0, 1, 3}});
  expect_data_loss({.offsets = {1, 1, 2}});
  expect_data_loss({.offsets = {0, 1, -1}});
  expect_data_loss({.counts = {1}});
  expect_data_loss({.index = {}});
  expect_data_loss({.index = {0, 0, 0}});
  expect_data_loss({.index = {0, 0, 0, 0}});
  expect_data_loss({.index = {0, 0, 0, 0, 0, 0}});
}

TEST(VocabularyHostile, MissingTensorIsDataLoss) {
  const std::string path = TestPath("none.safetensors");
  SafetensorsWriter writer;
  ASSERT_TRUE(writer.Begin(path).ok());
  ASSERT_TRUE(writer.Commit().ok());
  EXPECT_EQ(Load(path).status().code(), absl::StatusCode::kDataLoss);
  std::filesystem::remove(path);
}

TEST(VocabularyHostile, WildOffsetsGiveEmptyWords) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const auto vocabulary =
      RawVocabulary{
          .offsets = {0, kHuge, -5, 2, 1, 2}, .counts = {1, 1, 1, 1, 1}, .index = std::vector<std::int32_t>(16, 0)}
          .Reload();
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.status();
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(vocabulary->word(WordId{i}), "");
  EXPECT_EQ(vocabulary->word(WordId{4}), "b");
  EXPECT_EQ(vocabulary->word(WordId{5}), "");
  EXPECT_EQ(vocabulary->word(kEndOfDocument), "");
  EXPECT_EQ(vocabulary->Validate().code(), absl::StatusCode::kDataLoss);
}

TEST(VocabularyHostile, FullIndexOfWildIdsEndsEveryLookup) {
  for (const std::int32_t id : {0, 1, 2, 1000, std::numeric_limits<std::int32_t>::max()}) {
    for (const std::int32_t tag : {0, static_cast<std::int32_t>(0xE6C632B6u)}) {  // the latter: the tag of "a"
      RawVocabulary raw;
      for (std::size_t slot = 0; slot < 4; ++slot) raw.index[2 * slot] = tag, raw.index[2 * slot + 1] = id;
      const auto vocabulary = raw.Reload();
      ASSERT_TRUE(vocabulary.ok());
      EXPECT_EQ(vocabulary->Find("a").has_value(), id == 0 && tag != 0);
      EXPECT_FALSE(vocabulary->Find("absent"));
      EXPECT_EQ(vocabulary->Validate().code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(VocabularyHostile, NegativeCountsReadAsZeroAndFailValidation) {
  const auto vocabulary = RawVocabulary{.counts = {-7, 4}}.Reload();
  ASSERT_TRUE(vocabulary.ok());
  EXPECT_EQ(vocabulary->count(WordId{0}), 0u);
  EXPECT_EQ(vocabulary->total_count(), 4u);
  EXPECT_EQ(vocabulary->Validate().code(), absl::StatusCode::kDataLoss);
}

TEST(VocabularyHostile, DuplicateWordFailsValidation) {
  RawVocabulary raw{.bytes = "aa"};
  raw.index = {-1, -1, -1, -1, -1, -1, static_cast<std::int32_t>(0xE6C632B6u), 0};  // "a" lives in slot 3 of 4
  const auto vocabulary = raw.Reload();
  ASSERT_TRUE(vocabulary.ok());
  EXPECT_EQ(vocabulary->Find("a"), WordId{0});
  EXPECT_THAT(std::string(vocabulary->Validate().message()), HasSubstr("entry 1"));
}

}  // namespace
}  // namespace conec::corpora
