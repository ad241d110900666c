// The context counts of a corpus as an explicit sparse matrix: for inspection, for other tables than W1, and for
// ContextScaling::kMax. The encoder does not need it (see global_context.h).
//
// V x R, with R the rows of W1 (word2vec/input_layout.h). Entry (w, c) is the sum over the occurrences of w of the
// weights of what row c stands for: the words c in their windows, and with extended inputs words to the right, and
// shapes. Without them R = V and the matrix is symmetric.
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
#include "conec/input_table.h"
#include "corpora/word_id.h"

namespace conec {

struct ContextMatrixOptions {
  ContextOptions context;        // window and weights; scaling, unit_rows and sif (see ContextColumns) play no part
  std::size_t buffer_mb = 1024;  // memory for counting; what does not fit goes to unnamed temporary files
  std::string scratch_folder;    // where those lie; empty: the folder of the result, or the system's
  ContextProgressFn progress;
};

// Which rows W1 has, without its numbers.
class ContextColumns {
 public:
  // Those of `words` words and nothing else. Implicit, since most tables are like that.
  ContextColumns(std::size_t words);                                        // NOLINT(google-explicit-constructor)
  ContextColumns(const word2vec::InputLayout& layout) : layout_(layout) {}  // NOLINT(google-explicit-constructor)
  // Those of a table, whose words have their weights.
  ContextColumns(const InputTable& table)  // NOLINT(google-explicit-constructor)
      : layout_(table.layout), word_weights_(table.word_weights) {}

  const word2vec::InputLayout& layout() const { return layout_; }
  std::size_t words() const { return layout_.vocabulary_size; }
  std::span<const float> word_weights() const { return word_weights_; }

 private:
  word2vec::InputLayout layout_;
  std::span<const float> word_weights_;
};

// The bytes that counting takes for either of the following: options.buffer_mb, less for a small corpus.
std::size_t CountingBytes(const ContextCorpus& corpus, const word2vec::ExtendedInputs& inputs,
                          const ContextMatrixOptions& options);

// One row of the matrix: columns increasing, weights positive.
using ContextRowVisitor = std::function<absl::Status(corpora::WordId row, std::span<const std::uint32_t> columns,
                                                     std::span<const double> weights)>;

// Calls `visit` for every row that is not empty, in increasing order. Every id of the corpus (after mapping) is below
// columns.words() (else kInvalidArgument); the corpus knows shapes if there are columns for them (else
// kFailedPrecondition). An error of `visit` ends the walk and is returned.
absl::Status ForEachContextRow(const ContextCorpus& corpus, const ContextColumns& columns,
                               const ContextMatrixOptions& options, const ContextRowVisitor& visit);

// The largest entry of every row (V values), 0 for empty rows.
absl::StatusOr<std::vector<double>> ContextRowMaxima(const ContextCorpus& corpus, const ContextColumns& columns,
                                                     const ContextMatrixOptions& options);

// Writes the matrix (atomically): a safetensors file with the CSR tensors "row_pointers" (I64, V+1), "columns" (I32)
// and "weights" (F32), and the context options as metadata; with extended inputs in format version 2, which also has
// the layout of the columns.
absl::Status BuildContextMatrix(const ContextCorpus& corpus, const ContextColumns& columns,
                                const ContextMatrixOptions& options, const std::string& path);

// A context matrix file, mapped. V x R.
class ContextMatrix {
 public:
  // kDataLoss for anything else, with what was expected. Reads all of the file once: row pointers and columns are
  // checked, so that a hostile file cannot make the members read outside. kFailedPrecondition for a format version that
  // this build does not know.
  static absl::StatusOr<ContextMatrix> Open(const std::string& path);

  std::size_t rows() const { return row_pointers_.size() - 1; }
  std::size_t nonzeros() const { return columns_.size(); }
  const ContextOptions& context() const { return context_; }
  const word2vec::InputLayout& layout() const { return layout_; }  // of the columns
  std::span<const std::int32_t> columns(std::size_t row) const;    // increasing
  std::span<const float> weights(std::size_t row) const;

  std::vector<double> RowMaxima() const;  // 0 for empty rows
  std::vector<double> RowSums() const;

  // matrix times table (R x d; the result is V x d), rows in double precision, threads over rows: the same bits for any
  // number of threads. unit_rows: the table's rows scaled to unit length first; its word_weights play no part, the
  // matrix has them already. kInvalidArgument if the table's rows are not the matrix' columns.
  absl::StatusOr<Matrix<float>> Multiply(const InputTable& table, bool unit_rows, int threads = 0) const;

 private:
  ContextMatrix() = default;
  std::shared_ptr<const SafetensorsFile> file_;
  std::span<const std::int64_t> row_pointers_;
  std::span<const std::int32_t> columns_;
  std::span<const float> weights_;
  ContextOptions context_;
  word2vec::InputLayout layout_;
};

}  // namespace conec
