#include "corpora/text_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/enum_names.h"
#include "corpora/byte_stream.h"
#include "corpora/documents.h"
#include "corpora/input_files.h"
#include "corpora/source_cursor.h"

namespace conec::corpora {
namespace {

constexpr EnumNames<DocumentFormat, 5> kFormatNames{{
    {DocumentFormat::kFile, "file"},
    {DocumentFormat::kLine, "line"},
    {DocumentFormat::kParagraph, "paragraph"},
    {DocumentFormat::kConll, "conll"},
    {DocumentFormat::kJsonl, "jsonl"},
}};

// Room for any character, so that a piece can always end after one.
constexpr std::size_t kSmallestTarget = 8;
// Bounds the memory for documents that have no text.
constexpr std::size_t kMostPieces = std::size_t{1} << 16;

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// One past the last white space of `text`, 0 if there is none; the ideographic space counts, since text without any
// other is what it is used in.
std::size_t EndOfLastSpace(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    const char last = text[end - 1];
    if (last == ' ' || (last >= '\t' && last <= '\r')) break;
    if (last == '\x80' && text.substr(0, end).ends_with("\xE3\x80\x80")) break;
    --end;
  }
  return end;
}

// Where to cut `text`, which is longer than `target`: in (0, target], never between CR and LF.
std::size_t FindCut(std::string_view text, std::size_t target) {
  if (text[target - 1] == '\r' && text[target] == '\n') --target;
  const std::string_view window = text.substr(0, target);
  const std::size_t line_break = window.rfind('\n');
  if (line_break != std::string_view::npos) return line_break + 1;
  const std::size_t space = EndOfLastSpace(window);
  if (space > 0) return space;
  for (std::size_t cut = target; cut + 4 > target; --cut) {
    if (!IsContinuation(text[cut])) return cut;
  }
  return target;  // not UTF-8
}

// A run inside the open piece: where in the source its text comes from.
struct Mark {
  std::size_t begin = 0;  // in TextBatch::text
  SourcePosition position;
  bool verbatim = true;
};

class DocumentTextReader : public TextReader {
 public:
  DocumentTextReader(const TextInputOptions& options, std::unique_ptr<ByteStream> stream, std::uint64_t total_bytes)
      : cursor_(std::move(stream)), runs_(MakeDocumentRuns(options, cursor_)), total_bytes_(total_bytes) {}

  absl::StatusOr<bool> Next(std::size_t target_bytes, TextBatch* batch) override {
    CONEC_RETURN_IF_ERROR(failure_);
    absl::StatusOr<bool> result = Fill(std::max(target_bytes, kSmallestTarget), *batch);
    batch->bytes_read = cursor_.stored_bytes();
    failure_ = result.status();
    return result;
  }
  const std::vector<std::string>& sources() const override { return cursor_.sources(); }
  std::uint64_t total_bytes() const override { return total_bytes_; }

 private:
  absl::StatusOr<bool> Fill(std::size_t target, TextBatch& batch) {
    batch.pieces.clear();
    batch.text.assign(carry_);
    carry_.clear();
    while (true) {
      if (open_ && batch.text.size() > target) {
        Cut(target, batch);
        return true;
      }
      if (!open_ && (batch.text.size() >= target || batch.pieces.size() >= kMostPieces)) return true;
      if (run_.text.empty() && !run_.ends_document) {
        CONEC_ASSIGN_OR_RETURN(const bool more, runs_->Next(&run_));
        if (!more) return !batch.pieces.empty();
      }
      // One byte more than wanted shows that the document goes on, so that no cut leaves an empty rest.
      AddRun(target + 1 - batch.text.size(), batch);
    }
  }

  // Adds up to `room` bytes of run_ to the open piece, or opens one; ends it with the run.
  void AddRun(std::size_t room, TextBatch& batch) {
    if (!open_) open_ = OpenPiece{batch.text.size()};
    const std::string_view text = run_.text.substr(0, room);
    marks_.push_back({batch.text.size(), run_.position, run_.verbatim});
    batch.text += text;
    TakeFromRun(text);
    if (!run_.text.empty() || !run_.ends_document) return;
    ClosePiece(batch.text.size(), /*ends_document=*/true, batch);
    run_ = {};
    marks_.clear();
    open_.reset();
    ++document_;
  }

  void TakeFromRun(std::string_view text) {
    run_.text.remove_prefix(text.size());
    if (run_.verbatim) run_.position = After(run_.position, text);
  }

  static SourcePosition After(SourcePosition position, std::string_view text) {
    position.offset += text.size();
    position.line += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    return position;
  }

  void ClosePiece(std::size_t end, bool ends_document, TextBatch& batch) {
    const SourcePosition& position = marks_.front().position;
    batch.pieces.push_back(
        {open_->begin, end, ends_document, position.source, position.offset, position.line, document_});
  }

  // Ends a batch inside the open piece. A document that began behind others in this batch waits as a whole for the next
  // one: it may fit there.
  void Cut(std::size_t target, TextBatch& batch) {
    std::size_t cut = open_->begin;
    if (cut == 0) {
      cut = FindCut(batch.text, target);
      ClosePiece(cut, /*ends_document=*/false, batch);
    }
    RebaseMarks(cut, batch.text);
    carry_.assign(batch.text, cut);
    batch.text.resize(cut);
    open_->begin = 0;
  }

  // Makes marks_ speak of the text from `cut` on.
  void RebaseMarks(std::size_t cut, std::string_view text) {
    const auto after = std::upper_bound(marks_.begin(), marks_.end(), cut,
                                        [](std::size_t position, const Mark& mark) { return position < mark.begin; });
    marks_.erase(marks_.begin(), after - 1);
    Mark& first = marks_.front();
    if (first.verbatim) first.position = After(first.position, text.substr(first.begin, cut - first.begin));
    first.begin = cut;
    for (Mark& mark : marks_) mark.begin -= cut;
  }

  struct OpenPiece {
    std::size_t begin = 0;
  };

  SourceCursor cursor_;
  std::unique_ptr<DocumentRuns> runs_;
  std::uint64_t total_bytes_;
  TextRun run_;                    // what is not yet in a batch of the last run
  std::optional<OpenPiece> open_;  // the document that is being read
  std::vector<Mark> marks_;        // of the open piece, at least one
  std::string carry_;              // the open piece's text that did not go into the last batch
  std::uint64_t document_ = 0;
  absl::Status failure_;
};

std::uint64_t TotalBytes(const std::vector<InputFile>& files) {
  std::uint64_t total = 0;
  for (const InputFile& file : files) {
    if (!file.size_known) return 0;
    total += file.size;
  }
  return total;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TextReader>> TextReader::Create(const TextInputOptions& options) {
  CONEC_ASSIGN_OR_RETURN(std::vector<InputFile> files, ExpandInputs(options.inputs));
  const std::uint64_t total_bytes = TotalBytes(files);
  CONEC_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream, ByteStream::Open(std::move(files)));
  return std::make_unique<DocumentTextReader>(options, std::move(stream), total_bytes);
}

std::string_view Name(DocumentFormat format) {
  return NameOf(kFormatNames, format);
}

absl::StatusOr<DocumentFormat> ParseDocumentFormat(std::string_view name) {
  return ParseName(kFormatNames, "document format", name);
}

}  // namespace conec::corpora
