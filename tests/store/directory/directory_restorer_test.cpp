// What bringing files back to a directory means beyond the contract of every store.

#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

class DirectoryRestore : public DirectoryRemoval {};

void expect_failure(const RestoreOutcome& outcome, const std::string& code) {
  EXPECT_EQ(outcome.result, RestoreResult::failed) << outcome.message;
  EXPECT_EQ(outcome.code, code) << outcome.message;
  EXPECT_FALSE(outcome.message.empty());
}

TEST_F(DirectoryRestore, MakesFoldersAgainAsTheyWere) {
  put("a/b/c/1");
  ASSERT_EQ(chmod(tree().path("a").c_str(), 0711), 0);
  ASSERT_EQ(chmod(tree().path("a/b").c_str(), 02770), 0);
  ASSERT_EQ(chmod(tree().path("a/b/c").c_str(), 01733), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(tree().path("a/b").c_str(), 1234, 2345), 0);
    ASSERT_EQ(chmod(tree().path("a/b").c_str(), 02770), 0);
  }
  const Object object = planned_one("a/b/c/1");
  remove_well(object);
  std::filesystem::remove_all(tree().path("a"));
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(store_.bytes_of("a/b/c/1"), "bytes");
  EXPECT_EQ(mode_of("a"), S_IFDIR | 0711U);
  EXPECT_EQ(mode_of("a/b"), S_IFDIR | 02770U);
  EXPECT_EQ(mode_of("a/b/c"), S_IFDIR | 01733U);
  if (geteuid() == 0) {
    struct stat status;
    ASSERT_EQ(stat(tree().path("a/b").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 1234U);
    EXPECT_EQ(status.st_gid, 2345U);
  }
  EXPECT_FALSE(is_there(".flotsam-quarantine/run"));
  EXPECT_TRUE(is_there(".flotsam-quarantine"));
}

TEST_F(DirectoryRestore, LeavesFoldersThatStandAsTheyAre) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  ASSERT_EQ(chmod(tree().path("a").c_str(), 0700), 0);
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(mode_of("a"), S_IFDIR | 0700U);
}

TEST_F(DirectoryRestore, WhatStandsOnTheWayIsSaidAndLeftAlone) {
  put("a/b/1");
  const Object object = planned_one("a/b/1");
  remove_well(object);
  std::filesystem::remove_all(tree().path("a"));
  tree().folder("elsewhere/b");
  for (const bool is_link : {false, true}) {
    if (is_link)
      tree().link("a", "elsewhere");
    else
      tree().file("a");
    expect_failure(restore(object), "NotADirectory");
    expect_failure(restore(remains_of(object), Restorer::Mode::dry_run), "NotADirectory");
    EXPECT_TRUE(std::filesystem::is_empty(tree().path("elsewhere/b")));
    EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/b/1"), "bytes");
    ASSERT_EQ(unlink(tree().path("a").c_str()), 0);
  }
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
}

TEST_F(DirectoryRestore, WhateverStandsUnderTheKeyIsNotReplaced) {
  const struct {
    const char* name;
    std::function<void(const Tree&)> put;
  } rows[] = {
      {"a file of the same bytes", [](const Tree& t) { t.file("a/1", 5); }},
      {"an empty folder", [](const Tree& t) { t.folder("a/1"); }},
      {"a link to the quarantined file",
       [](const Tree& t) { t.link("a/1", "../.flotsam-quarantine/run/a/1"); }},
      {"a link to nothing", [](const Tree& t) { t.link("a/1", "nowhere"); }},
      {"a fifo", [](const Tree& t) { t.fifo("a/1"); }},
  };
  for (const auto& row : rows)
    for (const bool has_noreplace : {true, false}) {
      SCOPED_TRACE(row.name);
      RemovalWorld world;
      world.store_.options.has_noreplace = has_noreplace;
      world.put("a/1");
      const Object object = world.planned_one("a/1");
      world.remove_well(object);
      row.put(world.tree());
      const unsigned before = world.mode_of("a/1");
      for (const auto mode : {Restorer::Mode::dry_run, Restorer::Mode::really}) {
        const RestoreOutcome outcome = world.restore(RemovalWorld::remains_of(object), mode);
        EXPECT_EQ(outcome.result, RestoreResult::superseded);
        EXPECT_FALSE(outcome.message.empty());
      }
      EXPECT_EQ(world.mode_of("a/1"), before);
      EXPECT_EQ(world.store_.bytes_of(".flotsam-quarantine/run/a/1"), "bytes");
      // What is no object hides nothing that find() would have to prove.
      const auto found = (*world.store_.open_restorer())->find(std::vector<Key>{object.key});
      ASSERT_TRUE(found);
      EXPECT_FALSE(found->front());
    }
}

TEST_F(DirectoryRestore, WhatWasChangedInTheQuarantineStaysThere) {
  const struct {
    const char* name;
    std::function<void(const Tree&, const std::string& path)> change;
  } rows[] = {
      {"other bytes in the same file",
       [](const Tree&, const std::string& path) {
         const FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
         EXPECT_EQ(pwrite(fd.get(), "BYTES", 5, 0), 5);
         const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 2}};
         EXPECT_EQ(futimens(fd.get(), times), 0);
       }},
      {"longer", [](const Tree&, const std::string& path) { EXPECT_EQ(truncate(path.c_str(), 9), 0); }},
      {"another file",
       [](const Tree&, const std::string& path) {
         std::filesystem::copy_file(path, path + ".copy");
         EXPECT_EQ(rename((path + ".copy").c_str(), path.c_str()), 0);
       }},
      {"a link",
       [](const Tree& tree, const std::string& path) {
         EXPECT_EQ(rename(path.c_str(), tree.path("b").c_str()), 0);
         tree.link(".flotsam-quarantine/run/a/1", tree.path("b"));
       }},
      {"a folder",
       [](const Tree&, const std::string& path) {
         EXPECT_EQ(unlink(path.c_str()), 0);
         EXPECT_EQ(mkdir(path.c_str(), 0755), 0);
       }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    RemovalWorld world;
    world.put("a/1");
    const Object object = world.planned_one("a/1");
    world.remove_well(object);
    row.change(world.tree(), world.tree().path(".flotsam-quarantine/run/a/1"));
    expect_failure(world.restore(object), "Changed");
    EXPECT_FALSE(world.is_there("a/1"));
    EXPECT_TRUE(world.is_there(".flotsam-quarantine/run/a/1"));
  }
}

TEST_F(DirectoryRestore, FollowsNoLinkInTheQuarantine) {
  put("a/1");
  put("elsewhere/a/1", "foreign");
  const Object object = planned_one("elsewhere/a/1");
  tree().folder(".flotsam-quarantine/run");
  tree().link(".flotsam-quarantine/run/a", "../../elsewhere/a");
  tree().link(".flotsam-quarantine/linked", "../elsewhere");
  store_.erase("a/1");
  for (const char* run : {"run", "linked"}) {
    Remains remains = remains_of(object, run);
    remains.object.key = Key(std::string("a/1"));
    expect_failure(restore(remains), "NotADirectory");
  }
  EXPECT_EQ(store_.bytes_of("elsewhere/a/1"), "foreign");
  const auto found = (*store_.open_restorer())->find(std::vector<Key>{Key(std::string("a/1"))});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->front());
}

TEST_F(DirectoryRestore, TellsAMissingQuarantineFromALostObject) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  ASSERT_EQ(rename(store_.quarantine().c_str(), tree().path(".flotsam-away").c_str()), 0);
  expect_failure(restore(object), "QuarantineMissing");
  EXPECT_EQ(reconcile(object).result, RemoveResult::unknown);
  EXPECT_EQ(reconcile(object).code, "QuarantineMissing");
  const auto found = (*store_.open_restorer())->find(std::vector<Key>{object.key});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->front());
  EXPECT_FALSE(is_there(".flotsam-quarantine")) << "looking makes nothing";
  ASSERT_EQ(mkdir(store_.quarantine().c_str(), 0700), 0);
  EXPECT_EQ(restore(object).result, RestoreResult::lost);
  EXPECT_EQ(reconcile(object).result, RemoveResult::gone);
  const auto none = *open_directory_restorer(tree().root(), std::nullopt, store_.context());
  const Remains remains = remains_of(object);
  expect_failure(none->restore(std::span(&remains, 1), Restorer::Mode::really).at(0), "QuarantineMissing");
  const Cancel cancel;
  EXPECT_TRUE(none->list_quarantine(
      [](const QuarantinedObject&) { return fail(ErrorCode::internal, "there is nothing to list"); },
      cancel));
}

TEST_F(DirectoryRestore, SaysWhatCannotLieInAQuarantine) {
  put("a/1");
  const Object object = planned_one("a/1");
  Remains marker = remains_of(object);
  for (const Remains::Place place : {Remains::Place::marker, Remains::Place::version}) {
    marker.place = place;
    expect_failure(restore(marker), "NoVersions");
  }
  for (const char* run : {"", ".", "..", "a/b", "../..", ".flotsam-x"})
    expect_failure(restore(remains_of(object, run)), "InvalidPlace");
  for (const char* key : {"", "../a/1", "a//1", "a/", "/a/1"}) {
    Remains remains = remains_of(object);
    remains.object.key = Key(std::string(key));
    expect_failure(restore(remains), "InvalidPlace");
  }
  Remains own = remains_of(object);
  own.object.key = Key(std::string(".flotsam-quarantine/run/a/1"));
  expect_failure(restore(own), "OutOfScope");
  EXPECT_EQ(store_.keys(), Keys{"a/1"});
}

TEST_F(DirectoryRestore, TakesTheObjectByItsPlaceWhereNothingElseIsKnown) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  Remains remains = remains_of(object);
  remains.object.etag.clear();
  remains.object.last_modified.reset();
  EXPECT_EQ(restore(remains).result, RestoreResult::restored);
  EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
  EXPECT_EQ(restore(remains).result, RestoreResult::superseded) << "it cannot be told that this is the one";
}

TEST_F(DirectoryRestore, AnEtagOfAnotherFormIsNoIdentity) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  Remains remains = remains_of(object);
  remains.object.etag = "9a0364b9e99bb480dd25e1f0284c8555";
  expect_failure(restore(remains), "Changed");
}

TEST_F(DirectoryRestore, FinishesARestoreThatACrashLeftWithTwoNames) {
  put("a/1");
  put("a/2");
  const Object object = planned_one("a/1");
  remove_well(object);
  remove_well(planned_one("a/2"));
  ASSERT_EQ(link(tree().path(".flotsam-quarantine/run/a/1").c_str(), tree().path("a/1").c_str()), 0);
  EXPECT_EQ(restore(remains_of(object), Restorer::Mode::dry_run).result, RestoreResult::restored);
  EXPECT_TRUE(is_there(".flotsam-quarantine/run/a/1"));
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(store_.keys(), (Keys{".flotsam-quarantine/run/a/2", "a/1"}));
  EXPECT_EQ(restore(object).result, RestoreResult::standing);
}

TEST_F(DirectoryRestore, ListsOnlyFilesOfRuns) {
  put(".flotsam-quarantine/run/a/1");
  put(".flotsam-quarantine/beside a run");
  tree().link(".flotsam-quarantine/run/link", "a/1");
  tree().link(".flotsam-quarantine/linked", "run");
  tree().folder(".flotsam-quarantine/empty/a");
  std::vector<std::string> listed;
  const Cancel cancel;
  ASSERT_TRUE((*store_.open_restorer())
                  ->list_quarantine(
                      [&](const QuarantinedObject& object) -> Result<void> {
                        listed.push_back(object.run_id + " " + object.key.bytes());
                        EXPECT_EQ(object.stored.size_bytes, 5U);
                        EXPECT_TRUE(object.stored.last_modified);
                        EXPECT_FALSE(object.stored.etag.empty());
                        return {};
                      },
                      cancel));
  EXPECT_EQ(listed, std::vector<std::string>{"run a/1"});
}

}  // namespace
}  // namespace flotsam::test
