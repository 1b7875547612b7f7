#include "workflow/scan_workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "plan/history.h"
#include "plan/plan.h"
#include "references/open.h"
#include "report/report.h"
#include "scan/scan.h"
#include "store/open.h"
#include "workflow/rules.h"

namespace flotsam {
namespace {

/// Adapts the file of earlier sightings to what a scan asks of it.
class LedgerOf final : public SightingLedger {
 public:
  explicit LedgerOf(SightingsFile& file) : file_(file) {}
  Result<std::uint64_t> sighted(const ObjectView& object) override { return file_.sighted(object); }

 private:
  SightingsFile& file_;
};

/// The files of `scan --list`: one a verdict, written while the scan gives its objects.
class Lists {
 public:
  static Result<Lists> create(const ScanRequest& request) {
    Lists lists;
    for (const auto& [name, path] : request.lists) {
      const auto verdict = verdict_of(name);
      if (!verdict && name != kDangling)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("--list {}: not a verdict; known are referenced, derived, marker, protected, "
                                "unrecognised, young, suspect, orphan, and dangling",
                                in_quotes(name)));
      if (lists.files_.contains(name))
        return fail(ErrorCode::invalid_argument, fmt::format("--list {} is given twice", in_quotes(name)));
      FLOTSAM_ASSIGN(auto file, AtomicFile::create(path));
      lists.files_.emplace(name, std::move(file));
    }
    return lists;
  }

  void ask(ScanWorld& world) {
    for (const auto& [name, file] : files_)
      if (const auto verdict = verdict_of(name)) world.wanted.push_back(*verdict);
    world.on_object = [this](Verdict verdict, const ObjectView& object, std::string_view shape) -> Result<void> {
      return files_.at(std::string(to_string(verdict))).write(to_json_line(object, shape) + "\n");
    };
    if (files_.contains(kDangling)) {
      world.on_dangling = [this](std::string_view key, std::string_view source) -> Result<void> {
        return files_.at(kDangling).write(
            fmt::format("{{\"key\":{},\"source\":{}}}\n", to_json_key(key), to_json_key(source)));
      };
    }
  }

  Result<void> commit() {
    for (auto& [name, file] : files_) FLOTSAM_TRY(file.commit());
    return {};
  }

 private:
  static constexpr const char* kDangling = "dangling";
  std::map<std::string, AtomicFile> files_;
};

Result<void> write_plan(const ScanResult& result, const PlanHeader& header, const std::filesystem::path& path) {
  FLOTSAM_ASSIGN(auto writer, PlanWriter::create(path, header));
  FLOTSAM_TRY(result.unreferenced->for_each(
      Verdict::orphan,
      [&](const ObjectView& object, std::string_view shape) { return writer.add(object, shape); }));
  return writer.commit();
}

HistoryEntry entry_of(const ScanResult& result, const PlanHeader& header) {
  HistoryEntry entry;
  entry.id = header.id;
  entry.at = header.created_at;
  entry.store_url = header.store_url;
  entry.store_identity = header.store_identity;
  entry.prefixes = header.prefixes;
  entry.config_digest = header.config_digest;
  entry.status = result.refused() ? "refused" : "ok";
  entry.objects = result.scanned.objects;
  entry.bytes = result.scanned.bytes;
  entry.orphans = result.of(Verdict::orphan).objects;
  entry.suspects = result.of(Verdict::suspect).objects;
  entry.planned = result.plan.objects;
  for (const SourceFindings& source : result.sources) entry.distinct_keys[source.name] = source.keys_to_remember();
  return entry;
}

/// A state directory on S3 comes with the Lambda function.
Result<std::filesystem::path> local_state(const Config& config) {
  if (config.state.dir.starts_with("s3://"))
    return fail(ErrorCode::invalid_argument,
                fmt::format("state.dir is {}: this version keeps its state on a disk only", in_quotes(config.state.dir)),
                "Set [state] dir to a folder.");
  return std::filesystem::path(config.state.dir);
}

}  // namespace

Result<ScanOutcome> run_scan(const Config& config, const ScanRequest& request, World& world) {
  FLOTSAM_ASSIGN(const std::filesystem::path state, local_state(config));
  FLOTSAM_TRY(lint_queries(config));
  const StoreContext store_context{world.environment, world.clock, world.log};
  FLOTSAM_ASSIGN(const auto lister, open_store(store_options_of(config), store_context));
  const DatabaseContext database_context{world.clock, world.log};
  FLOTSAM_ASSIGN(const OpenedDatabases databases, open_databases(config, database_context));
  FLOTSAM_ASSIGN(Lists lists, Lists::create(request));

  ScanRules rules = rules_of(config, databases);
  ScanWorld scan_world;
  scan_world.lister = lister.get();
  scan_world.clock = world.clock;
  scan_world.log = world.log;
  scan_world.progress = world.progress;
  scan_world.cancel = world.cancel;
  scan_world.hash_seed = world.hash_seed;
  scan_world.spool_folder = temporary_folder();
  lists.ask(scan_world);

  // The store's identity is part of what history is asked for, and known only once the store has answered.
  FLOTSAM_ASSIGN(scan_world.store, lister->facts());
  History history(state);
  FLOTSAM_ASSIGN(const auto last, history.last_good(scan_world.store->identity, config.store.scope.prefixes()));
  if (last) scan_world.baseline = Baseline{last->at, last->id, last->distinct_keys};

  const std::string digest = config_digest(config);
  std::unique_ptr<SightingsFile> sightings;
  std::optional<LedgerOf> ledger;
  if (config.guards.sightings > 1) {
    FLOTSAM_ASSIGN(sightings, SightingsFile::open(state, digest, world.clock->now(), config.store.min_age));
    ledger.emplace(*sightings);
    scan_world.sightings = &*ledger;
  }

  FLOTSAM_ASSIGN(const ScanResult result, scan(rules, scan_world));

  PlanHeader header;
  header.id = random_hex(16);
  header.created_at = world.clock->now();
  header.expires_at = header.created_at + config.guards.plan_age;
  header.store_url = config.store.url;
  header.store_identity = result.store.identity;
  header.prefixes = config.store.scope.prefixes();
  header.config_digest = digest;

  ScanOutcome outcome;
  outcome.plan_path = request.plan_path.value_or(state / "plans" / (header.id + ".ndjson"));
  outcome.report = to_report(result, PlanReference{outcome.plan_path.native(), header.id, header.expires_at});
  outcome.evidence = to_evidence(result);
  outcome.refused = result.refused();
  outcome.unreferenced = result.of(Verdict::orphan).objects + result.of(Verdict::suspect).objects;
  header.report = outcome.report;
  header.evidence = outcome.evidence;

  FLOTSAM_TRY(lists.commit());
  FLOTSAM_TRY(write_plan(result, header, outcome.plan_path));
  if (sightings) FLOTSAM_TRY(sightings->commit());
  FLOTSAM_TRY(history.append(entry_of(result, header)));
  return outcome;
}

}  // namespace flotsam
