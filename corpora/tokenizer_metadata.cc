#include <string>

#include "corpora/encode.h"

namespace conec::corpora {
namespace {

using tokenize::TokenizerOptions;
using Metadata = std::map<std::string, std::string>;

struct Flag {
  const char* key;
  bool TokenizerOptions::*member;
};
constexpr Flag kFlags[] = {
    {"tokenizer.fold_case", &TokenizerOptions::fold_case},
    {"tokenizer.fold_digits", &TokenizerOptions::fold_digits},
    {"tokenizer.keep_punctuation", &TokenizerOptions::keep_punctuation},
    {"tokenizer.join_lines", &TokenizerOptions::join_lines},
};

// Calls parse(value) if there is an entry `key`; its errors become kDataLoss.
template <typename Parse>
absl::Status LoadEntry(const Metadata& metadata, const char* key, Parse&& parse) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return absl::OkStatus();
  const absl::Status status = parse(found->second);
  if (status.ok()) return status;
  return DataLoss("the metadata's '{}': {}", key, std::string(status.message()));
}

absl::Status ParseFlag(const std::string& text, bool& flag) {
  if (text != "true" && text != "false") return InvalidArgument("'{}' is neither true nor false", text);
  flag = text == "true";
  return absl::OkStatus();
}

}  // namespace

void StoreTokenizerOptions(const TokenizerOptions& options, Metadata& metadata) {
  metadata["tokenizer.kind"] = Name(options.kind);
  metadata["tokenizer.normalization"] = Name(options.normalization);
  metadata["tokenizer.segments"] = Name(options.segments);
  metadata["tokenizer.locale"] = options.locale;
  if (!options.line_token.empty()) metadata["tokenizer.line_token"] = options.line_token;
  for (const Flag& flag : kFlags) metadata[flag.key] = options.*flag.member ? "true" : "false";
}

absl::StatusOr<TokenizerOptions> LoadTokenizerOptions(const Metadata& metadata) {
  TokenizerOptions options;
  CONEC_RETURN_IF_ERROR(LoadEntry(metadata, "tokenizer.kind", [&](const std::string& value) -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(options.kind, tokenize::ParseTokenizerKind(value));
    return absl::OkStatus();
  }));
  CONEC_RETURN_IF_ERROR(LoadEntry(metadata, "tokenizer.normalization", [&](const std::string& value) -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(options.normalization, tokenize::ParseNormalization(value));
    return absl::OkStatus();
  }));
  CONEC_RETURN_IF_ERROR(LoadEntry(metadata, "tokenizer.segments", [&](const std::string& value) -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(options.segments, tokenize::ParseSegmentBoundary(value));
    return absl::OkStatus();
  }));
  for (const Flag& flag : kFlags) {
    CONEC_RETURN_IF_ERROR(LoadEntry(metadata, flag.key,
                                    [&](const std::string& value) { return ParseFlag(value, options.*flag.member); }));
  }
  if (const auto token = metadata.find("tokenizer.line_token"); token != metadata.end()) {
    options.line_token = token->second;
  }
  if (const auto locale = metadata.find("tokenizer.locale"); locale != metadata.end()) options.locale = locale->second;
  if (const absl::Status status = Validate(options); !status.ok()) {
    return DataLoss("the metadata of the tokenizer: {}", std::string(status.message()));
  }
  return options;
}

}  // namespace conec::corpora
