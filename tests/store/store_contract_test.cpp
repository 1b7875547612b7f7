// What every store must keep, run over all of them.

#include "store/store_contract.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "store/collecting_sink.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

class StoreContract : public testing::TestWithParam<StoreImplementation> {
 protected:
  void SetUp() override {
    auto made = GetParam().make();
    ASSERT_TRUE(made) << to_text(made.error());
    store_ = *std::move(made);
  }
  void TearDown() override {
    if (store_) {
      EXPECT_EQ(store_->writes(), 0U) << "a Lister only reads";
    }
  }

  /// Puts what the store can hold of these, and returns that in byte order.
  Keys fill(Keys keys) {
    std::erase_if(keys, [&](const std::string& key) { return !store_->put(key, 1 + key.size() % 7); });
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::unique_ptr<Lister> open(unsigned page_keys = 1000) {
    auto lister = store_->open(page_keys);
    EXPECT_TRUE(lister) << to_text(lister.error());
    return lister ? *std::move(lister) : nullptr;
  }
  Keys list(const Scope& scope, unsigned page_keys = 1000, const ListingOptions& options = {}) {
    CollectingSink sink;
    const auto proof = open(page_keys)->list(scope, options, sink);
    EXPECT_TRUE(proof) << to_text(proof.error());
    if (proof) {
      EXPECT_EQ(proof->objects, sink.objects().size());
    }
    return sink.keys();
  }
  static Scope scope(Keys prefixes) { return *Scope::of_prefixes(std::move(prefixes)); }

  std::unique_ptr<StoreUnderTest> store_;
};

Keys below(const Keys& keys, const std::string& prefix) {
  Keys found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found),
               [&](const auto& key) { return key.starts_with(prefix); });
  return found;
}

TEST_P(StoreContract, SaysWhatItIs) {
  const auto facts = open()->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  EXPECT_LT(std::chrono::abs(facts->clock - SystemClock().now()), std::chrono::minutes(2));
  EXPECT_LT(std::chrono::abs(facts->local_clock - SystemClock().now()), std::chrono::minutes(2));
  EXPECT_FALSE(facts->identity.empty());
  const auto again = open()->facts();
  ASSERT_TRUE(again);
  EXPECT_EQ(facts->identity, again->identity);
  EXPECT_EQ(facts->versioning, Versioning::none);
}

TEST_P(StoreContract, SaysNotFoundOfAStoreThatIsNotThere) {
  auto lister = store_->open_missing();
  if (!lister) {
    EXPECT_EQ(lister.error().code, ErrorCode::not_found) << to_text(lister.error());
    return;
  }
  const auto facts = (*lister)->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::not_found) << to_text(facts.error());
  CollectingSink sink;
  const auto proof = (*lister)->list(Scope::whole_bucket(), {}, sink);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, ErrorCode::not_found) << to_text(proof.error());
}

TEST_P(StoreContract, ProvesAnEmptyScopeEmpty) {
  fill({"other/1"});
  EXPECT_EQ(list(scope({"books/"})), Keys{});
  EXPECT_EQ(list(scope({"books/", "oth/"})), Keys{});
}

TEST_P(StoreContract, ProvesAnEmptyStoreEmpty) {
  EXPECT_EQ(list(Scope::whole_bucket()), Keys{});
}

TEST_P(StoreContract, GivesSizeTimeAndEtag) {
  ASSERT_TRUE(store_->put("a/b", 12345));
  CollectingSink sink;
  ASSERT_TRUE(open()->list(scope({"a/"}), {}, sink));
  ASSERT_EQ(sink.objects().size(), 1U);
  const Object object = sink.objects().front();
  EXPECT_EQ(object.size_bytes, 12345U);
  ASSERT_TRUE(object.last_modified);
  EXPECT_FALSE(object.etag.empty());
  EXPECT_EQ(object.etag.find('"'), std::string::npos);
}

TEST_P(StoreContract, ListsOnlyItsPrefixes) {
  const Keys all =
      fill({"images/1", "images/sub/2", "images2/3", "images-old/4", "image", "imagesx", "books/5", "zoo/6"});
  EXPECT_EQ(list(scope({"images/"})), (Keys{"images/1", "images/sub/2"}));
  EXPECT_EQ(list(scope({"images/", "images2/"})), (Keys{"images/1", "images/sub/2", "images2/3"}));
  EXPECT_EQ(list(scope({"zoo/", "images2/", "images-old/", "images/"})),
            (Keys{"images-old/4", "images/1", "images/sub/2", "images2/3", "zoo/6"}));
  EXPECT_EQ(list(scope({"images/sub/"})), (Keys{"images/sub/2"}));
  EXPECT_EQ(list(Scope::whole_bucket()), all);
}

TEST_P(StoreContract, LeavesOutWhatIsFlotsamsOwn) {
  fill({"a/1", "a/.flotsam-quarantine/j1/2", "a/b/.flotsam-probe-3/4", "a/x.flotsam-5", ".flotsam-state/6",
        "a/.flotsamx"});
  CollectingSink sink;
  const auto proof = open()->list(scope({"a/"}), {}, sink);
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"a/.flotsamx", "a/1", "a/x.flotsam-5"}));
  EXPECT_GE(proof->skipped_own, 1U);
  EXPECT_EQ(list(Scope::whole_bucket()), (Keys{"a/.flotsamx", "a/1", "a/x.flotsam-5"}));
}

bool is_said(const char* variable) {
  return std::getenv(variable) != nullptr;
}

/// Keys that are legal and seen. A server given by the environment may say what it cannot keep.
Keys odd_keys() {
  // clang-format off
  Keys odd = {"odd/plain", "odd/two words", "odd/ leading", "odd/trailing ", "odd/+plus+", "odd/a%20b", "odd/a%2Bb",
              "odd/100%", "odd/%", "odd/&amp;", "odd/<tag>", "odd/\"quoted\"", "odd/'single'", "odd/back\\slash",
              "odd/del\x7f", "odd/caf\xC3\xA9", "odd/cafe\xCC\x81", "odd/\xEF\xAC\x80", "odd/\xF0\x9F\x98\x80",
              "odd/UPPER", "odd/upper", "odd/~tilde", "odd/star*", "odd/what?", "odd/#hash", "odd/semi;colon",
              "odd/a=b&c=d", "odd/,comma", "odd/\xE2\x80\xAEright-to-left", "odd/..dots", "odd/...", "odd/.hidden",
              "odd/   ", "odd/e:f@g", "odd/{brace}", "odd/[bracket]", "odd/^`|", "odd/$HOME", "odd/\xC2\x85nel",
              "odd/" + std::string(250, 'n')};
  const Keys unprintable = {"odd/tab\there", "odd/line\nbreak", "odd/carriage\rreturn", "odd/esc\x1b[31m", "odd/one\x01",
                            "odd/\xEF\xBF\xBD"};
  const Keys unpathlike = {"odd/", "odd//double", "odd/./dot", "odd/../up", "odd/..", "odd/x/", "odd/x//",
                           "odd/" + std::string(1020, 'k')};
  // clang-format on
  if (!is_said("FLOTSAM_TEST_S3_RAW_KEYS")) odd.insert(odd.end(), unprintable.begin(), unprintable.end());
  if (!is_said("FLOTSAM_TEST_S3_FILE_LIKE")) odd.insert(odd.end(), unpathlike.begin(), unpathlike.end());
  return odd;
}

TEST_P(StoreContract, CarriesKeysAsBytes) {
  const Keys all = fill(odd_keys());
  EXPECT_GE(all.size(), 38U);
  for (const unsigned page_keys : {1000U, 5U, 1U})
    for (const unsigned connections : {1U, 4U})
      EXPECT_EQ(list(scope({"odd/"}), page_keys, {.connections = connections, .cut_points = all}), all)
          << page_keys << " keys a page, " << connections << " connections";
}

TEST_P(StoreContract, TakesPrefixesOfAnyBytes) {
  const Keys all = fill(
      {"a b/1", "a+b/2", "a%20b/3", "a%2Bb/4", "\xC3\xA9/5", "e\xCC\x81/6", "a&b/7", "a<b>/8", "a'b\"/9"});
  for (const char* prefix :
       {"a b/", "a+b/", "a%20b/", "a%2Bb/", "\xC3\xA9/", "e\xCC\x81/", "a&b/", "a<b>/", "a'b\"/"})
    EXPECT_EQ(list(scope({prefix})), below(all, prefix)) << prefix;
}

/// How cut points may lie to the keys that there are. None of it may change what is listed.
struct CutCase {
  const char* name;
  Keys (*make)(const Keys& keys);
};
const CutCase kCutCases[] = {
    {"none", [](const Keys&) { return Keys{}; }},
    {"equal to keys", [](const Keys& keys) { return keys; }},
    {"one before",
     [](const Keys& keys) {
       Keys cuts;
       for (std::string key : keys) {
         key.back() = static_cast<char>(key.back() - 1);
         cuts.push_back(key + "~");
       }
       return cuts;
     }},
    {"one behind",
     [](const Keys& keys) {
       Keys cuts;
       for (const std::string& key : keys) cuts.push_back(key + "!");
       return cuts;
     }},
    {"foreign",
     [](const Keys&) {
       return Keys{"", "a", "books", "books/", "booksx/1", "zzz", std::string("\xFF\x01", 2)};
     }},
    {"all equal", [](const Keys& keys) { return Keys(50, keys[keys.size() / 2]); }},
    {"all behind the last", [](const Keys&) { return Keys{"books/zz", "books/zzz"}; }},
    {"not sorted", [](const Keys& keys) { return Keys(keys.rbegin(), keys.rend()); }},
};

TEST_P(StoreContract, GivesEveryObjectOnceHoweverTheWorkIsSplit) {
  Keys keys;
  for (int folder : {1, 2, 3, 10, 515})
    for (int image = 0; image < 7; ++image)
      keys.push_back(fmt::format("books/{}/image_{:02}.webp", folder, image));
  for (const char* more : {"books/0", "books/zebra", "other/1", "boo", "books2/1"}) keys.emplace_back(more);
  const Keys all = fill(keys);
  const Keys expected = below(all, "books/");
  ASSERT_EQ(expected.size(), 37U);
  for (const CutCase& cut : kCutCases)
    for (const unsigned page_keys : {2U, 7U, 1000U})
      for (const unsigned connections : {1U, 2U, 16U})
        EXPECT_EQ(list(scope({"books/"}), page_keys,
                       {.connections = connections, .cut_points = cut.make(expected)}),
                  expected)
            << "cuts " << cut.name << ", " << page_keys << " keys a page, " << connections << " connections";
  EXPECT_EQ(list(Scope::whole_bucket(), 3, {.connections = 8, .cut_points = all}), all);
  EXPECT_EQ(list(scope({"books/", "books2/", "other/"}), 3, {.connections = 8, .cut_points = all}).size(),
            39U);
}

TEST_P(StoreContract, StopsWhenAskedTo) {
  fill({"a/1", "a/2", "a/3", "a/4", "a/5", "b/1"});
  Cancel cancel;
  CollectingSink sink;
  sink.on_page = [&](std::size_t) {
    cancel.request();
    return Result<void>{};
  };
  const auto stopped =
      open(1)->list(scope({"a/", "b/"}), {.connections = 1, .cut_points = {}, .cancel = &cancel}, sink);
  ASSERT_FALSE(stopped) << "a cancelled listing proves nothing";
  EXPECT_EQ(stopped.error().code, ErrorCode::interrupted) << to_text(stopped.error());
  CollectingSink second;
  const auto before =
      open()->list(scope({"a/"}), {.connections = 4, .cut_points = {}, .cancel = &cancel}, second);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, ErrorCode::interrupted) << to_text(before.error());
}

TEST_P(StoreContract, GivesBackTheErrorOfASink) {
  fill({"a/1", "a/2", "a/3", "a/4", "a/5", "b/1"});
  CollectingSink sink;
  sink.on_page = [&](std::size_t) {
    return Result<void>(fail(ErrorCode::unavailable, "no space left on device"));
  };
  const auto proof =
      open(1)->list(scope({"a/", "b/"}), {.connections = 3, .cut_points = {"a/2", "a/3"}}, sink);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, ErrorCode::unavailable);
  EXPECT_EQ(proof.error().message, "no space left on device");
}

TEST_P(StoreContract, CanListTwice) {
  const Keys all = fill({"a/1", "a/2", "a/3"});
  const auto lister = open(2);
  for (int round = 0; round < 2; ++round) {
    CollectingSink sink;
    ASSERT_TRUE(lister->list(scope({"a/"}), {}, sink));
    EXPECT_EQ(sink.keys(), all);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(store_implementations()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flotsam::test
