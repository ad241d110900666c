#include "word2vec/neighbours.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "word2vec/blas.h"
#include "word2vec/unit_rows.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;

constexpr std::size_t kQueryBlock = 32;   // queries that one thread handles at a time
constexpr std::size_t kWordBlock = 4096;  // words per product: 32 x 4096 scores stay in the second-level cache

struct Scored {
  float score;
  std::uint32_t row;
};

// Keeps every row that may be among the k best when scores are off by at most `margin` / 2.
class Candidates {
 public:
  Candidates(std::size_t k, float margin) : k_(k), margin_(margin), capacity_(2 * k + 64) {}

  bool MayKeep(float score) const { return score >= threshold_; }

  void Add(float score, std::uint32_t row) {
    rows_.push_back({score, row});
    if (rows_.size() >= capacity_) Prune();
  }

  std::vector<Scored>& Take() {
    Prune();
    return rows_;
  }

 private:
  void Prune() {
    if (rows_.size() <= k_) return;
    const auto kth = rows_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(rows_.begin(), kth, rows_.end(), [](Scored a, Scored b) { return a.score > b.score; });
    threshold_ = kth->score - margin_;
    std::erase_if(rows_, [this](Scored row) { return row.score < threshold_; });
    capacity_ = std::max(capacity_, 2 * rows_.size());  // many ties must not make pruning quadratic
  }

  std::size_t k_;
  float margin_;
  std::size_t capacity_;
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<Scored> rows_;
};

struct Exact {
  double cosine;
  std::uint32_t row;
};

// The k best by double precision. Lengths are computed again since rounding leaves rows not quite of length one.
std::vector<Neighbour> Rank(MatrixView<const float> unit, std::span<const float> query, std::span<const Scored> rows,
                            std::size_t k) {
  std::vector<Exact> exact;
  const double query_square = Dot(query, query);
  for (const Scored candidate : rows) {
    const auto row = unit.row(candidate.row);
    exact.push_back({Dot(query, row) / std::sqrt(query_square * Dot(row, row)), candidate.row});
  }
  std::ranges::sort(exact, [](Exact a, Exact b) { return a.cosine != b.cosine ? a.cosine > b.cosine : a.row < b.row; });
  exact.resize(std::min(exact.size(), k));
  std::vector<Neighbour> result;
  result.reserve(exact.size());
  for (const Exact& e : exact) {
    result.push_back({WordId{e.row}, static_cast<float>(std::clamp(e.cosine, -1.0, 1.0))});
  }
  return result;
}

bool IsZero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return value == 0; });
}

// One block of queries against all words.
struct Search {
  MatrixView<const float> unit;               // words
  const std::vector<bool>& is_zero;           // per word
  MatrixView<const float> queries;            // of length one or zero, at most kQueryBlock
  std::vector<std::vector<WordId>> excluded;  // per query, sorted
  std::size_t k;

  void Collect(std::size_t query, std::size_t first_word, std::span<const float> scores, Candidates& found) const {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto row = static_cast<std::uint32_t>(first_word + i);
      if (!found.MayKeep(scores[i]) || is_zero[row]) continue;
      if (!std::ranges::binary_search(excluded[query], WordId{row})) found.Add(scores[i], row);
    }
  }

  void Run(std::span<std::vector<Neighbour>> results) const {
    std::vector<Candidates> found(queries.rows, Candidates(k, 2 * ProductErrorBound(unit.cols)));
    std::vector<float> scores(queries.rows * kWordBlock);
    for (std::size_t word = 0; word < unit.rows; word += kWordBlock) {
      const std::size_t width = std::min(kWordBlock, unit.rows - word);
      const MatrixView<float> products(scores.data(), queries.rows, width, kWordBlock);
      MultiplyTransposed(queries, {unit.data + word * unit.stride, width, unit.cols, unit.stride}, products);
      for (std::size_t q = 0; q < queries.rows; ++q) Collect(q, word, products.row(q), found[q]);
    }
    for (std::size_t q = 0; q < queries.rows; ++q) {
      if (!IsZero(queries.row(q))) results[q] = Rank(unit, queries.row(q), found[q].Take(), k);
    }
  }
};

}  // namespace

absl::StatusOr<NearestNeighbours> NearestNeighbours::Create(const WordVectors& vectors,
                                                            const NeighbourOptions& options) {
  if (options.threads < 0) return InvalidArgument("threads must be at least 0, got {}", options.threads);
  if (vectors.vectors.empty()) return InvalidArgument("no word vectors to search");
  if (vectors.vectors.cols > std::numeric_limits<int>::max() / 2) return InvalidArgument("too many dimensions");
  NearestNeighbours result;
  const std::size_t limit = options.restrict_vocabulary;
  CONEC_ASSIGN_OR_RETURN(result.unit_, UnitRows(vectors.vectors, limit == 0 ? vectors.vectors.rows : limit));
  result.is_zero_.resize(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) result.is_zero_[i] = IsZero(result.unit_.view().row(i));
  result.threads_ = options.threads;
  return result;
}

absl::StatusOr<std::vector<Neighbour>> NearestNeighbours::Nearest(std::span<const float> query, std::size_t k,
                                                                  std::span<const WordId> excluded) const {
  const std::vector<WordId> list(excluded.begin(), excluded.end());
  CONEC_ASSIGN_OR_RETURN(auto found, NearestBatch(MatrixView<const float>(query.data(), 1, query.size()), k,
                                                  std::span<const std::vector<WordId>>(&list, 1)));
  return std::move(found[0]);
}

absl::StatusOr<std::vector<std::vector<Neighbour>>> NearestNeighbours::NearestBatch(
    MatrixView<const float> queries, std::size_t k, std::span<const std::vector<WordId>> excluded) const {
  if (queries.cols != dim()) return InvalidArgument("a query has {} numbers, the vectors {}", queries.cols, dim());
  if (!excluded.empty() && excluded.size() != queries.rows) {
    return InvalidArgument("{} lists of excluded words for {} queries", excluded.size(), queries.rows);
  }
  std::vector<std::vector<Neighbour>> result(queries.rows);
  CONEC_ASSIGN_OR_RETURN(const Matrix<float> unit_queries, UnitRows(queries, queries.rows));
  if (k == 0 || queries.rows == 0) return result;
  k = std::min(k, size());
  const MatrixView<const float> all = unit_queries.view();
  const std::size_t blocks = (queries.rows + kQueryBlock - 1) / kQueryBlock;
  const int team = threads_ > 0 ? threads_ : omp_get_max_threads();
#pragma omp parallel for schedule(dynamic) num_threads(team) if (blocks > 1)
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t first = block * kQueryBlock, count = std::min(kQueryBlock, all.rows - first);
    Search search{unit_.view(), is_zero_, {all.data + first * all.stride, count, all.cols, all.stride}, {}, k};
    search.excluded.resize(count);
    for (std::size_t q = 0; q < count && !excluded.empty(); ++q) {
      search.excluded[q] = excluded[first + q];
      std::ranges::sort(search.excluded[q]);
    }
    search.Run(std::span(result).subspan(first, count));
  }
  return result;
}

}  // namespace conec::word2vec
