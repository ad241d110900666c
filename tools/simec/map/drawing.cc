#include "tools/simec/map/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "tools/simec/plot.h"

namespace conec::simec {
namespace {

constexpr int kMargin = 50;            // pixels around the points
constexpr double kMaxCharacter = 6.5;  // width of one of the letters, on average, in pixels
constexpr double kLineHeight = 12;
constexpr double kGap = 5;  // between a point and its label

struct Box {
  double left = 0, bottom = 0, right = 0, top = 0;
  bool Overlaps(const Box& other) const {
    return left < other.right && other.left < right && bottom < other.top && other.bottom < top;
  }
};

// From places to pixels, the origin being bottom left.
class Frame {
 public:
  Frame(std::span<const Place> places, const MapDrawing& drawing) : width_(drawing.width), height_(drawing.height) {
    Box range = {places[0].x, places[0].y, places[0].x, places[0].y};
    for (const Place& place : places) {
      range = {std::min(range.left, place.x), std::min(range.bottom, place.y), std::max(range.right, place.x),
               std::max(range.top, place.y)};
    }
    const double width = std::max(1, width_ - 2 * kMargin), height = std::max(1, height_ - 2 * kMargin);
    unit_ = std::max({(range.right - range.left) / width, (range.top - range.bottom) / height, 1e-12});
    left_ = (range.left + range.right - width_ * unit_) / 2;
    bottom_ = (range.bottom + range.top - height_ * unit_) / 2;
  }

  double PixelX(double x) const { return (x - left_) / unit_; }
  double PixelY(double y) const { return (y - bottom_) / unit_; }
  double X(double pixel) const { return left_ + pixel * unit_; }
  double Y(double pixel) const { return bottom_ + pixel * unit_; }
  bool Contains(const Box& box) const {
    return box.left >= 0 && box.bottom >= 0 && box.right <= width_ && box.top <= height_;
  }
  std::string Commands() const {
    return fmt::format(
        "set lmargin at screen 0\nset rmargin at screen 1\nset bmargin at screen 0\nset tmargin at screen 1\n"
        "unset border\nunset tics\nset key top left\nset xrange [{}:{}]\nset yrange [{}:{}]\n",
        X(0), X(width_), Y(0), Y(height_));
  }

 private:
  int width_, height_;
  double unit_ = 1, left_ = 0, bottom_ = 0;  // of one pixel, of the corner
};

std::size_t Characters(const std::string& utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Right of the point, left, above, below.
std::array<Box, 4> Candidates(const Frame& frame, const Place& place) {
  const double width = kMaxCharacter * static_cast<double>(Characters(place.name));
  const double x = frame.PixelX(place.x), y = frame.PixelY(place.y), half = kLineHeight / 2;
  const auto at = [&](double left, double middle) { return Box{left, middle - half, left + width, middle + half}; };
  return {at(x + kGap, y), at(x - kGap - width, y), at(x - width / 2, y + kLineHeight + 1),
          at(x - width / 2, y - kLineHeight - 1)};
}

// What is taken by labels and points so far.
class Taken {
 public:
  explicit Taken(const Frame& frame) : frame_(frame) {}
  void Add(const Box& box) { boxes_.push_back(box); }
  bool IsFree(const Box& box) const {
    return frame_.Contains(box) &&
           std::none_of(boxes_.begin(), boxes_.end(), [&box](const Box& other) { return box.Overlaps(other); });
  }

 private:
  Frame frame_;
  std::vector<Box> boxes_;
};

// One line "x y "name"" of data.
std::string LabelLine(const Frame& frame, const Box& box, const std::string& name) {
  return fmt::format("{} {} {}\n", frame.X(box.left), frame.Y((box.bottom + box.top) / 2), GnuplotField(name));
}

std::string Labels(const Frame& frame, std::span<const Place> places, bool added, bool all, Taken& taken) {
  std::string lines;
  for (const Place& place : places) {
    if (place.added != added) continue;
    const std::array<Box, 4> candidates = Candidates(frame, place);
    const auto* chosen =
        std::find_if(candidates.begin(), candidates.end(), [&taken](const Box& box) { return taken.IsFree(box); });
    if (chosen == candidates.end() && !all) continue;
    const Box& box = chosen == candidates.end() ? candidates[0] : *chosen;
    taken.Add(box);
    lines += LabelLine(frame, box, place.name);
  }
  return lines;
}

std::string Points(std::span<const Place> places, bool added) {
  std::string lines;
  for (const Place& place : places) {
    if (place.added == added) lines += fmt::format("{} {}\n", place.x, place.y);
  }
  return lines;
}

// The data blocks and plot elements of one of the two colours; empty elements if it has no points.
struct Layer {
  std::string data, plot;
};

Layer MakeLayer(const std::string& name, const std::string& points, const std::string& labels, const std::string& title,
                const char* colour, const char* text_colour) {
  Layer layer;
  if (points.empty()) return layer;
  layer.data = fmt::format("${0} << EOD\n{1}EOD\n", name, points);
  layer.plot =
      fmt::format("${} using 1:2 with points pt 7 ps 0.4 lc rgb '{}' title {}", name, colour, GnuplotQuoted(title));
  if (labels.empty()) return layer;
  layer.data += fmt::format("${0}_labels << EOD\n{1}EOD\n", name, labels);
  layer.plot +=
      fmt::format(", ${}_labels using 1:2:3 with labels left font ',9' tc rgb '{}' notitle", name, text_colour);
  return layer;
}

}  // namespace

std::string MapScript(std::span<const Place> places, const MapDrawing& drawing) {
  if (places.empty()) return "";
  const Frame frame(places, drawing);
  Taken taken(frame);
  for (const Place& place : places) {
    const double x = frame.PixelX(place.x), y = frame.PixelY(place.y);
    taken.Add({x - 1, y - 1, x + 1, y + 1});
  }
  const std::string added_labels = Labels(frame, places, true, drawing.all_labels, taken);
  const std::string shown_labels = Labels(frame, places, false, drawing.all_labels, taken);
  const Layer shown = MakeLayer("shown", Points(places, false), shown_labels, drawing.shown_name, "#88aacc", "#223355");
  const Layer added = MakeLayer("added", Points(places, true), added_labels, drawing.added_name, "#dd2211", "#bb1100");
  const char* separator = shown.plot.empty() || added.plot.empty() ? "" : ", ";
  const std::string title =
      drawing.title.empty() ? ""
                            : fmt::format("set label {} at screen 0.5,0.985 center\n", GnuplotQuoted(drawing.title));
  return SvgTerminal(drawing.width, drawing.height) + frame.Commands() + title + shown.data + added.data + "plot " +
         shown.plot + separator + added.plot + "\n";
}

}  // namespace conec::simec
