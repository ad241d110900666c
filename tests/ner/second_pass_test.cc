// Two passes: what the second classifier sees of the first one, and that the first one has not seen the answers.
#include "ner/second_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "base/random.h"
#include "ner/scores.h"
#include "ner/tagger.h"
#include "tests/ner/model_fixture.h"
#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pointwise;
using ::testing::StartsWith;

TEST(FoldsOfTokens, AreWholeDocumentsInOrder) {
  const std::vector<std::size_t> ends = {2, 3, 6, 7, 8};
  EXPECT_THAT(*FoldsOfTokens(ends, 2), ElementsAre(0, 0, 0, 0, 0, 0, 1, 1));
  EXPECT_THAT(*FoldsOfTokens(ends, 5), ElementsAre(0, 0, 1, 2, 2, 2, 3, 4));
}

TEST(FoldsOfTokens, NeedADocumentEach) {
  const std::vector<std::size_t> ends = {2, 3};
  EXPECT_EQ(FoldsOfTokens(ends, 3).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(FoldsOfTokens(ends, 3).status().message()),
              HasSubstr("2 documents, but --passes 2 holds out"));
  EXPECT_EQ(FoldsOfTokens(ends, 1).status().code(), absl::StatusCode::kInvalidArgument);
}

std::vector<std::vector<double>> HeldOut(const TestData& data, std::span<const std::uint32_t> folds) {
  FitReport report;
  const auto held_out = HeldOutProbabilities(data.x, data.labels, ClassNames(3), folds, {.threads = 1}, report);
  EXPECT_TRUE(held_out.ok()) << held_out.status();
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < data.x.rows; ++i) {
    rows.emplace_back(held_out->row(i).begin(), held_out->row(i).end());
  }
  return rows;
}

TEST(HeldOutProbabilities, DoNotDependOnTheLabelsOfTheirOwnFold) {
  TestData data = RandomData({.rows = 60});
  std::vector<std::uint32_t> folds;
  for (std::uint32_t i = 0; i < 60; ++i) folds.push_back(i / 20);
  const auto before = HeldOut(data, folds);
  for (std::uint32_t i = 20; i < 40; ++i) data.labels[i] = (data.labels[i] + 1) % 3;
  const auto after = HeldOut(data, folds);
  for (std::size_t i = 0; i < 60; ++i) {
    if (folds[i] == 1) {
      EXPECT_EQ(before[i], after[i]) << i;
    } else {
      EXPECT_NE(before[i], after[i]) << i;
    }
  }
}

TEST(HeldOutProbabilities, ClassesThatTheOthersLackGetNone) {
  TestData data = RandomData({.rows = 60});
  std::vector<std::uint32_t> folds;
  for (std::uint32_t i = 0; i < 60; ++i) {
    folds.push_back(i / 30);
    if (i >= 30) data.labels[i] %= 2;  // the second fold has no class 2
  }
  const auto rows = HeldOut(data, folds);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_NEAR(std::accumulate(rows[i].begin(), rows[i].end(), 0.0), 1, 1e-12);
    EXPECT_EQ(rows[i][2] == 0, i < 30) << i;
  }
}

// "Ann Lee" twice, once as part of "Dr Ann Lee", and "Lee" alone, which the first pass takes for a place; then another
// document with "Lee".
class TagFeatures : public ::testing::Test {
 protected:
  TagFeatures() {
    const std::vector<std::string_view> tags = {"B-PER", "I-PER", "O",     "B-LOC", "O",
                                                "B-PER", "I-PER", "I-PER", "B-LOC"};
    for (std::size_t i = 0; i < tags.size(); ++i) {
      for (std::size_t k = 0; k < classes_.size(); ++k) {
        probabilities_.row(i)[k] = classes_[k] == tags[i] ? 0.8 : classes_[k] == "O" ? 0.2 : 0.0;
      }
      if (tags[i] == "O") probabilities_.row(i)[0] = 1;
    }
    first_ = {classes_, probabilities_.view()};
    text_.words = {"Ann", "Lee", "met", "Lee", "near", "Dr", "Ann", "Lee", "Lee"};
    text_.sentence_ends = {3, 8, 9};
    text_.document_ends = {8, 9};
    text_.first_pass = &first_;
  }

  std::vector<std::string> Of(std::size_t token) const {
    SparseBlock block;
    const auto features = HandFeatures::Build(text_, {.groups = {}, .min_count = 1}, &block);
    EXPECT_TRUE(features.ok()) << features.status();
    std::vector<std::string> names;
    for (std::uint64_t e = block.row_begins[token]; e < block.row_begins[token + 1]; ++e) {
      names.push_back(features->names()[block.columns[e]]);
    }
    return names;
  }

  const std::vector<std::string> classes_ = {"O", "B-LOC", "B-PER", "I-PER"};
  Matrix<double> probabilities_ = *Matrix<double>::Create(9, 4);
  FirstPass first_;
  FeatureText text_;
};

TEST_F(TagFeatures, AreThoseOfTheTokenAndItsNeighboursInTheSentence) {
  EXPECT_THAT(Of(1),
              IsSupersetOf({"tag[-2]=#", "tag[-1]=B-PER", "tag[0]=I-PER", "tag[+1]=O", "tag[+2]=#", "sure[0]=I-PER|7",
                            "sure[+1]=O|9", "tags[-1..+1]=B-PER|I-PER|O", "tags[-2..+2]=#|B-PER|I-PER|O|#",
                            "best-two=I-PER|O|7", "tag[0]|w=I-PER|lee", "tag[-1]|w[-1]=B-PER|ann"}));
}

TEST_F(TagFeatures, TellWhatTheWordIsElsewhereInTheDocument) {
  // Twice 0.8 a person, and no word of the next document.
  EXPECT_THAT(Of(3), IsSupersetOf({"elsewhere=PER", "elsewhere|share=PER|6", "elsewhere|tag=PER|B-LOC",
                                   "elsewhere|count=PER|3"}));
  EXPECT_THAT(Of(8), Not(Contains(StartsWith("elsewhere"))));
  EXPECT_THAT(Of(2), Not(Contains(StartsWith("elsewhere"))));
}

TEST_F(TagFeatures, TellOfTheSameAndOfLongerEntities) {
  EXPECT_THAT(Of(0), IsSupersetOf({"entity|length=PER|2", "longer=PER", "longer|tag=PER|B-PER"}));
  EXPECT_THAT(Of(0), Not(Contains(StartsWith("same"))));
  EXPECT_THAT(Of(3), IsSupersetOf({"entity|length=LOC|1", "longer=PER", "longer|tag|case=PER|B-LOC|capitalized"}));
  EXPECT_THAT(Of(5), Not(Contains(StartsWith("longer"))));
  text_.words[7] = "Ann";  // now "Dr Ann Ann"
  text_.words[3] = "Ann";
  text_.words[1] = "Ray";
  EXPECT_THAT(Of(3), IsSupersetOf({"longer=PER"}));
  probabilities_.row(0)[1] = 1;  // "Ann" and "Ann" are places
  probabilities_.row(1)[3] = 0;
  probabilities_.row(1)[0] = 1;
  EXPECT_THAT(Of(3), IsSupersetOf({"same=LOC", "same|tag=LOC|B-LOC"}));
}

// A document of sentences whose words and tags ("O", "B-TYPE", "I-TYPE") a first pass is sure of.
class SureText {
 public:
  void AddSentence(std::span<const std::string> words, std::span<const std::string> tags) {
    words_.insert(words_.end(), words.begin(), words.end());
    tags_.insert(tags_.end(), tags.begin(), tags.end());
    sentence_ends_.push_back(words_.size());
  }
  // Of each token the names of its features that start with "longer=".
  std::vector<std::string> Longer() const {
    Matrix<double> probabilities = *Matrix<double>::Create(tags_.size(), kClasses.size());
    for (std::size_t i = 0; i < tags_.size(); ++i) {
      const auto tag = std::find(kClasses.begin(), kClasses.end(), tags_[i]);
      probabilities.row(i)[static_cast<std::size_t>(tag - kClasses.begin())] = 1;
    }
    const FirstPass first = {kClasses, std::as_const(probabilities).view()};
    const std::vector<std::string_view> words(words_.begin(), words_.end());
    const FeatureText text = {words, sentence_ends_, {words_.size()}, {}, &first};
    SparseBlock block;
    const auto features = HandFeatures::Build(text, {.groups = {}, .min_count = 1}, &block);
    EXPECT_TRUE(features.ok()) << features.status();
    std::vector<std::string> longer(words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (auto e = block.row_begins[i]; e < block.row_begins[i + 1]; ++e) {
        const std::string& name = features->names()[block.columns[e]];
        if (name.starts_with("longer=")) longer[i] += name.substr(7);
      }
    }
    return longer;
  }
  // The same by comparing each entity with each other one.
  std::vector<std::string> LongerByHand() const {
    const std::vector<Entity> entities = Entities();
    std::vector<std::string> longer(words_.size());
    for (const Entity& entity : entities) {
      std::map<std::string, int> types;
      for (const Entity& other : entities) types[other.type] += Contains(other, entity) ? 1 : 0;
      const auto most =
          std::max_element(types.begin(), types.end(), [](auto& a, auto& b) { return a.second < b.second; });
      for (std::size_t i = entity.begin; i < entity.end && most->second > 0; ++i) longer[i] = most->first;
    }
    return longer;
  }

 private:
  std::vector<Entity> Entities() const {
    std::vector<Entity> entities;
    std::size_t begin = 0;
    for (const std::size_t end : sentence_ends_) {
      for (Entity entity : EntitiesOf(std::span(tags_).subspan(begin, end - begin))) {
        entities.push_back({entity.begin + begin, entity.end + begin, entity.type});
      }
      begin = end;
    }
    return entities;
  }
  bool Contains(const Entity& longer, const Entity& entity) const {
    const auto at = [this](std::size_t i) { return words_.begin() + static_cast<std::ptrdiff_t>(i); };
    return longer.end - longer.begin > entity.end - entity.begin &&
           std::search(at(longer.begin), at(longer.end), at(entity.begin), at(entity.end)) != at(longer.end);
  }

  inline static const std::vector<std::string> kClasses = {"O", "B-LOC", "B-PER", "I-LOC", "I-PER"};
  std::vector<std::string> words_, tags_;
  std::vector<std::size_t> sentence_ends_;
};

TEST(LongerEntities, AreThoseThatContainTheWordsOfTheEntityInOneRow) {
  const std::string words[] = {"a", "b", "ab", "c"}, tags[] = {"O", "B-LOC", "B-PER", "I-LOC", "I-PER", "I-PER"};
  PhiloxStream random(3);
  std::size_t found = 0;
  for (int repeat = 0; repeat < 100; ++repeat) {
    SureText text;
    for (std::uint64_t sentence = random.Below(6) + 1; sentence > 0; --sentence) {
      std::vector<std::string> its_words, its_tags;
      for (std::uint64_t i = random.Below(12) + 1; i > 0; --i) {
        its_words.push_back(words[random.Below(std::size(words))]);
        its_tags.push_back(tags[random.Below(std::size(tags))]);
      }
      text.AddSentence(its_words, its_tags);
    }
    const auto longer = text.Longer();
    ASSERT_EQ(longer, text.LongerByHand());
    found += static_cast<std::size_t>(std::count_if(longer.begin(), longer.end(), [](auto& s) { return !s.empty(); }));
  }
  EXPECT_GT(found, 100u);
}

TEST(LongerEntities, AreLookedForUpTo32Words) {
  const auto longer_of = [](std::size_t length) {
    SureText text;
    for (const std::size_t words : {length, std::size_t{40}}) {
      std::vector<std::string> its_words, its_tags(words, "I-PER");
      for (std::size_t i = 0; i < words; ++i) its_words.push_back("w" + std::to_string(i));
      text.AddSentence(its_words, its_tags);
    }
    return text.Longer()[0];
  };
  EXPECT_EQ(longer_of(32), "PER");
  EXPECT_EQ(longer_of(33), "");
}

TEST_F(TagFeatures, ProbabilitiesOfAnotherTextAreRefused) {
  first_.probabilities.rows = 8;
  EXPECT_EQ(HandFeatures::Build(text_, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

// In each document a name stands once after a word that gives its type away, and once where nothing does.
std::string NamesConll(std::uint64_t seed, int documents) {
  PhiloxStream random(seed, 9);
  std::string text;
  for (int d = 0; d < documents; ++d) {
    const bool person = random.Below(2) == 0;
    const std::string name = std::string("Name") + static_cast<char>('a' + random.Below(10)),
                      tag = person ? " I-PER\n" : " I-LOC\n";
    text += "-DOCSTART- O\n\n" + std::string(person ? "mr" : "in") + " O\n" + name + tag + "said O\n\n";
    text += "and O\n" + name + tag + "then O\n\n";
  }
  return text;
}

TaggerOptions TwoPasses() {
  TaggerOptions options;
  options.features.embeddings.clear();
  options.features.hand.groups = *ParseFeatureGroups("word:1");
  options.classifier.threads = 1;
  options.passes = 2;
  options.second_c = 10;
  return options;
}

Tagger Train(const std::string& text, const TaggerOptions& options, FitReport* report = nullptr) {
  auto tagger = Tagger::Train({}, testing::Parse(text), options, report);
  EXPECT_TRUE(tagger.ok()) << tagger.status();
  return *std::move(tagger);
}

std::vector<std::string> Tags(const Tagger& tagger, const std::string& text) {
  const auto tags = tagger.Tag({}, testing::Parse(text), 1);
  EXPECT_TRUE(tags.ok()) << tags.status();
  return *tags;
}

double F1(const Tagger& tagger, const std::string& text) {
  return ScoreConll(testing::Parse(text), Tags(tagger, text))->total.f1();
}

TEST(TwoPasses, LearnWhatTheDocumentSaysElsewhere) {
  const std::string train = NamesConll(1, 100), test = NamesConll(2, 100);
  TaggerOptions options = TwoPasses();
  for (const Decoding decoding : {Decoding::kTokens, Decoding::kSequences}) {
    options.decoding = decoding;
    options.passes = 2;
    EXPECT_EQ(F1(Train(train, options), test), 100);
    options.passes = 1;
    EXPECT_LT(F1(Train(train, options), test), 90);
  }
}

TEST(TwoPasses, FirstClassifierIsThatOfOnePass) {
  const std::string text = NamesConll(1, 20);
  TaggerOptions options = TwoPasses();
  FitReport two, one;
  const Tagger both = Train(text, options, &two);
  options.passes = 1;
  const Tagger first = Train(text, options, &one);
  EXPECT_TRUE(both.second_pass().has_value());
  EXPECT_FALSE(first.second_pass().has_value());
  for (std::size_t c = 0; c < first.classifier().classes.size(); ++c) {
    EXPECT_THAT(both.classifier().weights.row(c), Pointwise(::testing::Eq(), first.classifier().weights.row(c)));
  }
  EXPECT_TRUE(two.converged);
  EXPECT_GT(two.iterations, 3 * one.iterations / 2);
}

TEST(TwoPasses, DocumentsAreTaggedIndependently) {
  const Tagger tagger = Train(NamesConll(1, 50), TwoPasses());
  const std::string a = NamesConll(3, 5), b = NamesConll(4, 5);
  std::vector<std::string> apart = Tags(tagger, a);
  const std::vector<std::string> rest = Tags(tagger, b);
  apart.insert(apart.end(), rest.begin(), rest.end());
  EXPECT_EQ(Tags(tagger, a + b), apart);
}

TEST(TwoPasses, NeedDocumentsToHoldOut) {
  const auto refused = Tagger::Train({}, testing::Parse("a O\nb I-PER\n\nc O\n"), TwoPasses());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("DOCSTART"));
}

TEST(TwoPasses, OptionsOutOfRangeAreRefused) {
  std::vector<TaggerOptions> wrong(8, TwoPasses());
  wrong[0].passes = 0;
  wrong[1].passes = 3;
  wrong[2].folds = 1;
  wrong[3].second_c = 0;
  wrong[4].classifier.c = 0;
  wrong[5].classifier.max_iterations = 0;
  wrong[6].classifier.tolerance = std::numeric_limits<double>::quiet_NaN();
  wrong[7].classifier.history = 0;
  for (const TaggerOptions& options : wrong) {
    EXPECT_EQ(Validate(options).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(Validate(TwoPasses()).ok());
}

}  // namespace
}  // namespace conec::ner
