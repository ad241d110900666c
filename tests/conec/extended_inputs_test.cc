// The laws of context vectors that hold more than words: the pass over a corpus, and the explicit matrix.
#include <gtest/gtest.h>

#include <ostream>
#include <tuple>

#include "conec/context_matrix.h"
#include "conec/context_sums.h"
#include "conec/global_context.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;
using testing::ExtendedTable;
using testing::Vector;
using testing::Vectors;
using tokenize::WordShape;
using word2vec::ExtendedInputs;

constexpr ExtendedInputs kAll{.direction = true, .shape = true, .context_shapes = true};
constexpr ExtendedInputs kDirection{.direction = true};
constexpr std::size_t kWords = 40;

struct Corpus {
  std::vector<WordId> stream;
  std::vector<WordShape> shapes;
  ContextCorpus view() const { return {.stream = stream, .mapping = {}, .shapes = shapes}; }
};

Corpus RandomCorpus(std::uint64_t seed, std::size_t tokens, double gap_rate) {
  Corpus corpus{testing::RandomStream(seed, kWords, tokens, gap_rate), {}};
  corpus.shapes = testing::RandomShapes(seed, corpus.stream.size());
  return corpus;
}

struct Case {
  ExtendedInputs inputs;
  int window;
  double gap_rate;
};

// Otherwise GoogleTest prints bytes, also those between the members.
void PrintTo(const Case& c, std::ostream* out) {
  *out << Name(c.inputs) << ", window " << c.window << ", gaps " << c.gap_rate;
}

using Parameters = std::tuple<Case, ContextWeighting, ContextScaling, bool>;

class ExtendedContext : public ::testing::TestWithParam<Parameters> {
 protected:
  // The table was trained with window 3: shapes farther away have no rows.
  ExtendedTable Table(std::uint64_t seed, std::size_t cols) const {
    return testing::RandomExtendedTable(seed, kWords, cols, std::get<Case>(GetParam()).inputs, 3);
  }
  // Its words count differently.
  InputTable Weighted(const ExtendedTable& table) const {
    InputTable view = table.view();
    view.word_weights = word_weights_;
    return view;
  }
  Vector WordWeights() const { return {word_weights_.begin(), word_weights_.end()}; }
  GlobalContextOptions Options() const {
    GlobalContextOptions options;
    options.context.window = std::get<Case>(GetParam()).window;
    std::tie(std::ignore, options.context.weighting, options.context.scaling, options.context.unit_rows) = GetParam();
    options.context.feature_weight = 0.75;
    options.context.sif = 0.02;
    return options;
  }
  Corpus Text(std::uint64_t seed) const { return RandomCorpus(seed, 2500, std::get<Case>(GetParam()).gap_rate); }

 private:
  std::vector<float> word_weights_ = *conec::WordWeights(testing::NumberedWords(kWords), {.sif = 0.02});
};

TEST_P(ExtendedContext, IsTheNaiveProduct) {
  const Corpus corpus = Text(1);
  const ExtendedTable table = Table(1, 21);
  const ContextOptions context = Options().context;
  const auto result = ComputeGlobalContext(corpus.view(), Weighted(table), Options());
  ASSERT_TRUE(result.ok()) << result.status();
  const Vectors counts = testing::NaiveInputCounts(corpus.stream, corpus.shapes, table.layout, context, WordWeights());
  const Vectors rows = testing::UnitRows(table.view(), context.unit_rows);
  testing::ExpectRowsNear(result->view(), testing::NaiveScaledProduct(corpus.stream, counts, rows, context), 1e-5);
}

TEST_P(ExtendedContext, IsTheSameBitsForAnyNumberOfThreads) {
  const Corpus corpus = Text(2);
  const ExtendedTable table = Table(2, 70);
  GlobalContextOptions options = Options();
  options.threads = 1;
  const auto one = ComputeGlobalContext(corpus.view(), Weighted(table), options);
  ASSERT_TRUE(one.ok()) << one.status();
  for (const int threads : {2, 3, 5}) {
    options.threads = threads;
    EXPECT_TRUE(SameBits(one->view(), ComputeGlobalContext(corpus.view(), Weighted(table), options)->view()))
        << threads;
  }
}

TEST_P(ExtendedContext, OfSegmentsOneByOneIsThatOfTheCorpus) {
  const Corpus corpus = Text(3);
  const ExtendedTable table = Table(3, 20);
  const ContextOptions context = Options().context;
  const std::vector<float> scales = RowScales(Weighted(table), context.unit_rows);
  Matrix<float> sums = *Matrix<float>::Create(kWords, 20);
  SegmentBuffer buffer(corpus.view(), kWords, corpus.stream.size());
  EXPECT_TRUE(ForEachContextSegment(corpus.view(), 0, corpus.stream.size(), buffer, [&](const ContextSegment& segment) {
    ASSERT_TRUE(AccumulateContextSums(segment, context, Weighted(table), scales, sums.view()).ok());
  }));
  EXPECT_TRUE(SameBits(sums.view(), ComputeContextSums(corpus.view(), Weighted(table), Options())->sums.view()));
}

TEST_P(ExtendedContext, AsAnExplicitMatrixHoldsTheNaiveCounts) {
  const Corpus corpus = Text(4);
  const ExtendedTable table = Table(4, 1);
  const word2vec::InputLayout layout = table.layout;
  ContextMatrixOptions options;
  options.context = Options().context;
  const std::string path = testing::TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix(corpus.view(), Weighted(table), options, path).ok());
  const auto matrix = ContextMatrix::Open(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_TRUE(SameRows(matrix->layout(), layout));
  EXPECT_TRUE(matrix->context() == options.context);
  const Vectors expected =
      testing::NaiveInputCounts(corpus.stream, corpus.shapes, layout, options.context, WordWeights());
  for (std::size_t i = 0; i < kWords; ++i) {
    Vector row(word2vec::InputRows(layout));
    for (std::size_t k = 0; k < matrix->columns(i).size(); ++k) {
      row[static_cast<std::size_t>(matrix->columns(i)[k])] = matrix->weights(i)[k];
      EXPECT_GT(matrix->weights(i)[k], 0);
    }
    for (std::size_t j = 0; j < row.size(); ++j) {
      ASSERT_NEAR(row[j], expected[i][j], 1e-5 * (1 + expected[i][j])) << i << " " << j;
    }
  }
}

TEST_P(ExtendedContext, AsAnExplicitMatrixTimesTheTableIsThePass) {
  const Corpus corpus = Text(5);
  const ExtendedTable table = Table(5, 33);
  ContextMatrixOptions options;
  options.context = Options().context;
  const std::string path = testing::TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix(corpus.view(), Weighted(table), options, path).ok());
  const auto product = ContextMatrix::Open(path)->Multiply(Weighted(table), options.context.unit_rows);
  ASSERT_TRUE(product.ok()) << product.status();
  const auto sums = ComputeContextSums(corpus.view(), Weighted(table), Options());
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::span<const float> row = sums->sums.row(i);
    testing::ExpectNear(product->row(i), Vector(row.begin(), row.end()), 2e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExtendedContext,
    ::testing::Combine(::testing::Values(Case{{}, 5, 0.1}, Case{kDirection, 5, 0.1}, Case{{.shape = true}, 5, 0},
                                         Case{{.context_shapes = true}, 5, 0.2}, Case{kAll, 5, 0.1}, Case{kAll, 1, 0}),
                       ::testing::Values(ContextWeighting::kUniform, ContextWeighting::kInverseDistance),
                       ::testing::Values(ContextScaling::kCount, ContextScaling::kMax), ::testing::Bool()));

GlobalContextOptions Weighted(double feature_weight) {
  GlobalContextOptions options;
  options.context.feature_weight = feature_weight;
  return options;
}

TEST(ExtendedInputs, NoneOfThemAreThePlainTableBitForBit) {
  const Corpus corpus = RandomCorpus(1, 3000, 0.1);
  const Matrix<float> words = testing::RandomTable(1, kWords, 40);
  const InputTable without(words.view(), {}, *word2vec::MakeInputLayout(kWords, 5, {}));
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    GlobalContextOptions options = Weighted(3);
    options.context.scaling = scaling;
    const auto plain = ComputeGlobalContext({corpus.stream, {}, false}, words.view(), options);
    EXPECT_TRUE(SameBits(plain->view(), ComputeGlobalContext(corpus.view(), without, options)->view()));
  }
}

TEST(ExtendedInputs, WithEqualRowsOnBothSidesDirectionTellsNothing) {
  const Corpus corpus = RandomCorpus(2, 3000, 0.1);
  const Matrix<float> words = testing::RandomTable(2, kWords, 24);
  const InputTable twice(words.view(), words.view(), *word2vec::MakeInputLayout(kWords, 5, kDirection));
  const auto plain = ComputeGlobalContext(corpus.view(), words.view(), {});
  const auto directed = ComputeGlobalContext(corpus.view(), twice, {});
  for (std::size_t i = 0; i < kWords; ++i) {
    testing::ExpectNear(directed->row(i), Vector(plain->row(i).begin(), plain->row(i).end()), 1e-5);
  }
}

// Every segment back to front.
Corpus Mirrored(const Corpus& corpus) {
  Corpus mirrored = corpus;
  corpora::ForEachSegment(corpus.stream, 0, corpus.stream.size(), [&](std::size_t begin, std::size_t end) {
    const auto at = [](auto& of, std::size_t i) { return of.begin() + static_cast<std::ptrdiff_t>(i); };
    std::reverse(at(mirrored.stream, begin), at(mirrored.stream, end));
    std::reverse(at(mirrored.shapes, begin), at(mirrored.shapes, end));
  });
  return mirrored;
}

// The table in which left and right have changed places.
ExtendedTable SidesSwapped(const ExtendedTable& table) {
  ExtendedTable swapped{*Matrix<float>::Create(kWords, table.words.cols()),
                        *Matrix<float>::Create(table.extended.rows(), table.words.cols()), table.layout};
  const auto copy = [](std::span<const float> from, std::span<float> to) {
    std::copy(from.begin(), from.end(), to.begin());
  };
  const auto row = [&](std::size_t i) { return i < kWords ? swapped.words.row(i) : swapped.extended.row(i - kWords); };
  for (std::uint32_t i = 0; i < kWords; ++i) {
    copy(table.view().row(ContextRow(table.layout, i, true)), row(ContextRow(table.layout, i, false)));
    copy(table.view().row(ContextRow(table.layout, i, false)), row(ContextRow(table.layout, i, true)));
  }
  for (std::uint8_t i = 0; i < tokenize::kWordShapes; ++i) {
    const WordShape shape{i};
    copy(table.view().row(ShapeRow(table.layout, shape)), row(ShapeRow(table.layout, shape)));
    for (std::uint32_t distance = 1; distance <= table.layout.window; ++distance) {
      for (const bool right : {false, true}) {
        copy(table.view().row(ContextShapeRow(table.layout, distance, !right, shape)),
             row(ContextShapeRow(table.layout, distance, right, shape)));
      }
    }
  }
  return swapped;
}

TEST(ExtendedInputs, OfTextBackToFrontAreThoseOfTheTextWithLeftAndRightSwapped) {
  const Corpus corpus = RandomCorpus(3, 3000, 0.1);
  const ExtendedTable table = testing::RandomExtendedTable(3, kWords, 24, kAll, 4);
  const auto forward = ComputeGlobalContext(corpus.view(), table.view(), {});
  const auto backward = ComputeGlobalContext(Mirrored(corpus).view(), SidesSwapped(table).view(), {});
  const auto unswapped = ComputeGlobalContext(Mirrored(corpus).view(), table.view(), {});
  double difference = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    testing::ExpectNear(backward->row(i), Vector(forward->row(i).begin(), forward->row(i).end()), 1e-5);
    for (std::size_t j = 0; j < 24; ++j) difference += std::abs(unswapped->row(i)[j] - forward->row(i)[j]);
  }
  EXPECT_GT(difference, 1);
}

TEST(ExtendedInputs, CountInProportionToTheFeatureWeight) {
  const Corpus corpus = RandomCorpus(4, 3000, 0.1);
  const ExtendedTable table = testing::RandomExtendedTable(4, kWords, 24, kAll, 5);
  const auto none = ComputeGlobalContext(corpus.view(), table.view(), Weighted(0));
  const auto once = ComputeGlobalContext(corpus.view(), table.view(), Weighted(1));
  const auto half = ComputeGlobalContext(corpus.view(), table.view(), Weighted(0.5));
  for (std::size_t i = 0; i < kWords; ++i) {
    Vector middle(24);
    for (std::size_t j = 0; j < 24; ++j) middle[j] = (none->row(i)[j] + once->row(i)[j]) / 2;
    testing::ExpectNear(half->row(i), middle, 1e-5);
  }
}

TEST(ExtendedInputs, WithoutWeightLeaveTheWordsAndNoEntries) {
  const Corpus corpus = RandomCorpus(5, 3000, 0.1);
  const ExtendedTable table = testing::RandomExtendedTable(5, kWords, 24, {.shape = true, .context_shapes = true}, 5);
  const auto plain = ComputeGlobalContext(corpus.view(), table.words.view(), {});
  const auto weightless = ComputeGlobalContext(corpus.view(), table.view(), Weighted(0));
  for (std::size_t i = 0; i < kWords; ++i) {
    testing::ExpectNear(weightless->row(i), Vector(plain->row(i).begin(), plain->row(i).end()), 1e-5);
  }
  ContextMatrixOptions counting;
  counting.context.feature_weight = 0;
  const absl::Status status = ForEachContextRow(
      corpus.view(), table.layout, counting,
      [](WordId, std::span<const std::uint32_t> columns, std::span<const double>) {
        return columns.back() < kWords ? absl::OkStatus() : InvalidArgument("column {}", columns.back());
      });
  EXPECT_TRUE(status.ok()) << status;
}

TEST(ExtendedInputs, OfAMappedStreamAreThoseOfTheStreamWrittenOut) {
  const Corpus corpus = RandomCorpus(6, 3000, 0.1);
  constexpr std::size_t kRows = 26;
  const ExtendedTable table = testing::RandomExtendedTable(6, kRows, 24, kAll, 5);
  std::vector<WordId> mapping(kWords, corpora::kGap);  // every third word is lacking
  for (std::uint32_t i = 0, next = kRows; i < kWords; ++i) {
    if (i % 3 != 0) mapping[i] = WordId{--next};
  }
  for (const bool keep : {false, true}) {
    Corpus written;
    for (std::size_t p = 0; p < corpus.stream.size(); ++p) {
      const WordId id = corpus.stream[p];
      const WordId row = corpora::IsWord(id) ? mapping[corpora::Index(id)] : id;
      if (corpora::IsWord(id) && !corpora::IsWord(row) && !keep) continue;
      written.stream.push_back(row);
      written.shapes.push_back(corpus.shapes[p]);
    }
    ContextCorpus mapped = corpus.view();
    mapped.mapping = mapping;
    mapped.keep_unmapped = keep;
    const auto expected = ComputeContextSums(written.view(), table.view(), {});
    EXPECT_TRUE(SameBits(ComputeContextSums(mapped, table.view(), {})->sums.view(), expected->sums.view())) << keep;
  }
}

TEST(ExtendedInputs, OfACorpusThatDoesNotKnowShapesAreRefused) {
  Corpus corpus = RandomCorpus(7, 100, 0);
  const ExtendedTable table = testing::RandomExtendedTable(7, kWords, 4, {.shape = true}, 5);
  const auto code = [&] { return ComputeGlobalContext(corpus.view(), table.view(), {}).status().code(); };
  EXPECT_EQ(code(), absl::StatusCode::kOk);
  corpus.shapes[0] = WordShape{16};
  EXPECT_EQ(code(), absl::StatusCode::kInvalidArgument);
  corpus.shapes.pop_back();
  EXPECT_EQ(code(), absl::StatusCode::kFailedPrecondition);
  corpus.shapes.clear();
  EXPECT_EQ(code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ForEachContextRow(corpus.view(), table.layout, {}, nullptr).code(), absl::StatusCode::kFailedPrecondition);
  const ExtendedTable directed = testing::RandomExtendedTable(7, kWords, 4, kDirection, 5);
  EXPECT_TRUE(ComputeGlobalContext(corpus.view(), directed.view(), {}).ok());
}

TEST(ExtendedInputs, WithOtherRowsThanTheLayoutSaysAreRefused) {
  const Corpus corpus = RandomCorpus(8, 100, 0);
  const ExtendedTable table = testing::RandomExtendedTable(8, kWords, 4, kAll, 5);
  const ExtendedTable other = testing::RandomExtendedTable(8, kWords, 3, kAll, 4);
  const auto code = [&](const InputTable& wrong) {
    return ComputeGlobalContext(corpus.view(), wrong, {}).status().code();
  };
  EXPECT_EQ(code({table.words.view(), other.extended.view(), table.layout}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({table.words.view(), {}, table.layout}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({table.words.view(), other.extended.view(), other.layout}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({other.extended.view(), other.extended.view(), other.layout}), absl::StatusCode::kInvalidArgument);
  MatrixView<const float> without_columns = table.extended.view();
  without_columns.cols = 0;
  EXPECT_EQ(code({table.words.view(), without_columns, table.layout}), absl::StatusCode::kInvalidArgument);
}

TEST(ExtendedInputs, OfAMatrixGoWithItsOwnTableOnly) {
  const Corpus corpus = RandomCorpus(9, 500, 0);
  const ExtendedTable table = testing::RandomExtendedTable(9, kWords, 4, kAll, 5);
  const std::string path = testing::TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix(corpus.view(), table.layout, {}, path).ok());
  const auto matrix = ContextMatrix::Open(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_TRUE(matrix->Multiply(table.view(), true).ok());
  EXPECT_EQ(matrix->Multiply(table.words.view(), true).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace conec
