#include "tools/train/continuation.h"

#include <utility>

#include "conec/self_test.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/text.h"

namespace conec::train {

void Continuation::AddOptions(CLI::App& app) {
  app.add_option("--continue-from", path_,
                 "go on training this model, which is left as it is, on new text; how text is read, the dimensions, "
                 "the inputs, the context vectors and, unless it is given, --window are the model's")
      ->type_name("MODEL");
  cli::AddOneOf(app, "--vocabulary-policy", policy_name_, "old|new|union",
                "with --continue-from, the words: those of the model, those of the new text, or all of them");
}

absl::Status Continuation::Complete(const CLI::App& app, corpora::EncodeOptions& encode,
                                    word2vec::TrainOptions& training, ContextOptions& context) {
  if (path_.empty()) return cli::CheckNotGiven(app, {"--vocabulary-policy"}, "needs --continue-from");
  CONEC_RETURN_IF_ERROR(
      cli::CheckNotGiven(app,
                         {"--tokenizer", "--normalization", "--no-fold-case", "--fold-digits", "--keep-punctuation",
                          "--segments", "--join-lines", "--line-token", "--locale", "--keep-gaps", "--dim",
                          "--extended-inputs", "--context-window", "--context-weighting", "--context-scaling",
                          "--no-unit-rows", "--context-sif", "--feature-weight", "--context-exclude-target"},
                         fmt::format("cannot be given with --continue-from: it is as in '{}'", path_)));
  CONEC_ASSIGN_OR_RETURN(policy_, ParseVocabularyPolicy(policy_name_));
  CONEC_ASSIGN_OR_RETURN(model_, Model::Open(path_));
  CONEC_RETURN_IF_ERROR(Annotate(model_->vocabulary.Validate(), fmt::format("'{}'", path_)));
  CONEC_RETURN_IF_ERROR(Annotate(CheckContinuable(*model_, policy_), fmt::format("'{}'", path_)));
  const ModelInfo& info = model_->info;
  encode.tokenizer = info.tokenizer;
  encode.keep_gaps = info.keep_gaps;
  training.dim = static_cast<int>(model_->dim());
  training.extended_inputs = model_->layout.inputs;
  context = info.context;
  if (info.training && app.get_option("--window")->count() == 0) training.window = info.training->window;
  SetVocabulary(*model_, policy_, encode);
  return absl::OkStatus();
}

absl::Status Continuation::Verify(const cli::Program& program) const {
  if (!model_ || !HasSelfTest(*model_)) return absl::OkStatus();
  const absl::Status verified = cli::VerifyModel({*model_}, path_);
  if (verified.ok()) return verified;
  const std::string why(verified.message());
  if (!absl::IsFailedPrecondition(verified)) {
    return DataLoss("{}; conec-convert --no-verify --to model saves what is left of it", why);
  }
  program.Tell("note: {}; it is taken as it is", why);
  return absl::OkStatus();
}

ContinuedModel Continuation::Identity() const {
  if (!model_) return {};
  return {FingerprintOf(*model_), std::string(Name(policy_))};
}

absl::Status Continuation::CheckCorpus(const corpora::EncodedCorpus& corpus) const {
  return model_ ? CheckSameText(*model_, policy_, corpus) : absl::OkStatus();
}

absl::Status Continuation::Begin(const corpora::EncodedCorpus& corpus, const word2vec::InputLayout& layout,
                                 word2vec::EmbeddingTables& tables) const {
  if (!model_) return absl::OkStatus();
  return Annotate(ContinueTables(*model_, corpus.vocabulary(), layout, tables), fmt::format("'{}'", path_));
}

absl::StatusOr<corpora::Vocabulary> Continuation::Vocabulary(const corpora::EncodedCorpus& corpus) const {
  if (!keeps_words()) return corpus.vocabulary();
  return WithCountsOf(*model_, corpus.vocabulary());
}

corpora::CorpusStatistics Continuation::Statistics(const corpora::CorpusStatistics& now) const {
  return keeps_words() ? Sum(model_->info.corpus, now) : now;
}

absl::StatusOr<Model> Continuation::AddOldContext(Model continued, const corpora::EncodedCorpus& corpus) const {
  if (!keeps_words()) return continued;
  return WithContextOf(*model_, std::move(continued), corpus.vocabulary());
}

}  // namespace conec::train
