#include "plan/run_results.h"

#include "base/check.h"

namespace flotsam {

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::referenced:
      return "referenced";
    case SkipReason::derived:
      return "derived";
    case SkipReason::protected_:
      return "protected";
    case SkipReason::unrecognised:
      return "unrecognised";
    case SkipReason::young:
      return "young";
    case SkipReason::suspect:
      return "suspect";
    case SkipReason::changed:
      return "changed";
    case SkipReason::gone:
      return "gone";
    case SkipReason::settling:
      return "settling";
  }
  check_failed("a reason to skip has a name", __FILE__, __LINE__);
}

std::optional<SkipReason> skip_reason_of(std::string_view name) {
  for (std::size_t i = 0; i < kSkipReasons; ++i) {
    const auto reason = static_cast<SkipReason>(i);
    if (to_string(reason) == name) return reason;
  }
  return std::nullopt;
}

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::ok:
      return "ok";
    case RunStatus::partial:
      return "partial";
    case RunStatus::failed:
      return "failed";
    case RunStatus::refused:
      return "refused";
  }
  check_failed("a status has a name", __FILE__, __LINE__);
}

}  // namespace flotsam
