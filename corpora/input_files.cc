#include "corpora/input_files.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace conec::corpora {
namespace {

namespace fs = std::filesystem;

using FolderId = std::pair<dev_t, ino_t>;

absl::StatusOr<struct stat> StatPath(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) return info;
  const int error = errno;
  struct stat link {};
  if (error == ENOENT && lstat(path.c_str(), &link) == 0) {
    return NotFound("cannot read '{}': it is a symbolic link to a file that does not exist", path);
  }
  return ErrnoStatus(error, fmt::format("cannot read '{}'", path));
}

// Found out now rather than hours later, when its turn comes.
absl::Status CheckReadable(const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, fmt::format("cannot read '{}'", path));
}

absl::Status AddFile(const std::string& path, const struct stat& info, std::vector<InputFile>& files) {
  CONEC_RETURN_IF_ERROR(CheckReadable(path));
  const bool regular = S_ISREG(info.st_mode);
  files.push_back({path, regular, regular ? static_cast<std::uint64_t>(info.st_size) : 0});
  return absl::OkStatus();
}

absl::Status AddBelow(const std::string& folder, const struct stat& info, std::vector<FolderId>& above,
                      std::vector<InputFile>& files);

absl::Status AddFolderEntry(const fs::path& entry, std::vector<FolderId>& above, std::vector<InputFile>& files) {
  if (entry.filename().native().starts_with('.')) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const struct stat info, StatPath(entry.native()));
  if (S_ISDIR(info.st_mode)) return AddBelow(entry.native(), info, above, files);
  if (S_ISREG(info.st_mode)) return AddFile(entry.native(), info, files);
  return absl::OkStatus();
}

// `above` holds the folders on the way down: meeting one again means that a symbolic link closes a loop.
absl::Status AddBelow(const std::string& folder, const struct stat& info, std::vector<FolderId>& above,
                      std::vector<InputFile>& files) {
  const FolderId id{info.st_dev, info.st_ino};
  if (std::find(above.begin(), above.end(), id) != above.end()) return absl::OkStatus();
  above.push_back(id);
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    CONEC_RETURN_IF_ERROR(AddFolderEntry(entry->path(), above, files));
  }
  above.pop_back();
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read folder '{}'", folder));
  return absl::OkStatus();
}

absl::Status AddFolder(const std::string& folder, const struct stat& info, std::vector<InputFile>& files) {
  std::vector<FolderId> above;
  std::vector<InputFile> found;
  CONEC_RETURN_IF_ERROR(AddBelow(folder, info, above, found));
  if (found.empty()) return NotFound("folder '{}' has no files (names that begin with a dot do not count)", folder);
  std::sort(found.begin(), found.end(), [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
  files.insert(files.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return absl::OkStatus();
}

absl::Status AddPath(const std::string& path, std::vector<InputFile>& files) {
  CONEC_ASSIGN_OR_RETURN(const struct stat info, StatPath(path));
  return S_ISDIR(info.st_mode) ? AddFolder(path, info, files) : AddFile(path, info, files);
}

// The matches sorted by bytes: glob()'s own order depends on the locale.
absl::StatusOr<std::vector<std::string>> ExpandGlob(const std::string& pattern) {
  glob_t matches{};
  const int result = glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &matches);
  const int error = errno;
  std::vector<std::string> paths;
  if (result == 0) paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  globfree(&matches);
  if (result == GLOB_NOMATCH) return NotFound("no file matches '{}'", pattern);
  if (result != 0) return ErrnoStatus(error, fmt::format("cannot expand '{}'", pattern));
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::Status AddInput(const std::string& input, std::vector<InputFile>& files) {
  if (input.empty()) return InvalidArgument("an input has an empty name; --input takes files, folders, globs or -");
  struct stat link {};
  const bool exists = lstat(input.c_str(), &link) == 0;
  if (exists || input.find_first_of("*?[") == std::string::npos) return AddPath(input, files);
  CONEC_ASSIGN_OR_RETURN(const std::vector<std::string> paths, ExpandGlob(input));
  for (const std::string& path : paths) CONEC_RETURN_IF_ERROR(AddPath(path, files));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<InputFile>> ExpandInputs(std::span<const std::string> inputs) {
  if (inputs.empty()) return InvalidArgument("no input given; --input takes files, folders, globs or -");
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    return InvalidArgument("standard input (-) can be read only once");
  }
  std::vector<InputFile> files;
  for (const std::string& input : inputs) {
    if (input == "-") {
      files.push_back({input, /*size_known=*/false, 0});
    } else {
      CONEC_RETURN_IF_ERROR(AddInput(input, files));
    }
  }
  return files;
}

}  // namespace conec::corpora
