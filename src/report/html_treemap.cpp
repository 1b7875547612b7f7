#include "report/html_treemap.h"

#include <algorithm>
#include <cstddef>

namespace flotsam {
namespace {

/// How far from a square the worst rectangle of a row is: 1 is a square.
double worst_of(double smallest, double largest, double sum, double side) {
  const double square = side * side, area = sum * sum;
  return std::max(square * largest / area, area / (square * smallest));
}

/// Lays a row of areas along the shorter side of what is left, and takes it away from that.
void lay_row(const std::vector<double>& areas, std::size_t begin, std::size_t end, Rectangle& left,
             std::vector<Rectangle>& out) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += areas[i];
  const bool stands = left.width >= left.height;  // the row is a column at the left
  const double side = stands ? left.height : left.width;
  const double depth = side > 0 ? sum / side : 0;
  double along = stands ? left.y : left.x;
  for (std::size_t i = begin; i < end; ++i) {
    const double length = depth > 0 ? areas[i] / depth : 0;
    out[i] = stands ? Rectangle{left.x, along, depth, length} : Rectangle{along, left.y, length, depth};
    along += length;
  }
  if (stands) {
    left.x += depth;
    left.width = std::max(0.0, left.width - depth);
  } else {
    left.y += depth;
    left.height = std::max(0.0, left.height - depth);
  }
}

}  // namespace

std::vector<Rectangle> treemap(const std::vector<double>& sizes, const Rectangle& frame) {
  std::vector<Rectangle> out(sizes.size());
  double whole = 0;
  std::size_t count = 0;
  for (; count < sizes.size() && sizes[count] > 0; ++count) whole += sizes[count];
  if (whole <= 0 || frame.width <= 0 || frame.height <= 0) return out;
  std::vector<double> areas;
  for (std::size_t i = 0; i < count; ++i) areas.push_back(sizes[i] / whole * frame.width * frame.height);
  Rectangle left = frame;
  std::size_t begin = 0;
  while (begin < count) {
    const double side = std::min(left.width, left.height);
    std::size_t end = begin + 1;
    double sum = areas[begin];
    // As long as the next makes the worst of the row no worse, it belongs to it.
    while (end < count && worst_of(areas[end], areas[begin], sum + areas[end], side) <=
                              worst_of(areas[end - 1], areas[begin], sum, side))
      sum += areas[end++];
    lay_row(areas, begin, end, left, out);
    begin = end;
  }
  return out;
}

}  // namespace flotsam
