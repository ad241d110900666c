// Matrices in files, by the end of their names: .npy, .csv, .tsv, .mtx (Matrix Market).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>
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

// Writes m x n numbers (float32 stays float32 in npy, and text has the digits that a float32 needs). Of sparse matrices
// .mtx has the entries and the others all zeros, written some rows at a time. Names go into CSV and TSV files only;
// without names there is no header and no first column. The file appears whole or not at all.
absl::Status WriteMatrixFile(const std::string& path, const MatrixFile& matrix);

// Calls write(text) with what a CSV (',') or TSV ('\t') file holds, some rows at a time. Its errors pass through.
absl::Status WriteMatrixText(const MatrixFile& matrix, char delimiter,
                             const std::function<absl::Status(std::string_view)>& write);

}  // namespace conec::simec
