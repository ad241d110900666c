// What an application does with the installed libraries: encode a text, train, build a Context Encoder, store it, open
// it again, and ask for the vector of a word that the text does not hold.
#include <cstdio>
#include <string>

#include "base/file.h"
#include "conec/encoder.h"
#include "conec/global_context.h"
#include "conec/model.h"
#include "corpora/encode.h"
#include "corpora/encoded_corpus.h"
#include "word2vec/trainer.h"

namespace {

absl::StatusOr<conec::corpora::EncodedCorpus> EncodeText(const std::string& folder) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "the black cat drinks milk\nthe brown dog eats meat\n";
  CONEC_RETURN_IF_ERROR(conec::WriteFile(folder + "/text.txt", text));
  conec::corpora::EncodeOptions options;
  options.input.inputs = {folder + "/text.txt"};
  return conec::corpora::EncodeCorpus(options, folder + "/corpus");
}

absl::StatusOr<conec::Model> TrainModel(const std::string& folder) {
  CONEC_ASSIGN_OR_RETURN(const conec::corpora::EncodedCorpus corpus, EncodeText(folder));
  conec::word2vec::TrainOptions options;
  options.dim = 16;
  options.epochs = 3;
  options.threads = 1;
  const std::size_t words = corpus.vocabulary().size();
  CONEC_ASSIGN_OR_RETURN(auto tables, conec::word2vec::InitializeTables(words, options.dim, options.seed));
  const conec::word2vec::TrainingCorpus training{corpus.stream(), corpus.vocabulary().counts()};
  CONEC_ASSIGN_OR_RETURN(const auto trainer, conec::word2vec::CreateCpuTrainer(options, training, tables));
  CONEC_RETURN_IF_ERROR(conec::word2vec::Train(*trainer, options, training));

  const conec::word2vec::WordVectors vectors{corpus.vocabulary(), tables.input.view(), nullptr};
  CONEC_ASSIGN_OR_RETURN(conec::Model model, conec::Model::FromWordVectors(vectors));
  CONEC_ASSIGN_OR_RETURN(model, conec::WithGlobalContext(model, corpus, {}));
  CONEC_RETURN_IF_ERROR(conec::SaveModel(folder + "/model", model));
  return conec::Model::Open(folder + "/model");
}

absl::Status EmbedAnUnknownWord(const std::string& folder) {
  CONEC_ASSIGN_OR_RETURN(const conec::Model model, TrainModel(folder));
  CONEC_ASSIGN_OR_RETURN(const conec::Encoder encoder, conec::Encoder::Create(model));
  conec::Document document;
  for (const char* token : {"the", "wampimuk", "drinks", "milk"}) document.AddToken(token);
  document.EndSegment();
  conec::Encoding encoding;
  CONEC_RETURN_IF_ERROR(encoder.EncodeWords(document, encoding));
  if (encoding.words.size() != 4 || encoding.dim != 16) return conec::Internal("not one vector per word");
  const conec::EncodedWord& unknown = encoding.words[1];
  if (unknown.word != "wampimuk" || unknown.known || !unknown.found_context) {
    return conec::Internal("'{}' is not the unknown word", unknown.word);
  }
  double length = 0;
  for (const float x : encoding.vector(1)) length += x * x;
  if (length < 0.999 || length > 1.001) return conec::Internal("a vector of squared length {}", length);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status = argc == 2 ? EmbedAnUnknownWord(argv[1]) : conec::InvalidArgument("usage: outside FOLDER");
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
