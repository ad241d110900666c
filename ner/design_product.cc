#include "ner/design_product.h"

#include <cblas.h>
#include <omp.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <type_traits>

namespace conec::ner::regression_internal {
namespace {

constexpr std::size_t kChunk = 256;        // table rows per matrix product: they stay in the L2 cache
constexpr std::size_t kTokenPart = 2048;   // tokens
constexpr std::size_t kTableParts = 64;    // at most; each has its own sums
constexpr std::size_t kColumnPart = 1024;  // sparse columns

std::size_t Parts(std::size_t size, std::size_t part) {
  return (size + part - 1) / part;
}

blasint Int(std::size_t size) {
  return static_cast<blasint>(size);
}

// c (m x n) = a (m x k) b (k x n), all without padding.
void Gemm(std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b, float* c) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, Int(m), Int(n), Int(k), 1.0f, a, Int(k), b, Int(n), 0.0f, c,
              Int(n));
}
void Gemm(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b, double* c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, Int(m), Int(n), Int(k), 1.0, a, Int(k), b, Int(n), 0.0, c,
              Int(n));
}

// c (m x n) += a^T b, a: k x m, b: k x n, all without padding.
void AddGemmTransposed(std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b, float* c) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, Int(m), Int(n), Int(k), 1.0f, a, Int(m), b, Int(n), 1.0f, c,
              Int(n));
}
void AddGemmTransposed(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b, double* c) {
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, Int(m), Int(n), Int(k), 1.0, a, Int(m), b, Int(n), 1.0, c,
              Int(n));
}

// Calls function(n) with a constant if there are few outputs, so that the loops over them are unrolled.
template <typename Function>
void WithOutputs(std::size_t n, const Function& function) {
  switch (n) {
#define CONEC_CASE(N) \
  case N:             \
    return function(std::integral_constant<std::size_t, N>())
    CONEC_CASE(1);
    CONEC_CASE(2);
    CONEC_CASE(3);
    CONEC_CASE(4);
    CONEC_CASE(5);
    CONEC_CASE(6);
    CONEC_CASE(7);
    CONEC_CASE(8);
    CONEC_CASE(9);
#undef CONEC_CASE
    default:
      return function(n);
  }
}

template <typename Real, typename Count>
void Add(Real* __restrict sum, const Real* __restrict term, Count n) {
  for (std::size_t k = 0; k < n; ++k) sum[k] += term[k];
}

// sum += sum of values[e] * rows[indices[e]] for the entries e; rows: n values each. No values: all are 1.
template <typename Real, typename Count>
void AddEntries(std::span<const std::uint32_t> indices, const float* values, const Real* __restrict rows, Count n,
                Real* __restrict sum) {
  constexpr std::size_t kAhead = 12;
  for (std::size_t e = 0; e < indices.size(); ++e) {
    if (e + kAhead < indices.size()) __builtin_prefetch(rows + indices[e + kAhead] * n);
    const Real* __restrict row = rows + indices[e] * n;
    const Real value = values == nullptr ? Real{1} : static_cast<Real>(values[e]);
    for (std::size_t k = 0; k < n; ++k) sum[k] += value * row[k];
  }
}

bool SameTable(const MatrixView<const float>& a, const MatrixView<const float>& b) {
  return a.data == b.data && a.rows == b.rows && a.cols == b.cols && a.stride == b.stride;
}

// The blocks of x, those that share a table together.
std::vector<std::vector<std::size_t>> GroupByTable(const DesignMatrix& x) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t b = 0; b < x.dense.size(); ++b) {
    const auto shares = [&](const auto& group) { return SameTable(x.dense[group[0]].table, x.dense[b].table); };
    const auto group = std::find_if(groups.begin(), groups.end(), shares);
    if (group == groups.end()) {
      groups.push_back({b});
    } else {
      group->push_back(b);
    }
  }
  return groups;
}

std::size_t FirstColumn(const DesignMatrix& x, std::size_t block) {
  std::size_t column = 0;
  for (std::size_t b = 0; b < block; ++b) column += x.dense[b].table.cols;
  return column;
}

// position[row]: where the row stands among those that are used, or kNoRow.
std::vector<std::uint32_t> PositionsOfUsedRows(const DesignMatrix& x, const std::vector<std::size_t>& blocks) {
  std::vector<std::uint32_t> position(x.dense[blocks[0]].table.rows, kNoRow);
  for (const std::size_t b : blocks) {
    for (const std::uint32_t row : x.dense[b].row_of) {
      if (row != kNoRow) position[row] = 0;
    }
  }
  std::uint32_t used = 0;
  for (std::uint32_t& p : position) {
    if (p != kNoRow) p = used++;
  }
  return position;
}

}  // namespace

int TeamSize(int threads) {
  return threads > 0 ? threads : omp_get_max_threads();
}

template <typename Real>
DesignProduct<Real>::DesignProduct(const DesignMatrix& x, std::size_t outputs, bool transposed, int threads)
    : rows_(x.rows), cols_(x.cols()), outputs_(outputs), threads_(TeamSize(threads)), sparse_(x.sparse) {
  static std::once_flag single_threaded;
  std::call_once(single_threaded, [] { openblas_set_num_threads(1); });
  scratch_.resize(static_cast<std::size_t>(threads_));
  for (const std::vector<std::size_t>& blocks : GroupByTable(x)) {
    if (x.dense[blocks[0]].table.cols > 0) AddTable(x, blocks, transposed);
  }
  first_sparse_column_ = FirstColumn(x, x.dense.size());
  if (transposed && sparse_.cols > 0) TransposeSparse();
}

template <typename Real>
void DesignProduct<Real>::AddTable(const DesignMatrix& x, const std::vector<std::size_t>& blocks, bool transposed) {
  Table& table = tables_.emplace_back();
  table.values = x.dense[blocks[0]].table;
  const std::vector<std::uint32_t> position = PositionsOfUsedRows(x, blocks);
  for (std::uint32_t row = 0; row < position.size(); ++row) {
    if (position[row] != kNoRow) table.used.push_back(row);
  }
  for (const std::size_t b : blocks) {
    Block& block = table.blocks.emplace_back();
    block.first_column = FirstColumn(x, b);
    for (const std::uint32_t row : x.dense[b].row_of) block.used_of.push_back(row == kNoRow ? kNoRow : position[row]);
    if (!transposed) continue;
    block.users.begins.assign(table.used.size() + 1, 0);
    for (const std::uint32_t u : block.used_of) {
      if (u != kNoRow) ++block.users.begins[u + 1];
    }
    for (std::size_t u = 0; u < table.used.size(); ++u) block.users.begins[u + 1] += block.users.begins[u];
    block.users.tokens.resize(block.users.begins.back());
    std::vector<std::uint32_t> next(block.users.begins.begin(), block.users.begins.end() - 1);
    for (std::uint32_t i = 0; i < block.used_of.size(); ++i) {
      if (const std::uint32_t u = block.used_of[i]; u != kNoRow) block.users.tokens[next[u]++] = i;
    }
  }
  const std::size_t width = table.blocks.size() * outputs_;
  table.products.resize(table.used.size() * width);
  for (std::vector<Real>& scratch : scratch_) {
    scratch.resize(std::max(scratch.size(), kChunk * (table.values.cols + width)));
  }
}

template <typename Real>
void DesignProduct<Real>::TransposeSparse() {
  by_column_.begins.resize(sparse_.cols + 1);
  by_column_.tokens.resize(sparse_.columns.size());
  by_column_.values.resize(sparse_.values.size());
  for (const std::uint32_t column : sparse_.columns) ++by_column_.begins[column + 1];
  for (std::size_t j = 0; j < sparse_.cols; ++j) by_column_.begins[j + 1] += by_column_.begins[j];
  std::vector<std::uint64_t> next(by_column_.begins.begin(), by_column_.begins.end() - 1);
  for (std::uint32_t i = 0; i < rows_; ++i) {
    for (std::uint64_t e = sparse_.row_begins[i]; e < sparse_.row_begins[i + 1]; ++e) {
      const std::uint64_t to = next[sparse_.columns[e]]++;
      by_column_.tokens[to] = i;
      if (!sparse_.values.empty()) by_column_.values[to] = sparse_.values[e];
    }
  }
}

template <typename Real>
void DesignProduct<Real>::LoadRows(const Table& table, std::size_t begin, std::size_t end, Real* out) const {
  for (std::size_t u = begin; u < end; ++u) {
    const std::span<const float> row = table.values.row(table.used[u]);
    out = std::copy(row.begin(), row.end(), out);
  }
}

template <typename Real>
void DesignProduct<Real>::MultiplyTable(Table& table, const Real* w) {
  const std::size_t cols = table.values.cols, width = table.blocks.size() * outputs_;
  packed_.resize(cols * width);
  for (std::size_t b = 0; b < table.blocks.size(); ++b) {
    const Real* from = w + table.blocks[b].first_column * outputs_;
    for (std::size_t j = 0; j < cols; ++j) {
      std::copy_n(from + j * outputs_, outputs_, packed_.data() + j * width + b * outputs_);
    }
  }
  const std::size_t used = table.used.size(), chunks = Parts(used, kChunk);
#pragma omp parallel for schedule(dynamic) num_threads(threads_) if (chunks > 1)
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t begin = chunk * kChunk, end = std::min(begin + kChunk, used);
    Real* rows = scratch_[static_cast<std::size_t>(omp_get_thread_num())].data();
    LoadRows(table, begin, end, rows);
    Gemm(end - begin, width, cols, rows, packed_.data(), table.products.data() + begin * width);
  }
}

template <typename Real>
void DesignProduct<Real>::AddTableProducts(const Table& table, std::size_t begin, std::size_t end, Real* z) const {
  if (table.used.empty()) return;
  const std::size_t width = table.blocks.size() * outputs_;
  for (std::size_t b = 0; b < table.blocks.size(); ++b) {
    const Real* products = table.products.data() + b * outputs_;
    const std::vector<std::uint32_t>& used_of = table.blocks[b].used_of;
    WithOutputs(outputs_, [&](auto n) {
      for (std::size_t i = begin; i < end; ++i) {
        if (used_of[i] != kNoRow) Add(z + i * n, products + used_of[i] * width, n);
      }
    });
  }
}

template <typename Real>
void DesignProduct<Real>::AddSparseProducts(std::size_t begin, std::size_t end, const Real* w, Real* z) const {
  if (sparse_.cols == 0) return;
  const Real* weights = w + first_sparse_column_ * outputs_;
  WithOutputs(outputs_, [&](auto n) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint64_t first = sparse_.row_begins[i], size = sparse_.row_begins[i + 1] - first;
      const float* values = sparse_.values.empty() ? nullptr : sparse_.values.data() + first;
      AddEntries(std::span(sparse_.columns).subspan(first, size), values, weights, n, z + i * n);
    }
  });
}

template <typename Real>
void DesignProduct<Real>::Multiply(const Real* w, Real* z) {
  for (Table& table : tables_) MultiplyTable(table, w);
  const std::size_t parts = Parts(rows_, kTokenPart);
#pragma omp parallel for schedule(dynamic) num_threads(threads_) if (parts > 1)
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = part * kTokenPart, end = std::min(begin + kTokenPart, rows_);
    std::fill(z + begin * outputs_, z + end * outputs_, Real{0});
    for (const Table& table : tables_) AddTableProducts(table, begin, end, z);
    AddSparseProducts(begin, end, w, z);
  }
}

template <typename Real>
void DesignProduct<Real>::SumUsers(const Table& table, std::size_t begin, std::size_t end, const Real* g,
                                   Real* sums) const {
  std::fill_n(sums, (end - begin) * table.blocks.size() * outputs_, Real{0});
  WithOutputs(outputs_, [&](auto n) {
    for (std::size_t u = begin; u < end; ++u) {
      for (const Block& block : table.blocks) {
        const std::size_t first = block.users.begins[u], size = block.users.begins[u + 1] - first;
        AddEntries(std::span(block.users.tokens).subspan(first, size), nullptr, g, n, sums);
        sums += n;
      }
    }
  });
}

// The part's share of (columns of the table) x (blocks * outputs) sums.
template <typename Real>
void DesignProduct<Real>::TransposedPart(const Table& table, std::size_t part, std::size_t parts, const Real* g,
                                         Real* partial) {
  const std::size_t cols = table.values.cols, width = table.blocks.size() * outputs_;
  const std::size_t used = table.used.size(), chunks = Parts(used, kChunk);
  Real* rows = scratch_[static_cast<std::size_t>(omp_get_thread_num())].data();
  Real* sums = rows + kChunk * cols;
  std::fill_n(partial, cols * width, Real{0});
  for (std::size_t chunk = part * chunks / parts; chunk < (part + 1) * chunks / parts; ++chunk) {
    const std::size_t begin = chunk * kChunk, end = std::min(begin + kChunk, used);
    SumUsers(table, begin, end, g, sums);
    LoadRows(table, begin, end, rows);
    AddGemmTransposed(cols, width, end - begin, rows, sums, partial);
  }
}

template <typename Real>
void DesignProduct<Real>::MultiplyTableTransposed(const Table& table, const Real* g, Real* gradient) {
  const std::size_t cols = table.values.cols, width = table.blocks.size() * outputs_;
  const std::size_t parts = std::max<std::size_t>(1, std::min(kTableParts, Parts(table.used.size(), kChunk)));
  partials_.resize(std::max(partials_.size(), parts * cols * width));
#pragma omp parallel for schedule(dynamic) num_threads(threads_) if (parts > 1)
  for (std::size_t part = 0; part < parts; ++part) {
    TransposedPart(table, part, parts, g, partials_.data() + part * cols * width);
  }
  for (std::size_t part = 1; part < parts; ++part) {
    Add(partials_.data(), partials_.data() + part * cols * width, cols * width);
  }
  for (std::size_t b = 0; b < table.blocks.size(); ++b) {
    Real* to = gradient + table.blocks[b].first_column * outputs_;
    for (std::size_t j = 0; j < cols; ++j) {
      std::copy_n(partials_.data() + j * width + b * outputs_, outputs_, to + j * outputs_);
    }
  }
}

template <typename Real>
void DesignProduct<Real>::MultiplySparseTransposed(const Real* g, Real* gradient) const {
  Real* sums = gradient + first_sparse_column_ * outputs_;
  const std::size_t parts = Parts(sparse_.cols, kColumnPart);
#pragma omp parallel for schedule(dynamic) num_threads(threads_) if (parts > 1)
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = part * kColumnPart, end = std::min(begin + kColumnPart, sparse_.cols);
    std::fill(sums + begin * outputs_, sums + end * outputs_, Real{0});
    WithOutputs(outputs_, [&](auto n) {
      for (std::size_t j = begin; j < end; ++j) {
        const std::uint64_t first = by_column_.begins[j], size = by_column_.begins[j + 1] - first;
        const float* values = by_column_.values.empty() ? nullptr : by_column_.values.data() + first;
        AddEntries(std::span(by_column_.tokens).subspan(first, size), values, g, n, sums + j * n);
      }
    });
  }
}

template <typename Real>
void DesignProduct<Real>::MultiplyTransposed(const Real* g, Real* gradient) {
  for (const Table& table : tables_) MultiplyTableTransposed(table, g, gradient);
  MultiplySparseTransposed(g, gradient);
}

template class DesignProduct<float>;
template class DesignProduct<double>;

}  // namespace conec::ner::regression_internal
