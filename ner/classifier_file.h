// The file of a classifier: safetensors with the metadata format=conec-classifier, format_version=1, multi_class, what
// the caller adds under "other.", and the tensors
//   weights (F64, K x p), intercepts (F64, K), class_name_ends (I64, K), class_name_bytes (U8),
//   standardizer_means and standardizer_scales (F64, p; only with a standardiser)
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "ner/logistic_regression.h"
#include "ner/standardizer.h"

namespace conec::ner {

struct StoredClassifier {
  LinearClassifier classifier;               // for columns as they are
  std::optional<Standardizer> standardizer;  // that it was trained with; predictions do not need it
  std::map<std::string, std::string> other;  // what the caller wants to know again; UTF-8
};

// Writes the file (atomically). Equal classifiers give equal bytes. kInvalidArgument if sizes do not fit together, a
// number is not finite, or class names repeat.
absl::Status SaveClassifier(const std::string& path, const StoredClassifier& stored);

// kDataLoss for a file that is truncated, hostile or something else, saying what was expected; kFailedPrecondition for
// a format version that this build does not know.
absl::StatusOr<StoredClassifier> LoadClassifier(const std::string& path);

}  // namespace conec::ner
