#include "word2vec/vector_file.h"

#include <gmock/gmock.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <set>

#include "base/npy.h"
#include "tests/word2vec/word_vectors_testing.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;
using ::testing::HasSubstr;

constexpr VectorFormat kAll[] = {VectorFormat::kWord2vecText, VectorFormat::kWord2vecBinary,
                                 VectorFormat::kFastText,     VectorFormat::kGlove,
                                 VectorFormat::kNpy,          VectorFormat::kProjector};

void AppendUtf8(std::uint32_t code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Any character of Unicode but white space of ASCII and surrogates, from planes 0 and 1, small ones more often.
std::string RandomWord(PhiloxStream& random) {
  std::string word;
  for (std::uint32_t length = 1 + random.Below(8); length > 0;) {
    constexpr std::uint32_t kLimits[] = {0x80, 0x800, 0x10000, 0x20000};
    const std::uint32_t code = random.Below(kLimits[random.Below(4)]);
    if (code == ' ' || (code >= '\t' && code <= '\r') || (code >= 0xD800 && code < 0xE000)) continue;
    AppendUtf8(code, word);
    --length;
  }
  return word;
}

// Any finite float: all exponents, denormals and both zeros.
float RandomFloat(PhiloxStream& random) {
  for (;;) {
    const float value = std::bit_cast<float>(random());
    if (std::isfinite(value)) return random.Below(20) == 0 ? std::copysign(0.0f, value) : value;
  }
}

WordVectors RandomUnicodeVectors(std::size_t count, std::size_t dim, std::uint64_t seed) {
  PhiloxStream random(seed);
  std::set<std::string> seen;
  std::vector<corpora::WordCount> words;
  while (words.size() < count) {
    std::string word = RandomWord(random);
    if (seen.insert(word).second) words.push_back({word, 0});
  }
  auto matrix = *Matrix<float>::Create(count, dim);
  for (std::size_t i = 0; i < count; ++i) {
    for (float& value : matrix.row(i)) value = RandomFloat(random);
  }
  return MakeWordVectors(words, std::move(matrix));
}

void ExpectSame(const WordVectors& expected, const WordVectors& actual) {
  ASSERT_EQ(actual.vocabulary.size(), expected.vocabulary.size());
  ASSERT_EQ(actual.vectors.rows, expected.vectors.rows);
  ASSERT_EQ(actual.vectors.cols, expected.vectors.cols);
  for (std::size_t i = 0; i < expected.vectors.rows; ++i) {
    const WordId id{static_cast<std::uint32_t>(i)};
    ASSERT_EQ(actual.vocabulary.word(id), expected.vocabulary.word(id));
    ASSERT_EQ(actual.vocabulary.count(id), expected.vocabulary.count(id));
    for (std::size_t j = 0; j < expected.vectors.cols; ++j) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(actual.vectors.row(i)[j]),
                std::bit_cast<std::uint32_t>(expected.vectors.row(i)[j]))
          << "row " << i << ", column " << j;
    }
  }
}

class VectorFileTest : public FolderTest {};

TEST_F(VectorFileTest, LoadAfterSaveIsIdentityInEveryFormatDetectedOrNamed) {
  for (const VectorFormat format : kAll) {
    for (const std::size_t dim : {1u, 2u, 3u, 17u, 300u}) {
      SCOPED_TRACE(fmt::format("{} d={}", Name(format), dim));
      const WordVectors vectors = RandomUnicodeVectors(200, dim, dim);
      const std::string path = Path(fmt::format("{}-{}", Name(format), dim));
      ASSERT_TRUE(SaveWordVectors(vectors, path, format).ok());
      const auto named = LoadWordVectors(path, {.format = format});
      ASSERT_TRUE(named.ok()) << named.status();
      ExpectSame(vectors, *named);
      const auto detected = LoadWordVectors(path);
      ASSERT_TRUE(detected.ok()) << detected.status();
      ExpectSame(vectors, *detected);
    }
  }
}

TEST_F(VectorFileTest, ThreadsDoNotChangeWhatIsReadOrWritten) {
  const WordVectors vectors = RandomUnicodeVectors(3000, 50, 7);
  for (const int threads : {1, 2, 5}) {
    const std::string path = Path(fmt::format("{}.vec", threads));
    ASSERT_TRUE(SaveWordVectors(vectors, path, VectorFormat::kWord2vecText, {.threads = threads}).ok());
    EXPECT_EQ(*ReadFileToString(path), *ReadFileToString(Path("1.vec")));
    const auto loaded = LoadWordVectors(path, {.threads = threads});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectSame(vectors, *loaded);
  }
}

TEST_F(VectorFileTest, SavingLeavesNoFileButItsOwn) {
  const WordVectors vectors = RandomUnicodeVectors(10, 4, 3);
  ASSERT_TRUE(SaveWordVectors(vectors, Path("vectors.tsv"), VectorFormat::kProjector).ok());
  ASSERT_TRUE(SaveWordVectors(vectors, Path("x.npy"), VectorFormat::kNpy).ok());
  ASSERT_TRUE(SaveWordVectors(vectors, Path("x.vec"), VectorFormat::kFastText).ok());
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Path(""))) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"vectors.tsv", "metadata.tsv", "x.npy", "x.words.txt", "x.vec"}));
}

TEST_F(VectorFileTest, ProjectorFilesKeepCounts) {
  const WordVectors vectors =
      MakeWordVectors(std::vector<corpora::WordCount>{{"two words", 12}, {"b", 3}}, *Matrix<float>::Create(2, 2));
  ASSERT_TRUE(SaveWordVectors(vectors, Path("vectors.tsv"), VectorFormat::kProjector).ok());
  EXPECT_EQ(*ReadFileToString(Path("metadata.tsv")), "word\tcount\ntwo words\t12\nb\t3\n");
  const auto loaded = LoadWordVectors(Path("vectors.tsv"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectSame(vectors, *loaded);
}

TEST_F(VectorFileTest, WordsWithBlanksSurviveInTheFormatsThatCanHoldThem) {
  const WordVectors vectors = MakeWordVectors({{"New York", {1, 2}}, {"tab\there", {3, 4}}});
  ASSERT_TRUE(SaveWordVectors(vectors, Path("x.npy"), VectorFormat::kNpy).ok());
  const auto loaded = LoadWordVectors(Path("x.npy"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectSame(vectors, *loaded);
}

TEST_F(VectorFileTest, AWordThatAFormatCannotHoldIsNamedAndNothingIsWritten) {
  const std::pair<VectorFormat, std::string> cases[] = {
      {VectorFormat::kWord2vecText, "New York"}, {VectorFormat::kFastText, "tab\there"},
      {VectorFormat::kGlove, "line\nbreak"},     {VectorFormat::kWord2vecBinary, "New York"},
      {VectorFormat::kWord2vecBinary, "a\nb"},   {VectorFormat::kProjector, "tab\there"},
      {VectorFormat::kNpy, "line\nbreak"},       {VectorFormat::kWord2vecText, "vertical\vtab"},
  };
  for (const auto& [format, word] : cases) {
    const auto status = SaveWordVectors(MakeWordVectors({{"ok", {1}}, {word, {2}}}), Path("x"), format);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr(fmt::format("'{}'", word)));
    const bool line_break = word.find('\n') != std::string::npos;
    EXPECT_THAT(std::string(status.message()), HasSubstr(line_break ? "model file" : "npy can"));
    EXPECT_TRUE(std::filesystem::is_empty(Path("")));
  }
}

TEST_F(VectorFileTest, AByteOrderMarkIsNoPartOfTheFirstWordUnlessTheFormatHasAPlaceForIt) {
  const std::string marked =
      "\xEF\xBB\xBF"
      "a";
  const WordVectors vectors = MakeWordVectors({{marked, {1}}, {"b", {2}}});
  for (const VectorFormat format : {VectorFormat::kGlove, VectorFormat::kProjector}) {
    const auto status = SaveWordVectors(vectors, Path("x"), format);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(std::filesystem::is_empty(Path("")));
  }
  for (const VectorFormat format : {VectorFormat::kWord2vecText, VectorFormat::kWord2vecBinary, VectorFormat::kNpy}) {
    ASSERT_TRUE(SaveWordVectors(vectors, Path("x"), format).ok()) << Name(format);
    const auto loaded = LoadWordVectors(Path("x"));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectSame(vectors, *loaded);
  }
  Write("metadata.tsv",
        "\xEF\xBB\xBF"
        "word\tcount\na\t1\n");
  const auto loaded = LoadWordVectors(Write("vectors.tsv",
                                            "\xEF\xBB\xBF"
                                            "1\t2\n"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->vocabulary.word(WordId{0}), "a");
}

TEST_F(VectorFileTest, NothingToWriteAndValuesThatAreNotFiniteAreErrors) {
  EXPECT_TRUE(absl::IsInvalidArgument(SaveWordVectors({}, Path("x"), VectorFormat::kGlove)));
  const WordVectors vectors = MakeWordVectors({{"a", {1, 2}}, {"b", {3, std::numeric_limits<float>::infinity()}}});
  const auto status = SaveWordVectors(vectors, Path("x"), VectorFormat::kGlove);
  EXPECT_THAT(std::string(status.message()), HasSubstr("number 2 of the vector of 'b' is inf"));
  for (const VectorFormat format : kAll) {
    ASSERT_TRUE(SaveWordVectors(vectors, Path("y"), format, {.allow_non_finite = true}).ok());
    EXPECT_TRUE(absl::IsDataLoss(LoadWordVectors(Path("y"), {.format = format}).status())) << Name(format);
    const auto loaded = LoadWordVectors(Path("y"), {.format = format, .allow_non_finite = true});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectSame(vectors, *loaded);
  }
}

TEST_F(VectorFileTest, MaxWordsReadsTheFirstWords) {
  const WordVectors vectors = RandomUnicodeVectors(100, 5, 11);
  for (const VectorFormat format : kAll) {
    ASSERT_TRUE(SaveWordVectors(vectors, Path("x"), format).ok());
    for (const std::size_t words : {1u, 99u, 100u, 1000u}) {
      const auto loaded = LoadWordVectors(Path("x"), {.max_words = words});
      ASSERT_TRUE(loaded.ok()) << loaded.status();
      ASSERT_EQ(loaded->vectors.rows, std::min<std::size_t>(words, 100));
      ASSERT_EQ(loaded->vectors.row(0)[4], vectors.vectors.row(0)[4]);
    }
  }
}

TEST_F(VectorFileTest, TheFormatIsToldFromTheContent) {
  const std::pair<std::string, VectorFormat> cases[] = {
      {"1 2\nword 0.5 1\n", VectorFormat::kWord2vecText},
      {"\xEF\xBB\xBF"
       "1 2\r\nword 0.5 1\r\n",
       VectorFormat::kWord2vecText},
      {"2 3\nword 0.5 1\nb 1 2 3\n", VectorFormat::kWord2vecText},  // a wrong line is an error, not another format
      {"1 2\nword \xCD\xCC\x4C\x3E\xCD\xCC\x4C\x3F", VectorFormat::kWord2vecBinary},
      {"word 0.5 1\n", VectorFormat::kGlove},
      {"1 2 3\n4 5 6\n", VectorFormat::kGlove},
      {"1 2\n4 5\n", VectorFormat::kGlove},  // words "1" and "4", d = 1: "1 2" as a header would promise two numbers
      {"0.5\t1\n", VectorFormat::kProjector},
      {"0.5\n1\n", VectorFormat::kProjector},
  };
  for (const auto& [text, format] : cases) {
    const auto detected = DetectVectorFormat(Write("x", text));
    ASSERT_TRUE(detected.ok()) << detected.status();
    EXPECT_EQ(Name(*detected), Name(format)) << text;
  }
}

TEST_F(VectorFileTest, BinaryIsReadWithAndWithoutLineBreaksAfterVectors) {
  const std::string one("\0\0\x80\x3F", 4), two("\0\0\0\x40", 4);
  for (const std::string& end : {std::string(), std::string("\n")}) {
    const std::string path = Write("x", "2 1\na " + one + end + "\xC3\xA9 " + two + end);
    const auto loaded = LoadWordVectors(path, {.format = VectorFormat::kWord2vecBinary});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectSame(MakeWordVectors({{"a", {1}}, {"\xC3\xA9", {2}}}), *loaded);
  }
}

TEST_F(VectorFileTest, TextIsReadAsOtherToolsWriteIt) {
  const WordVectors expected = MakeWordVectors({{"a", {0.5f, -1}}, {"b", {1e-3f, 2}}});
  for (const std::string text : {
           "2 2\na 0.5 -1\nb 1e-3 2\n",
           "2 2\na 0.5 -1 \nb 0.001 2.0 \n",        // fastText ends lines with a blank
           "2 2\r\na 0.5 -1\r\nb 1E-3 +2\r\n",      // Windows
           "2 2\na\t0.5\t-1\nb\t.001\t2.\n",        // tabs
           "2 2\na  0.500000 -1.000000\nb 1e-3 2",  // no last line break
           "a 0.5 -1\nb 1e-3 2\n\n",                // GloVe
           "\xEF\xBB\xBF"
           "2 2\na 0.5 -1\nb 1e-3 2\n",  // a byte order mark
           "\xEF\xBB\xBF"
           "a 0.5 -1\nb 1e-3 2\n",
       }) {
    const auto loaded = LoadWordVectors(Write("x", text));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectSame(expected, *loaded);
  }
}

TEST_F(VectorFileTest, WordsWithBlanksOfGloveFilesAreRead) {
  const auto loaded = LoadWordVectors(Write("x", "the 1 2\n. . . 3 4\nat name@domain.com 5 6\n7 7 8\n"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectSame(MakeWordVectors({{"the", {1, 2}}, {". . .", {3, 4}}, {"at name@domain.com", {5, 6}}, {"7", {7, 8}}}),
             *loaded);
}

TEST_F(VectorFileTest, NumbersBeyondNormalFloatsAreRounded) {
  const auto loaded = LoadWordVectors(Write("x", "a 1e-46 -1e-400 1e-40 1e-45\n"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectSame(MakeWordVectors({{"a", {0.0f, -0.0f, 1e-40f, std::numeric_limits<float>::denorm_min()}}}), *loaded);
}

TEST_F(VectorFileTest, SkipDuplicatesKeepsTheFirst) {
  const auto loaded = LoadWordVectors(Write("x", "a 1\nb 2\na 3\nc 4\n"), {.skip_duplicates = true});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectSame(MakeWordVectors({{"a", {1}}, {"b", {2}}, {"c", {4}}}), *loaded);
}

TEST_F(VectorFileTest, CutCharactersAreRepairedOnRequest) {
  const std::string path = Write("x", "caf\xC3 1\nb 2\n");
  const auto replaced = LoadWordVectors(path, {.invalid_utf8 = tokenize::InvalidUtf8::kReplace});
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_EQ(replaced->vocabulary.word(WordId{0}), "caf\xEF\xBF\xBD");
  const auto skipped = LoadWordVectors(path, {.invalid_utf8 = tokenize::InvalidUtf8::kSkip});
  ASSERT_TRUE(skipped.ok()) << skipped.status();
  EXPECT_EQ(skipped->vocabulary.word(WordId{0}), "caf");
}

TEST(VectorFormatTest, NamesParseBack) {
  for (const VectorFormat format : kAll) EXPECT_EQ(*ParseVectorFormat(Name(format)), format);
  EXPECT_THAT(std::string(ParseVectorFormat("word2vec").status().message()), HasSubstr("word2vec-text, word2vec-bin"));
}

TEST(VectorFormatTest, CompanionPathsFollowTheToolsThatReadThem) {
  EXPECT_EQ(CompanionPath("dir.npy/x.npy", VectorFormat::kNpy), "dir.npy/x.words.txt");
  EXPECT_EQ(CompanionPath("x", VectorFormat::kNpy), "x.words.txt");
  EXPECT_EQ(CompanionPath("a/vectors.tsv", VectorFormat::kProjector), "a/metadata.tsv");
  EXPECT_EQ(CompanionPath("a/b_tensor.tsv", VectorFormat::kProjector), "a/b_metadata.tsv");
  EXPECT_EQ(CompanionPath("a/x.tsv", VectorFormat::kProjector), "a/x_metadata.tsv");
  EXPECT_EQ(CompanionPath("x.vec", VectorFormat::kFastText), "");
}

}  // namespace
}  // namespace conec::word2vec
