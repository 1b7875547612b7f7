#include <fstream>

#include "plan/plan.h"
#include "workflow/fixture.h"

namespace flotsam {
namespace {

/// Three orphans beside five objects that rows need.
class ApplyWorkflow : public test::WorkflowFixture {
 protected:
  void SetUp() override {
    sql("CREATE TABLE files (name TEXT)");
    for (int i = 0; i < 30; ++i) {
      const std::string name = "f" + std::to_string(i) + ".jpg";
      object("media/" + name, "live " + name);
      sql("INSERT INTO files VALUES ('" + name + "')");
    }
    for (const char* key : {"media/x1.png", "media/deep/x2.png", "media/x3.png"})
      object(key, std::string("orphan ") + key);
    configure("prefixes = [\"media/\"]", kSource);
  }
  static constexpr const char* kSource =
      "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name FROM files\"\n"
      "objects = [\"media/{name}\"]\n[guards]\norphan-percent = 50\nsuspects = 100\n";
  std::string plan() {
    const auto outcome = scan();
    if (!outcome) ADD_FAILURE() << to_text(outcome.error());
    return outcome ? outcome->plan_path.native() : "";
  }
};

TEST_F(ApplyWorkflow, DeletesWhatThePlanNamesAndUndoBringsItBack) {
  const auto before = tree();
  const std::string made = plan();
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->status, RunStatus::ok) << applied->stopped_by;
  EXPECT_EQ(applied->deleted, 3U);
  EXPECT_EQ(applied->method, DeleteMethod::quarantine);
  EXPECT_TRUE(applied->recoverable_until.has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "bucket/media/f0.jpg"));

  const auto would = undo(applied->journal, true);
  ASSERT_TRUE(would) << to_text(would.error());
  EXPECT_EQ(would->restored, 3U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));

  const auto undone = undo(applied->journal);
  ASSERT_TRUE(undone) << to_text(undone.error());
  EXPECT_EQ(undone->restored, 3U);
  EXPECT_EQ(undone->status, RunStatus::ok);
  EXPECT_EQ(tree(), before);
}

TEST_F(ApplyWorkflow, APlanThatWasUndoneIsSpentAndItsKeysAreProtected) {
  const std::string made = plan();
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  ASSERT_TRUE(undo(applied->journal));
  const auto again = apply(made, 3);
  ASSERT_FALSE(again);
  EXPECT_EQ(exit_code_of_run(again.error()), 6) << to_text(again.error());
  const auto seen = report();
  EXPECT_EQ(seen.at("verdicts").at("protected").at("objects"), 3);
  EXPECT_EQ(seen.at("plan").at("objects"), 0);
}

TEST_F(ApplyWorkflow, AnythingButTheExactNumberLeavesTheTreeAsItIs) {
  const auto before = tree();
  const std::string made = plan();
  for (const std::uint64_t wrong : {0U, 2U, 4U}) {
    const auto applied = apply(made, wrong);
    ASSERT_FALSE(applied) << wrong;
    EXPECT_EQ(exit_code_of_run(applied.error()), 4) << to_text(applied.error());
  }
  const auto unasked = apply(made, std::nullopt);
  ASSERT_FALSE(unasked);
  EXPECT_EQ(exit_code_of_run(unasked.error()), 2) << to_text(unasked.error());
  EXPECT_EQ(tree(), before);
}

TEST_F(ApplyWorkflow, WhatBecameReferencedDropsOut) {
  const std::string made = plan();
  sql("INSERT INTO files VALUES ('x1.png')");
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->deleted, 2U);
  EXPECT_EQ(applied->skipped[static_cast<std::size_t>(SkipReason::referenced)], 1U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));
}

TEST_F(ApplyWorkflow, WhatTheConfigurationOfNowProtectsDropsOut) {
  const std::string made = plan();
  configure("prefixes = [\"media/\"]\nprotect = [\"media/deep/**\"]", kSource);
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->deleted, 2U);
  EXPECT_EQ(applied->skipped[static_cast<std::size_t>(SkipReason::protected_)], 1U);
}

TEST_F(ApplyWorkflow, AnotherQueryOrPrefixOrATamperedPlanIsExitSix) {
  const auto before = tree();
  const std::string made = plan();
  configure("prefixes = [\"media/\"]",
            "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name FROM "
            "files WHERE 1=1\"\n"
            "objects = [\"media/{name}\"]\n");
  auto applied = apply(made, 3);
  ASSERT_FALSE(applied);
  EXPECT_EQ(exit_code_of_run(applied.error()), 6) << to_text(applied.error());
  configure("prefixes = [\"media/deep/\"]", kSource);
  applied = apply(made, 3);
  ASSERT_FALSE(applied);
  EXPECT_EQ(exit_code_of_run(applied.error()), 6) << to_text(applied.error());
  configure("prefixes = [\"media/\"]", kSource);
  std::fstream file(made, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40);
  file.put('~');
  file.close();
  applied = apply(made, 3);
  ASSERT_FALSE(applied);
  EXPECT_EQ(exit_code_of_run(applied.error()), 6) << to_text(applied.error());
  EXPECT_EQ(tree(), before);
}

TEST_F(ApplyWorkflow, ARefusalNeedsItsOverrideByName) {
  configure(
      "prefixes = [\"media/\"]",
      "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name FROM files\"\n"
      "objects = [\"media/{name}\"]\n[guards]\norphan-percent = 5\nsuspects = 100\n");
  const auto before = tree();
  const std::string made = plan();
  const auto refused = apply(made, 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(exit_code_of_run(refused.error()), 4);
  EXPECT_NE(refused.error().message.find("orphan-percent"), std::string::npos) << refused.error().message;
  EXPECT_EQ(tree(), before);
  std::vector<std::string> overrides = {"orphan-percent"};
  const auto applied = apply(made, 3, overrides);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->deleted, 3U);
}

TEST_F(ApplyWorkflow, AnAppliedScanIsWhatReferenceDropComparesWith) {
  configure(
      "prefixes = [\"media/\"]",
      "[[references]]\nname = \"files\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT name FROM files\"\n"
      "objects = [\"media/{name}\"]\n[guards]\norphan-percent = 5\nsuspects = 100\n");
  ASSERT_TRUE(apply(plan(), 3, {"orphan-percent"}));
  sql("DELETE FROM files WHERE name LIKE 'f1%'");  // 11 of 30
  EXPECT_EQ(guard(report(), "reference-drop").at("ruling"), "refuse");
}

TEST_F(ApplyWorkflow, AnIdOfThePlanNamesItToo) {
  const auto loaded = Plan::load(plan());
  ASSERT_TRUE(loaded);
  const auto applied = apply(loaded->header().id, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  const auto undone = undo(loaded->header().id);
  ASSERT_TRUE(undone) << to_text(undone.error());
  EXPECT_EQ(undone->restored, 3U);
}

TEST_F(ApplyWorkflow, HistoryTellsEveryRun) {
  const auto applied = apply(plan(), 3);
  ASSERT_TRUE(applied);
  ASSERT_TRUE(undo(applied->journal));
  World around = world();
  const auto entries = run_history(*config(), around);
  ASSERT_TRUE(entries) << to_text(entries.error());
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].kind, "scan");
  EXPECT_EQ((*entries)[1].kind, "apply");
  EXPECT_EQ((*entries)[1].deleted, 3U);
  EXPECT_EQ((*entries)[2].kind, "undo");
  EXPECT_EQ((*entries)[2].restored, 3U);
}

TEST_F(ApplyWorkflow, ARunThatDidNothingMoreIsNoLineOfTheHistory) {
  const std::string made = plan();
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied);
  ASSERT_TRUE(apply(made, 3));
  ASSERT_TRUE(undo(applied->journal));
  ASSERT_TRUE(undo(applied->journal));
  World around = world();
  const auto entries = run_history(*config(), around);
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), 3U);
}

TEST_F(ApplyWorkflow, AHistoryThatCannotBeWrittenDoesNotHideWhatWasDone) {
  const std::string made = plan();
  on_step_ = [&](const char* step) {
    if (std::string_view(step) == "remove") folder_.write("state/history.ndjson", "no history\n");
  };
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->deleted, 3U);
  EXPECT_NE(log_.text.find("the history does not show this apply"), std::string::npos) << log_.text;
}

TEST_F(ApplyWorkflow, AHistoryThatCannotBeReadStopsTheRunBeforeAnythingIsDeleted) {
  const std::string made = plan();
  const auto before = tree();
  folder_.write("state/history.ndjson", "no history\n");
  EXPECT_FALSE(apply(made, 3));
  EXPECT_EQ(tree(), before);
}

TEST_F(ApplyWorkflow, AJournalThatIsGoneOrShorterThanTheHistoryTellsIsExitSix) {
  const std::string made = plan();
  const auto applied = apply(made, 3);
  ASSERT_TRUE(applied);
  std::ifstream file(applied->journal, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  std::size_t end = 0;
  for (int line = 0; line < 5; ++line) end = whole.find('\n', end) + 1;
  for (const std::string& left : {whole.substr(0, end), std::string()}) {
    if (left.empty())
      std::filesystem::remove(applied->journal);
    else
      std::ofstream(applied->journal, std::ios::binary) << left;
    const auto undone = undo(applied->journal);
    ASSERT_FALSE(undone);
    EXPECT_EQ(exit_code_of_run(undone.error()), 6) << to_text(undone.error());
    const auto again = apply(made, 3);
    ASSERT_FALSE(again);
    EXPECT_EQ(exit_code_of_run(again.error()), 6) << to_text(again.error());
  }
  std::ofstream(applied->journal, std::ios::binary) << whole;
  EXPECT_EQ(undo(applied->journal)->restored, 3U);
  // What is protected is told by the undo's journal alone.
  const std::filesystem::path of_undo =
      folder_ / "state/journals" / (std::filesystem::path(applied->journal).stem().native() + ".undo.ndjson");
  ASSERT_TRUE(std::filesystem::exists(of_undo));
  std::filesystem::rename(of_undo, folder_ / "aside");
  EXPECT_FALSE(scan());
  std::filesystem::rename(folder_ / "aside", of_undo);
  EXPECT_TRUE(scan());
}

TEST_F(ApplyWorkflow, APlanUnderAnotherPlansIdIsNotTaken) {
  const std::string one = plan(), other = plan();
  std::filesystem::copy_file(one, other, std::filesystem::copy_options::overwrite_existing);
  for (const std::string& name : {other, std::filesystem::path(other).stem().native()}) {
    const auto applied = apply(name, 3);
    ASSERT_FALSE(applied);
    EXPECT_EQ(exit_code_of_run(applied.error()), 6) << to_text(applied.error());
  }
}

TEST_F(ApplyWorkflow, APlanInTheJournalsPlaceIsToldApart) {
  const std::string made = plan();
  ASSERT_TRUE(apply(made, 3));
  const auto undone = undo(made);
  ASSERT_FALSE(undone);
  EXPECT_EQ(exit_code_of_run(undone.error()), 6);
  EXPECT_NE(undone.error().hint.find("It is a plan"), std::string::npos) << undone.error().hint;
}

TEST_F(ApplyWorkflow, RescueFindsWhatARowNeedsInTheQuarantine) {
  const auto before = tree();
  const auto applied = apply(plan(), 3);
  ASSERT_TRUE(applied);
  sql("INSERT INTO files VALUES ('x1.png')");
  World around = world();
  std::vector<std::string> found;
  const auto keep = [&](const Rescuable& each) -> Result<void> {
    found.emplace_back(each.remains.object.key.bytes());
    return {};
  };
  auto rescued = run_rescue(*config(), std::nullopt, keep, around);
  ASSERT_TRUE(rescued) << to_text(rescued.error());
  EXPECT_EQ(rescued->found, 1U);
  EXPECT_FALSE(rescued->restored);
  EXPECT_EQ(found, std::vector<std::string>{"media/x1.png"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));
  rescued = run_rescue(*config(), 2, keep, around);
  ASSERT_FALSE(rescued);
  EXPECT_EQ(exit_code_of_run(rescued.error()), 4);
  rescued = run_rescue(*config(), 1, keep, around);
  ASSERT_TRUE(rescued) << to_text(rescued.error());
  ASSERT_TRUE(rescued->restored);
  EXPECT_EQ(rescued->restored->restored, 1U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));
}

TEST_F(ApplyWorkflow, PurgeTakesOnlyWhatIsOverItsTimeAndUnreferenced) {
  configure("prefixes = [\"media/\"]", std::string(kSource));
  const auto applied = apply(plan(), 3);
  ASSERT_TRUE(applied);
  World around = world();
  auto purged = run_purge(*config(), std::nullopt, around);
  ASSERT_TRUE(purged) << to_text(purged.error());
  EXPECT_EQ(purged->result.quarantined, 3U);
  EXPECT_EQ(purged->result.due, 0U);
  sql("INSERT INTO files VALUES ('x1.png')");
  // undo_days = 0: due at once.
  std::ofstream(folder_ / "flotsam.toml", std::ios::app) << "\n";
  auto loaded = *config();
  loaded.deletion.undo_days = 0;
  loaded.guards.resolution = Percent::of_whole(50);
  purged = run_purge(loaded, 3, around);
  ASSERT_FALSE(purged);
  EXPECT_EQ(exit_code_of_run(purged.error()), 4) << to_text(purged.error());
  purged = run_purge(loaded, 2, around);
  ASSERT_TRUE(purged) << to_text(purged.error());
  ASSERT_TRUE(purged->result.done) << "refused: " << purged->refused;
  EXPECT_EQ(purged->result.done->purged, 2U);
  EXPECT_EQ(purged->result.done->restored, 1U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "bucket/media/x1.png"));
  EXPECT_TRUE(tree("bucket/.flotsam-quarantine").empty());
}

TEST_F(ApplyWorkflow, PurgeLeavesWhatAnotherSpellingOrARuleOfNowNames) {
  ASSERT_TRUE(apply(plan(), 3));
  sql("INSERT INTO files VALUES ('X1.PNG')");
  configure("prefixes = [\"media/\"]\nprotect = [\"media/deep/**\"]", kSource);
  auto loaded = *config();
  loaded.deletion.undo_days = 0;
  World around = world();
  const auto purged = run_purge(loaded, 1, around);
  ASSERT_TRUE(purged) << to_text(purged.error());
  ASSERT_TRUE(purged->result.done);
  EXPECT_EQ(purged->result.done->purged, 1U);
  EXPECT_EQ(purged->result.kept, 2U);
  EXPECT_EQ(tree("bucket/.flotsam-quarantine").size(), 2U);
}

TEST_F(ApplyWorkflow, UndoOfAJournalOfAnotherQuarantineTouchesNothing) {
  const auto applied = apply(plan(), 3);
  ASSERT_TRUE(applied);
  auto loaded = *config();
  loaded.deletion.quarantine = (folder_ / "elsewhere").native() + "/";
  World around = world();
  const auto undone = run_undo(loaded, {applied->journal, folder_.path(), false}, around);
  ASSERT_FALSE(undone);
  EXPECT_EQ(exit_code_of_run(undone.error()), 6) << to_text(undone.error());
  EXPECT_EQ(undo(applied->journal)->restored, 3U);
}

}  // namespace
}  // namespace flotsam
