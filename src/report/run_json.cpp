#include <array>
#include <string>

#include "plan/json_writer.h"
#include "report/run_report.h"

// The results of runs as JSON: first the fields of SPEC §7 in its order, then what else is known.

namespace flotsam {
namespace {

// A string whatever the bytes: of text that is ours or a store's, not a key.
void write_text(JsonWriter& json, std::string_view field, std::string_view bytes) {
  json.text(field, to_utf8(bytes));
}

void write_time_or_null(JsonWriter& json, std::string_view field, const std::optional<Timestamp>& moment) {
  json.name(field);
  if (moment) {
    json.time(*moment);
  } else {
    json.null();
  }
}

void write_text_or_null(JsonWriter& json, std::string_view field, std::string_view bytes) {
  json.name(field);
  if (bytes.empty()) {
    json.null();
  } else {
    json.text(to_utf8(bytes));
  }
}

void write_failed(JsonWriter& json, const std::vector<FailedObject>& failed) {
  json.name("failed").begin_array();
  for (const FailedObject& object : failed) {
    json.begin_object().text("key", object.key.bytes());
    write_text(json, "code", object.code);
    write_text(json, "message", object.message);
    json.end_object();
  }
  json.end_array();
}

void write_guards(JsonWriter& json, const std::vector<AppliedGuard>& guards) {
  json.name("guards").begin_array();
  for (const AppliedGuard& guard : guards) {
    json.begin_object().text("id", guard.id).boolean("overridden", guard.overridden);
    write_text(json, "message", guard.message);
    json.end_object();
  }
  json.end_array();
}

// `count`: "restored" or "purged", by which the result begins.
void write_summary(JsonWriter& json, std::string_view name, std::uint64_t count,
                   const RestoreResultSummary& result, RunStatus status) {
  json.number(name, count).number("bytes", result.bytes);
  json.name("superseded").begin_array();
  for (const Key& key : result.superseded) json.text(key.bytes());
  json.end_array();
  write_failed(json, result.failed);
  write_text_or_null(json, "journal", result.journal);
  json.text("status", to_string(status));
  json.number("superseded_count", result.superseded_count).number("failed_count", result.failed_count);
  json.number("lost", result.lost).number("left", result.left);
  write_text_or_null(json, "stopped_by", result.stopped_by);
}

}  // namespace

std::string to_json(const ApplyResult& result) {
  JsonWriter json;
  json.begin_object().number("deleted", result.deleted).number("bytes_freed_or_recoverable", result.bytes);
  json.name("skipped").begin_object();
  for (std::size_t i = 0; i < kSkipReasons; ++i)
    json.number(to_string(static_cast<SkipReason>(i)), result.skipped[i]);
  json.end_object();
  write_failed(json, result.failed);
  write_time_or_null(json, "recoverable_until", result.recoverable_until);
  write_text_or_null(json, "journal", result.journal);
  json.text("status", to_string(result.status));
  write_text(json, "plan", result.plan_id);
  json.number("planned", result.planned).text("method", to_string(result.method));
  json.number("left", result.left).number("failed_count", result.failed_count);
  write_time_or_null(json, "retry_after", result.retry_after);
  write_text_or_null(json, "recoverable_note", result.recoverable_note);
  write_guards(json, result.guards);
  write_text_or_null(json, "stopped_by", result.stopped_by);
  json.end_object();
  return json.take();
}

std::string to_json(const UndoReport& report) {
  JsonWriter json;
  json.begin_object();
  write_summary(json, "restored", report.result.restored, report.result, report.result.status);
  json.boolean("dry_run", report.dry_run).end_object();
  return json.take();
}

std::string to_json(const RescueReport& report) {
  JsonWriter json;
  json.begin_object();
  const RestoreResultSummary result = report.restored.value_or(RestoreResultSummary());
  write_summary(json, "restored", result.restored, result, result.status);
  json.number("dangling", report.dangling).number("found", report.found).number("found_bytes", report.bytes);
  json.name("sample").begin_array();
  for (const RescueReport::Found& found : report.sample) {
    json.begin_object().text("key", found.key.bytes()).number("size", found.size_bytes);
    json.text("place", found.place);
    write_text(json, "source", found.source);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string to_json(const PurgeReport& report) {
  JsonWriter json;
  json.begin_object();
  const RestoreResultSummary result = report.done.value_or(RestoreResultSummary());
  write_summary(json, "purged", result.purged, result, report.refused ? RunStatus::refused : result.status);
  json.number("returned", result.restored).number("quarantined", report.quarantined);
  json.number("due", report.due).number("due_bytes", report.due_bytes);
  json.number("referenced", report.referenced).number("kept", report.kept);
  json.number("unknown", report.unknown);
  json.name("sample").begin_array();
  for (const PurgeReport::Due& due : report.sample) {
    json.begin_object().text("key", due.key.bytes()).number("size", due.size_bytes);
    write_text(json, "run", due.run_id);
    json.end_object();
  }
  json.end_array();
  write_guards(json, report.guards);
  json.end_object();
  return json.take();
}

std::string to_json(const LockReport& report) {
  JsonWriter json;
  json.begin_object().text("store", report.store_url).boolean("broken", report.broken);
  json.name("holders").begin_array();
  for (const LockHolder& holder : report.holders) {
    json.begin_object();
    write_text(json, "run", holder.run);
    json.name("prefixes").begin_array();
    for (const std::string& prefix : holder.prefixes) json.text(prefix);
    json.end_array();
    write_text(json, "host", holder.host);
    json.number("pid", holder.pid)
        .time("acquired_at", holder.acquired_at)
        .time("expires_at", holder.expires_at);
    json.boolean("expired", holder.expires_at < report.now).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string to_json(const HistoryReport& report) {
  JsonWriter json;
  json.begin_object().name("runs").begin_array();
  for (const HistoryEntry& run : report.runs) {
    json.begin_object().text("run", run.kind).text("id", run.id);
    write_text_or_null(json, "of", run.of);
    json.time("at", run.at).text("status", run.status).text("store", run.store_url);
    json.name("prefixes").begin_array();
    for (const std::string& prefix : run.prefixes) json.text(prefix);
    json.end_array().text("config_digest", run.config_digest);
    json.number("objects", run.objects).number("bytes", run.bytes).number("orphans", run.orphans);
    json.number("suspects", run.suspects).number("planned", run.planned).number("deleted", run.deleted);
    json.number("skipped", run.skipped).number("failed", run.failed).number("restored", run.restored);
    json.number("purged", run.purged).name("distinct_keys").begin_object();
    for (const auto& [source, count] : run.distinct_keys) json.number(source, count);
    json.end_object().end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace flotsam
