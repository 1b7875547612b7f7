#include "apply/batch_size.h"

#include <deque>
#include <gtest/gtest.h>
#include <limits>

#include "apply/delete_batch.h"
#include "apply/fixture.h"

namespace flotsam::test {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using Growth = BatchSize::Growth;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

TEST(BatchSize, GrowsByTensToAThousandWhileABatchTakesNoTime) {
  BatchSize size(DeleteMethod::version);
  for (const std::uint64_t expected : {1U, 10U, 100U, 1000U, 1000U}) {
    EXPECT_EQ(size.objects(), expected);
    size.learn(size.objects(), nanoseconds(0), Growth::allowed);
  }
}

TEST(BatchSize, FollowsWhatABatchTook) {
  struct Row {
    const char* name;
    std::uint64_t sent;
    seconds took;
    Growth growth;
    std::uint64_t next;
  };
  for (const Row& row : {Row{"little", 100, seconds(1), Growth::allowed, 1000},
                         Row{"little, with trouble", 100, seconds(1), Growth::none, 100},
                         Row{"a fifth of a minute", 100, seconds(12), Growth::allowed, 500},
                         Row{"a minute", 100, seconds(60), Growth::allowed, 100},
                         Row{"just more", 100, seconds(61), Growth::allowed, 50},
                         Row{"ten minutes", 100, seconds(600), Growth::allowed, 10},
                         Row{"more than a minute, of fewer", 30, seconds(61), Growth::none, 15},
                         Row{"a day for one", 1, seconds(86400), Growth::allowed, 1}}) {
    BatchSize size(DeleteMethod::quarantine);
    for (int i = 0; i < 2; ++i) size.learn(size.objects(), nanoseconds(0), Growth::allowed);
    ASSERT_EQ(size.objects(), 100U);
    size.learn(row.sent, row.took, row.growth);
    EXPECT_EQ(size.objects(), row.next) << row.name;
  }
}

TEST(BatchSize, HoldsAGibibyteOfAQuarantineOrOneObject) {
  struct Row {
    const char* name;
    DeleteMethod method;
    std::vector<std::uint64_t> sizes;
    std::size_t fitting;
  };
  const std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();
  for (const Row& row :
       {Row{"none", DeleteMethod::quarantine, {}, 0}, Row{"few", DeleteMethod::quarantine, {1, 2, 3}, 3},
        Row{"more than four", DeleteMethod::quarantine, {1, 2, 3, 4, 5}, 4},
        Row{"exactly that much", DeleteMethod::quarantine, {kGiB - 1, 1, 0}, 3},
        Row{"a byte too many", DeleteMethod::quarantine, {kGiB - 1, 2}, 1},
        Row{"a large one alone", DeleteMethod::quarantine, {3 * kGiB, 0, 1}, 2},
        Row{"two of no bounds", DeleteMethod::quarantine, {endless, endless}, 1},
        Row{"by marker", DeleteMethod::version, {kGiB, kGiB, endless}, 3},
        Row{"for good", DeleteMethod::permanent, {kGiB, kGiB}, 2}}) {
    std::deque<Candidate> queue;
    for (const std::uint64_t bytes : row.sizes) queue.emplace_back().object.size_bytes = bytes;
    EXPECT_EQ(BatchSize(row.method).fitting(queue, 4), row.fitting) << row.name;
  }
}

TEST(ApplyBatches, CopyNoMoreThanAGibibyteIntoAQuarantineAtOnce) {
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::version}) {
    ApplyFixture fixture;
    fixture.use(method);
    fixture.orphans(20, kGiB / 4);
    EXPECT_EQ(fixture.applied(fixture.plan()).deleted, 20U);
    EXPECT_EQ(fixture.store.batches, method == DeleteMethod::quarantine
                                         ? (std::vector<std::size_t>{1, 4, 4, 4, 4, 3})
                                         : (std::vector<std::size_t>{1, 10, 9}));
  }
}

TEST(ApplyBatches, BecomeSmallerWhereTheyTakeLongAndLeaveRoomToStop) {
  ApplyFixture fixture;
  fixture.orphans(1500);
  const Plan plan = fixture.plan();
  // From the third batch on the store takes 1.2 seconds an object.
  std::size_t batch = 0;
  fixture.store.before_remove = [&] { ++batch; };
  fixture.store.on_deleted = [&](const std::string&) {
    if (batch >= 3) fixture.pass(std::chrono::milliseconds(1200));
  };
  fixture.deadline = test_now() + std::chrono::minutes(7);
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(fixture.store.batches, (std::vector<std::size_t>{1, 10, 100, 50, 50, 50, 50, 50}));
  EXPECT_EQ(result.status, RunStatus::partial);
}

}  // namespace
}  // namespace flotsam::test
