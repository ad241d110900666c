#include "tools/simec/map/embedded.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/npy.h"

namespace conec::simec {
namespace {

using Json = nlohmann::json;

struct Row {
  std::string name;      // the word, or the file of the document
  std::string document;  // tells rows of one name apart
  bool known = false;
  std::vector<float> vector;
};

std::string Stem(const std::string& source) {
  std::string stem = std::filesystem::path(source).stem().string();
  return stem.empty() ? source : stem;
}

absl::Status CheckNumbers(const std::vector<float>& vector, const std::vector<Row>& before) {
  if (vector.empty()) return DataLoss("there is no vector");
  if (!before.empty() && before.front().vector.size() != vector.size()) {
    return DataLoss("{} numbers, the vectors before have {}", vector.size(), before.front().vector.size());
  }
  for (const float x : vector) {
    if (!std::isfinite(x)) return DataLoss("the vector has a number that is not finite");
  }
  return absl::OkStatus();
}

absl::Status AddRow(Row row, std::vector<Row>& rows) {
  CONEC_RETURN_IF_ERROR(CheckNumbers(row.vector, rows));
  rows.push_back(std::move(row));
  return absl::OkStatus();
}

// The lines of a file, numbered from 1; errors of `read` get file and line.
template <typename Function>
absl::Status ForLines(const std::string& path, Function&& read) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::string_view text = file.text();
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) CONEC_RETURN_IF_ERROR(Annotate(read(line), fmt::format("{}:{}", path, number)));
  }
  return absl::OkStatus();
}

// --- JSON lines

absl::StatusOr<std::vector<float>> VectorOf(const Json& object) {
  const auto found = object.find("vector");
  if (found == object.end() || !found->is_array()) return DataLoss("there is no vector");
  std::vector<float> vector;
  for (const Json& number : *found) {
    if (!number.is_number()) return DataLoss("the vector has an entry that is no number");
    vector.push_back(number.get<float>());
  }
  return vector;
}

std::string StringOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

absl::Status AddJsonWords(const Json& words, const std::string& document, std::vector<Row>& rows) {
  if (!words.is_array()) return DataLoss("the words are no array");
  for (const Json& word : words) {
    if (!word.is_object()) return DataLoss("a word is no object");
    Row row;
    row.name = StringOf(word, "word");
    row.document = document;
    const auto known = word.find("known");
    row.known = known != word.end() && known->is_boolean() && known->get<bool>();
    CONEC_ASSIGN_OR_RETURN(row.vector, VectorOf(word));
    CONEC_RETURN_IF_ERROR(AddRow(std::move(row), rows));
  }
  return absl::OkStatus();
}

absl::Status AddJsonLine(std::string_view line, std::vector<Row>& rows) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return DataLoss("this is no JSON object");
  const auto number = object.find("document");
  const std::string source = Stem(StringOf(object, "source"));
  const std::string document =
      number != object.end() && number->is_number_integer() ? fmt::format("{}#{}", source, number->dump()) : source;
  for (const char* key : {"words", "tokens"}) {
    const auto words = object.find(key);
    if (words != object.end() && words->is_array()) return AddJsonWords(*words, document, rows);
  }
  CONEC_ASSIGN_OR_RETURN(std::vector<float> vector, VectorOf(object));
  return AddRow({source, document, false, std::move(vector)}, rows);
}

// --- labels between tabs: document, word or file, count, known (0 or 1), and in TSV files the numbers

std::string_view NextField(std::string_view& line) {
  const std::size_t end = std::min(line.find('\t'), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

absl::StatusOr<Row> LabelOf(std::string_view& line) {
  Row row;
  const std::string_view document = NextField(line), name = NextField(line), count = NextField(line);
  const std::string_view known = NextField(line);
  if (count.empty() || (known != "0" && known != "1")) {
    return DataLoss("expected document, word, count and 0 or 1 between tabs, as conec-embed writes them");
  }
  row.known = known == "1";
  row.name = name.find('/') == std::string_view::npos ? std::string(name) : Stem(std::string(name));
  row.document = std::string(document);
  return row;
}

absl::Status AddTabLine(std::string_view line, std::vector<Row>& rows) {
  CONEC_ASSIGN_OR_RETURN(Row row, LabelOf(line));
  while (!line.empty()) {
    const std::string_view field = NextField(line);
    float number = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || end != field.data() + field.size()) return DataLoss("'{}' is no number", field);
    row.vector.push_back(number);
  }
  return AddRow(std::move(row), rows);
}

std::string LabelsPath(const std::string& path) {
  return path.substr(0, path.size() - std::string_view(".npy").size()) + ".words.tsv";
}

absl::StatusOr<std::vector<Row>> ReadNpyRows(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const Matrix<float> matrix, ReadNpy(path));
  std::vector<Row> rows;
  std::error_code ignored;
  if (std::filesystem::exists(LabelsPath(path), ignored)) {
    CONEC_RETURN_IF_ERROR(ForLines(LabelsPath(path), [&rows](std::string_view line) -> absl::Status {
      CONEC_ASSIGN_OR_RETURN(rows.emplace_back(), LabelOf(line));
      return absl::OkStatus();
    }));
    if (rows.size() != matrix.rows()) {
      return DataLoss("'{}' has {} vectors, '{}' {} labels", path, matrix.rows(), LabelsPath(path), rows.size());
    }
  }
  rows.resize(matrix.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name.empty()) rows[i].name = fmt::format("{}", i + 1);
    rows[i].vector.assign(matrix.row(i).begin(), matrix.row(i).end());
    CONEC_RETURN_IF_ERROR(Annotate(CheckNumbers(rows[i].vector, {}), fmt::format("{}: row {}", path, i + 1)));
  }
  return rows;
}

// ---

absl::StatusOr<std::vector<Row>> ReadRows(const std::string& path) {
  std::vector<Row> rows;
  if (path.ends_with(".npy")) return ReadNpyRows(path);
  if (path.ends_with(".jsonl")) {
    CONEC_RETURN_IF_ERROR(ForLines(path, [&rows](std::string_view line) { return AddJsonLine(line, rows); }));
  } else if (path.ends_with(".tsv")) {
    CONEC_RETURN_IF_ERROR(ForLines(path, [&rows](std::string_view line) { return AddTabLine(line, rows); }));
  } else {
    return InvalidArgument("'{}': vectors of conec-embed are files .jsonl, .tsv or .npy", path);
  }
  if (rows.empty()) return DataLoss("'{}' has no vectors", path);
  return rows;
}

// A name for each row that no other one has, if their documents differ.
std::vector<std::string> NamesOf(const std::vector<Row>& rows) {
  std::map<std::string, int> count;
  for (const Row& row : rows) ++count[row.name];
  std::vector<std::string> names;
  for (const Row& row : rows) {
    const bool is_document = row.document.starts_with(row.name + "#");
    const bool alone = count[row.name] == 1 || row.document.empty();
    names.push_back(alone ? row.name : is_document ? row.document : fmt::format("{} ({})", row.name, row.document));
  }
  return names;
}

}  // namespace

absl::StatusOr<MapInput> ReadEmbedded(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<Row> rows, ReadRows(path));
  bool any_known = false;
  for (const Row& row : rows) any_known = any_known || row.known;
  const std::vector<std::string> names = NamesOf(rows);
  MapInput input;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (rows[i].known || !any_known ? input.shown : input.added).Add(names[i], rows[i].vector);
  }
  return input;
}

}  // namespace conec::simec
