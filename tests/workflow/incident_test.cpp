#include <fmt/format.h>
#include <fstream>

#include "plan/plan.h"
#include "workflow/fixture.h"

namespace flotsam {
namespace {

/// The bucket of 2025-12-30 at its real size: 5,089 images under books/, 1,486 listings, 300 headers, 17
/// others; the database stores the images without "books/".
class Incident : public test::WorkflowFixture {
 protected:
  static void SetUpTestSuite() {
    shared_ = new test::TemporaryFolder();
    for (const std::string& name : images()) touch("books/" + name);
    for (int i = 0; i < 1486; ++i) touch(fmt::format("listings/item_{}.html", i));
    for (int i = 0; i < 300; ++i) touch(fmt::format("images/header_{}.png", i));
    for (int i = 0; i < 12; ++i) touch(fmt::format("prompts/prompt_{}.txt", i));
    for (int i = 0; i < 5; ++i) touch(fmt::format("packages/lambda-{}.zip", i));
  }
  static void TearDownTestSuite() { delete shared_; }
  std::filesystem::path bucket() const override { return shared_->path(); }

  /// The first `count` images have a row.
  void make_rows(int count) {
    std::string text = "CREATE TABLE book_images (s3_key TEXT); BEGIN;";
    for (const std::string& name : images())
      if (count-- > 0) text += fmt::format("INSERT INTO book_images VALUES ('{}');", name);
    sql(text + "COMMIT;");
  }

  void configure_scan(const std::string& scope, const std::string& objects) {
    configure(scope,
              "[[references]]\nname = \"book images\"\ndatabase = \"sqlite:app.db\"\n"
              "query = \"SELECT s3_key FROM book_images\"\nobjects = [\"" +
                  objects + "\"]\n");
  }

 private:
  static std::vector<std::string> images() {
    std::vector<std::string> names;
    for (int book = 100; names.size() < 5089; ++book)
      for (int image = 0; image < 8 && names.size() < 5089; ++image)
        names.push_back(fmt::format("{}/image_{:02}.webp", book, image));
    return names;
  }
  static void touch(const std::string& key) {
    const std::filesystem::path path = shared_->path() / key;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }
  static inline const test::TemporaryFolder* shared_ = nullptr;
};

TEST_F(Incident, TheMistakeCannotBeMissedAndNoLiveImageIsPlanned) {
  make_rows(5089);
  configure_scan("whole_bucket = true", "{s3_key}");
  const auto outcome = scan();
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  EXPECT_TRUE(outcome->refused);
  const auto report = nlohmann::json::parse(outcome->report);
  EXPECT_EQ(report.at("scan_prefix"), "");
  EXPECT_EQ(report.at("total_objects_scanned"), 6892);
  EXPECT_EQ(report.at("objects_in_database"), 5089);
  EXPECT_EQ(report.at("orphans_found"), 6892);
  EXPECT_EQ(report.at("orphan_percentage"), 100.0);
  EXPECT_EQ(
      report.at("orphans_by_prefix"),
      (nlohmann::json{
          {"books/", 5089}, {"listings/", 1486}, {"images/", 300}, {"prompts/", 12}, {"packages/", 5}}));
  EXPECT_EQ(report.at("WARNING"), "High orphan rate (100.0%) - verify before deleting");
  EXPECT_EQ(report.at("status"), "refused");
  EXPECT_EQ(report.at("verdicts").at("suspect").at("objects"), 5089);
  EXPECT_EQ(report.at("verdicts").at("orphan").at("objects"), 1803);
  for (const char* id :
       {"resolution", "suspects", "orphan-percent", "unexpected-prefix", "shape-percent", "max-deletions"})
    EXPECT_EQ(guard(report, id).at("ruling"), "refuse") << id;
  EXPECT_EQ(guard(report, "resolution").at("value"), 0.0);
  EXPECT_EQ(guard(report, "resolution").at("overridable"), false);
  EXPECT_EQ(guard(report, "suspects").at("value"), 73.8);
  EXPECT_EQ(guard(report, "max-deletions").at("value"), 1803);
  EXPECT_EQ(report.at("plan").at("applicable"), false);

  const auto plan = Plan::load(outcome->plan_path);
  ASSERT_TRUE(plan) << to_text(plan.error());
  EXPECT_EQ(plan->objects(), 1803U);
  ASSERT_TRUE(plan->for_each([](const PlannedObject& planned) -> Result<void> {
    EXPECT_FALSE(planned.object.key.bytes().starts_with("books/")) << planned.object.key.bytes();
    return {};
  }));
}

TEST_F(Incident, RestrictedToBooksItReadsAsThePostmortemTellsIt) {
  make_rows(5089);
  configure_scan("prefixes = [\"books/\"]", "{s3_key}");
  const auto report = this->report();
  EXPECT_EQ(report.at("scan_prefix"), "books/");
  EXPECT_EQ(report.at("orphans_found"), 5089);
  EXPECT_EQ(report.at("orphan_percentage"), 100.0);
  EXPECT_TRUE(report.contains("WARNING"));
  EXPECT_EQ(report.at("plan").at("objects"), 0);
}

TEST_F(Incident, TheRightTemplateGivesExactlyTheRealOrphans) {
  make_rows(5074);
  configure_scan("prefixes = [\"books/\"]", "books/{s3_key}");
  const auto outcome = scan();
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  EXPECT_FALSE(outcome->refused) << outcome->report;
  EXPECT_EQ(outcome->unreferenced, 15U);
  const auto report = nlohmann::json::parse(outcome->report);
  EXPECT_EQ(report.at("total_objects_scanned"), 5089);
  EXPECT_EQ(report.at("objects_in_database"), 5074);
  EXPECT_EQ(report.at("orphans_found"), 15);
  EXPECT_EQ(report.at("orphan_percentage"), 0.3);
  EXPECT_EQ(report.at("references").at(0).at("resolved"), 5074);
  EXPECT_EQ(report.at("references").at(0).at("dangling"), 0);
  EXPECT_EQ(report.at("plan").at("objects"), 15);
  EXPECT_EQ(report.at("plan").at("applicable"), true);
  EXPECT_FALSE(report.contains("WARNING"));
}

TEST_F(Incident, ASecondScanKnowsTheFirst) {
  make_rows(5074);
  configure_scan("prefixes = [\"books/\"]", "books/{s3_key}");
  EXPECT_EQ(guard(report(), "reference-drop").at("ruling"), "pass");
  sql("DELETE FROM book_images WHERE rowid % 10 = 0");
  const auto second = report();
  EXPECT_EQ(guard(second, "reference-drop").at("ruling"), "refuse");
  EXPECT_EQ(guard(second, "resolution").at("ruling"), "pass")
      << "what was read resolves: resolution is blind here";
}

}  // namespace
}  // namespace flotsam
