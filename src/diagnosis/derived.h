#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/mapping.h"

namespace flotsam {

/// Templates that explain objects which no reference needs.
struct DerivedShapes {
  struct Shape {
    Candidate candidate;
    std::string skeleton;        ///< its literals with digits as "#", fields as "*"
    std::uint64_t explains = 0;  ///< unreferenced objects
    bool only_folder = false;    ///< differs from the reference's key by its first folder alone
  };
  std::vector<Shape> shapes;
  std::uint64_t explains = 0;  ///< together …
  std::uint64_t of = 0;        ///< … of so many unreferenced objects of these forms
};

/// Finds templates whose keys stand beside the keys that references need: thumbnails, sizes, other
/// extensions. `mapping`: the template with which the subject's references resolve, where it is not the one
/// in force. Accepted is only what is nearly always unreferenced, explains at least half of its kind, and
/// beats coincidence.
DerivedShapes find_derived(Subject subject, const std::optional<Candidate>& mapping);

/// True where `key` has the form of a skeleton: "#" is a run of digits, "*" anything but nothing.
bool matches_skeleton(std::string_view skeleton, std::string_view key);
std::string skeleton_of(const Draft& draft);

}  // namespace flotsam
