#include "ner/conll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace conec::ner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConllFile Parsed(const std::string& text, const ConllOptions& options = {}) {
  auto file = ConllFile::Parse(text, "f", options);
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

absl::Status ErrorOf(const std::string& text, const ConllOptions& options = {}) {
  return ConllFile::Parse(text, "f", options).status();
}

TEST(ConllFileTest, TokensSentencesAndDocumentsStandAsInTheFile) {
  const ConllFile file = Parsed(
      "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP I-PER\n\n"
      "-DOCSTART- -X- -X- O\n\nThe DT I-NP O\n");
  EXPECT_EQ(file.tokens(), 4u);
  EXPECT_EQ(file.columns(), 4u);
  EXPECT_EQ(file.word(0), "EU");
  EXPECT_EQ(file.cell(1, 1), "VBZ");
  EXPECT_EQ(file.tag(2), "I-PER");
  EXPECT_EQ(file.line(3), 10u);
  EXPECT_THAT(file.sentence_ends(), ElementsAre(2, 3, 4));
  EXPECT_THAT(file.document_ends(), ElementsAre(3, 4));
  EXPECT_THAT(file.Column(0), ElementsAre("EU", "rejects", "Peter", "The"));
}

TEST(ConllFileTest, FilesWithoutDocumentMarksAreOneDocument) {
  const ConllFile file = Parsed("La DA O\nCoruña NC B-LOC\n\nfin NC O\n");
  EXPECT_THAT(file.sentence_ends(), ElementsAre(2, 3));
  EXPECT_THAT(file.document_ends(), ElementsAre(3));
  EXPECT_THAT(file.document_marks(), IsEmpty());
}

TEST(ConllFileTest, LineEndsAndBlanksDoNotMatter) {
  const ConllFile plain = Parsed("a X O\nb X O\n\nc X O\n");
  for (const char* text : {"a X O\r\nb X O\r\n\r\nc X O\r\n", "a\tX\tO\nb\tX\tO\n\nc\tX\tO",
                           "a  X \t O\n b X O \n \t \nc X O\n\n\n", "\n\na X O\nb X O\n\n\n\nc X O\r"}) {
    const ConllFile file = Parsed(text);
    EXPECT_EQ(file.Format(), plain.Format()) << text;
    EXPECT_THAT(file.sentence_ends(), ElementsAre(2, 3)) << text;
  }
}

TEST(ConllFileTest, ADocumentMarkEndsTheSentenceBeforeIt) {
  const ConllFile file = Parsed("a O\n-DOCSTART- O\nb O\n-DOCSTART-\n-DOCSTART- O\n");
  EXPECT_THAT(file.sentence_ends(), ElementsAre(1, 2));
  EXPECT_THAT(file.document_ends(), ElementsAre(1, 2));
  EXPECT_EQ(file.document_marks().size(), 3u);
}

TEST(ConllFileTest, ADelimiterSeparatesExactly) {
  const ConllFile file = Parsed("New York\t\tB-LOC\nis\tVB\tO\n", {.delimiter = "\t"});
  EXPECT_EQ(file.columns(), 3u);
  EXPECT_EQ(file.word(0), "New York");
  EXPECT_EQ(file.cell(0, 1), "");
  EXPECT_EQ(file.Format(), "New York\t\tB-LOC\nis\tVB\tO\n\n");
}

TEST(ConllFileTest, AnExtraColumnReachesTheDocumentMarksToo) {
  const ConllFile file = Parsed("-DOCSTART- -X- O\n\na X I-PER\nb X O\n\n-DOCSTART-\nc X O\n");
  EXPECT_EQ(file.Format(std::vector<std::string>{"I-LOC", "O", "B-X"}),
            "-DOCSTART- -X- O O\n\na X I-PER I-LOC\nb X O O\n\n-DOCSTART-\nc X O B-X\n\n");
}

// A random file: every cell, every break and mark is drawn.
std::string RandomText(std::mt19937& random) {
  const std::vector<std::string> cells = {"a",     "Ünï", "-X-",  "1996-08-22", "#",
                                          "I-PER", "O",   "東京", "\"",         "-DOCSTART"};
  const auto draw = [&random](std::size_t n) { return random() % n; };
  const std::size_t columns = 1 + draw(4);
  std::string text;
  for (std::size_t line = 0, n = 1 + draw(30); line < n; ++line) {
    const std::size_t kind = draw(6);
    if (kind == 0) text += "\n";
    if (kind == 1) text += "-DOCSTART- -X-\n";
    for (std::size_t c = 0; c < columns; ++c) text += cells[draw(cells.size())] + (draw(2) == 0 ? " " : "\t");
    text += draw(2) == 0 ? "\n" : "\r\n";
  }
  return text;
}

TEST(ConllFileTest, ReadAfterWriteIsIdentity) {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const ConllFile file = Parsed(RandomText(random));
    const ConllFile again = Parsed(file.Format());
    ASSERT_EQ(again.Format(), file.Format());
    ASSERT_EQ(again.columns(), file.columns());
    for (std::size_t c = 0; c < file.columns(); ++c) ASSERT_EQ(again.Column(c), file.Column(c));
    ASSERT_TRUE(std::ranges::equal(again.sentence_ends(), file.sentence_ends()));
    ASSERT_TRUE(std::ranges::equal(again.document_ends(), file.document_ends()));
    ASSERT_EQ(again.document_marks().size(), file.document_marks().size());
  }
}

TEST(ConllFileTest, AnotherNumberOfColumnsIsAnErrorWithItsLine) {
  const absl::Status status = ErrorOf("-DOCSTART- X O\n\na X O\nb O\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(), "f:4: 2 columns, expected 3 as in line 3");
  EXPECT_EQ(ErrorOf("a\n", {.min_columns = 2}).message(), "f:1: 1 column, expected at least 2");
}

TEST(ConllFileTest, CarriageReturnsBelongToTheEndsOfLines) {
  EXPECT_EQ(Parsed("a O\r\r\n\r\r\nb O\r").Format(), "a O\n\nb O\n\n");
  EXPECT_EQ(ErrorOf("a O\nb O\rc O\r").code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(ErrorOf("a O\nb O\rc O\r").message()), HasSubstr("f:2: a carriage return inside the line"));
  EXPECT_EQ(ErrorOf("a O\n", {.delimiter = "\n"}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ConllFileTest, InvalidUtf8IsAnErrorWithItsLineUnlessBytesAreWanted) {
  const std::string latin1 =
      "La O\nCoru\xF1"
      "a B-LOC\n";
  EXPECT_EQ(ErrorOf(latin1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(ErrorOf(latin1).message()), HasSubstr("f:2: invalid UTF-8"));
  EXPECT_EQ(Parsed(latin1, {.any_bytes = true}).Format(), latin1 + "\n");
}

TEST(ConllFileTest, AnyBytesAreEitherReadAndWrittenOrRefused) {
  std::mt19937 random(6);
  const std::string_view pieces[] = {"-DOCSTART-", "\n",   "\n",       "\r\n", " ",   " ", "\t",
                                     "a",          "\xFF", "\xC3\xA9", "O",    "-X-", "\r"};
  int read = 0;
  for (int repeat = 0; repeat < 3000; ++repeat) {
    std::string text;
    for (std::size_t i = 0, n = random() % 12; i < n; ++i) text += pieces[random() % std::size(pieces)];
    text += std::string(random() % 2, '\0');
    const ConllOptions options = {.delimiter = random() % 3 == 0 ? "\t" : "", .any_bytes = true, .allow_empty = true};
    const auto file = ConllFile::Parse(text, "f", options);
    if (!file.ok()) continue;
    ++read;
    const auto again = ConllFile::Parse(file->Format(), "f", options);
    ASSERT_TRUE(again.ok()) << again.status() << text;
    ASSERT_EQ(again->Format(), file->Format()) << text;
  }
  EXPECT_GT(read, 500);
}

TEST(ConllFileTest, AColumnMoreIsThatOfTheFormattedFileOnTheLinesOfThisOne) {
  const ConllFile file = Parsed("-DOCSTART- X\n\n\n\na  X\r\n\n\nb\tY\n-DOCSTART-\nc Z");
  const std::vector<std::string> tags = {"B-PER", "O", "I-LOC"};
  const ConllFile more = *file.WithColumn(tags);
  EXPECT_EQ(more.columns(), 3u);
  EXPECT_THAT(more.Column(2), ElementsAre("B-PER", "O", "I-LOC"));
  EXPECT_EQ(more.word(2), "c");
  EXPECT_EQ(more.Format(), file.Format(tags));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(more.line(i), file.line(i));
  EXPECT_EQ(more.line(0), 5u);
  const ConllFile twice = *more.WithColumn({"1", "2", "3"});
  EXPECT_EQ(twice.cell(1, 2), "O");
  EXPECT_EQ(twice.tag(1), "2");
  EXPECT_EQ(Parsed("", {.allow_empty = true}).WithColumn({})->columns(), 0u);
}

TEST(ConllFileTest, AColumnThatCouldNotBeReadBackIsRefused) {
  const ConllFile file = Parsed("a X\n\nb Y\n");
  const ConllFile by_tabs = Parsed("a\tX\n\nb\tY\n", {.delimiter = "\t"});
  const auto refused = [](const ConllFile& to, std::vector<std::string> values) {
    const auto more = to.WithColumn(std::move(values));
    EXPECT_EQ(more.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(more.status().message());
  };
  EXPECT_THAT(refused(file, {"1"}), HasSubstr("1 values for a column of 2 tokens"));
  EXPECT_THAT(refused(file, {"1", "2", "3"}), HasSubstr("3 values"));
  for (const char* value : {"", " ", "I PER", "I\tPER", "O\n", "O\r"}) {
    EXPECT_THAT(refused(file, {"O", value}), HasSubstr(":3: '" + std::string(value) + "'"));
  }
  EXPECT_THAT(refused(by_tabs, {"O", "I\tPER"}), HasSubstr(":3: "));
  EXPECT_THAT(refused(by_tabs, {"", "O"}), HasSubstr(":1: "));
  EXPECT_EQ(by_tabs.WithColumn({"of New York", "O"})->tag(0), "of New York");
}

TEST(ConllFileTest, AFileWithoutTokensIsAnErrorUnlessWanted) {
  for (const char* text : {"", "\n\n", "-DOCSTART- -X- O\n\n"}) {
    EXPECT_EQ(ErrorOf(text).code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(Parsed(text, {.allow_empty = true}).tokens(), 0u) << text;
  }
}

TEST(ConllFileTest, ViewsOutliveTheFileTheyCameFromInItsCopy) {
  auto file = std::make_unique<ConllFile>(Parsed("a O\n"));
  const ConllFile copy = *file;
  const std::string_view word = file->word(0);
  file.reset();
  EXPECT_EQ(word, "a");
  EXPECT_EQ(copy.word(0).data(), word.data());
}

class ConllReadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("conll-") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(ConllReadTest, CompressionAndByteOrderMarkDoNotMatter) {
  const std::string text = "a X O\nb X B-LOC\n\n";
  std::ofstream(Path("plain"), std::ios::binary) << "\xEF\xBB\xBF" << text;
  const gzFile zipped = gzopen(Path("zipped").c_str(), "wb");
  gzwrite(zipped, text.data(), static_cast<unsigned>(text.size()));
  gzclose(zipped);
  for (const char* name : {"plain", "zipped"}) {
    const auto file = ConllFile::Read(Path(name));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->Format(), text);
    EXPECT_EQ(file->name(), Path(name));
  }
}

TEST_F(ConllReadTest, ErrorsNameTheFile) {
  EXPECT_EQ(ConllFile::Read(Path("none")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ConllFile::Read(Path("none")).status().message()), HasSubstr(Path("none")));
  EXPECT_FALSE(ConllFile::Read(folder_.string()).ok());
  std::ofstream(Path("bad"), std::ios::binary) << "a O\nb\n";
  EXPECT_THAT(std::string(ConllFile::Read(Path("bad")).status().message()), HasSubstr(Path("bad") + ":2: 1 column"));
}

// The published numbers of sentences and tokens of CoNLL-2003.
TEST(ConllDataTest, TheEnglishFilesOfConll2003AreReadAndWrittenWhole) {
  const char* data = std::getenv("CONEC_DATA");
  const std::string folder = std::string(data == nullptr ? "" : data) + "/conll2003/eng.";
  if (!std::filesystem::exists(folder + "train")) GTEST_SKIP() << "CONEC_DATA names no folder with conll2003/eng.train";
  struct Part {
    const char* name;
    std::size_t tokens, sentences, documents;
  };
  for (const Part& part :
       {Part{"train", 203621, 14041, 946}, Part{"testa", 51362, 3250, 216}, Part{"testb", 46435, 3453, 231}}) {
    const auto file = ConllFile::Read(folder + part.name);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->tokens(), part.tokens);
    EXPECT_EQ(file->sentence_ends().size(), part.sentences);
    EXPECT_EQ(file->document_ends().size(), part.documents);
    std::ifstream stream(folder + part.name, std::ios::binary);
    EXPECT_EQ(file->Format(), std::string(std::istreambuf_iterator<char>(stream), {}));
  }
}

}  // namespace
}  // namespace conec::ner
