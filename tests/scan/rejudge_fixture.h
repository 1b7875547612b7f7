#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/rejudge.h"
#include "scan/world.h"

namespace flotsam::test {

/// Counts the lines of a log.
class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view /*line*/) override {
    if (level == LogLevel::warning) ++warnings;
  }
  int warnings = 0;
};

/// A scan's world, a plan of some of its objects, and how the store answers.
class RejudgeFixture : public ScanFixture {
 public:
  RejudgeFixture() {
    world.log = &log;
    request.rules = &rules;
    request.store = lister.store;
    request.plan_cutoff = days_ago(7);
    request.planned = [this](const std::function<Result<void>(const ObjectView&)>& use) -> Result<void> {
      for (const Object& object : planned) FLOTSAM_TRY(use(object.view()));
      return {};
    };
    request.find_absent = [this](std::span<const Key> keys) -> Result<std::vector<bool>> {
      std::vector<bool> absent;
      for (const Key& key : keys) {
        asked.push_back(key.bytes());
        absent.push_back(!lister.objects.contains(key.bytes()));
      }
      most_asked = std::max(most_asked, keys.size());
      return absent;
    };
  }

  /// An object that stands and is planned.
  void plan(const std::string& key, std::uint64_t size = 10, std::optional<Timestamp> time = days_ago(40)) {
    lister.put(key, size, time);
    planned.push_back(lister.objects.at(key));
  }
  Result<Rejudge> read() { return Rejudge::read(request, world); }
  /// The verdict of each planned object; reading must succeed.
  std::vector<Verdict> verdicts() {
    auto rejudge = read();
    if (!rejudge) {
      ADD_FAILURE() << to_text(rejudge.error());
      return {};
    }
    std::vector<ObjectView> views;
    for (const Object& object : planned) views.push_back(object.view());
    return rejudge->judge(views);
  }
  /// The ruling with this id.
  GuardRuling guard(std::string_view id) {
    auto rejudge = read();
    if (!rejudge) {
      ADD_FAILURE() << to_text(rejudge.error());
      return {};
    }
    EXPECT_EQ(rejudge->guards().size(), 2U);
    for (const GuardRuling& each : rejudge->guards())
      if (each.id == id) return each;
    ADD_FAILURE() << "no guard " << id;
    return {};
  }
  /// The error code of a reading that must fail.
  std::string error() {
    auto rejudge = read();
    return rejudge ? "none" : to_string(rejudge.error().code);
  }

  Rejudge::Request request;
  std::vector<Object> planned;
  std::vector<std::string> asked;
  std::size_t most_asked = 0;
  CountingLog log;
};

}  // namespace flotsam::test
