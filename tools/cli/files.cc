#include "tools/cli/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "corpora/input_files.h"
#include "word2vec/vector_file.h"

namespace conec::cli {
namespace {

struct NamedFile {
  std::string label;  // "--output 'x'"
  std::string path;
};

using Identity = std::pair<dev_t, ino_t>;

// Of a regular file that is there.
std::optional<Identity> IdentityOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return Identity(info.st_dev, info.st_ino);
}

// For files that are not there yet.
std::string PlaceOf(const std::string& path) {
  std::error_code error;
  // Of a relative path that begins with what is not there weakly_canonical() would leave "./" and the like.
  const std::filesystem::path place = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? path : place.string();
}

bool IsNpy(const std::string& path) {
  std::array<char, 6> magic{};
  return std::ifstream(path, std::ios::binary).read(magic.data(), magic.size()) &&
         std::string_view(magic.data(), magic.size()) == "\x93NUMPY";
}

// What is read when `given` is.
std::vector<std::string> FilesOf(const std::string& given) {
  using word2vec::VectorFormat;
  std::vector<std::string> files = {given};
  if (!IdentityOf(given)) {
    const auto expanded = corpora::ExpandInputs(std::span(&given, 1));
    if (!expanded.ok() || given == "-") return files;  // the program says what is wrong
    for (const corpora::InputFile& file : *expanded) files.push_back(file.path);
  } else if (IsNpy(given)) {
    files.push_back(word2vec::CompanionPath(given, VectorFormat::kNpy));
    files.push_back(std::filesystem::path(files.back()).replace_extension(".tsv"));  // of conec-embed
  } else if (given.ends_with(".tsv")) {
    files.push_back(word2vec::CompanionPath(given, VectorFormat::kProjector));
  }
  return files;
}

// The program's, and those of the subcommand that was chosen.
std::vector<const CLI::Option*> GivenOptions(const CLI::App& app) {
  std::vector<const CLI::Option*> given;
  const auto add = [&given](const CLI::App& of) {
    for (const CLI::Option* option : of.get_options()) {
      if (option->count() > 0 && NamesFiles(*option)) given.push_back(option);
    }
  };
  add(app);
  for (const CLI::App* subcommand : app.get_subcommands()) add(*subcommand);
  return given;
}

std::string Label(const CLI::Option& option, const std::string& path) {
  return fmt::format("{} '{}'", option.get_name(), path);
}

absl::Status Overwrites(const NamedFile& output, const std::string& other) {
  return InvalidArgument("{} would overwrite {}", output.label, other);
}

absl::Status CheckAmongThemselves(const std::vector<NamedFile>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (IdentityOf(outputs[i].path) != IdentityOf(outputs[j].path)) continue;
      const bool exist = IdentityOf(outputs[i].path).has_value();
      if (exist || PlaceOf(outputs[i].path) == PlaceOf(outputs[j].path))
        return Overwrites(outputs[i], outputs[j].label);
    }
  }
  return absl::OkStatus();
}

// `path` belongs to what `label` says, and may be missing.
absl::Status CheckInput(const std::vector<std::pair<Identity, const NamedFile*>>& outputs, const std::string& path,
                        const std::string& label) {
  const std::optional<Identity> identity = IdentityOf(path);
  if (!identity) return absl::OkStatus();
  const auto found = std::ranges::find(outputs, *identity, &std::pair<Identity, const NamedFile*>::first);
  if (found == outputs.end()) return absl::OkStatus();
  return Overwrites(*found->second, label.find('\'' + path + '\'') != std::string::npos
                                        ? label
                                        : fmt::format("'{}', which belongs to {}", path, label));
}

}  // namespace

bool NamesFiles(const CLI::Option& option) {
  constexpr std::array<std::string_view, 5> kNames = {"FILE", "FOLDER", "PATH", "MODEL", "SVG"};
  const std::string type = option.get_type_name();
  return std::ranges::any_of(kNames, [&type](std::string_view name) { return type.find(name) != std::string::npos; });
}

bool IsSpecialFile(const std::string& path) {
  std::error_code ignored;
  return IsDescriptorName(path) ||
         (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored));
}

absl::Status Files::Check(const CLI::App& app) const {
  std::vector<const CLI::Option*> read = GivenOptions(app);
  std::vector<NamedFile> outputs;
  for (const auto& [option, beside, alone] : written_) {
    if (std::erase(read, option) == 0) continue;
    for (const std::string& path : option->results()) {
      const bool is_special = path == "-" || IsSpecialFile(path);
      if (!is_special) outputs.push_back({Label(*option, path), path});
      if (!beside) continue;
      for (const std::string& second : beside()) {
        if (second.empty()) continue;
        if (is_special) {
          return InvalidArgument("{}: a second file is written beside it, which needs the name of a file",
                                 Label(*option, path));
        }
        outputs.push_back({fmt::format("'{}', written along with {}", second, Label(*option, path)), second});
      }
    }
  }
  CONEC_RETURN_IF_ERROR(CheckAmongThemselves(outputs));
  std::vector<std::pair<Identity, const NamedFile*>> there;
  for (const NamedFile& output : outputs) {
    if (const auto identity = IdentityOf(output.path)) there.emplace_back(*identity, &output);
  }
  if (there.empty()) return absl::OkStatus();
  for (const CLI::Option* option : read) {
    for (const std::string& given : option->results()) {
      for (const std::string& path : FilesOf(given)) {
        CONEC_RETURN_IF_ERROR(CheckInput(there, path, Label(*option, given)));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Claim>> Files::TakeClaims() const {
  std::vector<Claim> claims;
  for (const auto& [option, beside, alone] : written_) {
    if (option->count() == 0) continue;
    const std::string output = option->as<std::string>();
    std::vector<std::string> paths = beside ? beside() : std::vector<std::string>();
    std::erase(paths, "");
    if (IsSpecialFile(output) || (paths.empty() && !alone)) continue;
    paths.insert(paths.begin(), output);
    for (const std::string& path : paths) {
      CONEC_ASSIGN_OR_RETURN(Claim claim, Claim::Take(path));
      claims.push_back(std::move(claim));
    }
  }
  return claims;
}

}  // namespace conec::cli
