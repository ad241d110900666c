#include "conec/global_context.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <tuple>

#include "conec/model.h"
#include "corpora/encode.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;

using Parameters = std::tuple<int, ContextWeighting, ContextScaling, bool, double>;

class GlobalContext : public ::testing::TestWithParam<Parameters> {
 protected:
  GlobalContextOptions Options() const {
    GlobalContextOptions options;
    std::tie(options.context.window, options.context.weighting, options.context.scaling, options.context.unit_rows,
             std::ignore) = GetParam();
    return options;
  }
  double gap_rate() const { return std::get<4>(GetParam()); }
};

TEST_P(GlobalContext, IsTheNaiveProduct) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const std::vector<WordId> stream = testing::RandomStream(seed, 40, 3000, gap_rate());
    const Matrix<float> table = testing::RandomTable(seed, 40, 21);
    const auto result = ComputeGlobalContext({stream, {}, false}, table.view(), Options());
    ASSERT_TRUE(result.ok()) << result.status();
    testing::ExpectRowsNear(result->view(), testing::NaiveGlobalContext(stream, table.view(), Options().context), 1e-5);
  }
}

TEST_P(GlobalContext, IsTheSameBitsForAnyNumberOfThreads) {
  const std::vector<WordId> stream = testing::RandomStream(7, 50, 5000, gap_rate());
  for (const std::size_t dim : {5u, 16u, 40u, 200u}) {
    const Matrix<float> table = testing::RandomTable(dim, 50, dim);
    GlobalContextOptions options = Options();
    options.threads = 1;
    const auto one = ComputeGlobalContext({stream, {}, false}, table.view(), options);
    for (const int threads : {2, 3, 4, 64}) {
      options.threads = threads;
      EXPECT_TRUE(SameBits(one->view(), ComputeGlobalContext({stream, {}, false}, table.view(), options)->view()))
          << threads << " threads, " << dim << " dimensions";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, GlobalContext,
                         ::testing::Combine(::testing::Values(1, 5),
                                            ::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Values(ContextScaling::kCount, ContextScaling::kMax),
                                            ::testing::Bool(), ::testing::Values(0.0, 0.2)));

TEST(ContextSumsOfACorpus, StayPreciseForVeryFrequentWords) {
  // Word 0 occurs 300000 times next to word 1: a float sum of 0.1 would be off by percents.
  std::vector<WordId> stream;
  for (int i = 0; i < 300000; ++i) {
    stream.insert(stream.end(), {WordId{0}, WordId{1}, corpora::kEndOfSegment});
  }
  Matrix<float> table = *Matrix<float>::Create(3, 1);
  table.row(1)[0] = 0.1f;
  GlobalContextOptions options;
  options.context.unit_rows = false;
  const auto sums = ComputeContextSums({stream, {}, false}, table.view(), options);
  ASSERT_TRUE(sums.ok());
  EXPECT_NEAR(sums->sums.row(0)[0], 300000 * static_cast<double>(0.1f), 0.01);
  EXPECT_EQ(sums->occurrences, (std::vector<std::int64_t>{300000, 300000, 0}));
}

TEST(ContextSumsOfACorpus, KnowNoWindowsAcrossSegments) {
  const std::vector<WordId> stream{WordId{0}, corpora::kEndOfSegment, WordId{1}, corpora::kEndOfDocument, WordId{2}};
  const Matrix<float> table = testing::RandomTable(1, 3, 4);
  const auto sums = ComputeContextSums({stream, {}, false}, table.view(), {});
  for (std::size_t i = 0; i < 3; ++i) {
    for (const float value : sums->sums.row(i)) EXPECT_EQ(value, 0);
  }
}

TEST(ContextSumsOfACorpus, OfAMappedStreamAreThoseOfTheStreamWrittenOut) {
  const std::vector<WordId> stream = testing::RandomStream(3, 30, 2000, 0.1);
  const Matrix<float> table = testing::RandomTable(3, 20, 24);
  // Every third word is lacking; the others are in another order.
  std::vector<WordId> mapping(30, corpora::kGap);
  for (std::uint32_t i = 0, next = 19; i < 30; ++i) {
    if (i % 3 != 0) mapping[i] = WordId{next--};
  }
  for (const bool keep : {false, true}) {
    std::vector<WordId> written;
    for (const WordId id : stream) {
      const bool lacking = corpora::IsWord(id) && mapping[corpora::Index(id)] == corpora::kGap;
      if (!lacking) {
        written.push_back(corpora::IsWord(id) ? mapping[corpora::Index(id)] : id);
      } else if (keep) {
        written.push_back(corpora::kGap);
      }
    }
    const auto mapped = ComputeContextSums({stream, mapping, keep}, table.view(), {});
    const auto plain = ComputeContextSums({written, {}, false}, table.view(), {});
    EXPECT_TRUE(SameBits(mapped->sums.view(), plain->sums.view())) << keep;
    EXPECT_EQ(mapped->occurrences, plain->occurrences);
  }
}

TEST(ContextSumsOfACorpus, RefuseIdsWithoutRows) {
  const Matrix<float> table = testing::RandomTable(1, 3, 4);
  const std::vector<WordId> stream{WordId{0}, WordId{3}, corpora::kEndOfDocument};
  EXPECT_EQ(ComputeContextSums({stream, {}, false}, table.view(), {}).status().message(),
            "position 1 of the corpus holds word id 3, the vocabulary has 3 words");
  const std::vector<WordId> bad_mapping{WordId{0}, WordId{9}, WordId{1}, WordId{2}};
  EXPECT_EQ(ComputeContextSums({stream, bad_mapping, false}, table.view(), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  const std::vector<WordId> reserved{WordId{corpora::kMaxVocabulary}, corpora::kEndOfDocument};
  EXPECT_EQ(ComputeContextSums({reserved, {}, false}, table.view(), {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ContextSumsOfACorpus, OfAnEmptyCorpusAreZero) {
  const Matrix<float> table = testing::RandomTable(1, 3, 4);
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    GlobalContextOptions options;
    options.context.scaling = scaling;
    const auto result = ComputeGlobalContext({}, table.view(), options);
    ASSERT_TRUE(result.ok()) << result.status();
    for (std::size_t i = 0; i < 3; ++i) {
      for (const float value : result->row(i)) EXPECT_EQ(value, 0);
    }
  }
}

TEST(ContextSumsOfACorpus, ReportProgressUpToOneAndStopWhenAsked) {
  const std::vector<WordId> stream = testing::RandomStream(1, 20, 600000);
  const Matrix<float> table = testing::RandomTable(1, 20, 32);
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    GlobalContextOptions options;
    options.context.scaling = scaling;
    std::vector<double> seen;
    options.progress = [&](double fraction) {
      seen.push_back(fraction);
      return true;
    };
    ASSERT_TRUE(ComputeGlobalContext({stream, {}, false}, table.view(), options).ok());
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(seen.back(), 1);
    options.progress = [](double) { return false; };
    EXPECT_EQ(ComputeGlobalContext({stream, {}, false}, table.view(), options).status().code(),
              absl::StatusCode::kCancelled);
  }
}

// A corpus is mapped, and another program may write to its file. Under AddressSanitizer this proves more.
TEST(ContextSumsOfACorpus, StopIfTheCorpusChangesMeanwhile) {
  const std::vector<WordId> whole = testing::RandomStream(1, 20, 600000);
  const Matrix<float> table = testing::RandomTable(1, 20, 32);
  const std::vector<WordId> mapping(20, WordId{7});
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    for (const bool mapped : {false, true}) {
      for (const WordId wrong : {WordId{20}, WordId{65536}, WordId{corpora::kMaxVocabulary}, WordId{0}}) {
        std::vector<WordId> stream = whole;
        GlobalContextOptions options;
        options.context.scaling = scaling;
        options.threads = 1;
        options.progress = [&](double) {  // word 0: a segment that is longer than any was
          std::fill(stream.begin() + 400000, stream.begin() + 420000, wrong);
          return true;
        };
        const ContextCorpus corpus{stream, std::span(mapping).first(mapped ? mapping.size() : 0), true};
        const absl::Status status = ComputeGlobalContext(corpus, table.view(), options).status();
        EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << corpora::Index(wrong);
        EXPECT_EQ(status, corpora::CorpusChanged());
      }
    }
  }
}

corpora::EncodedCorpus Encode(const std::string& text, bool keep_gaps, std::uint64_t min_count = 1) {
  corpora::EncodeOptions options;
  std::ofstream(testing::TestPath("text")) << text;
  options.input.inputs = {testing::TestPath("text")};
  options.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  options.tokenizer.fold_digits = true;
  options.min_count = min_count;
  options.keep_gaps = keep_gaps;
  auto corpus = corpora::EncodeCorpus(options, testing::TestPath("corpus"));
  EXPECT_TRUE(corpus.ok()) << corpus.status();
  return *std::move(corpus);
}

Model VectorsFor(const corpora::Vocabulary& vocabulary) {
  auto table = std::make_shared<const Matrix<float>>(testing::RandomTable(1, vocabulary.size(), 9));
  return *Model::FromWordVectors({vocabulary, table->view(), table});
}

TEST(WithGlobalContext, AddsTheContextAndHowItsTextIsRead) {
  const corpora::EncodedCorpus corpus = Encode("a b c a\nb a d\n", true);
  GlobalContextOptions options;
  options.context.window = 1;
  const Model model = VectorsFor(corpus.vocabulary());
  const auto with = WithGlobalContext(model, corpus, options);
  ASSERT_TRUE(with.ok()) << with.status();
  testing::ExpectRowsNear(with->global_context,
                          testing::NaiveGlobalContext(corpus.stream(), model.input, options.context), 1e-6);
  EXPECT_TRUE(SameBits(with->input, model.input));
  EXPECT_TRUE(with->info.context == options.context);
  EXPECT_TRUE(with->info.keep_gaps);
  EXPECT_TRUE(with->info.tokenizer.fold_digits);
  EXPECT_EQ(with->info.tokenizer.kind, tokenize::TokenizerKind::kWhitespace);
  EXPECT_EQ(with->info.corpus.tokens, 7u);
}

TEST(WithGlobalContext, OfVectorsWithOtherWordsMatchesThemBySpelling) {
  for (const bool keep_gaps : {false, true}) {
    const corpora::EncodedCorpus corpus = Encode("a b c a\nb a d\n", keep_gaps);
    const auto vocabulary = *corpora::Vocabulary::Create(std::vector<corpora::WordCount>{{"c", 0}, {"z", 0}, {"a", 0}});
    GlobalContextOptions options;
    options.context = {1, ContextWeighting::kUniform, ContextScaling::kCount, false};
    const Model model = VectorsFor(vocabulary);
    const auto with = WithGlobalContext(model, corpus, options);
    ASSERT_TRUE(with.ok()) << with.status();
    const std::span<const float> c = model.input.row(0), a = model.input.row(2);
    // a _ c a | _ a _: with gaps c has one a beside it and one of three a has c beside it; without them, a c a.
    for (std::size_t j = 0; j < 9; ++j) {
      EXPECT_NEAR(with->global_context.row(0)[j], (keep_gaps ? 1 : 2) * a[j], 1e-6);
      EXPECT_NEAR(with->global_context.row(2)[j], (keep_gaps ? 1 : 2) * c[j] / 3, 1e-6);
      EXPECT_EQ(with->global_context.row(1)[j], 0);
    }
  }
}

TEST(WithGlobalContext, CountsWordsThatHaveNoCountsInTheCorpus) {
  const corpora::EncodedCorpus corpus = Encode("a b c a\nb a d\n", false);
  const auto counts = [&](std::vector<corpora::WordCount> words) {
    GlobalContextOptions options;
    options.context.sif = 0.1;
    const auto with = WithGlobalContext(VectorsFor(*corpora::Vocabulary::Create(words)), corpus, options);
    EXPECT_TRUE(with.ok()) << with.status();
    const auto found = with->vocabulary.counts();
    return std::vector<std::int64_t>(found.begin(), found.end());
  };
  EXPECT_EQ(counts({{"c", 0}, {"z", 0}, {"a", 0}}), (std::vector<std::int64_t>{1, 0, 3}));
  EXPECT_EQ(counts({{"c", 0}, {"z", 7}, {"a", 0}}), (std::vector<std::int64_t>{0, 7, 0}));
}

TEST(WithGlobalContext, RefusesVectorsThatShareNoWordWithTheCorpus) {
  const corpora::EncodedCorpus corpus = Encode("a b", false);
  const auto vocabulary = *corpora::Vocabulary::Create(std::vector<corpora::WordCount>{{"A", 0}, {"B", 0}});
  EXPECT_EQ(WithGlobalContext(VectorsFor(vocabulary), corpus, {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(MapVocabulary, MatchesWordsByTheirSpelling) {
  const auto vocabulary = [](std::vector<corpora::WordCount> words) { return *corpora::Vocabulary::Create(words); };
  const auto mapping = MapVocabulary(vocabulary({{"a", 3}, {"b", 2}, {"c", 1}}), vocabulary({{"c", 9}, {"a", 1}}));
  EXPECT_EQ(mapping, (std::vector<WordId>{WordId{1}, corpora::kGap, WordId{0}}));
}

}  // namespace
}  // namespace conec
