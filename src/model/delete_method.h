#pragma once

#include <string_view>

#include "base/check.h"

namespace flotsam {

/// How apply deletes (SPEC §7).
enum class DeleteMethod {
  version,     ///< a delete marker over the object; the bucket keeps versions
  quarantine,  ///< the object is moved aside
  permanent,   ///< for good
  none,        ///< there is no way that the configuration allows
};

inline std::string_view to_string(DeleteMethod method) {
  switch (method) {
    case DeleteMethod::version:
      return "version";
    case DeleteMethod::quarantine:
      return "quarantine";
    case DeleteMethod::permanent:
      return "permanent";
    case DeleteMethod::none:
      return "none";
  }
  check_failed("a method has a name", __FILE__, __LINE__);
}

}  // namespace flotsam
