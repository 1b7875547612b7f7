#include "apply/apply.h"

#include "apply/apply_run.h"
#include "base/check.h"

namespace flotsam {

Result<ApplyResult> apply(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world) {
  CHECK(rules.scan != nullptr && world.remover != nullptr && world.state != nullptr &&
        world.clock != nullptr && world.log != nullptr && world.progress != nullptr &&
        world.cancel != nullptr && world.scan != nullptr);
  const PlanHeader& header = plan.plan().header();
  if (world.on_step) world.on_step("lock");
  FLOTSAM_ASSIGN(
      ScopeLock lock,
      ScopeLock::acquire(*world.state, {header.store_identity, header.prefixes, "apply " + header.id},
                         *world.clock));
  return ApplyRun(plan, rules, world, lock).go();
}

}  // namespace flotsam
