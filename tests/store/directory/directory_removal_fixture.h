#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "store/collecting_sink.h"
#include "store/directory/directory_removal_store.h"

namespace flotsam::test {

/// A directory with a quarantine, and what a test of single steps needs.
struct RemovalWorld {
  using Keys = std::vector<std::string>;

  void put(const std::string& key, const std::string& bytes = "bytes") {
    ASSERT_TRUE(store_.put(key, bytes)) << key;
  }
  /// What a scan would plan for the keys.
  std::vector<Object> planned(const Keys& keys) {
    CollectingSink sink;
    const auto proof = (*store_.open_lister())->list(Scope::whole_bucket(), {}, sink);
    EXPECT_TRUE(proof) << to_text(proof.error());
    std::vector<Object> found;
    for (Object& object : sink.objects())
      if (std::ranges::find(keys, object.key.bytes()) != keys.end()) found.push_back(std::move(object));
    EXPECT_EQ(found.size(), keys.size());
    return found;
  }
  Object planned_one(const std::string& key) { return planned({key}).at(0); }

  static RemoveOptions options(DeleteMethod method, const std::string& run_id = "run") {
    return {.method = method, .condition = DeleteCondition::none, .run_id = run_id};
  }
  /// One object by a Remover of its own.
  RemoveOutcome remove(const Object& object, DeleteMethod method = DeleteMethod::quarantine,
                       const std::string& run_id = "run") {
    const auto remover = *store_.open_remover();
    EXPECT_TRUE(remover->prepare(options(method)));
    return remover->remove(std::span(&object, 1), options(method, run_id)).at(0);
  }
  void remove_well(const Object& object) {
    const RemoveOutcome outcome = remove(object);
    EXPECT_EQ(outcome.result, RemoveResult::removed) << outcome.code << ": " << outcome.message;
  }
  Look look(const Object& object) {
    const auto looks = (*store_.open_remover())->look(std::span(&object, 1));
    EXPECT_TRUE(looks) << to_text(looks.error());
    return looks ? looks->at(0) : Look{};
  }
  RemoveOutcome reconcile(const Object& object, DeleteMethod method = DeleteMethod::quarantine) {
    return (*store_.open_remover())->reconcile(std::span(&object, 1), options(method), Timestamp{}).at(0);
  }
  static Remains remains_of(const Object& object, const std::string& run_id = "run") {
    Remains remains;
    remains.place = Remains::Place::quarantine;
    remains.object = object;
    remains.run_id = run_id;
    return remains;
  }
  RestoreOutcome restore(const Remains& remains, Restorer::Mode mode = Restorer::Mode::really) {
    return (*store_.open_restorer())->restore(std::span(&remains, 1), mode).at(0);
  }
  RestoreOutcome restore(const Object& object) { return restore(remains_of(object)); }

  /// The mode and type of what stands at a path below the root; 0: nothing.
  unsigned mode_of(const std::string& name) const {
    struct stat status;
    return lstat(tree().path(name).c_str(), &status) == 0 ? status.st_mode : 0U;
  }
  bool is_there(const std::string& name) const { return mode_of(name) != 0; }
  const Tree& tree() const { return store_.tree(); }

  /// Acts just before a step of remove() or restore(), the first time only.
  void just_before(const std::string& step, std::function<void()> act) {
    auto pending = std::make_shared<std::function<void()>>(std::move(act));
    auto next = store_.options.on_step;
    store_.options.on_step = [=](std::string_view name, KeyView key) {
      if (next) next(name, key);
      if (name == step && *pending) std::exchange(*pending, nullptr)();
    };
  }

  DirectoryRemovalStore store_;
};

class DirectoryRemoval : public testing::Test, public RemovalWorld {};

}  // namespace flotsam::test
