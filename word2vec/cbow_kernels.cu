// The kernels of cbow_warp.h: blocks of one warp each, so that no barrier ever waits for another warp, as many as are
// to train at once; each takes the next block of the schedule until there are none.
#include <cuda_runtime.h>

#include "base/device_warp.cuh"
#include "word2vec/cbow_warp.h"

namespace conec::word2vec {
namespace {

// As many warps as fit onto a multiprocessor by their memory for the paper's settings; all registers for each of them.
constexpr int kBlocksPerMultiprocessor = 8;

template <std::uint32_t kQuads>
__global__ void __launch_bounds__(kWarpLanes, kBlocksPerMultiprocessor)
    TrainKernel(const __grid_constant__ CbowDeviceModel model, const __grid_constant__ CbowDeviceBatch batch) {
  extern __shared__ Quad memory[];
  CbowWarp<DeviceWarp, kQuads> warp(model, batch, reinterpret_cast<char*>(memory));
  for (;;) {
    std::uint32_t block = DeviceWarp::Index() == 0 ? atomicAdd(batch.next_block, 1u) : 0;
    block = DeviceWarp::Broadcast(block, 0);
    if (block >= batch.count) break;
    warp.TrainBlock(batch.blocks[block]);
  }
  const double loss = warp.loss_sum();
  if (DeviceWarp::Index() != 0) return;
  atomicAdd(&batch.statistics->loss_sum, loss);
  atomicAdd(&batch.statistics->trained_words, warp.trained_words());
}

template <std::uint32_t kQuads>
cudaError_t Launch(const CbowDeviceModel& model, const CbowDeviceBatch& batch, int warps, cudaStream_t stream) {
  const std::uint32_t bytes = NearLayout(model.quads, model.held_rows, model.negatives, model.window).bytes;
  const cudaError_t error =
      cudaFuncSetAttribute(TrainKernel<kQuads>, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
  if (error != cudaSuccess) return error;
  TrainKernel<kQuads><<<static_cast<unsigned>(warps), kWarpLanes, bytes, stream>>>(model, batch);
  return cudaGetLastError();
}

}  // namespace

int LaunchCbow(const CbowDeviceModel& model, const CbowDeviceBatch& batch, int warps, void* stream) {
  const auto to = static_cast<cudaStream_t>(stream);
  switch ((model.quads + kWarpLanes - 1) / kWarpLanes) {
    case 1:
      return Launch<1>(model, batch, warps, to);
    case 2:
      return Launch<2>(model, batch, warps, to);
    case 3:
      return Launch<3>(model, batch, warps, to);
    case 4:
      return Launch<4>(model, batch, warps, to);
    default:
      return Launch<8>(model, batch, warps, to);
  }
}

}  // namespace conec::word2vec
