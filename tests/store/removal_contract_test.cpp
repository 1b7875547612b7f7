// What every store must keep that deletes and brings back, run over all of them and every method.

#include "support/removal_contract.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "store/collecting_sink.h"

namespace flotsam::test {

Remains remains_of(const Object& object, const RemoveOutcome& outcome, const RemoveOptions& options) {
  Remains remains;
  remains.object = object;
  if (options.method == DeleteMethod::version) {
    remains.place = Remains::Place::marker;
    remains.marker_id = outcome.marker_id;
    remains.version_id = outcome.version_id;
  } else {
    remains.place = Remains::Place::quarantine;
    remains.run_id = options.run_id;
  }
  return remains;
}

void RemovalContract::SetUp() {
  auto made = GetParam().make();
  ASSERT_TRUE(made) << to_text(made.error());
  store_ = *std::move(made);
}

RemovalContract::Keys RemovalContract::fill(Keys keys) {
  std::erase_if(keys, [&](const std::string& key) { return !store_->put(key, key); });
  std::sort(keys.begin(), keys.end());
  store_->pass_time();
  return keys;
}

std::vector<Object> RemovalContract::planned(const Keys& keys) {
  auto lister = store_->open_lister();
  EXPECT_TRUE(lister) << to_text(lister.error());
  CollectingSink sink;
  const auto proof = (*lister)->list(Scope::whole_bucket(), {}, sink);
  EXPECT_TRUE(proof) << to_text(proof.error());
  std::vector<Object> found;
  for (Object& object : sink.objects())
    if (std::binary_search(keys.begin(), keys.end(), object.key.bytes())) found.push_back(std::move(object));
  EXPECT_EQ(found.size(), keys.size()) << "each key stands, and the keys are sorted";
  return found;
}

std::vector<std::pair<std::string, std::string>> RemovalContract::standing() {
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& key : store_->keys())
    if (!is_own(KeyView(key))) found.emplace_back(key, store_->bytes_of(key).value_or("(none)"));
  return found;
}

RemovalContract::Keys RemovalContract::quarantined() {
  Keys found;
  const Cancel cancel;
  const auto listed = restorer()->list_quarantine(
      [&](const QuarantinedObject& object) -> Result<void> {
        found.push_back(object.run_id + " " + object.key.bytes());
        return {};
      },
      cancel);
  EXPECT_TRUE(listed) << to_text(listed.error());
  return found;
}

std::unique_ptr<Remover> RemovalContract::remover() {
  auto opened = store_->open_remover();
  EXPECT_TRUE(opened) << to_text(opened.error());
  const auto prepared = (*opened)->prepare(options());
  EXPECT_TRUE(prepared) << to_text(prepared.error());
  return *std::move(opened);
}

std::unique_ptr<Restorer> RemovalContract::restorer() {
  auto opened = store_->open_restorer();
  EXPECT_TRUE(opened) << to_text(opened.error());
  return *std::move(opened);
}

std::vector<RemoveOutcome> RemovalContract::remove(const std::vector<Object>& objects,
                                                   const std::string& run_id) {
  const auto opened = remover();
  const auto looks = opened->look(objects);
  EXPECT_TRUE(looks) << to_text(looks.error());
  if (looks) {
    EXPECT_EQ(looks->size(), objects.size());
    for (std::size_t i = 0; i < looks->size(); ++i)
      EXPECT_EQ((*looks)[i].state, LookState::same)
          << in_quotes(objects[i].key.bytes()) << (*looks)[i].reason;
  }
  auto outcomes = opened->remove(objects, options(run_id));
  EXPECT_EQ(outcomes.size(), objects.size());
  outcomes.resize(objects.size());
  return outcomes;
}

std::vector<Remains> RemovalContract::remove_all(const std::vector<Object>& objects,
                                                 const std::string& run_id) {
  const auto outcomes = remove(objects, run_id);
  std::vector<Remains> remains;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    EXPECT_EQ(outcomes[i].result, RemoveResult::removed)
        << in_quotes(objects[i].key.bytes()) << ": " << outcomes[i].code << ", " << outcomes[i].message;
    remains.push_back(remains_of(objects[i], outcomes[i], options(run_id)));
  }
  return remains;
}

std::vector<RestoreOutcome> RemovalContract::restore(const std::vector<Remains>& remains,
                                                     Restorer::Mode mode) {
  auto outcomes = restorer()->restore(remains, mode);
  EXPECT_EQ(outcomes.size(), remains.size());
  outcomes.resize(remains.size());
  return outcomes;
}

namespace {

using Keys = std::vector<std::string>;

/// Keys that have led other programs astray, by name. What a store cannot hold its put() refuses.
Keys odd_keys() {
  return {"odd/with space",
          "odd/ leading and trailing ",
          "odd/plus+plus",
          "odd/percent%41%2F%",
          "odd/question?a=b&c#d",
          "odd/quote'\"`",
          "odd/back\\slash",
          "odd/<xml>&amp;",
          "odd/\xC3\xA9 composed",   // é as one code point …
          "odd/e\xCC\x81 composed",  // … and as two
          "odd/\xE2\x80\xAEright to left",
          "odd/\xF0\x9F\x90\xA2",
          "odd/not\xFFutf8",
          "odd/line\nbreak",
          "odd/carriage\rreturn",
          "odd/tab\tstop",
          "odd/control\x01",
          "odd/.hidden",
          "odd/..two dots",
          "odd/...",
          "odd/~",
          "odd/-rf",
          "odd/" + std::string(200, 'l') + "/" + std::string(200, 'm') + "/" + std::string(200, 'n'),
          "odd/" + std::string(255, 'w'),
          "odd/a//b",
          "odd/a/./b",
          "odd/a/../b",
          "odd/folder marker/",
          "odd/A",
          "odd/a",
          "/leading slash"};
}

std::vector<std::string> names_of(const std::vector<Look>& looks) {
  std::vector<std::string> names;
  for (const Look& look : looks) names.emplace_back(to_string(look.state));
  return names;
}
std::vector<std::string> names_of(const std::vector<RemoveOutcome>& outcomes) {
  std::vector<std::string> names;
  for (const RemoveOutcome& outcome : outcomes) names.emplace_back(to_string(outcome.result));
  return names;
}
std::vector<std::string> names_of(const std::vector<RestoreOutcome>& outcomes) {
  std::vector<std::string> names;
  for (const RestoreOutcome& outcome : outcomes) names.emplace_back(to_string(outcome.result));
  return names;
}
/// All of them the same.
template <typename Outcome>
void expect_all(const std::vector<Outcome>& outcomes, const std::string& name) {
  const auto names = names_of(outcomes);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], name) << "of object " << i;
}

/// The standing objects without some keys.
std::vector<std::pair<std::string, std::string>> without(std::vector<std::pair<std::string, std::string>> all,
                                                         const Keys& keys) {
  std::erase_if(all, [&](const auto& one) { return std::ranges::find(keys, one.first) != keys.end(); });
  return all;
}

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
  fill({"a/1"});
  remove_all(planned({"a/1"}), "run1");
  store_->pass_time();
  store_->put("a/1", "the newer one");
  store_->pass_time();
  remove_all(planned({"a/1"}), "run0");
  const std::vector<Key> asked = {Key(std::string("a/1"))};
  const auto found = restorer()->find(asked);
  ASSERT_TRUE(found) << to_text(found.error());
  ASSERT_TRUE(found->front());
  expect_all(restore({*found->front()}), "restored");
  EXPECT_EQ(store_->bytes_of("a/1"), "the newer one");
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
