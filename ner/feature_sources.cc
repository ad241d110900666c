#include "ner/feature_sources.h"

#include <string>
#include <utility>
#include <vector>

#include "ner/word_forms.h"

namespace conec::ner {
namespace {

// "[-1]"; nothing for the word itself.
std::string Slot(int offset) {
  return offset == 0 ? "" : "[" + std::string(offset > 0 ? "+" : "") + std::to_string(offset) + "]";
}

// Features of words, at every offset of the window. They are computed once per distinct word, named once per offset.
class WordSource : public FeatureSource {
 public:
  WordSource(FeatureGroup group, int window, const AnalysedText& text, const HandFeatureOptions& options)
      : text_(text), window_(window), has_edges_(group == FeatureGroup::kWord) {
    StringNumbers numbers;
    for (const WordForm& form : text.forms()) {
      auto& features = of_form_.emplace_back();
      for (const WordFeature& feature : WordFeaturesOf(group, form.surface, options)) {
        const std::uint32_t number = numbers.Number(feature.name + '=' + feature.value);
        if (number == features_.size()) features_.push_back(feature);
        features.emplace_back(number, feature.number);
      }
    }
    numbers_.assign(2 * static_cast<std::size_t>(window) + 1, std::vector<std::uint32_t>(features_.size(), kUnnamed));
  }

  void Emit(std::size_t token, FeatureRows& rows) override {
    const Sentence& sentence = text_.sentence(token);
    for (int offset = -window_; offset <= window_; ++offset) {
      const auto place = static_cast<std::ptrdiff_t>(token) + offset;
      if (place < static_cast<std::ptrdiff_t>(sentence.begin) || place >= static_cast<std::ptrdiff_t>(sentence.end)) {
        if (has_edges_) rows.Add({"w", Slot(offset), "=", offset < 0 ? "<s>" : "</s>"});
        continue;
      }
      for (const auto& [feature, value] : of_form_[text_.form_number(static_cast<std::size_t>(place))]) {
        rows.Add(NumberAt(feature, offset, rows), value);
      }
    }
  }

 private:
  static constexpr std::uint32_t kUnnamed = 0xFFFFFFFF;

  std::uint32_t NumberAt(std::uint32_t feature, int offset, FeatureRows& rows) {
    const int place = offset + window_;
    std::uint32_t& number = numbers_[static_cast<std::size_t>(place)][feature];
    if (number == kUnnamed) {
      const WordFeature& named = features_[feature];
      number = rows.Feature({named.name, Slot(offset), named.value.empty() ? "" : "=", named.value});
    }
    return number;
  }

  const AnalysedText& text_;
  int window_;
  bool has_edges_;
  std::vector<std::vector<std::pair<std::uint32_t, float>>> of_form_;
  std::vector<WordFeature> features_;
  std::vector<std::vector<std::uint32_t>> numbers_;  // offset + window, feature
};

class ColumnSource : public FeatureSource {
 public:
  ColumnSource(int window, const AnalysedText& text) : text_(text), window_(window) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    const Sentence& sentence = text_.sentence(token);
    for (std::size_t column = 0; column < text_.text().columns.size(); ++column) {
      const std::string name = "column" + std::to_string(column + 1);
      for (int offset = -window_; offset <= window_; ++offset) {
        const auto place = static_cast<std::ptrdiff_t>(token) + offset;
        if (place < static_cast<std::ptrdiff_t>(sentence.begin) || place >= static_cast<std::ptrdiff_t>(sentence.end)) {
          continue;
        }
        rows.Add({name, Slot(offset), "=", text_.text().columns[column][static_cast<std::size_t>(place)]});
      }
    }
  }

 private:
  const AnalysedText& text_;
  int window_;
};

class PositionSource : public FeatureSource {
 public:
  explicit PositionSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    const Sentence& sentence = text_.sentence(token);
    if (token == sentence.begin) quotes_ = brackets_ = 0;
    const std::string_view word = text_.form(token).surface;
    const bool closes = word == ")" || word == "]";
    if (closes && brackets_ > 0) --brackets_;
    if (token == sentence.begin) rows.Add({"first"});
    if (token + 1 == sentence.end) rows.Add({"last"});
    if (sentence.all_upper) rows.Add({"all-upper"});
    if (brackets_ > 0) rows.Add({"in-brackets"});
    if (quotes_ % 2 == 1) rows.Add({"in-quotes"});
    if (word == "(" || word == "[") ++brackets_;
    if (word == "\"" || word == "``" || word == "''") ++quotes_;
  }

 private:
  const AnalysedText& text_;
  int quotes_ = 0, brackets_ = 0;
};

// 0, below a quarter, below a half, more.
std::string_view Share(std::size_t part, std::size_t whole) {
  if (part == 0) return "0";
  return 4 * part < whole ? "few" : 2 * part < whole ? "some" : "many";
}

std::string_view LengthClass(std::size_t length) {
  if (length <= 3) return length == 1 ? "1" : length == 2 ? "2" : "3";
  return length <= 6 ? "4-6" : length <= 12 ? "7-12" : length <= 24 ? "13-24" : "25-";
}

class SentenceSource : public FeatureSource {
 public:
  explicit SentenceSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    const Sentence& sentence = text_.sentence(token);
    if (token == sentence.begin) Prepare(sentence, rows);
    for (const std::uint32_t feature : features_) rows.Add(feature);
  }

 private:
  void Prepare(const Sentence& sentence, FeatureRows& rows) {
    std::size_t numbers = 0, capitals = 0;
    for (std::size_t i = sentence.begin; i < sentence.end; ++i) {
      numbers += text_.form(i).has_digit ? 1 : 0;
      capitals += text_.form(i).begins_upper ? 1 : 0;
    }
    features_ = {rows.Feature({"length=", LengthClass(sentence.size())}),
                 rows.Feature({"sentence=", std::to_string(std::min<std::size_t>(sentence.index, 4))}),
                 rows.Feature({"numbers=", Share(numbers, sentence.size())}),
                 rows.Feature({"capitals=", Share(capitals, sentence.size())}),
                 rows.Feature({"ends=", text_.form(sentence.end - 1).short_shape})};
  }

  const AnalysedText& text_;
  std::vector<std::uint32_t> features_;
};

class BigramSource : public FeatureSource {
 public:
  explicit BigramSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    rows.Add({"w[-1..0]=", text_.lower_at(token, -1), " ", text_.lower(token)});
    rows.Add({"w[0..1]=", text_.lower(token), " ", text_.lower_at(token, 1)});
  }

 private:
  const AnalysedText& text_;
};

class ConjunctionSource : public FeatureSource {
 public:
  explicit ConjunctionSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    const std::string_view own = text_.form(token).case_name;
    const auto lower = [&](std::ptrdiff_t offset) { return text_.lower_at(token, offset); };
    const auto cases = [&](std::ptrdiff_t offset) { return text_.case_at(token, offset); };
    const auto shape = [&](std::ptrdiff_t offset) { return text_.shape_at(token, offset); };
    rows.Add({"w[-1]&case=", lower(-1), " ", own});
    rows.Add({"w[+1]&case=", lower(1), " ", own});
    rows.Add({"w[-2..-1]&case=", lower(-2), " ", lower(-1), " ", own});
    rows.Add({"w[+1..+2]&case=", lower(1), " ", lower(2), " ", own});
    rows.Add({"w[-1,+1]&case=", lower(-1), " ", lower(1), " ", own});
    rows.Add({"case[-1..+1]=", cases(-1), " ", own, " ", cases(1)});
    rows.Add({"case[-2..0]=", cases(-2), " ", cases(-1), " ", own});
    rows.Add({"case[0..+2]=", own, " ", cases(1), " ", cases(2)});
    rows.Add({"short-shape[-1..+1]=", shape(-1), " ", shape(0), " ", shape(1)});
    const Sentence& sentence = text_.sentence(token);
    rows.Add({"place&case=", sentence.all_upper ? "all-upper " : token == sentence.begin ? "first " : "", own});
    if (sentence.all_upper || token == sentence.begin) {
      rows.Add({sentence.all_upper ? "all-upper&w=" : "first&w=", text_.lower(token)});
    }
  }

 private:
  const AnalysedText& text_;
};

class RunSource : public FeatureSource {
 public:
  explicit RunSource(const AnalysedText& text) : text_(text) {}

  void Emit(std::size_t token, FeatureRows& rows) override {
    const Range* run = text_.run(token);
    if (run == nullptr) return;
    const bool first = token == run->begin, last = token + 1 == run->end;
    const std::string_view place = first ? (last ? "only" : "first") : last ? "last" : "middle";
    const std::string_view left = text_.lower_before(*run), right = text_.lower_after(*run);
    rows.Add({"run-place=", place});
    rows.Add({"run-length=", std::to_string(std::min<std::size_t>(run->size(), 5))});
    rows.Add({"run-left=", left});
    rows.Add({"run-right=", right});
    rows.Add({"run-left&right=", left, " ", right});
    rows.Add({"run-left&place=", left, " ", place});
    rows.Add({"run-right&place=", right, " ", place});
    rows.Add({"run-first=", text_.lower(run->begin)});
    rows.Add({"run-last=", text_.lower(run->end - 1)});
    std::string cases, whole;
    for (std::size_t i = run->begin; i < run->end && i < run->begin + 6; ++i) {
      whole += ' ' + text_.lower(i);
      if (i != token) rows.Add({i < token ? "run-before=" : "run-after=", text_.lower(i)});
      cases += text_.form(i).case_name.substr(0, 2);
    }
    rows.Add({"run-cases=", cases});
    rows.Add({"run=", whole});
    rows.Add({"run&place=", whole, " ", place});
    if (run->begin == text_.sentence(token).begin) rows.Add({"run-first-in-sentence"});
  }

 private:
  const AnalysedText& text_;
};

}  // namespace

std::unique_ptr<FeatureSource> MakeFeatureSource(FeatureGroup group, int window, const AnalysedText& text,
                                                 const HandFeatureOptions& options) {
  switch (group) {
    case FeatureGroup::kColumns:
      return std::make_unique<ColumnSource>(window, text);
    case FeatureGroup::kPosition:
      return std::make_unique<PositionSource>(text);
    case FeatureGroup::kSentence:
      return std::make_unique<SentenceSource>(text);
    case FeatureGroup::kBigrams:
      return std::make_unique<BigramSource>(text);
    case FeatureGroup::kConjunctions:
      return std::make_unique<ConjunctionSource>(text);
    case FeatureGroup::kRun:
      return std::make_unique<RunSource>(text);
    case FeatureGroup::kDocumentCase:
      return MakeDocumentCaseSource(text);
    case FeatureGroup::kDocumentContext:
      return MakeDocumentContextSource(text);
    case FeatureGroup::kTopic:
      return MakeTopicSource(text);
    default:
      return std::make_unique<WordSource>(group, window, text, options);
  }
}

}  // namespace conec::ner
