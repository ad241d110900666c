#include "tools/simec/plot.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "tools/cli/text.h"

namespace conec::simec {
namespace {

std::string Quoted(std::string_view text, char quote, std::string_view instead) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) {
      quoted += instead;
    } else {
      quoted += c == '\n' || c == '\r' ? ' ' : c;
    }
  }
  return quoted + quote;
}

// What a shell command writes to standard output.
absl::StatusOr<std::string> OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ErrnoStatus(errno, "gnuplot");
  std::string output;
  std::array<char, 65536> buffer;
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), size);
  }
  if (pclose(pipe) != 0) return Internal("gnuplot failed");
  return output;
}

// The first line that gnuplot complained with.
std::string Complaint(const std::string& path) {
  const auto text = ReadFileToString(path);
  if (!text.ok()) return "";
  const std::size_t begin = text->find_first_not_of(" \n\t^");
  return begin == std::string::npos ? "" : ": " + text->substr(begin, text->find('\n', begin) - begin);
}

struct Folder {
  std::string path;
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
};

absl::Status MakeTemporary(Folder& folder) {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "simec-plot-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) return ErrnoStatus(errno, name);
  folder.path = name;
  return absl::OkStatus();
}

}  // namespace

std::string GnuplotQuoted(std::string_view text) {
  return Quoted(text, '\'', "''");
}

std::string GnuplotField(std::string_view text) {
  return Quoted(text, '"', "'");
}

std::string SvgTerminal(int width, int height) {
  return fmt::format("set encoding utf8\nset terminal svg noenhanced size {},{} background 'white'\n", width, height);
}

absl::Status CheckGnuplot() {
  if (OutputOf("gnuplot --version 2>/dev/null").ok()) return absl::OkStatus();
  return Unavailable("--plot needs gnuplot, which cannot be run (Debian: apt-get install gnuplot-nox)");
}

absl::Status DrawScript(const std::string& script, const std::string& path) {
  CONEC_RETURN_IF_ERROR(CheckGnuplot());
  Folder folder;
  CONEC_RETURN_IF_ERROR(MakeTemporary(folder));
  const std::string commands = folder.path + "/script", complaint = folder.path + "/complaint";
  CONEC_RETURN_IF_ERROR(WriteFile(commands, script));
  const absl::StatusOr<std::string> drawing =
      OutputOf(fmt::format("gnuplot {} 2>{}", cli::ShellQuote(commands), cli::ShellQuote(complaint)));
  if (!drawing.ok()) return Internal("'{}' was not drawn: gnuplot failed{}", path, Complaint(complaint));
  return WriteFile(path, *drawing);
}

}  // namespace conec::simec
