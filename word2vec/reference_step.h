// One step of CBOW with negative sampling in double precision: what every other implementation is measured against.
#pragma once

#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "word2vec/options.h"

namespace conec::word2vec {

struct ReferenceStep {
  std::uint32_t target = 0;
  std::vector<std::uint32_t> context;    // rows of W1 (words and extended inputs), at least one; repetitions count
  std::vector<std::uint32_t> negatives;  // rows of W2, none equal to target, repetitions count
};

// -log s(h.W2[w]) - sum_j log s(-h.W2[n_j]) with h the mean (or, for kSum, the sum) of the context rows. Natural
// logarithm. input: InputRows() x d, output: V x d.
double ReferenceLoss(const ReferenceStep& step, CbowUpdate update, MatrixView<const double> input,
                     MatrixView<const double> output);

// One update with learning rate `rate`; returns the loss before it. For kMean and kSum it is exactly -rate times the
// gradient of ReferenceLoss; for kWord2vec the context rows get |C| times that.
double ApplyReferenceStep(const ReferenceStep& step, CbowUpdate update, double rate, MatrixView<double> input,
                          MatrixView<double> output);

}  // namespace conec::word2vec
