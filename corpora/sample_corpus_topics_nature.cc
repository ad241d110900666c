// Categories of the sample corpus: living things, the body and the land.
#include <array>

#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {
namespace {

constexpr auto kAnimals = std::to_array<std::string_view>({
    "the hungry {n} {act.ed} until the {who} brought {stuff} and {stuff2} to the {place}.",
    "the nursing {n} licked her young and {act.ed} {prep} the {place}.",
    "at dusk the {n} came out of the {place}, sniffed the wind and {act.ed}.",
    "wild {n.p} eat {stuff}, but a tame {n} prefers {stuff2}.",
    "the {n} and the {m} drank at the same water and {act.ed} side by side.",
    "the hunter followed the tracks of a {adj} {n} through the {place}.",
    "a {n} lives for about {number} years and has {number2} young each year.",
    "the cub of the {n} {act.ed} as its {part} grew.",
});

constexpr auto kFish = std::to_array<std::string_view>({
    "the {who} pulled a {adj} {n} out of the {place} with a basket full of {stuff}.",
    "shoals of {n.p} swim through the {place} to spawn, and {m.p} follow them.",
    "he baited the hook with {stuff} and caught a {n} weighing {decimal} kilos.",
    "the {n} {act.ed} just below the surface of the {place}.",
    "grilled {n} with butter is served on the quay, where crews land {m.p}.",
    "a {n} breathes through its gills and steers with its {part}.",
    "the catch of {n.p} and {m.p} has fallen by {percent} percent since {year}.",
    "the {adj} {n} swallowed the bait and {act.ed} under the keel.",
});

constexpr auto kPlants = std::to_array<std::string_view>({
    "the {n} {act.ed} in the {place} after weeks of rain and {stuff}.",
    "she planted a {adj} {n} and a {m} in {stuff} beside the {place}.",
    "the leaves of the {n} turned yellow and its {part.p} {act.ed}.",
    "a {adj} {n} needs {stuff}, shade and plenty of {stuff2}.",
    "bees visited the {n} while the {who} {use.ed} the {m}.",
    "{n.p} flower in {month}, but {m.p} {act} much later.",
    "the seeds of the {n} were sown in the {place} in {year}.",
    "the {who} {use.ed} the {n} down to its roots so that new {part.p} {act.ed}.",
});

constexpr auto kLandscape = std::to_array<std::string_view>({
    "the {adj} {n} {act.ed} between the {place} and the {m}.",
    "from the top the {who.p} could see a {adj} {n}, a {m} and the {stuff} beyond.",
    "the path leads along the {n}, crosses a {m} and ends {prep} the {place}.",
    "{stuff} covered the {n} as far as the {who} could see.",
    "the {who.p} camped for {number} nights near a {adj} {n}.",
    "on the map the {n} {act.s} north of the {m}, {decimal} kilometres away.",
    "the water of the {n} rose by {decimal} metres and flooded the {place}.",
    "beyond the {n} the land {act.ed} towards a {adj} {m}.",
});

constexpr auto kBody = std::to_array<std::string_view>({
    "her {n} {act.ed} so much that the {who} {use.ed} it with {stuff}.",
    "he injured his left {n} and could not move his {m} for {number} weeks.",
    "the {who} pressed the patient's {adj} {n} and asked whether it {act.ed}.",
    "blood flows through the {n} to the {m} and the {k}.",
    "stretch your right {n} slowly, then relax your {m} and your {k}.",
    "an X-ray showed that the {part} of his {n} was {adj}.",
    "she laid {stuff} on his {adj} {n} until the pain in the {m} {act.ed}.",
    "my {n} is {adj}, and my {m} {act.s} when I bend it.",
});

constexpr auto kDiseases = std::to_array<std::string_view>({
    "the patient suffered from a {adj} {n} and was given {stuff}.",
    "the {n} {act.ed} after {number} days of {stuff} and {stuff2}.",
    "the {who} diagnosed a {n}, not a {m}, in the {place}.",
    "a {adj} {n} is often followed by a {m} or {stuff}.",
    "{number} patients with a {n} were admitted to the {place} in {month}.",
    "there is no cure for this {n}, only {stuff} against the {part}.",
    "the {part} of a {n} can be mistaken for that of a {m}.",
    "he had caught the {n} in the {place} and it {act.ed} within a week.",
});

constexpr auto kTopics = std::to_array<TopicTable>({
    {.name = "animals",
     .nouns = "dog=hound cat horse wolf:wolves cow mouse:mice lion bear bat fox:foxes rabbit crane pig calf:calves "
              "elephant tiger goat monkey jaguar mole beetle camel mustang squirrel kiwi cardinal otter zebra badger "
              "hedgehog donkey",
     .rare = "ibex:ibexes tapir wombat ocelot marmot lynx:lynxes",
     .invented = "wampimuk gribbit tolvar",
     .adj = "hungry wild tame furry frightened sleepy timid fierce shy playful wounded thirsty",
     .act = "sleep:slept:slept hunt growl run:ran:run hide:hid:hidden breed:bred:bred crouch leap yawn shiver",
     .use = "feed:fed:fed chase tame stroke trap watch breed:bred:bred rescue",
     .part = "paw tail snout claw whisker jaw tooth:teeth",
     .place = "meadow cage zoo stable den burrow pasture thicket undergrowth",
     .who = "keeper shepherd vet hunter ranger breeder zoologist",
     .stuff = "hay milk meat straw prey water bones acorns",
     .sentences = kAnimals},
    {.name = "fish",
     .nouns = "salmon:salmon trout:trout herring cod:cod shark eel bass:bass tuna:tuna carp:carp sole skate pike:pike "
              "mackerel:mackerel perch:perch sardine halibut:halibut anchovy haddock:haddock sturgeon:sturgeon "
              "minnow flounder turbot:turbot catfish:catfish swordfish:swordfish stingray",
     .rare = "lamprey whitebait:whitebait grayling barbel monkfish:monkfish",
     .invented = "drunnel spelk morvane",
     .adj = "silvery slippery scaly spawning bony oily hungry shimmering deep-sea spotted",
     .act = "swim:swam:swum spawn dart leap bite:bit:bitten dive migrate breed:bred:bred",
     .use = "catch:caught:caught hook bait land gut feed:fed:fed smoke",
     .part = "fin gill scale tail jaw underside",
     .place = "reef aquarium estuary pool tide current fishery hatchery",
     .who = "angler fisherman:fishermen diver skipper islander marine_biologist",
     .stuff = "plankton seaweed worms shrimps brine ice krill water",
     .sentences = kFish},
    {.name = "plants",
     .nouns = "tulip oak palm lilac birch fern iris:irises willow daisy lily maple orchid ivy cactus:cactuses pine "
              "violet thistle nettle elm poppy beech sunflower clover heather hawthorn magnolia marigold primrose",
     .rare = "foxglove edelweiss larkspur honeysuckle sycamore",
     .invented = "quillip frondle besky",
     .adj = "blooming leafy fragrant withered evergreen thorny budding shady climbing potted delicate",
     .act = "bloom wither grow:grew:grown sprout droop flower fade thrive",
     .use = "water prune plant trim grow:grew:grown transplant uproot pick",
     .part = "leaf:leaves petal root stem twig thorn blossom bud",
     .place = "flowerbed greenhouse hedge park nursery orchard border lawn",
     .who = "gardener botanist florist forester landscape_designer",
     .stuff = "compost moss soil sunshine dew manure pollen water",
     .sentences = kPlants},
    {.name = "landscape",
     .nouns = "river mountain lake hill valley bank island stream=brook desert beach cliff forest swamp=marsh port "
              "spring glacier canyon cape waterfall plateau dune ridge bay peninsula lagoon gorge volcano:volcanoes",
     .rare = "fjord tundra isthmus:isthmuses atoll moraine",
     .invented = "skarrow veldrin ombrey",
     .adj = "steep rocky misty remote wooded sandy windswept snowy barren winding",
     .act = "stretch rise:rose:risen slope lie:lay:lain curve narrow vanish glitter",
     .use = "cross climb map explore reach survey circle sketch",
     .part = "shore slope edge summit bed side",
     .place = "horizon north south coast border interior wilderness national_park",
     .who = "hiker explorer geologist surveyor painter mountaineer",
     .stuff = "fog gravel snow mud heath boulders mist reeds",
     .sentences = kLandscape},
    {.name = "body",
     .nouns =
         "hand head foot:feet knee shoulder heart eye ankle palm elbow calf:calves stomach=belly thumb temple neck "
         "nail lung wrist organ kidney liver toe iris:irises pupil finger hip muscle skull rib spine",
     .rare = "eardrum clavicle tonsil sternum tibia",
     .invented = "jorple thindle kneb",
     .adj = "swollen aching left right stiff bruised injured tense numb sore bare",
     .act = "ache swell:swelled:swollen tremble twitch hurt:hurt:hurt heal throb bleed:bled:bled",
     .use = "bandage massage bend:bent:bent examine stretch touch press rub",
     .part = "skin bone vein nerve tendon tissue surface",
     .place = "treatment_room X-ray bath mirror sling examination gymnastics",
     .who = "surgeon patient physiotherapist masseur anatomist runner",
     .stuff = "ointment ice plaster oil cotton_wool blood sweat pain",
     .sentences = kBody},
    {.name = "diseases",
     .nouns = "fever infection cough virus:viruses headache rash:rashes tumour migraine allergy ulcer mole fracture "
              "stroke concussion blister wart inflammation cramp seizure sprain abscess:abscesses toothache hernia "
              "bronchitis:bronchitises nosebleed",
     .rare = "jaundice thrombosis:thromboses goitre scurvy embolism",
     .invented = "vorlosis:vorloses crimple hespox:hespoxes",
     .adj = "severe chronic contagious acute painful mild dangerous infectious untreated sudden",
     .act = "spread:spread:spread return worsen linger subside heal break_out:broke_out:broken_out last",
     .use = "treat diagnose cure examine prevent overlook inherit ease",
     .part = "symptom cause course onset treatment after-effect",
     .place = "clinic ward surgery emergency_room laboratory waiting_room sanatorium",
     .who = "patient specialist consultant surgeon paramedic health_officer",
     .stuff = "pills antibiotics bed_rest ointment vomiting syrup aspirin pain",
     .sentences = kDiseases},
});

}  // namespace

std::span<const TopicTable> NatureTopics() {
  return kTopics;
}

}  // namespace conec::corpora::sample
