#pragma once

#include <vector>

namespace flotsam {

struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0;
};

/// Rectangles of these sizes that fill `frame`, as square as they can be (Bruls, Huizing, van Wijk 2000:
/// squarified treemaps). One a size, in the order of the sizes, which must fall; a size of zero or less gets
/// an empty rectangle.
std::vector<Rectangle> treemap(const std::vector<double>& sizes, const Rectangle& frame);

}  // namespace flotsam
