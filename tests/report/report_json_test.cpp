#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/fixture.h"
#include "report/guard_units.h"
#include "report/rows.h"

namespace flotsam::test {
namespace {

using Json = nlohmann::ordered_json;

Json report_of(const ScanResult& result) {
  return Json::parse(to_report(result, plan_reference()));
}

std::vector<std::string> names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Report, HasTheFieldsOfTheContractInItsOrder) {
  EXPECT_EQ(names_of(report_of(incident_scan())), (Names{"scan_prefix",
                                                         "total_objects_scanned",
                                                         "objects_in_database",
                                                         "orphans_found",
                                                         "orphan_percentage",
                                                         "orphans_by_prefix",
                                                         "sample_orphan_keys",
                                                         "deleted",
                                                         "WARNING",
                                                         "schema_version",
                                                         "status",
                                                         "store",
                                                         "started_at",
                                                         "finished_at",
                                                         "cutoff",
                                                         "verdicts",
                                                         "shapes",
                                                         "groups",
                                                         "age_histogram",
                                                         "size_histogram",
                                                         "references",
                                                         "guards",
                                                         "diagnosis",
                                                         "plan"}));
}

TEST(Report, SaysTheKnownFieldsOfTheHealthyScan) {
  const std::string text = to_report(healthy_scan(), plan_reference());
  EXPECT_TRUE(text.starts_with(
      R"({"scan_prefix":"books/","total_objects_scanned":5089,"objects_in_database":5074,"orphans_found":15,)"
      R"("orphan_percentage":0.3,"orphans_by_prefix":{"books/":15},)"
      R"("sample_orphan_keys":["books/orphan1/photo.jpg","books/orphan7/photo.jpg"],"deleted":0,"schema_version":1,)"
      R"("status":"ok",)"))
      << text;
}

TEST(Report, SaysTheKnownFieldsOfTheIncident) {
  const Json report = report_of(incident_scan());
  EXPECT_EQ(report["scan_prefix"], "");
  EXPECT_EQ(report["total_objects_scanned"], 6892);
  EXPECT_EQ(report["orphans_found"], 6892);
  EXPECT_NE(report.dump().find("\"orphan_percentage\":100.0,"), std::string::npos);
  EXPECT_EQ(report["orphans_by_prefix"],
            Json::parse(R"({"books/":5089,"images/":300,"listings/":1486,"packages/":5,"prompts/":12})"));
  EXPECT_EQ(report["WARNING"], "High orphan rate (100.0%) - verify before deleting");
  EXPECT_EQ(report["status"], "refused");
  EXPECT_EQ(report["plan"]["objects"], 1803);
  EXPECT_EQ(report["plan"]["applicable"], false);
}

TEST(Report, ListsSeveralPrefixes) {
  const Json report = report_of(several_prefixes_scan());
  EXPECT_EQ(report["scan_prefix"], Json::parse(R"(["avatars/","books/","uploads/2026/"])"));
  EXPECT_EQ(
      report["store"],
      Json::parse(
          R"({"url":"file:///srv/media","prefixes":["avatars/","books/","uploads/2026/"],"versioning":"none"})"));
  EXPECT_EQ(report["orphans_by_prefix"], Json::parse(R"({"books/":20})"));
}

struct Share {
  std::string name;
  std::uint64_t unreferenced, scanned;
  std::string percentage;
  bool warns;
};
class OrphanShare : public testing::TestWithParam<Share> {};

TEST_P(OrphanShare, IsRoundedAndWarnsFromExactlyHalf) {
  ScanResult result = healthy_scan();
  result.scanned.objects = GetParam().scanned;
  // Suspects count in the known fields.
  result.verdicts[static_cast<std::size_t>(Verdict::suspect)].objects = GetParam().unreferenced / 2;
  result.verdicts[static_cast<std::size_t>(Verdict::orphan)].objects =
      GetParam().unreferenced - GetParam().unreferenced / 2;
  const std::string text = to_report(result, plan_reference());
  EXPECT_NE(text.find("\"orphan_percentage\":" + GetParam().percentage + ","), std::string::npos) << text;
  const Json report = Json::parse(text);
  EXPECT_EQ(report.contains("WARNING"), GetParam().warns);
  EXPECT_EQ(
      report.value("WARNING", ""),
      GetParam().warns ? "High orphan rate (" + GetParam().percentage + "%) - verify before deleting" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OrphanShare,
    testing::Values(Share{"nothing_scanned", 0, 0, "0.0", false}, Share{"none", 0, 1000, "0.0", false},
                    Share{"hardly_any", 1, 1000000, "0.1", false},
                    Share{"half_a_tenth", 1, 2000, "0.1", false},
                    Share{"under_half", 499'999, 1'000'000, "50.0", false},
                    Share{"half", 500'000, 1'000'000, "50.0", true}, Share{"one_of_two", 1, 2, "50.0", true},
                    Share{"one_of_three", 1, 3, "33.3", false},
                    Share{"all_but_one", 999'999, 1'000'000, "99.9", true}, Share{"all", 7, 7, "100.0", true},
                    Share{"most_there_can_be", ~0ULL, ~0ULL, "100.0", true}),
    [](const auto& each) { return each.param.name; });

TEST(Report, NamesAllEightVerdictsWithTheirCounts) {
  const Json report = report_of(several_prefixes_scan());
  EXPECT_EQ(report["verdicts"].dump(),
            R"({"referenced":{"objects":10,"bytes":10240},"derived":{"objects":4,"bytes":4096},)"
            R"("marker":{"objects":2,"bytes":0},"protected":{"objects":1,"bytes":1024},)"
            R"("unrecognised":{"objects":2,"bytes":2048},"young":{"objects":1,"bytes":3072},)"
            R"("suspect":{"objects":3,"bytes":3072},"orphan":{"objects":17,"bytes":17408}})");
  EXPECT_EQ(names_of(report_of(empty_scan())["verdicts"]).size(), 8U);
}

TEST(Report, SaysItsTimes) {
  const Json report = report_of(healthy_scan());
  EXPECT_EQ(report["started_at"], "2026-11-23T06:41:03Z");
  EXPECT_EQ(report["finished_at"], "2026-11-23T06:41:21Z");
  EXPECT_EQ(report["cutoff"], "2026-11-16T06:41:02Z");
}

TEST(Report, HasTheRowsOfShapesGroupsAndHistograms) {
  const Json report = report_of(healthy_scan());
  EXPECT_EQ(
      report["shapes"][0].dump(),
      R"({"shape":"books/orphan#/photo.jpg","objects":15,"orphans":15,"bytes":3145728,"orphan_bytes":3145728})");
  EXPECT_EQ(report["groups"][1].dump(), R"({"group":"books/515/","objects":8,"orphans":0,"orphan_bytes":0})");
  EXPECT_EQ(report["age_histogram"][2].dump(),
            R"({"from":604800,"to":2592000,"objects":89,"orphans":15,"bytes":24117248})");
  EXPECT_EQ(report["age_histogram"][5].dump(),
            R"({"from":31536000,"to":null,"objects":0,"orphans":0,"bytes":0})");
  EXPECT_EQ(report["age_histogram"][6].dump(),
            R"({"from":null,"to":null,"objects":0,"orphans":0,"bytes":0})");
  EXPECT_EQ(report["size_histogram"][3].dump(),
            R"({"from":16384,"to":262144,"objects":2000,"orphans":15,"bytes":316669952})");
}

TEST(Report, ListsFiftyShapesAndGroupsAndTheRestAsOther) {
  ScanResult result = healthy_scan();
  result.shapes.clear();
  for (std::uint64_t i = 0; i < 60; ++i)
    result.shapes.push_back(row("s" + std::to_string(i), {10, 100}, {2, 20}, 8));
  result.shapes[3].name = "(other)";
  result.groups = result.shapes;
  const Json report = report_of(result);
  ASSERT_EQ(report["shapes"].size(), 51U);
  EXPECT_EQ(report["shapes"][49]["shape"], "s50");
  EXPECT_EQ(report["shapes"][50].dump(),
            R"x({"shape":"(other)","objects":100,"orphans":20,"bytes":1000,"orphan_bytes":200})x");
  ASSERT_EQ(report["groups"].size(), 51U);
  EXPECT_EQ(report["groups"][50].dump(),
            R"x({"group":"(other)","objects":100,"orphans":20,"orphan_bytes":200})x");
  result.shapes.resize(3);
  EXPECT_EQ(report_of(result)["shapes"].size(), 3U);
}

TEST(Report, SaysWhatEachSourceGave) {
  const Json references = report_of(several_prefixes_scan())["references"];
  ASSERT_EQ(references.size(), 2U);
  EXPECT_EQ(
      references[0].dump(),
      R"({"name":"books","rows":20,"empty":3,"unmatched":2,"distinct_keys":12,"outside":3,"resolved":10,"dangling":2,)"
      R"("resolution_percentage":66.7,"templates":[{"template":"books/{id}.jpg","distinct_keys":8,"resolved":8},)"
      R"({"template":"books/{cover|lower}","distinct_keys":4,"resolved":2}],)"
      R"("sample_dangling":["books/91.jpg","books/92.jpg"]})");
  EXPECT_TRUE(references[1]["resolution_percentage"].is_null());
  EXPECT_TRUE(references[1]["templates"].empty());
}

TEST(Report, LeavesKeysOutsideOutOfTheResolutionWhereTheyAreIgnored) {
  ScanResult result = several_prefixes_scan();
  result.sources[0].outside_ignored = true;
  EXPECT_NE(to_report(result, plan_reference()).find("\"resolution_percentage\":83.3,"), std::string::npos);
  EXPECT_EQ(report_of(result)["references"][0]["outside"], 3);
}

TEST(Report, ShowsAtMostTenSamples) {
  ScanResult result = healthy_scan();
  while (result.sample_unreferenced.size() < 12)
    result.sample_unreferenced.push_back(result.sample_unreferenced.front());
  result.sources[0].sample_dangling.assign(12, "books/x");
  EXPECT_EQ(report_of(result)["sample_orphan_keys"].size(), 10U);
  EXPECT_EQ(report_of(result)["references"][0]["sample_dangling"].size(), 10U);
}

TEST(Report, SaysWhatEachGuardRuled) {
  const Json guards = report_of(incident_scan())["guards"];
  ASSERT_EQ(guards.size(), 14U);
  EXPECT_EQ(names_of(guards[1]), (Names{"id", "ruling", "value", "limit", "overridable", "message"}));
  EXPECT_EQ(guards[1]["id"], "resolution");
  EXPECT_EQ(guards[1]["ruling"], "refuse");
  EXPECT_EQ(guards[1]["overridable"], false);
  EXPECT_TRUE(guards[1]["message"].get<std::string>().starts_with("Of 5,089 keys"));
  const std::string text = guards.dump();
  EXPECT_NE(text.find(R"("id":"suspects","ruling":"refuse","value":73.8,"limit":1,"overridable":true)"),
            std::string::npos);
  EXPECT_NE(text.find(R"("id":"max-deletions","ruling":"refuse","value":1803,"limit":1000)"),
            std::string::npos);
  EXPECT_NE(text.find(R"("id":"max-bytes","ruling":"pass","value":3145728,"limit":107374182400)"),
            std::string::npos);
  EXPECT_NE(text.find(R"("id":"reference-drop","ruling":"pass","value":null,"limit":5)"), std::string::npos);
  EXPECT_NE(text.find(R"("id":"conditional-delete","ruling":"pass","value":null,"limit":null)"),
            std::string::npos);
}

TEST(Report, SaysWhichPlanWasWritten) {
  const Json report = report_of(healthy_scan());
  EXPECT_EQ(
      report["plan"].dump(),
      R"({"path":"/srv/state/plans/7f3a00000000000000000000000000c4.ndjson","id":"7f3a00000000000000000000000000c4",)"
      R"("objects":15,"bytes":3145728,"expires_at":"2026-11-24T06:41:21Z","applicable":true})");
  EXPECT_EQ(report["diagnosis"], Json::array());
  EXPECT_EQ(report_of(empty_scan())["plan"]["applicable"], true);
}

TEST(Report, CarriesKeysThatAreNotUtf8) {
  const Json report = report_of(hostile_scan());
  EXPECT_EQ(report["sample_orphan_keys"][3], Json::parse(R"({"base64":"Ym9va3MvY2Fm6S5qcGc="})"));
  EXPECT_EQ(report["orphans_by_prefix"], Json::parse(R"({"b\\xff/":15})"));
  EXPECT_EQ(report["references"][0]["sample_dangling"][1], Json::parse(R"({"base64":"Ym9va3Mv//4="})"));
  EXPECT_EQ(report["sample_orphan_keys"][2], "books/bidi\xe2\x80\xaegpj.exe");
}

TEST(Report, AddsFirstPartsThatLookAlikeAsTheNameOfAField) {
  ScanResult result = healthy_scan();
  result.prefixes_found = {row("b\xff/", {2, 2}, {2, 2}, 0), row("b\\xff/", {3, 3}, {3, 3}, 0)};
  EXPECT_EQ(report_of(result)["orphans_by_prefix"], Json::parse(R"({"b\\xff/":5})"));
}

TEST(PrettyJson, IsTheSameObjectIndented) {
  const std::string report = to_report(hostile_scan(), plan_reference());
  const auto pretty = to_pretty_json(report);
  ASSERT_TRUE(pretty.has_value());
  EXPECT_EQ(Json::parse(*pretty).dump(), Json::parse(report).dump());
  EXPECT_TRUE(pretty->starts_with("{\n  \"scan_prefix\": \"books/\",\n")) << pretty->substr(0, 60);
  EXPECT_TRUE(pretty->ends_with("\n}\n"));
  EXPECT_NE(pretty->find("\"diagnosis\": [],\n"), std::string::npos);
  EXPECT_NE(pretty->find("\"orphan_percentage\": 0.3,"), std::string::npos);
  for (const char c : *pretty) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(PrettyJson, EscapesWhatATerminalMustNotSee) {
  const auto pretty = to_pretty_json("{\"a\":\"\xe2\x80\xae\xc2\x9b\"}");
  ASSERT_TRUE(pretty.has_value());
  EXPECT_EQ(*pretty, "{\n  \"a\": \"\\u202e\\u009b\"\n}\n");
}

TEST(PrettyJson, OfWhatIsNoReportFails) {
  for (const char* text : {"", "[]", "{", "{}x", "{\"a\":}", "{\"a\":1,\"a\":2}"}) {
    const auto pretty = to_pretty_json(text);
    ASSERT_FALSE(pretty.has_value()) << text;
    EXPECT_EQ(pretty.error().code, ErrorCode::corrupt) << text;
  }
}

struct GuardNumber {
  std::string name;
  double value;
  std::optional<double> limit;
  std::string text;
};
class GuardPercent : public testing::TestWithParam<GuardNumber> {};

TEST_P(GuardPercent, HasOneDecimalUnlessThatMisleads) {
  EXPECT_EQ(to_value_number(GuardUnit::percent, GetParam().value, GetParam().limit), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Cases, GuardPercent,
                         testing::Values(GuardNumber{"exact", 100, 90, "100.0"},
                                         GuardNumber{"zero", 0, 90, "0.0"},
                                         GuardNumber{"half_up", 12.25, 90, "12.3"},
                                         GuardNumber{"below_a_floor", 89.96, 90, "89.96"},
                                         GuardNumber{"hardly_below_a_floor", 89.9996, 90, "89.9996"},
                                         GuardNumber{"nearly_nothing", 0.01, std::nullopt, "0.01"},
                                         GuardNumber{"nearly_all", 99.99, std::nullopt, "99.99"},
                                         GuardNumber{"at_the_limit", 10, 10, "10.0"}),
                         [](const auto& each) { return each.param.name; });

TEST(GuardLimit, IsAsShortAsItCanBe) {
  EXPECT_EQ(to_limit_number(90), "90");
  EXPECT_EQ(to_limit_number(12.5), "12.5");
  EXPECT_EQ(to_limit_number(0.25), "0.25");
  EXPECT_EQ(to_limit_number(107374182400.0), "107374182400");
}

TEST(GuardLimit, IsReadByPeople) {
  EXPECT_EQ(to_human_number(unit_of_guard("suspects"), "73.8"), "73.8 %");
  EXPECT_EQ(to_human_number(unit_of_guard("max-deletions"), "1803"), "1,803");
  EXPECT_EQ(to_human_number(unit_of_guard("max-bytes"), "1536"), "1.5 KiB");
  EXPECT_EQ(to_human_number(unit_of_guard("recoverable"), "2592000"), "30d");
}

}  // namespace
}  // namespace flotsam::test
