// What a network is trained on, row by row: input rows (features of m points) and target rows (their relation to n
// other things). Both hand out batches, so that neither a dense input nor an m x n matrix need exist. Tensors given are
// kept by reference, not copied, and must not be changed while these objects live.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/status.h"
#include "simec_core/csr_matrix.h"
#include "simec_core/features.h"
#include "simec_core/options.h"

namespace conec::simec {

enum class InputKind { kDense, kSparse, kOneHot };

// A few rows of the input in the form that the first layer takes: exactly one of the three.
struct InputBatch {
  InputKind kind = InputKind::kDense;
  at::Tensor dense;                     // B x D, or B x channels x height x width
  at::Tensor offsets, columns, values;  // as in CsrMatrix: B + 1, and one for each entry
  at::Tensor ids;                       // B: the feature of each row that is one, all others being zero

  std::int64_t rows() const;
};

// The input of m points.
class InputRows {
 public:
  // m x D, or m x channels x height x width: float32 or float64, finite.
  static absl::StatusOr<InputRows> Dense(at::Tensor x);
  // NaN and infinite values were refused when the matrix was made.
  static absl::StatusOr<InputRows> Sparse(CsrMatrix x);
  static absl::StatusOr<InputRows> From(const Features& x);  // Dense or Sparse
  // The identity matrix of size m: point i is feature i. Nothing is stored.
  static absl::StatusOr<InputRows> OneHot(std::int64_t m);
  // Point i is feature ids[i] of [0, features). ids: int64.
  static absl::StatusOr<InputRows> OneHot(at::Tensor ids, std::int64_t features);

  InputKind kind() const { return kind_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t features() const { return features_; }  // D; of images channels * height * width

  // Rows `rows` (int64, CPU, each within [0, m)) on the data's device and in its precision.
  InputBatch Batch(const at::Tensor& rows) const;
  // Rows [begin, end).
  InputBatch Range(std::int64_t begin, std::int64_t end) const;
  // The same on a device and in a precision; shares what already is as wanted.
  InputRows To(const at::Device& device, at::ScalarType dtype) const;
  // m x D, for baselines and tests. kResourceExhausted where memory does not suffice.
  absl::StatusOr<at::Tensor> ToDense() const;

 private:
  InputKind kind_ = InputKind::kDense;
  std::int64_t rows_ = 0, features_ = 0;
  at::Tensor data_;  // dense: all rows; one-hot: ids, undefined for the identity
  CsrMatrix sparse_;
  at::Device device_ = at::kCPU;
  at::ScalarType dtype_ = at::kFloat;
};

// Targets of a batch, missing entries filled with zeros.
struct TargetBlock {
  at::Tensor values;    // B x (n k), k fastest
  at::Tensor observed;  // the same shape, 1 or 0; undefined if nothing is missing
};

// The relation of m points to n others, for k similarities at once: S or R of the thesis.
class TargetRows {
 public:
  // Called with row numbers (int64, CPU); returns a B x n or B x n x k block, NaN where entries are missing. The same
  // rows must always get the same values. Called from the thread that trains.
  using Function = std::function<absl::StatusOr<at::Tensor>(const at::Tensor& rows)>;

  // m x n, or m x n x k: NaN is missing, infinite is an error.
  static absl::StatusOr<TargetRows> Dense(at::Tensor s);
  // The same with an explicit mask (bool, same shape): entries with false are missing whatever they hold.
  // kInvalidArgument for NaN where the mask says observed.
  static absl::StatusOr<TargetRows> Masked(at::Tensor s, at::Tensor observed);
  // Entries that are stored are observed, zeros too; all others are missing.
  static absl::StatusOr<TargetRows> Sparse(CsrMatrix observed);
  static absl::StatusOr<TargetRows> Computed(std::int64_t m, std::int64_t n, std::int64_t similarities,
                                             Function function);

  std::int64_t rows() const { return rows_; }
  std::int64_t targets() const { return targets_; }
  std::int64_t similarities() const { return similarities_; }
  bool is_computed() const { return kind_ == Kind::kComputed; }
  bool has_missing() const { return has_missing_; }  // of computed targets: unknown, true
  // Rows without any observed entry, in order; of computed targets: none, it is not known.
  const std::vector<std::int64_t>& empty_rows() const { return empty_rows_; }

  // kInvalidArgument if a function returns another shape or infinite numbers; its own errors pass through.
  absl::StatusOr<TargetBlock> Block(const at::Tensor& rows) const;
  // kInvalidArgument naming an observed entry outside [low, high]. Nothing is known of computed targets.
  absl::Status CheckWithin(double low, double high) const;
  TargetRows To(const at::Device& device, at::ScalarType dtype) const;

 private:
  enum class Kind { kDense, kSparse, kComputed };
  absl::StatusOr<TargetBlock> ComputedBlock(const at::Tensor& rows) const;

  Kind kind_ = Kind::kDense;
  std::int64_t rows_ = 0, targets_ = 0, similarities_ = 1;
  bool has_missing_ = false;
  std::vector<std::int64_t> empty_rows_;
  at::Tensor dense_, observed_;  // m x (n k); observed_ undefined: NaN says it
  CsrMatrix sparse_;
  Function function_;
  at::Device device_ = at::kCPU;
  at::ScalarType dtype_ = at::kFloat;
};

}  // namespace conec::simec
