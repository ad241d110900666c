// The oracle: CBOW with negative sampling in double precision, one thread, one centre after the other, as the equations
// stand in trainer.h.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "corpora/encoded_corpus.h"
#include "word2vec/centres.h"
#include "word2vec/distributions.h"
#include "word2vec/reference_step.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

class ReferenceTrainer : public Trainer {
 public:
  ReferenceTrainer(const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables,
                   std::vector<AliasEntry> noise, Matrix<double> input, Matrix<double> output)
      : options_(options),
        schedule_(options, corpus.stream),
        layout_{static_cast<std::uint32_t>(corpus.counts.size()), static_cast<std::uint32_t>(options.window),
                options.extended_inputs},
        tables_(tables),
        noise_(std::move(noise)),
        keep_(KeepThresholds(corpus.counts, options.sample)),
        key_(MakePhiloxKey(options.seed)),
        source_{corpus.stream,
                options.extended_inputs.needs_shapes() ? corpus.shapes : std::span<const tokenize::WordShape>(),
                corpus.counts.size(), key_, keep_},
        input_(std::move(input)),
        output_(std::move(output)) {}

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override {
    RangeResult result;
    for (std::size_t index = first; index < last; ++index) {
      const Schedule::Block block = schedule_.At(epoch, index);
      if (!CollectCentres(source_, block.begin, block.end, static_cast<std::uint32_t>(epoch), &centres_)) {
        return corpora::CorpusChanged();
      }
      if (options_.shared_negatives > 1) {
        TrainGroups(epoch, block.learning_rate, result);
        continue;
      }
      for (std::size_t centre = 0; centre < centres_.ids.size(); ++centre) {
        TrainCentre(epoch, centre, OwnNoise(epoch, centre), block.learning_rate, result);
      }
    }
    return result;
  }

  absl::Status Synchronize() override {
    CopyTable(input_, tables_.input);
    CopyTable(output_, tables_.output);
    return absl::OkStatus();
  }

  std::string Description() const override { return "reference, 1 thread, double precision"; }

 private:
  static void CopyTable(const Matrix<double>& from, Matrix<float>& to) {
    for (std::size_t i = 0; i < from.rows(); ++i) {
      for (std::size_t j = 0; j < from.cols(); ++j) to.row(i)[j] = static_cast<float>(from.row(i)[j]);
    }
  }

  // Calls visit(neighbour, distance, is_right) for what stands within `radius` of a centre, gaps included.
  template <typename Visit>
  void ForEachNeighbour(std::size_t centre, int radius, Visit&& visit) const {
    for (int offset = -radius; offset <= radius; ++offset) {
      const std::size_t neighbour = centre + static_cast<std::size_t>(offset);  // wraps far past the end when negative
      if (offset == 0 || neighbour < centres_.begins[centre] || neighbour >= centres_.ends[centre]) continue;
      visit(neighbour, static_cast<std::uint32_t>(std::abs(offset)), offset > 0);
    }
  }

  std::vector<std::uint32_t> ContextWordRows(std::size_t centre, int radius) const {
    std::vector<std::uint32_t> rows;
    ForEachNeighbour(centre, radius, [&](std::size_t neighbour, std::uint32_t /*distance*/, bool is_right) {
      const std::uint32_t word = centres_.ids[neighbour];
      if (word != kNoWord) rows.push_back(ContextRow(layout_, word, is_right));
    });
    return rows;
  }

  void AppendShapeRows(std::size_t centre, int radius, std::vector<std::uint32_t>& rows) const {
    if (layout_.inputs.context_shapes) {
      ForEachNeighbour(centre, radius, [&](std::size_t neighbour, std::uint32_t distance, bool is_right) {
        rows.push_back(ContextShapeRow(layout_, distance, is_right, centres_.shapes[neighbour]));
      });
    }
    if (layout_.inputs.shape) rows.push_back(ShapeRow(layout_, centres_.shapes[centre]));
  }

  using NoiseWords = std::vector<std::uint32_t>;

  NoiseWords OwnNoise(int epoch, std::size_t centre) const {
    NoiseWords words;
    if (centres_.ids[centre] == kNoWord) return words;
    for (std::uint32_t j = 0; j < static_cast<std::uint32_t>(options_.negatives); ++j) {
      const std::uint32_t word =
          CentreNoiseWord(key_, static_cast<std::uint32_t>(epoch), centres_.positions[centre], j, centres_.ids[centre],
                          noise_.data(), static_cast<std::uint32_t>(noise_.size()));
      if (word != kNoWord) words.push_back(word);
    }
    return words;
  }

  NoiseWords SharedNoise(int epoch, std::size_t drawn_at) const {
    NoiseWords words;
    for (std::uint32_t j = 0; j < static_cast<std::uint32_t>(options_.negatives); ++j) {
      words.push_back(SharedNoiseWord(key_, static_cast<std::uint32_t>(epoch), centres_.positions[drawn_at], j,
                                      noise_.data(), static_cast<std::uint32_t>(noise_.size())));
    }
    return words;
  }

  void TrainGroups(int epoch, double rate, RangeResult& result) {
    const auto shared = static_cast<std::uint32_t>(options_.shared_negatives);
    const std::size_t sets = NoiseSets(shared), group = sets * shared, size = centres_.ids.size();
    for (std::size_t first = 0; first < size; first += group) {
      const std::size_t last = std::min(size, first + group);
      for (std::size_t set = first; set < std::min(last, first + sets); ++set) {
        const NoiseWords noise = SharedNoise(epoch, set);
        for (std::size_t centre = set; centre < last; centre += sets) {
          NoiseWords others = noise;
          std::erase(others, centres_.ids[centre]);
          TrainCentre(epoch, centre, others, rate, result);
        }
      }
    }
  }

  void TrainCentre(int epoch, std::size_t centre, const NoiseWords& noise, double rate, RangeResult& result) {
    const std::uint32_t target = centres_.ids[centre];
    if (target == kNoWord) return;
    const std::uint64_t position = centres_.positions[centre];
    const int radius =
        WindowRadius(DrawBlock(key_, static_cast<std::uint32_t>(epoch), position, 0).word[0], options_.window);
    ReferenceStep step;
    step.target = target;
    step.context = ContextWordRows(centre, radius);
    if (step.context.empty()) return;
    AppendShapeRows(centre, radius, step.context);
    step.negatives = noise;
    result.loss_sum += ApplyReferenceStep(step, options_.update, rate, input_.view(), output_.view());
    ++result.trained_words;
  }

  TrainOptions options_;
  Schedule schedule_;
  InputLayout layout_;
  EmbeddingTables& tables_;
  std::vector<AliasEntry> noise_;
  std::vector<std::uint32_t> keep_;
  PhiloxKey key_;
  CentreSource source_;
  Matrix<double> input_;
  Matrix<double> output_;
  Centres centres_;
};

absl::StatusOr<Matrix<double>> ToDouble(const Matrix<float>& table) {
  CONEC_ASSIGN_OR_RETURN(auto result, Matrix<double>::Create(table.rows(), table.cols()));
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t j = 0; j < table.cols(); ++j) result.row(i)[j] = table.row(i)[j];
  }
  return result;
}

double Dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

double Sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

double Softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

std::vector<double> Hidden(const ReferenceStep& step, CbowUpdate update, MatrixView<const double> input) {
  std::vector<double> hidden(input.cols);
  for (const std::uint32_t word : step.context) {
    for (std::size_t j = 0; j < input.cols; ++j) hidden[j] += input.row(word)[j];
  }
  if (update != CbowUpdate::kSum) {
    for (double& value : hidden) value /= static_cast<double>(step.context.size());
  }
  return hidden;
}

}  // namespace

double ReferenceLoss(const ReferenceStep& step, CbowUpdate update, MatrixView<const double> input,
                     MatrixView<const double> output) {
  const std::vector<double> hidden = Hidden(step, update, input);
  double loss = Softplus(-Dot(hidden, output.row(step.target)));
  for (const std::uint32_t word : step.negatives) loss += Softplus(Dot(hidden, output.row(word)));
  return loss;
}

double ApplyReferenceStep(const ReferenceStep& step, CbowUpdate update, double rate, MatrixView<double> input,
                          MatrixView<double> output) {
  const double loss = ReferenceLoss(step, update, input, output);
  const std::vector<double> hidden = Hidden(step, update, input);
  std::vector<std::uint32_t> rows = {step.target};
  rows.insert(rows.end(), step.negatives.begin(), step.negatives.end());
  // All errors and the gradient to the hidden layer come from the tables as they were before this step.
  std::vector<double> error(input.cols), coefficient(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    coefficient[r] = rate * ((r == 0 ? 1.0 : 0.0) - Sigmoid(Dot(hidden, output.row(rows[r]))));
    for (std::size_t j = 0; j < error.size(); ++j) error[j] += coefficient[r] * output.row(rows[r])[j];
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t j = 0; j < error.size(); ++j) output.row(rows[r])[j] += coefficient[r] * hidden[j];
  }
  const double share = update == CbowUpdate::kMean ? 1.0 / static_cast<double>(step.context.size()) : 1.0;
  for (const std::uint32_t word : step.context) {
    for (std::size_t j = 0; j < error.size(); ++j) input.row(word)[j] += share * error[j];
  }
  return loss;
}

absl::StatusOr<std::unique_ptr<Trainer>> CreateReferenceTrainer(const TrainOptions& options,
                                                                const TrainingCorpus& corpus, EmbeddingTables& tables) {
  CONEC_RETURN_IF_ERROR(CheckTraining(options, corpus, tables));
  CONEC_ASSIGN_OR_RETURN(std::vector<AliasEntry> noise, NoiseTable(corpus.counts, options.noise_exponent));
  CONEC_ASSIGN_OR_RETURN(Matrix<double> input, ToDouble(tables.input));
  CONEC_ASSIGN_OR_RETURN(Matrix<double> output, ToDouble(tables.output));
  return std::make_unique<ReferenceTrainer>(options, corpus, tables, std::move(noise), std::move(input),
                                            std::move(output));
}

}  // namespace conec::word2vec
