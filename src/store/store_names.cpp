#include "store/lister.h"

namespace flotsam {

std::string_view to_string(Versioning versioning) {
  switch (versioning) {
    case Versioning::enabled:
      return "enabled";
    case Versioning::suspended:
      return "suspended";
    case Versioning::none:
      return "none";
    case Versioning::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace flotsam
