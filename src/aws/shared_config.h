#pragma once

#include <map>
#include <optional>
#include <string>

#include "aws/ini.h"
#include "base/environment.h"
#include "base/error.h"

namespace flotsam {

/// The AWS CLI's two shared files: credentials (`[x]`) and config (`[profile x]`, `[default]`, `[services
/// x]`).
struct SharedConfig {
  struct File {
    std::string path;  ///< empty: nowhere to look, because neither its variable nor HOME is set
    bool exists = false;
    std::map<std::string, IniSection> profiles;
  };
  File credentials;  ///< AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
  File config;       ///< AWS_CONFIG_FILE, else ~/.aws/config
  std::map<std::string, IniSection> services;

  bool has_profile(const std::string& name) const;
  /// The profile's settings of both files; where both have one, the credentials file's holds (as in the AWS
  /// CLI).
  IniSection merged(const std::string& name) const;
};

/// Reads both files. A file that does not exist is an empty one.
/// Errors: permission_denied or unavailable for a file that cannot be read, corrupt for one that cannot be
/// parsed.
Result<SharedConfig> read_shared_config(const Environment& environment);

/// The profile in force, and who says so: "the configuration", "AWS_PROFILE", or "" for the default profile.
struct ProfileChoice {
  std::string name;
  std::string origin;
};

/// `chosen` (flag or configuration), else AWS_DEFAULT_PROFILE, AWS_PROFILE (the AWS CLI's order), else
/// "default".
ProfileChoice choose_profile(const Environment& environment, const std::optional<std::string>& chosen);

/// Whether the chosen profile is there; "default" need not be where nobody asked for it.
/// Errors: invalid_argument that names the profile, both files and the nearest profile.
Result<void> check_profile(const SharedConfig& shared, const ProfileChoice& choice);

}  // namespace flotsam
