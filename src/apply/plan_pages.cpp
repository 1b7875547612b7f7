#include "apply/plan_pages.h"

#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace flotsam {
namespace {

std::string digest_of(std::span<const Object> page) {
  Sha256 digest;
  const auto add = [&](std::string_view bytes) {
    digest.update(fmt::format("{}:", bytes.size()));
    digest.update(bytes);
  };
  for (const Object& object : page) {
    add(object.key.bytes());
    add(object.etag);
    add(object.version_id);
    digest.update(fmt::format("{},{};", object.size_bytes,
                              object.last_modified ? object.last_modified->time_since_epoch().count() : -1));
  }
  return digest.finish();
}

std::unexpected<Error> changed(const Plan& plan) {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = fmt::format("the plan {} was changed while it was in use", in_quotes(plan.path().native()));
  error.hint = "Make a new plan: flotsam scan.";
  error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> PlanPages::give(std::uint64_t first, std::span<const Object> page, const Use& use) {
  std::string digest = digest_of(page);
  const std::size_t number = static_cast<std::size_t>(first / kPage);
  if (!known_) {
    digests_.push_back(std::move(digest));
  } else if (number >= digests_.size() || digests_[number] != digest) {
    return changed(plan_);
  }
  return use(first, page);
}

Result<void> PlanPages::read(const Use& use) {
  if (!known_) digests_.clear();
  std::vector<Object> page;
  page.reserve(kPage);
  std::uint64_t first = 0;
  const auto take = [&](const PlannedObject& planned) -> Result<void> {
    page.push_back(planned.object);
    if (page.size() < kPage) return {};
    FLOTSAM_TRY(give(first, page, use));
    first += page.size();
    page.clear();
    return {};
  };
  FLOTSAM_TRY(plan_.for_each(take));
  if (!page.empty()) FLOTSAM_TRY(give(first, page, use));
  if (first + page.size() != plan_.objects()) return changed(plan_);
  known_ = true;
  return {};
}

}  // namespace flotsam
