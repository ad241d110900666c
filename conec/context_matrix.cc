#include "conec/context_matrix.h"

#include <omp.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>
#include <numeric>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "conec/context_pairs.h"
#include "conec/context_sums.h"
#include "conec/model_metadata.h"
#include "corpora/encoded_corpus.h"

namespace conec {
namespace {

using context_internal::kNoKey;
using context_internal::Pair;
using context_internal::PairCounter;
using corpora::Index;
using corpora::WordId;

constexpr std::string_view kFormat = "conec-context-matrix";
constexpr std::string_view kFormatVersion = "1";
constexpr std::string_view kExtendedVersion = "2";         // columns that are not words, or words of different weights
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;  // written at once

std::size_t TableCapacity(const ContextCorpus& corpus, const word2vec::ExtendedInputs& inputs,
                          const ContextMatrixOptions& options) {
  const std::size_t neighbours = 2 * static_cast<std::size_t>(options.context.window);
  const std::size_t inputs_per_word = neighbours * (inputs.context_shapes ? 2 : 1) + (inputs.shape ? 1 : 0);
  return PairCounter::Capacity(options.buffer_mb, corpus.stream.size() * inputs_per_word);
}

// Collects entries in increasing order of key into rows.
class RowCollector {
 public:
  explicit RowCollector(const ContextRowVisitor& visit) : visit_(visit) {}

  absl::Status Add(const Pair& entry) {
    if (entry.key == key_) {
      weights_.back() += entry.weight;
      return absl::OkStatus();
    }
    if (key_ != kNoKey && entry.key >> 32 != key_ >> 32) CONEC_RETURN_IF_ERROR(Flush());
    key_ = entry.key;
    columns_.push_back(static_cast<std::uint32_t>(entry.key));
    weights_.push_back(entry.weight);
    return absl::OkStatus();
  }
  absl::Status Flush() {
    if (columns_.empty()) return absl::OkStatus();
    const absl::Status status = visit_(WordId{static_cast<std::uint32_t>(key_ >> 32)}, columns_, weights_);
    columns_.clear();
    weights_.clear();
    return status;
  }

 private:
  const ContextRowVisitor& visit_;
  std::uint64_t key_ = kNoKey;
  std::vector<std::uint32_t> columns_;
  std::vector<double> weights_;
};

absl::Status CountPairs(const ContextCorpus& corpus, SegmentBuffer buffer, const ContextMatrixOptions& options,
                        PairCounter& counter) {
  const std::size_t size = corpus.stream.size();
  absl::Status status;
  for (std::size_t first = 0; first < size;) {
    const std::size_t last = corpora::NextSegmentBegin(corpus.stream, std::min(size, first + kProgressInterval));
    const bool known = ForEachContextSegment(corpus, first, last, buffer, [&](const ContextSegment& segment) {
      if (status.ok()) status = counter.AddSegment(segment);
    });
    CONEC_RETURN_IF_ERROR(status);
    if (!known) return corpora::CorpusChanged();
    first = last;
    if (options.progress && !options.progress(static_cast<double>(first) / static_cast<double>(size))) {
      return Cancelled("the context counts were not finished");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ScratchFolder(const ContextMatrixOptions& options) {
  if (!options.scratch_folder.empty()) return options.scratch_folder;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoStatus(error.value(), "no folder for temporary files");
  return folder.string();
}

// Elements appended to an unnamed file, and copied out again.
template <typename T>
class Spool {
 public:
  static absl::StatusOr<Spool> Create(const std::string& folder) {
    CONEC_ASSIGN_OR_RETURN(TemporaryFile file, TemporaryFile::Create(folder));
    return Spool(std::move(file));
  }
  absl::Status Append(T element) {
    block_.push_back(element);
    return block_.size() * sizeof(T) < kBlockBytes ? absl::OkStatus() : Flush();
  }
  absl::Status CopyTo(SafetensorsWriter& writer) {
    CONEC_RETURN_IF_ERROR(Flush());
    for (std::size_t offset = 0; offset < bytes_; offset += block_.size() * sizeof(T)) {
      block_.resize(std::min(kBlockBytes, bytes_ - offset) / sizeof(T));
      CONEC_RETURN_IF_ERROR(file_.ReadAt(offset, std::as_writable_bytes(std::span(block_))));
      CONEC_RETURN_IF_ERROR(writer.Append(std::span<const T>(block_)));
    }
    return absl::OkStatus();
  }

 private:
  explicit Spool(TemporaryFile file) : file_(std::move(file)) {}
  absl::Status Flush() {
    CONEC_RETURN_IF_ERROR(file_.WriteAt(bytes_, std::as_bytes(std::span(block_))));
    bytes_ += block_.size() * sizeof(T);
    block_.clear();
    return absl::OkStatus();
  }
  TemporaryFile file_;
  std::size_t bytes_ = 0;
  std::vector<T> block_;
};

// The matrix on its way to its file: what was counted of it lies in unnamed files until its size is known.
class CsrSpool {
 public:
  static absl::StatusOr<CsrSpool> Create(const std::string& folder, std::size_t rows) {
    CONEC_ASSIGN_OR_RETURN(auto columns, Spool<std::int32_t>::Create(folder));
    CONEC_ASSIGN_OR_RETURN(auto weights, Spool<float>::Create(folder));
    return CsrSpool(rows, std::move(columns), std::move(weights));
  }
  absl::Status AddRow(WordId row, std::span<const std::uint32_t> columns, std::span<const double> weights) {
    for (const std::uint32_t column : columns) {
      CONEC_RETURN_IF_ERROR(columns_.Append(static_cast<std::int32_t>(column)));
    }
    for (const double weight : weights) CONEC_RETURN_IF_ERROR(weights_.Append(static_cast<float>(weight)));
    pointers_[Index(row) + 1] = static_cast<std::int64_t>(columns.size());
    return absl::OkStatus();
  }
  absl::Status WriteTo(const std::string& path, const model_internal::Metadata& metadata);

 private:
  CsrSpool(std::size_t rows, Spool<std::int32_t> columns, Spool<float> weights)
      : pointers_(rows + 1), columns_(std::move(columns)), weights_(std::move(weights)) {}
  std::vector<std::int64_t> pointers_;  // sizes of rows until WriteTo() sums them up
  Spool<std::int32_t> columns_;
  Spool<float> weights_;
};

absl::Status CsrSpool::WriteTo(const std::string& path, const model_internal::Metadata& metadata) {
  std::partial_sum(pointers_.begin(), pointers_.end(), pointers_.begin());
  const auto nonzeros = static_cast<std::uint64_t>(pointers_.back());
  SafetensorsWriter writer;
  for (const auto& [key, value] : metadata) writer.SetMetadata(key, value);
  writer.Declare("row_pointers", DType::kI64, {pointers_.size()});
  writer.Declare("columns", DType::kI32, {nonzeros});
  writer.Declare("weights", DType::kF32, {nonzeros});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(pointers_)));
  CONEC_RETURN_IF_ERROR(columns_.CopyTo(writer));
  CONEC_RETURN_IF_ERROR(weights_.CopyTo(writer));
  return writer.Commit();
}

absl::Status NotAMatrix(const std::string& path, std::string_view why) {
  return DataLoss("'{}' is not a context matrix (a safetensors file with row_pointers, columns and weights): {}", path,
                  why);
}

std::string_view Text(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// What is wrong with the CSR arrays of a matrix with columns for `layout`, or with the layout; empty if nothing.
std::string CsrDefect(std::span<const std::int64_t> pointers, std::span<const std::int32_t> columns,
                      std::span<const float> weights, const word2vec::InputLayout& layout) {
  if (pointers.front() != 0) return "row_pointers do not begin with 0";
  if (columns.size() != weights.size()) return "columns and weights differ in size";
  const auto column_count = static_cast<std::int64_t>(word2vec::InputRows(layout));
  const auto nonzeros = static_cast<std::int64_t>(columns.size());
  for (std::size_t i = 1; i < pointers.size(); ++i) {
    if (pointers[i] < pointers[i - 1] || pointers[i] > nonzeros) return fmt::format("row {} has no valid range", i - 1);
    std::int64_t previous = -1;
    for (auto k = pointers[i - 1]; k < pointers[i]; ++k) {
      const std::int32_t column = columns[static_cast<std::size_t>(k)];
      if (column <= previous || column >= column_count) return fmt::format("row {} has column {}", i - 1, column);
      previous = column;
    }
  }
  return pointers.back() == nonzeros ? "" : "row_pointers do not end with the number of entries";
}

// Whether the file is of the second version.
absl::StatusOr<bool> IsExtended(const SafetensorsFile& file) {
  const auto version = file.metadata().find("format_version");
  if (version == file.metadata().end()) return NotAMatrix(file.path(), "it has no format_version in its metadata");
  if (version->second == kFormatVersion) return false;
  if (version->second == kExtendedVersion) return true;
  return FailedPrecondition("'{}' is a context matrix of format version {}, this program reads versions {} and {}",
                            file.path(), version->second, kFormatVersion, kExtendedVersion);
}

}  // namespace

std::size_t CountingBytes(const ContextCorpus& corpus, const word2vec::ExtendedInputs& inputs,
                          const ContextMatrixOptions& options) {
  return TableCapacity(corpus, inputs, options) * sizeof(Pair);
}

ContextColumns::ContextColumns(std::size_t words) {
  layout_.vocabulary_size = static_cast<std::uint32_t>(words);
}

absl::Status ForEachContextRow(const ContextCorpus& corpus, const ContextColumns& columns,
                               const ContextMatrixOptions& options, const ContextRowVisitor& visit) {
  CONEC_RETURN_IF_ERROR(Validate(options.context));
  CONEC_ASSIGN_OR_RETURN(const ContextCorpusCounts counts, CountWords(corpus, columns.words()));
  CONEC_RETURN_IF_ERROR(CheckShapes(corpus, columns.layout().inputs));
  CONEC_ASSIGN_OR_RETURN(std::string folder, ScratchFolder(options));
  try {
    PairCounter counter(TableCapacity(corpus, columns.layout().inputs, options), std::move(folder),
                        {columns.layout(), DistanceWeights(options.context), ShapeWeights(options.context),
                         columns.word_weights(), options.context.exclude_target});
    SegmentBuffer buffer(corpus, columns.words(), counts.longest_segment);
    CONEC_RETURN_IF_ERROR(CountPairs(corpus, std::move(buffer), options, counter));
    RowCollector rows(visit);
    CONEC_RETURN_IF_ERROR(counter.Finish([&](const Pair& pair) { return rows.Add(pair); }));
    return rows.Flush();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for counting with a buffer of {} MB: lower it", options.buffer_mb);
  }
}

absl::StatusOr<std::vector<double>> ContextRowMaxima(const ContextCorpus& corpus, const ContextColumns& columns,
                                                     const ContextMatrixOptions& options) {
  std::vector<double> maxima(columns.words());
  CONEC_RETURN_IF_ERROR(ForEachContextRow(
      corpus, columns, options, [&](WordId row, std::span<const std::uint32_t>, std::span<const double> weights) {
        maxima[Index(row)] = *std::max_element(weights.begin(), weights.end());
        return absl::OkStatus();
      }));
  return maxima;
}

absl::Status BuildContextMatrix(const ContextCorpus& corpus, const ContextColumns& columns,
                                const ContextMatrixOptions& options, const std::string& path) {
  ContextMatrixOptions counting = options;
  if (counting.scratch_folder.empty()) counting.scratch_folder = FolderOf(path);
  CONEC_ASSIGN_OR_RETURN(CsrSpool spool, CsrSpool::Create(counting.scratch_folder, columns.words()));
  CONEC_RETURN_IF_ERROR(
      ForEachContextRow(corpus, columns, counting,
                        [&](WordId row, std::span<const std::uint32_t> entries, std::span<const double> weights) {
                          return spool.AddRow(row, entries, weights);
                        }));
  const bool extended = columns.layout().inputs.any() || options.context.sif != 0 || options.context.exclude_target;
  model_internal::Metadata metadata{{"format", std::string(kFormat)},
                                    {"format_version", std::string(extended ? kExtendedVersion : kFormatVersion)}};
  model_internal::StoreContextOptions(options.context, metadata, extended);
  if (extended) model_internal::StoreInputLayout(columns.layout(), metadata);
  return spool.WriteTo(path, metadata);
}

absl::StatusOr<ContextMatrix> ContextMatrix::Open(const std::string& path) {
  absl::StatusOr<SafetensorsFile> opened = SafetensorsFile::Open(path);
  if (opened.status().code() == absl::StatusCode::kDataLoss) return NotAMatrix(path, Text(opened.status()));
  CONEC_RETURN_IF_ERROR(opened);
  ContextMatrix matrix;
  matrix.file_ = std::make_shared<const SafetensorsFile>(*std::move(opened));
  const auto format = matrix.file_->metadata().find("format");
  if (format == matrix.file_->metadata().end() || format->second != kFormat) {
    return NotAMatrix(path, fmt::format("its metadata has no format={}", kFormat));
  }
  CONEC_ASSIGN_OR_RETURN(const bool extended, IsExtended(*matrix.file_));
  const absl::StatusOr<ContextOptions> context = model_internal::LoadContextOptions(matrix.file_->metadata(), extended);
  if (!context.ok()) return NotAMatrix(path, Text(context.status()));
  matrix.context_ = *context;
  const auto pointers = matrix.file_->Vector<std::int64_t>("row_pointers");
  const auto columns = matrix.file_->Vector<std::int32_t>("columns");
  const auto weights = matrix.file_->Vector<float>("weights");
  for (const absl::Status& status : {pointers.status(), columns.status(), weights.status()}) {
    if (!status.ok()) return NotAMatrix(path, Text(status));
  }
  if (pointers->empty()) return NotAMatrix(path, "row_pointers are empty");
  matrix.layout_ = ContextColumns(pointers->size() - 1).layout();
  if (extended) {
    const auto layout = model_internal::LoadInputLayout(matrix.file_->metadata(), pointers->size() - 1);
    if (!layout.ok()) return NotAMatrix(path, Text(layout.status()));
    if (layout->inputs.any()) matrix.layout_ = *layout;
  }
  if (const std::string defect = CsrDefect(*pointers, *columns, *weights, matrix.layout_); !defect.empty()) {
    return NotAMatrix(path, defect);
  }
  matrix.row_pointers_ = *pointers;
  matrix.columns_ = *columns;
  matrix.weights_ = *weights;
  return matrix;
}

std::span<const std::int32_t> ContextMatrix::columns(std::size_t row) const {
  const auto begin = static_cast<std::size_t>(row_pointers_[row]),
             end = static_cast<std::size_t>(row_pointers_[row + 1]);
  return columns_.subspan(begin, end - begin);
}

std::span<const float> ContextMatrix::weights(std::size_t row) const {
  const auto begin = static_cast<std::size_t>(row_pointers_[row]),
             end = static_cast<std::size_t>(row_pointers_[row + 1]);
  return weights_.subspan(begin, end - begin);
}

std::vector<double> ContextMatrix::RowMaxima() const {
  std::vector<double> maxima(rows());
  for (std::size_t i = 0; i < rows(); ++i) {
    for (const float weight : weights(i)) maxima[i] = std::max(maxima[i], static_cast<double>(weight));
  }
  return maxima;
}

std::vector<double> ContextMatrix::RowSums() const {
  std::vector<double> sums(rows());
  for (std::size_t i = 0; i < rows(); ++i) {
    for (const float weight : weights(i)) sums[i] += weight;
  }
  return sums;
}

absl::StatusOr<Matrix<float>> ContextMatrix::Multiply(const InputTable& table, bool unit_rows, int threads) const {
  CONEC_RETURN_IF_ERROR(CheckInputTable(table));
  if (!SameRows(table.layout, layout_)) {
    return InvalidArgument("the table's {} rows are not the matrix' {} columns", table.rows(),
                           word2vec::InputRows(layout_));
  }
  CONEC_ASSIGN_OR_RETURN(Matrix<float> product, Matrix<float>::Create(rows(), table.cols()));
  const std::vector<float> scales = RowScales(InputTable(table.words, table.extended, table.layout), unit_rows);
  const int team = threads > 0 ? threads : omp_get_max_threads();
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(team), std::vector<double>(table.cols()));
#pragma omp parallel for num_threads(team) schedule(dynamic, 64)
  for (std::size_t i = 0; i < rows(); ++i) {
    std::vector<double>& sum = sums[static_cast<std::size_t>(omp_get_thread_num())];
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t k = 0; k < columns(i).size(); ++k) {
      const auto column = static_cast<std::size_t>(columns(i)[k]);
      const double weight = static_cast<double>(weights(i)[k]) * static_cast<double>(scales[column]);
      const float* row = table.row(column).data();
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += weight * static_cast<double>(row[j]);
    }
    std::transform(sum.begin(), sum.end(), product.row(i).begin(), [](double x) { return static_cast<float>(x); });
  }
  return product;
}

}  // namespace conec
