#include "tools/simec/map/points.h"

#include <cmath>
#include <utility>

namespace conec::simec {

void MapPoints::Add(std::string name, std::span<const float> vector) {
  if (dim == 0) dim = vector.size();
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares == 0) {
    left_out.push_back(std::move(name));
    return;
  }
  names.push_back(std::move(name));
  const double length = std::sqrt(squares);
  for (const float x : vector) values.push_back(static_cast<float>(x / length));
}

}  // namespace conec::simec
