#include "word2vec/analogy.h"

#include <gmock/gmock.h>

#include "tests/word2vec/word_vectors_testing.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<AnalogySection> Parse(std::string_view text) {
  auto sections = ParseAnalogyQuestions(text, "q.txt");
  EXPECT_TRUE(sections.ok()) << sections.status();
  return *std::move(sections);
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return ab / std::sqrt(aa * bb);
}

double NaiveScore(AnalogyMethod method, const WordVectors& v, const std::array<std::uint32_t, 4>& q, std::uint32_t x) {
  const double a = Cosine(v.vectors.row(q[0]), v.vectors.row(x)), b = Cosine(v.vectors.row(q[1]), v.vectors.row(x)),
               c = Cosine(v.vectors.row(q[2]), v.vectors.row(x));
  if (method == AnalogyMethod::k3CosAdd) return b - a + c;
  return (1 + b) / 2 * (1 + c) / 2 / ((1 + a) / 2 + 0.001);
}

// How many words of the first `known` come before the expected one, as plainly as the definition.
std::uint32_t NaiveRank(AnalogyMethod method, const WordVectors& v, const std::array<std::uint32_t, 4>& q,
                        std::uint32_t known) {
  const double expected = NaiveScore(method, v, q, q[3]);
  std::uint32_t rank = 0;
  for (std::uint32_t x = 0; x < known; ++x) {
    if (x == q[0] || x == q[1] || x == q[2] || x == q[3]) continue;
    const double score = NaiveScore(method, v, q, x);
    if (score > expected || (score == expected && x < q[3])) ++rank;
  }
  return rank;
}

TEST(AnalogyTest, RanksEqualTheDefinitionForBothMethods) {
  const WordVectors vectors = RandomWordVectors(6000, 20, 1);
  PhiloxStream random(2);
  std::string text = ": random\n";
  std::vector<std::array<std::uint32_t, 4>> questions;
  while (questions.size() < 60) {
    const std::array<std::uint32_t, 4> q = {random.Below(5000), random.Below(5000), random.Below(5000),
                                            random.Below(5000)};
    if (q[3] == q[0] || q[3] == q[1] || q[3] == q[2]) continue;
    questions.push_back(q);
    text += fmt::format("w{} w{} w{} w{}\n", q[0], q[1], q[2], q[3]);
  }
  for (const AnalogyMethod method : {AnalogyMethod::k3CosAdd, AnalogyMethod::k3CosMul}) {
    for (const int threads : {1, 3}) {
      const auto report =
          EvaluateAnalogies(vectors, Parse(text), {.restrict_vocabulary = 5000, .method = method, .threads = threads});
      ASSERT_TRUE(report.ok()) << report.status();
      for (std::size_t i = 0; i < questions.size(); ++i) {
        EXPECT_EQ(report->sections[0].ranks[i], NaiveRank(method, vectors, questions[i], 5000)) << Name(method) << i;
      }
    }
  }
}

// Pairs (stem_i, form_i) on parallel edges: stem_i = e_i, form_i = e_i + e_last.
WordVectors Parallelogram(std::size_t pairs) {
  std::vector<std::pair<std::string, std::vector<float>>> rows;
  for (std::size_t i = 0; i < pairs; ++i) {
    std::vector<float> stem(pairs + 1, 0.0f);
    stem[i] = 1;
    rows.push_back({fmt::format("stem{}", i), stem});
    stem[pairs] = 1;
    rows.push_back({fmt::format("form{}", i), stem});
  }
  return MakeWordVectors(rows);
}

TEST(AnalogyTest, AParallelogramIsSolvedExactly) {
  std::string text = ": family\n";
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) {
      if (i != j) text += fmt::format("stem{} form{} stem{} form{}\n", i, i, j, j);
    }
  }
  for (const AnalogyMethod method : {AnalogyMethod::k3CosAdd, AnalogyMethod::k3CosMul}) {
    const auto report = EvaluateAnalogies(Parallelogram(8), Parse(text), {.method = method});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->total.correct, 56u);
    EXPECT_EQ(report->total.accuracy(), 100);
  }
}

TEST(AnalogyTest, OfEqualScoresTheLowestIdWins) {
  const WordVectors vectors =
      MakeWordVectors({{"a", {1, 0}}, {"b", {0, 1}}, {"c", {1, 1}}, {"first", {1, 3}}, {"second", {1, 3}}});
  const auto report = EvaluateAnalogies(vectors, Parse(": x\na b c first\na b c second\n"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->sections[0].ranks, ElementsAre(0, 1));
}

TEST(AnalogyTest, UnknownWordsAreCountedButNotAnswered) {
  const WordVectors vectors = MakeWordVectors(
      {{"a", {1, 0}}, {"b", {0, 1}}, {"c", {1, 1}}, {"d", {1, 3}}, {"zero", {0, 0}}, {"outside", {1, 3}}});
  const auto sections = Parse(
      ": s\na b c d\na b c nowhere\nA B C D\na b c outside\n"
      ": gram-x\na b c b\na b c zero\na b c d\n");
  const auto report = EvaluateAnalogies(vectors, sections, {.restrict_vocabulary = 5, .top = 5});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->sections[0].ranks, ElementsAre(0, kNotAnswered, kNotAnswered, kNotAnswered));
  EXPECT_THAT(report->sections[1].ranks, ElementsAre(kNeverFound, kNeverFound, 0));
  EXPECT_EQ(report->semantic.answered, 1u);
  EXPECT_EQ(report->semantic.total, 4u);
  EXPECT_EQ(report->syntactic.answered, 3u);
  EXPECT_EQ(report->syntactic.correct_in_top, 1u);
  EXPECT_EQ(report->total.correct, 2u);
  EXPECT_EQ(report->total.accuracy(), 50);
}

TEST(AnalogyTest, NormalizeBringsQuestionsIntoTheCaseOfTheVocabulary) {
  const WordVectors vectors = MakeWordVectors({{"a", {1, 0}}, {"b", {0, 1}}, {"c", {1, 1}}, {"d", {1, 3}}});
  const auto sections = Parse(": s\nA B C D\n");
  const auto report = EvaluateAnalogies(vectors, sections, {.normalize = NormalizeLike({})});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->total.correct, 1u);
  const auto failed = EvaluateAnalogies(
      vectors, sections, {.normalize = [](std::string_view) { return absl::InvalidArgumentError("no"); }});
  EXPECT_TRUE(absl::IsInvalidArgument(failed.status()));
}

TEST(AnalogyQuestionsTest, SectionsBlanksAndLineEnds) {
  const auto sections = Parse("\xEF\xBB\xBF: one\r\na b c d\r\n\r\n:two\n e\tf  g h \n: empty");
  ASSERT_EQ(sections.size(), 3u);
  EXPECT_EQ(sections[0].name, "one");
  EXPECT_THAT(sections[0].questions, ElementsAre(AnalogyQuestion{"a", "b", "c", "d"}));
  EXPECT_EQ(sections[1].name, "two");
  EXPECT_THAT(sections[1].questions, ElementsAre(AnalogyQuestion{"e", "f", "g", "h"}));
  EXPECT_THAT(sections[1].lines, ElementsAre(5));
  EXPECT_TRUE(sections[2].questions.empty());
}

TEST(AnalogyQuestionsTest, ErrorsNameFileAndLine) {
  const std::pair<std::string, std::string> cases[] = {
      {": s\na b c\n", "q.txt:2: expected 4 words, found 3"},
      {": s\n\na b c d e\n", "q.txt:3: expected 4 words, found 5"},
      {":\n", "q.txt:1: section without a name"},
      {"a b c d\n", "q.txt:1: question before the first"},
      {"", "q.txt: no questions"},
      {": s\n\n: t\n", "q.txt: no questions"},
  };
  for (const auto& [text, message] : cases) {
    const auto status = ParseAnalogyQuestions(text, "q.txt").status();
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
  EXPECT_TRUE(absl::IsNotFound(ReadAnalogyQuestions("/nonexistent/q.txt").status()));
}

TEST(AnalogyMethodTest, NamesParseBack) {
  for (const auto method : {AnalogyMethod::k3CosAdd, AnalogyMethod::k3CosMul}) {
    EXPECT_EQ(*ParseAnalogyMethod(Name(method)), method);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseAnalogyMethod("add").status()));
}

}  // namespace
}  // namespace conec::word2vec
