// What README.md promises of sizes: programs and file formats take them, and what is beyond them is refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "corpora/encoded_corpus.h"
#include "corpora/vocabulary.h"
#include "corpora/word_table.h"
#include "tests/tools/run_program.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::testing_tools {
namespace {

using corpora::WordId;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::uint64_t kPast32Bits = std::uint64_t{1} << 32;
constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;

// As little training as there is, but for what `more` says.
std::vector<std::string> Train(const std::string& input, const std::string& output,
                               const std::vector<std::string>& more) {
  std::vector<std::string> command = {"conec-train", "--input",    input,  "--output",
                                      output,        "--progress", "none", "--json"};
  const std::vector<std::pair<std::string, std::string>> least = {
      {"--dim", "1"},       {"--negatives", "1"},          {"--window", "1"}, {"--epochs", "1"},
      {"--min-count", "1"}, {"--tokenizer", "whitespace"}, {"--threads", "2"}};
  for (const auto& [name, value] : least) {
    if (std::find(more.begin(), more.end(), name) == more.end()) command.insert(command.end(), {name, value});
  }
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::string Word(std::size_t i) {
  return "w" + std::to_string(i);
}

// --- Vocabularies.

constexpr std::uint32_t kManyWords = 50'000'000;

TEST(Limits, FiftyMillionWordsAreCounted) {
  corpora::WordTable table;
  for (std::uint32_t i = 0; i < kManyWords; ++i) table.Add(Word(i), 1);
  ASSERT_EQ(table.size(), kManyWords);
  for (const std::uint32_t i : {0u, 12'345'678u, kManyWords - 1}) {
    EXPECT_EQ(table.word(i), Word(i));
    EXPECT_EQ(table.Add(Word(i), 2), i);
    EXPECT_EQ(table.count(i), 3u);
  }
}

TEST(Limits, FiftyMillionWordsAreStoredAndFound) {
  const TempFolder folder;
  {
    std::vector<corpora::WordCount> words(kManyWords);
    for (std::uint32_t i = 0; i < kManyWords; ++i) words[i] = {Word(i), kManyWords - i};
    auto vocabulary = corpora::Vocabulary::Create(words);
    ASSERT_TRUE(vocabulary.ok()) << vocabulary.status();
    words = {};
    SafetensorsWriter writer;
    vocabulary->DeclareTensors(writer);
    ASSERT_TRUE(writer.Begin(folder / "vocabulary").ok());
    ASSERT_TRUE(vocabulary->AppendTensors(writer).ok());
    ASSERT_TRUE(writer.Commit().ok());
  }
  auto file = SafetensorsFile::Open(folder / "vocabulary");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto opened = corpora::Vocabulary::FromFile(std::make_shared<const SafetensorsFile>(*std::move(file)));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->size(), kManyWords);
  EXPECT_EQ(opened->total_count(), std::uint64_t{kManyWords} * (kManyWords + 1) / 2);
  for (std::uint32_t i = 0; i < kManyWords; i += 99'991) ASSERT_EQ(opened->Find(Word(i)), WordId{i});
  EXPECT_FALSE(opened->Find(Word(kManyWords)).has_value());
}

// The whole way, with words that all occur once.
TEST(Limits, MillionsOfWordsAreTrainedAndServed) {
  constexpr std::size_t kWords = 3'000'000;
  const TempFolder folder;
  std::string text;
  for (std::size_t i = 0; i < kWords; ++i) text += Word(i) + (i % 20 == 19 ? '\n' : ' ');
  WriteAll(folder / "text.txt", text);
  const RunResult trained = RunProgram(Train(folder / "text.txt", folder / "model", {}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  EXPECT_EQ(Json::parse(trained.out)["vocabulary"], kWords);
  const RunResult nearest = RunProgram({"conec-nn", "--model", folder / "model", "--json", Word(kWords - 1)});
  EXPECT_EQ(nearest.exit_code, 0) << nearest.error;
}

// --- Positions.

// More ids than 32 bits can count, of which all but the last are word 0 and take no memory.
class LongStream {
 public:
  explicit LongStream(std::size_t size) : size_(size) {
    void* pages = mmap(nullptr, size * sizeof(WordId), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ids_ = pages == MAP_FAILED ? nullptr : static_cast<WordId*>(pages);
  }
  LongStream(const LongStream&) = delete;
  LongStream& operator=(const LongStream&) = delete;
  ~LongStream() {
    if (ids_ != nullptr) munmap(ids_, size_ * sizeof(WordId));
  }
  bool ok() const { return ids_ != nullptr; }
  WordId& operator[](std::size_t i) { return ids_[i]; }
  std::span<const WordId> ids() const { return {ids_, size_}; }

 private:
  std::size_t size_;
  WordId* ids_ = nullptr;
};

class PositionsPast32Bits : public ::testing::Test {
 protected:
  static constexpr std::size_t kTail = 8 * word2vec::Schedule::kBlockPositions;
  static constexpr std::uint32_t kWords = 40;

  void SetUp() override {
    if (!stream_.ok()) GTEST_SKIP() << "no address space for " << stream_.ids().size_bytes() << " bytes";
    stream_[kPast32Bits - 1] = corpora::kEndOfDocument;
    for (std::size_t i = 0; i < kTail; ++i) {
      stream_[kPast32Bits + i] =
          i % 16 == 15 ? corpora::kEndOfSegment : WordId{static_cast<std::uint32_t>(i * 7 % kWords)};
    }
    stream_[kPast32Bits + kTail - 1] = corpora::kEndOfDocument;
  }

  word2vec::TrainOptions Options() const {
    word2vec::TrainOptions options{.dim = 8, .window = 3, .negatives = 3, .epochs = 1, .learning_rate = 0.1};
    options.final_learning_rate = 1;
    options.shuffle = false;
    options.threads = 1;
    return options;
  }

  // The tables after training the tail alone.
  template <typename Create>
  word2vec::EmbeddingTables TrainTail(Create create, std::span<const WordId> stream) const {
    const std::vector<std::int64_t> counts(kWords, 10);
    auto tables = word2vec::InitializeTables(kWords, 8, 1).value();
    const auto trainer = create(Options(), word2vec::TrainingCorpus{stream, counts}, tables);
    EXPECT_TRUE(trainer.ok()) << trainer.status();
    const std::size_t blocks = word2vec::Schedule(Options(), stream).size();
    const auto result = (*trainer)->TrainBlocks(0, blocks - kTail / word2vec::Schedule::kBlockPositions, blocks);
    EXPECT_TRUE(result.ok() && (*trainer)->Synchronize().ok());
    EXPECT_GT(result->trained_words, kTail / 2);
    return tables;
  }

  static double Difference(const word2vec::EmbeddingTables& a, const word2vec::EmbeddingTables& b) {
    double largest = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::size_t j = 0; j < 8; ++j) {
        largest = std::max<double>(largest, std::abs(a.input.row(i)[j] - b.input.row(i)[j]));
      }
    }
    return largest;
  }

  LongStream stream_{kPast32Bits + kTail};
};

TEST_F(PositionsPast32Bits, AreTrainedAsTheReferenceDoes) {
  const auto fast = TrainTail(word2vec::CreateCpuTrainer, stream_.ids());
  const auto reference = TrainTail(word2vec::CreateReferenceTrainer, stream_.ids());
  EXPECT_LT(Difference(fast, reference), 1e-4);
  EXPECT_GT(Difference(fast, word2vec::InitializeTables(kWords, 8, 1).value()), 1e-2);
}

TEST_F(PositionsPast32Bits, HaveDrawsOfTheirOwn) {
  const auto here = TrainTail(word2vec::CreateCpuTrainer, stream_.ids());
  const auto at_zero = TrainTail(word2vec::CreateCpuTrainer, stream_.ids().subspan(kPast32Bits));
  EXPECT_GT(Difference(here, at_zero), 1e-3);
}

TEST_F(PositionsPast32Bits, AreEachInOneBlock) {
  const word2vec::Schedule schedule(Options(), stream_.ids());
  ASSERT_EQ(schedule.size(), (kPast32Bits + kTail) / word2vec::Schedule::kBlockPositions);
  std::size_t end = kPast32Bits;
  for (std::size_t i = kPast32Bits / word2vec::Schedule::kBlockPositions; i < schedule.size(); ++i) {
    const auto block = schedule.At(0, i);
    EXPECT_EQ(block.begin, end);
    end = block.end;
  }
  EXPECT_EQ(end, stream_.ids().size());
}

// The start of an encoded corpus file whose last tensor, the ids, has grown to so many; zeros that take no disk follow.
std::string WithMoreIds(const std::string& file, std::uint64_t ids) {
  std::uint64_t length = 0;
  std::copy_n(file.data(), sizeof(length), reinterpret_cast<char*>(&length));
  Json header = Json::parse(file.substr(sizeof(length), length));
  const std::string data = file.substr(sizeof(length) + length);
  Json& tensor = header["ids"];
  const std::uint64_t begin = tensor["data_offsets"][0];
  EXPECT_EQ(data.size(), tensor["data_offsets"][1].get<std::uint64_t>()) << "the ids come last";
  tensor["shape"] = {ids};
  tensor["data_offsets"] = {begin, begin + ids * sizeof(WordId)};
  std::string text = header.dump();
  text.resize((sizeof(length) + text.size() + 63) / 64 * 64 - sizeof(length), ' ');
  length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text + data;
}

TEST(Limits, EncodedCorporaHaveAsManyIdsAsTheDiskHolds) {
  constexpr std::uint64_t kIds = kPast32Bits + 5;
  const TempFolder folder;
  WriteAll(folder / "text.txt", "a b c a b\n");
  const RunResult trained = RunProgram(Train(folder / "text.txt", folder / "model", {"--corpus", folder / "corpus"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const std::string file = ReadAll(folder / "corpus"), start = WithMoreIds(file, kIds);
  const std::size_t few = corpora::EncodedCorpus::Open(folder / "corpus")->stream().size();
  WriteAll(folder / "corpus", start);
  std::filesystem::resize_file(folder / "corpus", start.size() + (kIds - few) * sizeof(WordId));
  const auto corpus = corpora::EncodedCorpus::Open(folder / "corpus");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(corpus->stream().size(), kIds);
  EXPECT_EQ(corpus->stream()[few - 1], corpora::kEndOfDocument);
  EXPECT_EQ(corpus->stream().back(), WordId{0});
}

// --- Text.

// A named pipe that a thread writes to.
class Generator {
 public:
  // repeats: of `part`, before `last`.
  Generator(const std::string& path, std::string part, std::uint64_t repeats, std::string last) {
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    thread_ = std::thread([=] {
      std::signal(SIGPIPE, SIG_IGN);
      std::ofstream pipe(path, std::ios::binary);
      for (std::uint64_t i = 0; i < repeats && pipe.good(); ++i) pipe << part;
      pipe << last;
    });
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator() { thread_.join(); }

 private:
  std::thread thread_;
};

// A megabyte of words of 63 letters.
std::string Megabyte() {
  std::string text;
  while (text.size() < kMegabyte) text += std::string(62, static_cast<char>('a' + text.size() / 64 % 26)) + "x ";
  return text;
}

TEST(Limits, ALineOfMoreThanTwoGigabytesTakesLittleMemory) {
  constexpr std::uint64_t kMegabytes = 2100;
  const TempFolder folder;
  RunResult trained;
  {
    const Generator text(folder / "pipe", Megabyte(), kMegabytes, "\n");
    trained = RunProgram(Train("-", folder / "model", {"--format", "line"}), {.input_file = folder / "pipe"});
  }
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const Json result = Json::parse(trained.out);
  EXPECT_EQ(result["documents"], 1);
  EXPECT_EQ(result["tokens"], kMegabytes * kMegabyte / 64);
  EXPECT_LT(result["peak_rss_kb"], 600'000) << "the encoded corpus is mapped: 140 MB";
}

TEST(Limits, AJsonLineOfMoreThan256MiBIsRefused) {
  const TempFolder folder;
  RunResult trained;
  {
    const Generator text(folder / "pipe", Megabyte(), 300, "\"}\n");
    trained = RunProgram(Train("-", folder / "model", {"--format", "jsonl"}), {.input_file = folder / "pipe"});
  }
  EXPECT_EQ(trained.exit_code, 1);
  EXPECT_THAT(trained.error, HasSubstr("256 MiB"));
}

TEST(Limits, TenThousandFilesAreReadOneAfterTheOther) {
  constexpr std::size_t kFiles = 10'000;
  const TempFolder folder;
  std::filesystem::create_directory(folder / "text");
  for (std::size_t i = 0; i < kFiles; ++i) {
    WriteAll(folder / ("text/" + Word(i) + ".txt"), "the file " + Word(i) + " of the folder\n");
  }
  const RunResult trained = RunProgram(Train(folder / "text", folder / "model", {}), {.most_descriptors = 64});
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const Json result = Json::parse(trained.out);
  EXPECT_EQ(result["documents"], kFiles);
  EXPECT_EQ(result["vocabulary"], kFiles + 4);
}

TEST(Limits, DocumentsOfOneWordAndOfTenMillion) {
  constexpr std::size_t kWords = 10'000'000, kDistinct = 1000;
  const TempFolder folder;
  std::string text;
  for (std::size_t i = 0; i < kWords; ++i) text += Word(i * 7919 % kDistinct) + (i % 16 == 15 ? ' ' : '\t');
  WriteAll(folder / "text.txt", Word(1) + "\n" + text + "\n" + Word(2) + "\n");
  text = {};
  const RunResult trained = RunProgram(Train(folder / "text.txt", folder / "model", {"--format", "line"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  EXPECT_EQ(Json::parse(trained.out)["documents"], 3);
  EXPECT_EQ(Json::parse(trained.out)["tokens"], kWords + 2);
  const RunResult embedded =
      RunProgram({"conec-embed", "--model", folder / "model", "--input", folder / "text.txt", "--input-format", "line",
                  "--output", folder / "words.tsv", "--format", "tsv", "--json", "--progress", "none"});
  ASSERT_EQ(embedded.exit_code, 0) << embedded.error;
  const std::string rows = ReadAll(folder / "words.tsv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), kDistinct + 2);
}

// --- Dimensions.

class Dimensions : public ::testing::TestWithParam<int> {};

TEST_P(Dimensions, TrainEmbedAndAreServed) {
  const TempFolder folder;
  std::string text;
  for (std::size_t i = 0; i < 3000; ++i) text += Word(i * i % 97) + (i % 15 == 14 ? '\n' : ' ');
  WriteAll(folder / "text.txt", text);
  const std::string dim = std::to_string(GetParam());
  const RunResult trained = RunProgram(Train(folder / "text.txt", folder / "model", {"--dim", dim}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  WriteAll(folder / "new.txt", "w1 w4 unknown w9 w16");
  const RunResult embedded = RunProgram({"conec-embed", "--model", folder / "model", "--input", folder / "new.txt",
                                         "--format", "jsonl", "--progress", "none"});
  ASSERT_EQ(embedded.exit_code, 0) << embedded.error;
  const Json words = Json::parse(embedded.out)["words"];
  ASSERT_EQ(words.size(), 5u);
  for (const Json& word : words) {
    double length = 0;
    for (const double x : word["vector"]) length += x * x;
    EXPECT_EQ(word["vector"].size(), static_cast<std::size_t>(GetParam()));
    const bool cancelled = GetParam() == 1 && length == 0;  // contexts of as many ones as minus ones
    EXPECT_TRUE(cancelled || std::abs(length - 1) < 1e-3) << length;
  }
  EXPECT_EQ(RunProgram({"conec-nn", "--model", folder / "model", "w1"}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Of, Dimensions, ::testing::Values(1, 2, 3, 7, 15, 17, 63, 129, 1023, 4095, 4096));

TEST(Limits, WhatIsBeyondThemIsNamed) {
  const TempFolder folder;
  WriteAll(folder / "text.txt", "some text\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--dim", "4097"}, "--dim is 4097: expected 1 to 4096"},
      {{"--dim", "0"}, "--dim is 0: expected 1 to 4096"},
      {{"--window", "1001"}, "--window is 1001: expected 1 to 1000"},
      {{"--negatives", "1001"}, "--negatives is 1001: expected 1 to 1000"},
      {{"--shared-negatives", "1001"}, "--shared-negatives is 1001: expected 1 to 1000"},
      {{"--epochs", "1000001"}, "--epochs is 1000001: expected 0 to 1000000"},
      {{"--threads", "4097"}, "--threads must be between 0 (all cores) and 4096, got 4097"},
      {{"--context-window", "10001"}, "10000"}};
  for (const auto& [options, message] : wrong) {
    const RunResult result = RunProgram(Train(folder / "text.txt", folder / "model", options));
    EXPECT_EQ(result.exit_code, 2) << result.error;
    EXPECT_THAT(result.error, HasSubstr(message));
  }
}

}  // namespace
}  // namespace conec::testing_tools
