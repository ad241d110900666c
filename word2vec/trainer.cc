#include "word2vec/trainer.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/random.h"
#include "corpora/segments.h"
#include "word2vec/centres.h"
#include "word2vec/distributions.h"
#include "word2vec/input_layout.h"
#include "word2vec/schedule.h"

namespace conec::word2vec {
namespace {

// Streams of draws under one seed: training uses counters whose third word is the epoch, below this and below that of
// schedule.h.
constexpr std::uint32_t kInitialStream = 0xFFFFFFFFu;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

absl::StatusOr<EmbeddingTables> MakeTables(std::size_t input_rows, std::size_t output_rows, int dim,
                                           std::uint64_t seed) {
  if (dim < 1) return InvalidArgument("--dim is {}: expected at least 1", dim);
  EmbeddingTables tables;
  const auto d = static_cast<std::size_t>(dim);
  CONEC_ASSIGN_OR_RETURN(tables.input, Matrix<float>::Create(input_rows, d));
  CONEC_ASSIGN_OR_RETURN(tables.output, Matrix<float>::Create(output_rows, d));
  const PhiloxKey key = MakePhiloxKey(seed);
  for (std::size_t i = 0; i < input_rows; ++i) {
    const std::span<float> row = tables.input.row(i);
    for (std::size_t j = 0; j < d; j += 4) {
      const PhiloxBlock block = DrawBlock(key, kInitialStream, i, static_cast<std::uint32_t>(j / 4));
      for (std::size_t lane = 0; lane < std::min<std::size_t>(4, d - j); ++lane) {
        row[j + lane] = (UniformFloat(block.word[lane]) - 0.5f) / static_cast<float>(dim);
      }
    }
  }
  return tables;
}

int ThreadCount(const TrainOptions& options) {
  return options.threads > 0 ? options.threads : omp_get_num_procs();
}

// Branch-free in the inner loop, so that it runs at the speed of memory.
bool AllWordsAreKnown(std::span<const corpora::WordId> stream, std::size_t words, int threads) {
  constexpr std::uint32_t kFirstMark = corpora::Index(corpora::kGap);
  const auto size = static_cast<std::int64_t>(stream.size());
  const auto known = static_cast<std::uint32_t>(words);
  unsigned bad = 0;
#pragma omp parallel for num_threads(threads) reduction(| : bad)
  for (std::int64_t i = 0; i < size; ++i) {
    const std::uint32_t id = corpora::Index(stream[static_cast<std::size_t>(i)]);
    bad |= static_cast<unsigned>(id >= known) & static_cast<unsigned>(id < kFirstMark);
  }
  return bad == 0;
}

bool AllShapesAreKnown(std::span<const tokenize::WordShape> shapes, int threads) {
  const auto size = static_cast<std::int64_t>(shapes.size());
  unsigned seen = 0;
#pragma omp parallel for num_threads(threads) reduction(| : seen)
  for (std::int64_t i = 0; i < size; ++i) seen |= static_cast<unsigned>(shapes[static_cast<std::size_t>(i)]);
  static_assert((tokenize::kWordShapes & (tokenize::kWordShapes - 1)) == 0);
  return seen < tokenize::kWordShapes;
}

// A shape that there is; `known` becomes false if it is another one.
tokenize::WordShape ExistingShape(const tokenize::WordShape& shape, bool& known) {
  const auto found = static_cast<std::size_t>(corpora::ReadOnce(shape));
  known &= found < tokenize::kWordShapes;
  return static_cast<tokenize::WordShape>(found % tokenize::kWordShapes);
}

absl::Status CheckTable(std::string_view name, const Matrix<float>& table, std::size_t rows, int dim) {
  if (table.rows() == rows && table.cols() == static_cast<std::size_t>(dim)) return absl::OkStatus();
  return InvalidArgument("the {} table is {} x {}, expected {} rows x {} dimensions", name, table.rows(), table.cols(),
                         rows, dim);
}

absl::Status CheckShapes(const TrainOptions& options, const TrainingCorpus& corpus) {
  if (!options.extended_inputs.needs_shapes()) return absl::OkStatus();
  if (corpus.shapes.size() != corpus.stream.size()) {
    return InvalidArgument(
        "--extended-inputs {} needs the shapes of words: the corpus has {} for {} positions; encode "
        "it anew with these inputs",
        Name(options.extended_inputs), corpus.shapes.size(), corpus.stream.size());
  }
  if (AllShapesAreKnown(corpus.shapes, ThreadCount(options))) return absl::OkStatus();
  return InvalidArgument("the corpus holds shapes of words that are not among the {} known ones",
                         tokenize::kWordShapes);
}

absl::Status CheckPosition(const TrainingPosition& position, int epochs, std::size_t blocks) {
  const bool is_end = position.epoch == epochs && position.block == 0;
  const bool is_inside =
      position.epoch >= 0 && position.epoch < epochs && position.block < std::max<std::size_t>(blocks, 1);
  if (is_end || is_inside) return absl::OkStatus();
  return InvalidArgument("training cannot go on at block {} of epoch {}: there are {} epochs of {} blocks",
                         position.block, position.epoch, epochs, blocks);
}

double EpochsDone(const TrainingPosition& position, const Schedule& schedule) {
  return position.epoch +
         static_cast<double>(position.block) / static_cast<double>(std::max<std::size_t>(schedule.size(), 1));
}

double MeanLoss(const RangeResult& result) {
  return result.trained_words > 0 ? result.loss_sum / static_cast<double>(result.trained_words) : 0;
}

// Trains the next range and moves `position` behind it. Returns the mean loss per word.
absl::StatusOr<double> TrainRange(Trainer& trainer, const Schedule& schedule, TrainingPosition& position) {
  const std::size_t last = std::min(schedule.size(), position.block + std::max<std::size_t>(trainer.RangeBlocks(), 1));
  CONEC_ASSIGN_OR_RETURN(const RangeResult result, trainer.TrainBlocks(position.epoch, position.block, last));
  position.block = last;
  position.of_epoch.loss_sum += result.loss_sum;
  position.of_epoch.trained_words += result.trained_words;
  if (last == schedule.size()) {
    position.trained_words += position.of_epoch.trained_words;
    position.loss = MeanLoss(position.of_epoch);
    position.of_epoch = {};
    position.block = 0;
    ++position.epoch;
  }
  return MeanLoss(result);
}

}  // namespace

absl::StatusOr<EmbeddingTables> InitializeTables(std::size_t vocabulary_size, int dim, std::uint64_t seed) {
  return MakeTables(vocabulary_size, vocabulary_size, dim, seed);
}

absl::StatusOr<EmbeddingTables> InitializeTables(const InputLayout& layout, int dim, std::uint64_t seed) {
  return MakeTables(InputRows(layout), layout.vocabulary_size, dim, seed);
}

bool CollectCentres(const CentreSource& source, std::size_t begin, std::size_t end, std::uint32_t epoch,
                    Centres* centres) {
  const std::span<const corpora::WordId> stream = source.stream;
  const std::span<const tokenize::WordShape> shapes = source.shapes;
  const std::span<const std::uint32_t> keep = source.keep;
  const PhiloxKey key = source.key;
  const std::size_t words = source.words;
  bool known = true;
  centres->ids.clear();
  centres->positions.clear();
  centres->begins.clear();
  centres->ends.clear();
  centres->shapes.clear();
  corpora::ForEachSegment(stream, begin, end, [&](std::size_t segment_begin, std::size_t segment_end) {
    const std::size_t first = centres->ids.size();
    for (std::size_t position = segment_begin; position < segment_end; ++position) {
      const corpora::WordId found = corpora::ReadOnce(stream[position]);
      const bool is_word = corpora::Index(found) < words;
      const std::uint32_t id = is_word ? corpora::Index(found) : kNoWord;
      known &= is_word || found == corpora::kGap;
      if (is_word && !keep.empty() && keep[id] != kKeepAlways && DrawBlock(key, epoch, position, 0).word[1] >= keep[id])
        continue;
      centres->ids.push_back(id);
      centres->positions.push_back(position);
      if (!shapes.empty()) centres->shapes.push_back(ExistingShape(shapes[position], known));
    }
    centres->begins.resize(centres->ids.size(), static_cast<std::uint32_t>(first));
    centres->ends.resize(centres->ids.size(), static_cast<std::uint32_t>(centres->ids.size()));
  });
  return known;
}

absl::Status CheckTraining(const TrainOptions& options, const TrainingCorpus& corpus, const EmbeddingTables& tables) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  const std::size_t words = corpus.counts.size();
  if (words < 2)
    return InvalidArgument(
        "the vocabulary has {} word(s); negative sampling needs at least 2 (more text, or a lower --min-count)", words);
  if (words >= corpora::kMaxVocabulary)
    return InvalidArgument("the vocabulary has {} words; at most {} fit", words, corpora::kMaxVocabulary);
  CONEC_ASSIGN_OR_RETURN(const InputLayout layout, MakeInputLayout(words, options.window, options.extended_inputs));
  CONEC_RETURN_IF_ERROR(CheckTable("input", tables.input, InputRows(layout), options.dim));
  CONEC_RETURN_IF_ERROR(CheckTable("output", tables.output, words, options.dim));
  if (!corpus.stream.empty() && !corpora::EndsSegment(corpus.stream.back())) {
    return InvalidArgument("the corpus does not end with an end-of-document mark");
  }
  if (!AllWordsAreKnown(corpus.stream, words, ThreadCount(options))) {
    return InvalidArgument("the corpus holds word ids beyond its vocabulary of {} words", words);
  }
  return CheckShapes(options, corpus);
}

absl::StatusOr<TrainingSummary> Train(Trainer& trainer, const TrainOptions& options, const TrainingCorpus& corpus,
                                      const TrainingProgressFn& progress, const TrainingPosition& from) {
  const Schedule schedule(options, corpus.stream);
  CONEC_RETURN_IF_ERROR(CheckPosition(from, options.epochs, schedule.size()));
  const auto start = std::chrono::steady_clock::now();
  TrainingPosition position = from;
  const double begin = EpochsDone(from, schedule);
  while (position.epoch < options.epochs && schedule.size() > 0) {
    const double rate = schedule.LearningRate(position.epoch, position.block);
    const int epoch = position.epoch;
    CONEC_ASSIGN_OR_RETURN(const double loss, TrainRange(trainer, schedule, position));
    const double done = EpochsDone(position, schedule);
    if (!std::isfinite(loss)) {
      return FailedPrecondition(
          "the loss is not finite in epoch {} of {}, after {:.1f} % of all training, at learning rate {:.4g}; lower "
          "--lr (it began at {:.4g})",
          epoch + 1, options.epochs, 100 * done / options.epochs, rate, schedule.LearningRate(0, 0));
    }
    const double seconds = SecondsSince(start);
    position.seconds = from.seconds + seconds;
    if (progress && !progress({.epoch = epoch,
                               .fraction = done / options.epochs,
                               .learning_rate = rate,
                               .loss = loss,
                               .words_per_second =
                                   (done - begin) * static_cast<double>(corpus.stream.size()) / std::max(seconds, 1e-9),
                               .position = position})) {
      return Cancelled("training was stopped in epoch {} of {}", epoch + 1, options.epochs);
    }
  }
  CONEC_RETURN_IF_ERROR(trainer.Synchronize());
  return TrainingSummary{from.seconds + SecondsSince(start), position.loss, position.trained_words};
}

}  // namespace conec::word2vec
