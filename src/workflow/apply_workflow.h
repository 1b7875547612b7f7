#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "plan/run_results.h"
#include "workflow/scan_workflow.h"

namespace flotsam {

/// What a person sees before the number is asked for.
struct ApplyPreview {
  std::string report;  ///< of the scan that wrote the plan (SPEC §6)
  std::string evidence;
  std::string plan_id;
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::string store_url;
  DeleteMethod method = DeleteMethod::none;  ///< in force now
  int undo_days = 0;
  std::vector<AppliedGuard> overridden;
  bool resumes = false;  ///< an earlier run of this plan is gone on with
};

struct ApplyRequest {
  std::string plan;  ///< a file, an id, or its place in the state
  std::filesystem::path working_folder;
  std::optional<std::uint64_t> expect;
  std::vector<std::string> overrides;
  /// Asks a person for the number of objects; nothing: none was given (the run ends as refused). Empty where
  /// nobody can be asked.
  std::function<Result<std::optional<std::uint64_t>>(const ApplyPreview&)> ask;
  std::optional<Timestamp> deadline;
};

/// Which exit code of SPEC §3 an error of these workflows means: 1, 2, 4, 6, 7 or 130.
int exit_code_of_run(const Error& error);

/// Applies a plan (SPEC §7): loads and checks it, asks, and deletes what still holds. Writes the history.
/// `refused` in the result: exit 4; partial and failed: 5 (130 where a person interrupted).
Result<ApplyResult> run_apply(const Config& config, const ApplyRequest& request, World& world);

}  // namespace flotsam
