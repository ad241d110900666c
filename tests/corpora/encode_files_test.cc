// Encoding from files, with the real reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "corpora/encode.h"
#include "tests/corpora/memory_reader.h"

namespace conec::corpora {
namespace {

using ::testing::HasSubstr;

class EncodeFilesTest : public ::testing::Test {
 protected:
  EncodeFilesTest() { std::filesystem::create_directories(folder_ + "/text"); }
  ~EncodeFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const { ASSERT_TRUE(WriteFile(Path(name), text).ok()); }
  EncodeOptions Options() const {
    EncodeOptions options;
    options.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
    options.input.inputs = {Path("text")};
    options.min_count = 1;
    return options;
  }

 private:
  const std::string folder_ = ::testing::TempDir() + "/encode-files-" + std::to_string(getpid());
};

TEST_F(EncodeFilesTest, KnownWordsAreKeptHoweverRareAndCountedHere) {
  Write("text/a", "b b b c c c c a x\n");
  EncodeOptions options = Options();
  options.min_count = 3;
  options.known = *Vocabulary::Create(std::vector<WordCount>{{"a", 2}, {"absent", 9}, {"b", 3}});
  const auto expect = [&](const std::vector<WordCount>& words, const std::vector<std::uint32_t>& stream) {
    const auto corpus = EncodeCorpus(options, Path("corpus"));
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    ASSERT_TRUE(corpus->Validate().ok()) << corpus->Validate();
    ASSERT_EQ(corpus->vocabulary().size(), words.size());
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(corpus->vocabulary().word(WordId{i}), words[i].word);
      EXPECT_EQ(corpus->vocabulary().count(WordId{i}), words[i].count) << words[i].word;
    }
    ASSERT_EQ(corpus->stream().size(), stream.size() + 1);
    for (std::size_t i = 0; i < stream.size(); ++i) EXPECT_EQ(Index(corpus->stream()[i]), stream[i]) << i;
  };
  // By both counts: absent 9, b 6, c 4, a 3.
  expect({{"absent", 0}, {"b", 3}, {"c", 4}, {"a", 1}}, {1, 1, 1, 2, 2, 2, 2, 3});
  options.max_vocabulary = 3;
  expect({{"absent", 0}, {"b", 3}, {"a", 1}}, {1, 1, 1, 2});
  options.max_vocabulary = 0;
  options.only_known = true;
  expect({{"absent", 0}, {"b", 3}, {"a", 1}}, {1, 1, 1, 2});
  options.known = *Vocabulary::Create(std::vector<WordCount>{{"absent", 9}});
  const auto none = EncodeCorpus(options, Path("corpus"));
  EXPECT_TRUE(absl::IsInvalidArgument(none.status()));
  EXPECT_THAT(std::string(none.status().message()),
              HasSubstr("none of the 4 distinct words (9 tokens) is one of the 1 known words"));
}

TEST_F(EncodeFilesTest, FilesAndMemoryGiveTheSameCorpus) {
  // Larger than the batches that the encoder asks for, so that documents are cut.
  std::vector<std::string> documents(3);
  PhiloxStream random(5);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    while (documents[i].size() < 1500000 * i + 10) {
      documents[i] += "word" + std::to_string(random.Below(3000)) + (random.Below(9) == 0 ? "\n" : " ");
    }
    Write("text/" + std::to_string(i) + ".txt", documents[i]);
  }
  MemoryReader reader(documents);
  ASSERT_TRUE(EncodeCorpus(Options(), reader, Path("memory.bin")).ok());
  const auto corpus = EncodeCorpus(Options(), Path("files.bin"));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(corpus->statistics().documents, 3u);
  EXPECT_TRUE(*ReadFileToString(Path("files.bin")) == *ReadFileToString(Path("memory.bin")));
}

TEST_F(EncodeFilesTest, ATemporaryCorpusIsTheSameAndHasNoName) {
  Write("text/a.txt", "a b a c\na b d");
  std::filesystem::create_directories(Path("scratch"));
  const auto temporary = EncodeTemporaryCorpus(Options(), Path("scratch"));
  ASSERT_TRUE(temporary.ok()) << temporary.status();
  EXPECT_TRUE(std::filesystem::is_empty(Path("scratch")));
  const auto kept = EncodeCorpus(Options(), Path("corpus.bin"));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(std::ranges::equal(temporary->stream(), kept->stream()));
  EXPECT_EQ(temporary->metadata(), kept->metadata());
  EXPECT_EQ(temporary->Fingerprint().vocabulary, kept->Fingerprint().vocabulary);
  EXPECT_EQ(temporary->Fingerprint().stream, kept->Fingerprint().stream);
  EXPECT_TRUE(temporary->Validate().ok());
}

TEST_F(EncodeFilesTest, FingerprintsDifferWhereCorporaDo) {
  const auto of = [&](const std::string& text, bool shapes = false) {
    Write("text/a.txt", text);
    EncodeOptions options = Options();
    options.shapes = shapes;
    return EncodeTemporaryCorpus(options, Path("text"))->Fingerprint();
  };
  const CorpusFingerprint first = of("a b a c");
  EXPECT_EQ(of("a  b a  c").stream, first.stream);
  EXPECT_NE(of("b a a c").stream, first.stream);
  EXPECT_NE(of("a b a c", true).stream, first.stream);
  EXPECT_EQ(of("b a a c").vocabulary, first.vocabulary);
  EXPECT_EQ(of("aa b aa c").stream, first.stream);
  EXPECT_NE(of("aa b aa c").vocabulary, first.vocabulary);
  EXPECT_NE(of("a b a c c").vocabulary, of("a b a c a").vocabulary);  // counts
}

TEST_F(EncodeFilesTest, InvalidUtf8NamesTheFileAndTheByte) {
  Write("text/a.txt", "fine");
  Write("text/b.txt", "one\ntwo \xC3(");
  const auto corpus = EncodeCorpus(Options(), Path("corpus.bin"));
  EXPECT_EQ(corpus.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(corpus.status().message()),
              HasSubstr(Path("text/b.txt") + "': invalid UTF-8 at byte 8 (line 2)"));
  EXPECT_FALSE(std::filesystem::exists(Path("corpus.bin")));
}

TEST_F(EncodeFilesTest, InvalidUtf8InJsonLinesIsTreatedAsTheOptionSays) {
  Write("text/a.jsonl", "{\"text\": \"fine\"}\n{\"text\": \"a\xFF b\"}\n");
  EncodeOptions options = Options();
  options.input.format = DocumentFormat::kJsonl;
  EXPECT_THAT(std::string(EncodeCorpus(options, Path("corpus.bin")).status().message()),
              HasSubstr(Path("text/a.jsonl") + "': invalid UTF-8 in the text that begins at line 2"));
  for (const auto& [policy, word] :
       {std::pair{tokenize::InvalidUtf8::kReplace, "a\xEF\xBF\xBD"}, std::pair{tokenize::InvalidUtf8::kSkip, "a"}}) {
    options.invalid_utf8 = policy;
    const auto corpus = EncodeCorpus(options, Path("corpus.bin"));
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    EXPECT_TRUE(corpus->vocabulary().Find(word).has_value());
    EXPECT_EQ(corpus->statistics().invalid_utf8, 1u);
  }
}

TEST_F(EncodeFilesTest, LinesAreDocuments) {
  Write("text/a.txt", "a b\n\n \nc\n");
  EncodeOptions options = Options();
  options.input.format = DocumentFormat::kLine;
  const auto corpus = EncodeCorpus(options, Path("corpus.bin"));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(corpus->statistics().documents, 2u);
  EXPECT_EQ(corpus->stream().size(), 5u);
}

TEST_F(EncodeFilesTest, EncodedCorpusIsFoundWhereTextIsExpectedWithoutTouchingPipes) {
  Write("text/a.txt", "a b");
  ASSERT_TRUE(EncodeCorpus(Options(), Path("corpus.bin")).ok());
  EXPECT_TRUE(EncodedCorpus::IsEncodedCorpus(Path("corpus.bin")));
  EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus(Path("text/a.txt")));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus(Path("pipe"))) << "opening the pipe would wait for a writer";
}

TEST_F(EncodeFilesTest, ImpossibleOutputIsRefusedBeforeReading) {
  Write("text/a.txt", "a b");
  EncodeOptions options = Options();
  options.input.inputs = {Path("absent")};
  EXPECT_EQ(EncodeCorpus(options, Path("corpus.bin")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(EncodeCorpus(options, Path("text")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodeCorpus(Options(), Path("no-such-folder/corpus.bin")).status().code(), absl::StatusCode::kNotFound);
}

// Numbers from an independent count (Python's split and Counter).
TEST_F(EncodeFilesTest, Wiki8HasItsKnownCounts) {
  const char* data = std::getenv("CONEC_DATA");
  const std::string wiki8 = std::string(data != nullptr ? data : "") + "/wiki8.zst";
  if (!std::filesystem::exists(wiki8)) GTEST_SKIP() << "CONEC_DATA names no folder with wiki8.zst";
  EncodeOptions options = Options();
  options.input.inputs = {wiki8};
  options.min_count = 5;
  const auto corpus = EncodeCorpus(options, Path("corpus.bin"));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(corpus->statistics().bytes, 100000000u);
  EXPECT_EQ(corpus->statistics().tokens, 16936381u);
  EXPECT_EQ(corpus->statistics().distinct_words, 218921u);
  EXPECT_EQ(corpus->statistics().documents, 1u);
  EXPECT_EQ(corpus->vocabulary().size(), 67939u);
  EXPECT_EQ(corpus->statistics().words, corpus->vocabulary().total_count());
  EXPECT_EQ(corpus->statistics().segments, (corpus->statistics().words + 999) / 1000);
  EXPECT_TRUE(corpus->Validate().ok()) << corpus->Validate();
}

EncodeOptions ConllOptions(const std::string& path) {
  EncodeOptions options;
  options.input.inputs = {path};
  options.input.format = DocumentFormat::kConll;
  options.tokenizer.kind = tokenize::TokenizerKind::kPretokenized;
  options.tokenizer.segments = tokenize::SegmentBoundary::kDocument;
  options.tokenizer.line_token = "</s>";
  options.min_count = 1;
  options.segment_length = 100000;  // documents stay whole
  return options;
}

TEST_F(EncodeFilesTest, ConllSentencesOfADocumentAreOneSegmentWithALineTokenAfterEach) {
  Write("a.conll", "-DOCSTART- O\n\nEU B\nrejects O\n. O\n\nU.N. B\n\n-DOCSTART- O\n\nEU B");
  const auto corpus = EncodeCorpus(ConllOptions(Path("a.conll")), Path("corpus.bin"));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  std::vector<std::string> words;
  for (const WordId id : corpus->stream()) {
    words.emplace_back(IsWord(id) ? corpus->vocabulary().word(id) : id == kEndOfDocument ? "|" : "?");
  }
  EXPECT_THAT(words, ::testing::ElementsAre("eu", "rejects", ".", "</s>", "u.n.", "</s>", "|", "eu", "</s>", "|"));
}

TEST_F(EncodeFilesTest, Conll2003HasALineTokenForEachOfItsPublishedSentences) {
  const char* data = std::getenv("CONEC_DATA");
  if (data == nullptr) GTEST_SKIP() << "CONEC_DATA names no folder with conll2003/eng.train";
  const auto corpus = EncodeCorpus(ConllOptions(std::string(data) + "/conll2003/eng.train"), Path("corpus.bin"));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const auto line_token = corpus->vocabulary().Find("</s>");
  ASSERT_TRUE(line_token.has_value());
  EXPECT_EQ(corpus->vocabulary().count(*line_token), 14041u);
  EXPECT_EQ(corpus->statistics().words, 203621u + 14041u);
  EXPECT_EQ(corpus->statistics().segments, 946u);
}

}  // namespace
}  // namespace conec::corpora
