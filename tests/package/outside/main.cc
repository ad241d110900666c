// Trains vectors for a few words with the installed libraries.
#include <cstdio>
#include <vector>

#include "corpora/word_id.h"
#include "word2vec/trainer.h"

namespace {

absl::Status TrainAFewWords() {
  using conec::corpora::WordId;
  constexpr std::uint32_t kWords = 4;
  std::vector<WordId> stream;
  std::vector<std::int64_t> counts(kWords, 100);
  for (std::uint32_t i = 0; i < 100 * kWords; ++i) stream.push_back(WordId{i % kWords});
  stream.push_back(conec::corpora::kEndOfDocument);

  conec::word2vec::TrainOptions options;
  options.dim = 8;
  options.epochs = 3;
  options.threads = 1;
  CONEC_ASSIGN_OR_RETURN(auto tables, conec::word2vec::InitializeTables(kWords, options.dim, options.seed));
  const conec::word2vec::TrainingCorpus corpus{stream, counts};
  CONEC_ASSIGN_OR_RETURN(const auto trainer, conec::word2vec::CreateCpuTrainer(options, corpus, tables));
  CONEC_ASSIGN_OR_RETURN(const auto summary, conec::word2vec::Train(*trainer, options, corpus));
  if (summary.trained_words != 300 * kWords) return conec::Internal("trained {} words", summary.trained_words);
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = TrainAFewWords();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
