// Matrix products through OpenBLAS. Not for other rooms.
#pragma once

#include "base/matrix.h"

namespace conec::word2vec {

// products = a b^T. a: m x d, b: n x d, products: m x n; m, n, d and the strides below 2^31.
//
// The first call sets OpenBLAS to one thread for the whole process (openblas_set_num_threads): our threads are
// OpenMP's, each multiplies a block of its own, and the two must not multiply with each other. Thread-safe. Rounding
// depends on the processor and on the shapes; ProductErrorBound() covers it.
void MultiplyTransposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> products);

// An upper bound of the error of one inner product of two rows of length <= 1 (up to rounding) and `dim` elements,
// whatever the order of summation (Higham, "Accuracy and Stability of Numerical Algorithms", eq. 3.5): d 2^-24, with
// room for the rounding of the rows.
float ProductErrorBound(std::size_t dim);

}  // namespace conec::word2vec
