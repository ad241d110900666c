// A similarity of points, and encoders that learn it from some of its columns: what most experiments do.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "simec_core/features.h"
#include "simec_core/similarity.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"

namespace conec::simec::experiments {

// m x m in the type of x.
absl::StatusOr<at::Tensor> CentredSimilarity(const SimilarityOptions& options, const Features& x);
// 1 where labels (int64) are equal, else 0, centred; float64.
absl::StatusOr<at::Tensor> CentredClassSimilarity(const at::Tensor& labels);

// Trains a float32 encoder on the first n columns of s (m x m, NaN is missing), with S_ll the first n rows of these if
// the objective wants it. x: m points; others: points to embed as well. float64 is converted.
absl::StatusOr<Encoded> TrainOnFirst(const Run& run, const Settings& settings, const Features& x, const at::Tensor& s,
                                     std::int64_t n, const std::vector<Features>& others = {});

// Points of the first two columns of y, coloured; an empty panel besides.
void PlotEmbedding(Run& run, const std::string& title, const at::Tensor& y, const at::Tensor& colours);

}  // namespace conec::simec::experiments
