#include "ner/tagger.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "corpora/encode.h"

namespace conec::ner {
namespace {

using corpora::WordId;

constexpr std::array<std::string_view, 2> kDecodingNames = {"tokens", "sequences"};
constexpr std::size_t kRangeTokens = std::size_t{1} << 15;  // tagged at once: bounds the memory of their vectors
constexpr std::size_t kFingerprintRows = std::size_t{1} << 16;
constexpr double kImpossible = -std::numeric_limits<double>::infinity();

struct Labels {
  std::vector<std::string> classes;   // in the order of the alphabet
  std::vector<std::uint32_t> labels;  // of tokens
};

Labels NumberTags(std::span<const std::string> tags) {
  std::map<std::string_view, std::uint32_t> index;
  for (const std::string& tag : tags) index.try_emplace(tag, 0);
  Labels result;
  for (auto& [tag, label] : index) {
    label = static_cast<std::uint32_t>(result.classes.size());
    result.classes.emplace_back(tag);
  }
  for (const std::string& tag : tags) result.labels.push_back(index.at(tag));
  return result;
}

// What the penalty sees instead of the columns: dense ones standardised and multiplied.
absl::StatusOr<Standardizer> MakeStandardizer(const TaggerOptions& options, const DesignMatrix& matrix) {
  Standardizer standardizer = {std::vector<double>(matrix.cols(), 0.0), std::vector<double>(matrix.cols(), 1.0)};
  if (options.standardize) {
    CONEC_ASSIGN_OR_RETURN(standardizer, FitStandardizer(matrix, {}, SparseScaling::kNone));
  }
  const std::size_t dense = matrix.cols() - matrix.sparse.cols;
  for (std::size_t j = 0; j < dense; ++j) standardizer.scales[j] /= options.embedding_scale;
  return standardizer;
}

// The length keeps neighbours apart.
void AddText(std::string_view text, XXH3_state_t& state) {
  const std::uint64_t length = text.size();
  XXH3_64bits_update(&state, &length, sizeof(length));
  XXH3_64bits_update(&state, text.data(), text.size());
}

void AddRows(MatrixView<const float> table, XXH3_state_t& state) {
  AddText(fmt::format("{} x {}", table.rows, table.cols), state);
  const std::size_t count = std::min(table.rows, kFingerprintRows);
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> row = table.row(count < table.rows ? i * (table.rows - 1) / (count - 1) : i);
    XXH3_64bits_update(&state, row.data(), row.size_bytes());
  }
}

void AddWords(const corpora::Vocabulary& vocabulary, XXH3_state_t& state) {
  for (std::uint32_t i = 0; i < vocabulary.size(); ++i) {
    AddText(vocabulary.word(WordId{i}), state);
    const std::uint64_t count = vocabulary.count(WordId{i});
    XXH3_64bits_update(&state, &count, sizeof(count));
  }
}

// What decides, beside the tables, which vector a word of a document has.
void AddOptions(const Model& model, XXH3_state_t& state) {
  const ContextOptions& context = model.info.context;
  AddText(fmt::format("{} {} {} {} {} {} {}", context.window, Name(context.weighting), Name(context.scaling),
                      context.unit_rows, context.exclude_target, context.sif, context.feature_weight),
          state);
  AddText(fmt::format("{} {} {} {}", model.info.training.has_value(), model.info.keep_gaps,
                      word2vec::Name(model.layout.inputs), model.layout.window),
          state);
  std::map<std::string, std::string> tokenizer;
  corpora::StoreTokenizerOptions(model.info.tokenizer, tokenizer);
  for (const auto& [key, value] : tokenizer) {
    AddText(key, state);
    AddText(value, state);
  }
}

std::vector<std::uint32_t> BestOfEach(MatrixView<const double> scores) {
  std::vector<std::uint32_t> best;
  for (std::size_t i = 0; i < scores.rows; ++i) {
    const std::span<const double> row = scores.row(i);
    best.push_back(static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return best;
}

// The best class before `next`, and the sum up to there.
std::pair<std::uint32_t, double> BestPrevious(std::span<const double> sums, std::size_t next,
                                              const Transitions& allowed) {
  std::pair<std::uint32_t, double> best = {0, kImpossible};
  for (std::size_t k = 0; k < sums.size(); ++k) {
    if (allowed(k, next) && sums[k] > best.second) best = {static_cast<std::uint32_t>(k), sums[k]};
  }
  return best;
}

}  // namespace

std::string_view Name(Decoding decoding) {
  return kDecodingNames[static_cast<std::size_t>(decoding)];
}

absl::StatusOr<Decoding> ParseDecoding(std::string_view name) {
  for (std::size_t i = 0; i < kDecodingNames.size(); ++i) {
    if (kDecodingNames[i] == name) return static_cast<Decoding>(i);
  }
  return InvalidArgument("unknown decoding '{}': tokens and sequences are known", name);
}

absl::Status Validate(const TaggerOptions& options) {
  CONEC_RETURN_IF_ERROR(Validate(options.features));
  CONEC_RETURN_IF_ERROR(Validate(options.classifier));
  if (!(options.embedding_scale > 0 && std::isfinite(options.embedding_scale))) {
    return InvalidArgument("--embedding-scale must be more than 0, got {}", options.embedding_scale);
  }
  if (options.passes < 1 || options.passes > 2) {
    return InvalidArgument("--passes must be 1 or 2, got {}", options.passes);
  }
  if (options.folds < 2) return InvalidArgument("--folds must be 2 or more, got {}", options.folds);
  if (!(options.second_c > 0 && std::isfinite(options.second_c))) {
    return InvalidArgument("--second-c must be more than 0, got {}", options.second_c);
  }
  return absl::OkStatus();
}

std::string Fingerprint(const Model& model) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  AddWords(model.vocabulary, state);
  for (const MatrixView<const float>& table : {model.input, model.extended_input, model.global_context}) {
    AddRows(table, state);
  }
  AddOptions(model, state);
  return fmt::format("{} x {}, {:016x}", model.size(), model.dim(), XXH3_64bits_digest(&state));
}

Transitions::Transitions(std::span<const std::string> classes, TagScheme scheme) : size_(classes.size() + 1) {
  if (scheme == TagScheme::kType) return;
  std::vector<TagParts> tags(size_);  // the last one is O: the outside
  std::transform(classes.begin(), classes.end(), tags.begin(), [](const std::string& name) { return PartsOf(name); });
  for (const TagParts& previous : tags) {
    for (const TagParts& next : tags) allowed_.push_back(MayFollow(previous, next, scheme));
  }
}

std::vector<std::uint32_t> BestSequence(MatrixView<const double> log_probabilities, const Transitions& allowed) {
  const std::size_t length = log_probabilities.rows, count = allowed.outside();
  if (length == 0 || allowed.all()) return BestOfEach(log_probabilities);
  std::vector<double> sums(count);
  for (std::size_t k = 0; k < count; ++k) {
    sums[k] = allowed(allowed.outside(), k) ? log_probabilities.row(0)[k] : kImpossible;
  }
  std::vector<std::uint32_t> previous(length * count);
  for (std::size_t i = 1; i < length; ++i) {
    std::vector<double> extended(count);
    for (std::size_t k = 0; k < count; ++k) {
      const auto [best, sum] = BestPrevious(sums, k, allowed);
      previous[i * count + k] = best;
      extended[k] = sum + log_probabilities.row(i)[k];
    }
    sums = std::move(extended);
  }
  auto [last, sum] = BestPrevious(sums, allowed.outside(), allowed);
  if (sum == kImpossible) return BestOfEach(log_probabilities);
  std::vector<std::uint32_t> sequence(length);
  for (std::size_t i = length; i-- > 0; last = previous[i * count + last]) sequence[i] = last;
  return sequence;
}

absl::StatusOr<Tagger> Tagger::Train(std::span<const Model> models, const ConllFile& file, const TaggerOptions& options,
                                     FitReport* report) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  if (file.columns() < 2) return InvalidArgument("{}: the tokens have no tag to learn from", file.name());
  const std::vector<std::string_view> tags = file.Column(file.columns() - 1);
  std::size_t offender = 0;
  const auto scheme = DetectTagScheme(tags, file.sentence_ends(), &offender);
  if (!scheme.ok()) {
    return Annotate(scheme.status(), fmt::format("{}:{}", file.name(), file.line(std::min(offender, tags.size() - 1))));
  }
  std::vector<std::uint32_t> fold_of;  // looked for here since what comes before its use takes long
  if (options.passes > 1) {
    auto folds = FoldsOfTokens(file.document_ends(), options.folds);
    if (!folds.ok()) return Annotate(folds.status(), file.name());
    fold_of = *std::move(folds);
  }
  Tagger tagger;
  tagger.info_ = {options, *scheme, {}, file.tokens(), file.sentence_ends().size(), {}};
  for (const Model& model : models) tagger.info_.models.push_back(Fingerprint(model));
  CONEC_ASSIGN_OR_RETURN(const TokenFeatures features, TokenFeatures::Create(models, options.features));
  CONEC_ASSIGN_OR_RETURN(const DesignMatrix matrix, features.Learn(file, tagger.learnt_));
  CONEC_ASSIGN_OR_RETURN(const Standardizer standardizer, MakeStandardizer(options, matrix));
  Labels labels = NumberTags(ConvertTags(tags, file.sentence_ends(), options.scheme));
  LogisticRegressionOptions fit = options.classifier;
  if (options.standardize || options.embedding_scale != 1) fit.standardizer = &standardizer;
  FitReport fitted;
  CONEC_ASSIGN_OR_RETURN(tagger.classifier_,
                         FitLogisticRegression(matrix, labels.labels, std::move(labels.classes), {}, fit, &fitted));
  if (options.passes > 1) {
    CONEC_ASSIGN_OR_RETURN(tagger.second_, tagger.TrainSecondPass(file, matrix, labels.labels, fold_of, fit, fitted));
  }
  if (report != nullptr) *report = fitted;
  tagger.info_.options.classifier.threads = 0;
  tagger.info_.options.classifier.progress = nullptr;
  return tagger;
}

// `report`: of the first classifier; of all afterwards.
absl::StatusOr<SecondPass> Tagger::TrainSecondPass(const ConllFile& file, const DesignMatrix& matrix,
                                                   std::span<const std::uint32_t> labels,
                                                   std::span<const std::uint32_t> fold_of,
                                                   const LogisticRegressionOptions& first, FitReport& report) const {
  const TaggerOptions& options = info_.options;
  CONEC_ASSIGN_OR_RETURN(const Matrix<double> held_out,
                         HeldOutProbabilities(matrix, labels, classifier_.classes, fold_of, first, report));
  const FirstPass pass = {classifier_.classes, held_out.view()};
  FeatureText text = TextOf(file, {0, file.tokens()}, 0);
  text.first_pass = &pass;
  DesignMatrix x;
  CONEC_ASSIGN_OR_RETURN(SecondPassFeatures features, SecondPassFeatures::Learn(text, x));
  LogisticRegressionOptions fit = first;
  fit.standardizer = nullptr;
  fit.c = options.second_c;
  FitReport fitted;
  CONEC_ASSIGN_OR_RETURN(LinearClassifier classifier,
                         FitLogisticRegression(x, labels, classifier_.classes, {}, fit, &fitted));
  fitted.iterations += report.iterations;
  fitted.evaluations += report.evaluations;
  fitted.converged = fitted.converged && report.converged;
  fitted.gradient = std::max(fitted.gradient, report.gradient);
  report = fitted;
  return SecondPass{std::move(features), std::move(classifier)};
}

absl::Status Tagger::CheckModels(std::span<const Model> models) const {
  if (models.size() != info_.models.size()) {
    return FailedPrecondition("the tagger was trained with {} embedding model(s), {} given", info_.models.size(),
                              models.size());
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    const std::string fingerprint = Fingerprint(models[i]);
    if (fingerprint == info_.models[i]) continue;
    return FailedPrecondition("the tagger was trained with another embedding model ({}; this one is {})",
                              info_.models[i], fingerprint);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint32_t>> Tagger::Classes(const DesignMatrix& features, const ConllFile& file,
                                                           TokenRange range, int threads) const {
  if (!second_.has_value()) return Decide(classifier_, features, file, range, threads);
  CONEC_ASSIGN_OR_RETURN(const Matrix<double> probabilities, PredictProbabilities(classifier_, features, threads));
  const FirstPass first = {classifier_.classes, probabilities.view()};
  FeatureText text = TextOf(file, range, 0);
  text.first_pass = &first;
  CONEC_ASSIGN_OR_RETURN(const DesignMatrix seen, second_->features.Extract(text));
  return Decide(second_->classifier, seen, file, range, threads);
}

absl::StatusOr<std::vector<std::uint32_t>> Tagger::Decide(const LinearClassifier& classifier,
                                                          const DesignMatrix& features, const ConllFile& file,
                                                          TokenRange range, int threads) const {
  if (info_.options.decoding == Decoding::kTokens) return PredictClasses(classifier, features, threads);
  CONEC_ASSIGN_OR_RETURN(Matrix<double> scores, PredictProbabilities(classifier, features, threads));
  for (std::size_t i = 0; i < scores.rows(); ++i) {
    for (double& value : scores.row(i)) value = std::log(std::max(value, std::numeric_limits<double>::min()));
  }
  const MatrixView<const double> all = std::as_const(scores).view();
  const std::span<const std::size_t> ends = file.sentence_ends();
  const Transitions allowed(classifier.classes, info_.options.scheme);
  std::vector<std::uint32_t> classes;
  std::size_t begin = range.begin;
  for (auto end = std::upper_bound(ends.begin(), ends.end(), begin); begin < range.end; begin = *end++) {
    const MatrixView<const double> sentence(all.data + (begin - range.begin) * all.stride, *end - begin, all.cols,
                                            all.stride);
    const auto best = BestSequence(sentence, allowed);
    classes.insert(classes.end(), best.begin(), best.end());
  }
  return classes;
}

absl::StatusOr<std::vector<std::string>> Tagger::Tag(std::span<const Model> models, const ConllFile& file,
                                                     int threads) const {
  CONEC_ASSIGN_OR_RETURN(const TokenFeatures features, TokenFeatures::Create(models, info_.options.features));
  std::vector<std::string_view> found;
  for (const TokenRange range : SplitIntoRanges(file, kRangeTokens)) {
    CONEC_ASSIGN_OR_RETURN(const DesignMatrix matrix, features.Extract(file, range, learnt_));
    if (matrix.cols() != classifier_.weights.cols()) {
      return FailedPrecondition(
          "the embedding models give {} features, the tagger was trained with {}: it needs models "
          "of as many dimensions and kinds of vectors as those",
          matrix.cols(), classifier_.weights.cols());
    }
    CONEC_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> classes, Classes(matrix, file, range, threads));
    for (const std::uint32_t c : classes) found.push_back(classifier_.classes[c]);
  }
  return ConvertTags(found, file.sentence_ends(), info_.output_scheme);
}

}  // namespace conec::ner
