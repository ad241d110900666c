// Models and other people's vectors behind one name.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/status.h"
#include "conec/model.h"
#include "word2vec/vector_file.h"

namespace conec::cli {

// The context vectors that serve analogies, similarity and unknown words best (conec/README.md); the paper has no sif.
inline constexpr ContextOptions kBestContext = {.sif = 3e-5};

// The mix of global context and own vector that serves analogies and word similarity best (conec/README.md).
inline constexpr ConecVectorOptions kBestMix = {.own_weight = 1.5, .unit_parts = true};

struct LoadedModel {
  Model model;
  bool is_plain = false;  // vectors of another tool: no output table, no global context, no tokenizer
};

// Opens a model file, or reads a vectors file of any format that can be detected. Errors name the file.
absl::StatusOr<LoadedModel> LoadModel(const std::string& path, const word2vec::LoadOptions& options);
absl::StatusOr<LoadedModel> LoadModel(const std::string& path, int threads);

// --verify.
void AddVerifyOption(CLI::App& app, bool& verify);

// Whether the model is as it was written, and this program computes with it what the one did that wrote it
// (conec/self_test.h): reads the whole file. kFailedPrecondition if it is no model of ours or has no self-test. Errors
// name the file.
absl::Status VerifyModel(const LoadedModel& loaded, const std::string& path);

// How documents and questions are read: as `given`, if any option of AddTokenizerOptions() stands on the command line,
// else as suits the model (conec/document_tokenizer.h).
absl::StatusOr<tokenize::TokenizerOptions> ChooseTokenizer(const CLI::App& app, const tokenize::TokenizerOptions& given,
                                                           const LoadedModel& loaded);
absl::StatusOr<tokenize::TokenizerOptions> ChooseTokenizer(const LoadedModel& loaded);

enum class VectorKind { kWord2vec, kConec, kOutput };
std::string_view Name(VectorKind kind);  // "word2vec", "conec", "output"
absl::StatusOr<VectorKind> ParseVectorKind(std::string_view name);

// One table of the model: W1, the global ConEc vectors, or W2. kInvalidArgument if the model has none of that kind,
// naming the options.
absl::StatusOr<word2vec::WordVectors> SelectVectors(const LoadedModel& loaded, VectorKind kind,
                                                    const ConecVectorOptions& options = {});

}  // namespace conec::cli
