// What the tests of this room share: random corpora and tables, and the equations as plainly as possible, in double
// precision.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/random.h"
#include "conec/context_options.h"
#include "conec/input_table.h"
#include "conec/model.h"
#include "corpora/vocabulary.h"
#include "corpora/word_id.h"
#include "word2vec/options.h"

namespace conec::testing {

using corpora::WordId;
using Vector = std::vector<double>;
using Vectors = std::vector<Vector>;

// Segments of random lengths and random words, rare words rarer; gaps at the given rate; ends with kEndOfDocument.
inline std::vector<WordId> RandomStream(std::uint64_t seed, std::uint32_t words, std::size_t tokens,
                                        double gap_rate = 0, std::uint32_t longest_segment = 60) {
  PhiloxStream random(seed);
  std::vector<WordId> stream;
  std::uint32_t left = 1 + random.Below(longest_segment);
  for (std::size_t i = 0; i < tokens; ++i) {
    const double u = random.Uniform();
    const auto word = static_cast<std::uint32_t>(u * u * words);
    stream.push_back(random.Uniform() < gap_rate ? corpora::kGap : WordId{word});
    if (--left > 0) continue;
    stream.push_back(random.Below(4) == 0 ? corpora::kEndOfDocument : corpora::kEndOfSegment);
    left = 1 + random.Below(longest_segment);
  }
  stream.push_back(corpora::kEndOfDocument);
  return stream;
}

inline Matrix<float> RandomTable(std::uint64_t seed, std::size_t rows, std::size_t cols) {
  PhiloxStream random(seed, 1);
  Matrix<float> table = *Matrix<float>::Create(rows, cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (float& value : table.row(i)) value = static_cast<float>(random.Uniform() - 0.5);
  }
  return table;
}

inline Vector UnitRow(std::span<const float> row, bool unit) {
  Vector result(row.begin(), row.end());
  double squared = 0;
  for (const double value : result) squared += value * value;
  if (unit && squared > 0) {
    for (double& value : result) value /= std::sqrt(squared);
  }
  return result;
}

inline Vectors UnitRows(MatrixView<const float> table, bool unit) {
  Vectors rows;
  for (std::size_t i = 0; i < table.rows; ++i) rows.push_back(UnitRow(table.row(i), unit));
  return rows;
}

inline double Weight(const ContextOptions& options, std::size_t distance) {
  return options.weighting == ContextWeighting::kUniform ? 1.0 : 1.0 / static_cast<double>(distance);
}

// V x V: entry (w, c) is the weight of the c in the windows of all w.
inline Vectors NaiveCounts(std::span<const WordId> stream, std::size_t words, const ContextOptions& options) {
  Vectors counts(words, Vector(words));
  for (std::size_t p = 0; p < stream.size(); ++p) {
    if (!corpora::IsWord(stream[p])) continue;
    for (const int direction : {-1, 1}) {
      for (int distance = 1; distance <= options.window; ++distance) {
        const std::ptrdiff_t q = static_cast<std::ptrdiff_t>(p) + direction * distance;
        if (q < 0 || q >= static_cast<std::ptrdiff_t>(stream.size())) break;
        const WordId other = stream[static_cast<std::size_t>(q)];
        if (corpora::EndsSegment(other)) break;
        if (!corpora::IsWord(other) || (options.exclude_target && other == stream[p])) continue;
        counts[corpora::Index(stream[p])][corpora::Index(other)] += Weight(options, static_cast<std::size_t>(distance));
      }
    }
  }
  return counts;
}

// A shape for every position of a stream.
inline std::vector<tokenize::WordShape> RandomShapes(std::uint64_t seed, std::size_t size) {
  PhiloxStream random(seed, 2);
  std::vector<tokenize::WordShape> shapes(size);
  for (auto& shape : shapes) shape = static_cast<tokenize::WordShape>(random.Below(tokenize::kWordShapes));
  return shapes;
}

// The context vector x of position p of one segment, over all rows of W1. word_weights: of all words.
inline Vector NaiveInputs(std::span<const WordId> ids, std::span<const tokenize::WordShape> shapes, std::size_t p,
                          const word2vec::InputLayout& layout, const ContextOptions& options,
                          const Vector& word_weights) {
  const std::size_t words = layout.vocabulary_size, right_words = layout.inputs.direction ? words : 0;
  const std::size_t places = layout.inputs.context_shapes ? 2 * std::size_t{layout.window} : 0;
  const std::size_t first_place = words + right_words, first_shape = first_place + 16 * places;
  Vector x(first_shape + (layout.inputs.shape ? 16 : 0));
  for (std::size_t q = 0; q < ids.size(); ++q) {
    const std::size_t distance = q > p ? q - p : p - q;
    if (distance == 0 || distance > static_cast<std::size_t>(options.window)) continue;
    const double weight = Weight(options, distance);
    if (corpora::IsWord(ids[q]) && !(options.exclude_target && ids[q] == ids[p])) {
      x[corpora::Index(ids[q]) + (q > p ? right_words : 0)] += weight * word_weights[corpora::Index(ids[q])];
    }
    const std::size_t place = 2 * (distance - 1) + (q > p ? 1 : 0);
    if (place < places) {
      x[first_place + 16 * place + static_cast<std::size_t>(shapes[q])] += options.feature_weight * weight;
    }
  }
  if (layout.inputs.shape) x[first_shape + static_cast<std::size_t>(shapes[p])] += options.feature_weight;
  return x;
}

// s / (s + p) by share of the counts.
inline Vector NaiveWordWeights(const corpora::Vocabulary& vocabulary, double sif) {
  double total = 0;
  for (const std::int64_t count : vocabulary.counts()) total += static_cast<double>(count);
  Vector weights;
  for (const std::int64_t count : vocabulary.counts()) {
    weights.push_back(sif == 0 ? 1 : sif / (sif + static_cast<double>(count) / total));
  }
  return weights;
}

// V x R: the sums of the context vectors of all words.
inline Vectors NaiveInputCounts(std::span<const WordId> stream, std::span<const tokenize::WordShape> shapes,
                                const word2vec::InputLayout& layout, const ContextOptions& options,
                                const Vector& word_weights) {
  Vectors counts(layout.vocabulary_size, Vector(word2vec::InputRows(layout)));
  for (std::size_t begin = 0, end = 0; begin < stream.size(); begin = end + 1) {
    for (end = begin; end < stream.size() && !corpora::EndsSegment(stream[end]);) ++end;
    const auto ids = stream.subspan(begin, end - begin);
    for (std::size_t p = 0; p < ids.size(); ++p) {
      if (!corpora::IsWord(ids[p])) continue;
      const Vector x = NaiveInputs(ids, shapes.subspan(begin, end - begin), p, layout, options, word_weights);
      for (std::size_t i = 0; i < x.size(); ++i) counts[corpora::Index(ids[p])][i] += x[i];
    }
  }
  return counts;
}

inline std::vector<double> NaiveOccurrences(std::span<const WordId> stream, std::size_t words) {
  std::vector<double> occurrences(words);
  for (const WordId id : stream) {
    if (corpora::IsWord(id)) ++occurrences[corpora::Index(id)];
  }
  return occurrences;
}

inline Vectors NaiveProduct(const Vectors& matrix, const Vectors& rows) {
  Vectors product(matrix.size(), Vector(rows.front().size()));
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      for (std::size_t j = 0; j < rows[k].size(); ++j) product[i][j] += matrix[i][k] * rows[k][j];
    }
  }
  return product;
}

// The product of given counts with the table, scaled as the options say.
inline Vectors NaiveScaledProduct(std::span<const WordId> stream, const Vectors& counts, const Vectors& rows,
                                  const ContextOptions& options) {
  const std::vector<double> occurrences = NaiveOccurrences(stream, counts.size());
  Vectors product = NaiveProduct(counts, rows);
  for (std::size_t i = 0; i < product.size(); ++i) {
    const bool by_count = options.scaling == ContextScaling::kCount;
    const double divisor = by_count ? occurrences[i] : *std::max_element(counts[i].begin(), counts[i].end());
    for (double& value : product[i]) value = divisor == 0 ? 0 : value / divisor;
  }
  return product;
}

// The scaled product of eq. 7.1 with a = 1.
inline Vectors NaiveGlobalContext(std::span<const WordId> stream, MatrixView<const float> table,
                                  const ContextOptions& options) {
  return NaiveScaledProduct(stream, NaiveCounts(stream, table.rows, options), UnitRows(table, options.unit_rows),
                            options);
}

inline void ToUnit(Vector& vector) {
  double squared = 0;
  for (const double value : vector) squared += value * value;
  if (squared == 0) return;
  for (double& value : vector) value /= std::sqrt(squared);
}

// |actual - expected| <= tolerance * max(1, |expected|) in every element.
inline void ExpectNear(std::span<const float> actual, const Vector& expected, double tolerance,
                       const std::string& what = "") {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t j = 0; j < expected.size(); ++j) {
    ASSERT_NEAR(actual[j], expected[j], tolerance * std::max(1.0, std::abs(expected[j]))) << what << " column " << j;
  }
}

inline void ExpectRowsNear(MatrixView<const float> actual, const Vectors& expected, double tolerance) {
  ASSERT_EQ(actual.rows, expected.size());
  for (std::size_t i = 0; i < actual.rows; ++i) {
    ExpectNear(actual.row(i), expected[i], tolerance, "row " + std::to_string(i));
  }
}

// A table with rows of all kinds.
struct ExtendedTable {
  Matrix<float> words, extended;
  word2vec::InputLayout layout;
  InputTable view() const { return {words.view(), extended.view(), layout}; }
};

inline ExtendedTable RandomExtendedTable(std::uint64_t seed, std::size_t words, std::size_t cols,
                                         const word2vec::ExtendedInputs& inputs, int window) {
  ExtendedTable table{RandomTable(seed, words, cols), {}, *word2vec::MakeInputLayout(words, window, inputs)};
  table.extended = RandomTable(seed + 1000, word2vec::InputRows(table.layout) - words, cols);
  return table;
}

inline Vectors UnitRows(const InputTable& table, bool unit) {
  Vectors rows;
  for (std::size_t i = 0; i < table.rows(); ++i) rows.push_back(UnitRow(table.row(i), unit));
  return rows;
}

// "w0", "w1", ... with falling counts.
inline corpora::Vocabulary NumberedWords(std::size_t words) {
  std::vector<corpora::WordCount> counts;
  for (std::size_t i = 0; i < words; ++i) counts.push_back({"w" + std::to_string(i), 10 * words - i});
  return *corpora::Vocabulary::Create(counts);
}

// A path in a folder of its own for each test.
inline std::string TestPath(const std::string& name) {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string folder = std::string(info->test_suite_name()) + "." + info->name();
  std::replace(folder.begin(), folder.end(), '/', '_');
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / ("conec." + folder);
  std::filesystem::create_directories(path);
  return (path / name).string();
}

}  // namespace conec::testing
