// Text to encoded corpus.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/status.h"
#include "corpora/encoded_corpus.h"
#include "corpora/text_reader.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"

namespace conec::corpora {

// The comments here are the documentation of the command-line options.
struct EncodeOptions {
  TextInputOptions input;
  tokenize::TokenizerOptions tokenizer;
  tokenize::InvalidUtf8 invalid_utf8 = tokenize::InvalidUtf8::kError;
  std::uint64_t min_count = 5;       // words seen less often are left out
  std::uint64_t max_vocabulary = 0;  // keep only so many words, the most frequent; 0: all
  // When the count table exceeds this many distinct words, drop the rarest (reported): first those seen once, next time
  // those seen up to twice, and so on, as word2vec.c does. Their earlier occurrences are lost to the counts and to the
  // corpus even if they come again. 0: never.
  std::uint64_t prune_table_at = 0;
  std::uint32_t segment_length = 1000;  // longer segments are cut; counted in words of the vocabulary (and gaps)
  // A word outside the vocabulary keeps its place in context windows (default: removed, as word2vec does).
  bool keep_gaps = false;
  bool shapes = false;  // store the shape of every word, too (extended inputs): a byte per token
  // The vocabulary of a model whose training goes on with this text. Its words are all kept, however often they occur
  // here, and counted as they occur here, 0 for those that do not; ids go by the sum of both counts, so that counts
  // here need not descend. Other words follow the rules above, max_vocabulary being for all together; prune_table_at
  // neither counts nor drops known words. Empty: there is none.
  Vocabulary known;
  bool only_known = false;  // other words are left out
  int threads = 0;          // 0: all cores
};

struct EncodeProgress {
  std::uint64_t bytes_read = 0;   // as stored
  std::uint64_t bytes_total = 0;  // 0 if unknown
  std::uint64_t tokens = 0;
  std::uint64_t distinct_words = 0;
};
// Called about ten times a second from the calling thread; returning false stops with kCancelled (as soon as the text
// being waited for arrives, where the input is a pipe).
using EncodeProgressFn = std::function<bool(const EncodeProgress&)>;

// Reads all of the input once and writes the encoded corpus to `path` (atomically; what a segment, a document and a gap
// become is told in encoded_corpus.h). The result does not depend on the number of threads. Memory: the count table,
// and a few MB per thread. Besides `path` it needs about 4 (with shapes 5) bytes per token of temporary disk in the
// same folder, without a name, so that nothing is ever left behind. `metadata` entries are stored in the file.
// kInvalidArgument if no word reaches min_count or is known (says how many tokens and words there were), for input
// without words, or for invalid UTF-8 under kError (file, byte offset).
absl::StatusOr<EncodedCorpus> EncodeCorpus(const EncodeOptions& options, const std::string& path,
                                           const std::map<std::string, std::string>& metadata = {},
                                           const EncodeProgressFn& progress = nullptr);
// The same from a reader, which need not read files; of options.input only the format matters (for error messages).
absl::StatusOr<EncodedCorpus> EncodeCorpus(const EncodeOptions& options, TextReader& reader, const std::string& path,
                                           const std::map<std::string, std::string>& metadata = {},
                                           const EncodeProgressFn& progress = nullptr);

// The same without a file to keep: the corpus lies in `folder`, has no name, and vanishes with what this returns, even
// if the process is killed.
absl::StatusOr<EncodedCorpus> EncodeTemporaryCorpus(const EncodeOptions& options, const std::string& folder,
                                                    const EncodeProgressFn& progress = nullptr);

// Stores the tokenizer's options in a file's metadata under "tokenizer.*", and reads them back (kDataLoss for unknown
// values; what is not stored has its default), so that a document is later read as the corpus was.
void StoreTokenizerOptions(const tokenize::TokenizerOptions& options, std::map<std::string, std::string>& metadata);
absl::StatusOr<tokenize::TokenizerOptions> LoadTokenizerOptions(const std::map<std::string, std::string>& metadata);

}  // namespace conec::corpora
