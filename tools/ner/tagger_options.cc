#include "tools/ner/tagger_options.h"

#include <utility>

#include "tools/cli/load.h"
#include "tools/cli/options.h"

namespace conec::ner {
namespace {

constexpr const char* kVectors = "Vectors";
constexpr const char* kClassifier = "Classifier";

void AddHandFeatureOptions(CLI::App& app, TaggerFlags& flags) {
  constexpr const char* kHand = "Hand features";
  std::string groups;
  for (std::size_t i = 0; i < kFeatureGroups; ++i) groups += fmt::format(", {}", Name(static_cast<FeatureGroup>(i)));
  app.add_option("--hand-features", flags.hand,
                 "groups of features made by rules, with commas between: " + groups.substr(2) +
                     "; all: every one but original and columns. GROUP:N: of the words up to N places away, too (the "
                     "first seven)")
      ->type_name("GROUP[:N],...")
      ->group(kHand);
  HandFeatureOptions& hand = flags.tagger.features.hand;
  app.add_option("--affix-length", hand.affix_length, "of the longest prefix and suffix")->type_name("N")->group(kHand);
  app.add_option("--min-feature-count", hand.min_count, "features on fewer training tokens are left out")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kHand);
}

absl::Status SetLocalContext(TaggerFlags& flags) {
  if (flags.context_window > 0) flags.embedding.context_window = flags.context_window;
  if (!flags.context_weighting.empty()) {
    CONEC_ASSIGN_OR_RETURN(flags.embedding.context_weighting, ParseContextWeighting(flags.context_weighting));
  }
  if (!flags.context_scaling.empty()) {
    CONEC_ASSIGN_OR_RETURN(flags.embedding.context_scaling, ParseContextScaling(flags.context_scaling));
  }
  return absl::OkStatus();
}

}  // namespace

void AddEmbeddingOptions(CLI::App& app, TaggerFlags& flags) {
  app.add_option(
         "--embedding", flags.kinds,
         "word2vec: rows of W1; global: global contexts times W1, both nothing for words outside the vocabulary; "
         "oov: the same, with vectors from the document's contexts for those; mix: global and local contexts "
         "mixed; none: hand features only. Several side by side with commas")
      ->type_name("word2vec|global|oov|mix|none")
      ->delimiter(',')
      ->group(kVectors);
  app.add_option(
         "--global-weight", flags.embedding.global_weight,
         "a in [0, 1]: how much of a known word's vector comes from the whole corpus, and not from this document "
         "(mix)")
      ->type_name("A")
      ->group(kVectors);
}

void AddFeatureOptions(CLI::App& app, TaggerFlags& flags) {
  EmbeddingOptions& embedding = flags.embedding;
  cli::AddOneOf(app, "--per", flags.per, "document|token",
                "local contexts: of a word in the whole document, or of the one occurrence")
      ->group(kVectors);
  app.add_option("--own-weight", embedding.own_weight, "how much a known word counts in its own global context")
      ->type_name("X")
      ->check(cli::Weight())
      ->group(kVectors);
  app.add_flag("--unit-parts", embedding.unit_parts,
               "scale global and local contexts to unit length before they are mixed")
      ->group(kVectors);
  app.add_flag("--center", embedding.center, "subtract the direction that all contexts share")->group(kVectors);
  app.add_option("--context-window", flags.context_window, "window of the document's contexts; 0: as the model's")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kVectors);
  cli::AddOneOf(app, "--context-weighting", flags.context_weighting, "uniform|inverse-distance",
                "how much a word at a distance counts; without it as in the model")
      ->group(kVectors);
  cli::AddOneOf(app, "--context-scaling", flags.context_scaling, "count|max",
                "what a summed context is divided by; without it as in the model")
      ->group(kVectors);
  cli::AddOneOf(app, "--context-segments", flags.context_segments, "sentence|document",
                "what context windows never cross; without it as in the model's training text")
      ->group(kVectors);
  app.add_option(
         "--sentence-end", embedding.sentence_end,
         "a token that stands after each sentence, as in the model's training text; without it the model's line "
         "token, or else </s> if windows cross sentences and the vocabulary has that; '' for none")
      ->type_name("TOKEN")
      ->group(kVectors);
  app.add_option("--neighbours", flags.tagger.features.neighbours,
                 "the vectors of so many tokens on each side are features, too")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kVectors);
  AddHandFeatureOptions(app, flags);
}

void AddClassifierOptions(CLI::App& app, TaggerFlags& flags) {
  TaggerOptions& tagger = flags.tagger;
  LogisticRegressionOptions& classifier = tagger.classifier;
  cli::AddChoice(app, "--scheme", tagger.scheme, ParseTagScheme, "type|iob1|iob2|bioes",
                 "what the classes of the classifier are, whatever the files have; type: entity types without prefix")
      ->group(kClassifier);
  cli::AddChoice(app, "--classifier", classifier.multi_class, ParseMultiClass, "multinomial|ovr",
                 "one logistic regression of all classes, or one against the rest for each")
      ->group(kClassifier);
  cli::AddChoice(app, "--class-weights", classifier.class_weights, ParseClassWeights, "none|balanced",
                 "balanced: examples of rare classes weigh more")
      ->group(kClassifier);
  app.add_option("--c", classifier.c, "inverse strength of the l2 penalty")->type_name("C")->group(kClassifier);
  app.add_flag_callback(
         "--no-intercept", [&classifier] { classifier.intercept = false; }, "no constant term")
      ->group(kClassifier);
  app.add_flag("--regularize-intercept", classifier.regularize_intercept,
               "the penalty counts the constant term, as liblinear's does")
      ->group(kClassifier);
  app.add_flag("--standardize", tagger.standardize,
               "penalise columns as if scaled to mean 0 and variance 1 over the training tokens")
      ->group(kClassifier);
  app.add_option("--embedding-scale", tagger.embedding_scale,
                 "the larger, the less the penalty weighs on vectors, beside that on hand features")
      ->type_name("X")
      ->group(kClassifier);
  app.add_option("--max-iterations", classifier.max_iterations, "of L-BFGS")->type_name("N")->group(kClassifier);
  app.add_option("--tolerance", classifier.tolerance, "stop when no entry of the gradient of the mean loss is larger")
      ->type_name("X")
      ->group(kClassifier);
  cli::AddChoice(app, "--precision", classifier.precision, ParsePrecision, "float32|float64",
                 "of features, scores and weights while fitting")
      ->group(kClassifier);
  app.add_option("--passes", tagger.passes,
                 "2: a second classifier sees what the first one says of the token, its neighbours, and the same words "
                 "elsewhere in the document")
      ->type_name("1|2")
      ->group(kClassifier);
  app.add_option("--folds", tagger.folds,
                 "with two passes: in so many parts the training documents are tagged by classifiers that learnt from "
                 "the others, for the second one to learn from")
      ->type_name("N")
      ->group(kClassifier);
  app.add_option("--second-c", tagger.second_c, "--c of the second classifier")->type_name("C")->group(kClassifier);
  cli::AddChoice(app, "--decoding", tagger.decoding, ParseDecoding, "tokens|sequences",
                 "the best class of each token by itself, or the best sequence that the scheme allows")
      ->group(kClassifier);
}

absl::Status CheckTaggerFlags(TaggerFlags& flags) {
  flags.embedding.per_token = flags.per == "token";
  if (!flags.context_segments.empty()) flags.embedding.cross_sentences = flags.context_segments == "document";
  CONEC_RETURN_IF_ERROR(SetLocalContext(flags));
  CONEC_ASSIGN_OR_RETURN(flags.tagger.features.hand.groups, ParseFeatureGroups(flags.hand));
  std::vector<EmbeddingOptions>& embeddings = flags.tagger.features.embeddings;
  embeddings.clear();
  for (const std::string& kind : flags.kinds) {
    if (kind == "none" && flags.kinds.size() == 1) break;
    embeddings.push_back(flags.embedding);
    CONEC_ASSIGN_OR_RETURN(embeddings.back().kind, ParseEmbeddingKind(kind));
  }
  return Validate(flags.tagger);
}

void AddModelsOption(CLI::App& app, ModelFlags& models, const std::string& description) {
  app.add_option("--model", models.paths, description)->type_name("FILE")->allow_extra_args(false);
  cli::AddVerifyOption(app, models.verify);
}

absl::StatusOr<std::vector<Model>> LoadModels(const ModelFlags& models, int threads) {
  std::vector<Model> all;
  for (const std::string& path : models.paths) {
    CONEC_ASSIGN_OR_RETURN(cli::LoadedModel loaded, cli::LoadModel(path, threads));
    if (models.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, path));
    all.push_back(std::move(loaded.model));
  }
  return all;
}

absl::StatusOr<LoadedTagger> LoadTagger(const std::string& path, const ModelFlags& models, bool any_model,
                                        int threads) {
  CONEC_ASSIGN_OR_RETURN(Tagger tagger, Tagger::Load(path));
  LoadedTagger loaded = {std::move(tagger), {}};
  CONEC_ASSIGN_OR_RETURN(loaded.models, LoadModels(models, threads));
  const absl::Status fits = loaded.tagger.CheckModels(loaded.models);
  if (any_model || fits.ok()) return loaded;
  return FailedPrecondition("{}: {}; --any-model takes it nevertheless", path,
                            std::string_view(fits.message().data(), fits.message().size()));
}

cli::Json ToJson(const EntityCounts& counts) {
  return {{"gold", counts.gold},       {"found", counts.found},
          {"correct", counts.correct}, {"precision", counts.precision()},
          {"recall", counts.recall()}, {"f1", counts.f1()}};
}

cli::Json ToJson(const EntityReport& report) {
  cli::Json types = cli::Json::object();
  for (const auto& [type, counts] : report.types) types[type] = ToJson(counts);
  cli::Json json = ToJson(report.total);
  json["tokens"] = report.tokens;
  json["accuracy"] = report.accuracy();
  json["types"] = std::move(types);
  return json;
}

std::string ToText(const EntityReport& report) {
  return fmt::format("F1 {:.2f} (precision {:.2f}, recall {:.2f})", report.total.f1(), report.total.precision(),
                     report.total.recall());
}

}  // namespace conec::ner
