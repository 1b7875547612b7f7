// A file system that fails a rename or a sync, while objects are removed from a directory or brought back.

#include <cerrno>
#include <cstring>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

class DirectoryRemovalErrno : public DirectoryRemoval {};

/// What the file system says to a rename, and what comes of it.
struct ErrnoRow {
  int error;
  RemoveResult result;
  const char* code;
  bool is_retryable;
};

TEST_F(DirectoryRemovalErrno, ARenameThatFailsLeavesTheObjectAndSaysWhy) {
  const ErrnoRow rows[] = {
      {EACCES, RemoveResult::failed, "AccessDenied", false},
      {EPERM, RemoveResult::failed, "AccessDenied", false},
      {EROFS, RemoveResult::failed, "ReadOnly", false},
      {ENOSPC, RemoveResult::failed, "NoSpace", false},
      {EDQUOT, RemoveResult::failed, "NoSpace", false},
      {EXDEV, RemoveResult::failed, "CrossDevice", false},
      {EBUSY, RemoveResult::failed, "IOError", true},
      {ENOMEM, RemoveResult::failed, "IOError", true},
      {ENAMETOOLONG, RemoveResult::failed, "KeyTooLong", false},
      {EIO, RemoveResult::unknown, "IOError", false},
  };
  for (const ErrnoRow& row : rows)
    for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
      SCOPED_TRACE(strerrorname_np(row.error));
      RemovalWorld world;
      world.put("a/1");
      const Object object = world.planned_one("a/1");
      world.store_.options.failing = [&](std::string_view step) { return step == "rename" ? row.error : 0; };
      const RemoveOutcome outcome = world.remove(object, method);
      EXPECT_EQ(outcome.result, row.result);
      EXPECT_EQ(outcome.code, row.code);
      EXPECT_EQ(outcome.retryable, row.is_retryable);
      EXPECT_NE(outcome.message.find(world.tree().path("a/1")), std::string::npos) << outcome.message;
      EXPECT_EQ(world.store_.keys(), Keys{"a/1"});
      EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
      world.store_.options.failing = nullptr;
      EXPECT_TRUE(world.reconcile(object, method).retryable);
      EXPECT_EQ(world.remove(object, method).result, RemoveResult::removed);
    }
}

TEST_F(DirectoryRemovalErrno, WhatMayNotLastIsNotKnown) {
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
    RemovalWorld world;
    world.put("a/1");
    world.put("a/2");
    const auto objects = world.planned({"a/1", "a/2"});
    world.just_before("move", [&] { world.put("a/1", "other"); });
    ASSERT_TRUE((*world.store_.open_remover())->prepare(RemovalWorld::options(method)));
    world.store_.options.failing = [](std::string_view step) { return step == "sync" ? EIO : 0; };
    for (const RemoveOutcome& outcome :
         (*world.store_.open_remover())->remove(objects, RemovalWorld::options(method))) {
      EXPECT_EQ(outcome.result, RemoveResult::unknown);
      EXPECT_EQ(outcome.code, "IOError");
      EXPECT_NE(outcome.message.find("sync"), std::string::npos) << outcome.message;
    }
    EXPECT_EQ(world.reconcile(objects[0], method).result, RemoveResult::changed);
    if (method == DeleteMethod::quarantine) {
      EXPECT_EQ(world.reconcile(objects[1], method).result, RemoveResult::unknown);
    }
    world.store_.options.failing = nullptr;
    EXPECT_EQ(world.reconcile(objects[1], method).result, RemoveResult::removed);
  }
}

TEST_F(DirectoryRemovalErrno, ARestoreThatMayNotLastFailsAndStandsWhenRepeated) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  store_.options.failing = [](std::string_view step) { return step == "sync" ? EIO : 0; };
  const RestoreOutcome outcome = restore(object);
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(outcome.code, "IOError");
  store_.options.failing = nullptr;
  EXPECT_EQ(restore(object).result, RestoreResult::standing);
  EXPECT_FALSE(is_there(".flotsam-quarantine/run"));
}

TEST_F(DirectoryRemovalErrno, ARestoreThatCannotRenameLeavesTheObjectInTheQuarantine) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  store_.options.failing = [](std::string_view step) { return step == "rename" ? EROFS : 0; };
  const RestoreOutcome outcome = restore(object);
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(outcome.code, "ReadOnly");
  EXPECT_EQ(store_.keys(), Keys{".flotsam-quarantine/run/a/1"});
}

TEST_F(DirectoryRemovalErrno, WhatCannotBePutBackIsNamed) {
  put("a/1");
  const Object object = planned_one("a/1");
  just_before("move", [&] { put("a/1", "other"); });
  int renames = 0;
  store_.options.failing = [&](std::string_view step) {
    return step == "rename" && ++renames == 2 ? EROFS : 0;
  };
  const RemoveOutcome outcome = remove(object);
  EXPECT_EQ(outcome.result, RemoveResult::failed);
  EXPECT_EQ(outcome.code, "LeftAside");
  EXPECT_NE(outcome.message.find(tree().path(".flotsam-quarantine/run/a/1")), std::string::npos)
      << outcome.message;
  EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/1"), "other");
}

TEST_F(DirectoryRemovalErrno, ARunThatCanHaveNoFolderRemovesNothing) {
  put("a/1");
  const Object object = planned_one("a/1");
  for (const char* run : {"", "..", "a/b", "../x", ".flotsam-x"})
    for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
      const RemoveOutcome outcome = remove(object, method, run);
      EXPECT_EQ(outcome.result, RemoveResult::failed) << run;
      EXPECT_EQ(outcome.code, "InvalidRun");
    }
  EXPECT_EQ(store_.keys(), Keys{"a/1"});
}

}  // namespace
}  // namespace flotsam::test
