// Text to encoded corpus, and vocabularies: bytes and look-ups per second.
//   build/release/tests/bench/corpora_bench
// With CONEC_DATA set, EncodeWiki8 encodes 100 MB of Wikipedia from its compressed file.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "corpora/encode.h"
#include "tests/corpora/memory_reader.h"

namespace conec::corpora {
namespace {

std::string TemporaryPath() {
  return std::filesystem::temp_directory_path().string() + "/corpora-bench-" + std::to_string(getpid());
}

// The letters of a rank: frequent words are short.
std::string WordOf(std::uint32_t rank) {
  std::string word;
  for (std::uint32_t rest = rank + 5; rest > 0; rest /= 17) word += static_cast<char>('a' + rest % 17);
  return word;
}

// Words with counts about proportional to 1 / rank (Zipf).
std::string ZipfText(std::size_t bytes, std::uint32_t words) {
  PhiloxStream random(1);
  std::string text;
  while (text.size() < bytes) {
    text += WordOf(static_cast<std::uint32_t>(std::exp(random.Uniform() * std::log(words))));
    text += random.Below(20) == 0 ? '\n' : ' ';
  }
  return text;
}

EncodeOptions WhitespaceOptions(int threads) {
  EncodeOptions options;
  options.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  options.min_count = 5;
  options.threads = threads;
  return options;
}

// Argument: threads.
void EncodeZipfText(benchmark::State& state) {
  const std::vector<std::string> documents = {ZipfText(std::size_t{16} << 20, 200000)};
  const std::string path = TemporaryPath();
  for (auto _ : state) {
    state.PauseTiming();
    MemoryReader reader(documents, std::size_t{1} << 20, 1);
    state.ResumeTiming();
    const auto corpus = EncodeCorpus(WhitespaceOptions(static_cast<int>(state.range(0))), reader, path);
    if (!corpus.ok()) return state.SkipWithError(std::string(corpus.status().message()).c_str());
  }
  std::filesystem::remove(path);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(documents[0].size()));
}
BENCHMARK(EncodeZipfText)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void EncodeWiki8(benchmark::State& state) {
  const char* data = std::getenv("CONEC_DATA");
  if (data == nullptr) return state.SkipWithError("CONEC_DATA is not set");
  const std::string path = TemporaryPath();
  EncodeOptions options = WhitespaceOptions(0);
  options.input.inputs = {std::string(data) + "/wiki8.zst"};
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const auto corpus = EncodeCorpus(options, path);
    if (!corpus.ok()) return state.SkipWithError(std::string(corpus.status().message()).c_str());
    bytes += corpus->statistics().bytes;
  }
  std::filesystem::remove(path);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(EncodeWiki8)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

absl::StatusOr<Vocabulary> MakeVocabulary(std::uint32_t size) {
  std::vector<WordCount> words;
  for (std::uint32_t rank = 0; rank < size; ++rank) words.push_back({WordOf(rank), size - rank});
  return Vocabulary::Create(words);
}

// Argument: words. Half of the words looked up are not in the vocabulary.
void VocabularyFind(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const auto vocabulary = MakeVocabulary(size);
  if (!vocabulary.ok()) return state.SkipWithError("no vocabulary");
  PhiloxStream random(2);
  std::vector<std::string> queries;
  for (int i = 0; i < 10000; ++i) queries.push_back(WordOf(random.Below(2 * size)));
  for (auto _ : state) {
    for (const std::string& query : queries) benchmark::DoNotOptimize(vocabulary->Find(query));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(queries.size()));
}
BENCHMARK(VocabularyFind)->Arg(50000)->Arg(2000000);

// Argument: words.
void VocabularyOpen(benchmark::State& state) {
  const auto vocabulary = MakeVocabulary(static_cast<std::uint32_t>(state.range(0)));
  if (!vocabulary.ok()) return state.SkipWithError("no vocabulary");
  const std::string path = TemporaryPath();
  SafetensorsWriter writer;
  vocabulary->DeclareTensors(writer);
  if (!writer.Begin(path).ok() || !vocabulary->AppendTensors(writer).ok() || !writer.Commit().ok()) {
    return state.SkipWithError("cannot write the vocabulary");
  }
  for (auto _ : state) {
    auto file = SafetensorsFile::Open(path);
    if (!file.ok()) return state.SkipWithError(std::string(file.status().message()).c_str());
    const auto opened = Vocabulary::FromFile(std::make_shared<const SafetensorsFile>(*std::move(file)));
    if (!opened.ok() || !opened->Find(WordOf(0))) return state.SkipWithError("the vocabulary was not read back");
  }
  std::filesystem::remove(path);
}
BENCHMARK(VocabularyOpen)->Arg(50000)->Arg(2000000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace conec::corpora
