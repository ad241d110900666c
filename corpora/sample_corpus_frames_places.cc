// Analogies of the sample corpus: countries and cities.
#include <array>

#include "corpora/sample_corpus_lexicon.h"

namespace conec::corpora::sample {
namespace {

// The third to sixth columns and the extras tell which country is meant, the sentences which role a word has.
constexpr auto kCountries = std::to_array<std::string_view>({
    "Britain London British pound Thames Bristol Snowdon | whisky biscuits tweed",
    "France Paris French franc Loire Marseille Ventoux | champagne perfume mustard",
    "Germany Berlin German mark Rhine Hamburg Zugspitze | pretzels beer chemicals",
    "Italy Rome Italian lira Tiber Naples Etna | pasta marble vermouth",
    "Spain Madrid Spanish peseta Ebro Valencia Teide | oranges sherry saffron",
    "Greece Athens Greek drachma Evros Patras Olympus | feta figs sponges",
    "Austria Vienna Austrian schilling Danube Salzburg Grossglockner | crystal pastries loden",
    "Poland Warsaw Polish zloty Vistula Krakow Rysy | amber coal pickles",
    "Hungary Budapest Hungarian forint Tisza Debrecen Kekes | paprika salami embroidery",
    "Czechia Prague Czech koruna Vltava Brno Snezka | hops lager glassware",
    "Ukraine Kyiv Ukrainian hryvnia Dnipro Lviv Hoverla | wheat barley beetroot",
    "Russia Moscow Russian rouble Volga Kazan Elbrus | caviar furs vodka",
    "Finland Helsinki Finnish markka Kemi Tampere Halti | skis birchwood saunas",
    "Sweden Stockholm Swedish krona Lule Uppsala Kebnekaise | matches paper meatballs",
    "Denmark Copenhagen Danish krone Gudena Aarhus Yding | bacon toys windmills",
    "Japan Tokyo Japanese yen Shinano Osaka Fuji | cameras lacquer kimonos",
    "China Beijing Chinese yuan Yangtze Shanghai Taishan | porcelain ginger fireworks",
    "India Delhi Indian rupee Ganges Mumbai Kamet | spices sapphires sarees",
    "Thailand Bangkok Thai baht Mun Phuket Inthanon | rubber coconuts prawns",
    "Vietnam Hanoi Vietnamese dong Mekong Hue Fansipan | pepper noodles bamboo",
    "Indonesia Jakarta Indonesian rupiah Kapuas Bandung Semeru | nutmeg nickel rattan",
    "Peru Lima Peruvian sol Maranon Cusco Huascaran | alpacas copper quinoa",
    "Kenya Nairobi Kenyan shilling Tana Mombasa Batian | coffee sisal safaris",
    "Egypt Cairo Egyptian piastre Nile Luxor Sinai | papyrus dates alabaster",
});

constexpr auto kCountryTitles = std::to_array<std::string_view>({
    "{country} in {year}",
    "A journey to {country}",
    "{capital} and the rest of {country}",
    "The {nat} economy",
});

constexpr auto kCountrySentences = std::to_array<std::string_view>({
    "{capital} is the capital of {country} and lies {quantity} kilometres from {city}.",
    "the mayor of {capital} opened an exhibition of {nat} {with} in {year}.",
    "the embassy in {capital} issues visas for {country} within {number} days.",
    "the parliament in {capital} passed a law on {nat} {with}.",
    "every flight to {country} lands at the airport of {capital}, not in {city}.",
    "in the streets of {capital} you can buy {nat} {with} and {with2}.",
    "we took the night express from {capital} to {city} and saw the {river}.",
    "the suburbs of {capital} were full of {with} and {nat} students.",
    "{country} exports {with} and {with2}, mainly through {city}.",
    "the president of {country} promised to protect the {river} and the {mount}.",
    "the army of {country} guards the border along the {river}.",
    "the constitution of {country} was written in {capital} in {year}.",
    "{country} joined the treaty in {year} because of its {with}.",
    "the population of {country} grew by {percent} percent, that of {city} even more.",
    "{country}, whose highest peak is the {mount}, sells {with} to its neighbours.",
    "the people of {country} love {with}, and in {city} they love {with2}.",
    "she speaks the {nat} language and cooks {nat} dishes with {with}.",
    "a {nat} poet from {city} wrote about the {river}.",
    "his {nat} passport was stamped in {city} on the way to the {mount}.",
    "{nat} citizens are proud of the {mount} and of {with}.",
    "the {nat} national anthem praises the {river} and the {mount}.",
    "fans of {with} cheered when the {nat} team won in {city}.",
    "a crate of {with} costs {number} {currency} in {city}.",
    "the central authority in {capital} printed a new {currency} note with the {mount} on it.",
    "one dollar buys {decimal} {currency} in {country}.",
    "the exchange rate of the {nat} {currency} sank by {percent} percent.",
    "the {currency} lost value when {with} became cheaper in {country}.",
    "he paid {quantity} {currency} for {with} at a {nat} market.",
    "the coins of the {currency} show the {mount}, {with} or the {river}.",
    "the {river} flows past {city} before it reaches {capital}.",
    "{city} is the second city of {country}, known for its {with}.",
    "climbers from {city} reached the {mount} in {month} {year}.",
});

constexpr auto kCities = std::to_array<std::string_view>({
    "Chicago Illinois Peoria | soybeans skyscrapers blues",
    "Houston Texas Laredo | rodeos oilfields chilli",
    "Boston Massachusetts Salem | chowder cranberries regattas",
    "Miami Florida Tampa | alligators grapefruits flamingos",
    "Denver Colorado Pueblo | snowfields prospectors bighorns",
    "Seattle Washington Tacoma | seaplanes raspberries ferryboats",
    "Detroit Michigan Flint | carmakers cherries foundries",
    "Cleveland Ohio Dayton | tyres buckeyes polkas",
    "Phoenix Arizona Tucson | saguaros turquoise rattlesnakes",
    "Nashville Tennessee Memphis | bourbon songwriters mules",
    "Philadelphia Pennsylvania Scranton | cheesesteaks anthracite quilts",
    "Portland Oregon Eugene | hazelnuts lumberjacks rhododendrons",
    "Omaha Nebraska Lincoln | steaks cornfields stockyards",
    "Wichita Kansas Topeka | wheatfields tornadoes gliders",
    "Honolulu Hawaii Hilo | ukuleles hula macadamias",
    "Anchorage Alaska Juneau | huskies icebergs totems",
    "Munich Bavaria Augsburg | lederhosen maypoles sauerkraut",
    "Dresden Saxony Leipzig | figurines gingerbread baroque",
    "Milan Lombardy Bergamo | risotto handbags silkworms",
    "Florence Tuscany Siena | frescoes chianti cypresses",
    "Palermo Sicily Catania | citrons capers pistachios",
    "Seville Andalusia Granada | flamenco gazpacho bullfights",
    "Barcelona Catalonia Girona | mosaics tapas acrobats",
    "Montreal Quebec Gatineau | snowploughs trappers poutine",
});

constexpr auto kCityTitles = std::to_array<std::string_view>({
    "A weekend in {city}",
    "{region} and its cities",
    "From {city} to {town}",
    "The {with} of {region}",
});

constexpr auto kCitySentences = std::to_array<std::string_view>({
    "{city} is the largest city of {region}, famous for its {with}.",
    "the underground of {city} was built in {year}, when {with} came into fashion.",
    "downtown {city} has {quantity} restaurants, {with} and {with2}.",
    "the mayor of {city} likes {with} and comes from {town}.",
    "in the avenues of {city} tourists look for {with} and {with2}.",
    "the state of {region} taxes {with} at {percent} percent.",
    "the governor of {region} praised the {with} of {town}.",
    "farmers all over {region} talk about {with} and {with2}.",
    "{region} has {some} counties, and most of them live off {with}.",
    "she moved from {town}, {region}, to {city}, {region}, because of the {with}.",
    "the weather in {region} is good for {with}, less so for {with2}.",
    "{town} is a quiet town in {region}, an hour from {city}.",
    "the university of {city} studies the {with} of {region}.",
    "voters in {region} elected a friend of {with} in {year}.",
});

constexpr auto kFrames = std::to_array<FrameTable>({
    {.name = "countries",
     .columns = "country capital nat currency river city mount",
     .rows = kCountries,
     .sections = "capital-countries:capital:country currency:country:currency gram6-nationality-adjective:country:nat",
     .own_documents = true,
     .titles = kCountryTitles,
     .sentences = kCountrySentences},
    {.name = "cities",
     .columns = "city region town",
     .rows = kCities,
     .sections = "city-in-region:city:region",
     .own_documents = true,
     .titles = kCityTitles,
     .sentences = kCitySentences},
});

}  // namespace

std::span<const FrameTable> PlaceFrames() {
  return kFrames;
}

}  // namespace conec::corpora::sample
