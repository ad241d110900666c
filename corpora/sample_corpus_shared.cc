// Words and sentences that all documents of the sample corpus share.
#include <array>

#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {
namespace {

constexpr auto kLists = std::to_array<SharedList>({
    {"anyadj",
     "small=little new large=big good strange=odd fine common beautiful ordinary familiar remarkable "
     "different important useful"},
    {"anyact", "change remain disappear wait stay fail appear matter"},
    {"anyuse",
     "see:saw:seen find:found:found need show:showed:shown choose:chose:chosen describe like remember "
     "study mention compare photograph admire"},
    {"anyplace", "village town neighbourhood region district area centre street"},
    {"anywho", "neighbour visitor friend child:children stranger family:families couple crowd"},
    {"name",
     "Anna Peter Maria Thomas Clara Martin Helen Oscar Julia Henry Nora Felix Emma Leo Ruth Hugo Alice Simon "
     "Vera Arthur Ida Walter Laura Victor"},
    {"boy", "Peter Thomas Martin Oscar Henry Felix Leo Hugo Simon Arthur Walter Victor"},
    {"girl", "Anna Maria Clara Helen Julia Nora Emma Ruth Alice Vera Ida Laura"},
    {"number",
     "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
     "hundred"},
    {"day", "Monday Friday Saturday Sunday Wednesday Tuesday Thursday"},
    {"month", "May June September October March April July December January August November February"},
    {"season", "summer winter autumn"},
    {"time",
     "yesterday today last_week this_morning last_night in_the_evening at_noon last_year two_days_later "
     "before_dawn after_lunch once_again"},
    {"often", "often usually sometimes rarely always never seldom"},
    {"adv", "suddenly easily finally almost soon perhaps certainly indeed quickly carelessly"},
    {"said", "said answered asked explained added replied thought wrote"},
    {"prep", "in near behind inside at beside outside by"},
    {"unit", "minutes hours days weeks months"},
    {"conj", "because although while since until whenever before after"},
    {"thing", "reason question answer idea story:stories problem problem matter example plan rule habit"},
    {"feel", "believed knew expected feared noticed forgot remembered understood"},
});

constexpr auto kTopicSentences = std::to_array<std::string_view>({
    "the {adj} {n} {act.ed} in the {place} {conj} the {who} {use.ed} the {m}.",
    "the {who} {use.ed} the {adj} {n} (and|but not|or) the {m} in the {place}.",
    "{time}, the {who} {use.ed} (a|the|another) {adj} {n} {prep} the {place}.",
    "have you ever {use.en} a {adj} {n}, or only a {m}?",
    "why did the {who} {use} the {n} {prep} the {place}?",
    "which {n} {act.ed} first, the {adj} {n} or the {adj2} {n}?",
    "there were {number} {n.p} {prep} the {place}: a {adj} one, a {adj2} one and {some} without a {part}.",
    "in the {place} they {use.ed} {n.p}, {m.p}, {k.p} and {stuff}.",
    "\"we {often} {use} the {n} {prep} the {place},\" {said} the {who}.",
    "\"is it a {n} or a {m}?\" asked the {who}, who had {use.en} both.",
    "the {n} was {use.en} by the {who} {conj} the {m} {act.ed}.",
    "{number} {adj} {n.p} were {use.en} by {who.p} in {month} {year}.",
    "the {part} of the {n} was as {adj} as the {part} of the {m}.",
    "{n.p} are {often} {adj}, (while|but) {m.p} are {adj2}.",
    "every {n} has a {part}, and a {adj} {n} has a {adj2} {part}.",
    "the {who} who {use.ed} the {n} {feel} that it {act.ed} {prep} the {place}.",
    "if the {n} {act.s}, the {who} {use.s} its {part} with {stuff}.",
    "to the {who}, a {adj} {n} with a {adj2} {part} meant {stuff}.",
    "{name} {use.ed} the {n}, {conj} the {m} in the {place} {act.ed}.",
    "neither the {n} nor the {m} {act.ed} {time}.",
    "of all {n.p}, the {who} {use.ed} only those with {adj} {part.p}.",
    "the {adj} {n}, which {act.ed} {prep} the {place}, was {adv} {use.en}.",
    "it takes {some} {unit} to {use} a {n} {prep} a {place}.",
    "{name} and the {who} were {use.ing} a {adj} {n} {prep} the {place}.",
    "\"(this|one|no) {n} {act.s} like a {m},\" {said} {name}.",
    "the {n} was {use.en} {prep} the {place} and {use2.en} by a {who}.",
});

constexpr auto kFillerSentences = std::to_array<std::string_view>({
    "it was {number} o'clock on a {day} in {month}.",
    "{name} {feel} that {name2} would not come {time}.",
    "that was the {thing} for the {thing2}.",
    "nobody {feel} what would happen next.",
    "\"that is a good {thing},\" {said} {name}, \"but what about the {thing2}?\"",
    "in {year} there was another {thing}, and then {name} {feel} it.",
    "this is (only|just|not) one {thing} among {some}.",
    "{adv}, {name} {said} nothing about the {thing}.",
    "what else could they do {time}?",
    "{name} came back on {day} with the {thing} that {name2} {feel}.",
    "the {thing} was simple, (and|but|so) {name} {feel} the {thing2}.",
    "there are {some} of them {prep} the {anyplace}, about {percent} percent more than in {year}.",
});

constexpr auto kTitles = std::to_array<std::string_view>({
    "the {adj} {n}",
    "{n.p} and {m.p}",
    "a {n} {prep} the {place}",
    "how to {use} a {n}",
    "the {who} and the {n}",
    "why {n.p} {act}",
    "{number} {adj} {n.p}",
    "the {n} of {year}",
});

constexpr auto kEverydayTitles = std::to_array<std::string_view>({
    "a {day} in {month}",
    "the {thing} of {year}",
    "{name} and {name2}",
    "another {thing}",
    "what {name} {feel}",
});

}  // namespace

std::span<const SharedList> SharedLists() {
  return kLists;
}
Sentences TopicSentences() {
  return kTopicSentences;
}
Sentences FillerSentences() {
  return kFillerSentences;
}
Sentences TopicTitles() {
  return kTitles;
}
Sentences EverydayTitles() {
  return kEverydayTitles;
}

}  // namespace conec::corpora::sample
