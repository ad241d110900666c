#include "corpora/encode.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/file.h"
#include "corpora/metadata.h"
#include "corpora/raw_corpus.h"
#include "corpora/segment_cutter.h"

namespace conec::corpora {
namespace {

constexpr std::size_t kChunkIds = std::size_t{1} << 16;  // of the raw stream, read at a time

absl::Status CheckOptions(const EncodeOptions& options) {
  if (options.segment_length < 1) return InvalidArgument("--segment-length must be at least 1");
  if (options.threads < 0) return InvalidArgument("--threads must be at least 0, got {}", options.threads);
  return absl::OkStatus();
}

absl::Status CheckOptions(const EncodeOptions& options, const std::string& path) {
  CONEC_RETURN_IF_ERROR(CheckOptions(options));
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return InvalidArgument("cannot write the encoded corpus to '{}': it is not a regular file", path);
  }
  return absl::OkStatus();
}

// Calls the caller's function about ten times a second.
class Ticker {
 public:
  Ticker(const EncodeProgressFn& function, const EncodeProgress& progress) : function_(function), progress_(progress) {}
  absl::Status Tick() {
    const auto now = std::chrono::steady_clock::now();
    if (!function_ || now < next_) return absl::OkStatus();
    next_ = now + std::chrono::milliseconds(100);
    return function_(progress_) ? absl::OkStatus() : Cancelled("encoding was stopped");
  }

 private:
  const EncodeProgressFn& function_;
  EncodeProgress progress_;
  std::chrono::steady_clock::time_point next_;
};

std::string PruningNote(const CorpusStatistics& statistics) {
  if (statistics.pruned_words == 0) return "";
  return fmt::format(" ({} rare words with {} tokens were dropped by --prune-table-at)", statistics.pruned_words,
                     statistics.pruned_tokens);
}

absl::Status NoWordIsKept(const EncodeOptions& options, const RawCorpus& raw) {
  const auto read =
      fmt::format("none of the {} distinct words ({} tokens)", raw.statistics.distinct_words, raw.statistics.tokens);
  if (options.only_known) return InvalidArgument("{} is one of the {} known words", read, options.known.size());
  return InvalidArgument("--min-count {}: {} occurs so often; lower --min-count{}", options.min_count, read,
                         PruningNote(raw.statistics));
}

bool HasKnownWord(const EncodeOptions& options, const WordTable& table) {
  for (std::uint32_t id = 0; id < options.known.size(); ++id) {
    if (table.count(id) > 0) return true;
  }
  return false;
}

// The words of the text that are frequent enough, without the known ones, with which the table begins.
std::vector<WordCount> ChooseWords(const EncodeOptions& options, const WordTable& table) {
  std::vector<WordCount> words;
  if (options.only_known) return words;
  const std::uint64_t known = options.known.size();
  for (auto id = static_cast<std::uint32_t>(known); id < table.size(); ++id) {
    if (table.count(id) >= options.min_count) words.push_back({std::string(table.word(id)), table.count(id)});
  }
  Vocabulary::SortByCount(words);
  const std::uint64_t room = options.max_vocabulary - std::min(known, options.max_vocabulary);
  if (options.max_vocabulary > 0 && words.size() > room) words.resize(room);
  return words;
}

// `words` and all known ones with their counts here, in the order of the counts here and there together.
std::vector<WordCount> AddKnownWords(const Vocabulary& known, const WordTable& table, std::vector<WordCount> words) {
  for (std::uint32_t i = 0; i < known.size(); ++i) {
    words.push_back({std::string(known.word(WordId{i})), table.count(i) + known.count(WordId{i})});
  }
  Vocabulary::SortByCount(words);
  for (WordCount& word : words) {
    if (const auto id = known.Find(word.word)) word.count = table.count(Index(*id));
  }
  return words;
}

absl::StatusOr<Vocabulary> MakeVocabulary(const EncodeOptions& options, const RawCorpus& raw) {
  const CorpusStatistics& statistics = raw.statistics;
  if (statistics.tokens == 0) return InvalidArgument("the input holds no words ({} bytes of text)", statistics.bytes);
  std::vector<WordCount> words = ChooseWords(options, raw.words);
  if (words.empty() && !HasKnownWord(options, raw.words)) return NoWordIsKept(options, raw);
  if (options.known.size() > 0) words = AddKnownWords(options.known, raw.words, std::move(words));
  return Vocabulary::Create(words);
}

std::vector<WordId> FinalIds(const WordTable& table, const Vocabulary& vocabulary, const EncodeOptions& options) {
  const std::uint64_t least = options.known.size() == 0 ? options.min_count : 0;
  std::vector<WordId> final_ids(table.size(), kGap);
  for (std::uint32_t id = 0; id < table.size(); ++id) {
    if (table.count(id) >= least) final_ids[id] = vocabulary.Find(table.word(id)).value_or(kGap);
  }
  return final_ids;
}

// Passes the final stream to `sink` in parts, with final ids and marks; with shapes if they are asked for.
template <typename Sink>
absl::Status SweepStream(const RawCorpus& raw, bool with_shapes, SegmentCutter& cutter, Ticker& ticker, Sink&& sink) {
  std::vector<WordId> chunk;
  std::vector<tokenize::WordShape> shapes;
  SegmentCutter::Part out;
  std::uint64_t position = 0;
  for (std::size_t part = 0; part < raw.prunes.parts(); ++part) {
    CONEC_ASSIGN_OR_RETURN(const std::vector<WordId> final_ids, raw.prunes.FinalIds(part));
    for (const std::uint64_t end = raw.prunes.PartEnd(part, raw.length); position < end; position += chunk.size()) {
      chunk.resize(std::min<std::uint64_t>(kChunkIds, end - position));
      CONEC_RETURN_IF_ERROR(raw.stream.ReadAt(position * sizeof(WordId), std::as_writable_bytes(std::span(chunk))));
      if (with_shapes) {
        shapes.resize(chunk.size());
        CONEC_RETURN_IF_ERROR(raw.shapes->ReadAt(position, std::as_writable_bytes(std::span(shapes))));
      }
      out.Clear();
      cutter.Run(chunk, shapes, final_ids, out);
      CONEC_RETURN_IF_ERROR(sink(out));
      CONEC_RETURN_IF_ERROR(ticker.Tick());
    }
  }
  out.Clear();
  cutter.Finish(with_shapes, out);
  return sink(out);
}

void StoreMetadata(const EncodeOptions& options, const CorpusStatistics& statistics,
                   std::map<std::string, std::string> metadata, SafetensorsWriter& writer) {
  metadata[kFormatKey] = kCorpusFormat;
  metadata[kFormatVersionKey] = kCorpusFormatVersion;
  metadata[kMinCountKey] = std::to_string(options.min_count);
  metadata[kMaxVocabularyKey] = std::to_string(options.max_vocabulary);
  metadata[kSegmentLengthKey] = std::to_string(options.segment_length);
  metadata[kKeepGapsKey] = options.keep_gaps ? "true" : "false";
  StoreStatistics(statistics, metadata);
  StoreTokenizerOptions(options.tokenizer, metadata);
  for (auto& [key, value] : metadata) writer.SetMetadata(key, value);
}

absl::Status AppendShapes(const EncodeOptions& options, const RawCorpus& raw, Ticker& ticker,
                          SafetensorsWriter& writer) {
  SegmentCutter cutter(options.segment_length, options.keep_gaps);
  return SweepStream(raw, true, cutter, ticker, [&](const SegmentCutter::Part& part) {
    return writer.Append(std::span<const tokenize::WordShape>(part.shapes));
  });
}

// The raw stream is swept twice: its final length must be known before the file begins. A third time for the shapes,
// which follow the ids. `writer` is left to be committed or mapped.
absl::Status WriteCorpus(const EncodeOptions& options, RawCorpus& raw, const Vocabulary& vocabulary,
                         const std::string& path, const std::map<std::string, std::string>& metadata, Ticker& ticker,
                         SafetensorsWriter& writer) {
  CONEC_RETURN_IF_ERROR(raw.prunes.Resolve(FinalIds(raw.words, vocabulary, options)));
  std::uint64_t length = 0;
  SegmentCutter counter(options.segment_length, options.keep_gaps);
  CONEC_RETURN_IF_ERROR(SweepStream(raw, false, counter, ticker, [&](const SegmentCutter::Part& part) {
    length += part.ids.size();
    return absl::OkStatus();
  }));
  raw.statistics.documents = counter.documents();
  raw.statistics.segments = counter.segments();
  raw.statistics.words = counter.words();

  StoreMetadata(options, raw.statistics, metadata, writer);
  vocabulary.DeclareTensors(writer);
  writer.Declare("ids", DType::kI32, {length});
  if (raw.shapes) writer.Declare(kShapesTensor, DType::kU8, {length});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(vocabulary.AppendTensors(writer));
  SegmentCutter cutter(options.segment_length, options.keep_gaps);
  CONEC_RETURN_IF_ERROR(SweepStream(raw, false, cutter, ticker, [&](const SegmentCutter::Part& part) {
    return writer.Append(std::span<const WordId>(part.ids));
  }));
  return raw.shapes ? AppendShapes(options, raw, ticker, writer) : absl::OkStatus();
}

absl::Status Encode(const EncodeOptions& options, TextReader& reader, const std::string& path,
                    const std::map<std::string, std::string>& metadata, const EncodeProgressFn& progress,
                    SafetensorsWriter& writer) {
  CONEC_ASSIGN_OR_RETURN(RawCorpus raw, ReadRawCorpus(options, reader, FolderOf(path), progress));
  CONEC_ASSIGN_OR_RETURN(const Vocabulary vocabulary, MakeVocabulary(options, raw));
  Ticker ticker(progress, {raw.bytes_read, raw.bytes_total, raw.statistics.tokens, raw.statistics.distinct_words});
  return WriteCorpus(options, raw, vocabulary, path, metadata, ticker, writer);
}

}  // namespace

absl::StatusOr<EncodedCorpus> EncodeCorpus(const EncodeOptions& options, TextReader& reader, const std::string& path,
                                           const std::map<std::string, std::string>& metadata,
                                           const EncodeProgressFn& progress) {
  CONEC_RETURN_IF_ERROR(CheckOptions(options, path));
  SafetensorsWriter writer;
  CONEC_RETURN_IF_ERROR(Encode(options, reader, path, metadata, progress, writer));
  CONEC_RETURN_IF_ERROR(writer.Commit());
  return EncodedCorpus::Open(path);
}

absl::StatusOr<EncodedCorpus> EncodeTemporaryCorpus(const EncodeOptions& options, const std::string& folder,
                                                    const EncodeProgressFn& progress) {
  CONEC_RETURN_IF_ERROR(CheckOptions(options));
  CONEC_ASSIGN_OR_RETURN(const std::unique_ptr<TextReader> reader, TextReader::Create(options.input));
  SafetensorsWriter writer;
  CONEC_RETURN_IF_ERROR(Encode(options, *reader, folder + "/.conec-corpus", {}, progress, writer));
  CONEC_ASSIGN_OR_RETURN(SafetensorsFile file, writer.Map());
  return EncodedCorpus::FromFile(std::move(file));
}

absl::StatusOr<EncodedCorpus> EncodeCorpus(const EncodeOptions& options, const std::string& path,
                                           const std::map<std::string, std::string>& metadata,
                                           const EncodeProgressFn& progress) {
  CONEC_RETURN_IF_ERROR(CheckOptions(options, path));
  CONEC_ASSIGN_OR_RETURN(const std::unique_ptr<TextReader> reader, TextReader::Create(options.input));
  return EncodeCorpus(options, *reader, path, metadata, progress);
}

}  // namespace conec::corpora
