#include "corpora/sample_corpus.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"

namespace conec::corpora {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

using Counts = std::map<std::string, std::uint64_t>;

// Lower-cased words: runs of letters, hyphens and apostrophes inside.
void AddCounts(std::string_view text, Counts* counts) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::string word;
  for (const char c : text) {
    if (is_letter(c) || (!word.empty() && c == '-')) {
      word.push_back(static_cast<char>(c == '-' ? c : c | 0x20));
    } else if (!word.empty()) {
      ++(*counts)[word];
      word.clear();
    }
  }
  if (!word.empty()) ++(*counts)[word];
}

Counts CountsOf(std::span<const SampleDocument> documents) {
  Counts counts;
  for (const SampleDocument& document : documents) AddCounts(document.text, &counts);
  return counts;
}

std::uint64_t CountOf(const Counts& counts, const std::string& word) {
  const auto found = counts.find(word);
  return found == counts.end() ? 0 : found->second;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return text;
}

// FNV-1a over everything that is written to files.
std::uint64_t Hash(const SampleCorpus& corpus) {
  std::uint64_t hash = 14695981039346656037u;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  };
  for (const SampleDocument& document : corpus.documents) add(document.text);
  for (const SampleDocument& document : corpus.held_out) add(document.text);
  add(SampleGroundTruthJson(corpus));
  return hash;
}

SampleCorpus Generate(std::uint64_t seed, std::uint64_t words) {
  auto corpus = GenerateSampleCorpus({.seed = seed, .words = words});
  EXPECT_TRUE(corpus.ok()) << corpus.status();
  return corpus.ok() ? *std::move(corpus) : SampleCorpus{};
}

const SampleDocument& HeldOut(const SampleCorpus& corpus, const std::string& name) {
  return *std::find_if(corpus.held_out.begin(), corpus.held_out.end(),
                       [&](const SampleDocument& d) { return d.name == name; });
}

// The default corpus, generated once.
class SampleCorpusTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    corpus_ = new SampleCorpus(Generate(1, SampleCorpusOptions{}.words));
    counts_ = new Counts(CountsOf(corpus_->documents));
  }
  static void TearDownTestSuite() {
    delete corpus_;
    delete counts_;
  }
  static const SampleCorpus& corpus() { return *corpus_; }
  static const Counts& counts() { return *counts_; }

 private:
  static inline const SampleCorpus* corpus_ = nullptr;
  static inline const Counts* counts_ = nullptr;
};

TEST_F(SampleCorpusTest, SameSeedGivesTheseBytesOnEveryMachine) {
  EXPECT_EQ(Hash(corpus()), 947909225947482260u);
}

TEST(SampleCorpusOptionsTest, SeedsDiffer) {
  const SampleCorpus first = Generate(1, 20000), second = Generate(2, 20000);
  EXPECT_NE(first.documents[0].text, second.documents[0].text);
  EXPECT_NE(first.held_out[0].text, second.held_out[0].text);
}

TEST(SampleCorpusOptionsTest, HeldOutDocumentsDoNotDependOnTheSize) {
  const SampleCorpus small = Generate(3, 5000), large = Generate(3, 50000);
  ASSERT_LT(small.documents.size(), large.documents.size());
  ASSERT_EQ(small.held_out.size(), large.held_out.size());
  for (std::size_t i = 0; i < small.held_out.size(); ++i) EXPECT_EQ(small.held_out[i].text, large.held_out[i].text);
}

TEST(SampleCorpusOptionsTest, SizesOutsideTheLimitsAreRefused) {
  for (const std::uint64_t words : {std::uint64_t{0}, kSampleCorpusMinWords - 1, kSampleCorpusMaxWords + 1}) {
    EXPECT_EQ(GenerateSampleCorpus({.seed = 1, .words = words}).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(SampleCorpusTest, HasTheWordsThatWereAskedFor) {
  EXPECT_GE(corpus().words, corpus().options.words);
  EXPECT_LE(corpus().words, corpus().options.words + 2000);
}

TEST_F(SampleCorpusTest, EverySlotWasFilledAndEveryLineIsClean) {
  for (const auto& documents : {corpus().documents, corpus().held_out}) {
    for (const SampleDocument& document : documents) {
      ASSERT_EQ(document.text.find_first_of("{}|_()"), std::string::npos) << document.text;
      for (const char* slip : {"  ", " .", " ,", " ? ", " ?\n", "\n\n"}) {
        ASSERT_EQ(document.text.find(slip), std::string::npos) << slip << " in " << document.text;
      }
      ASSERT_EQ(document.text.back(), '\n');
    }
  }
}

TEST_F(SampleCorpusTest, EveryCategoryWordIsFrequent) {
  EXPECT_GE(corpus().categories.size(), 12u);
  for (const SampleCategory& category : corpus().categories) {
    EXPECT_GE(category.words.size(), 15u) << category.name;
    ASSERT_EQ(category.words.size(), category.plurals.size());
    for (std::size_t i = 0; i < category.words.size(); ++i) {
      EXPECT_GE(CountOf(counts(), category.words[i]), 30u) << category.words[i];
      EXPECT_GE(CountOf(counts(), category.plurals[i]), 3u) << category.plurals[i];
    }
  }
}

TEST_F(SampleCorpusTest, CategoryWordsOccurWhereTheirCategoryIsTheSubject) {
  std::map<std::string, Counts> counts_of;
  for (const SampleDocument& document : corpus().documents) {
    for (const std::string& category : document.categories) AddCounts(document.text, &counts_of[category]);
  }
  for (const SampleCategory& category : corpus().categories) {
    for (const std::string& word : category.words) {
      EXPECT_GE(10 * CountOf(counts_of[category.name], word), 9 * CountOf(counts(), word)) << word;
    }
  }
}

TEST_F(SampleCorpusTest, CategoriesShareNoWordsButAmbiguousOnes) {
  std::map<std::string, std::set<std::string>> categories_of;
  for (const SampleCategory& category : corpus().categories) {
    for (const std::string& word : category.words) categories_of[word].insert(category.name);
    for (const std::string& word : category.ambiguous) categories_of[word].insert(category.name);
  }
  for (const auto& [word, categories] : categories_of) {
    const bool is_ambiguous = std::any_of(corpus().ambiguous.begin(), corpus().ambiguous.end(),
                                          [&w = word](const SampleAmbiguousWord& a) { return a.word == w; });
    EXPECT_EQ(categories.size(), is_ambiguous ? 2u : 1u) << word;
  }
}

TEST_F(SampleCorpusTest, WordFrequenciesSpreadAsInLanguage) {
  std::vector<std::uint64_t> sorted;
  for (const auto& [word, count] : counts()) sorted.push_back(count);
  std::sort(sorted.rbegin(), sorted.rend());
  EXPECT_GT(sorted[0], corpus().words / 25);  // "the"
  EXPECT_GT(sorted[10], 10 * sorted[300]);
  EXPECT_GT(sorted[300], 3 * sorted[sorted.size() / 2]);
}

TEST_F(SampleCorpusTest, RareWordsOccurAsOftenAsPromised) {
  std::size_t below_five = 0, below_twenty = 0;
  for (const SampleRareWord& rare : corpus().rare) {
    EXPECT_GE(rare.count, 1u) << rare.word;
    EXPECT_LT(rare.count, 20u) << rare.word;
    EXPECT_GE(rare.count, CountOf(counts(), rare.word)) << rare.word;
    (rare.count < 5 ? below_five : below_twenty) += 1;
  }
  EXPECT_GE(below_five, 20u);
  EXPECT_GE(below_twenty, 20u);
}

TEST_F(SampleCorpusTest, SynonymsAreEquallyFrequent) {
  EXPECT_GE(corpus().synonyms.size(), 15u);
  for (const SampleSynonyms& pair : corpus().synonyms) {
    const auto first = static_cast<double>(CountOf(counts(), pair.first));
    const auto second = static_cast<double>(CountOf(counts(), pair.second));
    EXPECT_GT(first, 0.5 * second) << pair.first << " " << pair.second;
    EXPECT_GT(second, 0.5 * first) << pair.first << " " << pair.second;
  }
}

TEST_F(SampleCorpusTest, AmbiguousWordsOccurInDocumentsOfBothCategories) {
  EXPECT_GE(corpus().ambiguous.size(), 24u);
  std::map<std::string, Counts> counts_of;
  for (const SampleDocument& document : corpus().documents) {
    if (document.categories.size() == 1) AddCounts(document.text, &counts_of[document.categories[0]]);
  }
  for (const SampleAmbiguousWord& ambiguous : corpus().ambiguous) {
    ASSERT_EQ(ambiguous.senses.size(), 2u) << ambiguous.word;
    for (const SampleSense& sense : ambiguous.senses) {
      EXPECT_GE(CountOf(counts_of[sense.category], ambiguous.word), 20u) << ambiguous.word << " " << sense.category;
      const SampleDocument& document = HeldOut(corpus(), sense.file);
      EXPECT_GE(CountOf(CountsOf({&document, 1}), ambiguous.word), 4u) << sense.file;
    }
  }
}

TEST_F(SampleCorpusTest, InventedWordsOccurInOneHeldOutDocumentOnly) {
  EXPECT_GE(corpus().invented.size(), 40u);
  const Counts held_out = CountsOf(corpus().held_out);
  for (const SampleInventedWord& invented : corpus().invented) {
    EXPECT_THAT(counts(), Not(Contains(Key(invented.word))));
    EXPECT_THAT(counts(), Not(Contains(Key(invented.plural))));
    const SampleDocument& document = HeldOut(corpus(), invented.file);
    const Counts own = CountsOf({&document, 1});
    EXPECT_GE(CountOf(own, invented.word), 4u) << document.text;
    EXPECT_GE(CountOf(own, invented.plural), 1u) << document.text;
    EXPECT_EQ(CountOf(own, invented.word), CountOf(held_out, invented.word));
    EXPECT_NE(Lower(document.text), document.text);
  }
}

TEST_F(SampleCorpusTest, HeldOutParagraphsAreNotInTheTrainingText) {
  std::set<std::string> lines;
  const auto for_each_line = [](std::string_view text, auto visit) {
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      visit(std::string(text.substr(0, end)));
    }
  };
  for (const SampleDocument& document : corpus().documents) {
    for_each_line(document.text, [&](std::string line) { lines.insert(std::move(line)); });
  }
  for (const SampleDocument& document : corpus().held_out) {
    for_each_line(document.text,
                  [&](const std::string& line) { EXPECT_FALSE(line.size() > 100 && lines.contains(line)) << line; });
  }
}

TEST_F(SampleCorpusTest, QuestionWordsOccurAndAnswersAreUnique) {
  EXPECT_GE(corpus().questions.size(), 10u);
  for (const SampleQuestionSection& section : corpus().questions) {
    EXPECT_GE(section.questions.size(), 200u) << section.name;
    for (const SampleQuestion& question : section.questions) {
      for (const std::string& word : {question.a, question.b, question.c, question.d}) {
        ASSERT_GE(CountOf(counts(), Lower(word)), 5u) << section.name << " " << word;
      }
      ASSERT_NE(question.b, question.d);
    }
  }
}

TEST(SampleCorpusFilesTest, FilesHoldWhatTheCorpusSays) {
  const std::string folder = ::testing::TempDir() + "sample_corpus/nested";
  const auto corpus = WriteSampleCorpus({.seed = 5, .words = 20000}, folder);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  std::string text;
  for (const SampleDocument& document : corpus->documents) text += (text.empty() ? "" : "\n") + document.text;
  EXPECT_EQ(ReadFileToString(folder + "/text.txt").value(), text);
  const auto truth = nlohmann::json::parse(ReadFileToString(folder + "/ground_truth.json").value());
  EXPECT_EQ(truth["seed"], 5);
  EXPECT_EQ(truth["categories"].size(), corpus->categories.size());
  for (const auto& invented : truth["invented"]) {
    const std::string file = folder + "/" + invented["file"].get<std::string>();
    EXPECT_THAT(Lower(ReadFileToString(file).value()), ::testing::HasSubstr(invented["word"].get<std::string>()));
  }
  EXPECT_THAT(ReadFileToString(folder + "/questions.txt").value(), ::testing::StartsWith(": capital-countries\n"));
  std::filesystem::remove_all(::testing::TempDir() + "sample_corpus");
}

TEST(SampleCorpusFilesTest, AFolderThatCannotBeCreatedIsAnErrorThatNamesIt) {
  const auto corpus = WriteSampleCorpus({.seed = 1, .words = 1000}, "/proc/nowhere");
  EXPECT_FALSE(corpus.ok());
  EXPECT_THAT(std::string(corpus.status().message()), ::testing::HasSubstr("/proc/nowhere"));
}

}  // namespace
}  // namespace conec::corpora
