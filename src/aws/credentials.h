#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/environment.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"

namespace flotsam {

struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< empty: none (an empty header breaks the signature)
  std::optional<Timestamp> expires_at;
  std::string provider;  ///< "environment", "profile cleanup of ~/.aws/credentials"
};

/// Gives credentials that are valid now. Thread-safe. (Refreshing providers come with the rest of the chain.)
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  virtual Result<AwsCredentials> get() = 0;
};

/// What the AWS CLI's settings say besides credentials (knowledge/credentials.md §2).
struct AwsSettings {
  std::optional<std::string> region;
  std::optional<std::string> endpoint;    ///< endpoint of S3
  std::string endpoint_origin;            ///< "AWS_ENDPOINT_URL_S3", "profile x", …
  std::optional<std::string> addressing;  ///< profile's s3 addressing_style: "path" | "virtual"
  std::optional<std::string> ca_bundle;
  unsigned max_attempts = 0;  ///< AWS_MAX_ATTEMPTS or profile; 0: not set
};

/// Reads environment and shared files in the AWS CLI's order: a chosen profile, else the environment's keys,
/// else the profile of AWS_PROFILE or "default" in the shared credentials file, then the config file. A
/// partial set, a missing chosen profile or a broken file is an error that names it. A profile that needs a
/// provider which this version lacks (role_arn, sso_*, credential_process, login_session) is an error that
/// names it and the way round it. Errors: permission_denied where nothing is found: the message lists where
/// it looked.
Result<std::unique_ptr<CredentialProvider>> find_credentials(
    const Environment& environment, const std::optional<std::string>& chosen_profile);

/// The settings beside the credentials. Errors: corrupt for a file that cannot be parsed, invalid_argument
/// for a chosen profile that does not exist.
Result<AwsSettings> read_aws_settings(const Environment& environment,
                                      const std::optional<std::string>& chosen_profile);

}  // namespace flotsam
