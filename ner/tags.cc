#include "ner/tags.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/status.h"

namespace conec::ner {
namespace {

constexpr std::array<std::string_view, 4> kSchemeNames = {"type", "iob1", "iob2", "bioes"};

// As a letter of the field's names for prefixes; 0: none of them.
char PrefixOf(char letter) {
  switch (letter) {
    case 'B':
    case 'I':
    case 'E':
    case 'S':
      return letter;
    case 'L':
      return 'E';
    case 'U':
      return 'S';
    default:
      return 0;
  }
}

bool Begins(const TagParts& previous, const TagParts& tag) {
  if (tag.prefix == 'O') return false;
  return tag.prefix == 'B' || tag.prefix == 'S' || previous.prefix == 'O' || previous.prefix == 'E' ||
         previous.prefix == 'S' || previous.type != tag.type;
}

template <typename Tag>
std::vector<Entity> Entities(std::span<const Tag> tags) {
  std::vector<Entity> entities;
  TagParts previous;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const TagParts tag = PartsOf(tags[i]);
    if (Begins(previous, tag)) {
      entities.push_back({.begin = i, .end = i + 1, .type = std::string(tag.type)});
    } else if (tag.prefix != 'O') {
      entities.back().end = i + 1;
    }
    previous = tag;
  }
  return entities;
}

// The prefix of token i; `adjacent`: the entity before has the same type and ends where this one begins.
char PrefixAt(const Entity& entity, std::size_t i, bool adjacent, TagScheme scheme) {
  const bool first = i == entity.begin, last = i + 1 == entity.end;
  if (scheme == TagScheme::kIob1) return first && adjacent ? 'B' : 'I';
  if (scheme == TagScheme::kIob2) return first ? 'B' : 'I';
  if (first) return last ? 'S' : 'B';
  return last ? 'E' : 'I';
}

class SchemeDetector {
 public:
  // False once no scheme is left.
  bool Add(const TagParts& previous, const TagParts& tag) {
    for (TagScheme scheme : kSchemes) {
      if (!MayFollow(previous, tag, scheme)) possible_[static_cast<std::size_t>(scheme)] = false;
    }
    return std::find(possible_.begin(), possible_.end(), true) != possible_.end();
  }
  TagScheme Best() const {
    return *std::find_if(kSchemes.begin(), kSchemes.end(),
                         [this](TagScheme scheme) { return possible_[static_cast<std::size_t>(scheme)]; });
  }

 private:
  static constexpr std::array<TagScheme, 4> kSchemes = {TagScheme::kIob2, TagScheme::kBioes, TagScheme::kIob1,
                                                        TagScheme::kType};
  std::array<bool, 4> possible_ = {true, true, true, true};
};

}  // namespace

std::string_view Name(TagScheme scheme) {
  return kSchemeNames[static_cast<std::size_t>(scheme)];
}

absl::StatusOr<TagScheme> ParseTagScheme(std::string_view name) {
  for (std::size_t i = 0; i < kSchemeNames.size(); ++i) {
    if (kSchemeNames[i] == name) return static_cast<TagScheme>(i);
  }
  return InvalidArgument("unknown tag scheme '{}': type, iob1, iob2 and bioes are known", name);
}

TagParts PartsOf(std::string_view tag) {
  if (tag == "O") return {};
  const char prefix = tag.empty() ? '\0' : PrefixOf(tag[0]);
  if (prefix == 0 || (tag.size() > 1 && tag[1] != '-')) return {.prefix = 0, .type = tag};
  return {.prefix = prefix, .type = tag.substr(std::min<std::size_t>(2, tag.size()))};
}

bool MayFollow(const TagParts& previous, const TagParts& tag, TagScheme scheme) {
  const char prefix = tag.prefix;
  const bool same = previous.type == tag.type;
  if (scheme == TagScheme::kType) return prefix == 'O' || prefix == 0;
  if (prefix == 0) return false;
  if (scheme == TagScheme::kBioes) {
    const bool open = previous.prefix == 'B' || previous.prefix == 'I';
    const bool goes_on = prefix == 'I' || prefix == 'E';
    return open ? goes_on && same : !goes_on;
  }
  if (prefix == 'E' || prefix == 'S') return false;
  if (scheme == TagScheme::kIob1) return prefix != 'B' || (previous.prefix != 'O' && same);
  return prefix != 'I' || (previous.prefix != 'O' && same);
}

std::vector<Entity> EntitiesOf(std::span<const std::string_view> tags) {
  return Entities(tags);
}

std::vector<Entity> EntitiesOf(std::span<const std::string> tags) {
  return Entities(tags);
}

std::vector<std::string> TagsOf(std::span<const Entity> entities, std::size_t length, TagScheme scheme) {
  std::vector<std::string> tags(length, "O");
  const Entity* previous = nullptr;
  for (const Entity& entity : entities) {
    assert(entity.begin < entity.end && entity.end <= length);
    assert(previous == nullptr || previous->end <= entity.begin);
    const bool adjacent = previous != nullptr && previous->end == entity.begin && previous->type == entity.type;
    for (std::size_t i = entity.begin; i < entity.end; ++i) {
      tags[i] = scheme == TagScheme::kType ? "" : std::string{PrefixAt(entity, i, adjacent, scheme), '-'};
      tags[i] += entity.type;
    }
    previous = &entity;
  }
  return tags;
}

std::vector<std::string> ConvertTags(std::span<const std::string_view> tags, std::span<const std::size_t> sentence_ends,
                                     TagScheme scheme) {
  std::vector<std::string> converted;
  converted.reserve(tags.size());
  std::size_t begin = 0;
  for (const std::size_t end : sentence_ends) {
    const std::vector<Entity> entities = EntitiesOf(tags.subspan(begin, end - begin));
    for (std::string& tag : TagsOf(entities, end - begin, scheme)) converted.push_back(std::move(tag));
    begin = end;
  }
  return converted;
}

absl::StatusOr<TagScheme> DetectTagScheme(std::span<const std::string_view> tags,
                                          std::span<const std::size_t> sentence_ends, std::size_t* offender) {
  SchemeDetector detector;
  const auto fail = [&](std::size_t i) {
    if (offender != nullptr) *offender = i;
    return InvalidArgument(
        "the tag '{}' breaks the rules of iob2, bioes, iob1 and type, as far as the tags before it "
        "leave a choice",
        tags[i]);
  };
  std::size_t begin = 0;
  for (const std::size_t end : sentence_ends) {
    TagParts previous;
    for (std::size_t i = begin; i < end; ++i) {
      const TagParts tag = PartsOf(tags[i]);
      if (!detector.Add(previous, tag)) return fail(i);
      previous = tag;
    }
    if (end > begin && !detector.Add(previous, {})) return fail(end - 1);
    begin = end;
  }
  return detector.Best();
}

}  // namespace conec::ner
