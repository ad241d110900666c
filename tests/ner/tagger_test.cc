#include "ner/tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "ner/scores.h"
#include "tests/ner/model_fixture.h"

namespace conec::ner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakeModel;
using testing::Parse;
using testing::RandomConll;

// Each known word has a type of its own, and words of entities stand side by side: what a linear classifier of vectors
// in more dimensions than there are words separates.
std::string SeparableConll() {
  std::string text;
  for (int i = 0; i < 8; ++i) {
    text += fmt::format("-DOCSTART- O\n\nw{} O\nW{} I-PER\nw{} I-PER\nw{} O\n\nw{} I-LOC\nW{} O\n\n", i % 2, 2 + i % 2,
                        4 + i % 2, 6 + i % 2, 8 + i % 3, i % 2);
  }
  return text;
}

TaggerOptions QuickOptions(TagScheme scheme = TagScheme::kBioes) {
  TaggerOptions options;
  options.scheme = scheme;
  options.features.embeddings[0].kind = EmbeddingKind::kWord2vec;
  options.classifier.c = 1e4;
  options.classifier.threads = 1;
  return options;
}

Tagger Train(const Model& model, const ConllFile& file, const TaggerOptions& options) {
  auto tagger = Tagger::Train({&model, 1}, file, options);
  EXPECT_TRUE(tagger.ok()) << tagger.status();
  return *std::move(tagger);
}

std::vector<std::string> Tags(const Tagger& tagger, const Model& model, const ConllFile& file) {
  auto tags = tagger.Tag({&model, 1}, file, 1);
  EXPECT_TRUE(tags.ok()) << tags.status();
  return *std::move(tags);
}

class EverySetting : public ::testing::TestWithParam<std::tuple<TagScheme, Decoding, MultiClass>> {};

TEST_P(EverySetting, WhatCanBeSeparatedIsLearntWithoutError) {
  const auto [scheme, decoding, multi_class] = GetParam();
  TaggerOptions options = QuickOptions(scheme);
  options.decoding = decoding;
  options.classifier.multi_class = multi_class;
  const Model model = MakeModel(true);
  const ConllFile file = Parse(SeparableConll());
  const auto tags = Tags(Train(model, file, options), model, file);
  const auto report = ScoreConll(file, tags);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->total.f1(), 100);
  EXPECT_EQ(report->total.gold, 16u);
}

INSTANTIATE_TEST_SUITE_P(Settings, EverySetting,
                         ::testing::Combine(::testing::Values(TagScheme::kType, TagScheme::kIob1, TagScheme::kIob2,
                                                              TagScheme::kBioes),
                                            ::testing::Values(Decoding::kTokens, Decoding::kSequences),
                                            ::testing::Values(MultiClass::kMultinomial, MultiClass::kOneVsRest)));

TEST(TaggerTest, TagsAreInTheSchemeOfTheTrainingFile) {
  const Model model = MakeModel(true);
  const ConllFile file = Parse(SeparableConll());
  for (const TagScheme scheme : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes, TagScheme::kType}) {
    const auto gold = ConvertTags(file.Column(1), file.sentence_ends(), scheme);
    std::string text;
    std::size_t sentence = 0;
    for (std::size_t i = 0; i < file.tokens(); ++i) {
      text += fmt::format("{} {}\n", file.word(i), gold[i]);
      if (file.sentence_ends()[sentence] == i + 1) text += "\n", ++sentence;
    }
    const ConllFile converted = Parse(text);
    const Tagger tagger = Train(model, converted, QuickOptions());
    EXPECT_EQ(Tags(tagger, model, converted), gold) << Name(scheme);
    EXPECT_EQ(tagger.info().output_scheme == TagScheme::kType, scheme == TagScheme::kType);
  }
}

TEST(TaggerTest, DocumentsAreTaggedIndependently) {
  const Model model = MakeModel(true);
  TaggerOptions options = QuickOptions();
  options.features.embeddings[0].kind = EmbeddingKind::kMix;
  options.features.neighbours = 1;
  options.features.hand.groups = *ParseFeatureGroups("all");
  options.decoding = Decoding::kSequences;
  options.classifier.c = 1;
  const Tagger tagger = Train(model, Parse(RandomConll(1, 20, 5)), options);
  const std::string first = RandomConll(2, 1, 4), second = RandomConll(3, 1, 4);
  std::vector<std::string> apart = Tags(tagger, model, Parse(first));
  for (const std::string& tag : Tags(tagger, model, Parse(second))) apart.push_back(tag);
  EXPECT_EQ(Tags(tagger, model, Parse(first + second)), apart);
}

TEST(TaggerTest, TheFileNeedsNoTags) {
  const Model model = MakeModel(true);
  const Tagger tagger = Train(model, Parse(SeparableConll()), QuickOptions());
  EXPECT_THAT(Tags(tagger, model, Parse("w0\nw2\nw4\nw6\n")), ElementsAre("O", "I-PER", "I-PER", "O"));
}

TEST(TaggerTest, StandardizationChangesThePenaltyNotTheFeatures) {
  const Model model = MakeModel(true);
  const ConllFile file = Parse(RandomConll(1, 20, 5));
  TaggerOptions options = QuickOptions();
  options.classifier.c = 0.1;
  options.embedding_scale = 3;
  const Tagger scaled = Train(model, file, options);
  options.embedding_scale = 1;
  options.classifier.c = 0.9;  // |3 x|^2 with C is |x|^2 with 9 C
  const Tagger weaker = Train(model, file, options);
  for (std::size_t k = 0; k < scaled.classifier().classes.size(); ++k) {
    for (std::size_t j = 0; j < testing::kDim; ++j) {
      EXPECT_NEAR(scaled.classifier().weights.row(k)[j], weaker.classifier().weights.row(k)[j], 2e-2);
    }
  }
  options.standardize = true;
  const Tagger standardized = Train(model, file, options);
  EXPECT_GT(std::abs(standardized.classifier().weights.row(0)[0] - weaker.classifier().weights.row(0)[0]), 1e-3);
}

TEST(TaggerTest, HandFeaturesAloneAreEnough) {
  const ConllFile file = Parse(SeparableConll());
  TaggerOptions options = QuickOptions();
  options.features.embeddings.clear();
  options.features.hand.groups = *ParseFeatureGroups("word:1");
  const auto tagger = Tagger::Train({}, file, options);
  ASSERT_TRUE(tagger.ok()) << tagger.status();
  const auto tags = tagger->Tag({}, file, 1);
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_EQ(ScoreConll(file, *tags)->total.f1(), 100);
}

TEST(TaggerTest, ColumnsThatAreFeaturesMustBeThere) {
  const std::string text = "a NN O\nb NP I-PER\n\nc NN O\nd NP I-PER\n\n";
  TaggerOptions options = QuickOptions();
  options.features.embeddings.clear();
  options.features.hand.groups = *ParseFeatureGroups("columns:0");
  const auto tagger = Tagger::Train({}, Parse(text), options);
  ASSERT_TRUE(tagger.ok()) << tagger.status();
  EXPECT_THAT(*tagger->Tag({}, Parse("x NP\ny NN\n"), 1), ElementsAre("I-PER", "O"));
  EXPECT_THAT(*tagger->Tag({}, Parse("x NP chunk O\ny NN chunk O\n"), 1), ElementsAre("I-PER", "O"));
  const auto refused = tagger->Tag({}, Parse("x\ny\n"), 1);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("columns after the word"));
}

class TaggerFile : public ::testing::Test {
 protected:
  TaggerFile() {
    std::string name = ::testing::TempDir() + "tagger-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~TaggerFile() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string ReadAll(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void WriteAll(const std::string& path, const std::string& bytes) const {
    std::ofstream(path, std::ios::binary) << bytes;
  }

 private:
  std::string folder_;
};

TaggerOptions UnusualOptions() {
  TaggerOptions options = QuickOptions(TagScheme::kIob2);
  EmbeddingOptions& embedding = options.features.embeddings[0];
  embedding.kind = EmbeddingKind::kMix;
  embedding.global_weight = 0.1;
  embedding.own_weight = 1.0 / 3;
  embedding.center = true;
  embedding.unit_parts = true;
  embedding.per_token = true;
  embedding.context_window = 3;
  embedding.context_weighting = ContextWeighting::kInverseDistance;
  embedding.context_scaling = ContextScaling::kMax;
  embedding.sentence_end = "w3";
  embedding.cross_sentences = false;
  options.features.embeddings.push_back({});
  options.features.embeddings.back().kind = EmbeddingKind::kWord2vec;
  options.features.neighbours = 2;
  options.features.hand.groups = *ParseFeatureGroups("word:1,case,document-case");
  options.features.hand.affix_length = 3;
  options.features.hand.min_count = 1;
  options.decoding = Decoding::kSequences;
  options.standardize = true;
  options.embedding_scale = 0.7;
  options.folds = 3;
  options.second_c = 0.3;
  options.classifier.c = 2;
  options.classifier.multi_class = MultiClass::kOneVsRest;
  options.classifier.class_weights = ClassWeights::kBalanced;
  options.classifier.regularize_intercept = true;
  return options;
}

class TaggerFileOfPasses : public TaggerFile, public ::testing::WithParamInterface<int> {};

TEST_P(TaggerFileOfPasses, LoadAfterSaveTagsTheSame) {
  const Model model = MakeModel(true);
  TaggerOptions options = UnusualOptions();
  options.passes = GetParam();
  Tagger tagger = Train(model, Parse(RandomConll(1, 20, 5)), options);
  tagger.set_command_line("conec-ner train 'a b'");
  ASSERT_TRUE(tagger.Save(Path("a")).ok());
  const auto loaded = Tagger::Load(Path("a"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const ConllFile file = Parse(RandomConll(2, 20, 5));
  EXPECT_EQ(Tags(*loaded, model, file), Tags(tagger, model, file));
  EXPECT_EQ(loaded->info().command_line, "conec-ner train 'a b'");
  EXPECT_TRUE(loaded->CheckModels({&model, 1}).ok());
  ASSERT_TRUE(loaded->Save(Path("b")).ok());
  EXPECT_EQ(ReadAll(Path("a")), ReadAll(Path("b")));
}

TEST_P(TaggerFileOfPasses, DamagedFilesAreRefusedAndNeverCrash) {
  const Model model = MakeModel(true);
  TaggerOptions options = UnusualOptions();
  options.passes = GetParam();
  options.features.hand.groups = *ParseFeatureGroups("case");
  ASSERT_TRUE(Train(model, Parse(SeparableConll()), options).Save(Path("a")).ok());
  const std::string bytes = ReadAll(Path("a"));
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    WriteAll(Path("b"), bytes.substr(0, length));
    EXPECT_EQ(Tagger::Load(Path("b")).status().code(), absl::StatusCode::kDataLoss) << length;
  }
  const std::size_t header = bytes.find("\"weights\"");
  for (std::size_t i = 0; i < header; ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 5);
    WriteAll(Path("b"), damaged);
    const auto loaded = Tagger::Load(Path("b"));  // fine where what it says is still possible
    if (loaded.ok()) loaded->Tag({&model, 1}, Parse("w0 O\n"), 1).IgnoreError();
  }
  EXPECT_EQ(Tagger::Load(Path("nothing")).status().code(), absl::StatusCode::kNotFound);
  WriteAll(Path("b"), "word TAG\n");
  EXPECT_THAT(std::string(Tagger::Load(Path("b")).status().message()), HasSubstr("is not a tagger of conec-ner"));
}

TEST_F(TaggerFile, WeightsThatAreNotThoseThatWereSavedAreRefused) {
  const Model model = MakeModel(true);
  ASSERT_TRUE(Train(model, Parse(SeparableConll()), QuickOptions()).Save(Path("a")).ok());
  std::string bytes = ReadAll(Path("a"));
  const auto file = SafetensorsFile::Open(Path("a"));
  const TensorInfo weights = file->tensors().at("weights");
  bytes.replace(weights.offset, 64, 64, '\0');
  WriteAll(Path("b"), bytes);
  const absl::Status status = Tagger::Load(Path("b")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is damaged"));
  // Files of before have no checksum.
  bytes.replace(bytes.find("file_checksum"), 4, "none");
  WriteAll(Path("b"), bytes);
  EXPECT_TRUE(Tagger::Load(Path("b")).ok());
}

TEST_F(TaggerFile, TheFirstVersionIsRefusedAndSaysWhatHelps) {
  const Model model = MakeModel(true);
  ASSERT_TRUE(Train(model, Parse(SeparableConll()), QuickOptions()).Save(Path("a")).ok());
  std::string bytes = ReadAll(Path("a"));
  const std::string version = "\"format_version\":\"2\"";
  const std::size_t at = bytes.find(version);
  ASSERT_NE(at, std::string::npos);
  bytes[at + version.size() - 2] = '1';
  WriteAll(Path("b"), bytes);
  const auto refused = Tagger::Load(Path("b"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("version is 1, this program reads 2: train it again"));
}

INSTANTIATE_TEST_SUITE_P(Passes, TaggerFileOfPasses, ::testing::Values(1, 2));

TEST(FingerprintTest, OtherModelsAreToldApart) {
  const Model model = MakeModel(true), other = MakeModel(true, 2);
  const Tagger tagger = Train(model, Parse(SeparableConll()), QuickOptions());
  EXPECT_EQ(Fingerprint(model), Fingerprint(MakeModel(true)));
  EXPECT_NE(Fingerprint(model), Fingerprint(other));
  Model renamed = model;
  std::vector<corpora::WordCount> words;
  for (std::size_t i = 0; i < model.size(); ++i) words.push_back({"x" + std::to_string(i), 1});
  renamed.vocabulary = *corpora::Vocabulary::Create(words);
  EXPECT_NE(Fingerprint(model), Fingerprint(renamed));
  EXPECT_TRUE(tagger.CheckModels({&model, 1}).ok());
  EXPECT_EQ(tagger.CheckModels({&other, 1}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(tagger.CheckModels({}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(FingerprintTest, AllRowsOfSmallTablesCountAndThoseOfExtendedInputsToo) {
  constexpr std::size_t kRows = 9000;
  Matrix<float> input = testing::RandomTable(7, kRows), extended = testing::RandomTable(8, kRows),
                global = testing::RandomTable(9, kRows);
  std::vector<corpora::WordCount> words;
  for (std::size_t i = 0; i < kRows; ++i) words.push_back({"w" + std::to_string(i), 1});
  Model model;
  model.vocabulary = *corpora::Vocabulary::Create(words);
  model.input = std::as_const(input).view();
  model.global_context = std::as_const(global).view();
  const std::string plain = Fingerprint(model);
  model.extended_input = std::as_const(extended).view();
  const std::string before = Fingerprint(model);
  EXPECT_NE(before, plain);
  for (Matrix<float>* changed : {&input, &extended, &global}) {
    for (const std::size_t row : {std::size_t{0}, std::size_t{8191}, std::size_t{8193}, kRows - 1}) {
      float& value = changed->row(row)[testing::kDim - 1];
      const float old = std::exchange(value, 9.0F);
      EXPECT_NE(Fingerprint(model), before) << row;
      value = old;
      EXPECT_EQ(Fingerprint(model), before) << row;
    }
  }
}

TEST(FingerprintTest, OfLargeTablesRowsFromTheFirstToTheLastCount) {
  constexpr std::size_t kRows = 150001;
  Matrix<float> global = testing::RandomTable(7, kRows);
  Model model = MakeModel(true);
  model.global_context = std::as_const(global).view();
  const std::string before = Fingerprint(model);
  const std::size_t half = 1 << 15;
  for (const std::size_t row : {std::size_t{0}, half * (kRows - 1) / ((1 << 16) - 1), kRows - 1}) {
    const float old = std::exchange(global.row(row)[0], 9.0F);
    EXPECT_NE(Fingerprint(model), before) << row;
    global.row(row)[0] = old;
  }
}

TEST(FingerprintTest, OptionsThatChangeVectorsCountButNotWhereTheModelComesFrom) {
  const Model model = MakeModel(true);
  const auto changed = [&](const auto& change) {
    Model other = model;
    change(other);
    return Fingerprint(other) != Fingerprint(model);
  };
  EXPECT_TRUE(changed([](Model& m) { m.info.context.window = 6; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.weighting = ContextWeighting::kInverseDistance; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.scaling = ContextScaling::kMax; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.unit_rows = false; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.exclude_target = true; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.sif = 1e-4; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.context.feature_weight = 0.5; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.keep_gaps = true; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.tokenizer.fold_digits = true; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.tokenizer.line_token = "w0"; }));
  EXPECT_TRUE(changed([](Model& m) { m.layout.inputs.shape = true; }));
  EXPECT_TRUE(changed([](Model& m) { m.info.training.reset(); }));
  EXPECT_FALSE(changed([](Model& m) { m.info.created = "today"; }));
  EXPECT_FALSE(changed([](Model& m) { m.info.command_line = "conec-train"; }));
}

TEST(TaggerTest, TwoPassesOverTooFewDocumentsAreRefusedBeforeAnythingIsFitted) {
  const Model model = MakeModel(true);
  TaggerOptions options = QuickOptions();
  options.passes = 2;
  bool fitted = false;
  options.classifier.progress = [&](int, double) { return fitted = true; };
  const auto refused = Tagger::Train({&model, 1}, Parse("w0 O\nw1 I-PER\n"), options);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("test: 1 document,"), HasSubstr("--passes 2"), HasSubstr("-DOCSTART-")));
  EXPECT_FALSE(fitted);
}

TEST(TaggerTest, WhatCannotBeLearntFromIsRefused) {
  const Model model = MakeModel(true);
  const auto train = [&](const std::string& text, const TaggerOptions& options = QuickOptions()) {
    return std::string(Tagger::Train({&model, 1}, Parse(text), options).status().message());
  };
  EXPECT_THAT(train("w0\nw1\n"), HasSubstr("no tag to learn from"));
  EXPECT_THAT(train("w0 O\nw1 O\n"), HasSubstr("class"));
  TaggerOptions options = QuickOptions();
  options.embedding_scale = 0;
  EXPECT_THAT(train(SeparableConll(), options), HasSubstr("scale"));
  options = QuickOptions();
  options.features.neighbours = -1;
  EXPECT_THAT(train(SeparableConll(), options), HasSubstr("--neighbours"));
  options = QuickOptions();
  options.features.embeddings.clear();
  EXPECT_THAT(train(SeparableConll(), options), HasSubstr("no features"));
}

// "B-PER O" for each class that can be followed by the other; "|" is the outside.
std::vector<std::string> Pairs(const std::vector<std::string>& classes, TagScheme scheme) {
  const Transitions allowed(classes, scheme);
  std::vector<std::string> names = classes, pairs;
  names.emplace_back("|");
  EXPECT_EQ(allowed.outside(), classes.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = 0; j < names.size(); ++j) {
      if (allowed(i, j)) pairs.push_back(names[i] + " " + names[j]);
    }
  }
  return pairs;
}

TEST(TransitionsTest, InIob2AnEntityBeginsWithB) {
  EXPECT_THAT(Pairs({"B-PER", "I-LOC", "I-PER", "O"}, TagScheme::kIob2),
              ElementsAre("B-PER B-PER", "B-PER I-PER", "B-PER O", "B-PER |",                           //
                          "I-LOC B-PER", "I-LOC I-LOC", "I-LOC O", "I-LOC |",                           //
                          "I-PER B-PER", "I-PER I-PER", "I-PER O", "I-PER |", "O B-PER", "O O", "O |",  //
                          "| B-PER", "| O", "| |"));
}

TEST(TransitionsTest, InIob1BPartsNeighboursOfOneType) {
  EXPECT_THAT(Pairs({"B-PER", "I-LOC", "I-PER", "O"}, TagScheme::kIob1),
              ElementsAre("B-PER B-PER", "B-PER I-LOC", "B-PER I-PER", "B-PER O", "B-PER |",  //
                          "I-LOC I-LOC", "I-LOC I-PER", "I-LOC O", "I-LOC |",                 //
                          "I-PER B-PER", "I-PER I-LOC", "I-PER I-PER", "I-PER O", "I-PER |",  //
                          "O I-LOC", "O I-PER", "O O", "O |", "| I-LOC", "| I-PER", "| O", "| |"));
}

TEST(TransitionsTest, InBioesWhatBeginsMustEnd) {
  EXPECT_THAT(Pairs({"B-PER", "E-LOC", "E-PER", "I-PER", "O", "S-LOC"}, TagScheme::kBioes),
              ElementsAre("B-PER E-PER", "B-PER I-PER",                        //
                          "E-LOC B-PER", "E-LOC O", "E-LOC S-LOC", "E-LOC |",  //
                          "E-PER B-PER", "E-PER O", "E-PER S-LOC", "E-PER |",  //
                          "I-PER E-PER", "I-PER I-PER",                        //
                          "O B-PER", "O O", "O S-LOC", "O |",                  //
                          "S-LOC B-PER", "S-LOC O", "S-LOC S-LOC", "S-LOC |",  //
                          "| B-PER", "| O", "| S-LOC", "| |"));
}

TEST(TransitionsTest, AmongBareTypesAllAreAllowed) {
  const Transitions type(std::vector<std::string>{"B-x", "I-x"},
                         TagScheme::kType);  // names of types, whatever they are
  EXPECT_TRUE(type.all() && type(type.outside(), 1) && type(0, type.outside()));
}

// The best of all sequences, tried one after another.
double BestSum(const Matrix<double>& scores, const Transitions& allowed, std::size_t at, std::size_t previous) {
  if (at == scores.rows()) return allowed(previous, allowed.outside()) ? 0 : -std::numeric_limits<double>::infinity();
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < allowed.outside(); ++k) {
    if (allowed(previous, k)) best = std::max(best, scores.row(at)[k] + BestSum(scores, allowed, at + 1, k));
  }
  return best;
}

TEST(BestSequenceTest, IsTheBestOfAllThatTheSchemeAllows) {
  const std::vector<std::string> classes = {"B-LOC", "B-PER", "E-LOC", "E-PER", "I-LOC", "O", "S-PER"};
  const Transitions allowed(classes, TagScheme::kBioes);
  PhiloxStream random(5);
  for (int repeat = 0; repeat < 50; ++repeat) {
    Matrix<double> scores = *Matrix<double>::Create(1 + random.Below(5), classes.size());
    for (std::size_t i = 0; i < scores.rows(); ++i) {
      for (double& value : scores.row(i)) value = std::log(random.Uniform() + 1e-6);
    }
    const auto sequence = BestSequence(std::as_const(scores).view(), allowed);
    ASSERT_EQ(sequence.size(), scores.rows());
    double sum = 0;
    std::size_t previous = allowed.outside();
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      EXPECT_TRUE(allowed(previous, sequence[i]));
      previous = sequence[i];
      sum += scores.row(i)[sequence[i]];
    }
    EXPECT_TRUE(allowed(previous, allowed.outside()));
    EXPECT_NEAR(sum, BestSum(scores, allowed, 0, allowed.outside()), 1e-9);
  }
}

TEST(BestSequenceTest, WhereNothingIsAllowedEachTokenGetsItsBest) {
  const std::vector<std::string> classes = {"B-PER", "I-PER"};
  Matrix<double> scores = *Matrix<double>::Create(2, 2);
  scores.row(0)[1] = 1;
  scores.row(1)[0] = 1;
  const Transitions allowed(classes, TagScheme::kBioes);
  EXPECT_THAT(BestSequence(std::as_const(scores).view(), allowed), ElementsAre(1, 0));
}

}  // namespace
}  // namespace conec::ner
