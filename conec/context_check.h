// A look at a GPU before it sums context vectors. For this room only.
#pragma once

#include <functional>

#include "base/status.h"
#include "conec/context_corpus.h"
#include "conec/context_kernel.h"

namespace conec::context_internal {

// What is looked at: adds to sums and precise_sums of the task, as SumOnGpu().
using SumFn = std::function<absl::Status(const ContextCorpus& corpus, const WindowSummer::Task& task)>;

// Whether `sum` gives for a small random text what the CPU gives, with the columns, weights and extended inputs of
// `like`, so that it is their code that runs: milliseconds. kUnavailable and how far it is off if not; its own errors.
absl::Status CheckSums(const WindowSummer::Task& like, const SumFn& sum);

}  // namespace conec::context_internal
