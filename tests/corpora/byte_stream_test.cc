// Compression, archives, pipes and the thread below TextReader.
#include "corpora/byte_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "corpora/byte_source.h"
#include "tests/corpora/compress.h"
#include "tests/corpora/input_fixture.h"
#include "tests/corpora/read_all.h"

namespace conec::corpora {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ByteStreamTest : public InputFixture {
 protected:
  // kDataLoss that names `path`.
  static void ExpectDataLoss(const std::string& path, const std::string& what) {
    const Reading reading = ReadAll({path}, DocumentFormat::kFile);
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kDataLoss) << what << ": " << reading.status;
    EXPECT_THAT(reading.message(), HasSubstr(path)) << what;
  }
  // Every length up to the first and from the last few bytes, and some between.
  static std::vector<std::size_t> CutPoints(std::size_t size) {
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < size; ++i) {
      if (i < 40 || i + 40 >= size || i % (size / 30 + 1) == 0) points.push_back(i);
    }
    return points;
  }
};

constexpr DocumentFormat kTextFormats[] = {DocumentFormat::kFile, DocumentFormat::kLine, DocumentFormat::kParagraph,
                                           DocumentFormat::kConll};

TEST_F(ByteStreamTest, CompressedTextReadsLikePlainText) {
  const std::string text = SomeText(20'000);
  const std::string plain = Write("plain.txt", text);
  for (const DocumentFormat format : kTextFormats) {
    for (const std::size_t target : {1, 10, 1000, 1'000'000}) {
      const std::vector<std::string> expected = ReadAll({plain}, format, target).texts();
      ASSERT_FALSE(expected.empty());
      for (const auto& [filter, ending] : AllCompressions()) {
        const std::string stored = Compress(filter, text);
        const Reading reading = ReadAll({Write("text" + ending, stored)}, format, target);
        ASSERT_TRUE(reading.status.ok()) << reading.status;
        EXPECT_EQ(reading.texts(), expected) << filter;
        EXPECT_EQ(reading.bytes_read, stored.size()) << filter;
        EXPECT_EQ(reading.total_bytes, stored.size()) << filter;
      }
    }
  }
}

TEST_F(ByteStreamTest, JsonLinesMayBeCompressed) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string path = Write("a.jsonl" + ending, Compress(filter, "{\"text\": \"one\"}\n{\"text\": 2}\n"));
    EXPECT_THAT(ReadAll({path}, DocumentFormat::kJsonl).message(), HasSubstr(path + ":2: "));
  }
}

TEST_F(ByteStreamTest, CompressionIsKnownByContentNotByName) {
  for (const auto& [filter, ending] : AllCompressions()) {
    EXPECT_THAT(ReadAll({Write("compressed.txt", Compress(filter, "text"))}, DocumentFormat::kFile).texts(),
                ElementsAre("text"));
    EXPECT_THAT(ReadAll({Write("plain" + ending, "text, not compressed")}, DocumentFormat::kFile).texts(),
                ElementsAre("text, not compressed"));
  }
}

TEST_F(ByteStreamTest, CompressedNothingIsAnEmptyDocument) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const Reading reading = ReadAll({Write("a" + ending, Compress(filter, ""))}, DocumentFormat::kFile);
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre("")) << filter;
  }
}

TEST_F(ByteStreamTest, StreamsOneAfterAnotherAreOneText) {
  const std::string text = SomeText(400'000);
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string two = Compress(filter, text) + Compress(filter, "end");
    EXPECT_TRUE(ReadAll({Write("a" + ending, two)}, DocumentFormat::kFile).texts() == std::vector{text + "end"})
        << filter;
  }
}

TEST_F(ByteStreamTest, TruncationAnywhereIsAnErrorThatNamesTheFile) {
  const std::string text = SomeText(6000);
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string stored = Compress(filter, text);
    for (const std::size_t size : CutPoints(stored.size())) {
      ExpectDataLoss(Write("a" + ending, stored.substr(0, size)), fmt::format("{} cut to {}", filter, size));
    }
  }
}

TEST_F(ByteStreamTest, TruncationOfALaterStreamIsAnErrorToo) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string first = Compress(filter, SomeText(6000)), second = Compress(filter, SomeText(600, 2));
    for (std::size_t size = 1; size < second.size(); size += size < 30 ? 1 : 17) {
      ExpectDataLoss(Write("a" + ending, first + second.substr(0, size)), fmt::format("{} cut to {}", filter, size));
    }
  }
}

TEST_F(ByteStreamTest, TruncationErrorsSayHowFarTheTextWasRead) {
  const std::string stored = Compress("gzip", std::string(1'000'000, 'x') + "\n");
  const Reading reading = ReadAll({Write("a.gz", stored.substr(0, stored.size() - 4))}, DocumentFormat::kFile, 1 << 22);
  EXPECT_THAT(reading.message(), AllOf(HasSubstr("a.gz': truncated gzip data"), HasSubstr("after 1000001 bytes")));
}

TEST_F(ByteStreamTest, WrongCheckSumsAreErrors) {
  const std::string text = SomeText(6000);
  for (const std::string filter : {"gzip", "xz", "bzip2"}) {  // zstd's is optional, and libarchive writes none
    std::string stored = Compress(filter, text);
    const std::size_t sum = filter == "gzip" ? stored.size() - 6 : filter == "xz" ? stored.size() - 36 : 11;
    stored[sum] = static_cast<char>(stored[sum] ^ 1);
    ExpectDataLoss(Write("a", stored), filter);
  }
}

TEST_F(ByteStreamTest, DamageNeverPassesAsTheSameText) {
  const std::string text = SomeText(3000);
  for (const auto& [filter, ending] : AllCompressions()) {
    if (filter == "zstd") continue;  // without a check sum
    const std::string stored = Compress(filter, text);
    for (std::size_t i = 0; i < stored.size(); i += 7) {
      std::string damaged = stored;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
      const Reading reading = ReadAll({Write("a" + ending, damaged)}, DocumentFormat::kFile);
      // Signature damaged: plain bytes. Time stamps and the like: the same text. Never another text without an error.
      if (!reading.status.ok()) continue;
      EXPECT_THAT(reading.texts(), AnyOf(ElementsAre(text), ElementsAre(damaged))) << filter << i;
    }
  }
}

TEST_F(ByteStreamTest, OtherDataAfterAStreamIsAnError) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string stored = Compress(filter, SomeText(6000));
    ExpectDataLoss(Write("a" + ending, stored + "something else"), filter);
    ExpectDataLoss(Write("a" + ending, stored + std::string(500'000, 'x')), filter);
  }
  const std::string padded = Compress("gzip", "text") + std::string(200'000, '\0');
  EXPECT_THAT(ReadAll({Write("a.gz", padded)}, DocumentFormat::kFile).texts(), ElementsAre("text"));
}

const std::vector<TestEntry>& Entries() {
  static const std::vector<TestEntry> entries = {{"b", "", "", true},
                                                 {"b/two.txt", "second file\n", "", false},
                                                 {"./one.txt", "first file\nof two lines\n", "", false},
                                                 {".hidden/x.txt", "hidden", "", false},
                                                 {"b/._two.txt", "hidden", "", false},
                                                 {"empty.txt", "", "", false},
                                                 {"last.txt", "last", "", false}};
  return entries;
}

TEST_F(ByteStreamTest, ArchivesAreTheirFilesInTheirOrder) {
  for (const std::string format : {"zip", "ustar", "gnutar", "pax", "v7tar"}) {
    const std::string path = Write("archive", MakeArchive(format, "", Entries()));
    const Reading reading = ReadAll({path}, DocumentFormat::kFile);
    ASSERT_TRUE(reading.status.ok()) << format << ' ' << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre("second file\n", "first file\nof two lines\n", "", "last")) << format;
    EXPECT_THAT(reading.sources,
                ElementsAre(path + ":b/two.txt", path + ":./one.txt", path + ":empty.txt", path + ":last.txt"));
  }
}

TEST_F(ByteStreamTest, LinksInArchivesAreLeftOut) {
  const std::string path =
      Write("a.tar", MakeArchive("pax", "", {{"link", "", "/etc/passwd", false}, {"file", "x", "", false}}));
  EXPECT_THAT(ReadAll({path}, DocumentFormat::kFile).sources, ElementsAre(path + ":file"));
}

TEST_F(ByteStreamTest, CompressedArchivesAndCompressedEntriesAreRead) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::vector<TestEntry> entries = {{"a" + ending, Compress(filter, "inside"), "", false},
                                            {"b.tar", MakeArchive("ustar", "", {{"c", "deep", "", false}}), "", false},
                                            {"b.zip", MakeArchive("zip", "", {{"d", "zipped", "", false}}), "", false}};
    const std::string path = Write("x.tar" + ending, MakeArchive("ustar", filter, entries));
    const Reading reading = ReadAll({path}, DocumentFormat::kFile);
    EXPECT_THAT(reading.texts(), ElementsAre("inside", "deep", "zipped")) << reading.status;
    EXPECT_THAT(reading.sources, ElementsAre(path + ":a" + ending, path + ":b.tar:c", path + ":b.zip:d"));
  }
}

TEST_F(ByteStreamTest, TruncatedArchivesAreErrors) {
  const std::vector<TestEntry> entries = {{"one.txt", SomeText(3000), "", false},
                                          {"two.txt", SomeText(2000, 2), "", false}};
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string stored = MakeArchive("ustar", filter, entries);
    for (const std::size_t size : CutPoints(stored.size())) {
      ExpectDataLoss(Write("a.tar" + ending, stored.substr(0, size)), fmt::format("{} cut to {}", filter, size));
    }
  }
  const std::string zip = MakeArchive("zip", "", entries);
  for (const std::size_t size : CutPoints(zip.size())) {
    ExpectDataLoss(Write("a.zip", zip.substr(0, size)), fmt::format("zip cut to {}", size));
  }
  const std::string tar = MakeArchive("ustar", "", entries);
  for (const std::size_t size : {0, 1, 100, 511, 512, 600, 3000, 4000, 4200, 5700}) {
    ExpectDataLoss(Write("a.tar", tar.substr(0, size)), fmt::format("tar cut to {}", size));
  }
}

TEST_F(ByteStreamTest, DamagedZipEntriesAreErrorsThatNameTheEntry) {
  std::string zip = MakeArchive("zip", "", {{"one.txt", SomeText(3000), "", false}});
  zip[500] = static_cast<char>(zip[500] ^ 0x10);
  const std::string path = Write("a.zip", zip);
  const Reading reading = ReadAll({path}, DocumentFormat::kFile);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kDataLoss) << reading.status;
  EXPECT_THAT(reading.message(), StartsWith(fmt::format("'{}:one.txt'", path)));
}

TEST_F(ByteStreamTest, EntriesThatClaimAbsurdSizesAreJustShort) {
  std::string tar = MakeArchive("ustar", "", {{"one.txt", "text", "", false}});
  tar.replace(124, 12, "77777777777 ");  // 8 GiB, in octal
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? 0 : static_cast<unsigned char>(tar[i]);
  tar.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  ExpectDataLoss(Write("a.tar", tar), "size");
}

TEST_F(ByteStreamTest, ArchivesInArchivesInArchivesEnd) {
  std::string data = "text";
  for (int i = 0; i < 8; ++i) data = Compress("gzip", data);
  EXPECT_THAT(ReadAll({Write("a.gz", data)}, DocumentFormat::kFile).texts(), ElementsAre("text"));
  ExpectDataLoss(Write("a.gz", Compress("gzip", data)), "nested");
}

// A line that decompresses to far more than is read ahead comes in batches of the asked size.
TEST_F(ByteStreamTest, ABombComesInSmallBatches) {
  const std::string stored = Compress("gzip", Compress("gzip", std::string(std::size_t{200} << 20, 'x')));
  ASSERT_LT(stored.size(), 20'000u);
  TextInputOptions options;
  options.inputs = {Write("a.gz", stored)};
  options.format = DocumentFormat::kParagraph;
  auto reader = TextReader::Create(options);
  ASSERT_TRUE(reader.ok());
  TextBatch batch;
  std::size_t total = 0, largest = 0;
  while (*(*reader)->Next(100'000, &batch)) {
    total += batch.text.size();
    largest = std::max(largest, batch.text.capacity());
  }
  EXPECT_EQ(total, std::size_t{200} << 20);
  EXPECT_LE(largest, 400'000u);
}

TEST_F(ByteStreamTest, AByteOrderMarkIsDroppedAfterDecompression) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const Reading reading = ReadAll({Write("a", Compress(filter, "\xEF\xBB\xBFtext"))}, DocumentFormat::kFile);
    EXPECT_THAT(reading.texts(), ElementsAre("text"));
    EXPECT_EQ(reading.documents[0].pieces[0].byte_offset, 3u);
  }
}

TEST_F(ByteStreamTest, TheSystemsErrorsComeThrough) {
  // Address 0 of a process cannot be read: the only file of which a read fails wherever the test runs.
  const std::string good = Write("a.txt", "text");
  const Reading reading = ReadAll({good, "/proc/self/mem"}, DocumentFormat::kFile, 4);
  EXPECT_THAT(reading.message(), AllOf(HasSubstr("/proc/self/mem"), HasSubstr("Input/output error")));
}

TEST_F(ByteStreamTest, AFileThatVanishesIsAnError) {
  const std::string path = Write("a.txt", "text");
  const auto files = ExpandInputs(std::vector<std::string>{path});
  ASSERT_TRUE(files.ok());
  unlink(path.c_str());
  auto stream = ByteStream::Open(*files);
  ASSERT_TRUE(stream.ok());
  ByteChunk chunk;
  const absl::Status status = (*stream)->Next(&chunk).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

// Lets the test's standard input be a pipe that gives `bytes`.
class PipeAsStandardInput {
 public:
  explicit PipeAsStandardInput(const std::string& bytes, bool close_after = true) : saved_(dup(STDIN_FILENO)) {
    std::signal(SIGPIPE, SIG_IGN);  // a reader may stop before the writer does
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    write_end_ = ends[1];
    writer_ = std::thread([this, bytes, close_after] {
      std::size_t done = 0;
      while (done < bytes.size()) {
        const ssize_t count = write(write_end_, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, 777));
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
      }
      if (close_after) close(std::exchange(write_end_, -1));
    });
  }
  ~PipeAsStandardInput() {
    dup2(saved_, STDIN_FILENO);
    close(saved_);
    writer_.join();
    if (write_end_ >= 0) close(write_end_);
  }

 private:
  int saved_;
  int write_end_ = -1;
  std::thread writer_;
};

TEST_F(ByteStreamTest, AFileThatIsCutWhileItIsReadIsAnErrorAndOneThatGrowsIsNot) {
  for (const auto& [size_then, fails] : {std::pair{5, true}, {50, true}, {100, false}, {200, false}}) {
    (void)Write("text", std::string(100, 'x'));
    const auto source = FileSource::Open(Path("text"), -1);
    ASSERT_TRUE(source.ok()) << source.status();
    char buffer[1000];
    EXPECT_EQ((*source)->Read(buffer, 10).value(), 10u);
    ASSERT_EQ(truncate(Path("text").c_str(), size_then), 0);
    absl::StatusOr<std::size_t> count = 1;
    while (count.ok() && *count > 0) count = (*source)->Read(buffer, sizeof(buffer));
    EXPECT_EQ(absl::IsDataLoss(count.status()), fails) << size_then << count.status();
  }
}

TEST_F(ByteStreamTest, StandardInputIsReadCompressedOrNot) {
  const std::string text = SomeText(500'000);
  std::vector<std::string> stored = {text, MakeArchive("zip", "", {{"a", text, "", false}}),
                                     MakeArchive("ustar", "xz", {{"a", text, "", false}})};
  for (const auto& [filter, ending] : AllCompressions()) stored.push_back(Compress(filter, text));
  for (const std::string& bytes : stored) {
    const PipeAsStandardInput standard_input(bytes);
    const Reading reading = ReadAll({"-"}, DocumentFormat::kFile, 10'000);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_TRUE(reading.texts() == std::vector{text});
    EXPECT_THAT(reading.sources, Each(StartsWith("standard input")));
    EXPECT_EQ(reading.bytes_read, bytes.size());
    EXPECT_EQ(reading.total_bytes, 0u);
  }
}

TEST_F(ByteStreamTest, TruncatedStandardInputIsAnError) {
  for (const auto& [filter, ending] : AllCompressions()) {
    const std::string stored = Compress(filter, SomeText(50'000));
    const PipeAsStandardInput standard_input(stored.substr(0, stored.size() / 2));
    const Reading reading = ReadAll({"-"}, DocumentFormat::kFile);
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kDataLoss) << filter;
    EXPECT_THAT(reading.message(), StartsWith("'standard input': truncated"));
  }
}

TEST_F(ByteStreamTest, NamedPipesAreRead) {
  const std::string path = Path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "through a pipe"; });
  EXPECT_THAT(ReadAll({path}, DocumentFormat::kFile).texts(), ElementsAre("through a pipe"));
  writer.join();
}

TEST_F(ByteStreamTest, DestroyingAReaderEarlyStopsItAtOnce) {
  const std::string large = Write("large.txt", SomeText(4'000'000));
  const std::string packed = Write("large.gz", Compress("gzip", SomeText(4'000'000)));
  const std::string silent = Path("pipe");
  ASSERT_EQ(mkfifo(silent.c_str(), 0600), 0);
  TextInputOptions options;
  for (int i = 0; i < 300; ++i) {
    options.inputs = {std::vector<std::string>{large, packed, silent}[static_cast<std::size_t>(i % 3)]};
    auto reader = TextReader::Create(options);
    ASSERT_TRUE(reader.ok());
    TextBatch batch;
    for (int batches = 0; batches < i % 5 && i % 3 != 2; ++batches) EXPECT_TRUE(*(*reader)->Next(300'000, &batch));
  }
}

TEST_F(ByteStreamTest, DestroyingAReaderThatWaitsForAPipeStopsItAtOnce) {
  for (int i = 0; i < 50; ++i) {
    const PipeAsStandardInput standard_input("some text, then silence\n", /*close_after=*/false);
    TextInputOptions options;
    options.inputs = {"-"};
    options.format = DocumentFormat::kLine;
    auto reader = TextReader::Create(options);
    ASSERT_TRUE(reader.ok());
    if (i % 2 == 0) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace conec::corpora
