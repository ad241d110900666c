#include "ner/classifier_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/safetensors.h"

namespace conec::ner {
namespace {

constexpr std::string_view kFormat = "conec-classifier";
constexpr std::string_view kFormatVersion = "1";
constexpr std::string_view kOther = "other.";
constexpr char kWeights[] = "weights";
constexpr char kIntercepts[] = "intercepts";
constexpr char kNameEnds[] = "class_name_ends";
constexpr char kNameBytes[] = "class_name_bytes";
constexpr char kMeans[] = "standardizer_means";
constexpr char kScales[] = "standardizer_scales";

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

absl::Status CheckNames(const std::vector<std::string>& names) {
  if (names.size() < 2) return InvalidArgument("{} classes, expected at least 2", names.size());
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) return InvalidArgument("the class '{}' stands there twice", name);
  }
  return absl::OkStatus();
}

absl::Status CheckStored(const StoredClassifier& stored) {
  const LinearClassifier& classifier = stored.classifier;
  const std::size_t classes = classifier.classes.size();
  CONEC_RETURN_IF_ERROR(CheckNames(classifier.classes));
  if (classifier.weights.rows() != classes || classifier.intercepts.size() != classes) {
    return InvalidArgument("weights of {} and intercepts of {} classes, expected {}", classifier.weights.rows(),
                           classifier.intercepts.size(), classes);
  }
  for (std::size_t c = 0; c < classes; ++c) {
    if (!AllFinite(classifier.weights.row(c)) || !std::isfinite(classifier.intercepts[c])) {
      return InvalidArgument("a weight of class '{}' is not finite", classifier.classes[c]);
    }
  }
  return stored.standardizer ? CheckStandardizer(*stored.standardizer, classifier.weights.cols()) : absl::OkStatus();
}

struct Names {
  std::vector<std::int64_t> ends;
  std::string bytes;
};

Names Join(const std::vector<std::string>& names) {
  Names joined;
  for (const std::string& name : names) {
    joined.bytes += name;
    joined.ends.push_back(static_cast<std::int64_t>(joined.bytes.size()));
  }
  return joined;
}

absl::StatusOr<std::vector<std::string>> ReadNames(const SafetensorsFile& file) {
  CONEC_ASSIGN_OR_RETURN(const auto ends, file.Vector<std::int64_t>(kNameEnds));
  CONEC_ASSIGN_OR_RETURN(const auto bytes, file.Vector<std::uint8_t>(kNameBytes));
  std::vector<std::string> names;
  std::int64_t begin = 0;
  for (const std::int64_t end : ends) {
    if (end < begin || static_cast<std::uint64_t>(end) > bytes.size()) {
      return InvalidArgument("class name {} ends at {}, expected {} to {}", names.size(), end, begin, bytes.size());
    }
    names.emplace_back(bytes.begin() + begin, bytes.begin() + end);
    begin = end;
  }
  if (static_cast<std::uint64_t>(begin) != bytes.size()) return InvalidArgument("bytes after the last class name");
  return names;
}

absl::StatusOr<std::vector<double>> ReadDoubles(const SafetensorsFile& file, const std::string& name) {
  CONEC_ASSIGN_OR_RETURN(const auto values, file.Vector<double>(name));
  return std::vector<double>(values.begin(), values.end());
}

absl::Status ReadWeights(const SafetensorsFile& file, LinearClassifier& classifier) {
  CONEC_ASSIGN_OR_RETURN(const auto stored, file.Matrix<double>(kWeights));
  CONEC_ASSIGN_OR_RETURN(classifier.weights, Matrix<double>::Create(stored.rows, stored.cols));
  for (std::size_t c = 0; c < stored.rows; ++c) {
    std::copy_n(stored.row(c).begin(), stored.cols, classifier.weights.row(c).begin());
  }
  CONEC_ASSIGN_OR_RETURN(classifier.intercepts, ReadDoubles(file, kIntercepts));
  return absl::OkStatus();
}

absl::Status CheckFormat(const SafetensorsFile& file) {
  const auto& metadata = file.metadata();
  const auto format = metadata.find("format"), version = metadata.find("format_version");
  if (format == metadata.end() || format->second != kFormat) return DataLoss("its metadata has another format");
  if (version == metadata.end()) return DataLoss("its metadata has no format_version");
  if (version->second == kFormatVersion) return absl::OkStatus();
  return FailedPrecondition("'{}' is a classifier of format version {}, this program reads version {}: update it",
                            file.path(), version->second, kFormatVersion);
}

absl::StatusOr<StoredClassifier> ReadStored(const SafetensorsFile& file) {
  CONEC_RETURN_IF_ERROR(CheckFormat(file));
  StoredClassifier stored;
  const auto multi_class = file.metadata().find("multi_class");
  if (multi_class == file.metadata().end()) return DataLoss("its metadata has no multi_class");
  CONEC_ASSIGN_OR_RETURN(stored.classifier.multi_class, ParseMultiClass(multi_class->second));
  CONEC_ASSIGN_OR_RETURN(stored.classifier.classes, ReadNames(file));
  CONEC_RETURN_IF_ERROR(ReadWeights(file, stored.classifier));
  if (file.Contains(kMeans) || file.Contains(kScales)) {
    stored.standardizer.emplace();
    CONEC_ASSIGN_OR_RETURN(stored.standardizer->means, ReadDoubles(file, kMeans));
    CONEC_ASSIGN_OR_RETURN(stored.standardizer->scales, ReadDoubles(file, kScales));
  }
  for (const auto& [key, value] : file.metadata()) {
    if (key.starts_with(kOther)) stored.other[key.substr(kOther.size())] = value;
  }
  CONEC_RETURN_IF_ERROR(CheckStored(stored));
  return stored;
}

void Declare(const StoredClassifier& stored, const Names& names, SafetensorsWriter& writer) {
  const std::size_t classes = stored.classifier.classes.size(), cols = stored.classifier.weights.cols();
  writer.SetMetadata("format", std::string(kFormat));
  writer.SetMetadata("format_version", std::string(kFormatVersion));
  writer.SetMetadata("multi_class", std::string(Name(stored.classifier.multi_class)));
  for (const auto& [key, value] : stored.other) writer.SetMetadata(std::string(kOther) + key, value);
  writer.Declare(kWeights, DType::kF64, {classes, cols});
  writer.Declare(kIntercepts, DType::kF64, {classes});
  if (stored.standardizer) {
    writer.Declare(kMeans, DType::kF64, {cols});
    writer.Declare(kScales, DType::kF64, {cols});
  }
  writer.Declare(kNameEnds, DType::kI64, {classes});
  writer.Declare(kNameBytes, DType::kU8, {names.bytes.size()});
}

}  // namespace

absl::Status SaveClassifier(const std::string& path, const StoredClassifier& stored) {
  CONEC_RETURN_IF_ERROR(CheckStored(stored));
  const Names names = Join(stored.classifier.classes);
  SafetensorsWriter writer;
  Declare(stored, names, writer);
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  const auto append = [&](const auto& values) { return writer.Append(std::span(values)); };
  for (std::size_t c = 0; c < stored.classifier.classes.size(); ++c) {
    CONEC_RETURN_IF_ERROR(writer.Append(stored.classifier.weights.row(c)));
  }
  CONEC_RETURN_IF_ERROR(append(stored.classifier.intercepts));
  if (stored.standardizer) {
    CONEC_RETURN_IF_ERROR(append(stored.standardizer->means));
    CONEC_RETURN_IF_ERROR(append(stored.standardizer->scales));
  }
  CONEC_RETURN_IF_ERROR(append(names.ends));
  CONEC_RETURN_IF_ERROR(append(names.bytes));
  return writer.Commit();
}

absl::StatusOr<StoredClassifier> LoadClassifier(const std::string& path) {
  absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Open(path);
  if (!file.ok() && file.status().code() != absl::StatusCode::kDataLoss) return file.status();
  absl::StatusOr<StoredClassifier> stored = file.ok() ? ReadStored(*file) : file.status();
  if (stored.ok() || stored.status().code() == absl::StatusCode::kFailedPrecondition ||
      stored.status().code() == absl::StatusCode::kResourceExhausted) {
    return stored;
  }
  const auto why = stored.status().message();
  return DataLoss("'{}' is not a classifier (a safetensors file with the metadata format={}): {}", path, kFormat,
                  std::string_view(why.data(), why.size()));
}

}  // namespace conec::ner
