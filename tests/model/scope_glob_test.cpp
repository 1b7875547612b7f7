#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/glob.h"
#include "model/key.h"
#include "model/scope.h"
#include "model/verdict.h"

namespace flotsam {
namespace {

TEST(Key, IsOrderedAsUnsignedBytes) {
  EXPECT_LT(KeyView("a\x7f"), KeyView("a\x80"));
  EXPECT_LT(KeyView("a"), KeyView("a/"));
  EXPECT_LT(KeyView("a-"), KeyView("a/")) << "'-' is below '/'";
  EXPECT_NE(KeyView("a//b"), KeyView("a/b"));
  EXPECT_NE(KeyView("e\xCC\x81"), KeyView("\xC3\xA9"));
  static_assert(!std::is_convertible_v<std::string, Key> && !std::is_convertible_v<std::string_view, KeyView>,
                "a row's value is no key by itself");
}

TEST(Scope, RefusesWhatWouldTakeInMoreThanIsMeant) {
  struct Row {
    const char* name;
    std::vector<std::string> prefixes;
    const char* said;
  };
  const Row rows[] = {{"none at all", {}, "no prefix"},
                      {"an empty one", {""}, "whole bucket"},
                      {"an empty one among others", {"a/", ""}, "whole bucket"},
                      {"without a slash", {"images"}, "does not end in"},
                      {"twice", {"a/", "a/"}, "stands twice"},
                      {"one in another", {"a/", "b/", "a/b/"}, "contains 'a/b/'"},
                      {"flotsam's own", {"a/.flotsam-quarantine/"}, ".flotsam-"}};
  for (const Row& row : rows) {
    const auto scope = Scope::of_prefixes(row.prefixes);
    ASSERT_FALSE(scope) << row.name;
    EXPECT_EQ(scope.error().code, ErrorCode::invalid_argument) << row.name;
    EXPECT_NE(scope.error().message.find(row.said), std::string::npos) << scope.error().message;
  }
}

TEST(Scope, HoldsItsPrefixesAndNoSiblings) {
  const auto scope = Scope::of_prefixes({"images/", "books/", "a b/"});
  ASSERT_TRUE(scope);
  EXPECT_EQ(scope->prefixes(), (std::vector<std::string>{"a b/", "books/", "images/"}));
  EXPECT_TRUE(scope->contains(KeyView("images/1.png")));
  EXPECT_TRUE(scope->contains(KeyView("books/")));
  EXPECT_FALSE(scope->contains(KeyView("images2/1.png")));
  EXPECT_FALSE(scope->contains(KeyView("image")));
  EXPECT_FALSE(scope->contains(KeyView("Books/1")));
  EXPECT_FALSE(scope->contains(KeyView("")));
  EXPECT_FALSE(scope->contains(KeyView("books/.flotsam-quarantine/1")));
  EXPECT_TRUE(scope->contains(KeyView("books/x.flotsam-1")));
  EXPECT_EQ(scope->prefix_of(KeyView("images/1.png")), "images/");
  EXPECT_FALSE(scope->is_whole_bucket());
  const Scope whole = Scope::whole_bucket();
  EXPECT_TRUE(whole.is_whole_bucket());
  EXPECT_TRUE(whole.contains(KeyView("anything")));
  EXPECT_FALSE(whole.contains(KeyView(".flotsam-state/lock")));
  EXPECT_FALSE(whole.contains(KeyView("")));
}

TEST(Scope, TheFirstPartHasItsSlash) {
  EXPECT_EQ(first_part_of(KeyView("books/515/x")), "books/");
  EXPECT_EQ(first_part_of(KeyView("/x")), "/");
  EXPECT_EQ(first_part_of(KeyView("x")), "(root)");
}

TEST(Verdict, NamesAndGroupsAreThoseOfTheContract) {
  const char* names[] = {"referenced",   "derived", "marker",  "protected",
                         "unrecognised", "young",   "suspect", "orphan"};
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    EXPECT_EQ(to_string(kAllVerdicts[i]), names[i]);
    EXPECT_EQ(verdict_of(names[i]), kAllVerdicts[i]);
  }
  EXPECT_FALSE(verdict_of("orphans"));
  int judged = 0, unreferenced = 0;
  for (const Verdict verdict : kAllVerdicts) {
    judged += is_judged(verdict) ? 1 : 0;
    unreferenced += is_unreferenced(verdict) ? 1 : 0;
  }
  EXPECT_EQ(judged, 4);
  EXPECT_EQ(unreferenced, 2);
}

TEST(Glob, MatchesAsTheContractSays) {
  struct Row {
    const char* pattern;
    const char* key;
    bool matches;
  };
  const Row rows[] = {{"books/**", "books/1/2/3.jpg", true},
                      {"books/**", "books/", true},
                      {"books/**", "books", false},
                      {"books/**", "xbooks/1", false},
                      {"books/*", "books/1", true},
                      {"books/*", "books/1/2", false},
                      {"books/*", "books/", true},
                      {"books/?", "books/1", true},
                      {"books/?", "books//", false},
                      {"books/?", "books/", false},
                      {"books/?.jpg", "books/\xff.jpg", true},
                      {"books/test-*/**", "books/test-1/a/b", true},
                      {"books/test-*/**", "books/test-1", false},
                      {"**/a", "x/y/a", true},
                      {"**/a", "a", false},
                      {"**.tmp", "x/y.tmp", true},
                      {"a**b", "a/x/b", true},
                      {"*", "a", true},
                      {"*", "", true},
                      {"\\*", "*", true},
                      {"\\*", "a", false},
                      {"a\\\\b", "a\\b", true},
                      {"[ab]", "a", false},
                      {"[ab]", "[ab]", true},
                      {"a", "A", false},
                      {"***", "a/b", true},
                      {"a*b*c", "axxbxxbc", true},
                      {"a*b*c", "axxbxxb", false}};
  for (const Row& row : rows) {
    const auto glob = Glob::parse(row.pattern);
    ASSERT_TRUE(glob);
    EXPECT_EQ(glob->matches(KeyView(row.key)), row.matches) << row.pattern << " on " << row.key;
    EXPECT_EQ(glob->text(), row.pattern);
  }
  EXPECT_FALSE(Glob::parse(""));
  EXPECT_FALSE(Glob::parse("a\\"));
}

bool naive(std::string_view pattern, std::string_view key) {
  if (pattern.empty()) return key.empty();
  if (pattern.starts_with("**")) {
    for (std::size_t i = 0; i <= key.size(); ++i)
      if (naive(pattern.substr(2), key.substr(i))) return true;
    return false;
  }
  if (pattern[0] == '*') {
    for (std::size_t i = 0; i <= key.size(); ++i) {
      if (naive(pattern.substr(1), key.substr(i))) return true;
      if (i < key.size() && key[i] == '/') return false;
    }
    return false;
  }
  if (key.empty()) return false;
  if (pattern[0] == '?' ? key[0] == '/' : key[0] != pattern[0]) return false;
  return naive(pattern.substr(1), key.substr(1));
}

RC_GTEST_PROP(Glob, AgreesWithANaiveMatcher, ()) {
  const auto pattern = *rc::gen::resize(
      12, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', '*', '?'))));
  const auto key = *rc::gen::resize(14, rc::gen::container<std::string>(rc::gen::element('a', 'b', '/')));
  // "***" means "**" here, and "**" followed by "*" in the naive reading: the same set of keys.
  RC_ASSERT(Glob::parse(pattern)->matches(KeyView(key)) == naive(pattern, key));
}

}  // namespace
}  // namespace flotsam
