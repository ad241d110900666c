#include "word2vec/blas.h"

#include <cblas.h>

#include <mutex>

namespace conec::word2vec {

void MultiplyTransposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> products) {
  static std::once_flag single_threaded;
  std::call_once(single_threaded, [] { openblas_set_num_threads(1); });
  if (a.rows == 1) {  // the product of matrices would copy b first
    cblas_sgemv(CblasRowMajor, CblasNoTrans, static_cast<blasint>(b.rows), static_cast<blasint>(b.cols), 1.0f, b.data,
                static_cast<blasint>(b.stride), a.data, 1, 0.0f, products.data, 1);
    return;
  }
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(a.rows), static_cast<blasint>(b.rows),
              static_cast<blasint>(a.cols), 1.0f, a.data, static_cast<blasint>(a.stride), b.data,
              static_cast<blasint>(b.stride), 0.0f, products.data, static_cast<blasint>(products.stride));
}

float ProductErrorBound(std::size_t dim) {
  return static_cast<float>(dim + 8) * 0x1p-24f;
}

}  // namespace conec::word2vec
