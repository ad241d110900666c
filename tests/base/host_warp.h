// The executor of base/warp.h on the host: 32 lanes are an array, and every operation is a loop over them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "base/warp.h"

namespace conec {

struct HostWarp {
  template <typename T>
  using Lane = std::array<T, kWarpLanes>;

  static Lane<std::uint32_t> Index() {
    Lane<std::uint32_t> lanes;
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) lanes[l] = l;
    return lanes;
  }
  template <typename F, typename... T>
  static auto Map(F&& f, const std::array<T, kWarpLanes>&... values) {
    Lane<std::decay_t<decltype(f(values[0]...))>> result;
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) result[l] = f(values[l]...);
    return result;
  }
  template <typename F, typename... T>
  static void Each(F&& f, const std::array<T, kWarpLanes>&... values) {
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) f(values[l]...);
  }
  static std::uint32_t Ballot(const Lane<bool>& values) {
    std::uint32_t bits = 0;
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) bits |= static_cast<std::uint32_t>(values[l]) << l;
    return bits;
  }
  static Lane<std::uint32_t> MatchAny(const Lane<std::uint32_t>& values) {
    return Map([&](std::uint32_t value) { return Ballot(Map([&](std::uint32_t x) { return x == value; }, values)); },
               values);
  }
  template <typename T>
  static Lane<T> ShuffleXor(const Lane<T>& values, int mask) {
    Lane<T> result;
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) result[l] = values[l ^ static_cast<std::uint32_t>(mask)];
    return result;
  }
  template <typename T>
  static T Broadcast(const Lane<T>& values, std::uint32_t lane) {
    return values.at(lane);
  }
  static void Sync() {}

  // Tables are shared by threads that each play a warp; their races are made of atomic operations, as on the device.
  static Lane<Quad> Row(const float* row, std::uint32_t quads, std::uint32_t v) {
    return Gather(quads, v, [&](std::uint32_t i) {
      return Quad{Shared(row, i, 0).load(kRelaxed), Shared(row, i, 1).load(kRelaxed), Shared(row, i, 2).load(kRelaxed),
                  Shared(row, i, 3).load(kRelaxed)};
    });
  }
  static void AddRow(float* row, std::uint32_t quads, std::uint32_t v, const Lane<Quad>& values) {
    for (std::uint32_t l = 0; l < kWarpLanes && l + v * kWarpLanes < quads; ++l) {
      const std::uint32_t i = l + v * kWarpLanes;
      Shared(row, i, 0).fetch_add(values[l].x, kRelaxed);
      Shared(row, i, 1).fetch_add(values[l].y, kRelaxed);
      Shared(row, i, 2).fetch_add(values[l].z, kRelaxed);
      Shared(row, i, 3).fetch_add(values[l].w, kRelaxed);
    }
  }
  static Lane<Quad> ReadOnly(const float* row, std::uint32_t quads, std::uint32_t v) { return Near(row, quads, v); }
  static Lane<Quad> Near(const float* row, std::uint32_t quads, std::uint32_t v) {
    return Gather(quads, v, [&](std::uint32_t i) {
      return Quad{row[4 * i], row[4 * i + 1], row[4 * i + 2], row[4 * i + 3]};
    });
  }
  static void SetNear(float* row, std::uint32_t quads, std::uint32_t v, const Lane<Quad>& values) {
    for (std::uint32_t l = 0; l < kWarpLanes && l + v * kWarpLanes < quads; ++l) {
      float* const to = row + 4 * (l + v * kWarpLanes);
      to[0] = values[l].x, to[1] = values[l].y, to[2] = values[l].z, to[3] = values[l].w;
    }
  }
  // Reads what is to be fetched: an address outside of the table is found by AddressSanitizer.
  static void Prefetch(const float* p) { Shared(p, 0, 0).load(kRelaxed); }

 private:
  static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
  static std::atomic_ref<float> Shared(const float* row, std::uint32_t quad, std::uint32_t j) {
    return std::atomic_ref<float>(const_cast<float*>(row)[4 * quad + j]);
  }
  template <typename F>
  static Lane<Quad> Gather(std::uint32_t quads, std::uint32_t v, F&& f) {
    Lane<Quad> values{};
    for (std::uint32_t l = 0; l < kWarpLanes && l + v * kWarpLanes < quads; ++l) values[l] = f(l + v * kWarpLanes);
    return values;
  }
};

}  // namespace conec
