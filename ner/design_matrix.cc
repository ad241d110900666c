#include "ner/design_matrix.h"

#include <algorithm>
#include <cmath>

namespace conec::ner {
namespace {

constexpr std::size_t kMaxRows = kNoRow - 1;
constexpr std::size_t kMaxTableColumns = std::numeric_limits<std::int32_t>::max();

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

absl::Status CheckDenseRows(const DenseBlock& block, std::size_t index) {
  std::vector<bool> checked(block.table.rows);
  for (std::size_t i = 0; i < block.row_of.size(); ++i) {
    const std::uint32_t row = block.row_of[i];
    if (row == kNoRow) continue;
    if (row >= block.table.rows) {
      return InvalidArgument("dense block {}: token {} uses row {} of a table of {} rows", index, i, row,
                             block.table.rows);
    }
    if (checked[row]) continue;
    if (!AllFinite(block.table.row(row))) return InvalidArgument("dense block {}: row {} is not finite", index, row);
    checked[row] = true;
  }
  return absl::OkStatus();
}

absl::Status CheckDense(const DenseBlock& block, std::size_t index, std::size_t rows) {
  if (block.row_of.size() != rows) {
    return InvalidArgument("dense block {} has rows for {} tokens, expected {}", index, block.row_of.size(), rows);
  }
  if (block.table.cols > kMaxTableColumns) {
    return InvalidArgument("dense block {} has {} columns, {} are possible", index, block.table.cols, kMaxTableColumns);
  }
  return CheckDenseRows(block, index);
}

absl::Status CheckSparseRow(const SparseBlock& sparse, std::size_t i) {
  const std::uint64_t begin = sparse.row_begins[i], end = sparse.row_begins[i + 1];
  if (begin > end || end > sparse.columns.size()) {
    return InvalidArgument("sparse block: token {} has the entries {} to {} of {}", i, begin, end,
                           sparse.columns.size());
  }
  for (std::uint64_t e = begin; e < end; ++e) {
    if (sparse.columns[e] >= sparse.cols) {
      return InvalidArgument("sparse block: token {} uses column {} of {}", i, sparse.columns[e], sparse.cols);
    }
    if (e > begin && sparse.columns[e] <= sparse.columns[e - 1]) {
      return InvalidArgument("sparse block: the columns of token {} do not ascend", i);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSparse(const SparseBlock& sparse, std::size_t rows) {
  if (sparse.cols == 0) return absl::OkStatus();
  if (sparse.row_begins.size() != rows + 1 || sparse.row_begins.front() != 0 ||
      sparse.row_begins.back() != sparse.columns.size()) {
    return InvalidArgument("sparse block: {} row begins do not fit {} tokens and {} entries", sparse.row_begins.size(),
                           rows, sparse.columns.size());
  }
  if (!sparse.values.empty() && sparse.values.size() != sparse.columns.size()) {
    return InvalidArgument("sparse block: {} values for {} entries", sparse.values.size(), sparse.columns.size());
  }
  if (!AllFinite(sparse.values)) return InvalidArgument("sparse block: a value is not finite");
  for (std::size_t i = 0; i < rows; ++i) CONEC_RETURN_IF_ERROR(CheckSparseRow(sparse, i));
  return absl::OkStatus();
}

SparseBlock SelectSparseRows(const SparseBlock& sparse, std::span<const std::uint32_t> rows) {
  SparseBlock selected;
  selected.cols = sparse.cols;
  if (sparse.cols == 0) return selected;
  selected.row_begins.reserve(rows.size() + 1);
  selected.row_begins.push_back(0);
  for (const std::uint32_t row : rows) {
    const auto begin = static_cast<std::ptrdiff_t>(sparse.row_begins[row]);
    const auto end = static_cast<std::ptrdiff_t>(sparse.row_begins[row + 1]);
    const auto append = [begin, end](const auto& from, auto& to) {
      if (!from.empty()) to.insert(to.end(), from.begin() + begin, from.begin() + end);
    };
    append(sparse.columns, selected.columns);
    append(sparse.values, selected.values);
    selected.row_begins.push_back(selected.columns.size());
  }
  return selected;
}

}  // namespace

absl::Status CheckDesignMatrix(const DesignMatrix& x) {
  if (x.rows > kMaxRows) return InvalidArgument("{} tokens, {} are possible", x.rows, kMaxRows);
  for (std::size_t b = 0; b < x.dense.size(); ++b) CONEC_RETURN_IF_ERROR(CheckDense(x.dense[b], b, x.rows));
  return CheckSparse(x.sparse, x.rows);
}

DesignMatrix SelectRows(const DesignMatrix& x, std::span<const std::uint32_t> rows) {
  DesignMatrix selected;
  selected.rows = rows.size();
  for (const DenseBlock& block : x.dense) {
    DenseBlock& copy = selected.dense.emplace_back(DenseBlock{block.table, {}, block.owner});
    copy.row_of.reserve(rows.size());
    for (const std::uint32_t row : rows) copy.row_of.push_back(block.row_of[row]);
  }
  selected.sparse = SelectSparseRows(x.sparse, rows);
  return selected;
}

}  // namespace conec::ner
