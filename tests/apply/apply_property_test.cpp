#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

std::string any_key() {
  return "books/" + *rc::gen::element<std::string>("", "a/", "b/", "A/") +
         *rc::gen::element<std::string>("x", "y", "z", "X", "caf\xC3\xA9", "\xFF") +
         *rc::gen::element<std::string>("1", "2", "3", "") +
         *rc::gen::element<std::string>(".jpg", ".webp", "");
}

/// A random store and random references, from which a scan makes a plan.
void fill(ApplyFixture& fixture) {
  fixture.use(*rc::gen::element(DeleteMethod::version, DeleteMethod::quarantine));
  const auto keys = *rc::gen::container<std::vector<std::string>>(rc::gen::exec(any_key));
  for (const std::string& key : keys)
    fixture.store.put(key, *rc::gen::inRange<std::uint64_t>(0, 100),
                      test_now() - std::chrono::hours(24 * *rc::gen::element(1, 40)),
                      *rc::gen::element<std::string>("", "", "parts-3"));
  for (const std::string& key : *rc::gen::container<std::vector<std::string>>(rc::gen::exec(any_key)))
    fixture.database.rows.push_back(key);
}

}  // namespace

RC_GTEST_PROP(ApplyProperty, ApplyAndUndoGiveTheFirstListing, ()) {
  ApplyFixture fixture;
  fill(fixture);
  const auto before = fixture.store.contents.standing();
  const Plan plan = fixture.plan();
  fixture.pass(std::chrono::minutes(*rc::gen::element(0, 61)));
  const ApplyResult result = fixture.applied(plan);
  RC_ASSERT(result.status == RunStatus::ok);
  std::set<std::string> planned;
  const auto read = plan.for_each([&](const PlannedObject& each) -> Result<void> {
    planned.insert(each.object.key.bytes());
    return {};
  });
  RC_ASSERT(read.has_value());
  const auto after = fixture.store.contents.standing();
  std::size_t deleted = 0;
  for (const auto& [key, object] : before) {
    if (after.contains(key)) continue;
    ++deleted;
    RC_ASSERT(planned.contains(key));
    RC_ASSERT(std::find(fixture.database.rows.begin(), fixture.database.rows.end(), key) ==
              fixture.database.rows.end());
  }
  RC_ASSERT(deleted == result.deleted);
  const RestoreResultSummary undo = fixture.undone(plan.header().id);
  RC_ASSERT(undo.status == RunStatus::ok && undo.restored == deleted);
  RC_ASSERT(fixture.store.contents.standing() == before);
}

// The world goes on between scan and apply, and between look and deletion: whatever it does, only what is
// planned and needed by no row of the reading goes, and nothing that is newer than the plan.
RC_GTEST_PROP(ApplyProperty, WhatChangesMeanwhileStays, ()) {
  ApplyFixture fixture;
  fill(fixture);
  fixture.rules.limits.recheck = Percent::of_whole(100);
  const Plan plan = fixture.plan();
  const auto change = [&] {
    const std::string key = any_key();
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        fixture.store.put(key, 1000, fixture.clock.now());
        return;
      case 1:
        fixture.store.erase(key);
        return;
      default:
        fixture.database.rows.push_back(key);
    }
  };
  const int changes = *rc::gen::inRange(0, 6);
  for (int i = 0; i < changes; ++i) change();
  const auto before = fixture.store.contents.standing();
  std::map<std::string, Object> planned;
  const auto read = plan.for_each([&](const PlannedObject& each) -> Result<void> {
    planned.emplace(each.object.key.bytes(), each.object);
    return {};
  });
  RC_ASSERT(read.has_value());
  const std::uint64_t calls = *rc::gen::inRange<std::uint64_t>(0, 3);
  fixture.store.lose_answers = {calls};
  fixture.store.lose_requests = {*rc::gen::inRange<std::uint64_t>(0, 3)};
  const auto result = fixture.apply(plan);
  RC_ASSERT(result.has_value());
  const auto after = fixture.store.contents.standing();
  for (const auto& [key, object] : before) {
    if (after.contains(key)) continue;
    RC_ASSERT(planned.contains(key) && is_same(planned.at(key), object));
    RC_ASSERT(std::find(fixture.database.rows.begin(), fixture.database.rows.end(), key) ==
              fixture.database.rows.end());
  }
}

}  // namespace flotsam::test
