#include "corpora/prune_log.h"

#include <utility>

#include "corpora/word_table.h"

namespace conec::corpora {

absl::Status PruneLog::Append(std::uint64_t position, std::span<const std::uint32_t> new_ids) {
  if (!file_) {
    CONEC_ASSIGN_OR_RETURN(file_, TemporaryFile::Create(folder_));
  }
  CONEC_RETURN_IF_ERROR(file_->WriteAt(bytes_, std::as_bytes(new_ids)));
  parts_.push_back({position, bytes_, new_ids.size()});
  bytes_ += new_ids.size_bytes();
  return absl::OkStatus();
}

absl::Status PruneLog::Resolve(std::vector<WordId> last_final_ids) {
  last_final_ids_ = std::move(last_final_ids);
  std::vector<WordId> later = parts_.empty() ? std::vector<WordId>() : last_final_ids_;
  for (std::size_t i = parts_.size(); i-- > 0;) {
    std::vector<std::uint32_t> new_ids(parts_[i].ids);
    CONEC_RETURN_IF_ERROR(file_->ReadAt(parts_[i].offset, std::as_writable_bytes(std::span(new_ids))));
    std::vector<WordId> final_ids(new_ids.size(), kGap);
    for (std::size_t id = 0; id < new_ids.size(); ++id) {
      if (new_ids[id] != WordTable::kRetired) final_ids[id] = later[new_ids[id]];
    }
    CONEC_RETURN_IF_ERROR(file_->WriteAt(parts_[i].offset, std::as_bytes(std::span(final_ids))));
    later = std::move(final_ids);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WordId>> PruneLog::FinalIds(std::size_t part) const {
  if (part >= parts_.size()) return last_final_ids_;
  std::vector<WordId> final_ids(parts_[part].ids);
  CONEC_RETURN_IF_ERROR(file_->ReadAt(parts_[part].offset, std::as_writable_bytes(std::span(final_ids))));
  return final_ids;
}

}  // namespace conec::corpora
