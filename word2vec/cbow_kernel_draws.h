// The CBOW kernel's draws: the functions of draws.h for a vector of counters at a time, and the rows of W2 that they
// name. Included only through cbow_kernel_impl.h.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "word2vec/cbow_kernel_vector.h"

// NOLINTBEGIN(google-build-namespaces,misc-definitions-in-headers)

namespace conec::word2vec {
namespace {

// --- Draws
// --------------------------------------------------------------------------------------------------------------------------------

// Low halves of the 64-bit lanes multiplied to 64 bits.
inline VecU64 MultiplyLow(VecU64 a, VecU64 b) {
#if defined(__AVX512F__)
  return reinterpret_cast<VecU64>(_mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<VecU64>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu);
#endif
}

constexpr int kBlocks = kLanes / 2;  // Philox blocks at a time, one per 64-bit lane

// Philox blocks, one per 64-bit lane. c: the four words of the counters going in, the draws coming out; only the low
// halves count.
inline void PhiloxLanes(PhiloxKey key, VecU64 c[4]) {
  const VecU64 multiplier0 = VecU64{} + 0xD2511F53u, multiplier1 = VecU64{} + 0xCD9E8D57u;
  std::uint32_t k0 = key.word[0], k1 = key.word[1];
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const VecU64 product0 = MultiplyLow(c[0], multiplier0), product1 = MultiplyLow(c[2], multiplier1);
    c[0] = (product1 >> 32) ^ c[1] ^ (VecU64{} + k0);
    c[2] = (product0 >> 32) ^ c[3] ^ (VecU64{} + k1);
    c[1] = product1;
    c[3] = product0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// Blocks first .. first + kBlocks - 1 of a position (see draws.h).
inline void DrawBlocks(PhiloxKey key, std::uint32_t epoch, std::uint64_t position, std::uint32_t first,
                       VecU64 words[4]) {
  words[0] = VecU64{} + (position & 0xFFFFFFFFu);
  words[1] = VecU64{} + (position >> 32);
  words[2] = VecU64{} + epoch;
  VecU64 block = {};
  for (int lane = 0; lane < kBlocks; ++lane) block[lane] = first + static_cast<std::uint32_t>(lane);
  words[3] = block;
  PhiloxLanes(key, words);
}

// Whether any two of ids[0..n) are equal. The array goes on for a vector past n.
inline bool HasRepetition(std::uint32_t* ids, std::size_t n) {
  for (std::size_t i = 0; i < 2 * kLanes && n + i < (n + kLanes - 1) / kLanes * kLanes + kLanes; ++i) {
    ids[n + i] = kNoWord - 1 - static_cast<std::uint32_t>(i);  // different from every id and from each other
  }
  VecI equal = {};
  for (std::size_t shift = 1; shift < n; ++shift) {
    for (std::size_t i = 0; i + shift < n; i += kLanes) {
      equal |=
          *reinterpret_cast<const VecIUnaligned*>(ids + i) == *reinterpret_cast<const VecIUnaligned*>(ids + i + shift);
    }
  }
  bool any = false;
  for (int lane = 0; lane < kLanes; ++lane) any |= equal[lane] != 0;
  return any;
}

// Keeps the first of equal rows and adds up the counts; returns the number of rows left.
inline std::size_t MergeRepetitions(std::uint32_t* rows, float* counts, std::size_t n) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t same = 0;
    while (same < kept && rows[same] != rows[i]) ++same;
    if (same < kept) {
      counts[same] += counts[i];
      continue;
    }
    rows[kept] = rows[i];
    counts[kept] = counts[i];
    ++kept;
  }
  return kept;
}

// Multiplicities of rows first, first + 1, ..., n - 1 as they were drawn, and repetitions merged.
inline void CountRows(OutputRows* rows, std::size_t first, std::size_t n) {
  for (std::size_t r = 0; r < n; ++r) rows->counts[r] = 1.0f;
  if (HasRepetition(rows->rows + first, n - first)) [[unlikely]]
    n = first + MergeRepetitions(rows->rows + first, rows->counts + first, n - first);
  for (std::size_t r = n; r < n + kLanes; ++r) rows->counts[r] = 0.0f;
  rows->size = n;
}

// The row of W2 of a noise word.
inline std::uint32_t RowOf(const CbowModel& model, std::uint32_t word) {
  if (model.row_of != nullptr) [[unlikely]]
    return model.row_of(model.rows, word);
  return word;
}

// Where a row of a table lies.
inline float* RowAt(float* table, const RowCopies& copies, std::uint32_t row, std::size_t stride) {
  return (row < copies.size ? copies.rows : table) + row * stride;
}

inline void FindRows(const CbowModel& model, const RowCopies& copies, std::size_t first, OutputRows* rows) {
  for (std::size_t r = first; r < rows->size; ++r)
    rows->at[r] = RowAt(model.output, copies, rows->rows[r], model.stride);
}

// One noise word from lane `lane` of drawn blocks; half: the first or the second of the block.
inline std::uint32_t NoiseOfLane(const CbowModel& model, const VecU64 words[4], std::uint32_t lane,
                                 std::uint32_t half) {
  return NoiseWord(static_cast<std::uint32_t>(words[2 * half][lane]),
                   static_cast<std::uint32_t>(words[2 * half + 1][lane]), model.noise, model.vocabulary_size);
}

// The draws of one centre: the rows of W2 to train (target first, then distinct noise words) and, returned, its radius.
inline std::size_t Draw(const CbowModel& model, const CbowRun& run, std::size_t centre, OutputRows* rows) {
  const std::uint32_t target = run.words[centre];
  const std::uint64_t position = run.positions[centre];
  std::size_t radius = 0, n = 1;
  rows->rows[0] = run.ids[centre];
  // Blocks 0 (radius) and 1, 2, ... (two noise words each).
  const std::uint32_t blocks = 1 + (model.negatives + 1) / 2;
  for (std::uint32_t first = 0; first < blocks; first += kBlocks) {
    VecU64 words[4];
    DrawBlocks(model.key, run.epoch, position, first, words);
    for (std::uint32_t lane = 0; lane < kBlocks && first + lane < blocks; ++lane) {
      if (first + lane == 0) {
        radius = static_cast<std::size_t>(
            WindowRadius(static_cast<std::uint32_t>(words[0][0]), static_cast<int>(model.window)));
        continue;
      }
      for (std::uint32_t half = 0; half < 2; ++half) {
        const std::uint32_t j = 2 * (first + lane - 1) + half;
        if (j >= model.negatives) break;
        std::uint32_t word = NoiseOfLane(model, words, lane, half);
        if (word == target) [[unlikely]] {
          word = RetriedNoiseWord(model.key, run.epoch, position, j, target, model.noise, model.vocabulary_size);
          if (word == kNoWord) continue;
        }
        rows->rows[n++] = RowOf(model, word);
      }
    }
  }
  CountRows(rows, 0, n);
  FindRows(model, RowCopies{}, 0, rows);
  return radius;
}

// The noise words drawn at `position` for several centres; rows[0] is left for their targets.
inline void DrawShared(const CbowModel& model, std::uint32_t epoch, std::uint64_t position, const RowCopies& copies,
                       OutputRows* rows) {
  for (std::uint32_t j = 0; j < model.negatives; j += 2 * kBlocks) {
    VecU64 words[4];
    DrawBlocks(model.key, epoch, position, 1 + j / 2, words);
    for (std::uint32_t i = 0; i < 2 * kBlocks && j + i < model.negatives; ++i) {
      rows->rows[1 + j + i] = RowOf(model, NoiseOfLane(model, words, i / 2, i % 2));
    }
  }
  CountRows(rows, 1, 1 + model.negatives);
  FindRows(model, copies, 1, rows);
}

// The window radii of kBlocks words of a run, `step` apart (as far as it goes).
inline void DrawRadii(const CbowModel& model, const CbowRun& run, std::size_t first, std::size_t step,
                      std::uint32_t radii[kBlocks]) {
  VecU64 position = {};
  for (std::size_t lane = 0; lane < kBlocks && first + lane * step < run.length; ++lane) {
    position[lane] = run.positions[first + lane * step];
  }
  VecU64 words[4] = {position & 0xFFFFFFFFu, position >> 32, VecU64{} + run.epoch, {}};
  PhiloxLanes(model.key, words);
  for (int lane = 0; lane < kBlocks; ++lane) {
    radii[lane] = static_cast<std::uint32_t>(
        WindowRadius(static_cast<std::uint32_t>(words[0][lane]), static_cast<int>(model.window)));
  }
}

}  // namespace
}  // namespace conec::word2vec

// NOLINTEND(google-build-namespaces,misc-definitions-in-headers)
