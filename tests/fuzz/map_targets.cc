// What similarity encoders' experiments and maps read, as far as LibTorch has no part in it.
#include <algorithm>
#include <cmath>

#include "conec/model.h"
#include "tests/corpora/compress.h"
#include "tests/fuzz/text_targets.h"
#include "tests/ner/model_fixture.h"
#include "tools/simec/experiments/newsgroups.h"
#include "tools/simec/map/embedded.h"
#include "tools/simec/map/words.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;

// --- Newsgroups.

absl::Status ReadNewsgroups(std::string_view input) {
  for (const std::string_view part : {simec::experiments::StripHeader(input), simec::experiments::StripFooter(input)}) {
    Require(part.empty() || (part.data() >= input.data() && part.size() <= input.size()), "parts are of the text");
  }
  Require(simec::experiments::StripQuotes(input).size() <= input.size() + 1, "nothing is added");
  CONEC_ASSIGN_OR_RETURN(const auto posts,
                         simec::experiments::LoadNewsgroups(MemoryFile(input).path(), {"rec.autos", "sci.med"}));
  for (const auto* part : {&posts.train, &posts.test}) {
    Require(part->texts.size() == part->labels.size(), "a label per post");
    for (const std::int64_t label : part->labels) Require(label == 0 || label == 1, "labels are of groups");
  }
  return absl::OkStatus();
}

Seeds NewsgroupArchives() {
  const std::string post =
      "From: x\n\nIn article <1> y writes:\n> quoted\nfour words of text\nand more\n\n--\nsignature\n";
  std::vector<corpora::TestEntry> entries;
  for (const std::string part : {"train", "test"}) {
    for (const std::string group : {"rec.autos", "sci.med", "sci.space"}) {
      entries.push_back({fmt::format("20news-bydate-{}/{}/101", part, group), post, "", false});
    }
  }
  return {corpora::MakeArchive("ustar", "", entries), corpora::MakeArchive("ustar", "gzip", entries)};
}

// --- Maps.

void CheckPoints(const simec::MapPoints& points) {
  Require(points.values.size() == points.size() * points.dim, "a vector per point");
  for (const float value : points.values) Require(std::isfinite(value), "vectors are finite");
}

// Vectors, and labels beside them where the format has those.
absl::Status ReadMapVectors(std::string_view input) {
  const TemporaryFolder folder;
  const auto files = SplitFiles(input, 2);
  folder.Write("y.words.tsv", files[0]);
  absl::Status status;
  for (const char* name : {"y.npy", "x.jsonl", "x.tsv"}) {
    const bool labelled = std::string_view(name) == "y.npy";
    const auto read = simec::ReadEmbedded(folder.Write(name, labelled ? files[1] : input));
    if (read.ok()) {
      CheckPoints(read->shown);
      CheckPoints(read->added);
    }
    status = read.status();
    if (status.ok()) break;
  }
  return status;
}

Seeds MapVectors() {
  const std::string labels = "0\ta\t3\t1\n0\tb/c.txt\t2\t0\n";
  std::string array("\x93NUMPY\x01\0\x76\0", 10);
  array += "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
  array.resize(127, ' ');
  array += "\n" + std::string("\0\0\x80\x3F\0\0\0\x3F\0\0\0\0\0\0\x80\xBF", 16);
  return {labels + kNextFile + array,
          "{\"document\": 1, \"source\": \"d.txt\", \"words\": [{\"word\": \"a\", \"known\": true, \"vector\": [1, "
          "-0.5]}, {\"word\": \"b\", \"vector\": [0, 1e-3]}]}\n{\"source\": \"e\", \"vector\": [2, 3]}\n",
          "0\ta\t3\t1\t1\t0.5\n0\tb\t2\t0\t-1e-3\t7\n"};
}

// Words to show, and a document whose words are added.
absl::Status ReadMapWords(std::string_view input) {
  static const std::string model =
      Saved([](const std::string& path) { return SaveModel(path, ner::testing::MakeModel(false)); });
  const auto files = SplitFiles(input, 2);
  const MemoryFile words(files[0]), document(files[1]), model_file(model);
  simec::MapWordOptions options;
  options.model = model_file.path();
  options.word_file = words.path();
  options.documents = {document.path()};
  options.threads = 1;
  CONEC_ASSIGN_OR_RETURN(const auto map, simec::LoadMapWords(options));
  CheckPoints(map.input.shown);
  CheckPoints(map.input.added);
  return absl::OkStatus();
}

Seeds MapWords() {
  return {std::string("w1 w2\nW3\n\nnone\n") + kNextFile + "w1 w4 unknown w5\nw2 w1 other\n"};
}

}  // namespace

std::vector<Target> MapTargets() {
  return {{.name = "newsgroups", .run = ReadNewsgroups, .seeds = NewsgroupArchives, .iterations = 300},
          {.name = "map-vectors", .run = ReadMapVectors, .seeds = MapVectors, .iterations = 500},
          {.name = "map-words", .run = ReadMapWords, .seeds = MapWords, .iterations = 300}};
}

}  // namespace conec::fuzz
