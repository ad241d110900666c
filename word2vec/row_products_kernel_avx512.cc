#include "word2vec/row_products_kernel_impl.h"

namespace conec::word2vec {

void RowProductsAvx512(const ProductRows& a, const ProductRows& b, std::size_t dim, float* products,
                       std::size_t stride) {
  RowProducts(a, b, dim, products, stride);
}

}  // namespace conec::word2vec
