// gensim as the judge of our files, analogy scores and similarities (gensim_oracle.py).
#include <bit>
#include <cstdlib>
#include <sstream>

#include "tests/word2vec/cased_analogies.h"
#include "tests/word2vec/word_vectors_testing.h"
#include "word2vec/analogy.h"
#include "word2vec/similarity.h"
#include "word2vec/vector_file.h"

namespace conec::word2vec {
namespace {

class GensimTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    // Looks for the package without importing it, which takes seconds.
    constexpr std::string_view kProbe =
        "import importlib.util, sys; sys.exit(importlib.util.find_spec(\"gensim\") is None)";
    if (std::system(fmt::format("'{}' -c '{}'", CONEC_PYTHON, kProbe).c_str()) != 0) {
      GTEST_SKIP() << "gensim is not installed for '" << CONEC_PYTHON << "'";
    }
  }

  // Exit code of gensim_oracle.py.
  int Oracle(const std::string& arguments) const {
    const std::string script = std::string(CONEC_SOURCE_DIR) + "/tests/word2vec/gensim_oracle.py";
    return std::system(fmt::format("'{}' '{}' {} 2> '{}'", CONEC_PYTHON, script, arguments, Path("log")).c_str());
  }
};

void ExpectSame(const WordVectors& expected, const WordVectors& actual) {
  ASSERT_EQ(actual.vocabulary.size(), expected.vocabulary.size());
  ASSERT_EQ(actual.vectors.cols, expected.vectors.cols);
  for (std::size_t i = 0; i < expected.vectors.rows; ++i) {
    const corpora::WordId id{static_cast<std::uint32_t>(i)};
    ASSERT_EQ(actual.vocabulary.word(id), expected.vocabulary.word(id));
    for (std::size_t j = 0; j < expected.vectors.cols; ++j) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(actual.vectors.row(i)[j]),
                std::bit_cast<std::uint32_t>(expected.vectors.row(i)[j]));
    }
  }
}

WordVectors MustLoad(const std::string& path) {
  auto loaded = LoadWordVectors(path);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return loaded.ok() ? *std::move(loaded) : WordVectors{};
}

TEST_F(GensimTest, WhatGensimWritesIsReadBitForBit) {
  ASSERT_EQ(Oracle(fmt::format("save '{}'", Path(""))), 0) << *ReadFileToString(Path("log"));
  const WordVectors expected = MustLoad(Path("expected.npy"));
  ASSERT_EQ(expected.vectors.rows, 13u);
  const std::pair<const char*, VectorFormat> files[] = {{"text", VectorFormat::kWord2vecText},
                                                        {"binary", VectorFormat::kWord2vecBinary},
                                                        {"glove", VectorFormat::kGlove}};
  for (const auto& [name, format] : files) {
    SCOPED_TRACE(name);
    EXPECT_EQ(*DetectVectorFormat(Path(name)), format);
    ExpectSame(expected, MustLoad(Path(name)));
  }
}

TEST_F(GensimTest, GensimReadsWhatWeWriteBitForBit) {
  ASSERT_EQ(Oracle(fmt::format("save '{}'", Path(""))), 0) << *ReadFileToString(Path("log"));
  const WordVectors vectors = MustLoad(Path("expected.npy"));
  const std::pair<const char*, VectorFormat> files[] = {{"text", VectorFormat::kWord2vecText},
                                                        {"binary", VectorFormat::kWord2vecBinary}};
  for (const auto& [kind, format] : files) {
    SCOPED_TRACE(kind);
    ASSERT_TRUE(SaveWordVectors(vectors, Path("ours"), format).ok());
    ASSERT_EQ(Oracle(fmt::format("load '{}' {} '{}'", Path("ours"), kind, Path("theirs"))), 0)
        << *ReadFileToString(Path("log"));
    ExpectSame(vectors, MustLoad(Path("theirs.npy")));
  }
}

// word(pair i, relation r) = stem_i + offset_r + noise, so that some analogies hold and some do not.
WordVectors StructuredVectors(std::size_t stems, std::size_t relations, std::size_t dim) {
  PhiloxStream random(9);
  const WordVectors stem = RandomWordVectors(stems, dim, 10), offset = RandomWordVectors(relations, dim, 11);
  std::vector<corpora::WordCount> words;
  auto matrix = *Matrix<float>::Create(stems * relations, dim);
  for (std::size_t i = 0; i < stems * relations; ++i) {
    words.push_back({fmt::format("s{}r{}", i / relations, i % relations), 0});
    for (std::size_t j = 0; j < dim; ++j) {
      matrix.row(i)[j] =
          stem.vectors.row(i / relations)[j] + offset.vectors.row(i % relations)[j] + 0.7f * Normal(random);
    }
  }
  return MakeWordVectors(words, std::move(matrix));
}

std::string StructuredQuestions(std::uint32_t stems, std::uint32_t relations) {
  PhiloxStream random(12);
  std::string text;
  for (std::uint32_t r = 1; r < relations; ++r) {
    text += fmt::format(": {}relation{}\n", r % 2 == 0 ? "gram" : "", r);
    for (int i = 0; i < 100; ++i) {
      const std::uint32_t s = random.Below(stems), t = random.Below(stems);
      text += fmt::format("s{}r0 s{}r{} s{}r0 s{}r{}\n", s, s, r, t, t, r);
    }
  }
  return text;
}

// What gensim_oracle.py writes of the same scores.
std::string AsOracle(const AnalogyReport& report) {
  std::string text;
  for (const auto& section : report.sections) {
    text += fmt::format("{}\t{}\t{}\n", section.name, section.score.correct, section.score.answered);
  }
  return text + fmt::format("Total accuracy\t{}\t{}\n", report.total.correct, report.total.answered);
}

TEST_F(GensimTest, AnalogyScoresEqualGensims) {
  const WordVectors vectors = StructuredVectors(200, 4, 20);
  ASSERT_TRUE(SaveWordVectors(vectors, Path("v"), VectorFormat::kWord2vecBinary).ok());
  const std::string questions = Write("q", StructuredQuestions(200, 4));
  ASSERT_EQ(Oracle(fmt::format("analogies '{}' '{}' 700 '{}'", Path("v"), questions, Path("out"))), 0)
      << *ReadFileToString(Path("log"));
  const auto report = EvaluateAnalogies(vectors, *ReadAnalogyQuestions(questions), {.restrict_vocabulary = 700});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(AsOracle(*report), *ReadFileToString(Path("out")));
  EXPECT_GT(report->total.correct, 20u);
  EXPECT_GT(report->total.answered, report->total.correct + 20);
  EXPECT_GT(report->total.total, report->total.answered);
}

TEST_F(GensimTest, ProtocolGensimEqualsItsDefaults) {
  const WordVectors vectors = CasedVectors(40, 3, 12);
  ASSERT_TRUE(SaveWordVectors(vectors, Path("v"), VectorFormat::kWord2vecBinary).ok());
  const std::string questions = Write("q", CasedQuestions(40, 3, false));
  const auto sections = *ReadAnalogyQuestions(questions);
  for (const std::size_t restrict_vocabulary : {std::size_t{300000}, vectors.vectors.rows * 2 / 3}) {
    for (const bool dummy : {false, true}) {
      ASSERT_EQ(Oracle(fmt::format("analogies '{}' '{}' {} '{}' fold {}", Path("v"), questions, restrict_vocabulary,
                                   Path("out"), dummy ? "dummy" : "")),
                0)
          << *ReadFileToString(Path("log"));
      AnalogyOptions options = ProtocolOptions(AnalogyProtocol::kGensim);
      if (restrict_vocabulary != options.restrict_vocabulary) options.restrict_vocabulary = restrict_vocabulary;
      options.unknown_is_wrong = dummy;
      const auto report = EvaluateAnalogies(vectors, sections, options);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(AsOracle(*report), *ReadFileToString(Path("out")));
      EXPECT_GT(report->total.correct, 50u);
      EXPECT_GT(report->total.answered, report->total.correct + 20);
      EXPECT_EQ(report->total.answered == report->total.total, dummy);
    }
  }
}

// Pairs of different words with scores that have many ties, as people give them.
std::string PairsOf(const WordVectors& vectors, bool any_case) {
  PhiloxStream random(31);
  std::string text = "# word1 word2 score\n";
  for (int i = 0; i < 300; ++i) {
    const auto words = static_cast<std::uint32_t>(vectors.vectors.rows);
    const std::uint32_t a = random.Below(words), b = (a + 1 + random.Below(words - 1)) % words;
    double product = 0;
    for (std::size_t j = 0; j < vectors.vectors.cols; ++j) {
      product += double{vectors.vectors.row(a)[j]} * double{vectors.vectors.row(b)[j]};
    }
    const auto spelling = [&](std::uint32_t row) {
      const std::string word(vectors.vocabulary.word(corpora::WordId{row}));
      return any_case ? RandomCase(word, random) : word;
    };
    text += fmt::format("{}\t{}\t{}\n", spelling(a), spelling(b), 0.5 * std::round(product / 2 + 4 * Normal(random)));
  }
  return text;
}

TEST_F(GensimTest, SimilaritiesEqualGensimsAndScipys) {
  const WordVectors vectors = CasedVectors(40, 3, 12);
  ASSERT_TRUE(SaveWordVectors(vectors, Path("v"), VectorFormat::kWord2vecBinary).ok());
  for (const LetterCase letters : {LetterCase::kFold, LetterCase::kExact}) {
    const std::string path = Write("p", PairsOf(vectors, letters == LetterCase::kFold));
    const auto pairs = *ReadWordPairs(path);
    ASSERT_EQ(pairs.size(), 300u);
    for (const bool dummy : {false, true}) {
      ASSERT_EQ(Oracle(fmt::format("pairs '{}' '{}' 200 '{}' {} {}", Path("v"), path, Path("out"),
                                   letters == LetterCase::kFold ? "fold" : "", dummy ? "dummy" : "")),
                0)
          << *ReadFileToString(Path("log"));
      SimilarityOptions options{.restrict_vocabulary = 200, .normalize = FormOf(letters)};
      options.normalize_vocabulary = FoldsVocabulary(letters);
      options.unknown = dummy ? UnknownPairs::kZero : UnknownPairs::kSkip;
      const auto report = EvaluateSimilarity(vectors, pairs, options);
      ASSERT_TRUE(report.ok()) << report.status();
      double spearman = 0, pearson = 0, unknown = 0;
      std::istringstream(*ReadFileToString(Path("out"))) >> spearman >> pearson >> unknown;
      // gensim's cosines are of single precision.
      EXPECT_NEAR(report->spearman.value_or(9), spearman, 1e-4);
      EXPECT_NEAR(report->pearson.value_or(9), pearson, 1e-6);
      EXPECT_NEAR(100 - report->coverage(), unknown, 1e-9);
      EXPECT_GT(spearman, 0.2);
      EXPECT_GT(unknown, 10);
    }
  }
}

}  // namespace
}  // namespace conec::word2vec
