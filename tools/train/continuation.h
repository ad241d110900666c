// conec-train --continue-from.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "base/status.h"
#include "conec/checkpoint.h"
#include "conec/continuation.h"
#include "conec/model.h"
#include "corpora/encode.h"
#include "tools/cli/program.h"
#include "word2vec/trainer.h"

namespace conec::train {

// The model that training goes on from, if there is one.
class Continuation {
 public:
  void AddOptions(CLI::App& app);
  const std::string& path() const { return path_; }  // empty: a new training

  // Opens the model, if one was named, and takes from it what must be the same: how text is read, the dimensions, the
  // inputs and the context vectors. kInvalidArgument if one of these options was given, or a policy without a model.
  absl::Status Complete(const CLI::App& app, corpora::EncodeOptions& encode, word2vec::TrainOptions& training,
                        ContextOptions& context);

  // What of the model tells one continued training from another; reads all of it.
  ContinuedModel Identity() const;

  // Each of the following does nothing in a new training. Before anything else: whether the model passes its self-test,
  // if it has one, since what is wrong in it would be in the next one, whose self-test takes it for right. Reads all of
  // it. A self-test of a version that this program does not know is only told.
  absl::Status Verify(const cli::Program& program) const;
  // Before training:
  absl::Status CheckCorpus(const corpora::EncodedCorpus& corpus) const;
  absl::Status Begin(const corpora::EncodedCorpus& corpus, const word2vec::InputLayout& layout,
                     word2vec::EmbeddingTables& tables) const;
  // After it: the words with the counts that the model gets.
  absl::StatusOr<corpora::Vocabulary> Vocabulary(const corpora::EncodedCorpus& corpus) const;
  corpora::CorpusStatistics Statistics(const corpora::CorpusStatistics& now) const;
  // After the context pass.
  absl::StatusOr<Model> AddOldContext(Model continued, const corpora::EncodedCorpus& corpus) const;

 private:
  bool keeps_words() const { return model_.has_value() && policy_ != VocabularyPolicy::kNew; }

  std::string path_;
  std::string policy_name_ = "union";
  VocabularyPolicy policy_ = VocabularyPolicy::kUnion;
  std::optional<Model> model_;
};

}  // namespace conec::train
