// Matrices in files, by the end of their names: .npy, .csv, .tsv, .mtx (Matrix Market).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "simec_core/features.h"

namespace conec::simec {

struct MatrixFile {
  // Sparse for Matrix Market's coordinate files, else dense; float32 for npy files of float32, else float64. Dense
  // matrices may hold NaN (missing entries).
  Features values;
  // Of CSV and TSV files that have them; else empty.
  std::vector<std::string> row_names, column_names;
};

// kInvalidArgument for another end of the name; what cannot be read is named with its file, and line where there is
// one. A one-dimensional npy array is one column; numpy's integers and booleans become float64.
absl::StatusOr<MatrixFile> ReadMatrixFile(const std::string& path);

// Writes m x n numbers (float32 stays float32 in npy, and text has the digits that a float32 needs; sparse matrices
// only as .mtx). Names go into CSV and TSV files only; without names there is no header and no first column. The file
// appears whole or not at all.
absl::Status WriteMatrixFile(const std::string& path, const MatrixFile& matrix);

// What a CSV (',') or TSV ('\t') file of a dense matrix holds.
absl::StatusOr<std::string> FormatMatrix(const MatrixFile& matrix, char delimiter);

}  // namespace conec::simec
