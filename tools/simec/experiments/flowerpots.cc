#include "tools/simec/experiments/flowerpots.h"

#include <torch/types.h>

#include "simec_core/centering.h"
#include "simec_core/eigen.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/matrix_file.h"
#include "simec_core/numpy_random.h"
#include "simec_core/tensor_status.h"

namespace conec::simec::experiments {
namespace {

constexpr std::int64_t kPots = 16, kTrain = 14, kNoise = 3;

absl::StatusOr<at::Tensor> ReadShaped(const std::string& path, std::int64_t cols) {
  CONEC_ASSIGN_OR_RETURN(const MatrixFile file, ReadMatrixFile(path));
  if (file.values.rows() == kPots && file.values.cols() == cols) return file.values.dense();
  return DataLoss("'{}': expected {} x {} numbers, got {} x {}", path, kPots, cols, file.values.rows(),
                  file.values.cols());
}

at::Tensor NoiseFeatures() {
  const std::vector<double> values = NumpyRandom(15).Randn(static_cast<std::size_t>(kPots * (kNoise + 2)));
  return at::tensor(values, at::kDouble).view({kPots, kNoise + 2}).narrow(1, 2, kNoise);
}

// Features without variance stay zero.
at::Tensor ZScores(const at::Tensor& x) {
  const at::Tensor deviation = x.std(0, /*unbiased=*/false);
  return (x - x.mean(0)) / deviation.masked_fill(deviation.eq(0), 1);
}

at::Tensor Gram(const at::Tensor& y) {
  return y.matmul(y.t());
}

// The two eigenvectors of the smallest eigenvalues, negative ones among them, times the roots of their absolute values.
absl::StatusOr<at::Tensor> SmallestTwo(const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, AllEigen(s));
  const std::int64_t first = s.size(0) - 2;
  return pairs.vectors.narrow(1, first, 2) * pairs.values.narrow(0, first, 2).abs().sqrt();
}

absl::StatusOr<Figure> LinearKernelPca(const std::string& folder, bool with_noise) {
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, LoadFlowerpots(folder, with_noise));
  CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::FitLinear(pots.features.index_select(0, pots.train), 2));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, pca.Project(pots.features));
  const double mse = ScaledMse(pots.similarities, Gram(y));
  return with_noise ? Printed("linear kernel PCA, noise features", .09656, 5, mse)
                    : Printed("linear kernel PCA", .04007, 5, mse);
}

}  // namespace

absl::StatusOr<Flowerpots> LoadFlowerpots(const std::string& folder, bool with_noise) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor dissimilarities, ReadShaped(folder + "/dissimilarity_full.csv", kPots));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor features, ReadShaped(folder + "/features.csv", 2));
  return CatchTorch("flowerpots", [&]() -> absl::StatusOr<Flowerpots> {
    Flowerpots pots;
    CONEC_ASSIGN_OR_RETURN(pots.similarities, CenterSimilarity(1 - dissimilarities / 20));
    const at::Tensor others = with_noise ? NoiseFeatures() : at::zeros({kPots, kNoise}, at::kDouble);
    pots.features = ZScores(at::cat({features, others}, 1));
    const at::Tensor order = at::tensor(NumpyRandom(25).Permutation(kPots), at::kLong);
    pots.train = order.narrow(0, 0, kTrain);
    pots.test = order.narrow(0, kTrain, kPots - kTrain);
    return pots;
  });
}

double ScaledMse(const at::Tensor& a, const at::Tensor& b) {
  return (a / a.abs().max() - b / b.abs().max()).square_().mean().item<double>();
}

absl::StatusOr<std::vector<Figure>> FlowerpotBaselines(const std::string& folder) {
  CONEC_ASSIGN_OR_RETURN(const Flowerpots pots, LoadFlowerpots(folder, false));
  return CatchTorch("flowerpots", [&]() -> absl::StatusOr<std::vector<Figure>> {
    const at::Tensor s = pots.similarities, s_train = s.index_select(0, pots.train).index_select(1, pots.train);
    CONEC_ASSIGN_OR_RETURN(const EigenPairs all, TopEigen(s, 2));
    CONEC_ASSIGN_OR_RETURN(const EigenPairs train, TopEigen(s_train, 2));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor smallest, SmallestTwo(s));
    CONEC_ASSIGN_OR_RETURN(const Figure plain, LinearKernelPca(folder, false));
    CONEC_ASSIGN_OR_RETURN(const Figure noise, LinearKernelPca(folder, true));
    return std::vector<Figure>{
        Printed("eigendecomposition, all pots", .02863, 5, ScaledMse(s, Gram(EigenEmbedding(all)))),
        Printed("two smallest eigenvalues", .19102, 5, ScaledMse(s, Gram(smallest))),
        Printed("eigendecomposition, training pots", .03172, 5, ScaledMse(s_train, Gram(EigenEmbedding(train)))), plain,
        noise};
  });
}

}  // namespace conec::simec::experiments
