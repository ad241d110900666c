// A map of named points as gnuplot draws it.
#pragma once

#include <span>
#include <string>

namespace conec::simec {

struct Place {
  std::string name;
  double x = 0, y = 0;
  bool added = false;  // projected: drawn in another colour
};

struct MapDrawing {
  std::string title = {};
  std::string shown_name = "fitted", added_name = "projected";  // of the two colours
  bool all_labels = false;                                      // also those that would cover others
  int width = 1000, height = 1000;                              // pixels
};

// The script for DrawScript(). Both axes have one scale. A label stands right of its point, or left, above or below
// where another is in the way; where there is no room it is left out. Added points choose first, then the others in
// their order.
std::string MapScript(std::span<const Place> places, const MapDrawing& drawing);

}  // namespace conec::simec
