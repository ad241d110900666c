// conec-sample-corpus: generates the sample corpus with its ground truth.
#include "corpora/sample_corpus.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/text.h"

namespace conec::sample_corpus {
namespace {

int Main(int argc, char** argv) {
  corpora::SampleCorpusOptions options;
  std::string folder;
  bool force = false;
  cli::Program program(
      {.name = "conec-sample-corpus",
       .description = "Generates English-like text whose meaning is known: training text, held-out documents with new "
                      "and with ambiguous words, analogy questions, and the ground truth as JSON.",
       .examples = "conec-sample-corpus --output sample\n"
                   "conec-train --input sample/text.txt --input-format paragraph --output sample.model"});
  program.app().add_option("--output", folder, "folder to write into; created if needed")->required();
  program.app()
      .add_option("--seed", options.seed, "equal seeds give equal files on every machine")
      ->check(cli::NotNegative());
  program.app().add_option("--words", options.words, "words of training text")->check(cli::NotNegative());
  program.app().add_flag("--force", force, "replace files of other origin in that folder");
  const auto check = [&]() -> absl::Status {
    CONEC_RETURN_IF_ERROR(corpora::CheckSampleCorpusOptions(options));
    if (force) return absl::OkStatus();
    return Annotate(corpora::CheckSampleCorpusFolder(folder), "--output (--force replaces it)");
  };
  return program.Run(argc, argv, check, [&]() -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(const corpora::SampleCorpus corpus, corpora::WriteSampleCorpus(options, folder));
    program.Tell("{}: {} words in {} documents, {} held-out documents", folder, cli::WithThousands(corpus.words),
                 cli::WithThousands(corpus.documents.size()), corpus.held_out.size());
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace conec::sample_corpus

int main(int argc, char** argv) {
  return conec::sample_corpus::Main(argc, argv);
}
