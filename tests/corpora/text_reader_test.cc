#include "corpora/text_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/corpora/input_fixture.h"

namespace conec::corpora {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Document {
  std::string text;
  std::string source;
  std::uint64_t byte_offset = 0;
  std::uint64_t line = 0;
  std::size_t pieces = 0;
};

struct Reading {
  absl::Status status;
  std::vector<Document> documents;
  std::uint64_t bytes_read = 0;
  std::uint64_t total_bytes = 0;

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const Document& document : documents) result.push_back(document.text);
    return result;
  }
};

// Reads everything and checks what holds for every batch.
Reading ReadAll(const TextInputOptions& options, std::size_t target_bytes) {
  Reading reading;
  auto reader = TextReader::Create(options);
  if (!reader.ok()) return {reader.status(), {}, 0, 0};
  reading.total_bytes = (*reader)->total_bytes();
  TextBatch batch;
  bool open = false;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(target_bytes, &batch);
    reading.status = more.status();
    EXPECT_GE(batch.bytes_read, reading.bytes_read);
    reading.bytes_read = batch.bytes_read;
    if (!more.ok() || !*more) break;
    EXPECT_LE(batch.text.size(), std::max<std::size_t>(target_bytes, 8) + 1);
    std::size_t end = 0;
    for (const TextPiece& piece : batch.pieces) {
      EXPECT_EQ(piece.begin, end);
      EXPECT_TRUE(piece.end > piece.begin || (!open && piece.ends_document)) << "an empty piece of a longer document";
      end = piece.end;
      if (!open)
        reading.documents.push_back({"", (*reader)->sources()[piece.source], piece.byte_offset, piece.line, 0});
      Document& document = reading.documents.back();
      EXPECT_EQ(piece.document + 1, reading.documents.size());
      document.text += batch.text.substr(piece.begin, piece.end - piece.begin);
      ++document.pieces;
      open = !piece.ends_document;
    }
    EXPECT_EQ(end, batch.text.size());
  }
  EXPECT_TRUE(!reading.status.ok() || !open) << "the last document does not end";
  return reading;
}

class TextReaderTest : public InputFixture {
 protected:
  static TextInputOptions Options(std::vector<std::string> inputs, DocumentFormat format) {
    TextInputOptions options;
    options.inputs = std::move(inputs);
    options.format = format;
    return options;
  }
};

constexpr std::size_t kTargets[] = {1, 2, 3, 7, 8, 9, 16, 31, 100, 1000, 1 << 20};

TEST_F(TextReaderTest, AFileIsOneDocumentWhateverTheTarget) {
  const std::string text = SomeText(3000);
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll(Options({path}, DocumentFormat::kFile), target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre(text)) << "target " << target;
    EXPECT_EQ(reading.bytes_read, text.size());
    EXPECT_EQ(reading.total_bytes, text.size());
  }
}

TEST_F(TextReaderTest, EveryLineIsADocumentBlankOrNot) {
  const std::string path = Write("a.txt", "one\n\ntwo words\r\nlast");
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll(Options({path}, DocumentFormat::kLine), target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre("one\n", "\n", "two words\r\n", "last")) << "target " << target;
    EXPECT_EQ(reading.documents[2].line, 3u);
    EXPECT_EQ(reading.documents[2].byte_offset, 5u);
  }
}

TEST_F(TextReaderTest, DocumentsThatFitAreNotCut) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::string(static_cast<std::size_t>(i % 60), 'x') + "\n";
  const std::string path = Write("a.txt", text);
  const Reading reading = ReadAll(Options({path}, DocumentFormat::kLine), 64);
  ASSERT_EQ(reading.documents.size(), 500u);
  for (const Document& document : reading.documents) EXPECT_EQ(document.pieces, 1u);
}

TEST_F(TextReaderTest, MissingFilesAreNamed) {
  const Reading reading = ReadAll(Options({Path("nowhere.txt")}, DocumentFormat::kFile), 100);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(reading.status.message()), HasSubstr("nowhere.txt"));
}

}  // namespace
}  // namespace conec::corpora
