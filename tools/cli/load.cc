#include "tools/cli/load.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "conec/document_tokenizer.h"
#include "conec/self_test.h"

namespace conec::cli {
namespace {

struct KindName {
  VectorKind kind;
  std::string_view name;
};
constexpr KindName kKindNames[] = {
    {VectorKind::kWord2vec, "word2vec"}, {VectorKind::kConec, "conec"}, {VectorKind::kOutput, "output"}};

}  // namespace

absl::StatusOr<LoadedModel> LoadModel(const std::string& path, int threads) {
  word2vec::LoadOptions options;
  options.threads = threads;
  return LoadModel(path, options);
}

absl::StatusOr<LoadedModel> LoadModel(const std::string& path, const word2vec::LoadOptions& options) {
  LoadedModel loaded;
  if (Model::IsModelFile(path)) {
    CONEC_ASSIGN_OR_RETURN(loaded.model, Model::Open(path));
    return loaded;
  }
  CONEC_ASSIGN_OR_RETURN(const word2vec::WordVectors vectors, word2vec::LoadWordVectors(path, options));
  CONEC_ASSIGN_OR_RETURN(loaded.model, Model::FromWordVectors(vectors));
  loaded.is_plain = true;
  return loaded;
}

void AddVerifyOption(CLI::App& app, bool& verify) {
  app.add_flag("--verify", verify,
               "replay the model's self-test first: that all of its tables and options are as they were written, and "
               "that this program makes the same vectors of a small document");
}

absl::Status VerifyModel(const LoadedModel& loaded, const std::string& path) {
  if (loaded.is_plain)
    return FailedPrecondition("--verify: '{}' is no model of conec-train, which has a self-test", path);
  const absl::Status verified = Verify(loaded.model);
  if (!absl::IsNotFound(verified)) return Annotate(verified, fmt::format("'{}'", path));
  return FailedPrecondition(
      "--verify: '{}' has no self-test: conec-train wrote it before there were any, conec-convert left it out "
      "(--no-verify, --allow-non-finite), or another program wrote it; nothing can be said without one",
      path);
}

absl::StatusOr<tokenize::TokenizerOptions> ChooseTokenizer(const LoadedModel& loaded) {
  return loaded.is_plain ? DocumentTokenizer(loaded.model.vocabulary) : DocumentTokenizer(loaded.model);
}

absl::StatusOr<tokenize::TokenizerOptions> ChooseTokenizer(const CLI::App& app, const tokenize::TokenizerOptions& given,
                                                           const LoadedModel& loaded) {
  for (const char* name : {"--tokenizer", "--normalization", "--no-fold-case", "--fold-digits", "--keep-punctuation",
                           "--segments", "--join-lines", "--line-token", "--locale"}) {
    if (app.get_option(name)->count() > 0) return given;
  }
  return ChooseTokenizer(loaded);
}

std::string_view Name(VectorKind kind) {
  return std::find_if(std::begin(kKindNames), std::end(kKindNames),
                      [kind](const KindName& k) { return k.kind == kind; })
      ->name;
}

absl::StatusOr<VectorKind> ParseVectorKind(std::string_view name) {
  for (const KindName& candidate : kKindNames) {
    if (candidate.name == name) return candidate.kind;
  }
  return InvalidArgument("'{}' is none of word2vec, conec, output", name);
}

absl::StatusOr<word2vec::WordVectors> SelectVectors(const LoadedModel& loaded, VectorKind kind,
                                                    const ConecVectorOptions& options) {
  const Model& model = loaded.model;
  if (kind == VectorKind::kWord2vec) return Word2vecVectors(model);
  if (kind == VectorKind::kConec) {
    if (model.global_context.empty()) {
      return InvalidArgument("--vectors conec: the model has no global context vectors; use --vectors word2vec");
    }
    if (options.output_weight != 0 && model.output.empty()) {
      return InvalidArgument("--output-weight: the model has no output table; leave it out");
    }
    return ConecVectors(model, options);
  }
  if (model.output.empty()) return InvalidArgument("--vectors output: the model has no output table");
  return word2vec::WordVectors{model.vocabulary, model.output, model.owner};
}

}  // namespace conec::cli
