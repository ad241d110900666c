// CBOW with negative sampling behind one interface: the double-precision reference, CPU threads, and (in CUDA builds)
// the GPU.
//
// For a centre word w at position p: radius b ~ U{1..window}; C(p) are the words at distance 1..b in the same segment;
// h is the mean (or sum) of their rows of W1; with extended inputs other rows are in it, too, and get the same share of
// the gradient (word2vec/input_layout.h). Noise words n_1..n_k ~ count^0.75, redrawn when equal to w. Loss -log
// s(h.W2[w]) - sum_j log s(-h.W2[n_j]). With shared_negatives > 1 centres near each other have the same noise words,
// and one that equals a target is left out there, not redrawn. Every draw is a pure function of (seed, epoch, position,
// index) (word2vec/draws.h), the learning rate of (epoch, position): all trainers and all thread counts see the same;
// only the order of updates differs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/matrix.h"
#include "base/status.h"
#include "corpora/word_id.h"
#include "word2vec/options.h"

namespace conec::word2vec {

// W1 (InputRows() x d: one row per word, with extended inputs more; see input_layout.h) and W2 (V x d). Row i < V
// belongs to WordId{i}.
struct EmbeddingTables {
  Matrix<float> input;
  Matrix<float> output;
};

// W1 uniform in [-1/(2d), 1/(2d)) from `seed`, W2 zero, as in word2vec.c. Independent of threads.
absl::StatusOr<EmbeddingTables> InitializeTables(std::size_t vocabulary_size, int dim, std::uint64_t seed);
// With the additional rows of `layout`; the words' rows and W2 are the same as without.
absl::StatusOr<EmbeddingTables> InitializeTables(const InputLayout& layout, int dim, std::uint64_t seed);

// The corpus as a trainer sees it; views must outlive the trainer. stream: ids < counts.size() and marks, ends with
// kEndOfDocument. shapes: parallel to stream; needed by extended inputs with shapes only, otherwise not looked at.
struct TrainingCorpus {
  std::span<const corpora::WordId> stream;
  std::span<const std::int64_t> counts;
  std::span<const tokenize::WordShape> shapes = {};
};

struct RangeResult {
  double loss_sum = 0;  // natural log, over the centres trained
  // Centres that had at least one context word. Others are not trained, whatever shapes are seen there: extended inputs
  // train the same centres with the same noise words.
  std::uint64_t trained_words = 0;
};

class Trainer {
 public:
  virtual ~Trainer() = default;
  // Trains every centre of the blocks that stand as numbers [first, last) in the order of pass `epoch` (0-based, see
  // schedule.h), and returns when all are done. last <= Schedule::size().
  virtual absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) = 0;
  // Blocks that TrainBlocks() is best called with at a time: so many that waiting for the last of them is nothing, and
  // so few that there are several reports a second.
  virtual std::size_t RangeBlocks() const { return 512; }
  // Brings the host tables up to date (the GPU's copy back; nothing to do on the CPU).
  virtual absl::Status Synchronize() { return absl::OkStatus(); }
  // What runs, for reports: "cpu, 8 threads, avx512".
  virtual std::string Description() const = 0;
};

// Trainers update `tables` (initialised by the caller, kept alive by it). kInvalidArgument if options, corpus and
// tables do not fit together (all ids and shapes are looked at, once, in parallel). CreateReferenceTrainer computes in
// double precision, one thread, as plainly as the equations: the oracle of the others.
absl::StatusOr<std::unique_ptr<Trainer>> CreateReferenceTrainer(const TrainOptions& options,
                                                                const TrainingCorpus& corpus, EmbeddingTables& tables);
// Threads and the SIMD level of ActiveSimdLevel(). One thread: bit-identical from run to run.
absl::StatusOr<std::unique_ptr<Trainer>> CreateCpuTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                          EmbeddingTables& tables);
// On the GPU that FindCudaDevice() names (base/device.h), options.gpu_warps centres at a time; `tables` are up to date
// after Synchronize(). gpu_warps = 1: in the order of the reference, bit-identical from run to run. Also kUnavailable:
// no GPU, more than 1024 dimensions, or device_check.h finds it wrong; kResourceExhausted: tables too large for it.
absl::StatusOr<std::unique_ptr<Trainer>> CreateCudaTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                           EmbeddingTables& tables);

// Where training stands between two ranges of blocks, and what came before: with the tables all that it takes to go on.
struct TrainingPosition {
  int epoch = 0;                    // 0-based; TrainOptions::epochs when all is done
  std::size_t block = 0;            // of that epoch, in the order of the schedule: the first that is not trained
  RangeResult of_epoch = {};        // of the blocks before it
  std::uint64_t trained_words = 0;  // in the epochs before
  double loss = 0;                  // mean per trained word over the epoch before
  double seconds = 0;               // spent on training
};

struct TrainingProgress {
  int epoch = 0;        // 0-based
  double fraction = 0;  // of all epochs, in [0, 1]
  double learning_rate = 0;
  double loss = 0;              // mean per trained word since the previous call
  double words_per_second = 0;  // stream words passed over per second since this call of Train() began
  TrainingPosition position;    // Synchronize() before the tables are read
};
// Called between ranges (several times a second to once a second); returning false stops with kCancelled.
using TrainingProgressFn = std::function<bool(const TrainingProgress&)>;

struct TrainingSummary {
  double seconds = 0;
  double loss = 0;                  // mean per trained word over the last epoch
  std::uint64_t trained_words = 0;  // over all epochs
};

// Runs all epochs, or what is left of them `from` a position on: the trainer's tables must be those of that position.
// One thread gives the same bits however often training was interrupted. kInvalidArgument for a position that the
// schedule does not have. A loss that is not finite stops with kFailedPrecondition (epoch, position, learning rate,
// what to lower).
absl::StatusOr<TrainingSummary> Train(Trainer& trainer, const TrainOptions& options, const TrainingCorpus& corpus,
                                      const TrainingProgressFn& progress = nullptr, const TrainingPosition& from = {});

}  // namespace conec::word2vec
