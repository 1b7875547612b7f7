#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/disk_state.h"
#include "cli/command_line.h"
#include "plan/lock.h"
#include "plan/plan.h"

namespace flotsam::test {
namespace {

/// A store whose `orphans` orphans were just deleted, and the journal of that.
struct Applied {
  CommandLine line;
  std::vector<std::string> before, after;
  std::string journal;

  explicit Applied(int orphans = 2) {
    with_images(line, orphans);
    EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 0) << line.err;
    before = store_listing(line);
    EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", std::to_string(orphans), "--json"}), 0)
        << line.err;
    journal = nlohmann::json::parse(line.out)["journal"];
    after = store_listing(line);
    EXPECT_NE(before, after);
  }
  nlohmann::json run_json(std::vector<std::string> args, int code) {
    args.emplace_back("--json");
    EXPECT_EQ(line.run(args), code) << line.err << line.out;
    return nlohmann::json::parse(line.out, nullptr, false);
  }
  std::size_t quarantined() const {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(line.folder / "media/.flotsam-quarantine"))
      files += entry.is_regular_file() ? 1U : 0U;
    return files;
  }
};

TEST(Undo, BringsBackWhatWasDeleted) {
  Applied run;
  run.line.expect_golden("undo-done", {"undo", run.journal});
  EXPECT_EQ(store_listing(run.line), run.before);
  run.line.expect_golden("undo-again", {"undo", run.journal});
  EXPECT_EQ(store_listing(run.line), run.before);
}

TEST(Undo, OfADryRunChangesNothing) {
  Applied run;
  run.line.expect_golden("undo-dry-run", {"undo", run.journal, "--dry-run"});
  EXPECT_EQ(store_listing(run.line), run.after);
  EXPECT_EQ(run.line.run({"apply", "plan.ndjson", "--expect", "2"}), 0) << "the plan is not spent";
}

TEST(Undo, TakesAJournalByFileAndById) {
  const auto file = [](const Applied& run) {
    return "state/journals/" + std::filesystem::path(run.journal).filename().native();
  };
  const auto id = [](const Applied& run) { return std::filesystem::path(run.journal).stem().native(); };
  for (const auto& name_of : {std::function<std::string(const Applied&)>(file), {id}}) {
    Applied run;
    const auto result = run.run_json({"undo", name_of(run)}, 0);
    EXPECT_EQ(result["restored"], 2);
    EXPECT_EQ(result["bytes"], 20);
    EXPECT_TRUE(result["superseded"].empty());
    EXPECT_EQ(result["status"], "ok");
    EXPECT_EQ(store_listing(run.line), run.before);
  }
}

TEST(Undo, LeavesWhatIsNewerAlone) {
  Applied run;
  run.line.folder.write("media/books/600/left_0.jpg", "uploaded since");
  const auto result = run.run_json({"undo", run.journal}, 0);
  EXPECT_EQ(result["restored"], 1);
  EXPECT_EQ(result["superseded"], nlohmann::json::array({"books/600/left_0.jpg"}));
  EXPECT_EQ(content_of(run.line.folder / "media/books/600/left_0.jpg"), "uploaded since");
  EXPECT_EQ(content_of(run.line.folder / "media/books/600/left_1.jpg"), "0123456789");
}

TEST(Undo, SpendsThePlanAndProtectsWhatItBroughtBack) {
  Applied run;
  ASSERT_EQ(run.line.run({"undo", run.journal}), 0) << run.line.err;
  EXPECT_EQ(run.line.run({"apply", "plan.ndjson", "--expect", "2"}), 6) << run.line.err;
  EXPECT_NE(run.line.err.find("spent"), std::string::npos) << run.line.err;
  EXPECT_EQ(store_listing(run.line), run.before);
  auto report = run.run_json({"scan"}, 0);
  EXPECT_EQ(report["verdicts"]["protected"]["objects"], 2);
  EXPECT_EQ(report["plan"]["objects"], 0);
  run.line.clock.sleep_for(std::chrono::hours(24 * 31));
  report = run.run_json({"scan"}, 0);
  EXPECT_EQ(report["plan"]["objects"], 2) << "after undo_days it is judged as others are";
}

TEST(Undo, OfWhatIsLostIsExitFive) {
  Applied run;
  std::filesystem::remove_all(run.line.folder / "media/.flotsam-quarantine");
  const auto result = run.run_json({"undo", run.journal}, 5);
  EXPECT_EQ(result["restored"], 0);
  EXPECT_EQ(store_listing(run.line), run.after);
}

TEST(Undo, OfAJournalThatCannotBeBelievedIsExitSix) {
  Applied run;
  for (const std::string& name :
       {std::string("nowhere.ndjson"), std::string("0123456789abcdef0123456789abcdef")})
    EXPECT_EQ(run.line.run({"undo", name}), 6) << name << run.line.err;
  std::string journal = content_of(run.journal);
  const std::size_t at = journal.find("left_0");
  ASSERT_NE(at, std::string::npos);
  journal.replace(at, 6, "left_9");
  run.line.folder.write("state/journals/" + std::filesystem::path(run.journal).filename().native(), journal);
  EXPECT_EQ(run.line.run({"undo", run.journal}), 6) << run.line.err;
  EXPECT_EQ(store_listing(run.line), run.after);
}

TEST(Undo, WaitsForNoLockThatAnotherRunHolds) {
  Applied run;
  const auto plan = Plan::load(run.line.folder / "plan.ndjson");
  ASSERT_TRUE(plan);
  const auto state = open_disk_state(run.line.folder / "state");
  const auto lock = ScopeLock::acquire(
      *state, {.store_identity = plan->header().store_identity, .prefixes = {"books/"}, .run = "purge"},
      run.line.clock);
  ASSERT_TRUE(lock);
  EXPECT_EQ(run.line.run({"undo", run.journal}), 7) << run.line.err;
  EXPECT_EQ(store_listing(run.line), run.after);
}

TEST(Rescue, FindsWhatReferencesMiss) {
  Applied run;
  insert_row(run.line.folder, "600/left_0.jpg");
  insert_row(run.line.folder, "600/never_uploaded.jpg");
  run.line.expect_golden("rescue-found", {"rescue", "--list", "found.ndjson"});
  EXPECT_EQ(content_of(run.line.folder / "found.ndjson"),
            "{\"key\":\"books/600/left_0.jpg\",\"source\":\"book images\",\"place\":\"quarantine\","
            "\"size\":10}\n");
  EXPECT_EQ(store_listing(run.line), run.after) << "it only looks";
}

TEST(Rescue, BringsBackExactlySoMany) {
  Applied run;
  insert_row(run.line.folder, "600/left_0.jpg");
  EXPECT_EQ(run.line.run({"rescue", "--expect", "2"}), 4) << run.line.err;
  EXPECT_EQ(run.line.run({"rescue", "--expect", "0"}), 4) << run.line.err;
  EXPECT_EQ(store_listing(run.line), run.after);
  run.line.expect_golden("rescue-done", {"rescue", "--expect", "1"});
  auto expected = run.after;
  expected.push_back((run.line.folder / "media/books/600/left_0.jpg").native() + "\n0123456789");
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(store_listing(run.line), expected);
}

TEST(Rescue, FindsNothingWhereNothingIsMissing) {
  CommandLine line;
  with_images(line, 1);
  const auto before = store_listing(line);
  line.expect_golden("rescue-nothing", {"rescue"});
  EXPECT_EQ(store_listing(line), before);
}

TEST(Rescue, RefusesAListInsideTheStore) {
  CommandLine line;
  with_images(line, 1);
  EXPECT_EQ(line.run({"rescue", "--list", "media/found.ndjson"}), 2);
  EXPECT_NE(line.err.find("lies inside the store"), std::string::npos) << line.err;
  EXPECT_FALSE(std::filesystem::exists(line.folder / "media/found.ndjson"));
}

TEST(Purge, RemovesWhatIsOldEnoughAndNotReferenced) {
  Applied run;
  run.line.clock.sleep_for(std::chrono::hours(24 * 29));
  auto result = run.run_json({"purge"}, 0);
  EXPECT_EQ(result["due"], 0) << "undo must be possible for 30 days";
  run.line.clock.sleep_for(std::chrono::hours(24 * 2));
  run.line.expect_golden("purge-list", {"purge"});
  EXPECT_EQ(run.line.run({"purge", "--expect", "1"}), 4) << run.line.err;
  EXPECT_EQ(run.quarantined(), 2U);
  run.line.expect_golden("purge-done", {"purge", "--expect", "2"});
  EXPECT_EQ(run.quarantined(), 0U);
  EXPECT_EQ(store_listing(run.line), run.after);
}

TEST(Purge, BringsBackWhatIsReferencedAgain) {
  Applied run;
  insert_row(run.line.folder, "600/left_0.jpg");
  run.line.clock.sleep_for(std::chrono::hours(24 * 31));
  EXPECT_EQ(run.line.run({"purge", "--expect", "2"}), 4) << "only one goes for good";
  const auto result = run.run_json({"purge", "--expect", "1"}, 0);
  EXPECT_EQ(result["purged"], 1);
  EXPECT_EQ(result["returned"], 1);
  EXPECT_EQ(run.quarantined(), 0U);
  EXPECT_EQ(content_of(run.line.folder / "media/books/600/left_0.jpg"), "0123456789");
  EXPECT_FALSE(std::filesystem::exists(run.line.folder / "media/books/600/left_1.jpg"));
}

TEST(Purge, StopsWhereTheReferencesCannotBeBelieved) {
  Applied run;
  run.line.clock.sleep_for(std::chrono::hours(24 * 31));
  run.line.folder.write("flotsam.toml", directory_config("{s3_key}"));
  EXPECT_EQ(run.line.run({"purge", "--expect", "2"}), 4) << run.line.err;
  EXPECT_NE((run.line.out + run.line.err).find("resolution"), std::string::npos) << run.line.out;
  EXPECT_EQ(run.quarantined(), 2U);
}

TEST(Purge, NeedsAQuarantine) {
  CommandLine line;
  with_images(line, 0);
  std::string config = directory_config();
  const std::string quarantine = "quarantine = \"media/.flotsam-quarantine\"\n";
  config.erase(config.find(quarantine), quarantine.size());
  line.folder.write("flotsam.toml", config);
  EXPECT_EQ(line.run({"purge"}), 2);
  EXPECT_NE(line.err.find("no quarantine is configured"), std::string::npos) << line.err;
}

TEST(History, TellsOfEveryRun) {
  Applied run;
  ASSERT_EQ(run.line.run({"undo", run.journal}), 0) << run.line.err;
  run.line.clock.sleep_for(std::chrono::hours(24 * 31));
  ASSERT_EQ(run.line.run({"scan", "--plan", "plan2.ndjson"}), 0) << run.line.err;
  run.line.expect_golden("history", {"history"});
  const auto history = run.run_json({"history"}, 0);
  EXPECT_EQ(store_listing(run.line), run.before);
  ASSERT_TRUE(history.contains("runs")) << run.line.out;
  ASSERT_EQ(history["runs"].size(), 4U) << run.line.out;
}

TEST(History, OfANewStateIsEmpty) {
  CommandLine line;
  with_images(line, 0);
  line.expect_golden("history-empty", {"history"});
  EXPECT_FALSE(std::filesystem::exists(line.folder / "state")) << "looking makes nothing";
}

TEST(History, ThatWasChangedIsNotBelieved) {
  Applied run;
  std::string text = content_of(run.line.folder / "state/history.ndjson");
  text[text.find("\"orphans\"") + 10] = '7';
  run.line.folder.write("state/history.ndjson", text);
  EXPECT_EQ(run.line.run({"history"}), 1) << run.line.out;
  EXPECT_EQ(run.line.out, "");
}

TEST(Unlock, ShowsAndBreaksTheLock) {
  Applied run;
  run.line.expect_golden("unlock-none", {"unlock"});
  const auto plan = Plan::load(run.line.folder / "plan.ndjson");
  ASSERT_TRUE(plan);
  const auto state = open_disk_state(run.line.folder / "state");
  auto lock = ScopeLock::acquire(*state,
                                 {.store_identity = plan->header().store_identity,
                                  .prefixes = {"books/"},
                                  .run = "apply 0123456789abcdef0123456789abcdef"},
                                 run.line.clock);
  ASSERT_TRUE(lock);
  run.line.expect_golden("unlock-held", {"unlock"});
  auto result = run.run_json({"unlock"}, 0);
  EXPECT_EQ(result["broken"], false);
  ASSERT_EQ(result["holders"].size(), 1U) << run.line.out;
  EXPECT_EQ(result["holders"][0]["run"], "apply 0123456789abcdef0123456789abcdef");
  EXPECT_EQ(result["holders"][0]["prefixes"], nlohmann::json::array({"books/"}));
  EXPECT_EQ(result["holders"][0]["pid"], getpid());
  EXPECT_EQ(result["holders"][0]["acquired_at"], "2100-01-01T00:00:00Z");
  EXPECT_TRUE(lock->check()) << "showing breaks nothing";
  run.line.expect_golden("unlock-broken", {"unlock", "--force"});
  EXPECT_FALSE(lock->check());
  result = run.run_json({"unlock", "--force"}, 0);
  EXPECT_EQ(result["broken"], true);
  EXPECT_TRUE(result["holders"].empty());
  EXPECT_EQ(store_listing(run.line), run.after);
}

TEST(Check, ProbesTheStoreAndRecordsWhatItLearnt) {
  CommandLine line;
  with_images(line, 0);
  const auto before = store_listing(line);
  line.expect_golden("check-probe", {"check", "--probe"});
  EXPECT_EQ(store_listing(line), before) << "it removes what it wrote";
  EXPECT_EQ(line.run({"check", "--probe", "--json"}), 0) << line.err;
  const auto result = nlohmann::json::parse(line.out);
  EXPECT_EQ(result["status"], "ok");
  EXPECT_TRUE(result["probe"]["findings"].is_object()) << line.out;
  EXPECT_TRUE(std::filesystem::exists(result["recorded"].get<std::string>())) << line.out;
}

}  // namespace
}  // namespace flotsam::test
