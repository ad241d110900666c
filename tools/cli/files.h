// The files that a command line names: nothing that is written takes the place of what is read, or of what else is
// written.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tools/cli/claim.h"

namespace conec::cli {

// An option names files if its type name says FILE, FOLDER, PATH, MODEL or SVG. They are read, with what belongs to
// them (the words of .npy files, the files in a folder, those that a glob stands for), unless Writes() was told of the
// option: so an option that somebody adds is protected without a word about it.
class Files {
 public:
  using Paths = std::function<std::vector<std::string>()>;

  // `option` names a file that is written. `beside`: what is written along with it under names of its own (empty ones
  // do not count); asked once the program has completed its options.
  void Writes(const CLI::Option* option, Paths beside = nullptr) {
    written_.push_back({option, std::move(beside), false});
  }

  // The same of a file that takes long, so that no other run may write it meanwhile.
  void WritesAlone(const CLI::Option* option, Paths beside) { written_.push_back({option, std::move(beside), true}); }

  // After parsing `app`: kInvalidArgument, naming both options, if a file to be written is one of the others, by
  // whatever name or link; also if a pipe, a device or /dev/stdout is to get what needs a second file. Pipes and
  // devices alone may stand anywhere.
  absl::Status Check(const CLI::App& app) const;

  // Of the outputs of WritesAlone(), and of those that others are written beside, with these: two runs that take turns
  // would leave files of both. Pipes and devices are anybody's. To be held while the program runs. kFailedPrecondition
  // where another run has one of them.
  absl::StatusOr<std::vector<Claim>> TakeClaims() const;

 private:
  struct Written {
    const CLI::Option* option;
    Paths beside;
    bool alone;
  };
  std::vector<Written> written_;
};

// Whether the option's value is the name of a file or folder, by its type name (FILE and the others above).
bool NamesFiles(const CLI::Option& option);

// Whether `path` is there and no regular file, or another name of an open descriptor (/dev/stdout).
bool IsSpecialFile(const std::string& path);

}  // namespace conec::cli
