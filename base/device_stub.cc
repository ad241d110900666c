// Builds without CUDA.
#include "base/device.h"

namespace conec {

bool HasCudaBackend() {
  return false;
}

absl::StatusOr<CudaDevice> FindCudaDevice() {
  return Unavailable(
      "this program was built without CUDA (where nvcc is installed, cmake --preset cuda builds it with)");
}

}  // namespace conec
