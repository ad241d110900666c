#include "tools/embed/embedder.h"

#include <omp.h>

#include <new>
#include <optional>
#include <utility>

namespace conec::embed {
namespace {

// Small enough that the numbers made of it, a hundred times as many bytes, do not matter; large enough for all threads.
constexpr std::size_t kBatchBytesPerThread = std::size_t{32} << 10;
constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

}  // namespace

void EmbedCounts::Add(const EmbedCounts& other) {
  documents += other.documents;
  tokens += other.tokens;
  rows += other.rows;
  unknown += other.unknown;
  zero += other.zero;
  invalid_utf8 += other.invalid_utf8;
}

// One document, or what the batches so far hold of it.
struct Embedder::Task {
  std::uint64_t number = 0;
  std::string source;
  std::vector<corpora::TextPiece> pieces;  // of the current batch
  bool complete = false;
  bool spans_batches = false;  // too long to keep its vectors as text
  Document document;
  std::string formatted;
  EmbedCounts counts;
  absl::Status status;

  DocumentName name() const { return {number, source}; }
};

absl::StatusOr<Embedder> Embedder::Create(const Encoder& encoder, const EmbedOptions& options) {
  Embedder embedder(encoder, options);
  const int threads = options.threads > 0 ? options.threads : omp_get_max_threads();
  for (int i = 0; i < threads; ++i) {
    Worker worker;
    CONEC_ASSIGN_OR_RETURN(worker.tokenizer, tokenize::Tokenizer::Create(options.tokenizer));
    embedder.workers_.push_back(std::move(worker));
  }
  return embedder;
}

std::vector<Embedder::Task> Embedder::MakeTasks(const corpora::TextBatch& batch,
                                                const std::vector<std::string>& sources, std::vector<Task> carried,
                                                BackgroundWriter& writer) const {
  std::vector<Task> tasks = std::move(carried);
  for (const corpora::TextPiece& piece : batch.pieces) {
    if (tasks.empty() || tasks.back().complete) {
      tasks.emplace_back();
      tasks.back().number = piece.document;
      tasks.back().source = sources[piece.source];
      tasks.back().formatted = writer.Spare();
    }
    tasks.back().pieces.push_back(piece);
    tasks.back().complete = piece.ends_document;
  }
  return tasks;
}

absl::Status Embedder::TokenizePiece(std::string_view text, const corpora::TextPiece& piece, Worker& worker,
                                     Task& task) const {
  std::string repaired;
  if (const auto invalid = tokenize::FindInvalidUtf8(text); invalid.has_value()) {
    if (options_.invalid_utf8 == tokenize::InvalidUtf8::kError) {
      return InvalidArgument(
          "{}: not UTF-8 at byte {}: convert it first (iconv), or give --invalid-utf8 replace or skip", task.source,
          piece.byte_offset + *invalid);
    }
    std::size_t parts = 0;
    repaired = tokenize::RepairUtf8(text, options_.invalid_utf8, &parts);
    task.counts.invalid_utf8 += parts;
    text = repaired;
  }
  worker.tokens.Clear();
  CONEC_RETURN_IF_ERROR(Annotate(worker.tokenizer->Tokenize(text, piece.ends_document, worker.tokens), task.source));
  if (encoder_->needs_shapes()) {
    task.document.Append(worker.tokens, options_.tokenizer, text);
  } else {
    task.document.Append(worker.tokens);
  }
  return absl::OkStatus();
}

absl::Status Embedder::Tokenize(std::string_view batch_text, Worker& worker, Task& task) const {
  for (const corpora::TextPiece& piece : task.pieces) {
    CONEC_RETURN_IF_ERROR(TokenizePiece(batch_text.substr(piece.begin, piece.end - piece.begin), piece, worker, task));
  }
  task.pieces.clear();
  return absl::OkStatus();
}

absl::Status Embedder::AddRow(Task& task, const Row& row, const Flush& flush) const {
  formatter_.Add(task.name(), row, task.counts.rows == 0, task.formatted);
  ++task.counts.rows;
  if (!row.known && options_.unit != Unit::kDocument) ++task.counts.unknown;
  if (row.zero) ++task.counts.zero;
  return flush && task.formatted.size() >= kFlushBytes ? flush(task.formatted) : absl::OkStatus();
}

absl::Status Embedder::EncodeRows(Worker& worker, Task& task, const Flush& flush) const {
  if (options_.unit == Unit::kDocument) {
    std::vector<float> vector(encoder_->dim());
    CONEC_ASSIGN_OR_RETURN(const std::size_t tokens, encoder_->EncodeDocument(task.document, vector));
    return AddRow(task, {.word = {}, .count = tokens, .zero = tokens == 0, .vector = vector}, flush);
  }
  const auto add = [&](const EncodedWord& word, std::span<const float> vector) {
    return AddRow(task, {word.word, word.count, word.token, word.known, !word.found_context, vector}, flush);
  };
  if (options_.unit == Unit::kToken) return encoder_->EncodeTokens(task.document, add);
  CONEC_RETURN_IF_ERROR(encoder_->EncodeWords(task.document, worker.encoding));
  for (std::size_t i = 0; i < worker.encoding.words.size(); ++i) {
    CONEC_RETURN_IF_ERROR(add(worker.encoding.words[i], worker.encoding.vector(i)));
  }
  return absl::OkStatus();
}

absl::Status Embedder::Encode(Worker& worker, Task& task, const Flush& flush) const {
  task.counts.documents = 1;
  task.counts.tokens = task.document.size();
  formatter_.Begin(task.name(), task.formatted);
  CONEC_RETURN_IF_ERROR(EncodeRows(worker, task, flush));
  formatter_.End(task.formatted);
  return absl::OkStatus();
}

void Embedder::RunTasks(const corpora::TextBatch& batch, std::vector<Task>& tasks) {
  const int threads = static_cast<int>(workers_.size());
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Task& task = tasks[i];
    Worker& worker = workers_[static_cast<std::size_t>(omp_get_thread_num())];
    try {
      task.status = Tokenize(batch.text, worker, task);
      if (task.status.ok() && task.complete && !task.spans_batches) task.status = Encode(worker, task, nullptr);
    } catch (const std::bad_alloc&) {
      task.status = ResourceExhausted("{}: out of memory", task.source);
    }
  }
}

// What comes before an error is written.
absl::Status Embedder::WriteTask(Task& task, BackgroundWriter& writer, EmbedCounts& counts) {
  if (!task.status.ok()) {
    CONEC_RETURN_IF_ERROR(writer.Finish());
    return task.status;
  }
  if (task.spans_batches) {
    CONEC_ASSIGN_OR_RETURN(OutputFile* const output, writer.Output());
    const auto flush = [output](std::string& formatted) {
      const absl::Status written = output->Write(formatted);
      formatted.clear();
      return written;
    };
    CONEC_RETURN_IF_ERROR(Encode(workers_.front(), task, flush));
  }
  counts.Add(task.counts);
  writer.Add(std::move(task.formatted));
  return absl::OkStatus();
}

absl::Status Embedder::WriteBatch(std::vector<Task>& tasks, BackgroundWriter& writer, EmbedCounts& counts,
                                  std::vector<Task>& carried) {
  for (Task& task : tasks) {
    if (task.complete || !task.status.ok()) {
      CONEC_RETURN_IF_ERROR(WriteTask(task, writer, counts));
    } else {
      task.spans_batches = true;
      carried.push_back(std::move(task));
    }
  }
  return writer.Start();
}

absl::StatusOr<EmbedCounts> Embedder::Run(corpora::TextReader& reader, OutputFile& output,
                                          const EmbedProgressFn& progress) {
  EmbedCounts counts;
  corpora::TextBatch batch;
  std::vector<Task> carried;  // the document that goes on in the next batch, if any
  BackgroundWriter writer(output);
  for (bool more = true; more;) {
    CONEC_ASSIGN_OR_RETURN(more, reader.Next(kBatchBytesPerThread * workers_.size(), &batch));
    if (!more) batch = {};
    std::vector<Task> tasks = MakeTasks(batch, reader.sources(), std::exchange(carried, {}), writer);
    if (!more && !tasks.empty()) tasks.back().complete = true;
    RunTasks(batch, tasks);
    CONEC_RETURN_IF_ERROR(WriteBatch(tasks, writer, counts, carried));
    if (progress && !progress(batch.bytes_read, counts)) return Cancelled("stopped");
  }
  CONEC_RETURN_IF_ERROR(writer.Finish());
  CONEC_RETURN_IF_ERROR(output.Commit(counts.rows, counts.documents));
  return counts;
}

}  // namespace conec::embed
