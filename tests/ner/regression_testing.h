// Features and labels for tests of logistic regression.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "ner/design_matrix.h"

namespace conec::ner {

inline std::vector<std::string> ClassNames(std::size_t classes) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < classes; ++c) names.push_back("class" + std::to_string(c));
  return names;
}

struct DataOptions {
  std::size_t rows = 50;
  std::uint32_t classes = 3;
  std::size_t tables = 2;        // the first is used by two blocks
  std::uint32_t table_rows = 9;  // few: rows repeat
  std::size_t table_cols = 4;
  std::uint32_t sparse_cols = 12;  // 0: none
  bool sparse_values = true;       // false: all 1
  std::uint64_t seed = 1;
};

struct TestData {
  DesignMatrix x;
  std::vector<std::uint32_t> labels;  // every class has examples
  std::vector<double> weights;        // in (0.5, 1.5)
};

inline std::shared_ptr<Matrix<float>> RandomTable(std::size_t rows, std::size_t cols, PhiloxStream& random) {
  auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(rows, cols));
  for (std::size_t i = 0; i < rows; ++i) {
    for (float& value : table->row(i)) value = 2 * UniformFloat(random()) - 1;
  }
  return table;
}

// Some tokens have no row.
inline DenseBlock RandomBlock(const std::shared_ptr<Matrix<float>>& table, std::size_t rows, PhiloxStream& random) {
  DenseBlock block{table->view(), {}, table};
  const auto choices = static_cast<std::uint32_t>(table->rows()) + 1;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint32_t row = UniformBelow(random(), choices);
    block.row_of.push_back(row + 1 == choices ? kNoRow : row);
  }
  return block;
}

inline SparseBlock RandomSparse(const DataOptions& options, PhiloxStream& random) {
  SparseBlock sparse;
  sparse.cols = options.sparse_cols;
  sparse.row_begins = {0};
  for (std::size_t i = 0; i < options.rows; ++i) {
    for (std::uint32_t j = 0; j < options.sparse_cols; ++j) {
      if (UniformBelow(random(), 4) != 0) continue;
      sparse.columns.push_back(j);
      if (options.sparse_values) sparse.values.push_back(UniformFloat(random()) + 0.5f);
    }
    sparse.row_begins.push_back(sparse.columns.size());
  }
  return sparse;
}

inline TestData RandomData(const DataOptions& options) {
  PhiloxStream random(options.seed);
  TestData data;
  data.x.rows = options.rows;
  for (std::size_t t = 0; t < options.tables; ++t) {
    const auto table = RandomTable(options.table_rows, options.table_cols, random);
    for (int use = 0; use < (t == 0 ? 2 : 1); ++use) {
      data.x.dense.push_back(RandomBlock(table, options.rows, random));
    }
  }
  if (options.sparse_cols > 0) data.x.sparse = RandomSparse(options, random);
  for (std::uint32_t i = 0; i < options.rows; ++i) {
    data.labels.push_back(i < options.classes ? i : UniformBelow(random(), options.classes));
    data.weights.push_back(0.5 + random.Uniform());
  }
  return data;
}

// X, written out: rows x p.
inline std::vector<std::vector<double>> Materialize(const DesignMatrix& x) {
  std::vector<std::vector<double>> rows(x.rows);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (const DenseBlock& block : x.dense) {
      const std::uint32_t row = block.row_of[i];
      for (std::size_t j = 0; j < block.table.cols; ++j) {
        rows[i].push_back(row == kNoRow ? 0.0 : static_cast<double>(block.table.row(row)[j]));
      }
    }
    const std::size_t first = rows[i].size();
    rows[i].resize(first + x.sparse.cols);
    if (x.sparse.cols == 0) continue;
    for (std::uint64_t e = x.sparse.row_begins[i]; e < x.sparse.row_begins[i + 1]; ++e) {
      rows[i][first + x.sparse.columns[e]] = x.sparse.values.empty() ? 1.0 : static_cast<double>(x.sparse.values[e]);
    }
  }
  return rows;
}

}  // namespace conec::ner
