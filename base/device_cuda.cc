// Builds with CUDA. The runtime is linked statically and finds the driver when the program runs, so that one program
// runs with and without a GPU.
#include <cuda_runtime_api.h>

#include "base/device.h"

namespace conec {
namespace {

// The numbers that base/device.cc explains.
static_assert(cudaErrorMemoryAllocation == 2 && cudaErrorInsufficientDriver == 35 && cudaErrorNoDevice == 100);
static_assert(cudaErrorDevicesUnavailable == 46 && cudaErrorNoKernelImageForDevice == 209 &&
              cudaErrorECCUncorrectable == 214 && cudaErrorNvlinkUncorrectable == 220 &&
              cudaErrorUnsupportedPtxVersion == 222 && cudaErrorContained == 226 &&
              cudaErrorJitCompilerNotFound == 221 && cudaErrorLaunchTimeout == 702 &&
              cudaErrorContextIsDestroyed == 709 && cudaErrorUnknown == 999);

constexpr int kOldestCapability = 80;

absl::Status Check(cudaError_t code) {
  if (code == cudaSuccess) return absl::OkStatus();
  (void)cudaGetLastError();  // as in base/cuda.h
  return CudaError(static_cast<int>(code), cudaGetErrorString(code), "asking for the GPU");
}

absl::Status FindAny() {
  int driver = 0, runtime = 0, devices = 0;
  // Errors of these two leave 0, which NoCudaDevice() explains.
  (void)cudaDriverGetVersion(&driver);
  (void)cudaRuntimeGetVersion(&runtime);
  const cudaError_t code = cudaGetDeviceCount(&devices);
  if (code == cudaSuccess && devices > 0) return absl::OkStatus();
  (void)cudaGetLastError();
  return NoCudaDevice(static_cast<int>(code), cudaGetErrorString(code), driver, runtime);
}

}  // namespace

bool HasCudaBackend() {
  return true;
}

absl::StatusOr<CudaDevice> FindCudaDevice() {
  CONEC_RETURN_IF_ERROR(FindAny());
  cudaDeviceProp properties{};
  CudaDevice device;
  CONEC_RETURN_IF_ERROR(Check(cudaSetDevice(0)));
  CONEC_RETURN_IF_ERROR(Check(cudaGetDeviceProperties(&properties, 0)));
  CONEC_RETURN_IF_ERROR(Check(cudaMemGetInfo(&device.free_bytes, &device.total_bytes)));
  device.name = properties.name;
  device.capability = 10 * properties.major + properties.minor;
  device.multiprocessors = properties.multiProcessorCount;
  device.shared_per_multiprocessor = properties.sharedMemPerMultiprocessor;
  device.shared_per_block = properties.sharedMemPerBlockOptin;
  if (device.capability < kOldestCapability) {
    return Unavailable("{} has compute capability {}.{}, this program needs 8.0 or more", device.name, properties.major,
                       properties.minor);
  }
  return device;
}

}  // namespace conec
