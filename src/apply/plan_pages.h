#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/object.h"
#include "plan/plan.h"

namespace flotsam {

/// A plan in pages of 1,000 objects, each of which is what the approved plan held. Plan::for_each() can only
/// say at its end that the file was changed meanwhile; who deletes on the way must know before. The first
/// reading through to the end remembers a digest a page, later ones check each page before they give it.
class PlanPages {
 public:
  static constexpr std::size_t kPage = 1000;
  explicit PlanPages(const Plan& plan) : plan_(plan) {}

  /// `first`: the number of the page's first object in the plan. Borrowed until the call returns.
  using Use = std::function<Result<void>(std::uint64_t first, std::span<const Object> page)>;
  /// Errors: corrupt with service_code "Plan" where the file is not the approved one any more; those of
  /// `use`. Of the first reading nothing may be believed before it returned.
  Result<void> read(const Use& use);

 private:
  Result<void> give(std::uint64_t first, std::span<const Object> page, const Use& use);
  const Plan& plan_;
  bool known_ = false;
  std::vector<std::string> digests_;
};

}  // namespace flotsam
