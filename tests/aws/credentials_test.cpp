#include "aws/credentials.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/temporary_folder.h"

namespace flotsam {
namespace {

using Variables = std::map<std::string, std::string>;

/// One set-up: the environment, the two files ("-": there is none), the profile that flag or configuration
/// name.
struct Setup {
  const char* name;
  Variables variables;
  const char* credentials = "-";
  const char* config = "-";
  const char* chosen = "";
};

/// A home of its own for each set-up, with the files that it asks for.
class Home {
 public:
  explicit Home(const Setup& setup) : environment_(setup.variables) {
    if (std::string_view(setup.credentials) != "-") folder_.write(".aws/credentials", setup.credentials);
    if (std::string_view(setup.config) != "-") folder_.write(".aws/config", setup.config);
    environment_.set("HOME", folder_.path().string());
  }
  const Environment& environment() const { return environment_; }
  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  /// Text with this home's path as "~".
  std::string shortened(std::string text) const {
    const std::string home = folder_.path().string();
    for (std::size_t at = text.find(home); at != std::string::npos; at = text.find(home))
      text.replace(at, home.size(), "~");
    return text;
  }

 private:
  test::TemporaryFolder folder_;
  Environment environment_;
};

std::optional<std::string> chosen_of(const Setup& setup) {
  if (*setup.chosen == '\0') return std::nullopt;
  return setup.chosen;
}

template <typename Case>
std::string setup_name(const testing::TestParamInfo<Case>& row) {
  return row.param.setup.name;
}

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

const Variables kKeys = {{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", "e2"}};

Variables with(Variables variables, const Variables& more) {
  variables.insert(more.begin(), more.end());
  return variables;
}

constexpr const char* kTwoProfiles =
    "[default]\naws_access_key_id=D1\naws_secret_access_key=d2\n"
    "[x]\naws_access_key_id = X1\naws_secret_access_key = x2/+=\naws_session_token = x3==\n";
constexpr const char* kConfigProfile = "[profile c]\naws_access_key_id=C1\naws_secret_access_key=c2\n";

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
