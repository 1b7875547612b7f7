#pragma once

#include <vector>

#include "diagnosis/world.h"

namespace flotsam::test {

/// Layouts of known applications, each with a template that misses the bucket's spelling.
std::vector<Layout> mismatched_layouts();
/// Values that hold their names inside JSON, arrays, HTML and lists.
std::vector<Layout> embedded_layouts();
/// Templates that resolve, with objects beside that are derived from those that they name.
std::vector<Layout> derived_layouts();
/// Templates that resolve, with objects beside that no reference needs.
std::vector<Layout> healthy_layouts();
/// Buckets that these references do not name in any way that filters could say.
std::vector<Layout> hopeless_layouts();

}  // namespace flotsam::test
