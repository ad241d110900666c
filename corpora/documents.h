// Documents out of sources: one class per DocumentFormat.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "corpora/source_cursor.h"
#include "corpora/text_reader.h"

namespace conec::corpora {

// Some more text of a document.
struct TextRun {
  std::string_view text{};     // may be empty
  bool ends_document = false;  // the next run belongs to the next document
  SourcePosition position{};   // of the first byte; of the line it comes from unless `verbatim`
  bool verbatim = true;        // `text` stands like this in the source
};

class DocumentRuns {
 public:
  virtual ~DocumentRuns() = default;
  // The next run, valid until the next call; false after the last document, which is always ended. Runs of a document
  // come from one source. Errors begin with "SOURCE:LINE: " where the text is not of the expected format.
  virtual absl::StatusOr<bool> Next(TextRun* run) = 0;
};

// Lines that are longer than this are refused: they are held in memory as a whole.
inline constexpr std::size_t kLongestConllLine = std::size_t{1} << 20;
inline constexpr std::size_t kLongestJsonLine = std::size_t{1} << 28;

// `cursor` must outlive the result.
std::unique_ptr<DocumentRuns> MakeDocumentRuns(const TextInputOptions& options, SourceCursor& cursor);

}  // namespace conec::corpora
