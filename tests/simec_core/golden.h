// Reads the numbers that a script of this folder has written with numpy, scipy or scikit-learn: "NAME rows cols" on a
// line, then rows * cols numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace conec::simec {

struct GoldenMatrix {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> values;
};

// By name. A test that asks for a name that is not there fails by the exception of at().
inline std::map<std::string, GoldenMatrix> ReadGolden(const std::string& file) {
  std::ifstream in(std::string(CONEC_TEST_FOLDER) + "/" + file);
  std::map<std::string, GoldenMatrix> result;
  std::string name;
  for (GoldenMatrix matrix; in >> name >> matrix.rows >> matrix.cols;) {
    matrix.values.resize(static_cast<std::size_t>(matrix.rows * matrix.cols));
    for (double& value : matrix.values) {
      std::string word;  // operator>> of double reads no nan
      if (!(in >> word)) throw std::runtime_error(file + " is truncated");
      value = std::stod(word);
    }
    result[name] = matrix;
  }
  return result;
}

}  // namespace conec::simec
