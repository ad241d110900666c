// Context Encoder: vectors for the words of a document, known or not (thesis eq. 7.1):
//   y_w = (a x_global + (1 - a) x_local)^T W1
// with the global context of the training corpus and the local context of this one document; a word outside the
// vocabulary has a = 0. Results are scaled to unit length. With all options, for a known word
//   y_w = a u(u(g_w) + b W1[w] + c o_w) + (1 - a) u(l_w)
// and y_w = u(l_w) for an unknown one, which has no row of its own to be weighted. g_w = x_global^T W1 is stored in the
// model, l_w = x_local^T W1 is made here, a is global_weight, b own_weight, and W1[w] of unit length if unit_rows or
// unit_parts; u() scales to unit length under unit_parts, and does nothing otherwise. c is output_weight and o_w,
// always of unit length, what the word's row of W2 (itself of unit length) has of its own: without the mean of such
// rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "conec/context_options.h"
#include "conec/model.h"
#include "tokenize/token_shapes.h"
#include "tokenize/tokenizer.h"
#include "tokenize/word_shape.h"

namespace conec {

// The tokens of one document in segments. Context windows never cross a segment's end. Copies its text; reuse one
// object for many documents (Clear keeps the memory).
//
// A token is what stands in the vocabulary, folded as that is; its shape, for models with such inputs
// (Encoder::needs_shapes), is that of the word in the text. Without shapes documents take no memory for them.
class Document {
 public:
  void Clear();
  // shape: nothing if it is not known; then it is no input.
  void AddToken(std::string_view token, std::optional<tokenize::WordShape> shape = std::nullopt);
  void EndSegment();  // nothing happens if the segment is empty
  // The tokens of one piece of the document; a segment that the piece leaves open goes on in the next.
  void Append(const tokenize::TokenBuffer& buffer);
  // The same with shapes. The tokens are those that a tokenizer with these options found in `text`.
  void Append(const tokenize::TokenBuffer& buffer, const tokenize::TokenizerOptions& options, std::string_view text);

  std::size_t size() const { return token_ends_.size(); }
  std::string_view token(std::size_t i) const;
  std::optional<tokenize::WordShape> shape(std::size_t i) const;
  // Indices one past the last token of each ended segment; tokens after the last entry are one more segment.
  std::span<const std::size_t> segment_ends() const { return segment_ends_; }

 private:
  static constexpr auto kUnknownShape = static_cast<tokenize::WordShape>(0xFF);

  template <typename Add>
  void AppendEach(const tokenize::TokenBuffer& buffer, Add&& add);

  std::string text_;
  std::vector<std::size_t> token_ends_;      // in text_
  std::vector<tokenize::WordShape> shapes_;  // of the first tokens; those behind have none
  std::vector<std::size_t> segment_ends_;
  tokenize::SentenceStarts sentence_starts_;
};

enum class WordSelection { kAll, kOov };

// The comments here are the documentation of the command-line options.
struct EncoderOptions {
  double global_weight = 0.6;  // a, in [0, 1]: the weight of the global context of known words
  double own_weight = 0;       // weight of the known word itself in its global context (see ConecVectorOptions)
  bool unit_parts = false;     // scale each part of the mix to unit length first (see ConecVectorOptions)
  double output_weight = 0;    // weight of the known word's centred output vector in the same place, likewise
  std::optional<ContextOptions> local_context;  // of the document's context vectors; nothing: as the model's
  std::optional<bool> keep_gaps;  // other unknown words keep their places in windows; nothing: as the model's
  WordSelection words = WordSelection::kAll;  // which words get vectors: all, or those outside the vocabulary only
  bool center = false;                        // subtract the direction that all contexts share (ConecVectorOptions)
  bool unit_length = true;                    // scale the results to unit length; center implies it
};

// A distinct word of a document, or one token of it.
struct EncodedWord {
  std::string_view word;       // valid as long as the document is unchanged
  std::uint32_t count = 0;     // occurrences in the document (1 for a token)
  std::size_t token = 0;       // index of the first occurrence, or of the token
  bool known = false;          // in the vocabulary
  bool found_context = false;  // false: it has no context vector, neither global nor local; the vector is zero
};

// Row i of `vectors` (words.size() x dim, row-major) belongs to words[i].
struct Encoding {
  static constexpr std::size_t kNotEncoded = static_cast<std::size_t>(-1);

  std::vector<EncodedWord> words;
  std::vector<float> vectors;
  std::size_t dim = 0;
  // For every token of the document the index of its entry in `words`; kNotEncoded if it was not selected.
  std::vector<std::size_t> word_of_token;
  std::span<const float> vector(std::size_t i) const { return {vectors.data() + i * dim, dim}; }
};

// Immutable: one encoder serves any number of threads. A document's vectors do not depend on other documents.
//
// Local contexts: unknown words of the document are removed before windows are taken, or keep their places
// (keep_gaps); the occurrence whose window it is always stands at its own place. With kCount the local context is the
// mean over the occurrences; with kMax their sum divided by its largest entry. A known word whose local contexts hold
// nothing known gets its global vector (a = 1), one without global context its local vector (a = 0); where both are
// missing the vector is zero and found_context false, never NaN.
//
// Extended inputs (word2vec/input_layout.h): the local context has the rows that training had, from the document. The
// shape of an unknown word, and of those that stand around it, is as good as that of a known one, so that a context
// vector can hold shapes alone and found_context be true without a known word near: what is known then is that a word
// is, say, capitalised and stands after a number.
class Encoder {
 public:
  // kInvalidArgument for options out of range; kFailedPrecondition if global_weight > 0 and the model has no global
  // context, or output_weight > 0 and it has no output table.
  static absl::StatusOr<Encoder> Create(Model model, const EncoderOptions& options = {});

  const Model& model() const { return model_; }
  const EncoderOptions& options() const { return options_; }
  std::size_t dim() const { return model_.dim(); }
  bool needs_shapes() const { return model_.layout.inputs.needs_shapes(); }

  // One vector per distinct word, in the order of first occurrence. `encoding` is overwritten; its memory is reused.
  absl::Status EncodeWords(const Document& document, Encoding& encoding) const;

  // One vector per token, from the local context of that one occurrence. The vector passed to `visit` is valid during
  // the call; memory does not grow with the document's vectors. An error of `visit` ends the walk and is returned.
  using TokenVisitor = std::function<absl::Status(const EncodedWord&, std::span<const float> vector)>;
  absl::Status EncodeTokens(const Document& document, const TokenVisitor& visit) const;
  absl::Status EncodeTokens(const Document& document, Encoding& encoding) const;

  // One vector for the document: the mean of the word vectors over the tokens whose word has one, to unit length under
  // unit_length. vector: dim() values. Returns the number of those tokens; 0 means a zero vector.
  absl::StatusOr<std::size_t> EncodeDocument(const Document& document, std::span<float> vector) const;

 private:
  class Pass;  // the working state of one document

  Encoder() = default;

  Model model_;
  InputTable table_;                 // of model_
  std::vector<float> word_weights_;  // in the local context; empty: 1
  EncoderOptions options_;
  ContextOptions local_;
  bool keep_gaps_ = false;
  std::vector<float> output_mean_;   // d values if options_.output_weight > 0
  std::vector<float> mean_;          // d values if options_.center
  std::vector<float> shape_scales_;  // of the rows for shapes, context shapes first
};

}  // namespace conec
