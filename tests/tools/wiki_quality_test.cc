// Keeps what the README promises on real text: analogies, unknown words, memory. Needs CONEC_DATA with wiki8.zst (100
// MB of Wikipedia, filtered as text8 is) and questions-words.txt; about two minutes on two cores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

using Json = nlohmann::json;

class WikiQuality : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* data = std::getenv("CONEC_DATA");
    if (data == nullptr || !std::filesystem::exists(std::string(data) + "/wiki8.zst")) return;
    data_ = data;
    folder_ = std::make_unique<TempFolder>();
    const RunResult trained = RunProgram({"conec-train",
                                          "--input",
                                          data_ + "/wiki8.zst",
                                          "--output",
                                          *folder_ / "model",
                                          "--tokenizer",
                                          "whitespace",
                                          "--dim",
                                          "200",
                                          "--window",
                                          "5",
                                          "--negatives",
                                          "13",
                                          "--sample",
                                          "0",
                                          "--min-count",
                                          "5",
                                          "--epochs",
                                          "5",
                                          "--threads",
                                          "2",
                                          "--progress",
                                          "none",
                                          "--json"});
    ASSERT_EQ(trained.exit_code, 0) << trained.error;
    training_ = Json::parse(trained.out);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (folder_ == nullptr) GTEST_SKIP() << "CONEC_DATA names no folder with wiki8.zst";
  }

  static Json Analogies(const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-analogy",
                                        "--model",
                                        *folder_ / "model",
                                        "--questions",
                                        data_ + "/questions-words.txt",
                                        "--restrict-vocab",
                                        "30000",
                                        "--json"};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return Json::parse(result.out);
  }

  static double Accuracy(const Json& report, const std::string& section) {
    for (const Json& entry : report["sections"]) {
      if (entry["name"] == section) return entry["accuracy"];
    }
    return -1;
  }

  static inline std::string data_;
  static inline std::unique_ptr<TempFolder> folder_;
  static inline Json training_;
};

TEST_F(WikiQuality, CountsAndMemoryAreAsStated) {
  EXPECT_EQ(training_["tokens"], 16936381);
  EXPECT_EQ(training_["vocabulary"], 67939);
  EXPECT_LT(training_["peak_rss_kb"], 450 * 1024);
}

TEST_F(WikiQuality, AnalogiesReachThePeers) {
  const Json word2vec = Analogies({"--vectors", "word2vec"});
  EXPECT_EQ(word2vec["total"]["answered"], 11911);
  EXPECT_GE(word2vec["total"]["accuracy"], 39.0);  // measured 41.4 to 41.6; fastText 38.0, gensim 36.1, word2vec.c 36.0
  const Json conec = Analogies({"--vectors", "conec"});
  for (const char* section : {"capital-world", "city-in-state"}) {
    EXPECT_GE(Accuracy(conec, section), Accuracy(word2vec, section) + 4) << section;  // measured + 7 to + 9
  }
  // Measured 44.7 to 45.0.
  EXPECT_GE(conec["total"]["accuracy"], word2vec["total"]["accuracy"].get<double>() + 2.5);
  EXPECT_GE(conec["total"]["accuracy"], 43.0);
}

TEST_F(WikiQuality, AnInventedWordIsWhatItsDocumentSays) {
  const std::map<std::string, std::string> documents = {
      {"animal",
       "The wampimuk is a small mammal that lives in the forests of South America. Like other rodents the wampimuk "
       "eats leaves, "
       "fruit and insects, and the female wampimuk gives birth to two or three young each year. Its fur is brown and "
       "its tail "
       "is long. Wampimuks are hunted by larger predators such as the jaguar, and some farmers regard the wampimuk as "
       "a pest. "
       "A wampimuk can climb trees and dig burrows."},
      {"instrument",
       "The wampimuk is a musical instrument with six strings. Players of the wampimuk usually accompany singers, and "
       "the "
       "wampimuk is often heard with the guitar, the flute and drums in folk music. He played the wampimuk in a jazz "
       "band and "
       "composed several pieces for wampimuk and piano. The sound of the wampimuk is produced by plucking the "
       "strings."},
      {"city",
       "Wampimuk is the second largest city in the country, with a population of three hundred thousand. The city of "
       "Wampimuk "
       "lies on the river near the coast, and its port and airport serve the whole region. The university of Wampimuk "
       "was "
       "founded in the nineteenth century, and trains run from Wampimuk to the capital. The mayor of Wampimuk lives in "
       "the old "
       "town."}};
  const std::map<std::string, std::set<std::string>> kinds = {
      {"animal", {"octopuses",   "butterflies",  "aphids",      "termites", "larvae",     "wasps", "tortoises",
                  "lizards",     "insects",      "salamanders", "snails",   "marsupials", "mites", "predatory",
                  "carnivorous", "herbivores",   "birds",       "rodents",  "burrowing",  "ants",  "grubs",
                  "beetles",     "caterpillars", "predators",   "prey",     "insect"}},
      {"instrument", {"flute",      "accordion",     "cello",
                      "cornet",     "clarinet",      "harp",
                      "lute",       "trumpet",       "fiddle",
                      "guitar",     "mandolin",      "melody",
                      "ensemble",   "instrument",    "woodwind",
                      "violin",     "banjo",         "percussion",
                      "bassists",   "orchestral",    "solos",
                      "bluegrass",  "accompaniment", "chorus",
                      "jazz",       "ensembles",     "instrumentalists",
                      "tunes",      "tune",          "harpsichord",
                      "guitarists", "drummers",      "piano"}},
      {"city",
       {"town",    "suburb",       "outskirts", "city",       "borough", "village",   "district", "municipality",
        "centre",  "seaport",      "situated",  "waterfront", "county",  "province",  "belfast",  "neighbourhood",
        "suburbs", "metropolitan", "suburban",  "cardiff",    "dublin",  "amsterdam", "brussels", "downtown"}}};
  for (const auto& [kind, text] : documents) {
    const TempFolder folder;
    WriteAll(folder / "d.txt", text);
    const RunResult result = RunProgram({"conec-nn", "--model", *folder_ / "model", "--document", folder / "d.txt",
                                         "--word", "wampimuk", "-k", "30", "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.error;
    std::map<std::string, int> found;
    const Json answer = Json::parse(result.out);
    for (const Json& neighbour : answer["queries"][0]["neighbours"]) {
      for (const auto& [name, words] : kinds)
        found[name] += static_cast<int>(words.contains(neighbour["word"].get<std::string>()));
    }
    for (const auto& [name, words] : kinds) {
      if (name == kind) {
        EXPECT_GE(found[name], 6) << result.out;  // measured 11 to 20
      } else {
        EXPECT_LE(found[name], 1) << "a document about a kind of " << kind;
      }
    }
  }
}

}  // namespace
}  // namespace conec::testing_tools
