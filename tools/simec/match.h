// How well what was trained meets its target: what simec fit tells after training.
#pragma once

#include "base/status.h"
#include "simec_core/model.h"
#include "simec_core/rows.h"
#include "tools/cli/document.h"
#include "tools/cli/program.h"

namespace conec::simec {

// Means over the observed entries of the target.
struct TargetMatch {
  double target = 0;       // of their squares
  double predictions = 0;  // of squared differences of Y W_l
  double embeddings = 0;   // of squared differences of Y Y_n', where Y_n are the embeddings of the n targets

  // Products of embeddings differ from the target by more than a tenth of its mean square, and more than twice as much
  // as predictions do, or by more than zeros would.
  bool embeddings_are_far() const;
};

// inputs: m points, of which the first n are the targets. targets: m x n x 1; times `scale` they are what the model
// predicts. Works in blocks of rows.
absl::StatusOr<TargetMatch> MatchTarget(const SimEc& model, const InputRows& inputs, const TargetRows& targets,
                                        double scale);

// The numbers, and a note that names the options that help if embeddings are far.
void TellMatch(const cli::Program& program, const TargetMatch& match);
void AddMatch(const TargetMatch& match, cli::Json& json);

}  // namespace conec::simec
