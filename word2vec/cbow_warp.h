// CBOW on a GPU: the kernel, for one warp (base/warp.h). README_cuda.md has its story; in short:
//
// A warp takes one block of the schedule after the other and does what the CPU's kernel does: collects the words that
// survive subsampling, then trains set after set of centres that share their noise words (draws.h). Lane l has columns
// 4 l .. 4 l + 3, 128 + 4 l .. and so on of every row, so that a row is a few 16-byte accesses of each lane and lanes
// meet only to add up dot products.
//   1. Noise rows of a set are held in the warp's own memory (shared memory) for all centres of the set, if few other
//      warps will want them in the meantime (CbowDeviceModel::holdable); what changed is added to the table
//      afterwards. Rows of frequent words are read anew for every centre: copies of them would grow stale, and many
//      copies' changes added together would overshoot.
//   2. Rows of W1 and rows of W2 that are not held come from L2 for every centre, all at once, and changes are added
//      with atomic operations (16 bytes each), which nobody waits for: no update is lost, however many warps run.
//   3. Up to 8 dot products are added up across lanes together: 9 shuffles for 8 sums instead of 40.
//   4. One lane per row computes sigmoid, loss and coefficient.
//   5. Nothing is shared between warps but the tables, so there are no barriers but those of the warp itself.
// One warp alone is deterministic, and equals the reference up to rounding: tests/word2vec/cbow_warp_test.cc.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/warp.h"
#include "corpora/word_id.h"
#include "word2vec/cbow_device.h"

namespace conec::word2vec {

inline constexpr std::uint32_t kFirstEnd = corpora::Index(corpora::kEndOfSegment);  // marks that end a segment

struct LogisticLoss {
  float sigmoid;  // of x
  float loss;     // -log sigmoid(x) if x is to be large, else -log sigmoid(-x)
};

CONEC_HOST_DEVICE inline LogisticLoss LogisticLossOf(float x, bool label) {
  const float t = expf(-fabsf(x)), s = 1.0f / (1.0f + t);
  const float z = label ? -x : x;
  return {x < 0 ? t * s : s, (z < 0 ? 0.0f : z) + log1pf(t)};
}

// kQuads: quads per lane, ceil(d / 128).
template <typename W, std::uint32_t kQuads>
class CbowWarp {
 public:
  // memory: NearLayout().bytes of the warp's own, 16-byte aligned.
  CONEC_WARP CbowWarp(const CbowDeviceModel& model, const CbowDeviceBatch& batch, char* memory)
      : model_(model), batch_(batch) {
    const CbowNear near = NearLayout(model.quads, model.held_rows, model.negatives, model.window);
    row_floats_ = near.row_floats;
    held_now_ = reinterpret_cast<float*>(memory);
    held_before_ = reinterpret_cast<float*>(memory + near.start);
    logits_ = reinterpret_cast<float*>(memory + near.logits);
    counts_ = reinterpret_cast<float*>(memory + near.counts);
    dampings_ = reinterpret_cast<float*>(memory + near.dampings);
    rows_ = reinterpret_cast<std::uint32_t*>(memory + near.rows);
    context_dampings_ = reinterpret_cast<float*>(memory + near.context_dampings);
    context_ = reinterpret_cast<std::uint32_t*>(memory + near.context);
    loss_ = W::Map([](std::uint32_t) { return 0.0; }, W::Index());
  }

  CONEC_WARP void TrainBlock(const CbowDeviceBlock& block) {
    ids_ = batch_.word_ids + block.words;
    segments_ = batch_.word_segments + block.words;
    offsets_ = batch_.word_offsets + block.words;
    shapes_ = batch_.word_shapes != nullptr ? batch_.word_shapes + block.words : nullptr;
    begin_ = block.begin;
    rate_ = block.learning_rate;
    Collect(block);
    const std::uint32_t sets = NoiseSets(model_.shared_negatives), group = sets * model_.shared_negatives;
    for (std::uint32_t first = 0; first < length_; first += group) {
      const std::uint32_t last = length_ - first > group ? first + group : length_;
      for (std::uint32_t set = 0; set < sets && first + set < last; ++set) TrainSet(first + set, sets, last);
    }
  }

  CONEC_WARP std::uint32_t trained_words() const { return trained_; }
  CONEC_WARP double loss_sum() const {
    Lane<double> sum = loss_;
    for (int m = 16; m > 0; m /= 2) {
      sum = W::Map([](double a, double b) { return a + b; }, sum, W::ShuffleXor(sum, m));
    }
    return W::Broadcast(sum, 0);
  }

 private:
  template <typename T>
  using Lane = typename W::template Lane<T>;
  using RowLanes = Lane<Quad>[kQuads];
  static constexpr std::uint32_t kGroup = kQuads <= 2 ? 8 : kQuads <= 4 ? 4 : 2;  // rows that are in registers together

  // --- The words of a block
  // ---------------------------------------------------------------------------------------------

  static constexpr std::uint32_t kAlways = 0xFFFFFFFFu;  // kKeepAlways of distributions.h

  CONEC_WARP bool Survives(std::uint32_t id, std::uint64_t position) const {
    if (model_.keep == nullptr || id == kNoWord) return true;
    const std::uint32_t keep = model_.keep[id];
    return keep == kAlways || DrawBlock(model_.key, batch_.epoch, position, 0).word[1] < keep;
  }

  // CollectCentres() of centres.h, 32 positions at a time.
  CONEC_WARP void Collect(const CbowDeviceBlock& block) {
    length_ = 0;
    std::uint32_t segment = 0;
    for (std::uint32_t first = 0; first < block.length; first += kWarpLanes) {
      const std::uint32_t* const ids = batch_.ids + block.source;
      const auto raw = W::Map(
          [&](std::uint32_t lane) { return first + lane < block.length ? ids[first + lane] : kFirstEnd; }, W::Index());
      const std::uint32_t marks = W::Ballot(W::Map([](std::uint32_t id) { return id >= kFirstEnd; }, raw));
      const auto words = W::Map([](std::uint32_t id) { return id < corpora::kMaxVocabulary ? id : kNoWord; }, raw);
      const std::uint32_t kept =
          ~marks & W::Ballot(W::Map(
                       [&](std::uint32_t id, std::uint32_t lane) {
                         return (marks >> lane & 1) == 0 && Survives(id, block.begin + first + lane);
                       },
                       words, W::Index()));
      W::Each(
          [&](std::uint32_t id, std::uint32_t lane) {
            if ((kept >> lane & 1) == 0) return;
            const std::uint32_t to = length_ + CountBits(kept & LanesBelow(lane));
            ids_[to] = id;
            segments_[to] = segment + CountBits(marks & LanesBelow(lane));
            offsets_[to] = first + lane;
            if (shapes_ != nullptr) shapes_[to] = batch_.shapes[block.source + first + lane];
          },
          words, W::Index());
      length_ += CountBits(kept);
      segment += CountBits(marks);
    }
    W::Sync();
  }

  CONEC_WARP std::uint64_t PositionOf(std::uint32_t word) const { return begin_ + offsets_[word]; }

  // --- Noise words
  // ------------------------------------------------------------------------------------------------------

  // The noise words of a set, drawn at its first word; with a target those of that centre alone.
  CONEC_WARP void DrawNoise(std::uint64_t position, std::uint32_t target) {
    size_ = held_ = 0;
    for (std::uint32_t first = 0; first < model_.negatives; first += kWarpLanes) {
      const auto words = W::Map(
          [&](std::uint32_t lane) {
            const std::uint32_t j = first + lane;
            if (j >= model_.negatives) return kNoWord;
            return target == kNoWord
                       ? SharedNoiseWord(model_.key, batch_.epoch, position, j, model_.noise, model_.vocabulary_size)
                       : CentreNoiseWord(model_.key, batch_.epoch, position, j, target, model_.noise,
                                         model_.vocabulary_size);
          },
          W::Index());
      AddNoise(words, target == kNoWord && first == 0);
      W::Sync();
    }
  }

  // Appends the different ones of `words` to the rows, with how often they were drawn. Rows that are held come first.
  CONEC_WARP void AddNoise(const Lane<std::uint32_t>& words, bool may_hold) {
    const std::uint32_t drawn = W::Ballot(W::Map([](std::uint32_t word) { return word != kNoWord; }, words));
    const std::uint32_t fresh = drawn & ~CountOldRows(words);
    const auto equal = W::MatchAny(words);
    const auto bit = [](std::uint32_t set, std::uint32_t lane) { return (set >> lane & 1) != 0; };
    const std::uint32_t distinct = W::Ballot(
        W::Map([&](std::uint32_t same, std::uint32_t lane) { return bit(fresh, lane) && LowestBit(same) == lane; },
               equal, W::Index()));
    const std::uint32_t candidates = W::Ballot(
        W::Map([&](std::uint32_t word,
                   std::uint32_t lane) { return may_hold && bit(distinct, lane) && model_.holdable[word] != 0; },
               words, W::Index()));
    const std::uint32_t held = W::Ballot(W::Map(
        [&](std::uint32_t lane) {
          return bit(candidates, lane) && CountBits(candidates & LanesBelow(lane)) < model_.held_rows;
        },
        W::Index()));
    const std::uint32_t others = distinct & ~held, first_other = size_ + CountBits(held);
    W::Each(
        [&](std::uint32_t word, std::uint32_t same, std::uint32_t lane) {
          if (!bit(distinct, lane)) return;
          const std::uint32_t below = LanesBelow(lane);
          const std::uint32_t to = bit(held, lane) ? CountBits(held & below) : first_other + CountBits(others & below);
          rows_[to] = word;
          counts_[to] = static_cast<float>(CountBits(same));
          dampings_[to] = model_.output_damping[word];
        },
        words, equal, W::Index());
    held_ += CountBits(held);
    size_ = first_other + CountBits(others);
  }

  // Which lanes' words are among the rows already; they are counted there.
  CONEC_WARP std::uint32_t CountOldRows(const Lane<std::uint32_t>& words) {
    std::uint32_t old = 0;
    for (std::uint32_t r = 0; r < size_; ++r) {
      const std::uint32_t row = rows_[r];
      const std::uint32_t same = W::Ballot(W::Map([&](std::uint32_t word) { return word == row; }, words));
      W::Each(
          [&](std::uint32_t lane) {
            if (lane == 0) counts_[r] += static_cast<float>(CountBits(same));
          },
          W::Index());
      old |= same;
    }
    return old;
  }

  CONEC_WARP float* OutputRow(std::uint32_t row) const { return model_.output + rows_[row] * model_.stride; }

  CONEC_WARP void HoldRows() {
    for (std::uint32_t r = 0; r < held_; ++r) {
      const float* const row = OutputRow(r);
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        const Lane<Quad> values = W::Row(row, model_.quads, v);
        W::SetNear(held_now_ + r * row_floats_, model_.quads, v, values);
        W::SetNear(held_before_ + r * row_floats_, model_.quads, v, values);
      }
    }
  }

  CONEC_WARP void ReleaseRows() {
    for (std::uint32_t r = 0; r < held_; ++r) {
      float* const row = OutputRow(r);
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        W::AddRow(row, model_.quads, v,
                  W::Map([](Quad now, Quad before) { return now - before; },
                         W::Near(held_now_ + r * row_floats_, model_.quads, v),
                         W::Near(held_before_ + r * row_floats_, model_.quads, v)));
      }
    }
    W::Sync();
  }

  // --- Centres
  // ----------------------------------------------------------------------------------------------------------

  // Centres first, first + step, ... below `last`, which share their noise words.
  CONEC_WARP void TrainSet(std::uint32_t first, std::uint32_t step, std::uint32_t last) {
    const bool own = model_.shared_negatives <= 1;
    if (own && ids_[first] == kNoWord) return;
    DrawNoise(PositionOf(first), own ? ids_[first] : kNoWord);
    HoldRows();
    for (std::uint32_t begin = first; begin < last; begin += kWarpLanes * step) {
      const auto radii = W::Map(
          [&](std::uint32_t lane) {
            const std::uint32_t centre = begin + lane * step;
            return centre < last ? RadiusAt(PositionOf(centre)) : 0;
          },
          W::Index());
      for (std::uint32_t l = 0; l < kWarpLanes && begin + l * step < last; ++l) {
        const std::uint32_t centre = begin + l * step;
        const std::uint32_t next_radius = W::Broadcast(radii, l + 1 < kWarpLanes ? l + 1 : l);
        if (l + 1 < kWarpLanes && centre + step < last) PrefetchCentre(centre + step, next_radius);
        TrainCentre(centre, W::Broadcast(radii, l));
      }
    }
    ReleaseRows();
  }

  CONEC_WARP std::uint32_t RadiusAt(std::uint64_t position) const {
    return static_cast<std::uint32_t>(
        WindowRadius(DrawBlock(model_.key, batch_.epoch, position, 0).word[0], static_cast<int>(model_.window)));
  }

  // Has what the next centre needs brought to L2: rows of W1 around it, and its own row of W2.
  CONEC_WARP void PrefetchCentre(std::uint32_t centre, std::uint32_t radius) const {
    W::Each(
        [&](std::uint32_t lane) {
          const std::uint32_t i = centre - radius + lane;  // wraps far past the end when negative
          if (lane > 2 * radius || i >= length_ || ids_[i] == kNoWord) return;
          const float* const row = i == centre ? model_.output + ids_[i] * model_.stride
                                               : InputRow(ContextRow(model_.layout, ids_[i], i > centre));
          for (std::uint32_t j = 0; j < 4 * model_.quads; j += 32) W::Prefetch(row + j);
        },
        W::Index());
  }

  CONEC_WARP float* InputRow(std::uint32_t row) const { return model_.input + row * model_.stride; }

  // The rows of W1 in the input vector of `centre`, as context_[0 .. result): words first, then shapes. 0 if there is
  // no context word.
  CONEC_WARP std::uint32_t CollectContext(std::uint32_t centre, std::uint32_t radius) {
    const InputLayout& layout = model_.layout;
    std::uint32_t size = AppendNeighbours(centre, radius, 0, [&](std::uint32_t i) {
      return ids_[i] != kNoWord ? ContextRow(layout, ids_[i], i > centre) : kNoWord;
    });
    if (size > 0 && layout.inputs.context_shapes) {
      size = AppendNeighbours(centre, radius, size, [&](std::uint32_t i) {
        return ContextShapeRow(layout, i > centre ? i - centre : centre - i, i > centre, shapes_[i]);
      });
    }
    if (size > 0 && layout.inputs.shape) {
      W::Each(
          [&](std::uint32_t lane) {
            if (lane == 0) PutContext(size, ShapeRow(layout, shapes_[centre]));
          },
          W::Index());
      ++size;
    }
    return size;
  }

  CONEC_WARP void PutContext(std::uint32_t i, std::uint32_t row) {
    context_[i] = row;
    context_dampings_[i] = model_.input_damping[row];
  }

  // Appends row_of(i) of every word i at most `radius` away in the same segment, unless it is kNoWord.
  template <typename F>
  CONEC_WARP std::uint32_t AppendNeighbours(std::uint32_t centre, std::uint32_t radius, std::uint32_t size,
                                            const F& row_of) {
    const std::uint32_t segment = segments_[centre];
    for (std::uint32_t first = 0; first <= 2 * radius; first += kWarpLanes) {
      const auto rows = W::Map(
          [&](std::uint32_t lane) {
            const std::uint32_t i = centre - radius + first + lane;  // wraps far past the end when negative
            const bool is_near = first + lane <= 2 * radius && i < length_ && i != centre;
            return is_near && segments_[i] == segment ? row_of(i) : kNoWord;
          },
          W::Index());
      const std::uint32_t found = W::Ballot(W::Map([](std::uint32_t row) { return row != kNoWord; }, rows));
      W::Each(
          [&](std::uint32_t row, std::uint32_t lane) {
            if ((found >> lane & 1) != 0) PutContext(size + CountBits(found & LanesBelow(lane)), row);
          },
          rows, W::Index());
      size += CountBits(found);
    }
    return size;
  }

  // One centre: the step of word2vec/reference_step.h in single precision.
  CONEC_WARP void TrainCentre(std::uint32_t centre, std::uint32_t radius) {
    const std::uint32_t target = ids_[centre];
    if (target == kNoWord) return;
    const std::uint32_t inputs = CollectContext(centre, radius);
    if (inputs == 0) return;
    const std::uint32_t target_at = PlaceTarget(target), size = size_ + (target_at == size_ ? 1 : 0);
    W::Sync();
    RowLanes kept[kGroup], hidden, error;
    const float share = 1.0f / static_cast<float>(inputs);
    LoadRows(model_.output, rows_, held_, size, kept);  // on their way while h is made
    Hidden(inputs, model_.mean_hidden ? share : 1.0f, hidden);
    Logits(size, kept, hidden);
    W::Sync();
    Coefficients(size, target_at);
    W::Sync();
    UpdateRows(size, kept, hidden, error);
    AddToContext(inputs, model_.mean_gradient ? share : 1.0f, error);
    ++trained_;
    W::Sync();
  }

  // Where the target stands among the rows: where noise has put it (it is left out there and trained as the target), or
  // behind all of them, size_.
  CONEC_WARP std::uint32_t PlaceTarget(std::uint32_t target) {
    for (std::uint32_t first = 0; first < size_; first += kWarpLanes) {
      const std::uint32_t found = W::Ballot(W::Map(
          [&](std::uint32_t lane) { return first + lane < size_ && rows_[first + lane] == target; }, W::Index()));
      if (found != 0) return first + LowestBit(found);
    }
    W::Each(
        [&](std::uint32_t lane) {
          if (lane != 0) return;
          rows_[size_] = target;
          dampings_[size_] = model_.output_damping[target];
        },
        W::Index());
    return size_;
  }

  // Rows list[first], list[first + 1], ... of a table, as many as fit and stand before `end`.
  CONEC_WARP void LoadRows(const float* table, const std::uint32_t* list, std::uint32_t first, std::uint32_t end,
                           RowLanes (&rows)[kGroup]) const {
    CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup; ++r) {
      const bool is_row = first + r < end;
      const float* const row = table + (is_row ? list[first + r] : 0) * model_.stride;
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) rows[r][v] = W::Row(row, is_row ? model_.quads : 0, v);
    }
  }

  // hidden = sum of the context rows times `scale`.
  CONEC_WARP void Hidden(std::uint32_t inputs, float scale, RowLanes& hidden) const {
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) hidden[v] = Zeros();
    for (std::uint32_t first = 0; first < inputs; first += kGroup) {
      RowLanes rows[kGroup];
      LoadRows(model_.input, context_, first, inputs, rows);
      CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup; ++r) {
        CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
          hidden[v] = W::Map([](Quad a, Quad b) { return a + b; }, hidden[v], rows[r][v]);
        }
      }
    }
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
      hidden[v] = W::Map([&](Quad a) { return scale * a; }, hidden[v]);
    }
  }

  CONEC_WARP static Lane<Quad> Zeros() {
    return W::Map([](std::uint32_t) { return Quad{0, 0, 0, 0}; }, W::Index());
  }

  // logits_[r] = h . rows[r]. The first of those that are not held stay in `kept`.
  CONEC_WARP void Logits(std::uint32_t size, const RowLanes (&kept)[kGroup], const RowLanes& hidden) {
    for (std::uint32_t first = 0; first < held_; first += kGroup) {
      RowLanes rows[kGroup];
      CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup; ++r) {
        const std::uint32_t quads = first + r < held_ ? model_.quads : 0;
        CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
          rows[r][v] = W::Near(held_now_ + (first + r) * row_floats_, quads, v);
        }
      }
      Dots(first, held_, rows, hidden);
    }
    Dots(held_, size, kept, hidden);
    for (std::uint32_t first = held_ + kGroup; first < size; first += kGroup) {
      RowLanes rows[kGroup];
      LoadRows(model_.output, rows_, first, size, rows);
      Dots(first, size, rows, hidden);
    }
  }

  CONEC_WARP void Dots(std::uint32_t first, std::uint32_t end, const RowLanes (&rows)[kGroup], const RowLanes& hidden) {
    Lane<float> sums[kGroup];
    CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup; ++r) {
      sums[r] = W::Map([](std::uint32_t) { return 0.0f; }, W::Index());
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        sums[r] =
            W::Map([](Quad a, Quad b, float sum) { return MultiplyAdd(a, b, sum); }, hidden[v], rows[r][v], sums[r]);
      }
    }
    SumAcrossLanes(sums);
    constexpr std::uint32_t kLanesOfRow = kWarpLanes / kGroup;
    W::Each(
        [&](std::uint32_t lane, float sum) {
          const std::uint32_t r = first + lane / kLanesOfRow;
          if (lane % kLanesOfRow == 0 && r < end) logits_[r] = sum;
        },
        W::Index(), sums[0]);
  }

  // Leaves in sums[0] of lane l the sum over all lanes of sums[l / (32 / kGroup)]: while there are several sums, each
  // half of the lanes gives the other one half of them.
  CONEC_WARP static void SumAcrossLanes(Lane<float> (&sums)[kGroup]) {
    const auto add = [](float a, float b) { return a + b; };
    CONEC_UNROLL for (std::uint32_t n = kGroup / 2; n > 0; n /= 2) {
      const std::uint32_t m = kWarpLanes / kGroup * n;
      CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup / 2; ++r) {
        if (r >= n) continue;
        const auto upper = [&](float low, float high, std::uint32_t lane) { return (lane & m) != 0 ? high : low; };
        const auto lower = [&](float low, float high, std::uint32_t lane) { return (lane & m) != 0 ? low : high; };
        const auto mine = W::Map(upper, sums[r], sums[r + n], W::Index());
        const auto given = W::Map(lower, sums[r], sums[r + n], W::Index());
        sums[r] = W::Map(add, mine, W::ShuffleXor(given, static_cast<int>(m)));
      }
    }
    CONEC_UNROLL for (std::uint32_t m = kWarpLanes / kGroup / 2; m > 0; m /= 2) {
      sums[0] = W::Map(add, sums[0], W::ShuffleXor(sums[0], static_cast<int>(m)));
    }
  }

  // logits_[r] becomes rate * count * (label - sigmoid(logit)); the loss is added up.
  CONEC_WARP void Coefficients(std::uint32_t size, std::uint32_t target_at) {
    for (std::uint32_t first = 0; first < size; first += kWarpLanes) {
      loss_ = W::Map(
          [&](double sum, std::uint32_t lane) {
            const std::uint32_t r = first + lane;
            if (r >= size) return sum;
            const bool label = r == target_at;
            const float times = label ? 1.0f : counts_[r];
            const LogisticLoss row = LogisticLossOf(logits_[r], label);
            logits_[r] = rate_ * times * ((label ? 1.0f : 0.0f) - row.sigmoid);
            return sum + static_cast<double>(times * row.loss);
          },
          loss_, W::Index());
    }
  }

  // error = sum_r g[r] rows[r] with the rows before this step; rows[r] += g[r] h, damped where others do so as well.
  CONEC_WARP void UpdateRows(std::uint32_t size, const RowLanes (&kept)[kGroup], const RowLanes& hidden,
                             RowLanes& error) {
    CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) error[v] = Zeros();
    for (std::uint32_t r = 0; r < held_; ++r) {
      float* const row = held_now_ + r * row_floats_;
      const float g = logits_[r];
      const auto plus = [&](Quad a, Quad sum) { return MultiplyAdd(g, a, sum); };
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        const Lane<Quad> values = W::Near(row, model_.quads, v);
        error[v] = W::Map(plus, values, error[v]);
        W::SetNear(row, model_.quads, v, W::Map(plus, hidden[v], values));
      }
    }
    UpdateOthers(held_, size, kept, hidden, error);
    for (std::uint32_t first = held_ + kGroup; first < size; first += kGroup) {
      RowLanes rows[kGroup];
      LoadRows(model_.output, rows_, first, size, rows);
      UpdateOthers(first, size, rows, hidden, error);
    }
  }

  CONEC_WARP void UpdateOthers(std::uint32_t first, std::uint32_t end, const RowLanes (&rows)[kGroup],
                               const RowLanes& hidden, RowLanes& error) {
    CONEC_UNROLL for (std::uint32_t r = 0; r < kGroup; ++r) {
      if (first + r >= end) continue;
      const float g = logits_[first + r], damped = g * dampings_[first + r];
      float* const row = OutputRow(first + r);
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        error[v] = W::Map([&](Quad a, Quad sum) { return MultiplyAdd(g, a, sum); }, rows[r][v], error[v]);
        W::AddRow(row, model_.quads, v, W::Map([&](Quad a) { return damped * a; }, hidden[v]));
      }
    }
  }

  // Each context row += error times `scale`, damped. A word that stands twice in the context gets it twice.
  CONEC_WARP void AddToContext(std::uint32_t inputs, float scale, const RowLanes& error) {
    for (std::uint32_t i = 0; i < inputs; ++i) {
      float* const row = InputRow(context_[i]);
      const float damped = scale * context_dampings_[i];
      CONEC_UNROLL for (std::uint32_t v = 0; v < kQuads; ++v) {
        W::AddRow(row, model_.quads, v, W::Map([&](Quad a) { return damped * a; }, error[v]));
      }
    }
  }

  const CbowDeviceModel& model_;
  const CbowDeviceBatch& batch_;
  // The warp's own memory.
  float* held_now_;
  float* held_before_;
  float* logits_;  // then coefficients
  float* counts_;
  float* dampings_;
  std::uint32_t* rows_;  // of W2: held ones, other noise words, the target
  std::uint32_t* context_;
  float* context_dampings_;
  std::uint32_t row_floats_;
  // The block.
  std::uint32_t* ids_ = nullptr;
  std::uint32_t* segments_ = nullptr;
  std::uint32_t* offsets_ = nullptr;
  tokenize::WordShape* shapes_ = nullptr;
  std::uint64_t begin_ = 0;
  std::uint32_t length_ = 0;
  float rate_ = 0;
  // The set.
  std::uint32_t held_ = 0;
  std::uint32_t size_ = 0;  // noise rows

  Lane<double> loss_;
  std::uint32_t trained_ = 0;
};

}  // namespace conec::word2vec
