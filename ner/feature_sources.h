// Where the hand features of each group come from. Internal to the room.
#pragma once

#include <cstddef>
#include <memory>

#include "ner/analysed_text.h"
#include "ner/feature_rows.h"
#include "ner/hand_features.h"

namespace conec::ner {

// Adds a group's features of one token to the current row. Tokens come in order, each once.
class FeatureSource {
 public:
  virtual ~FeatureSource() = default;
  virtual void Emit(std::size_t token, FeatureRows& rows) = 0;
};

// `text` must live as long as the source.
std::unique_ptr<FeatureSource> MakeFeatureSource(FeatureGroup group, int window, const AnalysedText& text,
                                                 const HandFeatureOptions& options);

// Those of documents (document_sources.cc).
std::unique_ptr<FeatureSource> MakeDocumentCaseSource(const AnalysedText& text);
std::unique_ptr<FeatureSource> MakeDocumentContextSource(const AnalysedText& text);
std::unique_ptr<FeatureSource> MakeTopicSource(const AnalysedText& text);

// That of the text's first pass (first_pass_source.cc).
std::unique_ptr<FeatureSource> MakeFirstPassSource(const AnalysedText& text);

}  // namespace conec::ner
