// A model's self-test: what is in the file to be as it was written, and to make the vectors that it made then.
//
// Both are asked, since neither says the other. Checksums see every bit of tables, vocabulary and options, but not
// whether this program computes what the one did that wrote the model; the vectors of a small document see that, but
// not the rows that it does not touch.
//
// Five entries of the model file's metadata (ModelInfo::other, so "other.self_test..." there). Models without them are
// from older versions, or from others, and open as ever.
//   self_test.version    "1"
//   self_test.checksums  lines "NAME XXH3": of each table's rows (float32 as they lie in the file: little endian) and
//                        "vocabulary" of words and counts; 32 hexadecimal digits
//   self_test.options    lines "KEY XXH3", 16 digits, of the other metadata's values
//   self_test.document   a segment per line, tokens separated by blanks: words of all frequencies, and one that is not
//                        in the vocabulary
//   self_test.vectors    lines of four numbers. For every different word of the document, in the order of their first
//                        occurrence: its vector there, and for a known word its rows of input_embedding, of
//                        output_embedding and of global_context where the model has them. A number is the inner product
//                        of the vector, at unit length, with d signs +-1 that Philox draws
//
// Vectors of the document are those of an Encoder with half of the weight on the global context (none in a model
// without), own_weight 1 and unit_parts. Numbers agree if they differ by at most kSelfTestTolerance: a hundred times
// what another SIMD level, processor or compiler makes of the last bits, and a hundredth of what a wrong option does.
#pragma once

#include "base/status.h"
#include "conec/model.h"

namespace conec {

inline constexpr double kSelfTestTolerance = 1e-4;

// `model` with a self-test of its own in place of the one it may have. Reads all tables once. kOutOfRange, and nothing
// else is, if a vector of the test is not finite; kInvalidArgument if the tables do not fit the vocabulary.
absl::StatusOr<Model> WithSelfTest(Model model);

Model WithoutSelfTest(Model model);
bool HasSelfTest(const Model& model);

// Reads all tables once. kNotFound if the model has no self-test; kFailedPrecondition if it is of a version that this
// build does not know; kDataLoss saying which table, option or vector is not as it was.
absl::Status Verify(const Model& model);

}  // namespace conec
