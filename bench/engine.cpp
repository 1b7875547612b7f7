// bench_flotsam CASE: one part of the engine in a process of its own. It prints what it found ("objects COUNT
// SUM"), for bench_measure to hold against the truth, and what it timed ("figure NAME VALUE").

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/environment.h"
#include "base/file.h"
#include "base/log.h"
#include "dataset.h"
#include "formula_world.h"
#include "options.h"
#include "references/open.h"
#include "scan/read_references.h"
#include "scan/reference_index.h"
#include "scan/scan.h"
#include "store/open.h"
#include "truth.h"

namespace flotsam::bench {
namespace {

struct EngineOptions {
  DatasetParameters dataset;
  std::string endpoint, database, query = "SELECT s3_key FROM book_images";
  unsigned connections = 0;
  std::uint64_t cut_points = 0;
  bool prove = false;
};

template <typename T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(to_text(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void figure(const char* name, double value) {
  fmt::print("figure {} {:.6g}\n", name, value);
}

/// The processor time of this process: what single-threaded stages are timed by, so that neighbours do not
/// count.
class CpuWatch {
 public:
  double seconds() const { return now() - start_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  double start_ = now();
};

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Writes what the engine has to say to stderr.
class StderrLog final : public Log {
 public:
  void write(LogLevel level, std::string_view line) override {
    if (level <= LogLevel::warning) fmt::print(stderr, "{}\n", line);
  }
};

/// What the cases share: a clock, a log, an environment, rules for one source of one column.
class Bench {
 public:
  explicit Bench(const EngineOptions& options) : options_(options), dataset_(options.dataset) {
    rules_.store_url = "s3://bench";
    rules_.bucket = "bench";
    rules_.scope = take(Scope::of_prefixes({std::string(kPrefix)}));
    rules_.memory_bytes = std::uint64_t{8} << 30U;
    rules_.connections = options.connections;
    world_.clock = &clock_;
    world_.log = &log_;
    world_.progress = &phases_;
    world_.cancel = &cancel_;
    world_.spool_folder = std::filesystem::temp_directory_path();
  }

  void index();
  void list();
  void rows();
  void references();
  void scan_all();

 private:
  std::unique_ptr<Lister> open_lister() {
    if (options_.endpoint.empty()) return std::make_unique<FormulaLister>(dataset_);
    StoreOptions store;
    store.url = rules_.store_url;
    store.region = "us-east-1";
    store.endpoint = options_.endpoint;
    return take(open_store(store, {&environment_, &clock_, &log_}));
  }
  std::unique_ptr<ReferenceDatabase> open_references() {
    if (options_.database.empty()) return std::make_unique<FormulaDatabase>(dataset_);
    DatabaseOptions database;
    database.url = Secret(options_.database);
    database.base = std::filesystem::current_path();
    return take(open_database(database, {&clock_, &log_}));
  }
  SourceQuery query() const {
    SourceQuery query;
    query.name = "book images";
    if (options_.database.starts_with("csv:")) {
      query.columns = {"s3_key"};
      query.as_of = AsOfKind::file;
    } else {
      query.query = options_.query;
    }
    return query;
  }
  void add_references(ReferenceDatabase& database) {
    SourceRules source;
    source.query = query();
    source.resolver.objects = {take(KeyTemplate::parse("books/{s3_key}"))};
    rules_.databases = {{&database, {std::move(source)}}};
  }
  void prove(const ReferenceIndex& index, const ReferenceHashes& hashes) const;

  EngineOptions options_;
  Dataset dataset_;
  SystemClock clock_;
  StderrLog log_;
  PhaseTimes phases_;
  Cancel cancel_;
  Environment environment_ = Environment::from_process();
  ScanRules rules_;
  ScanWorld world_;
};

/// All keys in one buffer.
struct KeyArena {
  std::string bytes;
  std::vector<std::size_t> ends;
  void add(std::string_view key) {
    bytes += key;
    ends.push_back(bytes.size());
  }
  std::size_t size() const { return ends.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(bytes).substr(begin, ends[i] - begin);
  }
};

/// Looks every object and every dangling key up: what is found must be what is referenced.
void Bench::prove(const ReferenceIndex& index, const ReferenceHashes& hashes) const {
  KeySum orphans, found;
  std::string key;
  for (std::uint64_t rank = 0; rank < dataset_.objects(); ++rank) {
    dataset_.object_key(rank, key);
    (index.find(hashes.key(key)) == ReferenceIndex::kAbsent ? orphans : found).add(key);
  }
  for (std::uint64_t number = 0; number < dataset_.dangling(); ++number) {
    dataset_.dangling_key(number, key);
    if (index.find(hashes.key(key)) != ReferenceIndex::kAbsent) found.add(key);
  }
  fmt::print("orphans {}\nreferences {}\n", orphans.text(), found.text());
}

/// Times the way of a batch of hashes through the index as a judge takes it: page by page, with prefetches.
double seconds_of_probe(const ReferenceIndex& index, std::span<const std::uint64_t> hashes,
                        std::uint64_t& found) {
  constexpr std::size_t kPageKeys = 1000;
  const CpuWatch watch;
  for (std::size_t begin = 0; begin < hashes.size(); begin += kPageKeys) {
    const auto page = hashes.subspan(begin, std::min(kPageKeys, hashes.size() - begin));
    for (const std::uint64_t hash : page) index.prefetch_bucket(hash);
    for (const std::uint64_t hash : page) index.prefetch_entry(hash);
    for (const std::uint64_t hash : page) found += index.find(hash) != ReferenceIndex::kAbsent ? 1U : 0U;
  }
  return watch.seconds();
}

/// The index of needed keys alone, from keys that are in memory: hash, collect, freeze, probe.
void Bench::index() {
  KeyArena keys;
  std::string key;
  for (std::uint64_t number = 0; number < dataset_.references_and_orphans(); ++number)
    if (dataset_.row_key(number, key)) keys.add(key);
  const ReferenceHashes hashes(1);
  const TemplateInfo needed;
  const auto count = static_cast<double>(keys.size());

  const CpuWatch watch;
  ReferenceCollector collector(rules_.memory_bytes);
  for (std::size_t i = 0; i < keys.size(); ++i)
    collector.add(ReferenceEntry::of(hashes.key(keys[i]), 0, 1, false));
  const double collected = watch.seconds();
  const ReferenceIndex index = take(collector.freeze(std::span(&needed, 1)));
  const double built = watch.seconds();
  figure("built_per_second", count / built);
  figure("freeze_share", (built - collected) / built);
  figure("bytes_an_entry", static_cast<double>(index.table_bytes()) / count);

  std::vector<std::uint64_t> present, absent;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    present.push_back(hashes.key(keys[i]));
    absent.push_back(hashes.spelling(keys[i]));
  }
  std::uint64_t hits = 0, misses = 0;
  figure("hits_per_second", count / seconds_of_probe(index, present, hits));
  figure("misses_per_second", count / seconds_of_probe(index, absent, misses));

  PodBuffer<std::uint64_t> spellings;
  for (const std::uint64_t hash : absent) spellings.push_back(hash);
  const CpuWatch set_watch;
  const FingerprintSet set = to_fingerprint_set(spellings);
  figure("set_built_per_second", count / set_watch.seconds());
  figure("set_bytes_an_entry", static_cast<double>(set.memory_bytes()) / count);
  fmt::print("hits {}\nmisses {}\n", hits, misses);
  prove(index, hashes);
}

/// Listing alone: every key parsed, checked and hashed.
void Bench::list() {
  const auto lister = open_lister();
  take(lister->facts());
  SummingSink sink;
  ListingOptions options;
  options.connections = options_.connections;
  std::string key;
  for (std::uint64_t number = 0; number < options_.cut_points; ++number)
    if (dataset_.row_key(number, key)) options.cut_points.push_back(key);
  std::sort(options.cut_points.begin(), options.cut_points.end());
  const Stopwatch watch;
  const ListingProof proof = take(lister->list(rules_.scope, options, sink));
  figure("list_seconds", watch.seconds());
  figure("requests", static_cast<double>(proof.requests));
  fmt::print("objects {}\n", sink.sum().text());
}

/// Reading alone: every value summed.
void Bench::rows() {
  const auto database = open_references();
  const SourceQuery asked = query();
  SummingRows sink;
  take(database->read(std::span(&asked, 1), sink, cancel_));
  fmt::print("references {}\n", sink.sum().text());
}

/// References alone: read, resolved and frozen, as a scan does before it lists.
void Bench::references() {
  const auto database = open_references();
  add_references(*database);
  const ReferenceHashes hashes(1);
  const CanonicalSpelling spelling(rules_.bucket);
  const ReadReferences references = take(read_references(rules_, world_, hashes, spelling));
  fmt::print("distinct {}\n", references.index.size());
  figure("spellings", static_cast<double>(references.index.spellings()));
  if (options_.prove) prove(references.index, hashes);
}

/// A whole scan without plan and report: its phases.
void Bench::scan_all() {
  const auto lister = open_lister();
  const auto database = open_references();
  add_references(*database);
  world_.lister = lister.get();
  const ScanResult result = take(scan(rules_, world_));
  for (const auto& [name, seconds] : phases_.finish())
    figure((name.substr(0, name.find(' ')) + "_seconds").c_str(), seconds);
  figure("requests", static_cast<double>(result.listing.requests));
  KeySum orphans;
  take(result.unreferenced->for_each(Verdict::orphan,
                                     [&](const ObjectView& object, std::string_view) -> Result<void> {
                                       orphans.add(object.key.bytes());
                                       return {};
                                     }));
  fmt::print("scanned {}\nreferenced {}\norphans {}\n", result.scanned.objects,
             result.of(Verdict::referenced).objects, orphans.text());
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app("One part of flotsam's engine, timed and summed.", "bench_flotsam");
  EngineOptions options;
  add_dataset_options(app, options.dataset);
  app.add_option("--endpoint", options.endpoint,
                 "of the synthetic S3; without it objects come from the formula");
  app.add_option("--database", options.database,
                 "URL of the references; without it rows come from the formula");
  app.add_option("--query", options.query, "for databases")->capture_default_str();
  app.add_option("--connections", options.connections, "of a listing; 0: the store's default")
      ->capture_default_str();
  app.add_option("--cut-points", options.cut_points,
                 "list: so many keys of references tell where to split, as in a scan");
  app.add_flag("--prove", options.prove, "references: look every key up afterwards");
  const std::map<std::string, void (Bench::*)()> cases = {{"index", &Bench::index},
                                                          {"list", &Bench::list},
                                                          {"rows", &Bench::rows},
                                                          {"references", &Bench::references},
                                                          {"scan", &Bench::scan_all}};
  std::string name;
  app.add_option("case", name, "index, list, rows, references or scan")
      ->required()
      ->check(CLI::IsMember(cases));
  return parse_and_run(app, argc, argv, [&] {
    Bench bench(options);
    (bench.*cases.at(name))();
    return 0;
  });
}
