#include <fmt/format.h>

#include "aws/credentials.h"
#include "aws/shared_config.h"
#include "base/bytes.h"

namespace flotsam {
namespace {

/// A variable that is set and not empty.
std::optional<std::string> variable(const Environment& environment, const char* name) {
  auto value = environment.get(name);
  if (value && value->empty()) value.reset();
  return value;
}

std::optional<std::string> first_of(std::optional<std::string> first, std::string second) {
  if (first || second.empty()) return first;
  return second;
}

std::string shown(const ProfileChoice& choice) {
  return fmt::format("the profile {}", in_quotes(choice.name));
}

/// The service's endpoint in the order of the AWS CLI: environment, `[services x]`, the profile itself.
Result<void> read_endpoint(const Environment& environment, const SharedConfig& shared,
                           const ProfileChoice& choice, const IniSection& profile, AwsSettings& settings) {
  const std::string ignore = variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                                 .value_or(profile.value_of("ignore_configured_endpoint_urls"));
  if (equal_ignoring_case(ignore, "true")) return {};
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    if (auto url = variable(environment, name)) {
      settings.endpoint = std::move(url);
      settings.endpoint_origin = name;
      return {};
    }
  }
  if (const std::string services = profile.value_of("services"); !services.empty()) {
    const auto found = shared.services.find(services);
    if (found == shared.services.end())
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} names the services {}, and {} has no section [services {}]", shown(choice),
                              in_quotes(services), to_printable(shared.config.path), to_printable(services)),
                  "add that section or drop the setting `services`");
    if (std::string url = found->second.nested_value_of("s3", "endpoint_url"); !url.empty()) {
      settings.endpoint = std::move(url);
      settings.endpoint_origin = fmt::format("services {}", to_printable(services));
      return {};
    }
  }
  if (std::string url = profile.value_of("endpoint_url"); !url.empty()) {
    settings.endpoint = std::move(url);
    settings.endpoint_origin = fmt::format("profile {}", to_printable(choice.name));
  }
  return {};
}

Result<void> read_addressing(const ProfileChoice& choice, const IniSection& profile, AwsSettings& settings) {
  const std::string style = profile.nested_value_of("s3", "addressing_style");
  if (style.empty() || style == "auto") return {};
  if (style != "path" && style != "virtual")
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} has the addressing_style {}", shown(choice), in_quotes(style)),
                "the AWS CLI knows path, virtual and auto");
  settings.addressing = style;
  return {};
}

Result<void> read_max_attempts(const Environment& environment, const ProfileChoice& choice,
                               const IniSection& profile, AwsSettings& settings) {
  const auto from_environment = variable(environment, "AWS_MAX_ATTEMPTS");
  const std::string text = from_environment.value_or(profile.value_of("max_attempts"));
  if (text.empty()) return {};
  const auto attempts = parse_unsigned(text);
  if (!attempts || *attempts < 1 || *attempts > 1000)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is {}, which is no number of attempts",
                            from_environment ? "AWS_MAX_ATTEMPTS" : "max_attempts of " + shown(choice),
                            in_quotes(text)),
                "use a whole number from 1 to 1000");
  settings.max_attempts = static_cast<unsigned>(*attempts);
  return {};
}

}  // namespace

Result<AwsSettings> read_aws_settings(const Environment& environment,
                                      const std::optional<std::string>& chosen_profile) {
  FLOTSAM_ASSIGN(const SharedConfig shared, read_shared_config(environment));
  const ProfileChoice choice = choose_profile(environment, chosen_profile);
  FLOTSAM_TRY(check_profile(shared, choice));
  const IniSection profile = shared.merged(choice.name);
  AwsSettings settings;
  settings.region = variable(environment, "AWS_REGION");
  if (!settings.region) settings.region = variable(environment, "AWS_DEFAULT_REGION");
  settings.region = first_of(std::move(settings.region), profile.value_of("region"));
  settings.ca_bundle = first_of(variable(environment, "AWS_CA_BUNDLE"), profile.value_of("ca_bundle"));
  FLOTSAM_TRY(read_endpoint(environment, shared, choice, profile, settings));
  FLOTSAM_TRY(read_addressing(choice, profile, settings));
  FLOTSAM_TRY(read_max_attempts(environment, choice, profile, settings));
  return settings;
}

}  // namespace flotsam
