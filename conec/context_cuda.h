// The pass over the corpus on a GPU. For this room only.
#pragma once

#include "base/status.h"
#include "conec/context_corpus.h"
#include "conec/context_kernel.h"
#include "conec/global_context.h"

namespace conec::context_internal {

// What the WindowSummers of all columns would add to task.sums and task.precise_sums, which are zero before, up to
// rounding: the order of additions is no fixed one. The corpus has passed CountWords and CheckShapes. kUnavailable: no
// GPU, more than 1024 dimensions, or a GPU that fails the check which comes first (context_check.h);
// kResourceExhausted: table and sums do not fit into its memory; kCancelled.
absl::Status SumOnGpu(const ContextCorpus& corpus, const WindowSummer::Task& task, const ContextProgressFn& progress);

}  // namespace conec::context_internal
