#include "conec/encoder.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "conec/context_kernel.h"
#include "conec/context_sums.h"
#include "conec/vectors.h"

namespace conec {

using corpora::IsWord;
using corpora::WordId;

namespace {

ConecVectorOptions GlobalOptions(const EncoderOptions& options) {
  return {.own_weight = options.own_weight, .unit_parts = options.unit_parts, .output_weight = options.output_weight};
}

}  // namespace

void Document::Clear() {
  text_.clear();
  token_ends_.clear();
  shapes_.clear();
  segment_ends_.clear();
  sentence_starts_ = tokenize::SentenceStarts();
}

void Document::AddToken(std::string_view token, std::optional<tokenize::WordShape> shape) {
  if (shape.has_value()) {
    shapes_.resize(size(), kUnknownShape);
    shapes_.push_back(*shape);
  }
  text_.append(token);
  token_ends_.push_back(text_.size());
}

void Document::EndSegment() {
  const std::size_t begin = segment_ends_.empty() ? 0 : segment_ends_.back();
  if (size() > begin) segment_ends_.push_back(size());
}

template <typename Add>
void Document::AppendEach(const tokenize::TokenBuffer& buffer, Add&& add) {
  if (buffer.starts_with_boundary) EndSegment();
  std::size_t next = 0;
  for (const std::uint32_t end : buffer.segment_ends) {
    for (; next < end; ++next) add(buffer.tokens[next]);
    EndSegment();
  }
  for (; next < buffer.tokens.size(); ++next) add(buffer.tokens[next]);
}

void Document::Append(const tokenize::TokenBuffer& buffer) {
  AppendEach(buffer, [this](const tokenize::Token& token) { AddToken(token.text); });
}

void Document::Append(const tokenize::TokenBuffer& buffer, const tokenize::TokenizerOptions& options,
                      std::string_view text) {
  std::vector<tokenize::WordShape> shapes;
  const tokenize::PieceEdges edges = tokenize::ReadTokenShapes(options, text, buffer, &shapes);
  sentence_starts_.Add(edges, shapes);
  AppendEach(buffer,
             [&, next = shapes.begin()](const tokenize::Token& token) mutable { AddToken(token.text, *next++); });
}

std::optional<tokenize::WordShape> Document::shape(std::size_t i) const {
  if (i >= shapes_.size() || shapes_[i] == kUnknownShape) return std::nullopt;
  return shapes_[i];
}

std::string_view Document::token(std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : token_ends_[i - 1];
  return std::string_view(text_).substr(begin, token_ends_[i] - begin);
}

// The words of one document, and who stands next to whom.
class Encoder::Pass {
 public:
  Pass(const Encoder& encoder, const Document& document);

  std::size_t words() const { return words_.size(); }
  bool selected(std::size_t word) const;
  std::size_t word_of(std::size_t token) const { return word_of_token_[token]; }
  // The tokens that are `word`, in order.
  std::span<const std::size_t> occurrences(std::size_t word) const;
  EncodedWord Describe(std::size_t word, std::span<const std::size_t> tokens) const;

  // vector = the mix of the global vector of `word` and the local context of `tokens`, its occurrences or one of them.
  // False if there is neither.
  bool Encode(std::size_t word, std::span<const std::size_t> tokens, std::span<float> vector);

 private:
  struct Row {
    const float* data = nullptr;
    float scale = 0;
  };
  struct Word {
    std::string_view text;
    WordId id = corpora::kGap;
    float weight = 1;  // beside another word
    Row left{};        // of W1, if known: for words right of it, hence where it stands left
    Row right{};       // the other side; the same without `direction`
  };
  // What can stand in windows: known words, and unknown ones where gaps are kept. Indices into line_.
  struct Place {
    std::size_t begin = 0, end = 0;  // of the segment
    std::size_t at = 0;              // of the token; if it is not on the line itself, of what follows it
    bool on_line = false;
  };
  void FindWords();
  void GroupTokens();
  void LayOutSegment(std::size_t first, std::size_t last);
  Row RowOf(std::uint32_t index) const;
  bool AddLocalContext(std::span<const std::size_t> tokens, std::span<float> sum);
  bool AddWindow(const Place& place, std::span<float> sum);
  bool AddNeighbour(std::size_t index, std::size_t distance, bool is_right, std::span<float> sum);
  bool AddNeighbourShape(std::size_t index, std::size_t distance, bool is_right, std::span<float> sum);
  bool AddOwnShape(std::size_t token, std::span<float> sum);
  bool AddShapeRow(std::uint32_t row, float weight, std::span<float> sum);
  void CountEntry(std::size_t entry, float weight);
  double TakeLargestEntry();

  const Encoder& encoder_;
  const Document& document_;
  const word2vec::InputLayout& layout_;
  std::vector<float> weights_;        // of distances
  std::vector<float> shape_weights_;  // of shapes at these distances
  std::vector<Word> words_;
  std::vector<std::size_t> word_of_token_;
  std::vector<std::size_t> grouped_tokens_, group_begins_;
  std::vector<std::size_t> line_;                                // indices into words_, segment after segment
  std::vector<std::optional<tokenize::WordShape>> line_shapes_;  // of what is on the line, if context shapes are inputs
  std::vector<Place> places_;                                    // of tokens
  std::vector<float> global_;                                    // d values
  // The count row of the word at hand, for kMax: entries by word and side, then by row for shapes; and which are not
  // zero.
  std::vector<double> entries_;
  std::vector<std::size_t> nonzero_;
  std::size_t target_ = 0;  // the word at hand
};

Encoder::Pass::Pass(const Encoder& encoder, const Document& document)
    : encoder_(encoder),
      document_(document),
      layout_(encoder.table_.layout),
      weights_(DistanceWeights(encoder.local_)),
      shape_weights_(ShapeWeights(encoder.local_)),
      word_of_token_(document.size()),
      places_(document.size()),
      global_(encoder.dim()) {
  FindWords();
  GroupTokens();
  std::size_t first = 0;
  for (const std::size_t end : document.segment_ends()) {
    LayOutSegment(first, end);
    first = end;
  }
  LayOutSegment(first, document.size());
  if (encoder.local_.scaling == ContextScaling::kMax) entries_.resize(2 * words_.size() + encoder.shape_scales_.size());
}

void Encoder::Pass::FindWords() {
  const Model& model = encoder_.model_;
  std::unordered_map<std::string_view, std::size_t> index;
  index.reserve(document_.size());
  for (std::size_t i = 0; i < document_.size(); ++i) {
    const std::string_view text = document_.token(i);
    const auto [found, is_new] = index.try_emplace(text, words_.size());
    word_of_token_[i] = found->second;
    if (!is_new) continue;
    Word word{text};
    if (const std::optional<WordId> id = model.vocabulary.Find(text)) {
      word.id = *id;
      if (!encoder_.word_weights_.empty()) word.weight = encoder_.word_weights_[corpora::Index(*id)];
      word.left = word.right = RowOf(corpora::Index(*id));
      if (layout_.inputs.direction) word.right = RowOf(word2vec::ContextRow(layout_, corpora::Index(*id), true));
    }
    words_.push_back(word);
  }
}

Encoder::Pass::Row Encoder::Pass::RowOf(std::uint32_t index) const {
  const std::span<const float> row = encoder_.table_.row(index);
  return {row.data(), encoder_.local_.unit_rows ? UnitScale(row) : 1.0f};
}

void Encoder::Pass::GroupTokens() {
  group_begins_.assign(words_.size() + 1, 0);
  for (const std::size_t word : word_of_token_) ++group_begins_[word + 1];
  for (std::size_t i = 1; i < group_begins_.size(); ++i) group_begins_[i] += group_begins_[i - 1];
  grouped_tokens_.resize(word_of_token_.size());
  std::vector<std::size_t> next(group_begins_.begin(), group_begins_.end() - 1);
  for (std::size_t i = 0; i < word_of_token_.size(); ++i) grouped_tokens_[next[word_of_token_[i]]++] = i;
}

void Encoder::Pass::LayOutSegment(std::size_t first, std::size_t last) {
  const std::size_t begin = line_.size();
  for (std::size_t i = first; i < last; ++i) {
    places_[i].at = line_.size();
    places_[i].on_line = encoder_.keep_gaps_ || IsWord(words_[word_of_token_[i]].id);
    if (!places_[i].on_line) continue;
    line_.push_back(word_of_token_[i]);
    if (layout_.inputs.context_shapes) line_shapes_.push_back(document_.shape(i));
  }
  for (std::size_t i = first; i < last; ++i) {
    places_[i].begin = begin;
    places_[i].end = line_.size();
  }
}

bool Encoder::Pass::selected(std::size_t word) const {
  return encoder_.options_.words == WordSelection::kAll || !IsWord(words_[word].id);
}

std::span<const std::size_t> Encoder::Pass::occurrences(std::size_t word) const {
  return std::span(grouped_tokens_).subspan(group_begins_[word], group_begins_[word + 1] - group_begins_[word]);
}

EncodedWord Encoder::Pass::Describe(std::size_t word, std::span<const std::size_t> tokens) const {
  EncodedWord result;
  result.word = words_[word].text;
  result.count = static_cast<std::uint32_t>(tokens.size());
  result.token = tokens.front();
  result.known = IsWord(words_[word].id);
  return result;
}

void Encoder::Pass::CountEntry(std::size_t entry, float weight) {
  if (entries_.empty()) return;
  if (entries_[entry] == 0) nonzero_.push_back(entry);
  entries_[entry] += weight;
}

bool Encoder::Pass::AddNeighbour(std::size_t index, std::size_t distance, bool is_right, std::span<float> sum) {
  const bool found = layout_.inputs.context_shapes && AddNeighbourShape(index, distance, is_right, sum);
  if (encoder_.local_.exclude_target && line_[index] == target_) return found;
  const Word& word = words_[line_[index]];
  const Row& row = is_right ? word.right : word.left;
  const float weight = word.weight * weights_[distance];
  if (row.data == nullptr || weight == 0) return found;
  context_internal::AddScaled(sum, row.data, row.scale * weight);
  CountEntry(2 * line_[index] + (is_right && layout_.inputs.direction ? 1 : 0), weight);
  return true;
}

bool Encoder::Pass::AddNeighbourShape(std::size_t index, std::size_t distance, bool is_right, std::span<float> sum) {
  const std::optional<tokenize::WordShape> shape = line_shapes_[index];
  if (!shape.has_value() || distance > layout_.window) return false;
  const auto row = word2vec::ContextShapeRow(layout_, static_cast<std::uint32_t>(distance), is_right, *shape);
  return AddShapeRow(row, shape_weights_[distance], sum);
}

bool Encoder::Pass::AddOwnShape(std::size_t token, std::span<float> sum) {
  const std::optional<tokenize::WordShape> shape = document_.shape(token);
  return layout_.inputs.shape && shape.has_value() &&
         AddShapeRow(word2vec::ShapeRow(layout_, *shape), shape_weights_[0], sum);
}

bool Encoder::Pass::AddShapeRow(std::uint32_t row, float weight, std::span<float> sum) {
  if (weight == 0) return false;
  const std::size_t index = row - word2vec::FirstContextShapeRow(layout_);
  context_internal::AddScaled(sum, encoder_.table_.row(row).data(), weight * encoder_.shape_scales_[index]);
  CountEntry(2 * words_.size() + index, weight);
  return true;
}

bool Encoder::Pass::AddWindow(const Place& place, std::span<float> sum) {
  const std::size_t window = weights_.size() - 1;
  const std::size_t right = place.at + (place.on_line ? 1 : 0);
  const std::size_t left_count = std::min(window, place.at - place.begin);
  const std::size_t right_count = std::min(window, place.end - right);
  bool found = false;
  for (std::size_t distance = 1; distance <= left_count; ++distance) {
    found |= AddNeighbour(place.at - distance, distance, false, sum);
  }
  for (std::size_t distance = 1; distance <= right_count; ++distance) {
    found |= AddNeighbour(right + distance - 1, distance, true, sum);
  }
  return found;
}

double Encoder::Pass::TakeLargestEntry() {
  double largest = 0;
  for (const std::size_t entry : nonzero_) largest = std::max(largest, std::exchange(entries_[entry], 0.0));
  nonzero_.clear();
  return largest;
}

bool Encoder::Pass::AddLocalContext(std::span<const std::size_t> tokens, std::span<float> sum) {
  bool found = false;
  for (const std::size_t token : tokens) {
    found |= AddWindow(places_[token], sum);
    found |= AddOwnShape(token, sum);
  }
  if (!found) return false;
  const bool by_count = encoder_.local_.scaling == ContextScaling::kCount;
  const double divisor = by_count ? static_cast<double>(tokens.size()) : TakeLargestEntry();
  for (float& value : sum) value = static_cast<float>(value / divisor);
  return true;
}

bool Encoder::Pass::Encode(std::size_t word, std::span<const std::size_t> tokens, std::span<float> vector) {
  const EncoderOptions& options = encoder_.options_;
  std::fill(vector.begin(), vector.end(), 0.0f);
  target_ = word;
  const WordId id = words_[word].id;
  const bool has_global = IsWord(id) && vectors_internal::GlobalVector(encoder_.model_, GlobalOptions(options),
                                                                       encoder_.output_mean_, id, global_);
  // With a = 1 the local context of a known word need not be looked at.
  const bool has_local = !(has_global && options.global_weight == 1) && AddLocalContext(tokens, vector);
  if (options.unit_parts) {
    if (has_global) vectors_internal::ToUnitLength(global_);
    vectors_internal::ToUnitLength(vector);
  }
  if (has_global) {
    const auto weight = static_cast<float>(has_local ? options.global_weight : 1.0);
    for (std::size_t j = 0; j < vector.size(); ++j) vector[j] = weight * global_[j] + (1.0f - weight) * vector[j];
  }
  vectors_internal::Finish(vector, encoder_.mean_, options.unit_length);
  return has_global || has_local;
}

namespace {

// Documents come from outside: one that is too large for memory is the caller's to report, not ours to die of.
template <typename Work>
absl::Status WithMemory(const Document& document, Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return ResourceExhausted("no memory for a document of {} tokens", document.size());
}

void Start(const Document& document, std::size_t dim, Encoding& encoding) {
  encoding.words.clear();
  encoding.vectors.clear();
  encoding.dim = dim;
  encoding.word_of_token.assign(document.size(), Encoding::kNotEncoded);
}

}  // namespace

absl::StatusOr<Encoder> Encoder::Create(Model model, const EncoderOptions& options) {
  if (!(options.global_weight >= 0 && options.global_weight <= 1)) {
    return InvalidArgument("the global weight must be 0 to 1, got {}", options.global_weight);
  }
  if (model.input.empty()) return InvalidArgument("the model has no words");
  CONEC_RETURN_IF_ERROR(CheckInputTable(model.inputs()));
  if (options.global_weight > 0 && model.global_context.empty()) {
    return FailedPrecondition("the model has no global context, so the global weight must be 0, got {}",
                              options.global_weight);
  }
  Encoder encoder;
  encoder.local_ = options.local_context.value_or(model.info.context);
  CONEC_RETURN_IF_ERROR(Validate(encoder.local_));
  encoder.keep_gaps_ = options.keep_gaps.value_or(model.info.keep_gaps);
  CONEC_ASSIGN_OR_RETURN(encoder.output_mean_, vectors_internal::OutputMean(model, GlobalOptions(options)));
  if (options.center) {
    CONEC_ASSIGN_OR_RETURN(encoder.mean_, MeanConecVector(model, GlobalOptions(options)));
  }
  CONEC_ASSIGN_OR_RETURN(encoder.word_weights_, WordWeights(model.vocabulary, encoder.local_));
  encoder.table_ = model.inputs();
  for (std::size_t row = word2vec::FirstContextShapeRow(encoder.table_.layout); row < encoder.table_.rows(); ++row) {
    encoder.shape_scales_.push_back(encoder.local_.unit_rows ? UnitScale(encoder.table_.row(row)) : 1.0f);
  }
  encoder.options_ = options;
  encoder.model_ = std::move(model);
  return encoder;
}

absl::Status Encoder::EncodeWords(const Document& document, Encoding& encoding) const {
  return WithMemory(document, [&] {
    Pass pass(*this, document);
    Start(document, dim(), encoding);
    for (std::size_t word = 0; word < pass.words(); ++word) {
      if (!pass.selected(word)) continue;
      const std::span<const std::size_t> tokens = pass.occurrences(word);
      for (const std::size_t token : tokens) encoding.word_of_token[token] = encoding.words.size();
      encoding.words.push_back(pass.Describe(word, tokens));
      encoding.vectors.resize(encoding.vectors.size() + dim());
      const std::span<float> vector = std::span(encoding.vectors).last(dim());
      encoding.words.back().found_context = pass.Encode(word, tokens, vector);
    }
    return absl::OkStatus();
  });
}

absl::Status Encoder::EncodeTokens(const Document& document, const TokenVisitor& visit) const {
  return WithMemory(document, [&]() -> absl::Status {
    Pass pass(*this, document);
    std::vector<float> vector(dim());
    for (std::size_t token = 0; token < document.size(); ++token) {
      const std::size_t word = pass.word_of(token);
      if (!pass.selected(word)) continue;
      const std::span<const std::size_t> tokens(&token, 1);
      EncodedWord described = pass.Describe(word, tokens);
      described.found_context = pass.Encode(word, tokens, vector);
      CONEC_RETURN_IF_ERROR(visit(described, vector));
    }
    return absl::OkStatus();
  });
}

absl::Status Encoder::EncodeTokens(const Document& document, Encoding& encoding) const {
  return WithMemory(document, [&] {
    Start(document, dim(), encoding);
    return EncodeTokens(document, [&](const EncodedWord& word, std::span<const float> vector) {
      encoding.word_of_token[word.token] = encoding.words.size();
      encoding.words.push_back(word);
      encoding.vectors.insert(encoding.vectors.end(), vector.begin(), vector.end());
      return absl::OkStatus();
    });
  });
}

absl::StatusOr<std::size_t> Encoder::EncodeDocument(const Document& document, std::span<float> vector) const {
  if (vector.size() != dim()) return InvalidArgument("the vector has {} values, expected {}", vector.size(), dim());
  std::size_t tokens = 0;
  CONEC_RETURN_IF_ERROR(WithMemory(document, [&] {
    Pass pass(*this, document);
    std::vector<float> one(dim());
    std::vector<double> sum(dim());
    for (std::size_t word = 0; word < pass.words(); ++word) {
      const std::span<const std::size_t> occurrences = pass.occurrences(word);
      if (!pass.selected(word) || !pass.Encode(word, occurrences, one)) continue;
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += static_cast<double>(occurrences.size()) * one[j];
      tokens += occurrences.size();
    }
    const double scale = tokens == 0 ? 0.0 : 1.0 / static_cast<double>(tokens);
    std::transform(sum.begin(), sum.end(), vector.begin(), [&](double x) { return static_cast<float>(x * scale); });
    return absl::OkStatus();
  }));
  if (options_.unit_length && tokens > 0) vectors_internal::ToUnitLength(vector);
  return tokens;
}

}  // namespace conec
