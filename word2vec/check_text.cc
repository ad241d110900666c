#include "word2vec/check_text.h"

#include <algorithm>

namespace conec::word2vec {

CheckText MakeCheckText(std::uint32_t words, std::size_t positions, PhiloxStream& random) {
  CheckText text;
  for (std::size_t i = 0; i + 1 < positions; ++i) {
    const std::uint32_t draw = random.Below(40);  // of them one ends the segment, one is a gap
    const corpora::WordId word{random.Below(words)};
    const bool is_word = i < 2 || draw > 1;
    text.stream.push_back(is_word ? word : draw == 0 ? corpora::kEndOfSegment : corpora::kGap);
  }
  text.stream.push_back(corpora::kEndOfDocument);
  for (std::size_t i = 0; i < text.stream.size(); ++i) {
    text.shapes.push_back(static_cast<tokenize::WordShape>(random.Below(tokenize::kWordShapes)));
  }
  return text;
}

std::size_t CheckPositions(std::size_t most, std::size_t fewest, double usual_work, double work) {
  const double positions = static_cast<double>(most) * std::min(usual_work / work, 1.0);
  return std::max(static_cast<std::size_t>(positions), fewest);
}

absl::Status WrongDevice(std::string_view by_how_much) {
  return Unavailable(
      "the GPU does not compute what the CPU does: {}; is it overclocked or damaged? Use --device cpu, and please "
      "report it with the model of the GPU and the version of its driver",
      by_how_much);
}

}  // namespace conec::word2vec
