#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

#include "apply/fixture.h"
#include "plan/lock.h"

namespace flotsam::test {
namespace {

using std::chrono::hours;

/// A quarantine of 12 objects that one apply moved, in two batches of a minute apart.
struct Purge : testing::Test {
  Purge() {
    fixture.use(DeleteMethod::quarantine);
    fixture.orphans(12, 7);
    plan.emplace(fixture.plan());
    // The first one is moved at once, the others a day later.
    fixture.store.before_remove = [&] { fixture.pass(fixture.store.batches.empty() ? hours(24) : hours(0)); };
    fixture.resumes = true;
    fixture.rules.min_age = Seconds(86400);
    fixture.applied(*plan);
    fixture.store.before_remove = nullptr;
    request.store_url = "s3://media";
    request.store_identity = "memory media";
    request.prefixes = {"books/"};
    request.judge = [&](std::span<const Key> keys) -> Result<std::vector<Verdict>> {
      std::vector<Verdict> all;
      for (const Key& key : keys)
        all.push_back(referenced.contains(key.bytes()) ? Verdict::referenced
                      : doubted.contains(key.bytes())  ? Verdict::suspect
                                                       : Verdict::orphan);
      return all;
    };
    fixture.steps.clear();
  }
  Result<PurgeResult> ask(std::optional<std::uint64_t> expect = std::nullopt) {
    request.expect = expect;
    RestoreWorld world = fixture.restore_world();
    return purge(request, world);
  }
  std::size_t quarantined() const { return fixture.store.contents.quarantine.size(); }
  std::string figures(const PurgeResult& result) const {
    return fmt::format("quarantined {} due {} bytes {} referenced {} unknown {}", result.quarantined,
                       result.due, result.due_bytes, result.referenced, result.unknown);
  }

  ApplyFixture fixture;
  std::optional<Plan> plan;
  PurgeRequest request;
  std::set<std::string> referenced, doubted;
};

TEST_F(Purge, CountsFromTheBatchInTheJournalAndNotFromTheObjectsOwnTime) {
  // Their own times are 40 days old; the first was moved a day before the others.
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 0 bytes 0 referenced 0 unknown 0");
  fixture.pass(test_now() + hours(24 * 30) - fixture.clock.now() - std::chrono::seconds(1));
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 0 bytes 0 referenced 0 unknown 0");
  fixture.pass(std::chrono::seconds(1));
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 1 bytes 7 referenced 0 unknown 0");
  fixture.pass(hours(24));
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 12 bytes 84 referenced 0 unknown 0");
  EXPECT_EQ(quarantined(), 12U);
  request.undo_days = 0;
  EXPECT_EQ(ask()->due, 12U);
}

TEST_F(Purge, ListsAndWritesNothingWithoutANumber) {
  fixture.pass(hours(24 * 40));
  const std::uint64_t writes = fixture.state->writes();
  const auto result = ask();
  EXPECT_EQ(result->sample.size(), 12U);
  EXPECT_FALSE(result->done.has_value());
  EXPECT_EQ(fixture.state->writes(), writes);
}

TEST_F(Purge, RemovesForGoodWithTheRightNumber) {
  fixture.pass(hours(24 * 40));
  const auto standing = fixture.standing_keys();
  const auto result = ask(12);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(to_summary(*result->done),
            "restored 0 purged 12 bytes 84 superseded 0 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(quarantined(), 0U);
  EXPECT_EQ(fixture.standing_keys(), standing);
  const auto lines = fixture.state->lines_of(*fixture.state->name_of(result->done->journal));
  EXPECT_NE(lines[0].find("\"kind\":\"purge\""), std::string::npos);
  EXPECT_NE(lines[2].find("\"key\":\"books/o00000\""), std::string::npos);
  EXPECT_NE(lines[2].find("\"detail\":\"discard " + plan->header().id), std::string::npos);
}

TEST_F(Purge, RefusesAWrongNumber) {
  fixture.pass(hours(24 * 40));
  for (const std::uint64_t wrong : {0U, 11U, 13U}) {
    const auto result = ask(wrong);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    EXPECT_EQ(result.error().service_code, "Expect");
    EXPECT_EQ(quarantined(), 12U);
  }
}

TEST_F(Purge, GivesBackWhatIsReferencedAgainAndNeverRemovesIt) {
  fixture.pass(hours(24 * 40));
  referenced = {"books/o00003", "books/o00005"};
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 10 bytes 70 referenced 2 unknown 0");
  const auto result = ask(10);
  EXPECT_EQ(to_summary(*result->done),
            "restored 2 purged 10 bytes 70 superseded 0 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.standing_keys(),
            (std::vector<std::string>{"books/kept", "books/o00003", "books/o00005"}));
  EXPECT_EQ(quarantined(), 0U);
}

TEST_F(Purge, LeavesAReferencedCopyWhereSomethingNewerStands) {
  fixture.pass(hours(24 * 40));
  referenced = {"books/o00003"};
  fixture.orphan("books/o00003", 99);
  const auto result = ask(11);
  EXPECT_EQ(to_summary(*result->done),
            "restored 0 purged 11 bytes 77 superseded 1 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.contents.find("books/o00003")->size_bytes, 99U);
  EXPECT_EQ(quarantined(), 1U);
}

TEST_F(Purge, LeavesAloneWhatNoJournalTellsOf) {
  fixture.pass(hours(24 * 40));
  auto& quarantine = fixture.store.contents.quarantine;
  const Object object = quarantine.begin()->second;
  const std::string run = plan->header().id;
  quarantine[{std::string(32, 'f'), "books/x"}] = object;  // a run of which there is no journal
  quarantine[{"not-a-run", "books/x"}] = object;
  quarantine[{run, "books/not-in-the-journal"}] = object;
  quarantine[{run, "other/outside-the-prefixes"}] = object;
  quarantine[{run, "books/o00004"}].size_bytes = 8;  // not what was moved
  EXPECT_EQ(figures(*ask()), "quarantined 16 due 11 bytes 77 referenced 0 unknown 5");
  EXPECT_EQ(ask(11)->done->purged, 11U);
  EXPECT_EQ(quarantined(), 5U);
}

TEST_F(Purge, BelievesNoJournalThatWasChangedOrIsOfAnotherStore) {
  fixture.pass(hours(24 * 40));
  const std::string name = "journals/" + plan->header().id + ".ndjson";
  const auto lines = fixture.state->lines_of(name);
  auto changed = lines;
  changed[5][changed[5].size() / 2] ^= 1;
  fixture.state->set_lines(name, changed);
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 0 bytes 0 referenced 0 unknown 12");
  fixture.state->set_lines(name, lines);
  request.store_identity = "memory other";
  EXPECT_EQ(ask()->unknown, 12U);
}

TEST_F(Purge, BelievesTheJournalOfTheSameDirectoryWithAnotherIdentity) {
  fixture.pass(hours(24 * 40));
  const std::string name = journal_name(plan->header().id);
  // The same journal, of a directory.
  JournalHeader header;
  header.id = plan->header().id;
  header.plan_digest = plan->digest();
  header.store_url = "file:///srv/media";
  header.store_identity = "filesystem 1 inode 2";
  header.prefixes = {"books/"};
  header.method = DeleteMethod::quarantine;
  fixture.state->set_lines(name, {});
  {
    auto journal = JournalWriter::open(*fixture.state, header);
    ASSERT_TRUE(journal.has_value()) << to_text(journal.error());
    std::vector<JournalIntent> intents;
    for (const auto& [place, object] : fixture.store.contents.quarantine)
      intents.push_back({intents.size(), object, {}});
    ASSERT_TRUE(journal->intend(intents, test_now()).has_value());
  }
  request.store_url = "file:///srv/media";
  request.store_identity = "filesystem 3 inode 2";
  EXPECT_EQ(figures(*ask()), "quarantined 12 due 12 bytes 84 referenced 0 unknown 0");
  request.store_url = "file:///srv/other";
  EXPECT_EQ(ask()->unknown, 12U);
}

// Killed behind the copy, or the object changed between copy and deletion: its copy lies in the quarantine.
TEST(PurgeOf, TellsWhenACopyWasMadeWhateverBecameOfTheOriginal) {
  for (const RemoveResult became : {RemoveResult::removed, RemoveResult::changed, RemoveResult::held,
                                    RemoveResult::gone, RemoveResult::failed, RemoveResult::unknown}) {
    SCOPED_TRACE(to_string(became));
    ApplyFixture fixture;
    fixture.use(DeleteMethod::quarantine);
    fixture.orphan("books/o");
    const Plan plan = fixture.plan();
    fixture.store.cannot_reconcile = true;
    fixture.store.outcome_for = [&](const Object& object) {
      fixture.store.contents.quarantine[{plan.header().id, object.key.bytes()}] = object;
      RemoveOutcome outcome;
      outcome.result = became;
      return std::optional(outcome);
    };
    fixture.applied(plan);
    PurgeRequest request;
    request.store_url = "s3://media";
    request.store_identity = "memory media";
    request.prefixes = {"books/"};
    request.judge = [](std::span<const Key> keys) -> Result<std::vector<Verdict>> {
      return std::vector<Verdict>(keys.size(), Verdict::orphan);
    };
    RestoreWorld world = fixture.restore_world();
    const auto early = purge(request, world);
    ASSERT_TRUE(early.has_value()) << to_text(early.error());
    EXPECT_EQ(early->unknown, 0U);
    EXPECT_EQ(early->due, 0U);
    fixture.pass(hours(24 * 30));
    EXPECT_EQ(purge(request, world)->due, 1U);
  }
}

TEST_F(Purge, KeepsWhatUndoBroughtBackOutOfIt) {
  fixture.undone(plan->header().id);
  fixture.pass(hours(24 * 40));
  EXPECT_EQ(figures(*ask()), "quarantined 0 due 0 bytes 0 referenced 0 unknown 0");
  EXPECT_EQ(ask(0)->done->purged, 0U);
}

TEST_F(Purge, StopsWhereTheJudgementFails) {
  fixture.pass(hours(24 * 40));
  request.judge = [](std::span<const Key>) -> Result<std::vector<Verdict>> {
    return fail(ErrorCode::unavailable, "the database is down");
  };
  EXPECT_FALSE(ask(12).has_value());
  request.judge = [](std::span<const Key>) -> Result<std::vector<Verdict>> { return std::vector<Verdict>{}; };
  EXPECT_FALSE(ask(12).has_value()) << "an answer that is too short is none";
  EXPECT_EQ(quarantined(), 12U);
}

TEST_F(Purge, LeavesWhatIsInDoubtWhereItIs) {
  fixture.pass(hours(24 * 40));
  doubted = {"books/o00003", "books/o00005"};
  EXPECT_EQ(ask()->kept, 2U);
  const auto purged = ask(10);
  ASSERT_TRUE(purged) << to_text(purged.error());
  EXPECT_EQ(purged->done->purged, 10U);
  EXPECT_EQ(purged->done->restored, 0U);
  EXPECT_EQ(quarantined(), 2U);
}

TEST_F(Purge, NeverRemovesMoreThanWasApproved) {
  fixture.pass(hours(24 * 40));
  referenced = {"books/o00003"};
  fixture.on_step = [&](const std::string& step) {
    if (step == "journal") referenced.clear();
  };
  const auto result = ask(11);
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(quarantined(), 12U);
}

TEST_F(Purge, HasItsIntentsOnStableStorageFirst) {
  fixture.pass(hours(24 * 40));
  fixture.on_step = [&](const std::string& step) {
    if (step != "discard") return;
    const auto crash = fixture.state->after_crash();
    std::size_t intents = 0;
    const auto names = crash->list("journals");
    for (const std::string& name : *names)
      for (const std::string& line : crash->lines_of(name))
        intents += line.find("\"detail\":\"discard ") != std::string::npos ? 1U : 0U;
    EXPECT_EQ(intents, 12U);
  };
  EXPECT_TRUE(ask(12).has_value());
}

TEST_F(Purge, TellsWhatFailedAndLeavesIt) {
  fixture.pass(hours(24 * 40));
  fixture.store.outcome_for = [](const Object& object) -> std::optional<RemoveOutcome> {
    RemoveOutcome outcome;
    const char last = object.key.bytes().back();
    outcome.result = last == '1'   ? RemoveResult::failed
                     : last == '2' ? RemoveResult::changed
                     : last == '3' ? RemoveResult::held
                     : last == '4' ? RemoveResult::unknown
                                   : RemoveResult::removed;
    outcome.code = last == '1' ? "AccessDenied" : "";
    return outcome.result == RemoveResult::removed ? std::nullopt : std::optional(outcome);
  };
  const auto result = ask(12);
  EXPECT_EQ(to_summary(*result->done),
            "restored 0 purged 7 bytes 49 superseded 0 lost 0 failed 5 left 0 partial");
  std::vector<std::string> codes;
  for (const FailedObject& failure : result->done->failed) codes.push_back(failure.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"AccessDenied", "Changed", "Held", "Unknown", "AccessDenied"}));
  EXPECT_EQ(quarantined(), 5U);
}

TEST_F(Purge, TakesTheLock) {
  fixture.pass(hours(24 * 40));
  const auto other =
      ScopeLock::acquire(*fixture.state, {"memory media", {"books/"}, "apply x"}, fixture.clock);
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(ask(12).error().service_code, "Locked");
  EXPECT_EQ(quarantined(), 12U);
}

TEST_F(Purge, EndsTheSameAfterACrashAtEveryStep) {
  fixture.pass(hours(24 * 40));
  referenced = {"books/o00003", "books/o00007"};
  struct Left {
    std::string moment;
    std::unique_ptr<MemoryState> state;
    MemoryContents contents;
  };
  std::vector<Left> left;
  const auto take = [&](const std::string& moment) {
    left.push_back({moment, fixture.state->after_crash(), fixture.store.contents});
  };
  fixture.on_step = [&](const std::string& step) { take("before " + step); };
  fixture.store.on_deleted = [&](const std::string& key) { take("after " + key); };
  EXPECT_TRUE(ask(10).has_value());
  fixture.on_step = nullptr;
  fixture.store.on_deleted = nullptr;
  EXPECT_GT(left.size(), 18U);
  for (const Left& each : left) {
    SCOPED_TRACE(each.moment);
    fixture.state = each.state->after_crash();
    fixture.store.contents = each.contents;
    fixture.pass(std::chrono::minutes(12));
    const auto listed = ask();
    ASSERT_TRUE(listed.has_value());
    const auto done = ask(listed->due);
    ASSERT_TRUE(done.has_value()) << to_text(done.error());
    EXPECT_EQ(done->done->status, RunStatus::ok);
    EXPECT_EQ(quarantined(), 0U);
    EXPECT_EQ(fixture.standing_keys(),
              (std::vector<std::string>{"books/kept", "books/o00003", "books/o00007"}));
  }
}

}  // namespace
}  // namespace flotsam::test
