// conec-ner sweep: what different vectors of the same models are worth to a tagger (thesis figure 7.3): for each model
// and each kind of vectors a classifier is trained on one file and scored on up to three.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "ner/conll.h"
#include "ner/scores.h"
#include "ner/tagger.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/ner/command.h"
#include "tools/ner/fitting.h"
#include "tools/ner/tagger_options.h"

namespace conec::ner {
namespace {

struct SweepOptions {
  ModelFlags models;
  std::size_t models_per_run = 1;
  std::string train, dev, test;
  std::vector<std::string> kinds = {"word2vec", "global", "oov", "mix"};
  std::vector<double> global_weights = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
  std::string tsv;
  int threads = 0;
  TaggerFlags flags;
};

struct Fold {
  std::string name;
  ConllFile file;
};

// One kind of vectors and its F1 scores.
struct Setting {
  std::string kind;
  std::optional<double> global_weight;            // of mix
  std::map<std::string, std::vector<double>> f1;  // by fold, one value per run
  std::string name() const { return global_weight.has_value() ? fmt::format("{} {}", kind, *global_weight) : kind; }
};

struct Spread {
  double mean = 0;
  std::optional<double> deviation;  // of the sample (n - 1); a single run has none
};

Spread SpreadOf(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Spread spread;
  for (const double value : values) spread.mean += value / n;
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / (n - 1));
  return spread;
}

void AddSweepOptions(CLI::App& app, cli::Program& program, SweepOptions& options) {
  AddModelsOption(app, options.models, "models of conec-train that differ in their seed: one for each run");
  app.add_option("--models-per-run", options.models_per_run,
                 "so many models in a row make up one run, with the vectors of all of them side by side")
      ->type_name("N")
      ->check(cli::NotNegative());
  app.add_option("--train", options.train, "CoNLL columns, the word first, the tag last")
      ->type_name("FILE")
      ->required();
  app.add_option("--dev", options.dev,
                 "scored, too; the best global weight (gain C) is chosen on it. Without --dev it is chosen on the test "
                 "file, whose own gain C is too good then")
      ->type_name("FILE");
  app.add_option("--test", options.test, "scored, too")->type_name("FILE");
  app.add_option("--embeddings", options.kinds, "the kinds of vectors to compare, see conec-ner train --embedding")
      ->type_name("KIND,...")
      ->delimiter(',');
  app.add_option("--global-weights", options.global_weights, "the values of a to compare (mix)")
      ->type_name("A,...")
      ->delimiter(',');
  app.add_option("--tsv", options.tsv, "also write the figures as tab-separated columns, for plotting")
      ->type_name("FILE");
  AddFeatureOptions(app, options.flags);
  AddClassifierOptions(app, options.flags);
  cli::AddThreadsOption(app, options.threads);
  program.AddProgress(app);
  program.Writes(app.get_option("--tsv"));
  program.AddJson(app);
  app.footer(
      "F1 scores are conlleval's, means over the runs with the deviation of the sample.\n\n"
      "Example:\n"
      "  conec-ner sweep --model seed1.conec --model seed2.conec --train eng.train --dev eng.testa --test eng.testb");
}

absl::Status CheckSweep(SweepOptions& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  if (options.models.paths.empty()) return InvalidArgument("--model is missing");
  if (options.models_per_run == 0 || options.models.paths.size() % options.models_per_run != 0) {
    return InvalidArgument("there are {} models, which is no multiple of --models-per-run {}",
                           options.models.paths.size(), options.models_per_run);
  }
  for (const std::string& kind : options.kinds) CONEC_RETURN_IF_ERROR(ParseEmbeddingKind(kind));
  for (const double weight : options.global_weights) {
    if (!(weight >= 0 && weight <= 1)) return InvalidArgument("--global-weights must be 0 to 1, got {}", weight);
  }
  CONEC_RETURN_IF_ERROR(CheckTaggerFlags(options.flags));
  options.flags.tagger.classifier.threads = options.threads;
  return absl::OkStatus();
}

std::vector<Setting> SettingsOf(const SweepOptions& options) {
  std::vector<Setting> settings;
  for (const std::string& kind : options.kinds) {
    if (kind != Name(EmbeddingKind::kMix)) {
      settings.push_back({kind, std::nullopt, {}});
      continue;
    }
    for (const double weight : options.global_weights) settings.push_back({kind, weight, {}});
  }
  return settings;
}

absl::StatusOr<std::vector<Fold>> ReadFolds(const SweepOptions& options) {
  const std::pair<const char*, std::string> named[] = {
      {"train", options.train}, {"dev", options.dev}, {"test", options.test}};
  std::vector<Fold> folds;
  for (const auto& [name, path] : named) {
    if (path.empty()) continue;
    CONEC_ASSIGN_OR_RETURN(ConllFile file, ConllFile::Read(path, {.min_columns = 2}));
    folds.push_back({name, std::move(file)});
  }
  return folds;
}

absl::StatusOr<TaggerOptions> TaggerOptionsOf(const SweepOptions& options, const Setting& setting) {
  TaggerOptions tagger = options.flags.tagger;
  EmbeddingOptions embedding = options.flags.embedding;
  CONEC_ASSIGN_OR_RETURN(embedding.kind, ParseEmbeddingKind(setting.kind));
  embedding.global_weight = setting.global_weight.value_or(1);
  tagger.features.embeddings = {embedding};
  return tagger;
}

absl::Status RunSetting(const SweepOptions& options, std::span<const Model> models, const std::vector<Fold>& folds,
                        const std::string& run, Setting& setting, cli::Progress& progress) {
  CONEC_ASSIGN_OR_RETURN(const TaggerOptions tagger, TaggerOptionsOf(options, setting));
  CONEC_ASSIGN_OR_RETURN(const Fitted fitted, Fit(models, folds[0].file, tagger, run + setting.name(), progress));
  for (const Fold& fold : folds) {
    CONEC_ASSIGN_OR_RETURN(const auto tags, fitted.tagger.Tag(models, fold.file, options.threads));
    CONEC_ASSIGN_OR_RETURN(const EntityReport report, ScoreAnyScheme(fold.file, tags));
    setting.f1[fold.name].push_back(report.total.f1());
  }
  return cli::StopSignal() == 0 ? absl::OkStatus() : Cancelled("stopped");
}

absl::Status RunAll(const SweepOptions& options, const std::vector<Fold>& folds, std::vector<Setting>& settings,
                    cli::Progress& progress) {
  const std::size_t runs = options.models.paths.size() / options.models_per_run;
  for (std::size_t run = 0; run < runs; ++run) {
    const auto first = options.models.paths.begin() + static_cast<std::ptrdiff_t>(run * options.models_per_run);
    const auto end = first + static_cast<std::ptrdiff_t>(options.models_per_run);
    CONEC_ASSIGN_OR_RETURN(const std::vector<Model> models,
                           LoadModels({{first, end}, options.models.verify}, options.threads));
    const std::string name = runs > 1 ? fmt::format("run {}/{} ", run + 1, runs) : "";
    for (Setting& setting : settings) {
      CONEC_RETURN_IF_ERROR(RunSetting(options, models, folds, name, setting, progress));
    }
  }
  return absl::OkStatus();
}

// By how much one kind of vectors is better than another, run by run.
struct Gain {
  std::string name;   // "A"
  std::string label;  // "global - word2vec"
  std::map<std::string, std::vector<double>> f1;
};

const Setting* FindKind(const std::vector<Setting>& settings, EmbeddingKind kind) {
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.kind == Name(kind); });
  return found == settings.end() ? nullptr : &*found;
}

// The mix with the best mean on dev, or on the second or only fold there is.
const Setting* BestMix(const std::vector<Setting>& settings, const std::vector<Fold>& folds) {
  const std::string& fold = folds[std::min<std::size_t>(1, folds.size() - 1)].name;
  const Setting* best = nullptr;
  for (const Setting& setting : settings) {
    if (!setting.global_weight.has_value()) continue;
    if (best == nullptr || SpreadOf(setting.f1.at(fold)).mean > SpreadOf(best->f1.at(fold)).mean) best = &setting;
  }
  return best;
}

// The right panel of the figure, as far as the settings are there.
std::vector<Gain> GainsOf(const std::vector<Setting>& settings, const std::vector<Fold>& folds) {
  const Setting* steps[] = {FindKind(settings, EmbeddingKind::kWord2vec), FindKind(settings, EmbeddingKind::kGlobal),
                            FindKind(settings, EmbeddingKind::kOov), BestMix(settings, folds)};
  std::vector<Gain> gains;
  for (std::size_t i = 1; i < std::size(steps); ++i) {
    if (steps[i - 1] == nullptr || steps[i] == nullptr) continue;
    Gain gain = {std::string(1, static_cast<char>('A' + i - 1)),
                 fmt::format("{} - {}", steps[i]->name(), steps[i - 1]->name()),
                 {}};
    for (const auto& [fold, values] : steps[i]->f1) {
      for (std::size_t run = 0; run < values.size(); ++run) {
        gain.f1[fold].push_back(values[run] - steps[i - 1]->f1.at(fold)[run]);
      }
    }
    gains.push_back(std::move(gain));
  }
  return gains;
}

cli::Json ToJson(const std::map<std::string, std::vector<double>>& f1) {
  cli::Json json;
  for (const auto& [fold, values] : f1) {
    const Spread spread = SpreadOf(values);
    json[fold] = {{"f1_mean", spread.mean},
                  {"f1_std", spread.deviation ? cli::Json(*spread.deviation) : cli::Json()},
                  {"f1", values}};
  }
  return json;
}

// "0.6", "1.0", "0.65": one decimal, or as many as it takes to tell weights apart.
std::string WeightKey(double weight) {
  const std::string tenths = fmt::format("{:.1f}", weight);
  return std::stod(tenths) == weight ? tenths : fmt::format("{}", weight);
}

cli::Json ToJson(const std::vector<Setting>& settings, const std::vector<Gain>& gains) {
  cli::Json json;
  for (const Setting& setting : settings) {
    if (setting.global_weight.has_value()) {
      json[setting.kind][WeightKey(*setting.global_weight)] = ToJson(setting.f1);
    } else {
      json[setting.kind] = ToJson(setting.f1);
    }
  }
  cli::Json& of_gains = json["gains"] = cli::Json::object();
  for (const Gain& gain : gains) {
    of_gains[gain.name] = ToJson(gain.f1);
    of_gains[gain.name]["of"] = gain.label;
  }
  return json;
}

// "-" for nothing.
std::string Decimals(const std::optional<double>& value, int decimals) {
  return value.has_value() ? fmt::format("{:.{}f}", *value, decimals) : "-";
}

// mean_format: of one number without its width.
std::string TableRow(const std::string& name, const std::map<std::string, std::vector<double>>& f1,
                     const std::vector<Fold>& folds, const char* mean_format = "{:.2f}") {
  std::string row = fmt::format("{:<22}", name);
  for (const Fold& fold : folds) {
    const Spread spread = SpreadOf(f1.at(fold.name));
    std::string cell = fmt::format(fmt::runtime(mean_format), spread.mean);
    if (spread.deviation.has_value()) cell += fmt::format(" +- {:4.2f}", *spread.deviation);
    row += fmt::format(" {:>16}", cell);
  }
  return row + "\n";
}

std::string Table(const std::vector<Setting>& settings, const std::vector<Fold>& folds) {
  std::string text = fmt::format("{:<22}", "F1");
  for (const Fold& fold : folds) text += fmt::format(" {:>16}", fold.name);
  text += "\n";
  for (const Setting& setting : settings) text += TableRow(setting.name(), setting.f1, folds);
  for (const Gain& gain : GainsOf(settings, folds)) {
    text += TableRow(gain.name + ": " + gain.label, gain.f1, folds, "{:+.2f}");
  }
  return text;
}

void AddTsvRows(const std::string& kind, const std::string& weight,
                const std::map<std::string, std::vector<double>>& f1, std::string& text) {
  for (const auto& [fold, values] : f1) {
    const Spread spread = SpreadOf(values);
    text += fmt::format("{}\t{}\t{}\t{:.4f}\t{}\n", kind, weight, fold, spread.mean, Decimals(spread.deviation, 4));
  }
}

absl::Status WriteTsv(const std::string& path, const std::vector<Setting>& settings, const std::vector<Fold>& folds) {
  std::string text = "vectors\tglobal_weight\tfold\tf1_mean\tf1_std\n";
  for (const Setting& setting : settings) {
    AddTsvRows(setting.kind, setting.global_weight ? fmt::format("{}", *setting.global_weight) : "-", setting.f1, text);
  }
  for (const Gain& gain : GainsOf(settings, folds)) AddTsvRows("gain " + gain.name, "-", gain.f1, text);
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(file.Write(text));
  return file.Commit();
}

absl::Status RunSweep(const cli::Program& program, const SweepOptions& options) {
  cli::CatchStopSignals();
  if (!options.tsv.empty()) CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.tsv));
  CONEC_ASSIGN_OR_RETURN(const std::vector<Fold> folds, ReadFolds(options));
  std::vector<Setting> settings = SettingsOf(options);
  cli::Progress progress(program.progress_mode());
  const absl::Status status = RunAll(options, folds, settings, progress);
  progress.Break();
  CONEC_RETURN_IF_ERROR(status);
  if (!options.tsv.empty()) CONEC_RETURN_IF_ERROR(WriteTsv(options.tsv, settings, folds));
  return program.json() ? cli::PrintJson(ToJson(settings, GainsOf(settings, folds)))
                        : cli::PrintText(Table(settings, folds));
}

}  // namespace

Command AddSweepCommand(cli::Program& program) {
  const auto options = std::make_shared<SweepOptions>();
  CLI::App* app = program.app().add_subcommand(
      "sweep", "Compares what word2vec, global, oov and mixed vectors are worth to a tagger.");
  AddSweepOptions(*app, program, *options);
  return {app, [options] { return CheckSweep(*options); }, [&program, options] { return RunSweep(program, *options); }};
}

}  // namespace conec::ner
