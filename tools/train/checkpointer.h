// Checkpoints of a run of conec-train: when they are written, and what is said about them.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/status.h"
#include "conec/checkpoint.h"
#include "corpora/encoded_corpus.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "word2vec/trainer.h"

namespace conec::train {

struct CheckpointOptions {
  bool resume = false;       // go on with the training that was interrupted
  double every_minutes = 0;  // of training; 0: only when it is stopped
  std::string path;          // empty: no checkpoints
};

class Checkpointer {
 public:
  // The references stay in use.
  Checkpointer(const CheckpointOptions& options, ContinuedModel continued, const cli::Program& program,
               cli::Progress& progress)
      : options_(options), continued_(std::move(continued)), program_(program), progress_(progress) {}

  // Opens what --resume goes on with; without one training begins anew, which is said. kFailedPrecondition if it was
  // begun with other options of training or from another model, which shows before hours of encoding. Without --resume:
  // an older one is said to be there. kInvalidArgument for a file in the way that is no checkpoint.
  absl::Status Open(const word2vec::TrainOptions& training);
  // Whether `corpus` is that of the opened checkpoint.
  bool IsCorpusOf(const word2vec::TrainOptions& training, const corpora::EncodedCorpus& corpus) const;
  bool resumes() const { return opened_.has_value(); }

  // Before training begins: `tables` become those of the opened checkpoint, if there is one, and its position is
  // returned. kFailedPrecondition if options or corpus are other ones. `corpus` and `tables` must outlive Save().
  absl::StatusOr<word2vec::TrainingPosition> Begin(const word2vec::TrainOptions& training,
                                                   const corpora::EncodedCorpus& corpus,
                                                   word2vec::EmbeddingTables& tables);
  // Training stands at `position`. Says whether Save() is due, in the end and whenever stopping.
  void MoveTo(const word2vec::TrainingPosition& position) { position_ = position; }
  bool IsDue() const;
  // Writes one, unless there is one of this position. An error is said, and no reason to stop: the one before is kept.
  void Save();
  // The same for good, since the program is about to end; says how to go on.
  void SaveAndTell();
  // An error of training, which names the last checkpoint.
  absl::Status Annotated(const absl::Status& error) const;
  // The model is complete: nothing is left to go on with.
  void Remove();

 private:
  absl::Status Write();

  const CheckpointOptions& options_;
  const ContinuedModel continued_;
  const cli::Program& program_;
  cli::Progress& progress_;
  std::optional<Checkpoint> opened_;

  const word2vec::TrainOptions* training_ = nullptr;
  const corpora::EncodedCorpus* corpus_ = nullptr;
  MatrixView<const float> input_, output_;
  TrainingIdentity identity_;  // empty until it is needed
  word2vec::TrainingPosition position_;
  std::optional<word2vec::TrainingPosition> saved_;  // what the file holds
  cli::Stopwatch since_save_;
};

}  // namespace conec::train
