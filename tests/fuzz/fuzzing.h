// Fuzz targets: every reader of files from elsewhere, fed with whatever bytes. One table serves two drivers: libFuzzer
// (the preset fuzz, tools/fuzz.sh), and a fixed number of reproducible inputs in the tests (readers_fuzz_test.cc).
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::fuzz {

struct Target {
  std::string_view name;
  // Reads `input` and uses what was read, as the programs do. An error is an answer; broken laws abort.
  absl::Status (*run)(std::string_view input);
  // Inputs that run() accepts, to begin from.
  std::vector<std::string> (*seeds)();
  // Mends what random changes spoil at once: lengths and checksums of the format. Nothing: none are kept.
  void (*repair)(std::string& input) = nullptr;
  // Of inputs, in the tests.
  std::size_t iterations = 2000;
  // Whether there are inputs that run() refuses.
  bool refuses = true;
};

// How GoogleTest prints one.
void PrintTo(const Target& target, std::ostream* out);

// Of this executable.
std::vector<Target> Targets();

// Aborts, whatever the build, saying which law is broken.
void Require(bool law, const char* what);

// A file in memory that has a path as long as the object lives.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view contents);
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();
  const std::string& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

// A folder of its own, with everything in it gone when the object is.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  // Returns the path.
  std::string Write(const std::string& name, std::string_view contents) const;

 private:
  std::string path_;
};

// Between the files of an input that stands for several.
inline constexpr char kNextFile = '\x1C';
// `count` files; those that the input lacks are empty.
std::vector<std::string_view> SplitFiles(std::string_view input, std::size_t count);

// The bytes of the file that `save` writes to the path it is given.
std::string Saved(const std::function<absl::Status(const std::string& path)>& save);

// Target::repair of safetensors files: the header's length, that of the data as the header has it, and the checksum.
void RepairSafetensors(std::string& input);

}  // namespace conec::fuzz
