// What a GPU is looked at with before it is trusted, by device_check.h and by conec/context_check.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "corpora/word_id.h"
#include "tokenize/word_shape.h"

namespace conec::word2vec {

// Some random text of a small vocabulary.
struct CheckText {
  std::vector<corpora::WordId> stream;
  std::vector<tokenize::WordShape> shapes;  // of every position
};

// `positions` (at least 3): some segments with gaps, which begin with two words and end with the end of a document.
CheckText MakeCheckText(std::uint32_t words, std::size_t positions, PhiloxStream& random);

// How many positions take about as long as `most` at which `usual_work` is to be done, where it is `work` instead.
// Never more than that, and no fewer than `fewest`.
std::size_t CheckPositions(std::size_t most, std::size_t fewest, double usual_work, double work);

// kUnavailable: that a GPU does not compute what the CPU does, by how much, and what to do about it.
absl::Status WrongDevice(std::string_view by_how_much);

}  // namespace conec::word2vec
