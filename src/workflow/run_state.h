#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "config/config.h"
#include "plan/history.h"
#include "plan/plan.h"
#include "store/open.h"
#include "workflow/scan_workflow.h"

namespace flotsam {

/// What the store and the state need of the world.
StoreContext store_context_of(const World& world);

/// The state that the configuration names: a folder, or a prefix of a bucket.
Result<std::unique_ptr<State>> open_state_of(const Config& config, const World& world);

/// A plan as a person names it: a file, its place in the state, or its id. Whatever is wrong with it is an
/// error with service_code "Plan" (exit 6). What it is read from lives as long as the state.
Result<Plan> load_plan(State& state, const std::string& text, const std::filesystem::path& working_folder);

/// The id of a journal of the state as a person names it: its file, its place, or its id. Errors:
/// service_code "Plan".
Result<std::string> journal_id_of(State& state, const std::string& text,
                                  const std::filesystem::path& working_folder);

/// What each source of the configuration is, for the plan and for the comparison with it. `database` and
/// `distinct_keys` are empty.
std::vector<SourceIdentity> source_identities_of(const Config& config);

/// Adds a run to the history. A run that went on with an earlier one and did nothing more tells the same
/// figures again, and is no line of its own. What was done is done and in its journal: a history that cannot
/// be written is only warned of.
void remember(State& state, const HistoryEntry& entry, Log& log);

/// A configuration's error, or a plan's: with the service_code that exit_code_of_run() reads.
std::unexpected<Error> fail_plan(Error error);

}  // namespace flotsam
