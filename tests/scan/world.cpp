#include "scan/world.h"

#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "base/bytes.h"

namespace flotsam::test {

Timestamp store_now() {
  using namespace std::chrono;
  return sys_days(year(2026) / 11 / 23) + hours(6) + minutes(41) + seconds(2);
}

Timestamp days_ago(std::int64_t days) {
  return store_now() - std::chrono::hours(24 * days);
}

void FakeLister::put(std::string key, std::uint64_t size, std::optional<Timestamp> time) {
  Object object{Key(key), size, time, "e" + key, ""};
  objects[std::move(key)] = std::move(object);
}

Result<StoreFacts> FakeLister::facts() {
  if (order != nullptr) order->push_back("facts");
  return store;
}

Result<ListingProof> FakeLister::list(const Scope& scope, const ListingOptions& options, ListingSink& sink) {
  if (order != nullptr) order->push_back("list");
  seen_cut_points = options.cut_points;
  std::vector<std::pair<std::string, std::vector<const Object*>>> ranges = {{"", {}}};
  for (const std::string& cut : cuts) ranges.push_back({cut, {}});
  if (as_given.empty()) {
    for (const auto& [key, object] : objects) {
      if (!scope.contains(object.key.view())) continue;
      std::size_t range = 0;
      while (range + 1 < ranges.size() && key > ranges[range + 1].first) ++range;
      ranges[range].second.push_back(&object);
    }
  } else {
    for (const Object& object : as_given) ranges.front().second.push_back(&object);
  }
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> pages{0}, given{0};
  std::mutex mutex;
  std::optional<Error> failed;
  const auto work = [&] {
    for (;;) {
      const std::size_t number = next++;
      if (number >= ranges.size()) return;
      // From the last to the first, so that arrival is not key order.
      const auto& [lower_bound, all] = ranges[ranges.size() - 1 - number];
      RangeSink& range = sink.open_range(KeyView(lower_bound));
      for (std::size_t at = 0; at < all.size(); at += page_size) {
        std::vector<ObjectView> page;
        for (std::size_t i = at; i < std::min(all.size(), at + page_size); ++i)
          page.push_back(all[i]->view());
        Result<void> taken = pages++ == fail_at_page ? fail(ErrorCode::unavailable, "the page was cut short")
                                                     : range.page(page);
        const std::lock_guard lock(mutex);
        if (!taken && !failed) failed = std::move(taken).error();
        if (failed) return;
        given += page.size();
      }
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (failed) return std::unexpected(*failed);
  if (fail_at_page && *fail_at_page >= pages)
    return fail(ErrorCode::unavailable, "the last page was cut short");
  ListingProof proof;
  proof.objects = given + static_cast<std::uint64_t>(claims_more);
  return proof;
}

Result<std::vector<ReadProof>> FakeDatabase::read(std::span<const SourceQuery> queries, RowSink& sink,
                                                  const Cancel& cancel) {
  if (order != nullptr) order->push_back("read");
  std::vector<ReadProof> proofs;
  std::uint64_t row_number = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const FakeTable& table = tables.at(queries[i].name);
    FLOTSAM_TRY(sink.columns(i, table.columns));
    ReadProof& proof = proofs.emplace_back();
    for (const auto& row : table.rows) {
      FLOTSAM_TRY(cancel.check());
      if (fail_at_row == row_number++) return fail(ErrorCode::unavailable, "the connection was cut");
      std::vector<FieldView> fields;
      for (const auto& value : row)
        fields.push_back(value ? FieldView{.bytes = *value} : FieldView{.bytes = {}, .is_null = true});
      FLOTSAM_TRY(sink.row(i, fields));
      ++proof.rows;
    }
    proof.rows += static_cast<std::uint64_t>(table.announces_more);
    proof.true_at = table.true_at;
  }
  if (fail_at_row == row_number) return fail(ErrorCode::unavailable, "the connection was cut at the end");
  if (forgets_proof) proofs.pop_back();
  return proofs;
}

ScanFixture::ScanFixture() : clock(store_now()) {
  lister.store.clock = store_now();
  lister.store.local_clock = store_now();
  lister.store.versioning = Versioning::enabled;
  lister.store.lifecycle.emplace();
  rules.store_url = "s3://media";
  rules.bucket = "media";
  rules.databases.push_back({&database, {}});
  scope({"books/"});
  world.lister = &lister;
  world.clock = &clock;
  world.log = &log_;
  world.progress = &progress_;
  world.cancel = &cancel;
  world.spool_folder = folder_.path();
  world.hash_seed = 1;
}

FakeTable& ScanFixture::source(const SourceSpec& spec, ColumnNames columns) {
  SourceRules source;
  source.query.name = spec.name;
  source.resolver.extract = spec.extract;
  const auto parse = [](const std::vector<std::string>& texts, std::vector<KeyTemplate>& out) {
    for (const std::string& text : texts) {
      auto parsed = KeyTemplate::parse(text);
      if (parsed)
        out.push_back(*std::move(parsed));
      else
        ADD_FAILURE() << to_text(parsed.error());
    }
  };
  parse(spec.objects, source.resolver.objects);
  parse(spec.derived, source.resolver.derived);
  source.outside_ignored = spec.outside_ignored;
  source.spelling_exact = spec.spelling_exact;
  source.may_be_empty = spec.may_be_empty;
  rules.databases.front().sources.push_back(std::move(source));
  FakeTable& table = database.tables[spec.name];
  table.columns = std::move(columns);
  return table;
}

void ScanFixture::row(const std::string& source, std::optional<std::string> value) {
  database.tables.at(source).rows.push_back({std::move(value)});
}

void ScanFixture::scope(std::vector<std::string> prefixes) {
  auto made = Scope::of_prefixes(std::move(prefixes));
  if (made)
    rules.scope = *std::move(made);
  else
    ADD_FAILURE() << to_text(made.error());
}

std::vector<Glob> ScanFixture::globs(const std::vector<std::string>& texts) {
  std::vector<Glob> all;
  for (const std::string& text : texts) {
    auto glob = Glob::parse(text);
    if (glob)
      all.push_back(*std::move(glob));
    else
      ADD_FAILURE() << to_text(glob.error());
  }
  return all;
}

Result<ScanResult> ScanFixture::run() {
  return scan(rules, world);
}

ScanResult ScanFixture::scanned() {
  auto result = run();
  if (!result) {
    ADD_FAILURE() << to_text(result.error());
    return {};
  }
  return *std::move(result);
}

const GuardRuling& guard_of(const ScanResult& result, std::string_view id) {
  for (const GuardRuling& guard : result.guards)
    if (guard.id == id) return guard;
  ADD_FAILURE() << "no guard " << id;
  static const GuardRuling none;
  return none;
}

std::vector<std::string> keys_of(const ScanResult& result, Verdict verdict) {
  std::vector<std::string> keys;
  if (!result.unreferenced) return keys;
  const auto read = result.unreferenced->for_each(verdict, [&](const ObjectView& object, std::string_view) {
    keys.emplace_back(object.key.bytes());
    return Result<void>();
  });
  if (!read) ADD_FAILURE() << to_text(read.error());
  return keys;
}

const TallyRow* row_of(const std::vector<TallyRow>& rows, std::string_view name) {
  for (const TallyRow& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

std::string to_comparable(const ScanResult& result) {
  std::string out = fmt::format("cutoff {} scanned {}/{} database {}\n", to_rfc3339_exact(result.cutoff),
                                result.scanned.objects, result.scanned.bytes, result.objects_in_database);
  for (const Verdict verdict : kAllVerdicts)
    out +=
        fmt::format("{} {}/{}\n", to_string(verdict), result.of(verdict).objects, result.of(verdict).bytes);
  const auto rows = [&](std::string_view title, const std::vector<TallyRow>& all) {
    for (const TallyRow& row : all)
      out += fmt::format("{} {} {}/{} {}/{} judged {} known {} ruled {}/{}\n", title, to_printable(row.name),
                         row.all.objects, row.all.bytes, row.orphans.objects, row.orphans.bytes, row.judged,
                         row.known, row.ruled_orphans, row.ruled_judged);
  };
  rows("shape", result.shapes);
  rows("group", result.groups);
  rows("part", result.prefixes_found);
  rows("prefix", result.scope_prefixes);
  for (const auto* bins : {&result.age_histogram, &result.size_histogram})
    for (const HistogramBin& bin : *bins)
      out += fmt::format("bin {} {} {}/{} {}\n", bin.from ? std::to_string(*bin.from) : "-",
                         bin.to ? std::to_string(*bin.to) : "-", bin.all.objects, bin.all.bytes, bin.orphans);
  for (const auto* samples : {&result.sample_unreferenced, &result.sample_suspects})
    for (const SampleObject& sample : *samples)
      out += fmt::format("sample {} {} {} near {}\n", to_printable(sample.object.key.bytes()),
                         to_string(sample.verdict), to_printable(sample.shape),
                         to_printable(sample.near_reference));
  for (const SourceFindings& source : result.sources) {
    out += fmt::format(
        "source {} rows {} empty {} unmatched {} distinct {} outside {} explained {} resolved {} dangling "
        "{}\n",
        source.name, source.rows, source.empty, source.unmatched, source.distinct_keys, source.outside,
        source.explained, source.resolved, source.dangling);
    for (const TemplateFindings& text : source.templates)
      out += fmt::format("  {} {} outside {} resolved {} objects {}\n", text.text, text.distinct_keys,
                         text.outside, text.resolved, text.matched_objects);
    for (const std::string& key : source.sample_dangling) out += "  dangling " + to_printable(key) + "\n";
    for (const std::string& value : source.sample_values) out += "  value " + to_printable(value) + "\n";
  }
  for (const RuleUse& rule : result.rules)
    out += fmt::format("rule {} {} {}\n", rule.kind, rule.text, rule.matched);
  for (const GuardRuling& guard : result.guards)
    out += fmt::format("guard {} {} {} {} {} {}\n", guard.id, to_string(guard.ruling),
                       guard.value.value_or(-1), guard.limit.value_or(-1), guard.overridable, guard.message);
  out +=
      fmt::format("plan {}/{} method {}\n", result.plan.objects, result.plan.bytes, to_string(result.method));
  for (const Verdict verdict : {Verdict::orphan, Verdict::suspect})
    for (const std::string& key : keys_of(result, verdict))
      out += fmt::format("{} {}\n", to_string(verdict), to_printable(key));
  return out;
}

}  // namespace flotsam::test
