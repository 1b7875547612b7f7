// What others do while objects are removed from a directory or brought back, and what stands in the way.

#include <fcntl.h>
#include <filesystem>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

class DirectoryRemovalFaults : public DirectoryRemoval {};

/// Runs a test for each method with and without RENAME_NOREPLACE, in a store of its own.
void for_each_way(const std::function<void(RemovalWorld&, DeleteMethod)>& act) {
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent})
    for (const bool has_noreplace : {true, false}) {
      SCOPED_TRACE(std::string(to_string(method)) + (has_noreplace ? "" : " by plain renames"));
      RemovalWorld world;
      world.store_.options.has_noreplace = has_noreplace;
      act(world, method);
    }
}

/// Who swaps what under the key just before it is moved.
struct SwapRow {
  const char* name;
  std::function<void(DirectoryRemovalStore&)> swap;
  std::function<bool(const Tree&)> stands;  ///< what was swapped in
};

TEST_F(DirectoryRemovalFaults, WhatIsSwappedInJustBeforeTheMoveIsPutBack) {
  const SwapRow rows[] = {
      {"another file", [](DirectoryRemovalStore& s) { s.put("a/1", "other"); },
       [](const Tree& t) { return content_of(t.path("a/1")) == "other"; }},
      {"the same bytes again", [](DirectoryRemovalStore& s) { s.put("a/1", "bytes"); },
       [](const Tree& t) { return content_of(t.path("a/1")) == "bytes"; }},
      {"a link",
       [](DirectoryRemovalStore& s) {
         s.erase("a/1");
         s.tree().link("a/1", "2");
       },
       [](const Tree& t) { return std::filesystem::read_symlink(t.path("a/1")) == "2"; }},
      {"a folder with a file",
       [](DirectoryRemovalStore& s) {
         s.erase("a/1");
         s.put("a/1/deep", "deep");
       },
       [](const Tree& t) { return content_of(t.path("a/1/deep")) == "deep"; }},
      {"written in place",
       [](DirectoryRemovalStore& s) {
         const FileDescriptor fd(open(s.tree().path("a/1").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
         EXPECT_EQ(write(fd.get(), "+", 1), 1);
       },
       [](const Tree& t) { return content_of(t.path("a/1")) == "bytes+"; }},
  };
  for (const SwapRow& row : rows) {
    SCOPED_TRACE(row.name);
    for_each_way([&](RemovalWorld& world, DeleteMethod method) {
      world.put("a/1");
      world.put("a/2");
      world.just_before("move", [&] { row.swap(world.store_); });
      const auto objects = world.planned({"a/1", "a/2"});
      const auto outcomes = (*world.store_.open_remover())->remove(objects, [&] {
        EXPECT_TRUE((*world.store_.open_remover())->prepare(RemovalWorld::options(method)));
        return RemovalWorld::options(method);
      }());
      EXPECT_EQ(outcomes.at(0).result, RemoveResult::changed) << outcomes.at(0).message;
      EXPECT_EQ(outcomes.at(1).result, RemoveResult::removed) << outcomes.at(1).message;
      EXPECT_TRUE(row.stands(world.tree()));
      EXPECT_FALSE(world.is_there("a/2"));
      EXPECT_FALSE(world.is_there(".flotsam-quarantine/run/a/1"));
      EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
    });
  }
}

TEST_F(DirectoryRemovalFaults, WhatVanishesJustBeforeTheMoveIsGone) {
  for_each_way([](RemovalWorld& world, DeleteMethod method) {
    world.put("a/b/1");
    world.just_before("move", [&] { world.store_.erase("a/b/1"); });
    EXPECT_EQ(world.remove(world.planned_one("a/b/1"), method).result, RemoveResult::gone);
    EXPECT_FALSE(world.is_there(".flotsam-quarantine/run"));
    EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
  });
}

TEST_F(DirectoryRemovalFaults, AQuarantineThatVanishesLeavesTheObject) {
  for_each_way([](RemovalWorld& world, DeleteMethod method) {
    world.put("a/1");
    const std::string shelf =
        method == DeleteMethod::permanent ? ".flotsam-removing-run" : ".flotsam-quarantine";
    world.just_before("move", [&] { std::filesystem::remove_all(world.tree().path(shelf)); });
    const RemoveOutcome outcome = world.remove(world.planned_one("a/1"), method);
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_TRUE(outcome.retryable);
    EXPECT_EQ(world.store_.bytes_of("a/1"), "bytes");
  });
}

TEST_F(DirectoryRemovalFaults, NothingIsPutBackOverSomethingNewer) {
  for_each_way([](RemovalWorld& world, DeleteMethod method) {
    world.put("a/1");
    const Object object = world.planned_one("a/1");
    world.just_before("move", [&] { world.put("a/1", "second"); });
    world.just_before("verify", [&] { world.put("a/1", "third"); });
    const RemoveOutcome outcome = world.remove(object, method);
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_EQ(outcome.code, "LeftAside");
    EXPECT_FALSE(outcome.retryable);
    EXPECT_EQ(world.store_.bytes_of("a/1"), "third");
    const std::string shelf =
        method == DeleteMethod::permanent ? ".flotsam-removing-run" : ".flotsam-quarantine/run";
    EXPECT_EQ(world.store_.bytes_of(shelf + "/a/1"), "second");
    EXPECT_NE(outcome.message.find(shelf + "/a/1"), std::string::npos) << outcome.message;
  });
}

TEST_F(DirectoryRemovalFaults, AFolderThatIsMovedAwayKeepsItsObjects) {
  for_each_way([](RemovalWorld& world, DeleteMethod method) {
    for (const bool is_link_left : {false, true}) {
      for (const bool is_out_of_the_store : {false, true}) {
        world.put("a/b/1");
        const Object object = world.planned_one("a/b/1");
        const std::string away =
            is_out_of_the_store ? world.tree().root() + ".away" : world.tree().path("away");
        world.just_before("move", [&] {
          ASSERT_EQ(rename(world.tree().path("a/b").c_str(), away.c_str()), 0);
          if (is_link_left) world.tree().link("a/b", away);
        });
        EXPECT_EQ(world.remove(object, method).result, RemoveResult::changed);
        EXPECT_EQ(content_of(away + "/1"), "bytes");
        EXPECT_FALSE(world.is_there(".flotsam-quarantine/run"));
        EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
        std::filesystem::remove_all(away);
        std::filesystem::remove_all(world.tree().path("a/b"));
      }
    }
  });
}

TEST_F(DirectoryRemovalFaults, WhatCannotBeDeletedIsPutBack) {
  put("a/1");
  const Object object = planned_one("a/1");
  // A folder in the file's place is what an unlink refuses.
  just_before("unlink", [&] {
    ASSERT_EQ(unlink(tree().path(".flotsam-removing-run/a/1").c_str()), 0);
    ASSERT_EQ(mkdir(tree().path(".flotsam-removing-run/a/1").c_str(), 0755), 0);
  });
  const RemoveOutcome outcome = remove(object, DeleteMethod::permanent);
  EXPECT_EQ(outcome.result, RemoveResult::failed);
  EXPECT_FALSE(outcome.code.empty());
  EXPECT_TRUE(is_there("a/1"));
  EXPECT_FALSE(is_there(".flotsam-removing-run"));
}

TEST_F(DirectoryRemovalFaults, WhatStandsInTheWayInTheQuarantineLeavesTheObject) {
  const struct {
    const char* name;
    std::function<void(const Tree&)> put;
    const char* code;
  } rows[] = {
      {"a file as the run's folder", [](const Tree& t) { t.file(".flotsam-quarantine/run"); },
       "NotADirectory"},
      {"a link as the run's folder",
       [](const Tree& t) {
         t.folder(".flotsam-quarantine");
         t.link(".flotsam-quarantine/run", "../elsewhere");
       },
       "NotADirectory"},
      {"a file as a folder", [](const Tree& t) { t.file(".flotsam-quarantine/run/a"); }, "NotADirectory"},
      {"a link as a folder",
       [](const Tree& t) {
         t.folder(".flotsam-quarantine/run");
         t.link(".flotsam-quarantine/run/a", "../../elsewhere");
       },
       "NotADirectory"},
      {"a folder at the place", [](const Tree& t) { t.folder(".flotsam-quarantine/run/a/1"); },
       "QuarantineOccupied"},
      {"a link at the place",
       [](const Tree& t) {
         t.folder(".flotsam-quarantine/run/a");
         t.link(".flotsam-quarantine/run/a/1", "../../../elsewhere/x");
       },
       "QuarantineOccupied"},
  };
  for (const auto& row : rows)
    for (const bool has_noreplace : {true, false}) {
      SCOPED_TRACE(row.name);
      RemovalWorld world;
      world.store_.options.has_noreplace = has_noreplace;
      world.put("a/1");
      world.tree().folder("elsewhere");
      row.put(world.tree());
      const Object object = world.planned_one("a/1");
      const RemoveOutcome outcome =
          (*world.store_.open_remover())
              ->remove(std::span(&object, 1), RemovalWorld::options(DeleteMethod::quarantine))
              .at(0);
      EXPECT_EQ(outcome.result, RemoveResult::failed);
      EXPECT_EQ(outcome.code, row.code) << outcome.message;
      EXPECT_FALSE(outcome.message.empty());
      EXPECT_EQ(world.store_.bytes_of("a/1"), "bytes");
      EXPECT_TRUE(std::filesystem::is_empty(world.tree().path("elsewhere")));
    }
}

TEST_F(DirectoryRemovalFaults, WithoutTheRightToMoveTheObjectStays) {
  put("a/1");
  const Object object = planned_one("a/1");
  ASSERT_TRUE((*store_.open_remover())->prepare(RemovalWorld::options(DeleteMethod::quarantine)));
  ASSERT_EQ(chmod(tree().path(".flotsam-quarantine").c_str(), 0777), 0);
  RemoveOutcome outcome;
  as_ordinary_user([&] {
    outcome = (*store_.open_remover())
                  ->remove(std::span(&object, 1), RemovalWorld::options(DeleteMethod::quarantine))
                  .at(0);
  });
  EXPECT_EQ(outcome.result, RemoveResult::failed);
  EXPECT_EQ(outcome.code, "AccessDenied");
  EXPECT_FALSE(outcome.retryable);
  EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
  EXPECT_FALSE(is_there(".flotsam-quarantine/run"));
}

TEST_F(DirectoryRemovalFaults, WhatCannotBeSeenIsNotKnown) {
  put("a/closed/1");
  const Object object = planned_one("a/closed/1");
  ASSERT_EQ(chmod(tree().path("a/closed").c_str(), 0), 0);
  Look looked;
  RemoveOutcome removed, told;
  RestoreOutcome restored;
  bool is_found = true;
  as_ordinary_user([&] {
    looked = look(object);
    told = reconcile(object, DeleteMethod::permanent);
    removed = (*store_.open_remover())
                  ->remove(std::span(&object, 1), RemovalWorld::options(DeleteMethod::permanent))
                  .at(0);
    restored = restore(object);
    is_found = (*store_.open_restorer())->find(std::vector<Key>{object.key}).has_value();
  });
  EXPECT_EQ(looked.state, LookState::unknown);
  EXPECT_NE(looked.reason.find("closed"), std::string::npos);
  EXPECT_EQ(removed.result, RemoveResult::failed);
  EXPECT_EQ(removed.code, "AccessDenied");
  EXPECT_EQ(told.result, RemoveResult::unknown);
  EXPECT_EQ(restored.result, RestoreResult::failed);
  EXPECT_EQ(restored.code, "AccessDenied");
  EXPECT_TRUE(is_found) << "without a quarantine nothing has to be looked at";
  ASSERT_EQ(chmod(tree().path("a/closed").c_str(), 0755), 0);
}

TEST_F(DirectoryRemovalFaults, FindsNothingWhereTheQuarantineCannotBeRead) {
  put("a/1");
  remove_well(planned_one("a/1"));
  Result<std::vector<std::optional<Remains>>> found;
  Result<void> listed;
  const Cancel cancel;
  as_ordinary_user([&] {
    found = (*store_.open_restorer())->find(std::vector<Key>{Key(std::string("a/1"))});
    listed = (*store_.open_restorer())
                 ->list_quarantine([](const QuarantinedObject&) -> Result<void> { return {}; }, cancel);
  });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::permission_denied) << to_text(found.error());
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::permission_denied) << to_text(listed.error());
}

TEST_F(DirectoryRemovalFaults, WhatIsWrittenWhileItComesBackIsNewer) {
  for (const bool has_noreplace : {true, false}) {
    RemovalWorld world;
    world.store_.options.has_noreplace = has_noreplace;
    world.put("a/1");
    const Object object = world.planned_one("a/1");
    world.remove_well(object);
    world.just_before("move", [&] { world.put("a/1", "newer"); });
    EXPECT_EQ(world.restore(object).result, RestoreResult::superseded);
    EXPECT_EQ(world.store_.bytes_of("a/1"), "newer");
    EXPECT_EQ(world.store_.bytes_of(".flotsam-quarantine/run/a/1"), "bytes");
  }
}

TEST_F(DirectoryRemovalFaults, WhatIsSwappedAfterItCameBackIsNoSuccess) {
  for (const char* step : {"move", "verify"}) {
    RemovalWorld world;
    world.put("a/1");
    const Object object = world.planned_one("a/1");
    world.remove_well(object);
    world.just_before(step, [&] {
      if (std::string_view(step) == "verify")
        world.put("a/1", "newer");
      else
        world.put(".flotsam-quarantine/run/a/1", "spoilt");
    });
    const RestoreOutcome outcome = world.restore(object);
    EXPECT_EQ(outcome.result, RestoreResult::failed) << step;
    EXPECT_EQ(outcome.code, "Changed");
  }
}

TEST_F(DirectoryRemovalFaults, ATreeThatCannotBeMadeAgainLeavesTheObjectInTheQuarantine) {
  put("a/b/1");
  const Object object = planned_one("a/b/1");
  remove_well(object);
  std::filesystem::remove_all(tree().path("a"));
  ASSERT_EQ(chmod(tree().path(".flotsam-quarantine").c_str(), 0755), 0);
  ASSERT_EQ(chmod(tree().path(".flotsam-quarantine/run").c_str(), 0755), 0);
  RestoreOutcome outcome;
  as_ordinary_user([&] { outcome = restore(object); });
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(outcome.code, "AccessDenied");
  EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/b/1"), "bytes");
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
}

}  // namespace
}  // namespace flotsam::test
