#include <algorithm>
#include <map>
#include <string>

#include "base/text.h"
#include "plan/json_writer.h"
#include "report/guard_units.h"
#include "report/report.h"
#include "report/rows.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kSchemaVersion = 1;
constexpr std::size_t kSampleMax = 10;

std::uint64_t unreferenced_of(const ScanResult& result) {
  return result.of(Verdict::orphan).objects + result.of(Verdict::suspect).objects;
}

void write_scan_prefix(JsonWriter& json, const ScanResult& result) {
  json.name("scan_prefix");
  if (result.prefixes.size() == 1) {
    json.text(result.prefixes.front());
    return;
  }
  json.begin_array();
  for (const std::string& prefix : result.prefixes) json.text(prefix);
  json.end_array();
}

// The fields that operators of the original system know. "Orphan" counts all unreferenced objects here.
void write_known_fields(JsonWriter& json, const ScanResult& result) {
  const std::uint64_t unreferenced = unreferenced_of(result);
  const std::uint64_t scanned = result.scanned.objects;
  write_scan_prefix(json, result);
  json.number("total_objects_scanned", scanned).number("objects_in_database", result.objects_in_database);
  json.number("orphans_found", unreferenced);
  json.name("orphan_percentage").tenths(to_percent_tenths(unreferenced, scanned));
  // Two first path parts that are not UTF-8 can look alike as a field's name: their counts are added.
  std::map<std::string, std::uint64_t> by_prefix;
  for (const TallyRow& row : result.prefixes_found)
    if (row.orphans.objects > 0) by_prefix[to_utf8(row.name)] += row.orphans.objects;
  json.name("orphans_by_prefix").begin_object();
  for (const auto& [prefix, count] : by_prefix) json.number(prefix, count);
  json.end_object();
  json.name("sample_orphan_keys").begin_array();
  const auto& samples = result.sample_unreferenced;
  for (std::size_t i = 0; i < std::min(samples.size(), kSampleMax); ++i)
    json.text(samples[i].object.key.bytes());
  json.end_array();
  json.number("deleted", 0);
  if (scanned > 0 && unreferenced >= scanned - unreferenced)
    json.text("WARNING",
              "High orphan rate (" + to_percent(unreferenced, scanned) + "%) - verify before deleting");
}

void write_store(JsonWriter& json, const ScanResult& result) {
  json.name("store").begin_object().text("url", result.store_url).name("prefixes").begin_array();
  for (const std::string& prefix : result.prefixes) json.text(prefix);
  json.end_array().text("versioning", to_string(result.store.versioning)).end_object();
}

void write_verdicts(JsonWriter& json, const ScanResult& result) {
  json.name("verdicts").begin_object();
  for (const Verdict verdict : kAllVerdicts) {
    const Count& count = result.of(verdict);
    json.name(to_string(verdict))
        .begin_object()
        .number("objects", count.objects)
        .number("bytes", count.bytes);
    json.end_object();
  }
  json.end_object();
}

void write_tables(JsonWriter& json, const ScanResult& result) {
  json.name("shapes").begin_array();
  for (const TallyRow& row : capped(result.shapes)) {
    json.begin_object().text("shape", row.name).number("objects", row.all.objects);
    json.number("orphans", row.orphans.objects).number("bytes", row.all.bytes);
    json.number("orphan_bytes", row.orphans.bytes).end_object();
  }
  json.end_array().name("groups").begin_array();
  for (const TallyRow& row : capped(result.groups)) {
    json.begin_object().text("group", row.name).number("objects", row.all.objects);
    json.number("orphans", row.orphans.objects).number("orphan_bytes", row.orphans.bytes).end_object();
  }
  json.end_array();
}

void write_histogram(JsonWriter& json, std::string_view name, const std::vector<HistogramBin>& bins) {
  json.name(name).begin_array();
  const auto edge = [&](std::string_view side, const std::optional<std::uint64_t>& value) {
    json.name(side);
    if (value) {
      json.number(*value);
    } else {
      json.null();
    }
  };
  for (const HistogramBin& bin : bins) {
    json.begin_object();
    edge("from", bin.from);
    edge("to", bin.to);
    json.number("objects", bin.all.objects)
        .number("orphans", bin.orphans)
        .number("bytes", bin.all.bytes)
        .end_object();
  }
  json.end_array();
}

void write_source(JsonWriter& json, const SourceFindings& source) {
  json.begin_object().text("name", source.name).number("rows", source.rows).number("empty", source.empty);
  json.number("unmatched", source.unmatched).number("distinct_keys", source.distinct_keys);
  json.number("outside", source.outside)
      .number("resolved", source.resolved)
      .number("dangling", source.dangling);
  json.name("resolution_percentage");
  if (source.has_objects) {
    const std::uint64_t needed = source.distinct_keys + (source.outside_ignored ? 0 : source.outside);
    json.tenths(to_percent_tenths(source.resolved, needed));
  } else {
    json.null();
  }
  json.name("templates").begin_array();
  for (const TemplateFindings& found : source.templates) {
    if (found.is_derived) continue;
    json.begin_object().text("template", found.text).number("distinct_keys", found.distinct_keys);
    json.number("resolved", found.resolved).end_object();
  }
  json.end_array().name("sample_dangling").begin_array();
  for (std::size_t i = 0; i < std::min(source.sample_dangling.size(), kSampleMax); ++i)
    json.text(source.sample_dangling[i]);
  json.end_array().end_object();
}

void write_guard(JsonWriter& json, const GuardRuling& guard) {
  const GuardUnit unit = unit_of_guard(guard.id);
  json.begin_object().text("id", guard.id).text("ruling", to_string(guard.ruling));
  json.name("value").raw(guard.value ? to_value_number(unit, *guard.value, guard.limit) : "null");
  json.name("limit").raw(guard.limit ? to_limit_number(*guard.limit) : "null");
  json.boolean("overridable", guard.overridable).text("message", to_utf8(guard.message)).end_object();
}

}  // namespace

std::string to_report(const ScanResult& result, const PlanReference& plan) {
  JsonWriter json;
  json.begin_object();
  write_known_fields(json, result);
  json.number("schema_version", kSchemaVersion).text("status", result.refused() ? "refused" : "ok");
  write_store(json, result);
  json.time("started_at", result.started_at)
      .time("finished_at", result.finished_at)
      .time("cutoff", result.cutoff);
  write_verdicts(json, result);
  write_tables(json, result);
  write_histogram(json, "age_histogram", result.age_histogram);
  write_histogram(json, "size_histogram", result.size_histogram);
  json.name("references").begin_array();
  for (const SourceFindings& source : result.sources) write_source(json, source);
  json.end_array().name("guards").begin_array();
  for (const GuardRuling& guard : result.guards) write_guard(json, guard);
  json.end_array().name("diagnosis").begin_array().end_array();
  json.name("plan").begin_object().text("path", plan.path).text("id", plan.id);
  json.number("objects", result.plan.objects).number("bytes", result.plan.bytes);
  json.time("expires_at", plan.expires_at).boolean("applicable", !result.refused()).end_object();
  return json.end_object().take();
}

}  // namespace flotsam
