#include "corpora/documents.h"

#include <utility>

#include "corpora/json_field.h"

namespace conec::corpora {
namespace {

constexpr std::string_view kWhiteSpace = " \t\v\f\r\n";
// Only a bound on memory: longer lines just come in parts.
constexpr std::size_t kLongestTextLine = std::size_t{1} << 20;

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(kWhiteSpace) == std::string_view::npos;
}

class FileRuns : public DocumentRuns {
 public:
  explicit FileRuns(SourceCursor& cursor) : cursor_(cursor) {}

  absl::StatusOr<bool> Next(TextRun* run) override {
    if (!in_source_) {
      CONEC_ASSIGN_OR_RETURN(in_source_, cursor_.NextSource());
      if (!in_source_) return false;
    }
    *run = {.position = cursor_.position()};
    CONEC_ASSIGN_OR_RETURN(run->text, cursor_.Peek());
    cursor_.Advance(run->text.size());
    run->ends_document = run->text.empty();
    in_source_ = !run->ends_document;
    return true;
  }

 private:
  SourceCursor& cursor_;
  bool in_source_ = false;
};

// What the formats made of lines share.
class LineRuns : public DocumentRuns {
 public:
  LineRuns(SourceCursor& cursor, std::size_t longest) : cursor_(cursor), lines_(cursor, longest) {}

  absl::StatusOr<bool> Next(TextRun* run) override {
    while (true) {
      *run = {};
      LinePart part;
      CONEC_ASSIGN_OR_RETURN(const bool more, NextPart(&part));
      if (more) {
        CONEC_ASSIGN_OR_RETURN(const bool made, Add(part, run));
        if (made) return true;
      } else if (in_source_) {
        in_source_ = false;
        run->position = cursor_.position();
        if (EndSource(run)) return true;
      } else {
        return false;
      }
    }
  }

 protected:
  // Whether `part` gives a run. `part.text` stays valid until the run is used up.
  virtual absl::StatusOr<bool> Add(const LinePart& part, TextRun* run) = 0;
  // Whether the end of the source gives one, which then ends a document.
  virtual bool EndSource(TextRun* run) = 0;

  std::string Where(const LinePart& part) const {
    return fmt::format("{}:{}", cursor_.sources()[part.position.source], part.position.line);
  }

 private:
  // False at the end of a source (in_source_) and at the end of all (!in_source_).
  absl::StatusOr<bool> NextPart(LinePart* part) {
    if (!in_source_) {
      CONEC_ASSIGN_OR_RETURN(in_source_, cursor_.NextSource());
      if (!in_source_) return false;
    }
    return lines_.Next(part);
  }

  SourceCursor& cursor_;
  LineReader lines_;
  bool in_source_ = false;
};

class LineDocumentRuns : public LineRuns {
 public:
  explicit LineDocumentRuns(SourceCursor& cursor) : LineRuns(cursor, kLongestTextLine) {}

 protected:
  absl::StatusOr<bool> Add(const LinePart& part, TextRun* run) override {
    *run = {part.text, part.ends_line, part.position};
    return true;
  }
  bool EndSource(TextRun* /*run*/) override { return false; }
};

class ParagraphRuns : public LineRuns {
 public:
  explicit ParagraphRuns(SourceCursor& cursor) : LineRuns(cursor, kLongestTextLine) {}

 protected:
  absl::StatusOr<bool> Add(const LinePart& part, TextRun* run) override {
    if (part.whole() && IsBlank(part.text)) {
      run->position = part.position;
      return EndSource(run);
    }
    *run = {part.text, /*ends_document=*/false, part.position};
    in_paragraph_ = true;
    return true;
  }
  bool EndSource(TextRun* run) override {
    run->ends_document = true;
    return std::exchange(in_paragraph_, false);
  }

 private:
  bool in_paragraph_ = false;
};

class ConllRuns : public LineRuns {
 public:
  explicit ConllRuns(SourceCursor& cursor) : LineRuns(cursor, kLongestConllLine) {}

 protected:
  absl::StatusOr<bool> Add(const LinePart& part, TextRun* run) override {
    if (!part.whole()) {
      return DataLoss("{}: a line of more than {} bytes; expected CoNLL columns (--input-format says what it is)",
                      Where(part), kLongestConllLine);
    }
    if (IsBlank(part.text)) {
      *run = {EndSentence(), /*ends_document=*/false, part.position, /*verbatim=*/false};
      return !run->text.empty();
    }
    const std::string_view word = FirstColumn(part.text);
    if (word == "-DOCSTART-") {
      const bool ended = EndSource(run);
      Begin(part);
      return ended;
    }
    if (!in_document_) Begin(part);
    AddWord(word);
    *run = {text_, /*ends_document=*/false, part.position, /*verbatim=*/false};
    return true;
  }

  bool EndSource(TextRun* run) override {
    *run = {EndSentence(), /*ends_document=*/true, begin_, /*verbatim=*/false};
    return std::exchange(in_document_, false);
  }

 private:
  static std::string_view FirstColumn(std::string_view line) {
    line.remove_prefix(line.find_first_not_of(kWhiteSpace));
    return line.substr(0, line.find_first_of(kWhiteSpace));
  }
  void Begin(const LinePart& part) {
    in_document_ = true;
    begin_ = part.position;
  }
  void AddWord(std::string_view word) {
    text_.clear();
    if (in_sentence_) text_.push_back(' ');
    text_ += word;
    in_sentence_ = true;
  }
  std::string_view EndSentence() { return std::exchange(in_sentence_, false) ? "\n" : ""; }

  bool in_document_ = false;
  bool in_sentence_ = false;
  SourcePosition begin_;  // of the document
  std::string text_;
};

class JsonlRuns : public LineRuns {
 public:
  JsonlRuns(SourceCursor& cursor, std::string field) : LineRuns(cursor, kLongestJsonLine), field_(std::move(field)) {}

 protected:
  absl::StatusOr<bool> Add(const LinePart& part, TextRun* run) override {
    if (!part.whole()) {
      return absl::Status(ResourceExhausted("{}: a line of more than {} MiB, the limit for a JSON line", Where(part),
                                            kLongestJsonLine >> 20));
    }
    if (IsBlank(part.text)) return false;
    absl::StatusOr<std::string> text = JsonStringField(part.text, field_);
    if (!text.ok()) return Annotate(text.status(), Where(part));
    text_ = *std::move(text);
    *run = {text_, /*ends_document=*/true, part.position, /*verbatim=*/false};
    return true;
  }
  bool EndSource(TextRun* /*run*/) override { return false; }

 private:
  std::string field_;
  std::string text_;
};

}  // namespace

std::unique_ptr<DocumentRuns> MakeDocumentRuns(const TextInputOptions& options, SourceCursor& cursor) {
  switch (options.format) {
    case DocumentFormat::kFile:
      break;
    case DocumentFormat::kLine:
      return std::make_unique<LineDocumentRuns>(cursor);
    case DocumentFormat::kParagraph:
      return std::make_unique<ParagraphRuns>(cursor);
    case DocumentFormat::kConll:
      return std::make_unique<ConllRuns>(cursor);
    case DocumentFormat::kJsonl:
      return std::make_unique<JsonlRuns>(cursor, options.json_field);
  }
  return std::make_unique<FileRuns>(cursor);
}

}  // namespace conec::corpora
