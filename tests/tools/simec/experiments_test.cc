// What all experiments of simec reproduce are made of: verdicts, choice of steps, plots; and that each is well
// described.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "tests/base/scratch_folder.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/plot.h"
#include "tools/simec/plot.h"

namespace conec::simec::experiments {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

using TestedRun = Run;  // within TEST() the name Run is GoogleTest's
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Verdict, OfAPrintedFigureIsEqualityOfAllDigits) {
  EXPECT_TRUE(Printed("", .02863, 5, .028634).met());
  EXPECT_TRUE(Printed("", .02863, 5, .028626).met());
  EXPECT_FALSE(Printed("", .02863, 5, .028636).met());
  EXPECT_FALSE(Printed("", .02863, 5, .028624).met());
  EXPECT_TRUE(Printed("", -5.69489047, 8, -5.694890474999).met());
  EXPECT_FALSE(Printed("", -5.69489047, 8, -5.694890476).met());
  EXPECT_FALSE(Printed("", .02863, 5, kNan).met());
}

TEST(Verdict, IsPassedOnFiguresWithABoundOnly) {
  EXPECT_FALSE(Shown("", .5, 100).is_judged());
  EXPECT_TRUE(Shown("", .5, 100).met());
  EXPECT_FALSE(Shown("", .5, kNan).met());
  EXPECT_TRUE(AtMost("", .5, .6, .1).is_judged());
  EXPECT_TRUE(AtLeast("", .5, .6, .1).is_judged());
}

TEST(Verdict, OfABoundDoesNotMindBetterFigures) {
  EXPECT_TRUE(AtMost("", .5, .6, .1).met());
  EXPECT_TRUE(AtMost("", .5, .6, .6).met());
  EXPECT_FALSE(AtMost("", .5, .6, .6001).met());
  EXPECT_FALSE(AtMost("", .5, .6, kNan).met());
  EXPECT_TRUE(AtLeast("", .5, .4, .9).met());
  EXPECT_FALSE(AtLeast("", .5, .4, .39).met());
  EXPECT_FALSE(AtLeast("", .5, .4, kNan).met());
}

TEST(Verdict, OfABandHasTwoSides) {
  EXPECT_TRUE(Within("", -2, .03, -2.05).met());
  EXPECT_FALSE(Within("", -2, .03, -2.07).met());
  EXPECT_FALSE(Within("", -2, .03, -1.93).met());
}

TEST(Verdict, DeviationIsRelativeToThePublishedFigure) {
  EXPECT_NEAR(*AtMost("", .5, 1, .55).deviation(), .1, 1e-12);
  EXPECT_NEAR(*AtMost("", -.5, 1, -.55).deviation(), -.1, 1e-12);
  EXPECT_FALSE(AtMost("", std::nullopt, 1, .5).deviation().has_value());
  EXPECT_FALSE(AtMost("", 0, 1, .5).deviation().has_value());
}

TEST(Steps, AreChosenByWholeWords) {
  EXPECT_TRUE(ContainsWords("SimEc 5hl d=9", "d=9"));
  EXPECT_TRUE(ContainsWords("SimEc 5hl d=9, test", "5hl d=9"));
  EXPECT_TRUE(ContainsWords("SimEc d=100, d=10", "d=10"));
  EXPECT_FALSE(ContainsWords("SimEc d=100", "d=10"));
  EXPECT_FALSE(ContainsWords("SimEc 15hl", "5hl"));
  EXPECT_FALSE(ContainsWords("0.15 missing", "0.1"));
  EXPECT_FALSE(ContainsWords("0.1 missing", "1"));
  EXPECT_FALSE(ContainsWords("SimEc", "simec"));
}

TEST(Steps, AreAllDoneUnlessSomeAreNamed) {
  TestedRun all({});
  EXPECT_TRUE(all.Begin("SimEc d=2"));
  TestedRun run({.data = "", .only = {"d=2", "baselines"}});
  EXPECT_TRUE(run.Begin("baselines"));
  EXPECT_FALSE(run.Begin("SimEc d=20"));
  EXPECT_TRUE(run.Begin("SimEc d=2"));
  EXPECT_THAT(run.steps(), ElementsAre("baselines", "SimEc d=20", "SimEc d=2"));
}

TEST(Steps, ProgressNamesTheStepAndCanStop) {
  std::string seen;
  TestedRun run({.data = "", .only = {}, .threads = 0, .progress = [&](const std::string& step, double fraction) {
                   seen = step;
                   return fraction < .5;
                 }});
  run.Begin("second");
  EXPECT_TRUE(run.Progress(.1).ok());
  EXPECT_EQ(seen, "second");
  EXPECT_EQ(run.Progress(.5).code(), absl::StatusCode::kCancelled);
}

TEST(Steps, FiguresAreReportedAtOnceAndAnErrorEndsThem) {
  std::vector<std::string> seen;
  RunOptions options;
  options.on_figure = [&](const Figure& figure) {
    seen.push_back(figure.name);
    return seen.size() < 2 ? absl::OkStatus() : Internal("full");
  };
  TestedRun run(options);
  EXPECT_TRUE(run.Add(AtMost("a", 1, 1, 1)).ok());
  EXPECT_FALSE(run.Add({AtMost("b", 1, 1, 1), AtMost("c", 1, 1, 1)}).ok());
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST(Data, ThatAreMissingAreNamedWithTheOptionsThatHelp) {
  const ScratchFolder folder;
  for (const std::string& data : {std::string(), folder.path()}) {
    const auto path = TestedRun({.data = data}).Data("mnist");
    ASSERT_FALSE(path.ok());
    EXPECT_THAT(std::string(path.status().message()),
                AllOf(HasSubstr("mnist"), HasSubstr("--data"), HasSubstr("CONEC_DATA")));
  }
  std::filesystem::create_directory(folder.path() + "/mnist");
  EXPECT_EQ(*TestedRun({.data = folder.path()}).Data("mnist"), folder.path() + "/mnist");
}

TEST(Registry, NamesAreUniqueAndFoundWhateverTheCase) {
  std::set<std::string> names;
  for (const Experiment& experiment : AllExperiments()) {
    EXPECT_TRUE(names.insert(experiment.name).second) << experiment.name;
    EXPECT_TRUE(names.insert(experiment.alias).second) << experiment.alias;
    EXPECT_NE(experiment.title, "");
    EXPECT_NE(experiment.time, "");
    EXPECT_NE(experiment.run, nullptr);
  }
  EXPECT_EQ((*FindExperiment("e1"))->alias, "flowerpots");
  EXPECT_EQ((*FindExperiment("FLOWERPOTS"))->name, "E1");
  EXPECT_THAT(std::string(FindExperiment("E99").status().message()),
              AllOf(HasSubstr("E99"), HasSubstr("E1 (flowerpots)")));
}

Panel Lines() {
  Panel panel{.title = "It's a title", .x_label = "d", .y_label = "MSE", .log_y = true};
  panel.series = {{.name = "ours", .x = {1, 2, 3}, .y = {.5, 0, kNan}}, {.name = "none", .x = {1}, .y = {-1}}};
  return panel;
}

TEST(Plot, PointsOfALineAreGatheredUnderItsPanel) {
  TestedRun run({});
  const Panel panel = {.title = "P", .x_label = "x", .y_label = "y"};
  run.Plot(panel, "a", 1, 10);
  run.Plot(panel, "b", 1, 20);
  run.Plot(panel, "a", 2, 30);
  ASSERT_THAT(run.panels(), SizeIs(1));
  ASSERT_THAT(run.panels()[0].series, SizeIs(2));
  EXPECT_THAT(run.panels()[0].series[0].x, ElementsAre(1, 2));
  EXPECT_THAT(run.panels()[0].series[0].y, ElementsAre(10, 30));
}

TEST(Plot, NumberedFiguresBecomeALine) {
  TestedRun run({});
  PlotNumbered(run, {.title = "P", .x_label = "", .y_label = ""}, "SVD",
               {AtMost("SVD d=2", 1, 1, .5), AtMost("SVD d=10", 1, 1, .1), AtMost("SVD d=10, test", 1, 1, 9),
                AtMost("SVD d=", 1, 1, 9), AtMost("other d=3", 1, 1, 9)},
               "SVD d=");
  ASSERT_THAT(run.panels(), SizeIs(1));
  EXPECT_THAT(run.panels()[0].series[0].x, ElementsAre(2, 10));
  EXPECT_THAT(run.panels()[0].series[0].y, ElementsAre(.5, .1));
}

TEST(Plot, WhatCannotBeDrawnIsLeftOut) {
  const Panel empty{.title = "empty", .x_label = "", .y_label = ""};
  const std::string script = GnuplotScript(std::vector<Panel>{Lines(), empty}, "all");
  EXPECT_THAT(script, AllOf(HasSubstr("'It''s a title'"), HasSubstr("1 0.5\nEOD"), Not(HasSubstr("none")),
                            Not(HasSubstr("empty")), HasSubstr("layout 1,1")));
  EXPECT_EQ(DrawPlot(std::vector<Panel>{empty}, "all", "never.svg").code(), absl::StatusCode::kInvalidArgument);
}

TEST(Plot, LabelsCannotLeaveTheirField) {
  Panel panel{.title = "t", .x_label = "", .y_label = ""};
  panel.series = {{.name = "s", .x = {1}, .y = {2}, .mark = Mark::kPoints, .labels = {"a \"b\"\nEOD"}}};
  EXPECT_THAT(GnuplotScript(std::vector<Panel>{panel}, "t"), HasSubstr("1 2 \"a 'b' EOD\"\n"));
}

// Sets PATH while it lives.
class Path {
 public:
  explicit Path(const std::string& path) : old_(std::getenv("PATH")) { setenv("PATH", path.c_str(), 1); }
  ~Path() { setenv("PATH", old_.c_str(), 1); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

 private:
  std::string old_;
};

TEST(Plot, WithoutGnuplotThePackageIsNamedAndNoFileAppears) {
  const ScratchFolder folder;
  const std::string svg = folder.path() + "/x.svg";
  const Path nowhere(folder.path());
  const absl::Status status = DrawPlot(std::vector<Panel>{Lines()}, "all", svg);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("gnuplot-nox"));
  EXPECT_FALSE(std::filesystem::exists(svg));
}

TEST(Plot, AFailingGnuplotLeavesTheOldFile) {
  const ScratchFolder folder;
  const std::string svg = folder.path() + "/x.svg", gnuplot = folder.path() + "/gnuplot";
  std::ofstream(gnuplot) << "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\necho '<svg'\necho 'bad axis' >&2\nexit 1\n";
  std::filesystem::permissions(gnuplot, std::filesystem::perms::owner_all);
  std::ofstream(svg) << "old";
  const Path fake(folder.path());
  const absl::Status status = DrawPlot(std::vector<Panel>{Lines()}, "all", svg);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("x.svg"), HasSubstr("bad axis")));
  EXPECT_EQ((std::ostringstream() << std::ifstream(svg).rdbuf()).str(), "old");
}

TEST(Plot, AllKindsOfPanelsAreDrawn) {
  if (!CheckGnuplot().ok()) GTEST_SKIP() << "no gnuplot";
  const ScratchFolder folder;
  Panel cloud{.title = "cloud", .x_label = "a", .y_label = "b"};
  cloud.series = {{.name = "c", .x = {1, 2}, .y = {3, 4}, .mark = Mark::kPoints, .labels = {}, .colors = {.1, .9}}};
  Panel space{.title = "space", .x_label = "a", .y_label = "b"};
  space.series = {{.name = "c", .x = {1, 2}, .y = {3, 4}, .z = {5, 6}, .mark = Mark::kPoints}};
  Panel named{.title = "named", .x_label = "", .y_label = "", .log_y = false, .ticks = {"one", "two"}};
  named.series = {{.name = "c", .x = {0, 1}, .y = {3, 4}, .mark = Mark::kPoints, .labels = {"p", "q r"}}};
  const std::vector<Panel> panels = {Lines(), cloud, space, named};
  const std::string svg = folder.path() + "/x.svg";
  ASSERT_TRUE(DrawPlot(panels, "all", svg).ok()) << DrawPlot(panels, "all", svg);
  const std::string text = (std::ostringstream() << std::ifstream(svg).rdbuf()).str();
  for (const char* part : {"<svg", "</svg>", "title", "cloud", "space", "named", "q r", "two"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

}  // namespace
}  // namespace conec::simec::experiments
