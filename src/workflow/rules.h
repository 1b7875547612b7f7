#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "references/open.h"
#include "scan/scan.h"
#include "store/open.h"

namespace flotsam {

/// The databases of a configuration, each once, with the blocks that are read from it in one snapshot.
struct OpenedDatabases {
  struct Entry {
    std::unique_ptr<ReferenceDatabase> database;
    std::vector<std::size_t> blocks;  ///< indices into Config::references, in their order
  };
  std::vector<Entry> entries;
};

/// Opens every database once: blocks whose expanded URL is the same share a connection and so a snapshot. Of
/// CSV files each is a database of its own.
Result<OpenedDatabases> open_databases(const Config& config, const DatabaseContext& context);

/// Looks at every query before any server does; what only warns comes with the proof of its reading. Errors:
/// invalid_argument with the block's name and line.
Result<void> lint_queries(const Config& config);

/// The error without what expansion put into a query: a database's error quotes the query that it was given.
Error without_secrets(Error error, const Config& config);

StoreOptions store_options_of(const Config& config);

/// What a scan is told of the configuration. The databases must outlive the rules.
ScanRules rules_of(const Config& config, const OpenedDatabases& databases);

}  // namespace flotsam
