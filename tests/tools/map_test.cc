// simec map: words and documents in a plane, as a user draws them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/tools/sample_fixture.h"
#include "tools/simec/map/drawing.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

struct Point {
  std::string name;
  double x = 0, y = 0, projected = 0;
};

std::vector<Point> FromCsv(const std::string& text) {
  std::vector<Point> points;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, ",x,y,projected");
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    Point point;
    std::string field;
    std::getline(fields, point.name, ',');
    for (double* number : {&point.x, &point.y, &point.projected}) {
      std::getline(fields, field, ',');
      *number = std::stod(field);
    }
    points.push_back(point);
  }
  return points;
}

std::vector<std::string> Names(const std::vector<Point>& points) {
  std::vector<std::string> names;
  for (const Point& point : points) names.push_back(point.name);
  return names;
}

double Distance(const Point& a, const Point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

// Numbers around one of three directions of six-dimensional space.
std::string Vector(int group, PhiloxStream& random, const char* separator) {
  std::ostringstream text;
  for (int j = 0; j < 6; ++j) {
    text << (j > 0 ? separator : "") << (j / 2 == group ? 1.0 : 0.0) + 0.3 * (random.Uniform() - 0.5);
  }
  return text.str();
}

// Words of the kinds a, b and c: a0 b0 c0 a1 b1 c1 ...
class MapProgram : public ::testing::Test {
 protected:
  static constexpr int kWords = 30;

  void SetUp() override {
    PhiloxStream random(5, 1);
    std::string vectors = std::to_string(kWords) + " 6\n", more;
    for (int i = 0; i < kWords; ++i) {
      vectors += std::string(1, static_cast<char>('a' + i % 3)) + std::to_string(i / 3) + " " +
                 Vector(i % 3, random, " ") + "\n";
    }
    WriteAll(folder_ / "vectors.txt", vectors);
    for (int i = 0; i < 3; ++i) {
      more += R"({"document": )" + std::to_string(i) + R"(, "source": "docs/new)" + std::to_string(i) +
              R"(.txt", "tokens": 9, "zero": false, "vector": [)" + Vector(i, random, ",") + "]}\n";
    }
    WriteAll(folder_ / "new.jsonl", more);
  }

  RunResult Map(const std::vector<std::string>& more) {
    std::vector<std::string> command = {"simec", "map", "--graph-neighbours", "5"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command, {.folder = folder_.path()});
  }
  std::vector<Point> MapOf(const std::vector<std::string>& more) {
    const RunResult result = Map(more);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return FromCsv(result.out);
  }
  void ExpectError(const std::vector<std::string>& more, int code, const std::string& words) {
    const RunResult result = Map(more);
    EXPECT_EQ(result.exit_code, code) << result.error;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.error, HasSubstr(words));
  }

  TempFolder folder_;
};

TEST_F(MapProgram, WordsOfOneKindLieTogetherAndSoDoProjectedOnes) {
  for (const char* similarity : {"geodesic", "cosine"}) {
    const std::vector<Point> points =
        MapOf({"--model", "vectors.txt", "--similarity", similarity, "--project", "new.jsonl"});
    ASSERT_EQ(points.size(), static_cast<std::size_t>(kWords) + 3);
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(points[i].projected, i < static_cast<std::size_t>(kWords) ? 0 : 1);
      double farthest_alike = 0, nearest_other = 1e9;
      for (std::size_t j = 0; j < static_cast<std::size_t>(kWords); ++j) {
        double& extreme = i % 3 == j % 3 ? farthest_alike : nearest_other;
        const double distance = Distance(points[i], points[j]);
        extreme = i % 3 == j % 3 ? std::max(extreme, distance) : std::min(extreme, distance);
      }
      EXPECT_LT(farthest_alike, nearest_other) << similarity << " " << points[i].name;
    }
    EXPECT_EQ(points.back().name, "new2");
  }
}

TEST_F(MapProgram, WordsAreChosenInEveryWayAndEachIsShownOnce) {
  WriteAll(folder_ / "list.txt",
           "\xEF\xBB\xBF"
           "c1\nb2 a0\n");
  const std::vector<Point> points = MapOf({"--model", "vectors.txt", "--words", "a0,a1", "--words-file", "list.txt",
                                           "--frequent", "2", "--skip", "20", "--neighbours-of", "b4", "-k", "2"});
  ASSERT_EQ(points.size(), 9U);
  std::vector<std::string> names = Names(points);
  EXPECT_THAT(std::vector<std::string>(names.begin(), names.begin() + 5), ElementsAre("a0", "a1", "c1", "b2", "b4"));
  EXPECT_EQ(names[5][0], 'b');
  EXPECT_EQ(names[6][0], 'b');
  EXPECT_THAT(std::vector<std::string>(names.begin() + 7, names.end()), ElementsAre("c6", "a7"));
}

TEST_F(MapProgram, WordsThatNothingKnowsAreNamedAndTheOthersShown) {
  const RunResult result =
      Map({"--model", "vectors.txt", "--words", "a0,a1,b0,c0,zorblax", "--output", "map.csv", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["points"], 4);
  EXPECT_EQ(json["missing"], Json({"zorblax"}));
  EXPECT_THAT(result.error, HasSubstr("zorblax"));
  ExpectError({"--model", "vectors.txt", "--words", "zorblax"}, 1, "none of these words");
  ExpectError({"--model", "vectors.txt", "--words", "a0,b0"}, 1, "4 to 16000 points, not 2");
}

TEST_F(MapProgram, TheEncoderEmbedsFurtherVectorsAtTheSamePlaces) {
  const std::vector<Point> points = MapOf({"--model", "vectors.txt", "--encoder", "map.simec"});
  std::istringstream lines(ReadAll(folder_ / "vectors.txt"));
  std::string line, csv;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name;
    std::vector<double> x(6);
    fields >> name;
    double squares = 0;
    for (double& number : x) {
      fields >> number;
      squares += number * number;
    }
    for (std::size_t j = 0; j < x.size(); ++j) csv += (j > 0 ? "," : "") + std::to_string(x[j] / std::sqrt(squares));
    csv += "\n";
  }
  WriteAll(folder_ / "x.csv", csv);
  const RunResult embed =
      RunProgram({"simec", "embed", "--model", "map.simec", "--input", "x.csv"}, {.folder = folder_.path()});
  ASSERT_EQ(embed.exit_code, 0) << embed.error;
  std::istringstream rows(embed.out);
  for (const Point& point : points) {
    std::string x, y;
    std::getline(rows, x, ',');
    std::getline(rows, y);
    EXPECT_NEAR(std::stod(x), point.x, 1e-4);
    EXPECT_NEAR(std::stod(y), point.y, 1e-4);
  }
}

TEST_F(MapProgram, EqualSeedsDrawEqualMaps) {
  const std::string one = Map({"--model", "vectors.txt", "--seed", "4"}).out;
  EXPECT_EQ(Map({"--model", "vectors.txt", "--seed", "4"}).out, one);
  EXPECT_NE(Map({"--model", "vectors.txt", "--seed", "5"}).out, one);
}

TEST_F(MapProgram, ArraysHaveTheirNamesBesideThem) {
  const RunResult result = Map({"--model", "vectors.txt", "--output", "map.npy", "--project", "new.jsonl"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(ReadAll(folder_ / "map.npy"), HasSubstr("(33, 2)"));
  EXPECT_THAT(ReadAll(folder_ / "map.words.tsv"), HasSubstr("a0\t0\nb0\t0\n"));
  EXPECT_THAT(ReadAll(folder_ / "map.words.tsv"), HasSubstr("c9\t0\nnew0\t1\n"));
}

TEST_F(MapProgram, WhatCannotBeDrawnIsRefused) {
  ExpectError({}, 2, "exactly one of --model and --input");
  ExpectError({"--model", "vectors.txt", "--input", "new.jsonl"}, 2, "exactly one of");
  ExpectError({"--input", "new.jsonl", "--words", "a0"}, 2, "--words is for --model");
  ExpectError({"--input", "new.jsonl", "--verify"}, 2, "--verify is for --model");
  ExpectError({"--model", "vectors.txt", "--document-words", "a0"}, 2, "--document-words needs --document");
  ExpectError({"--model", "vectors.txt", "--plot", "map.png"}, 2, "map.png");
  ExpectError({"--model", "vectors.txt", "--lr", "-1"}, 2, "learning");
  ExpectError({"--model", "vectors.txt", "--hidden", "5:softmax"}, 2, "softmax");
  ExpectError({"--model", "vectors.txt", "--output", "vectors.txt"}, 2, "would overwrite --model");
  ExpectError({"--model", "none.txt"}, 1, "none.txt");
  ExpectError({"--model", "vectors.txt", "--output", "none/map.csv"}, 1, "none/map.csv");
  ExpectError({"--model", "vectors.txt", "--document", "new.jsonl"}, 1, "no global context");
  WriteAll(folder_ / "wide.jsonl", R"({"document": 0, "source": "w", "vector": [1, 2]})");
  ExpectError({"--model", "vectors.txt", "--project", "wide.jsonl"}, 1, "vectors of 2 numbers");
  for (const auto& [name, text, message] : std::vector<std::array<std::string, 3>>{
           {"a.jsonl", "{\"vector\": [1]}\n{\"vector\": [1, 2]}\n", "a.jsonl:2: 2 numbers, the vectors before have 1"},
           {"b.jsonl", "[1]\n", "b.jsonl:1: this is no JSON object"},
           {"c.jsonl", "{\"words\": [{\"vector\": [\"x\"]}]}\n",
            "c.jsonl:1: the vector has an entry that is no number"},
           {"d.jsonl", "{\"vector\": [1e999]}\n", "d.jsonl:1: "},
           {"e.tsv", "0\tword\t1\t1\t2\tx\n", "e.tsv:1: 'x' is no number"},
           {"f.tsv", "word 1 2\n", "f.tsv:1: expected document, word, count"},
           {"g.tsv", "", "g.tsv' has no vectors"},
           {"h.doc", "x", ".jsonl, .tsv or .npy"}}) {
    WriteAll(folder_ / name, text);
    ExpectError({"--input", name}, 1, message);
  }
}

bool HaveGnuplot() {
  return std::system("gnuplot --version > /dev/null 2>&1") == 0;
}

TEST_F(MapProgram, TheDrawingShowsEveryWordInTheColourOfItsKind) {
  if (!HaveGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const RunResult result = Map({"--model", "vectors.txt", "--output", "map.csv", "--project", "new.jsonl", "--plot",
                                "map.svg", "--title", "it's a <map> & more", "--all-labels"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::string svg = ReadAll(folder_ / "map.svg");
  for (const char* word : {"<svg", "a0", "c9", "new1", "it's a &lt;map> &amp; more"}) {
    EXPECT_THAT(svg, HasSubstr(word));
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("map.csv", "map.svg", "new.jsonl", "vectors.txt"));
}

// The names in the block of labels.
std::vector<std::string> LabelsOf(const std::string& commands, const std::string& block) {
  std::vector<std::string> names;
  std::istringstream lines(commands);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "EOD") inside = false;
    if (inside) names.push_back(line.substr(line.find('"')));
    if (line == "$" + block + " << EOD") inside = true;
  }
  return names;
}

TEST(MapDrawing, LabelsThatWouldCoverOthersAreLeftOutUnlessAllAreWanted) {
  std::vector<simec::Place> places;
  for (int i = 0; i < 50; ++i) places.push_back({"word" + std::to_string(i), 0.5, 0.5, i == 49});
  places.push_back({"far", 5, 5, false});
  const std::string some = simec::MapScript(places, {});
  EXPECT_THAT(LabelsOf(some, "added_labels"), ElementsAre("\"word49\""));
  EXPECT_THAT(LabelsOf(some, "shown_labels"), ElementsAre("\"word0\"", "\"word1\"", "\"word2\"", "\"far\""));
  EXPECT_EQ(LabelsOf(simec::MapScript(places, {.all_labels = true}), "shown_labels").size(), 50U);
}

TEST(MapDrawing, NamesCannotLeaveTheirFields) {
  const std::vector<simec::Place> places = {{"\"; quit \n'x", 0, 0, false}, {"EOD", 1, 1, true}};
  const std::string commands = simec::MapScript(places, {.title = "a'b\nset output"});
  EXPECT_THAT(commands, HasSubstr("\"'; quit  'x\"\nEOD\n"));
  EXPECT_THAT(commands, HasSubstr("set label 'a''b set output'"));
  EXPECT_THAT(commands, Not(HasSubstr("\nquit")));
}

// Maps of a model of conec-train, and of what conec-embed makes with it.
class MapOfModel : public SampleTest {
 protected:
  RunResult Map(const std::vector<std::string>& more) {
    std::vector<std::string> command = {"simec", "map", "--epochs", "5"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command, {.folder = folder_.path()});
  }
  std::string Document(const std::string& name) { return HeldOut() + "/" + name + ".txt"; }
};

TEST_F(MapOfModel, UnknownWordsOfADocumentAreProjected) {
  const RunResult result = Map({"--model", Model(), "--frequent", "50", "--document", Document("invented_besky")});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::map<std::string, double> projected;
  for (const Point& point : FromCsv(result.out)) projected[point.name] = point.projected;
  EXPECT_EQ(projected["besky"], 1);
  EXPECT_EQ(projected.at("the"), 0);
  const RunResult chosen =
      Map({"--model", Model(), "--frequent", "50", "--document", Document("invented_besky"), "--document",
           Document("invented_blicket"), "--document-words", "besky,the,nosuchword"});
  ASSERT_EQ(chosen.exit_code, 0) << chosen.error;
  const std::vector<std::string> names = Names(FromCsv(chosen.out));
  ASSERT_EQ(names.size(), 53U);
  EXPECT_THAT(
      std::vector<std::string>(names.begin() + 50, names.end()),
      ::testing::UnorderedElementsAre("besky (invented_besky)", "the (invented_besky)", "the (invented_blicket)"));
  EXPECT_THAT(chosen.error, HasSubstr("nosuchword"));
}

TEST_F(MapOfModel, ADamagedModelIsFoundByVerify) {
  EXPECT_EQ(Map({"--verify", "--model", Model(), "--frequent", "20"}).exit_code, 0);
  std::string bytes = ReadAll(Model());
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);  // in the last table
  WriteAll(folder_ / "damaged", bytes);
  const RunResult result = Map({"--verify", "--model", "damaged", "--frequent", "20"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.error, HasSubstr("'damaged': the model fails its self-test: table 'global_context'"));
}

TEST_F(MapOfModel, EveryFormatOfConecEmbedGivesTheSameMap) {
  std::vector<std::vector<Point>> maps;
  for (const std::string unit : {"document", "word"}) {
    for (const std::string format : {"jsonl", "tsv", "npy"}) {
      const std::string file = unit + "." + format;
      std::vector<std::string> command = {"conec-embed", "--model", Model(), "--format", format, "--output", file};
      if (unit == "document") command.insert(command.end(), {"--pool", "mean"});
      command.push_back("--input");
      for (const char* name : {"besky", "blicket", "bromster", "credlet"}) {
        command.push_back(Document(std::string("invented_") + name));
      }
      const RunResult embed = RunProgram(command, {.folder = folder_.path()});
      ASSERT_EQ(embed.exit_code, 0) << embed.error;
      const RunResult result = Map({file});
      ASSERT_EQ(result.exit_code, 0) << result.error;
      maps.push_back(FromCsv(result.out));
    }
  }
  for (const std::size_t i : {0U, 3U}) {
    for (const std::size_t other : {i + 1, i + 2}) {
      ASSERT_EQ(maps[other].size(), maps[i].size());
      for (std::size_t p = 0; p < maps[i].size(); ++p) {
        EXPECT_EQ(maps[other][p].x, maps[i][p].x);
        EXPECT_EQ(maps[other][p].projected, maps[i][p].projected);
      }
    }
  }
  EXPECT_EQ(maps[0].size(), 4U);
  EXPECT_THAT(Names(maps[0]),
              ElementsAre("invented_besky", "invented_blicket", "invented_bromster", "invented_credlet"));
  EXPECT_EQ(maps[3].back().projected, 1);
}

}  // namespace
}  // namespace conec::testing_tools
