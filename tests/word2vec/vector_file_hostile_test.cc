#include <gmock/gmock.h>

#include "base/npy.h"
#include "tests/word2vec/word_vectors_testing.h"
#include "word2vec/vector_file.h"

namespace conec::word2vec {
namespace {

using ::testing::HasSubstr;

constexpr auto kText = VectorFormat::kWord2vecText;
constexpr auto kBinary = VectorFormat::kWord2vecBinary;
constexpr auto kGlove = VectorFormat::kGlove;
constexpr auto kProjector = VectorFormat::kProjector;

struct Case {
  VectorFormat format;
  std::string contents;
  std::string message;  // after the path
};

class HostileVectorFileTest : public FolderTest {
 protected:
  // Loading with the format named gives kDataLoss and the message; with the format detected, an error too.
  void ExpectError(const Case& c) {
    const std::string path = Write("x", c.contents);
    const auto named = LoadWordVectors(path, {.format = c.format});
    ASSERT_TRUE(absl::IsDataLoss(named.status())) << named.status() << "\n" << c.contents.substr(0, 200);
    EXPECT_THAT(std::string(named.status().message()), HasSubstr(path + c.message));
    EXPECT_FALSE(LoadWordVectors(path).ok()) << c.contents.substr(0, 200);
  }
};

TEST_F(HostileVectorFileTest, HeadersThatDoNotFitTheFileAreRefusedBeforeAllocation) {
  for (const VectorFormat format : {kText, kBinary}) {
    ExpectError(
        {format, "2 100000000000\na 1 2\nb 3 4\n", ":1: 2 words of 100000000000 dimensions do not fit into the "});
    for (const std::string sizes : {"4294967295 4", "1000000000000 1", "18446744073709551615 18446744073709551615",
                                    "4611686018427387904 4", "2 4611686018427387904", "2147483647 2147483647"}) {
      ExpectError({format, sizes + "\na 1 2\nb 3 4\n", ":1: "});
    }
    ExpectError({format, "0 5\n", ":1: no words"});
    ExpectError({format, "1 0\na\n", ":1: vectors of no dimensions"});
  }
}

TEST_F(HostileVectorFileTest, MissingAndWrongHeaders) {
  for (const VectorFormat format : {kText, kBinary}) {
    for (const std::string contents :
         {"x", "5\na 1\n", "-1 3\nword \n", "1 2 3\nword one two\n", "1.0 2 \n", "18446744073709551616 1\nword \n"}) {
      const auto status = LoadWordVectors(Write("x", contents), {.format = format}).status();
      EXPECT_THAT(std::string(status.message()), HasSubstr("x:1: expected the number of words and of dimensions"));
    }
  }
}

TEST_F(HostileVectorFileTest, EmptyFilesAndFilesOfBlanks) {
  for (const VectorFormat format : {kText, kBinary, kGlove, kProjector, VectorFormat::kNpy}) {
    const auto status = LoadWordVectors(Write("x", ""), {.format = format}).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("x' is empty"));
  }
  EXPECT_THAT(std::string(LoadWordVectors(Write("x", "")).status().message()), HasSubstr("x' is empty"));
  ExpectError({kGlove, "\n\n  \n", ": no words"});
  ExpectError({kProjector, "\n\n", ": no numbers"});
}

TEST_F(HostileVectorFileTest, LinesWithAWrongNumberOfColumnsAreNamed) {
  ExpectError({kText, "3 2\na 1.5 2.5\nb 3.5\nc 5 6\n", ":3: expected a word and 2 numbers, found 2 columns"});
  ExpectError({kText, "2 2\na 1 2\nb 3 4 5\n", ":3: expected a word and 2 numbers, found 4 columns"});
  ExpectError({kGlove, "a 1 2\nb 3 4\nc 5\n", ":3: expected a word and 2 numbers, found 2 columns"});
  ExpectError({kProjector, "1\t2\n3\n", ":2: expected 2 numbers, found 1 columns"});
}

TEST_F(HostileVectorFileTest, LongFirstLinesDoNotMakeLargeMatrices) {
  std::string contents = "a";
  for (int i = 0; i < 100000; ++i) contents += " 1";
  for (int i = 0; i < 100000; ++i) contents += "\nb 1";
  ExpectError({kGlove, contents, ":2: expected a word and 100000 numbers, found 2 columns"});
  ExpectError({kProjector, contents.substr(2), ":2: expected 100000 numbers, found 2 columns"});
}

TEST_F(HostileVectorFileTest, WhatIsNoNumberIsNamedWithItsColumn) {
  ExpectError({kText, "2 2\na 1 2\nb 3 4,5\n", ":3: column 3: '4,5' is not a number"});
  ExpectError({kGlove, "a 1 2\nb 0x1p3 2\n", ":2: column 2: '0x1p3' is not a number"});
  ExpectError({kProjector, "1\t2\n3\tx\n", ":2: column 2: 'x' is not a number"});
}

TEST_F(HostileVectorFileTest, MissingWordsAndBlankLines) {
  ExpectError({kText, "2 2\n 1 2\nb 3 4\n", ":2: no word before the numbers"});
  ExpectError({kText, "2 2\na 1 2\n\nb 3 4\n", ":3: blank line"});
  ExpectError({kBinary, std::string("1 1\n \0\0\0\0x", 10), ": word 1: no word before the blank"});
}

TEST_F(HostileVectorFileTest, NaNAndInfinityAreNamedWithWordAndLine) {
  ExpectError({kText, "2 2\na 1 2\nb 3 nan\n", ":3: number 2 of 'b' is nan"});
  ExpectError({kGlove, "a 1 2\nb -inf 3\n", ":2: number 1 of 'b' is -inf"});
  ExpectError({kGlove, "a 1 2\nb 3 1e39\n", ":2: number 2 of 'b' is inf"});
  ExpectError({kGlove, "a 1 2\nb -1e400 3\n", ":2: number 1 of 'b' is -inf"});
  ExpectError({kBinary, std::string("1 1\na \0\0\xC0\x7F", 10), ": word 1: number 1 of 'a' is nan"});
}

TEST_F(HostileVectorFileTest, RepeatedWordsAreNamedWithBothPlaces) {
  const std::string zero(4, '\0');
  ExpectError({kText, "3 1\na 1\nb 2\na 3\n", ":4: the word 'a' stands at " + Path("x") + ":2 already"});
  ExpectError({kGlove, "a 1\nb 2\nb 3\n", ":3: the word 'b' stands at " + Path("x") + ":2 already"});
  ExpectError({kBinary, "2 1\na " + zero + "a " + zero, ": word 2: the word 'a' stands at " + Path("x") + ": word 1"});
}

TEST_F(HostileVectorFileTest, TruncatedAndOverlongFiles) {
  ExpectError({kText, "3 1\na 1\nb 2222222\n", ": truncated: its first line promises 3 words, it has 2"});
  ExpectError({kText, "1 1\na 1\nb 2\n", ":3: the first line promises 1 words, here is one more"});
  const std::string zero(8, '\0');
  ExpectError({kBinary, "2 2\na " + zero + "bbbbbbbbbb", ": word 2: truncated: expected a word and a blank"});
  ExpectError({kBinary, "2 2\naaaa " + zero + "b " + zero.substr(1), ": word 2: truncated: 'b' needs 8 bytes, 7 are"});
  ExpectError({kBinary, "1 2\na " + zero + "rest", ": 4 bytes after the 1 words"});
}

TEST_F(HostileVectorFileTest, ALineBreakInsideABinaryWordShowsAWrongDimension) {
  ExpectError(
      {kBinary, std::string("2 1\na \0\0\0\0\0\0\0\0\nb \0\0\0\0\0\0\0\0\n", 27), ": word 2: line break inside"});
}

TEST_F(HostileVectorFileTest, EveryCutOfAFileIsAnErrorOrAShorterNumber) {
  const WordVectors vectors = RandomWordVectors(5, 3, 1);
  for (const VectorFormat format : {kText, kBinary}) {
    ASSERT_TRUE(SaveWordVectors(vectors, Path("whole"), format).ok());
    const std::string whole = *ReadFileToString(Path("whole"));
    const std::size_t last = format == kText ? whole.find_last_of(' ') : whole.size() - 2;
    for (std::size_t size = 0; size < last; ++size) {
      EXPECT_FALSE(LoadWordVectors(Write("cut", whole.substr(0, size)), {.format = format}).ok()) << size;
    }
  }
}

TEST_F(HostileVectorFileTest, RandomChangesNeverCrash) {
  const WordVectors vectors = RandomWordVectors(6, 4, 2);
  PhiloxStream random(5);
  int errors = 0;
  for (const VectorFormat format : {kText, kBinary, kGlove}) {
    ASSERT_TRUE(SaveWordVectors(vectors, Path("whole"), format).ok());
    const std::string whole = *ReadFileToString(Path("whole"));
    for (int round = 0; round < 300; ++round) {
      std::string changed = whole;
      for (int i = 0; i < 3; ++i) {
        changed[random.Below(static_cast<std::uint32_t>(whole.size()))] = static_cast<char>(random.Below(256));
      }
      const auto loaded = LoadWordVectors(Write("changed", changed));
      if (loaded.ok()) {
        EXPECT_EQ(loaded->vocabulary.size(), loaded->vectors.rows);
      } else {
        ++errors;
      }
    }
  }
  EXPECT_GT(errors, 300);
}

TEST_F(HostileVectorFileTest, CompanionsThatAreMissingOrDoNotMatch) {
  auto matrix = *Matrix<float>::Create(2, 3);
  ASSERT_TRUE(WriteNpy(Path("x.npy"), matrix.view()).ok());
  EXPECT_TRUE(absl::IsNotFound(LoadWordVectors(Path("x.npy")).status()));
  const auto message = [&](std::string_view words) {
    Write("x.words.txt", words);
    return std::string(LoadWordVectors(Path("x.npy")).status().message());
  };
  EXPECT_THAT(message("a\n"), HasSubstr("has 2 vectors, but '" + Path("x.words.txt") + "' has 1 words"));
  EXPECT_THAT(message("a\n\nb\n"), HasSubstr("x.words.txt:2: no word"));
  EXPECT_THAT(message("a\na\n"), HasSubstr("x.words.txt:2: the word 'a' stands at " + Path("x.words.txt") + ":1"));
  EXPECT_EQ(message("a\r\nb"), "");
}

TEST_F(HostileVectorFileTest, MetadataIsCheckedLineByLine) {
  Write("vectors.tsv", "1\t2\n3\t4\n");
  const auto message = [&](std::string_view metadata) {
    Write("metadata.tsv", metadata);
    return std::string(LoadWordVectors(Path("vectors.tsv")).status().message());
  };
  EXPECT_THAT(message("Word\tFrequency\na\t1\nb\n"), HasSubstr("metadata.tsv:3: expected 2 columns between tabs"));
  EXPECT_THAT(message("Word\tFrequency\na\t1\nb\tmany\n"), HasSubstr("metadata.tsv:3: the count 'many'"));
  EXPECT_THAT(message("word\na\nb\n"), HasSubstr("has 3 words"));
  EXPECT_EQ(message("Frequency\tWord\n1\ta\n2\tb\n"), "");
}

TEST_F(HostileVectorFileTest, CutCharactersAreNamed) {
  ExpectError({kGlove, "a 1\ncaf\xC3 1\n", ":2: the word is not valid UTF-8 at byte 3; conec-convert --invalid-utf8"});
}

TEST_F(HostileVectorFileTest, FilesOfOtherKindsAreRecognised) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1F\x8B\x08rest", "gzip"},
      {"\x28\xB5\x2F\xFDrest", "zstd"},
      {"BZh91AY&SYrest", "bzip2"},
      {"PK\x03\x04rest", "zip"},
      {"\xBA\x16\x4F\x2Frest", "fastText model"},
      {"\x80\x04rest", "pickle"},
      {"just some words\n", "neither two sizes nor numbers"},
  };
  for (const auto& [contents, what] : cases) {
    const auto status = LoadWordVectors(Write("x", contents)).status();
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr(what));
  }
}

TEST_F(HostileVectorFileTest, MissingFilesAndFolders) {
  EXPECT_TRUE(absl::IsNotFound(LoadWordVectors(Path("missing")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(LoadWordVectors(Path("")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(LoadWordVectors(Write("x", "a 1\n"), {.threads = -1}).status()));
}

}  // namespace
}  // namespace conec::word2vec
