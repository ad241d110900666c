// The rules of the protocols, against the rules written down as plainly as possible. (gensim_golden_test.cc has the
// real gensim.)
#include <gmock/gmock.h>

#include "tests/word2vec/cased_analogies.h"
#include "word2vec/analogy.h"

namespace conec::word2vec {
namespace {

using ::testing::ElementsAre;

std::vector<AnalogySection> Parse(std::string_view text) {
  auto sections = ParseAnalogyQuestions(text, "q.txt");
  EXPECT_TRUE(sections.ok()) << sections.status();
  return *std::move(sections);
}

AnalogyReport Evaluate(const WordVectors& vectors, std::string_view questions, const AnalogyOptions& options) {
  auto report = EvaluateAnalogies(vectors, Parse(questions), options);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

// compute-accuracy, question by question: strings are compared, not rows, and only the three rows that the given words
// led to are left out.
class ComputeAccuracy {
 public:
  ComputeAccuracy(const WordVectors& vectors, std::size_t threshold) {
    const std::size_t words = threshold == 0 ? vectors.vectors.rows : std::min(threshold, vectors.vectors.rows);
    for (std::uint32_t i = 0; i < words; ++i) {
      const auto row = vectors.vectors.row(i);
      double length = 0;
      for (const float x : row) length += double{x} * double{x};
      std::vector<double> unit;
      for (const float x : row) unit.push_back(x / std::sqrt(length));
      words_.push_back(Upper(std::string(vectors.vocabulary.word(corpora::WordId{i}))));
      rows_.push_back(unit);
    }
  }

  // Whether the question counts, and whether the answer is right.
  std::pair<bool, bool> Answer(const AnalogyQuestion& question) const {
    std::array<std::size_t, 4> at{};
    for (std::size_t i = 0; i < 4; ++i) {
      at[i] = static_cast<std::size_t>(std::ranges::find(words_, Upper(question[i])) - words_.begin());
      if (at[i] == words_.size()) return {false, false};
    }
    std::string best;
    double best_score = 0;
    for (std::size_t x = 0; x < words_.size(); ++x) {
      if (x == at[0] || x == at[1] || x == at[2]) continue;
      double score = 0;
      for (std::size_t j = 0; j < rows_[x].size(); ++j) {
        score += (rows_[at[1]][j] - rows_[at[0]][j] + rows_[at[2]][j]) * rows_[x][j];
      }
      if (score > best_score) {
        best_score = score;
        best = words_[x];
      }
    }
    return {true, best == Upper(question[3])};
  }

 private:
  static std::string Upper(std::string word) {
    for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return word;
  }

  std::vector<std::string> words_;
  std::vector<std::vector<double>> rows_;
};

TEST(AnalogyProtocolTest, Word2vecCountsAsComputeAccuracyDoes) {
  const WordVectors vectors = CasedVectors(40, 3, 12);
  const std::string text = CasedQuestions(40, 3, true);
  const auto sections = Parse(text);
  for (const std::size_t threshold : {std::size_t{30000}, vectors.vectors.rows * 2 / 3, std::size_t{0}}) {
    AnalogyOptions options = ProtocolOptions(AnalogyProtocol::kWord2vec);
    options.restrict_vocabulary = threshold;
    const AnalogyReport report = Evaluate(vectors, text, options);
    const ComputeAccuracy oracle(vectors, threshold);
    for (std::size_t s = 0; s < sections.size(); ++s) {
      for (std::size_t i = 0; i < sections[s].questions.size(); ++i) {
        const auto [counts, correct] = oracle.Answer(sections[s].questions[i]);
        const std::uint32_t rank = report.sections[s].ranks[i];
        EXPECT_EQ(rank != kNotAnswered, counts) << s << " " << i;
        EXPECT_EQ(rank == 0, correct) << s << " " << i;
      }
      EXPECT_EQ(report.sections[s].syntactic, s >= 5);
    }
    EXPECT_GT(report.total.correct, 50u);
    EXPECT_GT(report.total.answered, report.total.correct + 50);
    EXPECT_GT(report.total.total, report.total.answered);
  }
}

// The three protocols disagree about this file in every way they can.
TEST(AnalogyProtocolTest, CaseDecidesWhatIsKnownAndWhatIsRight) {
  // d2 is a second spelling of the expected word and closer; B a second one of a given word, closer still.
  const WordVectors vectors = MakeWordVectors({{"a", {1, 0}},
                                               {"b", {0, 1}},
                                               {"c", {1, 1}},
                                               {"dé", {1, 4}},
                                               {"Dé", {0.9f, 4}},
                                               {"DÉ", {0.5f, 4}},
                                               {"B", {0.05f, 4}}});
  const std::string questions = ": s\nA b C dé\na b c dé\na b c DÉ\n";
  const auto ranks = [&](AnalogyProtocol protocol) {
    return Evaluate(vectors, questions, ProtocolOptions(protocol)).sections[0].ranks;
  };
  EXPECT_THAT(ranks(AnalogyProtocol::kConec), ElementsAre(3, 3, 3));     // dé itself, behind B, DÉ and Dé
  EXPECT_THAT(ranks(AnalogyProtocol::kWord2vec), ElementsAre(2, 2, 1));  // Dé or dé; é and É differ
  EXPECT_THAT(ranks(AnalogyProtocol::kGensim), ElementsAre(0, 0, 0));    // DÉ, since B is passed over
}

TEST(AnalogyProtocolTest, ManyVariantsOfAGivenWordHideTheAnswerFromGensim) {
  std::vector<std::pair<std::string, std::vector<float>>> rows = {
      {"a", {1, 0}}, {"bbbb", {0, 1}}, {"c", {1, 1}}, {"d", {1, 4}}};
  const std::vector<std::string> variants = {"Bbbb", "bBbb", "bbBb", "bbbB", "BBbb"};
  for (std::size_t count = 0; count <= variants.size(); ++count) {
    const AnalogyReport report =
        Evaluate(MakeWordVectors(rows), ": s\na bbbb c d\n", ProtocolOptions(AnalogyProtocol::kGensim));
    EXPECT_THAT(report.sections[0].ranks, ElementsAre(count < 5 ? 0 : kNeverFound)) << count;
    if (count < variants.size()) rows.push_back({variants[count], {0.05f, 4}});
  }
}

TEST(AnalogyProtocolTest, ComputeAccuracyWantsPositiveScores) {
  const WordVectors vectors = MakeWordVectors({{"a", {1, 1}}, {"b", {1, 0.5f}}, {"c", {1, 0.5f}}, {"d", {-1, -1}}});
  const std::string questions = ": s\na b c d\n";
  EXPECT_EQ(Evaluate(vectors, questions, ProtocolOptions(AnalogyProtocol::kWord2vec)).total.correct, 0u);
  EXPECT_EQ(Evaluate(vectors, questions, ProtocolOptions(AnalogyProtocol::kConec)).total.correct, 1u);
}

TEST(AnalogyProtocolTest, UnknownWordsAreLeftOutOrWrong) {
  const WordVectors vectors = MakeWordVectors({{"a", {1, 0}}, {"b", {0, 1}}, {"c", {1, 1}}, {"d", {1, 3}}});
  AnalogyOptions options;
  EXPECT_EQ(Evaluate(vectors, ": s\na b c d\na b c x\n", options).total.accuracy(), 100);
  options.unknown_is_wrong = true;
  const AnalogyReport report = Evaluate(vectors, ": s\na b c d\na b c x\n", options);
  EXPECT_EQ(report.total.answered, 2u);
  EXPECT_EQ(report.total.accuracy(), 50);
}

TEST(AnalogyProtocolTest, AWordWithoutLengthAsksNothing) {
  const WordVectors vectors = MakeWordVectors({{"a", {0, 0}}, {"b", {0, 1}}, {"c", {1, 1}}, {"d", {1, 3}}});
  EXPECT_THAT(Evaluate(vectors, ": s\na b c d\n", {}).sections[0].ranks, ElementsAre(kNeverFound));
}

TEST(AnalogyProtocolTest, ThresholdsAreThoseOfThePrograms) {
  EXPECT_EQ(ProtocolOptions(AnalogyProtocol::kConec).restrict_vocabulary, 30000u);
  EXPECT_EQ(ProtocolOptions(AnalogyProtocol::kWord2vec).restrict_vocabulary, 30000u);
  EXPECT_EQ(ProtocolOptions(AnalogyProtocol::kGensim).restrict_vocabulary, 300000u);
}

TEST(AnalogyProtocolTest, NamesParseBack) {
  for (const auto protocol : {AnalogyProtocol::kConec, AnalogyProtocol::kWord2vec, AnalogyProtocol::kGensim}) {
    EXPECT_EQ(*ParseAnalogyProtocol(Name(protocol)), protocol);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseAnalogyProtocol("word2vec.c").status()));
  for (const auto letters : {LetterCase::kExact, LetterCase::kLower, LetterCase::kFold, LetterCase::kFoldAscii}) {
    EXPECT_EQ(*ParseLetterCase(Name(letters)), letters);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseLetterCase("upper").status()));
}

}  // namespace
}  // namespace conec::word2vec
