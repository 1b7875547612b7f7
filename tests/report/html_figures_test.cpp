#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/html_fixture.h"
#include "report/html_reading.h"

namespace flotsam::test {
namespace {

using Json = nlohmann::ordered_json;

struct Page {
  Json report, evidence;
  std::unique_ptr<HtmlNode> root;
};

Page page_of(const ScanResult& result) {
  Page page;
  page.report = Json::parse(to_report(result, plan_reference()));
  page.evidence = Json::parse(to_evidence(result));
  std::string problem;
  page.root = read_html(html_of(result), problem);
  EXPECT_EQ(problem, "");
  return page;
}

std::string number(const Json& json) {
  return with_separators(json.get<std::uint64_t>());
}
std::string bytes(const Json& json) {
  return to_human_bytes(json.get<std::uint64_t>());
}
std::string share(const Json& part, const Json& whole) {
  return to_percent(part.get<std::uint64_t>(), whole.get<std::uint64_t>()) + " %";
}

class HtmlFigures : public testing::TestWithParam<ScanResult (*)()> {
 protected:
  void SetUp() override { page_ = page_of(GetParam()()); }
  HtmlRows rows(std::string_view caption) const { return table_of(*page_.root, caption); }
  Page page_;
};
INSTANTIATE_TEST_SUITE_P(Cases, HtmlFigures,
                         testing::Values(healthy_scan, incident_scan, several_prefixes_scan));

TEST_P(HtmlFigures, OfVerdictsAreTheReportsAndAddUpToWhatWasScanned) {
  const HtmlRows table = rows("Each object has exactly one verdict");
  ASSERT_EQ(table.size(), page_.report["verdicts"].size() + 2);
  std::size_t at = 1;
  for (const auto& [name, count] : page_.report["verdicts"].items()) {
    EXPECT_EQ(table[at][0], " " + name);
    EXPECT_EQ(table[at][1], number(count["objects"]));
    EXPECT_EQ(table[at][3], bytes(count["bytes"]));
    EXPECT_FALSE(table[at][4].empty());
    ++at;
  }
  EXPECT_EQ(table[at][0], "scanned");
  EXPECT_EQ(table[at][1], number(page_.report["total_objects_scanned"]));
}

TEST_P(HtmlFigures, OfShapesAreTheReports) {
  const HtmlRows table = rows("Shapes: what is unreferenced of each");
  const Json& shapes = page_.report["shapes"];
  ASSERT_EQ(table.size(), shapes.size() + 1);
  for (const Json& shape : shapes) {
    const std::vector<std::string> expected = {
        shape["shape"],           number(shape["objects"]),
        number(shape["orphans"]), share(shape["orphans"], shape["objects"]),
        bytes(shape["bytes"]),    bytes(shape["orphan_bytes"])};
    EXPECT_NE(std::find(table.begin(), table.end(), expected), table.end()) << shape.dump();
  }
}

TEST_P(HtmlFigures, OfFirstPartsAndGroupsAreTheReports) {
  const HtmlRows parts = rows("First path parts"), groups = rows("Groups: the first two parts");
  ASSERT_EQ(parts.size(), page_.evidence["first_parts"].size() + 1);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Json& part = page_.evidence["first_parts"][i - 1];
    const bool foreign = part["orphans"] > 0 && part["known"] == 0;
    EXPECT_EQ(parts[i], (std::vector<std::string>{
                            part["name"], number(part["objects"]), number(part["orphans"]),
                            share(part["orphans"], part["objects"]), bytes(part["bytes"]),
                            bytes(part["orphan_bytes"]), foreign ? "! nothing here is referenced" : ""}));
  }
  ASSERT_EQ(groups.size(), page_.report["groups"].size() + 1);
  for (std::size_t i = 1; i < groups.size(); ++i) {
    const Json& group = page_.report["groups"][i - 1];
    EXPECT_EQ(groups[i], (std::vector<std::string>{
                             group["group"], number(group["objects"]), number(group["orphans"]),
                             share(group["orphans"], group["objects"]), bytes(group["orphan_bytes"])}));
  }
}

TEST(HtmlGroups, ListThePrefixesOfTheConfigurationWhereThereAreSeveral) {
  const Page page = page_of(several_prefixes_scan());
  const HtmlRows table = table_of(*page.root, "Prefixes of the configuration");
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table[2], (std::vector<std::string>{"books/", "30", "20", "66.7 %", "30.0 KiB", "20.0 KiB", ""}));
  EXPECT_TRUE(table_of(*page_of(healthy_scan()).root, "Prefixes of the configuration").empty());
}

TEST_P(HtmlFigures, OfAgesAndSizesAreTheReports) {
  for (const auto& [field, name] : {std::pair("age_histogram", "Age"), std::pair("size_histogram", "Size")}) {
    const HtmlRows table = rows(std::string(name) + " in figures");
    std::size_t at = 1;
    for (const Json& bin : page_.report[field]) {
      if (bin["objects"] == 0 || table.empty()) continue;
      ASSERT_LT(at, table.size());
      EXPECT_EQ(table[at][1], number(bin["objects"]));
      EXPECT_EQ(table[at][2], number(bin["orphans"]));
      EXPECT_EQ(table[at][3], share(bin["orphans"], bin["objects"]));
      EXPECT_EQ(table[at][4], bytes(bin["bytes"]));
      ++at;
    }
    EXPECT_TRUE(table.empty() || at == table.size());
  }
}

TEST_P(HtmlFigures, OfSourcesAndTemplatesAreTheReports) {
  const HtmlRows table = rows("What each source of references needs"), templates = rows("Which keys each");
  const Json& sources = page_.report["references"];
  ASSERT_EQ(table.size(), sources.size() + 1);
  std::size_t at = 1;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Json& source = sources[i];
    const auto& row = table[i + 1];
    EXPECT_EQ(row[0], source["name"].get<std::string>());
    EXPECT_TRUE(row[1].starts_with(number(source["rows"])));
    EXPECT_EQ(row[1].find(number(source["empty"]) + " empty") != std::string::npos, source["empty"] > 0);
    EXPECT_EQ(row[1].find(number(source["unmatched"]) + " unmatched") != std::string::npos,
              source["unmatched"] > 0);
    EXPECT_EQ(row[2], number(source["distinct_keys"]));
    EXPECT_EQ(row[3], source["resolution_percentage"].is_null()
                          ? "–"
                          : source["resolution_percentage"].dump() + " %");
    EXPECT_EQ(row[4], number(source["dangling"]));
    EXPECT_EQ(row[5], number(source["outside"]));
    for (const Json& each : source["templates"])
      EXPECT_EQ(templates[at++],
                (std::vector<std::string>{each["template"], source["name"], "needed",
                                          number(each["distinct_keys"]), number(each["resolved"])}));
    for (const Json& each : page_.evidence["sources"][i]["derived"])
      EXPECT_EQ(templates[at++],
                (std::vector<std::string>{each["template"], source["name"], "derived",
                                          number(each["distinct_keys"]), number(each["matched_objects"])}));
  }
  EXPECT_EQ(templates.size(), at);
}

TEST_P(HtmlFigures, OfGuardsAreTheReports) {
  const HtmlRows table = rows("Every guard");
  const Json& guards = page_.report["guards"];
  ASSERT_EQ(table.size(), guards.size() + 1);
  for (std::size_t i = 0; i < guards.size(); ++i) {
    const auto& row = table[i + 1];
    EXPECT_EQ(row[0], guards[i]["id"].get<std::string>());
    const std::string ruling = guards[i]["ruling"];
    EXPECT_EQ(row[1], ruling == "refuse" ? "REFUSE ✗" : ruling == "warn" ? "warn !" : "pass ✓");
    EXPECT_EQ(row[2] == "–", guards[i]["value"].is_null());
    EXPECT_EQ(row[3] == "–", guards[i]["limit"].is_null());
    EXPECT_EQ(row[4], ruling != "refuse" ? "–" : guards[i]["overridable"] == true ? "by name" : "never");
    EXPECT_EQ(row[5], guards[i]["message"].get<std::string>());
  }
}

TEST_P(HtmlFigures, AtTheTopAreTheReports) {
  std::vector<std::string> tiles;
  for (const HtmlNode* value : nodes_named(*nodes_named(*page_.root, "header").front(), "dd"))
    tiles.push_back(value->all_text());
  ASSERT_EQ(tiles.size(), 4U);
  EXPECT_TRUE(tiles[0].starts_with(number(page_.report["total_objects_scanned"]) + " "));
  EXPECT_EQ(tiles[2], number(page_.report["orphans_found"]) + " " + page_.report["orphan_percentage"].dump() +
                          " % of all");
  EXPECT_EQ(tiles[3], number(page_.report["plan"]["objects"]) + " " + bytes(page_.report["plan"]["bytes"]));
}

TEST(HtmlAges, SetTheUnreferencedAgainstTheRest) {
  // 89 of 7 d to 30 d, 15 of them unreferenced: all of the 15 against 74 of the 5,074 others.
  const Page page = page_of(healthy_scan());
  std::vector<std::string> figures;
  for (const HtmlNode* figure : nodes_named(*page.root, "svg"))
    if (figure->attribute("class") == "plot")
      for (const HtmlNode* text : nodes_named(*figure, "text")) figures.push_back(text->all_text());
  figures.resize(8);
  EXPECT_EQ(figures,
            (std::vector<std::string>{"100", "1.5", "7 d", "to 30 d", "0", "19.7", "30 d", "to 90 d"}));
}

TEST(HtmlTop, CountsWhatLiesOutsideTheScopeAsMissing) {
  const Page page = page_of(several_prefixes_scan());
  const std::string top = nodes_named(*page.root, "header").front()->all_text();
  EXPECT_NE(top.find("66.7 % 10 of 15"), std::string::npos) << top;
  ScanResult ignoring = several_prefixes_scan();
  ignoring.sources.front().outside_ignored = true;
  const Page other = page_of(ignoring);
  const std::string ignored = nodes_named(*other.root, "header").front()->all_text();
  EXPECT_NE(ignored.find("83.3 % 10 of 12"), std::string::npos) << ignored;
}

TEST(HtmlTop, NamesEachRefusalWithFiguresAndWhatToDo) {
  const Page page = page_of(incident_scan());
  const std::string top = nodes_named(*page.root, "header").front()->all_text();
  const HtmlNode* rulings = node_with_id(*page.root, "rulings");
  ASSERT_NE(rulings, nullptr);
  std::vector<std::string> items;
  for (const HtmlNode* item : nodes_named(*rulings, "li")) items.push_back(item->all_text());
  std::size_t at = 0;
  for (const Json& guard : page.report["guards"]) {
    if (guard["ruling"] != "refuse") continue;
    EXPECT_NE(top.find(guard["id"].get<std::string>()), std::string::npos);
    EXPECT_TRUE(items[at].starts_with("REFUSE ✗ " + guard["id"].get<std::string>() + ": "));
    EXPECT_NE(items[at].find(guard["message"].get<std::string>()), std::string::npos);
    ++at;
  }
  EXPECT_NE(items[0].find("0.0 %, limit 90 %, no override"), std::string::npos) << items[0];
  EXPECT_NE(items[1].find("5, limit 0."), std::string::npos) << items[1];
  EXPECT_TRUE(items[at].starts_with("pass ✓ 8 guards pass"));
  EXPECT_EQ(items.size(), at + 1);
  EXPECT_NE(top.find("High orphan rate (100.0%) - verify before deleting"), std::string::npos);
}

TEST(HtmlTop, ShowsWhatWouldMendIt) {
  const ScanResult incident = incident_scan();
  const auto html =
      html_of(diagnosed_incident_report(), to_evidence(incident), stream_of(planned_objects(incident)));
  ASSERT_TRUE(html.has_value());
  std::string problem;
  const auto root = read_html(*html, problem);
  const HtmlNode* diagnosis = node_with_id(*root, "diagnosis");
  ASSERT_NE(diagnosis, nullptr);
  const std::string text = diagnosis->all_text();
  EXPECT_NE(text.find("Every object key begins with \"books/\""), std::string::npos);
  EXPECT_NE(text.find("In the block of book images (resolves 5,089 of 5,089):"), std::string::npos) << text;
  EXPECT_EQ(nodes_named(*diagnosis, "pre").front()->all_text(), "objects = [\"books/{s3_key}\"]\n");
}

TEST(HtmlShapes, StandInTheOrderOfSuspicion) {
  ScanResult result = healthy_scan();
  result.shapes = {row("some of many", {100, 9000}, {50, 4000}, 50), row("none", {10, 900}, {0, 0}, 10),
                   row("all, few bytes", {5, 10}, {5, 10}, 0), row("(other)", {7, 7}, {7, 7}, 0),
                   row("all, many bytes", {3, 700}, {3, 700}, 0)};
  const Page page = page_of(result);
  std::vector<std::string> names;
  for (const auto& line : table_of(*page.root, "Shapes: what")) names.push_back(line.front());
  EXPECT_EQ(names, (std::vector<std::string>{"shape", "all, many bytes", "all, few bytes", "some of many",
                                             "none", "(other)"}));
}

TEST(HtmlSamples, MarkWhereAnObjectAndItsNearestReferenceDiffer) {
  const Page page = page_of(incident_scan());
  const HtmlNode* samples = node_with_id(*page.root, "samples");
  ASSERT_NE(samples, nullptr);
  EXPECT_NE(samples->all_text().find("books/ is missing in every reference shown here."), std::string::npos);
  const auto marks = nodes_named(*samples, "mark");
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks.front()->all_text(), "books/");
  const HtmlRows table = table_of(*page.root, "Each suspect beside");
  EXPECT_EQ(table[1],
            (std::vector<std::string>{"books/515/image_00.webp", "515/image_00.webp", "204.0 KiB", "52 d"}));
}

TEST(HtmlSamples, PairOnlyWhatHasANearReference) {
  ScanResult result = incident_scan();
  result.sample_suspects[0].near_reference.clear();
  const HtmlRows table = table_of(*page_of(result).root, "Each suspect beside");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[1][0], "books/812/image_03.webp");
}

TEST(HtmlSamples, ShowKeysThatLookAlikeCharacterByCharacter) {
  ScanResult result = incident_scan();
  result.sample_suspects.resize(1);
  result.sample_suspects[0].object.key = Key("books/caf\xc3\xa9.jpg");
  result.sample_suspects[0].near_reference = "books/cafe\xcc\x81.jpg";
  const HtmlRows table = table_of(*page_of(result).root, "Each suspect beside");
  EXPECT_EQ(table[1][0], "books/caf\\u{e9}.jpg");
  EXPECT_EQ(table[1][1], "books/cafe\\u{301}.jpgthey differ in Unicode form");
}

TEST(HtmlProvenance, NamesStoreDatabaseProofMethodAndPlan) {
  HtmlOptions options;
  options.version = "1.2.3";
  std::string problem;
  const auto root = read_html(html_of(several_prefixes_scan(), options), problem);
  const std::string text = node_with_id(*root, "provenance")->all_text();
  for (const char* part :
       {"file:///srv/media", "avatars/", "uploads/2026/", "device 2049 inode 131", "lifecyclenot known",
        "quarantine",
        "40 objects in 3 requests, 1 retry, complete; skipped 2 symbolic links; skipped 1 "
        "special file; skipped 3 keys of flotsam's own",
        "this machine's clock is 1h ahead of the store's", "The file system does not say when",
        "books from sqlite:/srv/app.db: 20 rows, one snapshot at 2026-11-23 06:41:05 UTC",
        "as of 2026-11-20 00:00:00 UTC", "2 values are neither text nor bytes", "1 value is not UTF-8",
        "The file is three days old.", "7f3a00000000000000000000000000c4", "flotsam 1.2.3",
        "A1: a finished upload", "books/keep/**"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const auto healthy = read_html(html_of(healthy_scan()), problem);
  const std::string other = node_with_id(*healthy, "provenance")->all_text();
  EXPECT_NE(other.find("'old versions': older versions expire after 90 days"), std::string::npos) << other;
  EXPECT_NE(other.find("leaves a version that can be brought back"), std::string::npos) << other;
}

TEST(HtmlProvenance, SaysWhatTheBucketDoesWithOldObjects) {
  ScanResult result = healthy_scan();
  result.store.object_lock = true;
  result.store.lifecycle =
      std::vector<LifecycleRule>{{"tidy", "tmp/", true, 1, 30}, {"none", "", false, {}, {}}};
  std::string problem;
  const auto root = read_html(html_of(result), problem);
  const std::string text = node_with_id(*root, "provenance")->all_text();
  for (const char* part :
       {"enabled, object lock",
        "'tidy': objects expire after 1 day, older versions expire after 30 days under 'tmp/', "
        "of some objects only",
        "'none': nothing expires"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  result.store.lifecycle = std::vector<LifecycleRule>{};
  const auto other = read_html(html_of(result), problem);
  EXPECT_NE(node_with_id(*other, "provenance")->all_text().find("lifecycleno rules"), std::string::npos);
}

TEST(HtmlTop, SaysTheExitCodeOfTheScanAndOfNoOtherCommand) {
  const auto top_of = [](const ScanResult& result, const std::string& shown_plan) {
    HtmlOptions options;
    options.shown_plan = shown_plan;
    std::string problem;
    return nodes_named(*read_html(html_of(result, options), problem), "header").front()->all_text();
  };
  EXPECT_NE(top_of(incident_scan(), "").find("Nothing was deleted. Exit code 4: a guard refused."),
            std::string::npos);
  EXPECT_NE(top_of(incident_scan(), "p").find("The scan deleted nothing. It exited 4: a guard refused."),
            std::string::npos);
  EXPECT_NE(top_of(healthy_scan(), "").find("Nothing was deleted. Exit code 0: done."), std::string::npos);
  EXPECT_NE(top_of(healthy_scan(), "p").find("The scan deleted nothing."), std::string::npos);
  EXPECT_NE(top_of(several_prefixes_scan(), "").find("Of 3 objects another spelling is referenced"),
            std::string::npos);
  EXPECT_NE(top_of(several_prefixes_scan(), "").find("1 object too young to judge."), std::string::npos);
}

TEST(HtmlNext, GivesTheCommandsOfTheTextReport) {
  HtmlOptions options;
  options.config_path = "ops/flotsam.toml";
  std::string problem;
  const auto root = read_html(html_of(healthy_scan(), options), problem);
  std::vector<std::string> commands;
  for (const HtmlNode* command : nodes_named(*node_with_id(*root, "next"), "pre"))
    commands.push_back(command->all_text());
  const std::string plan = plan_reference().path;
  EXPECT_EQ(commands,
            (std::vector<std::string>{"flotsam show " + plan + " --csv",
                                      "flotsam apply " + plan + " --expect 15 -c ops/flotsam.toml"}));
  EXPECT_NE(node_with_id(*root, "next")->all_text().find("Look at every object of the plan:"),
            std::string::npos);
  options.shown_plan = "here/plan.ndjson";
  const auto again = read_html(html_of(healthy_scan(), options), problem);
  EXPECT_NE(node_with_id(*again, "next")->all_text().find("flotsam show here/plan.ndjson --csv"),
            std::string::npos);
  EXPECT_EQ(nodes_named(*again, "header").front()->all_text().find("Exit code"), std::string::npos);
}

}  // namespace
}  // namespace flotsam::test
