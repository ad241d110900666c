// Training a tagger with its progress shown.
#pragma once

#include <span>
#include <string>

#include "base/status.h"
#include "ner/tagger.h"
#include "tools/cli/progress.h"

namespace conec::ner {

struct Fitted {
  Tagger tagger;
  FitReport report;
  double seconds = 0;
};

// Tagger::Train(); `phase` is what the progress is called. A signal stops it with kCancelled.
absl::StatusOr<Fitted> Fit(std::span<const Model> models, const ConllFile& file, TaggerOptions options,
                           const std::string& phase, cli::Progress& progress);

}  // namespace conec::ner
