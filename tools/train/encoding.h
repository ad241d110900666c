// How conec-train comes by its encoded corpus.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"
#include "corpora/encode.h"
#include "corpora/encoded_corpus.h"
#include "tools/cli/progress.h"

namespace conec::train {

struct CorpusFiles {
  std::string kept;            // where to keep the encoded corpus; empty: nowhere
  std::string scratch_folder;  // for one that is not kept
  // Whether a kept corpus is the one that an interrupted training had. Empty: none was interrupted.
  std::function<bool(const corpora::EncodedCorpus&)> is_of_training;
};

// Whether the only input is an encoded corpus.
bool IsEncoded(const corpora::EncodeOptions& options);

// Opens the encoded corpus that is the input; or, when a training goes on, the one that it kept, if that was made from
// the same inputs with the same options; or encodes the text. Without files.kept the corpus has no name: it vanishes
// with the process, whatever happens to it.
absl::StatusOr<corpora::EncodedCorpus> PrepareCorpus(const corpora::EncodeOptions& options, const CorpusFiles& files,
                                                     cli::Progress& progress);

}  // namespace conec::train
