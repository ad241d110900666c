#include "word2vec/similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "word2vec/unit_rows.h"
#include "word2vec/word_lookup.h"

namespace conec::word2vec {
namespace {

// Ranks from 1; equal values share the average of theirs.
std::vector<double> AverageRanks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

std::vector<double> Centered(std::span<const double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::vector<double> centered(values.begin(), values.end());
  for (double& value : centered) value -= mean;
  return centered;
}

bool AllEqual(std::span<const double> values) {
  return std::ranges::all_of(values, [&](double value) { return value == values.front(); });
}

absl::StatusOr<WordLookup> LookUpPairs(const WordVectors& vectors, std::span<const WordPair> pairs,
                                       const SimilarityOptions& options) {
  std::vector<std::string> words;
  for (const WordPair& pair : pairs) words.insert(words.end(), {pair.first, pair.second});
  const std::size_t limit = options.restrict_vocabulary == 0 ? vectors.vectors.rows : options.restrict_vocabulary;
  return WordLookup::Create(vectors.vocabulary, {limit, options.normalize, options.normalize_vocabulary}, words);
}

// Nothing if a word is unknown or has a vector of length zero.
absl::StatusOr<std::optional<double>> Cosine(const WordVectors& vectors, const WordLookup& lookup,
                                             const WordPair& pair) {
  const auto a = lookup.Find(pair.first), b = lookup.Find(pair.second);
  if (!a || !b) return std::nullopt;
  const auto x = vectors.vectors.row(*a), y = vectors.vectors.row(*b);
  const double xx = Dot(x, x), yy = Dot(y, y), xy = Dot(x, y);
  if (!std::isfinite(xx) || !std::isfinite(yy) || !std::isfinite(xy)) {
    return InvalidArgument("the vector of '{}' or of '{}' has NaN or infinity", pair.first, pair.second);
  }
  if (xx == 0 || yy == 0) return std::nullopt;
  if (*a == *b) return 1.0;  // without rounding, so that all such pairs tie
  return xy / (std::sqrt(xx) * std::sqrt(yy));
}

}  // namespace

std::optional<double> PearsonCorrelation(std::span<const double> x, std::span<const double> y) {
  // Constant values are asked for before they are centred: rounding would leave something of them.
  if (x.size() < 2 || x.size() != y.size() || AllEqual(x) || AllEqual(y)) return std::nullopt;
  const std::vector<double> a = Centered(x), b = Centered(y);
  const auto product = [](const auto& u, const auto& v) {
    return std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
  };
  const double length = std::sqrt(product(a, a)) * std::sqrt(product(b, b));
  if (!std::isfinite(length) || length == 0) return std::nullopt;
  return std::clamp(product(a, b) / length, -1.0, 1.0);
}

std::optional<double> SpearmanCorrelation(std::span<const double> x, std::span<const double> y) {
  return PearsonCorrelation(AverageRanks(x), AverageRanks(y));
}

absl::StatusOr<SimilarityReport> EvaluateSimilarity(const WordVectors& vectors, std::span<const WordPair> pairs,
                                                    const SimilarityOptions& options) {
  if (vectors.vectors.empty()) return InvalidArgument("no word vectors to compare");
  CONEC_ASSIGN_OR_RETURN(const WordLookup lookup, LookUpPairs(vectors, pairs, options));
  SimilarityReport report{.pairs = pairs.size(), .found = 0, .spearman = {}, .pearson = {}};
  std::vector<double> scores, cosines;
  for (const WordPair& pair : pairs) {
    CONEC_ASSIGN_OR_RETURN(const std::optional<double> cosine, Cosine(vectors, lookup, pair));
    report.found += cosine ? 1 : 0;
    if (!cosine && options.unknown == UnknownPairs::kSkip) continue;
    scores.push_back(pair.score);
    cosines.push_back(cosine.value_or(0));
  }
  report.spearman = SpearmanCorrelation(scores, cosines);
  report.pearson = PearsonCorrelation(scores, cosines);
  return report;
}

}  // namespace conec::word2vec
