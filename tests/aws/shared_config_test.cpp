#include "aws/shared_config.h"

#include <gtest/gtest.h>
#include <string>

#include "aws/home.h"

namespace flotsam {
namespace {

using test::Home;
using test::Setup;

std::string names_of(const std::map<std::string, IniSection>& sections) {
  std::string out;
  for (const auto& [name, section] : sections) out += "(" + name + ")";
  return out;
}

TEST(SharedConfig, TakesEverySectionOfTheCredentialsFileAsAProfile) {
  const Home home({.name = "", .variables = {}, .credentials = "[a]\n[profile b]\n[c d]\n[services s]\n"});
  const auto shared = read_shared_config(home.environment());
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(names_of(shared->credentials.profiles), "(a)(c d)(profile b)(services s)");
  EXPECT_EQ(names_of(shared->config.profiles), "");
  EXPECT_EQ(names_of(shared->services), "");
  EXPECT_TRUE(shared->credentials.exists);
  EXPECT_FALSE(shared->config.exists);
}

TEST(SharedConfig, TakesFromTheConfigFileOnlyWhatSaysThatItIsAProfileOrServices) {
  const Home home(
      {.name = "",
       .variables = {},
       .config = "[default]\n[profile a]\n[profile   b]\n[profile\tc]\n[profile \"d e\"]\n[profile 'f']\n"
                 "[profile g h]\n[profile]\n[profilei]\n[j]\n[services s]\n[services \"t u\"]\n"
                 "[sso-session k]\n[profile \"]\n[profile \"l']\n"});
  const auto shared = read_shared_config(home.environment());
  ASSERT_TRUE(shared.has_value()) << to_text(shared.error());
  EXPECT_EQ(names_of(shared->config.profiles), "(\")(\"l')(a)(b)(c)(d e)(default)(f)");
  EXPECT_EQ(names_of(shared->services), "(s)(t u)");
}

TEST(SharedConfig, OfBothFilesTheCredentialsFileHolds) {
  const Home home({.name = "",
                   .variables = {},
                   .credentials = "[x]\nregion=1\ns3=\n  a=1\n",
                   .config = "[profile x]\nregion=2\noutput=json\ns3=\n  b=2\n"});
  const auto shared = read_shared_config(home.environment());
  ASSERT_TRUE(shared.has_value());
  const IniSection merged = shared->merged("x");
  EXPECT_EQ(merged.value_of("region"), "1");
  EXPECT_EQ(merged.value_of("output"), "json");
  EXPECT_EQ(merged.nested_value_of("s3", "a"), "1");
  EXPECT_EQ(merged.nested_value_of("s3", "b"), "");
  EXPECT_EQ(shared->merged("nobody").values.size(), 0U);
  EXPECT_EQ(shared->merged("nobody").name, "nobody");
}

TEST(SharedConfig, WithoutHomeOrVariablesHasNowhereToLook) {
  const auto shared = read_shared_config(Environment());
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(shared->credentials.path, "");
  EXPECT_EQ(shared->config.path, "");
  const auto checked = check_profile(*shared, {"x", "AWS_PROFILE"});
  ASSERT_FALSE(checked.has_value());
  EXPECT_NE(checked.error().message.find("no config file (HOME is not set)"), std::string::npos)
      << checked.error().message;
}

TEST(SharedConfig, NeedsNoDefaultProfile) {
  const SharedConfig empty;
  EXPECT_TRUE(check_profile(empty, {"default", ""}).has_value());
  EXPECT_TRUE(check_profile(empty, {"default", "AWS_PROFILE"}).has_value());
  EXPECT_FALSE(check_profile(empty, {"other", "AWS_PROFILE"}).has_value());
}

}  // namespace
}  // namespace flotsam
