// Writes text in a thread of its own while more is made.
#pragma once

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/embed/output.h"

namespace conec::embed {

// Not thread-safe: for the one thread that makes the text. An error of a write comes back from a later call.
class BackgroundWriter {
 public:
  // `output` must outlive the writer.
  explicit BackgroundWriter(OutputFile& output) : output_(&output) {}

  // The next text to be written.
  void Add(std::string text) { added_.push_back(std::move(text)); }
  // Starts to write all that was added, once the texts before it are written.
  absl::Status Start();
  // Returns when all that was added is written.
  absl::Status Finish();
  // The file, with all that was added written.
  absl::StatusOr<OutputFile*> Output();
  // An empty string that may have the memory of a text that was written.
  std::string Spare();

 private:
  absl::Status Wait();

  OutputFile* output_;
  std::vector<std::string> added_;
  std::vector<std::string> being_written_;
  std::vector<std::string> spare_;
  std::future<absl::Status> writing_;  // its destructor waits
};

}  // namespace conec::embed
