// Speed of the streaming product, of counting, and of the encoder on random text with Zipf-distributed words: tokens
// per second with 68,000 words and 200 dimensions.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "conec/context_matrix.h"
#include "conec/encoder.h"
#include "conec/global_context.h"
#include "tests/bench/zipf_stream.h"

namespace conec {
namespace {

using corpora::WordId;

constexpr std::uint32_t kWords = 68000;
constexpr std::size_t kDim = 200;

std::shared_ptr<const Matrix<float>> RandomTable(std::uint64_t seed) {
  auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(kWords, kDim));
  PhiloxStream random(seed);
  for (std::size_t i = 0; i < kWords; ++i) {
    for (float& value : table->row(i)) value = UniformFloat(random()) - 0.5f;
  }
  return table;
}

Model RandomModel() {
  struct Tables {
    std::shared_ptr<const Matrix<float>> input = RandomTable(2), global = RandomTable(3);
  };
  const auto tables = std::make_shared<const Tables>();
  std::vector<corpora::WordCount> words;
  for (std::uint32_t i = 0; i < kWords; ++i) words.push_back({"word" + std::to_string(i), kWords - i});
  Model model;
  model.vocabulary = *corpora::Vocabulary::Create(words);
  model.input = tables->input->view();
  model.global_context = tables->global->view();
  model.owner = tables;
  return model;
}

void GlobalSums(benchmark::State& state) {
  const std::vector<WordId> stream = ZipfStream(2000000, kWords);
  const auto table = RandomTable(2);
  GlobalContextOptions options;
  options.threads = static_cast<int>(state.range(0));
  if (state.range(1) != 0) options.context.weighting = ContextWeighting::kInverseDistance;
  for (auto _ : state) benchmark::DoNotOptimize(ComputeContextSums({stream, {}, false}, table->view(), options));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(GlobalSums)
    ->ArgNames({"threads", "inverse_distance"})
    ->Args({1, 0})
    ->Args({2, 0})
    ->Args({2, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void CountPairs(benchmark::State& state) {
  const std::vector<WordId> stream = ZipfStream(1000000, kWords);
  for (auto _ : state) benchmark::DoNotOptimize(ContextRowMaxima({stream, {}, false}, kWords, {}));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(CountPairs)->Unit(benchmark::kMillisecond);

// Documents of 300 tokens, 5 % of them unknown.
std::vector<Document> RandomDocuments(std::size_t documents) {
  PhiloxStream random(4);
  std::vector<Document> result(documents);
  for (Document& document : result) {
    for (int i = 1; i <= 300; ++i) {
      const bool unknown = random.Below(20) == 0;
      document.AddToken((unknown ? "other" : "word") + std::to_string(ZipfWord(random, kWords)));
      if (i % 20 == 0) document.EndSegment();
    }
  }
  return result;
}

void EncodeWords(benchmark::State& state) {
  EncoderOptions options;
  options.words = state.range(0) != 0 ? WordSelection::kOov : WordSelection::kAll;
  const Encoder encoder = Encoder::Create(RandomModel(), options).value();
  const std::vector<Document> documents = RandomDocuments(200);
  Encoding encoding;
  for (auto _ : state) {
    for (const Document& document : documents) {
      if (!encoder.EncodeWords(document, encoding).ok()) state.SkipWithError("encoding failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * 300 * static_cast<std::int64_t>(documents.size()));
}
BENCHMARK(EncodeWords)->ArgName("oov_only")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void EncodeTokens(benchmark::State& state) {
  const Encoder encoder = Encoder::Create(RandomModel(), {}).value();
  const std::vector<Document> documents = RandomDocuments(200);
  Encoding encoding;
  for (auto _ : state) {
    for (const Document& document : documents) {
      if (!encoder.EncodeTokens(document, encoding).ok()) state.SkipWithError("encoding failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * 300 * static_cast<std::int64_t>(documents.size()));
}
BENCHMARK(EncodeTokens)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace conec
