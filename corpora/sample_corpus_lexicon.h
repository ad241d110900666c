// The words and sentences of the sample corpus as tables. How to read them:
//   word lists    blanks between words; the first words are the most frequent (Zipf). "wolf:wolves" gives an irregular
//                 plural, "hide:hid:hidden" an irregular past and participle, "car=automobile" synonyms, "concert_hall"
//                 a blank.
//   sentences     {slot} draws from the list of that name; {slot.form} inflects; {slot2} is a second draw; equal slots
//                 of one sentence are the same word. (one|two|) draws one of the alternatives. "a" becomes "an".
#pragma once

#include <span>
#include <string_view>

namespace conec::corpora::sample {

using Sentences = std::span<const std::string_view>;

// A category of concrete nouns. Slots: {n} {m} {k} three different nouns; {adj} {act} {use} {part} {place} {who}
// {stuff}.
struct TopicTable {
  std::string_view name;
  std::string_view nouns;
  std::string_view rare;      // nouns with fewer than 20 occurrences, besides
  std::string_view invented;  // nouns of held-out documents only
  std::string_view adj;
  std::string_view act;    // what the thing does, intransitive
  std::string_view use;    // what people do with it, transitive
  std::string_view part;   // what it has
  std::string_view place;  // where it is
  std::string_view who;    // who deals with it
  std::string_view stuff;  // what is near it
  Sentences sentences;     // besides the shared ones
};

// A relation between the columns of each row, for analogies. A row is "word word ... | extra extra ...": one word per
// name in `columns`, then what only this row goes with, drawn by {with}.
struct FrameTable {
  std::string_view name;
  std::string_view columns;
  std::span<const std::string_view> rows;
  // "section-name:column:column ...": which analogies hold.
  std::string_view sections;
  // Whether documents are about one row (a country), not paragraphs about two (two verbs).
  bool own_documents;
  Sentences titles;  // for own_documents
  Sentences sentences;
};

// Lists that every sentence may use.
struct SharedList {
  std::string_view slot;
  std::string_view words;
};

std::span<const TopicTable> NatureTopics();
std::span<const TopicTable> ThingTopics();
std::span<const TopicTable> SocietyTopics();
std::span<const FrameTable> PlaceFrames();
std::span<const FrameTable> GrammarFrames();
std::span<const SharedList> SharedLists();
Sentences TopicSentences();   // sentences in which the nouns of every category can occur
Sentences FillerSentences();  // sentences that say nothing about the category
Sentences TopicTitles();
Sentences EverydayTitles();  // of documents that are about no category

}  // namespace conec::corpora::sample
