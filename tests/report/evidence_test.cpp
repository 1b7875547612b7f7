#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/fixture.h"

namespace flotsam::test {
namespace {

using Json = nlohmann::ordered_json;

Json evidence_of(const ScanResult& result) {
  return Json::parse(to_evidence(result));
}

TEST(Evidence, SaysWhatTheStoreIs) {
  EXPECT_EQ(
      evidence_of(healthy_scan())["store"].dump(),
      R"({"identity":"https://s3.eu-west-1.amazonaws.com my-bucket","region":"eu-west-1",)"
      R"("credentials":"profile cleanup","versioning":"enabled","object_lock":false,"clock":"2026-11-23T06:41:02Z",)"
      R"("local_clock":"2026-11-23T06:41:03Z","lifecycle":[{"id":"old versions","prefix":"","has_other_filter":false,)"
      R"("expiration_days":null,"noncurrent_expiration_days":90}],"warnings":[]})");
  EXPECT_TRUE(evidence_of(several_prefixes_scan())["store"]["lifecycle"].is_null());
}

TEST(Evidence, ProvesTheListing) {
  EXPECT_EQ(
      evidence_of(several_prefixes_scan())["listing"].dump(),
      R"({"objects":40,"requests":3,"retries":1,"skipped_special":1,"skipped_symlinks":2,"skipped_own":3,)"
      R"("started_at":"2026-11-23T06:41:07Z","finished_at":"2026-11-23T06:41:20Z"})");
}

TEST(Evidence, ProvesTheReadingOfEachSource) {
  const Json sources = evidence_of(several_prefixes_scan())["sources"];
  EXPECT_EQ(sources[0]["non_text_values"], 2);
  EXPECT_EQ(sources[0]["invalid_utf8"], 1);
  EXPECT_TRUE(sources[0]["true_at"].is_null());
  EXPECT_EQ(
      sources[1].dump(),
      R"({"name":"avatars","database":"csv:/srv/avatars.csv.gz","identity":[{"name":"system_identifier",)"
      R"("value":"7301"},{"name":"database","value":"app"}],"rows":4,"non_text_values":0,"invalid_utf8":0,)"
      R"("true_at":"2026-11-20T00:00:00Z","started_at":"2026-11-23T06:41:05Z",)"
      R"("finished_at":"2026-11-23T06:41:06Z","evidence":[],"explained":4,"outside_ignored":false,)"
      R"("may_be_empty":false,"derived":[{"template":"avatars/{id}.png","distinct_keys":4,"matched_objects":4}],)"
      R"("warnings":["The file is three days old."]})");
  EXPECT_EQ(evidence_of(healthy_scan())["sources"][0]["evidence"][1].dump(),
            R"({"name":"rows_announced","value":"5074"})");
}

TEST(Evidence, SaysTheMethodTheRulesAndTheFirstParts) {
  const Json evidence = evidence_of(several_prefixes_scan());
  EXPECT_EQ(evidence["method"], "quarantine");
  EXPECT_EQ(evidence["min_age_seconds"], 604800);
  EXPECT_EQ(evidence["rules"][1].dump(), R"({"kind":"candidates","text":"nothing/**","matched":0})");
  EXPECT_EQ(evidence["first_parts"][0].dump(),
            R"({"name":"avatars/","objects":10,"bytes":10240,"orphans":0,"orphan_bytes":0,"known":4})");
  EXPECT_EQ(evidence["scope_prefixes"].size(), 2U);
}

TEST(Evidence, NamesEachAssumptionWithTheFigureInUse) {
  const Json assumptions = evidence_of(several_prefixes_scan())["assumptions"];
  ASSERT_EQ(assumptions.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(assumptions[i]["id"], "A" + std::to_string(i + 1));
  EXPECT_EQ(assumptions[0]["figure"], "7d");
  EXPECT_EQ(assumptions[1]["figure"], "2026-11-23T06:41:02Z");
  EXPECT_EQ(assumptions[2]["figure"], "the cutoff counts from 2026-11-20T00:00:00Z");
  ScanResult two = several_prefixes_scan();
  two.sources.push_back(two.sources.front());
  two.sources.back().proof.true_at = *parse_rfc3339("2026-11-22T00:00:00Z");
  EXPECT_EQ(evidence_of(two)["assumptions"][2]["figure"], "the cutoff counts from 2026-11-20T00:00:00Z")
      << "the earliest, not the last";
  EXPECT_EQ(evidence_of(healthy_scan())["assumptions"][2]["figure"], "0s");
}

TEST(Evidence, ShowsSamplesWithWhatNearlyNamesThem) {
  const Json suspects = evidence_of(incident_scan())["suspects"];
  EXPECT_EQ(
      suspects[0].dump(),
      R"({"key":"books/515/image_00.webp","size":208896,"last_modified":"2026-10-01T10:00:00Z","verdict":"suspect",)"
      R"("shape":"books/#/image_#.webp","near_reference":"515/image_00.webp"})");
}

TEST(Evidence, AndReportHoldNoSecretThatForeignTextBrought) {
  ScanResult result = healthy_scan();
  const std::string canary = "hunter2CANARY";
  result.sources[0].database = "postgresql://app:" + canary + "@db/app";
  result.sources[0].proof.evidence.emplace_back("conninfo", "host=db password=" + canary);
  result.sources[0].proof.warnings.push_back("retried with password=" + canary);
  result.sources[0].identity.emplace_back("url", "mysql://root:" + canary + "@db/");
  result.store.warnings.push_back("redirected to https://x/?X-Amz-Signature=" + canary);
  result.store.identity = "https://user:" + canary + "@s3.example.com bucket";
  result.store.credentials = "environment X-Amz-Security-Token=" + canary;
  EXPECT_EQ(to_evidence(result).find(canary), std::string::npos) << to_evidence(result);
  EXPECT_EQ(text_of(result, TextStyle{}).find(canary), std::string::npos);
}

}  // namespace
}  // namespace flotsam::test
