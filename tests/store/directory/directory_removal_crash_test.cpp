// A process that is killed between any two steps: what the next one finds, and that it ends where an
// undisturbed one would have.

#include <fmt/format.h>
#include <sys/wait.h>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

/// Runs `act` in a process of its own that is killed at the n-th step. False: it came to its end.
bool killed_at_step(RemovalWorld& world, int n, const std::function<void()>& act) {
  int seen = 0;
  world.store_.options.on_step = [&](std::string_view, KeyView) {
    if (seen++ == n) _exit(42);
  };
  const pid_t child = fork();
  if (child == 0) {
    act();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  world.store_.options.on_step = nullptr;
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status) == 42;
}

class DirectoryCrash : public DirectoryRemoval {};

TEST_F(DirectoryCrash, ARemovalGoesOnFromAnyStep) {
  int kills = 0;
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent})
    for (const bool has_noreplace : {true, false})
      for (int n = 0;; ++n) {
        SCOPED_TRACE(fmt::format("{} step {} noreplace {}", to_string(method), n, has_noreplace));
        RemovalWorld world;
        world.store_.options.has_noreplace = has_noreplace;
        for (const char* key : {"a/1", "a/2", "b/deep/3", "b/stays"}) world.put(key, key);
        const auto objects = world.planned({"a/1", "a/2", "b/deep/3"});
        const RemoveOptions options = RemovalWorld::options(method);
        ASSERT_TRUE((*world.store_.open_remover())->prepare(options));
        const bool was_killed =
            killed_at_step(world, n, [&] { (*world.store_.open_remover())->remove(objects, options); });
        // The next process: what became of it, and the rest once more.
        const auto remover = *world.store_.open_remover();
        const auto told = remover->reconcile(objects, options, Timestamp{});
        std::vector<Object> again;
        for (std::size_t i = 0; i < told.size(); ++i) {
          if (told[i].result == RemoveResult::removed) continue;
          EXPECT_EQ(told[i].result, RemoveResult::failed) << told[i].message;
          EXPECT_TRUE(told[i].retryable) << told[i].message;
          EXPECT_EQ(world.store_.bytes_of(objects[i].key.bytes()), objects[i].key.bytes());
          again.push_back(objects[i]);
        }
        const auto looks = remover->look(again);
        ASSERT_TRUE(looks);
        for (const Look& look : *looks) EXPECT_EQ(look.state, LookState::same);
        for (const RemoveOutcome& outcome : remover->remove(again, options))
          EXPECT_EQ(outcome.result, RemoveResult::removed) << outcome.message;
        EXPECT_EQ(world.store_.keys(),
                  method == DeleteMethod::permanent
                      ? Keys{"b/stays"}
                      : (Keys{".flotsam-quarantine/run/a/1", ".flotsam-quarantine/run/a/2",
                              ".flotsam-quarantine/run/b/deep/3", "b/stays"}));
        EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
        if (!was_killed) {
          EXPECT_TRUE(again.empty());
          break;
        }
        ++kills;
      }
  EXPECT_EQ(kills, 2 * (3 * 2 + 1) + 2 * (3 * 3 + 1));
}

TEST_F(DirectoryCrash, ARestoreGoesOnFromAnyStep) {
  int kills = 0;
  for (const bool has_noreplace : {true, false})
    for (int n = 0;; ++n) {
      SCOPED_TRACE(fmt::format("step {} noreplace {}", n, has_noreplace));
      RemovalWorld world;
      world.store_.options.has_noreplace = has_noreplace;
      std::vector<Remains> remains;
      for (const char* key : {"a/1", "b/deep/2"}) {
        world.put(key, key);
        const Object object = world.planned_one(key);
        world.remove_well(object);
        remains.push_back(RemovalWorld::remains_of(object));
      }
      const bool was_killed = killed_at_step(
          world, n, [&] { (*world.store_.open_restorer())->restore(remains, Restorer::Mode::really); });
      for (const RestoreOutcome& outcome :
           (*world.store_.open_restorer())->restore(remains, Restorer::Mode::really))
        EXPECT_TRUE(outcome.result == RestoreResult::restored || outcome.result == RestoreResult::standing)
            << outcome.message;
      EXPECT_EQ(world.store_.keys(), (Keys{"a/1", "b/deep/2"}));
      EXPECT_EQ(world.store_.bytes_of("a/1"), "a/1");
      EXPECT_FALSE(world.is_there(".flotsam-quarantine/run"));
      if (!was_killed) break;
      ++kills;
    }
  EXPECT_EQ(kills, 2 * (2 * 2 + 1));
}

TEST_F(DirectoryCrash, WhatWasMovedInErrorIsPutBackByTheNextRun) {
  // Killed after something else was swapped in and moved, before that was seen.
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent})
    for (const bool is_folder_gone : {false, true}) {
      SCOPED_TRACE(to_string(method));
      RemovalWorld world;
      world.put("a/1");
      const Object object = world.planned_one("a/1");
      ASSERT_TRUE((*world.store_.open_remover())->prepare(RemovalWorld::options(method)));
      EXPECT_TRUE(killed_at_step(world, 1, [&] {
        world.just_before("move", [&] { world.put("a/1", "other"); });
        (*world.store_.open_remover())->remove(std::span(&object, 1), RemovalWorld::options(method));
      }));
      EXPECT_FALSE(world.is_there("a/1"));
      if (is_folder_gone) {
        ASSERT_EQ(rmdir(world.tree().path("a").c_str()), 0);
      }
      EXPECT_EQ(world.reconcile(object, method).result, RemoveResult::changed);
      EXPECT_EQ(world.store_.keys(), Keys{"a/1"});
      EXPECT_EQ(world.store_.bytes_of("a/1"), "other");
      EXPECT_EQ(world.mode_of("a"), S_IFDIR | 0755U);
      EXPECT_FALSE(world.is_there(".flotsam-removing-run"));
      EXPECT_FALSE(world.is_there(".flotsam-quarantine/run"));
    }
}

TEST_F(DirectoryCrash, OnlyTheRemoverThatPutAnObjectBackTakesItForThePlannedOne) {
  put("a/1");
  const Object object = planned_one("a/1");
  EXPECT_TRUE(killed_at_step(*this, 2, [&] {
    (*store_.open_remover())->remove(std::span(&object, 1), options(DeleteMethod::permanent));
  }));
  const auto remover = *store_.open_remover();
  const auto told = remover->reconcile(std::span(&object, 1), options(DeleteMethod::permanent), Timestamp{});
  EXPECT_EQ(told.at(0).result, RemoveResult::failed);
  EXPECT_TRUE(told.at(0).retryable);
  EXPECT_EQ(look(object).state, LookState::changed) << "its ctime is another";
  EXPECT_EQ(remover->look(std::span(&object, 1))->at(0).state, LookState::same);
  // But not once it was written again.
  ASSERT_EQ(chmod(tree().path("a/1").c_str(), 0600), 0);
  EXPECT_EQ(remover->look(std::span(&object, 1))->at(0).state, LookState::changed);
  EXPECT_EQ(remover->remove(std::span(&object, 1), options(DeleteMethod::permanent)).at(0).result,
            RemoveResult::changed);
  EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
}

TEST_F(DirectoryCrash, SomethingNewerAfterTheMoveIsLeftAlone) {
  put("a/1");
  const Object object = planned_one("a/1");
  remove_well(object);
  put("a/1", "newer");
  EXPECT_EQ(reconcile(object).result, RemoveResult::removed) << "undo will say that it is superseded";
  EXPECT_EQ(store_.bytes_of("a/1"), "newer");
  EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/1"), "bytes");

  RemovalWorld world;
  world.put("a/1");
  const Object other = world.planned_one("a/1");
  EXPECT_TRUE(killed_at_step(world, 2, [&] {
    (*world.store_.open_remover())->remove(std::span(&other, 1), options(DeleteMethod::permanent));
  }));
  world.put("a/1", "newer");
  const RemoveOutcome told = world.reconcile(other, DeleteMethod::permanent);
  EXPECT_EQ(told.result, RemoveResult::failed);
  EXPECT_EQ(told.code, "LeftAside");
  EXPECT_FALSE(told.retryable);
  EXPECT_EQ(world.store_.keys(), (Keys{".flotsam-removing-run/a/1", "a/1"}));
}

TEST_F(DirectoryCrash, TwoNamesOfOneFileAreMadeOneAgain) {
  // Killed while a file was put back where renames cannot be told to replace nothing.
  for (const bool is_planned : {true, false}) {
    RemovalWorld world;
    world.put("a/1");
    Object object = world.planned_one("a/1");
    if (!is_planned) world.put("a/1", "other");
    world.tree().folder(".flotsam-quarantine/run/a");
    ASSERT_EQ(
        link(world.tree().path("a/1").c_str(), world.tree().path(".flotsam-quarantine/run/a/1").c_str()), 0);
    const auto remover = *world.store_.open_remover();
    const RemoveOptions how = options(DeleteMethod::quarantine);
    const RemoveOutcome told = remover->reconcile(std::span(&object, 1), how, Timestamp{}).at(0);
    EXPECT_EQ(told.result, is_planned ? RemoveResult::failed : RemoveResult::changed);
    EXPECT_EQ(told.retryable, is_planned);
    EXPECT_EQ(world.store_.keys(), Keys{"a/1"});
    EXPECT_EQ(remover->remove(std::span(&object, 1), how).at(0).result,
              is_planned ? RemoveResult::removed : RemoveResult::changed);
  }
}

TEST_F(DirectoryCrash, NothingAnywhereIsGoneOrRemoved) {
  put("a/1");
  const Object object = planned_one("a/1");
  store_.erase("a/1");
  ASSERT_TRUE((*store_.open_remover())->prepare(options(DeleteMethod::quarantine)));
  EXPECT_EQ(reconcile(object, DeleteMethod::quarantine).result, RemoveResult::gone);
  EXPECT_EQ(reconcile(object, DeleteMethod::permanent).result, RemoveResult::removed);
}

}  // namespace
}  // namespace flotsam::test
