// libFuzzer's entry points.
//   fuzz_readers --list                        names the targets
//   fuzz_readers --target=NAME --seeds=FOLDER  writes the seeds
//   fuzz_readers --target=NAME CORPUS_FOLDER -max_total_time=60 ...
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/fuzz/fuzzing.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace conec::fuzz {
namespace {

Target chosen;

[[noreturn]] void List() {
  for (const Target& target : Targets()) std::printf("%s\n", std::string(target.name).c_str());
  std::exit(0);
}

void Choose(std::string_view name) {
  for (const Target& target : Targets()) {
    if (target.name == name) chosen = target;
  }
  Require(chosen.run != nullptr, "--target= names one of --list");
}

[[noreturn]] void WriteSeeds(const std::string& folder) {
  Require(chosen.seeds != nullptr, "--target=NAME comes before --seeds=FOLDER");
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const std::string& seed : chosen.seeds()) {
    std::ofstream file(folder + "/seed" + std::to_string(number++), std::ios::binary);
    file.write(seed.data(), static_cast<std::streamsize>(seed.size()));
    Require(file.flush().good(), "seeds can be written");
  }
  std::exit(0);
}

}  // namespace
}  // namespace conec::fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kTarget = "--target=", kSeeds = "--seeds=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (argument == "--list") conec::fuzz::List();
    if (argument.starts_with(kTarget)) conec::fuzz::Choose(argument.substr(kTarget.size()));
    if (argument.starts_with(kSeeds)) conec::fuzz::WriteSeeds(std::string(argument.substr(kSeeds.size())));
  }
  conec::fuzz::Require(conec::fuzz::chosen.run != nullptr, "--target=NAME is given");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)conec::fuzz::chosen.run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (conec::fuzz::chosen.repair == nullptr || seed % 2 == 0) return size;
  std::string input(reinterpret_cast<const char*>(data), size);
  conec::fuzz::chosen.repair(input);
  if (input.size() > max_size) return size;
  std::copy(input.begin(), input.end(), data);
  return input.size();
}
