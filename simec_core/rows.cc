#include "simec_core/rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kRowsPerCheck = 1024;  // bounds the temporaries of checks
constexpr at::ScalarType kIndex = at::kLong;

bool IsReal(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble;
}

std::string Shape(const at::Tensor& x) {
  std::string text;
  for (const std::int64_t size : x.sizes()) text += fmt::format("{}{}", text.empty() ? "" : " x ", size);
  return text;
}

absl::Status CheckReal(const at::Tensor& x, std::string_view what) {
  if (!x.defined()) return InvalidArgument("no {} given", what);
  if (!IsReal(x)) return InvalidArgument("{} must be float32 or float64", what);
  if (x.numel() == 0) return InvalidArgument("{} of shape {} are empty", what, Shape(x));
  return absl::OkStatus();
}

// Calls check(block of rows, number of its first row) until it fails.
template <typename Function>
absl::Status ForBlocks(const at::Tensor& x, Function&& check) {
  for (std::int64_t i = 0; i < x.size(0); i += kRowsPerCheck) {
    CONEC_RETURN_IF_ERROR(check(x.narrow(0, i, std::min(kRowsPerCheck, x.size(0) - i)), i));
  }
  return absl::OkStatus();
}

// The place of the first true entry of a flat m x c block.
absl::Status NameFirst(const at::Tensor& bad, const at::Tensor& block, std::int64_t first_row, std::string_view what) {
  const at::Tensor place = bad.nonzero()[0];
  const std::int64_t row = place[0].item<std::int64_t>(), column = place[1].item<std::int64_t>();
  return InvalidArgument("{}: row {}, column {} is {}", what, first_row + row + 1, column + 1,
                         block[row][column].item<double>());
}

absl::Status CheckFinite(const at::Tensor& x) {
  return ForBlocks(x.flatten(1), [](const at::Tensor& block, std::int64_t first) {
    const at::Tensor bad = block.isfinite().logical_not();
    return bad.any().item<bool>() ? NameFirst(bad, block, first, "input") : absl::OkStatus();
  });
}

void AppendEmpty(const at::Tensor& observed, std::int64_t first, std::vector<std::int64_t>& empty) {
  const at::Tensor rows = observed.any(1).logical_not().nonzero();
  for (std::int64_t i = 0; i < rows.size(0); ++i) empty.push_back(first + rows[i][0].item<std::int64_t>());
}

at::Tensor Sequence(std::int64_t begin, std::int64_t end) {
  return at::arange(begin, end, at::TensorOptions(kIndex));
}

// The entries of sparse rows as a dense block, and ones where there are any.
TargetBlock Scatter(const CsrMatrix& rows, std::int64_t cols) {
  const at::Tensor lengths = rows.row_offsets().diff();
  const at::Tensor place = at::repeat_interleave(Sequence(0, rows.rows()) * cols, lengths) + rows.columns();
  TargetBlock block;
  block.values = at::zeros({rows.rows() * cols}, rows.values().options());
  block.observed = at::zeros_like(block.values);
  block.values.index_copy_(0, place, rows.values());
  block.observed.index_fill_(0, place, 1);
  block.values = block.values.view({rows.rows(), cols});
  block.observed = block.observed.view({rows.rows(), cols});
  return block;
}

}  // namespace

std::int64_t InputBatch::rows() const {
  if (kind == InputKind::kDense) return dense.size(0);
  return kind == InputKind::kSparse ? offsets.size(0) - 1 : ids.size(0);
}

absl::StatusOr<InputRows> InputRows::Dense(at::Tensor x) {
  CONEC_RETURN_IF_ERROR(CheckReal(x, "inputs"));
  if (x.dim() != 2 && x.dim() != 4) {
    return InvalidArgument("inputs must be m x D or m x channels x height x width, got {}", Shape(x));
  }
  return CatchTorch("inputs", [&]() -> absl::StatusOr<InputRows> {
    CONEC_RETURN_IF_ERROR(CheckFinite(x));
    InputRows rows;
    rows.rows_ = x.size(0);
    rows.features_ = x.numel() / x.size(0);
    rows.device_ = x.device();
    rows.dtype_ = x.scalar_type();
    rows.data_ = std::move(x);
    return rows;
  });
}

absl::StatusOr<InputRows> InputRows::Sparse(CsrMatrix x) {
  if (x.rows() < 1 || x.cols() < 1) return InvalidArgument("inputs of {} x {} are empty", x.rows(), x.cols());
  InputRows rows;
  rows.kind_ = InputKind::kSparse;
  rows.rows_ = x.rows();
  rows.features_ = x.cols();
  rows.dtype_ = x.scalar_type();
  rows.sparse_ = std::move(x);
  return rows;
}

absl::StatusOr<InputRows> InputRows::From(const Features& x) {
  return x.is_sparse() ? Sparse(x.sparse()) : Dense(x.dense());
}

absl::StatusOr<InputRows> InputRows::OneHot(std::int64_t m) {
  if (m < 1) return InvalidArgument("an identity matrix of size {} is empty", m);
  InputRows rows;
  rows.kind_ = InputKind::kOneHot;
  rows.rows_ = rows.features_ = m;
  return rows;
}

absl::StatusOr<InputRows> InputRows::OneHot(at::Tensor ids, std::int64_t features) {
  if (!ids.defined() || ids.dim() != 1 || ids.scalar_type() != kIndex || ids.size(0) < 1) {
    return InvalidArgument("one-hot inputs need a vector of int64 feature numbers");
  }
  return CatchTorch("one-hot inputs", [&]() -> absl::StatusOr<InputRows> {
    const auto low = ids.min().item<std::int64_t>(), high = ids.max().item<std::int64_t>();
    if (low < 0 || high >= features) {
      return InvalidArgument("one-hot inputs: feature {} is not within [0, {})", low < 0 ? low : high, features);
    }
    InputRows rows;
    rows.kind_ = InputKind::kOneHot;
    rows.rows_ = ids.size(0);
    rows.features_ = features;
    rows.device_ = ids.device();
    rows.data_ = std::move(ids);
    return rows;
  });
}

InputBatch InputRows::Batch(const at::Tensor& rows) const {
  InputBatch batch;
  batch.kind = kind_;
  if (kind_ == InputKind::kDense) {
    batch.dense = data_.index_select(0, rows.to(data_.device())).to(device_, dtype_);
  } else if (kind_ == InputKind::kOneHot) {
    batch.ids = (data_.defined() ? data_.index_select(0, rows.to(data_.device())) : rows).to(device_);
  } else {
    const CsrMatrix part = sparse_.SelectRows(rows);
    batch.offsets = part.row_offsets().to(device_);
    batch.columns = part.columns().to(device_);
    batch.values = part.values().to(device_, dtype_);
  }
  return batch;
}

InputBatch InputRows::Range(std::int64_t begin, std::int64_t end) const {
  if (kind_ != InputKind::kDense) return Batch(Sequence(begin, end));
  InputBatch batch;
  batch.dense = data_.narrow(0, begin, end - begin).to(device_, dtype_);
  return batch;
}

InputRows InputRows::To(const at::Device& device, at::ScalarType dtype) const {
  InputRows result = *this;
  result.device_ = device;
  result.dtype_ = dtype;
  if (data_.defined()) result.data_ = data_.to(device, kind_ == InputKind::kDense ? dtype : kIndex);
  return result;
}

absl::StatusOr<at::Tensor> InputRows::ToDense() const {
  return CatchTorch("inputs", [&]() -> absl::StatusOr<at::Tensor> {
    if (kind_ == InputKind::kDense) return data_.flatten(1);
    if (kind_ == InputKind::kSparse) return sparse_.ToDense().to(device_, dtype_);
    const at::Tensor ids = data_.defined() ? data_ : Sequence(0, rows_).to(device_);
    return at::zeros({rows_, features_}, at::TensorOptions(device_).dtype(dtype_)).scatter_(1, ids.unsqueeze(1), 1.0);
  });
}

absl::StatusOr<TargetRows> TargetRows::Dense(at::Tensor s) {
  return Masked(std::move(s), at::Tensor());
}

absl::StatusOr<TargetRows> TargetRows::Masked(at::Tensor s, at::Tensor observed) {
  CONEC_RETURN_IF_ERROR(CheckReal(s, "targets"));
  if (s.dim() != 2 && s.dim() != 3) return InvalidArgument("targets must be m x n or m x n x k, got {}", Shape(s));
  if (observed.defined() && (observed.scalar_type() != at::kBool || observed.sizes() != s.sizes())) {
    return InvalidArgument("the mask of targets of shape {} must be bool and of the same shape", Shape(s));
  }
  return CatchTorch("targets", [&]() -> absl::StatusOr<TargetRows> {
    TargetRows targets;
    targets.rows_ = s.size(0);
    targets.targets_ = s.size(1);
    targets.similarities_ = s.dim() == 3 ? s.size(2) : 1;
    targets.dense_ = s.flatten(1);
    targets.device_ = s.device();
    targets.dtype_ = s.scalar_type();
    if (observed.defined()) targets.observed_ = observed.flatten(1);
    CONEC_RETURN_IF_ERROR(ForBlocks(targets.dense_, [&](const at::Tensor& block, std::int64_t first) {
      const at::Tensor mask =
          observed.defined() ? targets.observed_.narrow(0, first, block.size(0)) : block.isnan().logical_not_();
      const at::Tensor bad = block.isfinite().logical_not_().logical_and_(mask);
      if (bad.any().item<bool>()) return NameFirst(bad, block, first, "targets that are observed must be finite");
      if (mask.all().item<bool>()) return absl::OkStatus();
      targets.has_missing_ = true;
      AppendEmpty(mask, first, targets.empty_rows_);
      return absl::OkStatus();
    }));
    return targets;
  });
}

absl::StatusOr<TargetRows> TargetRows::Sparse(CsrMatrix observed) {
  if (observed.rows() < 1 || observed.cols() < 1) {
    return InvalidArgument("targets of {} x {} are empty", observed.rows(), observed.cols());
  }
  TargetRows targets;
  targets.kind_ = Kind::kSparse;
  targets.rows_ = observed.rows();
  targets.targets_ = observed.cols();
  targets.has_missing_ = observed.entries() < observed.rows() * observed.cols();
  targets.dtype_ = observed.scalar_type();
  const std::int64_t* offsets = observed.row_offsets().data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < observed.rows(); ++i) {
    if (offsets[i] == offsets[i + 1]) targets.empty_rows_.push_back(i);
  }
  targets.sparse_ = std::move(observed);
  return targets;
}

absl::StatusOr<TargetRows> TargetRows::Computed(std::int64_t m, std::int64_t n, std::int64_t similarities,
                                                Function function) {
  if (m < 1 || n < 1 || similarities < 1 || !function) {
    return InvalidArgument("computed targets need a function and sizes of at least 1, got {} x {} x {}", m, n,
                           similarities);
  }
  TargetRows targets;
  targets.kind_ = Kind::kComputed;
  targets.rows_ = m;
  targets.targets_ = n;
  targets.similarities_ = similarities;
  targets.has_missing_ = true;
  targets.function_ = std::move(function);
  return targets;
}

absl::StatusOr<TargetBlock> TargetRows::Block(const at::Tensor& rows) const {
  if (kind_ == Kind::kComputed) return ComputedBlock(rows);
  TargetBlock block;
  if (kind_ == Kind::kSparse) {
    block = Scatter(sparse_.SelectRows(rows), targets_);
  } else {
    const at::Tensor on_device = rows.to(dense_.device());
    block.values = dense_.index_select(0, on_device);
    if (has_missing_) {
      block.observed = observed_.defined() ? observed_.index_select(0, on_device) : block.values.isnan().logical_not_();
      block.values.masked_fill_(block.observed.logical_not(), 0);
    }
  }
  block.values = block.values.to(device_, dtype_);
  if (block.observed.defined()) block.observed = block.observed.to(device_, dtype_);
  return block;
}

absl::StatusOr<TargetBlock> TargetRows::ComputedBlock(const at::Tensor& rows) const {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor computed, function_(rows));
  CONEC_RETURN_IF_ERROR(CheckReal(computed, "computed targets"));
  if (computed.dim() < 2 || computed.size(0) != rows.size(0) || computed.size(1) != targets_ ||
      computed.numel() != rows.size(0) * targets_ * similarities_) {
    return InvalidArgument("computed targets: expected {} x {} x {}, got {}", rows.size(0), targets_, similarities_,
                           Shape(computed));
  }
  TargetBlock block;
  block.values = computed.flatten(1).to(device_, dtype_);
  if (block.values.isfinite().all().item<bool>()) return block;
  if (block.values.isinf().any().item<bool>()) return InvalidArgument("computed targets are infinite");
  block.observed = block.values.isnan().logical_not();
  block.values = block.values.masked_fill(block.observed.logical_not(), 0);
  block.observed = block.observed.to(dtype_);
  return block;
}

absl::Status TargetRows::CheckWithin(double low, double high) const {
  if (kind_ == Kind::kComputed) return absl::OkStatus();
  return CatchTorch("targets", [&]() -> absl::Status {
    for (std::int64_t i = 0; i < rows_; i += kRowsPerCheck) {
      CONEC_ASSIGN_OR_RETURN(const TargetBlock block, Block(Sequence(i, std::min(i + kRowsPerCheck, rows_))));
      const at::Tensor bad = block.values.lt(low).logical_or_(block.values.gt(high));
      if (bad.any().item<bool>()) {
        return NameFirst(bad, block.values, i, fmt::format("targets must lie within [{}, {}]", low, high));
      }
    }
    return absl::OkStatus();
  });
}

TargetRows TargetRows::To(const at::Device& device, at::ScalarType dtype) const {
  TargetRows result = *this;
  result.device_ = device;
  result.dtype_ = dtype;
  if (dense_.defined()) result.dense_ = dense_.to(device, dtype);
  if (observed_.defined()) result.observed_ = observed_.to(device);
  return result;
}

}  // namespace conec::simec
