// Code for one warp of a GPU, written once and run in two ways: by nvcc for the device (base/device_warp.cuh), and by
// the host compiler over arrays of 32 values, one per lane (tests/base/host_warp.h), which is how tests without a GPU
// check the kernels' arithmetic, indices and draws against the reference.
//
// Such code is a template over W, the executor. Plain variables are the same in all lanes, and so is every branch; what
// differs from lane to lane is a W::Lane<T> (on the device a T), and only these touch it:
//   W::Index()                 0 .. 31
//   W::Map(f, lanes...)        f(values of one lane), for every lane; returns the lanes of the results
//   W::Each(f, lanes...)       the same without results: f stores something
//   W::Ballot(bools)           bit l: the value of lane l
//   W::MatchAny(values)        in each lane the set (as bits) of the lanes with the same value
//   W::ShuffleXor(values, m)   in lane l the value of lane l ^ m
//   W::Broadcast(values, l)    the value of lane l
//   W::Sync()                  what lanes stored before, all of them see after
//   W::Row(row, quads, v)      quad l + 32 v of a row in a table that other warps change; zeros from `quads` on
//   W::AddRow(row, quads, v, values)   adds to these quads, whatever other warps add at the same time
//   W::ReadOnly(row, quads, v)         of a row that nobody changes while the kernel runs
//   W::Near(row, quads, v), W::SetNear(row, quads, v, values)   the same of the warp's own memory
//   W::Prefetch(p)             called within Each: the line of memory at p is needed soon
// Rows are `quads` times four floats and start at multiples of 16 bytes.
#pragma once

#include <cstdint>

#include "base/random.h"

// Functions and members of such code, which nvcc compiles for the device only; loops whose arrays are to be registers.
#if defined(__CUDACC__)
#define CONEC_WARP __device__ __forceinline__
#define CONEC_UNROLL _Pragma("unroll")
#else
#define CONEC_WARP inline
#define CONEC_UNROLL
#endif

namespace conec {

inline constexpr std::uint32_t kWarpLanes = 32;

// Four neighbouring columns: what one lane loads at a time.
struct alignas(16) Quad {
  float x, y, z, w;
};

CONEC_HOST_DEVICE constexpr Quad operator+(Quad a, Quad b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w};
}
CONEC_HOST_DEVICE constexpr Quad operator-(Quad a, Quad b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w};
}
CONEC_HOST_DEVICE constexpr Quad operator*(float s, Quad a) {
  return {s * a.x, s * a.y, s * a.z, s * a.w};
}
// sum + s * a
CONEC_HOST_DEVICE constexpr Quad MultiplyAdd(float s, Quad a, Quad sum) {
  return {s * a.x + sum.x, s * a.y + sum.y, s * a.z + sum.z, s * a.w + sum.w};
}
CONEC_HOST_DEVICE constexpr float MultiplyAdd(Quad a, Quad b, float sum) {
  return a.x * b.x + (a.y * b.y + (a.z * b.z + (a.w * b.w + sum)));
}

// Lanes below `lane`.
CONEC_HOST_DEVICE constexpr std::uint32_t LanesBelow(std::uint32_t lane) {
  return (1u << lane) - 1;
}

// Bits that are set.
CONEC_HOST_DEVICE inline std::uint32_t CountBits(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<std::uint32_t>(__popc(static_cast<int>(bits)));
#else
  return static_cast<std::uint32_t>(__builtin_popcount(bits));
#endif
}

// The place of the lowest bit that is set. bits != 0.
CONEC_HOST_DEVICE inline std::uint32_t LowestBit(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<std::uint32_t>(__ffs(static_cast<int>(bits))) - 1;
#else
  return static_cast<std::uint32_t>(__builtin_ctz(bits));
#endif
}

// Lanes 0 .. n - 1 (all if n >= 32).
CONEC_HOST_DEVICE constexpr std::uint32_t FirstLanes(std::uint32_t n) {
  return n >= kWarpLanes ? 0xFFFFFFFFu : LanesBelow(n);
}

}  // namespace conec
