// Waiting for somebody else: the other end of a pipe, a terminal. Whoever is asked to stop does not wait any more.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec {

// From now on the waits below, and those of corpora::FileSource, AtomicFile and ReadFileToString(), end with kCancelled
// as soon as `descriptor` is readable (an eventfd that a signal's handler writes to; it stays the caller's). -1: none
// does, as in the beginning. Call it before other threads are there.
void SetStopDescriptor(int descriptor);
int StopDescriptor();

// Whether `descriptor` is open so that it can be read. Programs occupy standard streams that their caller closed with
// what cannot be used (tools/cli/standard_streams.h).
bool IsReadable(int descriptor);
bool IsWritable(int descriptor);

// open(2) for writing of a named pipe, once it has a reader; elsewhere without waiting. The descriptor is the caller's.
absl::StatusOr<int> OpenForWriting(const std::string& path);

// Until `descriptor` has something to read or has come to its end (named pipes are to be opened with O_NONBLOCK:
// open(2) itself would wait). kCancelled also once `cancel` is readable (-1: nothing is).
absl::Status WaitToRead(int descriptor, int cancel = -1);

// All of `bytes`. Regular files do not wait; of what goes elsewhere some may have been written before an error. Errors
// are those of write(2) with `what` ("cannot write 'x'") before them.
absl::Status WriteAll(int descriptor, std::span<const std::byte> bytes, std::string_view what);

}  // namespace conec
