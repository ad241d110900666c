#include "corpora/sample_corpus_documents.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace conec::corpora::sample {
namespace {

// Shares of documents, in percent; the rest is about everyday life, which teaches the forms of words.
constexpr std::uint32_t kTopicPercent = 53;
constexpr std::uint32_t kCountryPercent = 17;
constexpr std::uint32_t kCityPercent = 7;

constexpr std::uint32_t kTwoTopicsPercent = 35;  // of documents about topics
constexpr std::uint32_t kFillerPercent = 8;      // of sentences
constexpr std::uint64_t kHeldOutStream = 1ull << 32;

// Calls sentence() `count` times and joins the results to one line.
template <typename MakeSentence>
std::string Paragraph(std::uint32_t count, MakeSentence make_sentence) {
  std::string paragraph;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) paragraph.push_back(' ');
    paragraph.append(make_sentence());
  }
  paragraph.push_back('\n');
  return paragraph;
}

bool MentionsNounOnce(std::string_view pattern) {
  const std::size_t first = pattern.find("{n}");
  return first != std::string_view::npos && pattern.find("{n", first + 1) == std::string_view::npos;
}

const Frame::Row& DrawRow(const Frame& frame, Narrator& narrator) {
  return frame.rows[DrawZipf(narrator.random(), static_cast<std::uint32_t>(frame.rows.size()), 20)];
}

// The frames without documents of their own, as often as they have rows and forms to learn.
const Frame& DrawEverydayFrame(const std::vector<Frame>& frames, Narrator& narrator) {
  const auto weight = [](const Frame& frame) {
    return frame.table->own_documents ? 0 : static_cast<std::uint32_t>(frame.rows.size() * (frame.columns.size() + 1));
  };
  std::uint32_t total = 0;
  for (const Frame& frame : frames) total += weight(frame);
  std::uint32_t draw = narrator.Below(total);
  std::size_t i = 0;
  while (draw >= weight(frames[i])) draw -= weight(frames[i++]);
  return frames[i];
}

Focus FocusOnRow(const Frame& frame, const Frame::Row& row) {
  Focus focus;
  focus.frame = &frame;
  focus.row = &row;
  return focus;
}

std::string TopicSentence(const Focus& focus, Narrator& narrator) {
  if (narrator.Percent(kFillerPercent)) return narrator.Say(FillerSentences(), focus);
  return narrator.Say(narrator.Percent(40) ? focus.topic->table->sentences : TopicSentences(), focus);
}

std::string MentionSentence(const RareMention& mention, Narrator& narrator) {
  std::vector<std::string_view> once;
  std::copy_if(TopicSentences().begin(), TopicSentences().end(), std::back_inserter(once), MentionsNounOnce);
  Focus focus;
  focus.topic = mention.topic;
  focus.subject = mention.noun;
  return narrator.Say(once, focus);
}

// A document about one row: a country or a city.
SampleDocument FrameDocument(const Frame& frame, Narrator& narrator) {
  const Focus focus = FocusOnRow(frame, DrawRow(frame, narrator));
  SampleDocument document;
  document.categories.emplace_back(frame.table->name);
  document.text = narrator.SayTitle(frame.table->titles, focus);
  const std::uint32_t paragraphs = 2 + narrator.Below(3);
  for (std::uint32_t i = 0; i < paragraphs; ++i) {
    document.text += Paragraph(4 + narrator.Below(4), [&] { return narrator.Say(frame.table->sentences, focus); });
  }
  return document;
}

// A paragraph about two rows of a frame: two verbs, two families.
std::string EverydayParagraph(const Lexicon& lexicon, Narrator& narrator) {
  const Frame& frame = DrawEverydayFrame(lexicon.frames, narrator);
  const std::array<const Frame::Row*, 2> rows{&DrawRow(frame, narrator), &DrawRow(frame, narrator)};
  return Paragraph(5 + narrator.Below(4), [&] {
    const Focus focus = FocusOnRow(frame, *rows[narrator.Below(2)]);
    return narrator.Say(narrator.Percent(kFillerPercent) ? FillerSentences() : frame.table->sentences, focus);
  });
}

}  // namespace

// Whether `pattern` is among the last `ago` that were said.
bool Narrator::WasSaid(std::string_view pattern, std::size_t ago) const {
  const auto first = said_.end() - static_cast<std::ptrdiff_t>(std::min(ago, said_.size()));
  return std::find(first, said_.end(), pattern) != said_.end();
}

std::string_view Narrator::Choose(Sentences sentences) {
  const auto draw = [&] { return sentences[Below(static_cast<std::uint32_t>(sentences.size()))]; };
  std::string_view pattern = draw();
  for (int trial = 0; trial < 8 && WasSaid(pattern, sentences.size() - 1); ++trial) pattern = draw();
  said_.push_back(pattern);
  return pattern;
}

std::string Narrator::Say(Sentences sentences, const Focus& focus) {
  const std::string_view pattern = Choose(sentences);
  SlotFiller filler(lexicon_, focus, random_);
  return ExpandSentence(pattern, random_, std::ref(filler));
}

std::string Narrator::SayTitle(Sentences titles, const Focus& focus) {
  const std::string_view pattern = Choose(titles);
  SlotFiller filler(lexicon_, focus, random_);
  return ExpandTitle(pattern, random_, std::ref(filler)) + "\n";
}

Focus DocumentComposer::DrawFocus(Narrator& narrator) const {
  Focus focus;
  focus.topic = &lexicon_.topics[narrator.Below(static_cast<std::uint32_t>(lexicon_.topics.size()))];
  const std::vector<Lexeme>& nouns = focus.topic->nouns;
  for (int i = 0; i < 3; ++i) {
    focus.nouns.push_back(&nouns[DrawZipf(narrator.random(), static_cast<std::uint32_t>(nouns.size()), 8)]);
  }
  return focus;
}

SampleDocument DocumentComposer::TopicDocument(Narrator& narrator, std::vector<RareMention>* mentions) const {
  std::vector<Focus> foci{DrawFocus(narrator)};
  if (narrator.Percent(kTwoTopicsPercent)) foci.push_back(DrawFocus(narrator));
  foci.front().other = foci.back().topic;
  foci.back().other = foci.front().topic;
  SampleDocument document;
  document.text = narrator.SayTitle(TopicTitles(), foci[0]);
  const std::uint32_t paragraphs = 2 + narrator.Below(4);
  for (std::uint32_t i = 0; i < paragraphs; ++i) {
    const Focus& focus = foci[i % foci.size()];
    document.text += Paragraph(4 + narrator.Below(5), [&] { return TopicSentence(focus, narrator); });
  }
  for (const Focus& focus : foci) document.categories.emplace_back(focus.topic->table->name);
  const auto fits = [&](const RareMention& mention) { return mention.topic == foci[0].topic; };
  if (const auto due = std::find_if(mentions->begin(), mentions->end(), fits); due != mentions->end()) {
    document.text += MentionSentence(*due, narrator) + "\n";
    mentions->erase(due);
  }
  return document;
}

SampleDocument DocumentComposer::EverydayDocument(Narrator& narrator) const {
  SampleDocument document;
  document.categories.emplace_back("everyday");
  document.text = narrator.SayTitle(EverydayTitles(), Focus{});
  const std::uint32_t paragraphs = 3 + narrator.Below(3);
  for (std::uint32_t i = 0; i < paragraphs; ++i) document.text += EverydayParagraph(lexicon_, narrator);
  return document;
}

SampleDocument DocumentComposer::TrainingDocument(std::uint32_t number, std::vector<RareMention>* mentions) const {
  Narrator narrator(lexicon_, seed_, number);
  const std::uint32_t kind = narrator.Below(100);
  if (kind < kTopicPercent) return TopicDocument(narrator, mentions);
  if (kind < kTopicPercent + kCountryPercent) return FrameDocument(lexicon_.frames[0], narrator);
  if (kind < kTopicPercent + kCountryPercent + kCityPercent) return FrameDocument(lexicon_.frames[1], narrator);
  return EverydayDocument(narrator);
}

SampleDocument DocumentComposer::HeldOutDocument(std::uint32_t number, const Topic& topic,
                                                 const Lexeme& subject) const {
  constexpr auto kTitles = std::to_array<std::string_view>({"{n.p} and {m.p}"});
  Narrator narrator(lexicon_, seed_, kHeldOutStream + number);
  Focus focus;
  focus.topic = &topic;
  focus.subject = &subject;
  SampleDocument document;
  document.categories.emplace_back(topic.table->name);
  document.text = narrator.SayTitle(kTitles, focus);
  for (int i = 0; i < 2; ++i) {
    document.text += Paragraph(6, [&] { return TopicSentence(focus, narrator); });
  }
  return document;
}

}  // namespace conec::corpora::sample
