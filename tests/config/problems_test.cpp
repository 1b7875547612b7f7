#include "config/problems.h"

#include <gtest/gtest.h>

#include "config/loading.h"

namespace flotsam::test {
namespace {

/// One thing that is wrong, and the exact words for it.
struct Wrong {
  std::string name;
  std::string text;
  std::vector<std::string> expected;
};

std::string store(std::string_view lines) {
  return config_text(std::string(kStore) + std::string(lines));
}
std::string store_only(std::string_view lines) {
  return config_text(lines);
}
std::string source(std::string_view lines) {
  return config_text(kStore, lines);
}
std::string rest(std::string_view lines) {
  return config_text(kStore, kSource, lines);
}
std::string csv(std::string_view lines) {
  return source("name = \"images\"\ndatabase = \"csv:images.csv\"\n" + std::string(lines));
}

std::vector<Wrong> all_wrong() {
  return {
#include "config/problems_table.inc"
  };
}

class ConfigProblems : public testing::TestWithParam<Wrong> {};

TEST_P(ConfigProblems, AreSaidExactly) {
  const Loading loading;
  EXPECT_EQ(loading.problems(GetParam().text), GetParam().expected);
}

/// The words behind it are toml++'s and change with its version.
TEST(ConfigProblem, OfATextThatIsNoTomlHasItsLine) {
  const Loading loading;
  const auto problems = loading.problems("[store]\nurl = \n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with("flotsam.toml:2: not TOML: ")) << problems[0];
  for (const std::string text :
       {"[store]\nurl = \"a\"\nurl = \"b\"\n", "a = \"\xff\"\n", "a = \"\x1b[2J\n", "[[store]]\n[store]\n"}) {
    const auto lines = loading.problems(text);
    ASSERT_EQ(lines.size(), 1U) << text;
    EXPECT_NE(lines[0].find("not TOML"), std::string::npos) << lines[0];
    EXPECT_EQ(lines[0].find('\x1b'), std::string::npos) << lines[0];
  }
}

std::string unknown_keys(int count) {
  std::string text(kStore);
  for (int i = 0; i < count; ++i) text += "unknown_" + std::to_string(i) + " = 1\n";
  return config_text(text);
}

TEST(ConfigProblem, BehindTheFirstHundredIsCounted) {
  const Loading loading;
  EXPECT_EQ(loading.problems(unknown_keys(100)).size(), 100U);
  auto problems = loading.problems(unknown_keys(101));
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_TRUE(problems[99].starts_with("flotsam.toml:103: unknown key 'unknown_99' in [store]"));
  EXPECT_EQ(problems[100], "flotsam.toml:104: and 1 more problem");
  problems = loading.problems(unknown_keys(50'000));
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_EQ(problems[100], "flotsam.toml:104: and 49,900 more problems");
}

TEST(ConfigProblem, StandsInItsPlaceHoweverManyThereAre) {
  Loading loading;
  loading.assignments = {"nowhere.at_all=1"};
  const auto problems = loading.problems("memory = false\n" + unknown_keys(200));
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_TRUE(problems[0].starts_with("flotsam.toml:1: memory is false")) << problems[0];
  EXPECT_EQ(problems[100], "flotsam.toml:104: and 102 more problems");
}

TEST(ConfigProblem, IsSoughtANearKeyOnlyWhereItIsWritten) {
  Problems problems;
  int made = 0;
  for (int line = 1; line <= 1'000; ++line)
    problems.add({Place::Layer::file, line, "f:" + std::to_string(line)}, "key", [&made] {
      ++made;
      return std::string("password=hunter2");
    });
  problems.add({Place::Layer::file, 1, "f:1"}, "key", [] { return std::string("a second time"); });
  const auto written = problems.in_order();
  EXPECT_EQ(made, 100);
  ASSERT_EQ(written.size(), 101U);
  EXPECT_EQ(written[0].message, "password=***");
  EXPECT_EQ(written[100].where, "f:101");
  EXPECT_EQ(written[100].message, "and 900 more problems");
}

TEST(ConfigProblem, IsOneWhereTwoDifferInASecretOnly) {
  Problems problems;
  problems.hide("first7");
  problems.hide("second7");
  for (const char* text : {"holds first7", "holds second7", "holds first7"})
    problems.add({Place::Layer::file, 1, "f:1"}, text);
  const auto written = problems.in_order();
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].message, "holds ***");
}

INSTANTIATE_TEST_SUITE_P(Config, ConfigProblems, testing::ValuesIn(all_wrong()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace flotsam::test
