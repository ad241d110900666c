// Programs that link OpenBLAS, in processes whose memory is limited (ulimit -v, ulimit -d).
//
// OpenBLAS takes 128 MB of address space for each of its own threads, which start before main(), and for each thread
// that multiplies. Where it gets none it asks again, for ever. So what it will take is asked for first: before the
// libraries of a program that links this start (it ends then, with a message and exit code 1), and here.
#pragma once

#include "base/status.h"

namespace conec::cli {

// Call once, before anything is multiplied and before other threads are there. From now on OpenBLAS has what so many
// teams of `threads` threads (0: all cores) take, and keeps it. kResourceExhausted if that cannot be had.
absl::Status ReserveBlasMemory(int threads, int teams);

}  // namespace conec::cli
