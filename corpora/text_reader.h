// Text from files, folders, globs, archives and standard input, as documents, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::corpora {

// What one document is.
enum class DocumentFormat {
  kFile,       // a whole file (or archive entry)
  kLine,       // a line
  kParagraph,  // a block of lines between empty lines
  kConll,  // CoNLL columns: documents begin at -DOCSTART- lines, an empty line ends a sentence; the text is the words
           // of the first column, joined by blanks, one sentence per line
  kJsonl,  // a JSON object per line; the text is the string field `json_field`
};

// The comments here are the documentation of the command-line options.
struct TextInputOptions {
  std::vector<std::string>
      inputs;  // files, folders (all files below, sorted), globs ("corpus/*.gz"), or "-" for standard input
  DocumentFormat format = DocumentFormat::kFile;
  std::string json_field = "text";
};

// A part of one document's text inside a TextBatch.
struct TextPiece {
  std::size_t begin = 0;  // bytes [begin, end) of TextBatch::text
  std::size_t end = 0;
  bool ends_document = false;
  std::uint32_t source = 0;  // index into TextReader::sources()
  std::uint64_t byte_offset =
      0;                   // of the piece in its source, after decompression (kJsonl, kConll: of the line it starts in)
  std::uint64_t line = 0;  // 1-based line in the source where the piece starts
  std::uint64_t document = 0;  // 0-based number of the document, over all sources
};

struct TextBatch {
  std::string text;
  std::vector<TextPiece> pieces;
  std::uint64_t bytes_read =
      0;  // of the sources so far, as stored (compressed), for progress; total_bytes() is the whole
};

// Reads all inputs in order. Plain text and .gz .zst .xz .bz2 streams are recognised by content; .zip and .tar archives
// give each entry as a file. Not thread-safe.
class TextReader {
 public:
  // Expands folders and globs. kNotFound for a path that does not exist or a glob without matches.
  static absl::StatusOr<std::unique_ptr<TextReader>> Create(const TextInputOptions& options);
  virtual ~TextReader() = default;

  // Replaces *batch by the next about `target_bytes` of text. A document longer than that comes in several pieces, cut
  // after a line break if there is one, else after white space, else between two characters. False at the end of all
  // inputs. Errors (unreadable, corrupt compression, bad JSON) name the source and the byte offset or line. Bytes are
  // passed on as they are, valid UTF-8 or not, except that a byte order mark at the start of a source is dropped and CR
  // LF line ends are left to the tokenizer.
  virtual absl::StatusOr<bool> Next(std::size_t target_bytes, TextBatch* batch) = 0;

  // Display names: the path, "archive.zip:entry", or "standard input". Grows while archives are read.
  virtual const std::vector<std::string>& sources() const = 0;
  virtual std::uint64_t total_bytes() const = 0;  // of all inputs as stored; 0 if unknown (standard input)
};

std::string_view Name(DocumentFormat format);  // "file", "line", "paragraph", "conll", "jsonl"
absl::StatusOr<DocumentFormat> ParseDocumentFormat(std::string_view name);

}  // namespace conec::corpora
