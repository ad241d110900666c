#include "corpora/text_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/corpora/input_fixture.h"
#include "tests/corpora/read_all.h"
#include "tokenize/utf8.h"

namespace conec::corpora {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kTargets[] = {1, 2, 3, 7, 8, 9, 16, 31, 100, 1000, 1 << 20};

class TextReaderTest : public InputFixture {};

std::uint64_t LineAt(const std::string& text, std::uint64_t offset) {
  return 1 +
         static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

void ExpectVerbatimPositions(const Reading& reading, const std::string& source) {
  for (const ReadDocument& document : reading.documents) {
    for (const ReadPiece& piece : document.pieces) {
      EXPECT_EQ(source.substr(piece.byte_offset, piece.text.size()), piece.text);
      EXPECT_EQ(piece.line, LineAt(source, piece.byte_offset));
    }
  }
}

TEST_F(TextReaderTest, AFileIsOneDocumentWhateverTheTarget) {
  const std::string text = SomeText(5000);
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path}, DocumentFormat::kFile, target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre(text)) << "target " << target;
    ExpectVerbatimPositions(reading, text);
    EXPECT_EQ(reading.bytes_read, text.size());
    EXPECT_EQ(reading.total_bytes, text.size());
  }
}

TEST_F(TextReaderTest, FilesLargerThanTheReadAheadComeWhole) {
  const std::string text = SomeText(5'000'000);
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : {std::size_t{4000}, std::size_t{300'000}, std::size_t{8'000'000}}) {
    const Reading reading = ReadAll({path, path}, DocumentFormat::kFile, target);
    ASSERT_EQ(reading.documents.size(), 2u);
    EXPECT_TRUE(reading.documents[0].text() == text && reading.documents[1].text() == text);
    EXPECT_EQ(reading.bytes_read, 2 * text.size());
  }
}

// A cut is after a line break if the piece has one, else after white space, else at least between two characters.
TEST_F(TextReaderTest, PiecesAreCutAtTheBestPlaceThereIs) {
  const std::string path = Write("a.txt", SomeText(4000) + std::string(300, 'x') + SomeText(1000, 2));
  for (const std::size_t target : {8, 9, 16, 31, 100}) {
    const Reading reading = ReadAll({path}, DocumentFormat::kFile, target);
    ASSERT_EQ(reading.documents.size(), 1u);
    std::vector<ReadPiece> pieces = reading.documents[0].pieces;
    EXPECT_GT(pieces.size(), 5000 / (target + 1));
    pieces.pop_back();
    for (const ReadPiece& piece : pieces) {
      EXPECT_FALSE(tokenize::FindInvalidUtf8(piece.text)) << piece.text;
      if (piece.text.find('\n') != std::string::npos) {
        EXPECT_EQ(piece.text.back(), '\n');
      } else if (piece.text.find(' ') != std::string::npos) {
        EXPECT_EQ(piece.text.back(), ' ');
      }
    }
  }
}

TEST_F(TextReaderTest, CarriageReturnAndLineFeedStayTogether) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::string(static_cast<std::size_t>(i % 23), 'x') + "\r\n";
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path}, DocumentFormat::kFile, target);
    for (const ReadPiece& piece : reading.documents[0].pieces) EXPECT_NE(piece.text.front(), '\n');
    EXPECT_EQ(reading.documents[0].text(), text);
  }
}

TEST_F(TextReaderTest, IdeographicSpacesAreWhiteSpace) {
  const std::string word = "\xE6\x96\x87\xE5\xAD\x97", space = "\xE3\x80\x80";
  const Reading reading = ReadAll({Write("a.txt", word + space + word + space + word)}, DocumentFormat::kFile, 16);
  ASSERT_EQ(reading.documents.size(), 1u);
  EXPECT_EQ(reading.documents[0].pieces[0].text, word + space);
}

TEST_F(TextReaderTest, BytesThatAreNotUtf8AreCutAndPassedOn) {
  const std::string text(1000, '\x80');
  for (const std::size_t target : kTargets) {
    EXPECT_THAT(ReadAll({Write("a.txt", text)}, DocumentFormat::kFile, target).texts(), ElementsAre(text));
  }
}

TEST_F(TextReaderTest, EveryLineIsADocumentBlankOrNot) {
  const std::string text = "one\n\ntwo words\r\nlast";
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path, path}, DocumentFormat::kLine, target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(),
                ElementsAre("one\n", "\n", "two words\r\n", "last", "one\n", "\n", "two words\r\n", "last"));
    ExpectVerbatimPositions(reading, text);
  }
}

TEST_F(TextReaderTest, DocumentsThatFitAreNotCut) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::string(static_cast<std::size_t>(i % 60), 'x') + "\n";
  const Reading reading = ReadAll({Write("a.txt", text)}, DocumentFormat::kLine, 64);
  ASSERT_EQ(reading.documents.size(), 500u);
  for (const ReadDocument& document : reading.documents) EXPECT_EQ(document.pieces.size(), 1u);
}

TEST_F(TextReaderTest, LinesOfAnyLengthComeInPieces) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += std::string(2'500'000, static_cast<char>('a' + i)) + (i < 2 ? "\n" : "");
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : {std::size_t{200'000}, std::size_t{1} << 20, std::size_t{1} << 22}) {
    const Reading reading = ReadAll({path}, DocumentFormat::kLine, target);
    ASSERT_EQ(reading.documents.size(), 3u);
    EXPECT_EQ(reading.documents[0].text() + reading.documents[1].text() + reading.documents[2].text(), text);
    EXPECT_GE(reading.documents[1].pieces.size(), 2'500'000 / target);
    ExpectVerbatimPositions(reading, text);
  }
}

TEST_F(TextReaderTest, ParagraphsAreWhatIsBetweenBlankLines) {
  const std::string text = "\n \t\r\nfirst line\nsecond line\n\n\n   indented\n\r\nlast";
  const std::string path = Write("a.txt", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path, path}, DocumentFormat::kParagraph, target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre("first line\nsecond line\n", "   indented\n", "last",
                                             "first line\nsecond line\n", "   indented\n", "last"));
    ExpectVerbatimPositions(reading, text);
  }
}

TEST_F(TextReaderTest, EmptyFilesAreEmptyDocumentsAndHoldNoLines) {
  const std::string empty = Write("a.txt", ""), full = Write("b.txt", "x");
  const Reading reading = ReadAll({empty, full, empty}, DocumentFormat::kFile);
  EXPECT_THAT(reading.texts(), ElementsAre("", "x", ""));
  EXPECT_EQ(reading.documents[2].source, empty);
  for (const DocumentFormat format :
       {DocumentFormat::kLine, DocumentFormat::kParagraph, DocumentFormat::kConll, DocumentFormat::kJsonl}) {
    const Reading none = ReadAll({empty}, format);
    EXPECT_TRUE(none.status.ok());
    EXPECT_THAT(none.documents, IsEmpty());
  }
}

TEST_F(TextReaderTest, ManyEmptyDocumentsTakeManyBatches) {
  std::string text;
  for (int i = 0; i < 70'000; ++i) text += "{\"text\": \"\"}\n";
  EXPECT_EQ(ReadAll({Write("a.jsonl", text)}, DocumentFormat::kJsonl).documents.size(), 70'000u);
}

TEST_F(TextReaderTest, AByteOrderMarkIsDroppedButCounted) {
  const std::string mark = "\xEF\xBB\xBF", text = "one\ntwo " + mark + " three\n";
  const std::string path = Write("a.txt", mark + text);
  const Reading reading = ReadAll({path}, DocumentFormat::kLine);
  EXPECT_THAT(reading.texts(), ElementsAre("one\n", "two " + mark + " three\n"));
  EXPECT_EQ(reading.documents[0].pieces[0].byte_offset, 3u);
  ExpectVerbatimPositions(reading, mark + text);
  EXPECT_THAT(ReadAll({Write("b.txt", mark)}, DocumentFormat::kFile).texts(), ElementsAre(""));
}

TEST_F(TextReaderTest, Utf16And32AreRefusedWithAdvice) {
  const std::map<std::string, std::string> texts = {{std::string("\xFF\xFEx\0", 4), "UTF-16"},
                                                    {std::string("\xFE\xFF\0x", 4), "UTF-16"},
                                                    {std::string("\xFF\xFE\0\0x\0\0\0", 8), "UTF-32"},
                                                    {std::string("\0\0\xFE\xFF\0\0\0x", 8), "UTF-32"}};
  for (const auto& [text, encoding] : texts) {
    const Reading reading = ReadAll({Write("a.txt", text)}, DocumentFormat::kFile);
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(reading.message(), AllOf(HasSubstr("a.txt"), HasSubstr(encoding), HasSubstr("iconv")));
  }
}

TEST_F(TextReaderTest, AModelInPlaceOfTextIsRefusedAsWhatItIs) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})";
  const std::string length{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  const Reading reading = ReadAll({Write("a.conec", length + header)}, DocumentFormat::kFile);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(reading.message(), AllOf(HasSubstr("a.conec"), HasSubstr("safetensors")));
  EXPECT_TRUE(ReadAll({Write("a.jsonl", header)}, DocumentFormat::kFile).status.ok());
}

// Positions of pieces that are made from lines: they are the line's, and its text begins the piece.
void ExpectLinePositions(const Reading& reading, const std::string& source,
                         const std::function<std::string(const ReadPiece&)>& first_text) {
  for (const ReadDocument& document : reading.documents) {
    for (const ReadPiece& piece : document.pieces) {
      EXPECT_TRUE(piece.byte_offset == 0 || source[piece.byte_offset - 1] == '\n');
      EXPECT_EQ(piece.line, LineAt(source, piece.byte_offset));
      const std::string line =
          source.substr(piece.byte_offset, source.find('\n', piece.byte_offset) - piece.byte_offset);
      EXPECT_THAT(line, HasSubstr(first_text(piece)));
    }
  }
}

TEST_F(TextReaderTest, ConllDocumentsAreSentencesOfWords) {
  const std::string text =
      "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nPeter\tNNP\tI-NP\tI-PER\r\n \r\n\n"
      "-DOCSTART- O\n\n-DOCSTART-\nBRUSSELS NNP I-NP I-LOC";
  const std::string path = Write("a.conll", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path, path}, DocumentFormat::kConll, target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(),
                ElementsAre("EU rejects\nPeter\n", "", "BRUSSELS\n", "EU rejects\nPeter\n", "", "BRUSSELS\n"));
    ExpectLinePositions(reading, text, [](const ReadPiece& piece) {
      return piece.text.empty() ? "-DOCSTART-" : piece.text.substr(0, std::min<std::size_t>(2, piece.text.find('\n')));
    });
  }
}

TEST_F(TextReaderTest, ConllFilesWithoutDocstartAreOneDocumentEach) {
  const std::string a = Write("esp.a", "El DA O\nAbogado NC B-PER\n\nGeneral AQ I-PER\n"),
                    b = Write("esp.b", "Sao NC B-LOC\n");
  EXPECT_THAT(ReadAll({a, b}, DocumentFormat::kConll).texts(), ElementsAre("El Abogado\nGeneral\n", "Sao\n"));
}

TEST_F(TextReaderTest, ConllLinesHaveALimit) {
  const Reading reading = ReadAll({Write("a.conll", "a O\n" + std::string(2'000'000, 'x'))}, DocumentFormat::kConll);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(reading.message(), AllOf(HasSubstr("a.conll:2: "), HasSubstr("--input-format")));
}

TEST_F(TextReaderTest, Conll2003HasItsPublishedNumberOfDocuments) {
  const char* data = std::getenv("CONEC_DATA");
  if (data == nullptr) GTEST_SKIP() << "CONEC_DATA does not say where the CoNLL-2003 files are";
  const std::string folder = std::string(data) + "/conll2003/eng.";
  for (const std::size_t target : {std::size_t{50}, std::size_t{1} << 20}) {
    EXPECT_EQ(ReadAll({folder + "train"}, DocumentFormat::kConll, target).documents.size(), 946u);
    EXPECT_EQ(ReadAll({folder + "testa"}, DocumentFormat::kConll, target).documents.size(), 216u);
    EXPECT_EQ(ReadAll({folder + "testb"}, DocumentFormat::kConll, target).documents.size(), 231u);
  }
}

TEST_F(TextReaderTest, JsonLinesGiveTheirField) {
  const std::string text =
      "{\"text\": \"one \\\"two\\\"\\n\\u00e9\\ud83d\\ude42\", \"id\": 1}\r\n\n  \n"
      "{\"meta\": {\"text\": 5, \"a\": [1, {\"text\": null}]}, \"text\": \"three four five six seven eight\"}\n"
      "{\"text\": \"\"}";
  const std::string path = Write("a.jsonl", text);
  for (const std::size_t target : kTargets) {
    const Reading reading = ReadAll({path}, DocumentFormat::kJsonl, target);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(),
                ElementsAre("one \"two\"\n\xC3\xA9\xF0\x9F\x99\x82", "three four five six seven eight", ""));
    ExpectLinePositions(reading, text, [](const ReadPiece&) { return "\"text\""; });
    EXPECT_EQ(reading.documents[1].pieces[0].line, 4u);
  }
}

TEST_F(TextReaderTest, JsonLinesThatCannotBeUsedAreNamed) {
  struct Case {
    std::string line, expected;
    absl::StatusCode code;
  };
  const auto kArgument = absl::StatusCode::kInvalidArgument, kLoss = absl::StatusCode::kDataLoss;
  const Case cases[] = {
      {R"({"body": "x", "id": 3})", "no field 'text' (it has: 'body', 'id'); --json-field", kArgument},
      {R"({})", "no field 'text' (it has: none); --json-field", kArgument},
      {R"({"text": 3})", "'text' is a number, expected a string; --json-field", kArgument},
      {R"({"text": ["x"]})", "'text' is an array, expected a string; --json-field", kArgument},
      {R"({"text": {"text": "x"}})", "'text' is an object, expected a string; --json-field", kArgument},
      {R"({"text": "x", "text": null})", "'text' is null, expected a string; --json-field", kArgument},
      {R"(["text"])", "expected a JSON object, found an array", kArgument},
      {R"("text")", "expected a JSON object, found a string", kArgument},
      {R"({"text": "x")", "not valid JSON at byte", kLoss},
      {R"({"text": "x"} {"text": "y"})", "not valid JSON at byte", kLoss},
      {"{\"text\": \xFF\"x\"}", "not valid JSON at byte 10", kLoss},
      {"{\"text\": \"\xFF\"", "not valid JSON at byte", kLoss},
      {"{\"text\": \"\xFF\xF4\x8F\xBF\xBF\"}", "not valid JSON at byte", kLoss},
      {"{\"text\": \"\xFF\\uDBff\\udfff\"}", "not valid JSON at byte", kLoss},
      {"{\"text\xFF\": \"x\"}", "no field 'text'", kArgument},
  };
  for (const Case& c : cases) {
    const Reading reading =
        ReadAll({Write("a.jsonl", "{\"text\": \"fine\"}\n\n" + c.line + "\n")}, DocumentFormat::kJsonl, 4);
    EXPECT_EQ(reading.status.code(), c.code) << c.line;
    EXPECT_THAT(reading.message(), AllOf(HasSubstr("a.jsonl:3: "), HasSubstr(c.expected)));
  }
}

// What becomes of them is --invalid-utf8's to say, as in other formats.
TEST_F(TextReaderTest, JsonLinesPassOnBytesThatAreNotUtf8) {
  std::string all;
  for (int byte = 0x80; byte <= 0xFF; ++byte) (all += static_cast<char>(byte)) += 'x';
  for (const std::string& text :
       {all, std::string("\xE2\x82 \xC3\xA9 \xED\xA0\x80 \xF4\x8F"), std::string("\xF4\x8F\xBD\xBF\xFF")}) {
    const std::string line = "{\"other\": \"\xFE\", \"text\": \"" + text + "\\u00e9\"}";
    const Reading reading = ReadAll({Write("a.jsonl", line)}, DocumentFormat::kJsonl);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.texts(), ElementsAre(text + "\xC3\xA9"));
  }
}

TEST_F(TextReaderTest, DeeplyNestedJsonIsRead) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const Reading reading = ReadAll({Write("a.jsonl", "{\"a\": " + deep + ", \"text\": \"x\"}")}, DocumentFormat::kJsonl);
  EXPECT_THAT(reading.texts(), ElementsAre("x"));
}

TEST_F(TextReaderTest, TheJsonFieldCanBeChosen) {
  TextInputOptions options;
  options.inputs = {Write("a.jsonl", R"({"text": "no", "body": "yes"})")};
  options.format = DocumentFormat::kJsonl;
  options.json_field = "body";
  EXPECT_THAT(ReadAll(options, 100).texts(), ElementsAre("yes"));
}

TEST_F(TextReaderTest, FormatNamesRoundTrip) {
  for (const DocumentFormat format : {DocumentFormat::kFile, DocumentFormat::kLine, DocumentFormat::kParagraph,
                                      DocumentFormat::kConll, DocumentFormat::kJsonl}) {
    EXPECT_EQ(*ParseDocumentFormat(Name(format)), format);
  }
  EXPECT_THAT(std::string(ParseDocumentFormat("words").status().message()), HasSubstr("paragraph, conll or jsonl"));
}

}  // namespace
}  // namespace conec::corpora
