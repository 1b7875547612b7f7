#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flotsam {

/// What the mounts of the machine mean for one folder tree.
struct MountFindings {
  std::vector<std::string> below;  ///< mount points in the tree, as absolute paths
  struct Twice {
    std::string one, other;  ///< two paths in the tree under which the same files stand (a bind mount)
  };
  std::vector<Twice> twice;
};

/// Reads the text of /proc/self/mountinfo (proc(5)) for the tree below `folder`, an absolute path without
/// links and without a slash at its end ("" for "/"). Lines that cannot be read are left out: this is for
/// warnings, and for one refusal that must not be wrong.
MountFindings find_mounts(std::string_view mountinfo, std::string_view folder);

}  // namespace flotsam
