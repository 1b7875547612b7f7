#pragma once

/// apply/: what deletes and what brings back, each from a file that a person approved. The only room that
/// includes store/remover.h, store/restorer.h and store/prober.h.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "plan/plan.h"
#include "plan/run_results.h"
#include "store/lister.h"

namespace flotsam {

/// What a person said on the command line, or an event.
struct Approval {
  std::optional<std::uint64_t> expect;
  std::vector<std::string> overrides;  ///< guard ids
};

/// Why a plan may not be applied. `code`: which exit code.
struct Refusal {
  enum class Kind { usage, guard, plan };  ///< exit 2, 4, 6
  Kind kind = Kind::guard;
  Error error;
};

/// A Plan with no refusal left that was not overridden by name, an expected count that is equal to its own,
/// of the store and the configuration of now, not spent. apply() takes nothing else, and only authorise()
/// makes one.
class AuthorisedPlan {
 public:
  struct Now {
    Timestamp now;  ///< machine's clock, for plan-age
    std::string store_url;
    std::vector<std::string> prefixes;
    StoreFacts store;  ///< asked just now
    std::vector<SourceIdentity>
        sources;  ///< databases are compared once they were read: their `database` is empty here
    Seconds plan_age{86400};
    std::string configured_method;  ///< delete.method
    bool spent = false;             ///< its journal was undone
    bool resumes = false;  ///< a journal of this very plan is there: plan-age was ruled on when it began
  };
  static std::expected<AuthorisedPlan, Refusal> authorise(const Plan& plan, const Approval& approval,
                                                          const Now& now);

  const Plan& plan() const { return *plan_; }
  const std::vector<std::string>& overrides() const { return overrides_; }
  bool overrides_guard(std::string_view id) const;
  /// Guards of the plan that were overridden, with their sentences.
  const std::vector<AppliedGuard>& guards() const { return guards_; }

 private:
  AuthorisedPlan() = default;
  const Plan* plan_ = nullptr;
  std::vector<std::string> overrides_;
  std::vector<AppliedGuard> guards_;
};

}  // namespace flotsam
