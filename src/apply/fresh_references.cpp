#include "apply/fresh_references.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "apply/absent_keys.h"
#include "base/bytes.h"
#include "base/text.h"
#include "plan/json_writer.h"
#include "plan/restored_keys.h"

namespace flotsam {
namespace {

constexpr std::chrono::minutes kFreshFor{5};
constexpr int kReadingsLong = 3;
constexpr std::uint64_t kRecheckMin = 2;

std::unexpected<Error> of_another(std::string message) {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = std::move(message);
  error.hint = "Make a new plan: flotsam scan.";
  error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

std::string to_text(const Evidence& identity) {
  std::string out;
  for (const auto& [name, value] : identity)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, in_quotes(value));
  return out.empty() ? "nothing known" : out;
}

}  // namespace

FreshReferences::FreshReferences(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world,
                                 PlanPages& pages)
    : plan_(plan), rules_(rules), world_(world), pages_(pages), scan_(*rules.scan) {}

Result<void> FreshReferences::check_store() {
  auto facts = world_.remover->facts();
  if (!facts) return fail(std::move(facts).error(), "while asking the store for its clock and settings");
  facts_ = *std::move(facts);
  const PlanHeader& header = plan_.plan().header();
  if (facts_.identity == header.store_identity) return {};
  return of_another(
      fmt::format("the plan {} was made of another store than the one that answers now: {} then, "
                  "{} now",
                  in_quotes(header.id), in_quotes(header.store_identity), in_quotes(facts_.identity)));
}

Result<void> FreshReferences::check_databases() const {
  for (const SourceIdentity& then : plan_.plan().header().sources) {
    const auto found = std::find_if(rejudge_->sources().begin(), rejudge_->sources().end(),
                                    [&](const SourceFindings& source) { return source.name == then.name; });
    if (found == rejudge_->sources().end())
      return of_another(
          fmt::format("the reference source {} of the plan was not read", in_quotes(then.name)));
    if (found->identity != then.database)
      return of_another(
          fmt::format("the reference source {} is read from another database than at the scan: {} "
                      "then, {} now",
                      in_quotes(then.name), to_text(then.database), to_text(found->identity)));
  }
  return {};
}

void FreshReferences::rule(const std::string& id, bool overridable, const std::string& message) {
  if (!overridable || !plan_.overrides_guard(id)) {
    refusals_.push_back({id, false, message});
    return;
  }
  const auto same = [&](const AppliedGuard& guard) { return guard.id == id; };
  if (std::none_of(overridden_.begin(), overridden_.end(), same)) overridden_.push_back({id, true, message});
}

Result<void> FreshReferences::rule_recheck() {
  std::uint64_t needed_again = 0;
  std::vector<ObjectView> views;
  const auto judge_page = [&](std::uint64_t, std::span<const Object> page) -> Result<void> {
    FLOTSAM_TRY(world_.cancel->check());
    views.clear();
    for (const Object& object : page) views.push_back(object.view());
    for (const Verdict verdict : rejudge_->judge(views))
      if (verdict == Verdict::referenced || verdict == Verdict::derived) ++needed_again;
    return {};
  };
  FLOTSAM_TRY(pages_.read(judge_page));
  const std::uint64_t planned = plan_.plan().objects();
  const Percent limit = rules_.scan->limits.recheck;
  if (needed_again < kRecheckMin || !reaches(needed_again, planned, limit)) return {};
  rule(
      "recheck", true,
      fmt::format("{} of {} of the plan became referenced since the scan ({} %, the limit is {} %): the scan "
                  "may have seen too little, or objects are taken up again. Find out why, then scan again. "
                  "Nothing of them was deleted.",
                  with_separators(needed_again), counted(planned, "object"),
                  to_percent(needed_again, planned), limit.value()));
  return {};
}

Result<void> FreshReferences::read() {
  refusals_.clear();
  FLOTSAM_TRY(check_store());
  auto restored = read_restored_keys(*world_.state, world_.clock->now(), rules_.undo_days);
  if (!restored) return fail(std::move(restored).error(), "while reading which keys were brought back");
  scan_.restored = *std::move(restored);
  const PlanHeader& header = plan_.plan().header();
  Rejudge::Request request;
  request.rules = &scan_;
  request.planned = [&](const std::function<Result<void>(const ObjectView&)>& use) -> Result<void> {
    return plan_.plan().for_each([&](const PlannedObject& planned) { return use(planned.object.view()); });
  };
  request.find_absent = [&](std::span<const Key> keys) { return find_absent_keys(*world_.remover, keys); };
  request.plan_cutoff = header.cutoff;
  request.store = facts_;
  Baseline& counts = request.plan_counts.emplace();
  counts.at = header.created_at;
  counts.id = header.id;
  for (const SourceIdentity& source : header.sources)
    counts.distinct_keys.emplace(source.name, source.distinct_keys);
  began_ = world_.clock->monotonic();
  auto rejudge = Rejudge::read(request, *world_.scan);
  if (!rejudge) return fail(std::move(rejudge).error(), "while reading the references again");
  rejudge_ = *std::move(rejudge);
  took_ = world_.clock->monotonic() - began_;
  FLOTSAM_TRY(check_databases());
  for (const GuardRuling& ruling : rejudge_->guards())
    if (ruling.ruling == Ruling::refuse) rule(ruling.id, ruling.overridable, ruling.message);
  return rule_recheck();
}

bool FreshReferences::is_stale() const {
  const auto fresh_for = std::max<std::chrono::nanoseconds>(kFreshFor, kReadingsLong * took_);
  // Of the two clocks the one that went further: the monotonic one stands still while a machine sleeps.
  return world_.clock->monotonic() - began_ > fresh_for || world_.clock->now() - started_at() > fresh_for;
}

std::vector<Verdict> FreshReferences::judge(std::span<const ObjectView> objects) {
  return rejudge_->judge(objects);
}

std::string FreshReferences::to_note() const {
  JsonWriter json;
  json.begin_object().time("started_at", rejudge_->started_at()).time("finished_at", rejudge_->finished_at());
  json.time("cutoff", rejudge_->cutoff()).name("sources").begin_array();
  for (const SourceFindings& source : rejudge_->sources()) {
    json.begin_object().text("name", source.name).number("rows", source.rows);
    json.number("distinct_keys", source.distinct_keys).end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace flotsam
