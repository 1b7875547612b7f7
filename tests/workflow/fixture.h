#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/progress.h"
#include "support/temporary_folder.h"
#include "workflow/apply_workflow.h"
#include "workflow/restore_workflow.h"
#include "workflow/scan_workflow.h"

namespace flotsam::test {

/// Keeps what is said, a line each.
class KeptLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view line) override { text += std::string(line) + "\n"; }
  std::string text;
};

/// A folder with a bucket, an SQLite database and a configuration, and run_scan() over them.
class WorkflowFixture : public testing::Test {
 protected:
  WorkflowFixture();

  /// Runs SQL on app.db.
  void sql(const std::string& text);
  /// A file below the bucket.
  void object(const std::string& key, std::string_view content = "x");
  /// The folder that is the store: bucket/ of this test's own folder, unless a suite shares one.
  virtual std::filesystem::path bucket() const { return folder_ / "bucket"; }
  /// Writes flotsam.toml: [store] with the bucket's url, no minimum age, and these lines; then the rest.
  void configure(const std::string& store_lines, const std::string& rest);
  /// Loads flotsam.toml and scans; the test fails where the configuration has problems.
  Result<ScanOutcome> scan(const ScanRequest& request = {});
  /// Loads flotsam.toml as scan() does; the test fails where it has problems.
  std::optional<Config> config();
  World world();
  Result<ApplyResult> apply(const std::string& plan, std::optional<std::uint64_t> expect,
                            std::vector<std::string> overrides = {});
  Result<RestoreResultSummary> undo(const std::string& journal, bool dry_run = false);
  /// Every file below a folder with its content, by its path from there.
  std::map<std::string, std::string> tree(const std::string& below = "bucket") const;
  /// The report of a scan that must succeed.
  nlohmann::json report(const ScanRequest& request = {});

  static nlohmann::json guard(const nlohmann::json& report, const std::string& id);

  TemporaryFolder folder_;
  Environment environment_;
  SystemClock clock_;
  KeptLog log_;
  NullProgress progress_;
  Cancel cancel_;
  std::function<void(const char* step)> on_step_;
};

}  // namespace flotsam::test
