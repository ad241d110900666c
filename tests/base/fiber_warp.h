// The executor of base/warp.h as a GPU is allowed to run it: every lane runs all of the code by itself, on a stack of
// its own, and waits for the others only in warp-wide operations. Between two of these the lanes run one after the
// other, in an order that the test chooses: what a lane stores and another one reads without W::Sync() between is there
// in one order and not in another. Warp-wide operations that not all lanes are at (a shuffle in a branch that lanes
// take differently, a lane that has left early) fail the test, as do operations that should be the same in all lanes
// and are not. One warp at a time.
//
// Built with -fsanitize=thread, lanes are ThreadSanitizer's threads, and W::Sync() is the only thing that orders what
// they do, as on the device, where shuffles and ballots do not: a race is then found in whatever order lanes run.
#pragma once

#include <gtest/gtest.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "base/warp.h"
#include "tests/base/sanitizers.h"

#if CONEC_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace conec {

enum class LaneOrder { kForward, kBackward, kShuffled };

// The executor itself is no part of what is looked at.
#if CONEC_THREAD_SANITIZER
#define CONEC_UNWATCHED __attribute__((no_sanitize("thread"), noinline))
#else
#define CONEC_UNWATCHED
#endif

class FiberWarp {
 public:
  template <typename T>
  using Lane = T;

  // Runs `code` in all lanes.
  static void Run(LaneOrder order, const std::function<void()>& code) {
    FiberWarp warp(order, code);
    running = &warp;
    Release(0);
    while (warp.Advance()) {
    }
    Acquire(0);
    warp.DestroyFibers();
    running = nullptr;
  }

  CONEC_UNWATCHED static std::uint32_t Index() { return running->lane_; }
  template <typename F, typename... T>
  static auto Map(F&& f, const T&... values) {
    return f(values...);
  }
  template <typename F, typename... T>
  static void Each(F&& f, const T&... values) {
    f(values...);
  }
  static std::uint32_t Ballot(bool value) {
    Meet({Kind::kBallot, 0}, value ? 1 : 0);
    return LanesWith(1);
  }
  static std::uint32_t MatchAny(std::uint32_t value) {
    Meet({Kind::kMatchAny, 0}, value);
    return LanesWith(value);
  }
  template <typename T>
  static T ShuffleXor(T value, int mask) {
    Meet({Kind::kShuffleXor, static_cast<std::uint32_t>(mask)}, Bits(value));
    return From<T>(Index() ^ static_cast<std::uint32_t>(mask));
  }
  template <typename T>
  static T Broadcast(T value, std::uint32_t lane) {
    Meet({Kind::kBroadcast, lane}, Bits(value));
    return From<T>(lane);
  }
  static void Sync() {
    const std::uint32_t turn = NextTurn();
    Release(turn);
    Meet({Kind::kSync, 0}, 0);
    Acquire(turn);
  }

  static Quad Row(const float* row, std::uint32_t quads, std::uint32_t v) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    return i < quads ? Quad{row[4 * i], row[4 * i + 1], row[4 * i + 2], row[4 * i + 3]} : Quad{};
  }
  static void AddRow(float* row, std::uint32_t quads, std::uint32_t v, Quad values) {
    SetNear(row, quads, v, Row(row, quads, v) + values);
  }
  static Quad ReadOnly(const float* row, std::uint32_t quads, std::uint32_t v) { return Row(row, quads, v); }
  static Quad Near(const float* row, std::uint32_t quads, std::uint32_t v) { return Row(row, quads, v); }
  static void SetNear(float* row, std::uint32_t quads, std::uint32_t v, Quad values) {
    const std::uint32_t i = Index() + v * kWarpLanes;
    if (i >= quads) return;
    row[4 * i] = values.x, row[4 * i + 1] = values.y, row[4 * i + 2] = values.z, row[4 * i + 3] = values.w;
  }
  static void Prefetch(const float* /*p*/) {}

 private:
  enum class Kind { kNone, kBallot, kMatchAny, kShuffleXor, kBroadcast, kSync };
  struct Operation {
    Kind kind = Kind::kNone;
    std::uint32_t argument = 0;
    bool operator==(const Operation&) const = default;
  };
  struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    void* sanitizer = nullptr;
    bool is_done = false;
    std::uint32_t syncs = 0;
    Operation operation;  // that it waits in
    std::uint64_t given = 0;
  };
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;

  FiberWarp(LaneOrder order, const std::function<void()>& code) : order_(order), code_(code), random_(1) {
    for (Fiber& fiber : fibers_) {
      fiber.stack = std::make_unique<char[]>(kStackBytes);
      getcontext(&fiber.context);
      fiber.context.uc_stack.ss_sp = fiber.stack.get();
      fiber.context.uc_stack.ss_size = kStackBytes;
      fiber.context.uc_link = nullptr;
      makecontext(&fiber.context, &FiberWarp::Main, 0);
#if CONEC_THREAD_SANITIZER
      fiber.sanitizer = __tsan_create_fiber(0);
#endif
    }
#if CONEC_THREAD_SANITIZER
    scheduler_sanitizer_ = __tsan_get_current_fiber();
#endif
  }
  void DestroyFibers() {
#if CONEC_THREAD_SANITIZER
    for (Fiber& fiber : fibers_) __tsan_destroy_fiber(fiber.sanitizer);
#endif
  }

  static void Main() {
    Acquire(0);
    running->code_();
    Release(0);
    End();
  }
  CONEC_UNWATCHED static void End() {
    running->fibers_[running->lane_].is_done = true;
    Leave();
  }

  // What was done before Release(turn) is before what is done after Acquire(turn). 0: begin and end; then 1 and 2 take
  // turns, so that a lane that has run ahead to the next Sync() is not taken to have been there at this one.
  static void Release([[maybe_unused]] std::uint32_t turn) {
#if CONEC_THREAD_SANITIZER
    __tsan_release(&turns[turn]);
#endif
  }
  static void Acquire([[maybe_unused]] std::uint32_t turn) {
#if CONEC_THREAD_SANITIZER
    __tsan_acquire(&turns[turn]);
#endif
  }
  CONEC_UNWATCHED static std::uint32_t NextTurn() {
    return 1 + running->fibers_[running->lane_].syncs++ % 2;
  }

  // Every lane up to its next operation, or its end. False when they have ended.
  CONEC_UNWATCHED bool Advance() {
    for (const std::uint32_t lane : NextOrder()) {
      lane_ = lane;
      fibers_[lane].operation = {};
      Switch(&scheduler_, &fibers_[lane].context, fibers_[lane].sanitizer);
    }
    const Fiber& first = fibers_[0];
    for (std::uint32_t lane = 0; lane < kWarpLanes; ++lane) {
      const Fiber& fiber = fibers_[lane];
      if (fiber.is_done != first.is_done || !(fiber.operation == first.operation)) {
        ADD_FAILURE() << "lane " << lane << " is elsewhere than lane 0: operation "
                      << static_cast<int>(fiber.operation.kind) << "(" << fiber.operation.argument << "), not "
                      << static_cast<int>(first.operation.kind) << "(" << first.operation.argument << ")";
        return false;  // what waits is given up
      }
      visible_[lane] = fiber.given;
    }
    return !first.is_done;
  }

  CONEC_UNWATCHED std::array<std::uint32_t, kWarpLanes> NextOrder() {
    std::array<std::uint32_t, kWarpLanes> lanes;
    std::iota(lanes.begin(), lanes.end(), 0u);
    if (order_ == LaneOrder::kBackward) std::reverse(lanes.begin(), lanes.end());
    for (std::uint32_t i = kWarpLanes; order_ == LaneOrder::kShuffled && i > 1; --i) {
      std::swap(lanes[i - 1], lanes[random_.Below(i)]);
    }
    return lanes;
  }

  // Waits for the other lanes to come to the same operation, each with its value.
  CONEC_UNWATCHED static void Meet(Operation operation, std::uint64_t value) {
    Fiber& own = running->fibers_[running->lane_];
    own.operation = operation;
    own.given = value;
    Leave();
  }
  CONEC_UNWATCHED static void Leave() {
    Switch(&running->fibers_[running->lane_].context, &running->scheduler_, running->scheduler_sanitizer_);
  }
  CONEC_UNWATCHED static void Switch(ucontext_t* from, ucontext_t* to, [[maybe_unused]] void* sanitizer) {
#if CONEC_THREAD_SANITIZER
    __tsan_switch_to_fiber(sanitizer, __tsan_switch_to_fiber_no_sync);
#endif
    swapcontext(from, to);
  }

  CONEC_UNWATCHED static std::uint32_t LanesWith(std::uint64_t value) {
    std::uint32_t lanes = 0;
    for (std::uint32_t l = 0; l < kWarpLanes; ++l) lanes |= (running->visible_[l] == value ? 1u : 0u) << l;
    return lanes;
  }
  template <typename T>
  static std::uint64_t Bits(T value) {
    if constexpr (sizeof(T) == 8) {
      return std::bit_cast<std::uint64_t>(value);
    } else {
      return std::bit_cast<std::uint32_t>(value);
    }
  }
  CONEC_UNWATCHED static std::uint64_t Visible(std::uint32_t lane) {
    return running->visible_.at(lane);
  }
  template <typename T>
  static T From(std::uint32_t lane) {
    if constexpr (sizeof(T) == 8) {
      return std::bit_cast<T>(Visible(lane));
    } else {
      return std::bit_cast<T>(static_cast<std::uint32_t>(Visible(lane)));
    }
  }

  inline static FiberWarp* running = nullptr;
  inline static char turns[3] = {};
  LaneOrder order_;
  const std::function<void()>& code_;
  PhiloxStream random_;
  std::array<Fiber, kWarpLanes> fibers_;
  std::array<std::uint64_t, kWarpLanes> visible_{};  // what the lanes gave in the operation before
  ucontext_t scheduler_{};
  void* scheduler_sanitizer_ = nullptr;
  std::uint32_t lane_ = 0;
};
#undef CONEC_UNWATCHED

}  // namespace conec
