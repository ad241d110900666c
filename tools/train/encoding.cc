#include "tools/train/encoding.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "word2vec/options.h"

namespace conec::train {
namespace {

corpora::EncodeProgressFn ShowEncoding(cli::Progress& progress) {
  return [&progress, watch = cli::Stopwatch()](const corpora::EncodeProgress& now) {
    const double rate = static_cast<double>(now.tokens) / std::max(watch.Seconds(), 1e-3);
    cli::ProgressReport report = {"encode", {}, {}};
    if (now.bytes_total > 0)
      report.fraction = static_cast<double>(now.bytes_read) / static_cast<double>(now.bytes_total);
    report.fields = {
        {"words_per_second", rate, cli::Compact(rate) + " words/s"},
        {"tokens", static_cast<double>(now.tokens), cli::Compact(static_cast<double>(now.tokens)) + " words"},
        {"distinct_words", static_cast<double>(now.distinct_words),
         cli::Compact(static_cast<double>(now.distinct_words)) + " different"}};
    progress.Update(report);
    return cli::StopSignal() == 0;
  };
}

absl::StatusOr<corpora::EncodedCorpus> OpenCorpus(const corpora::EncodeOptions& options) {
  const std::string& path = options.input.inputs[0];
  CONEC_ASSIGN_OR_RETURN(corpora::EncodedCorpus corpus, corpora::EncodedCorpus::Open(path));
  CONEC_RETURN_IF_ERROR(Annotate(corpus.Validate(), path));
  if (corpus.vocabulary().size() == 0) return InvalidArgument("{}: the encoded corpus has no words", path);
  if (options.shapes && corpus.shapes().empty()) {
    return FailedPrecondition(
        "{}: encoded without the shapes of words, which --extended-inputs needs: give the text to encode it anew",
        path);
  }
  return corpus;
}

// All that decides what the encoded corpus holds, but for the texts themselves.
std::string Description(const corpora::EncodeOptions& options) {
  std::map<std::string, std::string> tokenizer;
  corpora::StoreTokenizerOptions(options.tokenizer, tokenizer);
  nlohmann::json json = {{"inputs", options.input.inputs},
                         {"format", corpora::Name(options.input.format)},
                         {"json_field", options.input.json_field},
                         {"tokenizer", tokenizer},
                         {"invalid_utf8", tokenize::Name(options.invalid_utf8)},
                         {"min_count", options.min_count},
                         {"max_vocabulary", options.max_vocabulary},
                         {"prune_table_at", options.prune_table_at},
                         {"segment_length", options.segment_length},
                         {"keep_gaps", options.keep_gaps},
                         {"shapes", options.shapes}};
  if (options.known.size() > 0 || options.only_known) {
    json["known"] = options.known.Fingerprint();
    json["only_known"] = options.only_known;
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The corpus that an interrupted training kept, if it is there and whole. Whatever is wrong with it, the text is
// encoded anew.
absl::StatusOr<corpora::EncodedCorpus> ReuseCorpus(const corpora::EncodeOptions& options, const CorpusFiles& files) {
  CONEC_ASSIGN_OR_RETURN(corpora::EncodedCorpus corpus, corpora::EncodedCorpus::Open(files.kept));
  const auto made_from = corpus.metadata().find(corpora::kEncodedFromKey);
  if (made_from == corpus.metadata().end() || made_from->second != Description(options)) {
    return FailedPrecondition("'{}' was made from other inputs", files.kept);
  }
  CONEC_RETURN_IF_ERROR(corpus.Validate());
  if (!files.is_of_training(corpus)) return FailedPrecondition("'{}' is of another training", files.kept);
  return corpus;
}

}  // namespace

bool IsEncoded(const corpora::EncodeOptions& options) {
  return options.input.inputs.size() == 1 && corpora::EncodedCorpus::IsEncodedCorpus(options.input.inputs[0]);
}

absl::StatusOr<corpora::EncodedCorpus> PrepareCorpus(const corpora::EncodeOptions& options, const CorpusFiles& files,
                                                     cli::Progress& progress) {
  if (IsEncoded(options)) return OpenCorpus(options);
  if (!files.kept.empty() && files.is_of_training) {
    absl::StatusOr<corpora::EncodedCorpus> reused = ReuseCorpus(options, files);
    if (reused.ok()) return reused;
  }
  auto corpus = files.kept.empty()
                    ? corpora::EncodeTemporaryCorpus(options, files.scratch_folder, ShowEncoding(progress))
                    : corpora::EncodeCorpus(options, files.kept, {{corpora::kEncodedFromKey, Description(options)}},
                                            ShowEncoding(progress));
  if (corpus.ok()) progress.Complete();
  return corpus;
}

}  // namespace conec::train
