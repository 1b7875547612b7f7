#include <functional>
#include <gtest/gtest.h>

#include "cli/cli.h"
#include "cli/restore_exit.h"

namespace flotsam::test {
namespace {

struct Row {
  std::string name;
  std::function<void(RestoreResultSummary&)> done;
  bool interrupted = false;
  int code = 0;
};

class RestoreExit : public testing::TestWithParam<Row> {};

TEST_P(RestoreExit, FollowsTheResult) {
  Cancel cancel;
  if (GetParam().interrupted) cancel.request();
  RestoreResultSummary done;
  GetParam().done(done);
  EXPECT_EQ(cli::exit_code_of(done, cancel), GetParam().code);
}

const std::vector<Row> kRows = {
    {"Done", [](auto& done) { done.restored = 3; }, false, 0},
    {"DoneAlthoughInterrupted", [](auto& done) { done.restored = 3; }, true, 0},
    {"Superseded", [](auto& done) { done.superseded_count = 1; }, false, 0},
    {"Failed", [](auto& done) { done.failed_count = 1; }, false, 5},
    {"Lost", [](auto& done) { done.lost = 1; }, false, 5},
    {"Left", [](auto& done) { done.left = 1; }, false, 5},
    {"Partial", [](auto& done) { done.status = RunStatus::partial; }, false, 5},
    {"FailedWhole", [](auto& done) { done.status = RunStatus::failed; }, false, 5},
    {"Interrupted", [](auto& done) { done.status = RunStatus::partial; }, true, 130},
    {"Refused", [](auto& done) { done.status = RunStatus::refused; }, false, 4},
};
INSTANTIATE_TEST_SUITE_P(Restore, RestoreExit, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace flotsam::test
