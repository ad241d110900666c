// Random changes of inputs, the same for the same seed: what libFuzzer does, where there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/random.h"

namespace conec::fuzz {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  // One of `seeds` with one to four changes: bits, bytes, numbers in binary and in text, parts taken out, doubled,
  // moved, or taken from another seed; cut off. At most 1 MiB.
  std::string Next(std::span<const std::string> seeds);
  // True once in so many times.
  bool OneIn(std::uint32_t times) { return random_.Below(times) == 0; }

 private:
  void Change(std::string& input, std::span<const std::string> seeds);
  std::size_t Place(const std::string& input);  // < input.size(), which is not 0
  std::string Part(const std::string& input);
  void Erase(std::string& input);
  void Insert(std::string& input, const std::string& part);
  void Overwrite(std::string& input);
  void ChangeBytes(std::string& input);
  void ChangeBinaryNumber(std::string& input);
  void ChangeTextNumber(std::string& input);

  PhiloxStream random_;
};

}  // namespace conec::fuzz
