#include "aws/credentials.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "aws/shared_config.h"
#include "base/bytes.h"

namespace flotsam {
namespace {

using Found = Result<std::optional<AwsCredentials>>;

/// Credentials that do not change.
class FixedProvider final : public CredentialProvider {
 public:
  explicit FixedProvider(AwsCredentials credentials) : credentials_(std::move(credentials)) {}
  Result<AwsCredentials> get() override { return credentials_; }

 private:
  const AwsCredentials credentials_;
};

/// A value with the name under which it was found: "AWS_ACCESS_KEY_ID", or "aws_access_key_id of …".
struct NamedValue {
  std::string name;
  std::string value;
};

struct KeySet {
  NamedValue id;
  NamedValue secret;
  NamedValue token;
  std::string place;  ///< "the environment", "profile x of FILE"
};

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Ids and tokens go into headers as they are; a blank or a line break in them is always a slip of copying.
Result<void> check_value(const NamedValue& named, bool inner_blanks_allowed) {
  const std::string& text = named.value;
  const bool broken = std::ranges::any_of(text, is_control) ||
                      (!inner_blanks_allowed && std::ranges::any_of(text, is_blank)) ||
                      (!text.empty() && (is_blank(text.front()) || is_blank(text.back())));
  if (!broken) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} holds a blank, a line break or another control character", named.name),
              "copy the value again, without what stands before and behind it");
}

/// Both or neither; a token is no use alone.
Found credentials_of(const KeySet& keys) {
  if (keys.id.value.empty() && keys.secret.value.empty()) return std::nullopt;
  for (const auto& [missing, present] :
       {std::pair(&keys.id, &keys.secret), std::pair(&keys.secret, &keys.id)}) {
    if (missing->value.empty())
      return fail(ErrorCode::permission_denied,
                  fmt::format("the credentials in {} are incomplete: {} is set and {} is missing or empty",
                              keys.place, present->name, missing->name),
                  fmt::format("set {}, or remove the other", missing->name));
  }
  FLOTSAM_TRY(check_value(keys.id, false));
  FLOTSAM_TRY(check_value(keys.secret, true));
  FLOTSAM_TRY(check_value(keys.token, false));
  AwsCredentials credentials;
  credentials.access_key_id = keys.id.value;
  credentials.secret_access_key = Secret(keys.secret.value);
  credentials.session_token = Secret(keys.token.value);
  credentials.provider = keys.place;
  return credentials;
}

NamedValue variable(const Environment& environment, const char* name) {
  return {name, environment.get(name).value_or("")};
}

Found credentials_of_environment(const Environment& environment) {
  NamedValue token =
      variable(environment, "AWS_SECURITY_TOKEN");  // the older name; the AWS CLI looks at it first
  if (token.value.empty()) token = variable(environment, "AWS_SESSION_TOKEN");
  FLOTSAM_ASSIGN(auto found, credentials_of({.id = variable(environment, "AWS_ACCESS_KEY_ID"),
                                             .secret = variable(environment, "AWS_SECRET_ACCESS_KEY"),
                                             .token = std::move(token),
                                             .place = "the environment"}));
  if (!found) return std::nullopt;
  found->provider = "environment";
  if (const NamedValue expiry = variable(environment, "AWS_CREDENTIAL_EXPIRATION"); !expiry.value.empty()) {
    auto moment = parse_rfc3339(expiry.value);
    if (!moment) return fail(std::move(moment).error(), "while reading AWS_CREDENTIAL_EXPIRATION");
    found->expires_at = *moment;
  }
  return found;
}

Found credentials_of_file(const SharedConfig::File& file, const std::string& profile) {
  const auto found = file.profiles.find(profile);
  if (found == file.profiles.end()) return std::nullopt;
  const IniSection& section = found->second;
  const std::string place = fmt::format("profile {} of {}", to_printable(profile), to_printable(file.path));
  const auto value = [&](const char* name) {
    return NamedValue{fmt::format("{} ({})", name, place), section.value_of(name)};
  };
  NamedValue token = value("aws_security_token");
  if (token.value.empty()) token = value("aws_session_token");
  return credentials_of({.id = value("aws_access_key_id"),
                         .secret = value("aws_secret_access_key"),
                         .token = std::move(token),
                         .place = place});
}

/// A way to credentials that this version does not go itself: its error names it and the way round.
std::unexpected<Error> unsupported(std::string_view subject, std::string_view way,
                                   std::string_view export_options, bool chosen_by_configuration) {
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("{} by {}, which this version cannot use itself", subject, way),
      fmt::format("run `eval \"$(aws configure export-credentials {}--format env)\"` first{}", export_options,
                  chosen_by_configuration ? ", and leave the profile out of flotsam's configuration" : ""));
}

/// The setting of a profile that says which way it goes, or empty.
struct ProviderSetting {
  const char* setting;
  const char* way;
};

/// Looked at before the keys of the credentials file, in the AWS CLI's order.
constexpr ProviderSetting kBeforeKeys[] = {
    {"web_identity_token_file", "a web identity (web_identity_token_file)"},
    {"role_arn", "assuming a role (role_arn)"},
    {"sso_account_id", "single sign-on (sso_account_id)"},
    {"sso_role_name", "single sign-on (sso_role_name)"},
};
/// Looked at between the keys of the credentials file and those of the config file.
constexpr ProviderSetting kBehindKeys[] = {
    {"login_session", "`aws login` (login_session)"},
    {"credential_process", "a program (credential_process)"},
};
/// Half a set of single sign-on: no way for the AWS CLI, but surely what was meant.
constexpr ProviderSetting kRemnants[] = {
    {"sso_session", "single sign-on (sso_session)"},
    {"sso_start_url", "single sign-on (sso_start_url)"},
};

class ProfileChain {
 public:
  ProfileChain(const Environment& environment, const SharedConfig& shared, ProfileChoice choice)
      : environment_(environment),
        shared_(shared),
        choice_(std::move(choice)),
        merged_(shared.merged(choice_.name)) {}

  /// Every way of a profile in order; then what the environment says about containers.
  Found find() const {
    FLOTSAM_TRY(refuse_settings(kBeforeKeys));
    FLOTSAM_TRY(refuse_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity", !chosen()));
    FLOTSAM_ASSIGN(auto found, credentials_of_file(shared_.credentials, choice_.name));
    if (found) return found;
    FLOTSAM_TRY(refuse_settings(kBehindKeys));
    FLOTSAM_ASSIGN(found, credentials_of_file(shared_.config, choice_.name));
    if (found) return found;
    FLOTSAM_TRY(refuse_settings(kRemnants));
    for (const char* name : {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"})
      FLOTSAM_TRY(refuse_variable(name, "the container's credential service", true));
    return std::nullopt;
  }

  /// Names every place that was looked at.
  std::unexpected<Error> nothing_found() const {
    const auto shown = [](const SharedConfig::File& file, std::string_view what) {
      if (file.path.empty()) return fmt::format("no {} file (HOME is not set)", what);
      return fmt::format("{}{}", to_printable(file.path), file.exists ? "" : " (no such file)");
    };
    const std::string profile = choice_.origin.empty() ? "the default profile"
                                                       : fmt::format("the profile {} (named by {})",
                                                                     in_quotes(choice_.name), choice_.origin);
    return fail(
        ErrorCode::permission_denied,
        fmt::format("no AWS credentials found: looked for {}{} in {} and {}",
                    chosen() ? "" : "AWS_ACCESS_KEY_ID in the environment and for ", profile,
                    shown(shared_.credentials, "credentials"), shown(shared_.config, "config")),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has keys; for an EC2 "
        "instance's role, which this version does not ask for, run `eval \"$(aws configure "
        "export-credentials --format env)\"` first");
  }

 private:
  bool chosen() const { return choice_.origin == "the configuration"; }

  template <std::size_t count>
  Result<void> refuse_settings(const ProviderSetting (&settings)[count]) const {
    for (const auto& [setting, way] : settings) {
      if (merged_.value_of(setting).empty()) continue;
      return unsupported(fmt::format("the profile {} gets its credentials", in_quotes(choice_.name)), way,
                         fmt::format("--profile {} ", shell_quoted(choice_.name)), chosen());
    }
    return {};
  }

  Result<void> refuse_variable(const char* name, std::string_view way, bool looked_at) const {
    if (!looked_at || environment_.get(name).value_or("").empty()) return {};
    return unsupported("the environment gives credentials", fmt::format("{} ({})", way, name), "", chosen());
  }

  const Environment& environment_;
  const SharedConfig& shared_;
  ProfileChoice choice_;
  IniSection merged_;
};

}  // namespace

Result<std::unique_ptr<CredentialProvider>> find_credentials(
    const Environment& environment, const std::optional<std::string>& chosen_profile) {
  const ProfileChoice choice = choose_profile(environment, chosen_profile);
  const bool chosen = chosen_profile && !chosen_profile->empty();
  if (!chosen) {
    FLOTSAM_ASSIGN(auto found, credentials_of_environment(environment));
    if (found) return std::make_unique<FixedProvider>(*std::move(found));
  }
  FLOTSAM_ASSIGN(const SharedConfig shared, read_shared_config(environment));
  FLOTSAM_TRY(check_profile(shared, choice));
  const ProfileChain chain(environment, shared, choice);
  FLOTSAM_ASSIGN(auto found, chain.find());
  if (!found) return chain.nothing_found();
  return std::make_unique<FixedProvider>(*std::move(found));
}

}  // namespace flotsam
