#include "workflow/scan_workflow.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <memory>

#include "apply/probe.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "plan/history.h"
#include "plan/plan.h"
#include "plan/restored_keys.h"
#include "references/open.h"
#include "report/report.h"
#include "scan/scan.h"
#include "store/open.h"
#include "workflow/known_runs.h"
#include "workflow/rules.h"
#include "workflow/run_state.h"

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
    world.on_object = [this](Verdict verdict, const ObjectView& object,
                             std::string_view shape) -> Result<void> {
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

/// Writing must not cost a person a file: what stands under the name already has to be one of ours, of the
/// same kind.
Result<void> check_target(const std::filesystem::path& path, std::string_view kind,
                          std::string_view beginning) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return {};
  const auto taken = [&](std::string_view what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is {}, and the {} would replace it", in_quotes(path.native()), what, kind),
                "Name another file, or remove it first.");
  };
  if (!std::filesystem::is_regular_file(status)) return taken("no regular file");
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return std::unexpected(error_of_errno(errno, "open", path));
  std::string start(beginning.size(), '\0');
  FLOTSAM_ASSIGN(const std::size_t size, read_at(file.get(), start.data(), start.size(), 0));
  if (size > 0 && start != beginning) return taken(fmt::format("a file that is no {} of flotsam", kind));
  return {};
}

Result<void> check_targets(const ScanRequest& request) {
  if (request.plan_path) FLOTSAM_TRY(check_target(*request.plan_path, "plan", "{\"flotsam_plan\":"));
  for (const auto& [name, path] : request.lists) FLOTSAM_TRY(check_target(path, "list", "{\"key\":"));
  return {};
}

/// The plan under its temporary name, complete but for commit().
Result<PlanWriter> write_plan(const ScanResult& result, const PlanHeader& header,
                              const std::filesystem::path& path) {
  FLOTSAM_ASSIGN(auto writer, PlanWriter::create(path, header));
  FLOTSAM_TRY(result.unreferenced->for_each(
      Verdict::orphan,
      [&](const ObjectView& object, std::string_view shape) { return writer.add(object, shape); }));
  return writer;
}

/// What -v tells: each step with its figures.
void log_result(const ScanResult& result, Log& log) {
  for (const SourceFindings& source : result.sources)
    log.info(fmt::format("read {} from {}: {}, {}", in_quotes(source.name), source.database,
                         counted(source.rows, "row"),
                         counted(source.distinct_keys + source.outside, "needed key")));
  log.info(fmt::format("listed {} in {}, {} again; cutoff {}", counted(result.listing.objects, "object"),
                       counted(result.listing.requests, "request"), with_separators(result.listing.retries),
                       to_rfc3339(result.cutoff)));
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
  for (const SourceFindings& source : result.sources)
    entry.distinct_keys[source.name] = source.keys_to_remember();
  return entry;
}

/// Where the plan is written, and what becomes of it then.
class PlanPlace {
 public:
  /// A file that the person named; else an entry of the state, which on S3 is written to a temporary file
  /// first.
  static PlanPlace of(const ScanRequest& request, const Config& config, const State& state,
                      const std::string& id) {
    PlanPlace place;
    const std::string name = fmt::format("plans/{}.ndjson", id);
    if (request.plan_path) {
      place.local_ = *request.plan_path;
      place.shown_ = place.local_.native();
    } else if (is_on_s3(config)) {
      place.local_ = temporary_folder() / fmt::format("flotsam-plan-{}.ndjson", id);
      place.shown_ = state.place_of(name);
      place.name_ = name;
    } else {
      place.shown_ = state.place_of(name);
      place.local_ = place.shown_;
    }
    return place;
  }
  static bool is_on_s3(const Config& config) { return config.state.dir.starts_with("s3://"); }

  const std::filesystem::path& local() const { return local_; }
  const std::string& shown() const { return shown_; }
  Result<void> commit(PlanWriter& plan, State& state) const {
    FLOTSAM_TRY(plan.commit());
    if (name_.empty()) return {};
    const auto taken = state.take_file(name_, local_);
    std::error_code ignored;
    std::filesystem::remove(local_, ignored);
    return taken;
  }

 private:
  std::filesystem::path local_;
  std::string shown_;
  std::string name_;  ///< in the state, where the file is brought there at the end
};

/// The sources of the configuration as this scan saw them.
std::vector<SourceIdentity> seen_sources(const Config& config, const ScanResult& result) {
  std::vector<SourceIdentity> sources = source_identities_of(config);
  for (SourceIdentity& source : sources)
    for (const SourceFindings& found : result.sources)
      if (found.name == source.name) {
        source.database = found.identity;
        source.distinct_keys = found.keys_to_remember();
      }
  return sources;
}

}  // namespace

Result<ScanOutcome> run_scan(const Config& config, const ScanRequest& request, World& world) {
  FLOTSAM_ASSIGN(const auto state, open_state_of(config, world));
  FLOTSAM_TRY(lint_queries(config));
  FLOTSAM_TRY(check_targets(request));
  FLOTSAM_ASSIGN(const auto lister, open_store(store_options_of(config), store_context_of(world)));
  const DatabaseContext database_context{world.clock, world.log};
  FLOTSAM_ASSIGN(const OpenedDatabases databases, open_databases(config, database_context));
  FLOTSAM_ASSIGN(Lists lists, Lists::create(request));

  ScanRules rules = rules_of(config, databases);
  FLOTSAM_TRY(check_restorations(*state, world.clock->now(), config.deletion.undo_days));
  FLOTSAM_ASSIGN(rules.restored, read_restored_keys(*state, world.clock->now(), config.deletion.undo_days));
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
  FLOTSAM_ASSIGN(const auto probe, recorded_probe(*state, scan_world.store->identity));
  if (probe) rules.deletion.store_honours_conditions = probe->condition != DeleteCondition::none;
  History history(*state);
  FLOTSAM_ASSIGN(const auto last,
                 history.last_good(scan_world.store->identity, config.store.scope.prefixes()));
  if (last) scan_world.baseline = Baseline{last->at, last->id, last->distinct_keys};

  const std::string digest = config_digest(config);
  std::unique_ptr<SightingsFile> sightings;
  std::optional<LedgerOf> ledger;
  if (config.guards.sightings > 1) {
    if (PlanPlace::is_on_s3(config))
      return fail(ErrorCode::invalid_argument,
                  fmt::format("guard sightings is {}, and its record is kept on a disk only",
                              config.guards.sightings),
                  "Set [state] dir to a folder, or [guards] sightings = 1.");
    FLOTSAM_ASSIGN(sightings,
                   SightingsFile::open(config.state.dir, digest, world.clock->now(), config.store.min_age));
    ledger.emplace(*sightings);
    scan_world.sightings = &*ledger;
  }

  const StoreFacts& facts = *scan_world.store;
  world.log->info(fmt::format("configuration {}", config.path.native()));
  world.log->info(fmt::format("store {}: {}, versioning {}, clock {}{}", config.store.url, facts.identity,
                              to_string(facts.versioning), to_rfc3339(facts.clock),
                              facts.credentials.empty() ? "" : ", credentials from " + facts.credentials));
  auto scanned = scan(rules, scan_world);
  if (!scanned) return std::unexpected(without_secrets(std::move(scanned).error(), config));
  const ScanResult result = *std::move(scanned);
  log_result(result, *world.log);

  PlanHeader header;
  header.id = random_hex(16);
  header.created_at = world.clock->now();
  header.expires_at = header.created_at + config.guards.plan_age;
  header.store_url = config.store.url;
  header.store_identity = result.store.identity;
  header.prefixes = config.store.scope.prefixes();
  header.config_digest = digest;
  header.cutoff = result.cutoff;
  header.method = to_string(result.method);
  header.sources = seen_sources(config, result);

  ScanOutcome outcome;
  const PlanPlace place = PlanPlace::of(request, config, *state, header.id);
  outcome.plan_path = place.shown();
  outcome.report = to_report(result, PlanReference{place.shown(), header.id, header.expires_at});
  outcome.evidence = to_evidence(result);
  outcome.refused = result.refused();
  outcome.unreferenced = result.of(Verdict::orphan).objects + result.of(Verdict::suspect).objects;
  header.report = outcome.report;
  header.evidence = outcome.evidence;

  FLOTSAM_ASSIGN(PlanWriter plan, write_plan(result, header, place.local()));
  FLOTSAM_TRY(lists.commit());
  // What a scan saw that a guard refused is no evidence: half-loaded references would make sightings of live
  // objects.
  if (sightings && !outcome.refused) FLOTSAM_TRY(sightings->commit());
  FLOTSAM_TRY(history.append(entry_of(result, header)));
  FLOTSAM_TRY(place.commit(plan, *state));
  world.log->info(
      fmt::format("wrote the plan {}: {}", place.shown(), counted(result.plan.objects, "object")));
  return outcome;
}

}  // namespace flotsam
