// Drawings by gnuplot, which is a program of its own: nothing is drawn where it is not installed.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::simec {

// As a script has text: between single quotes. Line breaks become blanks.
std::string GnuplotQuoted(std::string_view text);

// As a field of a data block: in double quotes, which cannot stand within and become single ones. Line breaks become
// blanks.
std::string GnuplotField(std::string_view text);

// "set terminal svg ...": white ground, sizes in pixels, text taken as it is.
std::string SvgTerminal(int width, int height);

// kUnavailable, naming the package, unless gnuplot can be run. To be asked before hours of work.
absl::Status CheckGnuplot();

// Writes what `script` draws on standard output to `path`, whole or not at all. kUnavailable without gnuplot, kInternal
// with gnuplot's message if it fails.
absl::Status DrawScript(const std::string& script, const std::string& path);

}  // namespace conec::simec
