#include "tools/embed/background_writer.h"

namespace conec::embed {

absl::Status BackgroundWriter::Wait() {
  if (!writing_.valid()) return absl::OkStatus();
  const absl::Status status = writing_.get();
  for (std::string& text : being_written_) {
    text.clear();
    spare_.push_back(std::move(text));
  }
  being_written_.clear();
  return status;
}

absl::Status BackgroundWriter::Start() {
  CONEC_RETURN_IF_ERROR(Wait());
  being_written_ = std::exchange(added_, {});
  const auto write = [this] {
    for (const std::string& text : being_written_) CONEC_RETURN_IF_ERROR(output_->Write(text));
    return absl::OkStatus();
  };
  writing_ = std::async(std::launch::async | std::launch::deferred, write);  // deferred where there are no more threads
  return absl::OkStatus();
}

absl::Status BackgroundWriter::Finish() {
  CONEC_RETURN_IF_ERROR(Start());
  return Wait();
}

absl::StatusOr<OutputFile*> BackgroundWriter::Output() {
  CONEC_RETURN_IF_ERROR(Finish());
  return output_;
}

std::string BackgroundWriter::Spare() {
  if (spare_.empty()) return {};
  std::string text = std::move(spare_.back());
  spare_.pop_back();
  return text;
}

}  // namespace conec::embed
