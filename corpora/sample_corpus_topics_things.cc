// Categories of the sample corpus: things that people make.
#include <array>

#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {
namespace {

constexpr auto kInstruments = std::to_array<std::string_view>({
    "the old {n} {act.ed} warmly in the concert_hall.",
    "she played a {stuff} on the {n} while the {who} {use.ed} the {m}.",
    "the {n} {act.ed} softly, and the {m} answered with a {stuff}.",
    "the {who} wrote a {stuff} for {n}, {m} and {k}.",
    "he practised the {n} for {number} hours a day before the {place}.",
    "the {adj} {n} was out of tune, so the {who} {use.ed} its {part.p}.",
    "the orchestra has {number} {n.p} and a single {m}.",
    "a solo on the {n} opened the {place}, followed by a {stuff} for {m}.",
});

constexpr auto kFoods = std::to_array<std::string_view>({
    "the {who} {use.ed} a {adj} {n} with {stuff} and {stuff2}.",
    "for breakfast we ate a {n} and a {adj} {m} with {stuff}.",
    "the {n} tasted {adj}, but the {m} was too {adj2}.",
    "add the {n} to the pan, stir in {stuff} and cook for {number} minutes.",
    "a {adj} {n} {act.ed} in the oven and smelled of {stuff}.",
    "she served {n.p} and {m.p} with {stuff} at the {place}.",
    "the recipe needs {number} {n.p}, {some} grams of {stuff} and a {m}.",
    "the child left the {n} on the plate and only ate the {part} of the {m}.",
});

constexpr auto kTools = std::to_array<std::string_view>({
    "the {who} {use.ed} the {adj} {n} and tightened the {part}.",
    "you need a {n}, a {m} and {stuff} to mend a broken {part}.",
    "he took a {adj} {n} out of the {place} and {use.ed} it with {stuff}.",
    "the {n} {act.ed} against the wood until the {m} {act2.ed}.",
    "{n.p} hang on the wall of the {place} next to the {m.p}.",
    "never {use} a {n} without gloves, and keep the {m} in the {place}.",
    "with a {n} of {decimal} centimetres the {who} {use.ed} the plank.",
    "the steel {n} was stronger than the {adj} {m}.",
});

constexpr auto kVehicles = std::to_array<std::string_view>({
    "the {adj} {n} {act.ed} at the {place} and {number} passengers got out.",
    "the engine of the {n} {act.ed}, so the {who} {use.ed} the {m}.",
    "a {n} overtook the {m} on the {place} at {some} kilometres an hour.",
    "the {n} ran out of {stuff} near the {place}.",
    "the {who} {use.ed} the {n} into the {place} and switched off the {part}.",
    "the {n} to the {place} {act.ed} {number} minutes late because of {stuff}.",
    "a {adj} {n} with {number} seats costs less than a {m}.",
    "the {n} collided with a {m} on the {place} in {month}.",
});

constexpr auto kClothes = std::to_array<std::string_view>({
    "she wore a {adj} {n} and a {m} made of {stuff}.",
    "the {n} {act.ed} after washing, and the {m} lost its colour.",
    "he put on his {adj} {n}, took his {m} and left the {place}.",
    "the {who} {use.ed} the {n} with {stuff} and sewed on a {part}.",
    "this {n} fits well, but the {m} is too {adj}.",
    "a {n} of {stuff} is warmer than a {m} of {stuff2}.",
    "in the {place} hung a {adj} {n}, size {some}, next to a {m}.",
    "dressed in a {n} and a {adj} {m}, {name} looked elegant.",
});

constexpr auto kBuildings = std::to_array<std::string_view>({
    "the {adj} {n} was built of {stuff} in {year}.",
    "the {who} designed a {n} with a {part} of {stuff} for the {place}.",
    "the roof of the {n} {act.ed} in the storm of {year}.",
    "they entered the {n} through the {part} and saw the {m} across the {place}.",
    "the {n} stands between a {adj} {m} and the {place}.",
    "the council {use.ed} the {n} and turned it into a {m}.",
    "{quantity} people can sit in the {n}, which has a {adj} {part}.",
    "a new {n} opened on the {place}, opposite the {adj} {m}.",
});

constexpr auto kComputing = std::to_array<std::string_view>({
    "the {n} {act.ed} when the {who} {use.ed} the new {stuff}.",
    "click the button, connect the {n} and restart the {m}.",
    "the {adj} {n} stores {decimal} gigabytes of {stuff}.",
    "a bug in the {part} of the {n} made the {m} crash.",
    "the {who} {use.ed} the {n} and copied all {stuff} to the {m}.",
    "to install the {n}, plug in the {m} and type your name into the {place}.",
    "the {n} sends {stuff} over the internet to a {adj} {m}.",
    "version {decimal} of the {n} no longer supports a {m}.",
});

constexpr auto kTopics = std::to_array<TopicTable>({
    {.name = "instruments",
     .nouns = "violin=fiddle piano guitar drum flute organ trumpet cello bass:basses keyboard clarinet harp horn "
              "saxophone pipe trombone oboe banjo viola tuba accordion mandolin xylophone lute bassoon piccolo",
     .rare = "zither glockenspiel harpsichord cornet dulcimer",
     .invented = "zandolet hurmel plink",
     .adj = "melodious muffled untuned resonant tuneful electric wooden bowed soulful tuned",
     .act = "sound ring:rang:rung hum resound vibrate play whisper echo",
     .use = "play tune practise record accompany hear:heard:heard strum master",
     .part = "string reed mouthpiece key tone tuning_peg case",
     .place = "rehearsal orchestra concert_hall studio festival opera bandstand conservatory",
     .who = "musician composer soloist bandleader singer virtuoso",
     .stuff = "melody sonata waltz lullaby chord march scale serenade",
     .sentences = kInstruments},
    {.name = "foods",
     .nouns = "apple potato:potatoes cake egg chip pie cookie soup sausage onion carrot sandwich pancake stock pizza "
              "tomato:tomatoes kiwi pear noodle omelette peach muffin biscuit dumpling lemon pudding cucumber waffle",
     .rare = "quince gherkin brioche parsnip macaroon",
     .invented = "dax:daxes blicket nurbel",
     .adj = "sweet tasty spicy salty crisp juicy fried delicious stale fresh sour",
     .act = "boil burn:burnt:burnt melt simmer cool rot sizzle bake",
     .use = "eat:ate:eaten cook bake slice taste fry serve peel",
     .part = "crust filling skin slice crumb flavour middle",
     .place = "kitchen oven restaurant plate pantry bakery picnic bowl",
     .who = "chef guest cook customer gourmet caterer",
     .stuff = "butter sugar salt cream cheese flour milk cinnamon honey tea",
     .sentences = kFoods},
    {.name = "tools",
     .nouns =
         "hammer shovel=spade axe knife:knives wrench:wrenches=spanner drill file nail plane screwdriver pump bolt "
         "chisel ruler spring ladder rake clamp screw bucket crowbar pipe trowel lathe mallet hose anvil hinge",
     .rare = "adze awl spokeshave vise bradawl",
     .invented = "krenner fosk tubbin",
     .adj = "rusty sharp sturdy blunt heavy-duty steel greasy handy worn broken",
     .act = "break:broke:broken slip jam snap scrape rust bend:bent:bent loosen",
     .use = "grip sharpen repair borrow oil swing:swung:swung mend lift",
     .part = "handle blade grip edge thread tip",
     .place = "workshop toolbox shed workbench garage drawer cellar building_site",
     .who = "mechanic handyman:handymen apprentice blacksmith locksmith workman:workmen",
     .stuff = "wood grease sawdust glue wire sandpaper timber oil",
     .sentences = kTools},
    {.name = "vehicles",
     .nouns =
         "car=automobile truck=lorry bus:buses train plane bicycle=bike crane tram coach tractor jaguar motorcycle "
         "van ferry boat taxi:taxis mustang beetle helicopter scooter wagon ambulance barge trolley tank jeep "
         "limousine yacht",
     .rare = "rickshaw hovercraft:hovercraft airship gondola steamroller",
     .invented = "trundet zorvex:zorvexes pellicar",
     .adj = "crowded speeding parked overloaded punctual electric armoured broken-down diesel second-hand",
     .act = "stop accelerate skid depart rattle brake arrive break_down:broke_down:broken_down",
     .use = "drive:drove:driven park steer repair load board rent:rented:rented start",
     .part = "engine wheel brake windscreen headlight seat exhaust",
     .place = "motorway station road crossing harbour garage terminal depot",
     .who = "passenger mechanic commuter chauffeur traffic_warden owner",
     .stuff = "petrol traffic luggage cargo diesel ice oil fuel",
     .sentences = kVehicles},
    {.name = "clothes",
     .nouns = "shirt dress coat hat skirt scarf:scarves sole shoe sweater=pullover bow jacket boot trainer pump belt "
              "blouse sock cape vest apron sandal robe mitten cloak slipper cap cardigan waistcoat petticoat",
     .rare = "bonnet cravat doublet pinafore galosh",
     .invented = "flimmet sarvol loob",
     .adj = "woollen elegant silk torn striped loose tight-fitting fashionable knitted velvet",
     .act = "shrink:shrank:shrunk tear:tore:torn fade fit:fitted:fitted stretch wrinkle crease dry",
     .use = "wear:wore:worn sew:sewed:sewn iron fold knit wash patch try_on:tried_on:tried_on",
     .part = "sleeve button collar pocket lining seam buckle",
     .place = "wardrobe laundry boutique dressing_room shop_window suitcase cloakroom catwalk",
     .who = "dressmaker model shop_assistant seamstress:seamstresses designer customer",
     .stuff = "wool silk cotton leather linen lace velvet thread",
     .sentences = kClothes},
    {.name = "buildings",
     .nouns = "house church castle school temple hospital library hotel=inn tower palace museum club factory cottage "
              "theatre prison=jail cathedral warehouse chapel villa mansion lighthouse mill abbey skyscraper "
              "bungalow gymnasium",
     .rare = "pagoda minaret orangery almshouse belfry",
     .invented = "morthal stakenny prundle",
     .adj = "ruined gothic abandoned magnificent medieval stately restored brick deserted spacious",
     .act = "collapse burn_down:burnt_down:burnt_down open close stand:stood:stood decay crumble leak",
     .use = "build:built:built demolish restore enter renovate rent:rented:rented inspect visit",
     .part = "roof facade entrance staircase gate wall window",
     .place = "main_street courtyard estate hilltop waterfront old_town boulevard suburb",
     .who = "builder caretaker tourist landowner town_planner owner",
     .stuff = "marble brick concrete granite glass timber scaffolding stone",
     .sentences = kBuildings},
    {.name = "computing",
     .nouns = "computer server file program=application network mouse:mice chip keyboard driver database browser "
              "virus:viruses port printer cookie password screen=display laptop scanner router spreadsheet compiler "
              "modem robot website folder",
     .rare = "mainframe trackball floppy subroutine firewall",
     .invented = "nibbat quorlink datch",
     .adj = "wireless encrypted infected digital portable faulty unresponsive obsolete compatible broken",
     .act = "crash freeze:froze:frozen restart load respond compute beep boot_up",
     .use = "install update delete connect download hack configure repair",
     .part = "memory interface code setting cable processor version",
     .place = "office internet data_centre laboratory dialogue cloud desktop server_room",
     .who = "programmer user administrator hacker technician software_tester",
     .stuff = "data software passwords code messages electricity pixels backups",
     .sentences = kComputing},
});

}  // namespace

std::span<const TopicTable> ThingTopics() {
  return kTopics;
}

}  // namespace conec::corpora::sample
