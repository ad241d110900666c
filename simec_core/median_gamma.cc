// The median of all pairwise distances without storing them: one pass counts squared distances in narrow bins, a second
// one gathers the few that fall into the bins of the middle.
#include <torch/types.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "simec_core/blocks.h"
#include "simec_core/similarity.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr int kBinShift = 64 - 21;  // sign, 11 bits of exponent, 9 of the mantissa: bins 0.2 % wide
constexpr std::size_t kBins = std::size_t{1} << 20;

// Calls block(squared distances of some points to all, as doubles) until all m^2 were seen.
void ForDistances(const Features& x, const std::function<void(const double*, std::int64_t)>& block) {
  const at::Tensor dense =
      x.is_sparse() ? at::Tensor() : x.dense().cpu().to(at::kDouble) - x.dense().cpu().to(at::kDouble).mean(0);
  const CsrMatrix sparse = x.is_sparse() ? x.sparse().To(at::kDouble) : CsrMatrix();
  const CsrMatrix transposed = x.is_sparse() ? sparse.Transposed() : CsrMatrix();
  const at::Tensor norms = x.is_sparse() ? sparse.RowSquaredNorms() : dense.square().sum(1);
  const std::int64_t m = x.rows(), rows = RowsOfBlock(m);
  for (std::int64_t i = 0; i < m; i += rows) {
    const std::int64_t count = std::min(rows, m - i);
    at::Tensor part = x.is_sparse() ? SparseProduct(sparse.SliceRows(i, i + count), transposed)
                                    : dense.narrow(0, i, count).matmul(dense.t());
    part.mul_(-2).add_(norms.narrow(0, i, count).unsqueeze(1)).add_(norms).clamp_min_(0);
    part.diagonal(i).zero_();  // exactly, whatever rounding says
    part = part.contiguous();
    block(part.data_ptr<double>(), part.numel());
  }
}

std::size_t BinOf(double squared) {
  return static_cast<std::size_t>(std::bit_cast<std::uint64_t>(squared) >> kBinShift);
}

// The bin that the entry of rank `rank` (from 0) falls into, and how many entries lie in bins before it.
std::pair<std::size_t, std::uint64_t> FindBin(const std::vector<std::uint64_t>& counts, std::uint64_t rank) {
  std::uint64_t before = 0;
  std::size_t bin = 0;
  while (before + counts[bin] <= rank) before += counts[bin++];
  return {bin, before};
}

double MedianDistance(const Features& x) {
  std::vector<std::uint64_t> counts(kBins);
  ForDistances(x, [&](const double* squared, std::int64_t n) {
    for (std::int64_t k = 0; k < n; ++k) ++counts[BinOf(squared[k])];
  });
  const std::uint64_t m = static_cast<std::uint64_t>(x.rows()), total = m * m;
  const std::uint64_t low = (total - 1) / 2, high = total / 2;
  const auto [first, before] = FindBin(counts, low);
  const auto last = FindBin(counts, high).first;
  std::vector<double> middle;
  ForDistances(x, [&, first = first](const double* squared, std::int64_t n) {
    std::copy_if(squared, squared + n, std::back_inserter(middle), [&](double value) {
      const std::size_t bin = BinOf(value);
      return bin >= first && bin <= last;
    });
  });
  const auto at_rank = [&, before = before](std::uint64_t rank) {
    const auto place = middle.begin() + static_cast<std::ptrdiff_t>(rank - before);
    std::nth_element(middle.begin(), place, middle.end());
    return std::sqrt(*place);
  };
  const double below = at_rank(low);
  return (below + at_rank(high)) / 2;
}

}  // namespace

absl::StatusOr<double> MedianGamma(const Features& x, double scale) {
  CONEC_RETURN_IF_ERROR(CheckFeatures(x, "points"));
  return CatchTorch("median distance", [&]() -> absl::StatusOr<double> {
    const double median = MedianDistance(x);
    if (median > 0) return scale / (median * median);
    return InvalidArgument("the median distance of the points is 0: most of them are equal, choose gamma yourself");
  });
}

}  // namespace conec::simec
