#include <gtest/gtest.h>
#include <map>
#include <string>

#include "aws/credentials.h"
#include "support/temporary_folder.h"

namespace flotsam {
namespace {

struct Case {
  const char* name;
  std::map<std::string, std::string> variables;
  const char* config = "";
  const char* chosen = "";
  const char* expected = "";  ///< of shown(), or a part of the error's message
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

std::string shown(const AwsSettings& settings) {
  std::string out;
  if (settings.region) out += "region=" + *settings.region + " ";
  if (settings.endpoint) out += "endpoint=" + *settings.endpoint + " by " + settings.endpoint_origin + " ";
  if (settings.addressing) out += "addressing=" + *settings.addressing + " ";
  if (settings.ca_bundle) out += "ca=" + *settings.ca_bundle + " ";
  if (settings.max_attempts != 0) out += "attempts=" + std::to_string(settings.max_attempts) + " ";
  return out;
}

Result<AwsSettings> settings_of(const Case& row) {
  const test::TemporaryFolder home;
  home.write(".aws/config", row.config);
  home.write(".aws/credentials", "[both]\nregion=of-credentials\n");
  Environment environment(row.variables);
  environment.set("HOME", home.path().string());
  return read_aws_settings(environment,
                           *row.chosen == '\0' ? std::nullopt : std::optional<std::string>(row.chosen));
}

class Settings : public testing::TestWithParam<Case> {};
TEST_P(Settings, AreFoundInTheOrderOfTheAwsCli) {
  const auto settings = settings_of(GetParam());
  ASSERT_TRUE(settings.has_value()) << to_text(settings.error());
  EXPECT_EQ(shown(*settings), GetParam().expected);
}

constexpr const char* kConfig =
    "[default]\nregion=r0\nservices=s\nendpoint_url=http://p0\nca_bundle=/ca0\nmax_attempts=7\ns3=\n  "
    "addressing_style=path\n"
    "[profile x]\nregion=rx\nendpoint_url=http://px\ns3 =\n  addressing_style = virtual\n"
    "[profile auto]\ns3 =\n  addressing_style = auto\n"
    "[profile ignore]\nendpoint_url=http://pi\nignore_configured_endpoint_urls=true\n"
    "[profile lost]\nservices=nowhere\nendpoint_url=http://pl\n"
    "[profile other]\nservices=o\nendpoint_url=http://po\n"
    "[profile both]\nregion=of-config\n"
    "[services s]\ns3 =\n  endpoint_url = http://s3s\n"
    "[services o]\nsts =\n  endpoint_url = http://sts\n";

INSTANTIATE_TEST_SUITE_P(
    Rows, Settings,
    testing::Values(
        Case{"Nothing", {}, "", "", ""},
        Case{"DefaultProfile",
             {},
             kConfig,
             "",
             "region=r0 endpoint=http://s3s by services s addressing=path ca=/ca0 attempts=7 "},
        Case{"ChosenProfile",
             {},
             kConfig,
             "x",
             "region=rx endpoint=http://px by profile x addressing=virtual "},
        Case{"ChosenProfileBeatsAwsProfile",
             {{"AWS_PROFILE", "nowhere"}},
             kConfig,
             "x",
             "region=rx endpoint=http://px by profile x addressing=virtual "},
        Case{"AwsProfile",
             {{"AWS_PROFILE", "x"}},
             kConfig,
             "",
             "region=rx endpoint=http://px by profile x addressing=virtual "},
        Case{"Regions",
             {{"AWS_REGION", "r1"}, {"AWS_DEFAULT_REGION", "r2"}, {"AWS_PROFILE", "auto"}},
             kConfig,
             "",
             "region=r1 "},
        Case{"DefaultRegion", {{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "r2"}}, "", "", "region=r2 "},
        Case{"RegionOfTheEnvironmentBeatsTheProfile",
             {{"AWS_DEFAULT_REGION", "r2"}},
             "[default]\nregion=r0\n",
             "",
             "region=r2 "},
        Case{"CredentialsFileBeatsConfigFile", {}, kConfig, "both", "region=of-credentials "},
        Case{"EndpointOfS3",
             {{"AWS_ENDPOINT_URL_S3", "http://e1"}, {"AWS_ENDPOINT_URL", "http://e2"}},
             kConfig,
             "lost",
             "endpoint=http://e1 by AWS_ENDPOINT_URL_S3 "},
        Case{"EndpointOfAll",
             {{"AWS_ENDPOINT_URL_S3", ""}, {"AWS_ENDPOINT_URL", "http://e2"}},
             kConfig,
             "auto",
             "endpoint=http://e2 by AWS_ENDPOINT_URL "},
        Case{"ServicesWithoutS3", {}, kConfig, "other", "endpoint=http://po by profile other "},
        Case{"EndpointsIgnored",
             {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"},
              {"AWS_ENDPOINT_URL_S3", "http://e1"},
              {"AWS_ENDPOINT_URL", "http://e2"}},
             kConfig,
             "x",
             "region=rx addressing=virtual "},
        Case{"EndpointsNotIgnored",
             {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}, {"AWS_ENDPOINT_URL", "http://e2"}},
             kConfig,
             "ignore",
             "endpoint=http://e2 by AWS_ENDPOINT_URL "},
        Case{"EndpointsIgnoredByTheProfile", {{"AWS_ENDPOINT_URL", "http://e2"}}, kConfig, "ignore", ""},
        Case{"CaBundle", {{"AWS_CA_BUNDLE", "/ca1"}}, "[default]\nca_bundle=/ca0\n", "", "ca=/ca1 "},
        Case{"LeastAttempts", {{"AWS_MAX_ATTEMPTS", "1"}}, "", "", "attempts=1 "},
        Case{"MostAttempts", {{"AWS_MAX_ATTEMPTS", "1000"}}, "", "", "attempts=1000 "},
        Case{"MaxAttempts", {{"AWS_MAX_ATTEMPTS", "2"}}, "[default]\nmax_attempts=9\n", "", "attempts=2 "}),
    name_of);

class BrokenSettings : public testing::TestWithParam<Case> {};
TEST_P(BrokenSettings, AreErrorsThatNameThem) {
  const auto settings = settings_of(GetParam());
  ASSERT_FALSE(settings.has_value()) << shown(*settings);
  EXPECT_NE(settings.error().message.find(GetParam().expected), std::string::npos)
      << settings.error().message;
  EXPECT_EQ(settings.error().code, std::string_view(GetParam().name) == "BrokenFile"
                                       ? ErrorCode::corrupt
                                       : ErrorCode::invalid_argument);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, BrokenSettings,
    testing::Values(
        Case{"UnknownChosenProfile",
             {},
             kConfig,
             "nobody",
             "the profile 'nobody' (named by the configuration)"},
        Case{"UnknownAwsProfile", {{"AWS_PROFILE", "nobody"}}, kConfig, "", "(named by AWS_PROFILE)"},
        Case{"UnknownServices", {}, kConfig, "lost", "names the services 'nowhere'"},
        Case{"UnknownAddressing",
             {},
             "[default]\ns3=\n  addressing_style=Path\n",
             "",
             "addressing_style 'Path'"},
        Case{"NoAttempts", {{"AWS_MAX_ATTEMPTS", "0"}}, "", "", "AWS_MAX_ATTEMPTS is '0'"},
        Case{"TooManyAttempts", {{"AWS_MAX_ATTEMPTS", "1001"}}, "", "", "AWS_MAX_ATTEMPTS is '1001'"},
        Case{"AttemptsInWords",
             {},
             "[default]\nmax_attempts=few\n",
             "",
             "max_attempts of the profile 'default' is 'few'"},
        Case{"BrokenFile", {}, "region=r\n", "", "stands before the first section"}),
    name_of);

}  // namespace
}  // namespace flotsam
