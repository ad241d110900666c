#include "tools/simec/experiments/python2_dict.h"

#include <limits>

namespace conec::simec::experiments {
namespace {

constexpr std::size_t kEmpty = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kSmallest = 8, kLarge = 50000;

// Open addressing: where a slot is taken, the next one depends on more and more bits of the hash.
void Place(std::uint64_t hash, std::size_t number, std::vector<std::size_t>& slots) {
  const std::uint64_t mask = slots.size() - 1;
  std::uint64_t i = hash & mask;
  for (std::uint64_t rest = hash; slots[i & mask] != kEmpty; rest >>= 5) i = 5 * i + rest + 1;
  slots[i & mask] = number;
}

// Two thirds full is too full: four times as many slots as keys, twice as many for large dictionaries.
std::size_t SlotsFor(std::size_t keys) {
  const std::size_t least = keys * (keys > kLarge ? 2 : 4);
  std::size_t slots = kSmallest;
  while (slots <= least) slots *= 2;
  return slots;
}

std::vector<std::size_t> WithoutEmpty(const std::vector<std::size_t>& slots) {
  std::vector<std::size_t> numbers;
  for (const std::size_t number : slots) {
    if (number != kEmpty) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::uint64_t Python2Hash(std::string_view key) {
  if (key.empty()) return 0;
  std::uint64_t hash = static_cast<std::uint64_t>(static_cast<unsigned char>(key[0])) << 7;
  for (const char c : key) hash = 1000003 * hash ^ static_cast<unsigned char>(c);
  hash ^= key.size();
  return hash == ~std::uint64_t{0} ? hash - 1 : hash;
}

std::vector<std::size_t> Python2DictOrder(const std::vector<std::string>& keys) {
  std::vector<std::uint64_t> hashes;
  std::vector<std::size_t> slots(kSmallest, kEmpty);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    hashes.push_back(Python2Hash(keys[k]));
    Place(hashes[k], k, slots);
    if ((k + 1) * 3 < slots.size() * 2) continue;
    const std::vector<std::size_t> before = WithoutEmpty(slots);
    slots.assign(SlotsFor(k + 1), kEmpty);
    for (const std::size_t number : before) Place(hashes[number], number, slots);
  }
  return WithoutEmpty(slots);
}

}  // namespace conec::simec::experiments
