// simec map: words or documents in a plane.
#include "tools/simec/command.h"

#include <ATen/Functions.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "simec_core/model.h"
#include "simec_core/model_file.h"
#include "simec_core/tensor_status.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/simec/data.h"
#include "tools/simec/map/drawing.h"
#include "tools/simec/map/embedded.h"
#include "tools/simec/map/fit.h"
#include "tools/simec/map/words.h"
#include "tools/simec/plot.h"

namespace conec::simec {
namespace {

constexpr std::size_t kDefaultFrequent = 300;

struct MapFlags {
  MapWordOptions words;
  std::string input;
  std::vector<std::string> projected;
  MapFitOptions fit;
  std::string output = "-", plot, encoder;
  MapDrawing drawing;
};

void AddWordOptions(CLI::App& app, MapWordOptions& words) {
  constexpr const char* kGroup = "Words of a model";
  app.add_option("--words", words.words, "these words")->type_name("WORD...")->delimiter(',')->group(kGroup);
  app.add_option("--words-file", words.word_file, "and the words of this file")->type_name("FILE")->group(kGroup);
  app.add_option("--frequent", words.frequent,
                 fmt::format("and the N most frequent ones; {} if no words are asked for", kDefaultFrequent))
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kGroup);
  app.add_option("--skip", words.skip, "of the most frequent ones, leave out the first N")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kGroup);
  app.add_option("--neighbours-of", words.neighbours_of, "and these words with those that are most like them")
      ->type_name("WORD...")
      ->delimiter(',')
      ->group(kGroup);
  app.add_option("-k,--neighbours", words.neighbours, "how many for each")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kGroup);
  cli::AddOneOf(app, "--vectors", words.vectors, "word2vec|conec",
                "the trained input vectors or the global ConEc vectors; without it conec if the model has them")
      ->group(kGroup);
  app.add_option("--own-weight", words.encoder.own_weight, "how much a word counts in its own global context (conec)")
      ->type_name("X")
      ->check(cli::Weight())
      ->group(kGroup);
  app.add_flag("--unit-parts", words.encoder.unit_parts,
               "scale the contexts and the word itself to unit length before they are mixed (conec)")
      ->group(kGroup);
  cli::AddOutputWeightOption(app, words.encoder.output_weight)->group(kGroup);
  app.add_flag("--center,!--no-center", words.encoder.center, "subtract the direction that all contexts share (conec)")
      ->group(kGroup);
}

void AddAddedOptions(CLI::App& app, MapFlags& options) {
  constexpr const char* kGroup = "Points that are projected into the map";
  MapWordOptions& words = options.words;
  app.add_option("--document", words.documents,
                 "words as this text uses them: those outside the vocabulary, by their ConEc vectors (--model)")
      ->type_name("FILE...")
      ->group(kGroup);
  app.add_option("--document-words", words.document_words, "of the documents these words instead, known or not")
      ->type_name("WORD...")
      ->delimiter(',')
      ->group(kGroup);
  app.add_option("--global-weight", words.encoder.global_weight,
                 "how much of the vector of a known word in a document comes from the whole corpus")
      ->type_name("A")
      ->group(kGroup);
  app.add_option("--project", options.projected, "all vectors of another output of conec-embed")
      ->type_name("FILE...")
      ->group(kGroup);
}

void AddFitOptions(CLI::App& app, MapFitOptions& fit) {
  constexpr const char* kGroup = "Network";
  cli::AddChoice(app, "--similarity", fit.target, ParseMapTarget, "cosine|geodesic",
                 "what the map keeps: cosines, or distances along the graph of nearest neighbours")
      ->group(kGroup);
  app.add_option("--graph-neighbours", fit.neighbours, "geodesic: edges of the graph per point")
      ->type_name("N")
      ->group(kGroup);
  const auto assign = [&fit](const std::string& text) {
    absl::StatusOr<std::vector<HiddenLayer>> parsed = ParseHiddenLayers(text);
    if (!parsed.ok()) throw CLI::ValidationError("--hidden", std::string(parsed.status().message()));
    fit.hidden = *std::move(parsed);
  };
  app.add_option_function<std::string>("--hidden", assign, "hidden layers, SIZE[:ACTIVATION],...; \"\": none")
      ->type_name("LAYERS")
      ->default_str(FormatHiddenLayers(fit.hidden))
      ->group(kGroup);
  app.add_option("--l2", fit.l2, "of weights")->type_name("R")->group(kGroup);
  app.add_option("--lr", fit.training.learning_rate, "learning rate")->type_name("R")->group(kGroup);
  app.add_option("--epochs", fit.training.epochs, fmt::format("each takes every point {} times", kMapCopies))
      ->type_name("N")
      ->group(kGroup);
  app.add_option("--noise", fit.noise, "that is added to vectors in training, as a part of their length")
      ->type_name("R")
      ->group(kGroup);
  app.add_option("--batch", fit.training.batch, "points per step")->type_name("N")->group(kGroup);
  app.add_option("--seed", fit.training.seed, "of weights and of the order of points")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->group(kGroup);
}

// Of x.npy.
std::string NamesPath(const std::string& path) {
  return path.substr(0, path.size() - 4) + ".words.tsv";
}

void AddOptions(CLI::App& app, cli::Program& program, MapFlags& options) {
  app.add_option("--model", options.words.model,
                 "words of this model of conec-train, or of anybody's vectors (word2vec, GloVe, fastText .vec)")
      ->type_name("FILE");
  cli::AddVerifyOption(app, options.words.verify);
  app.add_option("--input,input", options.input,
                 "instead, documents or words as conec-embed wrote them: .jsonl, .tsv or .npy; words outside the "
                 "vocabulary are projected")
      ->type_name("FILE");
  app.add_option("--output", options.output,
                 "the coordinates, by the ending .csv, .tsv or .npy (names in .words.tsv); -: CSV to standard output")
      ->type_name("FILE");
  app.add_option("--plot", options.plot, "the drawing, by gnuplot")->type_name("FILE.svg");
  app.add_option("--encoder", options.encoder, "the network, for simec embed")->type_name("FILE");
  app.add_option("--title", options.drawing.title, "of the drawing");
  app.add_option("--size", options.drawing.width, "of the drawing, in pixels")->type_name("N");
  app.add_flag("--all-labels", options.drawing.all_labels, "draw also the names that cover others");
  AddWordOptions(app, options.words);
  AddAddedOptions(app, options);
  AddFitOptions(app, options.fit);
  cli::AddThreadsOption(app, options.words.threads);
  program.Writes(app.get_option("--output"), [&options]() -> std::vector<std::string> {
    return {options.output.ends_with(".npy") ? NamesPath(options.output) : ""};
  });
  program.Writes(app.get_option("--plot"));
  program.Writes(app.get_option("--encoder"));
  program.AddJson(app);
  app.footer(
      "Example:\n"
      "  simec map --model my.conec --frequent 500 --skip 100 --output map.csv --plot map.svg\n"
      "  simec map --model my.conec --neighbours-of king,physics -k 40 --document report.txt --plot map.svg\n"
      "  conec-embed --model my.conec --input docs --pool mean --output docs.jsonl\n"
      "  simec map docs.jsonl --plot docs.svg");
}

absl::Status CheckSources(const CLI::App& app, const MapFlags& options) {
  if (options.words.model.empty() == options.input.empty()) {
    return InvalidArgument("exactly one of --model and --input is needed");
  }
  if (options.words.model.empty()) {
    return cli::CheckNotGiven(app,
                              {"--words", "--words-file", "--frequent", "--skip", "--neighbours-of", "--neighbours",
                               "--vectors", "--own-weight", "--unit-parts", "--output-weight", "--center", "--document",
                               "--document-words", "--global-weight", "--verify"},
                              "is for --model");
  }
  if (options.words.documents.empty()) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--document-words", "--global-weight"}, "needs --document FILE"));
  } else if (options.words.vectors == "word2vec") {
    return InvalidArgument("--document makes ConEc vectors: leave out --vectors word2vec");
  }
  if (options.words.vectors == "word2vec") {
    return cli::CheckNotGiven(app, {"--own-weight", "--unit-parts", "--output-weight", "--center"},
                              "is for --vectors conec");
  }
  return absl::OkStatus();
}

absl::Status CheckOutputs(const MapFlags& options) {
  if (!options.plot.empty() && !options.plot.ends_with(".svg")) {
    return InvalidArgument("--plot draws .svg files, not '{}'", options.plot);
  }
  if (options.drawing.width < 100 || options.drawing.width > 20000) {
    return InvalidArgument("--size must be from 100 to 20000, got {}", options.drawing.width);
  }
  return absl::OkStatus();
}

absl::Status Check(const CLI::App& app, MapFlags& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.words.threads));
  CONEC_RETURN_IF_ERROR(CheckSources(app, options));
  CONEC_RETURN_IF_ERROR(CheckOutputs(options));
  if (!(options.words.encoder.global_weight >= 0 && options.words.encoder.global_weight <= 1)) {
    return InvalidArgument("--global-weight must be between 0 and 1, got {}", options.words.encoder.global_weight);
  }
  if (options.fit.neighbours < 1) {
    return InvalidArgument("--graph-neighbours must be at least 1, got {}", options.fit.neighbours);
  }
  if (!(options.fit.noise >= 0 && options.fit.noise <= 100)) {
    return InvalidArgument("--noise must be from 0 to 100, got {}", options.fit.noise);
  }
  if (!(options.fit.l2 >= 0)) return InvalidArgument("--l2 must be at least 0, got {}", options.fit.l2);
  const MapWordOptions& words = options.words;
  if (words.words.empty() && words.word_file.empty() && words.neighbours_of.empty() && words.frequent == 0) {
    options.words.frequent = kDefaultFrequent;
  }
  options.drawing.height = options.drawing.width;
  return CheckTrainOptions(options.fit.training);
}

absl::Status AddProjected(const MapFlags& options, MapInput& input) {
  for (const std::string& path : options.projected) {
    CONEC_ASSIGN_OR_RETURN(const MapInput more, ReadEmbedded(path));
    for (const MapPoints& points : {more.shown, more.added}) {
      if (points.size() > 0 && points.dim != input.shown.dim) {
        return InvalidArgument("'{}' has vectors of {} numbers, the map is made of vectors of {}", path, points.dim,
                               input.shown.dim);
      }
      for (std::size_t i = 0; i < points.size(); ++i) input.added.Add(points.names[i], points.vector(i));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<MapWords> LoadInput(const MapFlags& options) {
  MapWords words;
  if (options.words.model.empty()) {
    CONEC_ASSIGN_OR_RETURN(words.input, ReadEmbedded(options.input));
  } else {
    CONEC_ASSIGN_OR_RETURN(words, LoadMapWords(options.words));
  }
  CONEC_RETURN_IF_ERROR(AddProjected(options, words.input));
  return words;
}

// Every point with its coordinates: x, y, and 1 if it was projected.
MatrixFile TableOf(const MapInput& input, const at::Tensor& shown, const at::Tensor& added) {
  MatrixFile table;
  table.row_names = input.shown.names;
  table.row_names.insert(table.row_names.end(), input.added.names.begin(), input.added.names.end());
  table.column_names = {"x", "y", "projected"};
  const at::Tensor projected = at::cat({at::zeros({shown.size(0), 1}), at::ones({added.size(0), 1})});
  table.values = at::cat({at::cat({shown, added}), projected}, 1).contiguous();
  return table;
}

absl::Status WriteNames(const std::string& path, const MapInput& input) {
  std::string text;
  for (const std::string& name : input.shown.names) text += name + "\t0\n";
  for (const std::string& name : input.added.names) text += name + "\t1\n";
  return WriteFile(path, text);
}

absl::Status WriteTable(const std::string& path, const MapInput& input, const MatrixFile& table) {
  if (path.ends_with(".npy")) {
    CONEC_RETURN_IF_ERROR(WriteNames(NamesPath(path), input));
    return WriteMatrixFile(path, {table.values.dense().narrow(1, 0, 2).contiguous(), {}, {}});
  }
  if (path != "-") return WriteMatrixFile(path, table);
  return WriteMatrixText(table, ',', cli::PrintText);
}

std::vector<Place> PlacesOf(const MatrixFile& table) {
  const auto values = table.values.dense().accessor<float, 2>();
  std::vector<Place> places;
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    places.push_back({table.row_names[static_cast<std::size_t>(i)], values[i][0], values[i][1], values[i][2] != 0});
  }
  return places;
}

absl::Status Draw(const MapFlags& options, const MatrixFile& table) {
  const std::vector<Place> places = PlacesOf(table);
  return DrawScript(MapScript(places, options.drawing), options.plot);
}

void TellLeftOut(const cli::Program& program, const MapWords& words) {
  const auto tell = [&program](const std::vector<std::string>& names, const char* why) {
    if (!names.empty()) program.Tell("note: {}: {}", why, fmt::join(names, ", "));
  };
  tell(words.missing, "not in the vocabulary, or in no document");
  tell(words.input.shown.left_out, "without a vector, left out");
  tell(words.input.added.left_out, "without a known word around them, left out");
}

cli::Json ToJson(const MapFlags& options, const MapWords& words, const Match& match) {
  cli::Json json = {{"points", words.input.shown.size()},
                    {"projected", words.input.added.size()},
                    {"r2", match.r2},
                    {"missing", words.missing}};
  for (const auto& [key, path] : {std::pair("output", &options.output), std::pair("plot", &options.plot),
                                  std::pair("encoder", &options.encoder)}) {
    if (!path->empty()) json[key] = *path;
  }
  return json;
}

absl::Status CheckFiles(const MapFlags& options) {
  if (!options.plot.empty()) CONEC_RETURN_IF_ERROR(CheckGnuplot());
  for (const std::string& path : {options.output, options.plot, options.encoder}) {
    if (!path.empty() && path != "-") CONEC_RETURN_IF_ERROR(cli::CheckWritable(path));
  }
  return absl::OkStatus();
}

absl::Status Run(const cli::Program& program, MapFlags& options) {
  cli::CatchStopSignals();
  CONEC_RETURN_IF_ERROR(CheckFiles(options));
  CONEC_ASSIGN_OR_RETURN(const MapWords words, LoadInput(options));
  TellLeftOut(program, words);
  options.fit.training.progress = [](const EpochReport&) { return cli::StopSignal() == 0; };
  Match match;
  CONEC_ASSIGN_OR_RETURN(const SimEc map, FitMap(words.input.shown, options.fit, match));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor shown, Project(map, words.input.shown));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor added, Project(map, words.input.added));
  const MatrixFile table = TableOf(words.input, shown, added);
  if (!options.encoder.empty()) CONEC_RETURN_IF_ERROR(SaveModel(map, options.encoder));
  if (!options.plot.empty()) CONEC_RETURN_IF_ERROR(Draw(options, table));
  const bool json_alone = program.json() && options.output == "-";
  if (!json_alone) CONEC_RETURN_IF_ERROR(WriteTable(options.output, words.input, table));
  program.Tell("map: {}, {} projected, R2 with the similarities {:.3f}", cli::Count(words.input.shown.size(), "point"),
               words.input.added.size(), match.r2);
  return program.json() ? cli::PrintJson(ToJson(options, words, match)) : absl::OkStatus();
}

}  // namespace

Command AddMapCommand(cli::Program& program) {
  const auto options = std::make_shared<MapFlags>();
  CLI::App* app = program.app().add_subcommand(
      "map", "Draws words or documents in a plane: those with vectors alike lie near each other.");
  AddOptions(*app, program, *options);
  return {app, [app, options] { return Check(*app, *options); },
          [&program, options] { return Run(program, *options); }};
}

}  // namespace conec::simec
