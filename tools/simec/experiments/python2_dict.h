// The order of keys in a dictionary of Python 2.7, which depends on hashes and on the history of its table: the order
// in which programs of that time went through words, for what depends on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conec::simec::experiments {

// hash(key) of a str or unicode object of 64-bit builds without -R. key: ASCII.
std::uint64_t Python2Hash(std::string_view key);

// Numbers of the keys in the order that going through the dictionary gives, after they were inserted one by one into an
// empty one. keys: distinct, ASCII.
std::vector<std::size_t> Python2DictOrder(const std::vector<std::string>& keys);

}  // namespace conec::simec::experiments
