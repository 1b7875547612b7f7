#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "store/s3/s3_state.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"

namespace flotsam::test {

inline constexpr const char* kUrl = "s3://bucket/.flotsam-state/";
inline const std::string kPrefix = ".flotsam-state/";

class S3StateTest : public testing::Test {
 protected:
  std::unique_ptr<State> open(const std::string& url = kUrl) {
    environment_ = s3_.environment();
    auto state = open_s3_state(url, s3_.options(), {&environment_, &clock_, &log_});
    EXPECT_TRUE(state.has_value()) << to_text(state.error());
    return std::move(*state);
  }
  std::string body(const std::string& name) const { return s3_.body(kPrefix + name); }
  std::vector<std::string> lines(State& state, const std::string& name) {
    std::vector<std::string> lines;
    const auto read = state.read_log(name, [&](std::string_view line) -> Result<void> {
      lines.emplace_back(line);
      return {};
    });
    if (!read) lines.push_back(to_text(read.error()));
    return lines;
  }
  std::string tag(State& state, const std::string& name) {
    const auto entry = state.read(name);
    return entry && *entry ? (*entry)->tag : "";
  }

  FakeS3 s3_;
  Environment environment_;
  WakefulClock clock_;
  NullLog log_;
};

}  // namespace flotsam::test
