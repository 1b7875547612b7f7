#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "aws/credentials.h"
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

struct FailedCase {
  Setup setup;
  ErrorCode code;
  std::vector<std::string> parts;  ///< of message and hint together
};
void PrintTo(const FailedCase& row, std::ostream* out) {
  *out << row.setup.name;
}
class CredentialsFailed : public testing::TestWithParam<FailedCase> {};

TEST_P(CredentialsFailed, WithAnErrorThatNamesWhatIsWrongAndNoSecret) {
  const FailedCase& row = GetParam();
  const Home home(row.setup);
  const auto provider = find_credentials(home.environment(), chosen_of(row.setup));
  ASSERT_FALSE(provider.has_value());
  EXPECT_EQ(provider.error().code, row.code) << to_text(provider.error());
  const std::string text = home.shortened(provider.error().message + " | " + provider.error().hint);
  for (const std::string& part : row.parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  EXPECT_EQ(to_text(provider.error()).find("CANARY"), std::string::npos) << text;
}

constexpr auto kDenied = ErrorCode::permission_denied;
constexpr auto kInvalid = ErrorCode::invalid_argument;
constexpr const char* kWayRound = "aws configure export-credentials --profile x --format env";

INSTANTIATE_TEST_SUITE_P(
    Rows, CredentialsFailed,
    testing::Values(
        FailedCase{{"NothingAnywhere", {}},
                   kDenied,
                   {"AWS_ACCESS_KEY_ID", "the default profile", "~/.aws/credentials (no such file)",
                    "~/.aws/config (no such file)", "export-credentials"}},
        FailedCase{{"NothingInTheFiles", {}, "", "[default]\nregion=eu-west-1\n"},
                   kDenied,
                   {"in ~/.aws/credentials and ~/.aws/config |"}},
        FailedCase{{"ChosenProfileWithoutKeys", kKeys, "-", "[profile x]\nregion=r\n", "x"},
                   kDenied,
                   {"looked for the profile 'x' (named by the configuration) in"}},
        FailedCase{{"NoSecretInTheEnvironment", {{"AWS_ACCESS_KEY_ID", "CANARYCANARYCANARY"}}, kTwoProfiles},
                   kDenied,
                   {"AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is missing or empty"}},
        FailedCase{{"EmptySecretInTheEnvironment",
                    {{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", ""}},
                    kTwoProfiles},
                   kDenied,
                   {"AWS_SECRET_ACCESS_KEY is missing or empty"}},
        FailedCase{{"NoIdInTheEnvironment", {{"AWS_SECRET_ACCESS_KEY", "CANARY"}}, kTwoProfiles},
                   kDenied,
                   {"AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is missing or empty"}},
        FailedCase{
            {"NoSecretInTheCredentialsFile", {}, "[default]\naws_access_key_id=CANARY\n", kConfigProfile},
            kDenied,
            {"aws_secret_access_key (profile default of ~/.aws/credentials) is missing or empty"}},
        FailedCase{{"NoIdInTheConfigFile",
                    {{"AWS_PROFILE", "x"}},
                    "-",
                    "[profile x]\naws_secret_access_key=CANARY\n"},
                   kDenied,
                   {"aws_access_key_id (profile x of ~/.aws/config) is missing or empty"}},
        FailedCase{
            {"LineBreakInTheId", {{"AWS_ACCESS_KEY_ID", "CANARY\r"}, {"AWS_SECRET_ACCESS_KEY", "CANARY"}}},
            kInvalid,
            {"AWS_ACCESS_KEY_ID holds a blank"}},
        FailedCase{
            {"DeleteInTheId", {{"AWS_ACCESS_KEY_ID", "CANARY\x7f"}, {"AWS_SECRET_ACCESS_KEY", "CANARY"}}},
            kInvalid,
            {"AWS_ACCESS_KEY_ID holds a blank"}},
        FailedCase{
            {"TabInsideTheSecret", {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "CANARY\tX"}}},
            kInvalid,
            {"AWS_SECRET_ACCESS_KEY holds a blank"}},
        FailedCase{
            {"BlankBeforeTheSecret", {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", " CANARY"}}},
            kInvalid,
            {"AWS_SECRET_ACCESS_KEY holds a blank"}},
        FailedCase{{"BlankInTheId", {{"AWS_ACCESS_KEY_ID", "CANARY X"}, {"AWS_SECRET_ACCESS_KEY", "CANARY"}}},
                   kInvalid,
                   {"AWS_ACCESS_KEY_ID holds a blank"}},
        FailedCase{
            {"BlankBehindTheSecret", {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "CANARY "}}},
            kInvalid,
            {"AWS_SECRET_ACCESS_KEY holds a blank"}},
        FailedCase{
            {"LineBreakInTheToken", with(kKeys, {{"AWS_SESSION_TOKEN", "CANARY\nx-amz-acl: public-read"}})},
            kInvalid,
            {"AWS_SESSION_TOKEN holds a blank"}},
        FailedCase{{"ContinuedSecret",
                    {},
                    "[default]\naws_access_key_id=A\naws_secret_access_key=CANARY\n  CANARY\n"},
                   kInvalid,
                   {"aws_secret_access_key (profile default of ~/.aws/credentials) holds a blank"}},
        FailedCase{
            {"ExpiryThatIsNoTime", with(kKeys, {{"AWS_CREDENTIAL_EXPIRATION", "tomorrow"}})}, kInvalid, {}},
        FailedCase{{"UnknownChosenProfile", kKeys, kTwoProfiles, "-", "y"},
                   kInvalid,
                   {"the profile 'y' (named by the configuration) is neither in ~/.aws/credentials nor in "
                    "~/.aws/config (no such file)",
                    "did you mean 'x'?"}},
        FailedCase{
            {"UnknownAwsProfile", {{"AWS_PROFILE", "prodcution"}}, "-", "[profile production]\n[other]\n"},
            kInvalid,
            {"'prodcution' (named by AWS_PROFILE)", "did you mean 'production'?"}},
        FailedCase{{"ConfigSectionWithoutTheWordProfile",
                    {{"AWS_PROFILE", "x"}},
                    "-",
                    "[x]\naws_access_key_id=CANARY\naws_secret_access_key=CANARY\n"},
                   kInvalid,
                   {"the profile 'x'"}},
        FailedCase{{"BrokenCredentialsFile", {}, "[default]\nCANARY CANARY\n"},
                   ErrorCode::corrupt,
                   {"line 2 of ~/.aws/credentials"}},
        FailedCase{{"BrokenConfigFile", {}, kTwoProfiles, "CANARY=1\n"},
                   ErrorCode::corrupt,
                   {"line 1 of ~/.aws/config"}},
        FailedCase{{"Role",
                    {{"AWS_PROFILE", "x"}},
                    kTwoProfiles,
                    "[profile x]\nrole_arn=CANARY\nsource_profile=default\n"},
                   kInvalid,
                   {"the profile 'x' gets its credentials by assuming a role (role_arn)", kWayRound}},
        FailedCase{{"RoleOfAChosenProfile", kKeys, "-", "[profile x]\nrole_arn=CANARY\n", "x"},
                   kInvalid,
                   {"role_arn", kWayRound, "leave the profile out of flotsam's configuration"}},
        FailedCase{{"RoleInTheCredentialsFile", {}, "[default]\nrole_arn=CANARY\n"}, kInvalid, {"role_arn"}},
        FailedCase{{"WebIdentityOfAProfile",
                    {},
                    kTwoProfiles,
                    "[default]\nrole_arn=a\nweb_identity_token_file=CANARY\n"},
                   kInvalid,
                   {"web_identity_token_file"}},
        FailedCase{{"WebIdentityOfTheEnvironment", {{"AWS_WEB_IDENTITY_TOKEN_FILE", "CANARY"}}, kTwoProfiles},
                   kInvalid,
                   {"a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)", "export-credentials --format env"}},
        FailedCase{{"SingleSignOnBeatsKeys",
                    {{"AWS_PROFILE", "x"}},
                    kTwoProfiles,
                    "[profile x]\nsso_account_id=CANARY\n"},
                   kInvalid,
                   {"single sign-on (sso_account_id)", kWayRound}},
        FailedCase{{"SingleSignOnByRoleName",
                    {{"AWS_PROFILE", "x"}},
                    kTwoProfiles,
                    "[profile x]\nsso_role_name=CANARY\n"},
                   kInvalid,
                   {"sso_role_name"}},
        FailedCase{{"SingleSignOnRest", {{"AWS_PROFILE", "x"}}, "-", "[profile x]\nsso_session=CANARY\n"},
                   kInvalid,
                   {"sso_session"}},
        FailedCase{
            {"SingleSignOnStartUrl", {{"AWS_PROFILE", "x"}}, "-", "[profile x]\nsso_start_url=CANARY\n"},
            kInvalid,
            {"sso_start_url"}},
        FailedCase{{"CredentialProcess",
                    {{"AWS_PROFILE", "x"}},
                    "-",
                    "[profile x]\ncredential_process=p --token "
                    "CANARY\naws_access_key_id=C1\naws_secret_access_key=c2\n"},
                   kInvalid,
                   {"a program (credential_process)", kWayRound}},
        FailedCase{{"Login", {{"AWS_PROFILE", "x"}}, "-", "[profile x]\nlogin_session=CANARY\n"},
                   kInvalid,
                   {"`aws login`", kWayRound}},
        FailedCase{{"Container", {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/CANARY"}}},
                   kInvalid,
                   {"the container's credential service (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)",
                    "export-credentials --format env"}},
        FailedCase{{"ContainerByFullUri", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://CANARY"}}},
                   kInvalid,
                   {"AWS_CONTAINER_CREDENTIALS_FULL_URI"}},
        FailedCase{{"ProfileNameIsQuotedForTheShell",
                    {{"AWS_PROFILE", "a b"}},
                    "-",
                    "[profile \"a b\"]\nlogin_session=s\n"},
                   kInvalid,
                   {"--profile 'a b' --format env"}}),
    setup_name<FailedCase>);

}  // namespace
}  // namespace flotsam
