#include "tools/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace conec::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

ProgressReport Report(double fraction) {
  return {"train", fraction, {{"words_per_second", 1.2e6, "1.2M words/s"}, {"loss", 2.5, "loss 2.500"}}};
}

// Runs `work` on a Progress with a clock that the test moves, and returns what was written.
template <typename Work>
std::string Written(ProgressMode mode, Work&& work) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  double now = 100;
  {
    // The stream has no descriptor: widths are the default of 80.
    Progress progress(mode, out, [&now] { return now; });
    work(progress, now);
  }
  std::fclose(out);
  std::string written(text, size);
  std::free(text);
  return written;
}

TEST(RenderBar, NeverExceedsTheWidth) {
  for (std::size_t width = 1; width < 120; ++width) {
    EXPECT_LE(RenderBar(Report(0.43), 42, width).size(), width);
  }
}

TEST(RenderBar, ShowsAllPartsWhereThereIsRoom) {
  const std::string line = RenderBar(Report(0.5), 42, 100);
  EXPECT_THAT(line, StartsWith("train  50% [===="));
  EXPECT_THAT(line, EndsWith("]  1.2M words/s  loss 2.500  ETA 42.0 s"));
}

TEST(RenderBar, LeavesOutTheLastFieldsFirst) {
  const std::string line = RenderBar(Report(0.5), 42, 30);
  EXPECT_THAT(line, HasSubstr("1.2M words/s"));
  EXPECT_THAT(line, Not(HasSubstr("loss")));
}

TEST(RenderBar, IsFullExactlyAtTheEnd) {
  EXPECT_THAT(RenderBar(Report(1), -1, 100), HasSubstr("[" + std::string(28, '=') + "]"));
  EXPECT_THAT(RenderBar(Report(0.999), -1, 100), Not(HasSubstr(std::string(28, '='))));
  EXPECT_THAT(RenderBar(Report(0.999), -1, 100), HasSubstr(" 99%"));
}

TEST(RenderJson, IsOneObjectWithTheFieldsUnderTheirKeys) {
  const auto json = nlohmann::json::parse(RenderJson(Report(0.25), 3, 9));
  EXPECT_EQ(json["phase"], "train");
  EXPECT_EQ(json["fraction"], 0.25);
  EXPECT_EQ(json["words_per_second"], 1.2e6);
  EXPECT_EQ(json["loss"], 2.5);
  EXPECT_EQ(json["eta_seconds"], 9);
}

TEST(Progress, NoneWritesNothing) {
  EXPECT_THAT(Written(ProgressMode::kNone,
                      [](Progress& progress, double& now) {
                        for (int i = 0; i <= 100; ++i, ++now) progress.Update(Report(i / 100.0));
                        progress.Complete();
                      }),
              IsEmpty());
}

TEST(Progress, ABarIsRedrawnAtMostTenTimesASecond) {
  const std::string written = Written(ProgressMode::kBar, [](Progress& progress, double& now) {
    for (int i = 0; i < 2000; ++i, now += 0.001) progress.Update(Report(i / 2000.0));
  });
  const auto redrawn = std::count(written.begin(), written.end(), '\r');
  EXPECT_GE(redrawn, 15);
  EXPECT_LE(redrawn, 20);
}

TEST(Progress, ABarEndsInACleanLine) {
  const auto work = [](Progress& progress, double& now) {
    progress.Update(Report(0.1));
    now += 1;
    progress.Update(Report(0.2));
  };
  EXPECT_THAT(Written(ProgressMode::kBar, work), EndsWith("\n"));
  const std::string completed = Written(ProgressMode::kBar, [&](Progress& progress, double& now) {
    work(progress, now);
    progress.Complete();
  });
  EXPECT_THAT(completed, EndsWith("\n"));
  EXPECT_THAT(completed, HasSubstr("100%"));
  EXPECT_EQ(std::count(completed.begin(), completed.end(), '\n'), 1);
}

TEST(Progress, AShorterBarWipesOutTheLongerOneBefore) {
  const std::string written = Written(ProgressMode::kBar, [](Progress& progress, double& now) {
    progress.Update({"train", {}, {}});
    now += 1;
    progress.Update({"train", {}, {{"loss", 1, "a long field"}}});
    now += 1;
    progress.Update({"train", {}, {}});
  });
  EXPECT_THAT(written, EndsWith("\rtrain" + std::string(14, ' ') + "\n"));
}

TEST(Progress, WorkThatIsDoneAtOnceShowsNoBarAndNoLine) {
  for (const ProgressMode mode : {ProgressMode::kBar, ProgressMode::kPlain}) {
    EXPECT_THAT(Written(mode,
                        [](Progress& progress, double&) {
                          progress.Update(Report(0.5));
                          progress.Complete();
                        }),
                IsEmpty());
  }
}

TEST(Progress, PlainLinesComeEveryFiveSeconds) {
  const std::string written = Written(ProgressMode::kPlain, [](Progress& progress, double& now) {
    for (int i = 0; i < 200; ++i, now += 0.1) progress.Update(Report(i / 200.0));
  });
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 3);
}

TEST(Progress, EveryJsonPhaseEndsComplete) {
  const std::string written = Written(ProgressMode::kJson, [](Progress& progress, double& now) {
    progress.Update({"encode", 0.5, {}});
    now += 1;
    progress.Update(Report(0.5));
    progress.Complete();
  });
  const std::size_t end = written.find('\n');
  ASSERT_NE(end, std::string::npos);
  const auto encode = nlohmann::json::parse(written.substr(0, end));
  const auto train = nlohmann::json::parse(written.substr(end + 1));
  EXPECT_EQ(encode["phase"], "encode");
  EXPECT_EQ(encode["fraction"], 1);
  EXPECT_EQ(train["phase"], "train");
}

TEST(Progress, TheTimeToGoFollowsFromThePhaseSoFar) {
  const std::string written = Written(ProgressMode::kPlain, [](Progress& progress, double& now) {
    progress.Update(Report(0.5));
    now += 10;
    progress.Update(Report(0.75));
  });
  EXPECT_THAT(written, HasSubstr("ETA 10.0 s"));
}

}  // namespace
}  // namespace conec::cli
