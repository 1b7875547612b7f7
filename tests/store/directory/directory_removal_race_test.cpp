// Somebody writes all the while: whatever comes first, no bytes are lost that nobody replaced or removed.

#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <set>
#include <thread>

#include "model/scope.h"
#include "store/directory/directory_removal_fixture.h"
#include "store/directory/file_identity.h"

namespace flotsam::test {
namespace {

class DirectoryRace : public DirectoryRemoval {};

TEST_F(DirectoryRace, TheNewestBytesOfAKeyStandOrLieInTheQuarantine) {
  constexpr int kVersions = 1500;
  for (const bool has_noreplace : {true, false}) {
    RemovalWorld world;
    world.store_.options.has_noreplace = has_noreplace;
    world.put("a/1", "0");
    std::atomic<bool> is_done{false};
    std::thread writer([&] {
      for (int version = 1; version <= kVersions; ++version) world.store_.put("a/1", std::to_string(version));
      is_done = true;
    });
    std::uint64_t removed = 0, left_alone = 0;
    const auto remover = *world.store_.open_remover();
    const auto restorer = *world.store_.open_restorer();
    for (int run = 0; !is_done && run < 100'000; ++run) {
      CollectingSink sink;
      if (!(*world.store_.open_lister())->list(scope_of({"a/"}), {}, sink)) continue;
      const auto objects = sink.objects();
      if (objects.empty()) continue;
      const std::string run_id = fmt::format("run{}", run);
      const RemoveOutcome outcome =
          remover->remove(objects, RemovalWorld::options(DeleteMethod::quarantine, run_id)).at(0);
      if (outcome.result == RemoveResult::removed) {
        ++removed;
        // What lies there is the planned object and no other.
        struct stat status;
        ASSERT_EQ(lstat((world.store_.quarantine() + run_id + "/a/1").c_str(), &status), 0);
        EXPECT_TRUE(is_moved_file(status, objects[0].etag));
        if (run % 2 == 0) {
          const Remains remains = RemovalWorld::remains_of(objects[0], run_id);
          restorer->restore(std::span(&remains, 1), Restorer::Mode::really);
        }
      } else {
        EXPECT_TRUE(outcome.result == RemoveResult::changed || outcome.result == RemoveResult::gone ||
                    outcome.code == "LeftAside")
            << to_string(outcome.result) << " " << outcome.code << " " << outcome.message;
        ++left_alone;
      }
    }
    writer.join();
    bool is_there = world.store_.bytes_of("a/1") == std::to_string(kVersions);
    for (const std::string& key : world.store_.keys())
      is_there = is_there || world.store_.bytes_of(key) == std::to_string(kVersions);
    EXPECT_TRUE(is_there) << removed << " removed, " << left_alone << " left alone";
  }
}

/// A tree as a person sees it: every file with bytes, mode and time.
std::map<std::string, std::string> picture_of(DirectoryRemovalStore& store) {
  std::map<std::string, std::string> picture;
  for (const std::string& key : store.keys())
    picture[key] = store.bytes_of(key).value_or("(none)") + ", " + store.properties_of(key);
  return picture;
}

RC_GTEST_PROP(DirectoryRaceProperty, UndoGivesTheFirstTreeAndWhatWasWrittenSince, ()) {
  DirectoryRemovalStore store;
  const auto names = *rc::gen::container<std::vector<int>>(12, rc::gen::inRange(0, 40));
  std::set<std::string> keys;
  for (const int name : names) {
    const std::string key = fmt::format("{}/{}{}", name % 3, name % 2 == 0 ? "x/" : "", name);
    if (store.put_rich(key, key)) keys.insert(key);
  }
  CollectingSink sink;
  RC_ASSERT((*store.open_lister())->list(Scope::whole_bucket(), {}, sink).has_value());
  std::vector<Object> objects;
  for (const Object& object : sink.objects())
    if (*rc::gen::inRange(0, 3) > 0) objects.push_back(object);
  // Some are written again before the removal, some after it.
  std::set<std::string> earlier, later;
  for (const Object& object : objects) {
    const int fate = *rc::gen::inRange(0, 4);
    if (fate == 0) earlier.insert(object.key.bytes());
    if (fate == 1) later.insert(object.key.bytes());
  }
  for (const std::string& key : earlier) store.put(key, "earlier");
  auto expected = picture_of(store);
  const auto outcomes =
      (*store.open_remover())->remove(objects, RemovalWorld::options(DeleteMethod::quarantine));
  std::vector<Remains> remains;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const std::string& key = objects[i].key.bytes();
    RC_ASSERT(outcomes[i].result == (earlier.contains(key) ? RemoveResult::changed : RemoveResult::removed));
    RC_ASSERT(store.bytes_of(key).has_value() == earlier.contains(key));
    if (!earlier.contains(key)) remains.push_back(RemovalWorld::remains_of(objects[i]));
  }
  for (const std::string& key : later) {
    store.put(key, "later");
    expected[key] = "later, " + store.properties_of(key);
  }
  const auto restored = (*store.open_restorer())->restore(remains, Restorer::Mode::really);
  for (std::size_t i = 0; i < remains.size(); ++i) {
    const bool is_newer = later.contains(remains[i].object.key.bytes());
    RC_ASSERT(restored[i].result == (is_newer ? RestoreResult::superseded : RestoreResult::restored));
  }
  auto now = picture_of(store);
  std::erase_if(now, [](const auto& one) { return is_own(KeyView(one.first)); });
  RC_ASSERT(now == expected);
}

}  // namespace
}  // namespace flotsam::test
