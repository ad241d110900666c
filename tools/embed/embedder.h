// Documents in, vectors out, in bounded memory: documents are read in batches, tokenised and encoded by all threads,
// and written in their order, while the next batch is worked on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "conec/encoder.h"
#include "corpora/text_reader.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"
#include "tools/embed/background_writer.h"
#include "tools/embed/output.h"

namespace conec::embed {

struct EmbedOptions {
  tokenize::TokenizerOptions tokenizer;
  tokenize::InvalidUtf8 invalid_utf8 = tokenize::InvalidUtf8::kError;
  OutputFormat format = OutputFormat::kJsonl;
  Unit unit = Unit::kWord;
  int threads = 0;  // 0: all cores
};

struct EmbedCounts {
  std::uint64_t documents = 0;
  std::uint64_t tokens = 0;
  std::uint64_t rows = 0;          // vectors written
  std::uint64_t unknown = 0;       // of them, of words outside the vocabulary
  std::uint64_t zero = 0;          // of them, without any known context
  std::uint64_t invalid_utf8 = 0;  // parts repaired or left out
  void Add(const EmbedCounts& other);
};

// bytes_read of the reader's bytes. Returning false stops with kCancelled.
using EmbedProgressFn = std::function<bool(std::uint64_t bytes_read, const EmbedCounts& so_far)>;

class Embedder {
 public:
  // `encoder` must outlive the embedder.
  static absl::StatusOr<Embedder> Create(const Encoder& encoder, const EmbedOptions& options);

  // Reads all documents of `reader` and writes them to `output`, which is committed at the end. The result does not
  // depend on the number of threads.
  absl::StatusOr<EmbedCounts> Run(corpora::TextReader& reader, OutputFile& output, const EmbedProgressFn& progress);

 private:
  struct Task;
  // What a thread needs for itself.
  struct Worker {
    std::unique_ptr<tokenize::Tokenizer> tokenizer;
    tokenize::TokenBuffer tokens;
    Encoding encoding;
  };
  // Called with text that is ready to be written, when there is much of it.
  using Flush = std::function<absl::Status(std::string& formatted)>;

  Embedder(const Encoder& encoder, const EmbedOptions& options)
      : encoder_(&encoder), options_(options), formatter_(options.format, options.unit) {}

  std::vector<Task> MakeTasks(const corpora::TextBatch& batch, const std::vector<std::string>& sources,
                              std::vector<Task> carried, BackgroundWriter& writer) const;
  void RunTasks(const corpora::TextBatch& batch, std::vector<Task>& tasks);
  absl::Status Tokenize(std::string_view batch_text, Worker& worker, Task& task) const;
  absl::Status TokenizePiece(std::string_view text, const corpora::TextPiece& piece, Worker& worker, Task& task) const;
  absl::Status Encode(Worker& worker, Task& task, const Flush& flush) const;
  absl::Status EncodeRows(Worker& worker, Task& task, const Flush& flush) const;
  absl::Status AddRow(Task& task, const Row& row, const Flush& flush) const;
  absl::Status WriteTask(Task& task, BackgroundWriter& writer, EmbedCounts& counts);
  absl::Status WriteBatch(std::vector<Task>& tasks, BackgroundWriter& writer, EmbedCounts& counts,
                          std::vector<Task>& carried);

  const Encoder* encoder_;
  EmbedOptions options_;
  RowFormatter formatter_;
  std::vector<Worker> workers_;
};

}  // namespace conec::embed
