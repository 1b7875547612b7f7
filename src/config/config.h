#pragma once

/// config/: flotsam.toml, environment and flags as one checked value with the origin of every setting. All
/// problems are found at once. The table of settings (settings.h) is the one place that names them.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"
#include "model/glob.h"
#include "model/guard_limits.h"
#include "model/key_template.h"
#include "model/resolver.h"
#include "model/scope.h"

namespace flotsam {

enum class OriginKind { default_, file, environment, flag };

/// Where a value came from: "flotsam.toml:14", "FLOTSAM_MEMORY", "--set memory", "default".
struct Origin {
  OriginKind kind = OriginKind::default_;
  std::string text = "default";
};

/// One setting as `check --show-config` prints it: a value with secrets blanked.
struct ShownSetting {
  std::string name;   ///< "store.min_age", "references[0].query"
  std::string value;  ///< TOML
  Origin origin;
};

struct StoreSettings {
  std::string url;                  ///< "s3://bucket" or "file:///absolute/path"
  std::string bucket;               ///< of s3; empty for a directory
  std::filesystem::path directory;  ///< of file; empty for s3
  Scope scope = Scope::whole_bucket();
  std::vector<Glob> candidates, protect, disposable;
  Seconds min_age{7 * 86400};
  bool allow_short_min_age = false;
  std::optional<std::string> region, endpoint, addressing, profile, expected_bucket_owner;
};

enum class AsOf { now, file, stated };

struct ReferenceSettings {
  std::string name;
  Secret database;                    ///< expanded URL; may hold a password
  std::string shown_database;         ///< without user information
  std::string query;                  ///< SQL sources
  std::vector<Secret> query_secrets;  ///< what expansion put into it: a database's error may quote the query
  std::vector<std::string> columns;   ///< csv
  std::string extract;
  std::vector<KeyTemplate> objects, derived;  ///< parsed, not bound to columns yet
  AsOf as_of = AsOf::now;
  std::optional<Timestamp> stated_as_of;
  bool outside_ignored = false;
  bool spelling_exact = false;
  bool may_be_empty = false;
  int line = 0;  ///< of its [[references]] in the file
};

struct DeleteSettings {
  std::string method = "auto";
  std::optional<std::string> quarantine;  ///< URL or absolute path; ends in "/"
  int undo_days = 30;
  std::uint64_t max_rate = 1000;
  bool unattended = false;
};

struct StateSettings {
  std::string dir;  ///< absolute folder, or "s3://…"
};

struct NotifySettings {
  Secret url;
  std::optional<std::filesystem::path> metrics_file;
};

struct Config {
  std::filesystem::path path;  ///< of the file that was read
  std::uint64_t memory_bytes = 0;
  StoreSettings store;
  std::vector<ReferenceSettings> references;
  GuardLimits guards;
  DeleteSettings deletion;
  StateSettings state;
  NotifySettings notify;
  std::vector<ShownSetting> shown;  ///< every setting with its origin, in the table's order
};

/// One thing wrong with the configuration.
struct ConfigProblem {
  std::string where;    ///< "flotsam.toml:14", "FLOTSAM_MEMORY", "--set memory"
  std::string message;  ///< what was seen, what is known or meant
};

struct ConfigInputs {
  std::optional<std::filesystem::path> file;  ///< --config; else $FLOTSAM_CONFIG, else ./flotsam.toml
  std::vector<std::string> assignments;       ///< --set NAME=VALUE, strongest
  const Environment* environment = nullptr;
  std::filesystem::path working_folder;
  std::uint64_t machine_memory_bytes =
      0;  ///< what machine or cgroup grants; default of `memory` is half of it
};

/// Either a configuration or its problems, in the order of their lines: 100 of them written out, and the
/// number of those behind them.
std::expected<Config, std::vector<ConfigProblem>> load_config(const ConfigInputs& inputs);

/// What memory the machine and the cgroup grant this process, in bytes.
std::uint64_t granted_memory_bytes();

/// Hex SHA-256 over what decides which objects are orphans: store, scope, rules, sources (no limits, no
/// secrets, no host names where a database has an identity of its own).
std::string config_digest(const Config& config);

/// One row of the settings table: for documentation, `--help` and the drift test.
struct SettingInfo {
  std::string name;          ///< "store.min_age"
  std::string type;          ///< "duration", "size", "percent", "string", "list of globs", …
  std::string default_text;  ///< as TOML; empty: none
  std::string environment;   ///< "FLOTSAM_STORE_MIN_AGE"; empty in [[references]]
  std::string help;
  std::string range;  ///< "50 to 100", "at least 1"; empty: any of its type
};
const std::vector<SettingInfo>& all_settings();

}  // namespace flotsam
