// A file of text as one document of a Context Encoder.
#pragma once

#include <string>

#include "base/status.h"
#include "conec/encoder.h"
#include "tokenize/tokenizer.h"

namespace conec::cli {

// All text of the file (or folder, or archive: whatever the programs read), tokenised with `options`; with the shapes
// of its words if asked for (Encoder::needs_shapes). Errors name the file.
absl::StatusOr<Document> ReadDocument(const std::string& path, const tokenize::TokenizerOptions& options, bool shapes);

}  // namespace conec::cli
