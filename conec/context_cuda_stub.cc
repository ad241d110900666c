// Builds without CUDA.
#include "base/device.h"
#include "conec/context_cuda.h"

namespace conec::context_internal {

absl::Status SumOnGpu(const ContextCorpus& /*corpus*/, const WindowSummer::Task& /*task*/,
                      const ContextProgressFn& /*progress*/) {
  return FindCudaDevice().status();
}

}  // namespace conec::context_internal
