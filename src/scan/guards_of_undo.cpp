#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "scan/guard_text.h"
#include "scan/guards.h"

namespace flotsam {
namespace {

constexpr double kSecondsADay = 86400.0;

bool is_directory(const ScanRules& rules) {
  return rules.store_url.starts_with("file:");
}

bool prefixes_overlap(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

// A lifecycle rule that takes what was deleted before undo_days are over, and after how many days.
struct Expiry {
  const LifecycleRule* rule = nullptr;
  int days = 0;
};

std::optional<Expiry> earliest_expiry(const GuardInput& input) {
  std::optional<Expiry> earliest;
  const auto consider = [&](const LifecycleRule& rule, std::optional<int> days) {
    if (days && (!earliest || *days < earliest->days)) earliest = Expiry{&rule, *days};
  };
  for (const LifecycleRule& rule : *input.found.store.lifecycle) {
    if (input.found.method == DeleteMethod::version) {
      const std::vector<std::string>& prefixes = input.found.prefixes;
      if (std::any_of(prefixes.begin(), prefixes.end(),
                      [&](const std::string& prefix) { return prefixes_overlap(prefix, rule.prefix); }))
        consider(rule, rule.noncurrent_expiration_days);
    } else if (!input.rules.deletion.quarantine_prefix.empty() &&
               prefixes_overlap(input.rules.deletion.quarantine_prefix, rule.prefix)) {
      consider(rule, rule.expiration_days);
    }
  }
  return earliest;
}

std::string method_text(const GuardInput& input) {
  return input.found.method == DeleteMethod::version ? "The bucket keeps versions"
                                                     : "Deleted objects go to quarantine";
}

GuardRuling rule_without_method(const GuardInput& input) {
  const std::string& configured = input.rules.deletion.method;
  std::string seen = "The store keeps no versions";
  if (input.found.store.versioning == Versioning::suspended) seen = "The bucket's versioning is suspended";
  if (input.found.store.versioning == Versioning::unknown)
    seen = "Whether the bucket keeps versions could not be read, which counts as no";
  if (configured == "version")
    seen += ", and delete.method is \"version\"";
  else
    seen += ", and no quarantine is configured";
  seen +=
      ": what apply deletes could not be brought back. Enable versioning on the bucket, or set quarantine in "
      "[delete]";
  GuardRuling ruling = refuses(seen +
                               ", and scan again. No override exists, because there is no way to delete that "
                               "can be undone. Nothing has been deleted.");
  ruling.overridable = false;
  return ruling;
}

GuardRuling rule_on_method(const GuardInput& input) {
  const int undo_days = input.rules.deletion.undo_days;
  const double limit = undo_days * kSecondsADay;
  const auto figures = [&](GuardRuling ruling, std::optional<double> value) {
    return with_figures(std::move(ruling), value, limit);
  };
  if (input.found.method == DeleteMethod::none) return figures(rule_without_method(input), 0.0);
  if (input.found.method == DeleteMethod::permanent)
    return figures(
        refuses(fmt::format(
            "delete.method is \"permanent\": what apply deletes is gone for good. Set quarantine in [delete] "
            "and "
            "method = \"auto\" to be able to undo it; if this is meant: {}. Nothing has been deleted.",
            override_text(input.found, "recoverable"))),
        0.0);
  const std::string kept = fmt::format("{}; undo is possible for {}", method_text(input),
                                       counted(static_cast<std::uint64_t>(undo_days), "day"));
  const bool elsewhere =
      input.found.method == DeleteMethod::quarantine && input.rules.deletion.quarantine_prefix.empty();
  if (is_directory(input.rules)) return figures(passes(kept + "."), std::nullopt);
  if (!input.found.store.lifecycle || elsewhere)
    return figures(
        warns(fmt::format(
            "{}, unless a lifecycle rule of {} removes it earlier: the rules could not be read. Allow "
            "s3:GetLifecycleConfiguration, or look at them by hand.",
            kept, elsewhere ? "the quarantine's bucket" : "the bucket")),
        std::nullopt);
  const std::optional<Expiry> expiry = earliest_expiry(input);
  if (!expiry || expiry->days >= undo_days)
    return figures(passes(kept + "."), expiry ? std::optional(expiry->days * kSecondsADay) : std::nullopt);
  return figures(
      refuses(fmt::format("{}, but the lifecycle rule {} of the bucket{} removes it after {}, and undo_days "
                          "is {}. Let the rule keep it for at "
                          "least {}, or lower undo_days to {}; if this is meant: {}. "
                          "Nothing has been deleted.",
                          method_text(input), in_quotes(expiry->rule->id),
                          expiry->rule->has_other_filter ? " (for objects of certain tags or sizes)" : "",
                          counted(static_cast<std::uint64_t>(std::max(expiry->days, 0)), "day"), undo_days,
                          counted(static_cast<std::uint64_t>(undo_days), "day"), expiry->days,
                          override_text(input.found, "recoverable"))),
      expiry->days * kSecondsADay);
}

}  // namespace

DeleteMethod method_in_force(const DeleteRules& rules, const StoreFacts& store) {
  const bool versioned = store.versioning == Versioning::enabled;
  if (rules.method == "permanent") return DeleteMethod::permanent;
  if (rules.method == "version") return versioned ? DeleteMethod::version : DeleteMethod::none;
  if (rules.method == "auto" && versioned) return DeleteMethod::version;
  return rules.has_quarantine ? DeleteMethod::quarantine : DeleteMethod::none;
}

GuardRuling rule_recoverable(const GuardInput& input) {
  GuardRuling ruling = rule_on_method(input);
  // Where nothing would be deleted there is nothing to refuse: a clean store is clean, however it deletes.
  if (ruling.ruling != Ruling::refuse || input.found.plan.objects > 0) return ruling;
  ruling.ruling = Ruling::warn;
  ruling.message =
      "There is nothing to delete; what a later plan deletes could not be undone for undo_days, so it "
      "would be refused. Enable versioning on the bucket, or set quarantine in [delete].";
  return ruling;
}

GuardRuling rule_conditional_delete(const GuardInput& input) {
  if (input.found.store.versioning == Versioning::enabled)
    return passes("The bucket keeps versions: an overwrite between look and deletion is not lost.");
  if (is_directory(input.rules))
    return passes("In a directory deletion is a rename: an overwrite between look and deletion is not lost.");
  const std::optional<bool>& honoured = input.rules.deletion.store_honours_conditions;
  if (honoured && *honoured) return passes("The store honours conditions on deletion.");
  return warns(fmt::format(
      "The store keeps no versions and {}: an object that is overwritten between the look at it and its "
      "deletion, a moment "
      "later, would be lost. {}",
      honoured ? "ignores conditions on deletion" : "is not known to honour conditions on deletion",
      honoured ? "Enable versioning, or apply while nothing writes." : "flotsam check --probe finds out."));
}

}  // namespace flotsam
