// The options of a tagger on the command line, and its scores: what the subcommands of conec-ner share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "ner/conll.h"
#include "ner/scores.h"
#include "ner/tagger.h"
#include "tools/cli/program.h"

namespace conec::ner {

// What the command line says, before it is put together.
struct TaggerFlags {
  TaggerOptions tagger;
  EmbeddingOptions embedding;  // what all embeddings have in common
  std::vector<std::string> kinds = {"mix"};
  std::string hand = "none";
  std::string per = "document";
  std::string context_segments;
  int context_window = 0;  // 0: as the model's
  std::string context_weighting;
  std::string context_scaling;
};

// Vectors: everything but --embedding and --global-weight, which AddEmbeddingOptions() adds.
void AddFeatureOptions(CLI::App& app, TaggerFlags& flags);
void AddEmbeddingOptions(CLI::App& app, TaggerFlags& flags);
void AddClassifierOptions(CLI::App& app, TaggerFlags& flags);

// Puts flags.tagger together, but for what depends on the models. Errors are wrong usage.
absl::Status CheckTaggerFlags(TaggerFlags& flags);

// --model, any number of times, and whether --verify is to replay the self-test of each.
struct ModelFlags {
  std::vector<std::string> paths;
  bool verify = false;
};
void AddModelsOption(CLI::App& app, ModelFlags& models, const std::string& description);
absl::StatusOr<std::vector<Model>> LoadModels(const ModelFlags& models, int threads);

struct LoadedTagger {
  Tagger tagger;
  std::vector<Model> models;
};
// A tagger and its models. Unless `any_model`, kFailedPrecondition for models that it was not trained with.
absl::StatusOr<LoadedTagger> LoadTagger(const std::string& path, const ModelFlags& models, bool any_model, int threads);

// The figures of one text.
cli::Json ToJson(const EntityCounts& counts);
cli::Json ToJson(const EntityReport& report);
// "F1 39.92 (precision 33.66, recall 50.11)".
std::string ToText(const EntityReport& report);

}  // namespace conec::ner
