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

INSTANTIATE_TEST_SUITE_P(Config, ConfigProblems, testing::ValuesIn(all_wrong()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace flotsam::test
