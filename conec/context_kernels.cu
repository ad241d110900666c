// The kernels of context_warp.h.
#include <cuda_runtime.h>

#include "base/device_warp.cuh"
#include "conec/context_warp.h"

namespace conec::context_internal {
namespace {

constexpr std::uint32_t kWarpsPerBlock = 4;
constexpr std::uint32_t kWordsPerWarp = 32;

// A chunk has some four blocks for each multiprocessor of a large GPU: registers for twice as many.
constexpr int kBlocksPerMultiprocessor = 8;

template <std::uint32_t kQuads>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarpLanes, kBlocksPerMultiprocessor)
    SumKernel(const __grid_constant__ ContextDeviceTask task, const __grid_constant__ ContextDeviceChunk chunk) {
  const std::uint32_t warp = (blockIdx.x * blockDim.x + threadIdx.x) / kWarpLanes;
  const std::uint32_t first = chunk.begin + warp * kWordsPerWarp;
  if (first >= chunk.end) return;
  const std::uint32_t last = chunk.end - first < kWordsPerWarp ? chunk.end : first + kWordsPerWarp;
  ContextWarp<DeviceWarp, kQuads> summer(task, chunk);
  for (std::uint32_t position = first; position < last; ++position) summer.AddWindow(position);
}

__global__ void EmptyKernel(const __grid_constant__ ContextDeviceTask task,
                            const __grid_constant__ ContextDevicePrecise precise) {
  float* const from = task.sums + precise.rows[blockIdx.x] * task.stride;
  double* const to = precise.sums + blockIdx.x * task.stride;
  for (std::uint32_t j = threadIdx.x; j < 4 * task.quads; j += blockDim.x) {
    to[j] += from[j];
    from[j] = 0;
  }
}

template <std::uint32_t kQuads>
void Launch(const ContextDeviceTask& task, const ContextDeviceChunk& chunk, cudaStream_t stream) {
  constexpr std::uint32_t kWordsPerBlock = kWarpsPerBlock * kWordsPerWarp;
  const std::uint32_t blocks = (chunk.end - chunk.begin + kWordsPerBlock - 1) / kWordsPerBlock;
  SumKernel<kQuads><<<blocks, kWarpsPerBlock * kWarpLanes, 0, stream>>>(task, chunk);
}

}  // namespace

int LaunchContextSums(const ContextDeviceTask& task, const ContextDeviceChunk& chunk, void* stream) {
  if (chunk.begin >= chunk.end) return cudaSuccess;
  const auto to = static_cast<cudaStream_t>(stream);
  switch ((task.quads + kWarpLanes - 1) / kWarpLanes) {
    case 1:
      Launch<1>(task, chunk, to);
      break;
    case 2:
      Launch<2>(task, chunk, to);
      break;
    case 3:
      Launch<3>(task, chunk, to);
      break;
    case 4:
      Launch<4>(task, chunk, to);
      break;
    default:
      Launch<8>(task, chunk, to);
      break;
  }
  return cudaGetLastError();
}

int LaunchEmptyInto(const ContextDeviceTask& task, const ContextDevicePrecise& precise, void* stream) {
  if (precise.count == 0) return cudaSuccess;
  EmptyKernel<<<precise.count, 128, 0, static_cast<cudaStream_t>(stream)>>>(task, precise);
  return cudaGetLastError();
}

}  // namespace conec::context_internal
