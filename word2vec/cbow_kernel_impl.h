// The CBOW kernel, written once over vectors of kLanes floats (GCC and Clang vector extensions) and compiled once per
// SIMD level with the flags of that level; included only by cbow_kernel_*.cc, everything inside an anonymous namespace.
//
// What one centre costs at d = 200, k = 13, window 5 (6 context rows on average): about 19,600 flops on 20 rows of 832
// bytes, or 702 multiply-adds of 16 lanes. A core with two such units, two loads and a store a cycle (Zen 5) is bound
// by its stores and loads: 13 columns of 14 output rows and 6 context rows stored once and loaded twice, some 400
// cycles.
//
// Each centre with noise words of its own (TrainExactRun): the rows lie in L2, L3 or memory, so the kernel's two jobs
// are to keep the arithmetic at one load per multiply-add and to have the next rows on their way:
//   1. Draws of a centre come from one Philox call per vector of counters, a centre ahead of their use, and their rows
//      are prefetched.
//   2. All k + 1 dot products are taken before one vectorised sigmoid (which gives the loss as well): groups of up to 8
//      rows share each load of h and hide the latency of the multiply-add with 8 independent sums.
//   3. Output rows and the error e are updated in one sweep over the columns, groups of up to 8 rows sharing h and e.
//   4. Context rows are summed and updated up to 8 vectors of columns at a time: one address serves 8 loads.
// Noise words drawn twice are merged with a multiplicity, so that the step is exactly the gradient of the loss at one
// point. Most of the time goes into fetching 13 random rows of W2 for every centre, some 11 kB in and out.
//
// Noise words shared by B centres (TrainSharedRun; draws.h says which) take that away: a set's rows are fetched once
// and stay in the L1 cache for its B centres, which are trained one after the other, each seeing what the one before it
// changed. No copies are made: rows are updated where they are, and races with other threads are as without sharing.
//   5. Centres of a set stand 8 words apart (B = 32), so that their context rows differ. The rows of a group of 256
//      words fit an L2 cache; those of the next group, of the next block at a block's end, come in meanwhile, a word
//      and the share of a noise row at every centre.
//   6. The Philox calls of the noise words shrink by B; window radii come from one call for 8 centres.
//   7. A target among the noise words is rare: the row stands in the list once, as the target's.
//   8. Rows of the most frequent words are copies that this thread has for itself where there are several threads
//      (frequent_rows.h).
// Differences to the reference are rounding only; see tests/word2vec/cpu_trainer_test.cc for the tolerance. README.md
// has the figures, and what was tried in vain.
#pragma once

#include <cstddef>
#include <cstdint>

#include "word2vec/cbow_kernel_draws.h"
#include "word2vec/cbow_kernel_vector.h"

// The anonymous namespace is what lets one source serve three levels; vector types need typedef's attribute syntax.
// NOLINTBEGIN(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)

namespace conec::word2vec {
namespace {

constexpr std::size_t kGroup = 8;  // rows that share the loads of one sweep

// The sweeps copy the addresses of their rows into arrays of their own, which stay in registers: the compiler cannot
// know that storing into a row leaves the caller's array alone.

// --- Sweeps over the columns of up to kGroup rows

// logits[r] = h . rows[r]; writes 8 logits.
template <std::size_t R>
CONEC_HOGWILD inline void DotGroup(float* const* rows, const float* hidden, std::size_t stride, float* logits) {
  const float* row[R];
  VecF sum[kGroup] = {};
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) row[r] = rows[r];
  for (std::size_t j = 0; j < stride; j += kLanes) {
    const VecF h = Load(hidden + j);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) sum[r] += h * Load(row[r] + j);
  }
  const Quad low = SumOfEach(sum[0], sum[1], sum[2], sum[3]), high = SumOfEach(sum[4], sum[5], sum[6], sum[7]);
  __builtin_memcpy(logits, &low, sizeof(low));
  __builtin_memcpy(logits + 4, &high, sizeof(high));
}

// error += sum_r g[r] rows[r] with the old rows, rows[r] += g[r] h. The rows are distinct. `fresh`: error starts at
// zero.
template <std::size_t R>
CONEC_HOGWILD inline void UpdateGroup(float* const* rows, const float* coefficients, const float* hidden,
                                      std::size_t stride, bool fresh, float* error) {
  float* row[R];
  VecF g[R];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) {
    row[r] = rows[r];
    g[r] = Splat(coefficients[r]);
  }
  for (std::size_t j = 0; j < stride; j += kLanes) {
    const VecF h = Load(hidden + j);
    VecF e = fresh ? VecF{} : Load(error + j);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) {
      const VecF w = Load(row[r] + j);
      e += g[r] * w;
      Store(row[r] + j, w + g[r] * h);
    }
    Store(error + j, e);
  }
}

// Calls body.template operator()<R>(first) for consecutive groups of R <= kGroup rows, of sizes as equal as possible:
// 14 rows are 7 + 7.
template <typename Body>
inline void ForEachGroup(std::size_t rows, Body&& body) {
  const std::size_t groups = (rows + kGroup - 1) / kGroup;
  std::size_t first = 0;
  for (std::size_t i = 0; i < groups; ++i) {
    const std::size_t size = (rows - first) / (groups - i);
    switch (size) {
      case 1:
        body.template operator()<1>(first);
        break;
      case 2:
        body.template operator()<2>(first);
        break;
      case 3:
        body.template operator()<3>(first);
        break;
      case 4:
        body.template operator()<4>(first);
        break;
      case 5:
        body.template operator()<5>(first);
        break;
      case 6:
        body.template operator()<6>(first);
        break;
      case 7:
        body.template operator()<7>(first);
        break;
      default:
        body.template operator()<8>(first);
        break;
    }
    first += size;
  }
}

// Calls body.template operator()<C>(column) for consecutive groups of C vectors of columns.
template <typename Body>
CONEC_HOGWILD inline void ForEachColumns(std::size_t stride, Body&& body) {
  std::size_t j = 0;
  for (; j + 8 * kLanes <= stride; j += 8 * kLanes) body.template operator()<8>(j);
  for (; j + 4 * kLanes <= stride; j += 4 * kLanes) body.template operator()<4>(j);
  for (; j < stride; j += kLanes) body.template operator()<1>(j);
}

// hidden = sum of the context rows times `scale`.
CONEC_HOGWILD inline void HiddenLayer(float* const* context, std::size_t size, float scale, std::size_t stride,
                                      float* hidden) {
  ForEachColumns(stride, [&]<std::size_t C>(std::size_t j) CONEC_HOGWILD {
    VecF sum[C] = {};
    for (std::size_t i = 0; i < size; ++i) {
      const float* row = context[i] + j;
#pragma GCC unroll 8
      for (std::size_t c = 0; c < C; ++c) sum[c] += Load(row + c * kLanes);
    }
#pragma GCC unroll 8
    for (std::size_t c = 0; c < C; ++c) Store(hidden + j + c * kLanes, sum[c] * scale);
  });
}

// Each context row += error times `scale`. A word that stands twice in the context gets it twice.
CONEC_HOGWILD inline void UpdateContext(float* const* context, std::size_t size, float scale, const float* error,
                                        std::size_t stride) {
  ForEachColumns(stride, [&]<std::size_t C>(std::size_t j) CONEC_HOGWILD {
    VecF e[C];
#pragma GCC unroll 8
    for (std::size_t c = 0; c < C; ++c) e[c] = scale * Load(error + j + c * kLanes);
    for (std::size_t i = 0; i < size; ++i) {
      float* row = context[i] + j;
#pragma GCC unroll 8
      for (std::size_t c = 0; c < C; ++c) Store(row + c * kLanes, Load(row + c * kLanes) + e[c]);
    }
  });
}

// GCC 12 takes a function that does nothing but prefetch for one without effects and drops the calls of it: all of
// these must be inlined.
#define CONEC_PREFETCH inline __attribute__((always_inline)) void

CONEC_PREFETCH PrefetchRow(const float* row, std::size_t stride) {
  for (std::size_t j = 0; j < stride; j += 16) __builtin_prefetch(row + j, 1, 3);
}

CONEC_PREFETCH PrefetchWord(float* table, const RowCopies& copies, const CbowRun& run, std::size_t i,
                            std::size_t stride) {
  if (i < run.length && run.ids[i] != kNoWord) PrefetchRow(RowAt(table, copies, run.ids[i], stride), stride);
}

// Where the words at most `radius` from a centre stand, the centre among them.
struct Window {
  std::size_t begin;
  std::size_t end;
};

inline Window WindowOf(const CbowRun& run, std::size_t centre, std::size_t radius) {
  const std::size_t first = run.begins[centre], last = run.ends[centre];
  return {centre - first > radius ? centre - radius : first, last - centre > radius ? centre + radius + 1 : last};
}

inline void CountUse(const RowCopies& copies, std::uint32_t row, std::uint32_t times) {
  copies.uses[row < copies.size ? row : copies.size] += times;
}

inline std::size_t CollectContext(const CbowModel& model, const CbowRun& run, std::size_t centre, std::size_t radius,
                                  const RowCopies& copies, float** context) {
  const Window window = WindowOf(run, centre, radius);
  std::size_t size = 0;
  for (std::size_t i = window.begin; i < window.end; ++i) {
    const bool counts = i != centre && run.ids[i] != kNoWord;
    const std::uint32_t row = counts ? run.ids[i] : 0;
    context[size] = RowAt(model.input, copies, row, model.stride);
    CountUse(copies, row, counts);
    size += counts;
  }
  return size;
}

// All rows of W1 that the centre's input vector names: words, then shapes. 0 if there is no context word. Kept out of
// line, so that the code for plain words stays together.
__attribute__((noinline)) std::size_t CollectInputs(const CbowModel& model, const CbowRun& run, std::size_t centre,
                                                    std::size_t radius, float** context) {
  const InputLayout layout = model.layout;
  const auto at = [&](std::uint32_t row) { return model.input + row * model.stride; };
  const Window window = WindowOf(run, centre, radius);
  std::size_t size = 0;
  for (std::size_t i = window.begin; i < window.end; ++i) {
    context[size] = at(ContextRow(layout, run.ids[i], i > centre));
    size += i != centre && run.ids[i] != kNoWord;
  }
  if (size == 0) return 0;
  for (std::size_t i = window.begin; layout.inputs.context_shapes && i < window.end; ++i) {
    if (i == centre) continue;
    const std::size_t distance = i > centre ? i - centre : centre - i;
    context[size++] = at(ContextShapeRow(layout, static_cast<std::uint32_t>(distance), i > centre, run.shapes[i]));
  }
  if (layout.inputs.shape) context[size++] = at(ShapeRow(layout, run.shapes[centre]));
  return size;
}

inline std::size_t CollectRows(const CbowModel& model, const CbowRun& run, std::size_t centre, std::size_t radius,
                               const CbowScratch& scratch) {
  return model.extended ? CollectInputs(model, run, centre, radius, scratch.context)
                        : CollectContext(model, run, centre, radius, scratch.input, scratch.context);
}

// One centre: the step of word2vec/reference_step.h in single precision, with scratch.context and `rows`. Returns the
// loss.
CONEC_HOGWILD inline float TrainCentre(const CbowModel& model, const CbowScratch& scratch, std::size_t context_size,
                                       const OutputRows& rows, float rate) {
  const float share = 1.0f / static_cast<float>(context_size);
  const std::size_t stride = model.stride;
  HiddenLayer(scratch.context, context_size, model.mean_hidden ? share : 1.0f, stride, scratch.hidden);
  ForEachGroup(rows.size, [&]<std::size_t R>(std::size_t first) {
    DotGroup<R>(rows.at + first, scratch.hidden, stride, scratch.logits + first);
  });
  const float loss = Coefficients(scratch.logits, scratch.labels, rows.counts, rows.size, rate, scratch.coefficients);
  ForEachGroup(rows.size, [&]<std::size_t R>(std::size_t first) {
    UpdateGroup<R>(rows.at + first, scratch.coefficients + first, scratch.hidden, stride, first == 0, scratch.error);
  });
  UpdateContext(scratch.context, context_size, model.mean_gradient ? share : 1.0f, scratch.error, stride);
  return loss;
}

// The table gets what this thread changed in a row, and the copy becomes what the table then holds.
CONEC_HOGWILD inline void MergeRow(const RowCopies& copies, std::size_t row, std::size_t stride, float* table) {
  float *const own = copies.rows + row * stride, *const merged = copies.merged + row * stride;
  float* const all = table + row * stride;
  for (std::size_t j = 0; j < stride; j += kLanes) {
    const VecF sum = Load(all + j) + (Load(own + j) - Load(merged + j));
    Store(all + j, sum);
    Store(own + j, sum);
    Store(merged + j, sum);
  }
  copies.uses[row] = 0;
}

inline void MergeRows(const RowCopies& copies, bool all, std::size_t stride, float* table) {
  const std::uint32_t least = all ? 1 : copies.uses_between_merges;
  for (std::uint32_t row = 0; row < copies.size; ++row) {
    if (copies.uses[row] >= least) [[unlikely]]
      MergeRow(copies, row, stride, table);
  }
}

// The rows that are due, or all that changed.
inline void MergeCopies(const CbowModel& model, const CbowScratch& scratch, bool all) {
  MergeRows(scratch.input, all, model.stride, model.input);
  MergeRows(scratch.output, all, model.stride, model.output);
}

inline void Train(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch, std::size_t centre,
                  std::size_t radius, const OutputRows& rows, CbowStatistics* statistics) {
  const std::size_t context_size = CollectRows(model, run, centre, radius, scratch);
  if (context_size == 0) return;
  statistics->loss_sum += TrainCentre(model, scratch, context_size, rows, run.learning_rate);
  ++statistics->trained_words;
}

// --- Each centre has noise words of its own

// The rows that a centre needs and that those before it did not.
CONEC_PREFETCH PrefetchCentre(const CbowModel& model, const CbowRun& run, std::size_t centre, const OutputRows& rows) {
  for (std::size_t r = 0; r < rows.size; ++r) PrefetchRow(rows.at[r], model.stride);
  PrefetchWord(model.input, RowCopies{}, run, centre + model.window, model.stride);
}

// The rows that PrefetchCentre() does not know: the word that enters on the right by its row for that side, and the one
// that has just been the centre by its row for the left. Shapes are few rows and stay in the cache.
CONEC_PREFETCH PrefetchSides(const CbowModel& model, const CbowRun& run, std::size_t centre) {
  PrefetchWord(model.input + FirstRightRow(model.layout) * model.stride, RowCopies{}, run, centre + model.window,
               model.stride);
  PrefetchWord(model.input, RowCopies{}, run, centre - 1, model.stride);  // before the first: beyond the last
}

inline void TrainExactRun(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                          CbowStatistics* statistics) {
  const auto next_word = [&](std::size_t i) {
    while (i < run.length && run.ids[i] == kNoWord) ++i;
    return i;
  };
  std::size_t centre = next_word(0);
  if (centre >= run.length) return;
  int buffer = 0;
  std::size_t radius = Draw(model, run, centre, scratch.own[0]);
  while (centre < run.length) {
    const std::size_t next = next_word(centre + 1);
    std::size_t next_radius = 0;
    if (next < run.length) {
      next_radius = Draw(model, run, next, scratch.own[1 - buffer]);
      PrefetchCentre(model, run, next, *scratch.own[1 - buffer]);
      if (model.extended) [[unlikely]]
        PrefetchSides(model, run, next);
    }
    Train(model, run, scratch, centre, radius, *scratch.own[buffer], statistics);
    centre = next;
    radius = next_radius;
    buffer = 1 - buffer;
  }
}

// --- Centres share noise words

// The place of the target among shared noise words, or their number.
inline std::size_t FindTarget(const OutputRows& rows, std::uint32_t target) {
  std::size_t found = rows.size;
  for (std::size_t r = 1; r < rows.size; ++r) found = rows.rows[r] == target ? r : found;
  return found;
}

// All rows but one.
__attribute__((noinline)) void LeaveOut(std::size_t which, const OutputRows& rows, OutputRows* others) {
  std::size_t n = 0;
  for (std::size_t r = 0; r < rows.size; ++r) {
    if (r == which) continue;
    others->rows[n] = rows.rows[r];
    others->at[n] = rows.at[r];
    others->counts[n++] = rows.counts[r];
  }
  others->size = n;
  for (int lane = 0; lane < kLanes; ++lane) others->counts[n++] = 0.0f;
}

inline void TrainWithShared(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch, std::size_t centre,
                            std::size_t radius, const OutputRows& noise, CbowStatistics* statistics) {
  const std::uint32_t target = run.ids[centre];
  if (target == kNoWord) return;
  noise.rows[0] = target;
  noise.at[0] = RowAt(model.output, scratch.output, target, model.stride);
  CountUse(scratch.output, target, 1);
  const std::size_t found = FindTarget(noise, target);
  if (found < noise.size) [[unlikely]]
    LeaveOut(found, noise, scratch.own[0]);
  Train(model, run, scratch, centre, radius, found < noise.size ? *scratch.own[0] : noise, statistics);
}

// What the next group needs, which begins at word `next` of `run`, spread over the centres of this one: `done` of them
// are through.
CONEC_PREFETCH PrefetchGroup(const CbowModel& model, const CbowScratch& scratch, const CbowRun& run, std::size_t next,
                             std::size_t done, const OutputRows& noise, std::size_t* fetched) {
  const std::size_t shared = model.shared_negatives, until = 1 + (noise.size - 1) * (done % shared + 1) / shared;
  for (; *fetched < until; ++*fetched) {
    PrefetchRow(noise.at[*fetched], model.stride);
  }
  PrefetchWord(model.output, scratch.output, run, next + done, model.stride);
  PrefetchWord(model.input, scratch.input, run, next + done, model.stride);
  if (model.layout.inputs.direction) [[unlikely]] {
    PrefetchWord(model.input + FirstRightRow(model.layout) * model.stride, RowCopies{}, run, next + done, model.stride);
  }
}

inline void DrawSet(const CbowModel& model, const CbowRun& run, std::size_t i, const RowCopies& copies,
                    OutputRows* noise) {
  noise->size = 1;
  if (i < run.length) DrawShared(model, run.epoch, run.positions[i], copies, noise);
}

inline void TrainSharedRun(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                           CbowStatistics* statistics) {
  const std::size_t sets = NoiseSets(model.shared_negatives), group = sets * model.shared_negatives;
  OutputRows *current = scratch.shared[0], *coming = scratch.shared[1];
  for (std::size_t set = 0; set < sets; ++set) DrawSet(model, run, set, scratch.output, &current[set]);
  for (std::size_t first = 0; first < run.length; first += group) {
    const bool is_last = first + group >= run.length;
    const std::size_t last = is_last ? run.length : first + group;
    const CbowRun nothing = {};
    const CbowRun& next_run = !is_last ? run : run.following != nullptr ? *run.following : nothing;
    const std::size_t next = is_last ? 0 : last;
    for (std::size_t set = 0; set < sets; ++set) {
      DrawSet(model, next_run, next + set, scratch.output, &coming[set]);
      std::size_t fetched = 1, done = set * model.shared_negatives;
      std::uint32_t radii[kBlocks];
      for (std::size_t centre = first + set; centre < last; centre += sets, ++done) {
        const std::size_t lane = done % model.shared_negatives % kBlocks;
        if (lane == 0) DrawRadii(model, run, centre, sets, radii);
        PrefetchGroup(model, scratch, next_run, next, done, coming[set], &fetched);
        TrainWithShared(model, run, scratch, centre, radii[lane], current[set], statistics);
      }
      for (std::size_t r = 1; r < current[set].size; ++r) {
        CountUse(scratch.output, current[set].rows[r], model.shared_negatives);
      }
      MergeCopies(model, scratch, false);
    }
    OutputRows* const trained = current;
    current = coming;
    coming = trained;
  }
  if (run.following == nullptr) MergeCopies(model, scratch, true);
}

inline void TrainRun(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                     CbowStatistics* statistics) {
  if (model.shared_negatives > 1) {
    TrainSharedRun(model, run, scratch, statistics);
  } else {
    TrainExactRun(model, run, scratch, statistics);
  }
}

}  // namespace
}  // namespace conec::word2vec

#undef CONEC_HOGWILD
#undef CONEC_PREFETCH

// NOLINTEND(google-build-namespaces,misc-definitions-in-headers,modernize-use-using)
