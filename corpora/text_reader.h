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
  kLine,       // a line, blank or not, so that the n-th document is the n-th line
  kParagraph,  // a block of lines between blank lines; the blank lines belong to none
  kConll,      // CoNLL columns, separated by white space: documents begin at -DOCSTART- lines (a file without is one
               // document), a blank line ends a sentence; the text is the words of the first column, joined by blanks,
               // one sentence per line. Lines of up to 1 MiB.
  kJsonl,      // a JSON object per line, blank lines aside; the text is the string field `json_field`. Lines of up to
               // 256 MiB.
};

// The comments here are the documentation of the command-line options.
struct TextInputOptions {
  // Files, folders (all files below, sorted, without hidden ones), globs ("corpus/*.gz"), or "-" for standard input.
  std::vector<std::string> inputs;
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

// Reads all inputs in order. .gz .zst .xz .bz2 streams and .zip and .tar archives are recognised by content, in any
// combination; each entry of an archive counts as a file. Everything else is plain text. A thread reads and
// decompresses ahead. Not thread-safe.
class TextReader {
 public:
  // Expands folders and globs; corpora/input_files.h has the rules and the errors.
  static absl::StatusOr<std::unique_ptr<TextReader>> Create(const TextInputOptions& options);
  virtual ~TextReader() = default;

  // Replaces *batch by the next about `target_bytes` of text: at least 8 bytes, at most one byte more than the target.
  // A document that is longer comes in several pieces, cut after a line break if there is one, else after white space,
  // else between two characters; shorter ones are never cut. An empty document is a piece without text. False at the
  // end of all inputs. Errors name the source: kDataLoss for truncated or corrupt compression (with the position in the
  // decompressed data) and bad JSON or CoNLL (SOURCE:LINE), kInvalidArgument for a missing JSON field and for UTF-16;
  // after an error only that error comes back. Bytes are passed on as they are, valid UTF-8 or not, except that a UTF-8
  // byte order mark at the start of a source is dropped and CR LF line ends are left to the tokenizer.
  virtual absl::StatusOr<bool> Next(std::size_t target_bytes, TextBatch* batch) = 0;

  // Display names: the path, "archive.zip:entry", or "standard input". Grows while archives are read.
  virtual const std::vector<std::string>& sources() const = 0;
  virtual std::uint64_t total_bytes() const = 0;  // of all inputs as stored; 0 if unknown (standard input)
};

std::string_view Name(DocumentFormat format);  // "file", "line", "paragraph", "conll", "jsonl"
absl::StatusOr<DocumentFormat> ParseDocumentFormat(std::string_view name);

}  // namespace conec::corpora
