// The options structs of the libraries as command-line options. Defaults shown in the help are the structs' own.
#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/status.h"
#include "conec/context_options.h"
#include "corpora/encode.h"
#include "corpora/text_reader.h"
#include "tokenize/tokenizer.h"
#include "word2vec/options.h"

namespace conec::cli {

// Where `--input` (or bare arguments) come from and what one document is. `format_option` names the option that says
// so:
// "--format", or "--input-format" where --format is that of the output.
void AddInputOptions(CLI::App& app, const std::string& format_option, corpora::TextInputOptions& options);

// Inputs whose names end in .jsonl (or .jsonl.gz and the like) are JSON lines unless `format_option` says otherwise.
void ChooseFormatByName(const CLI::App& app, const std::string& format_option, corpora::TextInputOptions& options);

// For options that take an unsigned number, whose parser would read -3 as a very large one.
CLI::Validator NotNegative();

// For the weights of parts that are mixed: 0 to kMaxWeight.
CLI::Validator Weight();

void AddTokenizerOptions(CLI::App& app, tokenize::TokenizerOptions& options);

// Everything of EncodeOptions besides input, tokenizer and threads.
void AddVocabularyOptions(CLI::App& app, corpora::EncodeOptions& options);

void AddInvalidUtf8Option(CLI::App& app, tokenize::InvalidUtf8& policy);

// Everything of TrainOptions besides threads.
void AddTrainOptions(CLI::App& app, word2vec::TrainOptions& options);

// Everything of ContextOptions; 0 for `window` means something else, which `zero` says ("0: as --window").
void AddContextOptions(CLI::App& app, const std::string& zero, int& window, ContextOptions& options);
// kInvalidArgument naming what is out of range.
absl::Status CheckContextOptions(int window, const ContextOptions& options);
// The names of all of them.
inline constexpr std::initializer_list<const char*> kContextOptionNames = {
    "--context-window", "--context-weighting", "--context-scaling",       "--no-unit-rows",
    "--context-sif",    "--feature-weight",    "--context-exclude-target"};
// `base`, but for what the command line says: a window that is not 0, and every other option that was given.
ContextOptions ChosenContext(const CLI::App& app, int window, const ContextOptions& given, ContextOptions base);

// `weight` of known words' output vectors in their ConEc vectors (ConecVectorOptions::output_weight).
CLI::Option* AddOutputWeightOption(CLI::App& app, double& weight);

void AddThreadsOption(CLI::App& app, int& threads);
absl::Status CheckThreads(int threads);

// kNotFound or kPermissionDenied unless a file can be created in the folder of `path` (asked for before hours of work);
// kInvalidArgument if `path` is a folder. Leaves nothing behind; a pipe is not opened, which its reader would notice.
absl::Status CheckWritable(const std::string& path);

// kInvalidArgument with `reason` naming the first of `options` that was given on the command line.
absl::Status CheckNotGiven(const CLI::App& app, std::initializer_list<const char*> options, std::string_view reason);

// The folder for files that only this run needs: beside `output`, where there is room for large files; the system's
// folder for temporary files if `output` is empty (standard output), a device or a pipe.
std::string ScratchFolder(const std::string& output);

}  // namespace conec::cli
