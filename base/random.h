// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// A draw is a pure function of (key, counter), so that every thread, every SIMD level and the GPU see the same draws in
// any order. Plain C++ without std types: this header is also compiled for the device.
#pragma once

#include <cstdint>

// Functions have internal linkage: a translation unit compiled for a wider instruction set must not lend its copy to
// the rest.
#if defined(__CUDACC__)
#define CONEC_HOST_DEVICE static __host__ __device__
#else
#define CONEC_HOST_DEVICE static
#endif

namespace conec {

struct PhiloxKey {
  std::uint32_t word[2];
};

struct PhiloxBlock {  // a counter going in, four independent 32-bit draws coming out
  std::uint32_t word[4];
};

CONEC_HOST_DEVICE constexpr PhiloxBlock Philox(PhiloxBlock counter, PhiloxKey key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53u;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57u;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9u;  // golden ratio
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85u;  // sqrt(3) - 1
  std::uint32_t c0 = counter.word[0], c1 = counter.word[1], c2 = counter.word[2], c3 = counter.word[3];
  std::uint32_t k0 = key.word[0], k1 = key.word[1];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * c0;
    const std::uint64_t product1 = kMultiplier1 * c2;
    c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(product1);
    c3 = static_cast<std::uint32_t>(product0);
    k0 += kWeyl0;
    k1 += kWeyl1;
  }
  return PhiloxBlock{{c0, c1, c2, c3}};
}

CONEC_HOST_DEVICE constexpr PhiloxKey MakePhiloxKey(std::uint64_t seed) {
  return PhiloxKey{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
}

// Uniform integer in [0, n) from a 32-bit draw, without division (bias at most n / 2^32). n >= 1.
CONEC_HOST_DEVICE constexpr std::uint32_t UniformBelow(std::uint32_t draw, std::uint32_t n) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(draw) * n) >> 32);
}

// Uniform float in [0, 1) with 24 bits.
CONEC_HOST_DEVICE constexpr float UniformFloat(std::uint32_t draw) {
  return static_cast<float>(draw >> 8) * (1.0f / 16777216.0f);
}

// A sequential generator over one Philox stream, for code that just needs many draws (sample corpus, tests). `stream`
// separates uses of one seed. Satisfies UniformRandomBitGenerator, but the std distributions differ between libraries:
// use the members for stored results.
class PhiloxStream {
 public:
  using result_type = std::uint32_t;
  explicit constexpr PhiloxStream(std::uint64_t seed, std::uint64_t stream = 0)
      : key_(MakePhiloxKey(seed)), stream_(stream) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return 0xFFFFFFFFu; }
  constexpr result_type operator()() {
    const std::uint32_t lane = static_cast<std::uint32_t>(position_ & 3);
    if (lane == 0) {
      const std::uint64_t index = position_ >> 2;
      block_ = Philox(PhiloxBlock{{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                   static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)}},
                      key_);
    }
    ++position_;
    return block_.word[lane];
  }
  constexpr std::uint32_t Below(std::uint32_t n) { return UniformBelow((*this)(), n); }
  constexpr double Uniform() {  // [0, 1), 53 bits
    const std::uint64_t high = (*this)() >> 5, low = (*this)() >> 6;
    return static_cast<double>((high << 26) | low) * (1.0 / 9007199254740992.0);
  }

 private:
  PhiloxKey key_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  PhiloxBlock block_{};
};

}  // namespace conec
