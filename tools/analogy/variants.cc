#include "tools/analogy/variants.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace conec::analogy {
namespace {

using word2vec::AnalogyProtocol;

constexpr std::string_view kModelName = "model";

AnalogyProtocol LibraryProtocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::kModel:
    case Protocol::kConec:
      return AnalogyProtocol::kConec;
    case Protocol::kWord2vec:
      return AnalogyProtocol::kWord2vec;
    case Protocol::kGensim:
      return AnalogyProtocol::kGensim;
  }
  return AnalogyProtocol::kConec;
}

// A table of vectors is made once and asked by all methods.
struct Table {
  cli::VectorKind kind;
  ConecVectorOptions conec;
};

std::vector<Table> TablesOf(const Request& request) {
  std::vector<Table> tables;
  for (const cli::VectorKind kind : request.vectors) {
    if (kind != cli::VectorKind::kConec) {
      tables.push_back({kind, {}});
      continue;
    }
    for (const bool unit_parts : {false, true}) {
      for (const double own_weight : unit_parts ? request.unit_own_weights : request.own_weights) {
        for (const double output_weight : request.output_weights) {
          tables.push_back({kind, request.conec});
          tables.back().conec.own_weight = own_weight;
          tables.back().conec.unit_parts = unit_parts;
          tables.back().conec.output_weight = output_weight;
        }
      }
    }
  }
  return tables;
}

std::vector<VariantScores> MakeVariants(const Request& request) {
  std::vector<VariantScores> scores;
  for (const Table& table : TablesOf(request)) {
    for (const auto method : request.methods) scores.push_back({{table.kind, table.conec, method}, {}, {}});
  }
  return scores;
}

absl::Status ScoreModel(const Request& request, const std::vector<word2vec::AnalogySection>& sections,
                        const std::string& path, std::vector<VariantScores>& scores) {
  CONEC_ASSIGN_OR_RETURN(const cli::LoadedModel loaded, cli::LoadModel(path, request.analogy.threads));
  if (request.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, path));
  word2vec::AnalogyOptions options = request.analogy;
  CONEC_RETURN_IF_ERROR(cli::ApplyCase(request.letters, loaded, options));
  for (std::size_t i = 0; i < scores.size(); i += request.methods.size()) {
    const Variant& first = scores[i].variant;
    CONEC_ASSIGN_OR_RETURN(const auto vectors, cli::SelectVectors(loaded, first.vectors, first.conec));
    for (std::size_t m = 0; m < request.methods.size(); ++m) {
      options.method = scores[i + m].variant.method;
      CONEC_ASSIGN_OR_RETURN(auto report, word2vec::EvaluateAnalogies(vectors, sections, options));
      scores[i + m].runs.push_back(std::move(report));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view Name(Protocol protocol) {
  return protocol == Protocol::kModel ? kModelName : word2vec::Name(LibraryProtocol(protocol));
}

absl::StatusOr<Protocol> ParseProtocol(std::string_view name) {
  for (const Protocol protocol : {Protocol::kModel, Protocol::kConec, Protocol::kWord2vec, Protocol::kGensim}) {
    if (Name(protocol) == name) return protocol;
  }
  return InvalidArgument("'{}' is none of model, conec, word2vec, gensim", name);
}

word2vec::AnalogyOptions OptionsOf(Protocol protocol) {
  return word2vec::ProtocolOptions(LibraryProtocol(protocol));
}

cli::QuestionCase CaseOf(Protocol protocol) {
  switch (protocol) {
    case Protocol::kModel:
      return {};
    case Protocol::kConec:
      return {word2vec::LetterCase::kLower};
    case Protocol::kWord2vec:
      return {word2vec::LetterCase::kFoldAscii};
    case Protocol::kGensim:
      return {word2vec::LetterCase::kFold};
  }
  return {};
}

std::string TableName(const Variant& variant) {
  std::string name(cli::Name(variant.vectors));
  if (variant.vectors == cli::VectorKind::kConec) {
    name += fmt::format(" {}{:g}", variant.conec.unit_parts ? "unit " : "", variant.conec.own_weight);
    if (variant.conec.output_weight != 0) name += fmt::format(" output {:g}", variant.conec.output_weight);
  }
  return name;
}

absl::StatusOr<std::vector<VariantScores>> ScoreVariants(const Request& request) {
  // The questions first: a mistake there shows before a large file is read.
  CONEC_ASSIGN_OR_RETURN(const auto sections, word2vec::ReadAnalogyQuestions(request.questions));
  std::vector<VariantScores> scores = MakeVariants(request);
  for (const std::string& path : request.models) {
    const absl::Status status = ScoreModel(request, sections, path, scores);
    if (!status.ok()) return request.models.size() > 1 ? Annotate(status, path) : status;
  }
  for (VariantScores& variant : scores) {
    CONEC_ASSIGN_OR_RETURN(variant.summary, word2vec::Summarize(variant.runs));
  }
  return scores;
}

}  // namespace conec::analogy
