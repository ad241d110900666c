// What conec-analogy scores: each variant of the vectors of each model.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "tools/cli/load.h"
#include "tools/cli/question_case.h"
#include "word2vec/analogy.h"
#include "word2vec/analogy_summary.h"

namespace conec::analogy {

// Whose rules hold: the library's protocols, or (kModel) those of the ConEc paper with words in the form in which the
// model writes them, which is lower case for a lower-case vocabulary.
enum class Protocol { kModel, kConec, kWord2vec, kGensim };
std::string_view Name(Protocol protocol);  // "model", "conec", "word2vec", "gensim"
absl::StatusOr<Protocol> ParseProtocol(std::string_view name);
word2vec::AnalogyOptions OptionsOf(Protocol protocol);
cli::QuestionCase CaseOf(Protocol protocol);

// A table of vectors and how it is asked.
struct Variant {
  cli::VectorKind vectors = cli::VectorKind::kWord2vec;
  ConecVectorOptions conec;  // for kConec
  word2vec::AnalogyMethod method = word2vec::AnalogyMethod::k3CosAdd;
};

// A short name among variants of the same method: "word2vec", "conec 4" (the own weight), "conec unit 1.5" (of parts of
// unit length), "conec unit 2 output 0.5".
std::string TableName(const Variant& variant);

struct Request {
  std::vector<std::string> models;
  bool verify = false;  // replays each model's self-test
  std::string questions;
  std::vector<cli::VectorKind> vectors = {cli::VectorKind::kWord2vec};
  std::vector<double> own_weights;           // one variant of conec each
  std::vector<double> unit_own_weights;      // one variant of conec with unit_parts each
  std::vector<double> output_weights = {0};  // each of them with each of these variants
  ConecVectorOptions conec;                  // all else of conec
  std::vector<word2vec::AnalogyMethod> methods = {word2vec::AnalogyMethod::k3CosAdd};
  Protocol protocol = Protocol::kModel;
  cli::QuestionCase letters;         // how words are looked up
  word2vec::AnalogyOptions analogy;  // all but method and the form of words
};

struct VariantScores {
  Variant variant;
  std::vector<word2vec::AnalogyReport> runs;  // one per model
  word2vec::AnalogySummary summary;
};

// Every table of vectors of the request with every method, tables in the order of the request, methods innermost. Each
// model is opened once and each of its tables is computed once. Errors name the model.
absl::StatusOr<std::vector<VariantScores>> ScoreVariants(const Request& request);

}  // namespace conec::analogy
