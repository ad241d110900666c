// Entity scores: the CoNLL shared tasks' conlleval, to the letter, and a strict mode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::ner {

enum class ScoreMode {
  kConlleval,  // an entity is what conlleval takes for one, in any mixture of IOB1, IOB2 and BIOES
  kStrict,     // only entities that obey the scheme count (seqeval's mode="strict")
};

struct EntityCounts {
  std::uint64_t gold = 0, found = 0, correct = 0;
  // In per cent; 0 where nothing can be divided.
  double precision() const;
  double recall() const;
  double f1() const;
  bool operator==(const EntityCounts&) const = default;
};

struct EntityReport {
  std::uint64_t tokens = 0, correct_tags = 0;
  EntityCounts total;
  std::map<std::string, EntityCounts> types;
  double accuracy() const;  // of tags, per cent

  // conlleval's text, byte for byte: "processed 1000 tokens with ...".
  std::string ConllevalText() const;
};

}  // namespace conec::ner
