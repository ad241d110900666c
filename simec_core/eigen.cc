#include "simec_core/eigen.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "simec_core/features.h"
#include "simec_core/numpy_random.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kWholeSize = 1000;  // up to here decomposing everything is fast
constexpr std::int64_t kOversampling = 8;  // more vectors than asked for: speeds up the last of them
constexpr std::int64_t kBlocks = 6;        // of vectors kept until a restart
constexpr int kMaxProducts = 300;
constexpr double kDoubleTolerance = 1e-10, kFloatTolerance = 1e-5;

// Column numbers of eigenvalues (ascending, as LAPACK gives them), best first.
at::Tensor BestFirst(const at::Tensor& values, EigenOrder order) {
  const at::Tensor key = order == EigenOrder::kLargest ? values : values.abs();
  return std::get<1>(key.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
}

EigenPairs Decompose(const at::Tensor& s, EigenOrder order, std::int64_t d) {
  const auto [values, vectors] = at::linalg_eigh(s, "L");
  const at::Tensor best = BestFirst(values, order).narrow(0, 0, d);
  return {values.index_select(0, best), vectors.index_select(1, best)};
}

absl::Status CheckDimensions(std::int64_t d, std::int64_t limit) {
  if (d >= 1 && d <= limit) return absl::OkStatus();
  return InvalidArgument("{} dimensions asked for, a decomposition of this matrix has from 1 to {}", d, limit);
}

at::Tensor RandomStart(std::int64_t n, std::int64_t b, const at::TensorOptions& options) {
  const std::vector<double> values = NumpyRandom(1).Randn(static_cast<std::size_t>(n * b));
  return at::tensor(values, at::kDouble).view({n, b}).to(options);
}

// A growing orthonormal basis Q with its image S Q.
class KrylovBasis {
 public:
  KrylovBasis(std::int64_t n, const at::TensorOptions& options) : q_(at::empty({n, 0}, options)), sq_(q_) {}

  std::int64_t size() const { return q_.size(1); }

  // What is new in `block`, orthonormal: n x b.
  at::Tensor Orthonormalize(const at::Tensor& block) const {
    at::Tensor w = block;
    for (int pass = 0; pass < 2; ++pass) {
      if (size() > 0) w = w - q_.matmul(q_.t().matmul(w));
      w = std::get<0>(at::linalg_qr(w));
    }
    return w;
  }

  void Append(const at::Tensor& w, const at::Tensor& sw) {
    q_ = at::cat({q_, w}, 1);
    sq_ = at::cat({sq_, sw}, 1);
  }

  // The best b Ritz pairs: coefficients in Q.
  EigenPairs Ritz(EigenOrder order, std::int64_t b) const {
    const at::Tensor t = q_.t().matmul(sq_);
    return Decompose((t + t.t()).div_(2), order, std::min(b, size()));
  }

  at::Tensor Vectors(const EigenPairs& ritz) const { return q_.matmul(ritz.vectors); }
  at::Tensor Residuals(const EigenPairs& ritz) const {
    return sq_.matmul(ritz.vectors).sub_(Vectors(ritz).mul_(ritz.values));
  }

  // Keeps the Ritz vectors only.
  void Restart(const EigenPairs& ritz) {
    const at::Tensor q = Vectors(ritz);
    sq_ = sq_.matmul(ritz.vectors);
    q_ = q;
  }

 private:
  at::Tensor q_, sq_;  // n x size()
};

// The columns of residuals with a direction worth following, of unit length.
at::Tensor Directions(const at::Tensor& residuals, double smallest) {
  const at::Tensor norms = residuals.square().sum(0).sqrt_();
  const at::Tensor useful = norms.gt(smallest).nonzero().squeeze(1);
  return residuals.index_select(1, useful).div_(norms.index_select(0, useful));
}

absl::StatusOr<EigenPairs> Iterate(std::int64_t n, const at::TensorOptions& options, const SymmetricProduct& product,
                                   std::int64_t d, EigenOrder order) {
  const bool is_float = options.dtype().toScalarType() == at::kFloat;
  const double tolerance = is_float ? kFloatTolerance : kDoubleTolerance;
  const std::int64_t b = std::min(n, d + std::max(kOversampling, d / 4));
  KrylovBasis basis(n, options);
  at::Tensor block = RandomStart(n, b, options);
  for (int step = 0; step < kMaxProducts; ++step) {
    const at::Tensor w = basis.Orthonormalize(block);
    CONEC_ASSIGN_OR_RETURN(const at::Tensor sw, product(w));
    basis.Append(w, sw);
    const EigenPairs ritz = basis.Ritz(order, b);
    const at::Tensor residuals = basis.Residuals(ritz);
    const double scale = ritz.values.abs().max().item<double>();
    if (!std::isfinite(scale)) return InvalidArgument("the matrix to decompose holds numbers that are not finite");
    const double worst = residuals.narrow(1, 0, d).square().sum(0).sqrt_().max().item<double>();
    if (worst <= tolerance * scale || basis.size() >= n) {
      return EigenPairs{ritz.values.narrow(0, 0, d), basis.Vectors(ritz).narrow(1, 0, d).contiguous()};
    }
    block = Directions(residuals, tolerance * scale / 10);
    if (basis.size() + b > std::min(n, kBlocks * b)) basis.Restart(ritz);
    block = block.narrow(1, 0, std::min(block.size(1), n - basis.size()));
  }
  return Internal("{} eigenvectors of a matrix of size {} did not converge in {} products", d, n, kMaxProducts);
}

}  // namespace

absl::StatusOr<EigenPairs> AllEigen(const at::Tensor& s, EigenOrder order) {
  CONEC_RETURN_IF_ERROR(CheckSymmetric(s, "matrix to decompose"));
  return CatchTorch("eigendecomposition",
                    [&]() -> absl::StatusOr<EigenPairs> { return Decompose(s, order, s.size(0)); });
}

absl::StatusOr<EigenPairs> TopEigen(const at::Tensor& s, std::int64_t d, EigenOrder order) {
  CONEC_RETURN_IF_ERROR(CheckSymmetric(s, "matrix to decompose"));
  const std::int64_t n = s.size(0);
  CONEC_RETURN_IF_ERROR(CheckDimensions(d, n));
  return CatchTorch("eigendecomposition", [&]() -> absl::StatusOr<EigenPairs> {
    if (n <= kWholeSize || d > n / (2 * kBlocks)) return Decompose(s, order, d);
    return Iterate(
        n, s.options(), [&](const at::Tensor& v) -> absl::StatusOr<at::Tensor> { return s.matmul(v); }, d, order);
  });
}

absl::StatusOr<EigenPairs> TopEigen(std::int64_t n, at::TensorOptions options, const SymmetricProduct& product,
                                    std::int64_t d, EigenOrder order) {
  CONEC_RETURN_IF_ERROR(CheckDimensions(d, n));
  return CatchTorch("eigendecomposition", [&] { return Iterate(n, options, product, d, order); });
}

at::Tensor EigenEmbedding(const EigenPairs& pairs) {
  return pairs.vectors * pairs.values.clamp_min(0).sqrt_();
}

absl::StatusOr<SingularTriples> TopSvd(const at::Tensor& a, std::int64_t d) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(a, "matrix to decompose"));
  CONEC_RETURN_IF_ERROR(CheckDimensions(d, std::min(a.size(0), a.size(1))));
  return CatchTorch("singular value decomposition", [&]() -> absl::StatusOr<SingularTriples> {
    const auto [u, values, vt] = at::linalg_svd(a, /*full_matrices=*/false);
    return SingularTriples{u.narrow(1, 0, d), values.narrow(0, 0, d), vt.narrow(0, 0, d).t()};
  });
}

absl::StatusOr<at::Tensor> FillMissingByMean(const at::Tensor& s) {
  return CatchTorch("filling missing entries", [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor missing = s.isnan();
    const double observed = static_cast<double>(s.numel()) - static_cast<double>(missing.sum().item<std::int64_t>());
    if (observed == 0) return InvalidArgument("no entry is observed: there is no mean to fill the others with");
    at::Tensor filled = s.masked_fill(missing, 0);
    const double mean = filled.sum(at::kDouble).item<double>() / observed;
    if (!std::isfinite(mean)) return InvalidArgument("observed entries must be finite");
    return filled.masked_fill_(missing, mean);
  });
}

}  // namespace conec::simec
