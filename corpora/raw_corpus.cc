#include "corpora/raw_corpus.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tokenize/token_shapes.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"

namespace conec::corpora {
namespace {

// Large enough that a batch's words are mostly repetitions, small enough that its tokens and its table stay near the
// processor. Half or four times as much takes the same time; memory grows with it (20 bytes per byte of batch and
// thread).
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kProgressInterval{100};

// An error that may belong to a source; its name can be asked for only when no thread reads any more.
struct Failure {
  absl::Status status;
  std::optional<std::uint32_t> source;
};

// The shapes of one batch, parallel to its stream.
struct BatchShapes {
  std::vector<tokenize::WordShape> stream;
  std::vector<tokenize::WordShape> of_piece;
  tokenize::SentenceStarts starts{false};
  bool knows_start = false;               // a token or the end of a document has come: `starts` is right
  std::optional<std::size_t> open_token;  // its first one, if it begins a sentence should the batches before end one

  void Clear() {
    stream.clear();
    starts = tokenize::SentenceStarts(false);
    knows_start = false;
    open_token.reset();
  }
};

// One batch of text on its way, and one thread's tools for it.
struct Worker {
  std::unique_ptr<tokenize::Tokenizer> tokenizer;
  tokenize::TokenBuffer tokens;
  TextBatch text;
  std::size_t number = 0;  // of the batch
  WordTable words;         // of this batch
  std::vector<std::uint32_t> stream;
  BatchShapes shapes;  // if asked for
  std::uint64_t text_bytes = 0, token_count = 0;
  std::size_t invalid_parts = 0;
};

absl::Status InvalidUtf8At(const TextBatch& batch, const TextPiece& piece, std::size_t offset, DocumentFormat format) {
  constexpr std::string_view kAdvice = "use --invalid-utf8 replace or --invalid-utf8 skip to read on";
  const bool is_verbatim = format != DocumentFormat::kConll && format != DocumentFormat::kJsonl;
  if (!is_verbatim) {
    return InvalidArgument("invalid UTF-8 in the text that begins at line {} (byte {}); {}", piece.line,
                           piece.byte_offset, kAdvice);
  }
  const std::string_view before = std::string_view(batch.text).substr(piece.begin, offset);
  const auto line = piece.line + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  return InvalidArgument("invalid UTF-8 at byte {} (line {}); {}", piece.byte_offset + offset, line, kAdvice);
}

// Threads take batches in order, work on them side by side, and then, strictly in the order of the batches, merge their
// words into the common table and reserve their range of the stream: so all numbers are those of one thread.
class RawCorpusReader {
 public:
  RawCorpusReader(const EncodeOptions& options, TextReader& reader, RawCorpus& corpus)
      : options_(options), reader_(reader), corpus_(corpus) {}

  absl::Status AddKnownWords();  // before Run()
  absl::Status Run(int threads, const EncodeProgressFn& progress);

 private:
  void Work(Worker& worker);
  absl::Status WorkOnBatches(Worker& worker);
  absl::StatusOr<bool> ReadBatch(Worker& worker);
  Failure EncodeBatch(Worker& worker) const;
  Failure EncodePiece(const TextPiece& piece, Worker& worker) const;
  void AppendTokens(const TextPiece& piece, Worker& worker) const;
  void AppendShapes(const TextPiece& piece, std::string_view text, std::size_t begin, Worker& worker) const;
  void MergeShapes(BatchShapes& shapes);
  absl::Status MergeBatch(Worker& worker, std::vector<std::uint32_t>& ids, std::uint64_t& position);
  absl::Status Prune();
  absl::Status WriteBatch(Worker& worker, std::span<const std::uint32_t> ids, std::uint64_t position) const;

  void StartThreads(std::vector<Worker>& workers, std::vector<std::thread>& threads);
  void WatchThreads(const EncodeProgressFn& progress);
  EncodeProgress Progress() const;  // mutex_ held
  bool IsKnown(std::uint32_t id) const { return id < options_.known.size(); }
  bool IsTooLarge() const {  // the table; known words do not count
    return options_.prune_table_at > 0 && corpus_.words.size() - options_.known.size() > options_.prune_table_at;
  }
  void Fail(Failure failure);  // mutex_ held

  const EncodeOptions& options_;
  TextReader& reader_;
  RawCorpus& corpus_;

  std::mutex read_mutex_;  // guards reader_ and what follows
  std::size_t batches_read_ = 0;
  bool at_end_ = false;

  std::mutex mutex_;  // guards corpus_ (but for writing to its file) and what follows
  std::condition_variable changed_;
  std::size_t next_batch_ = 0;  // whose turn it is to be merged
  std::size_t running_ = 0;     // threads
  std::uint64_t prune_threshold_ = 1;
  std::size_t absent_known_words_ = 0;        // from the text so far
  tokenize::SentenceStarts sentence_starts_;  // after the batches merged so far
  std::optional<Failure> failure_;            // the first in the order of the batches
  std::atomic<bool> stop_{false};
};

absl::Status RawCorpusReader::AddKnownWords() {
  const Vocabulary& known = options_.known;
  absent_known_words_ = known.size();
  for (std::uint32_t i = 0; i < known.size(); ++i) {
    if (corpus_.words.Add(known.word(WordId{i}), 0) != i) return InvalidArgument("known word {} is there twice", i);
  }
  return absl::OkStatus();
}

// Where several work, one is always waiting: for text, or for its turn to be merged. So there is one more than cores.
absl::Status RawCorpusReader::Run(int threads, const EncodeProgressFn& progress) {
  std::vector<Worker> workers(static_cast<std::size_t>(threads > 1 ? threads + 1 : 1));
  for (Worker& worker : workers) {
    CONEC_ASSIGN_OR_RETURN(worker.tokenizer, tokenize::Tokenizer::Create(options_.tokenizer));
  }
  corpus_.bytes_total = reader_.total_bytes();
  std::vector<std::thread> running;
  StartThreads(workers, running);
  WatchThreads(progress);
  for (std::thread& thread : running) thread.join();
  if (!failure_) return absl::OkStatus();
  if (!failure_->source || *failure_->source >= reader_.sources().size()) return failure_->status;
  return Annotate(failure_->status, fmt::format("'{}'", reader_.sources()[*failure_->source]));
}

void RawCorpusReader::StartThreads(std::vector<Worker>& workers, std::vector<std::thread>& threads) {
  threads.reserve(workers.size());
  for (Worker& worker : workers) {
    std::lock_guard lock(mutex_);
    try {
      threads.emplace_back([this, &worker] { Work(worker); });
      ++running_;
    } catch (const std::system_error& error) {
      Fail({ResourceExhausted("cannot start {} threads ({}); lower --threads", workers.size(), error.what()), {}});
      return;
    }
  }
}

void RawCorpusReader::WatchThreads(const EncodeProgressFn& progress) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kProgressInterval, [&] { return running_ == 0; })) {
    if (!progress || stop_) continue;
    const EncodeProgress now = Progress();
    lock.unlock();
    const bool go_on = progress(now);
    lock.lock();
    if (!go_on) Fail({Cancelled("encoding was stopped"), {}});
  }
}

EncodeProgress RawCorpusReader::Progress() const {
  return {corpus_.bytes_read, corpus_.bytes_total, corpus_.statistics.tokens, corpus_.statistics.distinct_words};
}

void RawCorpusReader::Fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
  stop_ = true;
  changed_.notify_all();
}

void RawCorpusReader::Work(Worker& worker) {
  absl::Status status;
  try {
    status = WorkOnBatches(worker);
  } catch (const std::exception& error) {  // above all std::bad_alloc
    status = ResourceExhausted("reading text failed: {}; --prune-table-at bounds the memory", error.what());
  }
  std::lock_guard lock(mutex_);
  if (!status.ok()) Fail({status, {}});
  --running_;
  changed_.notify_all();
}

absl::Status RawCorpusReader::WorkOnBatches(Worker& worker) {
  std::vector<std::uint32_t> ids;
  std::uint64_t position = 0;
  for (;;) {
    const absl::StatusOr<bool> more = ReadBatch(worker);
    if (more.ok() && !*more) return absl::OkStatus();
    Failure failure = more.ok() ? EncodeBatch(worker) : Failure{more.status(), {}};
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || next_batch_ == worker.number; });
      if (stop_) return absl::OkStatus();
      if (failure.status.ok()) failure.status = MergeBatch(worker, ids, position);
      if (!failure.status.ok()) {
        Fail(std::move(failure));
        return absl::OkStatus();
      }
      ++next_batch_;
      changed_.notify_all();
    }
    CONEC_RETURN_IF_ERROR(WriteBatch(worker, ids, position));
  }
}

// False at the end, or when another thread has failed. A failed read has a number, too: it is reported in its turn.
absl::StatusOr<bool> RawCorpusReader::ReadBatch(Worker& worker) {
  std::lock_guard lock(read_mutex_);
  if (at_end_ || stop_) return false;
  worker.number = batches_read_++;
  absl::StatusOr<bool> more = reader_.Next(kBatchBytes, &worker.text);
  at_end_ = !more.ok() || !*more;
  return more;
}

Failure RawCorpusReader::EncodeBatch(Worker& worker) const {
  worker.words.Clear();
  worker.stream.clear();
  worker.shapes.Clear();
  worker.text_bytes = worker.token_count = worker.invalid_parts = 0;
  for (const TextPiece& piece : worker.text.pieces) {
    Failure failure = EncodePiece(piece, worker);
    if (!failure.status.ok()) return failure;
  }
  return {};
}

Failure RawCorpusReader::EncodePiece(const TextPiece& piece, Worker& worker) const {
  std::string_view text = std::string_view(worker.text.text).substr(piece.begin, piece.end - piece.begin);
  worker.text_bytes += text.size();
  std::string repaired;
  if (const auto invalid = tokenize::FindInvalidUtf8(text)) {
    if (options_.invalid_utf8 == tokenize::InvalidUtf8::kError) {
      return {InvalidUtf8At(worker.text, piece, *invalid, options_.input.format), piece.source};
    }
    repaired = tokenize::RepairUtf8(text, options_.invalid_utf8, &worker.invalid_parts);
    text = repaired;
  }
  if (absl::Status status = worker.tokenizer->Tokenize(text, piece.ends_document, worker.tokens); !status.ok()) {
    return {status, piece.source};
  }
  const std::size_t begin = worker.stream.size();
  AppendTokens(piece, worker);
  if (options_.shapes) AppendShapes(piece, text, begin, worker);
  return {};
}

void RawCorpusReader::AppendTokens(const TextPiece& piece, Worker& worker) const {
  const auto& tokens = worker.tokens.tokens;
  auto append_until = [&, next = std::size_t{0}](std::size_t end) mutable {
    for (; next < end; ++next) worker.stream.push_back(worker.words.Add(tokens[next].text, 1));
  };
  if (worker.tokens.starts_with_boundary) worker.stream.push_back(Index(kEndOfSegment));
  for (const std::uint32_t end : worker.tokens.segment_ends) {
    append_until(end);
    worker.stream.push_back(Index(kEndOfSegment));
  }
  append_until(tokens.size());
  if (piece.ends_document) worker.stream.push_back(Index(kEndOfDocument));
  worker.token_count += tokens.size();
}

// The shapes of what AppendTokens() has put into the stream from `begin` on.
void RawCorpusReader::AppendShapes(const TextPiece& piece, std::string_view text, std::size_t begin,
                                   Worker& worker) const {
  BatchShapes& shapes = worker.shapes;
  const tokenize::PieceEdges edges =
      tokenize::ReadTokenShapes(options_.tokenizer, text, worker.tokens, &shapes.of_piece);
  if (edges.is_open && !shapes.knows_start && !shapes.starts.at_start()) shapes.open_token = begin;
  shapes.starts.Add(edges, shapes.of_piece);
  shapes.knows_start = shapes.knows_start || !shapes.of_piece.empty();
  auto next = shapes.of_piece.begin();
  for (std::size_t i = begin; i < worker.stream.size(); ++i) {
    shapes.stream.push_back(IsWord(WordId{worker.stream[i]}) ? *next++ : tokenize::WordShape{});
  }
  if (!piece.ends_document) return;
  shapes.starts = tokenize::SentenceStarts(true);
  shapes.knows_start = true;
}

// What was open at the batch's start is known by now.
void RawCorpusReader::MergeShapes(BatchShapes& shapes) {
  if (shapes.open_token && sentence_starts_.at_start()) {
    shapes.stream[*shapes.open_token] = tokenize::AsFirst(shapes.stream[*shapes.open_token]);
  }
  if (shapes.knows_start || shapes.starts.at_start()) sentence_starts_ = shapes.starts;
}

// Gives the batch's words their common ids (ids[i] for its word i) and the batch its place in the stream.
absl::Status RawCorpusReader::MergeBatch(Worker& worker, std::vector<std::uint32_t>& ids, std::uint64_t& position) {
  ids.resize(worker.words.size());
  for (std::uint32_t id = 0; id < ids.size(); ++id) {
    const std::uint64_t count = worker.words.count(id);
    ids[id] = corpus_.words.Add(worker.words.word(id), count);
    if (IsKnown(ids[id]) && corpus_.words.count(ids[id]) == count) --absent_known_words_;
  }
  if (corpus_.words.size() >= kMaxVocabulary - kBatchBytes) {
    return ResourceExhausted("the text has more than {} distinct words; set --prune-table-at", corpus_.words.size());
  }
  if (options_.shapes) MergeShapes(worker.shapes);
  position = corpus_.length;
  corpus_.length += worker.stream.size();
  corpus_.statistics.bytes += worker.text_bytes;
  corpus_.statistics.tokens += worker.token_count;
  corpus_.statistics.invalid_utf8 += worker.invalid_parts;
  corpus_.bytes_read = worker.text.bytes_read;
  if (IsTooLarge()) CONEC_RETURN_IF_ERROR(Prune());
  corpus_.statistics.distinct_words = corpus_.words.size() - absent_known_words_;
  return absl::OkStatus();
}

// As word2vec.c's ReduceVocab: the threshold rises each time. Repeated until the table is small enough. Known words
// stay.
absl::Status RawCorpusReader::Prune() {
  WordTable& words = corpus_.words;
  const auto first = static_cast<std::uint32_t>(options_.known.size());
  while (IsTooLarge()) {
    const std::uint64_t threshold = prune_threshold_++;
    for (std::uint32_t id = first; id < words.size(); ++id) {
      if (words.count(id) > threshold) continue;
      ++corpus_.statistics.pruned_words;
      corpus_.statistics.pruned_tokens += words.count(id);
    }
    CONEC_RETURN_IF_ERROR(corpus_.prunes.Append(corpus_.length, words.Prune(threshold, first)));
  }
  return absl::OkStatus();
}

absl::Status RawCorpusReader::WriteBatch(Worker& worker, std::span<const std::uint32_t> ids,
                                         std::uint64_t position) const {
  for (std::uint32_t& id : worker.stream) {
    if (IsWord(WordId{id})) id = ids[id];
  }
  if (corpus_.shapes) {
    CONEC_RETURN_IF_ERROR(corpus_.shapes->WriteAt(position, std::as_bytes(std::span(worker.shapes.stream))));
  }
  return corpus_.stream.WriteAt(position * sizeof(std::uint32_t), std::as_bytes(std::span(worker.stream)));
}

int ThreadCount(int requested) {
  return requested > 0 ? requested : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

absl::StatusOr<RawCorpus> ReadRawCorpus(const EncodeOptions& options, TextReader& reader, const std::string& folder,
                                        const EncodeProgressFn& progress) {
  CONEC_ASSIGN_OR_RETURN(TemporaryFile file, TemporaryFile::Create(folder));
  RawCorpus corpus(std::move(file), folder);
  if (options.shapes) {
    CONEC_ASSIGN_OR_RETURN(corpus.shapes, TemporaryFile::Create(folder));
  }
  RawCorpusReader raw_reader(options, reader, corpus);
  CONEC_RETURN_IF_ERROR(raw_reader.AddKnownWords());
  CONEC_RETURN_IF_ERROR(raw_reader.Run(ThreadCount(options.threads), progress));
  return corpus;
}

}  // namespace conec::corpora
