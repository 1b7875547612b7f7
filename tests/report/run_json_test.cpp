#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/fixture.h"
#include "report/run_fixture.h"

namespace flotsam::test {

TEST(RunJson, OfAnApplyHasEveryFieldInItsOrder) {
  EXPECT_EQ(
      to_json(skipping_apply()),
      R"({"deleted":1960,"bytes_freed_or_recoverable":3145728,)"
      R"("skipped":{"referenced":11,"derived":12,"protected":13,"unrecognised":14,"young":15,"suspect":1,)"
      R"("changed":16,"gone":2,"settling":6},"failed":[],"recoverable_until":"2026-12-23T06:50:00Z",)"
      R"("journal":"journals/7f3a00000000000000000000000000c4.ndjson","status":"ok",)"
      R"("plan":"7f3a00000000000000000000000000c4","planned":2050,"method":"quarantine","left":0,)"
      R"("failed_count":0,"retry_after":"2026-11-23T07:41:21Z","recoverable_note":null,)"
      R"("guards":[{"id":"max-deletions","overridden":true,"message":"2,050 orphans are more than 1,000."},)"
      R"({"id":"orphan-percent","overridden":true,"message":"28.7 % of the judged objects are unreferenced."}],)"
      R"("stopped_by":null})");
}

TEST(RunJson, OfAnApplyThatFailedInPartEscapesWhatStoresAndKeysSay) {
  ApplyResult result = partial_apply();
  result.failed.resize(2);
  result.failed[1].message = "not \xff UTF-8";
  EXPECT_EQ(
      to_json(result),
      R"({"deleted":9100,"bytes_freed_or_recoverable":1468006400,)"
      R"("skipped":{"referenced":0,"derived":0,"protected":0,"unrecognised":0,"young":0,"suspect":0,"changed":90,)"
      R"("gone":0,"settling":0},"failed":[)"
      R"({"key":"books/77/cover\u001b[2J.png","code":"AccessDenied","message":"Access Denied\u001b[31m"},)"
      R"({"key":{"base64":"Ym9va3MvY2Fm6S8xLnBuZw=="},"code":"TooLong","message":"not \\xff UTF-8"}],)"
      R"("recoverable_until":"2026-12-23T06:50:00Z",)"
      R"("journal":"journals/7f3a00000000000000000000000000c4.ndjson","status":"partial",)"
      R"("plan":"7f3a00000000000000000000000000c4","planned":9214,"method":"version","left":6,"failed_count":18,)"
      R"("retry_after":null,"recoverable_note":"undo_days grants 30 days, but a lifecycle rule of the bucket )"
      R"(may remove it earlier: the rules could not be read",)"
      R"("guards":[],"stopped_by":"5 failures in a row"})");
}

TEST(RunJson, OfARefusedApplyHasNoJournalAndNoDate) {
  const auto json = nlohmann::json::parse(to_json(refused_apply()));
  EXPECT_TRUE(json.at("journal").is_null());
  EXPECT_TRUE(json.at("recoverable_until").is_null());
  EXPECT_EQ(json.at("status"), "refused");
  EXPECT_EQ(json.at("deleted"), 0);
  EXPECT_EQ(json.at("guards").at(0).at("overridden"), false);
}

TEST(RunJson, NamesEveryStatusAndMethod) {
  for (const RunStatus status : {RunStatus::ok, RunStatus::partial, RunStatus::failed, RunStatus::refused})
    for (const DeleteMethod method :
         {DeleteMethod::version, DeleteMethod::quarantine, DeleteMethod::permanent, DeleteMethod::none}) {
      ApplyResult result;
      result.status = status;
      result.method = method;
      const auto json = nlohmann::json::parse(to_json(result));
      EXPECT_EQ(json.at("status"), std::string(to_string(status)));
      EXPECT_EQ(json.at("method"), std::string(to_string(method)));
    }
}

TEST(RunJson, OfAnUndoHasEveryFieldInItsOrder) {
  RestoreResultSummary result = partial_restore();
  result.superseded.resize(2);
  EXPECT_EQ(
      to_json(UndoReport{result, true, "x"}),
      R"({"restored":15,"bytes":3145728,"superseded":["books/1\u202e.png",{"base64":"Ym9va3Mv/y5wbmc="}],)"
      R"("failed":[{"key":"books/7.png","code":"AccessDenied","message":"Access Denied"}],)"
      R"("journal":"journals/7f3a00000000000000000000000000c4.undo.ndjson","status":"partial",)"
      R"("superseded_count":1007,"failed_count":1,"lost":2,"left":3,)"
      R"("stopped_by":"The store asked for credentials again.","dry_run":true})");
}

TEST(RunJson, OfARescueTellsWhatWasFoundAndWhatCameBack) {
  RescueReport report = found_rescue();
  report.sample.resize(2);
  EXPECT_EQ(
      to_json(report),
      R"({"restored":0,"bytes":0,"superseded":[],"failed":[],"journal":null,"status":"ok","superseded_count":0,)"
      R"("failed_count":0,"lost":0,"left":0,"stopped_by":null,"dangling":1974,"found":212,)"
      R"("found_bytes":41943040,"sample":[)"
      R"({"key":"books/1/cover.png","size":1024,"place":"marker","source":"book images"},)"
      R"({"key":"books/\u0007/cover.png","size":2048,"place":"version","source":"book images"}]})");
  report.restored = partial_restore();
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json.at("restored"), 15);
  EXPECT_EQ(json.at("bytes"), 3145728);
  EXPECT_EQ(json.at("status"), "partial");
  EXPECT_EQ(json.at("lost"), 2);
  EXPECT_EQ(json.at("found"), 212);
}

TEST(RunJson, OfAPurgeTellsWhatIsDueAndWhatWent) {
  PurgeReport report = due_purge();
  report.done = done_restore();
  report.done->purged = 1000;
  report.done->restored = 4;
  report.guards = {{"reference-drop", false, "m"}};
  EXPECT_EQ(
      to_json(report),
      R"({"purged":1000,"bytes":3145728,"superseded":[],"failed":[],)"
      R"("journal":"journals/7f3a00000000000000000000000000c4.undo.ndjson","status":"ok","superseded_count":0,)"
      R"("failed_count":0,"lost":0,"left":0,"stopped_by":null,"returned":4,"quarantined":1200,"due":1000,)"
      R"("due_bytes":94371840,"referenced":4,"kept":5,"unknown":3,"sample":[)"
      R"({"key":"books/1/cover.png","size":1024,"run":"7f3a00000000000000000000000000c4"},)"
      R"({"key":"books/\u001b/c.png","size":2048,"run":"7f3a00000000000000000000000000c4"}],)"
      R"("guards":[{"id":"reference-drop","overridden":false,"message":"m"}]})");
}

TEST(RunJson, OfAPurgeThatAGuardRefusedSaysSo) {
  PurgeReport report;
  report.refused = true;
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json.at("status"), "refused");
  EXPECT_EQ(json.at("purged"), 0);
  EXPECT_EQ(nlohmann::json::parse(to_json(due_purge())).at("status"), "ok");
}

TEST(RunJson, OfLocksNamesTheirHoldersAndNoToken) {
  EXPECT_EQ(to_json(two_locks()),
            R"({"store":"s3://my-bucket","broken":false,"holders":[)"
            R"({"run":"apply 7f3a00000000000000000000000000c4","prefixes":["books/","covers\u001b/"],)"
            R"("host":"web1","pid":4711,"acquired_at":"2026-11-23T06:50:00Z",)"
            R"("expires_at":"2026-11-23T07:00:00Z","expired":false},)"
            R"({"run":"purge","prefixes":[""],"host":"web2","pid":12,"acquired_at":"2026-11-23T06:50:00Z",)"
            R"("expires_at":"2026-11-23T06:54:59Z","expired":true}]})");
  LockReport report;
  report.broken = true;
  EXPECT_EQ(to_json(report), R"({"store":"","broken":true,"holders":[]})");
}

TEST(RunJson, OfTheHistoryHasEveryFieldOfEveryRun) {
  HistoryReport report = busy_history();
  EXPECT_EQ(nlohmann::json::parse(to_json(report)).at("runs").size(), report.runs.size());
  HistoryEntry entry = report.runs[5];  // an undo
  entry.objects = 1;
  entry.bytes = 2;
  entry.orphans = 3;
  entry.suspects = 4;
  entry.planned = 5;
  entry.deleted = 6;
  entry.skipped = 7;
  entry.failed = 8;
  entry.restored = 9;
  entry.purged = 10;
  entry.distinct_keys = {{"book images", 11}, {"c\xff", 12}};
  report.runs = {entry, report.runs[0]};
  EXPECT_EQ(
      to_json(report),
      R"({"runs":[{"run":"undo","id":"7f3a00000000000000000000000000c4.undo",)"
      R"("of":"7f3a00000000000000000000000000c4","at":"2026-11-23T08:00:00Z","status":"ok",)"
      R"("store":"s3://my-bucket","prefixes":["books/"],"config_digest":"c0ffee","objects":1,"bytes":2,)"
      R"("orphans":3,"suspects":4,"planned":5,"deleted":6,"skipped":7,"failed":8,"restored":9,"purged":10,)"
      R"("distinct_keys":{"book images":11,"c\\xff":12}},)"
      R"({"run":"scan","id":"7f3a00000000000000000000000000c1","of":null,"at":"2026-11-20T06:41:21Z",)"
      R"("status":"ok","store":"s3://my-bucket","prefixes":["books/"],"config_digest":"c0ffee","objects":5089,)"
      R"("bytes":1363148800,"orphans":20,"suspects":0,"planned":20,"deleted":0,"skipped":0,"failed":0,)"
      R"("restored":0,"purged":0,"distinct_keys":{"book images":5074,"covers":12}}]})");
  EXPECT_EQ(to_json(HistoryReport{}), R"({"runs":[]})");
}

TEST(RunJson, IsPrintedIndentedWithTheSameValues) {
  for (const std::string& text :
       {to_json(partial_apply()), to_json(UndoReport{partial_restore(), false, ""}), to_json(found_rescue()),
        to_json(due_purge()), to_json(two_locks()), to_json(busy_history())}) {
    const auto pretty = to_pretty_json(text);
    ASSERT_TRUE(pretty) << to_text(pretty.error());
    EXPECT_EQ(nlohmann::json::parse(*pretty), nlohmann::json::parse(text));
    EXPECT_TRUE(pretty->starts_with("{\n  \"")) << *pretty;
  }
}

}  // namespace flotsam::test
