#include "conec/self_test.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hasher.h"
#include "base/random.h"
#include "conec/encoder.h"
#include "conec/model_metadata.h"

namespace conec {
namespace {

constexpr std::string_view kKeys = "self_test.";
constexpr char kVersionKey[] = "self_test.version", kChecksums[] = "self_test.checksums",
               kOptions[] = "self_test.options", kDocument[] = "self_test.document", kVectors[] = "self_test.vectors";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kKnownWords = 8, kDirections = 4, kOptionDigits = 16;
constexpr std::uint64_t kSeed = 0x5E1F;

using Numbers = std::array<double, kDirections>;

// A vector of the test and what to call it.
struct Probe {
  std::string name;
  Numbers numbers;
};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(text.data(), text.size()), separator, absl::SkipEmpty())) {
    parts.emplace_back(part.data(), part.size());
  }
  return parts;
}

std::string_view Text(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// --- Checksums

std::string ChecksumOf(std::string_view text) {
  Hasher hasher;
  hasher.Add(std::as_bytes(std::span(text)));
  return hasher.Hex();
}

std::string ChecksumOf(MatrixView<const float> table) {
  Hasher hasher;
  if (table.stride == table.cols) {
    hasher.Add(std::as_bytes(std::span(table.data, table.rows * table.cols)));
  } else {
    for (std::size_t i = 0; i < table.rows; ++i) hasher.Add(std::as_bytes(table.row(i)));
  }
  return hasher.Hex();
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs ChecksumsOf(const Model& model) {
  Pairs pairs = {{"vocabulary", model.vocabulary.Fingerprint()}, {"input_embedding", ChecksumOf(model.input)}};
  if (!model.output.empty()) pairs.emplace_back("output_embedding", ChecksumOf(model.output));
  if (!model.global_context.empty()) pairs.emplace_back("global_context", ChecksumOf(model.global_context));
  if (model.has_extended_inputs()) pairs.emplace_back("extended_input", ChecksumOf(model.extended_input));
  return pairs;
}

// As the file has them, but for what only tells how it came about. The weight of features is in files of models that
// have features, at most.
Pairs OptionsOf(const Model& model) {
  model_internal::Metadata metadata;
  model_internal::StoreModelInfo(model.info, metadata, /*extended=*/true);
  if (model.has_extended_inputs()) model_internal::StoreInputLayout(model.layout, metadata);
  Pairs pairs;
  for (const auto& [key, value] : metadata) {
    const bool is_test = key.starts_with("other." + std::string(kKeys));
    const bool is_unused = key == "context.feature_weight" && !model.has_extended_inputs();
    const bool is_history = key == "command_line" || key == "created";
    // Names with blanks are nobody's options, and would not be read back.
    if (!is_test && !is_unused && !is_history && key.find_first_of(" \n") == std::string::npos) {
      pairs.emplace_back(key, ChecksumOf(value).substr(0, kOptionDigits));
    }
  }
  return pairs;
}

std::string Lines(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += fmt::format("{} {}\n", key, value);
  return text;
}

// kDataLoss naming the first pair of `lines` that is not among those of now. What has come since a model was written
// (options of newer versions) is not held against it.
absl::Status CheckPairs(std::string_view lines, const Pairs& now, std::string_view what) {
  for (const std::string_view line : Split(lines, '\n')) {
    const std::size_t blank = line.find(' ');
    const std::string_view key = line.substr(0, blank);
    const std::string_view value = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
    const auto found = std::find_if(now.begin(), now.end(), [&](const auto& pair) { return pair.first == key; });
    if (found == now.end()) return DataLoss("{} '{}' was there when the model was written, and is missing", what, key);
    if (found->second != value) return DataLoss("{} '{}' is not as it was written", what, key);
  }
  return absl::OkStatus();
}

// Tables that are there now have to have been there: the other way round is in CheckPairs().
absl::Status CheckNothingCame(std::string_view lines, const Pairs& now) {
  std::set<std::string_view> keys;
  for (const std::string_view line : Split(lines, '\n')) keys.insert(line.substr(0, line.find(' ')));
  for (const auto& [key, value] : now) {
    if (!keys.contains(key)) return DataLoss("table '{}' came after the model was written", key);
  }
  return absl::OkStatus();
}

// --- Vectors

// Of all frequencies, more of the frequent ones.
std::vector<std::string_view> KnownWords(const corpora::Vocabulary& vocabulary) {
  std::vector<std::string_view> words;
  const double last = static_cast<double>(vocabulary.size() - 1);
  for (std::size_t i = 0; i < kKnownWords; ++i) {
    const double part = static_cast<double>(i) / (kKnownWords - 1);
    const std::string_view word = vocabulary.word(corpora::WordId{static_cast<std::uint32_t>(last * part * part)});
    if (word.find_first_of(" \n") == std::string_view::npos && std::ranges::find(words, word) == words.end()) {
      words.push_back(word);
    }
  }
  return words;
}

// The words and, between them, one that is unknown; then the other way round, in a segment of their own.
std::string MakeDocument(const corpora::Vocabulary& vocabulary) {
  std::string unknown = "self-test";
  while (vocabulary.Find(unknown).has_value()) unknown += '-';
  std::vector<std::string_view> words = KnownWords(vocabulary);
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(words.size() / 2), unknown);
  std::string text = fmt::format("{}\n", fmt::join(words, " "));
  std::ranges::reverse(words);
  return text + fmt::format("{}\n", fmt::join(words, " "));
}

Document ReadDocument(std::string_view text) {
  Document document;
  for (const std::string_view segment : Split(text, '\n')) {
    for (const std::string_view token : Split(segment, ' ')) {
      document.AddToken(token, static_cast<tokenize::WordShape>(document.size() % tokenize::kWordShapes));
    }
    document.EndSegment();
  }
  return document;
}

Numbers Project(std::span<const float> vector) {
  const PhiloxKey key = MakePhiloxKey(kSeed);
  Numbers sums = {};
  double square = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const PhiloxBlock draws = Philox({{static_cast<std::uint32_t>(i), 0, 0, 0}}, key);
    const double value = vector[i];
    square += value * value;
    for (std::size_t j = 0; j < kDirections; ++j) sums[j] += (draws.word[j] >> 31) != 0 ? value : -value;
  }
  for (double& sum : sums) sum = square == 0 ? 0 : sum / std::sqrt(square);
  return sums;
}

std::vector<Probe> ProbesOf(const Model& model, const Encoding& encoding) {
  std::vector<Probe> probes;
  const auto add_row = [&](const char* table, MatrixView<const float> rows, std::string_view word) {
    const auto id = model.vocabulary.Find(word);
    if (rows.empty() || !id.has_value()) return;
    probes.push_back({fmt::format("row of '{}' in table '{}'", word, table), Project(rows.row(corpora::Index(*id)))});
  };
  for (std::size_t i = 0; i < encoding.words.size(); ++i) {
    const std::string_view word = encoding.words[i].word;
    probes.push_back({fmt::format("vector of '{}' in the test's document", word), Project(encoding.vector(i))});
    add_row("input_embedding", model.input, word);
    add_row("output_embedding", model.output, word);
    add_row("global_context", model.global_context, word);
  }
  return probes;
}

absl::StatusOr<std::vector<Probe>> Compute(const Model& model, std::string_view text) {
  EncoderOptions options;
  options.global_weight = model.global_context.empty() ? 0 : 0.5;
  options.own_weight = 1;
  options.unit_parts = true;
  CONEC_ASSIGN_OR_RETURN(const Encoder encoder, Encoder::Create(model, options));
  const Document document = ReadDocument(text);
  Encoding encoding;
  CONEC_RETURN_IF_ERROR(encoder.EncodeWords(document, encoding));
  return ProbesOf(model, encoding);
}

std::string Lines(const std::vector<Probe>& probes) {
  std::string text;
  for (const Probe& probe : probes) {
    text += fmt::format("{:.6f} {:.6f} {:.6f} {:.6f}\n", probe.numbers[0], probe.numbers[1], probe.numbers[2],
                        probe.numbers[3]);
  }
  return text;
}

bool IsFinite(const Probe& probe) {
  return std::ranges::all_of(probe.numbers, [](double number) { return std::isfinite(number); });
}

// How far the numbers of a line are from those of now; infinite if it is no line of numbers.
double Distance(std::string_view line, const Numbers& now) {
  const std::vector<std::string_view> fields = Split(line, ' ');
  if (fields.size() != now.size()) return INFINITY;
  double distance = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    double number = 0;
    const auto parsed = std::from_chars(fields[i].data(), fields[i].data() + fields[i].size(), number);
    const double difference = std::fabs(number - now[i]);
    if (parsed.ec != std::errc() || !std::isfinite(difference)) return INFINITY;
    distance = std::max(distance, difference);
  }
  return distance;
}

absl::Status CheckVectors(std::string_view lines, const std::vector<Probe>& now) {
  const std::vector<std::string_view> expected = Split(lines, '\n');
  if (expected.size() != now.size()) {
    return DataLoss("it has {} expected vectors, and its document has {}", expected.size(), now.size());
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double distance = Distance(expected[i], now[i].numbers);
    if (!(distance <= kSelfTestTolerance)) {
      return DataLoss(
          "the {} is off by {:.2g} (allowed: {:g}): this program makes other vectors than the one that wrote "
          "the model",
          now[i].name, distance, kSelfTestTolerance);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAll(const Model& model) {
  if (const absl::Status fits = CheckTables(model); !fits.ok()) return DataLoss("{}", Text(fits));
  const auto entry = [&model](const char* key) {
    const auto found = model.info.other.find(key);
    return found == model.info.other.end() ? std::string_view() : std::string_view(found->second);
  };
  for (const char* key : {kChecksums, kOptions, kDocument, kVectors}) {
    if (Split(entry(key), '\n').empty()) return DataLoss("its entry '{}' is missing", key);
  }
  const Pairs checksums = ChecksumsOf(model);
  CONEC_RETURN_IF_ERROR(CheckPairs(entry(kChecksums), checksums, "table"));
  CONEC_RETURN_IF_ERROR(CheckNothingCame(entry(kChecksums), checksums));
  CONEC_RETURN_IF_ERROR(CheckPairs(entry(kOptions), OptionsOf(model), "option"));
  const absl::StatusOr<std::vector<Probe>> now = Compute(model, entry(kDocument));
  if (!now.ok()) return DataLoss("its document cannot be encoded: {}", Text(now.status()));
  return CheckVectors(entry(kVectors), *now);
}

}  // namespace

Model WithoutSelfTest(Model model) {
  std::erase_if(model.info.other, [](const auto& entry) { return entry.first.starts_with(kKeys); });
  return model;
}

absl::StatusOr<Model> WithSelfTest(Model model) {
  model = WithoutSelfTest(std::move(model));
  CONEC_RETURN_IF_ERROR(CheckTables(model));
  std::string document = MakeDocument(model.vocabulary);
  CONEC_ASSIGN_OR_RETURN(const std::vector<Probe> probes, Compute(model, document));
  for (const Probe& probe : probes) {
    if (!IsFinite(probe)) return absl::OutOfRangeError(fmt::format("the {} is not finite", probe.name));
  }
  const Pairs options = OptionsOf(model);
  auto& other = model.info.other;
  other[kVersionKey] = kVersion;
  other[kChecksums] = Lines(ChecksumsOf(model));
  other[kOptions] = Lines(options);
  other[kDocument] = std::move(document);
  other[kVectors] = Lines(probes);
  return model;
}

bool HasSelfTest(const Model& model) {
  return model.info.other.contains(kVersionKey);
}

absl::Status Verify(const Model& model) {
  const auto version = model.info.other.find(kVersionKey);
  if (version == model.info.other.end()) {
    return NotFound("the model has no self-test: it was written by an older version, or by another program");
  }
  if (version->second != kVersion) {
    return FailedPrecondition("the model's self-test has version {}, this program knows version {}: update it",
                              version->second, kVersion);
  }
  return Annotate(CheckAll(model), "the model fails its self-test");
}

}  // namespace conec
