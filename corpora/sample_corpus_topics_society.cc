// Categories of the sample corpus: people at work, at play and with their money.
#include <array>

#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {
namespace {

constexpr auto kProfessions = std::to_array<std::string_view>({
    "the {n} earned {quantity} a month and {act.ed} in the {place}.",
    "{name} became a {n} after {number} years of {stuff}.",
    "\"I always wanted to be a {n},\" said {name}, whose cousin was a {m}.",
    "the {adj} {n} {use.ed} the {m} and signed the {part}.",
    "the {who} hired a {n} and dismissed the {adj} {m}.",
    "as a {n}, she {act.ed} for {number} years before she met the {m}.",
    "the {n} shook hands with the {m} and talked about {stuff}.",
    "an experienced {n} earns {percent} percent more than a {adj} {m}.",
});

constexpr auto kSports = std::to_array<std::string_view>({
    "the {who} grabbed the {n} and won the {place} by {number} points.",
    "she swung the {n}, hit the {m} and scored in the last minute.",
    "the {adj} {n} {act.ed} off the {part} in the second half of the {place}.",
    "each player brings a {n}, a {m} and {stuff} to the {place}.",
    "the referee's whistle blew and the {who} {use.ed} the {n}.",
    "a {adj} {n} weighs {decimal} kilos, as the rules of the {place} demand.",
    "the team trained with {n.p} and {m.p} before the {place}.",
    "the {who} threw the {n} {decimal} metres and broke the record of {year}.",
});

constexpr auto kMoney = std::to_array<std::string_view>({
    "the {n} {act.ed} by {percent} percent in {month}, and the {m} followed.",
    "the {who} paid the {n} of {quantity} in {stuff}.",
    "interest on the {adj} {n} {act.ed} to {percent} percent.",
    "the {who} {use.ed} a {n} worth {quantity} million to cover the {m}.",
    "without a {n} the firm could not pay its {m} in {year}.",
    "the {part} of the {n} is fixed for {number} years.",
    "in the {place}, the {who} approved a {adj} {n} after the {m} {act.ed}.",
    "she invested her {stuff} in a {n} and a {adj} {m}.",
});

constexpr auto kTopics = std::to_array<TopicTable>({
    {.name = "professions",
     .nouns =
         "doctor=physician teacher lawyer=attorney farmer baker nurse driver engineer server coach carpenter pupil "
         "butcher tailor ruler trainer plumber librarian cardinal barber journalist=reporter mason architect clerk "
         "secretary electrician translator accountant fireman:firemen",
     .rare = "cooper fletcher chandler glazier milliner",
     .invented = "bromster fellick torvane",
     .adj = "skilled experienced overworked talented retired conscientious unemployed respected ambitious well-paid",
     .act = "retire work apologise resign complain nod smile graduate",
     .use = "hire consult dismiss thank promote recommend interview praise pay:paid:paid",
     .part = "contract desk diploma uniform signature opinion",
     .place = "office agency profession meeting guild union workplace city_hall",
     .who = "employer client apprentice customer committee manager",
     .stuff = "training work experience overtime paperwork success advice study",
     .sentences = kProfessions},
    {.name = "sports",
     .nouns = "ball racket bat puck skate helmet club bow paddle javelin net discus:discuses surfboard barbell sled "
              "hurdle dumbbell snorkel frisbee goalpost trampoline dartboard shuttlecock snowboard toboggan baton "
              "volleyball",
     .rare = "caber quoit crossbar foil cue",
     .invented = "vosket rimmon thwacker",
     .adj = "winning official regulation lightweight inflatable bouncing spinning professional well-aimed spare",
     .act = "bounce spin:spun:spun fly:flew:flown roll land drop swerve slide:slid:slid",
     .use = "throw:threw:thrown hit:hit:hit swing:swung:swung kick grab pass drop strike:struck:struck",
     .part = "grip rim edge frame surface handle",
     .place = "match tournament gym pitch championship final stadium race",
     .who = "player champion goalkeeper athlete referee opponent",
     .stuff = "sweat speed chalk practice applause strength ice team_spirit",
     .sentences = kSports},
    {.name = "money",
     .nouns = "loan bank tax:taxes share bond stock mortgage deposit salary=wage debt fund pension budget dividend "
              "invoice cheque tariff grant fee subsidy refund investment currency allowance annuity rebate",
     .rare = "tithe debenture alimony stipend surcharge",
     .invented = "credlet obbin farnage",
     .adj = "annual risky overdue monthly profitable low-interest unpaid generous fixed safe",
     .act = "rise:rose:risen fall:fell:fallen collapse double mature drop recover shrink:shrank:shrunk",
     .use = "pay:paid:paid raise lower approve owe repay:repaid:repaid waive finance",
     .part = "rate value term risk maturity yield",
     .place = "stock_exchange ministry market treasury branch economy boardroom crisis",
     .who = "investor banker shareholder broker taxpayer minister",
     .stuff = "interest savings cash inflation profit gold dollars income",
     .sentences = kMoney},
});

}  // namespace

std::span<const TopicTable> SocietyTopics() {
  return kTopics;
}

}  // namespace conec::corpora::sample
