#include "corpora/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "base/random.h"
#include "tests/corpora/memory_reader.h"

namespace conec::corpora {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Documents = std::vector<std::string>;

// A folder of its own, removed with all it holds.
class EncodeTest : public ::testing::Test {
 protected:
  EncodeTest() { std::filesystem::create_directories(folder_); }
  ~EncodeTest() override { std::filesystem::remove_all(folder_); }

  std::string Path() const { return folder_ + "/corpus.bin"; }
  std::vector<std::string> FolderContents() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    return names;
  }

  absl::StatusOr<EncodedCorpus> Encode(const EncodeOptions& options, MemoryReader reader,
                                       const EncodeProgressFn& progress = nullptr) const {
    return EncodeCorpus(options, reader, Path(), {}, progress);
  }
  // The bytes of the file.
  std::string EncodedBytes(const EncodeOptions& options, MemoryReader reader) const {
    const auto corpus = Encode(options, std::move(reader));
    EXPECT_TRUE(corpus.ok()) << corpus.status();
    return *ReadFileToString(Path());
  }

 private:
  const std::string folder_ = ::testing::TempDir() + "/encode-" + std::to_string(getpid());
};

EncodeOptions Whitespace(std::uint64_t min_count = 1) {
  EncodeOptions options;
  options.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  options.min_count = min_count;
  options.threads = 1;
  return options;
}

// Words and marks: "a b / a # _": / ends a segment, # a document, _ is a gap.
std::string Decode(const EncodedCorpus& corpus) {
  std::string text;
  for (const WordId id : corpus.stream()) {
    if (!text.empty()) text += ' ';
    if (id == kEndOfDocument) text += '#';
    if (id == kEndOfSegment) text += '/';
    if (id == kGap) text += '_';
    if (IsWord(id)) text += corpus.vocabulary().word(id);
  }
  return text;
}

// Zipf-like words w0, w1, ...: the rank is geometric with a random scale, so that some are frequent and many rare.
std::string RandomWord(PhiloxStream& random) {
  const std::uint32_t range = 1u << (1 + random.Below(11));
  return "w" + std::to_string(random.Below(range));
}

Documents RandomDocuments(std::size_t documents, std::uint32_t words, std::uint64_t seed) {
  PhiloxStream random(seed);
  Documents result(documents);
  for (std::string& document : result) {
    for (std::uint32_t i = random.Below(2 * words); i > 0; --i) {
      document += RandomWord(random);
      document += random.Below(12) == 0 ? "\n" : " ";
      if (random.Below(40) == 0) document += "\n\n";
    }
  }
  return result;
}

// What the encoder should write, as plainly as can be: whole documents, lines as segments, words that were counted
// min_count times and are among the `cap` first.
struct Oracle {
  std::vector<WordCount> words;
  std::string text;

  Oracle(const Documents& documents, std::uint64_t min_count, std::size_t cap, std::size_t segment_length) {
    std::map<std::string, std::uint64_t> counts;
    for (const std::string& document : documents) {
      std::istringstream stream(document);
      for (std::string word; stream >> word;) ++counts[word];
    }
    for (const auto& [word, count] : counts) {
      if (count >= min_count) words.push_back({word, count});
    }
    Vocabulary::SortByCount(words);
    if (cap > 0 && words.size() > cap) words.resize(cap);
    std::map<std::string, bool> known;
    for (const WordCount& entry : words) known[entry.word] = true;
    for (const std::string& document : documents) AppendDocument(document, known, segment_length);
  }

  void AppendDocument(const std::string& document, const std::map<std::string, bool>& known,
                      std::size_t segment_length) {
    std::vector<std::vector<std::string>> segments;
    bool has_tokens = false;
    std::istringstream lines(document);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream stream(line);
      std::vector<std::string> segment;
      for (std::string word; stream >> word;) {
        has_tokens = true;
        if (!known.contains(word)) continue;
        if (segment.size() == segment_length) segments.push_back(std::exchange(segment, {}));
        segment.push_back(word);
      }
      if (!segment.empty()) segments.push_back(segment);
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (i > 0) text += "/ ";
      for (const std::string& word : segments[i]) text += word + " ";
    }
    if (has_tokens) text += "# ";
  }
};

TEST_F(EncodeTest, StreamIsTheTextWithoutWordsOutsideTheVocabulary) {
  const Documents documents = RandomDocuments(30, 300, 3);
  struct Case {
    std::uint64_t min_count;
    std::size_t cap;
    std::uint32_t segment_length;
  };
  for (const Case& c : {Case{1, 0, 1000}, Case{5, 0, 1000}, Case{2, 17, 1000}, Case{3, 0, 4}, Case{1, 0, 1}}) {
    EncodeOptions options = Whitespace(c.min_count);
    options.max_vocabulary = c.cap;
    options.segment_length = c.segment_length;
    const auto corpus = Encode(options, MemoryReader(documents));
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    const Oracle oracle(documents, c.min_count, c.cap, c.segment_length);
    EXPECT_EQ(Decode(*corpus) + " ", oracle.text);
    ASSERT_EQ(corpus->vocabulary().size(), oracle.words.size());
    for (std::uint32_t i = 0; i < oracle.words.size(); ++i) {
      EXPECT_EQ(corpus->vocabulary().word(WordId{i}), oracle.words[i].word);
      EXPECT_EQ(corpus->vocabulary().count(WordId{i}), oracle.words[i].count);
    }
    EXPECT_TRUE(corpus->Validate().ok()) << corpus->Validate();
  }
}

TEST_F(EncodeTest, FileDoesNotDependOnThreadsOrBatches) {
  const Documents documents = RandomDocuments(12, 3000, 8);
  for (const bool keep_gaps : {false, true}) {
    EncodeOptions options = Whitespace(4);
    options.keep_gaps = keep_gaps;
    options.segment_length = 7;
    const std::string expected = EncodedBytes(options, MemoryReader(documents));
    for (const int threads : {1, 2, 4}) {
      options.threads = threads;
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const std::size_t mean_piece = std::size_t{20} << (2 * (seed % 4));
        EXPECT_EQ(EncodedBytes(options, MemoryReader(documents, mean_piece, 5, seed)), expected)
            << threads << " threads, seed " << seed;
      }
    }
  }
}

// With join_lines a cut between two line breaks must not hide the empty line.
TEST_F(EncodeTest, JoinedLinesDoNotDependOnBatches) {
  EncodeOptions options = Whitespace();
  options.tokenizer.join_lines = true;
  Documents documents = {"a b\nc\n\nd\ne\n\n\n\nf g\n"};
  const auto corpus = Encode(options, MemoryReader(documents));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a b c / d e / f g #");
  const std::string expected = *ReadFileToString(Path());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(EncodedBytes(options, MemoryReader(documents, 2, 2, seed)), expected);
  }
}

TEST_F(EncodeTest, OneDocumentCutInManyPiecesStaysOneSegment) {
  std::string document;
  for (int i = 0; i < 5000; ++i) document += "word" + std::to_string(i % 7) + " ";
  EncodeOptions options = Whitespace();
  options.segment_length = 100000;
  options.threads = 3;
  const auto corpus = Encode(options, MemoryReader({document}, 50, 3));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(corpus->stream().size(), 5001u);
  EXPECT_EQ(corpus->statistics().segments, 1u);
}

TEST_F(EncodeTest, StatisticsCountWhatWasRead) {
  const Documents documents = {"a b a c\na\n\nx\n", "", " \n ", "y\n", "a b"};
  const auto corpus = Encode(Whitespace(2), MemoryReader(documents));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a b a / a # # a b #");
  const CorpusStatistics& statistics = corpus->statistics();
  EXPECT_EQ(statistics.bytes, 21u);
  EXPECT_EQ(statistics.documents, 3u) << "documents without tokens are none";
  EXPECT_EQ(statistics.segments, 3u);
  EXPECT_EQ(statistics.tokens, 9u);
  EXPECT_EQ(statistics.words, 6u);
  EXPECT_EQ(statistics.words, corpus->vocabulary().total_count());
  EXPECT_EQ(statistics.distinct_words, 5u);
  EXPECT_EQ(statistics.pruned_words, 0u);
  EXPECT_EQ(statistics.invalid_utf8, 0u);
}

TEST_F(EncodeTest, GapsKeepPlacesBetweenWordsOnly) {
  EncodeOptions options = Whitespace(2);
  options.keep_gaps = true;
  const auto corpus = Encode(options, MemoryReader({"x a y z a b u\nv\nb w\n", "q", "r b s b"}));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a _ _ a b / b # # b _ b #");
  EXPECT_EQ(corpus->statistics().words, 6u);
  EXPECT_EQ(corpus->metadata().at("keep_gaps"), "true");
}

TEST_F(EncodeTest, GapsCountForTheSegmentLength) {
  EncodeOptions options = Whitespace(2);
  options.keep_gaps = true;
  options.segment_length = 3;
  const auto corpus = Encode(options, MemoryReader({"a x y z a b b u a a p q r s t a"}));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a / a b b / a a / a #");
  EXPECT_TRUE(corpus->Validate().ok());
}

TEST_F(EncodeTest, SegmentIsCutOnlyIfItGoesOn) {
  EncodeOptions options = Whitespace();
  options.segment_length = 3;
  const auto corpus = Encode(options, MemoryReader({"a a a\nb b b b\nc c c c c c", "d d d"}));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a a a / b b b / b / c c c / c c c # d d d #");
}

TEST_F(EncodeTest, EqualCountsAreOrderedByBytes) {
  const auto corpus = Encode(Whitespace(), MemoryReader({"b \xC3\xA4 a B z z"}));
  ASSERT_TRUE(corpus.ok());
  std::vector<std::string> words;
  for (std::uint32_t i = 0; i < corpus->vocabulary().size(); ++i) {
    words.emplace_back(corpus->vocabulary().word(WordId{i}));
  }
  EXPECT_THAT(words, ElementsAre("z", "B", "a", "b", "\xC3\xA4"));
}

TEST_F(EncodeTest, NothingReachingMinCountIsExplained) {
  const auto corpus = Encode(Whitespace(5), MemoryReader({"a b a c", "b"}));
  EXPECT_EQ(corpus.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(corpus.status().message(),
            "--min-count 5: none of the 3 distinct words (5 tokens) occurs so often; lower --min-count");
  EXPECT_THAT(FolderContents(), IsEmpty());
}

TEST_F(EncodeTest, InputWithoutWordsIsExplained) {
  for (const Documents& documents : {Documents{}, Documents{" \n"}, Documents{"", ""}}) {
    const auto corpus = Encode(Whitespace(), MemoryReader(documents));
    EXPECT_EQ(corpus.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(corpus.status().message()), HasSubstr("holds no words"));
  }
}

TEST_F(EncodeTest, BadOptionsAreNamed) {
  EncodeOptions options = Whitespace();
  options.segment_length = 0;
  EXPECT_THAT(std::string(Encode(options, MemoryReader({"a"})).status().message()), HasSubstr("--segment-length"));
  options = Whitespace();
  options.threads = -1;
  EXPECT_THAT(std::string(Encode(options, MemoryReader({"a"})).status().message()), HasSubstr("--threads"));
  MemoryReader reader({"a"});
  EXPECT_EQ(EncodeCorpus(Whitespace(), reader, "/dev/null").status().code(), absl::StatusCode::kInvalidArgument);
}

// ---- invalid UTF-8

TEST_F(EncodeTest, InvalidUtf8IsReportedWithFileAndByte) {
  for (const int threads : {1, 4}) {
    EncodeOptions options = Whitespace();
    options.threads = threads;
    const Documents documents = {"fine\n", "one\ntwo t\xFFo\nthree\n", "later \xFE\n"};
    const auto corpus = Encode(options, MemoryReader(documents, 3, 1));
    EXPECT_EQ(corpus.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(corpus.status().message());
    EXPECT_THAT(message, HasSubstr("'memory.txt': invalid UTF-8 at byte 14 (line 3)"));
    EXPECT_THAT(message, HasSubstr("--invalid-utf8"));
    EXPECT_THAT(FolderContents(), IsEmpty());
  }
}

TEST_F(EncodeTest, InvalidUtf8InDecodedTextNamesTheLine) {
  EncodeOptions options = Whitespace();
  options.input.format = DocumentFormat::kJsonl;
  const auto corpus = Encode(options, MemoryReader({"x\n", "a\nb \xFF"}));
  EXPECT_THAT(std::string(corpus.status().message()), HasSubstr("begins at line 2 (byte 2)"));
}

TEST_F(EncodeTest, InvalidUtf8IsReplacedOrSkippedAndCounted) {
  EncodeOptions options = Whitespace();
  options.invalid_utf8 = tokenize::InvalidUtf8::kReplace;
  auto corpus = Encode(options, MemoryReader({"a\xFF z\xFE\xFE"}));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(Decode(*corpus), "a\xEF\xBF\xBD z\xEF\xBF\xBD\xEF\xBF\xBD #");
  EXPECT_EQ(corpus->statistics().invalid_utf8, 3u);
  options.invalid_utf8 = tokenize::InvalidUtf8::kSkip;
  corpus = Encode(options, MemoryReader({"a\xFF z\xFE\xFE"}));
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(Decode(*corpus), "a z #");
  EXPECT_EQ(corpus->statistics().invalid_utf8, 3u);
}

// ---- pruning

TEST_F(EncodeTest, PruningDropsTheRarestAndReportsThem) {
  // Batches of one document: after the second the table of 4 exceeds 3, and the words seen once go.
  EncodeOptions options = Whitespace();
  options.prune_table_at = 3;
  const auto corpus = Encode(options, MemoryReader({"a a b", "c c d", "b a b"}, 0, 1));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(Decode(*corpus), "a a # c c # b a b #");
  EXPECT_EQ(corpus->vocabulary().count(*corpus->vocabulary().Find("b")), 2u) << "its first occurrence was dropped";
  EXPECT_EQ(corpus->statistics().pruned_words, 2u);
  EXPECT_EQ(corpus->statistics().pruned_tokens, 2u);
  EXPECT_EQ(corpus->statistics().tokens, 9u);
  EXPECT_EQ(corpus->statistics().words, 7u);
  EXPECT_EQ(corpus->statistics().distinct_words, 3u);
}

TEST_F(EncodeTest, PruningNeitherDropsNorCountsKnownWords) {
  EncodeOptions options = Whitespace();
  options.prune_table_at = 3;
  options.known = *Vocabulary::Create(std::vector<WordCount>{{"absent", 7}, {"known", 1}});
  const Documents documents = {"known a a b", "c c d", "b a b known"};
  const auto corpus = Encode(options, MemoryReader(documents, 0, 1));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(Decode(*corpus), "known a a # c c # b a b known #");
  EXPECT_EQ(corpus->vocabulary().count(*corpus->vocabulary().Find("known")), 2u);
  EXPECT_EQ(corpus->vocabulary().count(*corpus->vocabulary().Find("absent")), 0u);
  EXPECT_EQ(corpus->statistics().pruned_words, 2u);
  EXPECT_EQ(corpus->statistics().distinct_words, 4u) << "known, a, b, c";
  options.prune_table_at = 1;  // fewer than are known
  const auto small = Encode(options, MemoryReader(documents, 0, 1));
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_EQ(small->vocabulary().size(), 2u);
  EXPECT_EQ(small->vocabulary().count(*small->vocabulary().Find("known")), 2u);
}

TEST_F(EncodeTest, PrunedCorpusHoldsExactlyItsCountedTokens) {
  const Documents documents = RandomDocuments(60, 400, 21);
  const std::string unpruned = EncodedBytes(Whitespace(3), MemoryReader(documents, 0, 1));
  for (const std::uint64_t limit : {10u, 50u, 300u}) {
    EncodeOptions options = Whitespace(3);
    options.prune_table_at = limit;
    options.threads = 3;
    const auto corpus = Encode(options, MemoryReader(documents, 0, 1));
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    EXPECT_TRUE(corpus->Validate().ok()) << corpus->Validate();
    EXPECT_LE(corpus->statistics().distinct_words, limit);
    EXPECT_GT(corpus->statistics().pruned_words, 0u);
    std::vector<std::int64_t> recount(corpus->vocabulary().size());
    for (const WordId id : corpus->stream()) {
      if (IsWord(id)) ++recount[Index(id)];
    }
    EXPECT_TRUE(std::equal(recount.begin(), recount.end(), corpus->vocabulary().counts().begin()));
    const std::string one_thread = *ReadFileToString(Path());
    options.threads = 1;
    EXPECT_EQ(EncodedBytes(options, MemoryReader(documents, 0, 1)), one_thread);
  }
  EncodeOptions roomy = Whitespace(3);
  roomy.prune_table_at = 100000;
  EXPECT_EQ(EncodedBytes(roomy, MemoryReader(documents, 0, 1)), unpruned);
}

TEST_F(EncodeTest, PruningIsNamedWhenNothingIsLeft) {
  EncodeOptions options = Whitespace(2);
  options.prune_table_at = 2;
  const auto corpus = Encode(options, MemoryReader({"a b c", "a b c"}, 0, 1));
  EXPECT_THAT(std::string(corpus.status().message()), HasSubstr("--prune-table-at"));
}

// ---- failures leave nothing behind

TEST_F(EncodeTest, CancelLeavesNoFiles) {
  EncodeOptions options = Whitespace();
  options.threads = 2;
  const auto corpus =
      Encode(options, MemoryReader(RandomDocuments(50, 2000, 1), 200, 4), [](const EncodeProgress&) { return false; });
  EXPECT_EQ(corpus.status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(FolderContents(), IsEmpty());
}

TEST_F(EncodeTest, ProgressTellsHowMuchWasRead) {
  EncodeProgress last;
  const Documents documents = RandomDocuments(20, 500, 4);
  const auto corpus = Encode(Whitespace(), MemoryReader(documents), [&](const EncodeProgress& progress) {
    last = progress;
    return true;
  });
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(last.bytes_read, corpus->statistics().bytes);
  EXPECT_EQ(last.bytes_total, corpus->statistics().bytes);
  EXPECT_EQ(last.tokens, corpus->statistics().tokens);
  EXPECT_EQ(last.distinct_words, corpus->statistics().distinct_words);
}

TEST_F(EncodeTest, ReaderErrorIsPassedOnAfterErrorsBeforeIt) {
  for (const int threads : {1, 4}) {
    EncodeOptions options = Whitespace();
    options.threads = threads;
    MemoryReader reader({"a b", "c"}, 0, 1);
    reader.FailAtEnd(DataLoss("'memory.txt.gz': corrupt at byte 7"));
    EXPECT_EQ(EncodeCorpus(options, reader, Path()).status(), DataLoss("'memory.txt.gz': corrupt at byte 7"));
    MemoryReader earlier({"a b", "\xFF"}, 0, 1);
    earlier.FailAtEnd(DataLoss("corrupt"));
    EXPECT_THAT(std::string(EncodeCorpus(options, earlier, Path()).status().message()), HasSubstr("invalid UTF-8"));
    EXPECT_THAT(FolderContents(), IsEmpty());
  }
}

TEST_F(EncodeTest, FullDiskIsAnErrorAndKeepsTheOldFile) {
  const Documents documents = RandomDocuments(20, 2000, 6);
  const std::size_t size = EncodedBytes(Whitespace(), MemoryReader(documents)).size();
  ASSERT_TRUE(WriteFile(Path(), "old").ok());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  // The temporary file, without the vocabulary, is smaller than the result.
  const std::pair<rlim_t, std::string> limits[] = {{10000, "cannot write a temporary file"},
                                                   {size - 1, "cannot write '" + Path()}};
  for (const auto& [bytes, message] : limits) {
    const rlimit limit{bytes, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const auto corpus = Encode(Whitespace(), MemoryReader(documents, 1000, 3));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_FALSE(corpus.ok());
    EXPECT_THAT(std::string(corpus.status().message()), HasSubstr(message));
    EXPECT_THAT(FolderContents(), ElementsAre("corpus.bin"));
    EXPECT_EQ(*ReadFileToString(Path()), "old");
  }
  std::signal(SIGXFSZ, old_handler);
}

// ---- metadata

TEST_F(EncodeTest, MetadataHoldsOptionsAndTheCallersEntries) {
  EncodeOptions options = Whitespace(2);
  options.segment_length = 9;
  options.tokenizer.fold_digits = true;
  MemoryReader reader({"a a"});
  const auto corpus = EncodeCorpus(options, reader, Path(), {{"command_line", "conec-train --input x"}});
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(corpus->metadata().at("command_line"), "conec-train --input x");
  EXPECT_EQ(corpus->metadata().at("min_count"), "2");
  EXPECT_EQ(corpus->metadata().at("segment_length"), "9");
  EXPECT_EQ(corpus->metadata().at("keep_gaps"), "false");
  const auto tokenizer = LoadTokenizerOptions(corpus->metadata());
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ(tokenizer->kind, tokenize::TokenizerKind::kWhitespace);
  EXPECT_TRUE(tokenizer->fold_digits);
}

TEST(TokenizerMetadata, LoadAfterStoreIsIdentity) {
  tokenize::TokenizerOptions options;
  options.kind = tokenize::TokenizerKind::kWhitespace;
  options.normalization = tokenize::Normalization::kNfkd;
  options.fold_case = false;
  options.fold_digits = true;
  options.keep_punctuation = true;
  options.segments = tokenize::SegmentBoundary::kDocument;
  options.join_lines = true;
  options.locale = "fi";
  std::map<std::string, std::string> metadata, again;
  StoreTokenizerOptions(options, metadata);
  const auto loaded = LoadTokenizerOptions(metadata);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  StoreTokenizerOptions(*loaded, again);
  EXPECT_EQ(again, metadata);
  EXPECT_EQ(loaded->locale, "fi");
  EXPECT_FALSE(loaded->fold_case);
  EXPECT_TRUE(loaded->join_lines);
  EXPECT_EQ(loaded->segments, tokenize::SegmentBoundary::kDocument);
  EXPECT_EQ(loaded->normalization, tokenize::Normalization::kNfkd);
}

TEST(TokenizerMetadata, HoldsALineTokenOnlyIfThereIsOne) {
  tokenize::TokenizerOptions options;
  options.kind = tokenize::TokenizerKind::kPretokenized;
  options.segments = tokenize::SegmentBoundary::kDocument;
  std::map<std::string, std::string> metadata;
  StoreTokenizerOptions(options, metadata);
  EXPECT_FALSE(metadata.contains("tokenizer.line_token"));
  options.line_token = "</s>";
  StoreTokenizerOptions(options, metadata);
  const auto loaded = LoadTokenizerOptions(metadata);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->line_token, "</s>");
  EXPECT_EQ(loaded->kind, tokenize::TokenizerKind::kPretokenized);
}

TEST(TokenizerMetadata, ALineTokenThatCouldNotBeIsDataLoss) {
  for (const char* token : {"two words", "\xFF"}) {
    const auto loaded = LoadTokenizerOptions({{"tokenizer.segments", "document"}, {"tokenizer.line_token", token}});
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(TokenizerMetadata, UnknownValueIsDataLossAndAbsentOnesAreDefaults) {
  for (const char* key : {"tokenizer.kind", "tokenizer.normalization", "tokenizer.segments", "tokenizer.fold_case"}) {
    const auto loaded = LoadTokenizerOptions({{key, "bogus"}});
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(loaded.status().message()), HasSubstr(key));
  }
  const auto defaults = LoadTokenizerOptions({});
  ASSERT_TRUE(defaults.ok());
  EXPECT_EQ(defaults->kind, tokenize::TokenizerOptions{}.kind);
}

}  // namespace
}  // namespace conec::corpora
