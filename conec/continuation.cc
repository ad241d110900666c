#include "conec/continuation.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/enum_names.h"
#include "base/hasher.h"
#include "conec/model_metadata.h"

namespace conec {
namespace {

using corpora::Index;
using corpora::WordId;
using Metadata = std::map<std::string, std::string>;

constexpr EnumNames<VocabularyPolicy, 3> kPolicies = {
    {{VocabularyPolicy::kOld, "old"}, {VocabularyPolicy::kNew, "new"}, {VocabularyPolicy::kUnion, "union"}}};

constexpr char kKeepGaps[] = "keep_gaps";

std::string Dimensions(std::size_t dim, const word2vec::InputLayout& layout) {
  std::string text = fmt::format("{} dimensions", dim);
  if (!layout.inputs.any()) return text;
  text += fmt::format(", extended inputs {}", word2vec::Name(layout.inputs));
  return layout.inputs.context_shapes ? text + fmt::format(" and window {}", layout.window) : text;
}

bool SameShape(const word2vec::InputLayout& a, const word2vec::InputLayout& b) {
  return a.inputs == b.inputs && (!a.inputs.context_shapes || a.window == b.window);
}

void CopyRow(std::span<const float> from, std::span<float> to) {
  std::ranges::copy(from, to.begin());
}

// Rows of words that have several, one per side.
void CopyWord(const InputTable& from, const word2vec::InputLayout& layout, WordId old_id, WordId new_id,
              Matrix<float>& to) {
  for (const bool is_right : {false, true}) {
    if (is_right && !layout.inputs.direction) return;
    CopyRow(from.row(word2vec::ContextRow(from.layout, Index(old_id), is_right)),
            to.row(word2vec::ContextRow(layout, Index(new_id), is_right)));
  }
}

void CopyShapes(const InputTable& from, const word2vec::InputLayout& layout, Matrix<float>& to) {
  const std::size_t old_first = word2vec::FirstContextShapeRow(from.layout);
  const std::size_t new_first = word2vec::FirstContextShapeRow(layout);
  for (std::size_t i = new_first; i < word2vec::InputRows(layout); ++i) {
    CopyRow(from.row(old_first + i - new_first), to.row(i));
  }
}

// The average over old_count occurrences that average to `old`, and new_count that average to `row`.
void Mix(std::span<const float> old, double old_count, double new_count, std::span<float> row) {
  if (new_count == 0) return CopyRow(old, row);
  if (old_count == 0) return;  // `row` to the bit
  const double share = old_count / (old_count + new_count);
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = static_cast<float>(share * old[j] + (1 - share) * row[j]);
  }
}

// As the continued model counts it.
std::uint64_t CountOf(const Model& model, VocabularyPolicy policy, const corpora::Vocabulary& vocabulary, WordId id) {
  const auto old_id = policy == VocabularyPolicy::kNew ? std::nullopt : model.vocabulary.Find(vocabulary.word(id));
  return vocabulary.count(id) + (old_id ? model.vocabulary.count(*old_id) : 0);
}

absl::Status CheckWords(const Model& model, VocabularyPolicy policy, const corpora::Vocabulary& vocabulary) {
  if (policy == VocabularyPolicy::kNew) return absl::OkStatus();
  std::size_t common = 0;
  for (std::uint32_t i = 0; i < vocabulary.size(); ++i) {
    common += model.vocabulary.Find(vocabulary.word(WordId{i})).has_value() ? 1 : 0;
  }
  const bool only_known = policy != VocabularyPolicy::kOld || common == vocabulary.size();
  if (common == model.vocabulary.size() && only_known) return absl::OkStatus();
  return FailedPrecondition(
      "the encoded corpus has another vocabulary than --vocabulary-policy {} asks for: give the text to encode it "
      "anew, or --vocabulary-policy new",
      Name(policy));
}

absl::Status CheckOrder(const Model& model, VocabularyPolicy policy, const corpora::Vocabulary& vocabulary) {
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  for (std::uint32_t i = 0; i < vocabulary.size(); ++i) {
    const std::uint64_t count = CountOf(model, policy, vocabulary, WordId{i});
    if (count <= before) {
      before = count;
      continue;
    }
    return FailedPrecondition(
        "the words of the encoded corpus have another order than that of the counts that the model would have ('{}' "
        "with {} before '{}' with {}): give the text to encode it anew",
        vocabulary.word(WordId{i - 1}), before, vocabulary.word(WordId{i}), count);
  }
  return absl::OkStatus();
}

void AddText(const std::string& text, Hasher& hasher) {
  hasher.Add(std::as_bytes(std::span(text)));
}

void AddRows(MatrixView<const float> table, Hasher& hasher) {
  for (std::size_t i = 0; i < table.rows; ++i) hasher.Add(std::as_bytes(table.row(i)));
}

absl::StatusOr<Matrix<float>> CopyOf(MatrixView<const float> table) {
  CONEC_ASSIGN_OR_RETURN(Matrix<float> copy, Matrix<float>::Create(table.rows, table.cols));
  for (std::size_t i = 0; i < table.rows; ++i) CopyRow(table.row(i), copy.row(i));
  return copy;
}

}  // namespace

std::string_view Name(VocabularyPolicy policy) {
  return NameOf(kPolicies, policy);
}

absl::StatusOr<VocabularyPolicy> ParseVocabularyPolicy(std::string_view name) {
  return ParseName(kPolicies, "vocabulary policy", name);
}

absl::Status CheckContinuable(const Model& model, VocabularyPolicy policy) {
  if (model.output.empty()) {
    return FailedPrecondition(
        "the model has no output table, without which training cannot go on: it is not one of conec-train");
  }
  if (policy == VocabularyPolicy::kNew || model.global_context.empty()) return absl::OkStatus();
  if (model.info.context.scaling == ContextScaling::kCount) return absl::OkStatus();
  return FailedPrecondition(
      "the model's context vectors were scaled by their largest entry (--context-scaling max): they are no averages, "
      "to which those of new text could be added; --vocabulary-policy new does without them");
}

void SetVocabulary(const Model& model, VocabularyPolicy policy, corpora::EncodeOptions& options) {
  options.known = policy == VocabularyPolicy::kNew ? corpora::Vocabulary() : model.vocabulary;
  options.only_known = policy == VocabularyPolicy::kOld;
}

std::string FingerprintOf(const Model& model) {
  Metadata info;
  model_internal::StoreContextOptions(model.info.context, info, true);
  corpora::StoreStatistics(model.info.corpus, info);
  Hasher hasher;
  for (const auto& [key, value] : info) AddText(fmt::format("{}={};", key, value), hasher);
  AddText(model.vocabulary.Fingerprint(), hasher);
  for (const auto& table : {model.input, model.extended_input, model.output, model.global_context}) {
    AddRows(table, hasher);
  }
  return fmt::format("a model of {} words, checksum {}", model.size(), hasher.Hex());
}

absl::Status CheckSameText(const Model& model, VocabularyPolicy policy, const corpora::EncodedCorpus& corpus) {
  CONEC_ASSIGN_OR_RETURN(const ModelInfo read, ModelInfoFromCorpus(corpus));
  Metadata old_text, new_text;
  corpora::StoreTokenizerOptions(model.info.tokenizer, old_text);
  corpora::StoreTokenizerOptions(read.tokenizer, new_text);
  old_text[kKeepGaps] = model.info.keep_gaps ? "true" : "false";
  new_text[kKeepGaps] = read.keep_gaps ? "true" : "false";
  for (const auto& [key, value] : old_text) {
    if (new_text[key] == value) continue;
    return FailedPrecondition("the corpus was read with other options than the model's: {} is '{}', there it was '{}'",
                              key, new_text[key], value);
  }
  CONEC_RETURN_IF_ERROR(CheckWords(model, policy, corpus.vocabulary()));
  return CheckOrder(model, policy, corpus.vocabulary());
}

absl::Status ContinueTables(const Model& model, const corpora::Vocabulary& vocabulary,
                            const word2vec::InputLayout& layout, word2vec::EmbeddingTables& tables) {
  if (model.dim() != tables.input.cols() || !SameShape(model.layout, layout)) {
    return FailedPrecondition("the model has {}, the training {}", Dimensions(model.dim(), model.layout),
                              Dimensions(tables.input.cols(), layout));
  }
  const InputTable from = model.inputs();
  for (std::uint32_t i = 0; i < vocabulary.size(); ++i) {
    const auto old_id = model.vocabulary.Find(vocabulary.word(WordId{i}));
    if (!old_id || Index(*old_id) >= model.size()) continue;
    CopyWord(from, layout, *old_id, WordId{i}, tables.input);
    CopyRow(model.output.row(Index(*old_id)), tables.output.row(i));
  }
  CopyShapes(from, layout, tables.input);
  return absl::OkStatus();
}

absl::StatusOr<corpora::Vocabulary> WithCountsOf(const Model& model, const corpora::Vocabulary& vocabulary) {
  std::vector<corpora::WordCount> words;
  words.reserve(vocabulary.size());
  for (std::uint32_t i = 0; i < vocabulary.size(); ++i) {
    const std::string_view word = vocabulary.word(WordId{i});
    const auto old_id = model.vocabulary.Find(word);
    words.push_back({std::string(word), vocabulary.count(WordId{i}) + (old_id ? model.vocabulary.count(*old_id) : 0)});
  }
  return corpora::Vocabulary::Create(words);
}

corpora::CorpusStatistics Sum(const corpora::CorpusStatistics& a, const corpora::CorpusStatistics& b) {
  return {a.bytes + b.bytes,
          a.documents + b.documents,
          a.segments + b.segments,
          a.tokens + b.tokens,
          a.words + b.words,
          a.distinct_words + b.distinct_words,
          a.pruned_words + b.pruned_words,
          a.pruned_tokens + b.pruned_tokens,
          a.invalid_utf8 + b.invalid_utf8};
}

absl::StatusOr<Model> WithContextOf(const Model& model, Model continued, const corpora::Vocabulary& new_counts) {
  if (model.global_context.empty()) return continued;
  struct Owner {
    std::shared_ptr<const void> tables;
    Matrix<float> context;
  };
  CONEC_ASSIGN_OR_RETURN(Matrix<float> context, CopyOf(continued.global_context));
  for (std::uint32_t i = 0; i < continued.size(); ++i) {
    const auto old_id = model.vocabulary.Find(continued.vocabulary.word(WordId{i}));
    if (!old_id || Index(*old_id) >= model.size()) continue;
    Mix(model.global_context.row(Index(*old_id)), static_cast<double>(model.vocabulary.count(*old_id)),
        static_cast<double>(new_counts.count(WordId{i})), context.row(i));
  }
  auto owner = std::make_shared<const Owner>(Owner{std::move(continued.owner), std::move(context)});
  continued.global_context = owner->context.view();
  continued.owner = std::move(owner);
  return continued;
}

}  // namespace conec
