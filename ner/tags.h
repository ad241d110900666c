// Named entities as tags per token, and back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::ner {

enum class TagScheme {
  kType,   // the entity's type at each of its tokens; neighbours with one type are one entity (the ConEc paper)
  kIob1,   // I-X; B-X only at the start of an entity right after one of the same type (CoNLL-2003 as published)
  kIob2,   // B-X at every start, I-X inside (CoNLL-2002, "BIO")
  kBioes,  // B-X, I-X, E-X, and S-X for entities of one token
};
std::string_view Name(TagScheme scheme);  // "type", "iob1", "iob2", "bioes"
absl::StatusOr<TagScheme> ParseTagScheme(std::string_view name);

// Tokens [begin, end) of one sentence.
struct Entity {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string type;
  bool operator==(const Entity&) const = default;
};

// The entities that the tags of one sentence mean, as conlleval reads them: any mixture of IOB1, IOB2 and BIOES is
// understood; a tag without prefix other than "O" counts as the type under kType.
std::vector<Entity> EntitiesOf(std::span<const std::string_view> tags);
std::vector<Entity> EntitiesOf(std::span<const std::string> tags);

// The tags of a sentence of `length` tokens. Entities are ascending and do not overlap (assertion).
std::vector<std::string> TagsOf(std::span<const Entity> entities, std::size_t length, TagScheme scheme);

// The narrowest of iob2, bioes, iob1, type that all of these sentences' tags obey; kInvalidArgument naming the first
// tag that fits none.
absl::StatusOr<TagScheme> DetectTagScheme(std::span<const std::vector<std::string_view>> sentences);

}  // namespace conec::ner
