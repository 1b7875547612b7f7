// What every store must keep that brings objects back, run over all of them and every method.

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "support/removal_contract.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

TEST_P(RemovalContract, BringsBackBytesAndAllThatBelongsToThem) {
  if (!can_undo()) return;
  const Keys keys = {"a/empty", "a/rich", "deep/er/rich"};
  ASSERT_TRUE(store_->put_rich("a/empty", ""));
  ASSERT_TRUE(store_->put_rich("a/rich", std::string("bytes \0 with \xFF all", 18)));
  ASSERT_TRUE(store_->put_rich("deep/er/rich", std::string(70'000, 'x')));
  store_->pass_time();
  const auto before = standing();
  std::vector<std::string> properties;
  for (const std::string& key : keys) properties.push_back(store_->properties_of(key));
  const auto remains = remove_all(planned(keys));
  EXPECT_TRUE(standing().empty());
  expect_all(restore(remains), "restored");
  EXPECT_EQ(standing(), before);
  for (std::size_t i = 0; i < keys.size(); ++i)
    EXPECT_EQ(store_->properties_of(keys[i]), properties[i]) << keys[i];
  EXPECT_EQ(quarantined(), Keys{});
}

TEST_P(RemovalContract, SaysOfARestoreThatWasMadeThatItStands) {
  if (!can_undo()) return;
  const auto remains = remove_all(planned(fill({"a/1", "a/2"})));
  const auto left = standing();
  expect_all(restore(remains), "restored");
  const auto before = standing();
  EXPECT_NE(before, left);
  expect_all(restore(remains), "standing");
  EXPECT_EQ(standing(), before);
}

TEST_P(RemovalContract, GoesOnWithARestoreThatWasCutShort) {
  if (!can_undo()) return;
  const auto remains = remove_all(planned(fill({"a/1", "a/2", "a/3"})));
  expect_all(restore({remains[1]}), "restored");
  EXPECT_EQ(names_of(restore(remains)), (Keys{"restored", "standing", "restored"}));
}

TEST_P(RemovalContract, NeverRestoresOverSomethingNewer) {
  if (!can_undo()) return;
  const auto remains = remove_all(planned(fill({"a/1", "a/2", "a/3"})));
  store_->put("a/2", "written since");
  store_->pass_time();
  const auto outcomes = restore(remains);
  EXPECT_EQ(names_of(outcomes), (Keys{"restored", "superseded", "restored"}));
  EXPECT_FALSE(outcomes[1].message.empty());
  EXPECT_EQ(store_->bytes_of("a/2"), "written since");
  EXPECT_EQ(names_of(restore(remains)), (Keys{"standing", "superseded", "standing"}));
}

TEST_P(RemovalContract, ADryRunOfARestoreChangesNothing) {
  if (!can_undo()) return;
  const auto remains = remove_all(planned(fill({"a/1", "a/2", "b/3"})));
  store_->put("a/2", "written since");
  expect_all(restore({remains[2]}), "restored");
  const auto before = store_->keys();
  EXPECT_EQ(names_of(restore(remains, Restorer::Mode::dry_run)),
            (Keys{"restored", "superseded", "standing"}));
  EXPECT_EQ(store_->keys(), before);
  EXPECT_EQ(store_->bytes_of("a/1"), std::nullopt);
}

TEST_P(RemovalContract, SaysLostOfWhatIsNowhere) {
  if (method() != DeleteMethod::quarantine) return;
  const auto objects = planned(fill({"a/1", "a/2"}));
  const auto remains = remove_all(objects);
  std::vector<QuarantinedObject> all;
  const Cancel cancel;
  ASSERT_TRUE(restorer()->list_quarantine(
      [&](const QuarantinedObject& object) -> Result<void> {
        all.push_back(object);
        return {};
      },
      cancel));
  ASSERT_EQ(all.size(), 2U);
  expect_all(remover()->discard(std::span(all).first(1)), "removed");
  const auto outcomes = restore(remains);
  EXPECT_EQ(names_of(outcomes), (Keys{"lost", "restored"}));
  EXPECT_FALSE(outcomes[0].message.empty());
}

TEST_P(RemovalContract, FindsWhatWasRemoved) {
  const Keys keys = fill({"a/1", "a/2", "a/3", "a/stands"});
  const auto objects = planned({"a/1", "a/2"});
  remove_all(objects);
  const std::vector<Key> asked = {Key(std::string("a/0")), Key(std::string("a/1")), Key(std::string("a/2")),
                                  Key(std::string("a/3")), Key(std::string("nowhere/at all"))};
  const auto found = restorer()->find(asked);
  ASSERT_TRUE(found) << to_text(found.error());
  ASSERT_EQ(found->size(), asked.size());
  for (const std::size_t i : {0U, 3U, 4U}) EXPECT_FALSE((*found)[i]) << asked[i].bytes();
  if (!can_undo()) {
    EXPECT_FALSE((*found)[1]);
    return;
  }
  for (const std::size_t i : {1U, 2U}) {
    ASSERT_TRUE((*found)[i]) << asked[i].bytes();
    EXPECT_EQ((*found)[i]->object.key, asked[i]);
    EXPECT_EQ((*found)[i]->object.size_bytes, objects[i - 1].size_bytes);
  }
  expect_all(restore({*(*found)[1], *(*found)[2]}), "restored");
  EXPECT_EQ(store_->bytes_of("a/1"), "a/1");
  EXPECT_EQ(store_->bytes_of("a/2"), "a/2");
  const auto again = restorer()->find(asked);
  ASSERT_TRUE(again);
  for (const auto& one : *again) EXPECT_FALSE(one);
}

TEST_P(RemovalContract, FindsTheNewestOfSeveral) {
  if (!can_undo()) return;
  // Neither the first nor the last by name.
  for (const char* run : {"run2", "run0", "run1"}) {
    ASSERT_TRUE(store_->put("a/1", std::string("of ") + run));
    store_->pass_time();
    remove_all(planned({"a/1"}), run);
    store_->pass_time();
  }
  const std::vector<Key> asked = {Key(std::string("a/1"))};
  const auto found = restorer()->find(asked);
  ASSERT_TRUE(found) << to_text(found.error());
  ASSERT_TRUE(found->front());
  expect_all(restore({*found->front()}), "restored");
  EXPECT_EQ(store_->bytes_of("a/1"), "of run1");
}

TEST_P(RemovalContract, ListsTheQuarantineInOrder) {
  fill({"a/1", "a-b/2", "a.b", "b/deep/er/3"});
  if (method() != DeleteMethod::quarantine) {
    remove_all(planned({"a/1"}));
    EXPECT_EQ(quarantined(), Keys{});
    return;
  }
  EXPECT_EQ(quarantined(), Keys{});
  remove_all(planned({"a-b/2", "a/1"}), "run2");
  remove_all(planned({"a.b"}), "run2-");
  remove_all(planned({"b/deep/er/3"}), "run1");
  EXPECT_EQ(quarantined(), (Keys{"run1 b/deep/er/3", "run2 a-b/2", "run2 a/1", "run2- a.b"}));
}

TEST_P(RemovalContract, TheEndOfAQuarantinesListingIsItsReaders) {
  if (method() != DeleteMethod::quarantine) return;
  remove_all(planned(fill({"a/1", "a/2", "a/3"})));
  int seen = 0;
  const Cancel cancel;
  const auto listed = restorer()->list_quarantine(
      [&](const QuarantinedObject&) -> Result<void> {
        return ++seen < 2 ? Result<void>{} : fail(ErrorCode::refused, "enough");
      },
      cancel);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().message, "enough");
  EXPECT_EQ(seen, 2);
  Cancel stopped;
  stopped.request();
  const auto interrupted =
      restorer()->list_quarantine([](const QuarantinedObject&) -> Result<void> { return {}; }, stopped);
  ASSERT_FALSE(interrupted);
  EXPECT_EQ(interrupted.error().code, ErrorCode::interrupted);
}

TEST_P(RemovalContract, DiscardsExactlyWhatIsNamed) {
  if (method() != DeleteMethod::quarantine) return;
  fill({"a/1", "a/2", "a/3", "b/1"});
  remove_all(planned({"a/1", "a/2"}), "run1");
  store_->put("a/1", "another a/1");
  store_->pass_time();
  remove_all(planned({"a/1", "b/1"}), "run2");
  store_->put("a/1", "a third");
  std::vector<QuarantinedObject> all;
  const Cancel cancel;
  ASSERT_TRUE(restorer()->list_quarantine(
      [&](const QuarantinedObject& object) -> Result<void> {
        all.push_back(object);
        return {};
      },
      cancel));
  ASSERT_EQ(all.size(), 4U);
  store_->pass_time();
  store_->spoil_quarantined("run1", "a/2", "spoilt since");
  const auto before = standing();
  const std::vector<QuarantinedObject> named = {all[0], all[1], all[3]};
  EXPECT_EQ(names_of(remover()->discard(named)), (Keys{"removed", "changed", "removed"}));
  EXPECT_EQ(quarantined(), (Keys{"run1 a/2", "run2 a/1"}));
  EXPECT_EQ(standing(), before);
  EXPECT_EQ(names_of(remover()->discard(named)), (Keys{"gone", "changed", "gone"}));
}

TEST_P(RemovalContract, TwoRunsDoNotMeetInTheQuarantine) {
  if (!can_undo()) return;
  fill({"a/1"});
  const auto first = remove_all(planned({"a/1"}), "run1");
  store_->put("a/1", "the newer one");
  store_->pass_time();
  const auto second = remove_all(planned({"a/1"}), "run2");
  expect_all(restore(second), "restored");
  EXPECT_EQ(store_->bytes_of("a/1"), "the newer one");
  expect_all(restore(first), "superseded");
  EXPECT_EQ(store_->bytes_of("a/1"), "the newer one");
}

}  // namespace
}  // namespace flotsam::test
