// Every random draw of training, as a pure function of (seed, epoch, position, index). Shared by the reference, the CPU
// kernels and the device; plain C++ without std types besides cstdint.
//
// Counter of one Philox block: {position low, position high, epoch, block}. Blocks of a position:
//   0                   word 0: window radius; word 1: subsampling; the rest is not used
//   1 + j/2             words 2(j%2), 2(j%2)+1: noise word j, first attempt
//   kRetryBlock + 16 j.. two further attempts each, for a noise word that equals the target
//
// With shared noise words (TrainOptions::shared_negatives = B > 1) the words of a block that survive subsampling, gaps
// among them, are cut into groups of NoiseSets(B) * B. Word i of a group has noise set i mod NoiseSets(B): the first
// attempts at the position of word i mod NoiseSets(B) of the group. A noise word that equals a target is left out
// there. A group is trained set by set, each in the order of the text.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace conec::word2vec {

// One entry of Walker's alias table (Walker 1977; Vose 1991): index i stands for word i with probability threshold /
// 2^32, else for `alias`.
struct AliasEntry {
  std::uint32_t threshold;
  std::uint32_t alias;
};

inline constexpr std::uint32_t kRetryBlock = 0x10000u;
inline constexpr std::uint32_t kRetryBlocksPerDraw = 16;  // 32 attempts; then the noise word is left out
inline constexpr std::uint32_t kNoWord = 0xFFFFFFFFu;

CONEC_HOST_DEVICE constexpr PhiloxBlock DrawBlock(PhiloxKey key, std::uint32_t epoch, std::uint64_t position,
                                                  std::uint32_t block) {
  return Philox(
      PhiloxBlock{{static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), epoch, block}},
      key);
}

// U{1..window}.
CONEC_HOST_DEVICE constexpr int WindowRadius(std::uint32_t draw, int window) {
  return 1 + static_cast<int>(UniformBelow(draw, static_cast<std::uint32_t>(window)));
}

// Sets of noise words that a group of words shares, each of them `shared` times. Centres with the same set stand so
// many words apart. Groups of some 256 words leave the rows of two groups in an L2 cache.
CONEC_HOST_DEVICE constexpr std::uint32_t NoiseSets(std::uint32_t shared) {
  constexpr std::uint32_t kGroupWords = 256;
  if (shared <= 1) return 1;
  return shared < kGroupWords ? (kGroupWords + shared - 1) / shared : 1;
}

// A word of the noise distribution from two 32-bit draws.
CONEC_HOST_DEVICE constexpr std::uint32_t NoiseWord(std::uint32_t draw, std::uint32_t coin, const AliasEntry* table,
                                                    std::uint32_t size) {
  const std::uint32_t index = UniformBelow(draw, size);
  return coin < table[index].threshold ? index : table[index].alias;
}

// Noise word j redrawn until it is not the target; kNoWord if that never happens (a vocabulary whose noise is nearly
// all target).
CONEC_HOST_DEVICE constexpr std::uint32_t RetriedNoiseWord(PhiloxKey key, std::uint32_t epoch, std::uint64_t position,
                                                           std::uint32_t j, std::uint32_t target,
                                                           const AliasEntry* table, std::uint32_t size) {
  for (std::uint32_t retry = 0; retry < kRetryBlocksPerDraw; ++retry) {
    const PhiloxBlock block = DrawBlock(key, epoch, position, kRetryBlock + j * kRetryBlocksPerDraw + retry);
    for (int half = 0; half < 4; half += 2) {
      const std::uint32_t word = NoiseWord(block.word[half], block.word[half + 1], table, size);
      if (word != target) return word;
    }
  }
  return kNoWord;
}

// Noise word j at a position, whatever the target: the first attempt.
CONEC_HOST_DEVICE constexpr std::uint32_t SharedNoiseWord(PhiloxKey key, std::uint32_t epoch, std::uint64_t position,
                                                          std::uint32_t j, const AliasEntry* table,
                                                          std::uint32_t size) {
  const PhiloxBlock block = DrawBlock(key, epoch, position, 1 + j / 2);
  const bool second = j % 2 != 0;  // no index that is computed: on a GPU the block would go through memory for it
  return NoiseWord(second ? block.word[2] : block.word[0], second ? block.word[3] : block.word[1], table, size);
}

// Noise word j of a centre, with redraws.
CONEC_HOST_DEVICE constexpr std::uint32_t CentreNoiseWord(PhiloxKey key, std::uint32_t epoch, std::uint64_t position,
                                                          std::uint32_t j, std::uint32_t target,
                                                          const AliasEntry* table, std::uint32_t size) {
  const std::uint32_t word = SharedNoiseWord(key, epoch, position, j, table, size);
  return word != target ? word : RetriedNoiseWord(key, epoch, position, j, target, table, size);
}

}  // namespace conec::word2vec
