// Inner products of all rows of one table with all rows of another. Not for other rooms.
//
// Our own, not a BLAS's: OpenBLAS starts threads before main(), each of which wants 128 MB of address space and asks
// for ever if there is none, and any first product in a thread does the same. What is multiplied here is rows that lie
// as they are in a model file, some tens of them with some thousands at a time, which needs neither threads nor copies.
#pragma once

#include "base/matrix.h"
#include "base/simd.h"
#include "word2vec/row_products_kernel.h"

namespace conec::word2vec {

// products = a b^T. a: m x d, b: n x d, products: m x n. At the SIMD level in use (ActiveSimdLevel() at the first call;
// the best one if CONEC_SIMD names none that can be had). Allocates nothing; thread-safe. Rounding depends on the level
// and on where rows stand; ProductErrorBound() covers it.
void MultiplyTransposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> products);

// The kernel of a level, for tests.
RowProductsFn RowProductsOf(SimdLevel level);

// An upper bound of the error of one inner product of two rows of length <= 1 (up to rounding) and `dim` elements,
// whatever the order of summation (Higham, "Accuracy and Stability of Numerical Algorithms", eq. 3.5): d 2^-24, with
// room for the rounding of the rows.
float ProductErrorBound(std::size_t dim);

}  // namespace conec::word2vec
