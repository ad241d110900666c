// GPUs, as far as one needs to know of them without CUDA's headers. Every build has these functions; one without CUDA
// (CONEC_CUDA off) says that it has none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec {

enum class Device { kCpu, kCuda };

// Whether this build has code for NVIDIA GPUs.
bool HasCudaBackend();

struct CudaDevice {
  std::string name;    // "NVIDIA H100 80GB HBM3"
  int capability = 0;  // 90: compute capability 9.0
  int multiprocessors = 0;
  std::size_t shared_per_multiprocessor = 0;  // bytes of shared memory
  std::size_t shared_per_block = 0;           // that one block can ask for
  std::size_t free_bytes = 0;                 // of memory, now
  std::size_t total_bytes = 0;
};

// The GPU that CUDA names first (CUDA_VISIBLE_DEVICES chooses). kUnavailable if there is none that can be used: a build
// without CUDA, no driver or one that is too old, no GPU, one that is too old; the message says what to do.
absl::StatusOr<CudaDevice> FindCudaDevice();

// The messages behind these and all CUDA calls, by the numbers of the CUDA runtime (cudaError_t); `text` is what the
// runtime says itself.

// Why no GPU can be used. Versions as CUDA writes them (12040: 12.4); driver 0: no driver is installed.
absl::Status NoCudaDevice(int code, std::string_view text, int driver_version, int runtime_version);

// A call that failed on a device while `doing` something ("copying the tables to the GPU"). kResourceExhausted: out of
// memory; kUnavailable: the device is lost, or taken by somebody else; kInternal: everything else.
absl::Status CudaError(int code, std::string_view text, std::string_view doing);

}  // namespace conec
