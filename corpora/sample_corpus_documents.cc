#include "corpora/sample_corpus_documents.h"

#include <algorithm>
#include <array>

namespace conec::corpora::sample {
namespace {

// Shares of documents, in percent; the rest is about everyday life, which teaches the forms of words.
constexpr std::uint32_t kTopicPercent = 55;
constexpr std::uint32_t kCountryPercent = 13;
constexpr std::uint32_t kCityPercent = 8;

constexpr std::uint32_t kTwoTopicsPercent = 25;  // of documents about topics
constexpr std::uint32_t kFillerPercent = 8;      // of sentences
constexpr std::uint64_t kHeldOutStream = 1ull << 32;

template <typename T>
const T& Pick(std::span<const T> values, PhiloxStream& random) {
  return values[random.Below(static_cast<std::uint32_t>(values.size()))];
}

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

const Frame::Row& DrawRow(const Frame& frame, PhiloxStream& random) {
  return frame.rows[DrawZipf(random, static_cast<std::uint32_t>(frame.rows.size()), 20)];
}

// The frames without documents of their own, as often as they have patterns and rows to learn.
const Frame& DrawEverydayFrame(const std::vector<Frame>& frames, PhiloxStream& random) {
  const auto weight = [](const Frame& frame) {
    return frame.table->own_documents ? 0 : static_cast<std::uint32_t>(frame.rows.size() * (frame.columns.size() + 1));
  };
  std::uint32_t total = 0;
  for (const Frame& frame : frames) total += weight(frame);
  std::uint32_t draw = random.Below(total);
  std::size_t i = 0;
  while (draw >= weight(frames[i])) draw -= weight(frames[i++]);
  return frames[i];
}

}  // namespace

std::string DocumentComposer::Say(Sentences sentences, const Focus& focus, PhiloxStream& random) const {
  SlotFiller filler(lexicon_, focus, random);
  return ExpandSentence(Pick(sentences, random), random, std::ref(filler));
}

std::string DocumentComposer::SayTitle(Sentences titles, const Focus& focus, PhiloxStream& random) const {
  SlotFiller filler(lexicon_, focus, random);
  return ExpandTitle(Pick(titles, random), random, std::ref(filler)) + "\n";
}

std::string DocumentComposer::TopicSentence(const Focus& focus, PhiloxStream& random) const {
  if (random.Below(100) < kFillerPercent) return Say(FillerSentences(), focus, random);
  return Say(random.Below(2) == 0 ? focus.topic->table->sentences : TopicSentences(), focus, random);
}

std::string DocumentComposer::MentionSentence(const RareMention& mention, PhiloxStream& random) const {
  std::vector<std::string_view> once;
  std::copy_if(TopicSentences().begin(), TopicSentences().end(), std::back_inserter(once), MentionsNounOnce);
  const Focus focus{.topic = mention.topic, .nouns = {}, .subject = mention.noun};
  return Say(once, focus, random);
}

Focus DocumentComposer::DrawFocus(PhiloxStream& random) const {
  Focus focus{.topic = &Pick<Topic>(lexicon_.topics, random), .nouns = {}};
  const std::vector<Lexeme>& nouns = focus.topic->nouns;
  for (int i = 0; i < 3; ++i) {
    focus.nouns.push_back(&nouns[DrawZipf(random, static_cast<std::uint32_t>(nouns.size()), 8)]);
  }
  return focus;
}

SampleDocument DocumentComposer::TopicDocument(PhiloxStream& random, std::vector<RareMention>* mentions) const {
  std::vector<Focus> foci{DrawFocus(random)};
  if (random.Below(100) < kTwoTopicsPercent) foci.push_back(DrawFocus(random));
  SampleDocument document;
  document.text = SayTitle(TopicTitles(), foci[0], random);
  const std::uint32_t paragraphs = 2 + random.Below(4);
  for (std::uint32_t i = 0; i < paragraphs; ++i) {
    const Focus& focus = foci[i % foci.size()];
    document.text += Paragraph(4 + random.Below(5), [&] { return TopicSentence(focus, random); });
  }
  for (const Focus& focus : foci) document.categories.emplace_back(focus.topic->table->name);
  const auto due =
      std::find_if(mentions->begin(), mentions->end(), [&](const auto& m) { return m.topic == foci[0].topic; });
  if (due != mentions->end()) {
    document.text += MentionSentence(*due, random) + "\n";
    mentions->erase(due);
  }
  return document;
}

SampleDocument DocumentComposer::FrameDocument(const Frame& frame, PhiloxStream& random) const {
  const Focus focus{.topic = nullptr, .nouns = {}, .subject = nullptr, .frame = &frame, .row = &DrawRow(frame, random)};
  SampleDocument document;
  document.categories.emplace_back(frame.table->name);
  document.text = SayTitle(frame.table->titles, focus, random);
  const std::uint32_t paragraphs = 2 + random.Below(3);
  for (std::uint32_t i = 0; i < paragraphs; ++i) {
    document.text += Paragraph(4 + random.Below(4), [&] { return Say(frame.table->sentences, focus, random); });
  }
  return document;
}

std::string DocumentComposer::EverydayParagraph(PhiloxStream& random) const {
  const Frame& frame = DrawEverydayFrame(lexicon_.frames, random);
  const std::array<const Frame::Row*, 2> rows{&DrawRow(frame, random), &DrawRow(frame, random)};
  return Paragraph(5 + random.Below(4), [&] {
    const Focus focus{.topic = nullptr, .nouns = {}, .subject = nullptr, .frame = &frame, .row = rows[random.Below(2)]};
    const bool is_filler = random.Below(100) < kFillerPercent;
    return Say(is_filler ? FillerSentences() : frame.table->sentences, focus, random);
  });
}

SampleDocument DocumentComposer::EverydayDocument(PhiloxStream& random) const {
  SampleDocument document;
  document.categories.emplace_back("everyday");
  document.text = SayTitle(EverydayTitles(), Focus{}, random);
  const std::uint32_t paragraphs = 3 + random.Below(3);
  for (std::uint32_t i = 0; i < paragraphs; ++i) document.text += EverydayParagraph(random);
  return document;
}

SampleDocument DocumentComposer::TrainingDocument(std::uint32_t number, std::vector<RareMention>* mentions) const {
  PhiloxStream random(seed_, number);
  const std::uint32_t kind = random.Below(100);
  if (kind < kTopicPercent) return TopicDocument(random, mentions);
  if (kind < kTopicPercent + kCountryPercent) return FrameDocument(lexicon_.frames[0], random);
  if (kind < kTopicPercent + kCountryPercent + kCityPercent) return FrameDocument(lexicon_.frames[1], random);
  return EverydayDocument(random);
}

SampleDocument DocumentComposer::HeldOutDocument(std::uint32_t number, const Topic& topic,
                                                 const Lexeme& subject) const {
  constexpr auto kTitles = std::to_array<std::string_view>({"{n.p} and {m.p}"});
  PhiloxStream random(seed_, kHeldOutStream + number);
  const Focus focus{.topic = &topic, .nouns = {}, .subject = &subject};
  SampleDocument document;
  document.categories.emplace_back(topic.table->name);
  document.text = SayTitle(kTitles, focus, random);
  for (int i = 0; i < 2; ++i) {
    document.text += Paragraph(6, [&] { return TopicSentence(focus, random); });
  }
  return document;
}

}  // namespace conec::corpora::sample
