// Targets whose readers need LibTorch: taggers and similarity encoders, and what the program simec reads.
#include <memory>

#include "ner/tagger.h"
#include "simec_core/model.h"
#include "simec_core/model_file.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/simec_targets.h"
#include "tests/ner/model_fixture.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;

const Model& Vectors() {
  static const Model model = ner::testing::MakeModel(false);
  return model;
}

absl::Status ReadTagger(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto tagger, ner::Tagger::Load(MemoryFile(input).path()));
  static const auto text = ner::testing::Parse("w1 O\nW2 O\n\nw25 O\n");
  const auto tags = tagger.Tag({&Vectors(), 1}, text, 1);
  Require(!tags.ok() || tags->size() == text.tokens(), "a tag for each token");
  return absl::OkStatus();
}

Seeds Taggers() {
  Seeds seeds;
  for (const int passes : {1, 2}) {
    ner::TaggerOptions options;
    options.passes = passes;
    options.decoding = passes == 1 ? ner::Decoding::kTokens : ner::Decoding::kSequences;
    options.features.embeddings[0].kind = ner::EmbeddingKind::kWord2vec;
    options.classifier.threads = 1;
    const auto tagger =
        ner::Tagger::Train({&Vectors(), 1}, ner::testing::Parse(ner::testing::RandomConll(1, 8, 3)), options);
    seeds.push_back(Saved([&](const std::string& path) { return tagger->Save(path); }));
  }
  return seeds;
}

absl::Status ReadSimEc(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto model, simec::LoadModel(MemoryFile(input).path(), "cpu"));
  const auto& options = model.options();
  if (options.features > 64 || options.targets > 64 || options.dim > 64) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const auto rows, simec::InputRows::Dense(torch::zeros({2, options.features})));
  CONEC_ASSIGN_OR_RETURN(const auto embedded, model.Embed(rows));
  Require(embedded.size(0) == 2 && embedded.size(1) == options.dim, "an embedding per row");
  return model.Predict(rows).status();
}

Seeds SimEcs() {
  simec::ModelOptions plain{.features = 3, .hidden = {{2, simec::Activation::kTanh}}, .dim = 2, .targets = 2};
  simec::ModelOptions images = plain;
  images.features = 16;
  images.height = images.width = 4;
  images.conv = {{.filters = 2, .kernel = 3, .padding = 1, .pool = 2}};
  Seeds seeds;
  for (const auto& options : {plain, images}) {
    const auto model = simec::SimEc::Create(options);
    Require(model.ok(), std::string(model.status().message()).c_str());
    seeds.push_back(Saved([&](const std::string& path) { return simec::SaveModel(*model, path); }));
  }
  return seeds;
}

}  // namespace

std::vector<Target> Targets() {
  std::vector<Target> targets = SimecTargets();
  const std::vector<Target> models = {
      {.name = "tagger", .run = ReadTagger, .seeds = Taggers, .repair = RepairSafetensors, .iterations = 1000},
      {.name = "simec", .run = ReadSimEc, .seeds = SimEcs, .repair = RepairSafetensors, .iterations = 1000}};
  targets.insert(targets.end(), models.begin(), models.end());
  return targets;
}

}  // namespace conec::fuzz
