// The whole flow on servers that we did not write: a bucket of Ceph's Object Gateway, with and without
// versions, and PostgreSQL as references.

#include <nlohmann/json.hpp>

#include "plan/plan.h"
#include "store/open.h"
#include "support/postgres.h"
#include "support/rgw.h"
#include "workflow/fixture.h"

namespace flotsam {
namespace {

/// What the flow differs in.
struct Setting {
  std::string name;
  bool versioned = false;
  bool state_on_s3 = false;  ///< in a bucket of its own: the gateway ignores conditions on a versioned one
};

class RealServers : public test::WorkflowFixture, public testing::WithParamInterface<Setting> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test::shared_rgw()) << to_text(test::shared_rgw().error());
    ASSERT_TRUE(test::shared_postgres()) << to_text(test::shared_postgres().error());
    const test::S3Server& server = *test::shared_rgw();
    environment_ = server.environment();
    bucket_ = test::new_bucket_name();
    test::S3TestClient client(server);
    ASSERT_TRUE(client.create_bucket(bucket_));
    if (GetParam().versioned) {
      ASSERT_TRUE(client.set_versioning(bucket_, "Enabled"));
    }
    const std::string state_bucket = test::new_bucket_name();
    if (GetParam().state_on_s3) {
      ASSERT_TRUE(client.create_bucket(state_bucket));
    }
    std::string rows = "CREATE TABLE files (name text);";
    for (int i = 0; i < 40; ++i) {
      const std::string name = "f " + std::to_string(i) + "+\u00e9.jpg";
      ASSERT_TRUE(client.put_object(bucket_, "media/" + name, "live " + name));
      rows += "INSERT INTO files VALUES ('" + name + "');";
    }
    for (const char* key : {"media/x%2B 1.png", "media/deep/\u00fc&<x2>.png", "media/x3\n.png"})
      ASSERT_TRUE(client.put_object(bucket_, key, std::string("orphan ") + key));
    database_ = test::shared_postgres()->make_database(rows);
    folder_.write(
        "flotsam.toml",
        "[store]\nurl = \"s3://" + bucket_ + "\"\nendpoint = \"" + server.endpoint +
            "\"\nprefixes = [\"media/\"]\nmin_age = \"0s\"\nallow_short_min_age = true\n"
            "[state]\ndir = \"" +
            (GetParam().state_on_s3 ? "s3://" + state_bucket + "/.flotsam-state/" : "state") +
            "\"\n[delete]\n" +
            (GetParam().versioned ? std::string()
                                  : "quarantine = \"s3://" + bucket_ + "/.flotsam-quarantine/\"\n") +
            "[[references]]\nname = \"files\"\ndatabase = \"" + test::shared_postgres()->url(database_) +
            "\"\nquery = \"SELECT name FROM files\"\nobjects = [\"media/{name}\"]\n");
    wait_for_the_store_to_be_later();
  }

  /// An object of this very second is young. The store's clock decides, so it is asked, for at most some
  /// seconds.
  void wait_for_the_store_to_be_later() {
    NullLog log;
    auto store = open_store(test::shared_rgw()->options(bucket_), {&environment_, &clock_, &log});
    ASSERT_TRUE(store) << to_text(store.error());
    const auto first = (*store)->facts();
    ASSERT_TRUE(first) << to_text(first.error());
    for (int i = 0; i < 20'000; ++i) {
      const auto facts = (*store)->facts();
      ASSERT_TRUE(facts) << to_text(facts.error());
      if (facts->clock > first->clock + Seconds(1)) return;
    }
    FAIL() << "the store's clock stands still";
  }

  std::string bucket_, database_;
};

TEST_P(RealServers, ScanApplyUndoGivesTheFirstListing) {
  const auto all_keys = [&] {
    const auto seen = report();
    return std::pair(seen.at("total_objects_scanned").get<int>(),
                     seen.at("verdicts").at("referenced").at("objects").get<int>());
  };
  ASSERT_EQ(all_keys(), std::pair(43, 40));
  const auto outcome = scan();
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  ASSERT_FALSE(outcome->refused) << outcome->report;
  const auto applied = apply(outcome->plan_path, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->status, RunStatus::ok) << applied->stopped_by;
  EXPECT_EQ(applied->deleted, 3U);
  EXPECT_EQ(applied->method, GetParam().versioned ? DeleteMethod::version : DeleteMethod::quarantine);
  EXPECT_EQ(all_keys(), std::pair(40, 40));

  // A finished plan applied again does nothing.
  const auto again = apply(outcome->plan_path, 3);
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(again->deleted, 3U);
  EXPECT_EQ(all_keys(), std::pair(40, 40));

  const auto undone = undo(applied->journal);
  ASSERT_TRUE(undone) << to_text(undone.error());
  EXPECT_EQ(undone->restored, 3U);
  EXPECT_EQ(undone->status, RunStatus::ok) << (undone->failed.empty() ? "" : undone->failed[0].message);
  EXPECT_EQ(all_keys(), std::pair(43, 40));
  test::S3TestClient client(*test::shared_rgw());
  const auto body = client.send("GET", bucket_, "media/x%2B 1.png", {}, "");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->body, "orphan media/x%2B 1.png");
}

TEST_P(RealServers, WhatIsWrittenAnewIsLeftAlone) {
  const auto outcome = scan();
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  test::S3TestClient client(*test::shared_rgw());
  ASSERT_TRUE(client.put_object(bucket_, "media/x3\n.png", "written anew"));
  const auto applied = apply(outcome->plan_path, 3);
  ASSERT_TRUE(applied) << to_text(applied.error());
  EXPECT_EQ(applied->deleted, 2U);
  EXPECT_EQ(applied->skipped[static_cast<std::size_t>(SkipReason::changed)], 1U);
  ASSERT_TRUE(client.put_object(bucket_, "media/x%2B 1.png", "a new owner"));
  const auto undone = undo(applied->journal);
  ASSERT_TRUE(undone) << to_text(undone.error());
  EXPECT_EQ(undone->restored, 1U);
  ASSERT_EQ(undone->superseded.size(), 1U);
  EXPECT_EQ(undone->superseded[0].bytes(), "media/x%2B 1.png");
  const auto body = client.send("GET", bucket_, "media/x%2B 1.png", {}, "");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->body, "a new owner");
}

TEST_P(RealServers, RescueBringsBackWhatAnotherToolDeleted) {
  if (!GetParam().versioned) GTEST_SKIP() << "without versions there is nothing to come back to";
  test::S3TestClient client(*test::shared_rgw());
  ASSERT_TRUE(client.delete_object(bucket_, "media/f 7+\u00e9.jpg"));
  World around = world();
  const auto ignore = [](const Rescuable&) -> Result<void> { return {}; };
  auto rescued = run_rescue(*config(), std::nullopt, ignore, around);
  ASSERT_TRUE(rescued) << to_text(rescued.error());
  EXPECT_EQ(rescued->found, 1U);
  rescued = run_rescue(*config(), 1, ignore, around);
  ASSERT_TRUE(rescued) << to_text(rescued.error());
  ASSERT_TRUE(rescued->restored);
  EXPECT_EQ(rescued->restored->restored, 1U);
  const auto body = client.send("GET", bucket_, "media/f 7+\u00e9.jpg", {}, "");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->status, 200);
}

INSTANTIATE_TEST_SUITE_P(All, RealServers,
                         testing::Values(Setting{"VersionsAndTheStateOnS3", true, true},
                                         Setting{"QuarantineAndTheStateOnADisk", false, false}),
                         [](const auto& setting) { return setting.param.name; });

}  // namespace
}  // namespace flotsam
