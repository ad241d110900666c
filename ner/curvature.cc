#include "ner/curvature.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "ner/design_product.h"

namespace conec::ner::regression_internal {
namespace {

constexpr std::size_t kBatchRows = 1024;   // rows
constexpr std::size_t kPanel = 128;        // columns of products
constexpr std::size_t kRowsPerColumn = 8;  // at least, for products
constexpr double kMaxProducts = 1e10;      // over all kinds

// Of one column, over rows: sums of u x and u x^2.
struct Moments {
  double sum = 0, squares = 0;
  void Add(double u, double x) {
    sum += u * x;
    squares += u * x * x;
  }
};

double StandardizedSquares(const Moments& moments, const Standardizer* standardizer, std::size_t column, double total) {
  if (standardizer == nullptr) return moments.squares;
  const double mean = standardizer->means[column], scale = standardizer->scales[column];
  return std::max(0.0, moments.squares - 2 * mean * moments.sum + mean * mean * total) / (scale * scale);
}

// Moments of columns x kinds to squares, of columns from `first` on.
std::vector<double> Squares(const LogisticProblem& problem, const RowWeights& weights,
                            const std::vector<Moments>& moments, std::size_t first) {
  std::vector<double> totals, squares;
  for (std::size_t k = 0; k < weights.kinds(); ++k) totals.push_back(weights.Sum(k));
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const std::size_t column = first + i / weights.kinds();
    const double total = totals[i % weights.kinds()];
    squares.push_back(StandardizedSquares(moments[i], problem.options.standardizer, column, total));
  }
  return squares;
}

// The dense columns [begin, end) of a row.
void LoadDense(const DesignMatrix& x, std::size_t row, std::size_t begin, std::size_t end, double* out) {
  std::size_t first = 0;
  for (const DenseBlock& block : x.dense) {
    const std::size_t from = std::max(begin, first), to = std::min(end, first + block.table.cols);
    const std::uint32_t table_row = block.row_of[row];
    for (std::size_t j = from; j < to; ++j) {
      *out++ = table_row == kNoRow ? 0.0 : static_cast<double>(block.table.row(table_row)[j - first]);
    }
    first += block.table.cols;
  }
}

// products += rows^T rows, both in rows without padding, the lower triangle.
void AddProducts(const std::vector<double>& rows, std::size_t count, Matrix<double>& products, int threads) {
  const std::size_t size = products.rows(), panels = (size + kPanel - 1) / kPanel;
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (panels > 1)
  for (std::size_t panel = 0; panel < panels; ++panel) {
    const std::size_t begin = panel * kPanel, end = std::min(begin + kPanel, size);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, static_cast<blasint>(end - begin), static_cast<blasint>(end),
                static_cast<blasint>(count), 1.0, rows.data() + begin, static_cast<blasint>(size), rows.data(),
                static_cast<blasint>(size), 1.0, products.row(begin).data(), static_cast<blasint>(products.stride()));
  }
}

// Products of columns as they are, the last of them ones, to those of standardised columns.
void Standardize(const Standardizer& standardizer, std::size_t begin, Matrix<double>& products) {
  const std::size_t size = products.rows() - 1;
  const std::vector<double> sums(products.row(size).begin(), products.row(size).end());
  for (std::size_t j = 0; j <= size; ++j) {
    const double mean_j = j < size ? standardizer.means[begin + j] : 0.0;
    const double scale_j = j < size ? standardizer.scales[begin + j] : 1.0;
    for (std::size_t k = 0; k <= j && k < size; ++k) {
      const double mean = standardizer.means[begin + k], scale = standardizer.scales[begin + k];
      const double centred = products.row(j)[k] - mean_j * sums[k] - mean * sums[j] + mean_j * mean * sums[size];
      products.row(j)[k] = centred / (scale_j * scale);
    }
  }
}

}  // namespace

RowWeights::RowWeights(const LogisticProblem& problem) : problem_(problem) {
  const bool several = problem.options.multi_class == MultiClass::kOneVsRest && problem.outputs() > 1;
  const auto weighs_one = [](double weight) { return weight == 1.0; };
  const std::vector<double>& weights = problem.class_weights;
  if (several && !std::all_of(weights.begin(), weights.end(), weighs_one)) kinds_ = problem.outputs();
}

double RowWeights::Sum(std::size_t kind) const {
  double sum = 0;
  for (std::size_t row = 0; row < problem_.x.rows; ++row) sum += (*this)(row, kind);
  return sum;
}

std::vector<double> SparseSquares(const LogisticProblem& problem, const RowWeights& weights) {
  const SparseBlock& sparse = problem.x.sparse;
  std::vector<Moments> moments(sparse.cols * weights.kinds());
  for (std::size_t row = 0; row < problem.x.rows && sparse.cols > 0; ++row) {
    for (std::size_t kind = 0; kind < weights.kinds(); ++kind) {
      const double u = weights(row, kind);
      for (std::uint64_t e = sparse.row_begins[row]; e < sparse.row_begins[row + 1]; ++e) {
        const double value = sparse.values.empty() ? 1.0 : static_cast<double>(sparse.values[e]);
        moments[sparse.columns[e] * weights.kinds() + kind].Add(u, value);
      }
    }
  }
  return Squares(problem, weights, moments, problem.x.cols() - sparse.cols);
}

std::vector<double> DenseSquares(const LogisticProblem& problem, const RowWeights& weights, std::size_t begin,
                                 std::size_t end) {
  std::vector<Moments> moments((end - begin) * weights.kinds());
  std::vector<double> values(end - begin);
  for (std::size_t row = 0; row < problem.x.rows; ++row) {
    LoadDense(problem.x, row, begin, end, values.data());
    for (std::size_t kind = 0; kind < weights.kinds(); ++kind) {
      const double u = weights(row, kind);
      for (std::size_t j = 0; j < values.size(); ++j) moments[j * weights.kinds() + kind].Add(u, values[j]);
    }
  }
  return Squares(problem, weights, moments, begin);
}

absl::StatusOr<Matrix<double>> DenseProducts(const LogisticProblem& problem, const RowWeights& weights,
                                             std::size_t kind, std::size_t begin, std::size_t end) {
  const std::size_t cols = end - begin, size = cols + 1;
  const double enough = kMaxProducts / static_cast<double>(size * size * weights.kinds());
  const std::size_t wanted = std::max(kRowsPerColumn * size, static_cast<std::size_t>(enough));
  const std::size_t step = std::max<std::size_t>(1, problem.x.rows / wanted);
  CONEC_ASSIGN_OR_RETURN(Matrix<double> products, Matrix<double>::Create(size, size));
  std::vector<double> rows(kBatchRows * size);
  std::size_t count = 0;
  for (std::size_t row = 0; row < problem.x.rows; row += step) {
    double* to = rows.data() + count * size;
    LoadDense(problem.x, row, begin, end, to);
    to[cols] = 1;
    const double root = std::sqrt(weights(row, kind));
    for (std::size_t j = 0; j < size; ++j) to[j] *= root;
    if (++count < kBatchRows && row + step < problem.x.rows) continue;
    AddProducts(rows, count, products, TeamSize(problem.options.threads));
    count = 0;
  }
  const double factor = weights.Sum(kind) / products.row(cols)[cols];  // the rows that were left out
  for (std::size_t j = 0; j < size; ++j) {
    for (double& value : products.row(j)) value *= factor;
  }
  if (problem.options.standardizer != nullptr) Standardize(*problem.options.standardizer, begin, products);
  return products;
}

}  // namespace conec::ner::regression_internal
