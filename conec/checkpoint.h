// A training that was interrupted, in a file: what it takes to go on exactly where it stood.
//
// A safetensors file with the metadata
//   format                  "conec-checkpoint"
//   format_version          "1"; changed whenever a training would go on in another way than it began
//   position.*              TrainingPosition
//   training.*, corpus.*    what must be the same when it goes on (TrainingIdentity)
// and the tensors "input_embedding" (all rows of W1) and "output_embedding" (W2). One without its checksum
// (base/safetensors.h) is refused.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/matrix.h"
#include "base/safetensors.h"
#include "base/status.h"
#include "corpora/encoded_corpus.h"
#include "word2vec/options.h"
#include "word2vec/trainer.h"

namespace conec {

// The model that a training goes on from (conec/continuation.h), as far as it decides what comes of it. Both empty:
// there is none.
struct ContinuedModel {
  std::string fingerprint;
  std::string policy;
};

// What makes two trainings the same one: every option of what is drawn and learned, the model that it goes on from, how
// the corpus was encoded, its statistics, and fingerprints of its vocabulary and its stream. Not what only says who
// computes it: the number of threads, the device and how many blocks it trains at once; nor the version of the encoded
// corpus' format.
using TrainingIdentity = std::map<std::string, std::string>;
// Reads the whole corpus.
TrainingIdentity IdentityOf(const word2vec::TrainOptions& options, const corpora::EncodedCorpus& corpus,
                            const ContinuedModel& continued = {});

// kFailedPrecondition naming an option or a value that differs, with both values; options come before what follows from
// them. `saved` is that of the checkpoint.
absl::Status CheckSameTraining(const TrainingIdentity& now, const TrainingIdentity& saved);

// The same for the options of training and the continued model alone, which can be told before there is a corpus.
absl::Status CheckSameOptions(const word2vec::TrainOptions& options, const TrainingIdentity& saved,
                              const ContinuedModel& continued = {});

struct Checkpoint {
  TrainingIdentity identity;
  word2vec::TrainingPosition position;
  MatrixView<const float> input;  // W1, all of its rows
  MatrixView<const float> output;
  std::shared_ptr<const SafetensorsFile> owner;  // of tables that were read from a file
};

// Writes it atomically: the one before stays until the new one is whole and on the disk. kFailedPrecondition if a table
// holds what is not a finite number: such a training has failed, and the checkpoint before is worth more.
absl::Status SaveCheckpoint(const std::string& path, const Checkpoint& checkpoint);

// kNotFound if there is none. kDataLoss for a file that is damaged or something else (every byte is checked),
// kFailedPrecondition for a format version that this build does not know.
absl::StatusOr<Checkpoint> OpenCheckpoint(const std::string& path);

// Copies the tables. kDataLoss if they are of another size, which CheckSameTraining() does not see in a hostile file.
absl::Status RestoreTables(const Checkpoint& checkpoint, word2vec::EmbeddingTables& tables);

// Whether the file at `path` starts like a checkpoint.
bool IsCheckpoint(const std::string& path);

}  // namespace conec
