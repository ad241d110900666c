// How word2vec is trained. The comments here are the documentation of the command-line options.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "word2vec/input_layout.h"

namespace conec::word2vec {

// The three published CBOW updates. C: the context rows of one centre, h: the hidden layer, e: minus the gradient of
// the loss with respect to h.
enum class CbowUpdate {
  kMean,      // h = mean of C; each row of C gets e / |C|: the true gradient (Irsoy et al. 2021)
  kWord2vec,  // h = mean of C; each row of C gets e: word2vec.c, gensim cbow_mean=1
  kSum,       // h = sum of C; each row of C gets e: the true gradient of the sum; the ConEc paper's own code
};

struct TrainOptions {
  int dim = 200;             // dimensions of the vectors
  int window = 5;            // largest distance of a context word; each centre draws its radius from 1..window
  int negatives = 13;        // noise words per centre
  int shared_negatives = 1;  // centres that share their noise words (draws.h says which); 1: each has its own
  int epochs = 10;           // passes over the corpus
  double learning_rate = 0;  // at the start; 0: DefaultLearningRate(update, shared_negatives)
  double final_learning_rate =
      1e-4;           // at the end, as a fraction of the start; decays linearly with the position in the corpus
  double sample = 0;  // subsampling threshold t of frequent words, e.g. 1e-3; 0: none
  double noise_exponent = 0.75;               // noise words are drawn from count^exponent
  CbowUpdate update = CbowUpdate::kWord2vec;  // which of the three; see README.md of this folder for how they compare
  ExtendedInputs extended_inputs = {};        // what the hidden layer sees besides the context words (input_layout.h)
  bool shuffle = true;  // every epoch passes over the corpus in a random order of its own (word2vec/schedule.h)
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all cores
  // The same result, bit for bit, for any number of threads at one SIMD level (word2vec/deterministic_trainer.h).
  bool deterministic = false;
  // Centres that a GPU trains at the same time, one per warp; 0: as many as the corpus bears; 1: one after the other,
  // as one thread would.
  int gpu_warps = 0;
};

// The rate that gave the best vectors with each update rule. Centres that share noise words can be a little faster.
double DefaultLearningRate(CbowUpdate update, int shared_negatives);

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const TrainOptions& options);

std::string_view Name(CbowUpdate update);  // "mean", "word2vec", "sum"
absl::StatusOr<CbowUpdate> ParseCbowUpdate(std::string_view name);

// As the command line and the model file spell them: "direction,shape,context-shapes" or some of these in this order,
// "none" for none of them. Parsing takes any order, repetitions, and "" for none.
std::string Name(const ExtendedInputs& inputs);
absl::StatusOr<ExtendedInputs> ParseExtendedInputs(std::string_view names);

// kInvalidArgument if there are 2^31 rows or more, or the window is not 1 .. 1000.
absl::StatusOr<InputLayout> MakeInputLayout(std::size_t vocabulary_size, int window, const ExtendedInputs& inputs);

}  // namespace conec::word2vec
