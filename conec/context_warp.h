// Context sums on a GPU: the kernel, for one warp (base/warp.h).
//
// Each warp takes some neighbouring words, and for each of them adds up the rows of the table in its window and adds
// the sum to the word's row of `sums`, which other warps add to as well. Nothing slides: neighbours have nearly the
// same window, so all but one of its rows lie in the multiprocessor's L1 cache, and a sum made anew has no rounding
// errors of the sums before it. What costs is the row that is new (4 d bytes from L2) and the row that is added to (4 d
// bytes of atomic additions): some 1.6 kB a word at d = 200, 2.4 kB with the write.
#pragma once

#include <cstdint>

#include "base/warp.h"
#include "conec/context_device.h"
#include "corpora/word_id.h"

namespace conec::context_internal {

inline constexpr std::uint32_t kFirstEnd = corpora::Index(corpora::kEndOfSegment);  // marks that end a segment

// kQuads: quads per lane, ceil(d / 128).
template <typename W, std::uint32_t kQuads>
class ContextWarp {
 public:
  CONEC_WARP ContextWarp(const ContextDeviceTask& task, const ContextDeviceChunk& chunk) : task_(task), chunk_(chunk) {}

  // Adds the window sum of the word at `position`, if it is one, to its row.
  CONEC_WARP void AddWindow(std::uint32_t position) {
    const std::uint32_t target = chunk_.ids[position];
    if (target >= corpora::kMaxVocabulary) return;
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
      sum_[v] = W::Map([](std::uint32_t) { return Quad{0, 0, 0, 0}; }, W::Index());
    }
    AddSide(position, target, false);
    AddSide(position, target, true);
    if (task_.layout.inputs.shape) {
      const std::uint32_t row = word2vec::ShapeRow(task_.layout, chunk_.shapes[position]);
      AddScaled(row, task_.scales[row] * task_.shape_weights[0]);
    }
    float* const to = task_.sums + target * task_.stride;
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) W::AddRow(to, task_.quads, v, sum_[v]);
  }

 private:
  template <typename T>
  using Lane = typename W::template Lane<T>;

  // What stands left (right) of `position` in its segment, at most a window away.
  CONEC_WARP void AddSide(std::uint32_t position, std::uint32_t target, bool is_right) {
    for (std::uint32_t nearer = 0; nearer < task_.window; nearer += kWarpLanes) {
      const auto distances = W::Map([&](std::uint32_t lane) { return nearer + lane + 1; }, W::Index());
      const auto ids = W::Map([&](std::uint32_t distance) { return IdAt(position, distance, is_right); }, distances);
      const std::uint32_t ends = W::Ballot(W::Map([](std::uint32_t id) { return id >= kFirstEnd; }, ids));
      const std::uint32_t inside = ends != 0 ? LanesBelow(LowestBit(ends)) : FirstLanes(kWarpLanes);
      AddWords(ids, distances, inside, target, is_right);
      if (task_.layout.inputs.context_shapes) AddShapes(position, distances, inside, is_right);
      if (ends != 0) return;
    }
  }

  // What stands there; a mark beyond the window and beyond the chunk.
  CONEC_WARP std::uint32_t IdAt(std::uint32_t position, std::uint32_t distance, bool is_right) const {
    const std::uint32_t at = is_right ? position + distance : position - distance;  // wraps far past the end
    return distance <= task_.window && at < chunk_.length ? chunk_.ids[at] : kFirstEnd;
  }

  CONEC_WARP void AddWords(const Lane<std::uint32_t>& ids, const Lane<std::uint32_t>& distances, std::uint32_t inside,
                           std::uint32_t target, bool is_right) {
    const std::uint32_t counted =
        inside &
        W::Ballot(W::Map(
            [&](std::uint32_t id) { return id < corpora::kMaxVocabulary && !(task_.exclude_target && id == target); },
            ids));
    const auto rows = W::Map([&](std::uint32_t id) { return word2vec::ContextRow(task_.layout, id, is_right); }, ids);
    const auto weights = W::Map(
        [&](std::uint32_t row, std::uint32_t distance, std::uint32_t lane) {
          return (counted >> lane & 1) != 0 ? task_.scales[row] * task_.weights[distance] : 0.0f;
        },
        rows, distances, W::Index());
    AddRows(rows, weights, counted);
  }

  // Shapes have rows as far as the layout's window reaches.
  CONEC_WARP void AddShapes(std::uint32_t position, const Lane<std::uint32_t>& distances, std::uint32_t inside,
                            bool is_right) {
    const std::uint32_t counted =
        inside & W::Ballot(W::Map([&](std::uint32_t distance) { return distance <= task_.layout.window; }, distances));
    const auto rows = W::Map(
        [&](std::uint32_t distance, std::uint32_t lane) {
          if ((counted >> lane & 1) == 0) return 0u;
          const std::uint32_t at = is_right ? position + distance : position - distance;
          return word2vec::ContextShapeRow(task_.layout, distance, is_right, chunk_.shapes[at]);
        },
        distances, W::Index());
    const auto weights = W::Map(
        [&](std::uint32_t row, std::uint32_t distance, std::uint32_t lane) {
          return (counted >> lane & 1) != 0 ? task_.scales[row] * task_.shape_weights[distance] : 0.0f;
        },
        rows, distances, W::Index());
    AddRows(rows, weights, counted);
  }

  CONEC_WARP void AddRows(const Lane<std::uint32_t>& rows, const Lane<float>& weights, std::uint32_t lanes) {
    for (; lanes != 0; lanes &= lanes - 1) {
      const std::uint32_t lane = LowestBit(lanes);
      AddScaled(W::Broadcast(rows, lane), W::Broadcast(weights, lane));
    }
  }

  CONEC_WARP void AddScaled(std::uint32_t row, float weight) {
    const float* const from = task_.table + row * task_.stride;
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
      sum_[v] = W::Map([&](Quad a, Quad sum) { return MultiplyAdd(weight, a, sum); }, W::ReadOnly(from, task_.quads, v),
                       sum_[v]);
    }
  }

  const ContextDeviceTask& task_;
  const ContextDeviceChunk& chunk_;
  Lane<Quad> sum_[kQuads];
};

}  // namespace conec::context_internal
