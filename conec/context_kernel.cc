#include "conec/context_kernel.h"

#include <algorithm>

#include "conec/context_inputs.h"

namespace conec::context_internal {
namespace {

using corpora::Index;
using corpora::IsWord;
using corpora::WordId;

constexpr std::size_t kPrefetchAhead = 6;     // tokens; a token takes about 50 ns, a cache miss about 100
constexpr std::size_t kRestartInterval = 64;  // positions; at least, see Slide
constexpr std::size_t kFloatsPerLine = 16;

}  // namespace

void AddScaled(std::span<float> out, const float* row, float scale) {
  ActiveColumnLoops().add_scaled(out.data(), {row, scale}, out.size());
}

WindowSummer::WindowSummer(const Task& task, std::size_t first_column, std::size_t columns)
    : task_(task),
      loops_(&ActiveColumnLoops()),
      first_column_(first_column),
      columns_(columns),
      window_(task.weights.size() - 1),
      sum_(columns),
      zeros_(columns),
      left_(task.table.inputs().any() ? columns : 0),
      right_(left_.size()) {}

void WindowSummer::Accumulate(const ContextSegment& segment) {
  if (task_.table.inputs().any()) {
    SumInputs(segment);
  } else if (task_.uniform && !task_.exclude_target) {
    Slide(segment.ids);
  } else {
    SumEach(segment.ids);
  }
}

WindowSummer::Row WindowSummer::RowAt(std::span<const WordId> ids, std::size_t position) const {
  if (position >= ids.size() || !IsWord(ids[position])) return {zeros_.data(), 0.0f};
  const std::size_t word = Index(ids[position]);
  return {task_.table.words.data + word * task_.table.words.stride + first_column_, task_.scales[word]};
}

WindowSummer::Row WindowSummer::InputAt(std::span<const WordId> ids, std::size_t position, bool is_right) const {
  if (position >= ids.size() || !IsWord(ids[position])) return {zeros_.data(), 0.0f};
  const std::size_t row = word2vec::ContextRow(task_.table.layout, Index(ids[position]), is_right);
  return {task_.table.row(row).data() + first_column_, task_.scales[row]};
}

void WindowSummer::Prefetch(WordId context, WordId target) const {
  if (IsWord(context)) {
    const float* row = task_.table.words.data + Index(context) * task_.table.words.stride + first_column_;
    for (std::size_t j = 0; j < columns_; j += kFloatsPerLine) __builtin_prefetch(row + j, 0);
  }
  if (IsWord(target)) {
    const float* row = task_.sums.data + Index(target) * task_.sums.stride + first_column_;
    for (std::size_t j = 0; j < columns_; j += kFloatsPerLine) __builtin_prefetch(row + j, 1);
  }
}

void WindowSummer::Slide(std::span<const WordId> ids) {
  const std::size_t interval = std::max(kRestartInterval, 2 * window_);  // restarting costs at most one row per token
  constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  for (std::size_t p = 0; p < ids.size(); ++p) {
    if (p + window_ + kPrefetchAhead < ids.size()) {
      Prefetch(ids[p + window_ + kPrefetchAhead], ids[p + kPrefetchAhead]);
    }
    const bool restart = p % interval == 0;
    if (restart) Restart(ids, p);
    const std::size_t leaving = restart || p <= window_ ? kNowhere : p - window_ - 1;
    Step(RowAt(ids, p + window_), RowAt(ids, leaving), RowAt(ids, p), ids[p]);
  }
}

// Leaves in sum_ what Step expects before the row at `position` + window enters.
void WindowSummer::Restart(std::span<const WordId> ids, std::size_t position) {
  std::fill(sum_.begin(), sum_.end(), 0.0f);
  const std::size_t begin = position > window_ ? position - window_ : 0;
  const std::size_t end = std::min(ids.size(), position + window_);
  for (std::size_t q = begin; q < end; ++q) {
    const Row row = RowAt(ids, q);
    AddScaled(sum_, row.data, row.scale);
  }
}

void WindowSummer::Step(const Row& enter, const Row& leave, const Row& centre, WordId target) {
  if (!IsWord(target)) return loops_->slide(sum_.data(), enter, leave, columns_);
  const std::size_t word = Index(target);
  if (!task_.precise_rows.empty() && task_.precise_rows[word] >= 0) {
    const auto row = static_cast<std::size_t>(task_.precise_rows[word]);
    double* const out = task_.precise_sums.data + row * task_.precise_sums.stride + first_column_;
    loops_->step_precise(sum_.data(), enter, leave, centre, out, columns_);
  } else {
    float* const out = task_.sums.data + word * task_.sums.stride + first_column_;
    loops_->step(sum_.data(), enter, leave, centre, out, columns_);
  }
}

void WindowSummer::SumEach(std::span<const WordId> ids) {
  for (std::size_t p = 0; p < ids.size(); ++p) {
    if (p + window_ + kPrefetchAhead < ids.size()) {
      Prefetch(ids[p + window_ + kPrefetchAhead], ids[p + kPrefetchAhead]);
    }
    if (!IsWord(ids[p])) continue;
    std::fill(sum_.begin(), sum_.end(), 0.0f);
    const std::size_t begin = p > window_ ? p - window_ : 0;
    const std::size_t end = std::min(ids.size(), p + window_ + 1);
    for (std::size_t q = begin; q < end; ++q) {
      if (q == p || (task_.exclude_target && ids[q] == ids[p])) continue;
      const Row row = RowAt(ids, q);
      AddScaled(sum_, row.data, row.scale * task_.weights[q > p ? q - p : p - q]);
    }
    Emit(ids[p]);
  }
}

void WindowSummer::Emit(WordId target) {
  const std::size_t word = Index(target);
  if (!task_.precise_rows.empty() && task_.precise_rows[word] >= 0) {
    const auto row = static_cast<std::size_t>(task_.precise_rows[word]);
    loops_->add_precise(task_.precise_sums.data + row * task_.precise_sums.stride + first_column_, sum_.data(),
                        columns_);
  } else {
    loops_->add(task_.sums.data + word * task_.sums.stride + first_column_, sum_.data(), columns_);
  }
}

void WindowSummer::SumInputs(const ContextSegment& segment) {
  const std::span<const WordId> ids = segment.ids;
  const std::size_t interval = std::max(kRestartInterval, 2 * window_);
  for (std::size_t p = 0; p < ids.size(); ++p) {
    if (p + window_ + kPrefetchAhead < ids.size()) {
      Prefetch(ids[p + window_ + kPrefetchAhead], ids[p + kPrefetchAhead]);
    }
    const bool slides = task_.uniform && !task_.exclude_target;
    if (slides && p % interval == 0) {
      RestartSides(ids, p);
    } else if (slides) {
      SlideSides(ids, p);
    }
    if (!IsWord(ids[p])) continue;
    SumSides(ids, p);
    if (task_.table.inputs().needs_shapes()) AddShapes(segment.shapes, p);
    Emit(ids[p]);
  }
}

void WindowSummer::SlideSides(std::span<const WordId> ids, std::size_t position) {
  const auto step = [&](std::span<float> sum, const Row& enter, const Row& leave) {
    loops_->slide(sum.data(), enter, leave, sum.size());
  };
  constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  const std::size_t leaving = position > window_ ? position - window_ - 1 : kNowhere;
  step(left_, InputAt(ids, position - 1, false), InputAt(ids, leaving, false));
  step(right_, InputAt(ids, position + window_, true), InputAt(ids, position, true));
}

void WindowSummer::RestartSides(std::span<const WordId> ids, std::size_t position) {
  std::fill(left_.begin(), left_.end(), 0.0f);
  std::fill(right_.begin(), right_.end(), 0.0f);
  ForEachWordInput(ids, position, window_, task_.table.layout, [&](std::size_t row, bool is_right, std::size_t) {
    AddScaled(is_right ? right_ : left_, task_.table.row(row).data() + first_column_, task_.scales[row]);
  });
}

// Leaves the sum of the words around `position` in sum_.
void WindowSummer::SumSides(std::span<const WordId> ids, std::size_t position) {
  if (task_.uniform && !task_.exclude_target) {
    std::copy(left_.begin(), left_.end(), sum_.begin());
    AddScaled(sum_, right_.data(), 1.0f);
    return;
  }
  std::fill(sum_.begin(), sum_.end(), 0.0f);
  ForEachWordInput(ids, position, window_, task_.table.layout, [&](std::size_t row, bool, std::size_t distance) {
    if (!Counts(ids, position, row)) return;
    AddScaled(sum_, task_.table.row(row).data() + first_column_, task_.scales[row] * task_.weights[distance]);
  });
}

// Whether the word of `row` is part of the context at `position`.
bool WindowSummer::Counts(std::span<const WordId> ids, std::size_t position, std::size_t row) const {
  if (!task_.exclude_target) return true;
  const std::uint32_t target = Index(ids[position]);
  return row != target && row != word2vec::ContextRow(task_.table.layout, target, true);
}

void WindowSummer::AddShapes(std::span<const tokenize::WordShape> shapes, std::size_t position) {
  ForEachShapeInput(shapes, position, window_, task_.table.layout, [&](std::size_t row, std::size_t distance) {
    AddScaled(sum_, task_.table.row(row).data() + first_column_, task_.scales[row] * task_.shape_weights[distance]);
  });
}

}  // namespace conec::context_internal
