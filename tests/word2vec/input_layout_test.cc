#include "word2vec/input_layout.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>
#include <vector>

#include "corpora/word_id.h"
#include "word2vec/options.h"

namespace conec::word2vec {
namespace {

using tokenize::kWordShapes;
using tokenize::WordShape;

std::vector<ExtendedInputs> AllInputs() {
  std::vector<ExtendedInputs> all;
  for (int bits = 0; bits < 8; ++bits) all.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  return all;
}

// Every row that an input vector can name, each as often as there are ways to name it.
std::multiset<std::uint32_t> AllRows(const InputLayout& layout) {
  std::multiset<std::uint32_t> rows;
  for (std::uint32_t word = 0; word < layout.vocabulary_size; ++word) {
    rows.insert(ContextRow(layout, word, false));
    if (layout.inputs.direction) rows.insert(ContextRow(layout, word, true));
  }
  for (std::size_t i = 0; i < kWordShapes; ++i) {
    const auto shape = static_cast<WordShape>(i);
    if (layout.inputs.shape) rows.insert(ShapeRow(layout, shape));
    for (std::uint32_t distance = 1; layout.inputs.context_shapes && distance <= layout.window; ++distance) {
      rows.insert(ContextShapeRow(layout, distance, false, shape));
      rows.insert(ContextShapeRow(layout, distance, true, shape));
    }
  }
  return rows;
}

TEST(InputLayout, GivesEveryInputARowOfItsOwnAndLeavesNone) {
  for (const ExtendedInputs& inputs : AllInputs()) {
    const InputLayout layout = MakeInputLayout(7, 3, inputs).value();
    std::multiset<std::uint32_t> expected;
    for (std::uint32_t row = 0; row < InputRows(layout); ++row) expected.insert(row);
    EXPECT_EQ(AllRows(layout), expected) << Name(inputs);
  }
}

TEST(InputLayout, BeginsWithTheRowsOfTheWords) {
  for (const ExtendedInputs& inputs : AllInputs()) {
    const InputLayout layout = MakeInputLayout(7, 3, inputs).value();
    for (std::uint32_t word = 0; word < 7; ++word) {
      EXPECT_EQ(ContextRow(layout, word, false), word);
      EXPECT_EQ(ContextRow(layout, word, true), inputs.direction ? 7 + word : word);
    }
  }
}

TEST(InputLayout, HasAsManyRowsAsItsHeaderSays) {
  EXPECT_EQ(InputRows(MakeInputLayout(100, 5, {}).value()), 100u);
  EXPECT_EQ(InputRows(MakeInputLayout(100, 5, {.direction = true}).value()), 200u);
  EXPECT_EQ(InputRows(MakeInputLayout(100, 5, {.shape = true}).value()), 100 + kWordShapes);
  EXPECT_EQ(InputRows(MakeInputLayout(100, 5, {.context_shapes = true}).value()), 100 + 10 * kWordShapes);
  EXPECT_EQ(InputRows(MakeInputLayout(100, 5, {true, true, true}).value()), 200 + 11 * kWordShapes);
}

// Models store rows by number: the order may not change.
TEST(InputLayout, StandsInTheStatedOrder) {
  const InputLayout layout = MakeInputLayout(100, 2, {true, true, true}).value();
  EXPECT_EQ(ContextRow(layout, 3, true), 103u);
  EXPECT_EQ(ContextShapeRow(layout, 1, false, WordShape{5}), 205u);
  EXPECT_EQ(ContextShapeRow(layout, 1, true, WordShape{5}), 221u);
  EXPECT_EQ(ContextShapeRow(layout, 2, false, WordShape{0}), 232u);
  EXPECT_EQ(ShapeRow(layout, WordShape{15}), 279u);
  EXPECT_EQ(InputRows(layout), 280u);
}

TEST(InputLayout, RefusesMoreRowsThanRowNumbers) {
  constexpr std::size_t kMost = corpora::kMaxVocabulary - 1;
  EXPECT_TRUE(MakeInputLayout(kMost, 5, {}).ok());
  EXPECT_TRUE(MakeInputLayout(kMost / 2, 5, {.direction = true}).ok());
  EXPECT_TRUE(MakeInputLayout(kMost - kWordShapes, 5, {.shape = true}).ok());
  const auto refused = [](std::size_t words, const ExtendedInputs& inputs) {
    return absl::IsInvalidArgument(MakeInputLayout(words, 5, inputs).status());
  };
  EXPECT_TRUE(refused(kMost + 1, {}));
  EXPECT_TRUE(refused(kMost / 2 + 1, {.direction = true}));
  EXPECT_TRUE(refused(kMost - kWordShapes + 1, {.shape = true}));
  EXPECT_TRUE(refused(kMost - 10 * kWordShapes + 1, {.context_shapes = true}));
  EXPECT_TRUE(refused(std::size_t{1} << 63, {.direction = true}));
}

TEST(InputLayout, RefusesAWindowOutOfRange) {
  EXPECT_TRUE(MakeInputLayout(100, 1, {}).ok());
  EXPECT_TRUE(MakeInputLayout(100, 1000, {}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(MakeInputLayout(100, 0, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeInputLayout(100, 1001, {}).status()));
}

TEST(ExtendedInputs, ParseIsTheInverseOfName) {
  for (const ExtendedInputs& inputs : AllInputs()) EXPECT_EQ(ParseExtendedInputs(Name(inputs)).value(), inputs);
}

TEST(ExtendedInputs, AreNamedInOneOrderAndReadInAny) {
  EXPECT_EQ(Name(ExtendedInputs{true, true, true}), "direction,shape,context-shapes");
  EXPECT_EQ(Name(ExtendedInputs{}), "none");
  EXPECT_EQ(ParseExtendedInputs("shape,direction").value(), (ExtendedInputs{true, true, false}));
  EXPECT_EQ(ParseExtendedInputs("shape,shape").value(), (ExtendedInputs{false, true, false}));
  EXPECT_EQ(ParseExtendedInputs("").value(), ExtendedInputs{});
}

TEST(ExtendedInputs, OfUnknownNamesAreRefusedByName) {
  for (const char* names : {"case", "shape,case", "shape,", ",shape", "shape, direction", "none,shape", "Shape"}) {
    const absl::Status status = ParseExtendedInputs(names).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << names;
    EXPECT_THAT(status.ToString(), testing::HasSubstr("context-shapes")) << names;
  }
}

}  // namespace
}  // namespace conec::word2vec
