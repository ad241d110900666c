// A few hundred words make up all questions, so their cosines with all words are computed once, a block of words at a
// time (one matrix product), and a question only combines three rows of it. That is some hundred times less work than
// one product per question, and serves 3CosMul, too.
//
// The rank of the expected answer is what is computed: how many words score higher. Each word is compared with the
// expected score as computed in double precision; only words closer to it than single precision can tell are computed
// in double precision themselves.
#include "word2vec/analogy.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "word2vec/blas.h"
#include "word2vec/unit_rows.h"

namespace conec::word2vec {
namespace {

constexpr double kEpsilon = 0.001;  // of 3CosMul
constexpr std::size_t kScoreFloats = std::size_t{1} << 22;

using WordRow = std::uint32_t;

// A question that can be answered.
struct Query {
  std::array<WordRow, 4> words;        // rows of the unit vectors: a, b, c, expected
  std::array<std::uint32_t, 3> terms;  // rows of the scores: a, b, c
  double expected_score = 0;
  std::uint32_t* rank = nullptr;
};

double Shift(double cosine) {
  return (1 + cosine) / 2;
}

// All that does not change from block to block.
struct Evaluation {
  AnalogyMethod method;
  Matrix<float> unit;
  std::vector<WordRow> zero_rows;  // increasing
  std::vector<WordRow> terms;      // the distinct words a, b, c of all queries
  std::vector<Query> queries;
  float error = 0;  // bound of the error of one cosine

  double ExactScore(const Query& query, WordRow row) const {
    const auto cosine = [&](WordRow given) { return Dot(unit.row(given), unit.row(row)); };
    const double a = cosine(query.words[0]), b = cosine(query.words[1]), c = cosine(query.words[2]);
    return method == AnalogyMethod::k3CosAdd ? b - a + c : Shift(b) * Shift(c) / (Shift(a) + kEpsilon);
  }

  bool ComesBefore(const Query& query, WordRow row) const {
    const double score = ExactScore(query, row);
    return score > query.expected_score || (score == query.expected_score && row < query.words[3]);
  }
};

// The cosines of the three given words with the words [first, last).
struct ScoreRows {
  const float* a;
  const float* b;
  const float* c;
};

// Counts the words that certainly score higher than `limit` into `higher` and says whether any is too close to tell.
// `difference(i)` has the sign of score - limit. NaN, the mark of zero vectors, is neither.
template <typename Difference>
bool CountHigher(Difference difference, std::size_t first, std::size_t last, float margin, std::uint32_t& higher) {
  std::uint32_t above = 0, close = 0;
#pragma omp simd reduction(+ : above, close)
  for (std::size_t i = first; i < last; ++i) {
    const float d = difference(i);
    above += d > margin ? 1u : 0u;
    close += std::fabs(d) <= margin ? 1u : 0u;
  }
  higher += above;
  return close > 0;
}

// Words of one block that come before the expected answer of `query`, in [first, last) of the block.
template <typename Difference>
std::uint32_t CountRange(const Evaluation& evaluation, const Query& query, Difference difference, std::size_t begin,
                         std::size_t first, std::size_t last, float margin) {
  std::uint32_t count = 0;
  if (!CountHigher(difference, first, last, margin, count)) return count;
  for (std::size_t i = first; i < last; ++i) {
    if (std::fabs(difference(i)) > margin || std::isnan(difference(i))) continue;
    const auto row = static_cast<WordRow>(begin + i);
    if (row != query.words[3] && evaluation.ComesBefore(query, row)) ++count;
  }
  return count;
}

// The same for the whole block but the given words, which cut it into ranges.
template <typename Difference>
std::uint32_t CountBlock(const Evaluation& evaluation, const Query& query, Difference difference, std::size_t begin,
                         std::size_t width, float margin) {
  std::array<WordRow, 3> given = {query.words[0], query.words[1], query.words[2]};
  std::ranges::sort(given);
  std::uint32_t count = 0;
  std::size_t first = 0;
  for (const WordRow row : given) {
    if (row < begin + first || row >= begin + width) continue;
    count += CountRange(evaluation, query, difference, begin, first, row - begin, margin);
    first = row - begin + 1;
  }
  return count + CountRange(evaluation, query, difference, begin, first, width, margin);
}

std::uint32_t Count(const Evaluation& evaluation, const Query& query, ScoreRows rows, std::size_t begin,
                    std::size_t width) {
  const auto limit = static_cast<float>(query.expected_score);
  const float rounding = 0x1p-20f * (2 + std::fabs(limit));  // of the few operations below and of `limit`
  if (evaluation.method == AnalogyMethod::k3CosAdd) {
    const auto difference = [=](std::size_t i) { return rows.b[i] - rows.a[i] + rows.c[i] - limit; };
    return CountBlock(evaluation, query, difference, begin, width, 3 * evaluation.error + rounding);
  }
  // Without the division: b c > limit (a + epsilon).
  const auto difference = [=](std::size_t i) {
    const float a = 0.5f + 0.5f * rows.a[i], b = 0.5f + 0.5f * rows.b[i], c = 0.5f + 0.5f * rows.c[i];
    return b * c - limit * (a + static_cast<float>(kEpsilon));
  };
  return CountBlock(evaluation, query, difference, begin, width, (2 + std::fabs(limit)) * evaluation.error + rounding);
}

// Cosines of all terms with words [begin, begin + width) into `scores`; NaN for zero vectors.
void ScoreBlock(const Evaluation& evaluation, MatrixView<const float> terms, std::size_t begin,
                MatrixView<float> scores) {
  const MatrixView<const float> unit = evaluation.unit.view();
  MultiplyTransposed(terms, {unit.data + begin * unit.stride, scores.cols, unit.cols, unit.stride}, scores);
  auto zero = std::ranges::lower_bound(evaluation.zero_rows, static_cast<WordRow>(begin));
  for (; zero != evaluation.zero_rows.end() && *zero < begin + scores.cols; ++zero) {
    for (std::size_t t = 0; t < scores.rows; ++t) scores.row(t)[*zero - begin] = std::nanf("");
  }
}

// Adds the counts of all words to the ranks. Threads share the words, so each counts for itself.
absl::Status RankAll(Evaluation& evaluation, int threads) {
  CONEC_ASSIGN_OR_RETURN(auto terms, Matrix<float>::Create(evaluation.terms.size(), evaluation.unit.cols()));
  for (std::size_t t = 0; t < terms.rows(); ++t) {
    std::ranges::copy(evaluation.unit.view().row(evaluation.terms[t]), terms.row(t).begin());
  }
  const std::size_t block = std::clamp<std::size_t>(kScoreFloats / terms.rows(), 64, 4096);
  const std::size_t words = evaluation.unit.rows(), blocks = (words + block - 1) / block;
#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_max_threads())
  {
    std::vector<float> scores(terms.rows() * block);
    std::vector<std::uint32_t> counts(evaluation.queries.size());
#pragma omp for schedule(dynamic)
    for (std::size_t n = 0; n < blocks; ++n) {
      const std::size_t begin = n * block, width = std::min(block, words - begin);
      const MatrixView<float> view(scores.data(), terms.rows(), width, block);
      ScoreBlock(evaluation, terms.view(), begin, view);
      for (std::size_t q = 0; q < counts.size(); ++q) {
        const Query& query = evaluation.queries[q];
        const auto row = [&](std::size_t i) { return view.row(query.terms[i]).data(); };
        counts[q] += Count(evaluation, query, {row(0), row(1), row(2)}, begin, width);
      }
    }
#pragma omp critical(conec_analogy_ranks)
    for (std::size_t q = 0; q < counts.size(); ++q) *evaluation.queries[q].rank += counts[q];
  }
  return absl::OkStatus();
}

// Words of questions to rows; each distinct spelling is normalised once.
class Lookup {
 public:
  Lookup(const WordVectors& vectors, const AnalogyOptions& options, std::size_t known)
      : vectors_(vectors), options_(options), known_(known) {}

  absl::StatusOr<std::optional<WordRow>> Find(const std::string& word) {
    if (const auto found = rows_.find(word); found != rows_.end()) return found->second;
    std::string normal = word;
    if (options_.normalize) {
      CONEC_ASSIGN_OR_RETURN(normal, options_.normalize(word));
    }
    const auto id = vectors_.vocabulary.Find(normal);
    const bool known = id && corpora::Index(*id) < known_;
    return rows_[word] = known ? std::optional<WordRow>(corpora::Index(*id)) : std::nullopt;
  }

 private:
  const WordVectors& vectors_;
  const AnalogyOptions& options_;
  std::size_t known_;
  std::unordered_map<std::string, std::optional<WordRow>> rows_;
};

bool CanBeFound(const Evaluation& evaluation, const std::array<WordRow, 4>& words) {
  const bool is_given = std::find(words.begin(), words.begin() + 3, words[3]) != words.begin() + 3;
  return !is_given && !std::ranges::binary_search(evaluation.zero_rows, words[3]);
}

// Makes a query of a question whose words are known and whose answer can be found; sets the rank of the others.
absl::Status AddQuestion(const AnalogyQuestion& question, Lookup& lookup, Evaluation& evaluation,
                         std::unordered_map<WordRow, std::uint32_t>& terms, std::uint32_t& rank) {
  Query query;
  rank = kNotAnswered;
  for (std::size_t i = 0; i < 4; ++i) {
    CONEC_ASSIGN_OR_RETURN(const std::optional<WordRow> row, lookup.Find(question[i]));
    if (!row) return absl::OkStatus();
    query.words[i] = *row;
  }
  rank = kNeverFound;
  if (!CanBeFound(evaluation, query.words)) return absl::OkStatus();
  rank = 0;
  query.rank = &rank;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [term, is_new] = terms.emplace(query.words[i], static_cast<std::uint32_t>(terms.size()));
    if (is_new) evaluation.terms.push_back(query.words[i]);
    query.terms[i] = term->second;
  }
  query.expected_score = evaluation.ExactScore(query, query.words[3]);
  evaluation.queries.push_back(query);
  return absl::OkStatus();
}

absl::StatusOr<Evaluation> MakeEvaluation(const WordVectors& vectors, const AnalogyOptions& options) {
  if (options.threads < 0) return InvalidArgument("threads must be at least 0, got {}", options.threads);
  if (vectors.vectors.empty()) return InvalidArgument("no word vectors to answer with");
  if (vectors.vectors.cols > std::numeric_limits<int>::max() / 2) return InvalidArgument("too many dimensions");
  Evaluation evaluation{.method = options.method, .unit = {}, .zero_rows = {}, .terms = {}, .queries = {}};
  const std::size_t limit = options.restrict_vocabulary;
  CONEC_ASSIGN_OR_RETURN(evaluation.unit, UnitRows(vectors.vectors, limit == 0 ? vectors.vectors.rows : limit));
  evaluation.error = ProductErrorBound(evaluation.unit.cols());
  for (std::size_t i = 0; i < evaluation.unit.rows(); ++i) {
    const auto row = evaluation.unit.view().row(i);
    if (Dot(row, row) == 0) evaluation.zero_rows.push_back(static_cast<WordRow>(i));
  }
  return evaluation;
}

void Tally(std::span<const std::uint32_t> ranks, std::size_t top, AnalogyScore& score) {
  score.total += ranks.size();
  for (const std::uint32_t rank : ranks) {
    score.answered += rank != kNotAnswered ? 1 : 0;
    score.correct += rank == 0 ? 1 : 0;
    score.correct_in_top += rank < kNeverFound && rank < top ? 1 : 0;
  }
}

}  // namespace

absl::StatusOr<AnalogyReport> EvaluateAnalogies(const WordVectors& vectors, const std::vector<AnalogySection>& sections,
                                                const AnalogyOptions& options) {
  CONEC_ASSIGN_OR_RETURN(Evaluation evaluation, MakeEvaluation(vectors, options));
  Lookup lookup(vectors, options, evaluation.unit.rows());
  std::unordered_map<WordRow, std::uint32_t> terms;
  AnalogyReport report;
  for (const AnalogySection& section : sections) {
    const std::size_t count = section.questions.size();
    report.sections.push_back({section.name, section.name.starts_with("gram"), {}, std::vector<std::uint32_t>(count)});
    // Moving the report's sections about does not move their ranks.
    std::vector<std::uint32_t>& ranks = report.sections.back().ranks;
    for (std::size_t i = 0; i < count; ++i) {
      CONEC_RETURN_IF_ERROR(AddQuestion(section.questions[i], lookup, evaluation, terms, ranks[i]));
    }
  }
  if (!evaluation.queries.empty()) CONEC_RETURN_IF_ERROR(RankAll(evaluation, options.threads));
  for (AnalogySectionReport& section : report.sections) {
    Tally(section.ranks, options.top, section.score);
    Tally(section.ranks, options.top, section.syntactic ? report.syntactic : report.semantic);
    Tally(section.ranks, options.top, report.total);
  }
  return report;
}

}  // namespace conec::word2vec
