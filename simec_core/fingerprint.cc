#include "simec_core/fingerprint.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <span>

#include "base/hasher.h"
#include "simec_core/blocks.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kComputedRows = 64;

void Add(const at::Tensor& values, Hasher& hasher) {
  const at::Tensor wide = values.is_floating_point() ? values.to(at::kCPU, at::kDouble) : values.to(at::kCPU);
  const at::Tensor whole = wide.contiguous();
  hasher.Add(std::as_bytes(std::span(static_cast<const char*>(whole.data_ptr()), whole.nbytes())));
}

void AddBatch(const InputBatch& batch, Hasher& hasher) {
  for (const at::Tensor& part : {batch.dense, batch.offsets, batch.columns, batch.values, batch.ids}) {
    if (part.defined()) Add(part, hasher);
  }
}

void AddBlock(const TargetBlock& block, Hasher& hasher) {
  if (!block.observed.defined()) return Add(block.values, hasher);
  Add(block.values.masked_fill(block.observed.eq(0), std::numeric_limits<double>::quiet_NaN()), hasher);
}

// Calls rows(begin, end) for all m rows in blocks.
template <typename Function>
void ForBlocks(std::int64_t m, std::int64_t columns, Function&& rows) {
  const std::int64_t step = RowsOfBlock(columns);
  for (std::int64_t i = 0; i < m; i += step) rows(i, std::min(m, i + step));
}

absl::Status AddRows(const TargetRows& s, const at::Tensor& rows, Hasher& hasher) {
  CONEC_ASSIGN_OR_RETURN(const TargetBlock block, s.Block(rows));
  AddBlock(block, hasher);
  return absl::OkStatus();
}

absl::Status AddAll(const TargetRows& s, Hasher& hasher) {
  absl::Status status;
  ForBlocks(s.rows(), s.targets() * s.similarities(), [&](std::int64_t begin, std::int64_t end) {
    if (status.ok()) status = AddRows(s, at::arange(begin, end, at::kLong), hasher);
  });
  return status;
}

at::Tensor SomeRows(std::int64_t m) {
  const std::int64_t count = std::min(m, kComputedRows);
  const at::Tensor rows = at::arange(count, at::kLong);
  return count == 1 ? rows : rows.mul(m - 1).floor_divide(count - 1);
}

}  // namespace

absl::StatusOr<std::string> FingerprintOf(const at::Tensor& values) {
  return CatchTorch("checksum", [&]() -> absl::StatusOr<std::string> {
    Hasher hasher;
    Add(values, hasher);
    std::string shape;
    for (const std::int64_t size : values.sizes()) shape += fmt::format("{}{}", shape.empty() ? "" : " x ", size);
    return fmt::format("{}, {}", shape, hasher.Hex());
  });
}

absl::StatusOr<std::string> FingerprintOf(const Features& x) {
  if (!x.is_sparse()) return FingerprintOf(x.dense());
  CONEC_ASSIGN_OR_RETURN(const InputRows rows, InputRows::Sparse(x.sparse()));
  return FingerprintOf(rows);
}

absl::StatusOr<std::string> FingerprintOf(const InputRows& x) {
  return CatchTorch("checksum", [&]() -> absl::StatusOr<std::string> {
    Hasher hasher;
    ForBlocks(x.rows(), x.kind() == InputKind::kDense ? x.features() : 1,
              [&](std::int64_t begin, std::int64_t end) { AddBatch(x.Range(begin, end), hasher); });
    return fmt::format("{} x {}, {}", x.rows(), x.features(), hasher.Hex());
  });
}

absl::StatusOr<std::string> FingerprintOf(const TargetRows& s) {
  return CatchTorch("checksum", [&]() -> absl::StatusOr<std::string> {
    Hasher hasher;
    CONEC_RETURN_IF_ERROR(s.is_computed() ? AddRows(s, SomeRows(s.rows()), hasher) : AddAll(s, hasher));
    return fmt::format("{} x {} x {}, {}", s.rows(), s.targets(), s.similarities(), hasher.Hex());
  });
}

}  // namespace conec::simec
