#include "apply/settling.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr std::chrono::hours kSettling{1};

}  // namespace

bool is_multipart(const Object& object) {
  const std::string& etag = object.etag;
  const std::size_t dash = etag.rfind('-');
  return dash != std::string::npos && dash > 0 && dash + 1 < etag.size() &&
         etag.find_first_not_of("0123456789", dash + 1) == std::string::npos;
}

std::uint64_t Settling::hash_of(const Object& object) const {
  const auto time = object.last_modified ? object.last_modified->time_since_epoch().count() : -1;
  return hash_(fmt::format("{}:{}{}:{}{}:{}{},{}", object.key.bytes().size(), object.key.bytes(),
                           object.etag.size(), object.etag, object.version_id.size(), object.version_id,
                           object.size_bytes, time));
}

Result<Timestamp> Settling::settled_at(const Object& object) {
  if (!looked_) FLOTSAM_TRY(look_through_plans());
  const std::uint64_t hash = hash_of(object);
  const auto found =
      std::lower_bound(first_seen_.begin(), first_seen_.end(), hash,
                       [](const auto& seen, std::uint64_t value) { return seen.first < value; });
  const bool is_known = found != first_seen_.end() && found->first == hash;
  return (is_known ? found->second : plan_.header().created_at) + kSettling;
}

Result<void> Settling::look_through_plans() {
  FLOTSAM_TRY(pages_.read([&](std::uint64_t, std::span<const Object> page) -> Result<void> {
    for (const Object& object : page)
      if (is_multipart(object)) first_seen_.emplace_back(hash_of(object), plan_.header().created_at);
    return {};
  }));
  std::sort(first_seen_.begin(), first_seen_.end());
  looked_ = true;
  FLOTSAM_ASSIGN(const std::vector<std::string> names, state_.list("plans"));
  for (const std::string& name : names) {
    // A scan that runs or a person may take a plan away: what cannot be read has sighted nothing.
    auto path = state_.local_copy(name);
    if (!path)
      return fail(std::move(path).error(), "while looking for earlier plans that name these objects");
    if (!*path) continue;
    auto earlier = Plan::load(**path);
    if (!earlier) {
      log_.write(LogLevel::debug,
                 fmt::format("The plan {} was passed over: {}", in_quotes(name), earlier.error().message));
      continue;
    }
    const PlanHeader& header = earlier->header();
    if (header.store_identity != plan_.header().store_identity ||
        header.created_at >= plan_.header().created_at)
      continue;
    const auto sighted = earlier->for_each([&](const PlannedObject& planned) -> Result<void> {
      if (!is_multipart(planned.object)) return {};
      const std::uint64_t hash = hash_of(planned.object);
      const auto found =
          std::lower_bound(first_seen_.begin(), first_seen_.end(), hash,
                           [](const auto& seen, std::uint64_t value) { return seen.first < value; });
      if (found != first_seen_.end() && found->first == hash)
        found->second = std::min(found->second, header.created_at);
      return {};
    });
    // It was whole a moment ago; changed under our hands it may have told anything.
    if (!sighted) return fail(sighted.error(), "while looking for earlier plans that name these objects");
  }
  return {};
}

}  // namespace flotsam
