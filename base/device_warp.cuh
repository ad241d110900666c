// The executor of base/warp.h on the device: every lane is a thread. Included by .cu files only.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "base/warp.h"

namespace conec {

struct DeviceWarp {
  template <typename T>
  using Lane = T;

  static constexpr std::uint32_t kAll = 0xFFFFFFFFu;

  static __device__ __forceinline__ std::uint32_t Index() { return threadIdx.x % kWarpLanes; }

  template <typename F, typename... Values>
  static __device__ __forceinline__ auto Map(F&& f, Values... values) {
    return f(values...);
  }
  template <typename F, typename... Values>
  static __device__ __forceinline__ void Each(F&& f, Values... values) {
    f(values...);
  }
  static __device__ __forceinline__ std::uint32_t Ballot(bool value) { return __ballot_sync(kAll, value); }
  static __device__ __forceinline__ std::uint32_t MatchAny(std::uint32_t value) {
    return __match_any_sync(kAll, value);
  }
  template <typename T>
  static __device__ __forceinline__ T ShuffleXor(T value, int mask) {
    return __shfl_xor_sync(kAll, value, mask);
  }
  template <typename T>
  static __device__ __forceinline__ T Broadcast(T value, std::uint32_t lane) {
    return __shfl_sync(kAll, value, static_cast<int>(lane));
  }
  static __device__ __forceinline__ void Sync() { __syncwarp(); }

  static __device__ __forceinline__ Quad Row(const float* row, std::uint32_t quads, std::uint32_t v) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    return i < quads ? FromVector(LoadChanging(reinterpret_cast<const float4*>(row) + i)) : Quad{};
  }
  static __device__ __forceinline__ Quad ReadOnly(const float* row, std::uint32_t quads, std::uint32_t v) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    return i < quads ? FromVector(__ldg(reinterpret_cast<const float4*>(row) + i)) : Quad{};
  }
  static __device__ __forceinline__ void AddRow(float* row, std::uint32_t quads, std::uint32_t v, Quad value) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    if (i >= quads) return;
#if __CUDA_ARCH__ >= 900
    atomicAdd(reinterpret_cast<float4*>(row) + i, make_float4(value.x, value.y, value.z, value.w));
#else
    float* const to = row + 4 * i;
    atomicAdd(to, value.x);
    atomicAdd(to + 1, value.y);
    atomicAdd(to + 2, value.z);
    atomicAdd(to + 3, value.w);
#endif
  }
  static __device__ __forceinline__ Quad Near(const float* row, std::uint32_t quads, std::uint32_t v) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    return i < quads ? reinterpret_cast<const Quad*>(row)[i] : Quad{};
  }
  static __device__ __forceinline__ void SetNear(float* row, std::uint32_t quads, std::uint32_t v, Quad value) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    if (i < quads) reinterpret_cast<Quad*>(row)[i] = value;
  }
  static __device__ __forceinline__ void Prefetch(const float* p) {
    asm volatile("prefetch.global.L2 [%0];" ::"l"(__cvta_generic_to_global(p)));
  }

 private:
  // Rows change while they are read, by atomic additions from everywhere: the memory model defines that for a relaxed
  // load of device scope. It goes to L2, where additions are made, past L1.
  static __device__ __forceinline__ float4 LoadChanging(const float4* p) {
    float4 v;
    asm volatile("ld.relaxed.gpu.global.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w)
                 : "l"(p));
    return v;
  }
  static __device__ __forceinline__ Quad FromVector(float4 v) {
    return {v.x, v.y, v.z, v.w};
  }
};

}  // namespace conec
