// The map that simec map draws of text whose meaning is known: nouns of one category lie together, and words that the
// model has never seen come to lie in their category.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

constexpr std::size_t kNeighbours = 7;

struct Point {
  std::string category;
  double x = 0, y = 0;
  bool projected = false;
};

double Distance(const Point& a, const Point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

// The most frequent category among the nearest nouns that the map was fitted to.
std::string Vote(const std::vector<Point>& points, const Point& point) {
  std::vector<std::pair<double, std::string>> others;
  for (const Point& other : points) {
    if (!other.projected && &other != &point) others.emplace_back(Distance(point, other), other.category);
  }
  std::sort(others.begin(), others.end());
  std::map<std::string, int> votes;
  for (std::size_t i = 0; i < kNeighbours; ++i) ++votes[others[i].second];
  return std::max_element(votes.begin(), votes.end(), [](auto& a, auto& b) { return a.second < b.second; })->first;
}

double PartFound(const std::vector<Point>& points, bool projected) {
  double found = 0, all = 0;
  for (const Point& point : points) {
    if (point.projected != projected) continue;
    ++all;
    if (Vote(points, point) == point.category) ++found;
  }
  return found / all;
}

// Mean distance of words of one category, as a part of that of words of two.
double RelativeDistance(const std::vector<Point>& points) {
  double alike = 0, alike_pairs = 0, other = 0, other_pairs = 0;
  for (const Point& a : points) {
    for (const Point& b : points) {
      if (&a == &b || a.projected || b.projected) continue;
      (a.category == b.category ? alike : other) += Distance(a, b);
      ++(a.category == b.category ? alike_pairs : other_pairs);
    }
  }
  return (alike / alike_pairs) / (other / other_pairs);
}

TEST(MapOfTheSampleCorpus, ShowsCategoriesAndPutsUnknownWordsIntoThem) {
  const TempFolder folder;
  const auto run = [&folder](const std::vector<std::string>& command) {
    const RunResult result = RunProgram(command, {.folder = folder.path()});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.out;
  };
  run({"conec-sample-corpus", "--words", "300000", "--output", "."});
  run({"conec-train", "--input", "text.txt", "--input-format", "paragraph", "--output", "model.conec", "--dim", "48",
       "--negatives", "5", "--epochs", "4", "--threads", "1", "--progress", "none"});
  const auto truth = nlohmann::json::parse(ReadAll(folder / "ground_truth.json"));
  std::map<std::string, std::string> category_of;
  std::string nouns, invented;
  for (const auto& category : truth["categories"]) {
    for (const std::string word : category["words"]) {
      nouns += word + "\n";
      category_of[word] = category["name"];
    }
  }
  WriteAll(folder / "nouns.txt", nouns);
  std::vector<std::string> command = {"simec",     "map",       "--model", "model.conec", "--words-file",
                                      "nouns.txt", "--threads", "1",       "--document"};
  for (const auto& word : truth["invented"]) {
    command.push_back(word["file"]);
    category_of[word["word"]] = word["category"];
    invented += (invented.empty() ? "" : ",") + word["word"].get<std::string>();
  }
  command.insert(command.end(), {"--document-words", invented});
  std::vector<Point> points;
  std::istringstream lines(run(command));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, x, y, projected;
    std::getline(fields, name, ',');
    std::getline(fields, x, ',');
    std::getline(fields, y, ',');
    std::getline(fields, projected);
    points.push_back({category_of.at(name.substr(0, name.find(" ("))), std::stod(x), std::stod(y), projected == "1"});
  }
  ASSERT_GT(points.size(), 400U);
  RecordProperty("relative_distance", std::to_string(RelativeDistance(points)));
  std::printf("relative distance %.3f, nouns %.3f, unknown words %.3f\n", RelativeDistance(points),
              PartFound(points, false), PartFound(points, true));
  EXPECT_LT(RelativeDistance(points), 0.25);
  EXPECT_GT(PartFound(points, false), 0.75);  // chance is 1/16
  EXPECT_GT(PartFound(points, true), 0.6);
}

}  // namespace
}  // namespace conec::testing_tools
