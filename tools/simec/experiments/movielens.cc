#include "tools/simec/experiments/movielens.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <absl/strings/numbers.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "simec_core/tensor_status.h"

namespace conec::simec::experiments {
namespace {

constexpr std::size_t kGenresFrom = 5;  // fields of u.item before the genres: id, title, two dates, address

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

// Calls read(line, number) for each line with text.
template <typename Read>
absl::Status ForLines(const std::string& path, const Read& read) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::size_t number = 0;
  for (std::string_view line : Split(file.text(), '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    CONEC_RETURN_IF_ERROR(Annotate(read(line), fmt::format("{}:{}", path, number)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> Number(std::string_view field, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  if (absl::SimpleAtoi({field.data(), field.size()}, &value) && value >= low && value <= high) return value;
  return DataLoss("'{}' is not a number from {} to {}", field, low, high);
}

// "01-Jan-1995" -> "1990s"; nothing where no date is known.
std::optional<std::string> Decade(std::string_view date) {
  if (date.size() < 4) return std::nullopt;
  const std::string_view year = date.substr(date.size() - 4);
  const bool is_year = std::all_of(year.begin(), year.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_year ? std::optional(std::string(year.substr(0, 3)) + "0s") : std::nullopt;
}

struct Film {
  std::vector<bool> genres;
  std::optional<std::string> decade;
};

absl::StatusOr<Film> ParseFilm(std::string_view line, std::size_t genres, MovieLens& data) {
  const std::vector<std::string_view> fields = Split(line, '|');
  if (fields.size() != kGenresFrom + genres) {
    return DataLoss("{} fields, expected {}", fields.size(), kGenresFrom + genres);
  }
  const auto next = static_cast<std::int64_t>(data.titles.size()) + 1;
  CONEC_RETURN_IF_ERROR(Number(fields[0], next, next).status());
  data.titles.emplace_back(fields[1]);
  Film film;
  film.decade = Decade(fields[2]);
  for (std::size_t g = 0; g < genres; ++g) {
    CONEC_ASSIGN_OR_RETURN(const std::int64_t is_of, Number(fields[kGenresFrom + g], 0, 1));
    film.genres.push_back(is_of == 1);
  }
  return film;
}

absl::Status ReadFilms(const std::string& folder, MovieLens& data) {
  CONEC_RETURN_IF_ERROR(ForLines(folder + "/u.genre", [&](std::string_view line) {
    data.feature_names.emplace_back(line.substr(0, line.find('|')));
    return absl::OkStatus();
  }));
  const std::size_t genres = data.feature_names.size();
  std::vector<Film> films;
  std::vector<std::string> decades;
  CONEC_RETURN_IF_ERROR(ForLines(folder + "/u.item", [&](std::string_view line) -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(Film film, ParseFilm(line, genres, data));
    if (film.decade) decades.push_back(*film.decade);
    films.push_back(std::move(film));
    return absl::OkStatus();
  }));
  std::sort(decades.begin(), decades.end());
  decades.erase(std::unique(decades.begin(), decades.end()), decades.end());
  data.feature_names.insert(data.feature_names.end(), decades.begin(), decades.end());
  data.features = at::zeros(
      {static_cast<std::int64_t>(films.size()), static_cast<std::int64_t>(data.feature_names.size())}, at::kDouble);
  double* row = data.features.data_ptr<double>();
  for (const Film& film : films) {
    std::copy(film.genres.begin(), film.genres.end(), row);
    if (film.decade)
      row[genres +
          static_cast<std::size_t>(std::find(decades.begin(), decades.end(), *film.decade) - decades.begin())] = 1;
    row += data.feature_names.size();
  }
  return absl::OkStatus();
}

absl::Status ReadRatings(const std::string& folder, MovieLens& data) {
  constexpr std::int64_t kMaxUsers = 100'000;
  std::vector<std::int64_t> films, users;
  std::vector<double> ratings;
  const auto film_count = static_cast<std::int64_t>(data.titles.size());
  CONEC_RETURN_IF_ERROR(ForLines(folder + "/u.data", [&](std::string_view line) -> absl::Status {
    const std::vector<std::string_view> fields = Split(line, '\t');
    if (fields.size() != 4) return DataLoss("{} fields, expected user, film, rating and time", fields.size());
    CONEC_ASSIGN_OR_RETURN(const std::int64_t user, Number(fields[0], 1, kMaxUsers));
    CONEC_ASSIGN_OR_RETURN(const std::int64_t film, Number(fields[1], 1, film_count));
    CONEC_ASSIGN_OR_RETURN(const std::int64_t rating, Number(fields[2], 1, 5));
    users.push_back(user - 1);
    films.push_back(film - 1);
    ratings.push_back(static_cast<double>(rating));
    data.user_count = std::max(data.user_count, user);
    return absl::OkStatus();
  }));
  if (ratings.empty()) return DataLoss("{}/u.data: no rating", folder);
  data.films = at::tensor(films, at::kLong);
  data.users = at::tensor(users, at::kLong);
  data.ratings = at::tensor(ratings, at::kDouble);
  return absl::OkStatus();
}

// Mean of `values` for each of `count` groups, 0 for empty ones.
at::Tensor GroupMeans(const at::Tensor& values, const at::Tensor& group, std::int64_t count) {
  const at::Tensor sums = at::zeros({count}, at::kDouble).index_add(0, group, values);
  const at::Tensor sizes = at::zeros({count}, at::kDouble).index_add(0, group, at::ones_like(values));
  return sums / sizes.clamp_min(1);
}

}  // namespace

absl::StatusOr<MovieLens> LoadMovieLens(const std::string& folder) {
  return CatchTorch("MovieLens", [&]() -> absl::StatusOr<MovieLens> {
    MovieLens data;
    CONEC_RETURN_IF_ERROR(ReadFilms(folder, data));
    CONEC_RETURN_IF_ERROR(ReadRatings(folder, data));
    return data;
  });
}

at::Tensor RatingResiduals(const MovieLens& data) {
  const std::int64_t films = data.features.size(0);
  const at::Tensor around_mean = data.ratings - data.ratings.mean();
  const at::Tensor of_films = GroupMeans(around_mean, data.films, films);
  const at::Tensor of_users = GroupMeans(around_mean, data.users, data.user_count);
  const at::Tensor left = around_mean - of_films.index_select(0, data.films) - of_users.index_select(0, data.users);
  return at::zeros({films, data.user_count}, at::kDouble).index_put({data.films, data.users}, left);
}

}  // namespace conec::simec::experiments
