#include "report/run_fixture.h"

#include "report/fixture.h"

namespace flotsam::test {
namespace {

constexpr const char* kPlanId = "7f3a00000000000000000000000000c4";
constexpr const char* kJournal = "journals/7f3a00000000000000000000000000c4.ndjson";
constexpr std::uint64_t kMiB = 1U << 20U;

FailedObject failed(std::string key, std::string code, std::string message) {
  return {Key(std::move(key)), std::move(code), std::move(message)};
}

}  // namespace

ApplyResult done_apply() {
  ApplyResult result;
  result.plan_id = kPlanId;
  result.planned = result.deleted = 15;
  result.bytes = 3 * kMiB;
  result.method = DeleteMethod::version;
  result.recoverable_until = at("2026-12-23T06:50:00Z");
  result.journal = kJournal;
  return result;
}

ApplyResult skipping_apply() {
  ApplyResult result = done_apply();
  result.planned = 2050;
  result.deleted = 1960;
  result.skipped = {11, 12, 13, 14, 15, 1, 16, 2, 6};
  result.retry_after = at("2026-11-23T07:41:21Z");
  result.method = DeleteMethod::quarantine;
  result.guards = {{"max-deletions", true, "2,050 orphans are more than 1,000."},
                   {"orphan-percent", true, "28.7 % of the judged objects are unreferenced."}};
  return result;
}

ApplyResult partial_apply() {
  ApplyResult result = done_apply();
  result.planned = 9214;
  result.deleted = 9100;
  result.bytes = 1400 * kMiB;
  result.skipped[static_cast<std::size_t>(SkipReason::changed)] = 90;
  result.left = 6;
  result.failed_count = 18;
  result.failed = {failed("books/77/cover\x1b[2J.png", "AccessDenied", "Access Denied\x1b[31m"),
                   failed("books/caf\xe9/1.png", "TooLong", ""),
                   failed("books/78/cover.png", "AccessDenied", "Access Denied"),
                   failed("books/\u6f22\u5b57.png", "InternalError", "We encountered an internal error"),
                   failed("books/79/cover.png", "AccessDenied", "Access Denied"),
                   failed("books/80/cover.png", "AccessDenied", "Access Denied"),
                   failed("books/81/cover.png", "AccessDenied", "Access Denied")};
  result.stopped_by = "5 failures in a row";
  result.recoverable_note =
      "undo_days grants 30 days, but a lifecycle rule of the bucket may remove it earlier: the rules could "
      "not be read";
  result.status = RunStatus::partial;
  return result;
}

ApplyResult refused_apply() {
  ApplyResult result;
  result.plan_id = kPlanId;
  result.planned = 15'004;
  result.left = 15'004;
  result.method = DeleteMethod::version;
  result.guards = {{"recheck", false,
                    "212 of the 15,004 objects of the plan (1.4 %, limit 1 %) are referenced again, 9 h "
                    "after the scan: the "
                    "application is using what this plan calls orphans. Nothing was deleted."}};
  result.stopped_by = "refused by recheck";
  result.status = RunStatus::refused;
  return result;
}

ApplyResult refused_midway_apply() {
  ApplyResult result = refused_apply();
  result.deleted = 111;
  result.bytes = 5 * kMiB;
  result.left = 14'893;
  result.recoverable_until = at("2026-12-23T06:50:00Z");
  result.journal = kJournal;
  result.guards.front() = {"references-empty", false,
                           "'book images' gave no key in scope. Nothing more is deleted."};
  return result;
}

ApplyResult permanent_apply() {
  ApplyResult result = done_apply();
  result.method = DeleteMethod::permanent;
  result.recoverable_until.reset();
  result.recoverable_note = "delete.method is \"permanent\": what was deleted is gone for good";
  result.guards = {{"recoverable", true, "What is deleted cannot be brought back."}};
  return result;
}

RestoreResultSummary done_restore() {
  RestoreResultSummary result;
  result.restored = 15;
  result.bytes = 3 * kMiB;
  result.journal = "journals/7f3a00000000000000000000000000c4.undo.ndjson";
  return result;
}

RestoreResultSummary partial_restore() {
  RestoreResultSummary result = done_restore();
  result.superseded = {Key("books/1\u202e.png"), Key("books/\xff.png"), Key("books/3.png"),
                       Key("books/4.png"),       Key("books/5.png"),    Key("books/6.png")};
  result.superseded_count = 1007;
  result.lost = 2;
  result.failed = {failed("books/7.png", "AccessDenied", "Access Denied")};
  result.failed_count = 1;
  result.left = 3;
  result.stopped_by = "The store asked for credentials again.";
  result.status = RunStatus::partial;
  return result;
}

RescueReport found_rescue() {
  RescueReport report;
  report.dangling = 1974;
  report.found = 212;
  report.bytes = 40 * kMiB;
  report.sample = {{Key("books/1/cover.png"), 1024, "marker", "book images"},
                   {Key("books/\x07/cover.png"), 2048, "version", "book images"},
                   {Key("books/\xe9/cover.png"), 0, "quarantine", "covers\x1b[0m"}};
  return report;
}

PurgeReport due_purge() {
  PurgeReport report;
  report.quarantined = 1200;
  report.due = 1000;
  report.due_bytes = 90 * kMiB;
  report.referenced = 4;
  report.kept = 5;
  report.unknown = 3;
  report.undo_days = 30;
  report.sample = {{Key("books/1/cover.png"), 1024, kPlanId}, {Key("books/\x1b/c.png"), 2048, kPlanId}};
  return report;
}

LockReport two_locks() {
  LockReport report;
  report.store_url = "s3://my-bucket";
  report.now = at("2026-11-23T06:55:00Z");
  LockHolder holder;
  holder.run = std::string("apply ") + kPlanId;
  holder.prefixes = {"books/", "covers\x1b/"};
  holder.host = "web1";
  holder.boot_id = "0f0f";
  holder.pid = 4711;
  holder.token = "a token that nobody must see";
  holder.acquired_at = at("2026-11-23T06:50:00Z");
  holder.expires_at = at("2026-11-23T07:00:00Z");
  report.holders.push_back(holder);
  holder.run = "purge";
  holder.prefixes = {""};
  holder.host = "web2";
  holder.pid = 12;
  holder.expires_at = at("2026-11-23T06:54:59Z");
  report.holders.push_back(holder);
  return report;
}

HistoryReport busy_history() {
  const auto run = [](const char* kind, const char* id, const char* moment) {
    HistoryEntry entry;
    entry.kind = kind;
    entry.id = id;
    entry.at = at(moment);
    entry.store_url = "s3://my-bucket";
    entry.prefixes = {"books/"};
    entry.config_digest = "c0ffee";
    entry.status = "ok";
    return entry;
  };
  const auto scan = [&](const char* id, const char* moment, std::uint64_t orphans, std::uint64_t suspects) {
    HistoryEntry entry = run("scan", id, moment);
    entry.objects = 5089;
    entry.bytes = 1363148800;
    entry.orphans = entry.planned = orphans;
    entry.suspects = suspects;
    entry.distinct_keys = {{"book images", 5074}, {"covers", 12}};
    return entry;
  };
  HistoryReport report;
  report.runs = {scan("7f3a00000000000000000000000000c1", "2026-11-20T06:41:21Z", 20, 0),
                 scan("7f3a00000000000000000000000000c2", "2026-11-21T06:41:21Z", 15, 1800),
                 scan("7f3a00000000000000000000000000c4", "2026-11-23T06:41:21Z", 15, 0)};
  report.runs[1].status = "refused";
  HistoryEntry apply = run("apply", kPlanId, "2026-11-23T06:50:00Z");
  apply.of = kPlanId;
  apply.status = "partial";
  apply.planned = 15;
  apply.deleted = 9;
  apply.skipped = 1;
  apply.failed = 2;
  apply.bytes = 2 * kMiB;
  report.runs.push_back(apply);
  apply.at = at("2026-11-23T07:50:00Z");
  apply.status = "ok";
  apply.deleted = 14;
  apply.failed = 0;
  report.runs.push_back(apply);
  HistoryEntry undo = run("undo", "7f3a00000000000000000000000000c4.undo", "2026-11-23T08:00:00Z");
  undo.of = kPlanId;
  undo.restored = 13;
  undo.skipped = 1;
  undo.bytes = kMiB;
  report.runs.push_back(undo);
  HistoryEntry purge = run("purge", "00000000000000000000000000000001", "2026-12-30T08:00:00Z");
  purge.purged = 1000;
  purge.restored = 4;
  report.runs.push_back(purge);
  HistoryEntry other = scan("7f3a0000000000000000000000000001", "2026-11-22T00:00:00Z", 0, 0);
  other.store_url = "file:///srv/me\x1b[31mdia";
  other.prefixes = {"b/", "a\xff/"};
  report.runs.push_back(other);
  other.prefixes = {"a\xff/", "b/"};
  other.id = "7f3a0000000000000000000000000002";
  other.at = at("2026-11-22T01:00:00Z");
  report.runs.push_back(other);
  HistoryEntry rescue = run("rescue", "00000000000000000000000000000002", "2026-12-01T00:00:00Z");
  rescue.store_url = "s3://other";
  rescue.prefixes = {""};
  report.runs.push_back(rescue);
  return report;
}

HistoryReport long_history() {
  HistoryReport report;
  for (std::uint64_t i = 0; i < 61; ++i) {
    HistoryEntry entry;
    entry.id = "id" + std::to_string(i);
    entry.at = at("2026-11-20T06:41:21Z") + std::chrono::hours(i);
    entry.store_url = "s3://my-bucket";
    entry.prefixes = {"books/"};
    entry.status = "ok";
    entry.orphans = i;
    report.runs.push_back(std::move(entry));
  }
  return report;
}

ApplyPrompt prompt_of_healthy() {
  ApplyPrompt prompt;
  prompt.report = to_report(healthy_scan(), plan_reference());
  prompt.evidence = to_evidence(healthy_scan());
  prompt.plan_id = kPlanId;
  prompt.objects = 15;
  prompt.bytes = 3 * kMiB;
  prompt.store_url = "s3://my-bucket";
  prompt.method = DeleteMethod::version;
  prompt.undo_days = 30;
  return prompt;
}

ApplyPrompt prompt_of_hostile() {
  ApplyPrompt prompt = prompt_of_healthy();
  prompt.report = to_report(hostile_scan(), plan_reference());
  prompt.evidence = to_evidence(hostile_scan());
  prompt.objects = 2;
  prompt.store_url = "s3://my-bucket\x1b[2J";
  prompt.method = DeleteMethod::quarantine;
  prompt.quarantine = "s3://my-bucket/.flotsam-quarantine/";
  prompt.undo_days = 1;
  prompt.overridden = {{"suspects", true, "2 suspects are 40.0 % of the judged."}};
  prompt.resumes = true;
  return prompt;
}

}  // namespace flotsam::test
