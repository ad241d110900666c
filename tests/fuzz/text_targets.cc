#include "tests/fuzz/text_targets.h"

#include <cmath>
#include <span>

#include "corpora/byte_stream.h"
#include "corpora/json_field.h"
#include "corpora/text_reader.h"
#include "ner/conll.h"
#include "simec_core/delimited.h"
#include "simec_core/matrix_market.h"
#include "tests/corpora/compress.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"
#include "word2vec/analogy.h"
#include "word2vec/similarity.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;
using corpora::DocumentFormat;

// Bombs are not read to their end: memory is bounded whatever comes.
constexpr std::size_t kEnoughText = std::size_t{1} << 20;

// --- Question files.

absl::Status ReadQuestions(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto sections, word2vec::ParseAnalogyQuestions(input, "questions"));
  std::size_t questions = 0;
  for (const auto& section : sections) {
    Require(section.lines.size() == section.questions.size(), "every question has a line");
    questions += section.questions.size();
  }
  Require(questions > 0, "a file without questions is refused");
  return absl::OkStatus();
}

Seeds Questions() {
  return {": capitals\nathens greece oslo norway\nrome italy  paris france\n\n: gram1 plural\ncat cats\tdog dogs\r\n"};
}

absl::Status ReadPairs(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const auto pairs, word2vec::ParseWordPairs(input, "pairs"));
  Require(!pairs.empty(), "a file without pairs is refused");
  for (const auto& pair : pairs) Require(std::isfinite(pair.score) && pair.line > 0, "scores are finite");
  return absl::OkStatus();
}

Seeds Pairs() {
  return {"Word 1,Word 2,Human (mean)\nlove,sex,6.77\n\"tiger\",\"a cat\",7.35\n",
          "# comment\nold\tnew\tA\t1.58\nsmart\tbright\tA\t9.2\n", "\xEF\xBB\xBFsun moon 0.5\r\nday night -3e-1\r\n"};
}

// --- Documents.

absl::Status ReadDocuments(const std::string& path, DocumentFormat format, std::size_t target_bytes) {
  CONEC_ASSIGN_OR_RETURN(const auto reader, corpora::TextReader::Create({{path}, format}));
  corpora::TextBatch batch;
  for (std::size_t read = 0; read < kEnoughText; read += batch.text.size()) {
    CONEC_ASSIGN_OR_RETURN(const bool more, reader->Next(target_bytes, &batch));
    if (!more) break;
    std::size_t end = 0;
    for (const corpora::TextPiece& piece : batch.pieces) {
      Require(piece.begin == end && piece.end >= piece.begin && piece.end <= batch.text.size(), "pieces cover text");
      Require(piece.source < reader->sources().size(), "a piece has a source");
      end = piece.end;
    }
    Require(end == batch.text.size(), "pieces cover all of the text");
    Require(batch.text.size() <= std::max<std::size_t>(target_bytes, 8) + 1, "a batch is as large as asked for");
  }
  return absl::OkStatus();
}

absl::Status ReadJsonl(std::string_view input) {
  if (const auto text = corpora::JsonStringField(input, "text"); text.ok()) {
    Require(text->size() <= 4 * input.size(), "a string is no longer than its JSON, but for what was not UTF-8");
  }
  return ReadDocuments(MemoryFile(input).path(), DocumentFormat::kJsonl, 100);
}

Seeds Jsonl() {
  return {
      "{\"text\": \"one \\u00e9\\ud83d\\ude00 \\\"two\\\"\", \"n\": [1, {\"text\": "
      "2}]}\n\n{\"id\":1,\"text\":\"\"}\r\n",
      "{\"a\":[[[[[[[[]]]]]]]],\"text\":\"a\\\\b\\/\\n\",\"text\":\"last\"}"};
}

absl::Status ReadPlainText(std::string_view input) {
  const MemoryFile file(input);
  for (const DocumentFormat format : {DocumentFormat::kFile, DocumentFormat::kLine, DocumentFormat::kParagraph}) {
    CONEC_RETURN_IF_ERROR(ReadDocuments(file.path(), format, 20));
  }
  return absl::OkStatus();
}

Seeds PlainText() {
  return {"One line.\n\nA paragraph\r\nof two lines.\n \n\n\xE2\x80\x9Cthird\xE2\x80\x9D ", "\xEF\xBB\xBFmark\n",
          "a very long word: " + std::string(100, 'x') + "\xC3\xA9\xF0\x9F\x98\x80" + std::string(30, 'y')};
}

absl::Status ReadConllText(std::string_view input) {
  return ReadDocuments(MemoryFile(input).path(), DocumentFormat::kConll, 16);
}

// --- Compressed streams and archives.

absl::Status ReadCompressed(std::string_view input) {
  const MemoryFile file(input);
  const std::vector<std::string> paths = {file.path()};
  CONEC_ASSIGN_OR_RETURN(auto files, corpora::ExpandInputs(paths));
  CONEC_ASSIGN_OR_RETURN(const auto stream, corpora::ByteStream::Open(std::move(files)));
  corpora::ByteChunk chunk;
  bool open = false;
  for (std::size_t read = 0; read < kEnoughText;) {
    CONEC_ASSIGN_OR_RETURN(const bool more, stream->Next(&chunk));
    if (!more) break;
    using Kind = corpora::ByteChunk::Kind;
    Require(open == (chunk.kind != Kind::kBegin), "sources begin and end one after the other");
    open = chunk.kind != Kind::kEnd;
    if (chunk.kind == Kind::kData) read += chunk.size;
  }
  return absl::OkStatus();
}

Seeds Compressed() {
  const std::string text = "some text that is compressed, text that is some\n";
  const std::string bomb(kEnoughText * 4, 'b');
  Seeds seeds = {text};
  for (const auto& [filter, ending] : corpora::AllCompressions()) {
    seeds.push_back(corpora::Compress(filter, text));
    seeds.push_back(corpora::Compress(filter, bomb));
  }
  seeds.push_back(corpora::Compress("gzip", text) + corpora::Compress("gzip", text));
  const std::vector<corpora::TestEntry> entries = {
      {"a.txt", text, "", false}, {"b.txt.gz", seeds[1], "", false}, {"folder/", "", "", true}};
  for (const std::string format : {"zip", "ustar", "pax", "gnutar"}) {
    seeds.push_back(corpora::MakeArchive(format, "", entries));
  }
  seeds.push_back(corpora::MakeArchive("pax", "xz", entries));
  return seeds;
}

// --- Tokenizers.

void CheckTokens(std::string_view text, const tokenize::TokenBuffer& buffer) {
  for (const tokenize::Token& token : buffer.tokens) {
    Require(!token.text.empty() && token.begin < token.end && token.end <= text.size(), "tokens stand in the text");
    Require(!tokenize::FindInvalidUtf8(token.text).has_value(), "tokens are UTF-8");
  }
  std::uint32_t last = 0;
  for (const std::uint32_t end : buffer.segment_ends) {
    Require(end > last && end <= buffer.tokens.size(), "no segment is empty");
    last = end;
  }
}

absl::Status Tokenize(std::string_view input) {
  const std::string repaired = tokenize::RepairUtf8(input, tokenize::InvalidUtf8::kReplace);
  Require(!tokenize::FindInvalidUtf8(repaired).has_value(), "repaired text is UTF-8");
  static const auto tokenizers = [] {
    std::vector<std::unique_ptr<tokenize::Tokenizer>> all;
    for (const auto kind : {tokenize::TokenizerKind::kIcu, tokenize::TokenizerKind::kWhitespace,
                            tokenize::TokenizerKind::kPretokenized}) {
      tokenize::TokenizerOptions options;
      options.kind = kind;
      options.fold_digits = options.keep_punctuation = true;
      options.normalization = tokenize::Normalization::kNfkc;
      options.join_lines = kind == tokenize::TokenizerKind::kIcu;
      all.push_back(*tokenize::Tokenizer::Create(options));
    }
    return all;
  }();
  tokenize::TokenBuffer buffer;
  for (const auto& tokenizer : tokenizers) {
    CONEC_RETURN_IF_ERROR(tokenizer->Tokenize(repaired, true, buffer));
    CheckTokens(repaired, buffer);
  }
  return tokenizers[0]->Tokenize(input, false, buffer);
}

Seeds Sentences() {
  return {
      "Mr. O'Neill paid 3,14 \xE2\x82\xAC for it. \xC3\x9C"
      "ber!\n\nA@b.com \xEF\xAC\x81nd x86\n",
      "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE\xE3\x83\x86 \xE0\xB8\x81\xE0\xB8\xB2 \xF0\x9F\x87\xA9\xF0\x9F"
      "\x87\xAA \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 \xEF\xB7\xBA \xC2\xB4 e\xCC\x81"};
}

// --- CoNLL columns.

void CheckReadBack(const ner::ConllFile& file, const ner::ConllOptions& options) {
  const auto again = ner::ConllFile::Parse(file.Format(), "again", options);
  Require(again.ok(), "what was written can be read");
  Require(again->tokens() == file.tokens() && again->columns() == file.columns(), "all tokens are read back");
  for (std::size_t i = 0; i < file.tokens(); ++i) {
    for (std::size_t j = 0; j < file.columns(); ++j) {
      Require(again->cell(i, j) == file.cell(i, j), "columns are read back");
    }
  }
  const auto same = [](auto a, auto b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); };
  Require(same(again->sentence_ends(), file.sentence_ends()), "sentences are read back");
  Require(same(again->document_ends(), file.document_ends()), "documents are read back");
}

absl::Status ReadConll(std::string_view input) {
  absl::Status first;
  for (const std::string delimiter : {"", "\t", ","}) {
    for (const bool any_bytes : {false, true}) {
      const ner::ConllOptions options = {.delimiter = delimiter, .any_bytes = any_bytes, .allow_empty = any_bytes};
      const auto file = ner::ConllFile::Parse(std::string(input), "conll", options);
      if (file.ok()) CheckReadBack(*file, options);
      if (delimiter.empty() && !any_bytes) first = file.status();
    }
  }
  return first;
}

Seeds Conll() {
  return {
      "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP I-PER\n\n-DOCSTART- -X- O O\n\nx "
      "y z "
      "O\n",
      "a\tO\r\nb,c\tB-LOC\r\n\r\nd e\n"};
}

// --- Matrices.

bool SameNumbers(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

absl::Status ReadDelimited(std::string_view input) {
  absl::Status first;  // unless the second delimiter does
  for (const char delimiter : {',', '\t'}) {
    const auto matrix = simec::ParseDelimited(input, delimiter, "matrix");
    if (delimiter == ',' || matrix.ok()) first = matrix.status();
    if (!matrix.ok()) continue;
    const auto& [values, rows, columns] = *matrix;
    Require(rows.empty() || rows.size() == values.rows(), "one name per row");
    Require(columns.empty() || columns.size() == values.cols(), "one name per column");
    const auto text = simec::FormatDelimited(values.view(), delimiter);
    if (!text.ok() || values.cols() == 0) continue;
    const auto again = simec::ParseDelimited(*text, delimiter, "again");
    Require(again.ok() && again->values.rows() == values.rows(), "what was written can be read");
    for (std::size_t i = 0; i < values.rows(); ++i) {
      Require(SameNumbers(values.row(i), again->values.row(i)), "numbers are read back");
    }
  }
  return first;
}

Seeds Delimited() {
  return {"name,a,\"b, c\"\nx,1,2.5\n\"y \"\"z\"\"\",NA,-3e-7\n", "1,2\n3,?\n\n# comment\n0.1,1e300\r\n",
          "1\t2\n3\t4\n"};
}

absl::Status ReadMatrixMarket(std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(const simec::MatrixMarket matrix, simec::ParseMatrixMarket(input, "matrix"));
  Require(matrix.row.size() == matrix.column.size(), "entries have places");
  for (std::size_t i = 0; i < matrix.row.size(); ++i) {
    Require(matrix.row[i] >= 0 && matrix.row[i] < matrix.rows, "rows are rows");
    Require(matrix.column[i] >= 0 && matrix.column[i] < matrix.cols, "columns are columns");
  }
  const auto again = simec::ParseMatrixMarket(simec::FormatMatrixMarket(matrix), "again");
  Require(again.ok(), "what was written can be read");
  Require(again->rows == matrix.rows && again->cols == matrix.cols && again->row == matrix.row &&
              again->column == matrix.column && SameNumbers(again->values, matrix.values),
          "a matrix is read back");
  return absl::OkStatus();
}

Seeds MatrixMarket() {
  return {"%%MatrixMarket matrix coordinate real general\n% comment\n3 4 3\n1 1 0.5\n2 3 -1e-3\n3 4 nan\n",
          "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n",
          "%%MatrixMarket matrix array integer skew-symmetric\n3 3\n1\n2\n3\n",
          "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4.5\n"};
}

}  // namespace

std::vector<Target> TextTargets() {
  return {{.name = "questions", .run = ReadQuestions, .seeds = Questions},
          {.name = "pairs", .run = ReadPairs, .seeds = Pairs},
          {.name = "jsonl", .run = ReadJsonl, .seeds = Jsonl, .iterations = 500},
          {.name = "plain-text", .run = ReadPlainText, .seeds = PlainText, .iterations = 300, .refuses = false},
          {.name = "conll-text", .run = ReadConllText, .seeds = Conll, .iterations = 500, .refuses = false},
          {.name = "compressed", .run = ReadCompressed, .seeds = Compressed, .iterations = 300},
          {.name = "tokenizers", .run = Tokenize, .seeds = Sentences},
          {.name = "conll", .run = ReadConll, .seeds = Conll},
          {.name = "delimited", .run = ReadDelimited, .seeds = Delimited},
          {.name = "matrix-market", .run = ReadMatrixMarket, .seeds = MatrixMarket}};
}

}  // namespace conec::fuzz
