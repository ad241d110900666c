// Products with a factorised design matrix. Not for other rooms.
//
//   X W    = sum_b (T_b W_b)[r_b] + S W_s                   every distinct row of a table is multiplied once
//   X^T G  = for each block T_b^T (rows of G added by r_b)   and once transposed
//
// Blocks that share a table share one matrix product. Work is split into parts that do not depend on the number of
// threads, and parts are added in order: results are the same bits for every number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "ner/design_matrix.h"

namespace conec::ner::regression_internal {

// `threads`, or all cores for 0.
int TeamSize(int threads);

// Real: float or double, what is computed in. Holds scratch space: one call at a time.
template <typename Real>
class DesignProduct {
 public:
  // x: checked (CheckDesignMatrix); must outlive this object. outputs: at least 1. Whether MultiplyTransposed() will be
  // used decides how much is prepared. Sets OpenBLAS to one thread for the whole process, once: our threads are the
  // ones that share the work. Whoever needs more for other work sets them afterwards, which changes no result here.
  DesignProduct(const DesignMatrix& x, std::size_t outputs, bool transposed, int threads);

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t outputs() const { return outputs_; }

  // z = X w.  w: cols x outputs, z: rows x outputs, both row-major.
  void Multiply(const Real* w, Real* z);
  // gradient = X^T g.  g: rows x outputs, gradient: cols x outputs, both row-major.
  void MultiplyTransposed(const Real* g, Real* gradient);

 private:
  // The tokens that use a row: tokens[begins[u]] to tokens[begins[u + 1]], ascending.
  struct Users {
    std::vector<std::uint32_t> begins, tokens;
  };
  struct Block {
    std::size_t first_column = 0;        // in X
    std::vector<std::uint32_t> used_of;  // for each token the position in Table::used, or kNoRow
    Users users;
  };
  struct Table {  // one table with all blocks that share it
    MatrixView<const float> values;
    std::vector<std::uint32_t> used;  // rows, ascending
    std::vector<Block> blocks;
    std::vector<Real> products;  // used x (blocks * outputs)
  };
  struct SparseColumns {  // the tokens that have an entry in a column, as Users
    std::vector<std::uint64_t> begins;
    std::vector<std::uint32_t> tokens;
    std::vector<float> values;  // empty: all are 1
  };

  void AddTable(const DesignMatrix& x, const std::vector<std::size_t>& blocks, bool transposed);
  void TransposeSparse();
  void LoadRows(const Table& table, std::size_t begin, std::size_t end, Real* out) const;
  void MultiplyTable(Table& table, const Real* w);
  void AddTableProducts(const Table& table, std::size_t begin, std::size_t end, Real* z) const;
  void AddSparseProducts(std::size_t begin, std::size_t end, const Real* w, Real* z) const;
  void SumUsers(const Table& table, std::size_t begin, std::size_t end, const Real* g, Real* sums) const;
  void TransposedPart(const Table& table, std::size_t part, std::size_t parts, const Real* g, Real* partial);
  void MultiplyTableTransposed(const Table& table, const Real* g, Real* gradient);
  void MultiplySparseTransposed(const Real* g, Real* gradient) const;

  std::size_t rows_ = 0, cols_ = 0, outputs_ = 0;
  int threads_ = 1;
  std::vector<Table> tables_;
  const SparseBlock& sparse_;
  std::size_t first_sparse_column_ = 0;
  SparseColumns by_column_;
  std::vector<std::vector<Real>> scratch_;  // per thread
  std::vector<Real> packed_, partials_;
};

extern template class DesignProduct<float>;
extern template class DesignProduct<double>;

}  // namespace conec::ner::regression_internal
