#include "tools/simec/experiments/baselines_mnist.h"

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/eigen.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/ridge.h"
#include "simec_core/similarity.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/missing_values.h"
#include "tools/simec/experiments/similarity_task.h"

namespace conec::simec::experiments {
namespace {

using Figures = absl::StatusOr<std::vector<Figure>>;

// The printed errors of a method for an embedding of d dimensions; NaN: none is printed.
struct PrintedRow {
  std::int64_t d = 0;
  double train = 0;
  int train_decimals = 0;
  double test = 0;
  int test_decimals = 0;
};

absl::StatusOr<Figure> Error(std::string name, double printed, int decimals, const at::Tensor& y, const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchSimilarity(y, s));
  return Printed(std::move(name), printed, decimals, match.mse);
}

// Embeddings of the training and the test images against their similarities, for each printed row.
absl::Status AddErrors(const std::string& method, std::span<const PrintedRow> rows, const at::Tensor& y,
                       const at::Tensor& s, const at::Tensor& y_test, const at::Tensor& s_test,
                       std::vector<Figure>& figures) {
  for (const PrintedRow& row : rows) {
    CONEC_ASSIGN_OR_RETURN(const Figure train, Error(fmt::format("{} d={}", method, row.d), row.train,
                                                     row.train_decimals, y.narrow(1, 0, row.d), s));
    figures.push_back(train);
    CONEC_ASSIGN_OR_RETURN(const Figure test, Error(fmt::format("{} d={}, test", method, row.d), row.test,
                                                    row.test_decimals, y_test.narrow(1, 0, row.d), s_test));
    figures.push_back(test);
  }
  return absl::OkStatus();
}

// The mirrored lower triangle of s with entries missing.
at::Tensor LoseEntries(const at::Tensor& s, double missing) {
  at::Tensor part = WithMissing(s, 15, missing);
  const std::int64_t n = s.size(0);
  double* value = part.data_ptr<double>();
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = i + 1; j < n; ++j) value[i * n + j] = value[j * n + i];
  }
  return part;
}

// Mean squared error of the best approximation of rank d by the eigenvalues in `order`.
double EigenError(const EigenPairs& pairs, const at::Tensor& s, std::int64_t d) {
  const double kept = pairs.values.narrow(0, 0, d).square().sum().item<double>();
  return (s.square().sum().item<double>() - kept) / static_cast<double>(s.numel());
}

void AddSpectrum(const EigenPairs& all, std::vector<Figure>& figures) {
  constexpr double kTop[] = {531.63744181, 235.31839787, 215.90045878, 154.84834661, 121.4820996};
  constexpr double kBottom[] = {-131.97347336, -74.67616799, -35.22054468, -22.0225176};
  const auto value = [&](std::int64_t i) { return all.values[i].item<double>(); };
  for (std::int64_t i = 0; const double printed : kTop) {
    figures.push_back(Printed(fmt::format("eigenvalue {}", i + 1), printed, 7, value(i)));
    ++i;
  }
  const std::int64_t n = all.values.size(0);
  for (std::int64_t i = 0; const double printed : kBottom) {
    figures.push_back(Printed(fmt::format("eigenvalue {}", n - i), printed, 7, value(n - 1 - i)));
    ++i;
  }
}

void AddNonmetricErrors(const EigenPairs& all, const at::Tensor& s, std::vector<Figure>& figures) {
  struct Row {
    std::int64_t d;
    double positive, magnitude;
  };
  constexpr Row kPrinted[] = {{2, .00702844, .00702844},  {5, .00361448, .00350812},  {10, .00222056, .00161592},
                              {25, .00140593, .00050341}, {50, .00119372, .00020275}, {75, .00113947, .00012156},
                              {100, .00111402, .00008383}};
  const EigenPairs by_magnitude{std::get<0>(all.values.abs().sort(0, /*descending=*/true)), at::Tensor()};
  for (const Row& row : kPrinted) {
    figures.push_back(
        Printed(fmt::format("positive eigenvalues d={}", row.d), row.positive, 8, EigenError(all, s, row.d)));
    figures.push_back(Printed(fmt::format("largest absolute eigenvalues d={}", row.d), row.magnitude, 8,
                              EigenError(by_magnitude, s, row.d)));
  }
}

// Errors of S1 and S2 as ScaleParts() makes them, in 1e-6.
void AddPartErrors(const NonmetricParts& parts, double divisor, std::vector<Figure>& figures) {
  constexpr std::int64_t kDimensions[] = {2, 5, 10, 25, 50, 75, 100};
  constexpr double kPositive[] = {416, 178, 81, 24, 9, 5, 4}, kNegative[] = {163, 73, 35, 13, 6, 4, 3};
  figures.push_back(Printed("divisor of S1 and S2", .0071241, 7, divisor));
  const at::Tensor positive = parts.all.values.clamp_min(0), negative = parts.all.values.neg().clamp_min(0).flip(0);
  const auto error = [&](const at::Tensor& values, std::int64_t d) {
    const double scale = values[0].item<double>() * divisor;
    const double rest = values.narrow(0, d, values.size(0) - d).square().sum().item<double>();
    return 1e6 * rest / (scale * scale * static_cast<double>(parts.s.numel()));
  };
  for (std::size_t k = 0; k < std::size(kDimensions); ++k) {
    const std::int64_t d = kDimensions[k];
    figures.push_back(Printed(fmt::format("1e6 S1 eigendecomposition d={}", d), kPositive[k], 0, error(positive, d)));
    figures.push_back(Printed(fmt::format("1e6 S2 eigendecomposition d={}", d), kNegative[k], 0, error(negative, d)));
  }
}

}  // namespace

Figures LinearKernelBaselines(const LabelledPoints& mnist) {
  // To nine digits: beyond, two ways to the same sum differ.
  static constexpr PrintedRow kPrinted[] = {
      {2, 51.45316624408823, 9, 50.790594789836, 9}, {4, 32.545258652392, 9, 31.977131482486, 9},
      {6, 20.132313436147, 9, 20.823147631268, 9},   {10, 11.208740102258, 9, 11.554723044592, 9},
      {15, 6.400754112301, 9, 6.839900385908, 9},    {25, 2.727445924280, 9, 3.064743109210, 9},
      {50, .596013904630, 9, .879592402195, 9},      {100, .097697891590, 9, .332784386768, 9}};
  return CatchTorch("linear kernel", [&]() -> Figures {
    CONEC_ASSIGN_OR_RETURN(const Split split, MnistSubset(mnist));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CentredSimilarity({SimilarityKind::kLinear}, split.train.x));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s_test, CentredSimilarity({SimilarityKind::kLinear}, split.test.x));
    CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::FitLinear(split.train.x, 100));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor y_test, pca.Project(split.test.x));
    std::vector<Figure> figures;
    CONEC_RETURN_IF_ERROR(AddErrors("linear kernel PCA", kPrinted, pca.embedding(), s, y_test, s_test, figures));
    return figures;
  });
}

Figures RbfKernelBaselines(const LabelledPoints& mnist) {
  static constexpr PrintedRow kPrinted[] = {
      {2, .001774500443, 12, .001782127669, 12},  {4, .001166401151, 12, .001172399278, 12},
      {6, .000750831814, 12, .000787484962, 12},  {10, .000431916166, 12, .000459733355, 12},
      {15, .000252436944, 12, .000279716207, 12}, {25, .000118099426, 12, .000139397766, 12},
      {50, .000033871973, 12, .000050165125, 12}, {100, .000010165395, 12, .000022917706, 12}};
  return CatchTorch("RBF kernel", [&]() -> Figures {
    CONEC_ASSIGN_OR_RETURN(const Split split, MnistSubset(mnist));
    SimilarityOptions rbf{SimilarityKind::kRbf};
    CONEC_ASSIGN_OR_RETURN(rbf.gamma, MedianGamma(split.train.x));
    std::vector<Figure> figures{Printed("gamma by the median rule", .0047535, 7, rbf.gamma)};
    CONEC_ASSIGN_OR_RETURN(at::Tensor kernel, ComputeSimilarity(rbf, split.train.x));
    CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::Fit(kernel, 100));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CenterSimilarity(kernel));
    kernel.reset();
    figures.push_back(Printed("largest absolute similarity", .735166, 6, s.abs().max().item<double>()));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor rows, ComputeSimilarity(rbf, split.test.x, split.train.x));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor y_test, pca.Project(rows));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s_test, CentredSimilarity(rbf, split.test.x));
    CONEC_RETURN_IF_ERROR(AddErrors("RBF kernel PCA", kPrinted, pca.embedding(), s, y_test, s_test, figures));
    return figures;
  });
}

Figures ClassLabelBaselines(const LabelledPoints& mnist) {
  static constexpr PrintedRow kRidge[] = {{2, .077786, 6, .079355, 6}, {3, .072826, 6, .075059, 6},
                                          {4, .068304, 6, .071994, 6}, {5, .064545, 6, .069153, 6},
                                          {6, .062133, 6, .066742, 6}, {7, .059272, 6, .064194, 6},
                                          {8, .057297, 6, .062027, 6}, {9, .055404, 6, .060183, 6}};
  constexpr double kEigen[] = {.06641954235958, .055818, .045566, .035617, .025953, .016659, .008156};  // d = 2, 3, ...
  return CatchTorch("class labels", [&]() -> Figures {
    CONEC_ASSIGN_OR_RETURN(const Split split, MnistSubset(mnist));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CentredClassSimilarity(split.train.labels));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s_test, CentredClassSimilarity(split.test.labels));
    CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(s, 9));
    const at::Tensor y = EigenEmbedding(pairs);
    std::vector<Figure> figures;
    for (std::int64_t d = 2; const double printed : kEigen) {
      CONEC_ASSIGN_OR_RETURN(const Figure figure, Error(fmt::format("eigendecomposition d={}", d), printed,
                                                        d == 2 ? 14 : 6, y.narrow(1, 0, d), s));
      figures.push_back(figure);
      ++d;
    }
    CONEC_ASSIGN_OR_RETURN(const Match exact, MatchSimilarity(y, s));
    figures.push_back(AtMost("eigendecomposition d=9", 5.6e-27, 1e-9, exact.mse));
    CONEC_ASSIGN_OR_RETURN(const RidgeModel ridge, FitRidge(split.train.x, y, 75));
    CONEC_RETURN_IF_ERROR(
        AddErrors("ridge", kRidge, ridge.Predict(split.train.x), s, ridge.Predict(split.test.x), s_test, figures));
    return figures;
  });
}

Figures MissingValueBaselines(const LabelledPoints& mnist) {
  // The author's masks cannot be drawn again; ours are of the same kind.
  static constexpr std::pair<double, double> kPrinted[] = {{.1, .000461}, {.2, .000547},  {.3, .000688}, {.4, .000887},
                                                           {.5, .001142}, {.6, .001452},  {.7, .001820}, {.8, .002244},
                                                           {.9, .002724}, {.95, .002986}, {.99, .003206}};
  return CatchTorch("missing values", [&]() -> Figures {
    CONEC_ASSIGN_OR_RETURN(const Split split, MnistSubset(mnist));
    SimilarityOptions rbf{SimilarityKind::kRbf};
    CONEC_ASSIGN_OR_RETURN(rbf.gamma, MedianGamma(split.train.x));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, CentredSimilarity(rbf, split.train.x));
    std::vector<Figure> figures;
    for (const auto& [missing, printed] : kPrinted) {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor filled, FillMissingByMean(LoseEntries(s, missing)));
      CONEC_ASSIGN_OR_RETURN(const EigenPairs pairs, TopEigen(filled, 10));
      CONEC_ASSIGN_OR_RETURN(const Match match, MatchSimilarity(EigenEmbedding(pairs), s));
      figures.push_back(
          Within(fmt::format("mean-filled eigendecomposition d=10, {:g} missing", missing), printed, .01, match.mse));
    }
    return figures;
  });
}

absl::StatusOr<at::Tensor> SimpsonSimilarity(const LabelledPoints& mnist) {
  return CatchTorch("Simpson similarity", [&]() -> absl::StatusOr<at::Tensor> {
    CONEC_ASSIGN_OR_RETURN(const LabelledPoints pair, MnistPair(mnist, 0, 7, 5000));
    return CentredSimilarity({SimilarityKind::kSimpson}, pair.x.ge(0.5).to(at::kDouble));
  });
}

Figures NonmetricBaselines(const NonmetricParts& parts) {
  return CatchTorch("non-metric similarity", [&]() -> Figures {
    std::vector<Figure> figures;
    AddSpectrum(parts.all, figures);
    AddNonmetricErrors(parts.all, parts.s, figures);
    CONEC_ASSIGN_OR_RETURN(const ScaledParts scaled, ScaleParts(parts));
    AddPartErrors(parts, scaled.divisor, figures);
    return figures;
  });
}

}  // namespace conec::simec::experiments
