#include "simec_core/torch_threads.h"

#include <ATen/Parallel.h>
#include <cblas.h>

namespace conec::simec {

TorchThreads::TorchThreads(int threads)
    : torch_before_(at::get_num_threads()), blas_before_(openblas_get_num_threads()) {
  if (threads == 0) return;
  at::set_num_threads(threads);
  openblas_set_num_threads(threads);
}

TorchThreads::~TorchThreads() {
  at::set_num_threads(torch_before_);
  openblas_set_num_threads(blas_before_);
}

}  // namespace conec::simec
