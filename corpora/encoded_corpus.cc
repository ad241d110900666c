#include "corpora/encoded_corpus.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>

#include "base/hasher.h"
#include "corpora/metadata.h"

namespace conec::corpora {
namespace {

// Names in the metadata, and where their values live.
constexpr std::pair<const char*, std::uint64_t CorpusStatistics::*> kStatistics[] = {
    {"statistics.bytes", &CorpusStatistics::bytes},
    {"statistics.documents", &CorpusStatistics::documents},
    {"statistics.segments", &CorpusStatistics::segments},
    {"statistics.tokens", &CorpusStatistics::tokens},
    {"statistics.words", &CorpusStatistics::words},
    {"statistics.distinct_words", &CorpusStatistics::distinct_words},
    {"statistics.pruned_words", &CorpusStatistics::pruned_words},
    {"statistics.pruned_tokens", &CorpusStatistics::pruned_tokens},
    {"statistics.invalid_utf8", &CorpusStatistics::invalid_utf8},
};

absl::StatusOr<std::uint64_t> LoadNumber(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return DataLoss("the metadata has no entry '{}'", key);
  const std::string& text = found->second;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return DataLoss("the metadata's '{}' is '{}', expected a number", key, text);
  }
  return value;
}

absl::Status CheckFormat(const std::map<std::string, std::string>& metadata) {
  const auto format = metadata.find(kFormatKey);
  if (format == metadata.end() || format->second != kCorpusFormat) return DataLoss("it is not an encoded corpus");
  const auto version = metadata.find(kFormatVersionKey);
  if (version != metadata.end() && version->second == "1") {
    return FailedPrecondition(
        "it is an encoded corpus of format version 1, which has no checksum, this program reads version {}: encode the "
        "text again",
        kCorpusFormatVersion);
  }
  if (version == metadata.end() || version->second != kCorpusFormatVersion) {
    return FailedPrecondition("it is an encoded corpus of format version '{}', this program reads version {}",
                              version == metadata.end() ? "" : version->second, kCorpusFormatVersion);
  }
  return absl::OkStatus();
}

// The safetensors header, or as much of it as could matter; empty if the file cannot be read or has none. Pipes are
// not touched: their text could not be read again.
std::string ReadHeader(const std::string& path) {
  constexpr std::uint64_t kEnough = std::uint64_t{1} << 20;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  std::uint64_t length = 0;
  char prefix[sizeof(length)];
  if (!file.read(prefix, sizeof(prefix))) return {};
  std::memcpy(&length, prefix, sizeof(prefix));
  std::string header(std::min(length, kEnough), '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  header.resize(static_cast<std::size_t>(file.gcount()));
  return header;
}

}  // namespace

void StoreStatistics(const CorpusStatistics& statistics, std::map<std::string, std::string>& metadata) {
  for (const auto& [key, member] : kStatistics) metadata[key] = std::to_string(statistics.*member);
}

absl::StatusOr<CorpusStatistics> LoadStatistics(const std::map<std::string, std::string>& metadata) {
  CorpusStatistics statistics;
  for (const auto& [key, member] : kStatistics) {
    CONEC_ASSIGN_OR_RETURN(statistics.*member, LoadNumber(metadata, key));
  }
  return statistics;
}

absl::Status CorpusChanged() {
  return DataLoss(
      "the encoded corpus changed while it was being read: it holds ids that are no words of its vocabulary; no other "
      "program may write to it");
}

absl::StatusOr<EncodedCorpus> EncodedCorpus::Open(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  return FromFile(std::move(file));
}

absl::StatusOr<EncodedCorpus> EncodedCorpus::FromFile(SafetensorsFile file) {
  const std::string path = file.path();
  EncodedCorpus corpus;
  corpus.file_ = std::make_shared<const SafetensorsFile>(std::move(file));
  const auto annotated = [&](const absl::Status& status) { return Annotate(status, fmt::format("'{}'", path)); };
  if (absl::Status status = CheckFormat(corpus.metadata()); !status.ok()) return annotated(status);
  absl::StatusOr<CorpusStatistics> statistics = LoadStatistics(corpus.metadata());
  if (!statistics.ok()) return annotated(statistics.status());
  corpus.statistics_ = *statistics;
  if (!corpus.file_->Contains("ids")) return annotated(DataLoss("the tensor 'ids' is missing"));
  CONEC_ASSIGN_OR_RETURN(const auto ids, corpus.file_->Vector<std::int32_t>("ids"));
  corpus.stream_ = {reinterpret_cast<const WordId*>(ids.data()), ids.size()};
  CONEC_RETURN_IF_ERROR(corpus.ReadShapes());
  CONEC_ASSIGN_OR_RETURN(corpus.vocabulary_, Vocabulary::FromFile(corpus.file_));
  return corpus;
}

absl::Status EncodedCorpus::ReadShapes() {
  if (!file_->Contains(kShapesTensor)) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const auto shapes, file_->Vector<std::uint8_t>(kShapesTensor));
  if (shapes.size() != stream_.size()) {
    return DataLoss("'{}': {} shapes for {} ids", file_->path(), shapes.size(), stream_.size());
  }
  shapes_ = {reinterpret_cast<const tokenize::WordShape*>(shapes.data()), shapes.size()};
  return absl::OkStatus();
}

bool EncodedCorpus::IsEncodedCorpus(const std::string& path) {
  const std::string header = ReadHeader(path);
  return header.starts_with('{') &&
         header.find(fmt::format("\"{}\":\"{}\"", kFormatKey, kCorpusFormat)) != std::string::npos;
}

CorpusFingerprint EncodedCorpus::Fingerprint() const {
  Hasher stream;
  stream.Add(std::as_bytes(stream_));
  stream.Add(std::as_bytes(shapes_));
  return {vocabulary_.Fingerprint(), stream.Hex()};
}

absl::Status EncodedCorpus::ValidateShapes() const {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const auto shape = static_cast<std::uint8_t>(shapes_[i]);
    const std::size_t shapes = EndsSegment(stream_[i]) ? 1 : tokenize::kWordShapes;
    if (shape >= shapes) {
      return DataLoss("'{}': position {} of the shapes: {}, expected less than {}", file_->path(), i, shape, shapes);
    }
  }
  return absl::OkStatus();
}

absl::Status EncodedCorpus::VerifyChecksum() const {
  absl::Status status = file_->VerifyChecksum();
  if (status.ok() && file_->checksum().empty()) {
    status = DataLoss("'{}' is damaged: it has no checksum", file_->path());
  }
  if (status.ok()) return status;
  return DataLoss("{}; encode the text again", std::string(status.message()));
}

absl::Status EncodedCorpus::CheckUnchanged() const {
  if (file_->VerifyChecksum().ok()) return absl::OkStatus();
  return DataLoss("'{}' changed while it was being read: encode the text again, and let no other program write to it",
                  file_->path());
}

absl::Status EncodedCorpus::Validate() const {
  CONEC_RETURN_IF_ERROR(VerifyChecksum());
  const auto bad = [&](std::size_t position, std::string_view what) {
    return DataLoss("'{}': position {} of the ids: {}", file_->path(), position, what);
  };
  if (absl::Status status = vocabulary_.Validate(); !status.ok()) {
    return Annotate(status, fmt::format("'{}'", file_->path()));
  }
  absl::StatusOr<std::uint64_t> longest = LoadNumber(metadata(), kSegmentLengthKey);
  if (!longest.ok()) return Annotate(longest.status(), fmt::format("'{}'", file_->path()));
  const std::size_t words = vocabulary_.size();
  std::uint64_t length = 0;  // of the segment so far
  for (std::size_t i = 0; i < stream_.size(); ++i) {
    if (EndsSegment(stream_[i])) {
      length = 0;
      continue;
    }
    if (Index(stream_[i]) >= words && stream_[i] != kGap) {
      return bad(i, fmt::format("{} is no id of a vocabulary of {} words", Index(stream_[i]), words));
    }
    if (++length > *longest) return bad(i, fmt::format("a segment is longer than {}", *longest));
  }
  if (!stream_.empty() && stream_.back() != kEndOfDocument) {
    return bad(stream_.size() - 1, "the last document does not end");
  }
  return ValidateShapes();
}

}  // namespace conec::corpora
