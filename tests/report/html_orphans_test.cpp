#include <gtest/gtest.h>
#include <set>

#include "report/html_fixture.h"
#include "report/html_reading.h"

namespace flotsam::test {
namespace {

std::vector<std::string> listed_keys(const std::string& html) {
  std::string problem;
  const auto root = read_html(html, problem);
  EXPECT_EQ(problem, "");
  std::vector<std::string> keys;
  for (const auto& line : table_of(*root, "Orphans of the plan")) keys.push_back(line.front());
  if (!keys.empty()) keys.erase(keys.begin());
  return keys;
}

std::string orphans_text(const std::string& html) {
  std::string problem;
  const auto root = read_html(html, problem);
  return node_with_id(*root, "orphans")->all_text();
}

ScanResult scan_with_plan_of(std::uint64_t objects) {
  ScanResult result = healthy_scan();
  result.plan.objects = objects;
  return result;
}

TEST(HtmlOrphans, AreAllListedWhereTheyFit) {
  const std::string html = html_of(healthy_scan());
  EXPECT_EQ(listed_keys(html).size(), 15U);
  EXPECT_EQ(listed_keys(html).front(), "books/orphan0/photo.jpg");
  EXPECT_NE(orphans_text(html).find("All 15 objects of the plan."), std::string::npos);
  EXPECT_EQ(orphans_text(html).find("The whole list"), std::string::npos);
}

TEST(HtmlOrphans, AreSpreadEvenlyWhereTheyAreTooMany) {
  HtmlOptions options;
  options.orphans_max = 300;
  const ScanResult result = scan_with_plan_of(1000);
  const auto all = planned_objects(result);
  const std::vector<std::string> keys = listed_keys(html_of(result, options));
  ASSERT_EQ(keys.size(), 300U);
  std::size_t at = 0, gap_max = 0, last = 0;
  for (std::size_t i = 0; i < all.size() && at < keys.size(); ++i) {
    if (all[i].object.key.bytes() != keys[at]) continue;
    gap_max = std::max(gap_max, i - last);
    last = i;
    ++at;
  }
  EXPECT_EQ(at, keys.size()) << "in the order of keys, each once";
  EXPECT_LE(gap_max, 4U);
  const std::string text = orphans_text(html_of(result, options));
  EXPECT_NE(text.find("300 of the 1,000 objects of the plan, evenly spread"), std::string::npos) << text;
  EXPECT_NE(text.find("flotsam show " + plan_reference().path + " --csv"), std::string::npos) << text;
}

TEST(HtmlOrphans, OfALargePlanAreTwoThousand) {
  EXPECT_EQ(listed_keys(large_html()).size(), 2000U);
}

TEST(HtmlOrphans, NeverMakeTheFileTooLarge) {
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i)
    keys.push_back("books/" + std::to_string(10000 + i) + std::string(1000, '"'));
  const ScanResult result = scan_with_plan_of(keys.size());
  const auto html =
      html_of(to_report(result, plan_reference()), to_evidence(result), stream_of(planned_objects(keys)));
  ASSERT_TRUE(html.has_value());
  EXPECT_LT(html->size(), 3'000'000U);
  const std::size_t listed = listed_keys(*html).size();
  EXPECT_GT(listed, 100U);
  EXPECT_LT(listed, 2000U);
  EXPECT_NE(
      orphans_text(*html).find(std::to_string(listed) +
                               " of the 3,000 objects of the plan: more would make this file too large"),
      std::string::npos);
}

TEST(HtmlOrphans, OfAPlanWithoutObjectsAreNone) {
  const std::string text = orphans_text(html_of(empty_scan()));
  EXPECT_NE(text.find("there is nothing to delete"), std::string::npos) << text;
}

TEST(HtmlOrphans, AreSaidToBeElsewhereWhereNoneAreGiven) {
  const ScanResult result = healthy_scan();
  const auto html = html_of(to_report(result, plan_reference()), to_evidence(result), {});
  ASSERT_TRUE(html.has_value());
  EXPECT_TRUE(listed_keys(*html).empty());
  const std::string text = orphans_text(*html);
  EXPECT_NE(text.find("0 of the 15 objects of the plan"), std::string::npos) << text;
  EXPECT_NE(text.find("--csv"), std::string::npos) << text;
}

TEST(HtmlOrphans, AreUnsettledWhereGuardsRefuseAndSuspectsAreNotAmongThem) {
  const std::string refused = orphans_text(html_of(incident_scan()));
  EXPECT_NE(refused.find("Guards refuse this plan"), std::string::npos) << refused.substr(0, 300);
  EXPECT_NE(refused.find("5,089 suspects are in no plan"), std::string::npos) << refused.substr(0, 300);
  const std::string fine = orphans_text(html_of(healthy_scan()));
  EXPECT_EQ(fine.find("Guards refuse"), std::string::npos);
  EXPECT_EQ(fine.find("suspect"), std::string::npos);
}

TEST(HtmlOrphans, ShowSizeTimeAndAge) {
  std::string problem;
  const auto root = read_html(html_of(healthy_scan()), problem);
  EXPECT_EQ(
      table_of(*root, "Orphans of the plan")[1],
      (std::vector<std::string>{"books/orphan0/photo.jpg", "1.2 KiB", "2026-11-10 10:00:00 UTC", "12 d"}));
  std::vector<PlannedObject> undated = planned_objects(std::vector<std::string>{"books/a"});
  undated.front().object.last_modified.reset();
  const ScanResult one = scan_with_plan_of(1);
  const auto html = html_of(to_report(one, plan_reference()), to_evidence(one), stream_of(undated));
  ASSERT_TRUE(html.has_value());
  const auto other = read_html(*html, problem);
  EXPECT_EQ(table_of(*other, "Orphans of the plan")[1][2], "unknown");
}

TEST(HtmlOrphans, MustBeAsManyAsTheReportSays) {
  const ScanResult result = healthy_scan();
  for (const std::size_t count : {14U, 16U}) {
    const auto html = html_of(to_report(result, plan_reference()), to_evidence(result),
                              stream_of(planned_objects(std::vector<std::string>(count, "books/same"))));
    ASSERT_FALSE(html.has_value()) << count;
    EXPECT_EQ(html.error().code, ErrorCode::corrupt);
    EXPECT_NE(html.error().message.find(std::to_string(count)), std::string::npos);
  }
}

TEST(HtmlReport, PassesOnTheErrorsOfWhatItReadsAndWrites) {
  const ScanResult result = healthy_scan();
  const std::string report = to_report(result, plan_reference()), evidence = to_evidence(result);
  const auto unreadable =
      html_of(report, evidence, [](const auto&) { return fail(ErrorCode::unavailable, "the plan is gone"); });
  ASSERT_FALSE(unreadable.has_value());
  EXPECT_EQ(unreadable.error().message, "the plan is gone");
  // The disk may be full at any piece.
  const auto objects = planned_objects(result);
  int pieces = 0;
  const auto count = [&](std::string_view) {
    ++pieces;
    return Result<void>();
  };
  ASSERT_TRUE(to_html_report({report, evidence, stream_of(objects)}, {}, count).has_value());
  ASSERT_GT(pieces, 1);
  for (int full = 1; full <= pieces; ++full) {
    int at = 0;
    const auto written =
        to_html_report({report, evidence, stream_of(objects)}, {}, [&](std::string_view) -> Result<void> {
          if (++at < full) return {};
          return fail(ErrorCode::unavailable, "the disk is full");
        });
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().message, "the disk is full");
    EXPECT_EQ(at, full) << "nothing more is written after an error";
  }
}

TEST(HtmlReport, RefusesWhatIsNoReport) {
  const std::string report = to_report(healthy_scan(), plan_reference()),
                    evidence = to_evidence(healthy_scan());
  for (const auto& [first, second] :
       {std::pair(std::string("{}"), evidence), std::pair(report, std::string("{}")),
        std::pair(std::string("no JSON"), evidence), std::pair(report, std::string("[]"))}) {
    const auto html = html_of(first, second, {});
    ASSERT_FALSE(html.has_value());
    EXPECT_EQ(html.error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace flotsam::test
