#include "conec/context_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "corpora/encoded_corpus.h"
#include "word2vec/check_text.h"
#include "word2vec/options.h"

namespace conec::context_internal {
namespace {

constexpr std::uint32_t kWords = 200;
constexpr std::size_t kPositions = 4000, kFewestPositions = 100;
constexpr std::uint64_t kStream = 0xC0DECu;  // of draws, apart from others

// About the same work whatever the columns and the window, down to a few words.
std::size_t Positions(const WindowSummer::Task& like) {
  constexpr double kUsualWork = 11 * 200;
  const double work = 2.0 * static_cast<double>(like.weights.size()) * static_cast<double>(like.table.cols());
  return word2vec::CheckPositions(kPositions, kFewestPositions, kUsualWork, work);
}

absl::StatusOr<Matrix<float>> RandomTable(std::size_t rows, std::size_t cols, PhiloxStream& random) {
  CONEC_ASSIGN_OR_RETURN(Matrix<float> table, Matrix<float>::Create(rows, cols));
  for (std::size_t i = 0; i < rows; ++i) {
    for (float& value : table.row(i)) value = UniformFloat(random()) - 0.5f;
  }
  return table;
}

// Sums of one way of computing them: one word is summed in double precision.
struct Sums {
  Matrix<float> sums;
  Matrix<double> precise;
};
absl::StatusOr<Sums> NoSums(std::size_t cols) {
  Sums result;
  CONEC_ASSIGN_OR_RETURN(result.sums, Matrix<float>::Create(kWords, cols));
  CONEC_ASSIGN_OR_RETURN(result.precise, Matrix<double>::Create(1, cols));
  return result;
}

WindowSummer::Task Into(WindowSummer::Task task, Sums& sums) {
  task.sums = sums.sums.view();
  task.precise_sums = sums.precise.view();
  return task;
}

absl::Status SumOnCpu(const ContextCorpus& corpus, const WindowSummer::Task& task) {
  WindowSummer summer(task, 0, task.table.cols());
  SegmentBuffer buffer(corpus, kWords, corpus.stream.size());
  const bool known = ForEachContextSegment(corpus, 0, corpus.stream.size(), buffer,
                                           [&](const ContextSegment& segment) { summer.Accumulate(segment); });
  return known ? absl::OkStatus() : corpora::CorpusChanged();
}

struct SquaredError {
  double difference = 0, reference = 0;
  // As a share of the reference; where there is nothing, nothing has to come out.
  double relative() const { return difference == 0 ? 0 : std::sqrt(difference / reference); }
};
template <typename T>
void AddTo(SquaredError& error, const Matrix<T>& a, const Matrix<T>& reference) {
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.cols(); ++j) {
      const double expected = reference.row(i)[j], difference = a.row(i)[j] - expected;
      error.difference += difference * difference;
      error.reference += expected * expected;
    }
  }
}

absl::Status Compare(const Sums& a, const Sums& reference) {
  SquaredError words, precise;
  AddTo(words, a.sums, reference.sums);
  AddTo(precise, a.precise, reference.precise);
  const double of_words = words.relative(), of_precise = precise.relative();
  if (of_words <= 1e-4 && of_precise <= 1e-4) return absl::OkStatus();
  return word2vec::WrongDevice(
      fmt::format("in a small test context vectors are off by {:.2g} %, those of frequent words by {:.2g} %",
                  100 * of_words, 100 * of_precise));
}

}  // namespace

absl::Status CheckSums(const WindowSummer::Task& like, const SumFn& sum) {
  PhiloxStream random(1, kStream);
  const std::size_t cols = like.table.cols();
  const word2vec::CheckText text = word2vec::MakeCheckText(kWords, Positions(like), random);
  const int window = std::max(static_cast<int>(like.table.layout.window), 1);
  CONEC_ASSIGN_OR_RETURN(const word2vec::InputLayout layout,
                         word2vec::MakeInputLayout(kWords, window, like.table.inputs()));
  const std::size_t rows = word2vec::InputRows(layout);
  CONEC_ASSIGN_OR_RETURN(const Matrix<float> words, RandomTable(kWords, cols, random));
  CONEC_ASSIGN_OR_RETURN(const Matrix<float> extended, RandomTable(rows - kWords, cols, random));
  std::vector<float> scales(rows);
  for (float& scale : scales) scale = 0.5f + UniformFloat(random());
  std::vector<std::int32_t> precise_rows(kWords, -1);
  precise_rows[corpora::Index(text.stream.front())] = 0;  // one that occurs, however short the text

  WindowSummer::Task task = like;
  task.table = InputTable(words.view(), extended.view(), layout);
  task.scales = scales;
  task.precise_rows = precise_rows;
  const ContextCorpus corpus{.stream = text.stream, .mapping = {}, .shapes = text.shapes};
  CONEC_ASSIGN_OR_RETURN(Sums expected, NoSums(cols));
  CONEC_ASSIGN_OR_RETURN(Sums actual, NoSums(cols));
  CONEC_RETURN_IF_ERROR(SumOnCpu(corpus, Into(task, expected)));
  CONEC_RETURN_IF_ERROR(sum(corpus, Into(task, actual)));
  return Compare(actual, expected);
}

}  // namespace conec::context_internal
