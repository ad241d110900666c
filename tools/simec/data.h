// What the subcommands of simec read and write: points, and the relation that is to be learnt of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "simec_core/features.h"
#include "simec_core/matrix_file.h"
#include "simec_core/normalization.h"
#include "simec_core/rows.h"
#include "tools/cli/program.h"

namespace conec::simec {

constexpr std::string_view kLabels = "labels";  // --similarity labels: of classes, not of features
// Entries of a matrix that is kept in memory as a whole.
constexpr std::int64_t kLargestWhole = std::int64_t{1} << 28;

// Points, as --input names them: a matrix file, or "identity" for points without features.
struct Points {
  MatrixFile file;  // values are empty for the identity
  bool identity = false;

  std::int64_t rows() const { return file.values.rows(); }
  // `rows`: of the identity.
  absl::StatusOr<InputRows> Inputs(std::int64_t rows) const;
  // The first `count` of them; `features`: of the identity.
  absl::StatusOr<InputRows> First(std::int64_t count, std::int64_t features) const;
};

// kInvalidArgument naming the file for numbers that are missing or infinite.
absl::StatusOr<Points> ReadPoints(const std::string& input);

// The relation that an encoder learns: a given matrix, or a similarity of features or labels; or several of them, side
// by side (matrices come first) or their mean.
struct TargetOptions {
  std::vector<std::string> matrices, similarities;
  std::string mean;                  // the normalisation before the mean is taken; empty: side by side
  std::vector<double> mean_weights;  // empty: equal
  bool split = false;                // the two parts of one relation, side by side
  std::string features;              // of points, where they are not the input's
  std::string labels;
  double gamma = 0;  // 0: the median rule
  double gamma_scale = 0.5;
  std::int64_t neighbours = 10;  // of geodesic similarities
  double binarize = 0;           // features from here on become one; used if --binarize was given
  bool binary = false;
  std::string center = "auto";
  Normalization normalization = Normalization::kMax;
  std::int64_t targets = 0;  // 0: all
};

void AddTargetOptions(CLI::App& app, TargetOptions& options);
absl::Status CheckTargetOptions(const CLI::App& app, TargetOptions& options);

struct Target {
  std::string name;                // of files and similarities, for messages
  std::vector<std::string> notes;  // what was done that is hardly expected
  std::string no_points;           // why rows are not known to be those of the targets, where that is needed
  std::string identity;            // what the values are made of and how, for TrainData::identity
  TargetRows rows;                 // m x n x k
  at::Tensor matrix;               // the same as a whole, where it is dense and fits into memory; else undefined
  bool of_points = false;          // the targets are the first n points: of a square matrix; of an m x n matrix, m > n,
                                   // whose first n rows are symmetric, where s_ll_for asks for it
  at::Tensor s_ll;                 // n x n (x k); undefined where they are not
  std::vector<Normalizer> normalizers;  // what was done to the values of each of the k relations
};

// `points`: what the similarity is computed of unless the options name other files. s_ll_for: the option that needs
// Target::s_ll, for messages; empty: it is not set. kInvalidArgument for shapes that do not fit each other.
absl::StatusOr<Target> LoadTarget(const TargetOptions& options, const Points& points, std::string_view s_ll_for);

// A matrix to the file, or to standard output as comma-separated values if `path` is "-".
absl::Status WriteResult(const std::string& path, const MatrixFile& matrix);

// Says what was written, where it is a file: to people, and with --json as JSON.
absl::Status TellResult(const cli::Program& program, const std::string& path, std::int64_t rows, std::int64_t columns);

// Numbers of a vector with the digits that a float needs, as text has them.
cli::Json JsonOfNumbers(const at::Tensor& numbers);

// One array of numbers for each row of a dense matrix, to standard output; with row names, an object for each row.
absl::Status PrintRowsAsJson(const MatrixFile& matrix);

}  // namespace conec::simec
