#include "aws/credentials.h"

#include <gtest/gtest.h>
#include <string>

#include "aws/home.h"
#include "base/bytes.h"

namespace flotsam {
namespace {

using test::chosen_of;
using test::Home;
using test::kConfigProfile;
using test::kKeys;
using test::kTwoProfiles;
using test::Setup;
using test::setup_name;
using test::with;

struct FoundCase {
  Setup setup;
  const char* id;
  const char* secret;
  const char* token;
  const char* provider;
};
void PrintTo(const FoundCase& row, std::ostream* out) {
  *out << row.setup.name;
}
class CredentialsFound : public testing::TestWithParam<FoundCase> {};

TEST_P(CredentialsFound, InTheOrderOfTheAwsCli) {
  const FoundCase& row = GetParam();
  const Home home(row.setup);
  auto provider = find_credentials(home.environment(), chosen_of(row.setup));
  ASSERT_TRUE(provider.has_value()) << to_text(provider.error());
  const auto credentials = (*provider)->get();
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->access_key_id, row.id);
  EXPECT_EQ(credentials->secret_access_key.reveal(), row.secret);
  EXPECT_EQ(credentials->session_token.reveal(), row.token);
  EXPECT_EQ(home.shortened(credentials->provider), row.provider);
  EXPECT_FALSE(credentials->expires_at.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CredentialsFound,
    testing::Values(
        FoundCase{{"Environment", kKeys}, "E1", "e2", "", "environment"},
        FoundCase{{"EnvironmentWithToken", with(kKeys, {{"AWS_SESSION_TOKEN", "e3"}})},
                  "E1",
                  "e2",
                  "e3",
                  "environment"},
        FoundCase{
            {"EmptyTokenIsNone", with(kKeys, {{"AWS_SESSION_TOKEN", ""}})}, "E1", "e2", "", "environment"},
        FoundCase{{"OlderTokenName", with(kKeys, {{"AWS_SECURITY_TOKEN", "old"}})},
                  "E1",
                  "e2",
                  "old",
                  "environment"},
        FoundCase{{"BlankInsideTheSecret", {{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", "e 2"}}},
                  "E1",
                  "e 2",
                  "",
                  "environment"},
        FoundCase{{"EnvironmentBeatsFiles", kKeys, kTwoProfiles}, "E1", "e2", "", "environment"},
        FoundCase{{"EnvironmentBeatsAwsProfile", with(kKeys, {{"AWS_PROFILE", "x"}}), kTwoProfiles},
                  "E1",
                  "e2",
                  "",
                  "environment"},
        FoundCase{{"EnvironmentBeatsABrokenFile", kKeys, "broken"}, "E1", "e2", "", "environment"},
        FoundCase{{"ChosenProfileBeatsEnvironment", kKeys, kTwoProfiles, "-", "x"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{
            {"ChosenProfileBeatsHalfAnEnvironment", {{"AWS_ACCESS_KEY_ID", "E1"}}, kTwoProfiles, "-", "x"},
            "X1",
            "x2/+=",
            "x3==",
            "profile x of ~/.aws/credentials"},
        FoundCase{{"ChosenProfileBeatsAwsProfile", {{"AWS_PROFILE", "nowhere"}}, kTwoProfiles, "-", "x"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"Default", {}, kTwoProfiles}, "D1", "d2", "", "profile default of ~/.aws/credentials"},
        FoundCase{{"AwsProfile", {{"AWS_PROFILE", "x"}}, kTwoProfiles},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"AwsDefaultProfile", {{"AWS_DEFAULT_PROFILE", "x"}}, kTwoProfiles},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"AwsDefaultProfileBeatsAwsProfile",
                   {{"AWS_DEFAULT_PROFILE", "x"}, {"AWS_PROFILE", "default"}},
                   kTwoProfiles},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"EmptyVariablesAreNotSet",
                   {{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}, {"AWS_PROFILE", ""}},
                   kTwoProfiles},
                  "D1",
                  "d2",
                  "",
                  "profile default of ~/.aws/credentials"},
        FoundCase{{"TokenAloneIsNoSet", {{"AWS_SESSION_TOKEN", "left"}}, kTwoProfiles},
                  "D1",
                  "d2",
                  "",
                  "profile default of ~/.aws/credentials"},
        FoundCase{{"ConfigFile", {{"AWS_PROFILE", "c"}}, "-", kConfigProfile},
                  "C1",
                  "c2",
                  "",
                  "profile c of ~/.aws/config"},
        FoundCase{
            {"ConfigFileDefault", {}, "-", "[default]\naws_access_key_id=C1\naws_secret_access_key=c2\n"},
            "C1",
            "c2",
            "",
            "profile default of ~/.aws/config"},
        FoundCase{{"ConfigFileQuotedName",
                   {{"AWS_PROFILE", "c d"}},
                   "-",
                   "[profile \"c d\"]\naws_access_key_id=C1\naws_secret_access_key=c2\n"},
                  "C1",
                  "c2",
                  "",
                  "profile c d of ~/.aws/config"},
        FoundCase{{"CredentialsFileBeatsConfigFile",
                   {{"AWS_PROFILE", "c"}},
                   "[c]\naws_access_key_id=S1\naws_secret_access_key=s2\n",
                   kConfigProfile},
                  "S1",
                  "s2",
                  "",
                  "profile c of ~/.aws/credentials"},
        FoundCase{{"CredentialsFileBeatsCredentialProcess",
                   {{"AWS_PROFILE", "x"}},
                   kTwoProfiles,
                   "[profile x]\ncredential_process=/bin/p\n"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"CredentialsFileBeatsLogin",
                   {{"AWS_PROFILE", "x"}},
                   kTwoProfiles,
                   "[profile x]\nlogin_session=s\n"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"KeysBeatARestOfSingleSignOn",
                   {{"AWS_PROFILE", "x"}},
                   kTwoProfiles,
                   "[profile x]\nsso_session=s\nsso_start_url=u\n"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{{"ChosenProfileBeatsWebIdentity",
                   {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn"}},
                   kTwoProfiles,
                   "-",
                   "x"},
                  "X1",
                  "x2/+=",
                  "x3==",
                  "profile x of ~/.aws/credentials"},
        FoundCase{
            {"FilesBeatTheContainer", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://c"}}, kTwoProfiles},
            "D1",
            "d2",
            "",
            "profile default of ~/.aws/credentials"}),
    setup_name<FoundCase>);

TEST(Credentials, OfTheEnvironmentKnowTheirExpiry) {
  const Environment environment(with(kKeys, {{"AWS_CREDENTIAL_EXPIRATION", "2026-11-24T12:00:00Z"}}));
  auto provider = find_credentials(environment, std::nullopt);
  ASSERT_TRUE(provider.has_value());
  EXPECT_EQ((*provider)->get()->expires_at, *parse_rfc3339("2026-11-24T12:00:00Z"));
}

TEST(Credentials, ComeFromTheFilesThatTheEnvironmentNames) {
  const test::TemporaryFolder folder;
  folder.write("a/keys", "[default]\naws_access_key_id=K1\naws_secret_access_key=k2\n");
  folder.write("b/config", "[profile c]\naws_access_key_id=C1\naws_secret_access_key=c2\n");
  Environment environment({{"HOME", (folder / "a").string()},
                           {"AWS_SHARED_CREDENTIALS_FILE", "~/keys"},
                           {"AWS_CONFIG_FILE", (folder / "b/config").string()}});
  auto provider = find_credentials(environment, std::nullopt);
  ASSERT_TRUE(provider.has_value()) << to_text(provider.error());
  EXPECT_EQ((*provider)->get()->access_key_id, "K1");
  provider = find_credentials(environment, "c");
  ASSERT_TRUE(provider.has_value()) << to_text(provider.error());
  EXPECT_EQ((*provider)->get()->access_key_id, "C1");
}

TEST(Credentials, WithoutAHomeSayThatThereIsNowhereToLook) {
  const auto provider = find_credentials(Environment(), std::nullopt);
  ASSERT_FALSE(provider.has_value());
  EXPECT_NE(provider.error().message.find("no credentials file (HOME is not set)"), std::string::npos)
      << provider.error().message;
}

TEST(Credentials, InAFileThatCannotBeReadAreAnError) {
  const test::TemporaryFolder folder;
  const Environment environment({{"AWS_SHARED_CREDENTIALS_FILE", folder.path().string()}});  // a folder
  const auto provider = find_credentials(environment, std::nullopt);
  ASSERT_FALSE(provider.has_value());
  EXPECT_EQ(provider.error().code, ErrorCode::unavailable);
  EXPECT_NE(provider.error().message.find(folder.path().string()), std::string::npos);
}

}  // namespace
}  // namespace flotsam
