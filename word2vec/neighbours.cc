#include "word2vec/neighbours.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "word2vec/row_products.h"
#include "word2vec/unit_rows.h"

namespace conec::word2vec {
namespace {

using corpora::WordId;

constexpr std::size_t kQueryBlock = 32;   // queries that one thread handles at a time
constexpr std::size_t kWordBlock = 4096;  // words per product: 32 x 4096 scores stay in the second-level cache
// Rows of other lengths are not left as they are: their products with a row of length one would be rounded to nothing,
// or overflow.
constexpr double kShortest = 1e-15, kLongest = 1e15;

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

  // Those of other rows for the same query.
  void Merge(std::span<const Scored> others) { rows_.insert(rows_.end(), others.begin(), others.end()); }

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

// The k best by double precision.
std::vector<Neighbour> Rank(MatrixView<const float> vectors, std::span<const float> query, std::span<const Scored> rows,
                            std::size_t k) {
  std::vector<Exact> exact;
  const double query_square = Dot(query, query);
  for (const Scored candidate : rows) {
    const auto row = vectors.row(candidate.row);
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

MatrixView<const float> Rows(MatrixView<const float> all, std::size_t first, std::size_t count) {
  return {all.data + first * all.stride, count, all.cols, all.stride};
}

// One block of queries against all words, or those of a range.
struct Search {
  MatrixView<const float> vectors;  // of words
  std::span<const float> scales;    // 1 / length, per word; 0: none
  MatrixView<const float> queries;  // of length one or zero, at most kQueryBlock
  std::size_t k;
  std::vector<std::vector<WordId>> excluded = {};  // per query, sorted

  void Collect(std::size_t query, std::size_t first_word, std::span<const float> products, Candidates& found) const {
    for (std::size_t i = 0; i < products.size(); ++i) {
      const std::size_t row = first_word + i;
      const float score = products[i] * scales[row];
      if (!found.MayKeep(score) || scales[row] == 0) continue;
      const auto id = static_cast<std::uint32_t>(row);
      if (!std::ranges::binary_search(excluded[query], WordId{id})) found.Add(score, id);
    }
  }

  // What may be among the best of words [begin, end), per query.
  std::vector<Candidates> Find(std::size_t begin, std::size_t end) const {
    std::vector<Candidates> found(queries.rows, Candidates(k, 2 * ProductErrorBound(vectors.cols)));
    std::vector<float> space(queries.rows * kWordBlock);
    for (std::size_t word = begin; word < end; word += kWordBlock) {
      const std::size_t width = std::min(kWordBlock, end - word);
      const MatrixView<float> products(space.data(), queries.rows, width, kWordBlock);
      MultiplyTransposed(queries, Rows(vectors, word, width), products);
      for (std::size_t q = 0; q < queries.rows; ++q) Collect(q, word, products.row(q), found[q]);
    }
    return found;
  }

  void RankAll(std::span<Candidates> found, std::span<std::vector<Neighbour>> results) const {
    for (std::size_t q = 0; q < queries.rows; ++q) {
      if (!IsZero(queries.row(q))) results[q] = Rank(vectors, queries.row(q), found[q].Take(), k);
    }
  }

  void Run(std::span<std::vector<Neighbour>> results) const {
    std::vector<Candidates> found = Find(0, vectors.rows);
    RankAll(found, results);
  }

  // The same, with a part of the words for each thread.
  void RunInParallel(int team, std::span<std::vector<Neighbour>> results) const {
    const std::size_t blocks = (vectors.rows + kWordBlock - 1) / kWordBlock;
    const std::size_t parts = std::min(static_cast<std::size_t>(team), blocks);
    std::vector<std::vector<Candidates>> found(parts);
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static)
    for (std::size_t part = 0; part < parts; ++part) {
      const auto begin_of = [&](std::size_t i) { return std::min(vectors.rows, blocks * i / parts * kWordBlock); };
      found[part] = Find(begin_of(part), begin_of(part + 1));
    }
    for (std::size_t part = 1; part < parts; ++part) {
      for (std::size_t q = 0; q < queries.rows; ++q) found[0][q].Merge(found[part][q].Take());
    }
    RankAll(found[0], results);
  }
};

// In double precision, where the squares of floats neither overflow nor vanish; with several partial sums, so that
// memory and not the latency of additions bounds it.
double Length(std::span<const float> row) {
  constexpr std::size_t kLanes = 16;
  double sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= row.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) sums[j] += double{row[i + j]} * double{row[i + j]};
  }
  double sum = Dot(row.subspan(i), row.subspan(i));
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

std::vector<double> Lengths(MatrixView<const float> rows, int team) {
  std::vector<double> lengths(rows.rows);
#pragma omp parallel for num_threads(team) schedule(static)
  for (std::size_t i = 0; i < rows.rows; ++i) lengths[i] = Length(rows.row(i));
  return lengths;
}

bool IsExtreme(double length) {
  return length != 0 && (length < kShortest || length > kLongest);
}

}  // namespace

absl::StatusOr<NearestNeighbours> NearestNeighbours::Create(const WordVectors& vectors,
                                                            const NeighbourOptions& options) {
  if (options.threads < 0) return InvalidArgument("threads must be at least 0, got {}", options.threads);
  if (vectors.vectors.empty()) return InvalidArgument("no word vectors to search");
  if (vectors.vectors.cols > std::numeric_limits<int>::max() / 2) return InvalidArgument("too many dimensions");
  NearestNeighbours result;
  const std::size_t rows = vectors.vectors.rows, limit = options.restrict_vocabulary;
  result.vectors_ = Rows(vectors.vectors, 0, limit == 0 ? rows : std::min(limit, rows));
  result.owner_ = vectors.owner;
  result.team_ = options.threads > 0 ? options.threads : omp_get_max_threads();
  std::vector<double> lengths = Lengths(result.vectors_, result.team_);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (!std::isfinite(lengths[i])) return InvalidArgument("vector {} has a value that is not finite", i);
  }
  if (std::ranges::any_of(lengths, IsExtreme)) {
    CONEC_ASSIGN_OR_RETURN(Matrix<float> unit, UnitRows(result.vectors_, result.size()));
    const auto owner = std::make_shared<const Matrix<float>>(std::move(unit));
    result.vectors_ = owner->view();
    result.owner_ = owner;
    lengths = Lengths(result.vectors_, result.team_);
  }
  result.scales_.resize(lengths.size());
  std::ranges::transform(lengths, result.scales_.begin(),
                         [](double length) { return length == 0 ? 0.0f : static_cast<float>(1 / length); });
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
  const auto search_for = [&](std::size_t first, std::size_t count) {
    Search search{vectors_, scales_, Rows(all, first, count), k};
    search.excluded.resize(count);
    for (std::size_t q = 0; q < count && !excluded.empty(); ++q) {
      search.excluded[q] = excluded[first + q];
      std::ranges::sort(search.excluded[q]);
    }
    return search;
  };
  if (blocks == 1) {
    search_for(0, queries.rows).RunInParallel(team_, result);
    return result;
  }
#pragma omp parallel for schedule(dynamic) num_threads(team_)
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t first = block * kQueryBlock, count = std::min(kQueryBlock, all.rows - first);
    search_for(first, count).Run(std::span(result).subspan(first, count));
  }
  return result;
}

}  // namespace conec::word2vec
