#pragma once

#include "scan/judge.h"
#include "scan/read_references.h"
#include "scan/result.h"
#include "scan/tally.h"

namespace flotsam {

/// Fills result.sources and objects_in_database from what was read and what the listing saw.
void write_sources(const ReadReferences& references, const ReferenceHashes& hashes, const Tally& tally,
                   ScanResult& result);

/// The sources as the reading alone shows them: resolved, dangling and the matched objects are 0.
std::vector<SourceFindings> sources_of_reading(const ReadReferences& references);

/// Fills result.rules with how many objects each glob matched.
void write_rules(const ScanRules& rules, const Tally& tally, ScanResult& result);

/// Keys that split the scope into about `count` equal parts, by the samples of needed keys: sorted, each
/// once.
std::vector<std::string> cut_points_of(const std::vector<ReadSource>& sources, std::size_t count);

}  // namespace flotsam
