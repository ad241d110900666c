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

// A tag taken apart. Besides "O": PREFIX-TYPE where the prefix is B, I, E, S, L or U (BILOU's E and S); a prefix alone
// has the type ""; everything else is a type without prefix, as in kType.
struct TagParts {
  char prefix = 'O';  // 'O', 'B', 'I', 'E', 'S', or 0: none
  std::string_view type;
  bool operator==(const TagParts&) const = default;
};
TagParts PartsOf(std::string_view tag);

// Whether a sentence that obeys the scheme may have `tag` right after `previous`, which obeys it, too. What lies before
// a sentence and after it is O.
bool MayFollow(const TagParts& previous, const TagParts& tag, TagScheme scheme);

// Tokens [begin, end) of one sentence.
struct Entity {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string type;
  bool operator==(const Entity&) const = default;
};

// The entities that the tags of one sentence mean, in any mixture of schemes: an entity begins at B and S, after E and
// S, and wherever the type changes; it ends before such a beginning and before O. Tags of B, I and O mean what
// conlleval takes them for. A tag without a prefix is like one with I.
std::vector<Entity> EntitiesOf(std::span<const std::string_view> tags);
std::vector<Entity> EntitiesOf(std::span<const std::string> tags);

// The tags of a sentence of `length` tokens. Entities are ascending and do not overlap (assertion). All schemes but
// kType, which joins neighbours of the same type, give the same entities back.
std::vector<std::string> TagsOf(std::span<const Entity> entities, std::size_t length, TagScheme scheme);

// The tags of a whole text in another scheme: TagsOf(EntitiesOf()) sentence by sentence. sentence_ends: ascending, the
// last one is tags.size().
std::vector<std::string> ConvertTags(std::span<const std::string_view> tags, std::span<const std::size_t> sentence_ends,
                                     TagScheme scheme);

// The first of iob2, bioes, iob1, type that all sentences of the text obey. If none is left at some token,
// kInvalidArgument with its tag, and its index in *offender.
absl::StatusOr<TagScheme> DetectTagScheme(std::span<const std::string_view> tags,
                                          std::span<const std::size_t> sentence_ends, std::size_t* offender = nullptr);

}  // namespace conec::ner
