// The context counts of a corpus as an explicit sparse matrix: for inspection, for other tables than W1, and for
// ContextScaling::kMax. The encoder does not need it (see global_context.h).
//
// Entry (w, c) is the sum over the occurrences of w of the weights of the c in their windows. The matrix is symmetric.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/safetensors.h"
#include "base/status.h"
#include "conec/context_options.h"
#include "conec/global_context.h"
#include "corpora/word_id.h"

namespace conec {

struct ContextMatrixOptions {
  ContextOptions context;        // window and weighting; scaling and unit_rows play no part
  std::size_t buffer_mb = 1024;  // memory for counting; what does not fit goes to unnamed temporary files
  std::string scratch_folder;    // where those lie; empty: the folder of the result, or the system's
  ContextProgressFn progress;
};

// One row of the matrix: columns increasing, weights positive.
using ContextRowVisitor = std::function<absl::Status(corpora::WordId row, std::span<const corpora::WordId> columns,
                                                     std::span<const double> weights)>;

// Calls `visit` for every row that is not empty, in increasing order. words: V, every id of the corpus (after mapping)
// is below it (else kInvalidArgument). An error of `visit` ends the walk and is returned.
absl::Status ForEachContextRow(const ContextCorpus& corpus, std::size_t words, const ContextMatrixOptions& options,
                               const ContextRowVisitor& visit);

// The largest entry of every row, 0 for empty rows.
absl::StatusOr<std::vector<double>> ContextRowMaxima(const ContextCorpus& corpus, std::size_t words,
                                                     const ContextMatrixOptions& options);

// Writes the matrix (atomically): a safetensors file with the CSR tensors "row_pointers" (I64, V+1), "columns" (I32)
// and "weights" (F32), and the context options as metadata.
absl::Status BuildContextMatrix(const ContextCorpus& corpus, std::size_t words, const ContextMatrixOptions& options,
                                const std::string& path);

// A context matrix file, mapped. V x V.
class ContextMatrix {
 public:
  // kDataLoss for anything else, with what was expected. Reads all of the file once: row pointers and columns are
  // checked, so that a hostile file cannot make the members read outside.
  static absl::StatusOr<ContextMatrix> Open(const std::string& path);

  std::size_t rows() const { return row_pointers_.size() - 1; }
  std::size_t nonzeros() const { return columns_.size(); }
  const ContextOptions& context() const { return context_; }
  std::span<const std::int32_t> columns(std::size_t row) const;  // increasing
  std::span<const float> weights(std::size_t row) const;

  std::vector<double> RowMaxima() const;  // 0 for empty rows
  std::vector<double> RowSums() const;

  // matrix times table (V x d), rows in double precision, threads over rows: the same bits for any number of threads.
  // unit_rows: the table's rows scaled to unit length first. kInvalidArgument if table.rows != rows().
  absl::StatusOr<Matrix<float>> Multiply(MatrixView<const float> table, bool unit_rows, int threads = 0) const;

 private:
  ContextMatrix() = default;
  std::shared_ptr<const SafetensorsFile> file_;
  std::span<const std::int64_t> row_pointers_;
  std::span<const std::int32_t> columns_;
  std::span<const float> weights_;
  ContextOptions context_;
};

}  // namespace conec
