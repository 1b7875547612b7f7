#include "scan/read_references.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "scan/guard_text.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kSampleSeed = 0x73616d706c650001ULL;
constexpr std::size_t kSampleCount = 65536;
constexpr std::size_t kSampleBytes = 12U << 20U;  // of all sources together
constexpr std::size_t kNearCount = 4096;
constexpr std::size_t kNearBytes = 2U << 20U;
// No key of any store is longer: what is has no other spelling, and is not worth its memory.
constexpr std::size_t kSpeltBytesMax = 8192;
constexpr std::size_t kValueCount = 3;
constexpr std::size_t kValueBytes = 64U << 10U;
constexpr std::uint64_t kRowsAStep = 4096;

// One source while it is read.
struct SourceInReading {
  SourceInReading(ReadSource read_source, Resolver own_resolver, std::size_t source_count)
      : source(std::move(read_source)),
        resolver(std::move(own_resolver)),
        needed(kSampleCount, kSampleBytes / source_count),
        near(kNearCount, kNearBytes / source_count),
        values(kValueCount, kValueBytes) {}

  ReadSource source;
  Resolver resolver;
  BottomSample needed, near, values;
  std::uint64_t rows = 0;
  bool has_columns = false;
};

// Everything that all sources write to.
struct Collecting {
  const ScanRules& rules;
  const ReferenceHashes& hashes;
  const CanonicalSpelling& spelling;
  ReferenceCollector collector;
  std::optional<NeededKeySpool> spool;
  PlannedLooseForms* planned;
  std::string canonical, loose, raw_before;
};

// Takes the keys of one row.
class KeySink final : public ResolvedKeySink {
 public:
  KeySink(Collecting& collecting, SourceInReading& reading, std::uint32_t source_number)
      : all_(collecting), reading_(reading), source_number_(source_number) {}

  void key(const ResolvedKey& key) override {
    const bool exact = reading_.source.rules->spelling_exact;
    const bool folder = key.kind == KeyKind::derived_folder;
    const bool outside =
        folder ? !overlaps(all_.rules.scope, key.key) : !all_.rules.scope.contains(KeyView(key.key));
    const std::uint64_t hash = folder ? all_.hashes.folder(key.key) : all_.hashes.key(key.key);
    std::uint64_t loose = 0;
    const bool spelt = !exact && key.key.size() <= kSpeltBytesMax;
    if (key.kind == KeyKind::needed) {
      if (spelt) spell_needed(key.key);
      if (spelt && !outside) {
        loose_form_of(key.key, all_.loose);
        loose = all_.hashes.loose(all_.loose);
        if (all_.planned != nullptr) all_.planned->needed(loose, key.key);
      }
      if (!outside) {
        if (key.key.size() <= kSpeltBytesMax) reading_.needed.offer(sample_rank(key.key), key.key);
        if (all_.spool) all_.spool->add(source_number_, key.key);
      }
    }
    all_.collector.add(ReferenceEntry::of(
        hash, static_cast<std::uint16_t>(reading_.source.first_template + key.template_index), loose,
        outside));
    if (!key.raw_value.empty() && key.raw_value.size() <= kSpeltBytesMax) raw_value(key, exact);
  }

 private:
  void spell_needed(std::string_view key) {
    all_.spelling.of(key, all_.canonical);
    add_spelling();
    reading_.near.offer(near_rank(all_.canonical), key);
  }
  void raw_value(const ResolvedKey& key, bool exact) {
    // Several templates of a row mostly use the same column.
    if (key.raw_value == all_.raw_before) return;
    all_.raw_before.assign(key.raw_value);
    reading_.values.offer(sample_rank(key.raw_value), key.raw_value);
    if (exact || (key.kind == KeyKind::needed && key.raw_value == key.key)) return;
    all_.spelling.of(key.raw_value, all_.canonical);
    add_spelling();
  }
  void add_spelling() {
    if (!all_.canonical.empty()) all_.collector.add_spelling(all_.hashes.spelling(all_.canonical));
  }

  Collecting& all_;
  SourceInReading& reading_;
  std::uint32_t source_number_;
};

// Takes the rows of one database.
class DatabaseSink final : public RowSink {
 public:
  DatabaseSink(Collecting& collecting, std::vector<SourceInReading>& readings, std::uint32_t first_source,
               const ScanWorld& world)
      : all_(collecting), readings_(readings), first_source_(first_source), world_(world) {}

  Result<void> columns(std::size_t query_index, const ColumnNames& columns) override {
    CHECK(query_index < readings_.size());
    all_.raw_before.clear();
    readings_[query_index].has_columns = true;
    return readings_[query_index].resolver.bind(columns);
  }

  Result<void> row(std::size_t query_index, RowView row) override {
    CHECK(query_index < readings_.size() && readings_[query_index].has_columns);
    SourceInReading& reading = readings_[query_index];
    ++reading.rows;
    KeySink keys(all_, reading, first_source_ + static_cast<std::uint32_t>(query_index));
    switch (reading.resolver.resolve(row, keys)) {
      case RowOutcome::resolved:
        break;
      case RowOutcome::empty:
        ++reading.source.empty;
        break;
      case RowOutcome::unmatched:
        ++reading.source.unmatched;
        reading.values.offer(sample_rank(row.front().bytes), row.front().bytes);
        break;
    }
    if (++since_step_ == kRowsAStep) return step();
    return {};
  }

  Result<void> step() {
    world_.progress->advance(since_step_);
    since_step_ = 0;
    return world_.cancel->check();
  }

 private:
  Collecting& all_;
  std::vector<SourceInReading>& readings_;
  std::uint32_t first_source_;
  const ScanWorld& world_;
  std::uint64_t since_step_ = 0;
};

Result<void> accept_proof(SourceInReading& reading, ReadProof proof, const ScanWorld& world) {
  const std::string name = in_quotes(reading.source.rules->query.name);
  if (!reading.has_columns || proof.rows != reading.rows)
    return fail(ErrorCode::corrupt,
                fmt::format("{} says that it gave {}, and {} arrived; no part of the references is believed",
                            name, counted(proof.rows, "row"), with_separators(reading.rows)));
  if (proof.true_at && *proof.true_at > world.clock->now())
    return fail(
        ErrorCode::refused,
        fmt::format(
            "{} claims to show {}, which is later than this machine's clock ({}): objects written until "
            "then would look like orphans",
            name, to_rfc3339(*proof.true_at), to_rfc3339(world.clock->now())),
        "correct its as_of, the time of its file, or the clock of this machine");
  reading.source.proof = std::move(proof);
  return {};
}

// Blocks of one database are one snapshot only where they are read together, and that is told by their URL. A
// file that is no database has no moments to mix.
Result<void> check_one_snapshot(const DatabaseRules& database, const std::vector<ReadSource>& before,
                                const ReadSource& source) {
  if (source.identity.empty() || source.rules->query.query.empty()) return {};
  const auto is_of_this_database = [&](const ReadSource& other) {
    return std::any_of(database.sources.begin(), database.sources.end(),
                       [&](const SourceRules& rules) { return &rules == other.rules; });
  };
  for (const ReadSource& other : before)
    if (other.identity == source.identity && !is_of_this_database(other))
      return fail(
          ErrorCode::refused,
          fmt::format(
              "{} and {} are read from one database by two URLs, so in two snapshots: a row that moved "
              "between their tables could be in neither",
              in_quotes(other.rules->query.name), in_quotes(source.rules->query.name)),
          "Give both blocks the same database URL, to the letter.");
  return {};
}

void keep_samples(SourceInReading& reading) {
  reading.source.needed = reading.needed.items();
  reading.source.near = reading.near.items();
  for (const auto& item : reading.values.items()) reading.source.values.push_back(item.text);
}

Result<std::vector<SourceInReading>> prepare(const DatabaseRules& database, std::size_t source_count,
                                             ReadReferences& references) {
  std::vector<SourceInReading> readings;
  for (const SourceRules& rules : database.sources) {
    auto resolver = Resolver::create(rules.resolver);
    if (!resolver)
      return fail(std::move(resolver).error(),
                  fmt::format("while preparing {}", in_quotes(rules.query.name)));
    ReadSource source;
    source.rules = &rules;
    source.first_template = static_cast<std::uint16_t>(references.templates.size());
    const std::size_t number = references.sources.size() + readings.size();
    for (std::size_t i = 0; i < rules.resolver.objects.size(); ++i)
      references.templates.push_back({number, KeyKind::needed});
    for (const KeyTemplate& text : rules.resolver.derived)
      references.templates.push_back(
          {number, text.is_folder_rule() ? KeyKind::derived_folder : KeyKind::derived});
    if (references.templates.size() > 65535)
      return fail(ErrorCode::invalid_argument, "the sources have more than 65,535 templates together");
    readings.emplace_back(std::move(source), *std::move(resolver), source_count);
  }
  return readings;
}

Result<void> read_database(const DatabaseRules& database, std::size_t source_count, Collecting& collecting,
                           const ScanWorld& world, ReadReferences& references) {
  if (database.sources.empty()) return {};
  FLOTSAM_ASSIGN(std::vector<SourceInReading> readings, prepare(database, source_count, references));
  std::vector<SourceQuery> queries;
  for (const SourceRules& rules : database.sources) queries.push_back(rules.query);
  DatabaseSink sink(collecting, readings, static_cast<std::uint32_t>(references.sources.size()), world);
  auto proofs = database.database->read(queries, sink, *world.cancel);
  if (!proofs) {  // it says itself which database it is
    std::vector<std::string> names;
    for (const SourceQuery& query : queries) names.push_back(in_quotes(query.name));
    return fail(std::move(proofs).error(), fmt::format("for the source{} {}", names.size() == 1 ? "" : "s",
                                                       listed(names, names.size())));
  }
  FLOTSAM_TRY(sink.step());
  if (proofs->size() != readings.size())
    return fail(ErrorCode::corrupt,
                fmt::format("{} gave {} for {} queries", to_printable(database.database->shown()),
                            counted(proofs->size(), "proof"), readings.size()));
  for (std::size_t i = 0; i < readings.size(); ++i) {
    FLOTSAM_TRY(accept_proof(readings[i], std::move((*proofs)[i]), world));
    keep_samples(readings[i]);
    readings[i].source.database = database.database->shown();
    readings[i].source.identity = database.database->identity();
    FLOTSAM_TRY(check_one_snapshot(database, references.sources, readings[i].source));
    references.sources.push_back(std::move(readings[i].source));
  }
  return {};
}

}  // namespace

std::uint64_t sample_rank(std::string_view bytes) {
  static const KeyedHash hash(kSampleSeed);
  return hash(bytes);
}

std::uint64_t near_rank(std::string_view canonical_spelling) {
  static const KeyedHash hash(kSampleSeed + 1);
  thread_local std::string loose;
  loose_form_of(canonical_spelling, loose);
  return hash(loose);
}

bool overlaps(const Scope& scope, std::string_view folder) {
  for (const std::string& prefix : scope.prefixes())
    if (folder.starts_with(prefix) || std::string_view(prefix).starts_with(folder)) return true;
  return false;
}

Result<ReadReferences> read_references(const ScanRules& rules, ScanWorld& world,
                                       const ReferenceHashes& hashes, const CanonicalSpelling& spelling,
                                       PlannedLooseForms* planned) {
  std::size_t source_count = 0;
  for (const DatabaseRules& database : rules.databases) source_count += database.sources.size();
  if (source_count == 0)
    return fail(ErrorCode::invalid_argument,
                "no reference source is configured: every object would be an orphan",
                "add a [[references]] block to the configuration");
  ReadReferences references;
  // An eighth is for spools, samples and tallies.
  Collecting collecting{rules, hashes, spelling, ReferenceCollector(rules.memory_bytes / 8 * 7), {}, planned,
                        {},    {},     {}};
  if (world.on_dangling) {
    FLOTSAM_ASSIGN(collecting.spool, NeededKeySpool::create(world.spool_folder));
  }
  world.progress->phase("reading references", "rows", std::nullopt);
  for (const DatabaseRules& database : rules.databases)
    FLOTSAM_TRY(read_database(database, source_count, collecting, world, references));
  FLOTSAM_ASSIGN(references.index, collecting.collector.freeze(references.templates));
  references.needed_spool = std::move(collecting.spool);
  return references;
}

}  // namespace flotsam
