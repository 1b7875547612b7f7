#include "workflow/restore_workflow.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "apply/absent_keys.h"
#include "apply/probe.h"
#include "base/bytes.h"
#include "base/file.h"
#include "plan/restored_keys.h"
#include "scan/rejudge.h"
#include "workflow/known_runs.h"
#include "workflow/rules.h"
#include "workflow/run_state.h"

namespace flotsam {
namespace {

/// The store, its state and what a run of restoring needs of them.
struct Opened {
  std::unique_ptr<State> state;
  std::unique_ptr<Restorer> restorer;
  std::unique_ptr<Remover> remover;
  StoreFacts facts;
};

Result<Opened> open_all(const Config& config, const World& world) {
  Opened opened;
  const StoreContext context = store_context_of(world);
  FLOTSAM_ASSIGN(opened.state, open_state_of(config, world));
  FLOTSAM_ASSIGN(opened.restorer,
                 open_restorer(store_options_of(config), config.deletion.quarantine, context));
  FLOTSAM_ASSIGN(opened.remover, open_remover(store_options_of(config), config.deletion.quarantine, context));
  FLOTSAM_ASSIGN(opened.facts, opened.restorer->facts());
  return opened;
}

RestoreWorld restore_world_of(const Opened& opened, const World& world) {
  RestoreWorld made;
  made.restorer = opened.restorer.get();
  made.remover = opened.remover.get();
  made.state = opened.state.get();
  made.clock = world.clock;
  made.log = world.log;
  made.progress = world.progress;
  made.cancel = world.cancel;
  made.on_step = world.on_step;
  return made;
}

ScanWorld scan_world_of(const World& world) {
  ScanWorld made;
  made.clock = world.clock;
  made.log = world.log;
  made.progress = world.progress;
  made.cancel = world.cancel;
  made.hash_seed = world.hash_seed;
  made.spool_folder = temporary_folder();
  return made;
}

void remember_run(const std::string& kind, const std::string& id, const Config& config, const Opened& opened,
                  const RestoreResultSummary& done, World& world) {
  HistoryEntry entry;
  entry.kind = kind;
  entry.id = id;
  if (kind == "undo") entry.of = id;  // the journal that was undone
  entry.at = world.clock->now();
  entry.store_url = config.store.url;
  entry.store_identity = opened.facts.identity;
  entry.prefixes = config.store.scope.prefixes();
  entry.config_digest = config_digest(config);
  entry.status = to_string(done.status);
  entry.restored = done.restored;
  entry.purged = done.purged;
  entry.bytes = done.bytes;
  entry.failed = done.failed_count;
  entry.skipped = done.superseded_count;
  remember(*opened.state, entry, *world.log);
}

/// The id in the journal's place: history names runs by it.
std::string id_of(const RestoreResultSummary& done) {
  const std::size_t slash = done.journal.rfind('/');
  std::string id = done.journal.substr(slash == std::string::npos ? 0 : slash + 1);
  constexpr std::string_view kEnding = ".ndjson";
  if (id.ends_with(kEnding)) id.resize(id.size() - kEnding.size());
  return id;
}

/// A scan that writes nothing.
struct ScannedAgain {
  OpenedDatabases databases;
  ScanRules rules;
  ScanResult result;
};

Result<ScannedAgain> scan_again(const Config& config, const Opened& opened, ScanWorld& scan_world,
                                World& world) {
  ScannedAgain made;
  FLOTSAM_TRY(lint_queries(config));
  FLOTSAM_ASSIGN(made.databases, open_databases(config, {world.clock, world.log}));
  made.rules = rules_of(config, made.databases);
  FLOTSAM_ASSIGN(made.rules.restored,
                 read_restored_keys(*opened.state, world.clock->now(), config.deletion.undo_days));
  FLOTSAM_ASSIGN(const auto lister, flotsam::open_store(store_options_of(config), store_context_of(world)));
  scan_world.lister = lister.get();
  FLOTSAM_ASSIGN(const auto last,
                 History(*opened.state).last_good(opened.facts.identity, config.store.scope.prefixes()));
  if (last) scan_world.baseline = Baseline{last->at, last->id, last->distinct_keys};
  made.rules.limits.sightings = 1;  // nothing is planned: nothing has to be seen more than once
  auto scanned = scan(made.rules, scan_world);
  if (!scanned) return std::unexpected(without_secrets(std::move(scanned).error(), config));
  made.result = *std::move(scanned);
  return made;
}

bool holds_purge(const GuardRuling& guard) {
  return guard.ruling == Ruling::refuse &&
         (guard.id == "references-empty" || guard.id == "resolution" || guard.id == "reference-drop");
}

/// Reads all references once more when it is first asked, and again where that reading has grown old; judges
/// keys by it as if their objects stood there.
class JudgeNow {
 public:
  JudgeNow(const ScannedAgain& scanned, const Opened& opened, const Config& config, World& world)
      : scanned_(scanned),
        opened_(opened),
        config_(config),
        world_(world),
        scan_world_(scan_world_of(world)) {}

  Result<std::vector<Verdict>> operator()(std::span<const Key> keys) {
    FLOTSAM_TRY(read());
    std::vector<ObjectView> views;
    for (const Key& key : keys)
      views.push_back(
          {.key = key.view(), .size_bytes = 1, .last_modified = Timestamp{}, .etag = {}, .version_id = {}});
    return rejudge_->judge(views);
  }

 private:
  Result<void> read() {
    constexpr auto kFreshFor = std::chrono::minutes(5);
    if (rejudge_ && world_.clock->monotonic() - read_at_ <= kFreshFor) return {};
    read_at_ = world_.clock->monotonic();
    Rejudge::Request request;
    request.rules = &scanned_.rules;
    request.planned = [&](const std::function<Result<void>(const ObjectView&)>& use) {
      return opened_.restorer->list_quarantine(
          [&](const QuarantinedObject& object) { return use(as_if_it_stood(object.key)); }, *world_.cancel);
    };
    request.find_absent = [&](std::span<const Key> keys) { return find_absent_keys(*opened_.remover, keys); };
    // What the scan just read is what this reading must not fall behind.
    Baseline& counts = request.plan_counts.emplace();
    counts.at = scanned_.result.started_at;
    for (const SourceFindings& source : scanned_.result.sources)
      counts.distinct_keys[source.name] = source.keys_to_remember();
    request.plan_cutoff = scanned_.result.cutoff;
    request.store = scanned_.result.store;
    auto read = Rejudge::read(request, scan_world_);
    if (!read) return std::unexpected(without_secrets(std::move(read).error(), config_));
    for (const GuardRuling& guard : read->guards())
      if (guard.ruling == Ruling::refuse) {
        Error error;
        error.code = ErrorCode::refused;
        error.message = fmt::format("the guard {} refuses: {}", guard.id, guard.message);
        error.service_code = "Guard";
        return std::unexpected(std::move(error));
      }
    for (const SourceFindings& then : scanned_.result.sources)
      for (const SourceFindings& now : read->sources())
        if (now.name == then.name && now.identity != then.identity)
          return fail(ErrorCode::refused,
                      fmt::format("the source {} is read from another database than a moment ago",
                                  in_quotes(now.name)),
                      "Nothing more was purged. Look at what the database's address leads to.");
    rejudge_.emplace(*std::move(read));
    return {};
  }

  /// An object of that key that is old enough.
  static ObjectView as_if_it_stood(const Key& key) {
    return {.key = key.view(), .size_bytes = 1, .last_modified = Timestamp{}, .etag = {}, .version_id = {}};
  }

  const ScannedAgain& scanned_;
  const Opened& opened_;
  const Config& config_;
  World& world_;
  ScanWorld scan_world_;
  std::optional<Rejudge> rejudge_;
  std::chrono::nanoseconds read_at_{0};
};

}  // namespace

Result<RestoreResultSummary> run_undo(const Config& config, const UndoAsk& ask, World& world) {
  FLOTSAM_ASSIGN(const Opened opened, open_all(config, world));
  UndoRequest request;
  FLOTSAM_ASSIGN(request.journal_id, journal_id_of(*opened.state, ask.journal, ask.working_folder));
  FLOTSAM_TRY(check_undone_journal(*opened.state, request.journal_id));
  request.dry_run = ask.dry_run;
  request.quarantine = config.deletion.quarantine;
  request.store_url = config.store.url;
  request.store_identity = opened.facts.identity;
  request.prefixes = config.store.scope.prefixes();
  RestoreWorld restore = restore_world_of(opened, world);
  FLOTSAM_ASSIGN(auto done, undo(request, restore));
  if (!ask.dry_run) remember_run("undo", request.journal_id, config, opened, done, world);
  return done;
}

Result<RescueResult> run_rescue(const Config& config, std::optional<std::uint64_t> expect,
                                const std::function<Result<void>(const Rescuable&)>& on_found, World& world) {
  FLOTSAM_ASSIGN(const Opened opened, open_all(config, world));
  RescueRequest request;
  request.store_url = config.store.url;
  request.store_identity = opened.facts.identity;
  request.config_digest = config_digest(config);
  request.prefixes = config.store.scope.prefixes();
  request.expect = expect;
  ScanWorld scan_world = scan_world_of(world);
  scan_world.on_dangling = [&](std::string_view key, std::string_view source) -> Result<void> {
    // In byte order; a key that two sources need comes twice.
    if (request.dangling.empty() || request.dangling.back().first != key)
      request.dangling.emplace_back(key, source);
    return {};
  };
  FLOTSAM_ASSIGN(const ScannedAgain scanned, scan_again(config, opened, scan_world, world));
  RestoreWorld restore = restore_world_of(opened, world);
  FLOTSAM_ASSIGN(auto found, rescue(request, restore, on_found));
  if (found.restored) remember_run("rescue", id_of(*found.restored), config, opened, *found.restored, world);
  return found;
}

Result<PurgeOutcome> run_purge(const Config& config, std::optional<std::uint64_t> expect, World& world) {
  if (!config.deletion.quarantine)
    return fail(ErrorCode::invalid_argument, "no quarantine is configured: there is nothing to purge",
                "Set quarantine in [delete]. Versions of a bucket are removed by its lifecycle rules, not by "
                "flotsam.");
  FLOTSAM_ASSIGN(const Opened opened, open_all(config, world));
  ScanWorld scan_world = scan_world_of(world);
  FLOTSAM_ASSIGN(const ScannedAgain scanned, scan_again(config, opened, scan_world, world));
  PurgeOutcome outcome;
  for (const GuardRuling& guard : scanned.result.guards)
    if (holds_purge(guard)) outcome.guards.push_back({guard.id, false, guard.message});
  outcome.refused = !outcome.guards.empty();
  if (outcome.refused) return outcome;
  JudgeNow judge(scanned, opened, config, world);
  PurgeRequest request;
  request.store_url = config.store.url;
  request.store_identity = opened.facts.identity;
  request.config_digest = config_digest(config);
  request.prefixes = config.store.scope.prefixes();
  request.undo_days = config.deletion.undo_days;
  request.expect = expect;
  request.judge = [&](std::span<const Key> keys) { return judge(keys); };
  RestoreWorld restore = restore_world_of(opened, world);
  FLOTSAM_ASSIGN(outcome.result, purge(request, restore));
  if (outcome.result.done)
    remember_run("purge", id_of(*outcome.result.done), config, opened, *outcome.result.done, world);
  return outcome;
}

Result<std::vector<HistoryEntry>> run_history(const Config& config, World& world) {
  FLOTSAM_ASSIGN(const auto state, open_state_of(config, world));
  return History(*state).read();
}

Result<std::vector<LockHolder>> run_unlock(const Config& config, bool force, World& world) {
  FLOTSAM_ASSIGN(const auto state, open_state_of(config, world));
  FLOTSAM_ASSIGN(const auto lister, flotsam::open_store(store_options_of(config), store_context_of(world)));
  FLOTSAM_ASSIGN(const StoreFacts facts, lister->facts());
  if (force) return break_locks(*state, facts.identity, config.store.scope.prefixes());
  return lock_holders(*state, facts.identity);
}

Result<ProbeReport> run_probe(const Config& config, World& world) {
  FLOTSAM_ASSIGN(const auto state, open_state_of(config, world));
  FLOTSAM_ASSIGN(const auto lister, flotsam::open_store(store_options_of(config), store_context_of(world)));
  FLOTSAM_ASSIGN(const StoreFacts facts, lister->facts());
  FLOTSAM_ASSIGN(const RecordedProbe probe, probe_and_record(store_options_of(config), facts.identity,
                                                             config.store.scope.prefixes().front(),
                                                             store_context_of(world), *world.cancel, *state));
  return ProbeReport{probe.json, probe.place};
}

}  // namespace flotsam
