// conec-nn: the nearest neighbours of words, or of a word as one document uses it.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "conec/encoder.h"
#include "conec/model.h"
#include "tools/cli/document.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/standard_streams.h"
#include "tools/cli/text.h"
#include "word2vec/neighbours.h"

namespace conec::nn {
namespace {

using corpora::WordId;

struct Options {
  std::string model;
  bool verify = false;
  std::vector<std::string> words;
  std::string document;
  std::string vectors;  // empty: conec where the model has them
  std::size_t k = 10;
  EncoderOptions encoder;
  tokenize::TokenizerOptions tokenizer;  // where the command line says how the document is to be read
  word2vec::NeighbourOptions neighbours;
};

// A query that found its vector.
struct Query {
  std::string word;
  std::optional<WordId> id;  // nothing: not in the vocabulary
  std::vector<float> vector;
};

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  app.add_option("--model", options.model,
                 "a model of conec-train, or anybody's word vectors (word2vec, GloVe, fastText .vec)")
      ->type_name("FILE")
      ->required();
  cli::AddVerifyOption(app, options.verify);
  app.add_option("--word,word", options.words, "the words; without any they are read from standard input, one per line")
      ->type_name("WORD...");
  app.add_option(
         "--document", options.document,
         "take the words as this document uses them: their ConEc vectors, also of words outside the vocabulary; "
         "read as the model's corpus was (in the form of its words, if that was tokenised already), unless the options "
         "under Tokens say otherwise")
      ->type_name("FILE");
  cli::AddOneOf(app, "--vectors", options.vectors, "word2vec|conec",
                "the trained input vectors or the global ConEc vectors; without it conec if the model has them");
  app.add_option("-k,--neighbours", options.k, "how many neighbours")->type_name("N")->check(cli::NotNegative());
  app.add_option("--global-weight", options.encoder.global_weight,
                 "with --document: how much of a known word's vector comes from the whole corpus")
      ->type_name("A");
  app.add_option("--own-weight", options.encoder.own_weight, "how much a word counts in its own global context (conec)")
      ->type_name("X")
      ->check(cli::Weight());
  app.add_flag("--unit-parts", options.encoder.unit_parts,
               "scale the contexts and the word itself to unit length before they are mixed (conec)");
  cli::AddOutputWeightOption(app, options.encoder.output_weight);
  app.add_flag("--center", options.encoder.center, "subtract the direction that all contexts share (conec)");
  app.add_option("--restrict-vocab", options.neighbours.restrict_vocabulary,
                 "only the N most frequent words are neighbours; 0: all")
      ->type_name("N")
      ->check(cli::NotNegative());
  cli::AddTokenizerOptions(app, options.tokenizer);
  cli::AddThreadsOption(app, options.neighbours.threads);
  program.AddJson();
}

absl::Status Check(const CLI::App& app, const Options& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.neighbours.threads));
  CONEC_RETURN_IF_ERROR(tokenize::Validate(options.tokenizer));
  if (options.k == 0) return InvalidArgument("-k must be at least 1, got 0");
  if (!(options.encoder.global_weight >= 0 && options.encoder.global_weight <= 1)) {
    return InvalidArgument("--global-weight must be between 0 and 1, got {}", options.encoder.global_weight);
  }
  if (options.vectors == "word2vec") {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--own-weight", "--unit-parts", "--output-weight", "--center"},
                                             "is for --vectors conec"));
  }
  if (options.document.empty()) {
    if (app.get_option("--global-weight")->count() > 0) return InvalidArgument("--global-weight needs --document FILE");
    return absl::OkStatus();
  }
  if (options.words.empty()) return InvalidArgument("--document needs the words whose neighbours to find: --word WORD");
  if (options.vectors == "word2vec")
    return InvalidArgument("--document makes ConEc vectors: leave out --vectors word2vec");
  return absl::OkStatus();
}

// Everything that answers queries.
class Search {
 public:
  static absl::StatusOr<Search> Create(const CLI::App& app, const Options& options) {
    CONEC_ASSIGN_OR_RETURN(cli::LoadedModel loaded, cli::LoadModel(options.model, options.neighbours.threads));
    if (options.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, options.model));
    if (!options.document.empty() && loaded.model.global_context.empty()) {
      return FailedPrecondition(
          "'{}' has no global context vectors to compare with, which --document needs: give a model of conec-train, or "
          "make one with conec-convert --to model --corpus",
          options.model);
    }
    cli::VectorKind kind = cli::VectorKind::kWord2vec;
    if (options.vectors == "conec" || !options.document.empty() ||
        (options.vectors.empty() && !loaded.model.global_context.empty())) {
      kind = cli::VectorKind::kConec;
    }
    const ConecVectorOptions conec = {.own_weight = options.encoder.own_weight,
                                      .unit_parts = options.encoder.unit_parts,
                                      .output_weight = options.encoder.output_weight,
                                      .center = options.encoder.center,
                                      .unit_length = false};  // cosines do not see it; a large model is not copied
    CONEC_ASSIGN_OR_RETURN(word2vec::WordVectors vectors, cli::SelectVectors(loaded, kind, conec));
    CONEC_ASSIGN_OR_RETURN(auto nearest, word2vec::NearestNeighbours::Create(vectors, options.neighbours));
    CONEC_ASSIGN_OR_RETURN(const auto tokenizer, cli::ChooseTokenizer(app, options.tokenizer, loaded));
    return Search(std::move(loaded), tokenizer, std::move(vectors), std::move(nearest), options);
  }

  const Model& model() const { return loaded_.model; }
  const tokenize::TokenizerOptions& tokenizer() const { return tokenizer_; }

  // The vector of a word of the vocabulary, typed as it is there or as the tokenizer would write it.
  absl::StatusOr<Query> Known(const std::string& typed) const {
    CONEC_ASSIGN_OR_RETURN(const std::string word, Normalize(typed));
    const auto id = vectors_.vocabulary.Find(word);
    if (!id.has_value()) {
      return NotFound("'{}' is not in the vocabulary: give --document FILE with a text in which it occurs", typed);
    }
    const auto row = vectors_.vectors.row(corpora::Index(*id));
    if (std::all_of(row.begin(), row.end(), [](float x) { return x == 0; })) {
      return NotFound("'{}' has no vector: no other known word ever stands beside it", typed);
    }
    return Query{word, id, {row.begin(), row.end()}};
  }

  // The vector of a word as `document` uses it.
  absl::StatusOr<Query> InDocument(const std::string& typed, const Encoding& encoding) const {
    CONEC_ASSIGN_OR_RETURN(const std::string word, Normalize(typed));
    for (std::size_t i = 0; i < encoding.words.size(); ++i) {
      if (encoding.words[i].word != word) continue;
      if (!encoding.words[i].found_context) {
        return NotFound("'{}' stands in '{}' without any known word around it", typed, options_->document);
      }
      return Query{word, vectors_.vocabulary.Find(word), {encoding.vector(i).begin(), encoding.vector(i).end()}};
    }
    return NotFound("'{}' does not occur in '{}'", typed, options_->document);
  }

  absl::StatusOr<std::vector<word2vec::Neighbour>> Nearest(const Query& query) const {
    std::vector<WordId> excluded;
    if (query.id.has_value()) excluded.push_back(*query.id);
    return nearest_.Nearest(query.vector, options_->k, excluded);
  }

  std::string_view word(WordId id) const { return vectors_.vocabulary.word(id); }

 private:
  Search(cli::LoadedModel loaded, const tokenize::TokenizerOptions& tokenizer, word2vec::WordVectors vectors,
         word2vec::NearestNeighbours nearest, const Options& options)
      : loaded_(std::move(loaded)),
        tokenizer_(tokenizer),
        vectors_(std::move(vectors)),
        nearest_(std::move(nearest)),
        options_(&options) {}

  absl::StatusOr<std::string> Normalize(const std::string& typed) const {
    if (vectors_.vocabulary.Find(typed).has_value()) return typed;
    return tokenize::NormalizeWord(tokenizer_, typed);
  }

  cli::LoadedModel loaded_;
  tokenize::TokenizerOptions tokenizer_;
  word2vec::WordVectors vectors_;
  word2vec::NearestNeighbours nearest_;
  const Options* options_;
};

cli::Json ToJson(const Search& search, const Query& query, const std::vector<word2vec::Neighbour>& neighbours) {
  cli::Json list = cli::Json::array();
  for (const word2vec::Neighbour& neighbour : neighbours) {
    list.push_back({{"word", search.word(neighbour.id)}, {"cosine", neighbour.cosine}});
  }
  return {{"word", query.word}, {"known", query.id.has_value()}, {"neighbours", std::move(list)}};
}

std::string ToText(const Search& search, const Query& query, const std::vector<word2vec::Neighbour>& neighbours) {
  std::string text;
  for (const word2vec::Neighbour& neighbour : neighbours) {
    text += fmt::format("{}\t{}\t{:.4f}\n", query.word, search.word(neighbour.id), neighbour.cosine);
  }
  return text;
}

absl::Status Answer(const cli::Program& program, const Search& search, const std::vector<Query>& queries) {
  cli::Json list = cli::Json::array();
  for (const Query& query : queries) {
    CONEC_ASSIGN_OR_RETURN(const auto neighbours, search.Nearest(query));
    if (program.json()) {
      list.push_back(ToJson(search, query, neighbours));
    } else {
      CONEC_RETURN_IF_ERROR(cli::PrintText(ToText(search, query, neighbours)));
    }
  }
  return program.json() ? cli::PrintJson({{"queries", std::move(list)}}) : absl::OkStatus();
}

// Words that have no vector do not keep the others from their answers; the first of them is the error in the end.
template <typename FindQuery>
absl::Status AnswerWords(const cli::Program& program, const Search& search, const std::vector<std::string>& words,
                         FindQuery&& find) {
  std::vector<Query> queries;
  absl::Status missing;
  for (const std::string& word : words) {
    absl::StatusOr<Query> query = find(word);
    if (query.ok()) {
      queries.push_back(*std::move(query));
    } else if (missing.ok()) {
      missing = query.status();
    } else {
      program.Tell("{}", std::string(query.status().message()));
    }
  }
  if (!queries.empty()) CONEC_RETURN_IF_ERROR(Answer(program, search, queries));
  return missing;
}

// One answer per line of standard input, at once, so that a program can ask through a pipe. With --json an object per
// line. Unknown words are said on standard error; from a pipe they make the program fail in the end.
absl::Status AnswerLines(const cli::Program& program, const Search& search) {
  CONEC_RETURN_IF_ERROR(cli::CheckStandardInput());
  const bool terminal = isatty(STDIN_FILENO) != 0;
  std::size_t unknown = 0;
  std::string line;
  if (terminal) program.Tell("Type a word; an empty line or Ctrl-D ends.");
  while (std::getline(std::cin, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() && terminal) break;
    if (line.empty()) continue;
    const auto query = search.Known(line);
    if (!query.ok()) {
      ++unknown;
      program.Tell("{}", std::string(query.status().message()));
      continue;
    }
    CONEC_ASSIGN_OR_RETURN(const auto neighbours, search.Nearest(*query));
    CONEC_RETURN_IF_ERROR(cli::PrintText(program.json() ? cli::JsonLine(ToJson(search, *query, neighbours))
                                                        : ToText(search, *query, neighbours)));
    CONEC_RETURN_IF_ERROR(cli::FlushOutput());
  }
  if (terminal || unknown == 0) return absl::OkStatus();
  return NotFound("{} not in the vocabulary", cli::Count(unknown, "word"));
}

absl::Status AnswerInDocument(const cli::Program& program, const Options& options, const Search& search) {
  CONEC_ASSIGN_OR_RETURN(const Encoder encoder, Encoder::Create(search.model(), options.encoder));
  CONEC_ASSIGN_OR_RETURN(const Document document,
                         cli::ReadDocument(options.document, search.tokenizer(), encoder.needs_shapes()));
  Encoding encoding;
  CONEC_RETURN_IF_ERROR(encoder.EncodeWords(document, encoding));
  return AnswerWords(program, search, options.words,
                     [&](const std::string& word) { return search.InDocument(word, encoding); });
}

absl::Status Run(const cli::Program& program, const Options& options) {
  CONEC_ASSIGN_OR_RETURN(const Search search, Search::Create(program.app(), options));
  if (!options.document.empty()) return AnswerInDocument(program, options, search);
  if (options.words.empty()) return AnswerLines(program, search);
  return AnswerWords(program, search, options.words, [&](const std::string& word) { return search.Known(word); });
}

}  // namespace
}  // namespace conec::nn

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-nn", "The nearest neighbours of words: a line per neighbour with query, neighbour and cosine.",
       "  conec-nn --model model.conec -k 5 king berlin\n"
       "  conec-nn --model model.conec --document report.txt --word zorblax"});
  conec::nn::Options options;
  conec::nn::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::nn::Check(program.app(), options); },
      [&] { return conec::nn::Run(program, options); });
}
