#include "tools/simec/map/words.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/byte_order_mark.h"
#include "base/file.h"
#include "tools/cli/document.h"
#include "tools/cli/load.h"
#include "word2vec/neighbours.h"

namespace conec::simec {
namespace {

using corpora::WordId;

// The words to show, each once, in the order in which they were found.
class Selection {
 public:
  Selection(const cli::LoadedModel& loaded, const tokenize::TokenizerOptions& tokenizer)
      : vocabulary_(&loaded.model.vocabulary), tokenizer_(tokenizer) {}

  void Add(WordId id) {
    if (seen_.insert(corpora::Index(id)).second) ids_.push_back(id);
  }

  // Typed as it is in the vocabulary or as the tokenizer would write it. Nothing if it is unknown.
  absl::StatusOr<std::optional<WordId>> Find(const std::string& typed) const {
    if (const auto id = vocabulary_->Find(typed)) return id;
    CONEC_ASSIGN_OR_RETURN(const std::string word, tokenize::NormalizeWord(tokenizer_, typed));
    return vocabulary_->Find(word);
  }

  absl::Status AddTyped(const std::vector<std::string>& words, std::vector<std::string>& missing) {
    for (const std::string& word : words) {
      CONEC_ASSIGN_OR_RETURN(const std::optional<WordId> id, Find(word));
      id ? Add(*id) : missing.push_back(word);
    }
    return absl::OkStatus();
  }

  const std::vector<WordId>& ids() const { return ids_; }

 private:
  const corpora::Vocabulary* vocabulary_;
  tokenize::TokenizerOptions tokenizer_;
  std::vector<WordId> ids_;
  std::unordered_set<std::size_t> seen_;
};

absl::StatusOr<std::vector<std::string>> ReadWords(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const std::string text, ReadFileToString(path));
  std::vector<std::string> words;
  std::istringstream lines(std::string(WithoutByteOrderMark(text)));
  for (std::string word; lines >> word;) words.push_back(word);
  if (words.empty()) return InvalidArgument("'{}' has no words", path);
  return words;
}

absl::Status AddNeighbours(const MapWordOptions& options, const word2vec::WordVectors& vectors, Selection& selection,
                           std::vector<std::string>& missing) {
  if (options.neighbours_of.empty()) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const auto nearest,
                         word2vec::NearestNeighbours::Create(vectors, {.threads = options.threads}));
  for (const std::string& word : options.neighbours_of) {
    CONEC_ASSIGN_OR_RETURN(const std::optional<WordId> id, selection.Find(word));
    if (!id) {
      missing.push_back(word);
      continue;
    }
    selection.Add(*id);
    const std::vector<WordId> itself = {*id};
    CONEC_ASSIGN_OR_RETURN(const auto found,
                           nearest.Nearest(vectors.vectors.row(corpora::Index(*id)), options.neighbours, itself));
    for (const word2vec::Neighbour& neighbour : found) selection.Add(neighbour.id);
  }
  return absl::OkStatus();
}

absl::Status Select(const MapWordOptions& options, const word2vec::WordVectors& vectors, Selection& selection,
                    std::vector<std::string>& missing) {
  CONEC_RETURN_IF_ERROR(selection.AddTyped(options.words, missing));
  if (!options.word_file.empty()) {
    CONEC_ASSIGN_OR_RETURN(const std::vector<std::string> words, ReadWords(options.word_file));
    CONEC_RETURN_IF_ERROR(selection.AddTyped(words, missing));
  }
  CONEC_RETURN_IF_ERROR(AddNeighbours(options, vectors, selection, missing));
  const std::size_t size = vectors.vocabulary.size(), begin = std::min(options.skip, size);
  for (std::size_t i = begin; i < begin + std::min(options.frequent, size - begin); ++i) {
    selection.Add(static_cast<WordId>(i));
  }
  if (!selection.ids().empty()) return absl::OkStatus();
  return NotFound("none of these words is in the vocabulary: {}", fmt::join(missing, ", "));
}

// Names a word of a document; where the name alone says too little, with the document.
std::string NameInDocument(const MapWordOptions& options, const EncodedWord& word, const std::string& document) {
  const std::string name(word.word);
  if (!word.known && options.documents.size() == 1) return name;
  return fmt::format("{} ({})", name, std::filesystem::path(document).stem().string());
}

class DocumentWords {
 public:
  static absl::StatusOr<DocumentWords> Create(const MapWordOptions& options, const cli::LoadedModel& loaded,
                                              const tokenize::TokenizerOptions& tokenizer) {
    if (loaded.model.global_context.empty()) {
      return FailedPrecondition(
          "'{}' has no global context vectors, without which words of --document cannot be compared with it: give a "
          "model of conec-train, or make one with conec-convert --to model --corpus",
          options.model);
    }
    DocumentWords words(options, tokenizer);
    CONEC_ASSIGN_OR_RETURN(words.encoder_, Encoder::Create(loaded.model, options.encoder));
    for (const std::string& typed : options.document_words) {
      CONEC_ASSIGN_OR_RETURN(std::string word, tokenize::NormalizeWord(tokenizer, typed));
      words.wanted_.insert(std::move(word));
    }
    return words;
  }

  absl::Status Add(const std::string& path, MapPoints& added) {
    CONEC_ASSIGN_OR_RETURN(const Document document, cli::ReadDocument(path, tokenizer_, encoder_->needs_shapes()));
    Encoding encoding;
    CONEC_RETURN_IF_ERROR(encoder_->EncodeWords(document, encoding));
    for (std::size_t i = 0; i < encoding.words.size(); ++i) {
      const EncodedWord& word = encoding.words[i];
      const bool listed = wanted_.count(std::string(word.word)) > 0;
      if (listed) found_.insert(std::string(word.word));
      if (listed || (wanted_.empty() && !word.known)) {
        added.Add(NameInDocument(*options_, word, path), encoding.vector(i));
      }
    }
    return absl::OkStatus();
  }

  // Words that were listed and stand in no document.
  void AddMissing(std::vector<std::string>& missing) const {
    for (const std::string& word : wanted_) {
      if (found_.count(word) == 0) missing.push_back(word);
    }
  }

 private:
  DocumentWords(const MapWordOptions& options, const tokenize::TokenizerOptions& tokenizer)
      : options_(&options), tokenizer_(tokenizer) {}

  const MapWordOptions* options_;
  tokenize::TokenizerOptions tokenizer_;
  std::optional<Encoder> encoder_;
  std::set<std::string> wanted_, found_;
};

absl::StatusOr<word2vec::WordVectors> VectorsOf(const MapWordOptions& options, const cli::LoadedModel& loaded) {
  const bool has_conec = !loaded.model.global_context.empty();
  const bool conec = options.vectors.empty() ? has_conec : options.vectors == "conec";
  const ConecVectorOptions mix = {.own_weight = options.encoder.own_weight,
                                  .unit_parts = options.encoder.unit_parts,
                                  .output_weight = options.encoder.output_weight,
                                  .center = options.encoder.center};
  return cli::SelectVectors(loaded, conec ? cli::VectorKind::kConec : cli::VectorKind::kWord2vec, mix);
}

}  // namespace

absl::StatusOr<MapWords> LoadMapWords(const MapWordOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const cli::LoadedModel loaded, cli::LoadModel(options.model, options.threads));
  if (options.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, options.model));
  CONEC_ASSIGN_OR_RETURN(const word2vec::WordVectors vectors, VectorsOf(options, loaded));
  CONEC_ASSIGN_OR_RETURN(const tokenize::TokenizerOptions tokenizer, cli::ChooseTokenizer(loaded));
  MapWords result;
  Selection selection(loaded, tokenizer);
  CONEC_RETURN_IF_ERROR(Select(options, vectors, selection, result.missing));
  for (const WordId id : selection.ids()) {
    result.input.shown.Add(std::string(vectors.vocabulary.word(id)), vectors.vectors.row(corpora::Index(id)));
  }
  if (options.documents.empty()) return result;
  CONEC_ASSIGN_OR_RETURN(DocumentWords words, DocumentWords::Create(options, loaded, tokenizer));
  for (const std::string& path : options.documents) {
    CONEC_RETURN_IF_ERROR(words.Add(path, result.input.added));
  }
  words.AddMissing(result.missing);
  return result;
}

}  // namespace conec::simec
