#include "ner/merge_rows.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace conec::ner::regression_internal {
namespace {

// The finaliser of SplitMix64 (Steele et al. 2014): every bit of the sum so far changes every bit of the result.
std::uint64_t Mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) + 0x9E3779B97F4A7C15u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

struct Data {
  const DesignMatrix& x;
  std::span<const std::uint32_t> labels;
};

std::uint64_t Hash(const Data& data, std::uint32_t i) {
  std::uint64_t hash = data.labels[i];
  for (const DenseBlock& block : data.x.dense) hash = Mix(hash, block.row_of[i]);
  const SparseBlock& sparse = data.x.sparse;
  if (sparse.cols == 0) return hash;
  for (std::uint64_t e = sparse.row_begins[i]; e < sparse.row_begins[i + 1]; ++e) {
    hash = Mix(hash, sparse.columns[e]);
    if (!sparse.values.empty()) hash = Mix(hash, std::bit_cast<std::uint32_t>(sparse.values[e]));
  }
  return hash;
}

template <typename T>
bool SameRange(const std::vector<T>& values, std::uint64_t a, std::uint64_t b, std::uint64_t size) {
  if (values.empty()) return true;
  const auto at = [&](std::uint64_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  return std::equal(at(a), at(a + size), at(b));
}

bool Equal(const Data& data, std::uint32_t i, std::uint32_t j) {
  if (data.labels[i] != data.labels[j]) return false;
  for (const DenseBlock& block : data.x.dense) {
    if (block.row_of[i] != block.row_of[j]) return false;
  }
  const SparseBlock& sparse = data.x.sparse;
  if (sparse.cols == 0) return true;
  const std::uint64_t a = sparse.row_begins[i], b = sparse.row_begins[j];
  const std::uint64_t size = sparse.row_begins[i + 1] - a;
  return sparse.row_begins[j + 1] - b == size && SameRange(sparse.columns, a, b, size) &&
         SameRange(sparse.values, a, b, size);
}

// first[i]: the first row that equals row i.
std::vector<std::uint32_t> FirstEqual(const Data& data) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(data.labels.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {Hash(data, i), i};
  std::sort(order.begin(), order.end());
  std::vector<std::uint32_t> first(order.size()), different;  // different rows of one hash: nearly always one
  for (std::size_t o = 0; o < order.size(); ++o) {
    const std::uint32_t i = order[o].second;
    if (o > 0 && order[o].first != order[o - 1].first) different.clear();
    const auto equal = std::find_if(different.begin(), different.end(), [&](auto j) { return Equal(data, i, j); });
    first[i] = equal == different.end() ? i : *equal;
    if (equal == different.end()) different.push_back(i);
  }
  return first;
}

}  // namespace

Examples MergeEqualRows(const DesignMatrix& x, std::span<const std::uint32_t> labels, std::span<const double> weights) {
  const std::vector<std::uint32_t> first = FirstEqual({x, labels});
  std::vector<double> sums(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) sums[first[i]] += weights.empty() ? 1.0 : weights[i];
  Examples examples;
  for (std::uint32_t i = 0; i < first.size(); ++i) {
    if (first[i] != i || sums[i] == 0) continue;
    examples.rows.push_back(i);
    examples.labels.push_back(labels[i]);
    examples.weights.push_back(sums[i]);
  }
  return examples;
}

}  // namespace conec::ner::regression_internal
