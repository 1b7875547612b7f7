#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/disk_state.h"
#include "cli/command_line.h"
#include "plan/lock.h"
#include "plan/plan.h"

namespace flotsam::test {
namespace {

/// A scan that planned `orphans` objects as plan.ndjson.
CommandLine& with_plan(CommandLine& line, int orphans, std::string_view rest = {}) {
  with_images(line, orphans, "books/{s3_key}", rest);
  const int code = line.run({"scan", "--plan", "plan.ndjson"});
  EXPECT_TRUE(code == 0 || code == 4) << line.err;
  return line;
}

bool stands(const CommandLine& line, const std::string& key) {
  return std::filesystem::exists(line.folder / ("media/" + key));
}

/// The listing without what stands below books/600/, where the orphans are.
std::vector<std::string> without_orphans(std::vector<std::string> listing) {
  std::erase_if(listing,
                [](const std::string& entry) { return entry.find("/books/600") != std::string::npos; });
  return listing;
}

TEST(Apply, DeletesExactlyThePlan) {
  CommandLine line;
  with_plan(line, 2);
  const auto before = store_listing(line);
  line.folder.write("media/books/600/later.jpg", "not in the plan");
  line.expect_golden("apply-done", {"apply", "plan.ndjson", "--expect", "2"});
  EXPECT_FALSE(stands(line, "books/600/left_0.jpg"));
  EXPECT_FALSE(stands(line, "books/600/left_1.jpg"));
  EXPECT_TRUE(stands(line, "books/600/later.jpg")) << "only what the plan names";
  EXPECT_EQ(without_orphans(store_listing(line)), without_orphans(before));
  line.expect_golden("apply-again", {"apply", "plan.ndjson", "--expect", "2"});
}

TEST(Apply, PrintsItsResultAsJson) {
  CommandLine line;
  with_plan(line, 2);
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "2", "--json"}), 0) << line.err;
  EXPECT_EQ(line.err, "");
  const auto result = nlohmann::json::parse(line.out);
  EXPECT_EQ(result["deleted"], 2);
  EXPECT_EQ(result["bytes_freed_or_recoverable"], 20);
  EXPECT_EQ(result["skipped"]["referenced"], 0);
  EXPECT_TRUE(result["failed"].empty());
  EXPECT_EQ(result["status"], "ok");
  EXPECT_EQ(result["recoverable_until"], "2100-01-31T00:00:00Z");
  EXPECT_TRUE(std::filesystem::exists(result["journal"].get<std::string>())) << line.out;
}

TEST(Apply, TakesAPlanOfTheStateByItsIdOrPlace) {
  for (const bool by_place : {false, true}) {
    CommandLine line;
    with_images(line, 1);
    ASSERT_EQ(line.run({"scan"}), 0) << line.err;
    const std::filesystem::path plan =
        std::filesystem::directory_iterator(line.folder / "state/plans")->path();
    const std::string name = by_place ? plan.native() : plan.stem().native();
    EXPECT_EQ(line.run({"show", name}), 0) << line.err;
    EXPECT_EQ(line.run({"apply", name, "--expect", "1"}), 0) << line.err;
    EXPECT_FALSE(stands(line, "books/600/left_0.jpg"));
  }
}

TEST(Apply, SkipsWhatBecameReferencedAndWhatChanged) {
  CommandLine line;
  with_plan(line, 2);
  insert_row(line.folder, "600/left_0.jpg");
  line.folder.write("media/books/600/left_1.jpg", "another upload");
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "2", "--json"}), 0) << line.err << line.out;
  const auto result = nlohmann::json::parse(line.out);
  EXPECT_EQ(result["deleted"], 0);
  EXPECT_EQ(result["skipped"]["referenced"], 1);
  EXPECT_EQ(result["skipped"]["changed"], 1);
  EXPECT_TRUE(stands(line, "books/600/left_0.jpg"));
  EXPECT_EQ(content_of(line.folder / "media/books/600/left_1.jpg"), "another upload");
}

/// A run that must leave the store as it was.
struct Untouched {
  std::string name;
  std::function<void(CommandLine&)> before;
  std::vector<std::string> args;
  int code;
  std::string err;  ///< a part of stderr
};

class ApplyRefuses : public testing::TestWithParam<Untouched> {};

TEST_P(ApplyRefuses, AndLeavesTheStoreAsItWas) {
  CommandLine line;
  with_plan(line, 2);
  if (GetParam().before) GetParam().before(line);
  const auto before = store_listing(line);
  EXPECT_EQ(line.run(GetParam().args), GetParam().code) << line.err << line.out;
  EXPECT_NE((line.err + line.out).find(GetParam().err), std::string::npos) << line.err << line.out;
  EXPECT_EQ(store_listing(line), before);
  EXPECT_FALSE(std::filesystem::exists(line.folder / "media/.flotsam-quarantine/books"));
}

void on_a_terminal(CommandLine& line, std::vector<std::string> typed) {
  line.in_is_terminal = line.err_is_terminal = true;
  line.typed = std::move(typed);
}

void change_config(CommandLine& line, const std::string& from, const std::string& to) {
  std::string text = content_of(line.folder / "flotsam.toml");
  ASSERT_NE(text.find(from), std::string::npos) << text;
  text.replace(text.find(from), from.size(), to);
  line.folder.write("flotsam.toml", text);
}

const std::vector<std::string> kApplyTwo = {"apply", "plan.ndjson", "--expect", "2"};

const std::vector<Untouched> kUntouched = {
    {"AWrongNumber",
     {},
     {"apply", "plan.ndjson", "--expect", "3"},
     4,
     "--expect says 3, and the plan holds 2"},
    {"NoNumberAndNoTerminal", {}, {"apply", "plan.ndjson"}, 2, "--expect N is missing"},
    {"NoNumberAndHalfATerminal",
     [](CommandLine& line) {
       on_a_terminal(line, {"2"});
       line.in_is_terminal = false;
     },
     {"apply", "plan.ndjson"},
     2,
     "--expect N is missing"},
    {"AnotherNumberTyped",
     [](CommandLine& line) { on_a_terminal(line, {"3", "2"}); },
     {"apply", "plan.ndjson"},
     4,
     "the number 2 was not typed"},
    {"YesTyped",
     [](CommandLine& line) { on_a_terminal(line, {"y", "2"}); },
     {"apply", "plan.ndjson"},
     4,
     "the number 2 was not typed"},
    {"NothingTyped",
     [](CommandLine& line) { on_a_terminal(line, {"", "2"}); },
     {"apply", "plan.ndjson"},
     4,
     "the number 2 was not typed"},
    {"TheEndOfStdin",
     [](CommandLine& line) { on_a_terminal(line, {}); },
     {"apply", "plan.ndjson"},
     4,
     "the number 2 was not typed"},
    {"AGuardThatDoesNotExist",
     {},
     {"apply", "plan.ndjson", "--expect", "2", "--override", "orphan-percnt"},
     2,
     "orphan-percent"},
    {"APlanThatIsNotThere", {}, {"apply", "nowhere.ndjson", "--expect", "2"}, 6, "there is no plan"},
    {"AnIdOfNoPlan",
     {},
     {"apply", "0123456789abcdef0123456789abcdef", "--expect", "2"},
     6,
     "there is no plan"},
    {"APlanThatWasChanged",
     [](CommandLine& line) {
       std::string plan = content_of(line.folder / "plan.ndjson");
       const std::size_t at = plan.rfind("left_1");
       plan.replace(at, 6, "left_2");
       line.folder.write("plan.ndjson", plan);
     },
     kApplyTwo, 6, "plan.ndjson"},
    {"AnotherQuery",
     [](CommandLine& line) { change_config(line, "FROM book_images", "FROM book_images WHERE 1"); },
     kApplyTwo, 6, "was changed since the scan"},
    {"OtherPrefixes", [](CommandLine& line) { change_config(line, "[\"books/\"]", "[\"books/600/\"]"); },
     kApplyTwo, 6, "other prefixes"},
    {"ADatabaseThatIsGone", [](CommandLine& line) { std::filesystem::remove(line.folder / "app.db"); },
     kApplyTwo, 1, "app.db"},
    {"AnOldPlan", [](CommandLine& line) { line.clock.sleep_for(std::chrono::hours(25)); }, kApplyTwo, 4,
     "--override plan-age"},
    {"ReferencesThatAreGone", [](CommandLine& line) { delete_rows(line.folder); }, kApplyTwo, 4,
     "references-empty"},
    {"AnInterruptBeforeTheStart", [](CommandLine& line) { line.cancel.request(); }, kApplyTwo, 130,
     "interrupted"},
    {"AnInterruptAtTheQuestion",
     [](CommandLine& line) {
       on_a_terminal(line, {});
       line.cancel.request();
     },
     {"apply", "plan.ndjson"},
     130,
     "interrupted"},
    {"NoConfiguration", [](CommandLine& line) { std::filesystem::remove(line.folder / "flotsam.toml"); },
     kApplyTwo, 2, "flotsam.toml"},
};
INSTANTIATE_TEST_SUITE_P(Apply, ApplyRefuses, testing::ValuesIn(kUntouched),
                         [](const auto& row) { return row.param.name; });

TEST(Apply, OfAPlanOfAnotherStoreIsExitSix) {
  CommandLine theirs, ours;
  with_plan(theirs, 2);
  with_plan(ours, 2);
  const auto before = store_listing(ours);
  const auto their_before = store_listing(theirs);
  EXPECT_EQ(ours.run({"apply", (theirs.folder / "plan.ndjson").native(), "--expect", "2"}), 6) << ours.err;
  EXPECT_EQ(store_listing(ours), before);
  EXPECT_EQ(store_listing(theirs), their_before);
}

TEST(Apply, AsksOnATerminal) {
  CommandLine line;
  with_plan(line, 2);
  on_a_terminal(line, {"2"});
  line.expect_golden("apply-asks", {"apply", "plan.ndjson", "--no-progress"});
  EXPECT_FALSE(stands(line, "books/600/left_0.jpg"));
  EXPECT_TRUE(stands(line, "books/515/image_10.webp"));
}

TEST(Apply, AsksEvenWhereItIsQuiet) {
  CommandLine line;
  with_plan(line, 2);
  on_a_terminal(line, {" 2\r"});
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "-q"}), 0) << line.err;
  EXPECT_NE(line.err.find("books/600/left_0.jpg"), std::string::npos) << "what is asked about is shown";
  EXPECT_NE(line.err.find("Type the number of objects to delete them"), std::string::npos) << line.err;
  EXPECT_FALSE(stands(line, "books/600/left_0.jpg"));
}

TEST(Apply, AsksNothingWhereTheNumberIsGiven) {
  CommandLine line;
  with_plan(line, 2);
  on_a_terminal(line, {});
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "2", "--no-progress"}), 0) << line.err;
  EXPECT_EQ(line.err, "");
}

TEST(Apply, OfAHostileKeyKeepsTheTerminalSafe) {
  CommandLine line;
  with_images(line, 0);
  line.folder.write("media/books/600/a\x1b[2J\rb\xff.jpg", "x");
  ASSERT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 0) << line.err;
  on_a_terminal(line, {"1"});
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--no-progress", "--color", "never"}), 0) << line.err;
  for (const char c : {'\x1b', '\r', '\xff'}) {
    EXPECT_EQ(line.out.find(c), std::string::npos);
    EXPECT_EQ(line.err.find(c), std::string::npos) << line.err;
  }
}

TEST(Apply, NeedsAnOverrideForEveryRefusal) {
  CommandLine line;
  with_plan(line, 4);
  const auto before = store_listing(line);
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "4"}), 4);
  EXPECT_NE(line.err.find("--override orphan-percent"), std::string::npos) << line.err;
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "4", "--override", "suspects"}), 4);
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "3", "--override", "orphan-percent"}), 4)
      << "an override is no number";
  EXPECT_EQ(store_listing(line), before);
  line.expect_golden("apply-override",
                     {"apply", "plan.ndjson", "--expect", "4", "--override", "orphan-percent"});
  EXPECT_FALSE(stands(line, "books/600/left_3.jpg"));
}

TEST(Apply, OfWhatCannotBeOverriddenSaysSo) {
  CommandLine line;
  with_images(line, 0, "{s3_key}");
  ASSERT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 4) << line.err;
  const auto before = store_listing(line);
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "0", "--override", "resolution", "--override",
                      "orphan-percent", "--override", "shape-percent", "--override", "suspects", "--override",
                      "unexpected-prefix"}),
            4);
  EXPECT_NE(line.err.find("resolution cannot be overridden"), std::string::npos) << line.err;
  EXPECT_EQ(store_listing(line), before);
}

TEST(Apply, WaitsForNoLockThatAnotherRunHolds) {
  CommandLine line;
  with_plan(line, 2);
  const auto before = store_listing(line);
  const auto plan = Plan::load(line.folder / "plan.ndjson");
  ASSERT_TRUE(plan);
  const auto state = open_disk_state(line.folder / "state");
  {
    const auto lock = ScopeLock::acquire(
        *state, {.store_identity = plan->header().store_identity, .prefixes = {"books/"}, .run = "purge"},
        line.clock);
    ASSERT_TRUE(lock) << lock.error().message;
    EXPECT_EQ(line.run(kApplyTwo), 7) << line.err;
    EXPECT_NE(line.err.find("purge"), std::string::npos) << line.err;
    EXPECT_EQ(store_listing(line), before);
  }
  EXPECT_EQ(line.run(kApplyTwo), 0) << line.err;
}

TEST(Apply, ThatCannotMoveIsExitFiveAndGoesOnOnceItCan) {
  CommandLine line;
  with_plan(line, 2);
  const auto before = store_listing(line);
  const auto plan = Plan::load(line.folder / "plan.ndjson");
  ASSERT_TRUE(plan);
  const std::string in_the_way = "media/.flotsam-quarantine/" + plan->header().id + "/books";
  line.folder.write(in_the_way, "a file where a folder must be made");
  EXPECT_EQ(line.run({"apply", "plan.ndjson", "--expect", "2", "--json"}), 5) << line.err << line.out;
  const auto result = nlohmann::json::parse(line.out);
  EXPECT_EQ(result["deleted"], 0);
  EXPECT_EQ(store_listing(line), before);
  std::filesystem::remove(line.folder / in_the_way);
  EXPECT_EQ(line.run(kApplyTwo), 0) << line.err << line.out;
  EXPECT_FALSE(stands(line, "books/600/left_0.jpg"));
}

TEST(Apply, ThatIsInterruptedGoesOnInTheSameJournal) {
  CommandLine line;
  with_plan(line, 15, "[guards]\norphan-percent = 99\n");
  const std::vector<std::string> args = {"apply", "plan.ndjson", "--expect", "15", "--json"};
  line.on_step = [&](const char* step) {
    if (std::string_view(step) == "remove") line.cancel.request();
  };
  EXPECT_EQ(line.run(args), 130) << line.err << line.out;
  const auto stopped = nlohmann::json::parse(line.out);
  EXPECT_EQ(stopped["status"], "partial");
  EXPECT_EQ(stopped["deleted"], 1) << "the batch in flight is ended, and none is begun after it";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(line.folder / "media/books/600"), {}), 14);
  std::construct_at(&line.cancel);
  line.on_step = {};
  EXPECT_EQ(line.run(args), 0) << line.err;
  const auto done = nlohmann::json::parse(line.out);
  EXPECT_EQ(done["deleted"], 15);
  EXPECT_EQ(done["journal"], stopped["journal"]);
}

}  // namespace
}  // namespace flotsam::test
