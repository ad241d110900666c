// Which files the user means by paths, folders and globs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace conec::corpora {

struct InputFile {
  std::string path;        // "-": standard input
  bool size_known = true;  // false for standard input, pipes and devices
  std::uint64_t size = 0;  // in bytes, as stored
};

// The files that `inputs` name, in this order; what a folder or a glob stands for is sorted by the bytes of its path.
// - A folder stands for all files below it. As with a shell's "*", names that begin with a dot are left out, and so are
//   sockets, pipes and devices; symbolic links are followed (once around a loop).
// - A path that does not exist and contains * ? or [ is a glob as in glob(7); folders that match are read as folders.
// - "-" is standard input, and can be named once.
// kNotFound for a path that does not exist, a symbolic link to nothing, a glob without matches or a folder without
// files; kPermissionDenied for files that may not be read; kInvalidArgument for an empty list.
absl::StatusOr<std::vector<InputFile>> ExpandInputs(std::span<const std::string> inputs);

}  // namespace conec::corpora
