#include "corpora/encoded_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "corpora/segments.h"

namespace conec::corpora {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A corpus file made by hand: two words, whatever stream and metadata.
struct HandMade {
  std::vector<std::int32_t> ids = {0, 1, -2, 1, -1};
  std::map<std::string, std::string> metadata = DefaultMetadata();
  bool has_ids = true, has_vocabulary = true;
  std::vector<std::uint8_t> shapes = {};  // none: no tensor

  static std::map<std::string, std::string> DefaultMetadata() {
    std::map<std::string, std::string> metadata = {
        {"format", "conec-corpus"}, {"format_version", "2"}, {"segment_length", "3"}};
    CorpusStatistics statistics;
    statistics.tokens = 3;
    StoreStatistics(statistics, metadata);
    return metadata;
  }

  absl::Status Write(const std::string& path) const {
    CONEC_ASSIGN_OR_RETURN(const Vocabulary vocabulary, Vocabulary::Create(std::vector<WordCount>{{"b", 2}, {"a", 1}}));
    SafetensorsWriter writer;
    for (const auto& [key, value] : metadata) writer.SetMetadata(key, value);
    if (has_vocabulary) vocabulary.DeclareTensors(writer);
    if (has_ids) writer.Declare("ids", DType::kI32, {ids.size()});
    if (!shapes.empty()) writer.Declare("shapes", DType::kU8, {shapes.size()});
    CONEC_RETURN_IF_ERROR(writer.Begin(path));
    if (has_vocabulary) CONEC_RETURN_IF_ERROR(vocabulary.AppendTensors(writer));
    if (has_ids) CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int32_t>(ids)));
    if (!shapes.empty()) CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::uint8_t>(shapes)));
    return writer.Commit();
  }
};

class EncodedCorpusTest : public ::testing::Test {
 protected:
  ~EncodedCorpusTest() override { std::filesystem::remove(path_); }
  absl::StatusOr<EncodedCorpus> Open(const HandMade& file) const {
    CONEC_RETURN_IF_ERROR(file.Write(path_));
    return EncodedCorpus::Open(path_);
  }
  void ExpectInvalid(const HandMade& file, const std::string& what) const {
    const auto corpus = Open(file);
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    EXPECT_EQ(corpus->Validate().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(corpus->Validate().message()), HasSubstr(what));
  }
  const std::string path_ = ::testing::TempDir() + "/corpus-" + std::to_string(getpid());
};

TEST_F(EncodedCorpusTest, OpenGivesStreamVocabularyAndStatistics) {
  const auto corpus = Open({});
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_THAT(corpus->stream(), ElementsAre(WordId{0}, WordId{1}, kEndOfSegment, WordId{1}, kEndOfDocument));
  EXPECT_EQ(corpus->vocabulary().word(WordId{1}), "a");
  EXPECT_EQ(corpus->statistics().tokens, 3u);
  EXPECT_TRUE(corpus->Validate().ok()) << corpus->Validate();
  EXPECT_TRUE(EncodedCorpus::IsEncodedCorpus(path_));
}

TEST_F(EncodedCorpusTest, EmptyStreamIsValid) {
  const auto corpus = Open({.ids = {}});
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_TRUE(corpus->Validate().ok());
}

TEST_F(EncodedCorpusTest, ValidateNamesThePositionOfWhatIsWrong) {
  ExpectInvalid({.ids = {0, 1, 2, -1}}, "position 2");
  ExpectInvalid({.ids = {0, 0x7FFFFFFE, -1}}, "position 1");
  ExpectInvalid({.ids = {-4, -1}}, "position 0");
  ExpectInvalid({.ids = {0, 1}}, "position 1");
  ExpectInvalid({.ids = {0, 1, -2}}, "position 2");
  ExpectInvalid({.ids = {0, -2, 0, 1, 1, 1, -1}}, "position 5");
  ExpectInvalid({.ids = {0, -3, -3, 1, -1}}, "longer than 3");
}

TEST_F(EncodedCorpusTest, ShapesAreThoseOfTheFileIfItHasSome) {
  const auto without = Open({});
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_TRUE(without->shapes().empty());
  const auto with = Open({.shapes = {1, 15, 0, 4, 0}});
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_TRUE(with->Validate().ok()) << with->Validate();
  EXPECT_THAT(with->shapes(), ElementsAre(tokenize::WordShape{1}, tokenize::WordShape{15}, tokenize::WordShape{0},
                                          tokenize::WordShape{4}, tokenize::WordShape{0}));
}

TEST_F(EncodedCorpusTest, ShapesThatAreNoneAreNamedAndMissingOnesRefused) {
  ExpectInvalid({.shapes = {1, 16, 0, 4, 0}}, "position 1 of the shapes");
  ExpectInvalid({.shapes = {1, 2, 2, 4, 0}}, "position 2 of the shapes");
  ExpectInvalid({.shapes = {1, 2, 0, 4, 255}}, "position 4 of the shapes");
  const absl::Status status = Open({.shapes = {1, 2, 0, 4}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("4 shapes for 5 ids"));
}

TEST_F(EncodedCorpusTest, FilesThatAreNoCorpusAreRefused) {
  const auto expect_code = [&](HandMade file, absl::StatusCode code) { EXPECT_EQ(Open(file).status().code(), code); };
  expect_code({.metadata = {}}, absl::StatusCode::kDataLoss);
  expect_code({.has_ids = false}, absl::StatusCode::kDataLoss);
  expect_code({.has_vocabulary = false}, absl::StatusCode::kDataLoss);
  HandMade file;
  file.metadata["format"] = "something";
  expect_code(file, absl::StatusCode::kDataLoss);
  file = {};
  file.metadata["format_version"] = "3";
  expect_code(file, absl::StatusCode::kFailedPrecondition);
  for (const char* value : {"", "x", "-1", "1x", "99999999999999999999"}) {
    file = {};
    file.metadata["statistics.tokens"] = value;
    expect_code(file, absl::StatusCode::kDataLoss);
  }
}

TEST_F(EncodedCorpusTest, EveryTruncationIsRefused) {
  ASSERT_TRUE(HandMade{}.Write(path_).ok());
  const std::string whole = *ReadFileToString(path_);
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 50) {
    ASSERT_TRUE(WriteFile(path_, whole.substr(0, size)).ok());
    EXPECT_EQ(EncodedCorpus::Open(path_).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

// Whatever one byte becomes: training on it is refused.
TEST_F(EncodedCorpusTest, EveryChangeOfOneByteIsRefused) {
  HandMade file{.shapes = {1, 15, 0, 4, 0}};
  file.metadata["tokenizer.fold_case"] = "true";
  ASSERT_TRUE(file.Write(path_).ok());
  const std::string whole = *ReadFileToString(path_);
  std::size_t opened = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
    std::filesystem::remove(path_);  // some file systems bring a file that is truncated and written again to the disk
    std::ofstream(path_, std::ios::binary) << changed;
    const auto corpus = EncodedCorpus::Open(path_);
    if (!corpus.ok()) continue;
    ++opened;
    const absl::Status status = corpus->Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << i;
    EXPECT_THAT(std::string(status.message()), HasSubstr("'" + path_ + "' is damaged"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("encode the text again"));
  }
  EXPECT_GT(opened, 100u);  // whose header still is one
}

TEST_F(EncodedCorpusTest, FilesOfTheVersionWithoutAChecksumAreToBeEncodedAgain) {
  HandMade file;
  file.metadata["format_version"] = "1";
  const absl::Status status = Open(file).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("format version 1"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("encode the text again"));
}

TEST_F(EncodedCorpusTest, IsRecognisedByItsBeginningEvenIfTruncated) {
  ASSERT_TRUE(HandMade{}.Write(path_).ok());
  const std::string whole = *ReadFileToString(path_);
  ASSERT_TRUE(WriteFile(path_, whole.substr(0, whole.size() - 100)).ok());
  EXPECT_TRUE(EncodedCorpus::IsEncodedCorpus(path_));
  for (const std::string& text : {std::string(), std::string("short"), std::string("just some text, long enough"),
                                  std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{\"format\"")}) {
    ASSERT_TRUE(WriteFile(path_, text).ok());
    EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus(path_));
  }
  EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus(::testing::TempDir()));
  EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus("/nonexistent"));
  EXPECT_FALSE(EncodedCorpus::IsEncodedCorpus("-"));
}

TEST(Statistics, LoadAfterStoreIsIdentity) {
  const CorpusStatistics statistics{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::map<std::string, std::string> metadata;
  StoreStatistics(statistics, metadata);
  const auto loaded = LoadStatistics(metadata);
  ASSERT_TRUE(loaded.ok());
  std::map<std::string, std::string> again;
  StoreStatistics(*loaded, again);
  EXPECT_EQ(again, metadata);
  EXPECT_EQ(metadata.size(), 9u);
  EXPECT_EQ(loaded->bytes, 1u);
  EXPECT_EQ(loaded->invalid_utf8, 9u);
}

using Segments = std::vector<std::pair<std::size_t, std::size_t>>;

Segments SegmentsOf(std::span<const WordId> stream, std::size_t first, std::size_t last) {
  Segments segments;
  ForEachSegment(stream, first, last, [&](std::size_t begin, std::size_t end) { segments.emplace_back(begin, end); });
  return segments;
}

TEST(Segments, WalkPassesOverMarksAndEmptySegments) {
  const std::vector<WordId> stream = {WordId{4}, kGap,           WordId{1},      kEndOfSegment, kEndOfSegment,
                                      WordId{2}, kEndOfDocument, kEndOfDocument, WordId{3},     kEndOfDocument};
  EXPECT_EQ(SegmentsOf(stream, 0, stream.size()), (Segments{{0, 3}, {5, 6}, {8, 9}}));
  EXPECT_EQ(SegmentsOf({}, 0, 0), Segments{});
}

// Whatever the cuts, the parts have the same segments as the whole.
TEST(Segments, CutsAtSegmentBeginsShareNoSegment) {
  const std::vector<WordId> stream = {WordId{4},      kGap,           WordId{1}, kEndOfSegment, WordId{2},
                                      kEndOfDocument, kEndOfDocument, WordId{3}, WordId{3},     kEndOfDocument};
  const Segments whole = SegmentsOf(stream, 0, stream.size());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const std::size_t middle = NextSegmentBegin(stream, cut);
    ASSERT_GE(middle, cut);
    ASSERT_TRUE(middle == 0 || middle == stream.size() || EndsSegment(stream[middle - 1]));
    Segments parts = SegmentsOf(stream, 0, middle);
    for (const auto& segment : SegmentsOf(stream, middle, stream.size())) parts.push_back(segment);
    EXPECT_EQ(parts, whole) << cut;
  }
}

}  // namespace
}  // namespace conec::corpora
