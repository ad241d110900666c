// Draws the panels of an experiment with gnuplot.
#pragma once

#include <span>
#include <string>

#include "base/status.h"
#include "tools/simec/experiments/experiment.h"

namespace conec::simec::experiments {

// The gnuplot script, data included: panels in rows of up to three (four: two by two), as SVG on standard output.
// Points that are not finite, or not positive on a logarithmic axis, are left out, and so are series and panels without
// points.
std::string GnuplotScript(std::span<const Panel> panels, const std::string& title);

// Draws the panels into an SVG file. kInvalidArgument if nothing can be drawn; errors as DrawScript().
absl::Status DrawPlot(std::span<const Panel> panels, const std::string& title, const std::string& svg_path);

}  // namespace conec::simec::experiments
