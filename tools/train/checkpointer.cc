#include "tools/train/checkpointer.h"

#include <unistd.h>

#include <filesystem>

namespace conec::train {
namespace {

bool IsThere(const std::string& path) {
  std::error_code ignored;
  return !path.empty() && std::filesystem::exists(path, ignored);
}

bool SamePlace(const word2vec::TrainingPosition& a, const word2vec::TrainingPosition& b) {
  return a.epoch == b.epoch && a.block == b.block;
}

}  // namespace

absl::Status Checkpointer::Open(const word2vec::TrainOptions& training) {
  if (!IsThere(options_.path)) {
    if (options_.resume) program_.Tell("note: there is no '{}' to resume: training begins anew", options_.path);
    return absl::OkStatus();
  }
  if (!options_.resume) {
    if (!IsCheckpoint(options_.path)) {
      return InvalidArgument("'{}', where an interrupted training would be kept, is no checkpoint: move it away",
                             options_.path);
    }
    program_.Tell("note: '{}' holds an interrupted training; --resume would go on with it, this run replaces it",
                  options_.path);
    return absl::OkStatus();
  }
  CONEC_ASSIGN_OR_RETURN(opened_, OpenCheckpoint(options_.path));
  return Annotate(CheckSameOptions(training, opened_->identity, continued_), fmt::format("'{}'", options_.path));
}

bool Checkpointer::IsCorpusOf(const word2vec::TrainOptions& training, const corpora::EncodedCorpus& corpus) const {
  return opened_ && CheckSameTraining(IdentityOf(training, corpus, continued_), opened_->identity).ok();
}

absl::StatusOr<word2vec::TrainingPosition> Checkpointer::Begin(const word2vec::TrainOptions& training,
                                                               const corpora::EncodedCorpus& corpus,
                                                               word2vec::EmbeddingTables& tables) {
  training_ = &training;
  corpus_ = &corpus;
  input_ = tables.input.view();
  output_ = tables.output.view();
  since_save_ = {};
  if (!opened_) return position_;
  identity_ = IdentityOf(training, corpus, continued_);
  absl::Status fits = CheckSameTraining(identity_, opened_->identity);
  if (fits.ok()) fits = RestoreTables(*opened_, tables);
  CONEC_RETURN_IF_ERROR(Annotate(fits, fmt::format("'{}'", options_.path)));
  position_ = opened_->position;
  saved_ = position_;
  opened_.reset();  // its pages are not needed any more
  program_.Tell("resuming {}: epoch {} of {}", options_.path, std::min(position_.epoch + 1, training.epochs),
                training.epochs);
  return position_;
}

bool Checkpointer::IsDue() const {
  if (options_.path.empty() || options_.every_minutes <= 0) return false;
  return position_.epoch == training_->epochs || since_save_.Seconds() >= 60 * options_.every_minutes;
}

absl::Status Checkpointer::Write() {
  if (saved_ && SamePlace(*saved_, position_)) return absl::OkStatus();
  if (identity_.empty()) identity_ = IdentityOf(*training_, *corpus_, continued_);
  CONEC_RETURN_IF_ERROR(SaveCheckpoint(options_.path, {identity_, position_, input_, output_, nullptr}));
  saved_ = position_;
  return absl::OkStatus();
}

void Checkpointer::Save() {
  const absl::Status written = Write();
  since_save_ = {};
  if (written.ok()) return;
  progress_.Break();
  program_.Tell("note: no checkpoint could be written{}: {}", saved_ ? ", the one before is kept" : "",
                std::string(written.message()));
}

void Checkpointer::SaveAndTell() {
  if (options_.path.empty() || training_ == nullptr) return;
  Save();
  if (!saved_) return;
  progress_.Break();
  program_.Tell("checkpoint: {} (epoch {} of {}); the same command with --resume goes on from there", options_.path,
                std::min(saved_->epoch + 1, training_->epochs), training_->epochs);
}

absl::Status Checkpointer::Annotated(const absl::Status& error) const {
  if (!saved_ || absl::IsCancelled(error)) return error;
  return absl::Status(error.code(), fmt::format("{} ('{}' holds the training as it stood in epoch {})",
                                                std::string(error.message()), options_.path, saved_->epoch + 1));
}

void Checkpointer::Remove() {
  if (IsCheckpoint(options_.path)) unlink(options_.path.c_str());
}

}  // namespace conec::train
