// Which rows of W1 the context vector x of one occurrence names. For this room only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "conec/context_corpus.h"
#include "corpora/word_id.h"
#include "word2vec/input_layout.h"

namespace conec::context_internal {

// Calls visit(row, is_right, distance) for every word within `window` of position p, from left to right.
template <typename Visit>
void ForEachWordInput(std::span<const corpora::WordId> ids, std::size_t p, std::size_t window,
                      const word2vec::InputLayout& layout, Visit&& visit) {
  const std::size_t end = std::min(ids.size(), p + window + 1);
  for (std::size_t q = p > window ? p - window : 0; q < end; ++q) {
    if (q == p || !corpora::IsWord(ids[q])) continue;
    visit(word2vec::ContextRow(layout, corpora::Index(ids[q]), q > p), q > p, q > p ? q - p : p - q);
  }
}

// Calls visit(row, distance) for the shape of the target itself (distance 0) and of everything that stands around it,
// gaps included, as far as the layout has rows for them.
template <typename Visit>
void ForEachShapeInput(std::span<const tokenize::WordShape> shapes, std::size_t p, std::size_t window,
                       const word2vec::InputLayout& layout, Visit&& visit) {
  if (layout.inputs.shape) visit(word2vec::ShapeRow(layout, shapes[p]), std::size_t{0});
  if (!layout.inputs.context_shapes) return;
  const std::size_t reach = std::min<std::size_t>(window, layout.window);
  const std::size_t end = std::min(shapes.size(), p + reach + 1);
  for (std::size_t q = p > reach ? p - reach : 0; q < end; ++q) {
    if (q == p) continue;
    const std::size_t distance = q > p ? q - p : p - q;
    visit(word2vec::ContextShapeRow(layout, static_cast<std::uint32_t>(distance), q > p, shapes[q]), distance);
  }
}

}  // namespace conec::context_internal
