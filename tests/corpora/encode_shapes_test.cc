// Shapes in encoded corpora: each word and gap keeps its own, whatever becomes of the words around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "base/file.h"
#include "base/random.h"
#include "corpora/encode.h"
#include "tests/corpora/memory_reader.h"

namespace conec::corpora {
namespace {

using tokenize::LetterCase;
using tokenize::WordShape;
using Documents = std::vector<std::string>;

class EncodeShapesTest : public ::testing::Test {
 protected:
  EncodeShapesTest() { std::filesystem::create_directories(folder_); }
  ~EncodeShapesTest() override { std::filesystem::remove_all(folder_); }

  std::string Path() const { return folder_ + "/corpus.bin"; }
  EncodedCorpus Encode(const EncodeOptions& options, MemoryReader reader) const {
    auto corpus = EncodeCorpus(options, reader, Path());
    EXPECT_TRUE(corpus.ok()) << corpus.status();
    return *std::move(corpus);
  }
  std::string EncodedBytes(const EncodeOptions& options, MemoryReader reader) const {
    Encode(options, std::move(reader));
    return *ReadFileToString(Path());
  }

 private:
  const std::string folder_ = ::testing::TempDir() + "/encode-shapes-" + std::to_string(getpid());
};

EncodeOptions Options(std::uint64_t min_count = 1) {
  EncodeOptions options;
  options.tokenizer.kind = tokenize::TokenizerKind::kPretokenized;
  options.min_count = min_count;
  options.threads = 1;
  options.shapes = true;
  return options;
}

// "word:shape" for words, "_:shape" for gaps, / and # for marks.
std::string Decode(const EncodedCorpus& corpus) {
  EXPECT_EQ(corpus.shapes().size(), corpus.stream().size());
  std::string text;
  for (std::size_t i = 0; i < corpus.shapes().size(); ++i) {
    const WordId id = corpus.stream()[i];
    const auto shape = static_cast<unsigned>(corpus.shapes()[i]);
    if (EndsSegment(id)) {
      EXPECT_EQ(shape, 0u);
      text += id == kEndOfDocument ? "# " : "/ ";
    } else {
      text += std::string(id == kGap ? "_" : corpus.vocabulary().word(id)) + ":" + std::to_string(shape) + " ";
    }
  }
  return text;
}

// Words of all cases: "Ab", "AB", "ab", "aB", "1", ... that fold to few different ones.
std::string RandomWord(PhiloxStream& random) {
  std::string word;
  for (std::uint32_t n = 1 + random.Below(3); n > 0; --n) word += "aaaaabcdABCD12"[random.Below(14)];
  return word;
}

Documents RandomDocuments(std::size_t documents, std::uint32_t words, std::uint64_t seed) {
  PhiloxStream random(seed);
  Documents result(documents);
  for (std::string& document : result) {
    for (std::uint32_t i = random.Below(2 * words); i > 0; --i) {
      document += RandomWord(random);
      document += random.Below(8) == 0 ? "\n" : " ";
      if (random.Below(40) == 0) document += "\n\n";
    }
  }
  return result;
}

std::string Folded(std::string word) {
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word;
}

std::string ShapeOf(const std::string& word, bool first) {
  return ":" + std::to_string(static_cast<unsigned>(tokenize::MakeWordShape(tokenize::LetterCaseOf(word), first)));
}

// What Decode() should give, as plainly as can be.
std::string ExpectedText(const Documents& documents, std::uint64_t min_count, bool keep_gaps) {
  std::map<std::string, std::uint64_t> counts;
  for (const std::string& document : documents) {
    std::istringstream stream(document);
    for (std::string word; stream >> word;) ++counts[Folded(word)];
  }
  std::string text;
  for (const std::string& document : documents) {
    std::istringstream lines(document);
    std::string of_document;
    bool has_tokens = false;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream stream(line);
      std::string segment, gaps;
      bool first = true;
      for (std::string word; stream >> word; first = false) {
        has_tokens = true;
        if (counts[Folded(word)] >= min_count) {
          segment += (segment.empty() || !keep_gaps ? "" : gaps) + Folded(word) + ShapeOf(word, first) + " ";
          gaps.clear();
        } else {
          gaps += "_" + ShapeOf(word, first) + " ";
        }
      }
      if (!segment.empty()) of_document += (of_document.empty() ? "" : "/ ") + segment;
    }
    if (has_tokens) text += of_document + "# ";
  }
  return text;
}

TEST_F(EncodeShapesTest, EveryWordAndGapHasTheShapeOfItsPlaceInTheText) {
  const Documents documents = RandomDocuments(30, 200, 3);
  for (const std::uint64_t min_count : {1, 8, 40}) {
    for (const bool keep_gaps : {false, true}) {
      EncodeOptions options = Options(min_count);
      options.keep_gaps = keep_gaps;
      const EncodedCorpus corpus = Encode(options, MemoryReader(documents));
      EXPECT_EQ(Decode(corpus), ExpectedText(documents, min_count, keep_gaps));
      EXPECT_TRUE(corpus.Validate().ok()) << corpus.Validate();
    }
  }
}

TEST_F(EncodeShapesTest, DoNotDependOnThreadsOrBatches) {
  const Documents documents = RandomDocuments(12, 2000, 8);
  for (const auto segments : {tokenize::SegmentBoundary::kLine, tokenize::SegmentBoundary::kDocument}) {
    for (const char* line_token : {"", "</s>"}) {
      EncodeOptions options = Options(4);
      options.tokenizer.segments = segments;
      if (segments == tokenize::SegmentBoundary::kDocument) options.tokenizer.line_token = line_token;
      options.keep_gaps = true;
      options.segment_length = 7;
      const std::string expected = EncodedBytes(options, MemoryReader(documents));
      for (const int threads : {1, 2, 4}) {
        options.threads = threads;
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
          const std::size_t mean_piece = std::size_t{3} << (2 * (seed % 4));
          EXPECT_EQ(EncodedBytes(options, MemoryReader(documents, mean_piece, 5, seed)), expected)
              << threads << " threads, seed " << seed << ", segments " << Name(segments);
        }
      }
    }
  }
}

TEST_F(EncodeShapesTest, StayWithTheirWordsWhenTheTableIsPruned) {
  PhiloxStream random(4);
  Documents documents(20);
  for (std::string& document : documents) {
    for (int i = 0; i < 400; ++i) document += RandomWord(random) + std::to_string(random.Below(300)) + " " + "Ab cd ";
  }
  EncodeOptions options = Options();
  options.tokenizer.fold_case = false;  // so that a word tells its shape
  options.prune_table_at = 200;
  options.keep_gaps = true;
  for (const int threads : {1, 3}) {
    options.threads = threads;
    const EncodedCorpus corpus = Encode(options, MemoryReader(documents, 200, 2));
    ASSERT_GT(corpus.statistics().pruned_tokens, 1000u);
    std::size_t words = 0, gaps = 0;
    for (std::size_t i = 0; i < corpus.stream().size(); ++i) {
      const WordId id = corpus.stream()[i];
      gaps += id == kGap ? 1 : 0;
      if (!IsWord(id)) continue;
      ++words;
      const bool first = i == 0 || EndsSegment(corpus.stream()[i - 1]);
      const auto shape = static_cast<unsigned>(corpus.shapes()[i]);
      const LetterCase letter_case = tokenize::LetterCaseOf(corpus.vocabulary().word(id));
      ASSERT_EQ(shape / 2, static_cast<unsigned>(letter_case)) << i;
      ASSERT_LE(shape % 2, first ? 1u : 0u) << i;
    }
    EXPECT_GT(words, 16000u);
    EXPECT_GT(gaps, 1000u);
  }
}

TEST_F(EncodeShapesTest, ChangeNothingElse) {
  const Documents documents = RandomDocuments(10, 300, 5);
  EncodeOptions options = Options(3);
  const EncodedCorpus with = Encode(options, MemoryReader(documents));
  const std::vector<WordId> stream(with.stream().begin(), with.stream().end());
  const std::size_t bytes = std::filesystem::file_size(Path());
  options.shapes = false;
  const EncodedCorpus without = Encode(options, MemoryReader(documents));
  EXPECT_TRUE(std::equal(stream.begin(), stream.end(), without.stream().begin(), without.stream().end()));
  EXPECT_TRUE(without.shapes().empty());
  EXPECT_EQ(without.metadata(), with.metadata());
  EXPECT_GE(bytes, std::filesystem::file_size(Path()) + stream.size());
}

TEST_F(EncodeShapesTest, OfConllWordsTellTheirSentences) {
  ASSERT_TRUE(WriteFile(Path() + ".conll",
                        "-DOCSTART- O\n\nEU B\nrejects O\n1996 O\n. O\n\nPeter B\nI O\n\n-DOCSTART- O\n\nEU B\n")
                  .ok());
  EncodeOptions options = Options();
  options.input.inputs = {Path() + ".conll"};
  options.input.format = DocumentFormat::kConll;
  for (const auto segments : {tokenize::SegmentBoundary::kSentence, tokenize::SegmentBoundary::kDocument}) {
    options.tokenizer.segments = segments;
    const auto corpus = EncodeCorpus(options, Path());
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    EXPECT_EQ(Decode(*corpus), segments == tokenize::SegmentBoundary::kSentence
                                   ? "eu:7 rejects:2 1996:12 .:0 / peter:5 i:8 # eu:7 # "
                                   : "eu:7 rejects:2 1996:12 .:0 peter:5 i:8 # eu:7 # ");
  }
}

}  // namespace
}  // namespace conec::corpora
