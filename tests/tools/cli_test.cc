#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/base/scratch_folder.h"
#include "tools/cli/aliases.h"
#include "tools/cli/claim.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"

namespace conec::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool TrainHas(std::string_view option) {
  return option != "--to";
}
bool ConvertHas(std::string_view option) {
  return option == "--to" || option == "--output";
}

TEST(Text, ThousandsAreSeparated) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(16936381), "16,936,381");
}

TEST(Text, CompactNumbersHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(Compact(0), "0");
  EXPECT_EQ(Compact(950), "950");
  EXPECT_EQ(Compact(999.9), "1k");
  EXPECT_EQ(Compact(1234567), "1.23M");
  EXPECT_EQ(Compact(2.5e9), "2.5G");
}

TEST(Text, DurationsReadAsClocksFromAMinuteOn) {
  EXPECT_EQ(Duration(0.04), "0.0 s");
  EXPECT_EQ(Duration(42), "42.0 s");
  EXPECT_EQ(Duration(59.99), "1:00");
  EXPECT_EQ(Duration(187), "3:07");
  EXPECT_EQ(Duration(7387), "2:03:07");
  EXPECT_EQ(Duration(-1), "?");
}

TEST(Text, QuotedArgumentsAreReadBackByAShell) {
  EXPECT_EQ(ShellQuote("wiki.txt"), "wiki.txt");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("a b"), "'a b'");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  const char* const arguments[] = {"conec-train", "--input", "corpus/*.gz"};
  EXPECT_EQ(CommandLine(arguments), "conec-train --input 'corpus/*.gz'");
}

TEST(Text, WrappedLinesKeepTheirWidthAndLineBreaks) {
  EXPECT_EQ(Wrap("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(Wrap("a\nb", 7, 1), "a\n b");
  EXPECT_EQ(Wrap("incomprehensibility", 5, 0), "incomprehensibility");
}

// Files as Linux has them, of either version.
class Groups {
 public:
  void Set(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder_.File(path)).parent_path());
    folder_.Write(path, text);
  }
  std::optional<std::uint64_t> LimitOf(const std::string& groups) const {
    Set("self", groups);
    return GroupMemoryLimit(folder_.File("self"), folder_.File("mounted"));
  }

 private:
  ScratchFolder folder_;
};

TEST(GroupMemoryLimit, IsTheSmallestOfThoseAroundTheProcess) {
  const Groups groups;
  const std::string here = "0::/jobs/a b/mine\n";
  EXPECT_EQ(groups.LimitOf(here), std::nullopt);
  groups.Set("mounted/jobs/a b/mine/memory.max", "max\n");
  groups.Set("mounted/jobs/memory.max", "max\n");
  EXPECT_EQ(groups.LimitOf(here), std::nullopt);
  groups.Set("mounted/jobs/a b/memory.max", "5000000000\n");
  EXPECT_EQ(groups.LimitOf(here), 5000000000u);
  groups.Set("mounted/jobs/memory.max", "4000000000\n");
  EXPECT_EQ(groups.LimitOf(here), 4000000000u);
  groups.Set("mounted/jobs/a b/mine/memory.max", "3000000000\n");
  EXPECT_EQ(groups.LimitOf(here), 3000000000u);
  EXPECT_EQ(groups.LimitOf("0::/jobs\n"), 4000000000u);
  EXPECT_EQ(groups.LimitOf("0::/\n"), std::nullopt);
  groups.Set("mounted/memory.max", "2000000000\n");  // as a container sees its own
  EXPECT_EQ(groups.LimitOf("0::/\n"), 2000000000u);
}

TEST(GroupMemoryLimit, OfVersionOneIsThatOfItsMemoryController) {
  const Groups groups;
  const std::string here = "9:name=systemd:/x\n5:cpu,cpuacct:/c\n4:hugetlb,memory:/docker/abc\n0::/x\n";
  groups.Set("mounted/memory/memory.limit_in_bytes", "9223372036854771712\n");  // none
  groups.Set("mounted/memory/x/memory.limit_in_bytes", "1000\n");               // another's
  EXPECT_EQ(groups.LimitOf(here), std::nullopt);
  groups.Set("mounted/memory/docker/abc/memory.limit_in_bytes", "6000000000\n");
  EXPECT_EQ(groups.LimitOf(here), 6000000000u);
  groups.Set("mounted/memory/memory.limit_in_bytes", "700000000\n");  // a container that sees only its own, as the root
  EXPECT_EQ(groups.LimitOf(here), 700000000u);
}

TEST(GroupMemoryLimit, IsNoneWhereNothingCanBeRead) {
  const Groups groups;
  for (const char* nonsense : {"", "\n", "0:", "x::\n", "::::\n", "0::/../..\n"}) {
    EXPECT_EQ(groups.LimitOf(nonsense), std::nullopt) << nonsense;
  }
  EXPECT_EQ(GroupMemoryLimit("/nowhere", "/nowhere"), std::nullopt);
}

TEST(Aliases, EverySpellingOfWord2vecAndFastTextBecomesOurs) {
  EXPECT_THAT(*RewriteAliases({"-train", "a.txt", "-size", "100", "-ws", "3", "-neg", "5", "-minCount", "2", "-t",
                               "1e-3", "-alpha", "0.1", "-thread", "2", "-epoch", "4"},
                              TrainHas),
              ElementsAre("--input", "a.txt", "--dim", "100", "--window", "3", "--negatives", "5", "--min-count", "2",
                          "--sample", "1e-3", "--lr", "0.1", "--threads", "2", "--epochs", "4"));
}

TEST(Aliases, ValuesThatAskForWhatHappensAnywayAreDropped) {
  EXPECT_THAT(*RewriteAliases({"-cbow", "1", "-hs", "0", "-loss", "ns", "-dim", "7"}, TrainHas),
              ElementsAre("--dim", "7"));
}

TEST(Aliases, WhatIsNotOfferedIsRefusedWithWhatIsDoneInstead) {
  for (const auto& [spelling, value] : std::vector<std::pair<std::string, std::string>>{
           {"-hs", "1"}, {"-cbow", "0"}, {"-loss", "softmax"}, {"-minn", "3"}, {"-binary", "1"}}) {
    const auto rewritten = RewriteAliases({spelling, value}, TrainHas);
    ASSERT_FALSE(rewritten.ok()) << spelling;
    EXPECT_THAT(std::string(rewritten.status().message()), HasSubstr(spelling + " " + value + ": "));
  }
}

TEST(Aliases, BinaryChoosesTheFormatWhereThereIsOne) {
  EXPECT_THAT(*RewriteAliases({"-binary", "1"}, ConvertHas), ElementsAre("--to", "word2vec-bin"));
  EXPECT_THAT(*RewriteAliases({"-binary", "0"}, ConvertHas), ElementsAre("--to", "word2vec-text"));
  EXPECT_FALSE(RewriteAliases({"-binary"}, ConvertHas).ok());
}

TEST(Aliases, OnlyOptionsOfTheProgramAreRewritten) {
  EXPECT_THAT(*RewriteAliases({"-size", "3", "-output", "x"}, ConvertHas), ElementsAre("-size", "3", "--output", "x"));
}

TEST(Aliases, NothingIsRewrittenAfterTheDoubleHyphen) {
  EXPECT_THAT(*RewriteAliases({"-dim", "3", "--", "-dim"}, TrainHas), ElementsAre("--dim", "3", "--", "-dim"));
}

TEST(Aliases, HelpNamesEverySpelling) {
  const std::string text = DescribeAliases(TrainHas);
  EXPECT_THAT(text, HasSubstr("-size, -dim = --dim"));
  EXPECT_THAT(text, HasSubstr("-min-count, -minCount = --min-count"));
}

TEST(Claim, IsHadByOneAtATimeWhateverTheWayToTheFile) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.path() + "/real");
  std::filesystem::create_directory_symlink("real", folder.path() + "/link");
  {
    const auto claim = Claim::Take(folder.path() + "/real/model");
    ASSERT_TRUE(claim.ok()) << claim.status();
    for (const char* way : {"/real/model", "/link/model", "/real/../link/./model"}) {
      const auto second = Claim::Take(folder.path() + way);
      EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << way;
      EXPECT_THAT(second.status().ToString(), HasSubstr("is being written by another run"));
    }
    EXPECT_TRUE(Claim::Take(folder.path() + "/model").ok());
    EXPECT_TRUE(Claim::Take(folder.path() + "/real/model2").ok());
  }
  EXPECT_TRUE(Claim::Take(folder.path() + "/real/model").ok());
}

// Two at once are one request, passed on by timeout or a shell; one that comes later is impatience.
TEST(StopSignals, OneThatIsRepeatedAtOnceIsOneRequestAndALaterOneEndsTheProcess) {
  const auto stop = [] {
    for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal_number, SIG_DFL);
    CatchStopSignals();
    std::raise(SIGTERM);
    std::raise(SIGTERM);
    std::raise(SIGINT);
    if (StopSignal() != SIGTERM) std::_Exit(3);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    std::raise(SIGHUP);
    if (StopSignal() != SIGTERM) std::_Exit(4);
    std::raise(SIGINT);
    std::_Exit(5);
  };
  EXPECT_EXIT(stop(), ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace conec::cli
