// The sample corpus as files.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.h"
#include "corpora/sample_corpus.h"

namespace conec::corpora {
namespace {

constexpr const char* kGroundTruth = "ground_truth.json";

using OrderedJson = nlohmann::ordered_json;

template <typename T>
OrderedJson ArrayOf(const std::vector<T>& values);

OrderedJson ToJson(const SampleCategory& category) {
  return {{"name", category.name},
          {"words", category.words},
          {"plurals", category.plurals},
          {"ambiguous", category.ambiguous},
          {"rare", category.rare}};
}

OrderedJson ToJson(const SampleSynonyms& synonyms) {
  return {{"words", {synonyms.first, synonyms.second}}, {"category", synonyms.category}};
}

OrderedJson ToJson(const SampleSense& sense) {
  return {{"category", sense.category}, {"file", "held_out/" + sense.file}};
}

OrderedJson ToJson(const SampleAmbiguousWord& ambiguous) {
  return {{"word", ambiguous.word}, {"senses", ArrayOf(ambiguous.senses)}};
}

OrderedJson ToJson(const SampleInventedWord& invented) {
  return {{"word", invented.word},
          {"plural", invented.plural},
          {"category", invented.category},
          {"file", "held_out/" + invented.file}};
}

OrderedJson ToJson(const SampleRareWord& rare) {
  return {{"word", rare.word}, {"category", rare.category}, {"count", rare.count}};
}

template <typename T>
OrderedJson ArrayOf(const std::vector<T>& values) {
  OrderedJson array = OrderedJson::array();
  for (const T& value : values) array.push_back(ToJson(value));
  return array;
}

std::string QuestionsText(const std::vector<SampleQuestionSection>& sections) {
  std::string text;
  for (const SampleQuestionSection& section : sections) {
    text += fmt::format(": {}\n", section.name);
    for (const SampleQuestion& q : section.questions) text += fmt::format("{} {} {} {}\n", q.a, q.b, q.c, q.d);
  }
  return text;
}

absl::Status WriteText(const std::vector<SampleDocument>& documents, const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  bool first = true;
  for (const SampleDocument& document : documents) {
    if (!first) CONEC_RETURN_IF_ERROR(file.Write("\n"));
    CONEC_RETURN_IF_ERROR(file.Write(document.text));
    first = false;
  }
  return file.Commit();
}

absl::Status CreateFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? ErrnoStatus(error.value(), fmt::format("cannot create folder '{}'", folder.string()))
               : absl::OkStatus();
}

}  // namespace

std::string SampleGroundTruthJson(const SampleCorpus& corpus) {
  const OrderedJson json = {{"seed", corpus.options.seed},          {"words", corpus.words},
                            {"documents", corpus.documents.size()}, {"text", "text.txt"},
                            {"analogies", "questions.txt"},         {"categories", ArrayOf(corpus.categories)},
                            {"synonyms", ArrayOf(corpus.synonyms)}, {"ambiguous", ArrayOf(corpus.ambiguous)},
                            {"invented", ArrayOf(corpus.invented)}, {"rare", ArrayOf(corpus.rare)}};
  return json.dump(1) + "\n";
}

absl::Status CheckSampleCorpusFolder(const std::string& folder) {
  const std::filesystem::path root(folder);
  const auto truth = ReadFileToString(root / kGroundTruth);
  const OrderedJson json = OrderedJson::parse(truth.value_or(""), nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("seed") && json.contains("analogies") && json.contains("invented")) {
    return absl::OkStatus();
  }
  std::error_code ignored;
  for (const char* name : {kGroundTruth, "text.txt", "questions.txt", "held_out"}) {
    if (!std::filesystem::exists(root / name, ignored)) continue;
    return FailedPrecondition("'{}' is there, and no sample corpus that this program wrote: give another folder",
                              (root / name).string());
  }
  return absl::OkStatus();
}

absl::StatusOr<SampleCorpus> WriteSampleCorpus(const SampleCorpusOptions& options, const std::string& folder) {
  CONEC_ASSIGN_OR_RETURN(SampleCorpus corpus, GenerateSampleCorpus(options));
  const std::filesystem::path root(folder);
  CONEC_RETURN_IF_ERROR(CreateFolder(root / "held_out"));
  // First: it tells CheckSampleCorpusFolder() that the others may be replaced, also when this is interrupted.
  CONEC_RETURN_IF_ERROR(WriteFile(root / kGroundTruth, SampleGroundTruthJson(corpus)));
  CONEC_RETURN_IF_ERROR(WriteText(corpus.documents, root / "text.txt"));
  for (const SampleDocument& document : corpus.held_out) {
    CONEC_RETURN_IF_ERROR(WriteFile(root / "held_out" / document.name, document.text));
  }
  CONEC_RETURN_IF_ERROR(WriteFile(root / "questions.txt", QuestionsText(corpus.questions)));
  return corpus;
}

}  // namespace conec::corpora
