// A checksum of bytes that come in parts, for files that say what they hold: XXH3, 128 bits.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace conec {

class Hasher {
 public:
  Hasher();
  // Only the bytes count, not how they are cut into parts.
  void Add(std::span<const std::byte> bytes);
  // Of all bytes so far: 32 hexadecimal digits.
  std::string Hex() const;

 private:
  struct State;
  struct Free {
    void operator()(State* state) const;
  };
  std::unique_ptr<State, Free> state_;
};

}  // namespace conec
