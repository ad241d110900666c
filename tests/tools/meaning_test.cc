// Training on text whose meaning is known: the vectors must find it, also for words never seen in training and for
// words with two senses. Thresholds leave room for other seeds; chance is one in the number of categories.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conec/encoder.h"
#include "conec/global_context.h"
#include "conec/model.h"
#include "corpora/encode.h"
#include "corpora/sample_corpus.h"
#include "tests/tools/run_program.h"
#include "word2vec/neighbours.h"
#include "word2vec/trainer.h"

namespace conec {
namespace {

constexpr std::size_t kNeighbours = 7;

template <typename T>
T Value(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

// The way of conec-train, with settings for a quick run.
Model TrainModel(const corpora::SampleCorpus& sample) {
  const testing_tools::TempFolder folder;
  std::string text;
  for (const corpora::SampleDocument& document : sample.documents) text += document.text + "\n";
  testing_tools::WriteAll(folder / "text", text);
  corpora::EncodeOptions encode;
  encode.input.inputs = {folder / "text"};
  encode.input.format = corpora::DocumentFormat::kParagraph;
  const auto corpus = Value(corpora::EncodeCorpus(encode, folder / "ids"));
  word2vec::TrainOptions options;
  options.dim = 48;
  options.negatives = 5;
  options.epochs = 4;
  options.seed = sample.options.seed;
  auto tables = std::make_shared<word2vec::EmbeddingTables>(
      Value(word2vec::InitializeTables(corpus.vocabulary().size(), options.dim, options.seed)));
  const word2vec::TrainingCorpus view = {corpus.stream(), corpus.vocabulary().counts()};
  const auto trainer = Value(word2vec::CreateCpuTrainer(options, view, *tables));
  Value(word2vec::Train(*trainer, options, view));
  Model model;
  model.info = Value(ModelInfoFromCorpus(corpus));
  model.vocabulary = corpus.vocabulary();
  model.input = std::as_const(*tables).input.view();
  model.owner = tables;
  GlobalContextOptions context;
  return Value(WithGlobalContext(std::move(model), corpus, context));
}

// A table of the nouns that belong to one category each, to vote about others.
class Categories {
 public:
  Categories(const corpora::SampleCorpus& sample, const word2vec::WordVectors& vectors) {
    std::vector<corpora::WordCount> words;
    std::vector<std::span<const float>> rows;
    for (const corpora::SampleCategory& category : sample.categories) {
      for (const std::string& word : category.words) {
        const auto id = vectors.vocabulary.Find(word);
        if (!id.has_value()) continue;
        words.push_back({word, 1});
        names_.push_back(category.name);
        rows.push_back(vectors.vectors.row(corpora::Index(*id)));
      }
    }
    auto matrix = std::make_shared<Matrix<float>>(Value(Matrix<float>::Create(rows.size(), vectors.vectors.cols)));
    for (std::size_t i = 0; i < rows.size(); ++i) std::copy(rows[i].begin(), rows[i].end(), matrix->row(i).begin());
    vocabulary_ = Value(corpora::Vocabulary::Create(words));
    const word2vec::WordVectors nouns = {vocabulary_, std::as_const(*matrix).view(), matrix};
    nearest_ = std::make_unique<word2vec::NearestNeighbours>(Value(word2vec::NearestNeighbours::Create(nouns)));
  }

  std::size_t size() const { return names_.size(); }
  std::string_view word(std::size_t i) const { return vocabulary_.word(static_cast<corpora::WordId>(i)); }
  const std::string& category(std::size_t i) const { return names_[i]; }

  // How many of the nearest nouns belong to each category; the noun itself does not count.
  std::map<std::string, std::size_t> Votes(std::span<const float> vector, std::string_view word) const {
    std::vector<corpora::WordId> excluded;
    if (const auto id = vocabulary_.Find(word)) excluded.push_back(*id);
    std::map<std::string, std::size_t> votes;
    for (const auto& neighbour : Value(nearest_->Nearest(vector, kNeighbours, excluded))) {
      ++votes[names_[corpora::Index(neighbour.id)]];
    }
    return votes;
  }

  std::string Winner(std::span<const float> vector, std::string_view word) const {
    const auto votes = Votes(vector, word);
    return std::max_element(votes.begin(), votes.end(), [](auto& a, auto& b) { return a.second < b.second; })->first;
  }

 private:
  std::vector<std::string> names_;
  corpora::Vocabulary vocabulary_;
  std::unique_ptr<word2vec::NearestNeighbours> nearest_;
};

class Meaning : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  // One corpus and model per seed, whatever the order of the tests.
  struct World {
    corpora::SampleCorpus sample;
    Model model;
    std::unique_ptr<Categories> conec, word2vec;
  };

  static const World& Get(std::uint64_t seed) {
    static std::map<std::uint64_t, World> worlds;
    World& world = worlds[seed];
    if (world.conec == nullptr) {
      world.sample = Value(corpora::GenerateSampleCorpus({.seed = seed, .words = corpora::kSampleCorpusFullSize}));
      world.model = TrainModel(world.sample);
      world.conec = std::make_unique<Categories>(world.sample, Value(ConecVectors(world.model)));
      world.word2vec = std::make_unique<Categories>(world.sample, *Word2vecVectors(world.model));
    }
    return world;
  }

  // The vector of `word` as the held-out document `file` uses it.
  static std::vector<float> InDocument(const World& world, const Encoder& encoder, const std::string& file,
                                       const std::string& word) {
    const auto held_out = std::find_if(world.sample.held_out.begin(), world.sample.held_out.end(),
                                       [&](const auto& document) { return document.name == file; });
    if (held_out == world.sample.held_out.end()) throw std::runtime_error("no document " + file);
    const auto tokenizer = Value(tokenize::Tokenizer::Create(world.model.info.tokenizer));
    tokenize::TokenBuffer tokens;
    if (!tokenizer->Tokenize(held_out->text, true, tokens).ok()) throw std::runtime_error("cannot tokenise " + file);
    Document document;
    document.Append(tokens);
    Encoding encoding;
    if (!encoder.EncodeWords(document, encoding).ok()) throw std::runtime_error("cannot encode " + file);
    for (std::size_t i = 0; i < encoding.words.size(); ++i) {
      if (encoding.words[i].word == word) return {encoding.vector(i).begin(), encoding.vector(i).end()};
    }
    throw std::runtime_error(word + " is not in " + file);
  }
};

double ShareOfOwnCategory(const Categories& categories, const word2vec::WordVectors& vectors) {
  std::size_t own = 0;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const auto id = vectors.vocabulary.Find(categories.word(i));
    auto votes = categories.Votes(vectors.vectors.row(corpora::Index(*id)), categories.word(i));
    own += votes[categories.category(i)];
  }
  return static_cast<double>(own) / static_cast<double>(categories.size() * kNeighbours);
}

TEST_P(Meaning, NeighboursOfKnownWordsAreOfTheirCategory) {
  const World& world = Get(GetParam());
  const double word2vec = ShareOfOwnCategory(*world.word2vec, *Word2vecVectors(world.model));
  const double conec = ShareOfOwnCategory(*world.conec, Value(ConecVectors(world.model)));
  RecordProperty("word2vec", std::to_string(word2vec));
  RecordProperty("conec", std::to_string(conec));
  EXPECT_GT(word2vec, 0.9);
  EXPECT_GT(conec, 0.9);
}

TEST_P(Meaning, InventedWordsAreFoundInTheirCategory) {
  const World& world = Get(GetParam());
  const Encoder encoder = Value(Encoder::Create(world.model));
  std::size_t right = 0;
  for (const corpora::SampleInventedWord& invented : world.sample.invented) {
    ASSERT_FALSE(world.model.vocabulary.Find(invented.word).has_value());
    const auto vector = InDocument(world, encoder, invented.file, invented.word);
    right += world.conec->Winner(vector, invented.word) == invented.category ? 1 : 0;
  }
  RecordProperty("right", std::to_string(right));
  ASSERT_GE(world.sample.invented.size(), 10u);
  EXPECT_GE(static_cast<double>(right), 0.9 * static_cast<double>(world.sample.invented.size())) << right;
}

TEST_P(Meaning, AmbiguousWordsHaveTheSenseOfTheirDocument) {
  const World& world = Get(GetParam());
  EncoderOptions options;
  options.global_weight = 0;
  const Encoder encoder = Value(Encoder::Create(world.model, options));
  std::size_t right = 0, all = 0;
  for (const corpora::SampleAmbiguousWord& ambiguous : world.sample.ambiguous) {
    for (const corpora::SampleSense& sense : ambiguous.senses) {
      const auto vector = InDocument(world, encoder, sense.file, ambiguous.word);
      auto votes = world.conec->Votes(vector, ambiguous.word);
      const corpora::SampleSense& other = ambiguous.senses[&sense == &ambiguous.senses[0] ? 1 : 0];
      right += votes[sense.category] > votes[other.category] ? 1 : 0;
      ++all;
    }
  }
  RecordProperty("right", std::to_string(right));
  ASSERT_GE(all, 10u);
  EXPECT_GE(static_cast<double>(right), 0.9 * static_cast<double>(all)) << right << " of " << all;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Meaning, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace conec
