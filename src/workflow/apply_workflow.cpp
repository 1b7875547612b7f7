#include "workflow/apply_workflow.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "apply/apply.h"
#include "apply/probe.h"
#include "base/bytes.h"
#include "base/file.h"
#include "plan/history.h"
#include "plan/journal.h"
#include "scan/guards.h"
#include "workflow/known_runs.h"
#include "workflow/rules.h"
#include "workflow/run_state.h"

namespace flotsam {
namespace {

Result<bool> has_journal(State& state, const std::string& id) {
  FLOTSAM_ASSIGN(const auto names, state.list("journals"));
  return std::find(names.begin(), names.end(), journal_name(id)) != names.end() ||
         std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.starts_with(journal_name(id) + "/"); });
}

Error error_of(const Refusal& refusal) {
  Error error = refusal.error;
  switch (refusal.kind) {
    case Refusal::Kind::usage:
      error.code = ErrorCode::invalid_argument;
      break;
    case Refusal::Kind::guard:
      error.code = ErrorCode::refused;
      error.service_code = "Guard";
      break;
    case Refusal::Kind::plan:
      error.code = ErrorCode::corrupt;
      error.service_code = "Plan";
      break;
  }
  return error;
}

ApplyPreview preview_of(const Plan& plan, const AuthorisedPlan& authorised, const Config& config,
                        DeleteMethod method, bool resumes) {
  ApplyPreview preview;
  preview.report = plan.header().report;
  preview.evidence = plan.header().evidence;
  preview.plan_id = plan.header().id;
  preview.objects = plan.objects();
  preview.bytes = plan.bytes();
  preview.store_url = config.store.url;
  preview.method = method;
  preview.undo_days = config.deletion.undo_days;
  preview.overridden = authorised.guards();
  preview.resumes = resumes;
  return preview;
}

HistoryEntry entry_of(const ApplyResult& result, const Plan& plan, Timestamp at) {
  HistoryEntry entry;
  entry.kind = "apply";
  entry.id = plan.header().id;
  entry.of = plan.header().id;  // the scan that made the plan
  entry.at = at;
  entry.store_url = plan.header().store_url;
  entry.store_identity = plan.header().store_identity;
  entry.prefixes = plan.header().prefixes;
  entry.config_digest = plan.header().config_digest;
  entry.status = to_string(result.status);
  entry.planned = result.planned;
  entry.deleted = result.deleted;
  entry.bytes = result.bytes;
  entry.failed = result.failed_count;
  for (const std::uint64_t count : result.skipped) entry.skipped += count;
  for (const SourceIdentity& source : plan.header().sources)
    entry.distinct_keys[source.name] = source.distinct_keys;
  return entry;
}

/// One apply: what its steps hand to each other.
class ApplyRun {
 public:
  ApplyRun(const Config& config, const ApplyRequest& request, World& world)
      : config_(config), request_(request), world_(world), context_(store_context_of(world)) {}

  Result<ApplyResult> run() {
    FLOTSAM_ASSIGN(state_, open_state_of(config_, world_));
    FLOTSAM_ASSIGN(const Plan plan, load_plan(*state_, request_.plan, request_.working_folder));
    FLOTSAM_TRY(check_apply_journal(*state_, plan.header().id));
    FLOTSAM_TRY(check_restorations(*state_, world_.clock->now(), config_.deletion.undo_days));
    FLOTSAM_TRY(lint_queries(config_));
    FLOTSAM_ASSIGN(databases_, open_databases(config_, {world_.clock, world_.log}));
    FLOTSAM_TRY(open_store());
    FLOTSAM_ASSIGN(const AuthorisedPlan authorised, authorise(plan));
    auto result = apply(authorised);
    if (!result) return result;
    // A later reading may refuse in the middle of a run.
    if (result->status != RunStatus::refused || result->deleted > 0)
      remember(*state_, entry_of(*result, plan, world_.clock->now()), *world_.log);
    return result;
  }

 private:
  Result<void> open_store() {
    FLOTSAM_ASSIGN(remover_, open_remover(store_options_of(config_), config_.deletion.quarantine, context_));
    FLOTSAM_ASSIGN(facts_, remover_->facts());
    rules_ = rules_of(config_, databases_);
    FLOTSAM_ASSIGN(const auto probe, recorded_probe(*state_, facts_.identity));
    if (probe) condition_ = probe->condition;
    method_ = method_in_force(rules_.deletion, facts_);
    return {};
  }

  Result<AuthorisedPlan> authorise(const Plan& plan) {
    AuthorisedPlan::Now now;
    now.now = world_.clock->now();
    now.store_url = config_.store.url;
    now.prefixes = config_.store.scope.prefixes();
    now.store = facts_;
    now.sources = source_identities_of(config_);
    now.plan_age = config_.guards.plan_age;
    now.configured_method = config_.deletion.method;
    FLOTSAM_ASSIGN(now.spent, has_journal(*state_, plan.header().id + ".undo"));
    FLOTSAM_ASSIGN(now.resumes, has_journal(*state_, plan.header().id));
    Approval approval{request_.expect, request_.overrides};
    if (!approval.expect && request_.ask) {
      // All that refuses is said before anybody is asked.
      const auto would_be = AuthorisedPlan::authorise(plan, {plan.objects(), request_.overrides}, now);
      if (!would_be) return std::unexpected(error_of(would_be.error()));
      FLOTSAM_ASSIGN(const auto typed,
                     request_.ask(preview_of(plan, *would_be, config_, method_, now.resumes)));
      if (!typed)
        return std::unexpected(error_of(
            {Refusal::Kind::guard,
             {.code = ErrorCode::refused,
              .message = fmt::format("the number {} was not typed: nothing was deleted", plan.objects()),
              .hint = {},
              .context = {},
              .http_status = 0,
              .service_code = {},
              .request_id = {}}}));
      approval.expect = typed;
    }
    auto authorised = AuthorisedPlan::authorise(plan, approval, now);
    if (!authorised) return std::unexpected(error_of(authorised.error()));
    return *std::move(authorised);
  }

  Result<ApplyResult> apply(const AuthorisedPlan& plan) {
    ScanWorld scan_world;
    scan_world.clock = world_.clock;
    scan_world.log = world_.log;
    scan_world.progress = world_.progress;
    scan_world.cancel = world_.cancel;
    scan_world.hash_seed = world_.hash_seed;
    scan_world.spool_folder = temporary_folder();
    ApplyRules rules;
    rules.scan = &rules_;
    rules.method = method_;
    rules.quarantine = config_.deletion.quarantine.value_or("");
    rules.condition = condition_;
    rules.max_rate = config_.deletion.max_rate;
    rules.undo_days = config_.deletion.undo_days;
    rules.sources = source_identities_of(config_);
    rules.config_digest = config_digest(config_);
    ApplyWorld world;
    world.remover = remover_.get();
    world.state = state_.get();
    world.clock = world_.clock;
    world.log = world_.log;
    world.progress = world_.progress;
    world.cancel = world_.cancel;
    world.deadline = request_.deadline;
    world.scan = &scan_world;
    world.on_step = world_.on_step;
    auto result = flotsam::apply(plan, rules, world);
    if (!result) return std::unexpected(without_secrets(std::move(result).error(), config_));
    return result;
  }

  const Config& config_;
  const ApplyRequest& request_;
  World& world_;
  StoreContext context_;
  std::unique_ptr<State> state_;
  OpenedDatabases databases_;
  std::unique_ptr<Remover> remover_;
  StoreFacts facts_;
  ScanRules rules_;
  DeleteCondition condition_ = DeleteCondition::none;
  DeleteMethod method_ = DeleteMethod::none;
};

}  // namespace

int exit_code_of_run(const Error& error) {
  if (error.service_code == "Locked" || error.service_code == "LockLost") return 7;
  if (error.service_code == "Plan") return error.code == ErrorCode::interrupted ? 130 : 6;
  if (error.service_code == "Guard" || error.service_code == "Expect") return 4;
  switch (error.code) {
    case ErrorCode::invalid_argument:
      return 2;
    case ErrorCode::interrupted:
      return 130;
    default:
      return 1;
  }
}

Result<ApplyResult> run_apply(const Config& config, const ApplyRequest& request, World& world) {
  return ApplyRun(config, request, world).run();
}

}  // namespace flotsam
