// Text to tokens on one core: bytes per second of each tokenizer. "sample" is the generated English of
// conec-sample-corpus (capitals, punctuation, paragraphs), "folded" the same as wiki8 and text8 have text: a to z and
// single blanks.
//   CONEC_BENCH_TEXT=posts.tar.zst build/release/tests/bench/tokenizer_bench
// reads the named file, folder or archive, too.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "corpora/sample_corpus.h"
#include "corpora/text_reader.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"

namespace conec {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;  // as the encoder of corpora cuts text

const std::string& SampleText() {
  static const std::string* const text = [] {
    auto* const joined = new std::string;
    const auto corpus = corpora::GenerateSampleCorpus({.seed = 1, .words = 200000});
    for (const corpora::SampleDocument& document : corpus->documents) *joined += document.text;
    return joined;
  }();
  return *text;
}

const std::string& FoldedText() {
  static const std::string* const text = [] {
    auto* const folded = new std::string;
    for (const char c : SampleText()) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (lower >= 'a' && lower <= 'z') {
        *folded += lower;
      } else if (!folded->empty() && folded->back() != ' ') {
        *folded += ' ';
      }
    }
    return folded;
  }();
  return *text;
}

// Empty if no file is named, or if it cannot be read.
const std::string& NamedText() {
  static const std::string* const text = [] {
    auto* const joined = new std::string;
    const char* const path = std::getenv("CONEC_BENCH_TEXT");
    if (path == nullptr) return joined;
    auto reader = corpora::TextReader::Create({.inputs = {path}});
    if (!reader.ok()) return joined;
    for (corpora::TextBatch batch; joined->size() < (std::size_t{1} << 28);) {
      const auto more = (*reader)->Next(kPieceBytes, &batch);
      if (!more.ok() || !*more) break;
      *joined += tokenize::RepairUtf8(batch.text, tokenize::InvalidUtf8::kReplace);
    }
    return joined;
  }();
  return *text;
}

void Tokenize(benchmark::State& state, const tokenize::TokenizerOptions& options, const std::string& (*text_of)()) {
  const std::string& text = text_of();
  if (text.empty()) return state.SkipWithError("CONEC_BENCH_TEXT names no text");
  const auto tokenizer = tokenize::Tokenizer::Create(options).value();
  tokenize::TokenBuffer buffer;
  std::size_t tokens = 0;
  for (auto _ : state) {
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
      end = text.find_first_of(" \n", std::min(text.size(), begin + kPieceBytes));
      end = end == std::string::npos ? text.size() : end + 1;
      const bool is_last = end == text.size();
      const absl::Status status =
          tokenizer->Tokenize(std::string_view(text).substr(begin, end - begin), is_last, buffer);
      if (!status.ok()) return state.SkipWithError(std::string(status.message()).c_str());
      tokens += buffer.tokens.size();
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}

tokenize::TokenizerOptions Options(tokenize::TokenizerKind kind, tokenize::SegmentBoundary segments) {
  tokenize::TokenizerOptions options;
  options.kind = kind;
  options.segments = segments;
  return options;
}

const auto kIcu = Options(tokenize::TokenizerKind::kIcu, tokenize::SegmentBoundary::kSentence);
const auto kIcuLines = Options(tokenize::TokenizerKind::kIcu, tokenize::SegmentBoundary::kLine);
const auto kWhitespace = Options(tokenize::TokenizerKind::kWhitespace, tokenize::SegmentBoundary::kLine);
BENCHMARK_CAPTURE(Tokenize, whitespace_sample, kWhitespace, SampleText);
BENCHMARK_CAPTURE(Tokenize, whitespace_folded, kWhitespace, FoldedText);
BENCHMARK_CAPTURE(Tokenize, icu_sample, kIcu, SampleText);
BENCHMARK_CAPTURE(Tokenize, icu_lines_sample, kIcuLines, SampleText);
BENCHMARK_CAPTURE(Tokenize, icu_folded, kIcu, FoldedText);
BENCHMARK_CAPTURE(Tokenize, whitespace_named, kWhitespace, NamedText);
BENCHMARK_CAPTURE(Tokenize, icu_named, kIcu, NamedText);

}  // namespace
}  // namespace conec
