#pragma once

#include <functional>
#include <string>

#include "dataset.h"

namespace CLI {
class App;
}

namespace flotsam::bench {

/// Adds --shape, --objects, --orphans, --dangling and --seed: the same words for every program of this
/// folder. Orphans and dangling keys may be given as a share of the objects ("0.1%"). The parameters are
/// complete after `app` was parsed.
void add_dataset_options(CLI::App& app, DatasetParameters& parameters);

/// Parses the command line, calls `run` and gives the exit code: 2 for a usage error, 1 where something is
/// thrown.
int parse_and_run(CLI::App& app, int argc, char** argv, const std::function<int()>& run);

}  // namespace flotsam::bench
