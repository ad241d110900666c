#include "word2vec/device_check.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"
#include "word2vec/check_text.h"
#include "word2vec/schedule.h"

namespace conec::word2vec {
namespace {

constexpr std::uint32_t kWords = 500;
constexpr std::size_t kPositions = 2 * Schedule::kBlockPositions;
constexpr std::size_t kFewestPositions = 64;
constexpr std::uint64_t kStream = 0xDE7ECu;  // of draws, apart from others

// Rows that a centre touches.
double RowsOfCentre(const TrainOptions& options) {
  return options.window + 2.0 + options.negatives;
}

// The reference does about the same work whatever the options, down to a few words.
std::size_t Positions(const TrainOptions& options) {
  constexpr double kUsualWork = 20 * 200;
  return CheckPositions(kPositions, kFewestPositions, kUsualWork, RowsOfCentre(options) * options.dim);
}

// Two blocks of the schedule, however few words: between the halves come empty segments, which are no work.
CheckText MakeTwoBlocks(std::size_t positions) {
  PhiloxStream random(1, kStream);
  CheckText text = MakeCheckText(kWords, positions, random);
  const auto half = static_cast<std::ptrdiff_t>(positions / 2);
  text.stream.insert(text.stream.begin() + half, kPositions - positions, corpora::kEndOfSegment);
  text.shapes.insert(text.shapes.begin() + half, kPositions - positions, tokenize::WordShape{});
  return text;
}

// Words that are all about as frequent, however long the text, so that two warps hold and damp no row but as one alone
// would.
std::vector<std::int64_t> CountWords(const CheckText& text) {
  constexpr std::int64_t kElsewhere = 8;
  std::vector<std::int64_t> counts(kWords, kElsewhere);
  for (const corpora::WordId word : text.stream) {
    if (corpora::IsWord(word)) ++counts[corpora::Index(word)];
  }
  return counts;
}

void Fill(Matrix<float>& table, PhiloxStream& random) {
  const float scale = 1 / std::sqrt(static_cast<float>(table.cols()));
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (float& value : table.row(i)) value = scale * (UniformFloat(random()) - 0.5f);
  }
}

// Both of them random, so that every gradient is there from the first step.
absl::StatusOr<EmbeddingTables> RandomTables(const TrainOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const InputLayout layout, MakeInputLayout(kWords, options.window, options.extended_inputs));
  CONEC_ASSIGN_OR_RETURN(EmbeddingTables tables, InitializeTables(layout, options.dim, 1));
  PhiloxStream random(2, kStream);
  Fill(tables.input, random);
  Fill(tables.output, random);
  return tables;
}

struct Trained {
  EmbeddingTables tables;
  RangeResult result;
};

absl::StatusOr<Trained> TrainOnce(const TrainOptions& options, const TrainingCorpus& corpus,
                                  const MakeTrainerFn& make) {
  Trained trained;
  CONEC_ASSIGN_OR_RETURN(trained.tables, RandomTables(options));
  CONEC_ASSIGN_OR_RETURN(const auto trainer, make(options, corpus, trained.tables));
  CONEC_ASSIGN_OR_RETURN(trained.result, trainer->TrainBlocks(0, 0, Schedule(options, corpus.stream).size()));
  CONEC_RETURN_IF_ERROR(trainer->Synchronize());
  return trained;
}

double SquaredDistance(const Matrix<float>& a, const Matrix<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.cols(); ++j) {
      const double difference = double{a.row(i)[j]} - double{b.row(i)[j]};
      sum += difference * difference;
    }
  }
  return sum;
}

// How far a table is from where the reference has moved it, as a share of that way. NaN if anything is.
double Error(const Matrix<float>& table, const Matrix<float>& reference, const Matrix<float>& begin) {
  return std::sqrt(SquaredDistance(table, reference) / SquaredDistance(reference, begin));
}

absl::Status Compare(const TrainOptions& options, const Trained& device, const Trained& reference, double tolerance) {
  CONEC_ASSIGN_OR_RETURN(const EmbeddingTables begin, RandomTables(options));
  const double w1 = Error(device.tables.input, reference.tables.input, begin.input);
  const double w2 = Error(device.tables.output, reference.tables.output, begin.output);
  const double loss = std::abs(device.result.loss_sum / reference.result.loss_sum - 1);
  if (device.result.trained_words == reference.result.trained_words && w1 <= tolerance && w2 <= tolerance &&
      loss <= 1e-3) {
    return absl::OkStatus();
  }
  return WrongDevice(fmt::format(
      "of a small test with {} warp(s) it trained {} of {} words, the loss is off by {:.2g} %, what was learnt by "
      "{:.2g} % (W1) and {:.2g} % (W2)",
      options.gpu_warps, device.result.trained_words, reference.result.trained_words, 100 * loss, 100 * w1, 100 * w2));
}

absl::Status CheckOnce(const TrainOptions& options, const TrainingCorpus& corpus, const MakeTrainerFn& make,
                       double tolerance) {
  CONEC_ASSIGN_OR_RETURN(const Trained device, TrainOnce(options, corpus, make));
  CONEC_ASSIGN_OR_RETURN(const Trained reference, TrainOnce(options, corpus, CreateReferenceTrainer));
  return Compare(options, device, reference, tolerance);
}

}  // namespace

absl::Status CheckAgainstReference(const TrainOptions& options, const MakeTrainerFn& make) {
  const CheckText text = MakeTwoBlocks(Positions(options));
  const std::vector<std::int64_t> counts = CountWords(text);
  const TrainingCorpus corpus = {text.stream, counts, text.shapes};
  TrainOptions small = options;
  small.epochs = 1;
  small.seed = 1;
  small.threads = 1;
  if (options.sample > 0) small.sample = 2e-4;  // which keeps two of five
  small.gpu_warps = 1;
  // Smaller steps where more rows move in each: the test is to be as well-conditioned whatever the options.
  small.learning_rate = (options.update == CbowUpdate::kSum ? 0.1 : 1.0) / RowsOfCentre(options);
  small.final_learning_rate = 1;
  CONEC_RETURN_IF_ERROR(CheckOnce(small, corpus, make, 0.01));
  if (options.gpu_warps == 1) return absl::OkStatus();
  small.gpu_warps = 2;
  // With tiny steps it does not matter that warps do not see each other's at once; all of them have to be there.
  small.learning_rate *= 0.01;
  return CheckOnce(small, corpus, make, 0.05);
}

}  // namespace conec::word2vec
