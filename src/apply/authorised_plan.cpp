#include "apply/authorised_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "plan/json_fields.h"
#include "scan/guards.h"

namespace flotsam {
namespace {

constexpr std::string_view kNewPlanHint = "Make a new plan: flotsam scan.";
/// How far in the future a plan may have been made: clocks of two machines differ by so much.
constexpr std::chrono::minutes kSkewMax{5};

std::unexpected<Refusal> refuse(Refusal::Kind kind, ErrorCode code, std::string message, std::string hint,
                                std::string service_code = {}) {
  Refusal refusal;
  refusal.kind = kind;
  refusal.error.code = code;
  refusal.error.message = std::move(message);
  refusal.error.hint = std::move(hint);
  refusal.error.service_code = std::move(service_code);
  return std::unexpected(std::move(refusal));
}

std::unexpected<Refusal> refuse_plan(std::string message, std::string_view hint = kNewPlanHint) {
  return refuse(Refusal::Kind::plan, ErrorCode::corrupt, std::move(message), std::string(hint), "Plan");
}

/// A guard that refuses and that no override silences yet.
struct Refused {
  std::string id;
  bool overridable = true;
  std::string message;
};

/// What the scan's report says of a guard that does not pass; an unknown ruling counts as a refusal.
Result<std::vector<Refused>> refusals_of(const Plan& plan) {
  FLOTSAM_ASSIGN(const JsonFields report, JsonFields::parse(plan.header().report));
  FLOTSAM_ASSIGN(const std::vector<JsonFields> guards, report.objects("guards"));
  std::vector<Refused> refused;
  for (const JsonFields& guard : guards) {
    FLOTSAM_ASSIGN(const std::string ruling, guard.bytes("ruling"));
    if (ruling == to_string(Ruling::pass) || ruling == to_string(Ruling::warn)) continue;
    Refused& found = refused.emplace_back();
    FLOTSAM_ASSIGN(found.id, guard.bytes("id"));
    FLOTSAM_ASSIGN(const std::string_view overridable, guard.raw("overridable"));
    found.overridable = overridable == "true";
    FLOTSAM_ASSIGN(found.message, guard.bytes("message"));
  }
  return refused;
}

std::vector<std::string_view> known_guards() {
  std::vector<std::string_view> ids;
  for (const Guard& guard : all_scan_guards()) ids.push_back(guard.id);
  ids.insert(ids.end(), {"plan-age", "recheck"});
  return ids;
}

std::expected<void, Refusal> check_overrides(const Approval& approval) {
  const std::vector<std::string_view> known = known_guards();
  for (const std::string& id : approval.overrides) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string nearest = nearest_of(id, known);
    std::string all;
    for (const std::string_view each : known) {
      if (!all.empty()) all += ", ";
      all += each;
    }
    return refuse(Refusal::Kind::usage, ErrorCode::invalid_argument,
                  fmt::format("there is no guard {} to override{}", in_quotes(id),
                              nearest.empty() ? "" : fmt::format(" (did you mean {}?)", in_quotes(nearest))),
                  "The guards are " + all + ".");
  }
  return {};
}

std::string listed(const std::vector<std::string>& prefixes) {
  std::string out;
  for (const std::string& prefix : prefixes) {
    if (!out.empty()) out += ", ";
    out += prefix.empty() ? "the whole bucket" : in_quotes(prefix);
  }
  return out;
}

std::expected<void, Refusal> check_world(const PlanHeader& plan, const AuthorisedPlan::Now& now) {
  if (now.spent)
    return refuse_plan(
        fmt::format("the plan {} is spent: an undo of it was begun, and what it deleted is or will be back",
                    in_quotes(plan.id)));
  if (plan.store_url != now.store_url)
    return refuse_plan(fmt::format("the plan {} is of the store {}, and the configuration names {}",
                                   in_quotes(plan.id), in_quotes(plan.store_url), in_quotes(now.store_url)));
  if (plan.store_identity != now.store.identity)
    return refuse_plan(
        fmt::format("the plan {} was made of another store than the one that answers now: {} then, {} now",
                    in_quotes(plan.id), in_quotes(plan.store_identity), in_quotes(now.store.identity)));
  std::vector<std::string> then_prefixes = plan.prefixes, now_prefixes = now.prefixes;
  std::sort(then_prefixes.begin(), then_prefixes.end());
  std::sort(now_prefixes.begin(), now_prefixes.end());
  if (then_prefixes != now_prefixes)
    return refuse_plan(fmt::format("the plan {} is of other prefixes than the configuration: {} then, {} now",
                                   in_quotes(plan.id), listed(plan.prefixes), listed(now.prefixes)));
  return {};
}

std::expected<void, Refusal> check_sources(const PlanHeader& plan, const AuthorisedPlan::Now& now) {
  if (plan.sources.empty())
    return refuse_plan(
        fmt::format("the plan {} does not say which references it rests on", in_quotes(plan.id)));
  for (const SourceIdentity& then : plan.sources) {
    const auto same = [&](const SourceIdentity& source) { return source.name == then.name; };
    const auto found = std::find_if(now.sources.begin(), now.sources.end(), same);
    if (found == now.sources.end())
      return refuse_plan(
          fmt::format("the reference source {} of the plan is gone from the configuration: what it "
                      "protected is not known any more",
                      in_quotes(then.name)),
          "Put the source back, or make a new plan: flotsam scan.");
    if (found->rules_digest != then.rules_digest)
      return refuse_plan(
          fmt::format("the reference source {} was changed since the scan (its query, columns, "
                      "extract, objects or derived)",
                      in_quotes(then.name)));
  }
  return {};
}

/// The guard plan-age, where it refuses.
std::optional<Refused> rule_plan_age(const PlanHeader& plan, const AuthorisedPlan::Now& now) {
  if (now.resumes) return std::nullopt;
  const auto age = now.now - plan.created_at;
  if (age < -kSkewMax)
    return Refused{"plan-age", true,
                   fmt::format("The plan was made at {}, and this machine's clock says {}: one of the clocks "
                               "is wrong. Set it right, or scan again.",
                               to_rfc3339(plan.created_at), to_rfc3339(now.now))};
  const bool too_old = std::chrono::ceil<Seconds>(age) > now.plan_age;
  if (!too_old && now.now <= plan.expires_at) return std::nullopt;
  const Timestamp good_until =
      too_old ? std::min(plan.expires_at, plan.created_at + now.plan_age) : plan.expires_at;
  return Refused{
      "plan-age", true,
      fmt::format("The plan was made at {} and was good until {}: too much may have changed since. "
                  "Scan again.",
                  to_rfc3339(plan.created_at), to_rfc3339(good_until))};
}

/// The method of now, as far as the configuration's word decides it.
std::optional<Refused> rule_permanent(const std::vector<Refused>& of_plan, const AuthorisedPlan::Now& now) {
  const auto is_recoverable = [](const Refused& guard) { return guard.id == "recoverable"; };
  if (now.configured_method != "permanent" || std::any_of(of_plan.begin(), of_plan.end(), is_recoverable))
    return std::nullopt;
  return Refused{"recoverable", true,
                 "delete.method is \"permanent\": what apply deletes is gone for good. Set quarantine in "
                 "[delete] and method = \"auto\" to be able to undo it."};
}

std::string expect_sentence(std::uint64_t said, std::uint64_t planned) {
  return fmt::format("--expect says {}, and the plan holds {}", said, planned);
}

}  // namespace

std::expected<AuthorisedPlan, Refusal> AuthorisedPlan::authorise(const Plan& plan, const Approval& approval,
                                                                 const Now& now) {
  const PlanHeader& header = plan.header();
  if (auto checked = check_overrides(approval); !checked) return std::unexpected(std::move(checked).error());
  if (auto checked = check_world(header, now); !checked) return std::unexpected(std::move(checked).error());
  if (auto checked = check_sources(header, now); !checked) return std::unexpected(std::move(checked).error());
  auto refused = refusals_of(plan);
  if (!refused)
    return refuse_plan(fmt::format("what the guards said of the plan {} cannot be read: {}",
                                   in_quotes(header.id), refused.error().message));
  if (!approval.expect)
    return refuse(Refusal::Kind::usage, ErrorCode::invalid_argument,
                  "how many objects may be deleted was not said",
                  fmt::format("Look at the plan (flotsam show {}), then say so: --expect {}.",
                              shell_quoted(header.id), plan.objects()));
  if (auto permanent = rule_permanent(*refused, now)) refused->push_back(*std::move(permanent));
  if (auto age = rule_plan_age(header, now)) refused->push_back(*std::move(age));

  AuthorisedPlan authorised;
  authorised.plan_ = &plan;
  authorised.overrides_ = approval.overrides;
  std::string sentences;
  std::string hint;
  if (*approval.expect != plan.objects()) {
    sentences = expect_sentence(*approval.expect, plan.objects());
    hint = fmt::format("Look at the plan again: flotsam show {}.", shell_quoted(header.id));
  }
  for (Refused& guard : *refused) {
    if (guard.id == "max-deletions" && *approval.expect == plan.objects()) continue;
    if (guard.overridable && authorised.overrides_guard(guard.id)) {
      authorised.guards_.push_back({guard.id, true, std::move(guard.message)});
      continue;
    }
    if (!sentences.empty()) sentences += "; ";
    sentences += fmt::format("the guard {} refuses: {}", guard.id, guard.message);
    if (!hint.empty()) hint += " ";
    hint += guard.overridable ? fmt::format("If this is meant: --override {}.", guard.id)
                              : fmt::format("{} cannot be overridden.", guard.id);
  }
  if (!sentences.empty())
    return refuse(Refusal::Kind::guard, ErrorCode::refused, std::move(sentences), std::move(hint), "Guard");
  return authorised;
}

bool AuthorisedPlan::overrides_guard(std::string_view id) const {
  return std::find(overrides_.begin(), overrides_.end(), id) != overrides_.end();
}

}  // namespace flotsam
