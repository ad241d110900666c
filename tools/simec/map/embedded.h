// What conec-embed wrote, as points of a map.
#pragma once

#include <string>

#include "base/status.h"
#include "tools/simec/map/points.h"

namespace conec::simec {

// Reads .jsonl, .tsv, or .npy with its .words.tsv beside it (without it, points are numbered). Words outside the
// vocabulary are to be added to the map, all others shown; where nothing is known (documents, say), all are shown.
// Points are named by their word, or by their document's file; names that several of them have get what tells them
// apart. kDataLoss, naming file and line, for what is no such file.
absl::StatusOr<MapInput> ReadEmbedded(const std::string& path);

}  // namespace conec::simec
