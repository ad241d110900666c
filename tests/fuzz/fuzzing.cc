#include "tests/fuzz/fuzzing.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/file.h"
#include "base/safetensors.h"

namespace conec::fuzz {
namespace {

constexpr std::size_t kPrefix = sizeof(std::uint64_t);
constexpr std::uint64_t kLongestFile = std::uint64_t{1} << 20;

// Where the JSON object at the start of `text` ends; 0 if it does not.
std::size_t ObjectEnd(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && text[i] == '{') {
      ++depth;
    } else if (!in_string && text[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

// The largest end of a tensor that the header names.
std::uint64_t DataBytes(std::string_view header) {
  const auto json = nlohmann::json::parse(header, nullptr, false);
  std::uint64_t bytes = 0;
  if (!json.is_object()) return bytes;
  for (const auto& tensor : json) {
    const auto offsets = tensor.is_object() ? tensor.find("data_offsets") : tensor.end();
    if (offsets == tensor.end() || !offsets->is_array() || offsets->size() != 2) continue;
    if ((*offsets)[1].is_number_unsigned()) bytes = std::max(bytes, (*offsets)[1].get<std::uint64_t>());
  }
  return bytes;
}

void RepairChecksum(std::string& input) {
  const auto file = SafetensorsFile::Open(MemoryFile(input).path());
  if (!file.ok()) return;
  const std::string checksum = SafetensorsChecksum(input, file->checksum());
  if (!checksum.empty()) input.replace(input.find(file->checksum()), checksum.size(), checksum);
}

}  // namespace

void Require(bool law, const char* what) {
  if (law) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void PrintTo(const Target& target, std::ostream* out) {
  *out << target.name;
}

MemoryFile::MemoryFile(std::string_view contents) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
  Require(descriptor_ >= 0, "the system has files in memory");
  while (!contents.empty()) {
    const ssize_t written = write(descriptor_, contents.data(), contents.size());
    Require(written > 0, "files in memory can be written");
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  path_ = fmt::format("/proc/self/fd/{}", descriptor_);
}

MemoryFile::~MemoryFile() {
  close(descriptor_);
}

TemporaryFolder::TemporaryFolder() {
  // In memory, where the system has such a folder: thousands of files are written.
  constexpr const char* kInMemory = "/dev/shm";
  const bool in_memory = access(kInMemory, W_OK | X_OK) == 0;
  path_ = (in_memory ? std::filesystem::path(kInMemory) : std::filesystem::temp_directory_path()) / "conec-fuzz-XXXXXX";
  Require(mkdtemp(path_.data()) != nullptr, "there is a folder for temporary files");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::Write(const std::string& name, std::string_view contents) const {
  const std::string path = path_ + "/" + name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  Require(file.flush().good(), "temporary files can be written");
  return path;
}

std::vector<std::string_view> SplitFiles(std::string_view input, std::size_t count) {
  std::vector<std::string_view> files(count);
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const std::size_t end = std::min(input.find(kNextFile), input.size());
    files[i] = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  files.back() = input;
  return files;
}

std::string Saved(const std::function<absl::Status(const std::string& path)>& save) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/file";
  const absl::Status saved = save(path);
  Require(saved.ok(), std::string(saved.message()).c_str());
  absl::StatusOr<std::string> bytes = ReadFileToString(path);
  Require(bytes.ok(), std::string(bytes.status().message()).c_str());
  return *std::move(bytes);
}

void RepairSafetensors(std::string& input) {
  if (input.size() < kPrefix) return;
  const std::size_t end = ObjectEnd(std::string_view(input).substr(kPrefix));
  if (end == 0) return;
  std::size_t header = end;
  while (kPrefix + header < input.size() && input[kPrefix + header] == ' ') ++header;
  const std::uint64_t length = header;
  std::memcpy(input.data(), &length, kPrefix);
  const std::uint64_t data = DataBytes(std::string_view(input).substr(kPrefix, header));
  if (data < kLongestFile) input.resize(kPrefix + header + data);
  RepairChecksum(input);
}

}  // namespace conec::fuzz
