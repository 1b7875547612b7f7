#pragma once

/// workflow/: one workflow, several shells. Joins a checked configuration to stores, databases, scan, plan
/// and history; the command line and the Lambda function call it and differ only in how they ask and answer.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/time.h"
#include "config/config.h"
#include "report/html_report.h"

namespace flotsam {

struct ScanRequest {
  std::optional<std::filesystem::path> plan_path;  ///< else plans/ID.ndjson in the state directory
  /// `scan --list`: a verdict's name or "dangling", and the file that receives its lines. Written atomically.
  std::vector<std::pair<std::string, std::filesystem::path>> lists;
  std::optional<std::filesystem::path> html_path;  ///< receives the HTML report (0600), written atomically
  HtmlOptions html;
};

struct ScanOutcome {
  std::string report;    ///< the JSON object of SPEC §6
  std::string evidence;  ///< what it rests on (report/report.h)
  bool refused = false;
  std::uint64_t unreferenced = 0;
  std::filesystem::path plan_path;
};

/// What a workflow needs of the world.
struct World {
  const Environment* environment = nullptr;
  Clock* clock = nullptr;
  Log* log = nullptr;
  Progress* progress = nullptr;
  const Cancel* cancel = nullptr;
  std::optional<std::uint64_t> hash_seed;  ///< tests fix it
  /// Called before each step of a run that writes, with its name; tests kill the process there.
  std::function<void(const char* step)> on_step = {};
};

/// Scans, writes the lists, the sightings (of a scan that no guard refused), the history and last the plan:
/// where an error comes back there is no plan. A list or a line of history may stand, each whole and true.
/// Errors: invalid_argument (exit 2) for what the configuration or a file's name must change, else those of
/// scan() and of the files.
Result<ScanOutcome> run_scan(const Config& config, const ScanRequest& request, World& world);

}  // namespace flotsam
