#include "apply/recoverability.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::int64_t kSecondsADay = 86400;

bool overlap(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

struct Expiry {
  const LifecycleRule* rule = nullptr;
  int days = 0;
};

std::optional<Expiry> earliest_expiry(DeleteMethod method, const std::vector<LifecycleRule>& lifecycle,
                                      const std::vector<std::string>& places) {
  std::optional<Expiry> earliest;
  for (const LifecycleRule& rule : lifecycle) {
    const std::optional<int> days =
        method == DeleteMethod::version ? rule.noncurrent_expiration_days : rule.expiration_days;
    const bool touches = std::any_of(places.begin(), places.end(),
                                     [&](const std::string& place) { return overlap(place, rule.prefix); });
    if (days && touches && (!earliest || *days < earliest->days)) earliest = Expiry{&rule, *days};
  }
  return earliest;
}

std::string days_text(int days) {
  return counted(static_cast<std::uint64_t>(std::max(days, 0)), "day");
}

Recoverability without_method() {
  Recoverability found;
  found.overridable = false;
  found.refusal =
      "There is no way to delete that can be undone: the store keeps no versions, or this could not be read, "
      "and no quarantine is configured. Enable versioning on the bucket, or set quarantine in [delete].";
  return found;
}

Recoverability of_permanent() {
  Recoverability found;
  found.note = "delete.method is \"permanent\": what was deleted is gone for good";
  found.refusal =
      "delete.method is \"permanent\": what apply deletes is gone for good. Set quarantine in [delete] and "
      "method = \"auto\" to be able to undo it.";
  return found;
}

}  // namespace

Recoverability recoverability_of(DeleteMethod method, const ScanRules& rules, const StoreFacts& store,
                                 const std::vector<std::string>& prefixes, int undo_days) {
  if (method == DeleteMethod::none) return without_method();
  if (method == DeleteMethod::permanent) return of_permanent();
  Recoverability found;
  const bool is_directory = rules.store_url.starts_with("file:");
  const bool elsewhere = method == DeleteMethod::quarantine && rules.deletion.quarantine_prefix.empty();
  if (!is_directory && (elsewhere || !store.lifecycle)) {
    found.note = fmt::format(
        "undo_days grants {}, but a lifecycle rule of {} may remove it earlier: the rules could not be read",
        days_text(undo_days), elsewhere ? "the quarantine's bucket" : "the bucket");
    return found;
  }
  found.kept = Seconds(undo_days * kSecondsADay);
  if (is_directory) return found;
  const auto expiry = earliest_expiry(
      method, *store.lifecycle,
      method == DeleteMethod::version ? prefixes : std::vector{rules.deletion.quarantine_prefix});
  if (!expiry || expiry->days >= undo_days) return found;
  found.kept = Seconds(std::max(expiry->days, 0) * kSecondsADay);
  const std::string seen = fmt::format(
      "the lifecycle rule {} of the bucket{} removes what is deleted after {}", in_quotes(expiry->rule->id),
      expiry->rule->has_other_filter ? " (for objects of certain tags or sizes)" : "",
      days_text(expiry->days));
  found.note = seen;
  found.refusal = fmt::format(
      "{} can be brought back for {} only: {}, and undo_days is {}. Let the rule keep it for at least {}, or "
      "lower undo_days.",
      "What is deleted", days_text(expiry->days), seen, undo_days, days_text(undo_days));
  return found;
}

}  // namespace flotsam
