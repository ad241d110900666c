// NumPy's .npy format, version 1.0: what numpy.save writes and numpy.load reads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/matrix.h"
#include "base/status.h"

namespace conec {

// The header bytes of a C-order little-endian float32 array of shape rows x cols, padded to a multiple of 64 bytes and
// at least `least_bytes` of them.
std::string NpyHeader(std::uint64_t rows, std::uint64_t cols, std::size_t least_bytes = 0);

// Writes a float32 array of shape rows x cols (atomically).
absl::Status WriteNpy(const std::string& path, MatrixView<const float> matrix);

// The same in float64.
absl::Status WriteNpy(const std::string& path, MatrixView<const double> matrix);

// Writes such an array, Real being float or double, that is never in memory as a whole. Destroyed without Commit() it
// leaves nothing behind.
template <typename Real>
class NpyWriter {
 public:
  static absl::StatusOr<NpyWriter> Create(const std::string& path, std::uint64_t rows, std::uint64_t cols);

  // The next rows. kInvalidArgument for other than `cols` columns, and for more than `rows` in all.
  absl::Status Append(MatrixView<const Real> rows);
  // kFailedPrecondition unless there were `rows` of them.
  absl::Status Commit();

 private:
  NpyWriter(AtomicFile file, std::uint64_t rows, std::uint64_t cols)
      : file_(std::move(file)), rows_left_(rows), cols_(cols) {}

  AtomicFile file_;
  std::uint64_t rows_left_, cols_;
};

// Reads a two-dimensional '<f4' or '<f8' array in C or Fortran order. kDataLoss naming the file for anything else.
absl::StatusOr<Matrix<float>> ReadNpy(const std::string& path);

struct NpyNumbers {
  Matrix<double> matrix;
  bool is_float32 = false;  // the file holds '<f4'
};

// Reads numbers of any width: also integers ('<i1' to '<i8', '<u1' to '<u8'; beyond 2^53 they are rounded) and
// booleans; a one-dimensional array becomes one column. Errors as above.
absl::StatusOr<NpyNumbers> ReadNpyNumbers(const std::string& path);

}  // namespace conec
