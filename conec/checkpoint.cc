#include "conec/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "conec/model.h"
#include "conec/model_metadata.h"

namespace conec {
namespace {

using Metadata = model_internal::Metadata;

constexpr std::string_view kFormat = "conec-checkpoint";
constexpr std::string_view kFormatVersion = "1";
constexpr char kInput[] = "input_embedding";
constexpr char kOutput[] = "output_embedding";
constexpr char kContinued[] = "training.continue_from", kPolicy[] = "training.vocabulary_policy";
constexpr std::string_view kTraining = "training.", kCorpus = "corpus.";
constexpr char kCorpusVersion[] = "corpus.format_version";  // no matter: the fingerprints say what was encoded
constexpr std::string_view kStatistics = "corpus.statistics.", kFingerprint = "corpus.fingerprint.";

// What the command line calls them.
constexpr std::pair<std::string_view, std::string_view> kOptionNames[] = {
    {kContinued, "--continue-from"},
    {kPolicy, "--vocabulary-policy"},
    {"training.dim", "--dim"},
    {"training.window", "--window"},
    {"training.negatives", "--negatives"},
    {"training.shared_negatives", "--shared-negatives"},
    {"training.epochs", "--epochs"},
    {"training.learning_rate", "--lr"},
    {"training.final_learning_rate", "--final-lr"},
    {"training.sample", "--sample"},
    {"training.noise_exponent", "--noise-exponent"},
    {"training.shuffle", "the opposite of --no-shuffle"},
    {"training.update", "--cbow-update"},
    {"training.seed", "--seed"},
    {"training.extended_inputs", "--extended-inputs"},
    {"training.deterministic", "--deterministic"},
    {"corpus.min_count", "--min-count"},
    {"corpus.max_vocabulary", "--max-vocab"},
    {"corpus.segment_length", "--segment-length"},
    {"corpus.keep_gaps", "--keep-gaps"},
    {"corpus.tokenizer.kind", "--tokenizer"},
    {"corpus.tokenizer.normalization", "--normalization"},
    {"corpus.tokenizer.segments", "--segments"},
    {"corpus.tokenizer.locale", "--locale"},
    {"corpus.tokenizer.line_token", "--line-token"},
    {"corpus.tokenizer.fold_case", "the opposite of --no-fold-case"},
    {"corpus.tokenizer.fold_digits", "--fold-digits"},
    {"corpus.tokenizer.keep_punctuation", "--keep-punctuation"},
    {"corpus.tokenizer.join_lines", "--join-lines"},
};

std::string_view NameOf(std::string_view key) {
  const auto* found = std::find_if(std::begin(kOptionNames), std::end(kOptionNames),
                                   [&](const auto& name) { return name.first == key; });
  return found != std::end(kOptionNames) ? found->second : key;
}

std::string Quoted(const TrainingIdentity& identity, const std::string& key) {
  const auto found = identity.find(key);
  return found == identity.end() ? "not set" : fmt::format("'{}'", found->second);
}

// The keys of either with another value in the other, or missing there.
std::vector<std::string> Differences(const TrainingIdentity& a, const TrainingIdentity& b) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : a) {
    const auto found = b.find(key);
    if (found == b.end() || found->second != value) keys.push_back(key);
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) keys.push_back(key);
  }
  return keys;
}

constexpr int kStatisticsRank = 4, kFingerprintRank = 5;

// Options first: they explain the others. The model that training goes on from decides about some of them.
int Rank(std::string_view key) {
  if (key == kContinued || key == kPolicy) return 0;
  if (key == "training.learning_rate") return 2;  // may follow from --cbow-update
  if (key.starts_with(kTraining)) return 1;
  if (key.starts_with(kFingerprint)) return kFingerprintRank;
  return key.starts_with(kStatistics) ? kStatisticsRank : 3;
}

template <typename T>
bool Parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Calls field(key, member) for every member; the shortest text of a double reads back as the same number.
template <typename Position, typename Field>
void PositionFields(Position& position, Field&& field) {
  field("position.epoch", position.epoch);
  field("position.block", position.block);
  field("position.epoch_loss_sum", position.of_epoch.loss_sum);
  field("position.epoch_trained_words", position.of_epoch.trained_words);
  field("position.trained_words", position.trained_words);
  field("position.loss", position.loss);
  field("position.seconds", position.seconds);
}

absl::Status LoadPosition(const Metadata& metadata, word2vec::TrainingPosition& position) {
  absl::Status status;
  PositionFields(position, [&](const char* key, auto& value) {
    const auto found = metadata.find(key);
    if (!status.ok() || (found != metadata.end() && Parse(found->second, value))) return;
    status = DataLoss("metadata '{}' is missing or no number", key);
  });
  CONEC_RETURN_IF_ERROR(status);
  const bool finite = std::isfinite(position.of_epoch.loss_sum) && std::isfinite(position.loss) &&
                      std::isfinite(position.seconds) && position.seconds >= 0;
  return finite && position.epoch >= 0 ? absl::OkStatus() : DataLoss("metadata 'position.*' is out of range");
}

bool IsFinite(std::span<const float> row) {
  // A sum of absolute values would overflow; times zero every finite number is zero, and nothing else.
  float sum = 0;
  for (const float value : row) sum += value * 0.0f;
  return sum == 0;
}

absl::Status CheckFinite(std::string_view name, MatrixView<const float> table) {
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (!IsFinite(table.row(i))) return FailedPrecondition("row {} of '{}' is not finite; lower --lr", i, name);
  }
  return absl::OkStatus();
}

absl::Status CheckFinite(const Checkpoint& checkpoint) {
  CONEC_RETURN_IF_ERROR(CheckFinite(kInput, checkpoint.input));
  return CheckFinite(kOutput, checkpoint.output);
}

absl::Status NotACheckpoint(const std::string& path, const absl::Status& why) {
  return DataLoss("'{}' is not a whole checkpoint of conec-train: {}; without --resume training starts anew", path,
                  std::string(why.message()));
}

absl::Status CheckFormat(const Metadata& metadata) {
  const auto format = metadata.find("format"), version = metadata.find("format_version");
  if (format == metadata.end() || format->second != kFormat) return DataLoss("its format is another one");
  if (version != metadata.end() && version->second == kFormatVersion) return absl::OkStatus();
  return FailedPrecondition("it is a checkpoint of format version {}, this program continues version {}",
                            version == metadata.end() ? "(none)" : version->second, kFormatVersion);
}

absl::Status ReadTables(const SafetensorsFile& file, Checkpoint& checkpoint) {
  if (file.checksum().empty()) return DataLoss("it has no checksum");
  CONEC_RETURN_IF_ERROR(file.VerifyChecksum());
  CONEC_ASSIGN_OR_RETURN(checkpoint.input, file.Matrix<float>(kInput));
  CONEC_ASSIGN_OR_RETURN(checkpoint.output, file.Matrix<float>(kOutput));
  if (file.tensors().size() != 2) return DataLoss("it has {} tensors, expected 2", file.tensors().size());
  const absl::Status finite = CheckFinite(checkpoint);
  return finite.ok() ? finite : DataLoss("{}", std::string(finite.message()));
}

absl::Status Read(const SafetensorsFile& file, Checkpoint& checkpoint) {
  CONEC_RETURN_IF_ERROR(LoadPosition(file.metadata(), checkpoint.position));
  for (const auto& [key, value] : file.metadata()) {
    if ((key.starts_with(kTraining) || key.starts_with(kCorpus)) && key != kCorpusVersion) {
      checkpoint.identity[key] = value;
    }
  }
  return ReadTables(file, checkpoint);
}

absl::Status RestoreTable(std::string_view name, MatrixView<const float> from, Matrix<float>& to) {
  if (from.rows != to.rows() || from.cols != to.cols()) {
    return DataLoss("the checkpoint's {} table is {} x {}, expected {} x {}", name, from.rows, from.cols, to.rows(),
                    to.cols());
  }
  for (std::size_t i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
  return absl::OkStatus();
}

TrainingIdentity IdentityOf(word2vec::TrainOptions options, const ContinuedModel& continued) {
  if (options.learning_rate == 0)
    options.learning_rate = word2vec::DefaultLearningRate(options.update, options.shared_negatives);
  TrainingIdentity identity;
  model_internal::StoreTrainOptions(options, identity);
  identity.erase("training.threads");
  if (!continued.fingerprint.empty()) identity[kContinued] = continued.fingerprint;
  if (!continued.policy.empty()) identity[kPolicy] = continued.policy;
  return identity;
}

}  // namespace

TrainingIdentity IdentityOf(const word2vec::TrainOptions& options, const corpora::EncodedCorpus& corpus,
                            const ContinuedModel& continued) {
  TrainingIdentity identity = IdentityOf(options, continued);
  for (const auto& [key, value] : corpus.metadata()) {
    if (key != corpora::kEncodedFromKey) identity[std::string(kCorpus) + key] = value;
  }
  identity.erase(kCorpusVersion);
  const corpora::CorpusFingerprint fingerprint = corpus.Fingerprint();
  identity[std::string(kFingerprint) + "vocabulary"] = fingerprint.vocabulary;
  identity[std::string(kFingerprint) + "stream"] = fingerprint.stream;
  return identity;
}

absl::Status CheckSameTraining(const TrainingIdentity& now, const TrainingIdentity& saved) {
  const std::vector<std::string> keys = Differences(now, saved);
  const auto first =
      std::min_element(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return Rank(a) < Rank(b); });
  if (first == keys.end()) return absl::OkStatus();
  const std::string_view what = Rank(*first) < kStatisticsRank ? "other options" : "another corpus";
  return FailedPrecondition("the interrupted training had {}: {} is {}, there it was {}", what, NameOf(*first),
                            Quoted(now, *first), Quoted(saved, *first));
}

absl::Status CheckSameOptions(const word2vec::TrainOptions& options, const TrainingIdentity& saved,
                              const ContinuedModel& continued) {
  TrainingIdentity training = saved;
  std::erase_if(training, [](const auto& entry) { return !entry.first.starts_with(kTraining); });
  return CheckSameTraining(IdentityOf(options, continued), training);
}

absl::Status SaveCheckpoint(const std::string& path, const Checkpoint& checkpoint) {
  CONEC_RETURN_IF_ERROR(CheckFinite(checkpoint));
  Metadata metadata = checkpoint.identity;
  PositionFields(checkpoint.position,
                 [&](const char* key, const auto& value) { metadata[key] = fmt::format("{}", value); });
  metadata["format"] = kFormat;
  metadata["format_version"] = kFormatVersion;
  metadata["toolkit_version"] = ToolkitVersion();
  SafetensorsWriter writer;
  for (const auto& [key, value] : metadata) writer.SetMetadata(key, value);
  for (const auto& [name, table] : {std::pair(kInput, checkpoint.input), std::pair(kOutput, checkpoint.output)}) {
    writer.Declare(name, DType::kF32, {table.rows, table.cols});
  }
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(writer.Append(checkpoint.input));
  CONEC_RETURN_IF_ERROR(writer.Append(checkpoint.output));
  return writer.Commit();
}

absl::StatusOr<Checkpoint> OpenCheckpoint(const std::string& path) {
  absl::StatusOr<SafetensorsFile> opened = SafetensorsFile::Open(path);
  if (absl::IsDataLoss(opened.status())) return NotACheckpoint(path, opened.status());
  CONEC_RETURN_IF_ERROR(opened);
  Checkpoint checkpoint;
  auto file = std::make_shared<const SafetensorsFile>(*std::move(opened));
  absl::Status status = CheckFormat(file->metadata());
  if (absl::IsFailedPrecondition(status)) return Annotate(status, fmt::format("'{}'", path));
  if (status.ok()) status = Read(*file, checkpoint);
  if (!status.ok()) return NotACheckpoint(path, status);
  checkpoint.owner = std::move(file);
  return checkpoint;
}

absl::Status RestoreTables(const Checkpoint& checkpoint, word2vec::EmbeddingTables& tables) {
  CONEC_RETURN_IF_ERROR(RestoreTable("input", checkpoint.input, tables.input));
  return RestoreTable("output", checkpoint.output, tables.output);
}

bool IsCheckpoint(const std::string& path) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok() || file->text().size() < sizeof(std::uint64_t)) return false;
  constexpr std::uint64_t kLongest = std::uint64_t{1} << 20;  // options and statistics are a few kB
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file->text().data(), sizeof header_bytes);
  return header_bytes <= kLongest &&
         file->text().substr(sizeof header_bytes, header_bytes).find(fmt::format("\"{}\"", kFormat)) !=
             std::string_view::npos;
}

}  // namespace conec
