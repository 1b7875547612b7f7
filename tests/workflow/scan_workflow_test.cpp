#include <algorithm>
#include <fstream>

#include "plan/plan.h"
#include "workflow/fixture.h"

namespace flotsam {
namespace {

class ScanWorkflow : public test::WorkflowFixture {
 protected:
  void SetUp() override {
    sql("CREATE TABLE files (name TEXT, thumb TEXT); INSERT INTO files VALUES "
        "('a.jpg','a_t.jpg'),('b.jpg',NULL),"
        "('c.jpg','');");
    for (const char* key : {"media/a.jpg", "media/b.jpg", "media/c.jpg", "media/t/a_t.jpg", "media/lost.jpg"})
      object(key);
  }
  static constexpr const char* kSource =
      "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name, thumb FROM "
      "files\"\n"
      "objects = [\"media/{name}\"]\nderived = [\"media/t/{thumb}\"]\n[guards]\norphan-percent = 50\n";
  std::size_t files_in(const char* name) {
    std::error_code none;
    const auto entries = std::filesystem::directory_iterator(folder_ / name, none);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
};

TEST_F(ScanWorkflow, WritesAPlanUnderItsIdInTheState) {
  configure("prefixes = [\"media/\"]", kSource);
  const auto outcome = scan();
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  const auto plan = Plan::load(outcome->plan_path);
  ASSERT_TRUE(plan) << to_text(plan.error());
  EXPECT_EQ(outcome->plan_path, folder_ / "state/plans" / (plan->header().id + ".ndjson"));
  EXPECT_EQ(plan->objects(), 1U);
  EXPECT_EQ(plan->header().report, outcome->report);
  EXPECT_EQ(plan->header().expires_at - plan->header().created_at, Seconds(24 * 3600));
}

TEST_F(ScanWorkflow, TellsEachStepToWhoWantsToKnow) {
  configure("prefixes = [\"media/\"]", kSource);
  ASSERT_TRUE(scan());
  for (const char* said : {"configuration ", "store file://", "read 'files' from sqlite:app.db: 3 rows",
                           "listed 5 objects", "wrote the plan "})
    EXPECT_NE(log_.text.find(said), std::string::npos) << said << " in " << log_.text;
}

TEST_F(ScanWorkflow, ListsWhatIsAskedForAndDangling) {
  sql("INSERT INTO files VALUES ('gone.jpg', NULL)");
  configure("prefixes = [\"media/\"]", std::string(kSource) + "resolution = 50\n");
  ScanRequest request;
  request.lists = {{"referenced", folder_ / "referenced"},
                   {"derived", folder_ / "derived"},
                   {"orphan", folder_ / "orphan"},
                   {"dangling", folder_ / "dangling"}};
  const auto outcome = scan(request);
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  const auto lines = [&](const char* name) {
    const std::string text = test::content_of(folder_ / name);
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines("referenced"), 3);
  EXPECT_EQ(lines("derived"), 1);
  EXPECT_EQ(lines("orphan"), 1);
  EXPECT_EQ(test::content_of(folder_ / "dangling"), "{\"key\":\"media/gone.jpg\",\"source\":\"files\"}\n");
  const auto line = nlohmann::json::parse(test::content_of(folder_ / "orphan"));
  EXPECT_EQ(line.at("key"), "media/lost.jpg");
  EXPECT_EQ(line.at("size"), 1);
}

TEST_F(ScanWorkflow, AListNobodyKnowsIsAConfigurationErrorThatNamesTheKnown) {
  configure("prefixes = [\"media/\"]", kSource);
  ScanRequest request;
  request.lists = {{"orphans", folder_ / "x"}};
  const auto outcome = scan(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(outcome.error().message.find("dangling"), std::string::npos);
  EXPECT_EQ(files_in("state/plans"), 0U);
}

TEST_F(ScanWorkflow, NoFileOfAnotherKindIsEverReplaced) {
  configure("prefixes = [\"media/\"]", kSource);
  folder_.write("rows.csv", "key\na.jpg\n");
  std::filesystem::create_directory(folder_ / "folder");
  const std::string database = test::content_of(folder_ / "app.db");
  for (const char* name : {"app.db", "flotsam.toml", "rows.csv", "folder"}) {
    ScanRequest plan;
    plan.plan_path = folder_ / name;
    ScanRequest list;
    list.lists = {{"orphan", folder_ / name}};
    for (const ScanRequest& request : {plan, list}) {
      const auto outcome = scan(request);
      ASSERT_FALSE(outcome) << name;
      EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument) << name;
      EXPECT_NE(outcome.error().message.find(name), std::string::npos);
    }
  }
  EXPECT_EQ(test::content_of(folder_ / "app.db"), database);
  EXPECT_EQ(test::content_of(folder_ / "rows.csv"), "key\na.jpg\n");
}

TEST_F(ScanWorkflow, APlanAListAndAnEmptyFileMayBeReplacedByTheirKind) {
  configure("prefixes = [\"media/\"]", kSource);
  folder_.write("empty", "");
  ScanRequest request;
  request.plan_path = folder_ / "plan";
  request.lists = {{"orphan", folder_ / "list"}, {"derived", folder_ / "empty"}};
  ASSERT_TRUE(scan(request));
  ASSERT_TRUE(scan(request)) << "again over its own files";
  request.lists = {{"orphan", folder_ / "plan"}};
  request.plan_path.reset();
  EXPECT_FALSE(scan(request)) << "a plan is no list";
}

TEST_F(ScanWorkflow, AQueryThatEndsInLimitIsRefusedBeforeAnythingIsRead) {
  configure("prefixes = [\"media/\"]",
            "[[references]]\nname = \"files\"\ndatabase = \"sqlite:missing.db\"\n"
            "query = \"SELECT name FROM files LIMIT 10\"\nobjects = [\"media/{name}\"]\n");
  const auto outcome = scan();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(to_text(outcome.error()).find("LIMIT"), std::string::npos);
  EXPECT_NE(to_text(outcome.error()).find("flotsam.toml"), std::string::npos);
}

TEST_F(ScanWorkflow, AFailureLeavesNoPlanAndNoHistory) {
  configure("prefixes = [\"media/\"]",
            "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\n"
            "query = \"SELECT nothing FROM files\"\nobjects = [\"media/{nothing}\"]\n");
  const auto outcome = scan();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().code, ErrorCode::invalid_argument)
      << "a database that errs is a failure: exit code 1";
  EXPECT_EQ(files_in("state/plans"), 0U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "state/history.ndjson"));
}

TEST_F(ScanWorkflow, ADatabasesErrorDoesNotShowWhatExpansionPutIntoTheQuery) {
  environment_.set("COLUMN", "canary7x9q");
  configure("prefixes = [\"media/\"]",
            "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\n"
            "query = \"SELECT ${COLUMN} AS name FROM files\"\nobjects = [\"media/{name}\"]\n");
  const auto outcome = scan();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(to_text(outcome.error()).find("canary7x9q"), std::string::npos) << to_text(outcome.error());
  EXPECT_NE(to_text(outcome.error()).find("***"), std::string::npos) << to_text(outcome.error());
}

TEST_F(ScanWorkflow, APlanThatCannotBeWrittenIsAFailureWithoutHistory) {
  configure("prefixes = [\"media/\"]", kSource);
  folder_.write("state/plans", "a file where the folder should be");
  const auto outcome = scan();
  ASSERT_FALSE(outcome);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "state/history.ndjson"));
}

TEST_F(ScanWorkflow, BlocksOfOneDatabaseShareASnapshotAndTheirUnionProtects) {
  sql("CREATE TABLE more (name TEXT); INSERT INTO more VALUES ('lost.jpg');");
  configure(
      "prefixes = [\"media/\"]",
      std::string(kSource) +
          "[[references]]\nname = \"more\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name FROM more\"\n"
          "objects = [\"media/{name}\"]\n");
  const auto report = this->report();
  EXPECT_EQ(report.at("orphans_found"), 0);
  EXPECT_EQ(report.at("references").size(), 2U);
}

TEST_F(ScanWorkflow, SeveralSightingsAreNeededWhereTheGuardAsksForThem) {
  configure("prefixes = [\"media/\"]", std::string(kSource) + "sightings = 2\n");
  const auto first = report();
  EXPECT_EQ(first.at("plan").at("objects"), 0);
  EXPECT_EQ(first.at("verdicts").at("young").at("objects"), 1);
  const auto second = report();  // min_age is 0 here
  EXPECT_EQ(second.at("plan").at("objects"), 1);
}

TEST_F(ScanWorkflow, ARefusedScanIsNoSighting) {
  configure("prefixes = [\"media/\"]", std::string(kSource) + "sightings = 2\n");
  sql("ALTER TABLE files RENAME TO kept; CREATE TABLE files (name TEXT, thumb TEXT)");
  EXPECT_EQ(report().at("status"), "refused") << "a table that is being loaded";
  sql("DROP TABLE files; ALTER TABLE kept RENAME TO files");
  EXPECT_EQ(report().at("plan").at("objects"), 0) << "the first sighting that counts";
  EXPECT_EQ(report().at("plan").at("objects"), 1);
}

TEST_F(ScanWorkflow, CsvAndCompressedCsvProtectLikeADatabase) {
  folder_.write("more.csv", "id,name\n1,lost.jpg\n");
  configure("prefixes = [\"media/\"]",
            std::string(kSource) +
                "[[references]]\nname = \"csv\"\ndatabase = \"csv:more.csv\"\ncolumns = [\"name\"]\n"
                "objects = [\"media/{name}\"]\n");
  EXPECT_EQ(report().at("orphans_found"), 0);
}

}  // namespace
}  // namespace flotsam
