#include "store/directory/directory_probe.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "store/directory/directory_removal_store.h"

namespace flotsam::test {
namespace {

TEST(DirectoryProbe, SaysWhatTheFileSystemDoesAndLeavesNothing) {
  DirectoryRemovalStore store;
  store.put("a/b/1", "bytes");
  const Cancel cancel;
  for (const char* prefix : {"", "a/", "a/b/", "a/not there/", "a/b/1/"}) {
    const auto findings = probe_directory(store.tree().root(), prefix, cancel);
    ASSERT_TRUE(findings) << to_text(findings.error());
    EXPECT_EQ(findings->create_if_absent, true);
    EXPECT_EQ(findings->distinct_keys, true);
    EXPECT_EQ(findings->replace_if_match, false);
    EXPECT_EQ(findings->versions_kept, false);
    EXPECT_EQ(findings->delete_if_match, std::nullopt);
    EXPECT_EQ(findings->batch_if_match, std::nullopt);
    EXPECT_EQ(findings->owner_checked, std::nullopt);
    EXPECT_EQ(findings->steps.size(), 6U);
    for (const ProbeFindings::Step& step : findings->steps) {
      EXPECT_FALSE(step.name.empty());
      EXPECT_FALSE(step.outcome.empty()) << step.name;
    }
    EXPECT_EQ(store.keys(), std::vector<std::string>{"a/b/1"});
    struct stat status;
    EXPECT_NE(lstat(store.tree().path("a/not there").c_str(), &status), 0);
  }
}

TEST(DirectoryProbe, FindsNamesThatAreNotTheirOwn) {
  DirectoryRemovalStore store;
  const Cancel cancel;
  // Two equal names stand for two that a file system folds into one.
  const auto findings = probe_directory(store.tree().root(), "", cancel, {"a", "a"});
  ASSERT_TRUE(findings) << to_text(findings.error());
  EXPECT_EQ(findings->distinct_keys, false);
  EXPECT_EQ(findings->create_if_absent, true);
  EXPECT_EQ(store.keys(), std::vector<std::string>{});
}

TEST(DirectoryProbe, SaysWhereItCannotWrite) {
  DirectoryRemovalStore store;
  store.put("a/1", "bytes");
  const Cancel cancel;
  Result<ProbeFindings> findings;
  as_ordinary_user([&] { findings = probe_directory(store.tree().root(), "a/", cancel); });
  ASSERT_FALSE(findings);
  EXPECT_EQ(findings.error().code, ErrorCode::permission_denied);
  EXPECT_NE(findings.error().message.find(store.tree().path("a/.flotsam-probe-")), std::string::npos)
      << to_text(findings.error());
}

TEST(DirectoryProbe, FollowsNoLink) {
  DirectoryRemovalStore store;
  store.tree().folder("b");
  store.tree().link("a", "b");
  const Cancel cancel;
  for (const char* prefix : {"a/", "a/c/"}) {
    const auto findings = probe_directory(store.tree().root(), prefix, cancel);
    ASSERT_FALSE(findings);
    EXPECT_EQ(findings.error().code, ErrorCode::refused) << to_text(findings.error());
  }
}

TEST(DirectoryProbe, NeedsTheRootAndStopsWhenAsked) {
  DirectoryRemovalStore store;
  Cancel cancel;
  const auto missing = probe_directory(store.tree().path("nowhere"), "", cancel);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  cancel.request();
  const auto stopped = probe_directory(store.tree().root(), "", cancel);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::interrupted);
  EXPECT_EQ(store.keys(), std::vector<std::string>{});
}

}  // namespace
}  // namespace flotsam::test
