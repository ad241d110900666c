#include "ner/embedding_features.h"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "conec/context_sums.h"
#include "conec/document_tokenizer.h"
#include "tokenize/word_shape.h"

namespace conec::ner {
namespace {

using corpora::WordId;

constexpr std::array<std::string_view, 4> kKindNames = {"word2vec", "global", "oov", "mix"};
constexpr std::string_view kSentenceEnd = "</s>";

ContextOptions LocalContext(const EmbeddingOptions& options, ContextOptions context) {
  context.window = options.context_window.value_or(context.window);
  context.weighting = options.context_weighting.value_or(context.weighting);
  context.scaling = options.context_scaling.value_or(context.scaling);
  return context;
}

EncoderOptions ToEncoderOptions(const EmbeddingOptions& options, const Model& model) {
  EncoderOptions encoder;
  encoder.global_weight = options.kind == EmbeddingKind::kMix ? options.global_weight : 1.0;
  // W1 alone needs no contexts, and plain vectors have none.
  if (options.kind == EmbeddingKind::kWord2vec) encoder.global_weight = 0;
  encoder.own_weight = options.own_weight;
  encoder.unit_parts = options.unit_parts;
  encoder.center = options.center && !model.global_context.empty();
  encoder.local_context = LocalContext(options, model.info.context);
  return encoder;
}

std::string SentenceEndOf(const Model& model, bool cross_sentences) {
  if (!model.info.tokenizer.line_token.empty()) return model.info.tokenizer.line_token;
  return std::string(cross_sentences && model.vocabulary.Find(kSentenceEnd).has_value() ? kSentenceEnd : "");
}

// Documents come from outside: one that is too large for memory is the caller's to report.
template <typename Work>
auto WithMemory(std::size_t tokens, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return ResourceExhausted("no memory for the vectors of {} tokens", tokens);
}

}  // namespace

std::string_view Name(EmbeddingKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

absl::StatusOr<EmbeddingKind> ParseEmbeddingKind(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<EmbeddingKind>(i);
  }
  return InvalidArgument("unknown embedding '{}': word2vec, global, oov and mix are known", name);
}

absl::Status Validate(const EmbeddingOptions& options) {
  if (!(options.global_weight >= 0 && options.global_weight <= 1)) {
    return InvalidArgument("--global-weight must be 0 to 1, got {}", options.global_weight);
  }
  if (!(options.own_weight >= 0 && options.own_weight <= kMaxWeight)) {
    return InvalidArgument("--own-weight must be 0 to {}, got {}", kMaxWeight, options.own_weight);
  }
  return Validate(LocalContext(options, {}));
}

absl::StatusOr<tokenize::TokenizerOptions> WordFormOf(const Model& model) {
  const tokenize::TokenizerOptions& of_corpus = model.info.tokenizer;
  if (model.info.training.has_value() && of_corpus.kind != tokenize::TokenizerKind::kWhitespace) return of_corpus;
  CONEC_ASSIGN_OR_RETURN(tokenize::TokenizerOptions form, DocumentTokenizer(model.vocabulary));
  form.normalization = tokenize::Normalization::kNone;
  form.fold_digits = model.info.training.has_value() && of_corpus.fold_digits;
  return form;
}

std::vector<TokenRange> SplitIntoRanges(const ConllFile& file, std::size_t tokens) {
  std::vector<TokenRange> ranges;
  std::size_t begin = 0;
  for (const std::size_t end : file.document_ends()) {
    if (end - begin < tokens && end != file.tokens()) continue;
    ranges.push_back({begin, end});
    begin = end;
  }
  return ranges;
}

// Goes over the documents of a range, encodes each, and keeps every vector once.
class EmbeddingFeatures::Pass {
 public:
  Pass(const EmbeddingFeatures& features, const ConllFile& file, TokenRange range);
  absl::StatusOr<TokenVectors> Run();

 private:
  absl::Status AddSentence(std::size_t begin, std::size_t end);
  absl::Status EndDocument();
  absl::StatusOr<std::string_view> FormOf(std::string_view word);
  std::optional<tokenize::WordShape> ShapeOf(std::string_view word, bool first) const;
  void AddWord2vecRows();
  absl::Status AddEncodedRows();
  std::uint32_t RowOf(const EncodedWord& word, std::span<const float> vector);
  std::uint32_t Append(std::span<const float> vector);
  std::uint32_t AppendUnit(std::span<const float> vector);  // kNoRow for a row without length
  bool HasGlobal(WordId id) const;
  // The row that all occurrences of a known word share, or kNoRow and where to note one.
  std::uint32_t& SharedRow(WordId id) { return shared_rows_.try_emplace(corpora::Index(id), kNoRow).first->second; }
  void Assign(std::size_t document_token, std::uint32_t row);  // of a token of the file

  const EmbeddingFeatures& features_;
  const Model& model_;
  const ConllFile& file_;
  const TokenRange range_;
  TokenVectors result_;
  Document document_;
  std::vector<std::size_t> token_of_;  // for each token of document_ its place in result_.row_of, or kNotInFile
  Encoding encoding_;
  std::unordered_map<std::string_view, std::string> forms_;
  std::unordered_map<std::uint32_t, std::uint32_t> shared_rows_;

  static constexpr std::size_t kNotInFile = static_cast<std::size_t>(-1);
};

EmbeddingFeatures::Pass::Pass(const EmbeddingFeatures& features, const ConllFile& file, TokenRange range)
    : features_(features), model_(features.encoder_.model()), file_(file), range_(range) {
  result_.dim = features.dim();
  result_.row_of.assign(range.size(), kNoRow);
}

absl::StatusOr<TokenVectors> EmbeddingFeatures::Pass::Run() {
  const std::span<const std::size_t> sentences = file_.sentence_ends();
  const std::span<const std::size_t> documents = file_.document_ends();
  auto document = std::upper_bound(documents.begin(), documents.end(), range_.begin);
  std::size_t begin = range_.begin;
  for (auto end = std::upper_bound(sentences.begin(), sentences.end(), begin); begin < range_.end; ++end) {
    CONEC_RETURN_IF_ERROR(AddSentence(begin, *end));
    begin = *end;
    if (begin != *document) continue;
    CONEC_RETURN_IF_ERROR(EndDocument());
    ++document;
  }
  return std::move(result_);
}

absl::StatusOr<std::string_view> EmbeddingFeatures::Pass::FormOf(std::string_view word) {
  const auto [found, is_new] = forms_.try_emplace(word);
  if (is_new) {
    CONEC_ASSIGN_OR_RETURN(found->second, tokenize::NormalizeWord(features_.word_form_, word));
  }
  return found->second;
}

// Of a word as it stands in the file, for models that have shapes among their inputs.
std::optional<tokenize::WordShape> EmbeddingFeatures::Pass::ShapeOf(std::string_view word, bool first) const {
  if (!features_.encoder_.needs_shapes()) return std::nullopt;
  return tokenize::MakeWordShape(tokenize::LetterCaseOf(word), first);
}

absl::Status EmbeddingFeatures::Pass::AddSentence(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    CONEC_ASSIGN_OR_RETURN(const std::string_view form, FormOf(file_.word(i)));
    document_.AddToken(form, ShapeOf(file_.word(i), i == begin));
    token_of_.push_back(i - range_.begin);
  }
  if (!features_.sentence_end_.empty()) {
    document_.AddToken(features_.sentence_end_, ShapeOf("", false));
    token_of_.push_back(kNotInFile);
  }
  if (!features_.cross_sentences_) document_.EndSegment();
  return absl::OkStatus();
}

absl::Status EmbeddingFeatures::Pass::EndDocument() {
  if (features_.options_.kind == EmbeddingKind::kWord2vec) {
    AddWord2vecRows();
  } else {
    CONEC_RETURN_IF_ERROR(AddEncodedRows());
  }
  document_.Clear();
  token_of_.clear();
  return absl::OkStatus();
}

void EmbeddingFeatures::Pass::AddWord2vecRows() {
  for (std::size_t i = 0; i < document_.size(); ++i) {
    const std::optional<WordId> id = model_.vocabulary.Find(document_.token(i));
    if (!id.has_value() || token_of_[i] == kNotInFile) continue;
    std::uint32_t& row = SharedRow(*id);
    if (row == kNoRow) row = AppendUnit(features_.word_vectors_.vectors.row(corpora::Index(*id)));
    Assign(i, row);
  }
}

absl::Status EmbeddingFeatures::Pass::AddEncodedRows() {
  if (features_.options_.per_token) {
    return features_.encoder_.EncodeTokens(document_, [&](const EncodedWord& word, std::span<const float> vector) {
      if (token_of_[word.token] != kNotInFile) Assign(word.token, RowOf(word, vector));
      return absl::OkStatus();
    });
  }
  CONEC_RETURN_IF_ERROR(features_.encoder_.EncodeWords(document_, encoding_));
  std::vector<std::optional<std::uint32_t>> rows(encoding_.words.size());
  for (std::size_t i = 0; i < document_.size(); ++i) {
    if (token_of_[i] == kNotInFile) continue;
    const std::size_t word = encoding_.word_of_token[i];
    if (!rows[word].has_value()) rows[word] = RowOf(encoding_.words[word], encoding_.vector(word));
    Assign(i, *rows[word]);
  }
  return absl::OkStatus();
}

bool EmbeddingFeatures::Pass::HasGlobal(WordId id) const {
  if (features_.options_.own_weight > 0) return true;
  const std::span<const float> row = model_.global_context.row(corpora::Index(id));
  return std::any_of(row.begin(), row.end(), [](float value) { return value != 0; });
}

std::uint32_t EmbeddingFeatures::Pass::RowOf(const EncodedWord& word, std::span<const float> vector) {
  const bool needs_global = features_.options_.kind == EmbeddingKind::kGlobal;
  if (!word.found_context || (needs_global && !word.known)) return kNoRow;
  if (features_.encoder_.options().global_weight < 1 || !word.known) return Append(vector);
  // With a = 1 a known word has one vector everywhere, unless it has no global context and took its local one.
  const WordId id = *model_.vocabulary.Find(word.word);
  if (!HasGlobal(id)) return needs_global ? kNoRow : Append(vector);
  std::uint32_t& row = SharedRow(id);
  if (row == kNoRow) row = Append(vector);
  return row;
}

std::uint32_t EmbeddingFeatures::Pass::AppendUnit(std::span<const float> vector) {
  const float scale = UnitScale(vector);
  if (scale == 0) return kNoRow;
  const std::uint32_t row = Append(vector);
  for (float& value : std::span(result_.values).last(vector.size())) value *= scale;
  return row;
}

std::uint32_t EmbeddingFeatures::Pass::Append(std::span<const float> vector) {
  const auto row = static_cast<std::uint32_t>(result_.rows());
  result_.values.insert(result_.values.end(), vector.begin(), vector.end());
  return row;
}

void EmbeddingFeatures::Pass::Assign(std::size_t document_token, std::uint32_t row) {
  result_.row_of[token_of_[document_token]] = row;
}

absl::StatusOr<EmbeddingFeatures> EmbeddingFeatures::Create(const Model& model, const EmbeddingOptions& options) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  const bool needs_global = options.kind == EmbeddingKind::kGlobal || options.kind == EmbeddingKind::kOov ||
                            (options.kind == EmbeddingKind::kMix && options.global_weight > 0);
  if (needs_global && model.global_context.empty()) {
    return FailedPrecondition(
        "the vectors come without global contexts: of them can be had only --embedding word2vec, or mix with "
        "--global-weight 0");
  }
  CONEC_ASSIGN_OR_RETURN(Encoder encoder, Encoder::Create(model, ToEncoderOptions(options, model)));
  EmbeddingFeatures features(std::move(encoder), options);
  CONEC_ASSIGN_OR_RETURN(features.word_form_, WordFormOf(model));
  if (options.kind == EmbeddingKind::kWord2vec) {
    CONEC_ASSIGN_OR_RETURN(features.word_vectors_, Word2vecVectors(model));
  }
  features.cross_sentences_ =
      options.cross_sentences.value_or(model.info.tokenizer.segments == tokenize::SegmentBoundary::kDocument);
  features.sentence_end_ = options.sentence_end.value_or(SentenceEndOf(model, features.cross_sentences_));
  return features;
}

absl::StatusOr<TokenVectors> EmbeddingFeatures::Encode(const ConllFile& file, TokenRange range) const {
  return WithMemory(range.size(), [&] { return Pass(*this, file, range).Run(); });
}

std::vector<std::uint32_t> RowsOfNeighbours(const ConllFile& file, TokenRange range,
                                            std::span<const std::uint32_t> row_of, int offset) {
  std::vector<std::uint32_t> rows(row_of.size(), kNoRow);
  const std::span<const std::size_t> sentences = file.sentence_ends();
  std::size_t begin = range.begin;
  for (auto end = std::upper_bound(sentences.begin(), sentences.end(), begin); begin < range.end; begin = *end++) {
    const auto length = static_cast<std::ptrdiff_t>(*end - begin);
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, -offset);
    const std::ptrdiff_t last = std::min<std::ptrdiff_t>(length, length - offset);
    const std::size_t base = begin - range.begin;
    for (std::ptrdiff_t i = first; i < last; ++i) {
      rows[base + static_cast<std::size_t>(i)] = row_of[base + static_cast<std::size_t>(i + offset)];
    }
  }
  return rows;
}

std::vector<DenseBlock> EmbeddingBlocks(const ConllFile& file, TokenRange range,
                                        std::shared_ptr<const TokenVectors> vectors, int window) {
  std::vector<DenseBlock> blocks;
  for (int offset = -window; offset <= window; ++offset) {
    DenseBlock block;
    block.table = {vectors->values.data(), vectors->rows(), vectors->dim};
    block.row_of = RowsOfNeighbours(file, range, vectors->row_of, offset);
    block.owner = vectors;
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace conec::ner
