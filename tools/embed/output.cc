#include "tools/embed/output.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/float_text.h"
#include "base/npy.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"

namespace conec::embed {
namespace {

struct FormatName {
  OutputFormat format;
  std::string_view name;
};
constexpr FormatName kFormatNames[] = {{OutputFormat::kJsonl, "jsonl"},
                                       {OutputFormat::kTsv, "tsv"},
                                       {OutputFormat::kNpy, "npy"},
                                       {OutputFormat::kWord2vec, "word2vec"}};

constexpr std::size_t kBufferSize = std::size_t{1} << 20;

// As a JSON string.
void AppendQuoted(std::string_view text, std::string& out) {
  const auto stands_for_itself = [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; };
  if (!std::all_of(text.begin(), text.end(), stands_for_itself)) {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void AppendCount(std::uint64_t count, std::string& out) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), count).ptr);
}

// A word as a field of a table: white space inside (tokens rarely have any) must not look like a separator.
void AppendField(std::string_view word, std::string_view forbidden, char replacement, std::string& out) {
  const std::size_t begin = out.size();
  out += word;
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (forbidden.find(out[i]) != std::string_view::npos) out[i] = replacement;
  }
}

}  // namespace

std::string_view Name(OutputFormat format) {
  return std::find_if(std::begin(kFormatNames), std::end(kFormatNames),
                      [format](const FormatName& f) { return f.format == format; })
      ->name;
}

absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view name) {
  for (const FormatName& candidate : kFormatNames) {
    if (candidate.name == name) return candidate.format;
  }
  return InvalidArgument("'{}' is none of jsonl, tsv, npy, word2vec", name);
}

std::string LabelsPath(const std::string& path) {
  constexpr std::string_view kSuffix = ".npy";
  const bool has_suffix = path.size() > kSuffix.size() && path.ends_with(kSuffix);
  return path.substr(0, path.size() - (has_suffix ? kSuffix.size() : 0)) + ".words.tsv";
}

void RowFormatter::Begin(const DocumentName& document, std::string& out) const {
  if (format_ != OutputFormat::kJsonl) return;
  fmt::format_to(std::back_inserter(out), R"({{"document": {}, "source": )", document.number);
  AppendQuoted(document.source, out);
  if (unit_ != Unit::kDocument) out += unit_ == Unit::kWord ? R"(, "words": [)" : R"(, "tokens": [)";
}

void RowFormatter::End(std::string& out) const {
  if (format_ != OutputFormat::kJsonl) return;
  out += unit_ == Unit::kDocument ? "}\n" : "]}\n";
}

void RowFormatter::Add(const DocumentName& document, const Row& row, bool first, std::string& out) const {
  switch (format_) {
    case OutputFormat::kJsonl:
      return AddJson(row, first, out);
    case OutputFormat::kTsv:
      return AddTsv(document, row, out);
    case OutputFormat::kNpy:
      return AddNpy(document, row, out);
    case OutputFormat::kWord2vec:
      return AddWord2vec(document, row, out);
  }
}

// Without fmt, which would take a tenth of the time of a row.
void RowFormatter::AddJson(const Row& row, bool first, std::string& out) const {
  if (unit_ == Unit::kDocument) {
    out += R"(, "tokens": )";
    AppendCount(row.count, out);
  } else {
    out += first ? R"({"word": )" : R"(, {"word": )";
    AppendQuoted(row.word, out);
    out += unit_ == Unit::kWord ? R"(, "count": )" : R"(, "token": )";
    AppendCount(unit_ == Unit::kWord ? row.count : row.token, out);
    out += row.known ? R"(, "known": true)" : R"(, "known": false)";
  }
  out += row.zero ? R"(, "zero": true, "vector": [)" : R"(, "zero": false, "vector": [)";
  AppendFloats(row.vector, ',', out);
  out += unit_ == Unit::kDocument ? "]" : "]}";
}

void RowFormatter::AddLabel(const DocumentName& document, const Row& row, std::string& out) const {
  fmt::format_to(std::back_inserter(out), "{}\t", document.number);
  AppendField(unit_ == Unit::kDocument ? document.source : row.word, "\t\n\r", ' ', out);
  fmt::format_to(std::back_inserter(out), "\t{}\t{}", unit_ == Unit::kToken ? row.token : row.count, row.known ? 1 : 0);
}

void RowFormatter::AddTsv(const DocumentName& document, const Row& row, std::string& out) const {
  AddLabel(document, row, out);
  out += '\t';
  AppendFloats(row.vector, '\t', out);
  out += '\n';
}

// The label's line, then the numbers as they are.
void RowFormatter::AddNpy(const DocumentName& document, const Row& row, std::string& out) const {
  AddLabel(document, row, out);
  out += '\n';
  out.append(reinterpret_cast<const char*>(row.vector.data()), row.vector.size_bytes());
}

void RowFormatter::AddWord2vec(const DocumentName& document, const Row& row, std::string& out) const {
  if (unit_ == Unit::kDocument) {
    out += "document";
  } else {
    AppendField(row.word, " \t\n\r\v\f", '_', out);
    if (unit_ == Unit::kToken) fmt::format_to(std::back_inserter(out), "@{}", row.token);
  }
  fmt::format_to(std::back_inserter(out), "#{} ", document.number);
  AppendFloats(row.vector, ' ', out);
  out += '\n';
}

namespace {

// A file, or standard output.
class Sink {
 public:
  static absl::StatusOr<Sink> Create(const std::string& path) {
    Sink sink;
    if (path.empty()) return sink;
    CONEC_ASSIGN_OR_RETURN(sink.file_, AtomicFile::Create(path));
    return sink;
  }
  absl::Status Write(std::string_view text) { return file_ ? file_->Write(text) : cli::PrintText(text); }
  absl::Status Commit() { return file_ ? file_->Commit() : cli::FlushOutput(); }

 private:
  std::optional<AtomicFile> file_;
};

// What must wait until the number of rows is known.
class Spool {
 public:
  static absl::StatusOr<Spool> Create(const std::string& folder) {
    CONEC_ASSIGN_OR_RETURN(TemporaryFile file, TemporaryFile::Create(folder));
    return Spool(std::move(file));
  }

  absl::Status Write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBufferSize ? absl::OkStatus() : Flush();
  }

  // Passes all that was written to `visit`, in parts.
  template <typename Visit>
  absl::Status ForEachPart(Visit&& visit) {
    CONEC_RETURN_IF_ERROR(Flush());
    std::string part;
    for (std::size_t offset = 0; offset < size_; offset += part.size()) {
      part.resize(std::min(kBufferSize, size_ - offset));
      CONEC_RETURN_IF_ERROR(file_.ReadAt(offset, std::as_writable_bytes(std::span(part))));
      CONEC_RETURN_IF_ERROR(visit(std::string_view(part)));
    }
    return absl::OkStatus();
  }

 private:
  explicit Spool(TemporaryFile file) : file_(std::move(file)) {}
  absl::Status Flush() {
    CONEC_RETURN_IF_ERROR(file_.WriteAt(size_, std::as_bytes(std::span(buffer_))));
    size_ += buffer_.size();
    buffer_.clear();
    return absl::OkStatus();
  }

  TemporaryFile file_;
  std::string buffer_;
  std::size_t size_ = 0;
};

class PlainOutput : public OutputFile {
 public:
  explicit PlainOutput(Sink sink) : sink_(std::move(sink)) {}
  absl::Status Write(std::string_view formatted) override { return sink_.Write(formatted); }
  absl::Status Commit(std::uint64_t, std::uint64_t) override { return sink_.Commit(); }

 private:
  Sink sink_;
};

// The header, which holds the number of rows, is written first as a place holder; where there is no going back (a
// pipe), the rows wait in a spool.
class NpyOutput : public OutputFile {
 public:
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path, std::size_t dim) {
    CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
    CONEC_ASSIGN_OR_RETURN(AtomicFile labels, AtomicFile::Create(LabelsPath(path)));
    std::optional<Spool> spool;
    if (file.can_overwrite()) {
      CONEC_RETURN_IF_ERROR(file.Write(NpyHeader(kUnknown, dim)));
    } else {
      CONEC_ASSIGN_OR_RETURN(spool, Spool::Create(FolderOf(path)));
    }
    return std::unique_ptr<OutputFile>(new NpyOutput(std::move(file), std::move(labels), std::move(spool), dim));
  }

  absl::Status Write(std::string_view formatted) override {
    while (!formatted.empty()) {
      const std::size_t label = formatted.find('\n') + 1;
      const std::size_t numbers = dim_ * sizeof(float);
      CONEC_RETURN_IF_ERROR(labels_.Write(formatted.substr(0, label)));
      CONEC_RETURN_IF_ERROR(WriteNumbers(formatted.substr(label, numbers)));
      formatted.remove_prefix(label + numbers);
    }
    return absl::OkStatus();
  }

  absl::Status Commit(std::uint64_t rows, std::uint64_t) override {
    CONEC_RETURN_IF_ERROR(spool_ ? WriteSpooled(rows) : file_.Overwrite(0, Header(rows)));
    CONEC_RETURN_IF_ERROR(file_.Persist());  // a disk that is full now must not leave the one without the other
    CONEC_RETURN_IF_ERROR(labels_.Commit());
    return file_.Commit();
  }

 private:
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};  // the longest number there is

  NpyOutput(AtomicFile file, AtomicFile labels, std::optional<Spool> spool, std::size_t dim)
      : file_(std::move(file)), labels_(std::move(labels)), spool_(std::move(spool)), dim_(dim) {}

  // As long as that of kUnknown rows.
  std::string Header(std::uint64_t rows) const { return NpyHeader(rows, dim_, NpyHeader(kUnknown, dim_).size()); }

  absl::Status WriteNumbers(std::string_view numbers) { return spool_ ? spool_->Write(numbers) : file_.Write(numbers); }

  absl::Status WriteSpooled(std::uint64_t rows) {
    CONEC_RETURN_IF_ERROR(file_.Write(Header(rows)));
    return spool_->ForEachPart([this](std::string_view part) { return file_.Write(part); });
  }

  AtomicFile file_;
  AtomicFile labels_;
  std::optional<Spool> spool_;
  std::size_t dim_;
};

class Word2vecOutput : public OutputFile {
 public:
  Word2vecOutput(Sink sink, Spool spool, std::size_t dim)
      : sink_(std::move(sink)), spool_(std::move(spool)), dim_(dim) {}

  absl::Status Write(std::string_view formatted) override { return spool_.Write(formatted); }

  absl::Status Commit(std::uint64_t rows, std::uint64_t documents) override {
    CONEC_RETURN_IF_ERROR(sink_.Write(fmt::format("{} {}\n", rows, dim_)));
    CONEC_RETURN_IF_ERROR(spool_.ForEachPart(
        [&](std::string_view part) { return documents > 1 ? sink_.Write(part) : WriteWithoutNumber(part); }));
    return sink_.Commit();
  }

 private:
  // With one document its "#0" after each word says nothing. Parts may end anywhere, so the word is gathered first.
  absl::Status WriteWithoutNumber(std::string_view part) {
    while (!part.empty()) {
      const char stop = in_word_ ? ' ' : '\n';
      const std::size_t length = std::min(part.find(stop), part.size() - 1) + 1;
      const bool complete = part[length - 1] == stop;
      if (!in_word_) {
        CONEC_RETURN_IF_ERROR(sink_.Write(part.substr(0, length)));
      } else {
        word_ += part.substr(0, length);
      }
      if (in_word_ && complete) {
        CONEC_RETURN_IF_ERROR(sink_.Write(word_.substr(0, word_.rfind('#')) + " "));
        word_.clear();
      }
      if (complete) in_word_ = !in_word_;
      part.remove_prefix(length);
    }
    return absl::OkStatus();
  }

  Sink sink_;
  Spool spool_;
  std::size_t dim_;
  bool in_word_ = true;
  std::string word_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(OutputFormat format, const std::string& path,
                                                               std::size_t dim) {
  if (format == OutputFormat::kNpy) {
    if (path.empty()) return InvalidArgument("--format npy needs --output FILE: it writes two files");
    return NpyOutput::Create(path, dim);
  }
  CONEC_ASSIGN_OR_RETURN(Sink sink, Sink::Create(path));
  if (format != OutputFormat::kWord2vec) return std::make_unique<PlainOutput>(std::move(sink));
  CONEC_ASSIGN_OR_RETURN(Spool spool, Spool::Create(cli::ScratchFolder(path)));
  return std::make_unique<Word2vecOutput>(std::move(sink), std::move(spool), dim);
}

}  // namespace conec::embed
