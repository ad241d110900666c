#include "tools/ner/fitting.h"

#include <utility>

#include "tools/cli/resources.h"
#include "tools/cli/signals.h"

namespace conec::ner {

absl::StatusOr<Fitted> Fit(std::span<const Model> models, const ConllFile& file, TaggerOptions options,
                           const std::string& phase, cli::Progress& progress) {
  const cli::Stopwatch watch;
  // How many iterations it takes is not known beforehand.
  options.classifier.progress = [&](int iteration, double objective) {
    progress.Update({phase,
                     {},
                     {{"iteration", static_cast<double>(iteration), fmt::format("iteration {}", iteration)},
                      {"objective", objective, fmt::format("objective {:.6g}", objective)}}});
    return cli::StopSignal() == 0;
  };
  FitReport report;
  CONEC_ASSIGN_OR_RETURN(Tagger tagger, Tagger::Train(models, file, options, &report));
  return Fitted{std::move(tagger), report, watch.Seconds()};
}

}  // namespace conec::ner
