// What pruning the count table did to ids that are already on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "corpora/word_id.h"

namespace conec::corpora {

// Each pruning numbers the surviving words anew, so that ids, and with them memory, stay bounded by the table. The raw
// stream written before keeps its old ids; this log says, part by part, what they mean. Its maps lie on disk.
class PruneLog {
 public:
  explicit PruneLog(std::string folder) : folder_(std::move(folder)) {}

  // At `position` of the raw stream the ids changed: new_ids[old], or WordTable::kRetired.
  absl::Status Append(std::uint64_t position, std::span<const std::uint32_t> new_ids);

  // The parts of the stream with one numbering each: the number of prunings and one.
  std::size_t parts() const { return parts_.size() + 1; }
  // Where a part ends; `length`, the stream's, for the last.
  std::uint64_t PartEnd(std::size_t part, std::uint64_t length) const {
    return part < parts_.size() ? parts_[part].end : length;
  }

  // Given the final ids of the last part's ids, finds those of all parts (retired ids are kGap); then FinalIds() gives
  // them. Once, after the last Append.
  absl::Status Resolve(std::vector<WordId> last_final_ids);
  absl::StatusOr<std::vector<WordId>> FinalIds(std::size_t part) const;

 private:
  struct Part {
    std::uint64_t end = 0;     // in the raw stream
    std::uint64_t offset = 0;  // of its map in the file, bytes
    std::size_t ids = 0;       // entries of its map
  };
  std::string folder_;
  std::vector<Part> parts_;            // without the last
  std::optional<TemporaryFile> file_;  // once something was appended
  std::uint64_t bytes_ = 0;
  std::vector<WordId> last_final_ids_;
};

}  // namespace conec::corpora
