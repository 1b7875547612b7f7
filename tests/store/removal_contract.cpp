// What the contract of removal stands on: tests/support/removal_contract.h.

#include "support/removal_contract.h"

#include <algorithm>

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

std::vector<std::string> odd_keys() {
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
std::vector<std::pair<std::string, std::string>> without(std::vector<std::pair<std::string, std::string>> all,
                                                         const std::vector<std::string>& keys) {
  std::erase_if(all, [&](const auto& one) { return std::ranges::find(keys, one.first) != keys.end(); });
  return all;
}

}  // namespace flotsam::test
