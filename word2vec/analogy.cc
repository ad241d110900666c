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
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "word2vec/row_products.h"
#include "word2vec/unit_rows.h"
#include "word2vec/word_lookup.h"

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
  std::vector<WordRow> passed_over;  // variants of the given words, with vectors that are not zero
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

// gensim looks at the best words (`looked_at`, without the given ones) until one is not a variant of a given word.
void PassOverVariants(const Evaluation& evaluation, std::size_t looked_at) {
  for (const Query& query : evaluation.queries) {
    const auto ahead =
        std::ranges::count_if(query.passed_over, [&](WordRow row) { return evaluation.ComesBefore(query, row); });
    if (static_cast<std::size_t>(ahead) >= looked_at) {
      *query.rank = kNeverFound;
    } else {
      *query.rank -= static_cast<std::uint32_t>(ahead);
    }
  }
}

// Turns questions into queries.
class QueryMaker {
 public:
  QueryMaker(const AnalogyOptions& options, const WordLookup& lookup, Evaluation& evaluation)
      : options_(options), lookup_(lookup), evaluation_(evaluation) {}

  // Adds a query that will count into `rank` if the words are known and the answer can be found; else `rank` is final.
  void Add(const AnalogyQuestion& question, std::uint32_t& rank) {
    Query query;
    if (!FindRows(question, query)) {
      rank = options_.unknown_is_wrong ? kNeverFound : kNotAnswered;
      return;
    }
    rank = kNeverFound;
    if (!ChooseExpected(query)) return;
    rank = 0;
    query.rank = &rank;
    for (std::size_t i = 0; i < 3; ++i) query.terms[i] = Term(query.words[i]);
    FindPassedOver(query);
    evaluation_.queries.push_back(std::move(query));
  }

 private:
  bool FindRows(const AnalogyQuestion& question, Query& query) const {
    for (std::size_t i = 0; i < 4; ++i) {
      const std::optional<WordRow> row = lookup_.Find(question[i]);
      if (!row) return false;
      query.words[i] = *row;
    }
    return true;
  }

  bool IsZero(WordRow row) const { return std::ranges::binary_search(evaluation_.zero_rows, row); }

  static bool IsGiven(const Query& query, WordRow row) {
    return std::find(query.words.begin(), query.words.begin() + 3, row) != query.words.begin() + 3;
  }

  // Of the variants of the expected word, the one that comes first. False if none can be an answer.
  bool ChooseExpected(Query& query) const {
    if (std::any_of(query.words.begin(), query.words.begin() + 3, [&](WordRow row) { return IsZero(row); }))
      return false;
    const WordRow meant = query.words[3];
    if (options_.pass_over_variants > 0 && IsGiven(query, meant)) return false;
    bool found = false;
    for (const WordRow row : lookup_.Variants(meant)) {
      if (IsGiven(query, row) || IsZero(row)) continue;
      if (found && !evaluation_.ComesBefore(query, row)) continue;
      query.words[3] = row;
      query.expected_score = evaluation_.ExactScore(query, row);
      found = true;
    }
    const bool must_be_positive = options_.answers_are_positive && options_.method == AnalogyMethod::k3CosAdd;
    return found && !(must_be_positive && query.expected_score <= 0);
  }

  std::uint32_t Term(WordRow row) {
    const auto [term, is_new] = terms_.emplace(row, static_cast<std::uint32_t>(terms_.size()));
    if (is_new) evaluation_.terms.push_back(row);
    return term->second;
  }

  void FindPassedOver(Query& query) const {
    if (options_.pass_over_variants == 0) return;
    std::set<WordRow> rows;
    for (std::size_t i = 0; i < 3; ++i) {
      for (const WordRow row : lookup_.Variants(query.words[i])) {
        if (!IsGiven(query, row) && !IsZero(row)) rows.insert(row);
      }
    }
    query.passed_over.assign(rows.begin(), rows.end());
  }

  const AnalogyOptions& options_;
  const WordLookup& lookup_;
  Evaluation& evaluation_;
  std::unordered_map<WordRow, std::uint32_t> terms_;
};

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

absl::StatusOr<WordLookup> LookUpWords(const WordVectors& vectors, const std::vector<AnalogySection>& sections,
                                       const AnalogyOptions& options, std::size_t known) {
  std::vector<std::string> words;
  for (const AnalogySection& section : sections) {
    for (const AnalogyQuestion& question : section.questions)
      words.insert(words.end(), question.begin(), question.end());
  }
  return WordLookup::Create(vectors.vocabulary, {known, options.normalize, options.normalize_vocabulary}, words);
}

AnalogyReport EmptyReport(const std::vector<AnalogySection>& sections, std::size_t semantic) {
  AnalogyReport report;
  for (const AnalogySection& section : sections) {
    const bool syntactic = semantic > 0 ? report.sections.size() >= semantic : section.name.starts_with("gram");
    report.sections.push_back({section.name, syntactic, {}, std::vector<std::uint32_t>(section.questions.size())});
  }
  return report;
}

}  // namespace

absl::StatusOr<AnalogyReport> EvaluateAnalogies(const WordVectors& vectors, const std::vector<AnalogySection>& sections,
                                                const AnalogyOptions& options) {
  CONEC_ASSIGN_OR_RETURN(Evaluation evaluation, MakeEvaluation(vectors, options));
  CONEC_ASSIGN_OR_RETURN(const WordLookup lookup, LookUpWords(vectors, sections, options, evaluation.unit.rows()));
  AnalogyReport report = EmptyReport(sections, options.semantic_sections);
  QueryMaker maker(options, lookup, evaluation);
  for (std::size_t s = 0; s < sections.size(); ++s) {
    for (std::size_t i = 0; i < sections[s].questions.size(); ++i) {
      maker.Add(sections[s].questions[i], report.sections[s].ranks[i]);
    }
  }
  if (!evaluation.queries.empty()) CONEC_RETURN_IF_ERROR(RankAll(evaluation, options.threads));
  if (options.pass_over_variants > 0) PassOverVariants(evaluation, options.pass_over_variants);
  for (AnalogySectionReport& section : report.sections) {
    Tally(section.ranks, options.top, section.score);
    Tally(section.ranks, options.top, section.syntactic ? report.syntactic : report.semantic);
    Tally(section.ranks, options.top, report.total);
  }
  return report;
}

}  // namespace conec::word2vec
