#include <gtest/gtest.h>

#include "report/html_fixture.h"
#include "report/html_reading.h"

namespace flotsam::test {
namespace {

std::string headline_of(const ScanResult& result) {
  std::string problem;
  const auto root = read_html(html_of(result), problem);
  EXPECT_EQ(problem, "");
  const std::string heading = nodes_named(*root, "h1").front()->all_text();
  EXPECT_EQ(nodes_named(*root, "title").front()->all_text(),
            result.store_url + ": " + heading.substr(heading.find(' ') + 1));
  return heading;
}

ScanResult refused_by(const std::string& id, double value, double limit) {
  ScanResult result = incident_scan();
  for (GuardRuling& guard : result.guards) {
    guard.ruling = guard.id == id ? Ruling::refuse : Ruling::pass;
    if (guard.id != id) continue;
    guard.value = value;
    guard.limit = limit;
  }
  return result;
}

struct Refusal {
  const char* guard;
  double value, limit;
  const char* headline;
};

TEST(HtmlHeadline, TellsWhyItIsRefusedWithoutTheGuardsName) {
  const Refusal refusals[] = {
      {"resolution", 0, 90, "5,089 of 5,089 references do not exist under these keys"},
      {"reference-drop", 23.4, 5, "the references fell by 23.4 % since the last scan"},
      {"young-cliff", 100, 90,
       "what was written lately is unreferenced and what is older is not, as after a database was restored "
       "from a backup"},
      {"suspects", 73.8, 1, "5,089 of 6,892 objects are referenced under another spelling of their keys"},
      {"unexpected-prefix", 5, 0, "6,892 objects in 5 folders that hold nothing that any reference names"},
      {"shape-percent", 100, 90,
       "of a whole kind of objects hardly any is referenced: they may be made from others"},
      {"orphan-percent", 100, 10, "6,892 of 6,892 objects (100.0 %) are unreferenced"},
      {"max-deletions", 1803, 1000,
       "1,803 orphans (171.0 MiB) are more than the 1,000 that may go without being asked for by number"},
      {"max-bytes", 179306496, 1048576,
       "1,803 orphans (171.0 MiB) are more than the 1.0 MiB that may go without being asked for by number"},
      {"recoverable", 0, 2592000, "what is deleted here could not be brought back"},
  };
  for (const Refusal& each : refusals)
    EXPECT_EQ(headline_of(refused_by(each.guard, each.value, each.limit)),
              std::string("✗ REFUSED: ") + each.headline)
        << each.guard;
}

TEST(HtmlHeadline, NamesASourceThatSaysNothing) {
  ScanResult result = refused_by("references-empty", 1, 0);
  result.sources.front().distinct_keys = 0;
  EXPECT_EQ(headline_of(result), "✗ REFUSED: 'book images' names nothing that could be in this store");
  result.sources.push_back(result.sources.front());
  EXPECT_EQ(headline_of(result), "✗ REFUSED: 2 of 2 sources name nothing that could be in this store");
  // One that only explains is not silent.
  result.sources.back().explained = 5;
  EXPECT_EQ(headline_of(result), "✗ REFUSED: 'book images' names nothing that could be in this store");
}

TEST(HtmlHeadline, NamesTheSourceOrTheTemplateThatResolvesLeast) {
  ScanResult result = refused_by("resolution", 66.7, 90);
  result.sources = several_prefixes_scan().sources;
  EXPECT_EQ(headline_of(result),
            "✗ REFUSED: 2 of 4 references through 'books/{cover|lower}' do not exist under these keys");
  result.sources.front().templates.back().resolved = 4;
  EXPECT_EQ(headline_of(result), "✗ REFUSED: 5 of 15 references of 'books' do not exist under these keys");
}

TEST(HtmlHeadline, PutsTheReferencesBeforeTheShares) {
  EXPECT_TRUE(headline_of(incident_scan()).starts_with("✗ REFUSED: 5,089 of 5,089 references"));
}

TEST(HtmlHeadline, NamesAGuardThatItDoesNotKnow) {
  ScanResult result = healthy_scan();
  GuardRuling unknown;
  unknown.id = "new-guard";
  unknown.ruling = Ruling::refuse;
  result.guards.push_back(unknown);
  EXPECT_EQ(headline_of(result), "✗ REFUSED by the guard 'new-guard'");
}

TEST(HtmlHeadline, CountsOrphansWhereNothingRefuses) {
  EXPECT_EQ(headline_of(healthy_scan()), "✓ 15 orphans (3.0 MiB) among 5,089 objects; no guard refuses");
  EXPECT_EQ(headline_of(empty_scan()), "✓ No orphans: there is no object here");
  ScanResult none = healthy_scan();
  none.plan = {0, 0};
  none.verdicts[static_cast<std::size_t>(Verdict::orphan)] = {0, 0};
  EXPECT_EQ(headline_of(none), "✓ No orphans among 5,089 objects");
  none.verdicts[static_cast<std::size_t>(Verdict::young)] = {15, 0};
  EXPECT_EQ(headline_of(none), "✓ No orphans yet among 5,089 objects");
}

}  // namespace
}  // namespace flotsam::test
