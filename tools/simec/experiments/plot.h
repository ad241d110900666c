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

// kUnavailable, naming the package, unless gnuplot can be run. To be asked before hours of work.
absl::Status CheckGnuplot();

// Draws the panels into an SVG file, which appears whole or not at all. kInvalidArgument if nothing can be drawn,
// kUnavailable without gnuplot, kInternal with gnuplot's message if it fails.
absl::Status DrawPlot(std::span<const Panel> panels, const std::string& title, const std::string& svg_path);

}  // namespace conec::simec::experiments
