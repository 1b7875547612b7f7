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
#include "report/html_report.h"
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
  if (request.html_path)
    FLOTSAM_TRY(check_target(*request.html_path, "HTML report", "<!DOCTYPE html>\n<html lang=\"en\">"));
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

/// One scan: what its steps hand to each other.
class ScanRun {
 public:
  ScanRun(const Config& config, const ScanRequest& request, World& world)
      : config_(config), request_(request), world_(world) {}

  Result<ScanOutcome> run() {
    FLOTSAM_ASSIGN(state_, open_state_of(config_, world_));
    FLOTSAM_TRY(lint_queries(config_));
    FLOTSAM_TRY(check_targets(request_));
    FLOTSAM_ASSIGN(lister_, open_store(store_options_of(config_), store_context_of(world_)));
    FLOTSAM_ASSIGN(databases_, open_databases(config_, DatabaseContext{world_.clock, world_.log}));
    FLOTSAM_ASSIGN(Lists lists, Lists::create(request_));
    FLOTSAM_TRY(make_rules());
    make_world();
    lists.ask(scan_world_);
    FLOTSAM_TRY(ask_the_store());
    FLOTSAM_TRY(take_up_sightings());
    tell_what_is_scanned();
    auto scanned = scan(rules_, scan_world_);
    if (!scanned) return std::unexpected(without_secrets(std::move(scanned).error(), config_));
    log_result(*scanned, *world_.log);
    return write(*scanned, lists);
  }

 private:
  Result<void> make_rules() {
    rules_ = rules_of(config_, databases_);
    const Timestamp now = world_.clock->now();
    FLOTSAM_TRY(check_restorations(*state_, now, config_.deletion.undo_days));
    FLOTSAM_ASSIGN(rules_.restored, read_restored_keys(*state_, now, config_.deletion.undo_days));
    return {};
  }

  void make_world() {
    scan_world_.lister = lister_.get();
    scan_world_.clock = world_.clock;
    scan_world_.log = world_.log;
    scan_world_.progress = world_.progress;
    scan_world_.cancel = world_.cancel;
    scan_world_.hash_seed = world_.hash_seed;
    scan_world_.spool_folder = temporary_folder();
  }

  /// The store's identity is part of what state and history are asked for, and known only once the store has
  /// answered.
  Result<void> ask_the_store() {
    FLOTSAM_ASSIGN(scan_world_.store, lister_->facts());
    FLOTSAM_ASSIGN(const auto probe, recorded_probe(*state_, scan_world_.store->identity));
    if (probe) rules_.deletion.store_honours_conditions = probe->condition != DeleteCondition::none;
    FLOTSAM_ASSIGN(const auto last,
                   History(*state_).last_good(scan_world_.store->identity, config_.store.scope.prefixes()));
    if (last) scan_world_.baseline = Baseline{last->at, last->id, last->distinct_keys};
    return {};
  }

  Result<void> take_up_sightings() {
    if (config_.guards.sightings <= 1) return {};
    if (PlanPlace::is_on_s3(config_))
      return fail(ErrorCode::invalid_argument,
                  fmt::format("guard sightings is {}, and its record is kept on a disk only",
                              config_.guards.sightings),
                  "Set [state] dir to a folder, or [guards] sightings = 1.");
    FLOTSAM_ASSIGN(sightings_, SightingsFile::open(config_.state.dir, digest_, world_.clock->now(),
                                                   config_.store.min_age));
    ledger_.emplace(*sightings_);
    scan_world_.sightings = &*ledger_;
    return {};
  }

  void tell_what_is_scanned() const {
    const StoreFacts& facts = *scan_world_.store;
    world_.log->info(fmt::format("configuration {}", config_.path.native()));
    world_.log->info(fmt::format("store {}: {}, versioning {}, clock {}{}", config_.store.url, facts.identity,
                                 to_string(facts.versioning), to_rfc3339(facts.clock),
                                 facts.credentials.empty() ? "" : ", credentials from " + facts.credentials));
  }

  PlanHeader make_header(const ScanResult& result) const {
    PlanHeader header;
    header.id = random_hex(16);
    header.created_at = world_.clock->now();
    header.expires_at = header.created_at + config_.guards.plan_age;
    header.store_url = config_.store.url;
    header.store_identity = result.store.identity;
    header.prefixes = config_.store.scope.prefixes();
    header.config_digest = digest_;
    header.cutoff = result.cutoff;
    header.method = to_string(result.method);
    header.sources = seen_sources(config_, result);
    return header;
  }

  /// The HTML report under its temporary name, complete but for commit().
  Result<std::optional<AtomicFile>> write_html(const ScanResult& result, const ScanOutcome& outcome) const {
    if (!request_.html_path) return std::nullopt;
    FLOTSAM_ASSIGN(AtomicFile file, AtomicFile::create(*request_.html_path));
    HtmlInput input;
    input.report = outcome.report;
    input.evidence = outcome.evidence;
    input.orphans = [&](const std::function<Result<void>(const PlannedObject&)>& use) {
      return result.unreferenced->for_each(Verdict::orphan,
                                           [&](const ObjectView& object, std::string_view shape) {
                                             return use({Object::of(object), std::string(shape)});
                                           });
    };
    FLOTSAM_TRY(
        to_html_report(input, request_.html, [&](std::string_view piece) { return file.write(piece); }));
    return file;
  }

  Result<ScanOutcome> write(const ScanResult& result, Lists& lists) {
    PlanHeader header = make_header(result);
    ScanOutcome outcome;
    const PlanPlace place = PlanPlace::of(request_, config_, *state_, header.id);
    outcome.plan_path = place.shown();
    outcome.report = to_report(result, PlanReference{place.shown(), header.id, header.expires_at});
    outcome.evidence = to_evidence(result);
    outcome.refused = result.refused();
    outcome.unreferenced = result.of(Verdict::orphan).objects + result.of(Verdict::suspect).objects;
    header.report = outcome.report;
    header.evidence = outcome.evidence;

    FLOTSAM_ASSIGN(PlanWriter plan, write_plan(result, header, place.local()));
    FLOTSAM_ASSIGN(auto html, write_html(result, outcome));
    FLOTSAM_TRY(lists.commit());
    if (html) FLOTSAM_TRY(html->commit());
    // What a scan saw that a guard refused is no evidence: half-loaded references would make sightings of
    // live objects.
    if (sightings_ && !outcome.refused) FLOTSAM_TRY(sightings_->commit());
    FLOTSAM_TRY(History(*state_).append(entry_of(result, header)));
    FLOTSAM_TRY(place.commit(plan, *state_));
    world_.log->info(
        fmt::format("wrote the plan {}: {}", place.shown(), counted(result.plan.objects, "object")));
    return outcome;
  }

  const Config& config_;
  const ScanRequest& request_;
  World& world_;
  const std::string digest_ = config_digest(config_);
  std::unique_ptr<State> state_;
  std::unique_ptr<Lister> lister_;
  OpenedDatabases databases_;
  ScanRules rules_;
  ScanWorld scan_world_;
  std::unique_ptr<SightingsFile> sightings_;
  std::optional<LedgerOf> ledger_;
};

}  // namespace

Result<ScanOutcome> run_scan(const Config& config, const ScanRequest& request, World& world) {
  return ScanRun(config, request, world).run();
}

}  // namespace flotsam
