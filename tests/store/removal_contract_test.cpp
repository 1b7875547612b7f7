// What every store must keep that deletes, run over all of them and every method.

#include "support/removal_contract.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

TEST_P(RemovalContract, IsTheSameStoreAsItsLister) {
  fill({"a/1"});
  const auto facts = (*store_->open_lister())->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  const auto of_remover = remover()->facts();
  ASSERT_TRUE(of_remover) << to_text(of_remover.error());
  EXPECT_EQ(of_remover->identity, facts->identity);
  EXPECT_EQ(of_remover->versioning, facts->versioning);
  const auto of_restorer = restorer()->facts();
  ASSERT_TRUE(of_restorer) << to_text(of_restorer.error());
  EXPECT_EQ(of_restorer->identity, facts->identity);
}

TEST_P(RemovalContract, PreparingChangesNothingThatAListerSees) {
  fill({"a/1", "b"});
  const auto before = standing();
  remover();
  remover();
  EXPECT_EQ(standing(), before);
  EXPECT_EQ(quarantined(), Keys{});
}

TEST_P(RemovalContract, ALookTellsWhatStands) {
  const auto objects = planned(fill({"a/same", "b/other bytes", "c/other size", "d/gone", "e/same too"}));
  store_->put("b/other bytes", std::string("B/OTHER BYTES"));
  store_->put("c/other size", "longer than it was before");
  store_->erase("d/gone");
  const auto before = standing();
  const auto looks = remover()->look(objects);
  ASSERT_TRUE(looks) << to_text(looks.error());
  EXPECT_EQ(names_of(*looks), (Keys{"same", "changed", "changed", "gone", "same"}));
  EXPECT_EQ((*looks)[0].now.key, objects[0].key);
  EXPECT_EQ((*looks)[0].now.etag, objects[0].etag);
  EXPECT_EQ((*looks)[0].now.size_bytes, objects[0].size_bytes);
  EXPECT_EQ((*looks)[2].now.size_bytes, std::string("longer than it was before").size());
  EXPECT_EQ(standing(), before);
}

TEST_P(RemovalContract, ALookTellsTheSameBytesWrittenAgain) {
  if (!GetParam().tells_rewrites)
    GTEST_SKIP() << "this store counts whole seconds of a clock that nobody holds";
  const auto objects = planned(fill({"a/1", "a/2"}));
  store_->put("a/2", "a/2");
  const auto opened = remover();
  const auto looks = opened->look(objects);
  ASSERT_TRUE(looks);
  EXPECT_EQ(names_of(*looks), (Keys{"same", "changed"}));
}

TEST_P(RemovalContract, ALookProvesAKeyThatWasNeverThereGone) {
  auto objects = planned(fill({"a/1"}));
  for (const char* key : {"a/0", "a/1/below an object", "a/", "nowhere/at all", "zzz"}) {
    Object object = objects.front();
    object.key = Key(std::string(key));
    const auto looks = remover()->look(std::span(&object, 1));
    ASSERT_TRUE(looks);
    EXPECT_EQ(names_of(*looks), Keys{"gone"}) << key;
  }
}

TEST_P(RemovalContract, LooksAtNothingAndRemovesNothingOfNothing) {
  fill({"a/1"});
  const auto before = standing();
  const auto looks = remover()->look({});
  ASSERT_TRUE(looks);
  EXPECT_TRUE(looks->empty());
  EXPECT_TRUE(remover()->remove({}, options()).empty());
  EXPECT_TRUE(remover()->reconcile({}, options(), Timestamp{}).empty());
  EXPECT_TRUE(restorer()->restore({}, Restorer::Mode::really).empty());
  EXPECT_EQ(standing(), before);
}

TEST_P(RemovalContract, RemovesExactlyTheObjects) {
  const Keys all =
      fill({"a/1", "a/1.bak", "a/10", "a/2", "a/2/x", "a", "a.b", "b/1", "b/1/", "B/1", "c/deep/er/1"});
  const Keys named = {"a/1", "b/1", "c/deep/er/1"};
  const auto before = standing();
  remove_all(planned(named));
  EXPECT_EQ(standing(), without(before, named));
  for (const std::string& key : named) EXPECT_EQ(store_->bytes_of(key), std::nullopt) << key;
}

TEST_P(RemovalContract, AnObjectIsGoneOnceItWasRemoved) {
  const auto objects = planned(fill({"a/1", "a/2"}));
  remove_all({objects[0]});
  const auto opened = remover();
  const auto looks = opened->look(objects);
  ASSERT_TRUE(looks);
  EXPECT_EQ(names_of(*looks), (Keys{"gone", "same"}));
}

TEST_P(RemovalContract, LeavesAloneWhatIsAnother) {
  if (!GetParam().removes_by_identity)
    GTEST_SKIP() << "without a condition the look before is all that this store has";
  const auto objects = planned(fill({"a/1", "a/2", "a/3", "a/4"}));
  store_->put("a/2", "OTHER");
  store_->erase("a/3");
  const auto before = standing();
  const auto outcomes = remover()->remove(objects, options());
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_EQ(outcomes[0].result, RemoveResult::removed);
  EXPECT_EQ(outcomes[1].result, RemoveResult::changed);
  EXPECT_EQ(outcomes[3].result, RemoveResult::removed);
  EXPECT_EQ(store_->bytes_of("a/2"), "OTHER");
  EXPECT_EQ(standing(), without(before, {"a/1", "a/4"}));
}

TEST_P(RemovalContract, TakesOddKeysByteForByte) {
  // Each has neighbours that a careless spelling would hit instead.
  Keys all = odd_keys();
  for (const char* key :
       {"odd/with%20space", "odd/with+space", "odd/plus plus", "odd/percentA/%", "odd/line", "odd/tab",
        "odd/control", "odd/question", "odd/notutf8", "odd/back/slash", "leading slash"})
    all.emplace_back(key);
  const Keys held = fill(all);
  const auto before = standing();
  for (const std::string& key : odd_keys()) {
    if (std::ranges::find(held, key) == held.end()) continue;  // put() refused it: it cannot be there
    SCOPED_TRACE(in_quotes(key));
    const auto remains = remove_all(planned({key}));
    EXPECT_EQ(standing(), without(before, {key}));
    if (!can_undo()) {
      store_->put(key, key);
      store_->pass_time();
      continue;
    }
    expect_all(restore(remains), "restored");
    EXPECT_EQ(standing(), before);
  }
  EXPECT_EQ(quarantined(), Keys{});
}

TEST_P(RemovalContract, RemovesOddKeysInOneBatch) {
  const Keys held = fill(odd_keys());
  ASSERT_GE(held.size(), 20U) << "a store holds most of them, or nothing is tested";
  fill({"even/1"});
  const auto before = standing();
  const auto remains = remove_all(planned(held));
  EXPECT_EQ(standing(), without(before, held));
  if (!can_undo()) return;
  expect_all(restore(remains), "restored");
  EXPECT_EQ(standing(), before);
}

TEST_P(RemovalContract, TakesBatchesOfAnySize) {
  for (const std::size_t size : {1U, 2U, 1000U}) {
    SCOPED_TRACE(size);
    Keys keys;
    for (std::size_t i = 0; i < size; ++i) keys.push_back(fmt::format("batch/{}/{:04}", i % 7, i));
    fill(keys);
    std::sort(keys.begin(), keys.end());
    fill({"batch/3/beside", "batch/beside"});
    const auto before = standing();
    const auto remains = remove_all(planned(keys));
    EXPECT_EQ(standing(), without(before, keys));
    if (!can_undo()) continue;
    expect_all(restore(remains), "restored");
    EXPECT_EQ(standing(), before);
    EXPECT_EQ(quarantined(), Keys{});
  }
}

TEST_P(RemovalContract, ReconcilesWithWhatWasRemoved) {
  const auto objects = planned(fill({"a/1", "a/2"}));
  const Timestamp since = SystemClock().now() - std::chrono::minutes(1);
  const auto outcomes = remove(objects);
  const auto told = remover()->reconcile(objects, options(), since);
  expect_all(told, "removed");
  if (method() == DeleteMethod::version) {
    ASSERT_EQ(told.size(), 2U);
    for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i].marker_id, outcomes[i].marker_id);
  }
}

TEST_P(RemovalContract, ReconcilesWithWhatStillStands) {
  const auto objects = planned(fill({"a/1", "a/2"}));
  const auto before = standing();
  const auto told = remover()->reconcile(objects, options(), SystemClock().now());
  expect_all(told, "failed");
  for (const RemoveOutcome& outcome : told) {
    EXPECT_TRUE(outcome.retryable);
    EXPECT_FALSE(outcome.code.empty());
    EXPECT_FALSE(outcome.message.empty());
  }
  EXPECT_EQ(standing(), before);
  remove_all(objects);
}

TEST_P(RemovalContract, ReconcilesWithWhatWasWrittenSince) {
  const auto objects = planned(fill({"a/1", "a/2"}));
  store_->put("a/1", "written since");
  const auto before = standing();
  const auto told = remover()->reconcile(objects, options(), SystemClock().now());
  EXPECT_EQ(names_of(told), (Keys{"changed", "failed"}));
  EXPECT_EQ(standing(), before);
}

TEST_P(RemovalContract, ReconcilesEachObjectByItself) {
  const auto objects = planned(fill({"a/1", "a/2", "a/3"}));
  const Timestamp since = SystemClock().now() - std::chrono::minutes(1);
  remove({objects[1]});
  EXPECT_EQ(names_of(remover()->reconcile(objects, options(), since)), (Keys{"failed", "removed", "failed"}));
}

}  // namespace
}  // namespace flotsam::test
